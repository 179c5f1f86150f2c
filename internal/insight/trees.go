package insight

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
)

// node is a question about one part, or, without children, what to add.
type node struct {
	Part        int16
	Cut         uint8 // up to it: left
	Left, Right int16 // 0 = a leaf
	Value       float64
}

const (
	treeCount  = 120
	treeDepth  = 4
	treeRate   = 0.1
	treeLeast  = 200 // lines in a node that is asked further
	treeRidge  = 5.0
	treeGain   = 0.5
	treeShare  = 0.7 // of the groups that each tree sees
	leastCurve = 1.0 // sum of second derivatives on each side of a cut
)

func value(t []node, line []uint8) float64 {
	n := 0
	for t[n].Left > 0 {
		if line[t[n].Part] <= t[n].Cut {
			n = int(t[n].Left)
		} else {
			n = int(t[n].Right)
		}
	}
	return t[n].Value
}

// grower grows trees on the gradients of all lines.
type grower struct {
	bins       [][]uint8 // part, line
	grad, hess []float32
	workers    int
}

// boost adds trees to the logit, each on what is still wrong (gradient boosting
// with a softmax over each group's candidates).
func (b *blend) boost(ctx context.Context, groups []group, workers int) {
	var use []*group
	var start []int
	lines := 0
	for i := range groups {
		if groups[i].right >= 0 {
			use, start = append(use, &groups[i]), append(start, lines)
			lines += groups[i].n
		}
	}
	if len(use) == 0 {
		return
	}
	parts := len(b.Edges)
	g := grower{bins: make([][]uint8, parts), grad: make([]float32, lines), hess: make([]float32, lines), workers: workers}
	score := make([]float64, 0, lines)
	for j := range g.bins {
		g.bins[j] = make([]uint8, lines)
	}
	for at, u := range use {
		for i := range u.n {
			line := u.line(i)
			score = append(score, b.sum(line))
			for j, v := range line {
				g.bins[j][start[at]+i] = v
			}
		}
	}
	random := rand.New(rand.NewPCG(5, 0x5745_4958_4941_4f04))
	var p []float64
	for range treeCount {
		if ctx.Err() != nil {
			return
		}
		var seen []int32
		for at, u := range use {
			lo, hi := start[at], start[at]+u.n
			p = append(p[:0], score[lo:hi]...)
			softmax(p)
			for i, v := range p {
				if i == u.right {
					g.grad[lo+i] = float32(v - 1)
				} else {
					g.grad[lo+i] = float32(v)
				}
				g.hess[lo+i] = float32(max(v*(1-v), 1e-6))
			}
			if random.Float64() < treeShare {
				for i := lo; i < hi; i++ {
					seen = append(seen, int32(i))
				}
			}
		}
		asked := random.Perm(parts)[:(parts+1)/2]
		slices.Sort(asked)
		t := g.grow(seen, asked)
		b.Trees = append(b.Trees, t)
		for at, u := range use {
			for i := range u.n {
				score[start[at]+i] += value(t, u.line(i))
			}
		}
	}
}

func (g *grower) grow(lines []int32, parts []int) []node {
	t := []node{{}}
	var grow func(n int, lines []int32, depth int)
	grow = func(n int, lines []int32, depth int) {
		var sum, curve float64
		for _, i := range lines {
			sum += float64(g.grad[i])
			curve += float64(g.hess[i])
		}
		t[n].Value = -treeRate * sum / (curve + treeRidge)
		if depth == 0 || len(lines) < treeLeast {
			return
		}
		part, cut, gain := g.split(lines, parts, sum, curve)
		if gain < treeGain {
			return
		}
		var left, right []int32
		for _, i := range lines {
			if g.bins[part][i] <= cut {
				left = append(left, i)
			} else {
				right = append(right, i)
			}
		}
		l, r := len(t), len(t)+1
		t[n].Part, t[n].Cut, t[n].Left, t[n].Right = int16(part), cut, int16(l), int16(r)
		t = append(t, node{}, node{})
		grow(l, left, depth-1)
		grow(r, right, depth-1)
	}
	grow(0, lines, treeDepth)
	return t
}

// split finds the cut that gains most.
func (g *grower) split(lines []int32, parts []int, sum, curve float64) (part int, cut uint8, gain float64) {
	gains, cuts := make([]float64, len(parts)), make([]uint8, len(parts))
	parallel(g.workers, len(parts), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			var sums, curves [bins]float64
			column := g.bins[parts[k]]
			for _, i := range lines {
				sums[column[i]] += float64(g.grad[i])
				curves[column[i]] += float64(g.hess[i])
			}
			s, h := 0.0, 0.0
			for c := range bins - 1 {
				s += sums[c]
				h += curves[c]
				if h < leastCurve || curve-h < leastCurve {
					continue
				}
				v := s*s/(h+treeRidge) + (sum-s)*(sum-s)/(curve-h+treeRidge) - sum*sum/(curve+treeRidge)
				if v > gains[k] {
					gains[k], cuts[k] = v, uint8(c)
				}
			}
		}
	})
	for k, v := range gains {
		if v > gain {
			part, cut, gain = parts[k], cuts[k], v
		}
	}
	return part, cut, gain
}

// parallel runs fn on as many stretches of 0…n as there are workers. What it
// computes must not depend on how it is cut.
func parallel(workers, n int, fn func(lo, hi int)) {
	var wg sync.WaitGroup
	for w := range workers {
		lo, hi := n*w/workers, n*(w+1)/workers
		if lo < hi {
			wg.Go(func() { fn(lo, hi) })
		}
	}
	wg.Wait()
}
