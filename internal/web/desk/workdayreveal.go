package desk

import (
	"errors"
	"net/http"
	"strings"

	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web/ui"
)

// revealed is a record with a person in the vault that somebody asks to see in plain words.
type revealed struct {
	subject, title, person, back, action string
}

func (f *frame) revealRecord(x revealed, raw form.Raw) revealView {
	v := revealView{Number: x.subject, Title: x.title, Back: x.back}
	v.Form = ui.FormView{Form: revealForm, Raw: raw, Action: x.action, Dense: true, Alt: 1, Looks: map[string]string{"reason": "list"}, Submit: f.T("desk.reveal.submit"), Cancel: x.back,
		Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}}}
	return v
}

// revealPerson shows the person of a record once, on this answer only: opening it again needs the reason again, and every time
// is a row of the ledger.
func (f *frame) revealPerson(w http.ResponseWriter, r *http.Request, x revealed) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	raw := rawOf(revealForm, r)
	v := f.revealRecord(x, raw)
	answers, err := revealForm.Check(raw)
	if faults, ok := errors.AsType[form.Faults](err); ok {
		v.Form.Faults, f.Faulty = faults, true
		return f.render(w, http.StatusUnprocessableEntity, revealPage(f, v))
	}
	var fields []vault.Field
	for _, s := range answers.List("fields") {
		fields = append(fields, vault.Field(s))
	}
	district := f.d.s.Pack.District
	var person vault.Person
	err = f.d.s.DB.Write(r.Context(), func(tx *store.Tx) error {
		_, done, err := store.Once(tx, district, f.key(r.PostFormValue("_key"), "reveal", x.subject, "reveal", raw), "", f.Now)
		if err != nil {
			return err
		}
		if done {
			return store.ErrReused
		}
		person, err = f.d.s.Vault.Reveal(tx, district, x.person, vault.Disclosure{At: f.Now, Account: f.who.Account, Unit: f.viewerUnit(), Subject: x.subject,
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
	for _, p := range []struct{ label, value string }{{"name", person.Name}, {"phone", person.Phone}, {"address", person.Address}} {
		if strings.TrimSpace(p.value) != "" {
			v.Shown = append(v.Shown, ui.Pair{Label: ui.OptionLabel(f.Lang, "reveal", "fields", p.label), Value: ui.Text(p.value)})
		}
	}
	return f.render(w, http.StatusOK, revealPage(f, v))
}

// bookingRevealed is the booking, if the user deals with it.
func (f *frame) bookingRevealed() (revealed, error) {
	b, x, _, err := f.d.s.Workdays.Booking(f.r.Context(), f.sc, f.r.PathValue("number"))
	if err != nil {
		return revealed{}, err
	}
	if b.Person == "" {
		return revealed{}, store.ErrNotFound
	}
	if len(f.d.s.Workdays.OpenBooking(f.sc, x, b)) == 0 {
		return revealed{}, flow.ErrForbidden
	}
	back := bookingPath + "/" + b.Number
	return revealed{b.Number, b.Number, b.Person, back, back + "/reveal"}, nil
}

func (d *Desk) bookingRevealPage(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.reveal.title")
	x, err := f.bookingRevealed()
	if err != nil {
		return err
	}
	return f.render(w, http.StatusOK, revealPage(f, f.revealRecord(x, form.Raw{"fields": {string(vault.FieldPhone)}})))
}

func (d *Desk) bookingReveal(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.reveal.title")
	x, err := f.bookingRevealed()
	if err != nil {
		return err
	}
	return f.revealPerson(w, r, x)
}
