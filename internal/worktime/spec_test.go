package worktime

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

func allYear(shifts ...string) []Season { return []Season{{Shifts: shifts}} }

func TestNewRefuses(t *testing.T) {
	year2027 := func(off ...string) Notice {
		n := Notice{Year: 2027}
		for _, d := range off {
			n.Days = append(n.Days, Exception{Date: d, Name: "x", Off: true})
		}
		return n
	}
	tests := []struct {
		name string
		spec Spec
		want string
	}{
		{"nothing", Spec{}, "no office hours"},
		{"all days off", Spec{Workweek: []string{}, Hours: allYear("08:00-12:00")}, "all days are off"},
		{"unknown weekday", Spec{Workweek: []string{"monday"}, Hours: allYear("08:00-12:00")}, `"monday"`},
		{"empty day", Spec{Hours: allYear()}, "without shifts"},
		{"empty weekday", Spec{Hours: []Season{{Shifts: []string{"08:00-12:00"}, Weekdays: map[string][]string{"fri": {}}}}}, "fri: a working day without shifts"},
		{"hours on a day off", Spec{Hours: []Season{{Shifts: []string{"08:00-12:00"}, Weekdays: map[string][]string{"sat": {"09:00-11:00"}}}}}, "sat has shifts but is not in the workweek"},
		{"unknown weekday of hours", Spec{Hours: []Season{{Shifts: []string{"08:00-12:00"}, Weekdays: map[string][]string{"Sat": {"09:00-11:00"}}}}}, `"Sat"`},
		{"overlap", Spec{Hours: allYear("13:00-17:00", "08:30-13:30")}, "shifts overlap: 08:30-13:30 and 13:00-17:00"},
		{"same shift twice", Spec{Hours: allYear("13:00-17:00", "13:00-17:00")}, "overlap"},
		{"ends at midnight", Spec{Hours: allYear("20:00-00:00")}, "24:00"},
		{"over midnight", Spec{Hours: allYear("22:00-06:00")}, "split it at midnight"},
		{"empty shift", Spec{Hours: allYear("08:00-08:00")}, "is empty"},
		{"past midnight", Spec{Hours: allYear("08:00-24:30")}, "24:30"},
		{"no minutes", Spec{Hours: allYear("8-12")}, `"8" is not a time`},
		{"one digit of minutes", Spec{Hours: allYear("8:5-12:00")}, "is not a time"},
		{"signs", Spec{Hours: allYear("+8:00-12:00")}, "is not a time"},
		{"no end", Spec{Hours: allYear("08:00")}, "want from-to"},
		{"seasons overlap", Spec{Hours: []Season{{From: "10-01", To: "05-01", Shifts: []string{"08:00-12:00"}}, {From: "05-01", To: "09-30", Shifts: []string{"08:00-12:00"}}}}, "seasons 1 and 2 overlap on 05-01"},
		{"seasons leave a gap", Spec{Hours: []Season{{From: "10-01", To: "04-29", Shifts: []string{"08:00-12:00"}}, {From: "05-01", To: "09-30", Shifts: []string{"08:00-12:00"}}}}, "no season covers 04-30"},
		{"half a season", Spec{Hours: []Season{{From: "10-01", Shifts: []string{"08:00-12:00"}}}}, `""`},
		{"no such day", Spec{Hours: []Season{{From: "02-30", To: "02-29", Shifts: []string{"08:00-12:00"}}}}, `"02-30"`},
		{"bad local date", Spec{Hours: allYear("08:00-12:00"), Local: []Exception{{Date: "2026-2-30", Off: true}}}, "2026-2-30"},
		{"local contradiction", Spec{Hours: allYear("08:00-12:00"), Local: []Exception{{Date: "2026-03-02", Off: true}, {Date: "2026-03-02"}}}, "both off and a workday"},
		{"empty notice", Spec{Hours: allYear("08:00-12:00"), Notices: []Notice{{Year: 2027}}}, "not published yet"},
		{"fragment", Spec{Hours: allYear("08:00-12:00"), Notices: []Notice{year2027("2027-01-01", "2027-05-01")}}, "10-01 is not off"},
		{"other year", Spec{Hours: allYear("08:00-12:00"), Notices: []Notice{year2027("2027-01-01", "2027-05-01", "2027-10-01", "2028-01-01")}}, "2028-01-01"},
		{"two notices", Spec{Hours: allYear("08:00-12:00"), Notices: []Notice{year2027("2027-01-01", "2027-05-01", "2027-10-01"), year2027("2027-01-01", "2027-05-01", "2027-10-01")}}, "given twice"},
		{"whole year off", Spec{Hours: allYear("08:00-12:00"), Local: wholeYear(2027)}, "2027: all days are off"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := New(tt.spec)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New = %v, %v; want an error with %q", c, err, tt.want)
			}
		})
	}
}

