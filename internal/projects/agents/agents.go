// Package agents is the accompanying of projects (领办代办): voluntary, free, entrusted in writing. An agent of the district leads
// a project through its approvals, a helper of the street and a liaison of a department help. None of them signs for the firm:
// no table grants what needs its signature to anybody but the firm's own account.
//
//	agents.go   Agents, Options, who is what to an entrustment
//	agency.go   the entrustment: asked for, entrusted, agent named, planned, worked on, done, rated
//	blocker.go  what holds a project up: with an owner and a day; one may become a whistle
//	list.go     an entrustment with its items and blockers, figures of agents
//
// What the items of a project are, and how a whistle is blown, other packages say (Options).
package agents

import (
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Project is a project as far as its agents need to know it.
type Project struct {
	ID, Title string
	Firm      string // code
	Street    string
	File      string // number of its approval file; "" = none yet
}

// Item is an approval item of a file, as a plan shows it.
type Item struct {
	ID, Title, Stage, Unit, State string
	Promised, Used                int       // working days
	Decided, Ended                bool      // decided: granted or refused; ended: nothing is left to do
	Due                           time.Time // zero: it has none now
	Late                          bool
}

// Whistle is what a blocker asks several units for.
type Whistle struct {
	Street  string // that whistles
	Project string // title
	Issue   string
	Units   []string
	At      time.Time
}

// Options are what the package is wired with.
type Options struct {
	Rules     *pack.Approvals
	Directory *directory.Directory
	// Projects are those of a firm; Project finds one, or store.ErrNotFound.
	Projects func(tx *store.Tx, firm string) ([]Project, error)
	Project  func(tx *store.Tx, id string) (Project, error)
	// Items are those of a file, in its order, whoever asks.
	Items func(tx *store.Tx, file string) ([]Item, error)
	// Post is the post of an account, "" for none.
	Post func(tx *store.Tx, account string) (string, error)
	// Whistle drafts a whistle and returns its number; by whom no street's whistle is drafted, a case for the street is made
	// and its number returned.
	Whistle func(tx *store.Tx, sc access.Scope, w Whistle) (string, error)
	Clock   func() time.Time
}

// Agents keeps the entrustments of one district.
type Agents struct {
	db       *store.DB
	o        Options
	Agencies *record.Book[Agency, *Agency]
	Blockers *record.Book[Blocker, *Blocker]
}

// New registers the kinds of records; nil for a pack without approvals.yaml.
func New(db *store.DB, e *record.Engine, o Options) *Agents {
	if o.Rules == nil {
		return nil
	}
	s := &Agents{db: db, o: o}
	s.Agencies = record.Register(e, s.agencyKind())
	s.Blockers = record.Register(e, s.blockerKind())
	return s
}

// Tables are the flow tables of this package.
func Tables() []*flow.Table { return []*flow.Table{&AgencyTable, &BlockerTable} }

// Relations of somebody to an entrustment.
const (
	own    = "own"    // speaks for its firm
	hall   = "hall"   // works in the hall that names agents
	agent  = "agent"  // was named for it
	helps  = "helps"  // helper, liaison, or the agent
	street = "street" // works in the street of the project
	owner  = "owner"  // works for the unit that has a blocker
)

// Signed are the actions that need the firm's signature, by kind of record.
var Signed = map[string][]string{"agency": {"request", "entrust", "rate", "withdraw"}}

func grants(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

var (
	theFirm  = grants(own, access.Firm)
	theHall  = grants(hall, access.Department, access.DeptLead)
	theAgent = grants(agent, access.Department, access.Street)
	helpers  = grants(helps, access.Department, access.Street)

	reason = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 500}
)

// Roles are the roles that see entrustments.
func Roles() []string {
	return []string{access.Department, access.DeptLead, access.Street, access.StreetLead, access.Supervisor, access.Leader, access.Auditor}
}

// MaySee reports whether the scope may look at entrustments at all: a firm at its own.
func MaySee(sc access.Scope) bool { return sc.Firm() != "" || sc.Can(Roles()...) }

func sees(sc access.Scope, firm string) bool {
	if sc.Firm() != "" {
		return sc.Firm() == firm
	}
	return sc.Can(Roles()...)
}

func (s *Agents) under(sc access.Scope, unit string) bool {
	return sc.Unit() != "" && unit != "" && s.o.Directory.Under(unit, sc.Unit())
}

// about are the relations of somebody to an entrustment.
func (s *Agents) about(tx *store.Tx, sc access.Scope, x *Agency) (out []string, err error) {
	if sc.Firm() != "" {
		if x.Firm == "" || sc.Firm() == x.Firm {
			out = append(out, own)
		}
		return out, nil
	}
	if s.under(sc, s.o.Rules.Hall) {
		out = append(out, hall)
	}
	if s.under(sc, x.Street) {
		out = append(out, street)
	}
	if sc.Account() == "" || x.Agent == "" {
		return out, nil
	}
	post, err := s.o.Post(tx, sc.Account())
	switch {
	case err != nil:
		return nil, err
	case post == "":
	case post == x.Agent:
		out = append(out, agent, helps)
	case post == x.Helper || post == x.Liaison:
		out = append(out, helps)
	}
	return out, nil
}

// posts are the posts of a kind that the pack names.
func (s *Agents) posts(kinds ...string) (out []string) {
	for _, a := range s.o.Rules.Agents {
		if slices.Contains(kinds, a.Kind) {
			out = append(out, a.Post)
		}
	}
	return out
}
