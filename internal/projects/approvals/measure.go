package approvals

import (
	"cmp"
	"slices"
	"time"

	"weixiao/internal/journal"
	"weixiao/internal/worktime"
)

// Promised against actual days are counted in whole working days, as terms of licences are (行政许可法第四十二条、第八十二条;
// 民法典第二百零一条):
//
//   - the day of acceptance does not count, the day of the decision does;
//   - a stop takes out the days after the day on which it begins, up to and with the day on which it ends: the day it
//     begins on was the unit's, whatever the hour;
//   - a stop by law lasts no longer than its maximum, counted in the same way; after it the days are the unit's again;
//   - where stops overlap, a day is taken out once.
//
// A stop is nothing of the unit's promise, and nothing of the legal limit.

// What an event of a course is.
const (
	Accept = "accept"
	Halt   = "stop"
	Go     = "go"
	Decide = "decide"
)

// Supplement is why a clock stops while the firm corrects its papers; other reasons are procedures of the pack.
const Supplement = "supplement"

// Event is what counts in the course of an item.
type Event struct {
	At   time.Time
	What string
	Why  string         // of Halt and Go: Supplement, or the procedure
	Max  worktime.Limit // of Halt: how long the law lets it last; zero: as long as it does
}

// Stop is one stop of an item's clocks.
type Stop struct {
	Why  string `json:"why"`
	From int64  `json:"from"`         // µs UTC
	To   int64  `json:"to,omitempty"` // µs UTC; 0 = it lasts
	Max  string `json:"max,omitempty"`
}

// Day says what a day of the course counted for.
type Day struct {
	Date    time.Time
	Why     string // accepted, counted, make_up, weekend, holiday, stopped
	Name    string // of the holiday
	Stops   []string
	Counted bool
	Decided bool
}

// Sum is what became of a promise.
type Sum struct {
	Used    int       // working days that were the unit's; of an open item, until today
	Stopped int       // working days taken out by stops
	Due     time.Time // end of the last day of the promise; zero while a stop without end lasts
	Late    bool      // decided, or still open, after it
	Open    bool      // not decided yet
	Days    []Day     // day by day, from acceptance
}

// nextMidnight is the end of t's local day.
func nextMidnight(t time.Time) time.Time {
	t = t.In(worktime.Zone)
	return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, worktime.Zone)
}

// inDays is a limit as licences count it: from the day after.
func inDays(l worktime.Limit) worktime.Limit {
	if !l.IsZero() && l.Start == worktime.AtOnce {
		l.Start = worktime.NextDay
	}
	return l
}

// workdays is a number of working days as licences count them.
func workdays(n int64) worktime.Limit {
	if n <= 0 {
		return worktime.Limit{}
	}
	return worktime.Limit{N: int(n), Unit: worktime.Workday, Start: worktime.NextDay}
}

// span is the whole days that a stop takes out; a zero To lasts.
type span struct {
	worktime.Span
	why string
}

func (s span) covers(day time.Time) bool {
	return !day.Before(s.From) && (s.To.IsZero() || day.Before(s.To))
}

// spans are the days that stops take out, in order of their beginning.
func spans(events []Event, cal *worktime.Calendar) (out []span) {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	open := map[string]int{}
	for _, e := range events {
		switch i, running := open[e.Why]; {
		case e.What == Halt && !running:
			s := span{worktime.Span{From: nextMidnight(e.At)}, e.Why}
			if !e.Max.IsZero() {
				s.To = cal.Add(e.At, inDays(e.Max)).At
			}
			open[e.Why] = len(out)
			out = append(out, s)
		case e.What == Go && running:
			delete(open, e.Why)
			if end := nextMidnight(e.At); out[i].To.IsZero() || end.Before(out[i].To) {
				out[i].To = end
			}
		}
	}
	return out
}

// holds are the stops of a course for a clock of package worktime: merged, the last one perhaps without end.
func holds(events []Event, cal *worktime.Calendar) (out []worktime.Span) {
	all := spans(events, cal)
	slices.SortFunc(all, func(a, b span) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	for _, s := range all {
		n := len(out)
		switch {
		case !s.To.IsZero() && !s.From.Before(s.To):
		case n == 0 || !out[n-1].To.IsZero() && out[n-1].To.Before(s.From):
			out = append(out, s.Span)
		case out[n-1].To.IsZero():
		case s.To.IsZero() || s.To.After(out[n-1].To):
			out[n-1].To = s.To
		}
	}
	return out
}

// Measure counts a course by a calendar: how many working days of promised were used, how many were taken out by stops.
// now ends the count of what is not decided. A course without Accept is no time at all.
func Measure(events []Event, promised int64, cal *worktime.Calendar, now time.Time) Sum {
	var begin, end time.Time
	for _, e := range events {
		switch e.What {
		case Accept:
			begin = e.At
		case Decide:
			end = e.At
		}
	}
	s := Sum{Open: end.IsZero()}
	if begin.IsZero() {
		return s
	}
	last := end
	if s.Open {
		last = now
	}
	out := spans(events, cal)
	first := nextMidnight(begin).AddDate(0, 0, -1)
	for d := first; d.Before(last) || d.Equal(first); d = d.AddDate(0, 0, 1) {
		day := dayOf(d, first, out, cal)
		day.Decided = !s.Open && nextMidnight(end).Equal(nextMidnight(d))
		switch {
		case day.Counted:
			s.Used++
		case day.Why == "stopped":
			s.Stopped++
		}
		s.Days = append(s.Days, day)
	}
	k := worktime.Clock{Start: begin, Limit: workdays(promised), Pauses: holds(events, cal)}
	if !s.Open {
		k.Stopped = &end
	}
	st := cal.Status(k, last)
	s.Due, s.Late = st.Due.At, st.State == worktime.Overdue
	return s
}

// dayOf is what a day of a course counts for.
func dayOf(d, first time.Time, out []span, cal *worktime.Calendar) Day {
	info := cal.DayOf(d)
	day := Day{Date: d, Why: string(info.Why), Name: info.Name}
	for _, x := range out {
		if x.covers(d) && !slices.Contains(day.Stops, x.why) {
			day.Stops = append(day.Stops, x.why)
		}
	}
	switch {
	case d.Equal(first):
		day.Why, day.Stops = "accepted", nil
	case !info.Working:
	case len(day.Stops) > 0:
		day.Why = "stopped"
	default:
		day.Counted = true
	}
	return day
}

// EventsOf is the course of an item as its acts tell it.
func EventsOf(acts []journal.Act) (out []Event) {
	var was *Item
	for _, a := range acts {
		x, err := itemAfter(a)
		if err != nil {
			continue
		}
		if was == nil {
			was = &Item{}
		}
		at := a.Time()
		if was.Accepted == 0 && x.Accepted != 0 {
			out = append(out, Event{At: at, What: Accept})
		}
		for i, s := range x.Stops {
			if i >= len(was.Stops) {
				out = append(out, Event{At: at, What: Halt, Why: s.Why, Max: limit(s.Max)})
			} else if was.Stops[i].To == 0 && s.To != 0 {
				out = append(out, Event{At: at, What: Go, Why: s.Why})
			}
		}
		if was.Decided == 0 && x.Decided != 0 {
			out = append(out, Event{At: at, What: Decide})
		}
		was = x
	}
	return out
}

func limit(s string) worktime.Limit {
	l, err := worktime.ParseLimit(s)
	if err != nil {
		return worktime.Limit{}
	}
	return l
}
