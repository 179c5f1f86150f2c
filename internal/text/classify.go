package text

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
)

// Example is a text whose label is known.
type Example struct{ Text, Label string }

// TrainOptions are the settings of Train; the zero value of a field takes the default named.
type TrainOptions struct {
	Epochs  int    // readings of all examples; 12
	Seed    uint64 // of the order of reading; the same seed and examples give the same classifier on the same kind of processor
	Buckets int    // of the hash table, a power of two up to 2^24; 1<<18
}

// Prediction is a label with its probability.
type Prediction struct {
	Label string
	P     float64
}

// Reason is a piece of the text and what it adds to a label's score against the average label (before the scores become probabilities).
type Reason struct {
	Gram   string
	Weight float64
}

// Classifier tells the label of a text by multinomial logistic regression over hashed character pairs: Chinese characters in twos, Latin
// words, and both in twos; all figures count as one word. It does not change after Train or Load.
type Classifier struct {
	labels      []string // sorted
	buckets     int
	rows        []int32   // bucket to row+1 of weights; 0 when no example had it
	weights     []float32 // row * len(labels) + label
	bias        []float32
	temperature float64 // divides the scores; fitted on examples that were not trained on
}

// ErrTraining tells that there is nothing to learn from.
var ErrTraining = errors.New("text: examples must have at least two labels")

const (
	defaultEpochs  = 12
	defaultBuckets = 1 << 18
	maxBuckets     = 1 << 24
	learningRate   = 0.5
	decay          = 1e-4 // of weights, each time that an example touches them
	maxFeatures    = 4000 // of one text
)

// Train learns from examples; it reads each of them twice per epoch: once without a tenth of them, on which it measures how sure it may
// be (the temperature), and once with all.
func Train(examples []Example, o TrainOptions) (*Classifier, error) {
	o.Epochs = cmp.Or(o.Epochs, defaultEpochs)
	o.Buckets = cmp.Or(o.Buckets, defaultBuckets)
	if o.Epochs < 1 || o.Buckets < 2 || o.Buckets > maxBuckets || o.Buckets&(o.Buckets-1) != 0 {
		return nil, fmt.Errorf("text: train: %d epochs, %d buckets", o.Epochs, o.Buckets)
	}
	c := &Classifier{buckets: o.Buckets, rows: make([]int32, o.Buckets), temperature: 1}
	for _, e := range examples {
		c.labels = append(c.labels, e.Label)
	}
	slices.Sort(c.labels)
	c.labels = slices.Compact(c.labels)
	switch {
	case len(c.labels) < 2:
		return nil, ErrTraining
	case len(c.labels) > maxLabels || slices.ContainsFunc(c.labels, func(l string) bool { return len(l) > maxLabelBytes }):
		return nil, fmt.Errorf("text: train: more than %d labels, or one over %d bytes", maxLabels, maxLabelBytes)
	}
	points := c.points(examples)
	random := rand.New(rand.NewPCG(o.Seed, 0x5745_4958_4941_4f00))
	random.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	if held := len(points) / 10; held >= 20 {
		c.fit(points[held:], o.Epochs, random)
		c.calibrate(points[:held])
	}
	c.fit(points, o.Epochs, random)
	return c, nil
}

// point is an example as numbers: rows of weights, and its label.
type point struct {
	rows  []int32
	scale float64 // of each feature, so that long texts do not shout
	label int
}

// points hashes the examples and gives each bucket that occurs a row.
func (c *Classifier) points(examples []Example) []point {
	points := make([]point, len(examples))
	used := int32(0)
	for i, e := range examples {
		var p point
		for _, b := range c.features(e.Text) {
			if c.rows[b] == 0 {
				used++
				c.rows[b] = used
			}
			p.rows = append(p.rows, c.rows[b]-1)
		}
		p.scale = featureScale(len(p.rows))
		p.label, _ = slices.BinarySearch(c.labels, e.Label)
		points[i] = p
	}
	c.weights = make([]float32, int(used)*len(c.labels))
	return points
}

func featureScale(n int) float64 { return 1 / math.Sqrt(float64(max(n, 1))) }

// fit minimises the cross entropy by AdaGrad, one example at a time, from zero weights on.
func (c *Classifier) fit(points []point, epochs int, random *rand.Rand) {
	k := len(c.labels)
	clear(c.weights)
	c.bias = make([]float32, k)
	squares := make([]float32, len(c.weights)+k) // sums of squared gradients
	order := make([]int, len(points))
	for i := range order {
		order[i] = i
	}
	p := make([]float64, k)
	// The conversions in step keep the compiler from fusing multiplication and addition, which would round otherwise on some processors.
	step := func(w, square *float32, gradient float64) {
		*square += float32(gradient * gradient)
		*w -= float32(learningRate * gradient / (math.Sqrt(float64(*square)) + 1e-6))
	}
	for range epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			x := points[i]
			c.scores(x, p)
			softmax(p, 1)
			p[x.label]--
			for _, row := range x.rows {
				at := int(row) * k
				for l := range k {
					step(&c.weights[at+l], &squares[at+l], float64(p[l]*x.scale)+float64(decay*float64(c.weights[at+l])))
				}
			}
			for l := range k {
				step(&c.bias[l], &squares[len(c.weights)+l], p[l])
			}
		}
	}
}

