package insight

import (
	"context"
	"math"
	"math/rand/v2"
)

// net is a small neural network: what the values of columns and the pieces of words
// stand for, as points that are learned (embeddings), and the time, through one
// hidden layer to every label. It sees what goes together in ways that nobody
// named a cross for.
type net struct {
	Values  []float32 // value * valueSize + dimension
	Pieces  []float32 // piece * pieceSize + dimension
	Hidden  []float32 // hidden * width of the input + input
	HiddenB []float32
	Out     []float32 // hidden * labels + label
	OutB    []float32
}

const (
	valueSize  = 12
	pieceSize  = 16
	hiddenSize = 96
	timeKnots  = 8

	netEpochs   = 15
	netSteps    = 400 // at least: few cases are read more often
	netBatch    = 16
	netRate     = 0.003 // of Adam (Kingma, Ba 2015)
	netDecay    = 0.01
	pointRate   = 0.05 // of AdaGrad, for what few cases have
	forgetting  = 0.3  // share of the hidden layer that a case in training does without (dropout)
	forgetInput = 0.1
	forgetValue = 0.05 // share of values taken for unknown, so that unknown ones have a meaning
)

// netRow is what a net sees of a case.
type netRow struct {
	values []int32 // rows of Values, one for each column
	blank  []int32 // the same for values never seen; shared
	pieces []linearFeature
	time   [timeKnots]float32
}

// netMind is the memory of one thought.
type netMind struct {
	in, hidden, out []float32
	back            []float32 // slope of the loss by in
	kept            []bool    // of the input
	values          []int32   // as seen
}

func newNetMind(width, labels int) *netMind {
	return &netMind{in: make([]float32, width), hidden: make([]float32, hiddenSize), out: make([]float32, labels), back: make([]float32, width), kept: make([]bool, width)}
}

// think fills in the probability of every label; with random it forgets as in
// training.
func (n *net) think(r *netRow, s *netMind, random *rand.Rand) {
	s.values = append(s.values[:0], r.values...)
	if random != nil {
		for k := range s.values {
			if random.Float64() < forgetValue {
				s.values[k] = r.blank[k]
			}
		}
	}
	at := 0
	for _, v := range s.values {
		at += copy(s.in[at:], n.Values[int(v)*valueSize:int(v+1)*valueSize])
	}
	words := s.in[at : at+pieceSize]
	clear(words)
	for _, p := range r.pieces {
		addScaled(words, p.value, n.Pieces[int(p.bucket)*pieceSize:])
	}
	copy(s.in[at+pieceSize:], r.time[:])
	if random != nil {
		for i := range s.in {
			if s.kept[i] = random.Float64() >= forgetInput; s.kept[i] {
				s.in[i] /= 1 - forgetInput
			} else {
				s.in[i] = 0
			}
		}
	}
	copy(s.out, n.OutB)
	for h := range s.hidden {
		s.hidden[h] = 0
		if random != nil && random.Float64() < forgetting {
			continue
		}
		v := n.HiddenB[h] + dot(n.Hidden[h*len(s.in):(h+1)*len(s.in)], s.in)
		if v <= 0 {
			continue
		}
		if random != nil {
			v /= 1 - forgetting
		}
		s.hidden[h] = v
		addScaled(s.out, v, n.Out[h*len(s.out):])
	}
	softmax32(s.out)
}

func softmax32(p []float32) {
	most, sum := p[0], float32(0)
	for _, v := range p {
		most = max(most, v)
	}
	for i, v := range p {
		p[i] = float32(math.Exp(float64(v - most)))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}

// dot is the product of two vectors; b may be longer. The conversions forbid fused
// arithmetic, which differs between processors.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s [4]float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s[0] += float32(a[i] * b[i])
		s[1] += float32(a[i+1] * b[i+1])
		s[2] += float32(a[i+2] * b[i+2])
		s[3] += float32(a[i+3] * b[i+3])
	}
	for ; i < len(a); i++ {
		s[0] += float32(a[i] * b[i])
	}
	return s[0] + s[1] + s[2] + s[3]
}

// addScaled adds v times the beginning of x to y.
func addScaled(y []float32, v float32, x []float32) {
	x = x[:len(y)]
	for i, w := range x {
		y[i] += float32(v * w)
	}
}

// dense are the weights of a layer while it learns, with Adam's moments.
type dense struct{ weights, slope, mean, square []float32 }

func newDense(n int, random *rand.Rand, deviation float64) *dense {
	d := &dense{make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)}
	scatter(d.weights, random, deviation)
	return d
}

func scatter(w []float32, random *rand.Rand, deviation float64) {
	for i := range w {
		w[i] = float32(random.NormFloat64() * deviation)
	}
}

