package worktime

import (
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
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
	if err := json.Unmarshal(data, &file); err != nil {
		return Notice{}, fmt.Errorf("worktime: holiday notice: %w", err)
	}
	n := Notice{Year: file.Year, Papers: file.Papers}
	for _, d := range file.Days {
		if d.Off == nil {
			return Notice{}, fmt.Errorf("worktime: holiday notice %d: %s has no isOffDay", file.Year, d.Date)
		}
		n.Days = append(n.Days, Exception{Date: d.Date, Name: d.Name, Off: *d.Off})
	}
	if err := n.check(); err != nil {
		return Notice{}, fmt.Errorf("worktime: %w", err)
	}
	return n, nil
}

// check reports a notice that is empty, incomplete or speaks of other years.
func (n Notice) check() error {
	if n.Year < 1950 || n.Year > 9998 {
		return fmt.Errorf("holiday notice: %d is not a year", n.Year)
	}
	if len(n.Days) == 0 {
		return fmt.Errorf("holiday notice %d: no days, it is not published yet", n.Year)
	}
	off := map[int]bool{}
	for _, d := range n.Days {
		key, err := d.key()
		if err != nil {
			return fmt.Errorf("holiday notice %d: %w", n.Year, err)
		}
		if before, twice := off[key]; twice && before != d.Off {
			return fmt.Errorf("holiday notice %d: %s is both off and a workday", n.Year, d.Date)
		}
		if key/10000 != n.Year && key/100 != (n.Year-1)*100+12 {
			return fmt.Errorf("holiday notice %d: %s is neither in that year nor in the December before", n.Year, d.Date)
		}
		off[key] = d.Off
	}
	// Off in every notice since there are any; without them it is a fragment.
	for _, md := range []int{101, 501, 1001} {
		if !off[n.Year*10000+md] {
			return fmt.Errorf("holiday notice %d: %02d-%02d is not off, so it is incomplete", n.Year, md/100, md%100)
		}
	}
	return nil
}

// key is the date as the number 20260214.
func (e Exception) key() (int, error) {
	t, err := time.Parse(time.DateOnly, e.Date)
	if err != nil {
		return 0, fmt.Errorf("%q is not a date such as 2026-02-14", e.Date)
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
