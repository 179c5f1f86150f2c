package policies

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/catalogue/conditions"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

func (s *Policies) seesClaim(sc access.Scope, x *Claim) bool {
	if sc.Firm() != "" {
		return sc.Firm() == x.Firm
	}
	return sc.All() || sc.Unit() != "" && sc.Unit() == x.Unit
}

func (s *Policies) claimant(_ *store.Tx, sc access.Scope, x *Claim) ([]string, error) {
	if sc.Firm() != "" {
		if sc.Firm() == x.Firm {
			return []string{Claimant}, nil
		}
		return nil, nil
	}
	if sc.Unit() != "" && sc.Unit() == x.Unit {
		return []string{Own}, nil
	}
	return nil, nil
}

// papers are the papers of the clause, by number.
func (s *Policies) papers(tx *store.Tx, _ access.Scope, x *Claim, _, field string) ([]form.Option, bool, error) {
	if field != "papers" || x.Clause == "" {
		return nil, false, nil
	}
	c, err := s.clauses.Load(tx, x.Clause)
	if err != nil {
		return nil, false, err
	}
	var out []form.Option
	for i := range c.Papers {
		out = append(out, form.Option{Value: strconv.Itoa(i + 1)})
	}
	return out, true, nil
}

// File files the claim of the firm that the scope speaks for. Errors beside those of the form: RefusedError
// policy_claim.closed, .twice, .not_eligible, .unknown, .nothing, .budget.
func (s *Policies) File(ctx context.Context, sc access.Scope, clause string, in record.Input) (*Claim, error) {
	return s.open(ctx, sc, "file", clause, sc.Firm(), in)
}

// Offer tells a firm that a clause without application fits it.
func (s *Policies) Offer(ctx context.Context, sc access.Scope, clause, firm string, in record.Input) (*Claim, error) {
	return s.open(ctx, sc, "offer", clause, firm, in)
}

func (s *Policies) open(ctx context.Context, sc access.Scope, action, clause, firm string, in record.Input) (x *Claim, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		c, err := s.clauses.Get(tx, sc, clause)
		if err != nil {
			return err
		}
		if firm == "" {
			return store.ErrNotFound
		}
		x, err = s.claims.OpenIn(tx, sc, action, in, func(v *Claim) {
			v.Firm, v.Clause, v.Policy, v.Title, v.Unit, v.Term = firm, c.ID, c.Policy, c.Title, c.Unit, c.Term
		})
		return err
	})
	return x, err
}

// begin is what filing and offering have in common: the clause runs, the firm fits, nothing was claimed for the period.
func (s *Policies) begin(st *record.Step[Claim, *Claim]) (*Clause, error) {
	x := st.X
	c, err := s.clauses.Load(st.Tx, x.Clause)
	if err != nil {
		return nil, err
	}
	today := day(st.At)
	if c.State != Open || today < c.From || today > c.Until {
		return nil, record.Refuse("policy_claim.closed")
	}
	name, active, err := s.o.Name(st.Tx, x.Firm)
	if err != nil {
		return nil, err
	}
	if !active {
		return nil, record.Refuse("policy_claim.firm")
	}
	x.Name, x.Period, x.Auto = name, Once, c.Auto
	if c.Period == Yearly {
		x.Period = today[:4]
	}
	if err := s.claims.Each(st.Tx, record.Filter{Of: x.Firm, Parent: c.ID, Tag: x.Period}, func(o *Claim) error {
		if !slices.Contains([]string{Refused, Withdrawn, Cancelled}, o.State) {
			return record.Refuse("policy_claim.twice")
		}
		return nil
	}); err != nil {
		return nil, err
	}
	x.Asked, err = s.worth(st, c)
	return c, err
}

// worth is what the clause gives the firm now.
func (s *Policies) worth(st *record.Step[Claim, *Claim], c *Clause) (int64, error) {
	f, _, err := s.o.Facts(st.Tx, st.X.Firm)
	if err != nil {
		return 0, err
	}
	m, err := s.judge(c, f, conditions.NewEnv(f, st.At))
	switch {
	case err != nil:
		return 0, err
	case m.Verdict.Truth == conditions.No:
		return 0, record.Refuse("policy_claim.not_eligible")
	case m.Verdict.Truth == conditions.Unknown || len(m.AmountMissing) > 0:
		return 0, record.Refuse("policy_claim.unknown")
	case m.Amount <= 0:
		return 0, record.Refuse("policy_claim.nothing")
	case c.Free() <= 0:
		return 0, record.Refuse("policy_claim.budget")
	}
	return m.Amount, nil
}

func (s *Policies) filed(st *record.Step[Claim, *Claim]) error {
	c, err := s.begin(st)
	if err != nil {
		return err
	}
	if c.Auto {
		return record.Refuse("policy_claim.auto")
	}
	return s.seal(st)
}

func (s *Policies) offered(st *record.Step[Claim, *Claim]) error {
	c, err := s.begin(st)
	if err != nil {
		return err
	}
	if !c.Auto || c.Unit != st.Scope.Unit() {
		return record.Refuse("policy_claim.not_auto")
	}
	if _, checked, err := s.o.Facts(st.Tx, st.X.Firm); err != nil || !checked {
		if err == nil {
			err = record.Refuse("policy_claim.unchecked")
		}
		return err
	}
	return nil
}

func (s *Policies) confirmed(st *record.Step[Claim, *Claim]) error { return s.seal(st) }

