package windows

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"weixiao/internal/enterprise/windows"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

// revealForm asks what is needed and why; its words are those of cases.
var revealForm = form.Form{Name: "reveal", Fields: []form.Field{
	{Name: "fields", Type: form.Multi, Required: true, Options: form.Options(string(vault.FieldPhone), string(vault.FieldName))},
	{Name: "reason", Type: form.Choice, Required: true, Options: reasons()},
	{Name: "note", Type: form.Text, Required: true, Max: 200},
}}

func reasons() (out []form.Option) {
	for _, r := range vault.Reasons {
		out = append(out, form.Option{Value: string(r)})
	}
	return out
}

// mayReveal reports whether somebody may see whom to answer: who contacts and verifies, never the clerk or her unit.
func (p *pages) mayReveal(f *staff.Frame, b *windows.Bad) bool {
	return b.Person != "" && b.State != "closed" && b.State != "dismissed" && p.w.Apart(f.Scope, b)
}

type revealView struct {
	Title, Back string
	Form        ui.FormView
	Shown       []ui.Pair
	Problem     string
}

func (p *pages) revealed(f *staff.Frame, raw form.Raw) (*revealView, *windows.Bad, error) {
	v, err := p.w.Bad.View(f.R.Context(), f.Scope, f.R.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	if v.X.Person == "" {
		return nil, nil, store.ErrNotFound
	}
	if !p.mayReveal(f, v.X) {
		return nil, nil, flow.ErrForbidden
	}
	back := p.bad.Href(v.Head.ID)
	x := &revealView{Title: f.T("desk.reveal.title"), Back: back}
	x.Form = ui.FormView{Form: revealForm, Raw: raw, Action: back + "/reveal", Dense: true, Alt: 1, Looks: map[string]string{"reason": "list"}, Submit: f.T("desk.reveal.submit"), Cancel: back,
		Hidden: []ui.Hidden{{Name: "_key", Value: staff.NewKey()}}}
	return x, v.X, nil
}

func (p *pages) revealPage(w http.ResponseWriter, r *http.Request) error {
	f := p.frames(r, "desk.reveal.title")
	v, _, err := p.revealed(f, form.Raw{"fields": {string(vault.FieldPhone)}})
	if err != nil {
		return err
	}
	return f.Render(w, http.StatusOK, revealTempl(f, v))
}

// reveal shows the contact once, on this answer only: every time is a row of the ledger.
func (p *pages) reveal(w http.ResponseWriter, r *http.Request) error {
	f := p.frames(r, "desk.reveal.title")
	if err := f.Parse(w); err != nil {
		return err
	}
	raw := f.Raw(revealForm)
	v, b, err := p.revealed(f, raw)
	if err != nil {
		return err
	}
	answers, err := revealForm.Check(raw)
	if faults, ok := errors.AsType[form.Faults](err); ok {
		v.Form.Faults, f.Faulty = faults, true
		return f.Render(w, http.StatusUnprocessableEntity, revealTempl(f, v))
	}
	var fields []vault.Field
	for _, s := range answers.List("fields") {
		fields = append(fields, vault.Field(s))
	}
	var person vault.Person
	err = p.DB.Write(r.Context(), func(tx *store.Tx) error {
		_, done, err := store.Once(tx, p.Pack.District, f.Key("reveal", b.ID, raw), "", f.Now)
		if err != nil {
			return err
		}
		if done {
			return store.ErrReused
		}
		person, err = p.Vault.Reveal(tx, p.Pack.District, b.Person, vault.Disclosure{At: f.Now, Account: f.Who.Account, Unit: f.Who.Unit, Subject: b.ID, Fields: fields,
			Reason: vault.Reason(answers.Str("reason")), Note: answers.Str("note")})
		return err
	})
	if errors.Is(err, store.ErrReused) || errors.As(err, new(*vault.LimitError)) {
		v.Problem, f.Faulty = f.T("windows.reveal.again"), true
		return f.Render(w, http.StatusConflict, revealTempl(f, v))
	}
	if err != nil {
		return err
	}
	for _, x := range []struct {
		field vault.Field
		value string
	}{{vault.FieldName, person.Name}, {vault.FieldPhone, person.Phone}} {
		if slices.Contains(fields, x.field) && strings.TrimSpace(x.value) != "" {
			v.Shown = append(v.Shown, ui.Pair{Label: ui.OptionLabel(f.Lang, "reveal", "fields", string(x.field)), Value: ui.Text(x.value)})
		}
	}
	return f.Render(w, http.StatusOK, revealTempl(f, v))
}
