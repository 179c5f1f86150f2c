package cases_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// TestPublic compares pages of what anybody may read with what a loop over all
// cases finds, for random filters.
func TestPublic(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		ctx := t.Context()
		operator := e.Scope("", "operator")
		matters := []string{"001", "002", "003", "005"}
		streets := []string{casestest.Street, casestest.OtherStreet}
		for i := range 60 {
			r, err := e.Cases.Report(ctx, operator, cases.Report{Channel: "hotline", Body: fmt.Sprintf("第 %d 件", i), Matter: matters[i*i%7%4],
				Place: cases.Place{Street: streets[i/3%2]}, Public: new(i%5 != 0)})
			if err != nil {
				t.Fatal(err)
			}
			switch i % 4 {
			case 1:
				e.act(t, operator, r.Number, "answer", "reply", "已告知")
			case 2:
				e.act(t, operator, r.Number, "screen_out", "ground", "outside_duty", "reply", "不受理")
			}
			e.Pass(time.Minute)
		}
		all, err := e.Cases.List(ctx, operator, cases.Filter{Limit: 200})
		if err != nil || len(all) != 60 {
			t.Fatalf("%d cases: %v", len(all), err)
		}
		want := func(f cases.PublicFilter) (out []string) {
			for _, k := range all {
				if k.Published() && (len(f.Matters) == 0 || slices.Contains(f.Matters, k.Matter)) && (f.Street == "" || f.Street == k.Place.Street) &&
					(f.Open == f.Ended || f.Ended == k.Ended()) && (f.From == 0 || k.Created >= f.From) && (f.To == 0 || k.Created < f.To) && (f.After == 0 || k.Doc < f.After) {
					out = append(out, k.Number)
				}
			}
			out = out[min(len(out), f.Skip):]
			return out[:min(len(out), f.Limit)]
		}
		if n := len(want(cases.PublicFilter{Limit: 100})); n < 30 {
			t.Fatalf("only %d of the cases are published: the test says too little", n)
		}
		rapid.Check(t, func(rt *rapid.T) {
			some := func(name string) int64 { return all[rapid.IntRange(0, len(all)-1).Draw(rt, name)].Created }
			f := cases.PublicFilter{Open: rapid.Bool().Draw(rt, "open"), Ended: rapid.Bool().Draw(rt, "ended"), Skip: rapid.IntRange(0, 20).Draw(rt, "skip"), Limit: rapid.IntRange(1, 30).Draw(rt, "limit")}
			f.Matters = slices.Compact(slices.Sorted(slices.Values(rapid.SliceOfN(rapid.SampledFrom(append(matters, "none")), 0, 4).Draw(rt, "matters"))))
			if rapid.Bool().Draw(rt, "many") { // more than are merged from ranges
				for i := range 20 {
					f.Matters = append(f.Matters, fmt.Sprintf("x%d", i))
				}
			}
			if rapid.IntRange(0, 3).Draw(rt, "street") == 0 {
				f.Street = casestest.Street
			}
			switch rapid.IntRange(0, 3).Draw(rt, "window") {
			case 0:
				f.From = some("from")
			case 1:
				f.To = some("to")
			case 2:
				f.After = all[rapid.IntRange(0, len(all)-1).Draw(rt, "after")].Doc
			}
			rows, err := e.Cases.Public(context.Background(), f)
			if err != nil {
				rt.Fatal(err)
			}
			var got []string
			for _, k := range rows {
				got = append(got, k.Number)
			}
			if w := want(f); !slices.Equal(got, w) {
				rt.Fatalf("%+v: %v, want %v", f, got, w)
			}
		})
		e.verify(t)
		if err := e.DB.Write(ctx, func(tx *store.Tx) error {
			return tx.Exec(`UPDATE cases SET published = TRUE WHERE district = $1 AND state = 'screened'`, e.Pack.District)
		}); err != nil {
			t.Fatal(err)
		}
		if r, err := e.Cases.NewReplayer(ctx); err != nil {
			t.Fatal(err)
		} else if _, err := journal.Verify(ctx, e.DB, e.Pack.District, func(a journal.Act) error { return r.Fold(ctx, a) }); err == nil {
			t.Error("verify passes over a case that was published by hand")
		}
	})
}
