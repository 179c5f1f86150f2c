package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
	"weixiao/internal/worktime"
)

// clockView explains one deadline.
type clockView struct {
	Number, Label string
	Facts         []ui.Pair
	Steps         []clockStep
	Provisional   bool
	Before        []movedLine
}

// movedLine is one recount of the clock.
type movedLine struct{ At, From, To, Versions string }

// clockStep is one stretch of time and whether it counts.
type clockStep struct {
	From, To, Why, Counted string
}

// clockPage says why a deadline is what it is: the sum from the start of the
// clock, stretch by stretch.
func (d *Desk) clockPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.clock.title")
	number, name := cases.UpperNumber(r.PathValue("number")), r.PathValue("clock")
	sums, err := d.s.Cases.Why(r.Context(), f.sc, number)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(sums, func(s *cases.Sum) bool { return s.Name == name })
	if i < 0 {
		return store.ErrNotFound
	}
	sum, c := sums[i], sums[i].Clock
	v := clockView{Number: number, Label: f.T("clock." + name), Provisional: c.Provisional}
	fact := func(label, value string) {
		v.Facts = append(v.Facts, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
	}
	fact("desk.clock.start", words.Exact(f.Lang, time.UnixMicro(c.Start)))
	fact("desk.clock.limit", f.limit(c.Limit))
	for _, e := range sum.Events {
		switch e.What {
		case cases.ClockExtended:
			fact("desk.clock.extension", f.limit(e.Limit)+f.T("word.separator")+words.Exact(f.Lang, time.UnixMicro(e.At)))
		case cases.ClockRelimited:
			fact("desk.clock.relimited", words.Exact(f.Lang, time.UnixMicro(e.At)))
		}
	}
	if c.Due > 0 {
		fact("desk.clock.due", words.Exact(f.Lang, time.UnixMicro(c.Due)))
	} else {
		fact("desk.clock.due", f.T("desk.clock.paused"))
	}
	if c.Stop != 0 {
		fact("desk.clock.stop", words.Exact(f.Lang, time.UnixMicro(c.Stop)))
	}
	fact("desk.clock.calendar", f.calendar(sum.Calendar)+f.T("word.separator")+sum.Version)
	for _, e := range sum.Before() {
		v.Before = append(v.Before, f.moved(e))
	}
	for _, s := range sum.Steps {
		v.Steps = append(v.Steps, f.step(s))
	}
	return f.render(w, http.StatusOK, clockExplained(f, v))
}

// calendar is what a calendar is called.
func (f *frame) calendar(name string) string {
	t, ok := f.d.s.Pack.Titles[name]
	switch {
	case !ok:
		return name
	case f.Lang == words.EN:
		return t.EN
	}
	return t.ZH
}

func (f *frame) moved(e cases.ClockEvent) movedLine {
	due := func(us int64) string {
		if us == 0 {
			return f.T("desk.clock.paused")
		}
		return words.Exact(f.Lang, time.UnixMicro(us))
	}
	return movedLine{At: words.Exact(f.Lang, time.UnixMicro(e.At)), From: due(e.Moved.From), To: due(e.Moved.To), Versions: e.Moved.Was + " → " + e.Moved.Now}
}

func (f *frame) step(s worktime.Step) clockStep {
	out := clockStep{From: words.ShortDay(f.Lang, s.From) + " " + words.Clock(s.From), Why: f.T("desk.why." + string(s.Why))}
	if s.Name != "" {
		out.Why += f.T("word.colon") + s.Name
	}
	if s.Provisional {
		out.Why = strings.Join([]string{out.Why, f.T("desk.why.provisional")}, f.T("word.separator"))
	}
	if !s.To.IsZero() {
		out.To = words.ShortDay(f.Lang, s.To) + " " + words.Clock(s.To)
	}
	if s.Counted > 0 {
		out.Counted = words.Duration(f.Lang, s.Counted)
	}
	return out
}
