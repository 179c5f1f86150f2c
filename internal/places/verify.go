package places

import (
	"context"
	"fmt"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Checker folds the acts about names and compares the results with the rows.
type Checker struct {
	p    *Places
	seen map[string]*Proposal
}

// NewChecker begins a check. Feed it every act of the journal, then Finish.
func (p *Places) NewChecker() *Checker { return &Checker{p, map[string]*Proposal{}} }

// Fold takes the next act of the journal.
func (c *Checker) Fold(a journal.Act) error {
	if a.Kind != Table.Kind {
		return nil
	}
	x := c.seen[a.Subject]
	if x == nil {
		x = &Proposal{}
		c.seen[a.Subject] = x
	}
	return x.fold(&a)
}

// Finish compares; the error names the first record that differs.
func (c *Checker) Finish(ctx context.Context) (int, error) {
	n := 0
	err := c.p.db.Read(ctx, func(tx *store.Tx) error {
		for _, state := range []string{Proposed, Counted, Merged, Rejected} {
			after := ""
			for {
				list, err := c.p.page(tx, state, after, 500)
				if err != nil {
					return err
				}
				for _, row := range list {
					after = row.ID
					if x := c.seen[row.ID]; x == nil || *x != *row {
						return fmt.Errorf("places: place %s: the row does not agree with its acts", row.ID)
					}
					n++
				}
				if len(list) < 500 {
					break
				}
			}
		}
		return nil
	})
	if err == nil && n != len(c.seen) {
		err = fmt.Errorf("places: %d places have acts, %d have rows", len(c.seen), n)
	}
	return n, err
}
