package cases

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"weixiao/internal/calendars"
	"weixiao/internal/catalogue"
	"weixiao/internal/worktime"
)

// Clock is one promise of a case. Everything but Due and Provisional comes from
// acts; those two are what the calendar makes of it.
type Clock struct {
	Start       int64      `json:"start"` // µs UTC
	Limit       string     `json:"limit"` // "5 workday"
	Pauses      [][2]int64 `json:"pauses,omitempty"`
	Extensions  []string   `json:"ext,omitempty"`
	Stop        int64      `json:"stop,omitempty"`
	Due         int64      `json:"due,omitempty"` // 0 while paused
	Provisional bool       `json:"prov,omitempty"`
	Cal         string     `json:"cal,omitempty"` // name of the calendar it runs by; "" is the district's own
}

// NoDue is the next deadline of a case that has none.
const NoDue = math.MaxInt64

// Timing converts the clock for package worktime.
func (k Clock) Timing() (worktime.Clock, error) {
	l, err := worktime.ParseLimit(k.Limit)
	if err != nil {
		return worktime.Clock{}, err
	}
	w := worktime.Clock{Start: time.UnixMicro(k.Start), Limit: l}
	for _, p := range k.Pauses {
		s := worktime.Span{From: time.UnixMicro(p[0])}
		if p[1] != 0 {
			s.To = time.UnixMicro(p[1])
		}
		w.Pauses = append(w.Pauses, s)
	}
	for _, e := range k.Extensions {
		x, err := worktime.ParseLimit(e)
		if err != nil {
			return worktime.Clock{}, err
		}
		w.Extensions = append(w.Extensions, x)
	}
	if k.Stop != 0 {
		w.Stopped = new(time.UnixMicro(k.Stop))
	}
	return w, nil
}

// Running reports whether the promise is still open.
func (k Clock) Running() bool { return k.Stop == 0 }

// Met reports whether the promise was kept in time.
func (k Clock) Met() bool { return k.Stop != 0 && k.Stop <= k.Due }

// wind computes Due from the rest.
func (k Clock) wind(cal *worktime.Calendar) (Clock, error) {
	w, err := k.Timing()
	if err != nil {
		return k, err
	}
	d := cal.Deadline(w)
	k.Due, k.Provisional = 0, d.Provisional
	if !d.None() {
		k.Due = d.At.UnixMicro()
	}
	return k, nil
}

// Moved is what a recount made of one clock.
type Moved struct {
	From int64  `json:"from"` // deadline before, µs UTC; 0 while paused
	To   int64  `json:"to"`
	Was  string `json:"was,omitempty"` // version of the calendar that gives From
	Now  string `json:"now"`           // version that gives To
}

// timing is the part of a change that touches clocks.
func (ch *Change) timing() bool {
	return len(ch.Start)+len(ch.Stop)+len(ch.Hold)+len(ch.Free)+len(ch.Extend)+len(ch.Relimit)+len(ch.Moved) > 0
}

// calendarOf finds a calendar by name, in the version an act was done under.
type calendarOf func(name string) (*worktime.Calendar, error)

// calendars are those in force when the act was done: as the act names them, or,
// for acts from before calendars had names, the district's own.
func (ch *Change) calendars(set *calendars.Set) calendarOf {
	return func(name string) (*worktime.Calendar, error) {
		version := ch.Cal
		if name != "" {
			version = ch.Cals[name]
		}
		if version == "" {
			return set.Current(name)
		}
		c, ok := set.Version(version)
		if !ok {
			return nil, fmt.Errorf("calendar version %s is not stored", version)
		}
		return c, nil
	}
}

// sign notes in a change which versions of which calendars its clocks are wound
// with, from the set in force.
func (ch *Change) sign(clocks map[string]Clock, set *calendars.Set) error {
	if !ch.timing() {
		return nil
	}
	ch.Cal = set.Main().Version()
	note := func(name string) error {
		if name == "" || ch.Cals[name] != "" {
			return nil
		}
		c, err := set.Current(name)
		if err != nil {
			return err
		}
		if ch.Cals == nil {
			ch.Cals = map[string]string{}
		}
		ch.Cals[name] = c.Version()
		return nil
	}
	for _, name := range ch.On {
		if err := note(name); err != nil {
			return err
		}
	}
	for _, k := range clocks {
		if err := note(k.Cal); err != nil {
			return err
		}
	}
	return nil
}

