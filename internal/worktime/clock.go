package worktime

import (
	"slices"
	"time"
)

// Clock is all that decides one deadline, taken from the acts of a case.
type Clock struct {
	Start time.Time
	Limit Limit
	// Pauses in any order; they may overlap. Time in a pause does not count.
	Pauses []Span
	// Extensions are added one after the other, counted from the deadline as it
	// was before (pauses included), each in its own unit; their start rules are
	// not looked at.
	Extensions []Limit
	// Stopped is when the promise was kept, late or not; nil while it is open.
	// It ends an open pause, and later pauses have no effect.
	Stopped *time.Time
}

// Span is a stretch of time, From included and To not. As a pause with the zero
// To it is still open. A span that ends before it begins is no time at all.
type Span struct{ From, To time.Time }

func (s Span) open() bool { return s.To.IsZero() }

// Deadline computes by when the clock is due. No limit, or a pause that began in
// time and is still open, gives Due.None; a pause that began after the deadline
// changes nothing.
func (c *Calendar) Deadline(k Clock) Due {
	return c.run(k, nil)
}

// run walks the clock from stretch to stretch between pauses. visit, if any, sees
// each stretch, the whole of which is promised in unit, in order of time.
func (c *Calendar) run(k Clock, visit func(m measure, from, to time.Time)) Due {
	if k.Limit.IsZero() {
		return Due{}
	}
	pos := c.begin(k.Start, k.Limit.Start)
	due := Due{Provisional: k.Limit.Start == NextWorkday && c.unknown(k.Start, pos)}
	pauses := k.pauses()
	for part := range 1 + len(k.Extensions) {
		limit := k.part(part)
		if limit.IsZero() {
			continue
		}
		m := limit.Unit.measure()
		for left := limit.amount(); left > 0; {
			for len(pauses) > 0 && !pauses[0].From.After(pos) {
				if pauses[0].open() {
					return due
				}
				pos = later(pos, pauses[0].To)
				pauses = pauses[1:]
			}
			to, gone := c.advance(m, pos, left), left
			if len(pauses) > 0 && pauses[0].From.Before(to) {
				to = pauses[0].From
				gone = c.count(m, pos, to)
			}
			due.Provisional = due.Provisional || m != always && c.unknown(pos, to)
			if visit != nil {
				visit(m, pos, to)
			}
			pos, left = to, left-gone
		}
	}
	due.At = pos.In(Zone)
	return due
}

// part is the limit (0) or an extension (1 and on).
func (k Clock) part(i int) Limit {
	if i == 0 {
		return k.Limit
	}
	return k.Extensions[i-1]
}

// pauses are sorted, merged and ended by the stop. An open one can only be last.
func (k Clock) pauses() []Span {
	if len(k.Pauses) == 0 {
		return nil
	}
	all := make([]Span, 0, len(k.Pauses))
	for _, p := range k.Pauses {
		if k.Stopped != nil && (p.open() || p.To.After(*k.Stopped)) {
			p.To = *k.Stopped
		}
		if p.open() || p.From.Before(p.To) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b Span) int { return a.From.Compare(b.From) })
	merged := all[:0]
	for _, p := range all {
		if n := len(merged); n > 0 && (merged[n-1].open() || !p.From.After(merged[n-1].To)) {
			last := &merged[n-1]
			if p.open() || last.open() {
				last.To = time.Time{}
			} else {
				last.To = later(last.To, p.To)
			}
			continue
		}
		merged = append(merged, p)
	}
	return merged
}

// State is how a clock stands.
type State string

const (
	Running State = "running"
	Paused  State = "paused"
	Met     State = "met"     // stopped in time; never late afterwards
	Overdue State = "overdue" // the deadline passed, whether it was stopped later or not
)

// Status is how a clock stands at one moment.
type Status struct {
	State State
	Due   Due
	// Remaining is the time on the wall until Due, while Running. While Paused it
	// is what would remain if the clock went on now. Zero without a limit.
	Remaining time.Duration
	// Overrun is the time on the wall since Due, while Overdue; it stands still
	// once the clock is stopped.
	Overrun time.Duration
	// Used of Total is the counted time gone, 24 hours for a workday, each part in
	// its own unit. It stands still in pauses and on days off: the measure for
	// bars and for warnings at, say, four fifths.
	Used, Total time.Duration
}

// Status tells how the clock stands at now. A stop that lies after now has not
// happened yet.
func (c *Calendar) Status(k Clock, now time.Time) Status {
	if k.Stopped != nil && k.Stopped.After(now) {
		k.Stopped = nil
	}
	at := now
	if k.Stopped != nil {
		at = *k.Stopped
	}
	var s Status
	s.Due = c.run(k, func(m measure, from, to time.Time) {
		s.Used += c.count(m, from, earlier(to, at))
	})
	if !k.Limit.IsZero() {
		for part := range 1 + len(k.Extensions) {
			s.Total += k.part(part).amount()
		}
	}
	switch {
	case !s.Due.None() && at.After(s.Due.At):
		s.State, s.Overrun = Overdue, at.Sub(s.Due.At)
	case k.Stopped != nil:
		s.State = Met
	case k.pausedAt(now):
		s.State, s.Remaining = Paused, c.remaining(k, now)
	default:
		s.State, s.Remaining = Running, c.remaining(k, now)
	}
	return s
}

// pausedAt reports whether now lies in a pause.
func (k Clock) pausedAt(now time.Time) bool {
	return slices.ContainsFunc(k.Pauses, func(p Span) bool {
		return !p.From.After(now) && (p.open() || p.To.After(now))
	})
}

// remaining is the wall time to the deadline, with open pauses ended now.
func (c *Calendar) remaining(k Clock, now time.Time) time.Duration {
	k.Pauses = slices.Clone(k.Pauses)
	for i, p := range k.Pauses {
		if p.open() {
			k.Pauses[i].To = later(p.From, now)
		}
	}
	due := c.Deadline(k)
	if due.None() {
		return 0
	}
	return due.At.Sub(now)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
