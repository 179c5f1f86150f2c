package policies

import (
	"context"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/enterprise"
	"weixiao/internal/flow"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

func flowActor(sc access.Scope, relations []string) flow.Actor {
	return flow.Actor{Roles: sc.Roles(), Relations: relations}
}

// Match is one clause held against the profile of a firm.
type Match struct {
	Clause        *Clause
	Verdict       conditions.Verdict
	Amount        int64    // fen, by the profile, at most the clause's cap; 0 as long as it is not known
	AmountMissing []string // facts without which the amount is not known
	Claim         *Claim   // of this period, if there is one that was not refused or withdrawn
}

// Missing are the facts to state before the clause is decided, each once.
func (m *Match) Missing() []string { return m.Verdict.Missing() }

func (s *Policies) judge(c *Clause, f *conditions.Facts, e *conditions.Env) (*Match, error) {
	who, amount, err := s.compiled.of(c)
	if err != nil {
		return nil, err
	}
	m := &Match{Clause: c, Verdict: who.Judge(e, f)}
	m.Amount, m.AmountMissing = amount.Of(e, f)
	m.Amount = min(m.Amount, c.Cap)
	return m, nil
}

// Running are the clauses that can be claimed on a day, policy by policy, in order.
func (s *Policies) Running(tx *store.Tx, on string) (policies []*Policy, clauses [][]*Clause, err error) {
	var all []*Policy
	if err = s.policies.Each(tx, record.Filter{State: Published}, func(p *Policy) error { all = append(all, p); return nil }); err != nil {
		return nil, nil, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		if on < all[i].From || on > all[i].Until {
			continue
		}
		list, err := s.of(tx, all[i].ID)
		if err != nil {
			return nil, nil, err
		}
		policies, clauses = append(policies, all[i]), append(clauses, list)
	}
	return policies, clauses, nil
}

// Matched is a policy with its clauses held against one firm.
type Matched struct {
	Policy  *Policy
	Clauses []*Match
}

// Matches is what a firm can get under every running clause, what not, and what is missing. A firm asks for itself;
// staff who see its profile ask for it. Whose firm it may not see it is for the caller to ask first.
func (s *Policies) Matches(ctx context.Context, sc access.Scope, firm string, at time.Time) ([]Matched, error) {
	if sc.Firm() != "" && sc.Firm() != firm || sc.Firm() == "" && sc.Account() == "" && !sc.Can(access.System) {
		return nil, store.ErrNotFound
	}
	return store.Get(ctx, s.db, func(tx *store.Tx) ([]Matched, error) {
		f, _, err := s.o.Facts(tx, firm)
		if err != nil {
			return nil, err
		}
		claims := map[string]*Claim{}
		if err := s.claims.Each(tx, record.Filter{Of: firm}, func(x *Claim) error {
			if x.State != Refused && x.State != Withdrawn && x.State != Cancelled && (x.Period == Once || x.Period == day(at)[:4]) {
				claims[x.Clause] = x
			}
			return nil
		}); err != nil {
			return nil, err
		}
		policies, clauses, err := s.Running(tx, day(at))
		if err != nil {
			return nil, err
		}
		e := conditions.NewEnv(f, at)
		out := make([]Matched, len(policies))
		for i, p := range policies {
			out[i].Policy = p
			for _, c := range clauses[i] {
				m, err := s.judge(c, f, e)
				if err != nil {
					return nil, err
				}
				if x := claims[c.ID]; x != nil && s.seesClaim(sc, x) {
					m.Claim = x
				}
				out[i].Clauses = append(out[i].Clauses, m)
			}
		}
		return out, nil
	})
}

// Try holds a clause that need not be saved yet against a firm: the editor's try-out.
func (s *Policies) Try(ctx context.Context, sc access.Scope, c *Clause, firm string, at time.Time) (*Match, error) {
	if !s.staff(sc) {
		return nil, flow.ErrForbidden
	}
	if err := conditions.Prove(c.Who, c.Amount); err != nil {
		return nil, err
	}
	return store.Get(ctx, s.db, func(tx *store.Tx) (*Match, error) {
		f, _, err := s.o.Facts(tx, firm)
		if err != nil {
			return nil, err
		}
		return s.judge(c, f, conditions.NewEnv(f, at))
	})
}

// Candidate is a firm that a clause fits.
type Candidate struct {
	Firm, Name string
	Amount     int64
}

// Candidates are the firms that a clause without application fits and that have not had it this period, for its unit.
func (s *Policies) Candidates(ctx context.Context, sc access.Scope, clause string, at time.Time) ([]Candidate, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) ([]Candidate, error) {
		c, err := s.clauses.Get(tx, sc, clause)
		if err != nil {
			return nil, err
		}
		if !sc.All() && sc.Unit() != c.Unit || sc.Firm() != "" {
			return nil, flow.ErrForbidden
		}
		period := Once
		if c.Period == Yearly {
			period = day(at)[:4]
		}
		had := map[string]bool{}
		if err := s.claims.Each(tx, record.Filter{Parent: c.ID, Tag: period}, func(x *Claim) error {
			if x.State != Cancelled {
				had[x.Firm] = true
			}
			return nil
		}); err != nil {
			return nil, err
		}
		var out []Candidate
		err = s.o.Each(tx, func(firm, name string, f *conditions.Facts) error {
			if had[firm] {
				return nil
			}
			m, err := s.judge(c, f, conditions.NewEnv(f, at))
			if err == nil && m.Verdict.Truth == conditions.Yes && m.Amount > 0 {
				if _, checked, e := s.o.Facts(tx, firm); e != nil || !checked {
					return e
				}
				out = append(out, Candidate{firm, name, m.Amount})
			}
			return err
		})
		return out, err
	})
}

// Count is how many firms a clause fits, does not fit, or might fit.
type Count struct {
	Clause           *Clause
	Yes, No, Unknown int64
}

// Counts holds every running clause against every firm with a profile: whom a policy reaches.
func (s *Policies) Counts(ctx context.Context, at time.Time) (out []Count, firms int64, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		out, firms = nil, 0
		_, clauses, err := s.Running(tx, day(at))
		if err != nil {
			return err
		}
		var who []*conditions.Condition
		for _, list := range clauses {
			for _, c := range list {
				w, _, err := s.compiled.of(c)
				if err != nil {
					return err
				}
				who, out = append(who, w), append(out, Count{Clause: c})
			}
		}
		machine := conditions.NewMachine()
		return s.o.Each(tx, func(_, _ string, f *conditions.Facts) error {
			firms++
			e := conditions.NewEnv(f, at)
			for i, w := range who {
				switch w.Truth(e, machine) {
				case conditions.Yes:
					out[i].Yes++
				case conditions.No:
					out[i].No++
				default:
					out[i].Unknown++
				}
			}
			return nil
		})
	})
	return out, firms, err
}

// Matters are the claims of the firm that the scope speaks for, newest first.
func (s *Policies) Matters(ctx context.Context, sc access.Scope) ([]enterprise.Matter, error) {
	if sc.Firm() == "" {
		return nil, nil
	}
	list, _, err := s.claims.List(ctx, sc, record.Filter{Of: sc.Firm(), Limit: 100})
	var out []enterprise.Matter
	for _, x := range list {
		st, _ := ClaimTable.State(x.State)
		out = append(out, enterprise.Matter{Kind: ClaimTable.Kind, ID: x.ID, Title: x.Title, State: x.State, Chip: st.Chip, Path: "/business/claims/" + x.ID, At: x.Changed,
			Due: record.NoDue, Yours: x.State == Offered || x.State == Supplement || x.State == Revoked})
	}
	return out, err
}
