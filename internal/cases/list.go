package cases

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/store"
	"weixiao/internal/text"
)

// Row is a case in a list.
type Row = Case

// Filter narrows a list. Zero fields do not narrow.
type Filter struct {
	State   string
	Unit    string // leading unit
	Street  string
	Matter  string
	Channel string
	Kind    string
	Mark    string
	Open    bool  // only what is not ended
	From    int64 // created at or after, µs
	To      int64 // created before, µs
	Query   string
	After   int64 // Doc of the last row of the page before; 0 = first page
	Limit   int   // 0 = 50, at most 200
}

func (f Filter) limit() int {
	switch {
	case f.Limit <= 0:
		return 50
	case f.Limit > 200:
		return 200
	}
	return f.Limit
}

// Cursor is a place in a queue, see Case.Turn; the zero Cursor is its beginning.
type Cursor struct {
	Due    int64
	Number string
}

// Inbox lists what waits for the actor, next deadline first: for people of the
// centre one of its queues or everything open, for people of a unit what their
// unit holds.
func (c *Cases) Inbox(ctx context.Context, sc access.Scope, desk string, after Cursor, limit int) ([]*Row, error) {
	var w Want
	switch {
	case !sc.All() && sc.Unit() == "":
		return nil, nil
	case !sc.All():
		w.Holder = sc.Unit()
	case desk != "":
		w.Desks = []string{desk}
	}
	return c.Queue(ctx, sc, w, c.clock(), after, Filter{Limit: limit}.limit())
}

// OfPersons lists the cases of these persons, newest first. It is for people who
// reach the whole district and hold a telephone number in their hands.
func (c *Cases) OfPersons(ctx context.Context, sc access.Scope, persons []string, limit int) ([]*Row, error) {
	persons = slices.DeleteFunc(slices.Clone(persons), func(p string) bool { return p == "" })
	if !sc.All() || len(persons) == 0 {
		return nil, nil
	}
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Row, error) {
		var b builder
		b.add("SELECT " + columns + " FROM cases WHERE district = ").arg(c.d.Code).add(" AND person IN (")
		for i, p := range persons { // never '': that is everybody who gave no name
			if i > 0 {
				b.add(", ")
			}
			b.arg(p)
		}
		b.add(") ORDER BY doc DESC LIMIT ").arg(int64(limit))
		return store.All(tx, scanCase, b.String(), b.args...)
	})
}

// List lists cases the scope reaches, newest first, by filter and words. The
// texts of the statement are constants; only which of them are joined varies.
func (c *Cases) List(ctx context.Context, sc access.Scope, f Filter) ([]*Row, error) {
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Row, error) {
		for _, since := range c.windows(tx, f) {
			rows, err := c.list(tx, sc, f, since)
			if err != nil || len(rows) == f.limit() || since == 0 {
				return rows, err
			}
		}
		return nil, nil
	})
}

// windows are the moments back to which a search looks, one after the other, until
// its page is full. PostgreSQL must read every row that has the words to put the
// newest first; of words that stand in thousands of cases the newest month fills
// a page. SQLite's index is in that order already.
func (c *Cases) windows(tx *store.Tx, f Filter) []int64 {
	if f.Query == "" || tx.Engine() != "postgres" {
		return []int64{0}
	}
	top := c.clock().UnixMicro() << 12
	if f.After > 0 {
		top = f.After
	}
	const day = int64(24*time.Hour/time.Microsecond) << 12
	return []int64{top - 30*day, top - 365*day, 0}
}

func (c *Cases) list(tx *store.Tx, sc access.Scope, f Filter, since int64) ([]*Row, error) {
	var b builder
	b.add("SELECT " + prefixed + " FROM cases k")
	if !sc.All() {
		b.add(" JOIN case_units u ON u.district = k.district AND u.number = k.number AND u.doc = k.doc")
	}
	b.add(" WHERE k.district = ").arg(c.d.Code)
	if !sc.All() {
		b.add(" AND u.district = ").arg(c.d.Code).add(" AND u.unit = ").arg(sc.Unit())
	}
	if f.Query != "" && !b.words(tx.Engine(), c.d.Code, f.Query, f.After, since) {
		return nil, nil
	}
	b.filter(f)
	if f.After > 0 {
		b.add(" AND " + docColumn(sc) + " < ").arg(f.After)
	}
	b.add(" ORDER BY " + docColumn(sc) + " DESC LIMIT ").arg(int64(f.limit()))
	return store.All(tx, scanCase, b.String(), b.args...)
}

// docColumn is the column a list is paged by: the scope's own index leads when
// there is one.
func docColumn(sc access.Scope) string {
	if sc.All() {
		return "k.doc"
	}
	return "u.doc"
}

var prefixed = "k." + strings.Join(strings.FieldsFunc(columns, func(r rune) bool { return strings.ContainsRune(", \n\t", r) }), ", k.")

// builder joins constant pieces of SQL; values only ever become parameters.
type builder struct {
	strings.Builder
	args []any
}

func (b *builder) add(piece string) *builder { b.WriteString(piece); return b }

func (b *builder) arg(v any) *builder {
	b.args = append(b.args, v)
	b.WriteString("$" + strconv.Itoa(len(b.args)))
	return b
}

