package villages

import (
	"context"
	"fmt"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Checker folds the acts about villages and compares the results with the rows.
type Checker struct {
	s      *Villages
	works  map[string]*Work
	checks map[string]*Check
}

// NewChecker begins a check. Feed it every act of the journal, then Finish.
func (s *Villages) NewChecker() *Checker {
	return &Checker{s, map[string]*Work{}, map[string]*Check{}}
}

// Fold takes the next act of the journal.
func (c *Checker) Fold(a journal.Act) error {
	switch a.Kind {
	case Works.Kind:
		if c.works[a.Subject] == nil {
			c.works[a.Subject] = &Work{}
		}
		return fold(c.works[a.Subject], &a)
	case Checks.Kind:
		if c.checks[a.Subject] == nil {
			c.checks[a.Subject] = &Check{}
		}
		return fold(c.checks[a.Subject], &a)
	}
	return nil
}

// Finish compares; the error names the first record that differs.
func (c *Checker) Finish(ctx context.Context) (n int, err error) {
	err = c.s.db.Read(ctx, func(tx *store.Tx) error {
		a, err := rows(tx, c.works, func(x *Work) string { return x.ID }, scanWork, `SELECT `+workColumns+` FROM village_works WHERE district = $1 AND id > $2 ORDER BY id LIMIT 500`, c.s.o.District)
		if err != nil {
			return err
		}
		b, err := rows(tx, c.checks, func(x *Check) string { return x.ID }, scanCheck, `SELECT `+checkColumns+` FROM village_checks WHERE district = $1 AND id > $2 ORDER BY id LIMIT 500`, c.s.o.District)
		n = a + b
		return err
	})
	return n, err
}

func rows[T comparable](tx *store.Tx, seen map[string]*T, id func(*T) string, scan func(store.Scanner) (*T, error), sql, district string) (n int, err error) {
	for after := ""; ; {
		list, err := store.All(tx, scan, sql, district, after)
		if err != nil {
			return n, err
		}
		for _, row := range list {
			after = id(row)
			if x := seen[after]; x == nil || *x != *row {
				return n, fmt.Errorf("villages: %s: the row does not agree with its acts", after)
			}
			n++
		}
		if len(list) == 0 {
			break
		}
	}
	if n != len(seen) {
		return n, fmt.Errorf("villages: %d records have acts, %d have rows", len(seen), n)
	}
	return n, nil
}
