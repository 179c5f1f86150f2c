package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// requestsView is the list of exclusions or appeals.
type requestsView struct {
	Kind, Month string
	Open        bool
	Rows        []requestLine
	Older       string
	New         bool
}

// requestLine is one of them.
type requestLine struct {
	ID, Href, Number, Unit, Month, Ground, Chip, State string
}

func requestTable(kind string) (*flow.Table, error) {
	for _, t := range []*flow.Table{&assess.Exclusions, &assess.Appeals} {
		if t.Kind == kind {
			return t, nil
		}
	}
	return nil, store.ErrNotFound
}

// asking is the action with which the user makes a request: unit people ask, the
// centre proposes.
func (f *frame) asking(t *flow.Table) *flow.Action {
	for _, name := range []string{"ask", "propose"} {
		if a, err := t.Action(name); err == nil && f.d.s.Assess.May(f.sc, t, name) {
			return a
		}
	}
	return nil
}

func (f *frame) requestLine(q *assess.Request) requestLine {
	t, _ := requestTable(q.Kind)
	s, _ := t.State(q.State)
	return requestLine{ID: q.ID, Href: requestHref(q.Kind, q.ID), Number: q.Number, Unit: f.unit(q.Unit), Month: q.Month, Ground: f.groundName(q), Chip: s.Chip, State: f.T("state." + q.Kind + "." + q.State)}
}

func (f *frame) groundName(q *assess.Request) string {
	if q.Kind == assess.Exclusions.Kind {
		return f.ruleName(q.Ground)
	}
	return ui.OptionLabel(f.Lang, "appeal_ask", "ground", q.Ground)
}

func requestHref(kind, id string) string { return "/desk/scores/requests/" + kind + "/" + id }

func (d *Desk) scoreRequests(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.figures")
	f.said(r)
	t, err := requestTable(r.PathValue("kind"))
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := &requestsView{Kind: t.Kind, Month: q.Get("month"), Open: q.Get("open") != "", New: f.asking(t) != nil}
	if v.Month != "" && !assess.IsMonth(v.Month) {
		return store.ErrNotFound
	}
	after, _ := strconv.ParseInt(q.Get("before"), 10, 64)
	list, err := d.s.Assess.Requests(r.Context(), f.sc, assess.RequestFilter{Kind: t.Kind, Month: v.Month, Open: v.Open, After: after, Limit: pageSize})
	if err != nil {
		return err
	}
	for _, x := range list {
		v.Rows = append(v.Rows, f.requestLine(x))
	}
	if len(list) == pageSize {
		v.Older = withQuery(r.URL.RequestURI(), "before", strconv.FormatInt(list[len(list)-1].Doc, 10))
	}
	f.Title = f.T("score.requests." + t.Kind)
	return f.render(w, http.StatusOK, scoreRequestsPage(f, v))
}

// askView is the form of a new request.
type askView struct {
	Kind    string
	Action  *flow.Action
	Form    ui.FormView
	Problem string
	Case    *cases.Case
}

func (f *frame) askView(t *flow.Table, a *flow.Action, raw form.Raw) (*askView, error) {
	v := &askView{Kind: t.Kind, Action: a}
	back := "/desk/scores/requests/" + t.Kind
	if n := cases.UpperNumber(raw.Get("record")); n != "" {
		k, err := f.d.s.Cases.Get(f.r.Context(), f.sc, n)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		v.Case = k
	}
	var rules []ui.Choice
	for _, g := range f.d.s.Pack.Scores.Exclusion.Rules {
		rules = append(rules, ui.Choice{Value: g.Code, Label: f.text(g.Text), Note: g.Source})
	}
	v.Form = ui.FormView{Form: a.Form, Raw: raw, Action: "/desk/scores/requests/" + t.Kind + "/new", Dense: true, Alt: 1, Choices: map[string][]ui.Choice{"rule": rules},
		Looks: map[string]string{"rule": "select", "ground": "list"}, Submit: f.T("action." + t.Kind + "." + a.Name), Key: "Ctrl Enter", Cancel: back, Draft: "desk-" + t.Kind,
		Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}}}
	return v, nil
}

func (d *Desk) scoreAskPage(w http.ResponseWriter, r *http.Request) error {
	f, t, a, err := d.askingFor(r)
	if err != nil {
		return err
	}
	raw := form.Raw{}
	for _, name := range []string{"record", "ground"} {
		if s := r.URL.Query().Get(name); s != "" {
			raw[name] = []string{s}
		}
	}
	v, err := f.askView(t, a, raw)
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, scoreAskPage(f, v))
}

