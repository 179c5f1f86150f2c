package cases

import (
	"context"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/store"
)

// Group is how many open cases are alike in everything that a Want without the
// narrowing part asks for.
type Group struct {
	State, Desk, Unit, Holder, Assignee, Street, Community string
	Marks                                                  []string
	N                                                      int
	span                                                   int // see spans
}

// Tally answers how many open cases a scope has, for every Want that is not
// Narrow.
type Tally struct {
	Groups     []Group
	todayFirst bool // today ends before SoonWithin is over
}

// spans cut time at now, at the end of today, and where soon ends, whichever of
// the last two comes first: 0 is past, 3 is later than both.
type spans struct{ now, first, second int64 }

func spansAt(now time.Time) (s spans, todayFirst bool) {
	local := now.In(zone)
	today := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, zone).UnixMicro()
	soon := now.Add(SoonWithin).UnixMicro()
	return spans{now.UnixMicro(), min(today, soon), max(today, soon)}, today < soon
}

func (s spans) of(due int64) int {
	switch {
	case due < s.now:
		return 0
	case due < s.first:
		return 1
	case due < s.second:
		return 2
	}
	return 3
}

// Tally counts the open cases that the scope reaches. A count is made again when
// something was done or the minute has changed; people of one unit share it.
// after is an act that the count must know of; 0 = everything until now.
func (c *Cases) Tally(ctx context.Context, sc access.Scope, now time.Time, after int64) (Tally, error) {
	if !sc.All() && sc.Unit() == "" {
		return Tally{}, nil
	}
	b := c.board
	b.mu.Lock()
	if after > 0 && b.seq >= after && b.by != nil {
		defer b.mu.Unlock()
		return b.count(sc, now), nil
	}
	b.mu.Unlock()
	return store.Get(ctx, c.db, func(tx *store.Tx) (Tally, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if err := b.sync(tx); err != nil {
			return Tally{}, err
		}
		return b.count(sc, now), nil
	})
}

func (b *board) count(sc access.Scope, now time.Time) Tally {
	key := "*"
	if !sc.All() {
		key = sc.Unit()
	}
	s, todayFirst := spansAt(now)
	minute := now.Unix() / 60
	if t, ok := b.tally[key]; ok && t.seq == b.seq && t.minute == minute {
		return Tally{t.groups, todayFirst}
	}
	type alike struct {
		state, desk, unit, holder, assignee, street, community, marks string
		span                                                          int
	}
	n := map[alike]*Group{}
	for _, k := range b.order {
		if !sees(sc, k) {
			continue
		}
		a := alike{k.state, k.desk, k.unit, k.holder, k.assignee, k.street, k.community, strings.Join(k.marks, ","), s.of(k.due)}
		g := n[a]
		if g == nil {
			g = &Group{State: k.state, Desk: k.desk, Unit: k.unit, Holder: k.holder, Assignee: k.assignee, Street: k.street, Community: k.community, Marks: k.marks, span: a.span}
			n[a] = g
		}
		g.N++
	}
	groups := make([]Group, 0, len(n))
	for _, g := range n {
		groups = append(groups, *g)
	}
	if b.tally == nil || len(b.tally) > maxTallies {
		b.tally = map[string]tallied{}
	}
	b.tally[key] = tallied{b.seq, minute, groups}
	return Tally{groups, todayFirst}
}

// Count is how many cases a list has; today only those due before midnight.
func (t Tally) Count(w Want) (all, today int) {
	for _, g := range t.Groups {
		if !t.has(&w, g) {
			continue
		}
		all += g.N
		if g.span <= 1 || (g.span == 2 && !t.todayFirst) {
			today += g.N
		}
	}
	return all, today
}

// By counts the open cases of each place, unit or whatever part says; w may
// narrow them. Those of which part says "" are left out.
func (t Tally) By(w Want, part func(Group) string) map[string]int {
	out := map[string]int{}
	for _, g := range t.Groups {
		if id := part(g); id != "" && t.has(&w, g) {
			out[id] += g.N
		}
	}
	return out
}

// has tests the deadline by the group's span and the rest as for a single case.
func (t Tally) has(w *Want, g Group) bool {
	switch {
	case w.Due == "over" && g.span != 0:
		return false
	case w.Due == "today" && g.span > 1 && (g.span != 2 || t.todayFirst):
		return false
	case w.Due == "soon" && g.span != 1 && (g.span != 2 || !t.todayFirst):
		return false
	}
	rest := *w
	rest.Due = ""
	return rest.has(&card{state: g.State, desk: g.Desk, unit: g.Unit, holder: g.Holder, assignee: g.Assignee, street: g.Street, community: g.Community, marks: g.Marks}, 0)
}
