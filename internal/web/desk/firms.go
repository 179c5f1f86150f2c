package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory/firms"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

const (
	firmPath     = "/desk/firms"
	firmsPerPage = 100
)

func (d *Desk) registerFirms(rt *access.Router) {
	reads := access.Rule{Roles: firms.Roles()}
	keeps := access.Rule{Roles: rolesOf(&firms.Table, "enter")}
	rt.Handle("GET "+firmPath, reads, d.firms)
	rt.Handle("GET "+firmPath+"/new", keeps, d.newFirmPage)
	rt.Handle("POST "+firmPath+"/new", keeps, d.newFirm)
	rt.Handle("GET "+firmPath+"/{id}", reads, d.firm)
	rt.Handle("GET "+firmPath+"/{id}/do/{action}", keeps, d.firmDoPage)
	rt.Handle("POST "+firmPath+"/{id}/do/{action}", keeps, d.firmDo)
}

// firmLine is a firm in the list.
type firmLine struct {
	ID, Name, Kinds, Sector, Unit, Chip, State string
	MadeUp                                     bool
}

type firmsView struct {
	Filter ui.FormView
	Lines  []firmLine
	Next   string
	Enter  bool
}

func (f *frame) firmLine(x *firms.Firm) firmLine {
	st, _ := firms.Table.State(x.State)
	var kinds []string
	for _, k := range strings.Fields(x.Kinds) {
		kinds = append(kinds, f.T("firm.kind."+k))
	}
	return firmLine{x.ID, x.Name, join(f, kinds), f.T("firm.sector." + x.Sector), f.unit(x.Unit), st.Chip, f.T("state.firm." + x.State), x.MadeUp}
}

func (d *Desk) firms(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.firms.title")
	in := r.URL.Query()
	list, err := d.s.Firms.List(r.Context(), firms.Filter{Kind: in.Get("kind"), Sector: in.Get("sector"), Unit: in.Get("unit"), After: in.Get("after")}, firmsPerPage)
	if err != nil {
		return err
	}
	v := &firmsView{Enter: f.is(rolesOf(&firms.Table, "enter"))}
	v.Filter = ui.FormView{Form: form.Form{Name: "firms", Fields: []form.Field{{Name: "kind", Type: form.Choice}, {Name: "sector", Type: form.Choice}, {Name: "unit", Type: form.Unit}}}, Dense: true, Cols: 3,
		Raw: form.Raw{"kind": {in.Get("kind")}, "sector": {in.Get("sector")}, "unit": {in.Get("unit")}}, Choices: map[string][]ui.Choice{"kind": f.firmKinds(), "sector": f.sectors(), "unit": d.finder.all(f.Lang)}, Looks: map[string]string{"kind": "select", "sector": "select"}}
	for _, x := range list {
		v.Lines = append(v.Lines, f.firmLine(x))
	}
	if len(list) == firmsPerPage {
		v.Next = withQuery(r.URL.RequestURI(), "after", list[len(list)-1].ID)
	}
	return f.render(w, http.StatusOK, firmsPage(f, v))
}

func (f *frame) firmKinds() (out []ui.Choice) {
	for _, k := range firms.Kinds() {
		out = append(out, ui.Choice{Value: k, Label: f.T("firm.kind." + k)})
	}
	return out
}

func (f *frame) sectors() []ui.Choice {
	var out []ui.Choice
	for _, s := range firms.Sectors() {
		out = append(out, ui.Choice{Value: s, Label: f.T("firm.sector." + s)})
	}
	return out
}

// firmView is one firm.
type firmView struct {
	Line    firmLine
	Facts   []ui.Pair
	Actions []*flow.Action
	Log     []ui.Event
	Saw     string // its name in the disclosure ledger; "" = there is no contact
	Reveal  string // where the contact is shown; "" = not to the user
}

func (d *Desk) firm(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.firms.title")
	f.said(r)
	x, acts, err := d.s.Firms.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := &firmView{Line: f.firmLine(x), Actions: d.s.Firms.Open(f.sc, x)}
	f.Title = x.Name
	text := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Pair{Label: f.T(label), Value: ui.Text(value)})
		}
	}
	v.Facts = append(v.Facts, ui.Pair{Label: f.T("form.firm_enter.code"), Value: mono(x.ID)}, ui.Pair{Label: f.T("desk.assets.state"), Value: ui.Status(v.Line.Chip, v.Line.State)})
	text("form.firm_enter.kinds", v.Line.Kinds)
	text("form.firm_enter.sector", v.Line.Sector)
	text("form.firm_enter.unit", v.Line.Unit)
	text("form.firm_enter.address", x.Address)
	if x.Person != "" {
		v.Saw = firms.Subject(x.ID)
		masks, err := store.Get(r.Context(), d.s.DB, func(tx *store.Tx) (map[string]vault.Masked, error) {
			return vault.Masks(tx, d.s.Pack.District, []string{x.Person})
		})
		if err != nil {
			return err
		}
		text("form.firm_enter.contact", strings.TrimSpace(masks[x.Person].Name+" "+masks[x.Person].Phone))
	}
	if d.s.Firms.MayReveal(f.sc, x) {
		v.Reveal = firmPath + "/" + x.ID + "/reveal"
	}
	if v.Log, err = f.termEvents(acts); err != nil {
		return err
	}
	return f.render(w, http.StatusOK, firmPage(f, v))
}

