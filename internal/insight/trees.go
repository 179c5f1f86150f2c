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
	treeCount  = 200
	treeDepth  = 4
	treeRate   = 0.07
	treeLeast  = 200 // lines in a node that is asked further
	treeRidge  = 5.0
	treeGain   = 0.5
	treeStill  = 1e-3
	treeShare  = 0.7 // of the groups that each tree sees
	treeParts  = 4   // one part in so many may be asked about in a tree
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
					if g.grad[i] < 0 || g.grad[i] > treeStill {
						seen = append(seen, int32(i))
					}
				}
			}
		}
		asked := random.Perm(parts)[:(parts+treeParts-1)/treeParts]
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

// slopes are the sums of first and second derivatives of a loss.
type slopes struct{ grad, hess float64 }

// sums are the slopes in every bin of the parts asked.
type sums [][bins]slopes

func (g *grower) grow(lines []int32, parts []int) []node {
	t := []node{{}}
	var grow func(n int, lines []int32, s sums, depth int)
	grow = func(n int, lines []int32, s sums, depth int) {
		all := s.all()
		t[n].Value = -treeRate * all.grad / (all.hess + treeRidge)
		if depth == 0 || len(lines) < treeLeast {
			return
		}
		k, cut, gain := s.split(all)
		if gain < treeGain {
			return
		}
		column := g.bins[parts[k]]
		left, right := make([]int32, 0, len(lines)), make([]int32, 0, len(lines)/2)
		for _, i := range lines {
			if column[i] <= cut {
				left = append(left, i)
			} else {
				right = append(right, i)
			}
		}
		l, r := len(t), len(t)+1
		t[n].Part, t[n].Cut, t[n].Left, t[n].Right = int16(parts[k]), cut, int16(l), int16(r)
		t = append(t, node{}, node{})
		// Only the smaller side is summed; the larger is what is left of both.
		if len(left) <= len(right) {
			small := g.sum(left, parts)
			s.less(small)
			grow(l, left, small, depth-1)
			grow(r, right, s, depth-1)
		} else {
			small := g.sum(right, parts)
			s.less(small)
			grow(l, left, s, depth-1)
			grow(r, right, small, depth-1)
		}
	}
	grow(0, lines, g.sum(lines, parts), treeDepth)
	return t
}

func (g *grower) sum(lines []int32, parts []int) sums {
	out := make(sums, len(parts))
	here := make([]slopes, len(lines)) // one after the other: each part reads them
	for n, i := range lines {
		here[n] = slopes{float64(g.grad[i]), float64(g.hess[i])}
	}
	parallel(g.workers, len(parts), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			column, bin := g.bins[parts[k]], &out[k]
			for n, i := range lines {
				b := &bin[column[i]%bins]
				b.grad += here[n].grad
				b.hess += here[n].hess
			}
		}
	})
	return out
}

func (s sums) all() slopes {
	var all slopes
	if len(s) > 0 {
		for _, b := range s[0] {
			all.grad += b.grad
			all.hess += b.hess
		}
	}
	return all
}

func (s sums) less(o sums) {
	for k := range s {
		for b := range s[k] {
			s[k][b].grad -= o[k][b].grad
			s[k][b].hess -= o[k][b].hess
		}
	}
}

// split finds the cut that gains most.
func (s sums) split(all slopes) (part int, cut uint8, gain float64) {
	whole := all.grad * all.grad / (all.hess + treeRidge)
	for k := range s {
		l := slopes{}
		for c, b := range s[k][:bins-1] {
			l.grad += b.grad
			l.hess += b.hess
			r := slopes{all.grad - l.grad, all.hess - l.hess}
			if l.hess < leastCurve || r.hess < leastCurve {
				continue
			}
			if v := l.grad*l.grad/(l.hess+treeRidge) + r.grad*r.grad/(r.hess+treeRidge) - whole; v > gain {
				part, cut, gain = k, uint8(c), v
			}
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