func wholeYear(y int) (all []Exception) {
	for d := time.Date(y, 1, 1, 0, 0, 0, 0, Zone); d.Year() == y; d = d.AddDate(0, 0, 1) {
		all = append(all, Exception{Date: d.Format(time.DateOnly), Name: "停工", Off: true})
	}
	return all
}

func mustNew(t testing.TB, spec Spec) *Calendar {
	t.Helper()
	c, err := New(spec)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A window that opens on Saturday mornings, closes early on Fridays, and has a
// local holiday; written as a clerk does.
func TestSpecFromYAML(t *testing.T) {
	spec := ChinaSpec()
	err := yaml.Unmarshal([]byte(`
workweek: [mon, tue, wed, thu, fri, sat]
hours:
  - from: 10-01
    to: 04-30
    shifts: [8:30-11:30, 13:00-16:30]
    weekdays:
      fri: [08:30-11:30, 13:00-15:00]
      sat: [09:00-11:30]
  - {from: 05-01, to: 09-30, shifts: [08:30-11:30, 13:30-17:00], weekdays: {sat: [09:00-11:30]}}
local:
  - {date: 2026-03-12, name: 开江节, off: true}
  - {date: 2026-03-15, name: 开江节, off: false}
`), &spec)
	if err != nil {
		t.Fatal(err)
	}
	c := mustNew(t, spec)
	tests := []struct{ start, limit, want string }{
		{"2026-03-06 14:30", "1 workhour", "2026-03-07 09:30"}, // Friday closes at 15:00
		{"2026-03-07 11:00", "1 workhour", "2026-03-09 09:00"}, // Saturday at 11:30
		{"2026-03-06 12:00", "1 workday", "2026-03-07 12:00"},  // Saturday is a working day
		{"2026-03-07 12:00", "1 workday", "2026-03-09 12:00"},  // Sunday is not
		{"2026-03-11 12:00", "1 workday", "2026-03-13 12:00"},  // the local holiday
		{"2026-03-14 11:00", "1 workhour", "2026-03-15 09:00"}, // and the Sunday that pays for it, with full shifts
		{"2026-02-14 14:00", "1 workhour", "2026-02-14 15:00"}, // a make-up Saturday is a full day here too
		{"2026-02-21 09:00", "30 minute", "2026-02-21 09:30"},  // minutes do not care
		{"2026-02-21 09:00", "1 workhour", "2026-02-24 09:30"}, // a Saturday in spring festival is off
	}
	for _, tt := range tests {
		t.Run(tt.start+" + "+tt.limit, func(t *testing.T) {
			wantDue(t, c.Add(at(tt.start), limit(tt.limit)), tt.want, false)
		})
	}
	if c.Version() == China().Version() {
		t.Error("another calendar has the same version")
	}
}

func TestShiftsToMidnight(t *testing.T) {
	spec := ChinaSpec()
	spec.Hours = allYear("20:00-24:00", "00:00-02:00")
	c := mustNew(t, spec)
	for _, tt := range []struct{ start, limit, want string }{
		{"2026-03-10 21:00", "3 workhour", "2026-03-11 00:00"},
		{"2026-03-10 21:00", "4 workhour", "2026-03-11 01:00"},
		{"2026-03-10 21:00", "5 workhour", "2026-03-11 02:00"},
		{"2026-03-13 22:00", "3 workhour", "2026-03-16 01:00"}, // Friday night ends with Friday
	} {
		wantDue(t, c.Add(at(tt.start), limit(tt.limit)), tt.want, false)
	}
}

func TestRoundTheClock(t *testing.T) {
	c := mustNew(t, Spec{RoundTheClock: true})
	for _, tt := range []struct{ start, limit, want string }{
		{"2026-02-20 23:00", "2 workhour", "2026-02-21 01:00"},
		{"2026-02-20 23:00", "2 workday", "2026-02-22 23:00"},
		{"2026-12-31 23:00", "2 workday from next workday", "2027-01-03 00:00"},
		{"2026-12-31 23:00", "30 minute", "2026-12-31 23:30"},
	} {
		wantDue(t, c.Add(at(tt.start), limit(tt.limit)), tt.want, false)
	}
}

func TestVersion(t *testing.T) {
	a, b := ChinaSpec(), ChinaSpec()
	for i, j := 0, len(b.Notices)-1; i < j; i, j = i+1, j-1 {
		b.Notices[i], b.Notices[j] = b.Notices[j], b.Notices[i]
	}
	b.Hours[0], b.Hours[1] = b.Hours[1], b.Hours[0]
	b.Hours[0].Shifts = []string{"15:00-17:00", "8:30-11:30", "13:30-15:00"}
	b.Workweek = []string{"fri", "mon", "tue", "wed", "thu"}
	b.Notices[0].Papers = []string{"https://example.org/"}
	if va, vb := mustNew(t, a).Version(), mustNew(t, b).Version(); va != vb {
		t.Errorf("the same calendar written in another order: %s and %s", va, vb)
	}
	seen := map[string]string{China().Version(): "China"}
	for name, change := range map[string]func(*Spec){
		"hours":  func(s *Spec) { s.Hours[0].Shifts[0] = "08:00-11:30" },
		"season": func(s *Spec) { s.Hours[0].To, s.Hours[1].From = "05-31", "06-01" },
		"week":   func(s *Spec) { s.Workweek = []string{"mon", "tue", "wed", "thu", "fri", "sat"} },
		"local":  func(s *Spec) { s.Local = []Exception{{"2026-03-12", "开江节", true}} },
		"notice": func(s *Spec) { s.Notices = s.Notices[1:] },
		"clock":  func(s *Spec) { s.RoundTheClock = true },
	} {
		s := ChinaSpec()
		change(&s)
		v := mustNew(t, s).Version()
		if seen[v] != "" {
			t.Errorf("%s and %s have one version", name, seen[v])
		}
		seen[v] = name
	}
}

// Deadlines are stored with the version, so it must not change by accident. When
// the embedded data or the rules change on purpose, this line does too.
func TestVersionOfChina(t *testing.T) {
	if got, want := China().Version(), "23ad2969c16891fe"; got != want {
		t.Errorf("China().Version() = %s, want %s", got, want)
	}
}

// Nobody can change a calendar through the Spec it was made from or gave away.
func TestImmutable(t *testing.T) {
	spec := ChinaSpec()
	spec.Hours[0].Weekdays = map[string][]string{"fri": {"08:00-12:00"}}
	c := mustNew(t, spec)
	for _, s := range []Spec{spec, c.Spec()} {
		s.Hours[0].Shifts[0], s.Hours[0].Weekdays["fri"][0] = "broken", "broken"
		s.Notices[0].Days[0].Date = "broken"
	}
	if again := mustNew(t, c.Spec()); again.Version() != c.Version() {
		t.Error("the calendar changed")
	}
}

func TestParseNotice(t *testing.T) {
	good := `{"$schema":"x","year":2026,"papers":["https://www.gov.cn/"],"days":[
		{"name":"元旦","date":"2026-01-01","isOffDay":true},{"name":"元旦","date":"2025-12-27","isOffDay":false},
		{"name":"劳动节","date":"2026-05-01","isOffDay":true},{"name":"国庆节","date":"2026-10-01","isOffDay":true}]}`
	n, err := ParseNotice([]byte(good))
	if err != nil || n.Year != 2026 || len(n.Days) != 4 || n.Days[1] != (Exception{"2025-12-27", "元旦", false}) {
		t.Fatalf("%+v, %v", n, err)
	}
	for in, want := range map[string]string{
		`{"year":2027,"papers":[],"days":[]}`: "not published yet",
		`{"year":2026`:                        "holiday notice",
		`{}`:                                  "does not name its year",
		strings.Replace(good, `"isOffDay":false`, `"x":1`, 1):    "2025-12-27 has no isOffDay",
		strings.Replace(good, `2025-12-27`, `2025-11-27`, 1):     "2025-11-27",
		strings.Replace(good, `2025-12-27`, `2026-01-01`, 1):     "both off and a workday",
		strings.Replace(good, `2025-12-27`, `27 December`, 1):    `"27 December"`,
		strings.Replace(good, `"2026-10-01"`, `"2026-10-02"`, 1): "10-01 is not off",
	} {
		if _, err := ParseNotice([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
}

func FuzzParseNotice(f *testing.F) {
	f.Add([]byte(`{"year":2026,"days":[{"date":"2026-01-01","isOffDay":true},{"date":"2026-05-01","isOffDay":true},{"date":"2026-10-01","isOffDay":true}]}`))
	f.Add([]byte(`{"year":2027,"days":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := ParseNotice(data)
		if err != nil {
			return
		}
		c, err := China().WithNotice(n)
		if err != nil {
			return // a notice that gives the whole year off
		}
		if again, err := c.WithNotice(n); err != nil || again.Version() != c.Version() {
			t.Errorf("adding the notice again: %v", err)
		}
	})
}

func FuzzShift(f *testing.F) {
	for _, s := range []string{"08:30-11:30", "8:30-24:00", "20:00-00:00", "22:00-06:00", "-", "24:00-24:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseShift(text)
		if err != nil {
			return
		}
		if s.from < 0 || s.from >= s.to || s.to > dayLong {
			t.Errorf("%q reads as %s", text, s)
		}
		if back, err := parseShift(s.String()); err != nil || back != s {
			t.Errorf("%q: %s reads as %s, %v", text, s, back, err)
		}
	})
}

func TestEmbeddedNotices(t *testing.T) {
	all := embeddedNotices()
	days, off := 0, 0
	for i, n := range all {
		if n.Year != 2007+i {
			t.Errorf("notice %d is of %d", i, n.Year)
		}
		for _, d := range n.Days {
			days++
			if d.Off {
				off++
			}
		}
	}
	if len(all) != 20 || days != 678 || off != 545 {
		t.Errorf("%d notices, %d days, %d off; want 20, 678, 545", len(all), days, off)
	}
}

// What the notice of a year says about the December before overrules the notice of
// that year, in whatever order they come.
func TestLaterNoticePrevails(t *testing.T) {
	notice := func(year int, more ...Exception) Notice {
		n := Notice{Year: year, Days: more}
		for _, md := range []string{"01-01", "05-01", "10-01"} {
			n.Days = append(n.Days, Exception{fmt.Sprint(year, "-", md), "节", true})
		}
		return n
	}
	a := notice(2030, Exception{"2030-12-30", "旧", true})
	b := notice(2031, Exception{"2030-12-30", "新", false})
	for _, list := range [][]Notice{{a, b}, {b, a}} {
		c := mustNew(t, Spec{Hours: allYear("08:00-12:00"), Notices: list})
		if d := c.DayOf(at("2030-12-30 12:00")); !d.Working {
			t.Errorf("2030-12-30 is off by the older notice: %+v", d)
		}
	}
}

func TestDayOf(t *testing.T) {
	tests := []struct {
		day  string
		want string
	}{
		{"2026-03-13", "counted  08:30-11:30 13:00-16:30"},
		{"2026-06-12", "counted  08:30-11:30 13:30-17:00"},
		{"2026-03-14", "weekend "},
		{"2026-02-14", "make_up 春节 08:30-11:30 13:00-16:30"},
		{"2026-02-15", "holiday 春节"},
		{"2020-02-03", "counted  08:30-11:30 13:00-16:30"}, // listed as a workday on a Monday
		{"2027-02-05", "holiday 春节 provisional"},
		{"2028-02-29", "counted  08:30-11:30 13:00-16:30 provisional"},
	}
	for _, tt := range tests {
		d := China().DayOf(at(tt.day + " 23:59"))
		got := fmt.Sprint(d.Why, " ", d.Name)
		for _, s := range d.Shifts {
			got += s.From.Format(" 15:04") + s.To.Format("-15:04")
		}
		if d.Provisional {
			got += " provisional"
		}
		if got != tt.want || d.Date.Format(time.DateOnly) != tt.day || d.Working != (len(d.Shifts) > 0) {
			t.Errorf("%s: %q, want %q", tt.day, got, tt.want)
		}
	}
}

// Many goroutines meet on tables that are not made yet.
func TestConcurrentUse(t *testing.T) {
	c := mustNew(t, ChinaSpec())
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 400 {
				start := at("2015-01-05 12:00").AddDate(0, 0, (i*37+g)%4000)
				if got, want := c.Add(start, Limit{20, Workday, AtOnce}), China().Add(start, Limit{20, Workday, AtOnce}); got != want {
					t.Errorf("%s: %v, want %v", start, got, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestSpecAsJSON(t *testing.T) {
	data, err := json.Marshal(ChinaSpec())
	if err != nil {
		t.Fatal(err)
	}
	var spec Spec
	if err := json.Unmarshal(data, &spec); err != nil || mustNew(t, spec).Version() != China().Version() {
		t.Errorf("a calendar through JSON is another one: %v", err)
	}
}
