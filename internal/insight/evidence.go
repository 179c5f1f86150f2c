package insight

import (
	"math"
	"slices"
)

// evidence is what the parts say about the candidates of one case: a line of
// numbers for each.
type evidence struct {
	labels []int32
	width  int
	values []float32 // candidate * width + part
}

func (e *evidence) line(i int) []float32 { return e.values[i*e.width : (i+1)*e.width] }

const (
	candidates = 40
	smoothing  = 2.0 // what the wider group counts against cases of the cell
	newest     = 4000
	nearby     = 60  // cases before and after, for what is near in time
	active     = 200 // the same for a label's own cases
	kernelLost = 0.3 // what all time counts against what is near
)

// spans are how fast the past fades, in days: bursts of one event, a day, a week, a
// season.
var spans = [...]float64{0.05, 1, 7, 40}

// steps of the fading over time, by the logarithm of the distance: exponentials
// would be most of the work.
const fadeSteps = 512

var fading = func() (table [fadeSteps][len(spans)]float32) {
	for i := range table {
		for s, span := range spans {
			table[i][s] = float32(math.Exp(-(math.Exp(float64(i)/32) - 1) / 1440 / span))
		}
	}
	return table
}()

// fade is how much a case counts that lies so many days away.
func fade(days float64) *[len(spans)]float32 {
	i := int(math.Log1p(math.Abs(days)*1440)*32 + 0.5)
	return &fading[min(i, fadeSteps-1)]
}

// scratch is the memory of one judgement.
type scratch struct {
	counts  [][]float32 // cross, label
	smooth  [][]float32
	totals  []float32
	near    [][][len(spans)]float32 // cross, label
	nears   [][len(spans)]float32   // cross
	tcounts [][]float32             // cross, template; nil where the cross has a place
	ttotals []float32
	shares  []float64 // of the linear part
	sums    []float64 // of labels, before candidates are chosen
	memo    map[templateKey]int32
	rows    []linearFeature
	mind    *netMind
}

func (m *Model) newScratch() *scratch {
	n, l := len(m.Crosses), len(m.Units)
	s := &scratch{totals: make([]float32, n), nears: make([][len(spans)]float32, n), ttotals: make([]float32, n), tcounts: make([][]float32, n),
		shares: make([]float64, l), sums: make([]float64, l), memo: map[templateKey]int32{}, mind: newNetMind(m.nets.size().width, l)}
	for k := range n {
		s.counts, s.smooth = append(s.counts, make([]float32, l)), append(s.smooth, make([]float32, l))
		s.near = append(s.near, make([][len(spans)]float32, l))
		if m.placeless(k) {
			s.tcounts[k] = make([]float32, len(m.stems.known))
		}
	}
	return s
}

// placeless reports whether templates are counted in a cross: not where the place
// is given anyway.
func (m *Model) placeless(k int) bool {
	return len(m.stems.columns) > 0 && !slices.ContainsFunc(m.Crosses[k], func(c int) bool { return slices.Contains(m.stems.columns, c) })
}

// evidence collects what the parts say about a case that sees only what it may.
// shares are the linear part's word, one number for each label.
func (m *Model) evidence(q query, see sight, shares []float64, s *scratch) evidence {
	for k, set := range m.Crosses {
		m.count(k, m.index[k][crossKey(set, q.cats)], q, see, s)
	}
	m.smoothen(s)
	e := evidence{labels: m.candidates(shares, s), width: m.width()}
	e.values = make([]float32, 0, len(e.labels)*e.width)
	for _, l := range e.labels {
		e.values = m.line(e.values, l, q, see, shares, e.labels, s)
	}
	return e
}

// count reads the cases of one cell.
func (m *Model) count(k int, cell []int32, q query, see sight, s *scratch) {
	clear(s.counts[k])
	clear(s.tcounts[k])
	s.totals[k], s.ttotals[k] = 0, 0
	if see.before > 0 {
		n, _ := slices.BinarySearch(cell, see.before)
		cell = cell[:n]
	}
	for _, i := range cell[max(0, len(cell)-newest):] {
		if see.hides(i) {
			continue
		}
		s.counts[k][m.data.label[i]]++
		s.totals[k]++
		if s.tcounts[k] != nil {
			s.tcounts[k][m.stems.of[i]]++
			s.ttotals[k]++
		}
	}
	if !m.data.timed {
		return
	}
	clear(s.near[k])
	s.nears[k] = [len(spans)]float32{}
	for _, i := range m.data.window(cell, q.at, nearby) {
		if see.hides(i) {
			continue
		}
		w, sum := &s.near[k][m.data.label[i]], &s.nears[k]
		for j, f := range fade(m.data.at[i] - q.at) {
			w[j] += f
			sum[j] += f
		}
	}
}

