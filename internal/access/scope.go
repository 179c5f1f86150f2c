package access

import (
	"context"
	"fmt"
	"slices"

	"weixiao/internal/flow"
	"weixiao/internal/journal"
)

// Kind is how a principal proved who it is.
type Kind string

const (
	None   Kind = ""       // anonymous
	Cookie Kind = "cookie" // a browser
	Bearer Kind = "bearer" // a program with a session of its own
	Key    Kind = "key"    // an API key of a program
)

// Principal is who is asking. The zero value, and one of Kind None, is anybody.
type Principal struct {
	District   string
	Account    string // id; "" for anonymous and API keys
	Login      string
	Name       string
	Unit       string
	Post       string
	Roles      []string
	Path       []string // the unit, its parent, … to the district; empty: the unit is not in the directory
	Kind       Kind
	Client     string   // name of the API client, for Key
	Opens      []string // what its key opens, for Key
	MustChange bool     // the password must be changed before anything else

	session string // digest of the token it came with
}

// SignedIn reports whether a person is behind it.
func (p Principal) SignedIn() bool { return p.Account != "" }

// Is reports whether it holds one of the roles.
func (p Principal) Is(roles ...string) bool { return overlap(p.Roles, roles) }

type principalKey struct{}

// With returns a context that carries the principal.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From returns the principal of a request; anonymous if there is none.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(principalKey{}).(Principal)
	return p
}

// Scope is what somebody reaches in one district. It is made only by ScopeOf,
// PublicScope and SystemScope; the zero value reaches nothing: its District
// panics, everything else denies.
//
// Which rows: All, else those of Unit and below (Covers), else single records it
// Holds. What may be done to them: Can, and the flow tables.
type Scope struct {
	district string
	account  string
	client   string
	unit     string
	firm     string
	post     string
	path     []string
	roles    []string
	all      bool
	record   string
	why      string
}

// ScopeOf compiles the scope of a principal. A unit that is no longer in the
// directory reaches nothing.
func ScopeOf(p Principal) Scope {
	switch {
	case p.District == "":
		return Scope{}
	case p.Kind == Key:
		return Scope{district: p.District, client: p.Client, roles: []string{APIClient}}
	case p.Account == "":
		return PublicScope(p.District)
	}
	sc := Scope{district: p.District, account: p.Account, post: p.Post}
	for _, name := range p.Roles {
		r, ok := RoleOf(name)
		if !ok || r.Pseudo {
			continue
		}
		sc.roles = append(sc.roles, name)
		sc.all = sc.all || r.Reach == ReachDistrict
		if r.Outside {
			sc.firm = p.Unit
		}
		if r.worksInUnit() && p.Unit != "" && len(p.Path) > 0 && p.Path[0] == p.Unit {
			sc.unit = p.Unit
		}
	}
	sc.path = slices.Clone(p.Path)
	return sc
}

// PublicScope is what anybody reaches: what a work package publishes.
func PublicScope(district string) Scope {
	if district == "" {
		return Scope{}
	}
	return Scope{district: district, roles: []string{Anonymous}}
}

// SystemScope is for the program itself: followers, timers, imports. why is one
// line for whoever reviews its uses.
func SystemScope(district, why string) Scope {
	if why == "" {
		panic("access: SystemScope without a reason")
	}
	if district == "" {
		return Scope{}
	}
	return Scope{district: district, all: true, roles: []string{System}, why: why}
}

// Holding is the scope of somebody who proved to hold the secret of one record
// (see Gate.Guard). Only a public scope becomes one.
func (sc Scope) Holding(record string) Scope {
	if !slices.Equal(sc.roles, []string{Anonymous}) || record == "" {
		return Scope{}
	}
	return Scope{district: sc.district, roles: []string{Resident}, record: record}
}

// District is the code every query begins with. It panics on a zero Scope, so
// that a forgotten scope can never become a query over all districts.
func (sc Scope) District() string {
	if sc.district == "" {
		panic("access: a zero Scope reaches nothing")
	}
	return sc.district
}

// All reports whether every unit of the district is reached.
func (sc Scope) All() bool { return sc.all }

// Unit is the unit that the scope works for and reaches with everything below it;
// "" if there is none. Beside All it says whose work is done.
func (sc Scope) Unit() string { return sc.unit }

// Firm is the code of the firm that the account speaks for, "" if it is none's. It reaches no unit.
func (sc Scope) Firm() string { return sc.firm }

// Post is the post that the account works on, "" if it has none. What belongs to a post and not to a person goes by it.
func (sc Scope) Post() string { return sc.post }

// Account is the id of the account, "" if nobody is signed in.
func (sc Scope) Account() string { return sc.account }

// Client is the name of the API client, "" if it is none.
func (sc Scope) Client() string { return sc.client }

// Roles lists the roles, for a flow.Actor.
func (sc Scope) Roles() []string { return slices.Clone(sc.roles) }

// Why is the reason of a system scope.
func (sc Scope) Why() string { return sc.why }

// Can reports whether it holds one of the roles.
func (sc Scope) Can(roles ...string) bool { return overlap(sc.roles, roles) }

// Covers reports whether a record is reached whose unit has this path (the unit,
// its parent, … to the district).
func (sc Scope) Covers(path ...string) bool {
	if sc.all {
		return true
	}
	return sc.unit != "" && slices.Contains(path, sc.unit)
}

// Within reports whether the account belongs to that unit or to one below it.
func (sc Scope) Within(unit string) bool { return unit != "" && slices.Contains(sc.path, unit) }

// Holds reports whether the scope is that of the holder of this record's secret.
func (sc Scope) Holds(record string) bool { return record != "" && sc.record == record }

// Actor is who an act is written down to, in the capacity of one of the scope's
// roles; "" takes the first. A role that is not held is a mistake and panics.
func (sc Scope) Actor(role string) journal.Actor {
	if role == "" && len(sc.roles) > 0 {
		role = sc.roles[0]
	}
	if !sc.Can(role) {
		panic(fmt.Sprintf("access: an act in a capacity that is not held: %q", role))
	}
	return sc.actor(role)
}

func (sc Scope) actor(capacity string) journal.Actor {
	if sc.client != "" {
		capacity = "open311:" + sc.client
	}
	unit := sc.firm
	if len(sc.path) > 0 {
		unit = sc.path[0]
	}
	return journal.Actor{Account: sc.account, Unit: unit, Capacity: capacity}
}

// need refuses a scope without one of the roles.
func (sc Scope) need(what string, roles ...string) error {
	if !sc.Can(roles...) {
		return fmt.Errorf("%w: %s", flow.ErrForbidden, what)
	}
	return nil
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}
