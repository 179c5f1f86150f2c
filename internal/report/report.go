// Package report makes papers of what the district knows: official letters in the layout of GB/T 9704-2012.
//
//	report.go   Letter, Block: what a paper says
//	docx.go     a paper as DOCX, the same bytes for the same paper
//	layout.go   the measures of GB/T 9704-2012
//
// A paper is data; nothing here reads the database. The same paper gives the same bytes, so that a copy can be proved by
// its hash.
package report

import (
	"strings"
	"time"
)

// Layout is the form of a paper (GB/T 9704-2012 §7 and §10).
type Layout string

const (
	Letter9704 Layout = "letter"  // 文件式: 督办单, 交办函, 通报
	Plain      Layout = "plain"   // 信函式: a plain letter with the organ's name over a double line
	Minutes    Layout = "minutes" // 纪要: who was there, what was decided
)

// Paper is an official paper.
type Paper struct {
	Layout Layout
	Organ  string // 发文机关标志, such as 白山市江源区人民政府办公室文件; of minutes the name of the meeting's minutes
	Number string // 发文字号: 江政办函〔2022〕12号; of minutes 第 3 期
	Secret string // 密级和保密期限: 秘密★1年; "" = none
	Urgent string // 紧急程度: 特急, 加急; "" = none
	Signer string // 签发人, for papers to a higher organ; "" = none
	Title  string
	To     string // 主送机关, without the colon
	Body   []Block
	Annex  []string // 附件说明: the titles of annexes
	From   string   // 署名
	Date   time.Time
	Note   string // 附注, without brackets
	Copy   string // 抄送机关
	Issued string // 印发机关; with it the paper has an imprint
	// Present, Excused and Guests are those at a meeting, for minutes.
	Present, Excused, Guests []string
	// Remark is one line in grey at the very end, for papers of a demonstration.
	Remark string
}

// Block is a part of a paper's body.
type Block struct {
	Level int        // 1-4: a heading 一、（一）1.（1）; its number is written by the paper. 0: text
	Text  string     // paragraphs, one a line
	Table [][]string // rows; the first is the head. Text is then its title
}

// Para is a block of text.
func Para(text string) Block { return Block{Text: text} }

// Heading is a heading of a level from 1 to 4.
func Heading(level int, text string) Block { return Block{Level: level, Text: text} }

// Table is a table with a title; the first row is its head.
func Table(title string, rows ...[]string) Block { return Block{Text: title, Table: rows} }

// numeral writes 1 to 99 in Chinese: 一, 十二, 三十.
func numeral(n int) string {
	figures := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	switch {
	case n < 1 || n > 99:
		return ""
	case n < 10:
		return figures[n]
	case n < 20:
		return "十" + figures[n-10]
	}
	return figures[n/10] + "十" + figures[n%10]
}

// counter numbers headings: level 1 一、 2 （一） 3 1. 4 （1） (GB/T 9704-2012 §7.3.3).
type counter [4]int

func (c *counter) next(level int) string {
	c[level-1]++
	for i := level; i < len(c); i++ {
		c[i] = 0
	}
	switch n := c[level-1]; level {
	case 1:
		return numeral(n) + "、"
	case 2:
		return "（" + numeral(n) + "）"
	case 3:
		return decimal(n) + "."
	default:
		return "（" + decimal(n) + "）"
	}
}

func decimal(n int) string {
	var b []byte
	for ; n > 0; n /= 10 {
		b = append([]byte{byte('0' + n%10)}, b...)
	}
	return string(b)
}

// lines are the paragraphs of a text; empty ones are left out.
func lines(s string) (out []string) {
	for l := range strings.SplitSeq(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// day is a date as papers write it: 2022年11月3日 (GB/T 9704-2012 §7.3.5.4: Arabic figures, no leading nought).
func day(t time.Time) string { return t.In(zone).Format("2006年1月2日") }

var zone = time.FixedZone("Asia/Shanghai", 8*3600)
