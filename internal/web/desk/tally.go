package desk

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// tally counts the open cases of a scope once and answers every count of every
// view from that. A count is made again when something was done or the minute
// has changed; people of one unit share it.
type tally struct {
	s  *web.Site
	mu sync.Mutex
	by map[string]*counting
}

// counting is the last count of a scope; its lock lets others wait for it.
type counting struct {
	mu     sync.Mutex
	seq    int64
	minute int64
	at     time.Time
	total  int
	groups []group
}

// A count over many cases costs as much as the rest of the page: it may be a few
// seconds old, unless somebody must see an act of his own in it.
const (
	manyCases  = 500
	countLasts = 3 * time.Second
)

// group is how many open cases are alike in everything a view asks for.
type group struct {
	State, Desk, Unit, Holder, Assignee, Street, Community string
	Marks                                                  []string
	Span                                                   int // see spans
	N                                                      int
}

func newTally(s *web.Site) *tally { return &tally{s: s, by: map[string]*counting{}} }

// maxCounts bounds the memory: one count for each unit that is looked at.
const maxCounts = 500

// spans cut time at now, at the end of today, and two hours from now, whichever
// of the last two comes first: 0 is past, 3 is later than both.
type spans struct{ now, first, second int64 }

func spansAt(now time.Time) (s spans, todayFirst bool) {
	local := now.In(words.Zone())
	today := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, words.Zone()).UnixMicro()
	soon := now.Add(soonWithin).UnixMicro()
	return spans{now.UnixMicro(), min(today, soon), max(today, soon)}, today < soon
}

// of counts what the scope reaches. after is an act that the count must know of.
func (t *tally) of(ctx context.Context, sc access.Scope, now time.Time, after int64) (counted, error) {
	if !sc.All() && sc.Unit() == "" {
		return counted{}, nil
	}
	key := "*"
	if !sc.All() {
		key = sc.Unit()
	}
	t.mu.Lock()
	if len(t.by) > maxCounts {
		clear(t.by)
	}
	c, ok := t.by[key]
	if !ok {
		c = &counting{}
		t.by[key] = c
	}
	t.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	minute := now.Unix() / 60
	_, todayFirst := spansAt(now)
	if c.groups != nil && c.minute == minute && after > 0 && c.seq >= after {
		return counted{c.groups, todayFirst}, nil
	}
	if c.total > manyCases && c.minute == minute && c.seq >= after && now.Sub(c.at) < countLasts && !now.Before(c.at) {
		return counted{c.groups, todayFirst}, nil
	}
	err := t.s.DB.Read(ctx, func(tx *store.Tx) error {
		seq, err := journal.Head(tx, sc.District())
		if err != nil || (c.groups != nil && c.minute == minute && c.seq == seq) {
			return err
		}
		groups, err := count(tx, sc, now)
		if err == nil {
			c.groups, c.seq, c.minute, c.at, c.total = groups, seq, minute, now, 0
			for _, g := range groups {
				c.total += g.N
			}
		}
		return err
	})
	return counted{c.groups, todayFirst}, err
}

func count(tx *store.Tx, sc access.Scope, now time.Time) ([]group, error) {
	s, _ := spansAt(now)
	q := &query{}
	q.add(`SELECT k.state, k.marks, k.desk, k.unit, k.holder, k.assignee, k.street, k.community, CASE WHEN k.next_due < `).arg(s.now).add(` THEN 0 WHEN k.next_due < `).
		arg(s.first).add(` THEN 1 WHEN k.next_due < `).arg(s.second).add(` THEN 2 ELSE 3 END AS span, count(*) FROM cases k WHERE k.district = `).arg(sc.District()).
		add(` AND k.is_open = TRUE`)
	if !sc.All() {
		q.add(` AND EXISTS (SELECT 1 FROM case_units u WHERE u.district = `).arg(sc.District()).add(` AND u.unit = `).arg(sc.Unit()).
			add(` AND u.doc = k.doc AND u.number = k.number)`)
	}
	q.add(` GROUP BY k.state, k.marks, k.desk, k.unit, k.holder, k.assignee, k.street, k.community, span`)
	return store.All(tx, func(r store.Scanner) (g group, err error) {
		var marks string
		var span, n int64
		err = r.Scan(&g.State, &marks, &g.Desk, &g.Unit, &g.Holder, &g.Assignee, &g.Street, &g.Community, &span, &n)
		if marks != "" {
			g.Marks = strings.Split(marks, ",")
		}
		g.Span, g.N = int(span), int(n)
		return g, err
	}, q.String(), q.args...)
}

// counted answers counts.
type counted struct {
	groups     []group
	todayFirst bool // today ends before two hours are over
}

// count is how many cases a list has; today only those due before midnight.
func (c counted) count(w want) (all, today int) {
	for _, g := range c.groups {
		if !w.has(g, c.todayFirst) {
			continue
		}
		all += g.N
		if g.Span <= 1 || (g.Span == 2 && !c.todayFirst) {
			today += g.N
		}
	}
	return all, today
}

// byCommunity and byStreet are the open cases of each place.
func (c counted) by(part func(group) string) map[string]int {
	out := map[string]int{}
	for _, g := range c.groups {
		if id := part(g); id != "" {
			out[id] += g.N
		}
	}
	return out
}

// has is want as a test of a group; query.want is the same in SQL.
func (w want) has(g group, todayFirst bool) bool {
	in := func(list []string, s string) bool { return len(list) == 0 || slices.Contains(list, s) }
	is := func(want, s string) bool { return want == "" || want == s }
	switch {
	case !in(w.Desks, g.Desk), !in(w.States, g.State), !is(w.Holder, g.Holder), !is(w.Street, g.Street), !is(w.Community, g.Community):
		return false
	case len(w.Marks) > 0 && !slices.ContainsFunc(w.Marks, func(m string) bool { return slices.Contains(g.Marks, m) }):
		return false
	case len(w.Ours) > 0 && !slices.Contains(w.Ours, g.Unit) && !slices.Contains(w.Ours, g.Holder):
		return false
	case slices.Contains(w.Others, g.Unit), slices.Contains(w.Others, g.Holder):
		return false
	case w.Account != "" && g.Assignee != "" && g.Assignee != w.Account:
		return false
	case w.Due == "over" && g.Span != 0:
		return false
	case w.Due == "soon" && g.Span != 1 && (g.Span != 2 || !todayFirst):
		return false
	}
	return true
}
