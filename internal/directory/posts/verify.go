package posts

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Checker folds all acts about posts and compares the results with the rows.
type Checker struct {
	p        *Posts
	terms    map[string]*Term
	erased   map[string]bool // terms whose name was erased
	standins map[string]*Standin
	shifts   map[string]*Shift
	houses   map[string]*house
}

// NewChecker begins a check. Feed it every act of the journal with its texts, then Finish.
func (p *Posts) NewChecker() *Checker {
	return &Checker{p, map[string]*Term{}, map[string]bool{}, map[string]*Standin{}, map[string]*Shift{}, map[string]*house{}}
}

// Fold takes the next act of the journal.
func (c *Checker) Fold(a journal.Act) error {
	switch a.Kind {
	case Table.Kind, consentKind:
		t := entry(c.terms, a.Subject)
		if _, named := a.Texts["name"]; t.Version == 0 && !named {
			c.erased[a.Subject] = true
		}
		return t.fold(&a)
	case StandinTable.Kind:
		return entry(c.standins, a.Subject).fold(&a)
	case ShiftTable.Kind:
		return entry(c.shifts, a.Subject).fold(&a)
	case BuildingTable.Kind:
		return entry(c.houses, a.Subject).fold(&a)
	}
	return nil
}

func entry[T any](m map[string]*T, id string) *T {
	if m[id] == nil {
		m[id] = new(T)
	}
	return m[id]
}

// Finish compares; the error names the first record that differs.
func (c *Checker) Finish(ctx context.Context) (int, error) {
	n := 0
	err := c.p.db.Read(ctx, func(tx *store.Tx) error {
		d, err := c.p.changed(tx, 0)
		if err != nil {
			return err
		}
		n = len(d.terms) + len(d.standins) + len(d.shifts) + len(d.houses)
		for _, t := range d.terms {
			if x := c.terms[t.ID]; x != nil && c.erased[t.ID] {
				x.Name = t.Name
			}
		}
		return cmp.Or(
			same("term", d.terms, c.terms, func(t *Term) string { return t.ID }),
			same("stand-in", d.standins, c.standins, func(s *Standin) string { return s.ID }),
			same("shift", d.shifts, c.shifts, func(s *Shift) string { return s.ID }),
			same("building", d.houses, c.houses, func(h *house) string { return h.ID }))
	})
	return n, err
}

func same[T comparable](what string, rows []*T, acts map[string]*T, id func(*T) string) error {
	for _, r := range rows {
		if x := acts[id(r)]; x == nil || *x != *r {
			return fmt.Errorf("posts: %s %s: the row does not agree with its acts", what, id(r))
		}
	}
	if len(rows) != len(acts) {
		return fmt.Errorf("posts: %d %ss have acts, %d have rows", len(acts), what, len(rows))
	}
	return nil
}

func inOrder(acts []journal.Act) []journal.Act {
	slices.SortFunc(acts, func(a, b journal.Act) int { return cmp.Compare(a.Seq, b.Seq) })
	return acts
}
