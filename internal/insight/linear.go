package insight

import (
	"context"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"weixiao/internal/text"
)

// linear is multinomial logistic regression over hashed columns, crosses and
// pieces of words.
type linear struct {
	Buckets int
	Labels  int
	Rows    []int32 // bucket -> row+1 of weights
	Weights []float32
	Bias    []float32
}

type linearFeature struct {
	bucket uint32
	value  float32
}

const (
	linearEpochs = 4
	textEpochs   = 12 // words need more readings: each is rarer
	linearRate   = 0.3
	linearDecay  = 2e-4
	still        = 1e-4    // errors too small to learn from: most labels of most cases
	mostWeights  = 1 << 25 // 128 MiB, and as much again while learning
	repetition   = 2       // a piece that occurs n times counts 1 + repetition * ln n, as in package text
	textWeight   = 1.0
	phraseWeight = 0.5 // of the pieces of category values: 上水井盖 is like 下水井盖
)

// linearRow is what the linear part sees of a case: its cells, together of length
// one, the pieces of what these are called, and the pieces of its words.
func (m *Model) linearRow(out []linearFeature, cats []int32, texts []string) []linearFeature {
	mask := uint32(m.lin.Buckets - 1)
	n := len(m.Crosses) - 1
	if n > 0 {
		v := float32(1 / math.Sqrt(float64(n)))
		for k, set := range m.Crosses {
			if len(set) > 0 {
				out = append(out, linearFeature{uint32(mix(crossKey(set, cats)^uint64(k))) & mask, v})
			}
		}
	}
	out = m.lin.pieces(out, m.code.phrases(cats), phraseWeight)
	return m.lin.pieces(out, texts, textWeight)
}

// pieces appends those of some words, together of a length given.
func (l *linear) pieces(out []linearFeature, texts []string, length float64) []linearFeature {
	begin := len(out)
	norm := 0.0
	for _, t := range texts {
		text.Pieces(t, func(piece string) {
			out = append(out, linearFeature{l.bucket(piece), 1})
		})
	}
	words := out[begin:]
	slices.SortFunc(words, func(a, b linearFeature) int { return int(a.bucket) - int(b.bucket) })
	kept := words[:0]
	for i := 0; i < len(words); {
		j := i
		for j < len(words) && words[j].bucket == words[i].bucket {
			j++
		}
		v := 1 + repetition*math.Log(float64(j-i))
		norm += v * v
		kept = append(kept, linearFeature{words[i].bucket, float32(v)})
		i = j
	}
	for i := range kept {
		kept[i].value *= float32(length / math.Sqrt(norm))
	}
	return out[:begin+len(kept)]
}

func (l *linear) bucket(piece string) uint32 {
	h := fnv.New64a()
	h.Write([]byte(piece))
	return uint32(mix(h.Sum64())) & uint32(l.Buckets-1)
}

// predict fills in the probability of every label.
func (l *linear) predict(row []linearFeature, p []float64) {
	for c := range p {
		p[c] = float64(l.Bias[c])
	}
	for _, f := range row {
		if r := l.Rows[f.bucket]; r > 0 {
			for c, w := range l.Weights[int(r-1)*l.Labels : int(r)*l.Labels] {
				p[c] += float64(w * f.value)
			}
		}
	}
	softmax(p)
}

func softmax(p []float64) {
	m, sum := slices.Max(p), 0.0
	for i, v := range p {
		p[i] = math.Exp(v - m)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}

// fitLinear learns the linear part, and returns what it says about each case that
// teaches the blend when it did not learn from that case's fold; nil for the rest.
func (m *Model) fitLinear(ctx context.Context, workers int) (held [][]float32) {
	n, k := len(m.data.label), len(m.Units)
	buckets := 1 << 18
	for buckets > 1<<10 && buckets*k > mostWeights {
		buckets >>= 1
	}
	m.lin = &linear{Buckets: buckets, Labels: k, Rows: make([]int32, buckets), Bias: make([]float32, k)}
	rows := make([][]linearFeature, n)
	used := int32(0)
	for i := range rows {
		rows[i] = m.linearRow(nil, m.data.row(int32(i)), m.words[i])
		for _, f := range rows[i] {
			if m.lin.Rows[f.bucket] == 0 {
				used++
				m.lin.Rows[f.bucket] = used
			}
		}
	}
	epochs := linearEpochs
	if len(m.code.Texts) > 0 {
		epochs = textEpochs
	}
	held = make([][]float32, n)
	var wg sync.WaitGroup
	slots := make(chan struct{}, workers)
	for f := range cellFolds {
		wg.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; wg.Done() }()
			part := *m.lin
			part.fit(ctx, rows, m.data.label, int(used), epochs, func(i int) bool { return m.partOf(int32(i)) != f })
			p := make([]float64, k)
			for i := range rows {
				if m.partOf(int32(i)) == f && m.teaches(int32(i)) {
					part.predict(rows[i], p)
					held[i] = make([]float32, k)
					for c, v := range p {
						held[i][c] = float32(v)
					}
				}
			}
		}()
	}
	wg.Wait()
	m.lin.fit(ctx, rows, m.data.label, int(used), epochs, func(int) bool { return true })
	return held
}

// fit minimises the cross entropy by AdaGrad, one case at a time, in an order that
// is always the same.
func (l *linear) fit(ctx context.Context, rows [][]linearFeature, labels []int32, used, epochs int, learns func(int) bool) {
	k := l.Labels
	l.Weights, l.Bias = make([]float32, used*k), make([]float32, k)
	squares, biasSquares := make([]float32, used*k), make([]float32, k)
	random := rand.New(rand.NewPCG(1, 0x5745_4958_4941_4f02))
	var order []int
	for i := range rows {
		if learns(i) {
			order = append(order, i)
		}
	}
	p := make([]float64, k)
	var moved []int32 // labels about which the case says something
	for range epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for n, i := range order {
			if n%256 == 0 && ctx.Err() != nil {
				return
			}
			l.predict(rows[i], p)
			p[labels[i]]--
			moved = moved[:0]
			for c, v := range p {
				if v > still || v < -still {
					moved = append(moved, int32(c))
					biasSquares[c] += float32(v * v)
					l.Bias[c] -= linearRate * float32(v) / float32(math.Sqrt(float64(biasSquares[c])+1e-6))
				}
			}
			for _, f := range rows[i] {
				at := int(l.Rows[f.bucket]-1) * k
				w, q := l.Weights[at:at+k], squares[at:at+k]
				for _, c := range moved {
					g := float32(p[c])*f.value + linearDecay*w[c]
					q[c] += g * g
					w[c] -= linearRate * g / float32(math.Sqrt(float64(q[c])+1e-6))
				}
			}
		}
	}
}
