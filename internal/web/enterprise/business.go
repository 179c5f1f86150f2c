package enterprise

import (
	"net/http"
	"slices"
	"time"

	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/enterprise"
	"weixiao/internal/enterprise/policies"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

func amount(f ui.Page, fen int64) string { return words.Money(f.Lang, fen) }

// homeView is what a firm sees first.
type homeView struct {
	Name    string
	Missing int
	State   string
	Chip    string
	Matters []matterView
	Finder  bool
}

type matterView struct {
	Title, State, Chip, At, Href string
	Yours                        bool
}

func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	f := p.page(r, "page.business.title")
	h, err := p.Firms.Home(r.Context(), scope(r))
	if err != nil {
		return err
	}
	if r.URL.Query().Get("done") != "" {
		f.Said = f.T("page.business.done")
	}
	v := homeView{Name: h.Firm.Name, Missing: len(h.Missing), Finder: p.Policies != nil}
	if h.Profile != nil {
		st, _ := enterprise.ProfileTable.State(h.Profile.X.State)
		v.Chip, v.State = st.Chip, f.T("state.firm_profile."+h.Profile.X.State)
	}
	for _, m := range h.Matters {
		v.Matters = append(v.Matters, matterView{m.Title, f.T("state." + m.Kind + "." + m.State), m.Chip, f.Moment(time.UnixMicro(m.At)), m.Path, m.Yours})
	}
	return p.show(w, r, http.StatusOK, f, homePage(f, v))
}

func (p *Pages) profileForm(w http.ResponseWriter, r *http.Request) error {
	return p.profilePage(w, r, http.StatusOK, nil, ui.FormView{})
}

func (p *Pages) profilePage(w http.ResponseWriter, r *http.Request, status int, raw form.Raw, more ui.FormView) error {
	f := p.page(r, "page.business.profile")
	sc := scope(r)
	x, err := p.Firms.Firm(r.Context(), sc, sc.Firm())
	if err != nil {
		return err
	}
	if raw == nil {
		raw = form.Raw{"sector": {x.Sector}}
		if q, err := p.Firms.Profile(r.Context(), sc, x.ID); err == nil {
			raw = stated(q.X)
		}
	}
	v := p.profileFormView(f, raw, home+"/profile")
	v.Faults = more.Faults
	f.Faulty = len(more.Faults) > 0
	return p.show(w, r, status, f, profileFormPage(f, v))
}

func (p *Pages) saveProfile(w http.ResponseWriter, r *http.Request) error {
	act, _ := enterprise.ProfileTable.Action("state")
	raw := ui.Raw(act.Form, posted(r))
	sc := scope(r)
	_, err := p.Firms.State(r.Context(), sc, sc.Firm(), record.Input{Raw: raw})
	if err == nil {
		return web.SeeOther(w, r, home+"?done=1")
	}
	status, _, more := p.wrong(r, p.page(r, "page.business.profile"), err)
	if status == 0 {
		return err
	}
	return p.profilePage(w, r, status, raw, more)
}

// finder says of every clause whether it fits, best first.
func (p *Pages) finder(w http.ResponseWriter, r *http.Request) error {
	f := p.page(r, "page.business.finder")
	sc := scope(r)
	list, err := p.matches(f, sc, sc.Firm(), r)
	if err != nil {
		return err
	}
	rank := map[string]int{conditions.Yes.String(): 0, conditions.Unknown.String(): 1, conditions.No.String(): 2}
	slices.SortStableFunc(list, func(a, b clauseView) int { return rank[a.Truth] - rank[b.Truth] })
	return p.show(w, r, http.StatusOK, f, finderPage(f, list))
}

func (p *Pages) filePage(w http.ResponseWriter, r *http.Request) error {
	return p.fileForm(w, r, http.StatusOK, form.Raw{}, "", ui.FormView{})
}

func (p *Pages) fileForm(w http.ResponseWriter, r *http.Request, status int, raw form.Raw, problem string, more ui.FormView) error {
	f := p.page(r, "page.business.claim")
	_, book, _ := p.Policies.Book()
	sc := scope(r)
	c, err := book.View(r.Context(), sc, r.PathValue("clause"))
	if err != nil {
		return err
	}
	act, _ := policies.ClaimTable.Action("file")
	fm := form.Form{Name: act.Form.Name, Fields: slices.Clone(act.Form.Fields)}
	choices, _ := p.paperChoices(r, sc, c.X.ID, "papers")
	for _, x := range choices {
		fm.Fields[0].Options = append(fm.Fields[0].Options, form.Option{Value: x.Value})
	}
	if len(choices) == 0 {
		fm.Fields = fm.Fields[1:]
	}
	v := ui.FormView{Form: fm, Raw: raw, Faults: more.Faults, Action: home + "/policies/" + c.X.ID, Submit: f.T("page.business.claim"), Choices: map[string][]ui.Choice{"papers": choices}, Hidden: []ui.Hidden{{Name: "_key", Value: staff.NewKey()}}}
	if k := r.PostFormValue("_key"); k != "" {
		v.Hidden[0].Value = k
	}
	f.Faulty = len(more.Faults) > 0
	return p.show(w, r, status, f, fileFormPage(f, p.view(f, c.X), v, problem))
}

