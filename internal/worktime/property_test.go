package worktime

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// calendars of different kinds; each property holds on all of them.
func testCalendars(t testing.TB) []*Calendar {
	bare := ChinaSpec()
	bare.Notices = nil
	hall := ChinaSpec()
	hall.Workweek = []string{"tue", "wed", "thu", "fri", "sat", "sun"}
	hall.Hours = []Season{{Shifts: []string{"00:00-02:00", "09:00-11:30", "12:00-12:01", "20:00-24:00"},
		Weekdays: map[string][]string{"sun": {"09:00-11:30"}}}}
	hall.Local = []Exception{{"2026-03-12", "开江节", true}, {"2026-03-16", "开江节", false}}
	return []*Calendar{China(), mustNew(t, bare), mustNew(t, hall), mustNew(t, Spec{RoundTheClock: true})}
}

// Instants are whole microseconds from the year before the last notice to well
// behind it, half of them on round minutes, where the edges of shifts are.
func drawTime(t *rapid.T, label string) time.Time {
	day := rapid.IntRange(0, 900).Draw(t, label+" day")
	us := rapid.Int64Range(0, 24*60*60*1e6-1).Draw(t, label+" us")
	if rapid.Bool().Draw(t, label+" round") {
		us -= us % (30 * 60 * 1e6)
	}
	return time.Date(2025, 3, 1, 0, 0, 0, 0, Zone).AddDate(0, 0, day).Add(time.Duration(us) * time.Microsecond)
}

func drawLimit(t *rapid.T, label string) Limit {
	unit := rapid.SampledFrom([]Unit{Minute, WorkHour, Workday, Day}).Draw(t, label+" unit")
	n := rapid.IntRange(1, map[Unit]int{Minute: 100_000, WorkHour: 300, Workday: 60, Day: 120}[unit]).Draw(t, label+" n")
	start := rapid.SampledFrom([]StartRule{AtOnce, NextHour, NextDay, NextWorkday}).Draw(t, label+" start")
	return Limit{n, unit, start}
}

func drawClock(t *rapid.T) Clock {
	k := Clock{Start: drawTime(t, "start"), Limit: drawLimit(t, "limit")}
	for range rapid.IntRange(0, 4).Draw(t, "pauses") {
		p := Span{From: k.Start.Add(time.Duration(rapid.Int64Range(-1000, 60_000).Draw(t, "pause at")) * time.Minute)}
		if rapid.Bool().Draw(t, "pause near") { // around the deadline, where a slip would show
			p.From = China().Add(k.Start, k.Limit).At.Add(time.Duration(rapid.Int64Range(-300, 300).Draw(t, "pause off")) * time.Minute)
		}
		p.To = p.From.Add(time.Duration(rapid.Int64Range(-10, 20_000).Draw(t, "pause long")) * time.Minute)
		if rapid.IntRange(0, 9).Draw(t, "pause open") == 0 {
			p.To = time.Time{}
		}
		k.Pauses = append(k.Pauses, p)
	}
	for range rapid.IntRange(0, 2).Draw(t, "extensions") {
		k.Extensions = append(k.Extensions, drawLimit(t, "extension"))
	}
	if rapid.IntRange(0, 3).Draw(t, "stopped") == 0 {
		k.Stopped = ptr(k.Start.Add(time.Duration(rapid.Int64Range(-1000, 60_000).Draw(t, "stop at")) * time.Minute))
	}
	return k
}

func onEach(t *testing.T, prop func(t *rapid.T, c *Calendar)) {
	all := testCalendars(t)
	rapid.Check(t, func(t *rapid.T) {
		prop(t, all[rapid.IntRange(0, len(all)-1).Draw(t, "calendar")])
	})
}

func TestAddIsMonotonic(t *testing.T) {
	onEach(t, func(t *rapid.T, c *Calendar) {
		a, b, l := drawTime(t, "a"), drawTime(t, "b"), drawLimit(t, "limit")
		if b.Before(a) {
			a, b = b, a
		}
		dueA, dueB := c.Add(a, l), c.Add(b, l)
		if dueB.At.Before(dueA.At) {
			t.Errorf("%s: a later start is due earlier: %v, %v", l, dueA.At, dueB.At)
		}
		more := l
		more.N++
		if !c.Add(a, more).At.After(dueA.At) {
			t.Errorf("%s is not due before %s", l, more)
		}
		if !dueA.At.After(a) {
			t.Errorf("%s from %s is due at %s", l, a, dueA.At)
		}
	})
}

