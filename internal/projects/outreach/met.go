package outreach

import (
	"cmp"
	"context"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Met is an organisation with how often it was met in a period.
type Met struct {
	*Partner
	Out, In int
	Last    string // day of the last visit
	Leads   int
}

// Figures of a period: organisations are counted once however often they were met.
type Figures struct {
	Partners int            // distinct organisations
	ByClass  map[string]int // the same, by class
	Out, In  int            // visits
	Leads    int            // visits that led to a project
}

// Met lists the distinct organisations that were met in a period, the last one met first. To is "" for no end.
func (s *Outreach) Met(ctx context.Context, sc access.Scope, from, to, class string) ([]*Met, error) {
	if !sees(sc) {
		return nil, flow.ErrForbidden
	}
	return store.Get(ctx, s.db, func(tx *store.Tx) ([]*Met, error) {
		by := map[string]*Met{}
		all := map[string]*Partner{}
		if err := s.Books.Partner.Each(tx, record.Filter{}, func(x *Partner) error { all[x.ID] = x; return nil }); err != nil {
			return nil, err
		}
		err := s.Books.Visit.Each(tx, record.Filter{}, func(v *Visit) error {
			p := all[v.Partner]
			for i := 0; p != nil && p.State == "merged" && i < 10; i++ {
				p = all[p.Into]
			}
			if p == nil || v.State == "void" || v.On < from || to != "" && v.On > to || class != "" && p.Class != class {
				return nil
			}
			m := by[p.ID]
			if m == nil {
				m = &Met{Partner: p}
				by[p.ID] = m
			}
			if v.Direction == "out" {
				m.Out++
			} else {
				m.In++
			}
			if v.State == "led" {
				m.Leads++
			}
			m.Last = max(m.Last, v.On)
			return nil
		})
		var out []*Met
		for _, m := range by {
			out = append(out, m)
		}
		slices.SortFunc(out, func(a, b *Met) int { return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(a.Doc, b.Doc)) })
		return out, err
	})
}

// Figures adds up what Met lists.
func (s *Outreach) Figures(ctx context.Context, sc access.Scope, from, to string) (Figures, error) {
	list, err := s.Met(ctx, sc, from, to, "")
	f := Figures{ByClass: map[string]int{}}
	for _, m := range list {
		f.Partners++
		f.ByClass[m.Class]++
		f.Out += m.Out
		f.In += m.In
		f.Leads += m.Leads
	}
	return f, err
}