// scores fills p with the linear scores of x.
func (c *Classifier) scores(x point, p []float64) {
	clear(p)
	k := len(p)
	for _, row := range x.rows {
		for l, w := range c.weights[int(row)*k : int(row+1)*k] {
			p[l] += float64(w)
		}
	}
	for l := range p {
		p[l] = float64(p[l]*x.scale) + float64(c.bias[l])
	}
}

// softmax turns scores into probabilities.
func softmax(p []float64, temperature float64) {
	top := slices.Max(p)
	sum := 0.0
	for l := range p {
		p[l] = math.Exp((p[l] - top) / temperature)
		sum += p[l]
	}
	for l := range p {
		p[l] /= sum
	}
}

// calibrate finds the temperature with the least cross entropy on points that were not trained on (Guo et al. 2017), by golden section.
func (c *Classifier) calibrate(points []point) {
	p := make([]float64, len(c.labels))
	loss := func(t float64) float64 {
		sum := 0.0
		for _, x := range points {
			c.scores(x, p)
			softmax(p, t)
			sum -= math.Log(max(p[x.label], 1e-12))
		}
		return sum
	}
	lo, hi := 0.2, 5.0
	const golden = 0.6180339887498949
	for range 30 {
		a, b := hi-golden*(hi-lo), lo+golden*(hi-lo)
		if loss(a) < loss(b) {
			hi = b
		} else {
			lo = a
		}
	}
	c.temperature = (lo + hi) / 2
}

// Labels are the labels that the classifier knows, sorted.
func (c *Classifier) Labels() []string { return slices.Clone(c.labels) }

// Predict returns the k most probable labels, best first; equal ones by name. Among many texts for which it says 0.8, about 80 of 100 are
// right, as long as they are like those it learned from. A text without any known piece gets the share of the labels in the training.
func (c *Classifier) Predict(text string, k int) []Prediction {
	p := make([]float64, len(c.labels))
	c.scores(c.point(text), p)
	softmax(p, c.temperature)
	out := make([]Prediction, len(p))
	for l := range p {
		out[l] = Prediction{c.labels[l], p[l]}
	}
	slices.SortStableFunc(out, func(a, b Prediction) int { return cmp.Compare(b.P, a.P) })
	return out[:max(0, min(k, len(out)))]
}

// point looks up the rows of a text. Pieces that no example had still count in the scale.
func (c *Classifier) point(text string) point {
	features := c.features(text)
	p := point{scale: featureScale(len(features))}
	for _, b := range features {
		if row := c.rows[b]; row > 0 {
			p.rows = append(p.rows, row-1)
		}
	}
	return p
}

// Reasons returns the n pieces of the text that speak most for label, strongest first; none for a label it does not know.
func (c *Classifier) Reasons(text, label string, n int) []Reason {
	l, ok := slices.BinarySearch(c.labels, label)
	if !ok {
		return nil
	}
	k := len(c.labels)
	scale := featureScale(len(c.features(text))) / c.temperature
	var out []Reason
	seen := make(map[uint32]bool)
	eachGram(text, func(gram string) bool {
		b := c.bucket(gram)
		if row := int(c.rows[b]) - 1; row >= 0 && !seen[b] {
			seen[b] = true
			mean := 0.0
			for _, w := range c.weights[row*k : (row+1)*k] {
				mean += float64(w) / float64(k)
			}
			if w := (float64(c.weights[row*k+l]) - mean) * scale; w > 0 {
				out = append(out, Reason{gram, w})
			}
		}
		return len(seen) < maxFeatures
	})
	slices.SortStableFunc(out, func(a, b Reason) int { return cmp.Compare(b.Weight, a.Weight) })
	return out[:max(0, min(n, len(out)))]
}

// features are the distinct buckets of a text, sorted, at most maxFeatures.
func (c *Classifier) features(text string) []uint32 {
	var out []uint32
	eachGram(text, func(gram string) bool {
		out = append(out, c.bucket(gram))
		return len(out) < 4*maxFeatures
	})
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), maxFeatures)]
}

func (c *Classifier) bucket(gram string) uint32 {
	h := fnv.New64a()
	h.Write([]byte(gram))
	return uint32(mix(h.Sum64())) & uint32(c.buckets-1)
}

// eachGram walks over the pieces that are counted: pairs of touching units, and Latin words alone. Figures are all alike: 0.
func eachGram(text string, yield func(string) bool) {
	prev := ""
	units(Normalize(head(text, maxIndexBytes)), func(u unit) bool {
		t := u.text
		if !u.cjk && '0' <= t[0] && t[0] <= '9' {
			t = "0"
		}
		more := true
		if u.gap == touching {
			more = yield(prev + t)
		}
		if more && !u.cjk {
			more = yield(t)
		}
		prev = t
		return more
	})
}
