package assess

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weixiao/internal/pack"
)

// TestCountsAreThoseOfThePack: what formulas may name is what is counted.
func TestCountsAreThoseOfThePack(t *testing.T) {
	var got []string
	for name := range new(tally).counts(false) {
		got = append(got, name)
	}
	slices.Sort(got)
	if want := slices.Sorted(slices.Values(pack.Counted)); !slices.Equal(got, want) {
		t.Errorf("counted %v\nin the pack %v", got, want)
	}
	if notNeeded != 1<<(len(bitNames)-1) || unit5 != unit1<<4 || street5 != street1<<4 || bitNames[0] != "before_exclusion" {
		t.Error("bits and their names are not in the same order")
	}
}

func formulas(t *testing.T, list ...pack.Formula) []pack.Formula {
	t.Helper()
	out, err := pack.Formulas(list)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestIntervals: Wilson's bounds from tables, and the others against their sums.
func TestIntervals(t *testing.T) {
	fs := formulas(t, pack.Formula{Name: "a", Expression: "share(solved, answered)"}, pack.Formula{Name: "b", Expression: "share(solved + 0.5 * basic, answered)"},
		pack.Formula{Name: "sum", Expression: "100 * (0.5 * a + 0.5 * b)"}, pack.Formula{Name: "odd", Expression: "share(answered, solved)"}, pack.Formula{Name: "product", Expression: "a * b"})
	for _, c := range []struct{ solved, basic, answered, low, high float64 }{
		{0, 0, 10, 0, 0.2775}, {10, 0, 10, 0.7225, 1}, {5, 0, 10, 0.2366, 0.7634}, {81, 0, 100, 0.7222, 0.8749}, {15, 0, 148, 0.0624, 0.1605},
	} {
		v := evaluate(fs, map[string]float64{"solved": c.solved, "basic": c.basic, "answered": c.answered})
		if a := v["a"]; !a.Ranged || math.Abs(a.Low-c.low) > 6e-5 || math.Abs(a.High-c.high) > 6e-5 || a.N != int64(c.answered) {
			t.Errorf("%v of %v: %+v, want %v to %v", c.solved, c.answered, a, c.low, c.high)
		}
		if v["product"].Ranged || (c.solved < c.answered && c.solved > 0 && v["odd"].Ranged) {
			t.Error("a formula without a known distribution has an interval")
		}
	}
	// 40 of 100 wholly, 20 half: a mean of 0.5, bounded as 50 of 100 are.
	v := evaluate(fs, map[string]float64{"solved": 40, "basic": 20, "answered": 100})
	if b := v["b"]; math.Abs(b.X-0.5) > 1e-12 || math.Abs(b.Low-0.4038) > 1e-4 || math.Abs(b.High-0.5962) > 1e-4 {
		t.Errorf("%+v", b)
	}
	if s := v["sum"]; !s.Ranged || s.N != 100 || s.Low >= s.X || s.High <= s.X {
		t.Errorf("%+v", s)
	}
}

// TestIntervalsHold: bounds are in order, around the figure and inside what it can
// be; nothing is ever NaN or infinite.
func TestIntervalsHold(t *testing.T) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		var x tally
		for i := range bitNames {
			x.every[i] = int64(rapid.IntRange(0, 50).Draw(t, bitNames[i]))
			x.out[i] = int64(rapid.IntRange(0, int(x.every[i])).Draw(t, "out"))
		}
		for _, raw := range []bool{false, true} {
			for name, v := range evaluate(p.Scores.Formulas, x.counts(raw)) {
				for _, f := range []float64{v.X, v.Low, v.High} {
					if math.IsNaN(f) || math.IsInf(f, 0) {
						t.Fatalf("%s: %+v", name, v)
					}
				}
				if v.Ranged && (!v.Known || v.Low > v.X+1e-9 || v.High < v.X-1e-9 || v.N < 0) {
					t.Fatalf("%s: %+v", name, v)
				}
			}
		}
	})
}

// TestRanks: by class, from enough cases on, the same score the same rank.
func TestRanks(t *testing.T) {
	one := func(unit, class string, scored, score float64) Figures {
		return Figures{Unit: unit, Class: class, Counts: map[string]float64{"scored": scored}, Values: map[string]Value{pack.Ranked: {X: score, Known: score > 0}}}
	}
	units := []Figures{one("a", "s", 40, 80), one("b", "s", 40, 90), one("c", "s", 40, 90), one("d", "s", 29, 99), one("e", "t", 30, 70), one("f", "", 99, 95), one("g", "s", 40, 0), one("h", "s", 40, 70)}
	rank(units, 30)
	want := map[string]int{"b": 1, "c": 1, "a": 3, "h": 4, "e": 1, "d": 0, "f": 0, "g": 0}
	for _, u := range units {
		if u.Rank != want[u.Unit] {
			t.Errorf("%s has rank %d, want %d", u.Unit, u.Rank, want[u.Unit])
		}
	}
	if units[len(units)-1].Unit != "g" {
		t.Error("who has no figure does not come last")
	}
}
