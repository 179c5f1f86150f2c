package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/store"
)

// want is which open cases a list shows: everything that is given must hold. The
// same value makes the SQL of the list and counts it in the tally.
type want struct {
	Desks   []string // queues of the centre, any of them
	States  []string // any of them
	Marks   []string // any of them
	Holder  string   // the unit that must act next
	Ours    []string // one of these units leads or must act next
	Others  []string // none of these units leads or must act next
	Account string   // given to this account, or to nobody yet
	Due     string   // "over", "soon", or "" for all

	Street, Community string
	// The rest narrows lists only; the tally does not know them.
	Matter, Channel, Unit, Kind string
	From, To                    int64 // created, µs
}

// narrow reports whether w asks for something the tally cannot count.
func (w want) narrow() bool {
	return w.Matter != "" || w.Channel != "" || w.Unit != "" || w.Kind != "" || w.From != 0 || w.To != 0
}

// soonWithin is how near a deadline is that ends soon.
const soonWithin = 2 * time.Hour

// cursor is where a page of a list ended.
type cursor struct {
	Due    int64
	Number string
}

func parseCursor(s string) cursor {
	due, number, ok := strings.Cut(s, ".")
	n, err := strconv.ParseInt(due, 10, 64)
	if !ok || err != nil || len(number) > 40 {
		return cursor{}
	}
	return cursor{Due: n, Number: number}
}

// text is the cursor as an address has it; "" at the beginning of a list.
func (c cursor) text() string {
	if c == (cursor{}) {
		return ""
	}
	return strconv.FormatInt(c.Due, 10) + "." + c.Number
}

// at is where the list goes on after a case.
func at(k *cases.Case) cursor { return cursor{cases.NextDue(k.Clocks), k.Number} }

// list reads one page of open cases that the scope reaches, next deadline first.
// The rows lack the words of the case: lists do not show them.
func (d *Desk) list(ctx context.Context, sc access.Scope, w want, now time.Time, after cursor, limit int) ([]*cases.Case, error) {
	return store.Get(ctx, d.s.DB, func(tx *store.Tx) ([]*cases.Case, error) {
		q, ok := newQuery(sc)
		if !ok {
			return nil, nil
		}
		q.want(w, now)
		q.add(" AND (k.next_due, k.number) > (").arg(after.Due).add(", ").arg(after.Number).add(") ORDER BY k.next_due, k.number LIMIT ").arg(int64(limit))
		return store.All(tx, scanRow, `SELECT `+rowColumns+` FROM cases k `+q.String(), q.args...)
	})
}

const rowColumns = `k.district, k.number, k.doc, k.version, k.last_seq, k.created, k.changed, k.state, k.marks, k.desk, k.unit, k.holder, k.assignee,
	k.channel, k.kind, k.matter, k.profile, k.title, k.place, k.street, k.community, k.grid, k.person, k.parent, k.replied_at, k.closed_at, k.rest`

func scanRow(r store.Scanner) (*cases.Case, error) {
	k := &cases.Case{}
	var marks, more string
	if err := r.Scan(&k.District, &k.Number, &k.Doc, &k.Version, &k.LastSeq, &k.Created, &k.Changed, &k.State, &marks, &k.Desk, &k.Unit, &k.Holder, &k.Assignee,
		&k.Channel, &k.Kind, &k.Matter, &k.Profile, &k.Title, &k.Place.Text, &k.Place.Street, &k.Place.Community, &k.Place.Grid, &k.Person, &k.Parent, &k.Replied, &k.Closed, &more); err != nil {
		return nil, err
	}
	if marks != "" {
		k.Marks = strings.Split(marks, ",")
	}
	var rest struct {
		Clocks  map[string]cases.Clock `json:"clocks"`
		Units   map[string]string      `json:"units"`
		Level   string                 `json:"level"`
		Photos  int                    `json:"photos"`
		Counts  cases.Counts           `json:"counts"`
		Whistle string                 `json:"whistle"`
	}
	if err := json.Unmarshal([]byte(more), &rest); err != nil {
		return nil, fmt.Errorf("desk: row %s: %w", k.Number, err)
	}
	k.Clocks, k.Units, k.Level, k.Photos, k.Counts, k.Whistle = rest.Clocks, rest.Units, rest.Level, rest.Photos, rest.Counts, rest.Whistle
	return k, nil
}

// query joins constant pieces of SQL; values only ever become parameters.
type query struct {
	strings.Builder
	args []any
}

func (q *query) add(piece string) *query { q.WriteString(piece); return q }

func (q *query) arg(v any) *query {
	q.args = append(q.args, v)
	q.WriteString("$" + strconv.Itoa(len(q.args)))
	return q
}

// newQuery begins with what the scope reaches of the open cases. It reports false
// when that is nothing. The unit's cases are tested one by one beside the index
// of open deadlines, because open cases are few and all cases of a unit many.
func newQuery(sc access.Scope) (*query, bool) {
	if !sc.All() && sc.Unit() == "" {
		return nil, false
	}
	q := &query{}
	q.add("WHERE k.district = ").arg(sc.District()).add(" AND k.is_open = TRUE")
	if !sc.All() {
		q.add(" AND EXISTS (SELECT 1 FROM case_units u WHERE u.district = ").arg(sc.District()).add(" AND u.unit = ").arg(sc.Unit()).
			add(" AND u.doc = k.doc AND u.number = k.number)")
	}
	return q, true
}

