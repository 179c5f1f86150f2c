// Package worktime is the Chinese working calendar and everything that is
// promised by it: deadlines, what is left of them, and the sum behind them.
// It is a pure core: no I/O, no clock of its own, the holiday notices inside.
//
// The map:
//
//	worktime.go  this map, Zone, Due
//	limit.go     Limit: "5 workday", "2 workhour", "30 minute from next hour"
//	clock.go     Clock (start, limit, pauses, extensions, stop), Deadline, Status
//	explain.go   Explain: the same deadline as a sum that a page can print
//	measure.go   counted time: Add, Between, Next
//	before.go    Before: an amount of counted time ahead of a deadline
//	calendar.go  Calendar: days, shifts and their per-year tables; DayOf
//	spec.go      Spec: a calendar as a clerk writes it, and the checks on it
//	notice.go    holiday notices, their parser, the embedded ones; China
//	statutory.go what is off in a year whose notice is not out yet
//	counting.go  Counting: what "five days" means under a law
//	problem.go   Problem: what is wrong with a calendar, in both languages
//
// # One idea
//
// A unit is a measure: at each instant time either counts or does not. Minutes
// and natural days count always, workdays count around the clock on working
// days, work hours count inside the shifts of working days. A deadline is the
// earliest instant at which the promised amount has been counted, pauses left
// out. All rules follow from this one:
//
//   - Friday 12:00 + 1 workday is Monday 12:00: half of Friday, half of Monday.
//   - Saturday 12:00 + 1 workday is Tuesday 00:00: nothing counts before Monday
//     00:00, and all of Monday is needed. Due.LastDay says "Monday".
//   - Friday 00:00 + 1 workday is Saturday 00:00, the end of Friday, not Monday:
//     a deadline is at the end of a day or a shift, never at the next start.
//
// # What is not certain
//
// A year without a notice of the State Council uses weekends and the days that
// the law itself fixes; whatever was counted in such a year is Provisional, to
// be computed again with Calendar.WithNotice when the notice comes. Notices can
// reach back into the last days of the December before (2018-12-29 became a
// workday); dates of a published year are not flagged for that, but recomputing
// finds them.
package worktime

import "time"

// Zone is the time of the people served: China has one, without daylight saving.
// Every time this package returns is in it; what comes in may be in any zone.
var Zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// Due is the answer to "by when?".
type Due struct {
	// At is the last instant in time; one instant later is late. It is the zero
	// time when there is no deadline: no limit was set, or the clock is paused.
	At time.Time
	// Provisional: counted in a year whose holidays are not published, so a
	// notice may still move it.
	Provisional bool
}

// None reports that there is no deadline now: no limit, or an open pause.
func (d Due) None() bool { return d.At.IsZero() }

// LastDay is the local midnight that begins the last day of the time allowed:
// a deadline on Tuesday 00:00 is the end of Monday, and people say "Monday".
// The zero time if there is no deadline.
func (d Due) LastDay() time.Time {
	if d.None() {
		return time.Time{}
	}
	return midnight(d.At.Add(-1))
}

// Earliest returns the first deadline of several clocks, passing over those that
// have none; Due{} if no clock has one. The next alarm of a case is this.
func Earliest(dues ...Due) Due {
	var first Due
	for _, d := range dues {
		if !d.None() && (first.None() || d.At.Before(first.At)) {
			first = d
		}
	}
	return first
}

// midnight is the start of t's local day.
func midnight(t time.Time) time.Time {
	t = t.In(Zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, Zone)
}
