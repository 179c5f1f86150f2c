package worktime

import (
	"testing"
	"time"
)

// at reads "2026-02-13 12:00" as local time.
func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, Zone)
	if err != nil {
		panic(err)
	}
	return t
}

func limit(s string) Limit {
	l, err := ParseLimit(s)
	if err != nil {
		panic(err)
	}
	return l
}

func ptr[T any](v T) *T { return &v }

func wantDue(t *testing.T, got Due, want string, provisional bool) {
	t.Helper()
	if !got.At.Equal(at(want)) || got.Provisional != provisional {
		t.Errorf("due %s provisional=%v, want %s provisional=%v",
			got.At.Format("2006-01-02 15:04:05"), got.Provisional, want, provisional)
	}
}

// Starts at noon of a working day are due at noon; a start on a day off is due at
// the end of a working day, which is 00:00 of the day after.
func TestWorkdayVectors(t *testing.T) {
	tests := []struct{ start, limit, want string }{
		// an ordinary week
		{"2026-03-13 12:00", "1 workday", "2026-03-16 12:00"},
		{"2026-03-14 12:00", "1 workday", "2026-03-17 00:00"},
		{"2026-03-13 12:00", "10 workday", "2026-03-27 12:00"},
		{"2026-03-14 12:00", "5 workday", "2026-03-21 00:00"}, // the end of Friday
		{"2026-03-13 00:00", "1 workday", "2026-03-14 00:00"}, // all of Friday
		{"2026-03-13 23:59", "1 workday", "2026-03-16 23:59"},
		// holidays and make-up workdays of 2025/2026
		{"2025-12-31 12:00", "1 workday", "2026-01-04 12:00"},
		{"2026-01-04 12:00", "1 workday", "2026-01-05 12:00"},
		{"2026-02-13 12:00", "1 workday", "2026-02-14 12:00"},
		{"2026-02-13 12:00", "2 workday", "2026-02-24 12:00"},
		{"2026-02-14 12:00", "1 workday", "2026-02-24 12:00"},
		{"2026-02-14 12:00", "5 workday", "2026-02-28 12:00"},
		{"2026-02-20 12:00", "1 workday", "2026-02-25 00:00"}, // the end of Tue 02-24
		{"2026-02-27 12:00", "1 workday", "2026-02-28 12:00"},
		{"2026-02-27 12:00", "2 workday", "2026-03-02 12:00"},
		{"2026-02-13 12:00", "15 workday", "2026-03-12 12:00"},
		{"2026-04-30 12:00", "1 workday", "2026-05-06 12:00"},
		{"2026-04-30 12:00", "5 workday", "2026-05-11 12:00"},
		{"2026-06-18 12:00", "1 workday", "2026-06-22 12:00"},
		{"2026-09-30 12:00", "1 workday", "2026-10-08 12:00"},
		{"2026-09-30 12:00", "5 workday", "2026-10-13 12:00"},
		// start rules
		{"2026-03-12 10:20", "5 workday from next workday", "2026-03-20 00:00"},
		{"2026-03-13 10:20", "5 workday from next workday", "2026-03-21 00:00"},
		{"2026-03-14 10:20", "1 workday from next workday", "2026-03-17 00:00"},
		{"2026-03-13 10:20", "1 workday from next day", "2026-03-17 00:00"},
		{"2026-03-13 10:20", "1 workday from next hour", "2026-03-16 11:00"},
	}
	for _, tt := range tests {
		t.Run(tt.start+" + "+tt.limit, func(t *testing.T) {
			wantDue(t, China().Add(at(tt.start), limit(tt.limit)), tt.want, false)
		})
	}
}

func TestWorkHourVectors(t *testing.T) {
	tests := []struct{ start, limit, want string }{
		// summer 08:30-11:30 13:30-17:00
		{"2026-06-10 09:00", "2 workhour", "2026-06-10 11:00"},
		{"2026-06-10 09:30", "2 workhour", "2026-06-10 11:30"}, // end of the shift, not 13:30
		{"2026-06-10 11:00", "1 workhour", "2026-06-10 14:00"},
		{"2026-06-10 12:00", "1 workhour", "2026-06-10 14:30"},
		{"2026-06-10 06:00", "3 workhour", "2026-06-10 11:30"},
		{"2026-06-10 16:30", "1 workhour", "2026-06-11 09:00"},
		{"2026-06-10 17:00", "1 workhour", "2026-06-11 09:30"},
		{"2026-06-10 20:00", "4 workhour", "2026-06-11 14:30"},
		{"2026-06-12 16:00", "2 workhour", "2026-06-15 09:30"}, // over the weekend
		{"2026-06-18 16:00", "2 workhour", "2026-06-22 09:30"}, // over Dragon Boat
		{"2026-05-08 16:00", "2 workhour", "2026-05-09 09:30"}, // into a make-up Saturday
		{"2026-06-10 08:30", "65 workhour", "2026-06-24 17:00"},
		{"2026-06-10 10:20", "1 workhour from next hour", "2026-06-10 14:00"},
		{"2026-06-10 10:00", "30 workhour from next hour", "2026-06-16 17:00"},
		// winter 08:30-11:30 13:00-16:30; the table changes with the month
		{"2026-03-10 11:00", "1 workhour", "2026-03-10 13:30"},
		{"2026-03-10 16:00", "1 workhour", "2026-03-11 09:00"},
		{"2026-04-30 16:00", "1 workhour", "2026-05-06 09:00"},
		{"2026-09-30 16:30", "1 workhour", "2026-10-08 09:00"},
		{"2026-10-08 11:30", "1 workhour", "2026-10-08 14:00"},
	}
	for _, tt := range tests {
		t.Run(tt.start+" + "+tt.limit, func(t *testing.T) {
			wantDue(t, China().Add(at(tt.start), limit(tt.limit)), tt.want, false)
		})
	}
}

