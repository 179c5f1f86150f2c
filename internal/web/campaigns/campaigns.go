// Package campaigns is the pages of campaigns: their list, each with its battle sheet, targets, meetings, tasks, points and
// pairings.
//
//	campaigns.go  the pages of every kind, on web/staff
//	sheet.go      the battle sheet of a week, on screen and as XLSX
package campaigns

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/projects/campaigns"
	"weixiao/internal/record"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

const path = "/desk/campaigns"

// Pages are those of one district.
type Pages struct {
	c     *campaigns.Campaigns
	frame staff.Frames
}

// Register adds the routes and returns the way in.
func Register(rt *access.Router, c *campaigns.Campaigns, frame staff.Frames) staff.Entry {
	p := &Pages{c, frame}
	readers := campaigns.Roles()
	p.campaign().Register(rt, frame)
	p.target().Register(rt, frame)
	p.meeting().Register(rt, frame)
	p.task().Register(rt, frame)
	p.point().Register(rt, frame)
	p.pair().Register(rt, frame)
	rule := access.Rule{Roles: readers}
	rt.Handle("GET "+path+"/r/{id}/sheet", rule, p.sheetPage)
	rt.Handle("GET "+path+"/r/{id}/sheet.xlsx", rule, p.sheetFile)
	return staff.Entry{Roles: readers, Label: "campaigns.title", Icon: "flag", Path: path}
}

// in narrows a list to the campaign of the address.
func in(f *staff.Frame) record.Filter {
	q := f.R.URL.Query()
	return record.Filter{Parent: q.Get("campaign"), Unit: q.Get("unit"), Of: q.Get("meeting")}
}

// back leads from a list to its campaign.
func back(f *staff.Frame) (href, label string) {
	if id := f.R.URL.Query().Get("campaign"); id != "" {
		return path + "/r/" + id, f.T("campaigns.one")
	}
	return path, f.T("campaigns.title")
}

func text(s string, en string, lang words.Lang) string {
	if lang == words.EN {
		return en
	}
	return s
}

func (p *Pages) indicator(f *staff.Frame, id string) string {
	x := p.c.Rules().Indicator(id)
	return text(x.ZH, x.EN, f.Lang) + f.T("campaigns.unit", text(x.Unit, x.UnitEN, f.Lang))
}

func (p *Pages) theme(f *staff.Frame, id string) string {
	for _, x := range p.c.Rules().Themes {
		if x.ID == id {
			return text(x.ZH, x.EN, f.Lang)
		}
	}
	return id
}

// amount shows hundredths of an indicator's unit.
func amount(n int64) string { return words.Decimal(n, 2) }

// choices are the names of members that all kinds share.
func (p *Pages) choices(f *staff.Frame, field string) ([]ui.Choice, bool) {
	var out []ui.Choice
	switch field {
	case "unit", "units", "office", "came":
		return f.Handling(), true
	case "community":
		return f.Units(p.c.Rules().Communities), true
	case "theme":
		for _, x := range p.c.Rules().Themes {
			out = append(out, ui.Choice{Value: x.ID, Label: p.theme(f, x.ID)})
		}
		return out, true
	case "indicator":
		for _, x := range p.c.Rules().Indicators {
			out = append(out, ui.Choice{Value: x.ID, Label: p.indicator(f, x.ID)})
		}
		return out, true
	case "campaign":
		for _, state := range []string{campaigns.Running, campaigns.Planned} {
			list, _, err := p.c.Campaign.List(f.R.Context(), f.Scope, record.Filter{State: state})
			if err != nil {
				return nil, false
			}
			for _, x := range list {
				out = append(out, ui.Choice{Value: x.ID, Label: x.Name})
			}
		}
		return out, true
	}
	return nil, false
}

var looks = map[string]string{"unit": "select", "office": "select", "campaign": "select", "indicator": "select", "community": "select"}

func (p *Pages) span(f *staff.Frame, x *campaigns.Campaign) string {
	return f.Day(x.From) + f.T("campaigns.to") + f.Day(x.Until)
}