// seal puts the bank account into the vault; the act knows only that there is one.
func (s *Policies) seal(st *record.Step[Claim, *Claim]) error {
	no := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, st.Texts["account_no"])
	delete(st.Texts, "account_no")
	if len(no) < 8 || len(no) > 30 || strings.Trim(no, "0123456789") != "" {
		return record.Fault("account_no", "bank_account")
	}
	p, err := s.o.Vault.Seal(s.o.District, vault.Person{})
	if err != nil {
		return err
	}
	if err := p.SealText("account", no); err != nil {
		return err
	}
	st.X.Sealed = p.ID
	return vault.Put(st.Tx, p, st.At)
}

// Account opens the bank account of a granted claim for who pays it; d has account, unit, reason and note and becomes a
// row of the disclosure ledger. before may refuse.
func (s *Policies) Account(ctx context.Context, sc access.Scope, id string, d vault.Disclosure, before func(*store.Tx) error) (no string, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		x, err := s.claims.Get(tx, sc, id)
		if err != nil {
			return err
		}
		rel, err := s.claimant(tx, sc, x)
		if err != nil {
			return err
		}
		if _, err := ClaimTable.Permit("pay", x.Position(), flowActor(sc, rel)); err != nil {
			return err
		}
		if x.Sealed == "" {
			return store.ErrNotFound
		}
		if err := before(tx); err != nil {
			return err
		}
		d.Subject, d.Fields = ClaimTable.Kind+":"+x.ID, []vault.Field{vault.FieldText}
		texts, err := s.o.Vault.OpenText(tx, s.o.District, x.Sealed, d, "account")
		no = texts["account"]
		return err
	})
	return no, err
}

// papersChecked: whoever says that papers are right has compared a profile that was checked.
func (s *Policies) papersChecked(st *record.Step[Claim, *Claim]) error {
	c, err := s.clauses.Load(st.Tx, st.X.Clause)
	if err != nil {
		return err
	}
	if len(st.X.Papers) < len(c.Papers) {
		return record.Refuse("policy_claim.papers")
	}
	if _, checked, err := s.o.Facts(st.Tx, st.X.Firm); err != nil || !checked {
		if err == nil {
			err = record.Refuse("policy_claim.unchecked")
		}
		return err
	}
	_, err = s.worth(st, c)
	return err
}

// proposed is the decision of the first person. What is granted is never more than the clause gives by the profile as it
// is now, nor than what is left.
func (s *Policies) proposed(st *record.Step[Claim, *Claim]) error {
	x := st.X
	x.First = st.Scope.Account()
	if x.Verdict == "refuse" {
		x.Amount = 0
		return nil
	}
	if x.State != Checked {
		return record.Refuse("policy_claim.unchecked_papers")
	}
	c, err := s.clauses.Load(st.Tx, x.Clause)
	if err != nil {
		return err
	}
	most, err := s.worth(st, c)
	if err != nil {
		return err
	}
	switch {
	case x.Amount > most:
		return record.Fault("amount", "above_clause")
	case x.Amount > c.Free():
		return record.Fault("amount", "above_budget")
	}
	return nil
}

// agreed is the decision of the second person, who is not the first. Granting holds the money back.
func (s *Policies) agreed(st *record.Step[Claim, *Claim]) error {
	x := st.X
	if x.First == st.Scope.Account() {
		return record.Refuse("policy_claim.same_person")
	}
	x.Second = st.Scope.Account()
	if x.Verdict == "refuse" {
		st.To = Refused
		return nil
	}
	st.To = Granted
	c, err := s.clauses.Load(st.Tx, x.Clause)
	if err != nil {
		return err
	}
	if most, err := s.worth(st, c); err != nil {
		return err
	} else if x.Amount > most { // the profile was corrected meanwhile
		return record.Refuse("policy_claim.less")
	}
	return s.book(st, "hold", x.Amount)
}

// disagreed sends a claim back to whoever decides first; the same person cannot take its own decision back here.
func (s *Policies) disagreed(st *record.Step[Claim, *Claim]) error {
	x := st.X
	if x.First == st.Scope.Account() {
		return record.Refuse("policy_claim.same_person")
	}
	x.First, x.Verdict, x.Amount = "", "", 0
	return nil
}

func (s *Policies) paid(st *record.Step[Claim, *Claim]) error {
	if st.X.PaidOn > day(st.At) {
		return record.Fault("paid_on", "future")
	}
	return s.book(st, "pay", st.X.Amount)
}

func (s *Policies) revoked(st *record.Step[Claim, *Claim]) error {
	st.To = Revoked
	if st.X.State == Granted {
		st.To = Cancelled
		return s.book(st, "release", st.X.Amount)
	}
	return nil
}

// recovered notes what came back. The claim is over when all of it has.
func (s *Policies) recovered(st *record.Step[Claim, *Claim]) error {
	x, fen := st.X, st.Answers.Int("back")
	if st.Answers.Str("back_on") > day(st.At) {
		return record.Fault("back_on", "future")
	}
	if fen <= 0 || fen > x.Amount-x.Recovered {
		return record.Fault("back", "above_paid")
	}
	x.Recovered += fen
	st.To = Revoked
	if x.Recovered == x.Amount {
		st.To = Recovered
	}
	if err := s.book(st, "recover", fen); err != nil {
		return fmt.Errorf("policies: %w", err)
	}
	return nil
}