// Minutes and natural days know no calendar, and nothing about them is provisional.
func TestWallClockVectors(t *testing.T) {
	tests := []struct{ start, limit, want string }{
		{"2026-02-20 23:50", "15 minute", "2026-02-21 00:05"},
		{"2026-02-20 23:50", "24 hour", "2026-02-21 23:50"},
		{"2026-02-13 12:00", "10 day", "2026-02-23 12:00"},
		{"2026-12-30 12:00", "90 day", "2027-03-30 12:00"},
		{"2026-02-13 12:00", "10 day from next day", "2026-02-24 00:00"}, // the end of 02-23
		{"2026-02-14 12:00", "2 day from next workday", "2026-02-26 00:00"},
		{"2026-02-13 12:10", "2 hour from next hour", "2026-02-13 15:00"},
	}
	for _, tt := range tests {
		t.Run(tt.start+" + "+tt.limit, func(t *testing.T) {
			wantDue(t, China().Add(at(tt.start), limit(tt.limit)), tt.want, false)
		})
	}
}

// The sums of 2021 to 2026 were computed apart from this package.
func TestWorkdaysOfYears(t *testing.T) {
	for year, want := range map[int]int{2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248} {
		from, to := time.Date(year, 1, 1, 0, 0, 0, 0, Zone), time.Date(year+1, 1, 1, 0, 0, 0, 0, Zone)
		if got := China().Between(from, to, Workday); got != time.Duration(want)*dayLong {
			t.Errorf("%d has %v, want %d days", year, got, want)
		}
	}
}

func TestUnpublishedYear(t *testing.T) {
	c := China()
	tests := []struct {
		start, limit, want string
		provisional        bool
	}{
		{"2026-12-31 12:00", "1 workday", "2027-01-04 12:00", true}, // not the statutory 01-01
		{"2026-12-30 12:00", "1 workday", "2026-12-31 12:00", false},
		{"2026-12-30 00:00", "2 workday", "2027-01-01 00:00", false}, // the end of 12-31
		{"2026-12-31 16:00", "1 workhour", "2027-01-04 09:00", true},
		{"2026-12-31 12:00", "1 day from next workday", "2027-01-05 00:00", true},
		{"2027-02-04 12:00", "1 workday", "2027-02-09 12:00", true}, // Fri 02-05 is the eve
		{"2027-04-30 12:00", "1 workday", "2027-05-03 12:00", true}, // 05-01 and 02 are a weekend
		{"2027-06-08 12:00", "1 workday", "2027-06-10 12:00", true}, // Dragon Boat
		{"2027-09-30 12:00", "1 workday", "2027-10-04 12:00", true},
		{"2031-09-30 12:00", "1 workday", "2031-10-06 12:00", true}, // two festivals on 10-01
		{"2041-01-31 12:00", "1 workday", "2041-02-01 12:00", true}, // beyond the lunar table
		{"2033-01-28 12:00", "1 workday", "2033-02-03 12:00", true}, // eve 01-30 to 02-02
		{"2150-12-31 12:00", "300 workday", "2152-02-28 12:00", true},
		{"2005-12-30 12:00", "1 workday", "2006-01-02 12:00", true},
	}
	for _, tt := range tests {
		t.Run(tt.start+" + "+tt.limit, func(t *testing.T) {
			wantDue(t, c.Add(at(tt.start), limit(tt.limit)), tt.want, tt.provisional)
		})
	}
	if name := c.DayOf(at("2031-10-01 00:00")).Name; name != "国庆节、中秋节" {
		t.Errorf("2031-10-01 is %q", name)
	}
}

// The year before the notice of 2026 came: the open clock of New Year's Eve moves
// when it does, the old calendar does not.
func TestNoticeArrives(t *testing.T) {
	spec := ChinaSpec()
	notice := spec.Notices[len(spec.Notices)-1]
	spec.Notices = spec.Notices[:len(spec.Notices)-1]
	before, err := New(spec)
	if err != nil {
		t.Fatal(err)
	}
	start, l := at("2025-12-31 12:00"), limit("1 workday")
	wantDue(t, before.Add(start, l), "2026-01-02 12:00", true)
	after, err := before.WithNotice(notice)
	if err != nil {
		t.Fatal(err)
	}
	wantDue(t, after.Add(start, l), "2026-01-04 12:00", false)
	wantDue(t, before.Add(start, l), "2026-01-02 12:00", true)
	if before.Version() == after.Version() || after.Version() != China().Version() {
		t.Errorf("versions: before %s, after %s, China %s", before.Version(), after.Version(), China().Version())
	}
	again, err := after.WithNotice(notice)
	if err != nil || again.Version() != after.Version() {
		t.Errorf("the same notice twice: %v, version %s", err, again.Version())
	}
}

// The tables that stand in for a notice must agree with the notices there are:
// every festival of 2025 and 2026 is off in them too.
func TestStatutoryAgainstNotices(t *testing.T) {
	for _, year := range []int{2025, 2026} {
		for md, name := range statutory(year) {
			e, listed := China().exceptions[year*10000+md]
			if !listed || !e.off {
				t.Errorf("%s %d-%04d is not off in the notice", name, year, md)
			}
		}
	}
	for year := range lunarYears {
		spring := 0
		for _, name := range statutory(year) {
			if name == "春节" {
				spring++
			}
		}
		if spring != 4 {
			t.Errorf("%d: spring festival has %d days", year, spring)
		}
	}
}
