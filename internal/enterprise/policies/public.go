package policies

import (
	"context"

	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Grant is what everybody may know of a payment: which firm got how much under which clause, and what came back. No
// person, no bank account.
type Grant struct {
	ID, Firm, Clause string
	Amount           int64
	Recovered        int64
	On               string // day it was paid
	State            string
	Doc              int64
}

// Shown is a policy as anybody sees it.
type Shown struct {
	Policy  *Policy
	Clauses []*Clause
}

// Public are the policies that are in force, newest first, with their clauses and what is left of each budget; ended
// ones after them.
func (s *Policies) Public(ctx context.Context) ([]Shown, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) ([]Shown, error) {
		var out []Shown
		for _, state := range []string{Published, Ended} {
			if err := s.policies.Each(tx, record.Filter{State: state}, func(p *Policy) error {
				if p.Clauses == 0 { // given up before it was ever published
					return nil
				}
				list, err := s.of(tx, p.ID)
				out = append(out, Shown{p, list})
				return err
			}); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// Grants are the published payments under a clause, newest first; next is the Doc to go on before, 0 at the end.
func (s *Policies) Grants(ctx context.Context, clause string, before int64, n int) (out []Grant, next int64, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		out, next = nil, 0
		c, err := s.clauses.Load(tx, clause)
		if err != nil {
			return err
		}
		if c.State != Open && c.State != Shut {
			return store.ErrNotFound
		}
		f := record.Filter{Parent: clause, Before: before, Limit: 200}
		for len(out) < n {
			list, more, err := s.claims.ListIn(tx, s.program("what is published of claims"), f)
			if err != nil {
				return err
			}
			for _, x := range list {
				if !x.Has("public") {
					continue
				}
				if len(out) == n {
					next = out[n-1].Doc
					return nil
				}
				out = append(out, Grant{ID: x.ID, Firm: x.Name, Clause: x.Title, Amount: x.Amount, Recovered: x.Recovered, On: x.PaidOn, State: x.State, Doc: x.Doc})
			}
			if f.Before = more; more == 0 {
				return nil
			}
		}
		return nil
	})
	return out, next, err
}
