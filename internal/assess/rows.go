package assess

import (
	"cmp"
	"math"
	"slices"
	"time"

	"weixiao/internal/worktime"
)

// Kinds of rows.
const (
	ofCase   = "case"   // a closed case
	ofDirect = "direct" // a case the centre answered itself
	ofCaller = "caller" // the word of a caller who was merged into another case
	ofFalse  = "false"  // a reply that said solved and was found untrue; counts when it was found
	ofAgain  = "again"  // a closed case that came back; counts when the new one was closed
	ofCalled = "called" // a unit that was called by a whistle
	ofHost   = "host"   // the word of a called unit on the street that whistled
	ofBlown  = "blown"  // a whistle of a street
)

// standing is the end of a row that counts now.
const standing = math.MaxInt64

// row is how one record counts for one unit, from the act seq until the act until.
type row struct {
	kind, subject, number, unit, other string // together with seq they name a row
	month                              string
	at                                 int64 // µs: when it was closed or found
	created                            int64 // µs: when the case was reported
	began                              int64 // act that closed the case: what follows leaves the same closing
	place                              int64 // where and what, hashed; 0 = unknown
	again                              string
	base                               bits // what its own acts say
	relief                             int64
	excluded                           string // code of the rule
	counted                            bits   // base with relief
	seq, until                         int64
}

// same reports whether two rows say the same, whenever they were made.
func (r row) same(o row) bool {
	r.seq, r.until, o.seq, o.until = 0, 0, 0, 0
	return r == o
}

func byName(a, b row) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.number, b.number), cmp.Compare(a.unit, b.unit), cmp.Compare(a.other, b.other), cmp.Compare(a.seq, b.seq))
}

// reconcile makes of the rows of a record that stand and those that are to stand
// after an act the rows that end with it and those that begin. Rows that say the
// same go on.
func reconcile(live, want []row, seq int64) (ended, begun []row) {
	for _, r := range live {
		if !slices.ContainsFunc(want, r.same) {
			r.until = seq
			ended = append(ended, r)
		}
	}
	for _, w := range want {
		if !slices.ContainsFunc(live, w.same) {
			w.seq, w.until = seq, standing
			begun = append(begun, w)
		}
	}
	return ended, begun
}

// effect is what a granted exclusion or appeal does to the rows of a record in a
// month.
type effect struct {
	number, month, unit, request string
	excluded                     string
	relief                       int64
}

// under puts the effects on a row that they are about.
func (r row) under(effects []effect) row {
	r.relief, r.excluded = 0, ""
	for _, e := range effects {
		if e.number == r.number && e.month == r.month && e.unit == r.unit {
			r.relief |= e.relief
			r.excluded = max(r.excluded, e.excluded)
		}
	}
	r.counted = r.base
	for i, g := range grounds {
		if r.relief&(1<<i) != 0 && slices.Contains(g.kinds, r.kind) {
			r.counted = r.counted&^g.clears | g.sets
		}
	}
	return r
}

// ground is what an appeal can be about and what granting it does. Their places
// are stored: the list may grow, but never change.
type ground struct {
	name         string
	kinds        []string
	sets, clears bits
}

const word = contactConfirmed | visited | answered | solved | basic | part | rated | verySatisfied | satisfied | fairlySatisfied | dissatisfied | veryDissatisfied | doneAtOnce

var grounds = []ground{
	{name: "sign", kinds: []string{ofCase}, sets: signedInTime},
	{name: "contact", kinds: []string{ofCase}, sets: contactedInTime},
	{name: "close", kinds: []string{ofCase}, sets: closedInTime},
	{name: "handback", kinds: []string{ofCase}, clears: handedBack},
	{name: "rework", kinds: []string{ofCase}, clears: reworked},
	{name: "word", kinds: []string{ofCase, ofCaller}, clears: word},
	{name: "false_closure", kinds: []string{ofFalse}, clears: ^bits(0)},
	{name: "recurrence", kinds: []string{ofAgain}, clears: ^bits(0)},
	{name: "arrival", kinds: []string{ofCalled}, sets: arrived | arrivedInTime},
	{name: "rating", kinds: []string{ofCalled, ofHost}, clears: unit1 | unit2 | unit3 | unit4 | unit5 | street1 | street2 | street3 | street4 | street5 | needed | notNeeded},
}

func groundNames() []string {
	out := make([]string, len(grounds))
	for i, g := range grounds {
		out[i] = g.name
	}
	return out
}

func groundOf(name string) (g ground, relief int64, ok bool) {
	i := slices.IndexFunc(grounds, func(g ground) bool { return g.name == name })
	if i < 0 {
		return ground{}, 0, false
	}
	return grounds[i], 1 << i, true
}

// touches reports whether granting the ground would change the row.
func (g ground) touches(r row) bool {
	return slices.Contains(g.kinds, r.kind) && r.counted&^g.clears|g.sets != r.counted
}

// monthOf is the local month of a moment, such as 2022-11.
func monthOf(us int64) string { return time.UnixMicro(us).In(worktime.Zone).Format("2006-01") }
