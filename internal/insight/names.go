package insight

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// renaming tells which labels are one unit under several names: a unit is renamed
// on a day, and what it did before still tells what it does. Everything is counted
// for the unit; which name to say is then decided by those used near in time.
type renaming struct {
	Units   []string  // unit -> plain name
	Of      []int32   // label -> unit
	names   [][]int32 // unit -> labels
	renamed []int32   // cases of units with several names
}

const (
	leastLater  = 0.8  // of all pairs of cases under two names, the same one is later
	leastShared = 0.2  // of what two names of one unit do, in every column of few values
	fewValues   = 50   // more say too little about a name with few cases
	nameCases   = 6    // on each side of a moment, to see which name is in use
	nameAround  = 30   // the same, of all units that have several names
	nameNear    = 0.1  // days: nearer cases count the same
	nameStray   = 0.01 // any name may turn up again
)

// newRenaming takes 东河社区（南街街道办事处） for 东河社区 where both are labels that
// do the same.
func newRenaming(labels []string, d *past, dated []bool) renaming {
	r := renaming{Of: make([]int32, len(labels))}
	kin := make([]int, len(labels)) // label -> label of the plain name
	for l, name := range labels {
		kin[l] = l
		if p, ok := slices.BinarySearch(labels, plain(name)); ok && p != l && d.followed(int32(p), int32(l)) && d.alike(int32(p), int32(l), dated) {
			kin[l] = p
		}
	}
	for l, p := range kin { // the plain name sorts before those with an addition
		if p == l {
			r.Of[l] = int32(len(r.Units))
			r.Units = append(r.Units, labels[l])
		} else {
			r.Of[l] = r.Of[p]
		}
	}
	return r
}

// plain is a name without the addition in brackets at its end.
func plain(name string) string {
	for _, b := range [][2]string{{"（", "）"}, {"(", ")"}} {
		if i := strings.LastIndex(name, b[0]); i > 0 && strings.HasSuffix(name, b[1]) {
			return strings.TrimSpace(name[:i])
		}
	}
	return name
}

// followed reports whether one of two labels is used after the other, mostly, as
// the old and the new name of a unit are, and not beside it.
func (d *past) followed(a, b int32) bool {
	before, after, pairs := 0, 0, 0
	for _, l := range d.name {
		switch l {
		case a:
			before++
		case b:
			after++
			pairs += before // of an a and a later b
		}
	}
	later := float64(pairs) / float64(before*after)
	return d.timed && max(later, 1-later) >= leastLater
}

// alike reports whether two labels share what they do in every column of few
// values.
func (d *past) alike(a, b int32, dated []bool) bool {
	for k := range d.width {
		if dated[k] {
			continue // the time is what they need not share
		}
		count := map[int32]*[2]float64{}
		var all [2]float64
		for i, l := range d.name {
			if l != a && l != b {
				continue
			}
			v := d.row(int32(i))[k]
			if count[v] == nil {
				count[v] = new([2]float64)
			}
			at := 0
			if l == b {
				at = 1
			}
			count[v][at]++
			all[at]++
		}
		if len(count) > fewValues {
			continue
		}
		shared := 0.0
		for _, n := range count {
			shared += min(n[0]/all[0], n[1]/all[1])
		}
		if shared < leastShared {
			return false
		}
	}
	return true
}

// link finds the names of each unit.
func (r *renaming) link(d *past) {
	r.renamed = nil
	r.names = make([][]int32, len(r.Units))
	for l, u := range r.Of {
		r.names[u] = append(r.names[u], int32(l))
	}
	for i, u := range d.label {
		if len(r.names[u]) > 1 {
			r.renamed = append(r.renamed, int32(i))
		}
	}
}

// called appends the names of a unit and how probable each is for a case, together
// p. Units are renamed together, so what others are called now counts too: added is
// the share of additions in their names.
func (m *Model) called(out []Choice, unit int32, p, added float64, q query, see sight) []Choice {
	names := m.names[unit]
	if len(names) == 1 {
		return append(out, Choice{m.labels[names[0]], p})
	}
	weight, sum := make([]float64, len(names)), 0.0
	for j, l := range names { // what is known without a case of its own
		w := 1 - added
		if m.labels[l] != m.Units[unit] {
			w = added / float64(len(names)-1)
		}
		weight[j] = w
		sum += weight[j]
	}
	for _, i := range m.data.window(m.visible(m.given[unit], see), q.at, nameCases) {
		if !see.hides(i) {
			w := 1 / (nameNear + math.Abs(m.data.at[i]-q.at))
			weight[slices.Index(names, m.data.name[i])] += w
			sum += w
		}
	}
	all := 0.0
	for j := range weight {
		weight[j] = weight[j]/sum + nameStray
		weight[j] *= weight[j] // one name is in use: more certain than a count of six can say
		all += weight[j]
	}
	for j, l := range names {
		out = append(out, Choice{m.labels[l], p * weight[j] / all})
	}
	return out
}

// added is the share of additions in the names of units that have both, near in
// time.
func (m *Model) added(q query, see sight) float64 {
	with, sum := 0.5, 1.0
	for _, i := range m.data.window(m.visible(m.renamed, see), q.at, nameAround) {
		if !see.hides(i) {
			w := 1 / (nameNear + math.Abs(m.data.at[i]-q.at))
			sum += w
			if m.labels[m.data.name[i]] != m.Units[m.data.label[i]] {
				with += w
			}
		}
	}
	return with / sum
}

// choices are the labels of the candidates, most probable first.
func (m *Model) choices(units []int32, p []float64, q query, see sight) []Choice {
	var out []Choice
	added := 0.0
	if len(m.renamed) > 0 {
		added = m.added(q, see)
	}
	for i, u := range units {
		out = m.called(out, u, p[i], added, q, see)
	}
	slices.SortStableFunc(out, func(a, b Choice) int { return cmp.Compare(b.P, a.P) })
	return out
}

// visible are the cases of a cell before the moment up to which one sees.
func (m *Model) visible(cell []int32, see sight) []int32 {
	if see.before > 0 {
		n, _ := slices.BinarySearch(cell, see.before)
		cell = cell[:n]
	}
	return cell
}
