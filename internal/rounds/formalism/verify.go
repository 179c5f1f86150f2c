package formalism

import (
	"context"
	"fmt"
	"math"
	"strings"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Checker folds the acts about exceptions, compares the results with the rows, and proves that nobody ever said to be there
// without an exception in force.
type Checker struct {
	g    *Guard
	seen map[string]*Exception
}

// NewChecker begins a check. Feed it every act of the journal, then Finish.
func (g *Guard) NewChecker() *Checker { return &Checker{g, map[string]*Exception{}} }

// Fold takes the next act of the journal, with its texts.
func (c *Checker) Fold(a journal.Act) error {
	switch {
	case a.Kind == Table.Kind:
		x := c.seen[a.Subject]
		if x == nil {
			x = &Exception{}
			c.seen[a.Subject] = x
		}
		if a.Action == "approve" && a.Actor.Account == x.Asker {
			return fmt.Errorf("formalism: act %d: %s approved an exception asked for by the same account", a.Seq, a.Subject)
		}
		return x.fold(&a)
	case a.Kind == "turn" && a.Action == "present":
		var b struct {
			Exception string `json:"exception"`
		}
		if err := a.Into(&b); err != nil {
			return err
		}
		routine, _, _ := strings.Cut(a.Subject, ".")
		x := c.seen[b.Exception]
		if x == nil || x.Rule != CheckIn || x.Subject != "routine."+routine || !x.Holds(a.Time()) {
			return fmt.Errorf("formalism: act %d: somebody said to be there without an exception in force", a.Seq)
		}
	}
	return nil
}

// Finish compares; the error names the first record that differs. It returns how many exceptions there are.
func (c *Checker) Finish(ctx context.Context) (n int, err error) {
	err = c.g.db.Read(ctx, func(tx *store.Tx) error {
		for before := int64(math.MaxInt64); ; {
			page, err := c.g.page(tx, before, 500)
			if err != nil {
				return err
			}
			for _, row := range page {
				before = row.Doc
				if x := c.seen[row.ID]; x == nil || *x != *row {
					return fmt.Errorf("formalism: exception %s: the row does not agree with its acts", row.ID)
				}
				n++
			}
			if len(page) < 500 {
				return nil
			}
		}
	})
	if err == nil && n != len(c.seen) {
		err = fmt.Errorf("formalism: %d exceptions have acts, %d have rows", len(c.seen), n)
	}
	return n, err
}
