package insight

import (
	"cmp"
	"math"
	"slices"
)

const defaultPrecision = 0.87

// measure finds, on cases that did not teach the blend, how sure the model may be:
// the temperature that makes its probabilities honest, and the least probability
// from which on the share asked for was right.
//
// It also finds how much the nets have to say beside the blend. rows is what they
// see of all cases.
func (m *Model) measure(groups []group, rows []netRow) {
	scores, said := make([][]float64, len(groups)), make([][]float64, len(groups))
	s := m.scratch()
	defer m.pool.Put(s)
	for i := range groups {
		g := &groups[i]
		scores[i] = m.blend.scores(g, nil)
		said[i] = m.nets.say(&rows[g.of], g.units, s.mind)
	}
	m.nets.Share = shareOf(groups, scores, said)
	for i := range scores {
		scores[i] = mixed(scores[i], said[i], m.nets.Share)
	}
	m.temperature = temperature(groups, scores)
	type answer struct {
		p     float64
		right bool
	}
	answers := make([]answer, len(groups))
	for i, g := range groups {
		all := m.choices(g.units, tempered(scores[i], m.temperature), query{at: m.data.at[g.of]}, m.teaching(g.of))
		label := m.labels[m.data.name[g.of]]
		answers[i] = answer{all[0].P, all[0].Label == label}
		if slices.ContainsFunc(all[:min(3, len(all))], func(c Choice) bool { return c.Label == label }) {
			m.held.Third++
		}
	}
	slices.SortStableFunc(answers, func(a, b answer) int { return cmp.Compare(b.p, a.p) })
	m.threshold = 1.01 // never sure
	right := 0
	m.held.Cases = len(groups)
	for i, a := range answers {
		if a.right {
			right++
		}
		last := i+1 == len(answers) || answers[i+1].p < a.p
		if last && i+1 >= fewAnswers && float64(right) >= m.precision*float64(i+1) {
			// Half-way to the next: equally sure cases must not fall to one side by rounding.
			m.threshold = a.p / 2
			if i+1 < len(answers) {
				m.threshold = (a.p + answers[i+1].p) / 2
			}
			m.held.Answered, m.held.AnsweredRight = i+1, right
		}
	}
	m.held.First = right
}

// Held counts how a model did on cases that were held back.
type Held struct {
	Cases         int
	First         int // first choice right
	Third         int // label among the first three
	Answered      int
	AnsweredRight int
}

// fewAnswers are too few to tell how many of them are right.
const fewAnswers = 10

func tempered(scores []float64, t float64) []float64 {
	p := slices.Clone(scores)
	for i := range p {
		p[i] /= t
	}
	softmax(p)
	return p
}

// temperature has the least cross entropy (Guo et al. 2017), by golden section.
// Cases whose label is not among the candidates count as a miss of a thousand.
func temperature(groups []group, scores [][]float64) float64 {
	loss := func(t float64) float64 {
		sum := 0.0
		for i, g := range groups {
			p := tempered(scores[i], t)
			if g.right >= 0 {
				sum -= math.Log(max(p[g.right], 1e-12))
			} else {
				sum -= math.Log(max(1e-3, 1-slices.Max(p)))
			}
		}
		return sum
	}
	lo, hi := 0.3, 4.0
	const golden = 0.6180339887498949
	for range 24 {
		a, b := hi-golden*(hi-lo), lo+golden*(hi-lo)
		if loss(a) < loss(b) {
			hi = b
		} else {
			lo = a
		}
	}
	return (lo + hi) / 2
}
