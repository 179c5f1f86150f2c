package firms

import (
	"context"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// Under is the relation of those who work for the unit an organisation belongs to, or
// for one above it.
const Under = "under"

// RevealTable says who may see the contact of an organisation in plain words, with a
// reason: streets, communities and departments of those that belong to them, and the
// centre. Of an organisation that belongs to no unit, only the centre.
var RevealTable = flow.Table{
	Kind:   "firm_contact",
	States: Table.States,
	Actions: []flow.Action{{Name: "reveal", From: []string{Active}, Form: form.Form{Name: "contact_reveal"}, Who: []flow.Grant{
		{Role: access.StreetLead, Relation: Under}, {Role: access.Street, Relation: Under}, {Role: access.Community, Relation: Under}, {Role: access.DeptLead, Relation: Under},
		{Role: access.Department, Relation: Under}, {Role: access.Operator}, {Role: access.Dispatcher}, {Role: access.Duty}}}},
}

func (s *Firms) actor(sc access.Scope, x *Firm) flow.Actor {
	out := flow.Actor{Roles: sc.Roles()}
	if sc.Unit() != "" && x.Unit != "" && s.dir.Under(x.Unit, sc.Unit()) {
		out.Relations = []string{Under}
	}
	return out
}

// MayReveal reports whether there is a contact and the scope may see it.
func (s *Firms) MayReveal(sc access.Scope, x *Firm) bool {
	_, err := RevealTable.Permit("reveal", x.Position(), s.actor(sc, x))
	return err == nil && x.Person != ""
}

// Reveal opens name and telephone number of the contact. d has account, unit, reason and
// note; it becomes a row of the disclosure ledger under Subject, in the same
// transaction, which before may refuse (a form that was used). Errors: flow.ErrForbidden,
// flow.ErrState, store.ErrNotFound when there is no contact, those of vault.Reveal.
func (s *Firms) Reveal(ctx context.Context, sc access.Scope, id string, d vault.Disclosure, before func(*store.Tx) error) (who vault.Person, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		x, err := s.load(tx, id)
		if err != nil {
			return err
		}
		if _, err := RevealTable.Permit("reveal", x.Position(), s.actor(sc, x)); err != nil {
			return err
		}
		if x.Person == "" {
			return store.ErrNotFound
		}
		if err := before(tx); err != nil {
			return err
		}
		d.Subject, d.Fields = Subject(id), []vault.Field{vault.FieldName, vault.FieldPhone}
		who, err = s.vault.Reveal(tx, s.district, x.Person, d)
		return err
	})
	if err != nil {
		return vault.Person{}, err
	}
	return who, nil
}

// Subject is the name of an organisation in the disclosure ledger.
func Subject(id string) string { return "firm:" + id }
