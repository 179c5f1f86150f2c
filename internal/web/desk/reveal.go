package desk

import (
	"errors"
	"net/http"
	"strings"

	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// revealForm asks what is needed and why.
var revealForm = form.Form{Name: "reveal", Fields: []form.Field{
	{Name: "fields", Type: form.Multi, Required: true, Options: form.Options(string(vault.FieldPhone), string(vault.FieldName), string(vault.FieldAddress))},
	{Name: "reason", Type: form.Choice, Required: true, Options: reasons()},
	{Name: "note", Type: form.Text, Required: true, Max: 200},
}}

func reasons() []form.Option {
	out := make([]form.Option, len(vault.Reasons))
	for i, r := range vault.Reasons {
		out[i] = form.Option{Value: string(r)}
	}
	return out
}

// revealView is the form, or what it opened.
type revealView struct {
	Number, Title string
	Form          ui.FormView
	Problem       string
	Shown         []ui.Pair
	Back          string
}

// revealCase is the case, if the user may ask for its petitioner.
func (f *frame) revealCase(r *http.Request) (*cases.Case, error) {
	k, err := f.d.s.Cases.Get(r.Context(), f.sc, r.PathValue("number"))
	switch {
	case err != nil:
		return nil, err
	case k.Person == "":
		return nil, store.ErrNotFound
	case !f.mayReveal(k):
		return nil, flow.ErrForbidden
	}
	return k, nil
}

func (f *frame) revealView(k *cases.Case, raw form.Raw) revealView {
	v := revealView{Number: k.Number, Title: k.Title, Back: "/desk/cases/" + k.Number + f.listing().query()}
	v.Form = ui.FormView{Form: revealForm, Raw: raw, Action: "/desk/cases/" + k.Number + "/reveal" + f.listing().query(), Dense: true, Alt: 1,
		Looks: map[string]string{"reason": "list"}, Submit: f.T("desk.reveal.submit"), Cancel: v.Back, Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}}}
	return v
}

func (d *Desk) revealPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.reveal.title")
	k, err := f.revealCase(r)
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, revealPage(f, f.revealView(k, form.Raw{"fields": {string(vault.FieldPhone)}})))
}

// reveal shows the petitioner once, on this answer only: opening it again needs
// the reason again, and every time is a row of the ledger.
func (d *Desk) reveal(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.reveal.title")
	k, err := f.revealCase(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	raw := rawOf(revealForm, r)
	v := f.revealView(k, raw)
	answers, err := revealForm.Check(raw)
	if faults, ok := errors.AsType[form.Faults](err); ok {
		v.Form.Faults, f.Faulty = faults, true
		return f.render(w, http.StatusUnprocessableEntity, revealPage(f, v))
	}
	var fields []vault.Field
	for _, s := range answers.List("fields") {
		fields = append(fields, vault.Field(s))
	}
	var person vault.Person
	err = d.s.DB.Write(r.Context(), func(tx *store.Tx) error {
		_, done, err := store.Once(tx, k.District, f.key(r.PostFormValue("_key"), "reveal", k.Number, "reveal", raw), "", f.Now)
		if err != nil {
			return err
		}
		if done {
			return store.ErrReused
		}
		person, err = d.s.Vault.Reveal(tx, k.District, k.Person, vault.Disclosure{At: f.Now, Account: f.who.Account, Unit: f.viewerUnit(), Subject: k.Number,
			Fields: fields, Reason: vault.Reason(answers.Str("reason")), Note: answers.Str("note")})
		return err
	})
	if err != nil {
		status := 0
		if v.Problem, status = f.revealProblem(err); v.Problem == "" {
			return err
		}
		f.Faulty = true
		return f.render(w, status, revealPage(f, v))
	}
	for _, x := range []struct{ label, value string }{{"name", person.Name}, {"phone", person.Phone}, {"address", person.Address}} {
		if strings.TrimSpace(x.value) != "" {
			v.Shown = append(v.Shown, ui.Pair{Label: ui.OptionLabel(f.Lang, "reveal", "fields", x.label), Value: ui.Text(x.value)})
		}
	}
	return f.render(w, http.StatusOK, revealPage(f, v))
}

// revealProblem says why nothing is shown.
func (f *frame) revealProblem(err error) (string, int) {
	if l, ok := errors.AsType[*vault.LimitError](err); ok {
		return f.T("desk.reveal.limit", l.Limit, words.ShortDay(f.Lang, l.Again)), http.StatusTooManyRequests
	}
	switch {
	case errors.Is(err, vault.ErrErased):
		return f.T("desk.case.erased"), http.StatusGone
	case errors.Is(err, store.ErrReused):
		return f.T("desk.reveal.again"), http.StatusConflict
	}
	return "", 0
}

// viewerUnit is whose eyes see: the user's unit, or the district of people
// without one.
func (f *frame) viewerUnit() string {
	if f.who.Unit != "" {
		return f.who.Unit
	}
	return f.d.s.Pack.District
}