// smoothen turns counts into shares, each mixed with that of the parent.
func (m *Model) smoothen(s *scratch) {
	even := 1 / float32(len(m.Units))
	for _, k := range m.Order {
		p := m.Parents[k]
		for l, n := range s.counts[k] {
			wider := even
			if p >= 0 {
				wider = s.smooth[p][l]
			}
			s.smooth[k][l] = (n + smoothing*wider) / (s.totals[k] + smoothing)
		}
	}
}

// candidates are the labels worth weighing, those first that the parts together
// find most probable.
func (m *Model) candidates(shares []float64, s *scratch) []int32 {
	for l := range s.sums {
		s.sums[l] = shares[l] * float64(len(m.Crosses)) / 4
	}
	for k := range m.Crosses {
		for l, p := range s.smooth[k] {
			s.sums[l] += float64(p)
		}
		if m.data.timed && s.nears[k][2] > 0 {
			for l := range s.near[k] {
				s.sums[l] += float64(s.near[k][l][2] / (s.nears[k][2] + kernelLost))
			}
		}
	}
	var out []int32
	for _, l := range best(s.sums, candidates) {
		out = append(out, int32(l))
	}
	return out
}

// best are the positions of the n largest numbers, largest first, equal ones in
// their order.
func best(v []float64, n int) []int {
	var out []int
	for i := range v {
		j := len(out)
		for j > 0 && v[out[j-1]] < v[i] {
			j--
		}
		if j < n {
			out = slices.Insert(out, j, i)
			out = out[:min(len(out), n)]
		}
	}
	return out
}

// width is the number of parts of a line.
func (m *Model) width() int {
	n := len(m.Crosses) + 2 + len(m.code.Columns)
	for k := range m.Crosses {
		if m.placeless(k) {
			n++
		}
	}
	if m.data.timed {
		n += len(m.Crosses)*len(spans) + len(spans) + 2
	}
	return n
}

func logf(v float32) float32 { return float32(math.Log(float64(v))) }

// line appends what is said about one candidate.
func (m *Model) line(out []float32, l int32, q query, see sight, shares []float64, all []int32, s *scratch) []float32 {
	for k := range m.Crosses {
		share := s.smooth[k][l]
		out = append(out, logf(share))
		if m.data.timed {
			for j, n := range s.near[k][l] {
				out = append(out, logf((n+kernelLost*share)/(s.nears[k][j]+kernelLost)))
			}
		}
	}
	out = m.templateLine(out, l, q, s)
	rank := 0
	for _, o := range all {
		if shares[o] > shares[l] {
			rank++
		}
	}
	out = append(out, float32(math.Log(max(shares[l], 1e-9))), float32(rank))
	if m.data.timed {
		out = m.activity(out, l, q, see)
	}
	seen := 0
	for k, set := range m.Crosses {
		if len(set) == 1 && seen < len(m.code.Columns) {
			out = append(out, float32(math.Log1p(float64(s.totals[k]))))
			seen++
		}
	}
	for ; seen < len(m.code.Columns); seen++ {
		out = append(out, 0)
	}
	return out
}

func (m *Model) templateLine(out []float32, l int32, q query, s *scratch) []float32 {
	if len(m.stems.columns) == 0 {
		return out
	}
	t := m.stems.template(l, q.cats, s.memo)
	shares := make([]float32, len(m.Crosses))
	for _, k := range m.Order {
		n := float32(0)
		if s.tcounts[k] != nil && t >= 0 {
			n = s.tcounts[k][t]
		}
		wider := float32(0.001)
		if p := m.Parents[k]; p >= 0 {
			wider = shares[p]
		}
		shares[k] = (n + smoothing*wider) / (s.ttotals[k] + smoothing)
	}
	for k := range m.Crosses {
		if m.placeless(k) {
			out = append(out, logf(shares[k]))
		}
	}
	return out
}

// activity is how lately and how often the label was given at all.
func (m *Model) activity(out []float32, l int32, q query, see sight) []float32 {
	cell := m.given[l]
	if see.before > 0 {
		n, _ := slices.BinarySearch(cell, see.before)
		cell = cell[:n]
	}
	last := 400.0
	var near [len(spans)]float32
	for _, i := range m.data.window(cell, q.at, active) {
		if see.hides(i) {
			continue
		}
		last = min(last, math.Abs(m.data.at[i]-q.at))
		for j, f := range fade(m.data.at[i] - q.at) {
			near[j] += f
		}
	}
	n := float32(len(cell))
	out = append(out, float32(math.Log(last+0.01)), n)
	for _, w := range near {
		out = append(out, logf((w+0.1)/(n+5)))
	}
	return out
}
