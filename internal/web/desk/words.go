package desk

import (
	"slices"
	"strings"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// pendingMarks wait for somebody's decision; the case's chip says so.
var pendingMarks = []string{cases.ObjectionPending, cases.ExtensionPending, cases.SuspensionPending, cases.PausePending, cases.AppealPending, cases.Suspended, cases.Paused}

// state is the badge of a case: a request that waits for a decision, and a
// suspended case, look like being on hold whatever their state is.
func (f *frame) state(k *cases.Case) (chip, label string) {
	for _, m := range pendingMarks {
		if k.Has(m) {
			return "hold", f.T("mark." + m)
		}
	}
	s, _ := cases.Table.State(k.State)
	return s.Chip, f.T("state.case." + k.State)
}

// channel is where a case came from; a channel nobody named keeps its own name.
func (f *frame) channel(name string) string {
	if words.Has("channel." + name) {
		return f.T("channel." + name)
	}
	return name
}

// place is the shortest name of where a case is.
func (f *frame) place(p cases.Place) string {
	for _, u := range []string{p.Community, p.Street} {
		if u != "" {
			return f.d.s.UnitName(f.Lang, u)
		}
	}
	return ""
}

// places is everything known of where a case is.
func (f *frame) places(p cases.Place) string {
	var parts []string
	for _, s := range []string{p.Text, f.unit(p.Street), f.unit(p.Community)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if p.Grid != "" {
		if g, ok := f.d.s.Pack.Directory.Grid(p.Grid); ok {
			parts = append(parts, f.T("desk.case.grid", g.Name))
		}
	}
	return strings.Join(parts, f.T("word.separator"))
}

func (f *frame) unit(id string) string {
	if id == "" {
		return ""
	}
	return f.d.s.UnitName(f.Lang, id)
}

// matter is the name of a matter, or that there is none yet.
func (f *frame) matter(key string) string {
	if name := f.d.s.MatterName(f.Lang, key); name != "" {
		return name
	}
	return f.T("desk.case.nomatter")
}

// noteOf is the small line under a title: what, where, how it came, how often.
func (f *frame) noteOf(k *cases.Case) string {
	parts := []string{f.matter(k.Matter)}
	if p := f.place(k.Place); p != "" {
		parts = append(parts, p)
	}
	parts = append(parts, f.channel(k.Channel))
	if k.Photos > 0 {
		parts = append(parts, f.T("word.photos", k.Photos))
	}
	parts = append(parts, f.times(k)...)
	return strings.Join(parts, f.T("word.separator"))
}

// times says how often things happened to a case, where that is worth a word.
func (f *frame) times(k *cases.Case) []string {
	var parts []string
	for _, c := range []struct {
		n   int
		key string
	}{{k.Counts.Urges, "desk.times.urged"}, {k.Counts.Reworks, "desk.times.rework"}, {k.Counts.Handbacks, "desk.times.handback"},
		{k.Counts.Merged, "desk.times.merged"}, {k.Counts.Attempts, "desk.times.attempt"}} {
		if c.n > 0 {
			parts = append(parts, f.T(c.key, c.n))
		}
	}
	return parts
}

// nextClock is the running clock that ends first; a paused one when all are
// paused; else the last that was stopped.
func nextClock(clocks map[string]cases.Clock) (name string, k cases.Clock, ok bool) {
	rank := func(c cases.Clock) (int, int64) {
		switch {
		case c.Running() && c.Due > 0:
			return 0, c.Due
		case c.Running():
			return 1, c.Start
		}
		return 2, -c.Stop
	}
	for _, n := range clockOrder {
		c, has := clocks[n]
		if !has {
			continue
		}
		r1, v1 := rank(c)
		if r0, v0 := rank(k); !ok || r1 < r0 || (r1 == r0 && v1 < v0) {
			name, k, ok = n, c, true
		}
	}
	return name, k, ok
}

var clockOrder = []string{cases.ClockSign, cases.ClockContact, cases.ClockReply, cases.ClockClose, cases.ClockReview}

// due is the chip of one clock.
func (f *frame) due(c cases.Clock) ui.Due {
	started := time.UnixMicro(c.Start)
	if c.Running() && c.Due == 0 {
		d := f.Page.Due(f.Now, started, true, nil)
		d.Exact = f.T("desk.clock.paused")
		return d
	}
	var met *time.Time
	if c.Stop != 0 {
		met = new(time.UnixMicro(c.Stop))
	}
	return f.Page.Due(time.UnixMicro(c.Due), started, false, met)
}

// dueOf is the chip of a case: what must be done next and by when.
func (f *frame) dueOf(k *cases.Case) ui.Due {
	name, c, ok := nextClock(k.Clocks)
	if !ok {
		return ui.Due{}
	}
	d := f.due(c)
	d.Exact = f.T("clock."+name) + f.T("word.colon") + d.Exact
	for _, m := range pendingMarks {
		if c.Running() && c.Due == 0 && k.Has(m) {
			d.Text = f.T("mark." + m)
		}
	}
	return d
}

// row is a case in a list; query names the list ("?view=mine"), so that its page
// knows the way back.
func (f *frame) row(k *cases.Case, query string) ui.Row {
	chip, state := f.state(k)
	return ui.Row{ID: k.Number, Href: "/desk/cases/" + k.Number + query, Title: k.Title, Note: f.noteOf(k), Due: f.dueOf(k), Chip: chip, State: state,
		Who: f.holder(k), Preview: "/desk/cases/" + k.Number + "/preview" + query}
}

// holder is who must act next: a person, else the unit, else nobody.
func (f *frame) holder(k *cases.Case) string {
	if k.Assignee != "" {
		if n := f.d.names.name(f.r.Context(), k.Assignee); n != "" {
			return n
		}
	}
	if k.Holder != "" && (f.sc.All() || k.Holder != f.sc.Unit()) {
		return f.unit(k.Holder)
	}
	return ""
}

// profile is the name of a set of limits.
func (f *frame) profile(name string) string {
	p, ok := f.d.s.Pack.Catalogue.Profile(name)
	switch {
	case !ok:
		return name
	case f.Lang == words.EN:
		return p.English
	}
	return p.Title
}

// limit writes "5 workday" as people say it.
func (f *frame) limit(s string) string {
	n, u, ok := strings.Cut(s, " ")
	if !ok || !slices.Contains([]string{"minute", "hour", "workhour", "workday", "day"}, u) {
		return s
	}
	return n + " " + f.T("limit."+u)
}