func (f *frame) firmForm(act *flow.Action, x *firms.Firm, raw form.Raw) *recordDo {
	back, title := firmPath, f.T("action.firm."+act.Name)
	v := &recordDo{Title: title, Back: back, BackLabel: f.T("desk.firms.title")}
	action := firmPath + "/new"
	if x != nil {
		back, action = firmPath+"/"+x.ID, firmPath+"/"+x.ID+"/do/"+act.Name
		v.Back, v.BackLabel = back, x.Name
		if raw == nil {
			raw = form.Raw{"name": {x.Name}, "kinds": strings.Fields(x.Kinds), "sector": {x.Sector}, "unit": {x.Unit}, "address": {x.Address}}
		}
	}
	v.Form = ui.FormView{Form: act.Form, Raw: raw, Action: action, Dense: true, Alt: 1, Submit: title, Key: "Ctrl Enter", Cancel: back, Looks: map[string]string{"sector": "select"},
		Choices: map[string][]ui.Choice{"kinds": f.firmKinds(), "sector": f.sectors(), "unit": f.d.finder.all(f.Lang)}}
	if x != nil {
		v.Form.Hidden = []ui.Hidden{{Name: "_version", Value: strconv.FormatInt(x.Version, 10)}}
	}
	if act.Name == "close" {
		v.Form.Look = "danger"
	}
	return v
}

func (d *Desk) newFirmPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.firm.enter")
	act, err := firms.Table.Action("enter")
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.firmForm(act, nil, form.Raw{})))
}

func (d *Desk) newFirm(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "action.firm.enter")
	if err := r.ParseForm(); err != nil {
		return err
	}
	act, err := firms.Table.Action("enter")
	if err != nil {
		return err
	}
	v := f.firmForm(act, nil, rawOf(act.Form, r))
	id, err := d.s.Firms.Enter(r.Context(), f.sc, v.Form.Raw)
	if err == nil {
		return web.SeeOther(w, r, firmPath+"/"+id+"?done=record")
	}
	return f.firmAgain(w, v, err)
}

// firmAgain shows a form of a firm again, a wrong code in its own words.
func (f *frame) firmAgain(w http.ResponseWriter, v *recordDo, err error) error {
	if c, ok := errors.AsType[*firms.CodeError](err); ok {
		v.Form.Says = map[string]string{"code": c.ZH}
		if f.english() {
			v.Form.Says["code"] = c.EN
		}
		err = form.Faults{{Field: "code", Code: "unknown"}}
	} else if errors.Is(err, firms.ErrTaken) || errors.Is(err, firms.ErrKnown) {
		v.Form.Says = map[string]string{"code": f.T("desk.firms.taken")}
		err = form.Faults{{Field: "code", Code: "unknown"}}
	}
	return f.recordAgain(w, v, err, errors.Is(err, firms.ErrStale))
}

func (f *frame) firmAction() (*firms.Firm, *flow.Action, error) {
	x, _, err := f.d.s.Firms.Get(f.r.Context(), f.r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	act, err := firms.Table.Action(f.r.PathValue("action"))
	return x, act, err
}

func (d *Desk) firmDoPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.firms.title")
	x, act, err := f.firmAction()
	if err != nil {
		return err
	}
	if !slices.Contains(d.s.Firms.Open(f.sc, x), act) {
		return flow.ErrForbidden
	}
	return f.render(w, http.StatusOK, recordDoPage(f, f.firmForm(act, x, nil)))
}

func (d *Desk) firmDo(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.firms.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	x, act, err := f.firmAction()
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	if err := d.s.Firms.Act(r.Context(), f.sc, x.ID, act.Name, atoi64(r.PostFormValue("_version")), raw); err != nil {
		return f.firmAgain(w, f.firmForm(act, x, raw), err)
	}
	return web.SeeOther(w, r, firmPath+"/"+x.ID+"?done=record")
}
