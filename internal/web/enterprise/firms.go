package enterprise

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/directory/firms"
	"weixiao/internal/enterprise"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

type profile = enterprise.Profile

func (p *Pages) profilePages() *staff.Pages[profile, *profile] {
	return &staff.Pages[profile, *profile]{Book: p.Firms.Profiles(), Path: firmPath, Title: "page.firms.nav", Lead: "page.firms.lead", Roles: enterprise.Keepers(), Makes: []string{},
		Said: []string{"basis", "grounds"}, Danger: []string{"close"}, Main: []string{"check"}, Choices: p.choices,
		Columns: []staff.Column[*profile]{
			{Label: "page.firms.firm", Text: func(_ *staff.Frame, x *profile) string { return x.Name }},
			{Label: "page.firms.unit", Text: func(f *staff.Frame, x *profile) string { return f.Unit(x.Unit) }},
			{Label: "fact.sector", Text: func(f *staff.Frame, x *profile) string { return value(f.Lang, nil, &x.Facts, "sector") }},
			{Label: "page.firms.size", Text: func(f *staff.Frame, x *profile) string { return value(f.Lang, nil, &x.Facts, "size") }},
			{Label: "fact.turnover", Right: true, Text: func(f *staff.Frame, x *profile) string { return value(f.Lang, nil, &x.Facts, "turnover") }, Value: func(x *profile) any {
				if x.Turnover == nil {
					return ""
				}
				return float64(*x.Turnover) / 100
			}}},
		HeadButtons: func(f *staff.Frame) []ui.Button {
			return []ui.Button{{Label: f.T("page.firms.import"), Icon: "plus", Href: firmPath + "/import"}}
		},
		Facts: func(f *staff.Frame, v *record.View[*profile]) ([]ui.Pair, error) {
			return []ui.Pair{{Label: f.T("page.firms.firm"), Value: staff.Link(firmPath+"/firm/"+v.X.Firm, v.X.Name)}, {Label: f.T("page.firms.code"), Value: ui.Text(v.X.Firm)}, {Label: f.T("page.firms.unit"), Value: ui.Text(f.Unit(v.X.Unit))},
				{Label: f.T("page.firms.size"), Value: ui.Text(value(f.Lang, nil, &v.X.Facts, "size"))}}, nil
		},
		More: func(f *staff.Frame, v *record.View[*profile]) (templ.Component, error) {
			return figures(f, p.figures(f, v.X)), nil
		},
		Prefill: func(_ *staff.Frame, x *profile, action string) form.Raw {
			if action == "restate" {
				return stated(x)
			}
			return nil
		}}
}

// choices are the streets and towns by name.
func (p *Pages) choices(f *staff.Frame, _ *profile, _, field string) ([]ui.Choice, bool) {
	if field != "street" {
		return nil, false
	}
	return p.streets(f.Page), true
}

func (p *Pages) streets(f ui.Page) (out []ui.Choice) {
	for _, u := range p.Site.Pack.Directory.ByKind("street", "town") {
		out = append(out, ui.Choice{Value: u.ID, Label: p.Site.UnitName(f.Lang, u.ID)})
	}
	return out
}

// line is one figure of a profile.
type line struct{ Name, Value, AsOf, By, Checked string }

func (p *Pages) figures(f *staff.Frame, x *profile) (out []line) {
	who := func(id string) string {
		if id == x.Firm {
			return f.T("page.firms.itself")
		}
		return f.Unit(id)
	}
	for _, name := range append([]string{"founded"}, statedFacts()...) {
		src, ok := x.Said[name]
		if !ok {
			continue
		}
		l := line{Name: words.T(f.Lang, "fact."+name), Value: value(f.Lang, p.Firms.Namer(), &x.Facts, name), AsOf: f.Day(src.AsOf), By: who(src.By)}
		if src.Checked != "" {
			l.Checked = f.Unit(src.Checked) + " " + f.Day(time.UnixMicro(src.When).In(words.Zone()).Format("2006-01-02"))
		}
		out = append(out, l)
	}
	return out
}

func statedFacts() (out []string) {
	for _, x := range conditions.All() {
		if len(x.From) == 0 {
			out = append(out, x.Name)
		}
	}
	return out
}

