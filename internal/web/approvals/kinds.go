package approvals

import (
	"slices"
	"strconv"

	"weixiao/internal/access"
	"weixiao/internal/projects/agents"
	"weixiao/internal/projects/approvals"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

// kinds are the pages of every kind of record, for staff or for firms.
type kinds struct {
	files      *staff.Pages[approvals.File, *approvals.File]
	items      *staff.Pages[approvals.Item, *approvals.Item]
	promises   *staff.Pages[approvals.Promise, *approvals.Promise]
	priorities *staff.Pages[approvals.Priority, *approvals.Priority]
	agencies   *staff.Pages[agents.Agency, *agents.Agency]
	blockers   *staff.Pages[agents.Blocker, *agents.Blocker]
}

func (k kinds) register(rt *access.Router, frames staff.Frames) {
	k.files.Register(rt, frames)
	k.items.Register(rt, frames)
	k.promises.Register(rt, frames)
	k.agencies.Register(rt, frames)
	k.blockers.Register(rt, frames)
	if k.priorities != nil {
		k.priorities.Register(rt, frames)
	}
}

// kinds makes the pages below two paths for those roles; readers is nil for firms.
func (p *pages) kinds(path, agentPath string, roles, readers []string) (k kinds) {
	firms := readers == nil
	home := func(f *staff.Frame) (string, string) {
		if firms {
			return Business, f.T("approvals.business")
		}
		return Path, f.T("approvals.desk")
	}
	k.files = &staff.Pages[approvals.File, *approvals.File]{Book: p.s.Files, Path: path + "/files", Title: "approvals.files", Back: home, Roles: roles, Makes: making(firms, "apply"),
		Columns: []staff.Column[*approvals.File]{{Label: "approvals.project", Text: func(_ *staff.Frame, x *approvals.File) string { return x.Name }},
			{Label: "approvals.firm", Text: func(f *staff.Frame, x *approvals.File) string { return p.firmName(f, x.Firm) }},
			{Label: "approvals.street", Text: func(f *staff.Frame, x *approvals.File) string { return f.Unit(x.Street) }}},
		Facts: func(f *staff.Frame, v *record.View[*approvals.File]) ([]ui.Pair, error) {
			return p.fileFacts(f, v.X), nil
		},
		More: p.stages, Buttons: p.fileButtons(firms), Choices: p.fileChoices, Papers: []string{"submit", "hand_in", "bring"}, Main: []string{"submit", "hand_in", "plan"}, Danger: []string{"withdraw"},
		Act: func(f *staff.Frame, id, action string, in record.Input) (*approvals.File, error) {
			return p.s.FileAct(f.R.Context(), f.Scope, id, action, in)
		}}
	k.items = &staff.Pages[approvals.Item, *approvals.Item]{Book: p.s.Items, Path: path + "/items", Title: "approvals.items", Back: home, Roles: roles, Makes: []string{},
		Name: func(f *staff.Frame, x *approvals.Item) string { return p.item(f, x.Code) + " · " + x.Name },
		Columns: []staff.Column[*approvals.Item]{{Label: "approvals.item", Text: func(f *staff.Frame, x *approvals.Item) string { return p.item(f, x.Code) }},
			{Label: "approvals.project", Text: func(_ *staff.Frame, x *approvals.Item) string { return x.Name }},
			{Label: "approvals.unit", Text: func(f *staff.Frame, x *approvals.Item) string { return f.Unit(x.Unit) }},
			{Label: "approvals.promised", Right: true, Text: func(_ *staff.Frame, x *approvals.Item) string { return strconv.FormatInt(x.Promised, 10) }, Value: func(x *approvals.Item) any { return x.Promised }}},
		Facts: p.itemFacts, More: p.days, Buttons: p.itemButtons(firms), Choices: p.itemChoices, Said: []string{"what", "why", "outcome"}, Papers: []string{"supply", "decide", "decide_on_promise"},
		Main: []string{"accept", "review", "decide", "deliver", "supply"}, Danger: []string{"withdraw"},
		Act: func(f *staff.Frame, id, action string, in record.Input) (*approvals.Item, error) {
			return p.s.Act(f.R.Context(), f.Scope, id, action, in)
		}}
	k.promises = &staff.Pages[approvals.Promise, *approvals.Promise]{Book: p.s.Promises, Path: path + "/promises", Title: "approvals.promises", Back: home, Roles: roles, Makes: making(firms, "offer"),
		Columns: []staff.Column[*approvals.Promise]{{Label: "approvals.item", Text: func(_ *staff.Frame, x *approvals.Promise) string { return x.Title }},
			{Label: "approvals.promise.kind", Text: func(f *staff.Frame, x *approvals.Promise) string { return f.T("form.promise_offer.kind." + x.Kind) }}},
		Facts: func(f *staff.Frame, v *record.View[*approvals.Promise]) ([]ui.Pair, error) {
			return p.promiseFacts(f, v.X, k), nil
		},
		Said: []string{"promise", "found"}, Choices: p.promiseChoices, Of: "item", Main: []string{"confirm"}, Danger: []string{"refute", "lapse"},
		Open: func(f *staff.Frame, of, _ string, in record.Input) (*approvals.Promise, error) {
			return p.s.Offer(f.R.Context(), f.Scope, of, in)
		}}
	k.agencies = &staff.Pages[agents.Agency, *agents.Agency]{Book: p.g.Agencies, Path: agentPath, Title: "agents.title", Back: home, Roles: roles, Makes: making(firms, "request"),
		Columns: []staff.Column[*agents.Agency]{{Label: "approvals.project", Text: func(_ *staff.Frame, x *agents.Agency) string { return x.Name }},
			{Label: "approvals.firm", Text: func(f *staff.Frame, x *agents.Agency) string { return p.firmName(f, x.Firm) }},
			{Label: "agents.agent", Text: func(f *staff.Frame, x *agents.Agency) string { return p.post(f, x.Agent) }},
			{Label: "agents.saved", Right: true, Text: func(_ *staff.Frame, x *agents.Agency) string { return strconv.FormatInt(x.Saved, 10) }, Value: func(x *agents.Agency) any { return x.Saved }}},
		Facts: func(f *staff.Frame, v *record.View[*agents.Agency]) ([]ui.Pair, error) {
			return p.agencyFacts(f, v.X, k), nil
		},
		More: p.accompanied, Buttons: p.agencyButtons(firms), Choices: p.agencyChoices, Said: []string{"wish", "words"}, Papers: []string{"entrust", "log"}, Main: []string{"entrust", "name", "plan", "log", "rate"}, Danger: []string{"withdraw"}}
	if !firms {
		k.agencies.HeadButtons = func(f *staff.Frame) []ui.Button {
			return []ui.Button{{Label: f.T("agents.figures"), Href: Agents + "/figures"}, {Label: f.T("agents.blockers"), Href: Agents + "/blockers"}}
		}
	}
	k.blockers = &staff.Pages[agents.Blocker, *agents.Blocker]{Book: p.g.Blockers, Path: agentPath + "/blockers", Title: "agents.blockers", Roles: roles, Makes: making(!firms, "raise"), Of: "agency",
		Columns: []staff.Column[*agents.Blocker]{{Label: "approvals.project", Text: func(_ *staff.Frame, x *agents.Blocker) string { return x.Name }},
			{Label: "agents.class", Text: func(f *staff.Frame, x *agents.Blocker) string { return f.T("form.blocker_raise.class." + x.Class) }},
			{Label: "agents.owner", Text: func(f *staff.Frame, x *agents.Blocker) string { return f.Unit(x.Owner) }}},
		Facts: func(f *staff.Frame, v *record.View[*agents.Blocker]) ([]ui.Pair, error) {
			return p.blockerFacts(f, v.X, k), nil
		},
		Said: []string{"issue", "how"}, Main: []string{"clear"},
		Open: func(f *staff.Frame, of, _ string, in record.Input) (*agents.Blocker, error) {
			return p.g.Raise(f.R.Context(), f.Scope, of, in)
		}}
	if !firms {
		k.priorities = &staff.Pages[approvals.Priority, *approvals.Priority]{Book: p.s.Priorities, Path: path + "/priorities", Title: "approvals.priorities", Back: home, Roles: roles, Of: "file",
			Columns: []staff.Column[*approvals.Priority]{{Label: "approvals.project", Text: func(_ *staff.Frame, x *approvals.Priority) string { return x.Name }},
				{Label: "approvals.criterion", Text: func(f *staff.Frame, x *approvals.Priority) string { return p.criterion(f, x.Criterion) }},
				{Label: "approvals.until", Text: func(f *staff.Frame, x *approvals.Priority) string { return f.Day(x.Until) }}},
			Facts: func(f *staff.Frame, v *record.View[*approvals.Priority]) ([]ui.Pair, error) {
				return p.priorityFacts(f, v.X), nil
			},
			Said: []string{"reason", "note"}, Main: []string{"grant"}, Danger: []string{"refuse"},
			Choices: func(f *staff.Frame, _ *approvals.Priority, _, field string) (out []ui.Choice, ok bool) {
				if field != "criterion" {
					return nil, false
				}
				for _, c := range p.pack.Criteria {
					out = append(out, ui.Choice{Value: c.ID, Label: said(f, c.Text), Note: f.T("approvals.criterion.days", c.Days)})
				}
				return out, true
			},
			Open: func(f *staff.Frame, of, _ string, in record.Input) (*approvals.Priority, error) {
				return p.s.Ask(f.R.Context(), f.Scope, of, in)
			},
			Act: func(f *staff.Frame, id, action string, in record.Input) (*approvals.Priority, error) {
				return p.s.PriorityAct(f.R.Context(), f.Scope, id, action, in)
			}}
	}
	return k
}

// making are the actions that make a record on pages where they belong.
func making(here bool, actions ...string) []string {
	if here {
		return actions
	}
	return []string{}
}

func (p *pages) fileChoices(f *staff.Frame, x *approvals.File, action, field string) (out []ui.Choice, ok bool) {
	switch field {
	case "project":
		for _, q := range p.pack.Projects {
			if q.Firm == f.Scope.Firm() {
				out = append(out, ui.Choice{Value: q.ID, Label: q.Title})
			}
		}
	case "items":
		for _, it := range p.pack.Items {
			st, _ := p.pack.Stage(it.Stage)
			out = append(out, ui.Choice{Value: it.ID, Label: said(f, it.Text), Group: said(f, st.Text), Note: f.Unit(it.Unit)})
		}
	case "which_papers":
		out = p.papersOf(f, p.wanted(x, action))
	default:
		return nil, false
	}
	return out, true
}

func (p *pages) itemChoices(f *staff.Frame, x *approvals.Item, _, field string) (out []ui.Choice, ok bool) {
	it, _ := p.pack.Item(x.Code)
	switch field {
	case "which_papers":
		return p.papersOf(f, it.Papers), true
	case "procedure":
		for _, id := range it.Special {
			q, _ := p.pack.Procedure(id)
			out = append(out, ui.Choice{Value: id, Label: said(f, q.Text), Note: q.Basis})
		}
		return out, true
	}
	return nil, false
}

// promiseChoices are the secondary papers of the item that the address names.
func (p *pages) promiseChoices(f *staff.Frame, _ *approvals.Promise, _, field string) (out []ui.Choice, ok bool) {
	if field != "which_papers" {
		return nil, false
	}
	var ids []string
	if err := p.site.DB.Read(f.R.Context(), func(tx *store.Tx) error {
		x, err := p.s.Items.Get(tx, f.Scope, f.R.URL.Query().Get("item"))
		if err != nil {
			return err
		}
		it, _ := p.pack.Item(x.Code)
		ids = slices.DeleteFunc(slices.Clone(it.Papers), func(id string) bool { q, _ := p.pack.Paper(id); return q.Class == "key" })
		return nil
	}); err != nil {
		return nil, true
	}
	return p.papersOf(f, ids), true
}

func (p *pages) agencyChoices(f *staff.Frame, x *agents.Agency, _, field string) (out []ui.Choice, ok bool) {
	switch field {
	case "project":
		for _, q := range p.pack.Projects {
			if q.Firm == f.Scope.Firm() {
				out = append(out, ui.Choice{Value: q.ID, Label: q.Title})
			}
		}
	case "agent", "helper", "liaison":
		for _, a := range p.pack.Agents {
			if a.Kind == field {
				out = append(out, ui.Choice{Value: a.Post, Label: p.post(f, a.Post)})
			}
		}
	case "items":
		page, err := p.g.Page(f.R.Context(), f.Scope, x.ID)
		if err != nil {
			return nil, true
		}
		for _, it := range page.Items {
			out = append(out, ui.Choice{Value: it.ID, Label: it.Title, Group: f.T("approvals.stage." + it.Stage), Note: f.Unit(it.Unit)})
		}
	default:
		return nil, false
	}
	return out, true
}
