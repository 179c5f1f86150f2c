package assets

import (
	"context"
	"fmt"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Checker folds the acts about assets and compares the results with the rows.
type Checker struct {
	s    *Assets
	seen map[string]*Asset
}

// NewChecker begins a check. Feed it every act of the journal, then Finish.
func (s *Assets) NewChecker() *Checker { return &Checker{s, map[string]*Asset{}} }

// Fold takes the next act of the journal.
func (c *Checker) Fold(act journal.Act) error {
	if act.Kind != Table.Kind {
		return nil
	}
	a := c.seen[act.Subject]
	if a == nil {
		a = &Asset{}
		c.seen[act.Subject] = a
	}
	return a.fold(&act)
}

// Finish compares; the error names the first record that differs.
func (c *Checker) Finish(ctx context.Context) (n int, err error) {
	err = c.s.db.Read(ctx, func(tx *store.Tx) error {
		for after := ""; ; {
			list, err := c.s.page(tx, "", Filter{After: after, Limit: 1000})
			if err != nil {
				return err
			}
			for _, row := range list {
				after = row.ID
				if a := c.seen[row.ID]; a == nil || *a != *row {
					return fmt.Errorf("assets: asset %s: the row does not agree with its acts", row.ID)
				}
				n++
			}
			if len(list) < 1000 {
				break
			}
		}
		return nil
	})
	if err == nil && n != len(c.seen) {
		err = fmt.Errorf("assets: %d assets have acts, %d have rows", len(c.seen), n)
	}
	return n, err
}
