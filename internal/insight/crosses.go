package insight

import (
	"cmp"
	"math"
	"slices"
)

// lattice says which columns are counted together. A cross is a set of columns;
// the empty one comes first. Each cross but that one has a parent: what its counts
// are smoothed towards.
type lattice struct {
	Crosses [][]int // ascending columns
	Parents []int   // index of a cross that comes before it in Order
	Order   []int   // parents before children
}

const (
	mostSingles = 16
	mostPairs   = 15
	mostTriples = 6
	sampled     = 20000 // cases looked at to judge crosses
	implied     = 0.97  // share of cases whose value follows from another column's
	alike       = 0.9   // share of cases in the largest part of their cell: the finer cross adds nothing
	cellFolds   = 5
)

// newLattice picks the crosses that tell most about the labels: every column
// alone, and the best pairs and triples of columns that do not follow from each
// other (a sub-type with its type adds nothing) and that divide the cases further.
// Parts of the time are never crossed.
func newLattice(d *past, labels int, dated []bool) lattice {
	n := min(len(d.label), sampled)
	step := float64(len(d.label)) / float64(n)
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(float64(i) * step)
	}
	follows := make([][]bool, d.width) // [a][b]: b follows from a
	for a := range d.width {
		follows[a] = make([]bool, d.width)
		for b := range d.width {
			follows[a][b] = a == b || impliedBy(d, rows, a, b)
		}
	}
	var all [][]int
	plain := func(set ...int) bool {
		for _, a := range set {
			for _, b := range set {
				if a != b && (follows[a][b] || dated[a]) {
					return false
				}
			}
		}
		return true
	}
	for a := range d.width {
		all = append(all, []int{a})
		for b := a + 1; b < d.width; b++ {
			if !plain(a, b) {
				continue
			}
			all = append(all, []int{a, b})
			for c := b + 1; c < d.width; c++ {
				if plain(a, b, c) {
					all = append(all, []int{a, b, c})
				}
			}
		}
	}
	gain := make([]float64, len(all))
	for i, set := range all {
		gain[i] = likelihood(d, rows, set, labels)
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(gain[b], gain[a]) })
	l := lattice{Crosses: [][]int{nil}}
	kept := []float64{math.Inf(-1)}
	for size, most := range []int{1: mostSingles, 2: mostPairs, 3: mostTriples} {
		n := 0
		for _, i := range order {
			if len(all[i]) != size || n == most {
				continue
			}
			if size > 1 && slices.ContainsFunc(l.Crosses, func(k []int) bool { return sameCells(d, rows, k, all[i]) }) {
				continue
			}
			l.Crosses, kept = append(l.Crosses, all[i]), append(kept, gain[i])
			n++
		}
	}
	l.link(follows, kept)
	return l
}

// impliedBy reports whether column b follows from column a.
func impliedBy(d *past, rows []int32, a, b int) bool {
	counts := map[[2]int32]int{}
	best := map[int32]int{}
	distinct := map[int32]bool{}
	for _, i := range rows {
		r := d.row(i)
		k := [2]int32{r[a], r[b]}
		counts[k]++
		best[r[a]] = max(best[r[a]], counts[k])
		distinct[r[b]] = true
	}
	sum := 0
	for _, n := range best {
		sum += n
	}
	return len(best) > 1 && float64(sum) >= implied*float64(len(rows)) && 2*len(best) <= len(rows) && len(best) >= len(distinct)
}

// sameCells reports whether cross b hardly divides the cells of cross a.
func sameCells(d *past, rows []int32, a, b []int) bool {
	for _, j := range a {
		if !slices.Contains(b, j) {
			return false
		}
	}
	counts, largest := map[[2]uint64]int{}, map[uint64]int{}
	for _, i := range rows {
		k := [2]uint64{crossKey(a, d.row(i)), crossKey(b, d.row(i))}
		counts[k]++
		largest[k[0]] = max(largest[k[0]], counts[k])
	}
	sum := 0
	for _, n := range largest {
		sum += n
	}
	return len(a) > 0 && float64(sum) >= alike*float64(len(rows))
}

// likelihood is the mean log probability of labels by the counts of one cross,
// each case judged without its fold.
func likelihood(d *past, rows []int32, set []int, labels int) float64 {
	type cell struct {
		key   uint64
		label int32
	}
	count, total := map[cell][cellFolds + 1]float32{}, map[uint64][cellFolds + 1]float32{}
	prior := make([]float64, labels)
	for _, i := range rows {
		h, f := crossKey(set, d.row(i)), foldOf(i)%cellFolds
		c, t := count[cell{h, d.label[i]}], total[h]
		c[f]++
		c[cellFolds]++
		t[f]++
		t[cellFolds]++
		count[cell{h, d.label[i]}], total[h] = c, t
		prior[d.label[i]] += 1 / float64(len(rows))
	}
	sum := 0.0
	for _, i := range rows {
		h, f := crossKey(set, d.row(i)), foldOf(i)%cellFolds
		c, t := count[cell{h, d.label[i]}], total[h]
		sum += math.Log((float64(c[cellFolds]-c[f]) + smoothing*prior[d.label[i]]) / (float64(t[cellFolds]-t[f]) + smoothing))
	}
	return sum / float64(len(rows))
}

// link finds the parents: of all crosses that are wider, the one that tells most.
func (l *lattice) link(follows [][]bool, gain []float64) {
	wider := func(p, c []int) bool { // every column of p follows from one of c
		for _, b := range p {
			if !slices.ContainsFunc(c, func(a int) bool { return follows[a][b] }) {
				return false
			}
		}
		return true
	}
	n := len(l.Crosses)
	l.Parents = make([]int, n)
	for i := range n {
		l.Parents[i] = -1
		for j := range n {
			if i == 0 || j == i || !wider(l.Crosses[j], l.Crosses[i]) || (wider(l.Crosses[i], l.Crosses[j]) && j > i) {
				continue
			}
			if p := l.Parents[i]; p < 0 || gain[j] > gain[p] {
				l.Parents[i] = j
			}
		}
	}
	placed := make([]bool, n)
	for len(l.Order) < n {
		before := len(l.Order)
		for i := range n {
			if !placed[i] && (l.Parents[i] < 0 || placed[l.Parents[i]]) {
				placed[i] = true
				l.Order = append(l.Order, i)
			}
		}
		if len(l.Order) == before { // "follows" is true for most cases only, so it can go round
			l.Parents[slices.Index(placed, false)] = 0
		}
	}
}

// crossKey is the cell of a case in a cross.
func crossKey(set []int, cats []int32) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, j := range set {
		h = mix(h ^ uint64(j+1)<<40 ^ uint64(uint32(cats[j])))
	}
	return h
}

func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
