package worktime

import (
	"strings"
	"testing"
	"time"
)

// The numbers of these tests are those of the list of behaviour every such system
// must show; what needs a case stands beside package cases.

func TestBehaviour29WeekendsAndTheirEnd(t *testing.T) {
	for _, tt := range []struct{ start, limit, want string }{
		{"2026-03-13 12:00", "1 workday", "2026-03-16 12:00"},  // Friday noon, Monday noon
		{"2026-03-14 12:00", "1 workday", "2026-03-17 00:00"},  // Saturday: starts Monday 00:00
		{"2026-03-13 12:00", "10 workday", "2026-03-27 12:00"}, // two weeks later
	} {
		wantDue(t, China().Add(at(tt.start), limit(tt.limit)), tt.want, false)
	}
}

func TestBehaviour33China2026(t *testing.T) {
	for _, tt := range []struct {
		start string
		n     int
		want  string // the last day of the time allowed
	}{
		{"2025-12-31", 1, "2026-01-04"}, {"2026-01-04", 1, "2026-01-05"}, {"2026-02-13", 1, "2026-02-14"}, {"2026-02-13", 2, "2026-02-24"},
		{"2026-02-14", 1, "2026-02-24"}, {"2026-02-14", 5, "2026-02-28"}, {"2026-02-20", 1, "2026-02-24"}, {"2026-02-27", 1, "2026-02-28"},
		{"2026-02-27", 2, "2026-03-02"}, {"2026-02-13", 15, "2026-03-12"}, {"2026-04-30", 1, "2026-05-06"}, {"2026-04-30", 5, "2026-05-11"},
		{"2026-06-18", 1, "2026-06-22"}, {"2026-09-30", 1, "2026-10-08"}, {"2026-09-30", 5, "2026-10-13"},
	} {
		due := China().Add(at(tt.start+" 12:00"), Limit{N: tt.n, Unit: Workday, Start: NextWorkday})
		if got := due.LastDay().Format(time.DateOnly); got != tt.want || due.Provisional {
			t.Errorf("%s + %d is due on %s (provisional %v), want %s", tt.start, tt.n, got, due.Provisional, tt.want)
		}
	}
}

func TestBehaviour34YearWithoutNotice(t *testing.T) {
	due := China().Add(at("2026-12-31 12:00"), Limit{N: 1, Unit: Workday, Start: NextWorkday})
	if got := due.LastDay().Format(time.DateOnly); got != "2027-01-04" || !due.Provisional {
		t.Errorf("due on %s, provisional %v: 2027-01-01 is a holiday by law", got, due.Provisional)
	}
	after, err := China().WithNotice(Notice{Year: 2027, Days: []Exception{{"2027-01-01", "元旦", true}, {"2027-01-04", "元旦", true},
		{"2027-05-01", "劳动节", true}, {"2027-10-01", "国庆节", true}}})
	if err != nil {
		t.Fatal(err)
	}
	wantDue(t, after.Add(at("2026-12-31 12:00"), limit("1 workday")), "2027-01-05 12:00", false)
}

func TestBehaviour35UrgentIgnoresCalendars(t *testing.T) {
	wantDue(t, China().Add(at("2026-02-17 23:50"), limit("15 minute")), "2026-02-18 00:05", false)
	wantDue(t, China().Add(at("2027-01-01 23:50"), limit("15 minute")), "2027-01-02 00:05", false)
}

func TestBehaviour36BadCalendars(t *testing.T) {
	year := func(shifts ...string) []Season { return []Season{{Shifts: shifts}} }
	allOff := Notice{Year: 2027}
	for d := at("2027-01-01 00:00"); d.Year() == 2027; d = d.AddDate(0, 0, 1) {
		allOff.Days = append(allOff.Days, Exception{d.Format(time.DateOnly), "放假", true})
	}
	for name, tt := range map[string]struct {
		spec   Spec
		en, zh string
	}{
		"ends at midnight": {Spec{Hours: year("20:00-00:00")}, "24:00", "24:00"},
		"empty day":        {Spec{Hours: []Season{{Shifts: []string{}}}}, "without shifts", "没有班次"},
		"overlap":          {Spec{Hours: year("08:00-12:00", "11:00-17:00")}, "overlap", "重叠"},
		"no workweek":      {Spec{Workweek: []string{}, Hours: year("08:00-12:00")}, "all days are off", "没有一天上班"},
		"a year off":       {Spec{Hours: year("08:00-12:00"), Notices: []Notice{allOff}}, "2027: all days are off", "2027 年没有一天上班"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(tt.spec)
			if err == nil || !strings.Contains(err.Error(), tt.en) || !strings.Contains(Chinese(err), tt.zh) {
				t.Errorf("%v / %s", err, Chinese(err))
			}
		})
	}
	spec := ChinaSpec()
	spec.Hours = year("20:00-24:00") // ends at midnight, written as it must be
	c, err := New(spec)
	if err != nil {
		t.Fatal(err)
	}
	wantDue(t, c.Add(at("2026-03-13 22:00"), limit("2 workhour")), "2026-03-14 00:00", false)
}

func TestBehaviour37StartAfterEnd(t *testing.T) {
	for _, u := range []Unit{Minute, WorkHour, Workday, Day} {
		if got := China().Between(at("2026-03-13 12:00"), at("2026-03-10 12:00"), u); got != 0 {
			t.Errorf("%s: %v", u, got)
		}
	}
	k := Clock{Start: at("2026-03-10 12:00"), Limit: limit("1 workday"), Pauses: []Span{{at("2026-03-11 10:00"), at("2026-03-10 14:00")}}}
	wantDue(t, China().Deadline(k), "2026-03-11 12:00", false) // a pause that ends before it begins takes nothing away
}

// 44: time.Local is the server's zone; moments come in any zone.
func TestBehaviour44ZoneOfTheUnit(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	for _, hours := range []int{-11, 0, 5, 14} {
		time.Local = time.FixedZone("server", hours*3600)
		start := at("2026-03-13 16:00").In(time.Local)
		due := China().Add(start, limit("1 workhour"))
		wantDue(t, due, "2026-03-16 09:00", false)
		if _, off := due.At.Zone(); off != 8*3600 {
			t.Errorf("the deadline is in %s", due.At.Location())
		}
	}
}
