package staff

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

type doView struct {
	Title, Back, BackLabel string
	Form                   ui.FormView
	Photos                 *ui.PhotosView
	Papers                 bool
	PaperFault             string
	Problem                string
	Hint                   string
}

// formOf is the form of an action with its members, as the asker sees them. raw nil: prefilled.
func (p *Pages[T, P]) formOf(f *Frame, x P, act *flow.Action, raw form.Raw) (*doView, error) {
	h := p.Book.Head(x)
	fm, err := store.Get(f.R.Context(), f.Site.DB, func(tx *store.Tx) (form.Form, error) { return p.Book.FormIn(tx, f.Scope, x, act) })
	if err != nil {
		return nil, err
	}
	making := act.From == nil
	if raw == nil {
		raw = p.prefill(f, x, fm, act)
	}
	v := &doView{Title: f.T("action." + p.kind() + "." + act.Name), Back: p.Path, BackLabel: f.T(p.Title)}
	post := p.Path + "/new/" + act.Name
	if of := p.of(f); making && of != "" {
		post = WithQuery(post, p.Of, of)
	}
	if !making {
		v.Back, v.BackLabel, post = p.Href(h.ID), p.name(f, x, p.Book.Keys(x)), p.Href(h.ID)+"/do/"+act.Name
	}
	f.Title = v.Title
	if key := "staff.hint." + p.kind() + "." + act.Name; words.Has(key) {
		v.Hint = f.T(key)
	}
	v.Form = ui.FormView{Form: fm, Raw: raw, Action: post, Dense: true, Alt: 1, Submit: v.Title, Key: "Ctrl Enter", Cancel: v.Back, Choices: map[string][]ui.Choice{}, Looks: p.Looks,
		Hidden: []ui.Hidden{{Name: "_key", Value: NewKey()}}}
	if k := f.R.PostFormValue("_key"); k != "" {
		v.Form.Hidden[0].Value = k // the same attempt, with its faults put right
	}
	if making {
		v.Form.Draft = "staff-" + p.kind() + "-" + act.Name
	} else {
		v.Form.Hidden = append(v.Form.Hidden, ui.Hidden{Name: "_version", Value: strconv.FormatInt(h.Version, 10)})
	}
	if slices.Contains(p.Danger, act.Name) {
		v.Form.Look = "danger"
	}
	for _, fd := range fm.Fields {
		if p.Choices != nil {
			if list, ok := p.Choices(f, x, act.Name, fd.Name); ok {
				v.Form.Choices[fd.Name] = list
				continue
			}
		}
		if fd.Type == form.Unit || fd.Type == form.Units {
			v.Form.Choices[fd.Name] = f.Handling()
		}
	}
	if slices.Contains(p.Photos, act.Name) {
		v.Form.Files = true
		v.Photos = &ui.PhotosView{ID: "photos", Name: photosName, Title: f.T("staff.photos"), Max: f.Site.Files.Limits().PerUpload, Small: true}
	}
	if slices.Contains(p.Papers, act.Name) {
		v.Form.Files, v.Papers = true, true
	}
	return v, nil
}

// prefill are the values a form opens with: for a new record what the address says of its fields.
func (p *Pages[T, P]) prefill(f *Frame, x P, fm form.Form, act *flow.Action) form.Raw {
	raw := form.Raw{}
	if p.Prefill != nil {
		if r := p.Prefill(f, x, act.Name); r != nil {
			raw = r
		}
	}
	if act.From == nil {
		for _, fd := range fm.Fields {
			if s := f.R.URL.Query()[fd.Name]; len(s) > 0 && raw[fd.Name] == nil {
				raw[fd.Name] = s
			}
		}
	}
	return raw
}

