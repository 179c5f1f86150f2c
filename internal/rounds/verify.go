package rounds

import (
	"context"
	"fmt"
	"math"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Checker folds the acts of rounds and compares the results with the rows.
type Checker struct {
	r        *Rounds
	findings map[string]*Record
	cases    map[string]outcome // by the number of a case that a finding became
}

// NewChecker begins a check. Feed it every act of the journal, then Finish.
func (r *Rounds) NewChecker() *Checker {
	return &Checker{r: r, findings: map[string]*Record{}, cases: map[string]outcome{}}
}

// Fold takes the next act of the journal, with its texts.
func (c *Checker) Fold(a journal.Act) error {
	if a.Kind != Table.Kind {
		return nil
	}
	x := c.findings[a.Subject]
	if x == nil {
		x = &Record{}
		c.findings[a.Subject] = x
	}
	return x.fold(&a)
}

// Finish compares; the error names the first record that differs.
func (c *Checker) Finish(ctx context.Context) (int, error) {
	n := 0
	err := c.r.db.Read(ctx, func(tx *store.Tx) error {
		for upper := int64(math.MaxInt64); ; {
			page, err := store.All(tx, scan, lists[""], c.r.o.District, "", int64(0), upper, int64(500))
			if err != nil {
				return err
			}
			for _, row := range page {
				upper = row.Doc
				if x := c.findings[row.ID]; x == nil || *x != *row {
					return fmt.Errorf("rounds: finding %s: the row does not agree with its acts", row.ID)
				}
				n++
			}
			if len(page) < 500 {
				return nil
			}
		}
	})
	if err == nil && n != len(c.findings) {
		err = fmt.Errorf("rounds: %d findings have acts, %d have rows", len(c.findings), n)
	}
	return n, err
}
