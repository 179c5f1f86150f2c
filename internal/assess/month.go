package assess

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// Figures are a unit's counts of a month and what the formulas make of them.
type Figures struct {
	Unit  string
	Class string // ranked together: a class of the pack, "" when it is in none
	Rank  int    // inside its class, by the combined score; 0 = too few cases

	Counts, RawCounts map[string]float64 // after exclusion, and before it
	Values, RawValues map[string]Value   // by formula

	tally tally
}

// Result is one result after exclusion, and false when there is no figure.
func (f *Figures) Result(name string) (float64, bool) {
	v := f.Values[name]
	return v.X, v.Known
}

// Month is everybody's month.
type Month struct {
	Month       string // 2022-11
	State       string // open, previewed, frozen
	Until       int64  // µs: end of the appeals' window once it was published
	Cut         int64  // act that froze or last corrected it
	Corrections int
	Version     string         // of the formulas
	Formulas    []pack.Formula // those the values were made with
	HideBelow   int            // least number of cases for a rank
	Units       []Figures      // best first, those without a figure last
	Total       Figures
}

// Unit is the figures of one unit.
func (m *Month) Unit(id string) (*Figures, bool) {
	i := slices.IndexFunc(m.Units, func(f Figures) bool { return f.Unit == id })
	if i < 0 {
		return nil, false
	}
	return &m.Units[i], true
}

// Published reports whether everybody may see everybody's figures.
func (m *Month) Published() bool { return m.State != Open }

// Month is the month as it stands: the sums as they are, or what was frozen.
func (a *Assess) Month(ctx context.Context, month string) (*Month, error) {
	return store.Get(ctx, a.db, func(tx *store.Tx) (*Month, error) { return a.month(tx, month) })
}

func (a *Assess) month(tx *store.Tx, month string) (*Month, error) {
	p, err := a.loadMonth(tx, month)
	if errors.Is(err, store.ErrNotFound) {
		p, err = &Period{Month: month}, nil
		p.State = Open
	}
	if err != nil {
		return nil, err
	}
	if p.State == Frozen {
		s, err := a.sheetAt(tx, p.Cut)
		if err != nil {
			return nil, err
		}
		m, err := s.month(a.pack)
		if err != nil {
			return nil, err
		}
		m.Month, m.State, m.Until, m.Cut, m.Corrections = month, p.State, p.Until, p.Cut, int(p.Version)-2
		return m, nil
	}
	sums, err := a.sums(tx, month)
	if err != nil {
		return nil, err
	}
	m := compute(&a.pack.Scores, sums, a.class)
	m.Month, m.State, m.Until = month, p.State, p.Until
	return m, nil
}

// View is a month as a scope may see it: those who see the whole district see all
// of it; a unit sees itself, and the others once the month is published.
func (a *Assess) View(ctx context.Context, sc access.Scope, month string) (*Month, error) {
	m, err := a.Month(ctx, month)
	if err != nil || sc.All() {
		return m, err
	}
	if !m.Published() {
		m.Units = slices.DeleteFunc(m.Units, func(f Figures) bool { return !a.owns(sc, f.Unit) })
		m.Total = Figures{}
		for i := range m.Units {
			m.Units[i].Rank = 0
		}
	}
	return m, nil
}

// Owns reports whether somebody works for a unit: sees its records and may ask and
// appeal for it.
func (a *Assess) Owns(sc access.Scope, unit string) bool { return a.owns(sc, unit) }

// compute makes a month of sums: pure, and the same for the same sums.
func compute(s *pack.Scores, sums map[string]*tally, class func(string) string) *Month {
	m := &Month{Version: s.Version, Formulas: s.Formulas, HideBelow: s.HideRankBelow}
	var all tally
	for _, unit := range slices.Sorted(maps.Keys(sums)) {
		all.plus(sums[unit])
		f := figures(s.Formulas, *sums[unit])
		f.Unit, f.Class = unit, class(unit)
		m.Units = append(m.Units, f)
	}
	rank(m.Units, s.HideRankBelow)
	m.Total = figures(s.Formulas, all)
	return m
}

func figures(formulas []pack.Formula, t tally) Figures {
	f := Figures{Counts: t.counts(false), RawCounts: t.counts(true), tally: t}
	f.Values, f.RawValues = evaluate(formulas, f.Counts), evaluate(formulas, f.RawCounts)
	return f
}

func (a *Assess) class(unit string) string {
	u, ok := a.pack.Directory.Unit(unit)
	if !ok {
		return ""
	}
	for _, c := range a.pack.Scores.Classes {
		if slices.Contains(c.Kinds, string(u.Kind)) {
			return c.Name
		}
	}
	return ""
}