func TestBetweenUndoesAdd(t *testing.T) {
	onEach(t, func(t *rapid.T, c *Calendar) {
		start, l := drawTime(t, "start"), drawLimit(t, "limit")
		l.Start = AtOnce
		due := c.Add(start, l)
		if got := c.Between(start, due.At, l.Unit); got != l.amount() {
			t.Errorf("%s from %s is due at %s, and %v lie between", l, start, due.At, got)
		}
		// The earliest such instant: a moment before, less had counted.
		if got := c.Between(start, due.At.Add(-time.Microsecond), l.Unit); got >= l.amount() {
			t.Errorf("%s from %s could be due before %s", l, start, due.At)
		}
		mid := drawTime(t, "mid")
		if mid.After(start) && mid.Before(due.At) {
			if sum := c.Between(start, mid, l.Unit) + c.Between(mid, due.At, l.Unit); sum != l.amount() {
				t.Errorf("the parts make %v of %v", sum, l.amount())
			}
		}
		if got := c.Between(due.At, start, l.Unit); got != 0 {
			t.Errorf("backwards: %v", got)
		}
	})
}

func TestNextCounts(t *testing.T) {
	onEach(t, func(t *rapid.T, c *Calendar) {
		at, unit := drawTime(t, "at"), drawLimit(t, "limit").Unit
		next := c.Next(at, unit)
		if next.Before(at) || c.Between(at, next, unit) != 0 || c.Between(next, next.Add(time.Microsecond), unit) != time.Microsecond {
			t.Errorf("Next(%s, %s) = %s", at, unit, next)
		}
	})
}

// One more pause, or a longer one, never brings the deadline forward, and moves it
// by exactly the counted time that it takes away.
func TestPausesPush(t *testing.T) {
	onEach(t, func(t *rapid.T, c *Calendar) {
		k := drawClock(t)
		if len(k.Pauses) == 0 {
			k.Pauses = []Span{{k.Start.Add(time.Hour), k.Start.Add(30 * time.Hour)}}
		}
		more := c.Deadline(k)
		last := k.Pauses[len(k.Pauses)-1]
		k.Pauses = k.Pauses[:len(k.Pauses)-1]
		less := c.Deadline(k)
		if less.None() && !more.None() {
			t.Errorf("a pause more gave a deadline, %v", more.At)
		}
		if !more.None() && more.At.Before(less.At) {
			t.Errorf("a pause more brought %v forward to %v", less.At, more.At)
		}
		if len(k.Pauses) == 0 && len(k.Extensions) == 0 && k.Stopped == nil && !more.None() && last.From.Before(last.To) {
			begin := c.begin(k.Start, k.Limit.Start)
			taken := c.Between(later(begin, last.From), earlier(last.To, more.At), k.Limit.Unit)
			if got := c.Between(less.At, more.At, k.Limit.Unit); got != taken {
				t.Errorf("the pause took %v and gave %v", taken, got)
			}
		}
	})
}

func TestExtensionsAddUp(t *testing.T) {
	onEach(t, func(t *rapid.T, c *Calendar) {
		k := drawClock(t)
		k.Extensions = []Limit{{rapid.IntRange(1, 50).Draw(t, "more"), k.Limit.Unit, AtOnce}}
		apart := c.Deadline(k)
		k.Limit.N += k.Extensions[0].N
		k.Extensions = nil
		if whole := c.Deadline(k); whole != apart {
			t.Errorf("in two parts %v, whole %v", apart, whole)
		}
	})
}

