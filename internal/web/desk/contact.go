package desk

import (
	"errors"
	"net/http"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/posts"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web/ui"
)

// contactForm asks why somebody wants to see the number of a holder of a post or of the
// contact of a firm.
var contactForm = form.Form{Name: "contact_reveal", Fields: []form.Field{
	{Name: "reason", Type: form.Choice, Required: true, Options: reasons()},
	{Name: "note", Type: form.Text, Required: true, Max: 200},
}}

// contact is a person of the vault that is not a petitioner.
type contact struct {
	subject, title, back, action string
	open                         func(d vault.Disclosure, before func(*store.Tx) error) (vault.Person, error)
}

// registerContacts adds the pages that show a private number once.
func (d *Desk) registerContacts(rt *access.Router) {
	terms, register := access.Rule{Roles: rolesOf(&posts.RevealTable, "reveal")}, access.Rule{Roles: rolesOf(&firms.RevealTable, "reveal")}
	rt.Handle("GET "+orgPath+"/terms/{id}/reveal", terms, d.contactPage((*frame).termContact))
	rt.Handle("POST "+orgPath+"/terms/{id}/reveal", terms, d.contactReveal((*frame).termContact))
	rt.Handle("GET "+firmPath+"/{id}/reveal", register, d.contactPage((*frame).firmContact))
	rt.Handle("POST "+firmPath+"/{id}/reveal", register, d.contactReveal((*frame).firmContact))
}

func (f *frame) termContact() (*contact, error) {
	t, _, err := f.d.s.Posts.Term(f.r.Context(), f.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if !f.d.s.Posts.MayReveal(f.sc, t) {
		return nil, flow.ErrForbidden
	}
	c := &contact{subject: posts.TermSubject(t.ID), title: t.Name, back: postHref(t.Post), action: orgPath + "/terms/" + t.ID + "/reveal"}
	c.open = func(d vault.Disclosure, before func(*store.Tx) error) (vault.Person, error) {
		return f.d.s.Posts.Reveal(f.r.Context(), f.sc, t.ID, d, before)
	}
	return c, nil
}

func (f *frame) firmContact() (*contact, error) {
	x, _, err := f.d.s.Firms.Get(f.r.Context(), f.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if !f.d.s.Firms.MayReveal(f.sc, x) {
		return nil, flow.ErrForbidden
	}
	c := &contact{subject: firms.Subject(x.ID), title: x.Name, back: firmPath + "/" + x.ID, action: firmPath + "/" + x.ID + "/reveal"}
	c.open = func(d vault.Disclosure, before func(*store.Tx) error) (vault.Person, error) {
		return f.d.s.Firms.Reveal(f.r.Context(), f.sc, x.ID, d, before)
	}
	return c, nil
}

func (f *frame) contactView(c *contact, raw form.Raw) revealView {
	v := revealView{Title: c.title, Back: c.back}
	v.Form = ui.FormView{Form: contactForm, Raw: raw, Action: c.action, Dense: true, Alt: 1, Looks: map[string]string{"reason": "list"}, Submit: f.T("desk.reveal.submit"), Cancel: c.back,
		Hidden: []ui.Hidden{{Name: "_key", Value: newKey()}}}
	return v
}

func (d *Desk) contactPage(find func(*frame) (*contact, error)) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := d.page(r, "desk.contact.title")
		c, err := find(f)
		if err != nil {
			return err
		}
		return f.render(w, http.StatusOK, revealPage(f, f.contactView(c, form.Raw{})))
	}
}

// contactReveal shows the contact once, on this answer only, and writes it into the
// disclosure ledger.
func (d *Desk) contactReveal(find func(*frame) (*contact, error)) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := d.page(r, "desk.contact.title")
		c, err := find(f)
		if err != nil {
			return err
		}
		if err := r.ParseForm(); err != nil {
			return err
		}
		raw := rawOf(contactForm, r)
		v := f.contactView(c, raw)
		answers, err := contactForm.Check(raw)
		if faults, ok := errors.AsType[form.Faults](err); ok {
			v.Form.Faults, f.Faulty = faults, true
			return f.render(w, http.StatusUnprocessableEntity, revealPage(f, v))
		}
		person, err := c.open(vault.Disclosure{At: f.Now, Account: f.who.Account, Unit: f.viewerUnit(), Reason: vault.Reason(answers.Str("reason")), Note: answers.Str("note")}, func(tx *store.Tx) error {
			_, done, err := store.Once(tx, d.s.Pack.District, f.key(r.PostFormValue("_key"), "reveal", c.subject, "reveal", raw), "", f.Now)
			if err == nil && done {
				err = store.ErrReused
			}
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
		for _, x := range []struct{ label, value string }{{"name", person.Name}, {"phone", person.Phone}} {
			if strings.TrimSpace(x.value) != "" {
				v.Shown = append(v.Shown, ui.Pair{Label: ui.OptionLabel(f.Lang, "reveal", "fields", x.label), Value: ui.Text(x.value)})
			}
		}
		return f.render(w, http.StatusOK, revealPage(f, v))
	}
}
