package assess

import (
	"cmp"
	"context"
	"slices"

	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// DryRow is what other formulas would make of one unit.
type DryRow struct {
	Unit, Class   string
	Cases         int64
	Before, After map[string]Value
	RankBefore    int
	RankAfter     int
}

// DryRun computes a month twice, with the pack's formulas and with other ones, and
// saves nothing. The rows come in the order of the ranks before, by class.
func (a *Assess) DryRun(ctx context.Context, month string, with pack.Scores) ([]DryRow, error) {
	return store.Get(ctx, a.db, func(tx *store.Tx) ([]DryRow, error) {
		m, err := a.month(tx, month)
		if err != nil {
			return nil, err
		}
		// A frozen month is computed from the counts it was frozen with.
		sums := map[string]*tally{}
		for i := range m.Units {
			sums[m.Units[i].Unit] = &m.Units[i].tally
		}
		before, after := compute(&a.pack.Scores, sums, a.class), compute(&with, sums, a.class)
		var out []DryRow
		for i := range before.Units {
			b := &before.Units[i]
			n, _ := after.Unit(b.Unit)
			out = append(out, DryRow{Unit: b.Unit, Class: b.Class, Cases: int64(b.Counts["scored"]), Before: b.Values, After: n.Values, RankBefore: b.Rank, RankAfter: n.Rank})
		}
		order := func(class string) int {
			return slices.IndexFunc(a.pack.Scores.Classes, func(c pack.Class) bool { return c.Name == class })
		}
		slices.SortStableFunc(out, func(x, y DryRow) int { return cmp.Compare(order(x.Class), order(y.Class)) })
		return out, nil
	})
}
