package projects

import (
	"net/http"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/projects"
	"weixiao/internal/projects/outreach"
	"weixiao/internal/record"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// page is one page of this package.
type page func(w http.ResponseWriter, f *staff.Frame) error

func handler(frames staff.Frames, title string, fn page) access.Handler {
	return func(w http.ResponseWriter, r *http.Request) error { return fn(w, frames(r, title)) }
}

func (p *Pages) registerKinds(rt *access.Router, frames staff.Frames) {
	p.projectPages().Register(rt, frames)
	p.evidencePages().Register(rt, frames)
	p.moneyPages().Register(rt, frames)
	p.problemPages().Register(rt, frames)
	p.workPages().Register(rt, frames)
	p.sectionPages().Register(rt, frames)
	p.visitPages().Register(rt, frames)
	p.partnerPages().Register(rt, frames)
	p.followPages().Register(rt, frames)
}

// say is a text of the pack in the language of the page.
func say(f *staff.Frame, t pack.Text) string {
	if f.Lang == words.EN {
		return t.EN
	}
	return t.ZH
}

func named(f *staff.Frame, list []pack.Named, empty bool) (out []ui.Choice) {
	if empty {
		out = append(out, ui.Choice{})
	}
	for _, x := range list {
		out = append(out, ui.Choice{Value: x.ID, Label: say(f, x.Text)})
	}
	return out
}

// choices are the members that the pack names, for every form of these pages.
func (p *Pages) choices(f *staff.Frame, field string) ([]ui.Choice, bool) {
	switch field {
	case "sector":
		return named(f, p.s.Rules().Sectors, false), true
	case "kind":
		return named(f, p.s.Rules().Evidence, false), true
	case "class":
		return named(f, p.met.Rules().Classes, false), true
	case "topic":
		return named(f, p.met.Rules().Topics, false), true
	case "town":
		var out []ui.Choice
		for _, u := range f.Handling() {
			if strings.HasPrefix(u.Value, f.Site.Pack.District) {
				out = append(out, u)
			}
		}
		return out, true
	case "leader":
		var out []ui.Choice
		for _, x := range f.Site.Pack.Directory.Posts("leaders") {
			out = append(out, ui.Choice{Value: x.ID, Label: p.post(f, x.ID)})
		}
		return out, len(out) > 0
	}
	return nil, false
}

// post is what a post is called.
func (p *Pages) post(f *staff.Frame, id string) string {
	x, ok := f.Site.Pack.Directory.Post(id)
	switch {
	case !ok:
		return id
	case f.Lang == words.EN && x.English != "":
		return x.English
	}
	return x.Title
}

func text(label string, get func(f *staff.Frame, x *projects.Project) string) staff.Column[*projects.Project] {
	return staff.Column[*projects.Project]{Label: label, Text: get}
}

// beside narrows a list to what lies beside one record: ?of=.
func beside(f *staff.Frame) record.Filter { return record.Filter{Parent: f.R.URL.Query().Get("of")} }

func (p *Pages) projectPages() *staff.Pages[projects.Project, *projects.Project] {
	return &staff.Pages[projects.Project, *projects.Project]{Book: p.s.Books.Project, Path: listPath, Title: "projects.list", Lead: "projects.list.lead", Roles: readers, Load: "enter", Main: []string{"propose", "confirm"}, Danger: []string{"decline"},
		Back: func(f *staff.Frame) (string, string) { return boardPath, f.T("projects.board") },
		Filter: func(f *staff.Frame) record.Filter {
			q := f.R.URL.Query()
			return record.Filter{Unit: q.Get("unit"), Tag: q.Get("sector")}
		},
		HeadButtons: func(f *staff.Frame) []ui.Button {
			return []ui.Button{{Label: f.T("projects.figures"), Href: figuresPath}}
		},
		Columns: []staff.Column[*projects.Project]{
			text("projects.name", func(_ *staff.Frame, x *projects.Project) string { return x.Name }),
			text("projects.investor", func(_ *staff.Frame, x *projects.Project) string { return x.Investor }),
			text("projects.sector", func(f *staff.Frame, x *projects.Project) string {
				return say(f, pack.NameOf(p.s.Rules().Sectors, x.Sector))
			}),
			{Label: "projects.investment", Right: true, Text: func(f *staff.Frame, x *projects.Project) string { return f.Money(x.Investment) }, Value: func(x *projects.Project) any { return float64(x.Investment) / 100 }},
			text("projects.unit", func(f *staff.Frame, x *projects.Project) string { return f.Unit(x.Unit) }),
			text("projects.signed_on", func(f *staff.Frame, x *projects.Project) string { return f.Day(x.Reached[projects.Signed]) }),
			text("projects.light", func(f *staff.Frame, x *projects.Project) string {
				return p.lightWord(f, x.Light(f.Now, p.s.Rules().Warn))
			}),
		},
		Facts: p.facts, Said: []string{"why"}, More: p.more,
		Choices: func(f *staff.Frame, _ *projects.Project, _, field string) ([]ui.Choice, bool) {
			return p.choices(f, field)
		},
		Prefill: func(f *staff.Frame, x *projects.Project, action string) form.Raw {
			if action != "correct" {
				return nil
			}
			return factsOf(x)
		},
		Buttons: func(f *staff.Frame, v *record.View[*projects.Project]) []ui.Button {
			if v.X.State == projects.Ended || !f.Is(staff.Roles(&projects.EvidenceTable, "file")...) {
				return nil
			}
			of := "?project=" + v.Head.ID
			out := []ui.Button{{Label: f.T("action.project_evidence.file"), Href: evidencePath + "/new/file" + of}}
			if v.X.Reached[projects.Signed] != "" {
				out = append(out, ui.Button{Label: f.T("action.project_money.report"), Href: moneyPath + "/new/report" + of})
			}
			return append(out, ui.Button{Label: f.T("action.project_problem.raise"), Href: problemPath + "/new/raise" + of})
		},
	}
}

// factsOf are the answers of a project's form as they are now.
func factsOf(x *projects.Project) form.Raw {
	raw := form.Raw{}
	set := func(name, v string) {
		if v != "" && v != "0" {
			raw[name] = []string{v}
		}
	}
	set("name", x.Name)
	set("investor", x.Investor)
	set("firm", x.Firm)
	set("home", x.Home)
	set("sector", x.Sector)
	set("investment", form.FormatMoney(x.Investment))
	set("fixed", form.FormatMoney(x.Fixed))
	set("land", decimal(x.Land, 2))
	set("jobs", decimal(x.Jobs, 0))
	set("energy", decimal(x.Energy, 0))
	set("town", x.Town)
	set("site", x.Site)
	set("lon", decimal(x.Lon, 6))
	set("lat", decimal(x.Lat, 6))
	set("unit", x.Unit)
	set("agent", x.Agent)
	set("leader", x.Leader)
	return raw
}

func (p *Pages) evidencePages() *staff.Pages[projects.Evidence, *projects.Evidence] {
	type row = *projects.Evidence
	return &staff.Pages[projects.Evidence, row]{Book: p.s.Books.Evidence, Path: evidencePath, Title: "projects.evidence", Roles: readers, Photos: []string{"file"}, Papers: []string{"file"}, Danger: []string{"strike"}, Said: []string{"shows"}, Filter: beside,
		Name: func(f *staff.Frame, x row) string {
			return say(f, pack.NameOf(p.s.Rules().Evidence, x.Kind)) + " " + x.Number
		},
		Back: func(f *staff.Frame) (string, string) { return listPath, f.T("projects.list") },
		Columns: []staff.Column[row]{
			{Label: "projects.evidence", Text: func(f *staff.Frame, x row) string {
				return say(f, pack.NameOf(p.s.Rules().Evidence, x.Kind)) + " " + x.Number
			}},
			{Label: "projects.proves", Text: func(f *staff.Frame, x row) string { return f.T("state.project." + x.Proves) }},
			{Label: "projects.dated", Text: func(f *staff.Frame, x row) string { return f.Day(x.Dated) }},
			{Label: "projects.number", Text: func(_ *staff.Frame, x row) string { return x.Project }},
		},
		Facts: func(f *staff.Frame, v *record.View[row]) ([]ui.Pair, error) {
			return []ui.Pair{link(f.T("projects.number"), listPath+"/r/"+v.X.Project, v.X.Project), pair(f.T("projects.proves"), f.T("state.project."+v.X.Proves)), pair(f.T("projects.dated"), f.Day(v.X.Dated))}, nil
		},
		Choices: func(f *staff.Frame, _ row, _, field string) ([]ui.Choice, bool) { return p.choices(f, field) },
	}
}

func (p *Pages) moneyPages() *staff.Pages[projects.Money, *projects.Money] {
	type row = *projects.Money
	return &staff.Pages[projects.Money, row]{Book: p.s.Books.Money, Path: moneyPath, Title: "projects.money", Roles: readers, Papers: []string{"report"}, Load: "report", Main: []string{"confirm"}, Danger: []string{"reject"}, Filter: beside,
		Back: func(f *staff.Frame) (string, string) { return listPath, f.T("projects.list") },
		Columns: []staff.Column[row]{
			{Label: "projects.slip", Text: func(_ *staff.Frame, x row) string { return x.Slip }},
			{Label: "projects.measure", Text: func(f *staff.Frame, x row) string { return f.T("form.money_report.measure." + x.Measure) }},
			{Label: "projects.origin", Text: func(f *staff.Frame, x row) string { return origin(f, x.Origin) }},
			{Label: "projects.booked", Text: func(f *staff.Frame, x row) string { return f.Day(x.Booked) }},
			{Label: "projects.amount", Right: true, Text: func(f *staff.Frame, x row) string { return f.Money(x.Amount) }, Value: func(x row) any { return float64(x.Amount) / 100 }},
			{Label: "projects.number", Text: func(_ *staff.Frame, x row) string { return x.Project }},
		},
		Facts: func(f *staff.Frame, v *record.View[row]) ([]ui.Pair, error) {
			x := v.X
			return []ui.Pair{link(f.T("projects.number"), listPath+"/r/"+x.Project, x.Project), pair(f.T("projects.measure"), f.T("form.money_report.measure."+x.Measure)), pair(f.T("projects.origin"), origin(f, x.Origin)),
				pair(f.T("projects.booked"), f.Day(x.Booked)), pair(f.T("projects.amount"), f.Money(x.Amount)), pair(f.T("projects.reporter"), f.Name(x.By)), pair(f.T("projects.reviewer"), f.Name(x.Seen))}, nil
		},
	}
}

func (p *Pages) problemPages() *staff.Pages[projects.Problem, *projects.Problem] {
	type row = *projects.Problem
	return &staff.Pages[projects.Problem, row]{Book: p.s.Books.Problem, Path: problemPath, Title: "projects.problems", Roles: readers, Main: []string{"solve"}, Danger: []string{"drop"}, Said: []string{"trouble", "outcome"}, Filter: beside,
		Back: func(f *staff.Frame) (string, string) { return listPath, f.T("projects.list") },
		Columns: []staff.Column[row]{
			{Label: "projects.name", Text: func(_ *staff.Frame, x row) string { return x.Name }},
			{Label: "projects.about", Text: func(f *staff.Frame, x row) string { return f.T("form.problem_raise.about." + x.About) }},
			{Label: "projects.owner", Text: func(f *staff.Frame, x row) string { return f.Unit(x.Owner) }},
		},
		Facts: func(f *staff.Frame, v *record.View[row]) ([]ui.Pair, error) {
			return []ui.Pair{link(f.T("projects.number"), listPath+"/r/"+v.X.Project, v.X.Name), pair(f.T("projects.about"), f.T("form.problem_raise.about."+v.X.About)), pair(f.T("projects.owner"), f.Unit(v.X.Owner))}, nil
		},
	}
}

func (p *Pages) workPages() *staff.Pages[projects.Work, *projects.Work] {
	type row = *projects.Work
	return &staff.Pages[projects.Work, row]{Book: p.s.Books.Work, Path: worksPath, Title: "projects.works", Lead: "projects.works.lead", Roles: readers, Load: "plan", Danger: []string{"stop"},
		HeadButtons: func(f *staff.Frame) []ui.Button { return []ui.Button{{Label: f.T("projects.built"), Href: builtPath}} },
		Columns: []staff.Column[row]{
			{Label: "projects.name", Text: func(_ *staff.Frame, x row) string { return x.Name }},
			{Label: "projects.unit", Text: func(f *staff.Frame, x row) string { return f.Unit(x.Unit) }},
			{Label: "projects.budget", Right: true, Text: func(f *staff.Frame, x row) string { return f.Money(x.Budget) }, Value: func(x row) any { return float64(x.Budget) / 100 }},
			{Label: "projects.paid", Right: true, Text: func(f *staff.Frame, x row) string { return f.Money(x.Paid) }, Value: func(x row) any { return float64(x.Paid) / 100 }},
		},
		Facts: func(f *staff.Frame, v *record.View[row]) ([]ui.Pair, error) {
			return []ui.Pair{pair(f.T("projects.unit"), f.Unit(v.X.Unit)), pair(f.T("projects.budget"), f.Money(v.X.Budget)), pair(f.T("projects.paid"), f.Money(v.X.Paid)), madeUp(f, v.X.MadeUp), pair(f.T("projects.source"), v.X.Source)}, nil
		},
		More: p.sectionsOf,
		Buttons: func(f *staff.Frame, v *record.View[row]) []ui.Button {
			if st := v.X.State; st != "planned" && st != "building" || !f.Is(staff.Roles(&projects.SectionTable, "add")...) {
				return nil
			}
			return []ui.Button{{Label: f.T("action.work_section.add"), Href: sectionPath + "/new/add?work=" + v.Head.ID}}
		},
	}
}

func (p *Pages) sectionPages() *staff.Pages[projects.Section, *projects.Section] {
	type row = *projects.Section
	return &staff.Pages[projects.Section, row]{Book: p.s.Books.Section, Path: sectionPath, Title: "projects.sections", Roles: readers, Load: "add", Photos: []string{"add", "finish", "accept"}, Main: []string{"finish", "accept"}, Danger: []string{"redo", "drop"},
		Back: func(f *staff.Frame) (string, string) { return builtPath, f.T("projects.built") },
		Filter: func(f *staff.Frame) record.Filter {
			q := f.R.URL.Query()
			return record.Filter{Parent: q.Get("of"), Tag: q.Get("kind")}
		},
		Columns: []staff.Column[row]{
			{Label: "projects.name", Text: func(_ *staff.Frame, x row) string { return x.Name }},
			{Label: "projects.kind", Text: func(f *staff.Frame, x row) string { return p.kindName(f, x.Kind) }},
			{Label: "projects.quantity", Right: true, Text: func(f *staff.Frame, x row) string { return p.quantity(f, x.Kind, x.Quantity()) }, Value: func(x row) any { return p.inMeasure(x.Kind, x.Quantity()) }},
			{Label: "projects.town", Text: func(f *staff.Frame, x row) string { return f.Unit(x.Town) }},
			{Label: "projects.done", Text: func(f *staff.Frame, x row) string { return f.Day(x.Done) }},
		},
		Facts: func(f *staff.Frame, v *record.View[row]) ([]ui.Pair, error) {
			x := v.X
			return []ui.Pair{link(f.T("projects.works"), worksPath+"/r/"+x.Work, x.Work), pair(f.T("projects.kind"), p.kindName(f, x.Kind)), pair(f.T("projects.planned"), p.quantity(f, x.Kind, x.Planned)), pair(f.T("projects.measured"), p.quantity(f, x.Kind, x.Measured)),
				pair(f.T("projects.town"), f.Unit(x.Town)), pair(f.T("projects.began"), f.Day(x.Began)), pair(f.T("projects.done"), f.Day(x.Done)), madeUp(f, x.MadeUp)}, nil
		},
		Choices: func(f *staff.Frame, _ row, _, field string) ([]ui.Choice, bool) {
			if field != "kind" {
				return p.choices(f, field)
			}
			var out []ui.Choice
			for _, k := range p.s.WorkRules().Kinds {
				out = append(out, ui.Choice{Value: k.ID, Label: say(f, k.Text) + " (" + f.T("projects.measure."+k.Measure) + ")"})
			}
			return out, true
		},
	}
}

func (p *Pages) visitPages() *staff.Pages[outreach.Visit, *outreach.Visit] {
	type row = *outreach.Visit
	return &staff.Pages[outreach.Visit, row]{Book: p.met.Books.Visit, Path: visitPath, Title: "projects.outreach", Lead: "projects.outreach.lead", Roles: readers, Load: "note", Danger: []string{"void"}, Main: []string{"lead"}, Said: []string{"talked"}, Filter: func(f *staff.Frame) record.Filter {
		q := f.R.URL.Query()
		return record.Filter{Parent: q.Get("of"), Tag: q.Get("direction")}
	},
		HeadButtons: func(f *staff.Frame) []ui.Button {
			return []ui.Button{{Label: f.T("projects.met"), Href: metPath}, {Label: f.T("projects.follow"), Href: followPath}}
		},
		Columns: []staff.Column[row]{
			{Label: "projects.partner", Text: func(_ *staff.Frame, x row) string { return x.Name }},
			{Label: "projects.class", Text: func(f *staff.Frame, x row) string { return say(f, pack.NameOf(p.met.Rules().Classes, x.Class)) }},
			{Label: "projects.direction", Text: func(f *staff.Frame, x row) string { return f.T("form.outreach_note.direction." + x.Direction) }},
			{Label: "projects.held", Text: func(f *staff.Frame, x row) string { return f.Day(x.On) }},
			{Label: "projects.place", Text: func(_ *staff.Frame, x row) string { return x.Place }},
			{Label: "projects.topic", Text: func(f *staff.Frame, x row) string { return say(f, pack.NameOf(p.met.Rules().Topics, x.Topic)) }},
		},
		Facts: func(f *staff.Frame, v *record.View[row]) ([]ui.Pair, error) {
			x := v.X
			var ours []string
			for _, u := range x.Ours {
				ours = append(ours, f.Unit(u))
			}
			out := []ui.Pair{link(f.T("projects.partner"), partnerPath+"/r/"+x.Partner, x.Name), pair(f.T("projects.direction"), f.T("form.outreach_note.direction."+x.Direction)), pair(f.T("projects.held"), f.Day(x.On)), pair(f.T("projects.place"), x.Place),
				pair(f.T("projects.ours"), strings.Join(ours, "、")), pair(f.T("projects.topic"), say(f, pack.NameOf(p.met.Rules().Topics, x.Topic))), madeUp(f, x.MadeUp)}
			if x.Person != "" {
				out = append(out, pair(f.T("projects.person"), f.T("projects.sealed")))
			}
			if x.Project != "" {
				out = append(out, link(f.T("projects.led"), listPath+"/r/"+x.Project, x.Project))
			}
			return out, nil
		},
		Buttons: func(f *staff.Frame, v *record.View[row]) []ui.Button {
			if v.X.State == "void" || !f.Is(staff.Roles(&outreach.FollowTable, "agree")...) {
				return nil
			}
			return []ui.Button{{Label: f.T("action.outreach_follow.agree"), Href: followPath + "/new/agree?visit=" + v.Head.ID}}
		},
		Choices: func(f *staff.Frame, _ row, _, field string) ([]ui.Choice, bool) { return p.choices(f, field) },
	}
}

func (p *Pages) partnerPages() *staff.Pages[outreach.Partner, *outreach.Partner] {
	type row = *outreach.Partner
	return &staff.Pages[outreach.Partner, row]{Book: p.met.Books.Partner, Path: partnerPath, Title: "projects.partners", Roles: readers,
		Back: func(f *staff.Frame) (string, string) { return metPath, f.T("projects.met") },
		Columns: []staff.Column[row]{
			{Label: "projects.partner", Text: func(_ *staff.Frame, x row) string { return x.Name }},
			{Label: "projects.class", Text: func(f *staff.Frame, x row) string { return say(f, pack.NameOf(p.met.Rules().Classes, x.Class)) }},
			{Label: "projects.code", Text: func(_ *staff.Frame, x row) string { return x.Code }},
		},
		Facts: func(f *staff.Frame, v *record.View[row]) ([]ui.Pair, error) {
			return []ui.Pair{pair(f.T("projects.class"), say(f, pack.NameOf(p.met.Rules().Classes, v.X.Class))), pair(f.T("projects.code"), v.X.Code), link(f.T("projects.outreach"), visitPath+"?of="+v.Head.ID, f.T("projects.open")), madeUp(f, v.X.MadeUp)}, nil
		},
		Choices: func(f *staff.Frame, _ row, _, field string) ([]ui.Choice, bool) { return p.choices(f, field) },
	}
}

func (p *Pages) followPages() *staff.Pages[outreach.Follow, *outreach.Follow] {
	type row = *outreach.Follow
	return &staff.Pages[outreach.Follow, row]{Book: p.met.Books.Follow, Path: followPath, Title: "projects.follow", Roles: readers, Main: []string{"finish"}, Danger: []string{"drop"}, Said: []string{"task", "outcome"}, Filter: beside,
		Back: func(f *staff.Frame) (string, string) { return visitPath, f.T("projects.outreach") },
		Columns: []staff.Column[row]{
			{Label: "projects.partner", Text: func(_ *staff.Frame, x row) string { return x.Name }},
			{Label: "projects.owner", Text: func(f *staff.Frame, x row) string { return f.Unit(x.Owner) }},
		},
		Facts: func(f *staff.Frame, v *record.View[row]) ([]ui.Pair, error) {
			return []ui.Pair{link(f.T("projects.outreach"), visitPath+"/r/"+v.X.Visit, v.X.Name), pair(f.T("projects.owner"), f.Unit(v.X.Owner))}, nil
		},
	}
}
