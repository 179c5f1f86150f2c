package projects

import (
	"context"
	"errors"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/text"
)

// Column is a stage of the board: how many stand there, and the newest of them.
type Column struct {
	Stage  string
	N      int64
	Amount int64 // fen
	Cards  []*Line
	Next   int64 // where the next cards begin, 0 = no more
}

// Board is every stage with its first cards. It reads counts from the store and no more projects than it shows.
func (s *Projects) Board(ctx context.Context, sc access.Scope, cards int) ([]Column, error) {
	if !staffOnly(sc) {
		return nil, flow.ErrForbidden
	}
	now := s.o.Clock()
	return store.Get(ctx, s.db, func(tx *store.Tx) ([]Column, error) {
		sums, err := s.Books.Project.SumBy(tx, "state")
		if err != nil {
			return nil, err
		}
		by := map[string]record.Sum{}
		for _, x := range sums {
			by[x.Key] = x
		}
		var out []Column
		for _, st := range Table.States {
			c := Column{Stage: st.Name, N: by[st.Name].N, Amount: by[st.Name].Amount}
			if c.N > 0 {
				list, next, err := s.Books.Project.ListIn(tx, sc, record.Filter{State: st.Name, Limit: cards})
				if err != nil {
					return nil, err
				}
				c.Next = next
				for _, x := range list {
					c.Cards = append(c.Cards, &Line{Project: x, Light: x.Light(now, s.o.Rules.Warn)})
				}
			}
			out = append(out, c)
		}
		return out, nil
	})
}

// Query narrows a list of projects. Every field that is set must hold.
type Query struct {
	Stage, Unit, Sector, Class, Light, Words string
	Why                                      string // counts, or why it does not
	Waiting                                  bool   // a stage waits to be confirmed
	Before                                   int64
	Limit                                    int
}

// found ends a walk that has all it needs.
var found = errors.New("projects: enough")

// List is a page of projects, newest first; next is where the next page begins, 0 at the end.
func (s *Projects) List(ctx context.Context, sc access.Scope, q Query) (out []*Line, next int64, err error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	now := s.o.Clock()
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		out, next = nil, 0
		if q.Why != "" || sc.Firm() != "" {
			list, err := s.lines(tx, now)
			for _, x := range list {
				if s.sees(sc, x.Firm) && (q.Before == 0 || x.Doc < q.Before) && q.fits(x) {
					if len(out) == q.Limit {
						next = out[len(out)-1].Doc
						return err
					}
					out = append(out, x)
				}
			}
			return err
		}
		err := s.Books.Project.Each(tx, record.Filter{State: q.Stage, Unit: q.Unit, Tag: q.Sector, Before: q.Before}, func(x *Project) error {
			l := &Line{Project: x, Light: x.Light(now, s.o.Rules.Warn)}
			if !s.sees(sc, x.Firm) || !q.fits(l) {
				return nil
			}
			if len(out) == q.Limit {
				next = out[len(out)-1].Doc
				return found
			}
			out = append(out, l)
			return nil
		})
		if errors.Is(err, found) {
			err = nil
		}
		return err
	})
	return out, next, err
}

func (q Query) fits(x *Line) bool {
	why := x.Why
	if x.Counts {
		why = "counts"
	}
	return (q.Stage == "" || x.State == q.Stage) && (q.Unit == "" || x.Unit == q.Unit) && (q.Sector == "" || x.Sector == q.Sector) && (q.Class == "" || x.Class == q.Class) &&
		(q.Light == "" || x.Light == q.Light) && (q.Why == "" || why == q.Why) && (!q.Waiting || x.Has(proposed)) &&
		(q.Words == "" || strings.Contains(text.Normalize(x.Name+" "+x.Investor+" "+x.ID), text.Normalize(q.Words)))
}

// View is a project with everything beside it.
type View struct {
	*record.View[*Project]
	Line     *Line
	Evidence []*Evidence
	Money    []*Money
	Problems []*Problem
	Reasons  map[string][]string // why each promise of a milestone was made, in the order of Promises
}

// View is a project with all that its page shows.
func (s *Projects) View(ctx context.Context, sc access.Scope, id string) (*View, error) {
	now := s.o.Clock()
	return store.Get(ctx, s.db, func(tx *store.Tx) (*View, error) {
		r, err := s.Books.Project.ViewIn(tx, sc, id)
		if err != nil {
			return nil, err
		}
		v := &View{View: r, Reasons: map[string][]string{}}
		list, err := s.lines(tx, now)
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			if x.ID == id {
				v.Line = x
			}
		}
		for _, a := range r.Acts {
			if a.Action == "promise" {
				stage := record.Said(a).Str("milestone")
				v.Reasons[stage] = append(v.Reasons[stage], a.Texts["because"])
			}
		}
		if !staffOnly(sc) {
			return v, nil
		}
		of := record.Filter{Parent: id, Limit: 500}
		if v.Evidence, _, err = s.Books.Evidence.ListIn(tx, sc, of); err != nil {
			return nil, err
		}
		if v.Money, _, err = s.Books.Money.ListIn(tx, sc, of); err != nil {
			return nil, err
		}
		v.Problems, _, err = s.Books.Problem.ListIn(tx, sc, of)
		return v, err
	})
}
