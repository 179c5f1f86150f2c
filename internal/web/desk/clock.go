package desk

import (
	"net/http"
	"strings"
	"time"

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
}

// clockStep is one stretch of time and whether it counts.
type clockStep struct {
	From, To, Why, Counted string
}

// clockPage says why a deadline is what it is: the sum from the start of the
// clock, stretch by stretch.
func (d *Desk) clockPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.clock.title")
	k, err := d.s.Cases.Get(r.Context(), f.sc, r.PathValue("number"))
	if err != nil {
		return err
	}
	name := r.PathValue("clock")
	c, ok := k.Clocks[name]
	if !ok {
		return store.ErrNotFound
	}
	timing, err := c.Timing()
	if err != nil {
		return err
	}
	v := clockView{Number: k.Number, Label: f.T("clock." + name), Provisional: c.Provisional}
	fact := func(label, value string) {
		v.Facts = append(v.Facts, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
	}
	fact("desk.clock.start", words.Exact(f.Lang, time.UnixMicro(c.Start)))
	fact("desk.clock.limit", f.limit(c.Limit))
	for _, e := range c.Extensions {
		fact("desk.clock.extension", f.limit(e))
	}
	if c.Due > 0 {
		fact("desk.clock.due", words.Exact(f.Lang, time.UnixMicro(c.Due)))
	} else {
		fact("desk.clock.due", f.T("desk.clock.paused"))
	}
	if c.Stop != 0 {
		fact("desk.clock.stop", words.Exact(f.Lang, time.UnixMicro(c.Stop)))
	}
	for _, s := range d.s.Cases.District().Calendar.Explain(timing) {
		v.Steps = append(v.Steps, f.step(s))
	}
	return f.render(w, http.StatusOK, clockExplained(f, v))
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