func (p *Pages) campaign() *staff.Pages[campaigns.Campaign, *campaigns.Campaign] {
	type K = *campaigns.Campaign
	return &staff.Pages[campaigns.Campaign, K]{Book: p.c.Campaign, Path: path, Title: "campaigns.title", Lead: "campaigns.lead", None: "campaigns.none", Roles: campaigns.Roles(), Looks: looks,
		Said: []string{"purpose", "summary", "lessons"}, Main: []string{"begin", "close", "review"}, Danger: []string{"drop"},
		Columns: []staff.Column[K]{
			{Label: "campaigns.name", Text: func(_ *staff.Frame, x K) string { return x.Name }},
			{Label: "campaigns.theme", Text: func(f *staff.Frame, x K) string { return p.theme(f, x.Theme) }},
			{Label: "campaigns.window", Text: p.span},
			{Label: "campaigns.office", Text: func(f *staff.Frame, x K) string { return f.Unit(x.Office) }},
		},
		Facts: func(f *staff.Frame, v *record.View[K]) ([]ui.Pair, error) {
			return []ui.Pair{{Label: f.T("campaigns.theme"), Value: ui.Text(p.theme(f, v.X.Theme))}, {Label: f.T("campaigns.window"), Value: ui.Text(p.span(f, v.X))}, {Label: f.T("campaigns.office"), Value: ui.Text(f.Unit(v.X.Office))}}, nil
		},
		Choices: func(f *staff.Frame, _ K, _, field string) ([]ui.Choice, bool) { return p.choices(f, field) },
		More: func(f *staff.Frame, v *record.View[K]) (templ.Component, error) {
			s, err := p.sheetView(f, v.Head.ID, "")
			if err != nil {
				return nil, err
			}
			return campaignMore(f, v.Head.ID, s, p.ways(f, v.Head.ID)), nil
		},
	}
}

// ways lead from a campaign to what belongs to it, with how many there are.
func (p *Pages) ways(f *staff.Frame, id string) (out []ui.Nav) {
	for _, x := range []struct {
		part  string
		count func() int
	}{
		{"targets", func() int { return count(p.c.Target, f, id) }}, {"meetings", func() int { return count(p.c.Meeting, f, id) }}, {"tasks", func() int { return count(p.c.Task, f, id) }},
		{"points", func() int { return count(p.c.Point, f, id) }}, {"pairs", func() int { return count(p.c.Pair, f, id) }},
	} {
		out = append(out, ui.Nav{Label: f.T("campaigns."+x.part) + " " + strconv.Itoa(x.count()), Href: path + "/" + x.part + "?campaign=" + id})
	}
	return out
}

// count is how many records a campaign has of a kind, at most 500.
func count[T any, P record.Content[T]](b *record.Book[T, P], f *staff.Frame, id string) int {
	list, _, err := b.List(f.R.Context(), f.Scope, record.Filter{Parent: id, Limit: 500})
	if err != nil {
		return 0
	}
	return len(list)
}

func (p *Pages) target() *staff.Pages[campaigns.Target, *campaigns.Target] {
	type K = *campaigns.Target
	return &staff.Pages[campaigns.Target, K]{Book: p.c.Target, Path: path + "/targets", Title: "campaigns.targets", Roles: campaigns.Roles(), Filter: in, Back: back, Looks: looks, Load: "set", Papers: []string{"report"},
		Main: []string{"report", "confirm"}, Danger: []string{"drop"},
		Columns: []staff.Column[K]{
			{Label: "campaigns.indicator", Text: func(f *staff.Frame, x K) string { return p.indicator(f, x.Indicator) }},
			{Label: "campaigns.who", Text: func(f *staff.Frame, x K) string { return f.Unit(x.Unit) }},
			{Label: "campaigns.goal", Right: true, Text: func(_ *staff.Frame, x K) string { return amount(x.Goal) }, Value: func(x K) any { return float64(x.Goal) / 100 }},
			{Label: "campaigns.total", Right: true, Text: func(_ *staff.Frame, x K) string { return amount(x.Done("")) }, Value: func(x K) any { return float64(x.Done("")) / 100 }},
		},
		Name: func(f *staff.Frame, x K) string {
			return f.Unit(x.Unit) + f.T("word.separator") + p.indicator(f, x.Indicator)
		},
		Facts: func(f *staff.Frame, v *record.View[K]) ([]ui.Pair, error) {
			out := []ui.Pair{{Label: f.T("campaigns.one"), Value: staff.Link(path+"/r/"+v.X.Campaign, v.X.Campaign)}, {Label: f.T("campaigns.goal"), Value: ui.Text(amount(v.X.Goal))}, {Label: f.T("campaigns.total"), Value: ui.Text(amount(v.X.Done("")))}}
			if n := len(v.X.Goals); n > 1 {
				out = append(out, ui.Pair{Label: f.T("campaigns.goal.before"), Value: ui.Text(amount(v.X.Goals[n-2].Goal))})
			}
			return out, nil
		},
		More: func(f *staff.Frame, v *record.View[K]) (templ.Component, error) {
			var rows []weekRow
			for _, w := range slices.Backward(v.X.Weeks) {
				r := weekRow{Monday: f.Day(w.Monday), Amount: amount(w.Amount), Reporter: f.Name(w.Reporter), Checker: f.T("campaigns.week.open")}
				if w.Checker != "" {
					r.Checker = f.Name(w.Checker)
				}
				rows = append(rows, r)
			}
			return weeks(f, rows), nil
		},
		Choices: func(f *staff.Frame, x K, _, field string) ([]ui.Choice, bool) {
			if field != "week" {
				return p.choices(f, field)
			}
			var out []ui.Choice
			for _, w := range x.Weeks {
				if w.Checker == "" {
					out = append(out, ui.Choice{Value: w.Monday, Label: f.T("campaigns.week.of", f.Day(w.Monday), amount(w.Amount))})
				}
			}
			return out, len(out) > 0
		},
	}
}

