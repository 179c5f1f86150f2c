package rounds

import (
	"context"

	"weixiao/internal/access"
	"weixiao/internal/store"
)

// Fate is what became of a finding; each has exactly one.
type Fate string

// Fates, in the order in which they are told.
const (
	FateSettled  Fate = "settled"  // on the spot, and not found otherwise since
	FateSolved   Fate = "solved"   // its case ended, and the problem is gone
	FateOpen     Fate = "open"     // its case is being handled
	FateUnsolved Fate = "unsolved" // its case ended otherwise
	FateReturned Fate = "returned" // somebody looked again, and it was not fixed
)

// Fates lists them.
func Fates() []Fate { return []Fate{FateSettled, FateSolved, FateOpen, FateUnsolved, FateReturned} }

// Fixed reports whether the problem is gone.
func (f Fate) Fixed() bool { return f == FateSettled || f == FateSolved }

func fateOf(state string, o outcome) Fate {
	switch {
	case state == Returned:
		return FateReturned
	case state != Sent:
		return FateSettled
	case o.state == "":
		return FateOpen
	case o.fixed():
		return FateSolved
	}
	return FateUnsolved
}

// fate asks what became of the case of a finding.
func (r *Rounds) fate(tx *store.Tx, x *Record) (Fate, error) {
	var o outcome
	if x.Case != "" {
		if err := tx.Row(`SELECT state, solved FROM finding_cases WHERE district = $1 AND case_number = $2`, []any{r.o.District, x.Case}, &o.state, &o.solved); err != nil {
			return "", err
		}
	}
	return fateOf(x.State, o), nil
}

// Fates says what became of findings, by id.
func (r *Rounds) Fates(ctx context.Context, list ...*Record) (map[string]Fate, error) {
	return store.Get(ctx, r.db, func(tx *store.Tx) (map[string]Fate, error) {
		out := map[string]Fate{}
		for _, x := range list {
			f, err := r.fate(tx, x)
			if err != nil {
				return nil, err
			}
			out[x.ID] = f
		}
		return out, nil
	})
}

// Sum counts the findings of a place and a routine by what became of them. It says nothing about who found them.
type Sum struct {
	Street, Community, Routine string
	By                         map[Fate]int
}

// Found is how many there are.
func (s Sum) Found() (n int) {
	for _, k := range s.By {
		n += k
	}
	return n
}

// Sums counts the findings between two moments (µs UTC) that the scope reaches, by community and routine, in the order of
// their names' codes. A unit without a place of its own counts what it found itself.
func (r *Rounds) Sums(ctx context.Context, sc access.Scope, since, until int64) ([]Sum, error) {
	var out []Sum
	err := r.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT f.street, f.community, f.routine, f.unit, f.state, COALESCE(c.state, ''), COALESCE(c.solved, ''), count(*)
			FROM findings f LEFT JOIN finding_cases c ON c.district = f.district AND c.case_number = f.case_number
			WHERE f.district = $1 AND f.doc >= $2 AND f.doc < $3
			GROUP BY f.street, f.community, f.routine, f.unit, f.state, COALESCE(c.state, ''), COALESCE(c.solved, '')
			ORDER BY f.street, f.community, f.routine`, []any{r.o.District, since << 12, until << 12}, func(s store.Scanner) error {
			var x Record
			var o outcome
			var n int64
			if err := s.Scan(&x.Place.Street, &x.Place.Community, &x.Routine, &x.Unit, &x.State, &o.state, &o.solved, &n); err != nil {
				return err
			}
			if !r.sees(sc, &x) {
				return nil
			}
			if k := len(out) - 1; k < 0 || out[k].Street != x.Place.Street || out[k].Community != x.Place.Community || out[k].Routine != x.Routine {
				out = append(out, Sum{x.Place.Street, x.Place.Community, x.Routine, map[Fate]int{}})
			}
			out[len(out)-1].By[fateOf(x.State, o)] += int(n)
			return nil
		})
	})
	return out, err
}
