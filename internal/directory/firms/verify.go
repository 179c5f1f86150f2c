package firms

import (
	"context"
	"fmt"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Checker folds the acts about firms and compares the results with the rows.
type Checker struct {
	s    *Firms
	seen map[string]*Firm
}

// NewChecker begins a check. Feed it every act of the journal, then Finish.
func (s *Firms) NewChecker() *Checker { return &Checker{s, map[string]*Firm{}} }

// Fold takes the next act of the journal.
func (c *Checker) Fold(a journal.Act) error {
	if a.Kind != Table.Kind {
		return nil
	}
	if c.seen[a.Subject] == nil {
		c.seen[a.Subject] = &Firm{}
	}
	return c.seen[a.Subject].fold(&a)
}

// Finish compares; the error names the first record that differs.
func (c *Checker) Finish(ctx context.Context) (n int, err error) {
	err = c.s.db.Read(ctx, func(tx *store.Tx) error {
		for after := ""; ; {
			list, err := c.s.page(tx, Filter{After: after}, 500)
			if err != nil {
				return err
			}
			for _, row := range list {
				after = row.ID
				if x := c.seen[row.ID]; x == nil || *x != *row {
					return fmt.Errorf("firms: firm %s: the row does not agree with its acts", row.ID)
				}
				n++
			}
			if len(list) < 500 {
				return nil
			}
		}
	})
	if err == nil && n != len(c.seen) {
		err = fmt.Errorf("firms: %d firms have acts, %d have rows", len(c.seen), n)
	}
	return n, err
}
