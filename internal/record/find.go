package record

import (
	"context"
	"encoding/json"
	"fmt"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Filter narrows a list. Every field that is set must hold.
type Filter struct {
	State, Unit, Parent, Of, Tag string
	Before                       int64 // Doc of the last one of the page before; 0 = from the newest
	Limit                        int   // 0 = 100
}

func (f Filter) before() int64 {
	if f.Before == 0 {
		return 1<<63 - 1
	}
	return f.Before
}

// rows are those of a kind that a filter lets through, newest first. Each key has an index of its own; the filter goes in
// by the one that leaves the fewest, the others are looked at on the way.
func rows(tx *store.Tx, district, kind string, f Filter) ([]*row, error) {
	args := []any{district, kind, f.before(), f.State, f.Unit, f.Parent, f.Of, f.Tag, int64(f.Limit)}
	const rest = ` AND doc < $3 AND ($4 = '' OR state = $4) AND ($5 = '' OR unit = $5) AND ($6 = '' OR parent = $6) AND ($7 = '' OR about = $7) AND ($8 = '' OR tag = $8) ORDER BY doc DESC LIMIT $9`
	const from = `SELECT ` + columns + ` FROM records WHERE district = $1 AND kind = $2`
	switch {
	case f.Of != "":
		return store.All(tx, scanRow, from+` AND about = $7`+rest, args...)
	case f.Parent != "":
		return store.All(tx, scanRow, from+` AND parent = $6`+rest, args...)
	case f.Tag != "":
		return store.All(tx, scanRow, from+` AND tag = $8`+rest, args...)
	case f.Unit != "":
		return store.All(tx, scanRow, from+` AND unit = $5`+rest, args...)
	case f.State != "":
		return store.All(tx, scanRow, from+` AND state = $4`+rest, args...)
	}
	return store.All(tx, scanRow, from+rest, args...)
}

// List is a page of what the scope reaches, newest first. next is the Before of the page after it, 0 when there is none.
func (b *Book[T, P]) List(ctx context.Context, sc access.Scope, f Filter) (list []P, next int64, err error) {
	err = b.e.db.Read(ctx, func(tx *store.Tx) error {
		list, next, err = b.ListIn(tx, sc, f)
		return err
	})
	return list, next, err
}

// most is how many rows a page looks through for somebody who reaches few of them.
const most = 5000

// ListIn is List in a transaction.
func (b *Book[T, P]) ListIn(tx *store.Tx, sc access.Scope, f Filter) (list []P, next int64, err error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	want := f.Limit
	for looked := 0; ; {
		page, err := rows(tx, sc.District(), b.k.Table.Kind, f)
		if err != nil {
			return nil, 0, err
		}
		for i, r := range page {
			x, err := b.open(r)
			if err != nil {
				return nil, 0, err
			}
			f.Before = r.Doc
			if !b.sees(sc, x) {
				continue
			}
			if list = append(list, x); len(list) == want {
				if i == len(page)-1 && len(page) < f.Limit {
					return list, 0, nil
				}
				return list, f.Before, nil
			}
		}
		if looked += len(page); len(page) < f.Limit {
			return list, 0, nil
		} else if looked >= most {
			return list, f.Before, nil
		}
	}
}

// Each calls fn with every record a filter lets through, newest first, in the order of lists, whoever asks: for figures
// and imports, not for pages.
func (b *Book[T, P]) Each(tx *store.Tx, f Filter, fn func(P) error) error {
	f.Limit = 500
	for {
		page, err := rows(tx, b.e.o.District, b.k.Table.Kind, f)
		if err != nil {
			return err
		}
		for _, r := range page {
			x, err := b.open(r)
			if err != nil {
				return err
			}
			if err := fn(x); err != nil {
				return err
			}
			f.Before = r.Doc
		}
		if len(page) < f.Limit {
			return nil
		}
	}
}

// Load is a record whoever asks: for other parts of the package that keeps it.
func (b *Book[T, P]) Load(tx *store.Tx, id string) (P, error) {
	r, err := loadRow(tx, b.e.o.District, b.k.Table.Kind, id)
	if err != nil {
		return nil, err
	}
	return b.open(r)
}

// Get is a record that the scope reaches; anything else is not found.
func (b *Book[T, P]) Get(tx *store.Tx, sc access.Scope, id string) (P, error) {
	x, err := b.Load(tx, id)
	if err == nil && !b.sees(sc, x) {
		return nil, store.ErrNotFound
	}
	return x, err
}

// View is a record with all that its page shows.
type View[P any] struct {
	X       P
	Head    *Head
	Keys    Keys
	Due     map[string]worktime.Due // of every clock it has or had
	Acts    []journal.Act           // oldest first, with their words
	Actions []*flow.Action          // what the asker may do now
}

// Said is the newest text of that name beside the record's acts; "" when there is none.
func (v *View[P]) Said(name string) string {
	for i := len(v.Acts) - 1; i >= 0; i-- {
		if s := v.Acts[i].Texts[name]; s != "" {
			return s
		}
	}
	return ""
}

// View is the record with all that its page shows.
func (b *Book[T, P]) View(ctx context.Context, sc access.Scope, id string) (*View[P], error) {
	return store.Get(ctx, b.e.db, func(tx *store.Tx) (*View[P], error) { return b.ViewIn(tx, sc, id) })
}

// ViewIn is View in a transaction.
func (b *Book[T, P]) ViewIn(tx *store.Tx, sc access.Scope, id string) (*View[P], error) {
	x, err := b.Get(tx, sc, id)
	if err != nil {
		return nil, err
	}
	v := &View[P]{X: x, Head: x.head(), Keys: b.k.Keys(x)}
	if v.Due, err = b.e.Deadlines(tx, x.head()); err != nil {
		return nil, err
	}
	if v.Acts, err = journal.History(tx, b.e.o.District, b.k.Table.Kind, id); err != nil {
		return nil, err
	}
	v.Actions, err = b.Actions(tx, sc, x)
	return v, err
}

// Actions are the actions that the scope may do to a record now.
func (b *Book[T, P]) Actions(tx *store.Tx, sc access.Scope, x P) ([]*flow.Action, error) {
	who, err := b.actor(tx, sc, x)
	if err != nil {
		return nil, err
	}
	return b.k.Table.Open(x.head().Position(), who), nil
}

// Sum is how many records share a key, and what their amounts add up to.
type Sum struct {
	Key    string
	N      int64
	Amount int64
}

// SumBy adds up a kind by state, unit, tag or parent, for figures: whoever asks sees numbers of all. of narrows it by
// state, unit, parent, of and tag.
func (b *Book[T, P]) SumBy(tx *store.Tx, key string, of ...Filter) ([]Sum, error) {
	scan := func(s store.Scanner) (x Sum, err error) { return x, s.Scan(&x.Key, &x.N, &x.Amount) }
	f := Filter{}
	if len(of) > 0 {
		f = of[0]
	}
	args := []any{b.e.o.District, b.k.Table.Kind, f.State, f.Unit, f.Parent, f.Of, f.Tag}
	const from = `, count(*), coalesce(sum(amount), 0) FROM records WHERE district = $1 AND kind = $2 AND ($3 = '' OR state = $3) AND ($4 = '' OR unit = $4) AND ($5 = '' OR parent = $5) AND ($6 = '' OR about = $6) AND ($7 = '' OR tag = $7)`
	switch key {
	case "state":
		return store.All(tx, scan, `SELECT state`+from+` GROUP BY state ORDER BY state`, args...)
	case "unit":
		return store.All(tx, scan, `SELECT unit`+from+` GROUP BY unit ORDER BY unit`, args...)
	case "tag":
		return store.All(tx, scan, `SELECT tag`+from+` GROUP BY tag ORDER BY tag`, args...)
	case "parent":
		return store.All(tx, scan, `SELECT parent`+from+` GROUP BY parent ORDER BY parent`, args...)
	}
	return nil, fmt.Errorf("record: sums by %q", key)
}

// Titles calls fn with every record of the kind and what is written on it, without reading the records themselves.
func (b *Book[T, P]) Titles(tx *store.Tx, fn func(id, title string) error) error {
	return tx.Each(`SELECT id, title FROM records WHERE district = $1 AND kind = $2 ORDER BY doc`, []any{b.e.o.District, b.k.Table.Kind}, func(s store.Scanner) error {
		var id, title string
		if err := s.Scan(&id, &title); err != nil {
			return err
		}
		return fn(id, title)
	})
}

// Line is a record of any kind in a list of what concerns somebody.
type Line struct {
	Head
	Keys
	Kind string
	Due  int64 // µs UTC; NoDue = none
}

// About lists records of every kind that concern a firm, a person or a place, newest first, as far as the scope reaches.
func (e *Engine) About(tx *store.Tx, sc access.Scope, of string, before int64, n int) ([]Line, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	var all []Line
	if err := tx.Each(`SELECT kind, `+columns+` FROM records WHERE district = $1 AND about = $2 AND doc < $3 ORDER BY doc DESC LIMIT $4`, []any{sc.District(), of, before, int64(most)}, func(s store.Scanner) error {
		l, r := Line{}, &row{}
		if err := s.Scan(&l.Kind, &r.ID, &r.Doc, &r.State, &r.Unit, &r.Parent, &r.Of, &r.Tag, &r.Title, &r.Amount, &r.due, &r.remind, &r.Since, &r.Created, &r.Changed, &r.Version, &r.LastSeq, &r.body); err != nil {
			return err
		}
		bk, ok := e.books[l.Kind]
		if !ok || len(all) == n {
			return nil
		}
		if shown, err := bk.shows(sc, r.body); err != nil || !shown {
			return err
		}
		l.Head, l.Keys, l.Due = r.Head, r.Keys, r.due
		all = append(all, l)
		return nil
	}); err != nil {
		return nil, err
	}
	return all, nil
}

func (b *Book[T, P]) shows(sc access.Scope, body string) (bool, error) {
	x := P(new(T))
	if err := json.Unmarshal([]byte(body), x); err != nil {
		return false, err
	}
	return b.sees(sc, x), nil
}
