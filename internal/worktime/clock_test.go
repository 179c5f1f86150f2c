package worktime

import (
	"testing"
	"time"
)

func span(from, to string) Span {
	s := Span{From: at(from)}
	if to != "" {
		s.To = at(to)
	}
	return s
}

func TestDeadline(t *testing.T) {
	start := at("2026-06-10 10:00") // a Wednesday in summer
	tests := []struct {
		name  string
		clock Clock
		want  string // "" for none
	}{
		{"no limit", Clock{Start: start, Extensions: []Limit{limit("1 workday")}}, ""},
		{"plain", Clock{Start: start, Limit: limit("2 workday")}, "2026-06-12 10:00"},
		{"pause of a day", Clock{Start: start, Limit: limit("2 workday"),
			Pauses: []Span{span("2026-06-10 15:00", "2026-06-11 15:00")}}, "2026-06-15 10:00"},
		{"pause on days off costs nothing", Clock{Start: start, Limit: limit("5 workday"),
			Pauses: []Span{span("2026-06-13 00:00", "2026-06-15 00:00")}}, "2026-06-17 10:00"},
		{"pause through the night costs no work hours", Clock{Start: start, Limit: limit("8 workhour"),
			Pauses: []Span{span("2026-06-10 17:00", "2026-06-11 08:30")}}, "2026-06-11 11:30"},
		{"pause over lunch and an hour", Clock{Start: start, Limit: limit("4 workhour"),
			Pauses: []Span{span("2026-06-10 11:00", "2026-06-10 14:00")}}, "2026-06-10 17:00"},
		{"urgent clocks pause by the minute", Clock{Start: start, Limit: limit("30 minute"),
			Pauses: []Span{span("2026-06-10 10:10", "2026-06-10 10:25")}}, "2026-06-10 10:45"},
		{"pauses overlap", Clock{Start: start, Limit: limit("4 hour"),
			Pauses: []Span{span("2026-06-10 12:00", "2026-06-10 13:00"), span("2026-06-10 11:00", "2026-06-10 12:30"), span("2026-06-10 11:10", "2026-06-10 11:20")}}, "2026-06-10 16:00"},
		{"pause before the start", Clock{Start: start, Limit: limit("1 hour"),
			Pauses: []Span{span("2026-06-10 09:00", "2026-06-10 10:15")}}, "2026-06-10 11:15"},
		{"pause that ends before it begins", Clock{Start: start, Limit: limit("1 hour"),
			Pauses: []Span{span("2026-06-10 10:30", "2026-06-10 10:15")}}, "2026-06-10 11:00"},
		{"pause after the deadline", Clock{Start: start, Limit: limit("1 hour"),
			Pauses: []Span{span("2026-06-10 11:00", "")}}, "2026-06-10 11:00"},
		{"pause in the lunch after the deadline", Clock{Start: at("2026-06-10 10:30"), Limit: limit("1 workhour"),
			Pauses: []Span{span("2026-06-10 12:00", "")}}, "2026-06-10 11:30"},
		{"open pause", Clock{Start: start, Limit: limit("1 hour"),
			Pauses: []Span{span("2026-06-10 10:59", "")}}, ""},
		{"open pause swallows later ones", Clock{Start: start, Limit: limit("1 hour"),
			Pauses: []Span{span("2026-06-10 10:40", "2026-06-10 10:45"), span("2026-06-10 10:30", "")}}, ""},
		{"extension", Clock{Start: start, Limit: limit("2 workday"), Extensions: []Limit{limit("3 workday")}}, "2026-06-17 10:00"},
		{"extension in another unit", Clock{Start: start, Limit: limit("2 workday"), Extensions: []Limit{limit("10 day")}}, "2026-06-22 10:00"},
		{"two extensions", Clock{Start: start, Limit: limit("2 workday"), Extensions: []Limit{limit("1 workday"), limit("2 workhour")}}, "2026-06-15 14:00"},
		{"an extension counts from the deadline, not from the next day", Clock{Start: start, Limit: limit("2 workday"),
			Extensions: []Limit{limit("1 workday from next workday")}}, "2026-06-15 10:00"},
		{"pause in the extension", Clock{Start: start, Limit: limit("2 workday"), Extensions: []Limit{limit("1 workday")},
			Pauses: []Span{span("2026-06-12 16:00", "2026-06-15 16:00")}}, "2026-06-16 10:00"},
		{"open pause in the extension", Clock{Start: start, Limit: limit("2 workday"), Extensions: []Limit{limit("1 workday")},
			Pauses: []Span{span("2026-06-12 16:00", "")}}, ""},
		{"the stop ends an open pause", Clock{Start: start, Limit: limit("2 hour"), Stopped: ptr(at("2026-06-10 13:00")),
			Pauses: []Span{span("2026-06-10 11:00", "")}}, "2026-06-10 14:00"},
		{"pauses after the stop", Clock{Start: start, Limit: limit("2 hour"), Stopped: ptr(at("2026-06-10 11:00")),
			Pauses: []Span{span("2026-06-10 11:30", "2026-06-10 12:30")}}, "2026-06-10 12:00"},
		{"start rule", Clock{Start: start, Limit: limit("2 workday from next workday")}, "2026-06-13 00:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			due := China().Deadline(tt.clock)
			if tt.want == "" {
				if !due.None() || !due.LastDay().IsZero() {
					t.Errorf("due %v, want none", due)
				}
				return
			}
			wantDue(t, due, tt.want, false)
		})
	}
}

