package access

import (
	"weixiao/internal/flow"
	"weixiao/internal/store"
)

// Member is an active account as the program needs to know it to address somebody.
type Member struct {
	ID, Unit, Post string
	Roles          []string
}

func scanMember(s store.Scanner) (m Member, err error) {
	var names string
	err = s.Scan(&m.ID, &m.Unit, &m.Post, &names)
	m.Roles = splitRoles(names)
	return m, err
}

// Members lists the active accounts of exactly one unit, in the order of their
// logins, at most 200. It is for the program itself, which has to know whom to
// tell.
func Members(tx *store.Tx, sc Scope, unit string) ([]Member, error) {
	if !sc.Can(System) {
		return nil, flow.ErrForbidden
	}
	return store.All(tx, scanMember, `SELECT id, unit, post, roles FROM accounts WHERE district = $1 AND unit = $2 AND active ORDER BY login LIMIT 200`, sc.District(), unit)
}

// MemberOf finds one active account; false if there is none with that id. Like
// Members it is for the program itself.
func MemberOf(tx *store.Tx, sc Scope, id string) (Member, bool, error) {
	if !sc.Can(System) {
		return Member{}, false, flow.ErrForbidden
	}
	found, err := store.All(tx, scanMember, `SELECT id, unit, post, roles FROM accounts WHERE district = $1 AND id = $2 AND active`, sc.District(), id)
	if err != nil || len(found) == 0 {
		return Member{}, false, err
	}
	return found[0], true, nil
}
