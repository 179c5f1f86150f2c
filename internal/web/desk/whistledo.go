package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// blowView is the form that drafts a whistle.
type blowView struct {
	Form    ui.FormView
	Problem string
	Case    *cases.Case
}

func draftAction() *flow.Action {
	a, err := cases.WhistleTable.Action("draft")
	if err != nil {
		panic(err)
	}
	return a
}

func (f *frame) blowView(raw form.Raw) (*blowView, error) {
	a := draftAction()
	v := &blowView{}
	if n := raw.Get("case"); n != "" {
		k, err := f.d.s.Cases.Get(f.r.Context(), f.sc, n)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		v.Case = k
	}
	handling := slices.DeleteFunc(f.d.finder.handling(f.Lang), func(c ui.Choice) bool {
		s, ok := f.d.s.Pack.Directory.StreetOf(f.sc.Unit())
		return ok && c.Value == s.ID
	})
	back := "/desk/whistles"
	if v.Case != nil {
		back = "/desk/cases/" + v.Case.Number
	}
	v.Form = ui.FormView{Form: a.Form, Raw: raw, Action: "/desk/whistles/new", Dense: true, Alt: 1, Choices: map[string][]ui.Choice{"units": handling},
		Looks: map[string]string{"kind": "list"}, Submit: f.T("action.whistle.draft"), Key: "Ctrl Enter", Cancel: back, Draft: "desk-whistle",
		Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}}}
	return v, nil
}

func (d *Desk) blowPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.whistle.draft")
	raw := form.Raw{}
	if n := cases.UpperNumber(r.URL.Query().Get("case")); n != "" {
		raw["case"] = []string{n}
		raw["kind"] = []string{cases.WhistleProblem}
	}
	v, err := f.blowView(raw)
	if err != nil {
		return err
	}
	if v.Case != nil {
		raw["issue"] = []string{v.Case.Body}
		raw["meet_place"] = []string{v.Case.Place.Text}
	}
	return f.render(w, http.StatusOK, blowPage(f, v))
}

func (d *Desk) blow(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.whistle.draft")
	if err := r.ParseForm(); err != nil {
		return err
	}
	a := draftAction()
	raw := rawOf(a.Form, r)
	if n := raw.Get("case"); n != "" {
		raw["case"] = []string{cases.UpperNumber(n)}
	}
	wh, err := d.s.Cases.Blow(r.Context(), f.sc, cases.Input{Raw: raw, Key: f.key(r.PostFormValue("_key"), "whistle", "", "draft", raw)})
	if err == nil {
		return web.SeeOther(w, r, "/desk/whistles/"+wh.Number+"?done=draft")
	}
	problem := f.refusal(err)
	if problem == unknownRefusal {
		return err
	}
	v, e := f.blowView(raw)
	if e != nil {
		return e
	}
	v.Problem, f.Faulty = problem, true
	v.Form.Faults, _ = errors.AsType[form.Faults](err)
	return f.render(w, statusOf(err), blowPage(f, v))
}

// whistleForm makes the form of an action of a whistle; raw nil fills in what is
// known.
func (f *frame) whistleForm(x *cases.WhistleView, a *flow.Action, raw form.Raw) *doView {
	wh := x.Whistle
	base := "/desk/whistles/" + wh.Number
	units := f.whistleUnits(x, a.Name)
	if raw == nil {
		raw = form.Raw{}
		if len(units) == 1 {
			if _, ok := a.Form.Field("unit"); ok {
				raw["unit"] = []string{units[0].Value}
			}
		}
	}
	v := &doView{Kind: cases.WhistleTable.Kind, Number: wh.Number, Title: wh.Number, Action: a, Next: base}
	v.Form = ui.FormView{Form: a.Form, Raw: raw, Action: base + "/do/" + a.Name, Dense: true, Alt: 1, Choices: map[string][]ui.Choice{"unit": units},
		Looks: map[string]string{"ground": "list"}, Submit: f.T("action.whistle." + a.Name), Key: "Ctrl Enter", Cancel: base, Draft: draftKey(wh.Number, a.Name),
		Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}, {Name: "_version", Value: strconv.FormatInt(wh.Version, 10)}, {Name: "_next", Value: base}}}
	if a.Name == "cancel" || a.Name == "reject" {
		v.Form.Look = "danger"
	}
	return v
}

