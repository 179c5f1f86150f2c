package assess

import (
	"math"
	"slices"

	"weixiao/internal/pack"
)

// bits are what a record counts for: one bit for each count. They are stored, so
// the order of bitNames may grow, but never change.
type bits uint64

const (
	closing bits = 1 << iota // a case that was handled, answered and closed
	signedInTime
	contactedInTime
	contactConfirmed
	closedInTime
	handedBack
	extended
	reworked
	repeated
	doneAtOnce
	visited
	unreached
	answered
	solved
	basic
	part
	rated
	verySatisfied
	satisfied
	fairlySatisfied
	dissatisfied
	veryDissatisfied
	claimedSolved
	direct
	falseClosed
	recurred7
	recurred30
	recurred90
	called
	arrived
	arrivedInTime
	unit1 // and up to unit5
	unit2
	unit3
	unit4
	unit5
	blown
	street1 // and up to street5
	street2
	street3
	street4
	street5
	needed
	notNeeded
)

// bitNames are the names of the bits in their order, as the pack has them.
var bitNames = [...]string{
	"before_exclusion", "signed_in_time", "contacted_in_time", "contact_confirmed", "closed_in_time", "handed_back", "extended", "reworked", "repeated", "done_at_once",
	"visited", "unreached", "answered", "solved", "basic", "part", "rated", "very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied",
	"claimed_solved", "direct", "false_closed", "recurred_7", "recurred_30", "recurred_90", "called", "arrived", "arrived_in_time",
	"unit_1", "unit_2", "unit_3", "unit_4", "unit_5", "blown", "street_1", "street_2", "street_3", "street_4", "street_5", "needed", "not_needed",
}

func bitOf(name string) (bits, bool) {
	i := slices.Index(bitNames[:], name)
	return 1 << max(i, 0), i >= 0
}

// tally is how often each bit was counted, and how often in what was excluded.
type tally struct{ every, out [len(bitNames)]int64 }

// add counts a row n times: once, or minus once to take it away.
func (t *tally) add(r *row, n int64) {
	for i := range bitNames {
		if r.counted&(1<<i) != 0 {
			t.every[i] += n
			if r.excluded != "" {
				t.out[i] += n
			}
		}
	}
}

func (t *tally) plus(o *tally) {
	for i := range bitNames {
		t.every[i] += o.every[i]
		t.out[i] += o.out[i]
	}
}

func (t *tally) zero() bool { return *t == tally{} }

// counts are the numbers formulas see. With raw nothing is left out; else what was
// excluded is. Both know how many cases there were and how many were excluded.
func (t *tally) counts(raw bool) map[string]float64 {
	c := make(map[string]float64, len(bitNames)+8)
	for i, name := range bitNames {
		n := t.every[i]
		if !raw {
			n -= t.out[i]
		}
		c[name] = float64(n)
	}
	c["scored"] = c["before_exclusion"]
	c["before_exclusion"], c["excluded"] = float64(t.every[0]), float64(t.out[0])
	// Every case here was dispatched, replied to and closed.
	for _, name := range []string{"dispatched", "closed", "replied"} {
		c[name] = c["scored"]
	}
	c["received"] = c["scored"] + c["direct"]
	return c
}

// Value is what a formula gives. N is the number of records its share is of, 0
// when it is no share. Low and High are the bounds of the true value at 95 %, when
// the formula is one for which they are known.
type Value struct {
	X, Low, High float64
	N            int64
	Known        bool // false: nothing was counted, there is no figure
	Ranged       bool

	least, most float64 // what it can be at all
}

// evaluate puts counts into formulas, in their order. It depends on nothing else:
// the same counts give the same bits everywhere.
func evaluate(formulas []pack.Formula, counts map[string]float64) map[string]Value {
	out := make(map[string]Value, len(formulas))
	get := func(name string) float64 {
		if v, ok := out[name]; ok {
			if !v.Known {
				return math.NaN()
			}
			return v.X
		}
		return counts[name]
	}
	for _, f := range formulas {
		x := f.Parsed.Eval(get)
		v := Value{X: x, Known: !math.IsNaN(x)}
		if v.Known {
			v.bound(f.Parsed, counts, out)
		} else {
			v.X = 0
		}
		out[f.Name] = v
	}
	return out
}