func (b *builder) filter(f Filter) {
	for _, x := range []struct{ piece, v string }{
		{" AND k.state = ", f.State}, {" AND k.unit = ", f.Unit}, {" AND k.street = ", f.Street}, {" AND k.matter = ", f.Matter},
		{" AND k.channel = ", f.Channel}, {" AND k.kind = ", f.Kind},
	} {
		if x.v != "" {
			b.add(x.piece).arg(x.v)
		}
	}
	if f.Mark != "" {
		b.add(" AND (',' || k.marks || ',') LIKE ").arg("%," + f.Mark + ",%")
	}
	// A state before the end means an open case; saying so opens the index of them.
	if st, ok := Table.State(f.State); f.Open || (ok && !st.End) {
		b.add(" AND k.is_open = TRUE")
	}
	// Creation times become bounds on doc, which holds the time in its high bits,
	// so that they use the index the list is read by.
	if f.From > 0 {
		b.add(" AND k.doc >= ").arg(f.From << 12)
	}
	if f.To > 0 {
		b.add(" AND k.doc < ").arg(f.To << 12)
	}
}

// words narrows to cases whose words hold all tokens of the query, or whose
// number is the query. It reports false when there is nothing to search for.
func (b *builder) words(engine, district, query string, after, since int64) bool {
	q := strings.TrimSpace(query)
	if n := strings.ToUpper(q); looksLikeNumber(n) {
		b.add(" AND k.number = ").arg(n)
		return true
	}
	if engine == "postgres" {
		ts, ok := text.TSQuery(q)
		if ok {
			b.add(" AND k.doc IN (SELECT s.doc FROM case_search s WHERE s.district = ").arg(district).add(" AND s.tokens @@ ").arg(ts).add("::tsquery")
			if after > 0 {
				b.add(" AND s.doc < ").arg(after)
			}
			if since > 0 {
				b.add(" AND s.doc >= ").arg(since)
			}
			b.add(" ORDER BY s.doc DESC LIMIT 2000)")
		}
		return ok
	}
	m, ok := text.MatchFTS5(q)
	if ok {
		b.add(" AND k.doc IN (SELECT s.rowid FROM case_search s WHERE s.case_search MATCH ").arg(m)
		if after > 0 {
			b.add(" AND s.rowid < ").arg(after)
		}
		b.add(" ORDER BY s.rowid DESC LIMIT 2000)")
	}
	return ok
}

// looksLikeNumber recognises PREFIX + 8 digits + dash + 5 characters.
func looksLikeNumber(s string) bool {
	head, tail, ok := strings.Cut(s, "-")
	return ok && len(tail) == 5 && len(head) >= 10 && len(head) <= 14 && strings.Trim(head[len(head)-8:], "0123456789") == ""
}

// searchTokens are the words of a case as the engine's search index wants them.
func (c *Cases) searchTokens(words string) string {
	if c.db.Engine() == "postgres" {
		return text.TSVector(words)
	}
	return text.IndexText(words)
}

// found is an entry of the search index on its way into it.
type found struct {
	doc    int64
	tokens string
}

type wordsKey struct{ district string }

// indexWords puts the tokens of a case into the search index at the end of the
// commit: SQLite's index writes what it holds to its tables at every savepoint,
// so entries made between the savepoints of a commit would cost it several times
// as much.
func (c *Cases) indexWords(tx *store.Tx, doc int64, tokens string) error {
	key := wordsKey{c.d.Code}
	list, _ := tx.Value(key).([]found)
	tx.SetValue(key, append(list[:len(list):len(list)], found{doc, tokens}))
	tx.BeforeCommit(key, func(tx *store.Tx) error {
		list, _ := tx.Value(key).([]found)
		for _, f := range list {
			if err := c.writeWords(tx, f); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

var insertWords = store.NewInsertion("case_search", "district text, doc bigint, tokens tsvector")

func (c *Cases) writeWords(tx *store.Tx, f found) error {
	if tx.Engine() == "postgres" {
		return tx.Insert(insertWords, c.d.Code, f.doc, f.tokens)
	}
	return tx.Exec(`INSERT INTO case_search (rowid, tokens) VALUES ($1, $2)`, f.doc, f.tokens)
}

// Some returns the cases of these numbers that the scope reaches, in the order of
// the numbers. At most 200.
func (c *Cases) Some(ctx context.Context, sc access.Scope, numbers []string) ([]*Row, error) {
	if len(numbers) > 200 {
		numbers = numbers[:200]
	}
	return store.Get(ctx, c.db, func(tx *store.Tx) ([]*Row, error) {
		found, err := c.rows(tx, numbers)
		return slices.DeleteFunc(found, func(k *Row) bool { return !c.visible(sc, k) }), err
	})
}

// rows reads the cases of these numbers, in their order; those that are not there
// are left out.
func (c *Cases) rows(tx *store.Tx, numbers []string) ([]*Row, error) {
	var b builder
	b.add("SELECT " + columns + " FROM cases WHERE district = ").arg(c.d.Code).add(" AND number IN (''")
	for _, n := range numbers {
		b.add(", ").arg(n)
	}
	found, err := store.All(tx, scanCase, b.add(")").String(), b.args...)
	if err != nil {
		return nil, err
	}
	by := make(map[string]*Row, len(found))
	for _, k := range found {
		by[k.Number] = k
	}
	out := make([]*Row, 0, len(found))
	for _, n := range numbers {
		if k := by[n]; k != nil {
			out = append(out, k)
			delete(by, n)
		}
	}
	return out, nil
}