// tick applies the clock part of a change at a moment. reopens winds every open
// clock: while the case was closed, calendars went on without it.
func tick(clocks map[string]Clock, ch *Change, at int64, cal calendarOf, reopens bool) (map[string]Clock, error) {
	if !ch.timing() {
		return clocks, nil
	}
	out := maps.Clone(clocks)
	if out == nil {
		out = map[string]Clock{}
	}
	touched := map[string]bool{}
	change := func(name string, fn func(*Clock)) {
		if k, ok := out[name]; ok && k.Running() {
			fn(&k)
			out[name], touched[name] = k, true
		}
	}
	for name, limit := range ch.Start {
		start := at
		if since, ok := ch.Since[name]; ok {
			start = since
		}
		out[name] = Clock{Start: start, Limit: limit, Cal: ch.On[name]}
		touched[name] = true
	}
	for _, name := range ch.Stop {
		change(name, func(k *Clock) { k.Stop = at })
	}
	for _, name := range ch.Hold {
		change(name, func(k *Clock) {
			if !k.paused() {
				k.Pauses = append(slices.Clone(k.Pauses), [2]int64{at, 0})
			}
		})
	}
	for _, name := range ch.Free {
		change(name, func(k *Clock) {
			if k.paused() {
				k.Pauses = slices.Clone(k.Pauses)
				k.Pauses[len(k.Pauses)-1][1] = at
			}
		})
	}
	for name, limit := range ch.Extend {
		change(name, func(k *Clock) { k.Extensions = append(slices.Clone(k.Extensions), limit) })
	}
	for name, limit := range ch.Relimit {
		change(name, func(k *Clock) { k.Limit, k.Cal = limit, ch.On[name] })
		if limit == "" { // the new level promises nothing here
			delete(out, name)
			delete(touched, name)
		}
	}
	for name := range ch.Moved {
		change(name, func(*Clock) {})
	}
	if reopens {
		for name := range out {
			change(name, func(*Clock) {})
		}
	}
	for name := range touched {
		c, err := cal(out[name].Cal)
		if err != nil {
			return nil, err
		}
		k, err := out[name].wind(c)
		if err != nil {
			return nil, err
		}
		if m, ok := ch.Moved[name]; ok && k.Due != m.To {
			return nil, fmt.Errorf("clock %s: the recount says %d, its calendar %d", name, m.To, k.Due)
		}
		out[name] = k
	}
	return out, nil
}

func (k Clock) paused() bool { n := len(k.Pauses); return n > 0 && k.Pauses[n-1][1] == 0 }

// NextDue is the earliest deadline of the running clocks, or NoDue.
func NextDue(clocks map[string]Clock) int64 {
	next := int64(NoDue)
	for _, k := range clocks {
		if k.Running() && k.Due > 0 {
			next = min(next, k.Due)
		}
	}
	return next
}

// limits are the limits of a profile by clock; a clock without a limit is left
// out and never late.
func limits(p catalogue.Profile) map[string]string {
	out := map[string]string{}
	for name, l := range map[string]string{ClockSign: p.Sign, ClockContact: p.Contact, ClockReply: p.Reply, ClockClose: p.Close} {
		if l != "" {
			out[name] = l
		}
	}
	return out
}

// onCalendar names the calendar by which a limit runs for a unit, "" for the
// district's own. Office hours are the unit's: two work hours of a unit with a
// night shift run through the night. A working day is the law's, the same for
// everybody (it is what hotline rules and the laws of laws.yaml mean), so a unit that
// works on Sundays has its five working days like any other.
func onCalendar(set *calendars.Set, unit, limit string) string {
	if l, err := worktime.ParseLimit(limit); err != nil || l.Unit != worktime.WorkHour {
		return ""
	}
	return set.Name(unit)
}