func TestExplainAgreesWithDeadline(t *testing.T) {
	onEach(t, func(t *rapid.T, c *Calendar) {
		k := drawClock(t)
		due, steps := c.Deadline(k), c.Explain(k)
		counted, provisional := make([]time.Duration, 1+len(k.Extensions)), false
		for i, s := range steps {
			if i == 0 && !s.From.Equal(k.Start) || i > 0 && s.From != steps[i-1].To {
				t.Fatalf("step %d begins at %s", i, s.From)
			}
			if open := s.To.IsZero(); open != (i == len(steps)-1 && due.None()) || open && s.Why != WhyPaused {
				t.Fatalf("step %d is open, or the last is not: %+v", i, s)
			}
			if s.counts() && s.Counted != s.To.Sub(s.From) || !s.counts() && s.Counted != 0 {
				t.Fatalf("step %d counts %v", i, s.Counted)
			}
			if s.Counted != 0 && c.Between(s.From, s.To, s.Unit) != s.Counted {
				t.Fatalf("step %d: Between has %v", i, c.Between(s.From, s.To, s.Unit))
			}
			if !s.counts() && s.Why != WhyPaused && s.Why != WhyBeforeStart && c.Between(s.From, s.To, s.Unit) != 0 {
				t.Fatalf("step %d (%s) counts for Between", i, s.Why)
			}
			counted[s.Part] += s.Counted
			provisional = provisional || s.Provisional
		}
		if due.Provisional != provisional {
			t.Errorf("due is provisional: %v, a step is: %v", due.Provisional, provisional)
		}
		if due.None() {
			return
		}
		if last := steps[len(steps)-1]; !last.To.Equal(due.At) {
			t.Errorf("the sum ends at %s, the deadline is %s", last.To, due.At)
		}
		for part, got := range counted {
			if want := k.part(part).amount(); got != want {
				t.Errorf("part %d counts %v of %v", part, got, want)
			}
		}
	})
}

func TestStatusAgreesWithDeadline(t *testing.T) {
	onEach(t, func(t *rapid.T, c *Calendar) {
		k, now := drawClock(t), drawTime(t, "now")
		s := c.Status(k, now)
		if s.Remaining < 0 && s.State == Running || s.Overrun < 0 || s.Used < 0 || s.Used > s.Total {
			t.Errorf("%+v", s)
		}
		closed := k.Stopped != nil && !k.Stopped.After(now)
		switch s.State {
		case Met:
			if !closed || !s.Due.None() && k.Stopped.After(s.Due.At) {
				t.Errorf("met: %+v", s)
			}
			if later := c.Status(k, now.AddDate(1, 0, 0)); later != s {
				t.Errorf("met, and a year later %+v", later)
			}
		case Overdue:
			if s.Used != s.Total || s.Due.None() || s.Overrun == 0 {
				t.Errorf("overdue: %+v", s)
			}
		case Running, Paused:
			if closed || !s.Due.None() && s.Due.At.Before(now) {
				t.Errorf("%s: %+v", s.State, s)
			}
			if s.State == Running && !s.Due.None() && !s.Due.At.Equal(now.Add(s.Remaining)) {
				t.Errorf("%v remain until %s at %s", s.Remaining, s.Due.At, now)
			}
		}
	})
}

// A second, simple-minded implementation: the minutes of office time one by one,
// from words of its own about one summer month.
func TestAgainstMinuteByMinute(t *testing.T) {
	off := map[int]string{19: "Dragon Boat", 20: "", 21: "", 6: "", 7: "", 13: "", 14: "", 27: "", 28: ""}
	office := func(m time.Time) bool {
		_, isOff := off[m.Day()]
		hm := m.Format("15:04")
		return !isOff && (hm >= "08:30" && hm < "11:30" || hm >= "13:30" && hm < "17:00")
	}
	rapid.Check(t, func(t *rapid.T) {
		minutes := func(label string, most int) time.Duration {
			return time.Duration(rapid.IntRange(0, most).Draw(t, label)) * time.Minute
		}
		k := Clock{Start: at("2026-06-01 00:00").Add(minutes("start", 15*24*60))}
		k.Limit = Limit{rapid.IntRange(1, 20).Draw(t, "n"), WorkHour, AtOnce}
		for range rapid.IntRange(0, 3).Draw(t, "pauses") {
			from := k.Start.Add(minutes("from", 4*24*60))
			k.Pauses = append(k.Pauses, Span{from, from.Add(minutes("long", 2*24*60))})
		}
		m := k.Start
		for left := k.Limit.N * 60; left > 0; m = m.Add(time.Minute) {
			if office(m) && !k.pausedAt(m) {
				left--
			}
		}
		if due := China().Deadline(k); !due.At.Equal(m) {
			t.Errorf("due %s, minute by minute %s", due.At, m)
		}
	})
}
