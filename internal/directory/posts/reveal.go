package posts

import (
	"context"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// RevealTable says who may see the private number of a holder in plain words, with a
// reason: those who work with the posts of their own street, department or community, and
// the centre, which must reach somebody when it burns. The administrator, who keeps
// accounts, does not.
var RevealTable = flow.Table{
	Kind:   "term_contact",
	States: Table.States,
	Actions: []flow.Action{{Name: "reveal", From: []string{Proposed, Published, InPost}, Form: form.Form{Name: "contact_reveal"},
		Who: append(who(Under, access.StreetLead, access.Street, access.DeptLead, access.Department, access.Community), who("", access.Operator, access.Dispatcher, access.Duty)...)}},
}

// MayReveal reports whether there is a private number and the scope may see it. A number
// that its owner lets everybody see needs no reason.
func (p *Posts) MayReveal(sc access.Scope, t *Term) bool {
	_, err := RevealTable.Permit("reveal", t.Position(), p.actor(sc, t.Unit))
	return err == nil && t.Person != "" && t.Phone == ""
}

// Reveal opens the private number of a holder. d has account, unit, reason and note; it
// becomes a row of the disclosure ledger under TermSubject, in the same transaction,
// which before may refuse (a form that was used). Errors: flow.ErrForbidden,
// flow.ErrState, store.ErrNotFound when there is no number, those of vault.Reveal.
func (p *Posts) Reveal(ctx context.Context, sc access.Scope, id string, d vault.Disclosure, before func(*store.Tx) error) (who vault.Person, err error) {
	err = p.db.Write(ctx, func(tx *store.Tx) error {
		t, err := p.term(tx, id)
		if err != nil {
			return err
		}
		if _, err := RevealTable.Permit("reveal", t.Position(), p.actor(sc, t.Unit)); err != nil {
			return err
		}
		if t.Person == "" {
			return store.ErrNotFound
		}
		if err := before(tx); err != nil {
			return err
		}
		d.Subject, d.Fields = TermSubject(id), []vault.Field{vault.FieldPhone}
		who, err = p.o.Vault.Reveal(tx, p.o.District, t.Person, d)
		return err
	})
	if err != nil {
		return vault.Person{}, err
	}
	return who, nil
}

// TermSubject is the name of a term in the disclosure ledger.
func TermSubject(id string) string { return "term:" + id }
