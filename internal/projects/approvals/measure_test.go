package approvals

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/worktime"
)

// handWorked are courses of items counted by hand from the calendar of 2022 (国办发明电〔2021〕11号) and DOMAIN 5.1, day by day. Of the
// calendar they use: off are 1-3 January, 31 January-6 February, 3-5 April, 30 April-4 May, 3-5 June, 10-12 September, 1-7 October,
// and 31 December-2 January; worked are Saturdays and Sundays 29 and 30 January, 2 April, 24 April, 7 May, 8 and 9 October.
//
// course is: promised days | events, each "what[:why[/longest]] month-day hour:minute" | now, of what is not decided. last is the last
// day of the promise, "" when a stop without end lasts.
var handWorked = []struct {
	name          string
	promised      int64
	course        string
	used, stopped int
	last          string
	late          bool
}{
	{"four of five days", 5, "accept 11-07 09:00, decide 11-11 16:00", 4, 0, "11-14", false},                                                                        // 8 9 10 11
	{"on the day itself", 5, "accept 11-07 09:00, decide 11-07 15:00", 0, 0, "11-14", false},                                                                        // none
	{"the last minute", 5, "accept 11-07 09:00, decide 11-14 23:59", 5, 0, "11-14", false},                                                                          // 8 9 10 11 14
	{"the morning after", 5, "accept 11-07 09:00, decide 11-15 08:30", 6, 0, "11-14", true},                                                                         // … 15
	{"accepted in the evening", 3, "accept 11-07 20:30, decide 11-10 10:00", 3, 0, "11-10", false},                                                                  // 8 9 10
	{"accepted on a Saturday", 3, "accept 11-05 10:00, decide 11-09 10:00", 3, 0, "11-09", false},                                                                   // 7 8 9
	{"one day, over a weekend", 1, "accept 11-04 16:00, decide 11-07 16:00", 1, 0, "11-07", false},                                                                  // 7
	{"decided on the Saturday after", 4, "accept 11-07 09:00, decide 11-12 10:00", 4, 0, "11-11", true},                                                             // 8 9 10 11; the term ended on Friday
	{"decided on a Saturday in time", 5, "accept 11-07 09:00, decide 11-12 10:00", 4, 0, "11-14", false},                                                            // 8 9 10 11
	{"decided on a make-up Sunday", 5, "accept 09-29 10:00, decide 10-09 11:00", 3, 0, "10-11", false},                                                              // 30 8 9
	{"accepted before the holidays", 3, "accept 09-30 15:00, decide 10-10 10:00", 3, 0, "10-10", false},                                                             // 8 9 10
	{"accepted in the holidays", 2, "accept 10-03 12:00, decide 10-10 09:00", 3, 0, "10-09", true},                                                                  // 8 9 10
	{"accepted on a make-up Saturday", 2, "accept 10-08 09:00, decide 10-10 17:00", 2, 0, "10-10", false},                                                           // 9 10
	{"over Spring Festival", 10, "accept 01-26 09:00, decide 02-08 10:00", 6, 0, "02-14", false},                                                                    // 27 28 29 30 7 8
	{"over Qingming", 3, "accept 04-01 14:00, decide 04-07 10:00", 3, 0, "04-07", false},                                                                            // 2 6 7
	{"over Labour Day", 8, "accept 04-22 09:00, decide 05-07 10:00", 9, 0, "05-06", true},                                                                           // 24 25 26 27 28 29 5 6 7
	{"over Dragon Boat", 2, "accept 06-02 10:00, decide 06-06 10:00", 1, 0, "06-07", false},                                                                         // 6
	{"over Mid-Autumn", 3, "accept 09-09 10:00, decide 09-15 10:00", 3, 0, "09-15", false},                                                                          // 13 14 15
	{"over the year's end", 3, "accept 12-29 10:00, decide 2023-01-04 10:00", 3, 0, "2023-01-04", false},                                                            // 30 3 4
	{"a correction", 5, "accept 11-07 09:00, stop:supplement 11-09 10:00, go:supplement 11-14 15:00, decide 11-16 10:00", 4, 3, "11-17", false},                     // 8 9 | 10 11 14 | 15 16
	{"a stop begun after hours", 5, "accept 11-07 09:00, stop:supplement 11-09 18:30, go:supplement 11-14 15:00, decide 11-16 10:00", 4, 3, "11-17", false},         // the same
	{"a stop begun before hours", 5, "accept 11-07 09:00, stop:supplement 11-09 07:00, go:supplement 11-14 15:00, decide 11-16 10:00", 4, 3, "11-17", false},        // the same
	{"a stop within one day", 5, "accept 11-07 09:00, stop:supplement 11-09 09:00, go:supplement 11-09 16:00, decide 11-11 10:00", 4, 0, "11-14", false},            // 8 9 10 11
	{"a stop begun on a Saturday", 6, "accept 11-07 09:00, stop:supplement 11-12 11:00, go:supplement 11-15 09:00, decide 11-17 10:00", 6, 2, "11-17", false},       // 8 9 10 11 | 14 15 | 16 17
	{"a stop over National Day", 5, "accept 09-26 09:00, stop:experts/30 day 09-28 14:00, go:experts 10-08 16:00, decide 10-11 10:00", 5, 3, "10-11", false},        // 27 28 | 29 30 8 | 9 10 11
	{"a stop that lies in the holidays", 5, "accept 09-26 09:00, stop:experts/30 day 09-30 16:00, go:experts 10-06 10:00, decide 10-10 10:00", 7, 0, "10-08", true}, // 27 28 29 30 8 9 10
	{"a stop begun in the holidays", 5, "accept 09-26 09:00, stop:testing/30 day 10-03 10:00, go:testing 10-09 10:00, decide 10-11 10:00", 6, 2, "10-10", true},     // 27 28 29 30 | 8 9 | 10 11
	{"two stops one after the other", 8, "accept 11-01 09:00, stop:supplement 11-03 10:00, go:supplement 11-07 10:00, stop:experts/30 day 11-09 10:00, go:experts 11-14 10:00, decide 11-18 10:00",
		8, 5, "11-18", false}, // 2 3 | 4 7 | 8 9 | 10 11 14 | 15 16 17 18
	{"a correction that runs into an expert review", 5, "accept 11-01 09:00, stop:supplement 11-03 10:00, stop:experts/30 day 11-04 10:00, go:supplement 11-07 10:00, go:experts 11-10 10:00, decide 11-14 10:00",
		4, 5, "11-15", false}, // 2 3 | 4 7 8 9 10 | 11 14
	{"an expert review inside a correction", 5, "accept 11-01 09:00, stop:supplement 11-03 10:00, stop:experts/30 day 11-04 10:00, go:experts 11-07 10:00, go:supplement 11-10 10:00, decide 11-11 10:00",
		3, 5, "11-15", false}, // 2 3 | 4 7 8 9 10 | 11
	{"a stop begun on the day another ends", 5, "accept 11-01 09:00, stop:supplement 11-03 10:00, go:supplement 11-07 10:00, stop:experts/30 day 11-07 15:00, go:experts 11-09 10:00, decide 11-10 10:00",
		3, 4, "11-14", false}, // 2 3 | 4 7 8 9 | 10
	{"a publication longer than it may be", 5, "accept 11-01 09:00, stop:publication/10 day 11-03 09:00, go:publication 11-17 10:00, decide 11-18 10:00", 7, 6, "11-16", true}, // 2 3 | 4 7 8 9 10 11 | 14 15 16 17 18
	{"a hearing", 8, "accept 10-10 09:00, stop:hearing/20 workday 10-12 10:00, go:hearing 10-28 10:00, decide 11-03 10:00", 6, 12, "11-07", false},                             // 11 12 | 13-28 | 31 1 2 3
	{"five days at most, over National Day", 3, "accept 09-26 09:00, stop:hearing/5 workday 09-28 10:00, go:hearing 10-12 10:00, decide 10-12 16:00", 4, 5, "10-11", true},     // 27 28 | 29 30 8 9 10 | 11 12
	{"a stop on the day of acceptance", 2, "accept 11-07 09:00, stop:supplement 11-07 11:00, go:supplement 11-09 10:00, decide 11-11 10:00", 2, 2, "11-11", false},             // | 8 9 | 10 11
	{"a stop begun on the last day", 2, "accept 11-07 09:00, stop:supplement 11-09 16:59, go:supplement 11-10 10:00, decide 11-11 10:00", 3, 1, "11-09", true},                 // 8 9 | 10 | 11
	{"a stop begun too late", 2, "accept 11-07 09:00, stop:supplement 11-11 10:00, go:supplement 11-15 10:00, decide 11-16 10:00", 5, 2, "11-09", true},                        // 8 9 10 11 | 14 15 | 16
	{"a stop that ends on a make-up Sunday", 3, "accept 01-27 10:00, stop:supplement 01-28 17:00, go:supplement 01-30 10:00, decide 02-08 10:00", 3, 2, "02-08", false},        // 28 | 29 30 | 7 8
	{"open, in time", 5, "accept 11-07 09:00 | 11-10 10:00", 3, 0, "11-14", false},                                                                                             // 8 9 10
	{"open, late", 2, "accept 11-07 09:00 | 11-10 10:00", 3, 0, "11-09", true},                                                                                                 // 8 9 10
	{"open, in a correction", 5, "accept 11-07 09:00, stop:supplement 11-09 10:00 | 11-15 10:00", 2, 4, "", false},                                                             // 8 9 | 10 11 14 15
	{"open, in a publication", 5, "accept 11-07 09:00, stop:publication/10 day 11-10 10:00 | 11-16 10:00", 3, 4, "11-22", false},                                               // 8 9 10 | 11 14 15 16 … 21 22
}

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	if !strings.HasPrefix(s, "2023-") {
		s = "2022-" + s
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", s, worktime.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func courseOf(t *testing.T, s string) (out []Event, now time.Time) {
	t.Helper()
	text, open, _ := strings.Cut(s, " | ")
	for part := range strings.SplitSeq(text, ", ") {
		fields := strings.Fields(part)
		n := len(fields)
		e := Event{At: moment(t, fields[n-2]+" "+fields[n-1])}
		what, rest, _ := strings.Cut(strings.Join(fields[:n-2], " "), ":")
		why, longest, has := strings.Cut(rest, "/")
		if e.What, e.Why = what, why; has {
			l, err := worktime.ParseLimit(longest)
			if err != nil {
				t.Fatal(err)
			}
			e.Max = l
		}
		out = append(out, e)
	}
	if open != "" {
		return out, moment(t, open)
	}
	return out, moment(t, "2023-06-01 10:00")
}

