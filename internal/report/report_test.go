package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/files"
)

var at = time.Date(2022, 11, 3, 9, 0, 0, 0, zone)

func letter() Paper {
	return Paper{Organ: "白山市江源区人民政府办公室文件", Number: "江政办函〔2022〕12号", Signer: "张主任", Secret: "秘密★1年", Urgent: "特急", Title: "关于督办锦绣花园供热问题的函", To: "区住建局",
		Body: []Block{Para("居民多次反映室内温度不达标。\n请按时办结。"), Heading(1, "情况"), Heading(2, "温度"), Para("客厅 14 度。"), Heading(2, "时间"), Heading(1, "要求"), Heading(3, "测温"), Heading(3, "调网"), Heading(4, "一级网"),
			Table("近期诉求", []string{"编号", "事项"}, []string{"JY20221103-AAAAA", "供热 <14℃ & \"低\""})},
		Annex: []string{"诉求清单", "测温记录"}, From: "白山市江源区人民政府办公室", Date: at, Note: "此件依申请公开", Copy: "区委办公室，区信访局", Issued: "白山市江源区人民政府办公室"}
}

// parts are the files of a document, each of which must be well-formed XML.
func parts(t testing.TB, p Paper) map[string]string {
	var b bytes.Buffer
	if err := p.DOCX(&b); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(bytes.NewReader(body))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s is not well-formed: %v", f.Name, err)
			}
		}
		out[f.Name] = string(body)
	}
	return out
}

// words are the texts of a document's paragraphs, in order.
func words(t testing.TB, doc string) (out []string) {
	d := xml.NewDecoder(strings.NewReader(doc))
	in, line := false, ""
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			in = x.Name.Local == "t"
			if x.Name.Local == "tab" && line != "" {
				line += "\t"
			}
		case xml.EndElement:
			if in = false; x.Name.Local == "p" {
				out, line = append(out, line), ""
			}
		case xml.CharData:
			if in {
				line += string(x)
			}
		}
	}
}

func TestLetter(t *testing.T) {
	got := parts(t, letter())
	want := []string{"秘密★1年", "特急", "白山市江源区人民政府办公室文件", "江政办函〔2022〕12号\t签发人：张主任", "关于督办锦绣花园供热问题的函", "区住建局：", "居民多次反映室内温度不达标。", "请按时办结。", "一、情况", "（一）温度", "客厅 14 度。", "（二）时间", "二、要求",
		"1.测温", "2.调网", "（1）一级网", "近期诉求", "编号", "事项", "JY20221103-AAAAA", "供热 <14℃ & \"低\"", "附件：1.诉求清单", "2.测温记录", "白山市江源区人民政府办公室", "2022年11月3日", "（此件依申请公开）", "抄送：区委办公室，区信访局。", "白山市江源区人民政府办公室\t2022年11月3日印发"}
	if have := words(t, got["word/document.xml"]); strings.Join(have, "|") != strings.Join(want, "|") {
		t.Errorf("the letter says\n%q\nwant\n%q", have, want)
	}
}

// TestMeasures holds the layout to GB/T 9704-2012: the type area of 156 x 225 mm, 22 lines of 28 characters, fonts and sizes.
func TestMeasures(t *testing.T) {
	const mm = 1440 / 25.4
	near := func(what string, twips int, want, within float64) {
		t.Helper()
		if got := float64(twips) / mm; got < want-within || got > want+within {
			t.Errorf("%s: %.1f mm, want %.1f", what, got, want)
		}
	}
	near("top margin", marginTop, 37, 1)
	near("binding margin", marginLeft, 28, 1)
	near("width of the type area", textW, 156, 0.5)
	near("height of the type area", pageH-marginTop-marginBottom, 225, 0.5)
	near("22 lines", 22*line, 225, 1)
	if char := 16 + float64(charSpace)/4096; char*28/72*25.4 < 155 || char*28/72*25.4 > 157 {
		t.Errorf("28 characters are %.1f mm wide", char*28/72*25.4)
	}
	doc := parts(t, letter())["word/document.xml"]
	for _, want := range []string{
		`w:eastAsia="方正小标宋简体"/><w:color w:val="FF0000"/>`, // the organ is red
		`w:eastAsia="方正小标宋简体"/><w:sz w:val="44"/>`,        // title 2号
		`w:eastAsia="仿宋_GB2312"/><w:sz w:val="32"/>`,      // body 3号
		`w:eastAsia="黑体"/><w:sz w:val="32"/>`,             // first headings
		`w:eastAsia="楷体_GB2312"/><w:sz w:val="32"/>`,      // second headings
		`w:firstLineChars="200"`, `w:linePitch="579"`, `w:color="FF0000"/></w:pBdr>`,
	} {
		if !strings.Contains(doc, want) {
			t.Errorf("the document lacks %s", want)
		}
	}
	for name, n := range map[string]int{"局": organ, "白山市江源区人民政府办公室文件": 58, strings.Repeat("长", 60): size2} {
		if got := organSize(name); got < n-4 || got > n+4 {
			t.Errorf("%d characters are %d half-points high, want about %d", len([]rune(name)), got, n)
		}
	}
}