// Handling are the units that handle work: streets first, then departments.
func (f *Frame) Handling() []ui.Choice {
	var out []ui.Choice
	for _, g := range []struct {
		key   string
		kinds []directory.Kind
	}{
		{"desk.units.streets", []directory.Kind{directory.Street, directory.Town}},
		{"desk.units.departments", []directory.Kind{directory.Department}},
		{"desk.units.utilities", []directory.Kind{directory.Utility}},
		{"desk.units.centre", []directory.Kind{directory.Hotline, directory.Supervision}},
	} {
		for _, u := range f.Site.Pack.Directory.ByKind(g.kinds...) {
			if u.Kind.HandlesCases() {
				out = append(out, ui.Choice{Value: u.ID, Label: f.Unit(u.ID), Group: f.T(g.key)})
			}
		}
	}
	return out
}

func (p *Pages[T, P]) newPage(w http.ResponseWriter, f *Frame) error {
	act, err := p.Book.Table().Action(f.R.PathValue("action"))
	if err != nil {
		return err
	}
	if act.From != nil || !slices.Contains(p.makers(), act.Name) {
		return store.ErrNotFound
	}
	v, err := p.formOf(f, P(new(T)), act, nil)
	if err != nil {
		return err
	}
	return f.Render(w, http.StatusOK, doPage(f, v))
}

func (p *Pages[T, P]) create(w http.ResponseWriter, f *Frame) error {
	if err := f.Parse(w); err != nil {
		return err
	}
	act, err := p.Book.Table().Action(f.R.PathValue("action"))
	if err != nil {
		return err
	}
	if act.From != nil || !slices.Contains(p.makers(), act.Name) {
		return store.ErrNotFound
	}
	raw := f.Raw(act.Form)
	in := record.Input{Raw: raw, Key: f.Key(p.kind(), act.Name, raw)}
	empty := P(new(T))
	x, fault, err := p.attempt(f, empty, act, &in, func() (P, error) {
		if p.Open != nil {
			return p.Open(f, p.of(f), act.Name, in)
		}
		return p.Book.Open(f.R.Context(), f.Scope, act.Name, in)
	})
	if err == nil && fault == "" {
		return web.SeeOther(w, f.R, WithQuery(p.after(f, x, act.Name), "done", act.Name))
	}
	return p.again(w, f, empty, act, raw, err, fault)
}

func (p *Pages[T, P]) doPage(w http.ResponseWriter, f *Frame) error {
	x, act, open, err := p.attemptOn(f)
	if err != nil {
		return err
	}
	if !open {
		return flow.ErrForbidden
	}
	v, err := p.formOf(f, x, act, nil)
	if err != nil {
		return err
	}
	return f.Render(w, http.StatusOK, doPage(f, v))
}

// attemptOn is the record and the action of an address, and whether the asker may do it now.
func (p *Pages[T, P]) attemptOn(f *Frame) (x P, act *flow.Action, open bool, err error) {
	if act, err = p.Book.Table().Action(f.R.PathValue("action")); err != nil {
		return nil, nil, false, err
	}
	err = f.Site.DB.Read(f.R.Context(), func(tx *store.Tx) error {
		if x, err = p.Book.Get(tx, f.Scope, f.R.PathValue("id")); err != nil {
			return err
		}
		list, err := p.Book.Actions(tx, f.Scope, x)
		open = slices.Contains(list, act)
		return err
	})
	return x, act, open, err
}

func (p *Pages[T, P]) do(w http.ResponseWriter, f *Frame) error {
	if err := f.Parse(w); err != nil {
		return err
	}
	x, act, open, err := p.attemptOn(f)
	if err != nil {
		return err
	}
	raw := f.Raw(act.Form)
	in := record.Input{Raw: raw, Version: Number(f.R.PostFormValue("_version"))}
	id := p.Book.Head(x).ID
	if !open { // nobody fills the disk with files that nothing will ever name; Act says why it is refused
		_, err := p.act(f, id, act.Name, in)
		if err == nil {
			err = flow.ErrState
		}
		return p.again(w, f, x, act, raw, err, "")
	}
	y, fault, err := p.attempt(f, x, act, &in, func() (P, error) { return p.act(f, id, act.Name, in) })
	if err == nil && fault == "" {
		return web.SeeOther(w, f.R, WithQuery(p.after(f, y, act.Name), "done", act.Name))
	}
	return p.again(w, f, x, act, raw, err, fault)
}

