package windows

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/pack"
	"weixiao/internal/worktime"
)

var formula = pack.StarFormula{Ratings: 40, Prior: 450, PriorN: 20, OnTime: 25, Returns: 10, Wait: 10, WaitMinutes: 20, Site: 10, Innovation: 5, Five: 95, Four: 90, Three: 80, Least: 10}

// TestCompute: points reckoned by hand.
func TestCompute(t *testing.T) {
	full := Sums{Called: 100, InTime: 100, Served: 100, OnTime: 100}
	with := func(s Sums, levels ...int64) Sums { copy(s.Levels[:], levels); return s }
	for name, c := range map[string]struct {
		s            Sums
		m            MarkSums
		ratings, all int64
		mean, stars  int64
	}{
		// the prior alone: (4.5 − 1) / 4 of 40
		"no ratings": {full, MarkSums{}, 3500, 9000, 450, 4},
		// (20 × 4.5 + 80 × 5) / 100 = 4.9; 3.9 / 4 of 40 = 39
		"eighty of the best": {with(full, 0, 0, 0, 0, 80), MarkSums{}, 3900, 9400, 490, 4},
		"and something new":  {with(full, 0, 0, 0, 0, 80), MarkSums{Bonus: 9}, 3900, 9900, 490, 5},
		"but a veto":         {with(full, 0, 0, 0, 0, 80), MarkSums{Bonus: 5, Vetoes: 1}, 3900, 9900, 490, 0},
		"site all gone":      {with(full, 0, 0, 0, 0, 80), MarkSums{Deducted: 13}, 3900, 8400, 490, 3},
		// (90 + 80) / 100 = 1.7; 0.7 / 4 of 40 = 7
		"eighty of the worst": {with(full, 80), MarkSums{}, 700, 6200, 170, 0},
		// served 9 is less than 10; on time 8/9 of 25 = 22.22, sent back 2/9: 7.78, waited 9/10: 9
		"few":     {Sums{Called: 10, InTime: 9, Served: 9, OnTime: 8, Supplemented: 1, Returned: 1}, MarkSums{}, 3500, 3500 + 2222 + 778 + 900 + 1000, 450, 0},
		"nothing": {Sums{}, MarkSums{}, 3500, 4500, 450, 0},
	} {
		r := Compute(formula, "w", c.s, c.m)
		if r.Parts.Ratings != c.ratings || r.Total != c.all || r.Mean != c.mean || r.Stars != c.stars || r.Few != (c.s.Served < 10) {
			t.Errorf("%s: %+v, want %d of ratings, %d, mean %d, %d stars", name, r, c.ratings, c.all, c.mean, c.stars)
		}
	}
}

// TestComputeHolds: points stay between 0 and 100, and a better rating never costs a point.
func TestComputeHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := func(name string, most int64) int64 { return rapid.Int64Range(0, most).Draw(rt, name) }
		s := Sums{Called: n("called", 1_000_000)}
		s.InTime, s.Served = n("in time", s.Called), n("served", s.Called)
		s.OnTime = n("on time", s.Served)
		s.Supplemented = n("supplemented", s.Served)
		s.Returned = n("returned", s.Served-s.Supplemented)
		for i := range s.Levels {
			s.Levels[i] = n("level", 200_000)
		}
		m := MarkSums{Deducted: n("deducted", 40), Bonus: n("bonus", 40)}
		r := Compute(formula, "w", s, m)
		if r.Total < 0 || r.Total > 10000 || r.Mean < 100 || r.Mean > 500 {
			rt.Fatalf("%+v", r)
		}
		i := rapid.IntRange(0, 3).Draw(rt, "from")
		if s.Levels[i] > 0 {
			s.Levels[i]--
			s.Levels[i+1]++
			if better := Compute(formula, "w", s, m); better.Total < r.Total {
				rt.Fatalf("a better rating cost points: %d, %d", r.Total, better.Total)
			}
		}
	})
}

func TestQuarters(t *testing.T) {
	for day, want := range map[string]string{"2022-01-01": "2022Q1", "2022-03-31": "2022Q1", "2022-04-01": "2022Q2", "2022-12-31": "2022Q4"} {
		d, _ := time.ParseInLocation(time.DateOnly, day, worktime.Zone)
		q := QuarterOf(d)
		from, until, ok := Bounds(q)
		if q != want || !ok || d.Before(from) || !d.Before(until) {
			t.Errorf("%s is in %s, %s to %s", day, q, from, until)
		}
	}
	for _, bad := range []string{"", "2022", "2022Q0", "2022Q5", "2022q1", "20x2Q1", "2022Q11"} {
		if _, _, ok := Bounds(bad); ok {
			t.Errorf("%q is a quarter", bad)
		}
	}
}
