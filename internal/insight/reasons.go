package insight

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"weixiao/internal/text"
)

// Reason is a fact that speaks for a label: of Of earlier cases that agree with
// this one in the columns, Went got it.
type Reason struct {
	Columns []string // names of fields; their values are those of the case
	Values  []string
	Of      int
	Went    int
}

const (
	leastReason = 3   // cases; fewer are a story, not a reason
	shareReason = 0.3 // of them that went there; less is said only where nothing says more
)

// Reasons are the n strongest facts for a label, and the words of the case that
// speak for it most. Facts are counts and can be checked; the choice itself also
// weighs how lately they happened. A label that got none of the cases like this
// one has neither.
func (m *Model) Reasons(r Row, label string, n int) (facts []Reason, words []string) {
	l, ok := slices.BinarySearch(m.labels, label)
	if !ok || len(r.Values) != len(m.fields) {
		return nil, nil
	}
	q, unit := m.ask(r), m.Of[l]
	type found struct {
		Reason
		sure float64
	}
	var all []found
	for k, set := range m.Crosses {
		f := found{}
		if len(set) == 0 || !m.told(set, q.cats) {
			continue
		}
		for _, i := range m.index[k][crossKey(set, q.cats)] {
			f.Of++
			if m.data.label[i] == unit {
				f.Went++
			}
		}
		if f.Of < leastReason || f.Went == 0 {
			continue
		}
		for _, j := range set {
			f.Columns = append(f.Columns, m.code.Columns[j].Name)
			f.Values = append(f.Values, m.code.Columns[j].Values[q.cats[j]-1])
		}
		f.sure = lowerBound(f.Went, f.Of) + 0.02*float64(len(set))
		all = append(all, f)
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(b.sure, a.sure) })
	for _, f := range all {
		same := func(o Reason) bool { return o.Of == f.Of && o.Went == f.Went }
		weak := float64(f.Went) < shareReason*float64(f.Of)
		if len(facts) < n && !(weak && len(facts) > 0) && !slices.ContainsFunc(facts, same) {
			facts = append(facts, f.Reason)
		}
	}
	return facts, m.speaking(q, unit, 3)
}

// told reports whether a case has a value, known from before, in all columns, and
// none of them is a part of the time: "cases at night" convinces nobody.
func (m *Model) told(set []int, cats []int32) bool {
	for _, j := range set {
		c := m.code.Columns[j]
		if cats[j] == 0 || c.Part != "" || c.Edges != nil || c.Values[cats[j]-1] == "" {
			return false
		}
	}
	return true
}

// lowerBound of a share that was seen k times in n (Wilson, about 90 %).
func lowerBound(k, n int) float64 {
	const z = 1.3
	p, m := float64(k)/float64(n), float64(n)
	return (p + z*z/(2*m) - z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))) / (1 + z*z/m)
}

// speaking are the pieces of the words with the largest weight for a label.
// Single characters and figures tell a person nothing.
func (m *Model) speaking(q query, label int32, n int) []string {
	type piece struct {
		text   string
		weight float64
	}
	var all []piece
	seen := map[string]bool{}
	for _, t := range q.texts {
		text.Pieces(t, func(p string) {
			if utf8.RuneCountInString(p) < 2 || strings.Contains(p, "0") || seen[p] {
				return
			}
			seen[p] = true
			row := m.lin.Rows[m.lin.bucket(p)]
			if row == 0 {
				return
			}
			weights := m.lin.Weights[int(row-1)*m.lin.Labels : int(row)*m.lin.Labels]
			mean := 0.0
			for _, w := range weights {
				mean += float64(w) / float64(len(weights))
			}
			if w := float64(weights[label]) - mean; w > 0.05 {
				all = append(all, piece{p, w})
			}
		})
	}
	slices.SortStableFunc(all, func(a, b piece) int { return cmp.Compare(b.weight, a.weight) })
	var out []string
	for _, p := range all[:min(n, len(all))] {
		out = append(out, p.text)
	}
	return out
}
