package policies

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/pack"
	"weixiao/internal/record"
)

// People are those who bring a policy of the pack through: who writes, reviews and signs it.
type People struct{ Author, Reviewer, Signer access.Scope }

// Adopt takes a policy of the pack in by the same way as any other: draft, clauses, review, publishing. in says when the
// next act is; it is asked before each.
func (s *Policies) Adopt(ctx context.Context, p pack.Policy, by People, in func(kv ...string) record.Input) (*Policy, error) {
	x, err := s.policies.Open(ctx, by.Author, "draft", in("name", p.Name, "no", p.No, "from", p.From, "until", p.Until), func(v *Policy) { v.Unit, v.MadeUp = p.Unit, p.MadeUp })
	if err != nil {
		return nil, err
	}
	for i, c := range p.Clauses {
		auto := "no"
		if c.Auto {
			auto = "yes"
		}
		if _, err := s.AddClause(ctx, by.Author, x.ID, in("number", strconv.Itoa(i+1), "title", c.Title, "words", c.Text, "who", c.Who, "amount", c.Amount, "cap", c.Cap, "cap_sure", "yes",
			"budget", c.Budget, "budget_sure", "yes", "paper_list", strings.Join(c.Papers, "；"), "unit", c.Unit, "term", c.Term, "period", c.Period, "auto", auto)); err != nil {
			return nil, fmt.Errorf("policies: %s, clause %d: %w", p.ID, i+1, err)
		}
	}
	review := []string{"result", p.Review.Result, "date", p.Review.Date, "grounds", p.Review.Grounds}
	if p.Review.Result == Excepted {
		review = append(review, "except_until", p.Review.Until)
	}
	if _, err := s.policies.Act(ctx, by.Reviewer, x.ID, "review", in(review...)); err != nil {
		return nil, fmt.Errorf("policies: %s: %w", p.ID, err)
	}
	return s.policies.Act(ctx, by.Signer, x.ID, "publish", in())
}

// AddClause adds a clause to a draft.
func (s *Policies) AddClause(ctx context.Context, sc access.Scope, policy string, in record.Input) (*Clause, error) {
	in.Raw = maps.Clone(in.Raw)
	in.Raw["policy"] = []string{policy}
	return s.clauses.Open(ctx, sc, "add", in)
}