func (p *Pages) meeting() *staff.Pages[campaigns.Meeting, *campaigns.Meeting] {
	type K = *campaigns.Meeting
	units := func(f *staff.Frame, ids []string) string {
		var out []string
		for _, id := range ids {
			out = append(out, f.Unit(id))
		}
		return strings.Join(out, f.T("word.list.comma"))
	}
	return &staff.Pages[campaigns.Meeting, K]{Book: p.c.Meeting, Path: path + "/meetings", Title: "campaigns.meetings", Roles: campaigns.Roles(), Filter: in, Back: back, Looks: looks, Said: []string{"agenda", "minutes"},
		Main: []string{"hold", "decide"}, Danger: []string{"cancel"},
		Columns: []staff.Column[K]{
			{Label: "campaigns.held", Text: func(_ *staff.Frame, x K) string {
				return strings.ReplaceAll(strings.TrimSuffix(x.Held, ":00+08:00"), "T", " ")
			}},
			{Label: "campaigns.place", Text: func(_ *staff.Frame, x K) string { return x.Place }},
			{Label: "campaigns.called", Text: func(f *staff.Frame, x K) string { return units(f, x.Units) }},
			{Label: "campaigns.tasks", Right: true, Text: func(_ *staff.Frame, x K) string { return strconv.FormatInt(x.Tasks, 10) }, Value: func(x K) any { return x.Tasks }},
		},
		Facts: func(f *staff.Frame, v *record.View[K]) ([]ui.Pair, error) {
			out := []ui.Pair{{Label: f.T("campaigns.one"), Value: staff.Link(path+"/r/"+v.X.Campaign, v.X.Campaign)}, {Label: f.T("campaigns.called"), Value: ui.Text(units(f, v.X.Units))}}
			if len(v.X.Came) > 0 {
				out = append(out, ui.Pair{Label: f.T("campaigns.came"), Value: ui.Text(units(f, v.X.Came))})
			}
			return append(out, ui.Pair{Label: f.T("campaigns.tasks"), Value: staff.Link(path+"/tasks?meeting="+v.Head.ID, strconv.FormatInt(v.X.Tasks, 10))}), nil
		},
		Choices: func(f *staff.Frame, x K, _, field string) ([]ui.Choice, bool) {
			if field == "came" {
				return f.Units(x.Units), true
			}
			return p.choices(f, field)
		},
	}
}

