package cases

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/store"
)

// roster remembers who works where while many rungs are handled.
type roster struct {
	c       *Cases
	sc      access.Scope
	members map[string][]access.Member
	single  map[string]bool // whether an account is active
}

func (c *Cases) newRoster() *roster {
	return &roster{c: c, sc: c.alarmScope(), members: map[string][]access.Member{}, single: map[string]bool{}}
}

func (r *roster) of(tx *store.Tx, unit string) ([]access.Member, error) {
	list, ok := r.members[unit]
	if !ok {
		var err error
		if list, err = access.Members(tx, r.sc, unit); err != nil {
			return nil, err
		}
		r.members[unit] = list
	}
	return list, nil
}

func (r *roster) active(tx *store.Tx, account string) (bool, error) {
	ok, known := r.single[account]
	if !known {
		var err error
		if _, ok, err = access.MemberOf(tx, r.sc, account); err != nil {
			return false, err
		}
		r.single[account] = ok
	}
	return ok, nil
}

// leadRoles answer for their unit when nobody with an account sits on its leading
// post.
var leadRoles = []string{access.StreetLead, access.DeptLead, access.Community}

// leads are the accounts that answer for a unit; none when it has no such account,
// and then the unit as a whole is told.
func (r *roster) leads(tx *store.Tx, unit string) ([]string, error) {
	all, err := r.of(tx, unit)
	if err != nil {
		return nil, err
	}
	if post, ok := r.c.d.Directory.Lead(unit); ok {
		if on := ids(all, func(m access.Member) bool { return m.Post == post.ID }); len(on) > 0 {
			return on, nil
		}
	}
	return ids(all, func(m access.Member) bool { return holdsAny(m, leadRoles) }), nil
}

func ids(all []access.Member, keep func(access.Member) bool) (out []string) {
	for _, m := range all {
		if keep(m) {
			out = append(out, m.ID)
		}
	}
	return out
}

func holdsAny(m access.Member, roles []string) bool {
	return slices.ContainsFunc(m.Roles, func(role string) bool { return slices.Contains(roles, role) })
}

// meant is who a rung tells: the unit, and the accounts in it. Nobody is skipped
// for want of an assignee: the unit's lead stands in.
func (r *roster) meant(tx *store.Tx, whom catalogue.Whom, unit, assignee string) (at string, to []string, err error) {
	switch whom {
	case catalogue.ToSupervision:
		return r.supervision(tx)
	case catalogue.ToSuperior:
		return r.superior(tx, unit)
	case catalogue.ToAssignee:
		if assignee == "" {
			break
		}
		ok, err := r.active(tx, assignee)
		if err != nil {
			return "", nil, err
		}
		if ok {
			return unit, []string{assignee}, nil
		}
	}
	to, err = r.leads(tx, unit)
	return unit, to, err
}

// superior is the unit above, while that one handles cases itself; above streets
// and departments it is the district leader in charge of them.
func (r *roster) superior(tx *store.Tx, unit string) (string, []string, error) {
	path := r.c.d.Directory.Path(unit)
	if len(path) > 1 && path[1].Kind.HandlesCases() {
		to, err := r.leads(tx, path[1].ID)
		return path[1].ID, to, err
	}
	post, ok := r.c.d.Directory.Post(r.c.d.Ladder.InCharge(path))
	if !ok {
		return r.supervision(tx)
	}
	all, err := r.of(tx, post.Unit)
	if err != nil {
		return "", nil, err
	}
	to := ids(all, func(m access.Member) bool { return m.Post == post.ID })
	if len(to) == 0 {
		to = ids(all, func(m access.Member) bool { return holdsAny(m, []string{access.Leader}) })
	}
	if len(to) == 0 { // no leader reads here: somebody must
		return r.supervision(tx)
	}
	return post.Unit, to, nil
}

func (r *roster) supervision(tx *store.Tx) (string, []string, error) {
	unit := r.c.d.Centre
	if offices := r.c.d.Directory.ByKind(directory.Supervision); len(offices) > 0 {
		unit = offices[0].ID
	}
	all, err := r.of(tx, unit)
	return unit, ids(all, func(m access.Member) bool { return holdsAny(m, []string{access.Supervisor}) }), err
}
