package cases

import (
	"maps"
	"math"
	"slices"
	"time"

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

// tick applies the clock part of a change at a moment.
func tick(clocks map[string]Clock, ch *Change, at int64, cal *worktime.Calendar) (map[string]Clock, error) {
	if len(ch.Start)+len(ch.Stop)+len(ch.Hold)+len(ch.Free)+len(ch.Extend)+len(ch.Reset) == 0 {
		return clocks, nil
	}
	out := maps.Clone(clocks)
	if out == nil {
		out = map[string]Clock{}
	}
	touched := map[string]bool{}
	for name, limit := range ch.Start {
		out[name] = Clock{Start: at, Limit: limit}
		touched[name] = true
	}
	for _, name := range ch.Stop {
		if k, ok := out[name]; ok && k.Running() {
			k.Stop = at
			out[name], touched[name] = k, true
		}
	}
	for _, name := range ch.Hold {
		if k, ok := out[name]; ok && k.Running() && !k.paused() {
			k.Pauses = append(slices.Clone(k.Pauses), [2]int64{at, 0})
			out[name], touched[name] = k, true
		}
	}
	for _, name := range ch.Free {
		if k, ok := out[name]; ok && k.Running() && k.paused() {
			k.Pauses = slices.Clone(k.Pauses)
			k.Pauses[len(k.Pauses)-1][1] = at
			out[name], touched[name] = k, true
		}
	}
	for name, limit := range ch.Extend {
		if k, ok := out[name]; ok && k.Running() {
			k.Extensions = append(slices.Clone(k.Extensions), limit)
			out[name], touched[name] = k, true
		}
	}
	for name, r := range ch.Reset {
		k, ok := out[name]
		if !ok {
			k.Start = r.Start
		}
		if k.Limit = r.Limit; r.Limit == "" {
			delete(out, name)
			delete(touched, name)
			continue
		}
		out[name], touched[name] = k, true
	}
	for name := range touched {
		k, err := out[name].wind(cal)
		if err != nil {
			return nil, err
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