// rank orders the units by their score and numbers those of each class that have
// enough cases. Units with the same score share a rank.
func rank(units []Figures, least int) {
	slices.SortStableFunc(units, func(x, y Figures) int {
		xs, xok := x.Result(pack.Ranked)
		ys, yok := y.Result(pack.Ranked)
		if xok != yok {
			if xok {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(ys, xs), cmp.Compare(x.Unit, y.Unit))
	})
	place, last, score := map[string]int{}, map[string]int{}, map[string]float64{}
	for i := range units {
		u := &units[i]
		x, ok := u.Result(pack.Ranked)
		if !ok || u.Class == "" || u.Counts["scored"] < float64(least) {
			continue
		}
		place[u.Class]++
		if place[u.Class] == 1 || x != score[u.Class] {
			last[u.Class], score[u.Class] = place[u.Class], x
		}
		u.Rank = last[u.Class]
	}
}

// Months lists the months that have figures, newest first, at most 36.
func (a *Assess) Months(ctx context.Context) ([]string, error) {
	return store.Get(ctx, a.db, func(tx *store.Tx) (out []string, err error) {
		for last := "9999"; len(out) < 36; {
			var m *string
			// One step down the index for each month.
			if err := tx.Row(`SELECT max(month) FROM score_sums WHERE district = $1 AND month < $2`, []any{a.pack.District, last}, &m); err != nil || m == nil {
				return out, err
			}
			out, last = append(out, *m), *m
		}
		return out, nil
	})
}

// Trend is one unit over the months given, in their order; a month in which it has
// nothing is left empty. unit "" is the total. Months that are not published are
// those of the unit itself.
func (a *Assess) Trend(ctx context.Context, unit string, months []string) ([]Figures, error) {
	out := make([]Figures, len(months))
	err := a.db.Read(ctx, func(tx *store.Tx) error {
		for i, name := range months {
			m, err := a.month(tx, name)
			if err != nil {
				return err
			}
			if unit == "" {
				out[i] = m.Total
			} else if f, ok := m.Unit(unit); ok {
				out[i] = *f
			}
		}
		return nil
	})
	return out, err
}

// Entry is one record behind a count.
type Entry struct {
	Kind     string // case, direct, caller, false, again, called, host, blown
	Number   string // of the case or whistle
	At       int64  // µs: when it was closed, found, done
	Excluded string // code of the rule; "" = it counts
	Grounds  []string
	Seq      int64
}

// Which says which of the records behind a count are meant.
type Which int

// The three columns of a unit's page.
const (
	After    Which = iota // those that count after exclusion
	Raw                   // all
	Excluded              // those that were excluded
)

// Cursor is the last entry of the page before.
type Cursor struct {
	Seq    int64
	Number string
}

// Cursor is the place of an entry in its list.
func (e Entry) Cursor() Cursor { return Cursor{e.Seq, e.Number} }

// String writes a cursor for an address.
func (c Cursor) String() string { return strconv.FormatInt(c.Seq, 36) + "." + c.Number }

// Parse reads what String wrote; false if it is something else.
func (c *Cursor) Parse(s string) bool {
	seq, number, ok := strings.Cut(s, ".")
	n, err := strconv.ParseInt(seq, 36, 64)
	c.Seq, c.Number = n, number
	return ok && err == nil && n > 0 && len(number) <= 64
}

// Behind lists the records that make up a count of a unit's month, newest first:
// what opens when somebody clicks on a number. For a frozen month they are those
// that counted when it was frozen. An unknown count is store.ErrNotFound.
func (a *Assess) Behind(ctx context.Context, month, unit, count string, which Which, after Cursor, limit int) ([]Entry, error) {
	mask, which, ok := behind(count, which)
	if !ok {
		return nil, store.ErrNotFound
	}
	if after.Seq == 0 {
		after.Seq = math.MaxInt64
	}
	return store.Get(ctx, a.db, func(tx *store.Tx) ([]Entry, error) {
		cut := int64(standing)
		p, err := a.loadMonth(tx, month)
		if err == nil && p.State == Frozen {
			cut = p.Cut
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		// Rows that stand end at the largest number there is: for an open month those
		// with until at least that, for a frozen one those that stood at its cut.
		return store.All(tx, scanEntry, `SELECT kind, number, at, excluded, relief, seq FROM score_rows
			WHERE district = $1 AND month = $2 AND unit = $3 AND (seq < $4 OR (seq = $4 AND number < $5)) AND (counted & $6) <> 0
				AND seq < $7 AND (until > $7 OR until = $8) AND ($9 = 1 OR ($9 = 0 AND excluded = '') OR ($9 = 2 AND excluded <> ''))
			ORDER BY seq DESC, number DESC LIMIT $10`,
			a.pack.District, month, unit, after.Seq, after.Number, int64(mask), cut, int64(standing), int64(which), int64(min(max(limit, 1), 200)))
	})
}

func scanEntry(s store.Scanner) (e Entry, err error) {
	var relief int64
	err = s.Scan(&e.Kind, &e.Number, &e.At, &e.Excluded, &relief, &e.Seq)
	for i, g := range grounds {
		if relief&(1<<i) != 0 {
			e.Grounds = append(e.Grounds, g.name)
		}
	}
	return e, err
}

// behind says which bits a count counts.
func behind(count string, which Which) (bits, Which, bool) {
	switch count {
	case "scored", "dispatched", "closed", "replied":
		return closing, which, true
	case "received":
		return closing | direct, which, true
	case "before_exclusion":
		return closing, Raw, true
	case "excluded":
		return closing, Excluded, true
	}
	b, ok := bitOf(count)
	return b, which, ok
}
