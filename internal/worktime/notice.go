package worktime

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Notice is the State Council's arrangement of one year's holidays.
type Notice struct {
	Year int `json:"year" yaml:"year"`
	// Papers are the addresses of the texts, for the reader; they decide nothing.
	Papers []string `json:"papers,omitempty" yaml:"papers,omitempty"`
	// Days off and make-up workdays, of Year and the December before.
	Days []Exception `json:"days" yaml:"days"`
}

// ParseNotice reads the JSON of github.com/NateScarlet/holiday-cn: year, papers,
// days with name, date and isOffDay. The file of a year that is not published
// yet has no days; that is an error, because a year must not count as known then.
func ParseNotice(data []byte) (Notice, error) {
	var file struct {
		Year   int      `json:"year"`
		Papers []string `json:"papers"`
		Days   []struct {
			Name string `json:"name"`
			Date string `json:"date"`
			Off  *bool  `json:"isOffDay"`
		} `json:"days"`
	}
	if len(data) > maxNotice {
		return Notice{}, problem("holiday notice: the file is larger than 1 MiB; a notice has some thirty days", "放假通知：文件超过 1 MiB，一份通知只有三十来天")
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), &file); err != nil {
		return Notice{}, unreadable(err)
	}
	if file.Year == 0 {
		return Notice{}, problem("holiday notice: the file does not name its year; write \"year\": 2027", "放假通知：文件没有写年份，请写 \"year\": 2027")
	}
	n := Notice{Year: file.Year, Papers: file.Papers}
	for _, d := range file.Days {
		if d.Off == nil {
			return Notice{}, problem("holiday notice %d: %s has no isOffDay: true or false", "%d 年的放假通知：%s 缺少 isOffDay（true 或 false）", file.Year, d.Date)
		}
		n.Days = append(n.Days, Exception{Date: d.Date, Name: d.Name, Off: *d.Off})
	}
	if err := n.check(); err != nil {
		return Notice{}, err
	}
	return n, nil
}

// unreadable says that a file is no notice at all, without the words of the
// library that found out.
func unreadable(err error) error {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && t.Field != "" {
		return problem("holiday notice: %s must not be a %s", "放假通知：%s 的值不能是 %s", t.Field, t.Value)
	}
	return problem("holiday notice: the file is not JSON such as {\"year\": 2027, \"days\": [{\"name\": …, \"date\": …, \"isOffDay\": true}]}",
		"放假通知：文件不是 JSON，应当像 {\"year\": 2027, \"days\": [{\"name\": …, \"date\": …, \"isOffDay\": true}]}")
}

// maxNotice is more than any notice needs; a larger file is another one.
const maxNotice = 1 << 20

// Same reports whether two notices say the same about the same year.
func (n Notice) Same(o Notice) bool {
	days := func(n Notice) map[Exception]bool {
		all := map[Exception]bool{}
		for _, d := range n.Days {
			all[d] = true
		}
		return all
	}
	return n.Year == o.Year && maps.Equal(days(n), days(o))
}

// check reports a notice that is empty, incomplete or speaks of other years.
func (n Notice) check() error {
	if n.Year < 1950 || n.Year > 9998 {
		return problem("holiday notice: %d is not a year; write the year the notice is for, such as 2027", "放假通知的年份 %d 不对，请写通知所管的那一年，例如 2027", n.Year)
	}
	if len(n.Days) == 0 {
		return problem("holiday notice %d: no days, it is not published yet", "%d 年的放假通知没有日期，大概还没有公布", n.Year)
	}
	off := map[int]bool{}
	for _, d := range n.Days {
		key, err := d.key()
		if err != nil {
			return within(err, "holiday notice %d", "%d 年的放假通知", n.Year)
		}
		if before, twice := off[key]; twice && before != d.Off {
			return problem("holiday notice %d: %s is both off and a workday", "%d 年的放假通知：%s 既放假又上班，请只留一个", n.Year, d.Date)
		}
		if key/10000 != n.Year && key/100 != (n.Year-1)*100+12 {
			return problem("holiday notice %d: %s is neither in that year nor in the December before", "%d 年的放假通知：%s 既不在这一年，也不在上一年 12 月，请核对年份", n.Year, d.Date)
		}
		off[key] = d.Off
	}
	// Off in every notice since there are any; without them it is a fragment.
	for _, md := range []int{101, 501, 1001} {
		if !off[n.Year*10000+md] {
			return problem("holiday notice %d: %02d-%02d is not off, so it is incomplete", "%d 年的放假通知：%02d-%02d 没有放假，通知不完整", n.Year, md/100, md%100)
		}
	}
	return nil
}

// key is the date as the number 20260214.
func (e Exception) key() (int, error) {
	t, err := time.Parse(time.DateOnly, e.Date)
	if err != nil {
		return 0, problem("%q is not a date such as 2026-02-14", "“%s”不是 2026-02-14 这样的日期", e.Date)
	}
	return dateKey(t), nil
}

func dateKey(t time.Time) int {
	y, m, d := t.Date()
	return y*10000 + int(m)*100 + d
}

//go:embed holidays.csv
var holidaysCSV string

// ChinaSpec is the default calendar to change and hand to New: all notices from
// 2007 to 2026, Monday to Friday, and office hours as Jilin's governments keep
// them: an hour and a half of noon rest and half past four in winter, two hours
// and five o'clock in summer.
func ChinaSpec() Spec {
	morning := "08:30-11:30"
	return Spec{
		Hours: []Season{
			{From: "10-01", To: "04-30", Shifts: []string{morning, "13:00-16:30"}},
			{From: "05-01", To: "09-30", Shifts: []string{morning, "13:30-17:00"}},
		},
		Notices: embeddedNotices(),
	}
}

// China is New(ChinaSpec()), made once.
func China() *Calendar { return china() }

var china = sync.OnceValue(func() *Calendar {
	c, err := New(ChinaSpec())
	if err != nil {
		panic(err) // the embedded table is checked by the tests
	}
	return c
})

// embeddedNotices reads holidays.csv; its shape is kept by a test.
func embeddedNotices() []Notice {
	r := csv.NewReader(strings.NewReader(holidaysCSV))
	r.Comment, r.FieldsPerRecord = '#', 4
	rows, err := r.ReadAll()
	if err != nil {
		panic("worktime: holidays.csv: " + err.Error())
	}
	var all []Notice
	for _, row := range rows {
		year, err := strconv.Atoi(row[0])
		if err != nil {
			panic("worktime: holidays.csv: " + err.Error())
		}
		if len(all) == 0 || all[len(all)-1].Year != year {
			all = append(all, Notice{Year: year})
		}
		n := &all[len(all)-1]
		n.Days = append(n.Days, Exception{Date: row[1], Name: row[2], Off: row[3] == "o"})
	}
	return all
}
