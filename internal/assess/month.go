package assess

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/expr-lang/expr"

	"weixiao/internal/store"
)

// Figures are a unit's counts of a month and what the formulas make of them.
type Figures struct {
	Unit    string
	Class   string // ranked together: a class of the pack, "" when it is in none
	Counts  map[string]float64
	Results map[string]float64 // NaN: no figure, because nothing was counted
	Rank    int                // inside its class, by the combined score; 0 = too few cases
}

// Result is one result, and false when there is no figure.
func (f Figures) Result(name string) (float64, bool) {
	v, ok := f.Results[name]
	return v, ok && !math.IsNaN(v) && !math.IsInf(v, 0)
}

// Month is everybody's month.
type Month struct {
	Month string // 2022-11
	Units []Figures
	Total Figures
}

// sums are the counts in the order of the SELECT below.
var sums = []string{"scored", "signed_in_time", "contacted_in_time", "closed_in_time", "handed_back", "reworked", "repeated", "visited", "answered", "solved", "basic",
	"rated", "very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied"}

// Month computes the figures of a month such as "2022-11".
func (a *Assess) Month(ctx context.Context, month string) (*Month, error) {
	m := &Month{Month: month, Total: Figures{Counts: map[string]float64{}}}
	err := a.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT unit, count(*), sum(signed_in_time), sum(contacted_in_time), sum(closed_in_time), sum(handed_back), sum(reworked), sum(repeated), sum(visited),
				sum(CASE WHEN solved <> '' THEN 1 ELSE 0 END), sum(CASE WHEN solved = 'solved' THEN 1 ELSE 0 END), sum(CASE WHEN solved = 'basic' THEN 1 ELSE 0 END),
				sum(CASE WHEN satisfied <> '' THEN 1 ELSE 0 END), sum(CASE WHEN satisfied = 'very_satisfied' THEN 1 ELSE 0 END),
				sum(CASE WHEN satisfied = 'satisfied' THEN 1 ELSE 0 END), sum(CASE WHEN satisfied = 'fair' THEN 1 ELSE 0 END),
				sum(CASE WHEN satisfied = 'dissatisfied' THEN 1 ELSE 0 END), sum(CASE WHEN satisfied = 'very_dissatisfied' THEN 1 ELSE 0 END)
			FROM scored WHERE district = $1 AND month = $2 GROUP BY unit ORDER BY unit`, []any{a.pack.District, month}, func(r store.Scanner) error {
			f := Figures{Counts: map[string]float64{}}
			n := make([]int64, len(sums))
			dest := []any{&f.Unit}
			for i := range n {
				dest = append(dest, &n[i])
			}
			if err := r.Scan(dest...); err != nil {
				return err
			}
			for i, name := range sums {
				f.Counts[name] = float64(n[i])
				m.Total.Counts[name] += float64(n[i])
			}
			m.Units = append(m.Units, f)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	for i := range m.Units {
		m.Units[i].Class = a.class(m.Units[i].Unit)
		if err := a.compute(&m.Units[i]); err != nil {
			return nil, err
		}
	}
	a.rank(m.Units)
	return m, a.compute(&m.Total)
}

// compute fills in what follows from the counts, and the results.
func (a *Assess) compute(f *Figures) error {
	c := f.Counts
	// Every row here is a case that was dispatched, replied to and closed.
	for _, name := range []string{"received", "dispatched", "closed", "replied"} {
		c[name] = c["scored"]
	}
	env := map[string]any{}
	for _, n := range a.pack.Scores.Counts {
		env[n.Name] = c[n.Name]
	}
	f.Results = map[string]float64{}
	for _, fm := range a.formulas {
		v, err := expr.Run(fm.program, env)
		if err != nil {
			return fmt.Errorf("assess: formula %s: %w", fm.Name, err)
		}
		x := v.(float64)
		f.Results[fm.Name], env[fm.Name] = x, x
	}
	return nil
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

// rank orders the units of each class by their combined score; a unit with fewer
// cases than the pack asks for has no rank.
func (a *Assess) rank(units []Figures) {
	slices.SortStableFunc(units, func(x, y Figures) int {
		xs, xok := x.Result("combined")
		ys, yok := y.Result("combined")
		if xok != yok {
			return cmp.Compare(flag(yok), flag(xok))
		}
		return cmp.Or(cmp.Compare(ys, xs), cmp.Compare(x.Unit, y.Unit))
	})
	next := map[string]int{}
	for i := range units {
		u := &units[i]
		if _, ok := u.Result("combined"); ok && u.Class != "" && u.Counts["scored"] >= float64(a.pack.Scores.HideRankBelow) {
			next[u.Class]++
			u.Rank = next[u.Class]
		}
	}
}

// Months lists the months that have figures, newest first.
func (a *Assess) Months(ctx context.Context) ([]string, error) {
	return store.Get(ctx, a.db, func(tx *store.Tx) ([]string, error) {
		return store.All(tx, func(r store.Scanner) (s string, err error) { return s, r.Scan(&s) },
			`SELECT DISTINCT month FROM scored WHERE district = $1 ORDER BY month DESC LIMIT 36`, a.pack.District)
	})
}

// Behind lists the numbers of the cases that make up a count of a unit's month,
// newest first: what opens when somebody clicks on a figure. after is the Doc of
// the last one of the page before. An unknown count is store.ErrNotFound.
func (a *Assess) Behind(ctx context.Context, month, unit, count string, after int64, limit int) (numbers []string, last int64, err error) {
	want, ok := behind[count]
	if !ok {
		return nil, 0, store.ErrNotFound
	}
	if after == 0 {
		after = math.MaxInt64
	}
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT number, doc FROM scored WHERE district = $1 AND month = $2 AND unit = $3 AND doc < $4
				AND ($5 = 0 OR signed_in_time = 1) AND ($6 = 0 OR contacted_in_time = 1) AND ($7 = 0 OR closed_in_time = 1) AND ($8 = 0 OR handed_back = 1)
				AND ($9 = 0 OR reworked = 1) AND ($10 = 0 OR repeated > 0) AND ($11 = 0 OR visited = 1) AND ($12 = '' OR solved = $12) AND ($13 = '' OR satisfied = $13)
				AND ($14 = 0 OR solved <> '') AND ($15 = 0 OR satisfied <> '')
			ORDER BY doc DESC LIMIT $16`,
			[]any{a.pack.District, month, unit, after, want.signed, want.contacted, want.closed, want.handedBack, want.reworked, want.rep, want.visited,
				want.solved, want.satisfied, flag(count == "answered"), flag(count == "rated"), int64(min(max(limit, 1), 200))},
			func(r store.Scanner) error {
				var n string
				if err := r.Scan(&n, &last); err != nil {
					return err
				}
				numbers = append(numbers, n)
				return nil
			})
	})
	return numbers, last, err
}

// behind says which rows a count counts.
var behind = map[string]row{
	"scored": {}, "received": {}, "dispatched": {}, "closed": {}, "replied": {}, "answered": {}, "rated": {},
	"signed_in_time": {signed: 1}, "contacted_in_time": {contacted: 1}, "closed_in_time": {closed: 1}, "handed_back": {handedBack: 1}, "reworked": {reworked: 1},
	"repeated": {rep: 1}, "visited": {visited: 1}, "solved": {solved: "solved"}, "basic": {solved: "basic"},
	"very_satisfied": {satisfied: "very_satisfied"}, "satisfied": {satisfied: "satisfied"}, "fairly_satisfied": {satisfied: "fair"},
	"dissatisfied": {satisfied: "dissatisfied"}, "very_dissatisfied": {satisfied: "very_dissatisfied"},
}