// whistleUnits are the units an action can be about: those the whistle's own
// rules would take.
func (f *frame) whistleUnits(x *cases.WhistleView, action string) []ui.Choice {
	wh := x.Whistle
	if action == "call_unit" {
		return slices.DeleteFunc(f.d.finder.handling(f.Lang), func(c ui.Choice) bool { _, called := wh.Units[c.Value]; return called || c.Value == wh.Unit })
	}
	fits := map[string]func(s cases.Summoned) bool{
		"excuse":       func(s cases.Summoned) bool { return s.State == cases.UnitDeclined },
		"overrule":     func(s cases.Summoned) bool { return s.State == cases.UnitDeclined },
		"set_task":     func(s cases.Summoned) bool { return s.State != cases.UnitExcused && s.Task != "confirmed" },
		"return_task":  func(s cases.Summoned) bool { return s.Task == "done" },
		"confirm_task": func(s cases.Summoned) bool { return s.Task == "done" },
		"rate_unit":    func(s cases.Summoned) bool { return s.Score == 0 },
	}[action]
	var ids []string
	for id, s := range wh.Units {
		if fits == nil || fits(s) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		for id := range wh.Units {
			ids = append(ids, id) // the refusal will say why
		}
	}
	slices.Sort(ids)
	return f.d.finder.some(f.Lang, ids)
}

func (d *Desk) whistleDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.whistles")
	a, err := cases.WhistleTable.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	x, err := d.s.Cases.Whistle(r.Context(), f.sc, r.PathValue("number"))
	if err != nil {
		return err
	}
	if !slices.Contains(x.Actions, a) {
		if !f.is(rolesOf(&cases.WhistleTable, a.Name)) {
			return flow.ErrForbidden
		}
		v := &doView{Kind: cases.WhistleTable.Kind, Number: x.Whistle.Number, Title: x.Whistle.Number, Action: a, Closed: true, Problem: f.T("desk.do.notnow")}
		return f.showDo(w, r, http.StatusConflict, v)
	}
	return f.showDo(w, r, http.StatusOK, f.whistleForm(x, a, nil))
}

func (d *Desk) whistleDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.nav.whistles")
	if err := r.ParseForm(); err != nil {
		return err
	}
	a, err := cases.WhistleTable.Action(r.PathValue("action"))
	if err != nil {
		return err
	}
	number := cases.UpperNumber(r.PathValue("number"))
	raw := rawOf(a.Form, r)
	version, _ := strconv.ParseInt(r.PostFormValue("_version"), 10, 64)
	_, err = d.s.Cases.WhistleAct(r.Context(), f.sc, number, a.Name, cases.Input{Raw: raw, Version: version, Key: f.key(r.PostFormValue("_key"), "whistle", number, a.Name, raw)})
	if err == nil {
		return web.SeeOther(w, r, withQuery(nextOf(r, "/desk/whistles/"+number), "done", a.Name))
	}
	return f.whistleAgain(w, r, number, a, raw, version, err)
}

// whistleAgain is again for whistles.
func (f *frame) whistleAgain(w http.ResponseWriter, r *http.Request, number string, a *flow.Action, raw form.Raw, saw int64, cause error) error {
	status, why := statusOf(cause), f.refusal(cause)
	if why == unknownRefusal {
		return cause
	}
	x, err := f.d.s.Cases.Whistle(r.Context(), f.sc, number)
	if err != nil {
		return err
	}
	f.Faulty = true
	var v *doView
	if slices.Contains(x.Actions, a) {
		v = f.whistleForm(x, a, raw)
		v.Form.Faults, _ = errors.AsType[form.Faults](cause)
	} else {
		v = &doView{Kind: cases.WhistleTable.Kind, Number: number, Title: number, Action: a, Closed: true, Words: f.typed(a, raw)}
	}
	v.Problem = why
	if (status == http.StatusPreconditionFailed || status == http.StatusConflict) && saw > 0 && saw <= int64(len(x.Entries)) {
		if v.Changes, err = f.whistleEvents(x.Entries[saw:]); err != nil {
			return err
		}
	}
	return f.showDo(w, r, status, v)
}
