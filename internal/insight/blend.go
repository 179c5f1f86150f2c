package insight

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// blend weighs the evidence: a conditional logit over all parts, then boosted
// trees for what is not a sum. All parts are cut into bins first: the trees need
// it, and a line is then 150 bytes.
type blend struct {
	Edges  [][]float32 // part: upper ends of its bins
	Middle [][]float32 // part, bin: the value that stands for it, of mean 0 and deviation 1
	Weight []float64   // of the logit
	Trees  [][]node
}

const (
	bins       = 64
	mostGroups = 12000 // cases that teach the blend
	logitReads = 12
	logitRate  = 0.1
	logitDecay = 1e-4
)

// group is a case that teaches the blend: its candidates in bins, and which one is
// right.
type group struct {
	lines []uint8 // candidate * width + part
	n     int
	right int // -1: not among the candidates
	of    int32
	units []int32
}

// fitBlend learns the weights and the nets, first without a fifth of the groups, on
// which it measures how sure the model may be, then with all.
func (m *Model) fitBlend(ctx context.Context, held [][]float32, o Options) {
	n := len(m.data.label)
	var teach []int32
	for i := range n {
		if m.teaches(int32(i)) {
			teach = append(teach, int32(i))
		}
	}
	if ctx.Err() != nil {
		return // what was held out is not all there
	}
	m.nets = m.newNets()
	m.blend.cut(m, teach, held)
	groups := make([]group, len(teach))
	parallel(o.Workers, len(teach), func(lo, hi int) {
		s := m.scratch()
		for g := lo; g < hi && ctx.Err() == nil; g++ {
			groups[g] = m.blend.group(m.teach(teach[g], held, s), m.data.label[teach[g]], teach[g])
		}
	})
	if ctx.Err() != nil {
		return
	}
	var in, out []group
	for _, g := range groups {
		if m.heldBack(g.of) {
			out = append(out, g)
		} else {
			in = append(in, g)
		}
	}
	rows := make([]netRow, n)
	for i := range rows {
		rows[i] = m.see(m.data.row(int32(i)), m.data.at[i], m.words[i])
	}
	m.blend.fit(ctx, in, o.Workers)
	m.fitNets(ctx, rows, o, func(i int32) bool { return !m.heldBack(i) })
	if ctx.Err() != nil {
		return
	}
	m.measure(out, rows)
	m.blend.fit(ctx, groups, o.Workers)
	m.fitNets(ctx, rows, o, func(int32) bool { return true })
}

// teaches reports whether a case teaches the blend: all, or as many of them as fit
// in memory with what is said of every label.
func (m *Model) teaches(i int32) bool {
	n := len(m.data.label)
	return n <= mostGroups || mix(uint64(i)+99)%uint64(n) < mostGroups
}

// heldBack is the fifth of the cases on which the model is measured.
func (m *Model) heldBack(i int32) bool {
	if m.foresees() {
		return m.partOf(i) == cellFolds-1
	}
	return foldOf(i) < 2
}

// teach is the evidence about a case that the model learns from.
func (m *Model) teach(i int32, held [][]float32, s *scratch) evidence {
	for c, v := range held[i] {
		s.shares[c] = float64(v)
	}
	return m.evidence(query{cats: m.data.row(i), at: m.data.at[i]}, m.teaching(i), s.shares, s)
}

// cut chooses the bins by some of the cases.
func (b *blend) cut(m *Model, teach []int32, held [][]float32) {
	s := m.scratch()
	width := m.width()
	seen := make([][]float32, width)
	for g := 0; g < len(teach); g += max(1, len(teach)/600) {
		e := m.teach(teach[g], held, s)
		for i := range e.labels {
			for j, v := range e.line(i) {
				seen[j] = append(seen[j], v)
			}
		}
	}
	b.Edges, b.Middle = make([][]float32, width), make([][]float32, width)
	for j, v := range seen {
		slices.Sort(v)
		for q := 1; q < bins; q++ {
			b.Edges[j] = append(b.Edges[j], v[len(v)*q/bins])
		}
		b.Edges[j] = slices.Compact(b.Edges[j])
		b.Middle[j] = middles(v, b.Edges[j])
	}
}

// middles are the means of the values in each bin, put to mean 0 and deviation 1.
func middles(values []float32, edges []float32) []float32 {
	out, count := make([]float32, len(edges)+1), make([]float64, len(edges)+1)
	sum := make([]float64, len(edges)+1)
	mean, square := 0.0, 0.0
	for _, v := range values {
		i, _ := slices.BinarySearch(edges, v)
		sum[i] += float64(v)
		count[i]++
		mean += float64(v) / float64(len(values))
		square += float64(v) * float64(v) / float64(len(values))
	}
	deviation := math.Sqrt(max(1e-6, square-mean*mean))
	for i := range out {
		middle := mean
		if count[i] > 0 {
			middle = sum[i] / count[i]
		}
		out[i] = float32((middle - mean) / deviation)
	}
	return out
}

func (b *blend) bin(line []float32, out []uint8) []uint8 {
	for j, v := range line {
		i, _ := slices.BinarySearch(b.Edges[j], v)
		out = append(out, uint8(i))
	}
	return out
}

func (b *blend) group(e evidence, label, of int32) group {
	g := group{n: len(e.labels), right: slices.Index(e.labels, label), of: of, units: e.labels}
	g.lines = make([]uint8, 0, len(e.values))
	for i := range e.labels {
		g.lines = b.bin(e.line(i), g.lines)
	}
	return g
}

func (g *group) line(i int) []uint8 { w := len(g.lines) / g.n; return g.lines[i*w : (i+1)*w] }

// scores are the logits of a group's candidates.
func (b *blend) scores(g *group, out []float64) []float64 {
	out = out[:0]
	for i := range g.n {
		line := g.line(i)
		s := b.sum(line)
		for _, t := range b.Trees {
			s += value(t, line)
		}
		out = append(out, s)
	}
	return out
}

func (b *blend) sum(line []uint8) float64 {
	s := 0.0
	for j, v := range line {
		s += b.Weight[j] * float64(b.Middle[j][v])
	}
	return s
}

// ranked are positions, most probable first.
func ranked(p []float64) []int {
	out := make([]int, len(p))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
	return out
}

func (b *blend) fit(ctx context.Context, groups []group, workers int) {
	b.Weight, b.Trees = make([]float64, len(b.Edges)), nil
	b.fitLogit(groups)
	b.boost(ctx, groups, workers)
}

// fitLogit minimises the cross entropy among each group's candidates by AdaGrad.
func (b *blend) fitLogit(groups []group) {
	squares, slope := make([]float64, len(b.Weight)), make([]float64, len(b.Weight))
	random := rand.New(rand.NewPCG(3, 0x5745_4958_4941_4f03))
	order := random.Perm(len(groups))
	var p []float64
	for range logitReads {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, at := range order {
			g := &groups[at]
			if g.right < 0 {
				continue
			}
			p = p[:0]
			for i := range g.n {
				p = append(p, b.sum(g.line(i)))
			}
			softmax(p)
			p[g.right]--
			for j, w := range b.Weight {
				slope[j] = logitDecay * w
			}
			for i := range g.n {
				for j, v := range g.line(i) {
					slope[j] += p[i] * float64(b.Middle[j][v])
				}
			}
			for j, d := range slope {
				squares[j] += d * d
				b.Weight[j] -= logitRate * d / math.Sqrt(squares[j]+1e-6)
			}
		}
	}
}
