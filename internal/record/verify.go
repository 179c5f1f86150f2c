package record

import (
	"context"
	"crypto/sha256"
	"fmt"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Checker folds the acts about records and compares the results with the rows.
type Checker struct {
	e    *Engine
	seen map[string]map[string]*folded // by kind, then id
}

// folded is what the acts of a record leave: its head, and the hash of its body.
type folded struct {
	doc, version, lastSeq, created, changed int64
	sum                                     [sha256.Size]byte
}

// NewChecker begins a check. Feed it every act of the journal, then Finish.
func (e *Engine) NewChecker() *Checker {
	c := &Checker{e, map[string]map[string]*folded{}}
	for kind := range e.books {
		c.seen[kind] = map[string]*folded{}
	}
	return c
}

// Fold takes the next act of the journal.
func (c *Checker) Fold(a journal.Act) error {
	seen, ok := c.seen[a.Kind]
	if !ok {
		return nil
	}
	var b body
	if err := a.Into(&b); err != nil {
		return err
	}
	x := seen[a.Subject]
	if x == nil {
		x = &folded{doc: a.Seq, created: a.At}
		seen[a.Subject] = x
	}
	x.version++
	x.lastSeq, x.changed, x.sum = a.Seq, a.At, sha256.Sum256(b.Record)
	return nil
}

// Finish compares every row with its acts, and the keys and deadlines with what they follow from. The error names the
// first record that differs.
func (c *Checker) Finish(ctx context.Context) (n int, err error) {
	for _, kind := range c.e.order {
		k, err := c.kind(ctx, kind)
		if err != nil {
			return n, err
		}
		n += k
	}
	return n, nil
}

func (c *Checker) kind(ctx context.Context, kind string) (n int, err error) {
	err = c.e.db.Read(ctx, func(tx *store.Tx) error {
		for after := ""; ; {
			list, err := store.All(tx, scanRow, `SELECT `+columns+` FROM records WHERE district = $1 AND kind = $2 AND id > $3 ORDER BY id LIMIT 500`, c.e.o.District, kind, after)
			if err != nil {
				return err
			}
			for _, r := range list {
				after = r.ID
				if err := c.row(tx, kind, r); err != nil {
					return err
				}
				n++
			}
			if len(list) == 0 {
				break
			}
		}
		if n != len(c.seen[kind]) {
			return fmt.Errorf("record: %d records of %s have acts, %d have rows", len(c.seen[kind]), kind, n)
		}
		return nil
	})
	return n, err
}

func (c *Checker) row(tx *store.Tx, kind string, r *row) error {
	x := c.seen[kind][r.ID]
	if x == nil {
		return fmt.Errorf("record: %s %s has no acts", kind, r.ID)
	}
	if *x != (folded{r.Doc, r.Version, r.LastSeq, r.Created, r.Changed, sha256.Sum256([]byte(r.body))}) {
		return fmt.Errorf("record: %s %s: the row does not agree with its acts", kind, r.ID)
	}
	return c.e.books[kind].proves(tx, r)
}

// proves reports whether the columns of a row follow from its body.
func (b *Book[T, P]) proves(tx *store.Tx, r *row) error {
	x, err := b.open(r)
	if err != nil {
		return err
	}
	due, _, err := b.deadlines(tx, x)
	if err != nil {
		return err
	}
	if h := x.head(); b.k.Keys(x) != r.Keys || h.State != r.State || h.Since != r.Since || due != r.due {
		return fmt.Errorf("record: %s %s: what lists find it by does not follow from it", b.k.Table.Kind, r.ID)
	}
	return nil
}
