package windows

import (
	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/enterprise/windows"
	"weixiao/internal/record"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

// records adds the lists and pages of the kinds of records.
func (p *pages) records(rt *access.Router) {
	text := func(label string, fn func(f *staff.Frame, x *windows.Bad) string) staff.Column[*windows.Bad] {
		return staff.Column[*windows.Bad]{Label: label, Text: fn}
	}
	p.bad = &staff.Pages[windows.Bad, *windows.Bad]{Book: p.w.Bad, Path: badPath, Title: "windows.bad.title", Lead: "windows.bad.lead", None: "windows.bad.none", Readers: readers,
		Columns: []staff.Column[*windows.Bad]{
			text("form.window_mark.window", func(f *staff.Frame, x *windows.Bad) string { return p.windowName(f.Lang, x.Window) }),
			text("form.window_take.item", func(f *staff.Frame, x *windows.Bad) string { return p.itemName(f.Lang, x.Item) }),
			text("windows.day", func(f *staff.Frame, x *windows.Bad) string { return f.Day(x.Day) }),
			text("form.window_rate.level", func(f *staff.Frame, x *windows.Bad) string { return f.T("form.window_rate.level." + itoa(x.Level)) })},
		Name: func(f *staff.Frame, x *windows.Bad) string {
			return f.T("windows.bad.one", p.windowName(f.Lang, x.Window))
		},
		Facts:   p.badFacts,
		Said:    []string{"words", "heard", "objection", "why", "plan", "done", "explanation", "answer"},
		Choices: nil,
		Buttons: func(f *staff.Frame, v *record.View[*windows.Bad]) []ui.Button {
			if !p.mayReveal(f, v.X) {
				return nil
			}
			return []ui.Button{{Label: f.T("desk.reveal.title"), Icon: "eye", Href: p.bad.Href(v.Head.ID) + "/reveal"}}
		},
		Looks: map[string]string{"how": "list", "finding": "list"},
	}
	p.bad.Register(rt, p.frames)
	p.stuck = &staff.Pages[windows.Stuck, *windows.Stuck]{Book: p.w.Stuck, Path: stuckPath, Title: "windows.stuck.list", Lead: "windows.stuck.lead", None: "windows.stuck.none",
		Readers: []string{access.Leader, access.Auditor},
		Columns: []staff.Column[*windows.Stuck]{
			{Label: "form.window_stuck.hall", Text: func(f *staff.Frame, x *windows.Stuck) string { return p.hallName(f.Lang, x.Hall) }},
			{Label: "form.window_stuck.item", Text: func(f *staff.Frame, x *windows.Stuck) string { return p.itemName(f.Lang, x.Item) }},
			{Label: "form.window_assign.unit", Text: func(f *staff.Frame, x *windows.Stuck) string { return f.Unit(x.Unit) }},
			{Label: "form.window_answer.result", Text: func(f *staff.Frame, x *windows.Stuck) string { return p.result(f, x) }}},
		Name: func(f *staff.Frame, x *windows.Stuck) string {
			return f.T("windows.stuck.one", p.hallName(f.Lang, x.Hall))
		},
		Facts: func(f *staff.Frame, v *record.View[*windows.Stuck]) ([]ui.Pair, error) {
			return pairs(f.T("form.window_stuck.hall"), p.hallName(f.Lang, v.X.Hall), f.T("form.window_stuck.item"), p.itemName(f.Lang, v.X.Item), f.T("form.window_assign.unit"), f.Unit(v.X.Unit),
				f.T("form.window_answer.result"), p.result(f, v.X)), nil
		},
		Said: []string{"what", "answer", "why"},
		Choices: func(f *staff.Frame, _ *windows.Stuck, _, field string) (out []ui.Choice, ok bool) {
			switch field {
			case "hall":
				for _, h := range p.w.Rules().Halls {
					out = append(out, ui.Choice{Value: h.ID, Label: say(f.Lang, h.Text)})
				}
			case "item":
				for _, x := range p.w.Rules().Items {
					out = append(out, ui.Choice{Value: x.ID, Label: say(f.Lang, x.Text)})
				}
			}
			return out, len(out) > 0
		},
		Looks: map[string]string{"item": "select", "result": "list"},
		// Whoever takes it in at a window does not go on with it: the page says that it is there.
		After: func(f *staff.Frame, _ *windows.Stuck, action string) string {
			if action == "take_in" && f.Is(access.Clerk) {
				return clerkPath
			}
			return ""
		},
	}
	p.stuck.Register(rt, p.frames)
	p.marks = &staff.Pages[windows.Mark, *windows.Mark]{Book: p.w.Marks, Path: marksPath, Title: "windows.marks.title", Lead: "windows.marks.lead", None: "windows.marks.none", Readers: readers,
		Back: func(f *staff.Frame) (string, string) { return starsPath, f.T("windows.stars.title") },
		Filter: func(f *staff.Frame) record.Filter {
			q := f.R.URL.Query()
			out := record.Filter{Tag: q.Get("quarter")}
			if id := q.Get("of"); id != "" {
				out.Of = "window:" + id
			}
			return out
		},
		Columns: []staff.Column[*windows.Mark]{
			{Label: "form.window_mark.window", Text: func(f *staff.Frame, x *windows.Mark) string { return p.windowName(f.Lang, x.Window) }},
			{Label: "form.window_mark.ground", Text: func(f *staff.Frame, x *windows.Mark) string { return p.ground(f, x) }},
			{Label: "form.window_mark.points", Right: true, Text: func(_ *staff.Frame, x *windows.Mark) string { return signed(x) }},
			{Label: "form.window_mark.day", Text: func(f *staff.Frame, x *windows.Mark) string { return f.Day(x.Day) }}},
		Name: func(f *staff.Frame, x *windows.Mark) string {
			return p.windowName(f.Lang, x.Window) + " " + p.ground(f, x)
		},
		Facts: func(f *staff.Frame, v *record.View[*windows.Mark]) ([]ui.Pair, error) {
			return pairs(f.T("form.window_mark.window"), p.windowName(f.Lang, v.X.Window), f.T("form.window_mark.ground"), p.ground(f, v.X), f.T("form.window_mark.points"), signed(v.X),
				f.T("form.window_mark.day"), f.Day(v.X.Day), f.T("form.window_quarter.quarter"), v.X.Quarter), nil
		},
		Said: []string{"seen", "why"},
		Choices: func(f *staff.Frame, _ *windows.Mark, _, field string) (out []ui.Choice, ok bool) {
			switch field {
			case "window":
				for _, x := range p.w.Rules().Windows {
					out = append(out, ui.Choice{Value: x.ID, Label: p.windowName(f.Lang, x.ID), Group: p.hallName(f.Lang, x.Hall)})
				}
			case "ground":
				for _, g := range p.w.Rules().Marks {
					out = append(out, ui.Choice{Value: g.ID, Label: say(f.Lang, g.Text), Group: f.T("windows.mark." + g.Kind)})
				}
			}
			return out, len(out) > 0
		},
		Looks: map[string]string{"window": "select", "ground": "select"}, Danger: []string{"refuse"},
	}
	p.marks.Register(rt, p.frames)
	p.years = &staff.Pages[windows.Quarter, *windows.Quarter]{Book: p.w.Quarters, Path: yearsPath, Title: "windows.quarters.title", None: "windows.quarters.none", Readers: readers,
		Back: func(f *staff.Frame) (string, string) { return starsPath, f.T("windows.stars.title") },
		Columns: []staff.Column[*windows.Quarter]{
			{Label: "form.window_quarter.quarter", Text: func(_ *staff.Frame, x *windows.Quarter) string { return x.Quarter }}},
		Facts: func(f *staff.Frame, v *record.View[*windows.Quarter]) ([]ui.Pair, error) {
			return pairs(f.T("form.window_quarter.quarter"), v.X.Quarter, f.T("windows.quarters.pending"), itoa(v.X.Pending)), nil
		},
		More: func(f *staff.Frame, v *record.View[*windows.Quarter]) (templ.Component, error) {
			return starTable(f, p.starLines(f, v.X.Quarter, v.X.Results)), nil
		},
	}
	p.years.Register(rt, p.frames)
}

// pairs are labels and values in turn; what has no value is left out.
func pairs(list ...string) (out []ui.Pair) {
	for i := 0; i+1 < len(list); i += 2 {
		if list[i+1] != "" {
			out = append(out, ui.Pair{Label: list[i], Value: ui.Text(list[i+1])})
		}
	}
	return out
}

func (p *pages) badFacts(f *staff.Frame, v *record.View[*windows.Bad]) ([]ui.Pair, error) {
	x := v.X
	word := func(key, value string) string {
		if value == "" {
			return ""
		}
		return f.T(key + value)
	}
	contact := f.T("windows.bad.anonymous")
	if x.Contactable {
		contact = f.T("windows.bad.contactable")
	}
	again := ""
	if x.Again > 0 {
		again = f.T("form.window_rate.level." + itoa(x.Again))
	}
	return pairs(f.T("form.window_mark.window"), p.windowName(f.Lang, x.Window), f.T("form.window_take.item"), p.itemName(f.Lang, x.Item), f.T("windows.day"), f.Day(x.Day),
		f.T("form.window_rate.level"), f.T("form.window_rate.level."+itoa(x.Level)), f.T("form.window_rate.labels"), p.labelNames(f.Page, x.LabelList()), f.T("windows.bad.who"), contact,
		f.T("form.window_verify.finding"), word("form.window_verify.finding.", x.Finding), f.T("form.window_fix_by.by"), f.Day(x.By), f.T("form.window_fixed.published"), x.Published,
		f.T("action.window_bad.rate_again"), again), nil
}

func (p *pages) result(f *staff.Frame, x *windows.Stuck) string {
	if x.Result == "" {
		return ""
	}
	return f.T("form.window_answer.result." + x.Result)
}

func (p *pages) ground(f *staff.Frame, x *windows.Mark) string {
	if g, ok := p.w.Rules().Ground(x.Ground); ok {
		return say(f.Lang, g.Text)
	}
	return x.Ground
}

func signed(x *windows.Mark) string {
	switch x.Kind {
	case "deduct":
		return "−" + itoa(x.Points)
	case "bonus":
		return "+" + itoa(x.Points)
	}
	return "—"
}
