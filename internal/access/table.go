package access

import (
	"fmt"
	"slices"

	"weixiao/internal/flow"
	"weixiao/internal/form"
)

// States of an account, and the words of the grants in its table.
const (
	kindAccount = "account"
	active      = "active"
	disabled    = "disabled"

	self     = "self"     // role: the account itself
	ordinary = "ordinary" // relation: the account holds, and is to hold, none of the three administrators' roles
	other    = "other"    // relation: somebody else's account
)

// accounts is the rule of 三员分立: the system administrator keeps ordinary
// accounts, the security administrator decides about the three administrators
// and may change any roles but her own; the auditor reads. So nobody can make
// himself more powerful, and no two of them can be one person.
var accounts = flow.Table{
	Kind:   kindAccount,
	States: []flow.State{{Name: active, Chip: "done"}, {Name: disabled, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "create", To: active, Who: []flow.Grant{{Role: Admin, Relation: ordinary}, {Role: System}},
			Form: form.Form{Name: "account-create", Fields: slices.Concat([]form.Field{loginField}, personFields, []form.Field{rolesField, remarkField})}},
		{Name: "change", From: []string{active}, Who: keepers, Form: form.Form{Name: "account-change", Fields: append(slices.Clone(personFields), reasonField)}},
		{Name: "roles", From: []string{active}, Who: keepers, Form: form.Form{Name: "account-roles", Fields: []form.Field{rolesField, reasonField}}},
		{Name: "password", From: []string{active}, Who: slices.Concat(keepers, []flow.Grant{{Role: self}}),
			Form: form.Form{Name: "account-password", Fields: []form.Field{reasonField}}},
		{Name: "disable", From: []string{active}, To: disabled, Who: keepers, Form: form.Form{Name: "account-disable", Fields: []form.Field{reasonField}}},
		{Name: "enable", From: []string{disabled}, To: active, Who: keepers, Form: form.Form{Name: "account-enable", Fields: []form.Field{reasonField}}},
	},
}

var (
	keepers = []flow.Grant{{Role: Admin, Relation: ordinary}, {Role: Security, Relation: other}, {Role: System}}

	loginField   = form.Field{Name: "login", Type: form.Line, Required: true, Max: maxLogin}
	personFields = []form.Field{
		{Name: "name", Type: form.Line, Required: true, Max: 40, Personal: true},
		{Name: "unit", Type: form.Unit},
		{Name: "post", Type: form.Line, Max: 60},
	}
	rolesField = form.Field{Name: "roles", Type: form.Multi, Options: givenRoles()}
	// Whatever gives or takes rights says why; a new account may.
	reasonField = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 200, Personal: true}
	remarkField = form.Field{Name: "reason", Type: form.Text, Max: 200, Personal: true}
)

// Accounts is the table of what may be done to an account by whom. The caller
// must not change it.
func Accounts() *flow.Table { return &accounts }

func givenRoles() []form.Option {
	var out []form.Option
	for _, r := range roles {
		if !r.Pseudo {
			out = append(out, form.Option{Value: r.Name})
		}
	}
	return out
}

// OpenActions lists what the scope may do to an account now, in table order.
func (g *Gate) OpenActions(sc Scope, a Account) []*flow.Action {
	if g.ours(sc) != nil {
		return nil
	}
	return accounts.Open(flow.Position{State: a.state()}, sc.toward(a.ID, a.Roles))
}

// toward is the scope as the table sees it, facing an account with these roles
// (both the present and the wanted ones).
func (sc Scope) toward(id string, names []string) flow.Actor {
	who := flow.Actor{Roles: sc.Roles(), Relations: []string{other}}
	if id != "" && sc.account == id {
		who.Roles, who.Relations = append(who.Roles, self), nil
	}
	if !separate(names) {
		who.Relations = append(who.Relations, ordinary)
	}
	return who
}

// permit asks the table and returns the capacity in which the act is done.
func permit(action, state string, who flow.Actor) (capacity string, err error) {
	a, err := accounts.Action(action)
	if err != nil {
		return "", err
	}
	if a.From == nil {
		if !a.Grants(who) {
			return "", fmt.Errorf("%w: %s %s", flow.ErrForbidden, kindAccount, action)
		}
	} else if _, err := accounts.Permit(action, flow.Position{State: state}, who); err != nil {
		return "", err
	}
	for _, w := range a.Who {
		if slices.Contains(who.Roles, w.Role) && (w.Relation == "" || slices.Contains(who.Relations, w.Relation)) {
			return w.Role, nil
		}
	}
	return "", fmt.Errorf("%w: %s %s", flow.ErrForbidden, kindAccount, action)
}