// value is a fact in words; a dash when it is not known.
func value(l words.Lang, name conditions.Namer, f *conditions.Facts, fact string) string {
	pick := func(s string) string {
		if s == "" {
			return "—"
		}
		return conditions.ValueName(l, fact, s, name)
	}
	figure := func(v *int64, money bool) string {
		switch {
		case v == nil:
			return "—"
		case money:
			return words.Money(l, *v)
		}
		return words.Count(l, *v)
	}
	yes := func(v *bool) string {
		switch {
		case v == nil:
			return "—"
		case *v:
			return words.T(l, "fact."+fact+".is")
		}
		return words.T(l, "fact."+fact+".not")
	}
	switch fact {
	case "sector":
		return pick(f.Sector)
	case "branch":
		return pick(f.Branch)
	case "origin":
		return pick(f.Origin)
	case "street":
		return pick(f.Street)
	case "size":
		return pick(f.Size())
	case "founded":
		if f.Founded == "" {
			return "—"
		}
		return f.Founded
	case "titles":
		var out []string
		for _, t := range f.Titles {
			out = append(out, conditions.ValueName(l, fact, t, name))
		}
		if out == nil {
			return "—"
		}
		return strings.Join(out, words.T(l, "condition.list"))
	case "listed":
		return yes(f.Listed)
	case "dishonest":
		return yes(f.Dishonest)
	}
	n := map[string]*int64{"staff": f.Staff, "hired": f.Hired, "graduates": f.Graduates, "patents": f.Patents, "turnover": f.Turnover, "assets": f.Assets, "taxes": f.Taxes, "equipment": f.Equipment, "research": f.Research, "exports": f.Exports, "loans": f.Loans}
	d, _ := conditions.FactOf(fact)
	return figure(n[fact], d.Kind == conditions.Money)
}

// stated is a profile as the answers of its form.
func stated(x *profile) form.Raw {
	raw := form.Raw{}
	word := func(k, v string) {
		if v != "" {
			raw[k] = []string{v}
		}
	}
	number := func(k string, v *int64, money bool) {
		switch {
		case v == nil:
		case money:
			word(k, form.FormatMoney(*v))
		default:
			word(k, words.Count(words.EN, *v))
		}
	}
	yes := func(k string, v *bool) {
		if v != nil {
			word(k, map[bool]string{true: "yes", false: "no"}[*v])
		}
	}
	word("as_of", x.AsOf)
	word("founded", x.Founded)
	word("sector", x.Sector)
	word("branch", x.Branch)
	word("origin", x.Origin)
	word("street", x.Street)
	for k, v := range map[string]*int64{"staff": x.Staff, "hired": x.Hired, "graduates": x.Graduates, "patents": x.Patents} {
		if v != nil {
			raw[k] = []string{itoa(*v)}
		}
	}
	for k, v := range map[string]*int64{"turnover": x.Turnover, "assets": x.Assets, "taxes": x.Taxes, "equipment": x.Equipment, "research": x.Research, "exports": x.Exports, "loans": x.Loans} {
		number(k, v, true)
	}
	if len(x.Titles) > 0 {
		raw["titles"] = x.Titles
	}
	yes("listed", x.Listed)
	yes("dishonest", x.Dishonest)
	return raw
}

// firmView is a firm's page for staff.
type firmView struct {
	Firm            *firms.Firm
	Profile         string // address of its page; "" = none yet
	State           string
	Figures         []line
	Missing         []string
	History         []deed
	Matches         []clauseView
	MayInvite       bool
	Invited, Action string
}

// deed is one record that concerns a firm.
type deed struct{ Kind, Title, State, Chip, At string }