func TestMeasureEqualsTheHandWorkedTable(t *testing.T) {
	if len(handWorked) < 40 {
		t.Errorf("%d cases were worked by hand", len(handWorked))
	}
	cal := worktime.China()
	for _, c := range handWorked {
		events, now := courseOf(t, c.course)
		got := Measure(events, c.promised, cal, now)
		last := ""
		if !got.Due.IsZero() {
			last = strings.TrimPrefix(worktime.Due{At: got.Due}.LastDay().Format(time.DateOnly), "2022-")
		}
		if got.Used != c.used || got.Stopped != c.stopped || last != c.last || got.Late != c.late {
			t.Errorf("%s: used %d, stopped %d, last day %s, late %v; by hand %d, %d, %s, %v", c.name, got.Used, got.Stopped, last, got.Late, c.used, c.stopped, c.last, c.late)
		}
		if n := len(got.Days); n == 0 || got.Days[0].Why != "accepted" {
			t.Errorf("%s: the days do not begin with the acceptance", c.name)
		}
	}
}

// TestMeasureAgreesWithTheClock: whatever the course, what is used and the deadline of the clock tell the same: a decision in
// time used no more days than were promised, and one on a working day that was late used more.
func TestMeasureAgreesWithTheClock(t *testing.T) {
	cal := worktime.China()
	rapid.Check(t, func(rt *rapid.T) {
		at := time.Date(2022, 1, 1, 0, 0, 0, 0, worktime.Zone).Add(time.Duration(rapid.IntRange(0, 330*24*60).Draw(rt, "start")) * time.Minute)
		step := func(name string) time.Time {
			at = at.Add(time.Duration(rapid.IntRange(1, 9*24*60).Draw(rt, name)) * time.Minute)
			return at
		}
		events := []Event{{At: at, What: Accept}}
		stops := []string{"supplement", "experts", "hearing"}
		for i := range rapid.IntRange(0, 3).Draw(rt, "stops") {
			e := Event{At: step("stop"), What: Halt, Why: stops[i]}
			if i > 0 {
				e.Max = worktime.Limit{N: rapid.IntRange(1, 20).Draw(rt, "max"), Unit: rapid.SampledFrom([]worktime.Unit{worktime.Day, worktime.Workday}).Draw(rt, "unit")}
			}
			events = append(events, e)
		}
		for i := range len(events) - 1 {
			events = append(events, Event{At: step("go"), What: Go, Why: stops[i]})
		}
		promised := int64(rapid.IntRange(1, 25).Draw(rt, "promised"))
		end := step("decide")
		s := Measure(append(events, Event{At: end, What: Decide}), promised, cal, end)
		if !s.Late && s.Used > int(promised) {
			rt.Fatalf("in time with %d of %d days", s.Used, promised)
		}
		last := s.Days[len(s.Days)-1]
		if s.Late && last.Counted && s.Used <= int(promised) {
			rt.Fatalf("late with %d of %d days", s.Used, promised)
		}
		working := 0
		for _, d := range s.Days[1:] {
			if cal.DayOf(d.Date).Working {
				working++
			}
		}
		if working != s.Used+s.Stopped {
			rt.Fatalf("%d working days, %d used and %d stopped", working, s.Used, s.Stopped)
		}
	})
}

func TestAnEmptyCourse(t *testing.T) {
	if s := Measure(nil, 5, worktime.China(), time.Now()); s.Used != 0 || len(s.Days) != 0 || fmt.Sprint(s.Due) != fmt.Sprint(time.Time{}) {
		t.Errorf("%+v", s)
	}
}