func (q *query) want(w want, now time.Time) {
	q.any("k.desk = ", w.Desks)
	q.any("k.state = ", w.States)
	marks := make([]string, len(w.Marks))
	for i, m := range w.Marks {
		marks[i] = "%," + m + ",%"
	}
	q.any("(',' || k.marks || ',') LIKE ", marks)
	for _, x := range []struct{ piece, v string }{{" AND k.holder = ", w.Holder}, {" AND k.street = ", w.Street}, {" AND k.community = ", w.Community},
		{" AND k.matter = ", w.Matter}, {" AND k.channel = ", w.Channel}, {" AND k.unit = ", w.Unit}, {" AND k.kind = ", w.Kind}} {
		if x.v != "" {
			q.add(x.piece).arg(x.v)
		}
	}
	q.ours("", w.Ours)
	q.ours("NOT ", w.Others)
	if w.Account != "" {
		q.add(" AND (k.assignee = '' OR k.assignee = ").arg(w.Account).add(")")
	}
	switch w.Due {
	case "over":
		q.add(" AND k.next_due < ").arg(now.UnixMicro())
	case "soon":
		q.add(" AND k.next_due >= ").arg(now.UnixMicro()).add(" AND k.next_due < ").arg(now.Add(soonWithin).UnixMicro())
	}
	if w.From != 0 {
		q.add(" AND k.created >= ").arg(w.From)
	}
	if w.To != 0 {
		q.add(" AND k.created < ").arg(w.To)
	}
}

// ours tests who leads and who must act next.
func (q *query) ours(not string, units []string) {
	for i, u := range units {
		if i == 0 {
			q.add(" AND " + not + "(")
		} else {
			q.add(" OR ")
		}
		q.add("k.unit = ").arg(u).add(" OR k.holder = ").arg(u)
	}
	if len(units) > 0 {
		q.add(")")
	}
}

// any adds one condition for several values.
func (q *query) any(piece string, values []string) {
	for i, v := range values {
		if i == 0 {
			q.add(" AND (")
		} else {
			q.add(" OR ")
		}
		q.add(piece).arg(v)
	}
	if len(values) > 0 {
		q.add(")")
	}
}

// ofPersons lists the cases of these persons, newest first. It is for people who
// reach the whole district and hold a telephone number in their hands.
func (d *Desk) ofPersons(ctx context.Context, sc access.Scope, persons []string, limit int) ([]*cases.Case, error) {
	if !sc.All() || len(persons) == 0 {
		return nil, nil
	}
	return store.Get(ctx, d.s.DB, func(tx *store.Tx) ([]*cases.Case, error) {
		q := &query{}
		q.add("WHERE k.district = ").arg(sc.District())
		q.any("k.person = ", persons)
		q.add(" ORDER BY k.doc DESC LIMIT ").arg(int64(limit))
		return store.All(tx, scanRow, `SELECT `+rowColumns+` FROM cases k `+q.String(), q.args...)
	})
}

// candidates lists open cases of a matter or of a community, newest first: candidates
// for being the same problem.
func (d *Desk) candidates(ctx context.Context, sc access.Scope, matter, community string, since time.Time, limit int) ([]*cases.Case, error) {
	if matter == "" && community == "" {
		return nil, nil
	}
	return store.Get(ctx, d.s.DB, func(tx *store.Tx) ([]*cases.Case, error) {
		// Of a unit's own cases the recent ones are few: they lead. At the centre the
		// index of the matter or of all documents does.
		q, from, doc := &query{}, "cases k", "k.doc"
		switch {
		case sc.All():
			q.add(" WHERE k.district = ").arg(sc.District())
		case sc.Unit() != "":
			from, doc = "case_units u JOIN cases k ON k.district = u.district AND k.number = u.number", "u.doc"
			q.add(" WHERE u.district = ").arg(sc.District()).add(" AND u.unit = ").arg(sc.Unit())
		default:
			return nil, nil
		}
		q.add(" AND " + doc + " >= ").arg(since.UnixMicro() << 12).add(" AND k.is_open = TRUE")
		switch {
		case matter != "" && community != "":
			q.add(" AND (k.matter = ").arg(matter).add(" OR k.community = ").arg(community).add(")")
		case matter != "":
			q.add(" AND k.matter = ").arg(matter)
		default:
			q.add(" AND k.community = ").arg(community)
		}
		q.add(" ORDER BY " + doc + " DESC LIMIT ").arg(int64(limit))
		return store.All(tx, scanNear, `SELECT `+rowColumns+`, k.body, k.lon, k.lat, k.located FROM `+from+q.String(), q.args...)
	})
}

func scanNear(r store.Scanner) (*cases.Case, error) {
	var body string
	var lon, lat float64
	var located bool
	k, err := scanRow(extra{r, []any{&body, &lon, &lat, &located}})
	if err == nil {
		k.Body, k.Place.Lon, k.Place.Lat, k.Place.Located = body, lon, lat, located
	}
	return k, err
}

// extra scans more columns than its user knows of.
type extra struct {
	store.Scanner
	more []any
}

func (e extra) Scan(dest ...any) error { return e.Scanner.Scan(slices.Concat(dest, e.more)...) }
