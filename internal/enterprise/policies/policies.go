// Package policies keeps the district's policies for firms: what is promised in which clause, who may have it, and who
// got what under it.
//
//	policies.go  Options, Policies; the books
//	policy.go    a policy from its draft to its end; nothing is published without a fair-competition review
//	clause.go    a clause: for whom, how much, from which budget; its account
//	claim.go     the flow table of a claim
//	deciding.go  what claims may do: conditions, papers, two people, the budget
//	match.go     what a firm can get and what is missing; firms that a clause fits
//	public.go    what anybody may see
//	adopt.go     the policies that a pack brings
//
// The account of a clause is moved by acts of its own in the transaction of the claim that moves it: budget = paid +
// left - recovered, and what was granted and not paid yet is held back from what is left, which never goes below zero.
package policies

import (
	"context"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

// Options are what the package is wired with.
type Options struct {
	District  string
	Records   *record.Engine
	Directory *directory.Directory
	Vault     *vault.Vault
	// Units are the departments that write policies and pay under them; Reviewer looks at each for fair competition.
	Units    []string
	Reviewer string
	// Facts are what the profile of a firm says, and whether a unit has checked it.
	Facts func(tx *store.Tx, firm string) (f *conditions.Facts, checked bool, err error)
	// Name is what the register calls a firm, and whether it is one of those that can claim.
	Name func(tx *store.Tx, firm string) (name string, active bool, err error)
	// Each calls fn with the facts of every firm that has a profile.
	Each  func(tx *store.Tx, fn func(firm, name string, f *conditions.Facts) error) error
	Clock func() time.Time
}

// Policies keeps policies, clauses and claims of one district.
type Policies struct {
	db       *store.DB
	o        Options
	compiled *cache
	policies *record.Book[Policy, *Policy]
	clauses  *record.Book[Clause, *Clause]
	claims   *record.Book[Claim, *Claim]
}

// New wires the package and registers its kinds of records.
func New(db *store.DB, o Options) *Policies {
	s := &Policies{db: db, o: o, compiled: newCache()}
	s.policies = record.Register(o.Records, record.Kind[Policy, *Policy]{Table: &PolicyTable, Letters: "ZC", Keys: policyKeys, Sees: s.seesPolicy,
		Relations: func(_ *store.Tx, sc access.Scope, x *Policy) ([]string, error) { return s.relate(sc, x.Unit), nil },
		Plans: map[string]func(*record.Step[Policy, *Policy]) error{"draft": s.drafted, "change": s.changed, "review": s.reviewed,
			"publish": s.published, "end": s.ended}})
	s.clauses = record.Register(o.Records, record.Kind[Clause, *Clause]{Table: &ClauseTable, Letters: "TK", Keys: clauseKeys, Sees: s.seesClause,
		Relations: s.writes,
		Plans: map[string]func(*record.Step[Clause, *Clause]) error{"add": s.added, "change": s.clauseChanged, "drop": s.dropped,
			"hold": s.booked, "release": s.booked, "pay": s.booked, "recover": s.booked}})
	s.claims = record.Register(o.Records, record.Kind[Claim, *Claim]{Table: &ClaimTable, Letters: "DX", Keys: claimKeys, Sees: s.seesClaim,
		Relations: s.claimant, Options: s.papers, Limit: claimLimit,
		Plans: map[string]func(*record.Step[Claim, *Claim]) error{"file": s.filed, "offer": s.offered, "confirm": s.confirmed, "check": s.papersChecked,
			"propose": s.proposed, "agree": s.agreed, "disagree": s.disagreed, "pay": s.paid, "revoke": s.revoked, "recover": s.recovered}})
	return s
}

// Tables are the flow tables of the package.
func Tables() []*flow.Table { return []*flow.Table{&PolicyTable, &ClauseTable, &ClaimTable} }

// Relations of somebody to a policy, a clause or a claim.
const (
	Own      = "own"      // its unit; of a claim, the unit that decides it
	Author   = "author"   // of a clause: the unit that writes the policy
	Reviewer = "reviewer" // the unit that reviews for fair competition
	Claimant = "claimant" // the account speaks for the firm
)

func (s *Policies) relate(sc access.Scope, unit string) (out []string) {
	if sc.Unit() != "" && sc.Unit() == unit || unit == "" && slices.Contains(s.o.Units, sc.Unit()) {
		out = append(out, Own)
	}
	if sc.Unit() != "" && sc.Unit() == s.o.Reviewer {
		out = append(out, Reviewer)
	}
	return out
}

// writes: a clause is written by the unit of its policy.
func (s *Policies) writes(tx *store.Tx, sc access.Scope, x *Clause) ([]string, error) {
	unit := x.Author
	if unit == "" { // it is about to be made
		p, err := s.policies.Get(tx, sc, x.Policy)
		if err != nil {
			return nil, err
		}
		unit = p.Unit
	}
	if sc.Unit() != "" && sc.Unit() == unit {
		return []string{Author}, nil
	}
	return nil, nil
}

// staff reports whether the scope is of somebody who works with policies, or sees the whole district.
func (s *Policies) staff(sc access.Scope) bool {
	return sc.Firm() == "" && (sc.All() || sc.Unit() != "" && (slices.Contains(s.o.Units, sc.Unit()) || sc.Unit() == s.o.Reviewer))
}

func (s *Policies) program(why string) access.Scope { return access.SystemScope(s.o.District, why) }

// Book returns the books, for lists and pages.
func (s *Policies) Book() (*record.Book[Policy, *Policy], *record.Book[Clause, *Clause], *record.Book[Claim, *Claim]) {
	return s.policies, s.clauses, s.claims
}

// Act does an action to a policy, a clause or a claim, by the kind of its table.
func (s *Policies) Act(ctx context.Context, sc access.Scope, kind, id, action string, in record.Input) (err error) {
	switch kind {
	case PolicyTable.Kind:
		_, err = s.policies.Act(ctx, sc, id, action, in)
	case ClauseTable.Kind:
		_, err = s.clauses.Act(ctx, sc, id, action, in)
	case ClaimTable.Kind:
		_, err = s.claims.Act(ctx, sc, id, action, in)
	default:
		err = flow.ErrUnknown
	}
	return err
}

func day(at time.Time) string { return at.In(worktime.Zone).Format("2006-01-02") }