func (p *Pages) firmView(f *staff.Frame) (*firmView, error) {
	ctx := f.R.Context()
	x, err := p.Firms.Firm(ctx, f.Scope, f.R.PathValue("code"))
	if err != nil {
		return nil, err
	}
	f.Title = x.Name
	v := &firmView{Firm: x, Action: firmPath + "/firm/" + x.ID, MayInvite: slices.ContainsFunc(staff.Roles(&enterprise.InvitationTable, "invite"), func(r string) bool { return f.Is(r) })}
	switch q, err := p.Firms.Profile(ctx, f.Scope, x.ID); {
	case err == nil:
		v.Profile, v.Figures = p.profiles.Href(q.X.ID), p.figures(f, q.X)
		for _, m := range q.X.Missing() {
			v.Missing = append(v.Missing, words.T(f.Lang, "fact."+m))
		}
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	lines, err := p.Firms.History(ctx, f.Scope, x.ID, 0, 100)
	if err != nil {
		return nil, err
	}
	tables := p.Firms.Profiles().Engine().Tables()
	for _, l := range lines {
		d := deed{Title: l.Title, State: l.State, At: f.Moment(time.UnixMicro(l.Changed))}
		for _, t := range tables {
			if t.Kind == l.Kind {
				d.Chip, d.State = f.State(t, l.State)
			}
		}
		v.History = append(v.History, d)
	}
	if p.Policies != nil {
		v.Matches, err = p.matches(f.Page, f.Scope, x.ID, f.R)
	}
	return v, err
}

func (p *Pages) firmPage(w http.ResponseWriter, f *staff.Frame) error {
	v, err := p.firmView(f)
	if err != nil {
		return err
	}
	return f.Render(w, http.StatusOK, firmPage(f, v))
}

func (p *Pages) invite(w http.ResponseWriter, f *staff.Frame) error {
	secret, _, err := p.Firms.Invite(f.R.Context(), f.Scope, f.R.PathValue("code"), record.Input{})
	if err != nil {
		return err
	}
	v, err := p.firmView(f)
	if err != nil {
		return err
	}
	v.Invited = secret
	return f.Render(w, http.StatusOK, firmPage(f, v))
}

func (p *Pages) stateFor(w http.ResponseWriter, f *staff.Frame) error {
	v, err := p.firmForm(f, nil, ui.FormView{})
	if err != nil {
		return err
	}
	return f.Render(w, http.StatusOK, v)
}

func (p *Pages) firmForm(f *staff.Frame, raw form.Raw, more ui.FormView) (templ.Component, error) {
	x, err := p.Firms.Firm(f.R.Context(), f.Scope, f.R.PathValue("code"))
	if err != nil {
		return nil, err
	}
	f.Title = f.T("action.firm_profile.state")
	if raw == nil {
		raw = form.Raw{"sector": {x.Sector}}
		if q, err := p.Firms.Profile(f.R.Context(), f.Scope, x.ID); err == nil {
			raw = stated(q.X)
		}
	}
	fv := p.profileFormView(f.Page, raw, firmPath+"/firm/"+x.ID+"/state")
	fv.Faults, fv.Dense, fv.Cancel = more.Faults, true, firmPath+"/firm/"+x.ID
	return formPage(f, firmPath+"/firm/"+x.ID, x.Name, f.Title, fv), nil
}

func (p *Pages) saveFor(w http.ResponseWriter, f *staff.Frame) error {
	act, _ := enterprise.ProfileTable.Action("state")
	raw := ui.Raw(act.Form, posted(f.R))
	_, err := p.Firms.State(f.R.Context(), f.Scope, f.R.PathValue("code"), record.Input{Raw: raw})
	if err == nil {
		return web.SeeOther(w, f.R, firmPath+"/firm/"+f.R.PathValue("code"))
	}
	status, _, faults := f.Wrong(err)
	if status == 0 {
		return err
	}
	f.Faulty = true
	c, err := p.firmForm(f, raw, ui.FormView{Faults: faults})
	if err != nil {
		return err
	}
	return f.Render(w, status, c)
}

// profileFormView is the form of a profile, for a firm and for who writes it down for it.
func (p *Pages) profileFormView(f ui.Page, raw form.Raw, action string) ui.FormView {
	act, _ := enterprise.ProfileTable.Action("state")
	return ui.FormView{Form: act.Form, Raw: raw, Action: action, Submit: f.T("page.business.profile.save"), Alt: 1,
		Choices: map[string][]ui.Choice{"street": p.streets(f)}, Looks: map[string]string{"sector": "select", "branch": "select", "street": "select"}}
}
