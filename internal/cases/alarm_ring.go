package cases

import (
	compare "cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"weixiao/internal/catalogue"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// rung is a step of the ladder that is due.
type rung struct {
	clock string
	w     watched
	step  catalogue.Step
}

// dueRungs are the rungs that are planned after the last one that rang and not
// after now, in the order in which they were planned.
func (c *Cases) dueRungs(s clocked, st standing, now time.Time) []rung {
	var out []rung
	for name, w := range st.clocks {
		for _, step := range c.steps(s, name, s.clocks[name]) {
			if step.At.UnixMicro() > w.Upto && !step.At.After(now) {
				out = append(out, rung{name, w, step})
			}
		}
	}
	slices.SortFunc(out, func(a, b rung) int {
		return compare.Or(a.step.At.Compare(b.step.At), compare.Compare(ringOrder(a.clock), ringOrder(b.clock)), compare.Compare(a.clock, b.clock), compare.Compare(a.step.Rung, b.step.Rung))
	})
	return out
}

// rang counts what a subject's rungs became.
type rang struct{ reminded, escalated, late int }

// ring writes an act for every rung of a subject that is due, and returns how the
// subject stands afterwards (false: no row of it is left). The caller holds the
// journal's head and writes the row in the same transaction: so each rung rings
// once, whoever tries and whatever dies.
//
// After an outage several rungs may be due at once. Each has its act, but a person
// is told once, by the last of them that means him.
func (c *Cases) ring(tx *store.Tx, r *roster, s clocked, was map[string]watched, now time.Time) (standing, bool, rang, error) {
	st, ok := c.stand(s, was)
	if !ok || st.at > now.UnixMicro() {
		return st, ok, rang{}, nil
	}
	due := c.dueRungs(s, st, now)
	alarms := make([]Alarm, len(due))
	for i, d := range due {
		unit, assignee := s.holds(d.clock)
		at, to, err := r.meant(tx, d.step.Whom, unit, assignee)
		if err != nil {
			return st, ok, rang{}, err
		}
		a := Alarm{Of: s.kind, Clock: d.clock, Rung: d.step.Rung, Whom: d.step.Whom, Unit: at, To: to, Start: d.w.Start, Due: d.w.Due, Planned: d.step.At.UnixMicro()}
		if !d.step.Nominal.Equal(d.step.At) {
			a.Nominal = d.step.Nominal.UnixMicro()
		}
		a.Late = now.UnixMicro()-max(a.Planned, d.w.Moved) > c.d.Ladder.Tolerance.Microseconds()
		alarms[i] = a
	}
	fold(alarms)
	var count rang
	after := maps.Clone(st.clocks)
	for _, a := range alarms {
		if err := c.appendAlarm(tx, s, a, now); err != nil {
			return st, ok, rang{}, err
		}
		w := after[a.Clock]
		w.Upto = max(w.Upto, a.Planned)
		after[a.Clock] = w
		count.note(a)
	}
	st, ok = c.stand(s, after)
	return st, ok, count, nil
}

func (n *rang) note(a Alarm) {
	if a.Level() == 0 {
		n.reminded++
	} else {
		n.escalated++
	}
	if a.Late {
		n.late++
	}
}

// fold leaves each person to the last alarm that means him.
func fold(alarms []Alarm) {
	told := map[string]bool{}
	for i := len(alarms) - 1; i >= 0; i-- {
		a := &alarms[i]
		if len(a.To) == 0 {
			a.Folded = told["unit "+a.Unit]
			told["unit "+a.Unit] = true
			continue
		}
		a.To = slices.DeleteFunc(slices.Clone(a.To), func(who string) bool { return told[who] })
		for _, who := range a.To {
			told[who] = true
		}
		a.Folded = len(a.To) == 0
	}
}

func (c *Cases) appendAlarm(tx *store.Tx, s clocked, a Alarm, now time.Time) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	return journal.Append(tx, &journal.Act{District: c.d.Code, At: now.UnixMicro(), Kind: AlarmKind, Subject: s.number, Action: a.action(),
		Actor: c.alarmScope().Actor(""), Pack: c.d.Pack, Body: body})
}