func TestStatus(t *testing.T) {
	start := at("2026-06-10 10:00")
	plain := Clock{Start: start, Limit: limit("4 workhour")} // 10:00-11:30, 13:30-16:00
	paused := plain
	paused.Pauses = []Span{span("2026-06-10 11:00", "")}
	tests := []struct {
		name               string
		clock              Clock
		now                string
		state              State
		remaining, overrun time.Duration
		used               time.Duration
	}{
		{"before the start", plain, "2026-06-10 09:00", Running, 7 * time.Hour, 0, 0},
		{"running", plain, "2026-06-10 12:00", Running, 4 * time.Hour, 0, 90 * time.Minute},
		{"at the deadline", plain, "2026-06-10 16:00", Running, 0, 0, 4 * time.Hour},
		{"overdue", plain, "2026-06-11 16:00", Overdue, 0, 24 * time.Hour, 4 * time.Hour},
		{"stopped in time, seen later", stopped(plain, "2026-06-10 16:00"), "2026-07-10 16:00", Met, 0, 0, 4 * time.Hour},
		{"stopped early", stopped(plain, "2026-06-10 10:30"), "2026-07-10 16:00", Met, 0, 0, 30 * time.Minute},
		{"stopped late", stopped(plain, "2026-06-10 17:00"), "2026-07-10 16:00", Overdue, 0, time.Hour, 4 * time.Hour},
		{"not stopped yet", stopped(plain, "2026-06-10 17:00"), "2026-06-10 15:00", Running, time.Hour, 0, 3 * time.Hour},
		{"before the pause", paused, "2026-06-10 10:30", Running, 330 * time.Minute, 0, 30 * time.Minute},
		{"paused", paused, "2026-06-10 11:30", Paused, 5 * time.Hour, 0, time.Hour}, // would go on at 13:30 until 16:30
		{"paused for days", paused, "2026-06-12 16:00", Paused, 66*time.Hour + 30*time.Minute, 0, time.Hour},
		{"stopped while paused", stopped(paused, "2026-06-12 16:00"), "2026-06-30 16:00", Met, 0, 0, time.Hour},
		{"paused after the deadline", Clock{Start: start, Limit: limit("1 hour"), Pauses: []Span{span("2026-06-10 11:30", "")}},
			"2026-06-10 12:30", Overdue, 0, 90 * time.Minute, time.Hour},
		{"no limit", Clock{Start: start}, "2036-06-10 12:30", Running, 0, 0, 0},
		{"no limit, paused", Clock{Start: start, Pauses: paused.Pauses}, "2036-06-10 12:30", Paused, 0, 0, 0},
		{"no limit, stopped", stopped(Clock{Start: start}, "2030-06-10 17:00"), "2036-06-10 12:30", Met, 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := China().Status(tt.clock, at(tt.now))
			if s.State != tt.state || s.Remaining != tt.remaining || s.Overrun != tt.overrun || s.Used != tt.used || s.Total != tt.clock.Limit.amount() {
				t.Errorf("%+v", s)
			}
		})
	}
}

func stopped(k Clock, when string) Clock {
	k.Stopped = ptr(at(when))
	return k
}

// A change of the service level moves the deadline by the difference of levels,
// and a change of matter counts from the original intake: both are the same clock
// with another limit.
func TestChangeOfLevel(t *testing.T) {
	k := Clock{Start: at("2026-06-10 10:00"), Limit: limit("5 workday"),
		Pauses: []Span{span("2026-06-11 10:00", "2026-06-12 10:00")}}
	low := China().Deadline(k)
	k.Limit = limit("3 workday")
	high := China().Deadline(k)
	if d := China().Between(high.At, low.At, Workday); d != 2*dayLong {
		t.Errorf("levels of 3 and 5 days are %v apart", d)
	}
}