func (d *Desk) askingFor(r *http.Request) (*frame, *flow.Table, *flow.Action, error) {
	t, err := requestTable(r.PathValue("kind"))
	if err != nil {
		return nil, nil, nil, err
	}
	f := d.page(r, "desk.nav.figures")
	a := f.asking(t)
	if a == nil {
		return nil, nil, nil, flow.ErrForbidden
	}
	f.Title = f.T("action." + t.Kind + "." + a.Name)
	return f, t, a, nil
}

func (d *Desk) scoreAsk(w http.ResponseWriter, r *http.Request) error {
	f, t, a, err := d.askingFor(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	raw := rawOf(a.Form, r)
	q, err := d.s.Assess.Ask(r.Context(), f.sc, t.Kind, a.Name, cases.Input{Raw: raw, Key: f.key(r.PostFormValue("_key"), t.Kind, "", a.Name, raw)})
	if err == nil {
		return web.SeeOther(w, r, requestHref(t.Kind, q.ID)+"?done="+a.Name)
	}
	problem := f.refusal(err)
	if problem == unknownRefusal {
		return err
	}
	v, e := f.askView(t, a, raw)
	if e != nil {
		return e
	}
	v.Problem, f.Faulty = problem, true
	v.Form.Faults, _ = errors.AsType[form.Faults](err)
	return f.render(w, statusOf(err), scoreAskPage(f, v))
}

// requestView is one exclusion or appeal.
type requestView struct {
	*assess.RequestView
	requestLine
	Title string
	Log   []ui.Event
	Facts []ui.Pair
}

func (f *frame) requestView(kind, id string) (*requestView, error) {
	x, err := f.d.s.Assess.Request(f.r.Context(), f.sc, kind, cases.UpperNumber(id))
	if err != nil {
		return nil, err
	}
	v := &requestView{RequestView: x, requestLine: f.requestLine(x.Request)}
	f.Title = v.requestLine.ID
	if k, err := f.d.s.Cases.Get(f.r.Context(), f.sc, x.Request.Number); err == nil {
		v.Title = k.Title
	}
	t, err := requestTable(kind)
	if err != nil {
		return nil, err
	}
	if v.Log, err = f.requestEvents(t, x.Acts); err != nil {
		return nil, err
	}
	v.Facts = []ui.Pair{{Label: f.T("score.unit"), Value: ui.Text(v.requestLine.Unit)}, {Label: f.T("score.month"), Value: ui.Text(x.Request.Month)},
		{Label: f.T("score.ground." + kind), Value: ui.Text(v.requestLine.Ground)}}
	if x.Opinion != "" {
		v.Facts = append(v.Facts, ui.Pair{Label: f.T("form." + kind + "_advise.opinion"), Value: ui.Text(ui.OptionLabel(f.Lang, kind+"_advise", "opinion", x.Opinion))})
	}
	return v, nil
}

func (f *frame) requestEvents(t *flow.Table, acts []journal.Act) ([]ui.Event, error) {
	if err := f.actors(acts); err != nil {
		return nil, err
	}
	var out []ui.Event
	for _, a := range slices.Backward(acts) {
		var body struct {
			Answers form.Answers `json:"answers"`
		}
		if err := a.Into(&body); err != nil {
			return nil, err
		}
		out = append(out, f.event(t, a, body.Answers))
	}
	if len(out) > 0 && out[0].Tone == "" {
		out[0].Tone = "now"
	}
	return out, nil
}

func (d *Desk) scoreRequest(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.figures")
	f.said(r)
	v, err := f.requestView(r.PathValue("kind"), r.PathValue("id"))
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, scoreRequestPage(f, v))
}

// scoreForm is the form of an action on a request or a month.
func (f *frame) scoreForm(kind, id, base string, a *flow.Action, version int64, raw form.Raw) *doView {
	v := &doView{Kind: kind, Number: id, Title: id, Action: a, Next: base}
	v.Form = ui.FormView{Form: a.Form, Raw: raw, Action: base + "/do/" + a.Name, Dense: true, Alt: 1, Looks: map[string]string{"opinion": "list"}, Submit: f.T("action." + kind + "." + a.Name),
		Key: "Ctrl Enter", Cancel: v.recordHref(), Draft: draftKey(id, a.Name), Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}, {Name: "_version", Value: strconv.FormatInt(version, 10)}}}
	if slices.Contains([]string{"revoke", "withdraw", "refuse", "correct"}, a.Name) {
		v.Form.Look = "danger"
	}
	return v
}