func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	act, _ := policies.ClaimTable.Action("file")
	raw := ui.Raw(act.Form, posted(r))
	sc := scope(r)
	fr := &staff.Frame{R: r, Who: accessOf(r)}
	x, err := p.Policies.File(r.Context(), sc, r.PathValue("clause"), record.Input{Raw: raw, Key: fr.Key("policy_claim", r.PathValue("clause"), raw)})
	if err == nil {
		return web.SeeOther(w, r, home+"/claims/"+x.ID)
	}
	status, problem, more := p.wrong(r, p.page(r, "page.business.claim"), err)
	if status == 0 {
		return err
	}
	return p.fileForm(w, r, status, raw, problem, more)
}

// claimView is a claim as its firm sees it.
type claimView struct {
	ID, Title, State, Chip string
	Facts                  []ui.Answer
	Log                    []ui.Event
	Forms                  []ui.FormView
	Said                   string
}

func (p *Pages) claimPage(w http.ResponseWriter, r *http.Request) error {
	return p.claimAgain(w, r, http.StatusOK, "", "", nil, ui.FormView{})
}

func (p *Pages) claimAgain(w http.ResponseWriter, r *http.Request, status int, problem, action string, raw form.Raw, more ui.FormView) error {
	f := p.page(r, "page.business.claims")
	_, _, book := p.Policies.Book()
	sc := scope(r)
	v, err := book.View(r.Context(), sc, r.PathValue("id"))
	if err != nil {
		return err
	}
	x := v.X
	st, _ := policies.ClaimTable.State(x.State)
	out := claimView{ID: x.ID, Title: x.Title, Chip: st.Chip, State: f.T("state.policy_claim." + x.State)}
	f.Title = x.Title
	out.Facts = []ui.Answer{{Label: f.T("page.policy.unit"), Value: p.Site.UnitName(f.Lang, x.Unit)}, {Label: f.T("page.policy.period"), Value: period(f, x.Period)}, {Label: f.T("page.policy.asked"), Value: amount(f, x.Asked)}}
	if x.Amount > 0 && x.State != policies.Proposed {
		out.Facts = append(out.Facts, ui.Answer{Label: f.T("page.policy.granted"), Value: amount(f, x.Amount)})
	}
	for _, name := range []string{"missing"} {
		if s := v.Said(name); s != "" && x.State == policies.Supplement {
			out.Said = s
		}
	}
	for i := len(v.Acts) - 1; i >= 0; i-- {
		// What one person proposes is not the firm's to know before the other has decided.
		if a := v.Acts[i]; a.Action != "propose" && a.Action != "disagree" && words.Has("did.policy_claim."+a.Action) {
			out.Log = append(out.Log, ui.Event{Title: f.T("did.policy_claim." + a.Action), At: a.Time()})
		}
	}
	for _, a := range v.Actions {
		fm, err := store.Get(r.Context(), p.Site.DB, func(tx *store.Tx) (form.Form, error) { return book.FormIn(tx, sc, x, a) })
		if err != nil {
			return err
		}
		choices, _ := p.paperChoices(r, sc, x.Clause, "papers")
		fv := ui.FormView{Form: fm, ID: a.Name, Action: home + "/claims/" + x.ID + "/" + a.Name, Submit: f.T("action.policy_claim." + a.Name), Choices: map[string][]ui.Choice{"papers": choices}, Raw: form.Raw{"papers": x.Papers}}
		if a.Name == "withdraw" {
			fv.Look = "danger"
		}
		if a.Name == action {
			fv.Raw, fv.Faults = raw, more.Faults
			f.Faulty = len(more.Faults) > 0
		}
		out.Forms = append(out.Forms, fv)
	}
	return p.show(w, r, status, f, claimPage(f, out, problem))
}

func (p *Pages) claimDo(w http.ResponseWriter, r *http.Request) error {
	action := r.PathValue("action")
	act, err := policies.ClaimTable.Action(action)
	if err != nil {
		return err
	}
	raw := ui.Raw(act.Form, posted(r))
	err = p.Policies.Act(r.Context(), scope(r), policies.ClaimTable.Kind, r.PathValue("id"), action, record.Input{Raw: raw})
	if err == nil {
		return web.SeeOther(w, r, home+"/claims/"+r.PathValue("id"))
	}
	status, problem, more := p.wrong(r, p.page(r, "page.business.claims"), err)
	if status == 0 {
		return err
	}
	return p.claimAgain(w, r, status, problem, action, raw, more)
}