// of is the record that a new one belongs to.
func (p *Pages[T, P]) of(f *Frame) string {
	if p.Of == "" {
		return ""
	}
	return f.R.URL.Query().Get(p.Of)
}

func (p *Pages[T, P]) act(f *Frame, id, action string, in record.Input) (P, error) {
	if p.Act != nil {
		return p.Act(f, id, action, in)
	}
	return p.Book.Act(f.R.Context(), f.Scope, id, action, in)
}

// attempt takes the files of a form and then does what was asked. Answers that are wrong are found before the files are
// put on disk.
func (p *Pages[T, P]) attempt(f *Frame, x P, act *flow.Action, in *record.Input, fn func() (P, error)) (y P, fault string, err error) {
	if err := f.Site.DB.Read(f.R.Context(), func(tx *store.Tx) error {
		fm, err := p.Book.FormIn(tx, f.Scope, x, act)
		if err == nil {
			_, err = fm.Check(in.Raw)
		}
		return err
	}); err != nil {
		return nil, "", err
	}
	if slices.Contains(p.Photos, act.Name) || slices.Contains(p.Papers, act.Name) {
		list, fault, err := f.Taken()
		if err != nil || fault != "" {
			return nil, fault, err
		}
		in.Attach = f.Attach(list)
	}
	if p.Input != nil {
		if err := p.Input(f, x, act.Name, in); err != nil {
			return nil, "", err
		}
	}
	y, err = fn()
	return y, "", err
}

func (p *Pages[T, P]) after(f *Frame, x P, action string) string {
	if p.After != nil {
		if s := p.After(f, x, action); s != "" {
			return s
		}
	}
	return p.Href(p.Book.Head(x).ID)
}

// again shows a form again with what is wrong; nothing typed is lost.
func (p *Pages[T, P]) again(w http.ResponseWriter, f *Frame, x P, act *flow.Action, raw form.Raw, cause error, fault string) error {
	status, problem, faults := f.Wrong(cause)
	if status == 0 && fault == "" {
		return cause
	}
	v, err := p.formOf(f, x, act, raw)
	if err != nil {
		return err
	}
	f.Faulty = true
	v.Form.Faults, v.Problem = faults, problem
	if fault != "" {
		status = http.StatusUnprocessableEntity
		if v.Photos != nil {
			v.Photos.Fault = fault
		} else {
			v.PaperFault = fault
		}
	}
	return f.Render(w, status, doPage(f, v))
}

// explained is an error of a form that says itself what is wrong, where a fault's code is too little.
type explained interface {
	error
	In(lang words.Lang) string
}

// Wrong says of an error of a form how it is shown: a status with faults of fields, or with a problem in words. 0: it is
// no matter of the form.
func (f *Frame) Wrong(err error) (status int, problem string, faults form.Faults) {
	if list, ok := errors.AsType[form.Faults](err); ok {
		if e, ok := errors.AsType[explained](err); ok {
			problem = e.In(f.Lang)
		}
		return http.StatusUnprocessableEntity, problem, list
	}
	if r, ok := errors.AsType[*record.RefusedError](err); ok {
		return http.StatusConflict, f.T("refused."+r.Code, r.Args...), nil
	}
	switch {
	case errors.Is(err, access.ErrStale):
		return http.StatusPreconditionFailed, f.T("error.status.precondition_failed"), nil
	case errors.Is(err, flow.ErrState):
		return http.StatusConflict, f.T("staff.state.passed"), nil
	case errors.Is(err, store.ErrReused):
		return http.StatusConflict, f.T("staff.reused"), nil
	}
	return 0, "", nil
}