func (d *Desk) scoreDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.figures")
	x, a, err := f.requestAction(r)
	if err != nil {
		return err
	}
	v := f.scoreForm(x.Kind, x.ID, requestHref(x.Kind, x.ID), a, x.Version, form.Raw{})
	if !slices.Contains(x.Actions, a) {
		v.Closed, v.Problem = true, f.T("desk.do.notnow")
		return f.showDo(w, r, http.StatusConflict, v)
	}
	return f.showDo(w, r, http.StatusOK, v)
}

func (f *frame) requestAction(r *http.Request) (*assess.RequestView, *flow.Action, error) {
	t, err := requestTable(r.PathValue("kind"))
	if err != nil {
		return nil, nil, err
	}
	a, err := t.Action(r.PathValue("action"))
	if err != nil {
		return nil, nil, err
	}
	x, err := f.d.s.Assess.Request(r.Context(), f.sc, t.Kind, cases.UpperNumber(r.PathValue("id")))
	return x, a, err
}

func (d *Desk) scoreDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.figures")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, a, err := f.requestAction(r)
	if err != nil {
		return err
	}
	raw := rawOf(a.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	_, err = d.s.Assess.Act(r.Context(), f.sc, x.Kind, x.ID, a.Name, cases.Input{Raw: raw, Version: version, Key: f.key(r.PostFormValue("_key"), x.Kind, x.ID, a.Name, raw)})
	if err == nil {
		return web.SeeOther(w, r, requestHref(x.Kind, x.ID)+"?done="+x.Kind+"."+a.Name)
	}
	now, e := d.s.Assess.Request(r.Context(), f.sc, x.Kind, x.ID)
	if e != nil {
		return e
	}
	return f.scoreAgain(w, r, f.scoreForm(x.Kind, x.ID, requestHref(x.Kind, x.ID), a, now.Version, raw), slices.Contains(now.Actions, a), err)
}

// scoreAgain shows the form again with what was typed and why it was not done.
func (f *frame) scoreAgain(w http.ResponseWriter, r *http.Request, v *doView, possible bool, cause error) error {
	why := f.refusal(cause)
	if why == unknownRefusal {
		return cause
	}
	f.Faulty, v.Problem = true, why
	if possible {
		v.Form.Faults, _ = errors.AsType[form.Faults](cause)
	} else {
		v.Closed, v.Words = true, f.typed(v.Action, v.Form.Raw)
	}
	return f.showDo(w, r, statusOf(cause), v)
}

// monthBase is where the actions of a month are.
func monthBase(month string) string { return "/desk/scores/months/" + month }

func (d *Desk) monthDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.figures")
	p, a, err := f.monthAction(r)
	if err != nil {
		return err
	}
	month := r.PathValue("month")
	v := f.scoreForm(assess.Months.Kind, month, monthBase(month), a, monthVersion(p), form.Raw{"month": {month}})
	if !slices.Contains(p.Actions, a) {
		v.Closed, v.Problem = true, f.T("desk.do.notnow")
		return f.showDo(w, r, http.StatusConflict, v)
	}
	return f.showDo(w, r, http.StatusOK, v)
}

func monthVersion(p *assess.PeriodView) int64 {
	if p.Period == nil {
		return 0
	}
	return p.Version
}

func (f *frame) monthAction(r *http.Request) (*assess.PeriodView, *flow.Action, error) {
	a, err := assess.Months.Action(r.PathValue("action"))
	if err != nil {
		return nil, nil, err
	}
	p, err := f.d.s.Assess.Period(r.Context(), f.sc, r.PathValue("month"))
	return p, a, err
}

func (d *Desk) monthDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.figures")
	if err := r.ParseForm(); err != nil {
		return err
	}
	_, a, err := f.monthAction(r)
	if err != nil {
		return err
	}
	month, raw := r.PathValue("month"), rawOf(a.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	in := cases.Input{Raw: raw, Version: version, Key: f.key(r.PostFormValue("_key"), assess.Months.Kind, month, a.Name, raw)}
	if a.From == nil {
		_, err = d.s.Assess.Publish(r.Context(), f.sc, in)
	} else {
		_, err = d.s.Assess.ActMonth(r.Context(), f.sc, month, a.Name, in)
	}
	if err == nil {
		return web.SeeOther(w, r, "/desk/scores?month="+month+"&done=month."+a.Name)
	}
	p, e := d.s.Assess.Period(r.Context(), f.sc, month)
	if e != nil {
		return e
	}
	return f.scoreAgain(w, r, f.scoreForm(assess.Months.Kind, month, monthBase(month), a, monthVersion(p), raw), slices.Contains(p.Actions, a), err)
}