func TestEarliest(t *testing.T) {
	a, b := Due{At: at("2026-06-10 10:00")}, Due{At: at("2026-06-09 10:00"), Provisional: true}
	for _, tt := range []struct {
		dues []Due
		want Due
	}{
		{nil, Due{}}, {[]Due{{}, {}}, Due{}}, {[]Due{{}, a, {}}, a}, {[]Due{a, b}, b}, {[]Due{b, {}, a}, b},
	} {
		if got := Earliest(tt.dues...); got != tt.want {
			t.Errorf("Earliest(%v) = %v", tt.dues, got)
		}
	}
}

func TestBetween(t *testing.T) {
	tests := []struct {
		from, to string
		unit     Unit
		want     time.Duration
	}{
		{"2026-06-10 10:00", "2026-06-10 14:00", WorkHour, 2 * time.Hour},
		{"2026-06-10 10:00", "2026-06-10 14:00", Minute, 4 * time.Hour},
		{"2026-06-12 12:00", "2026-06-15 12:00", Workday, dayLong},
		{"2026-06-12 12:00", "2026-06-15 12:00", Day, 3 * dayLong},
		{"2026-06-13 12:00", "2026-06-14 12:00", Workday, 0},
		{"2026-06-15 12:00", "2026-06-12 12:00", Workday, 0}, // the wrong way round: zero, not negative
		{"2026-06-15 12:00", "2026-06-12 12:00", WorkHour, 0},
		{"2026-06-15 12:00", "2026-06-12 12:00", Minute, 0},
		{"2026-06-15 12:00", "2026-06-15 12:00", Day, 0},
		{"2026-09-30 16:00", "2026-10-08 09:00", WorkHour, 90 * time.Minute}, // summer, then winter hours
	}
	for _, tt := range tests {
		if got := China().Between(at(tt.from), at(tt.to), tt.unit); got != tt.want {
			t.Errorf("Between(%s, %s, %s) = %v, want %v", tt.from, tt.to, tt.unit, got, tt.want)
		}
	}
	// Far apart the result stays at the most a Duration holds.
	for year := 500; year < 2500; year += 250 {
		to := time.Date(year, 1, 1, 0, 0, 0, 0, Zone)
		if d := China().Between(time.Time{}, to, Workday); d != 1<<63-1 {
			t.Errorf("%d years: %v", year, d)
		}
	}
}

func TestNext(t *testing.T) {
	for _, tt := range []struct {
		t    string
		unit Unit
		want string
	}{
		{"2026-06-10 10:00", WorkHour, "2026-06-10 10:00"},
		{"2026-06-10 11:30", WorkHour, "2026-06-10 13:30"},
		{"2026-06-12 17:00", WorkHour, "2026-06-15 08:30"},
		{"2026-06-12 17:00", Workday, "2026-06-12 17:00"},
		{"2026-06-13 17:00", Workday, "2026-06-15 00:00"},
		{"2026-06-13 17:00", Day, "2026-06-13 17:00"},
	} {
		if got := China().Next(at(tt.t), tt.unit); !got.Equal(at(tt.want)) {
			t.Errorf("Next(%s, %s) = %s, want %s", tt.t, tt.unit, got, tt.want)
		}
	}
}

// The zone is the people's, wherever the server stands.
func TestZone(t *testing.T) {
	start := time.Date(2026, 2, 13, 18, 0, 0, 0, time.UTC) // Saturday 02:00 in Shanghai, a make-up workday
	due := China().Add(start, limit("1 workday"))
	wantDue(t, due, "2026-02-24 02:00", false)
	if due.At.Location() != Zone {
		t.Errorf("due in %s", due.At.Location())
	}
	if got := due.LastDay(); !got.Equal(at("2026-02-24 00:00")) {
		t.Errorf("last day %s", got)
	}
	wantDue(t, China().Add(at("2026-02-20 12:00").In(time.UTC), limit("1 workday")), "2026-02-25 00:00", false)
	if got := (Due{At: at("2026-02-25 00:00")}).LastDay(); !got.Equal(at("2026-02-24 00:00")) {
		t.Errorf("last day of a deadline at midnight: %s", got)
	}
}

// A literal outside of the bounds is brought into them instead of wrapping around.
func TestAddOutOfBounds(t *testing.T) {
	start := at("2026-06-13 12:00")
	for _, unit := range []Unit{Minute, WorkHour, Workday, Day} {
		if due := China().Add(start, Limit{N: -3, Unit: unit}); !due.At.Equal(start) {
			t.Errorf("-3 %s from %s is due at %s", unit, start, due.At)
		}
		most := China().Add(start, Limit{N: int(longest / unit.size()), Unit: unit})
		if due := China().Add(start, Limit{N: 1 << 60, Unit: unit}); due != most || due.At.Year() < 2125 {
			t.Errorf("2^60 %s are due at %s", unit, due.At)
		}
	}
}

func TestUnknownUnitPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an unknown unit passes for some other one")
		}
	}()
	China().Add(at("2026-02-13 12:00"), Limit{N: 5, Unit: "week"})
}