func (p *Pages) task() *staff.Pages[campaigns.Task, *campaigns.Task] {
	type K = *campaigns.Task
	return &staff.Pages[campaigns.Task, K]{Book: p.c.Task, Path: path + "/tasks", Title: "campaigns.tasks", Roles: campaigns.Roles(), Filter: in, Back: back, Looks: looks, Said: []string{"what", "done_words"}, Photos: []string{"finish"},
		Main: []string{"finish", "accept"}, Danger: []string{"drop"}, Load: "give",
		Columns: []staff.Column[K]{
			{Label: "campaigns.task", Text: func(_ *staff.Frame, x K) string { return x.Name }},
			{Label: "campaigns.who", Text: func(f *staff.Frame, x K) string { return f.Unit(x.Unit) }},
			{Label: "campaigns.until", Text: func(f *staff.Frame, x K) string { return f.Day(x.Until) }},
		},
		Facts: func(f *staff.Frame, v *record.View[K]) ([]ui.Pair, error) {
			out := []ui.Pair{{Label: f.T("campaigns.one"), Value: staff.Link(path+"/r/"+v.X.Campaign, v.X.Campaign)}, {Label: f.T("campaigns.who"), Value: ui.Text(f.Unit(v.X.Unit))}, {Label: f.T("campaigns.until"), Value: ui.Text(f.Day(v.X.Until))}}
			if v.X.Meeting != "" {
				out = append(out, ui.Pair{Label: f.T("campaigns.meeting"), Value: staff.Link(path+"/meetings/r/"+v.X.Meeting, v.X.Meeting)})
			}
			return out, nil
		},
		Choices: func(f *staff.Frame, _ K, _, field string) ([]ui.Choice, bool) { return p.choices(f, field) },
	}
}

func (p *Pages) point() *staff.Pages[campaigns.Point, *campaigns.Point] {
	type K = *campaigns.Point
	return &staff.Pages[campaigns.Point, K]{Book: p.c.Point, Path: path + "/points", Title: "campaigns.points", Roles: campaigns.Roles(), Filter: in, Back: back, Looks: looks, Said: []string{"standard", "evidence"}, Photos: []string{"show"},
		Main: []string{"show", "pass"}, Danger: []string{"drop", "fail"}, Load: "set",
		Columns: []staff.Column[K]{
			{Label: "campaigns.point", Text: func(_ *staff.Frame, x K) string { return x.Name }},
			{Label: "campaigns.who", Text: func(f *staff.Frame, x K) string { return f.Unit(x.Unit) }},
			{Label: "campaigns.again", Right: true, Text: func(_ *staff.Frame, x K) string { return strconv.FormatInt(x.Again, 10) }, Value: func(x K) any { return x.Again }},
		},
		Facts: func(f *staff.Frame, v *record.View[K]) ([]ui.Pair, error) {
			return []ui.Pair{{Label: f.T("campaigns.one"), Value: staff.Link(path+"/r/"+v.X.Campaign, v.X.Campaign)}, {Label: f.T("campaigns.who"), Value: ui.Text(f.Unit(v.X.Unit))}}, nil
		},
		Choices: func(f *staff.Frame, _ K, _, field string) ([]ui.Choice, bool) { return p.choices(f, field) },
	}
}

func (p *Pages) pair() *staff.Pages[campaigns.Pair, *campaigns.Pair] {
	type K = *campaigns.Pair
	return &staff.Pages[campaigns.Pair, K]{Book: p.c.Pair, Path: path + "/pairs", Title: "campaigns.pairs", Roles: campaigns.Roles(), Filter: in, Back: back, Looks: looks, Danger: []string{"end"}, Load: "pair",
		Columns: []staff.Column[K]{
			{Label: "campaigns.who", Text: func(f *staff.Frame, x K) string { return f.Unit(x.Unit) }},
			{Label: "campaigns.community", Text: func(f *staff.Frame, x K) string { return f.Unit(x.Community) }},
			{Label: "campaigns.helped", Right: true, Text: func(_ *staff.Frame, x K) string { return strconv.FormatInt(x.Helped, 10) }, Value: func(x K) any { return x.Helped }},
		},
		Facts: func(f *staff.Frame, v *record.View[K]) ([]ui.Pair, error) {
			return []ui.Pair{{Label: f.T("campaigns.one"), Value: staff.Link(path+"/r/"+v.X.Campaign, v.X.Campaign)}, {Label: f.T("campaigns.helped"), Value: ui.Text(strconv.FormatInt(v.X.Helped, 10))}}, nil
		},
		Name:    func(f *staff.Frame, x K) string { return f.Unit(x.Unit) + f.T("word.separator") + f.Unit(x.Community) },
		Choices: func(f *staff.Frame, _ K, _, field string) ([]ui.Choice, bool) { return p.choices(f, field) },
	}
}