// TestSameBytes: a paper proves itself by its hash.
func TestSameBytes(t *testing.T) {
	var a, b bytes.Buffer
	if err := letter().DOCX(&a); err != nil {
		t.Fatal(err)
	}
	if err := letter().DOCX(&b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same letter has two forms")
	}
	if err := files.CheckZip(bytes.NewReader(a.Bytes()), int64(a.Len())); err != nil {
		t.Errorf("our own doors would refuse it: %v", err)
	}
}

func TestMinutes(t *testing.T) {
	p := Paper{Layout: Minutes, Organ: "重点企业联合会会议纪要", Number: "第 3 期", From: "区工商联", Date: at, Title: "三季度例会纪要", Body: []Block{Heading(1, "议定事项"), Para("由区住建局答复用热问题。")},
		Present: []string{"甲公司", "乙公司"}, Guests: []string{"区住建局"}, Issued: "区工商联", Remark: "演示数据"}
	got := words(t, parts(t, p)["word/document.xml"])
	want := "重点企业联合会会议纪要|第 3 期|区工商联\t2022年11月3日|三季度例会纪要|一、议定事项|由区住建局答复用热问题。|出席：甲公司　乙公司|列席：区住建局|区工商联\t2022年11月3日印发|演示数据"
	if strings.Join(got, "|") != want {
		t.Errorf("the minutes say\n%q", got)
	}
	if got := words(t, parts(t, Paper{Layout: Plain, Organ: "江源区信访局", Number: "江信〔2022〕3号", Title: "交办函", To: "石人镇", Body: []Block{Para("请办理。")}, From: "江源区信访局", Date: at, Issued: "x"})["word/document.xml"]); strings.Join(got, "|") != "江源区信访局|江信〔2022〕3号|交办函|石人镇：|请办理。|江源区信访局|2022年11月3日" {
		t.Errorf("a plain letter says %q", got)
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int]string{1: "一", 10: "十", 11: "十一", 20: "二十", 35: "三十五", 99: "九十九", 100: "", 0: ""} {
		if got := numeral(n); got != want {
			t.Errorf("%d is written %q", n, got)
		}
	}
	c := counter{}
	var got []string
	for _, l := range []int{1, 2, 2, 1, 2, 3, 4, 4, 3} {
		got = append(got, c.next(l))
	}
	if fmt.Sprint(got) != "[一、 （一） （二） 二、 （一） 1. （1） （2） 2.]" {
		t.Error(got)
	}
}

// TestAnyWords: whatever is written, the document is well-formed and says it.
func TestAnyWords(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.String().Draw(rt, "words")
		p := letter()
		p.Body = []Block{Para(s), Table(s, []string{s, "b"}, []string{s}), {Table: [][]string{{}}}}
		p.To, p.Organ = s, s
		doc := parts(t, p)["word/document.xml"]
		for _, l := range lines(clean(s)) {
			if !strings.Contains(strings.Join(words(t, doc), "\n"), strings.TrimSpace(strings.NewReplacer("\t", "").Replace(l))) && !strings.Contains(l, "\t") && !strings.Contains(l, "\r") {
				rt.Fatalf("%q is not in it", l)
			}
		}
	})
}