// step follows the mean slope of a batch; warm are the corrections of moments that
// began at nothing.
func (d *dense) step(rate, batch, decay float32, warm [2]float32) {
	for i, g := range d.slope {
		g /= batch
		d.mean[i] += 0.1 * (g - d.mean[i])
		d.square[i] += 0.001 * (g*g - d.square[i])
		w := d.weights[i]
		d.weights[i] = w - rate*(d.mean[i]/warm[0]/(float32(math.Sqrt(float64(d.square[i]/warm[1])))+1e-7)+decay*w)
		d.slope[i] = 0
	}
}

// netTeacher is a net while it learns.
type netTeacher struct {
	*net
	layers              [4]*dense // hidden, its bias, out, its bias
	valueSqu, pieceSqu  []float32
	mind                *netMind
	random              *rand.Rand
	rate                float32 // of points, at this moment
	steps, steps2finish int
}

// teachNet learns a net from the cases in order, which it shuffles; nil when ctx
// ends.
func teachNet(ctx context.Context, size netSize, rows []netRow, labels []int32, order []int32, seed uint64) *net {
	random := rand.New(rand.NewPCG(seed, 0x5745_4958_4941_4f05))
	n := &net{Values: make([]float32, size.values*valueSize), Pieces: make([]float32, size.pieces*pieceSize)}
	scatter(n.Values, random, 0.3)
	scatter(n.Pieces, random, 0.3)
	t := netTeacher{net: n, mind: newNetMind(size.width, size.labels), random: random,
		valueSqu: make([]float32, len(n.Values)), pieceSqu: make([]float32, len(n.Pieces))}
	t.layers = [4]*dense{newDense(hiddenSize*size.width, random, math.Sqrt(2/float64(size.width))), newDense(hiddenSize, random, 0),
		newDense(hiddenSize*size.labels, random, 0.5/math.Sqrt(hiddenSize)), newDense(size.labels, random, 0)}
	n.Hidden, n.HiddenB, n.Out, n.OutB = t.layers[0].weights, t.layers[1].weights, t.layers[2].weights, t.layers[3].weights
	batches := (len(order) + netBatch - 1) / netBatch
	epochs := max(netEpochs, (netSteps+batches-1)/batches)
	t.steps2finish = epochs * batches
	for range epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for lo := 0; lo < len(order); lo += netBatch {
			if ctx.Err() != nil {
				return nil
			}
			t.batch(rows, labels, order[lo:min(lo+netBatch, len(order))])
		}
	}
	return n
}

// batch learns from some cases at once. The steps become shorter towards the end.
func (t *netTeacher) batch(rows []netRow, labels, cases []int32) {
	slower := float32(0.5 * (1 + math.Cos(math.Pi*float64(t.steps)/float64(t.steps2finish))))
	t.steps++
	t.rate = pointRate * slower
	for _, i := range cases {
		t.think(&rows[i], t.mind, t.random)
		t.mind.out[labels[i]]--
		t.learn(&rows[i])
	}
	warm := [2]float32{float32(1 - math.Pow(0.9, float64(t.steps))), float32(1 - math.Pow(0.999, float64(t.steps)))}
	for k, decay := range []float32{netDecay, 0, netDecay, 0} {
		t.layers[k].step(netRate*slower, float32(len(cases)), decay, warm)
	}
}

// learn goes back from the error in out through the layers to the points.
func (t *netTeacher) learn(r *netRow) {
	s := t.mind
	width, labels := len(s.in), len(s.out)
	addScaled(t.layers[3].slope, 1, s.out)
	clear(s.back)
	for h, v := range s.hidden {
		if v == 0 {
			continue
		}
		d := dot(s.out, t.Out[h*labels:]) / (1 - forgetting)
		addScaled(t.layers[2].slope[h*labels:(h+1)*labels], v, s.out)
		t.layers[1].slope[h] += d
		addScaled(t.layers[0].slope[h*width:(h+1)*width], d, s.in)
		addScaled(s.back, d, t.Hidden[h*width:])
	}
	for i := range s.back {
		if s.kept[i] {
			s.back[i] /= 1 - forgetInput
		} else {
			s.back[i] = 0
		}
	}
	at := 0
	for _, v := range s.values {
		t.move(t.Values[int(v)*valueSize:], t.valueSqu[int(v)*valueSize:], s.back[at:at+valueSize], 1)
		at += valueSize
	}
	for _, p := range r.pieces {
		t.move(t.Pieces[int(p.bucket)*pieceSize:], t.pieceSqu[int(p.bucket)*pieceSize:], s.back[at:at+pieceSize], p.value)
	}
}

// move shifts a point against its slope.
func (t *netTeacher) move(point, squares, slope []float32, share float32) {
	for i, d := range slope {
		d *= share
		squares[i] += float32(d * d)
		point[i] -= t.rate * d / (float32(math.Sqrt(float64(squares[i]))) + 1e-4)
	}
}
