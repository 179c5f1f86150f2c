// Package insight learns from what the district did before. So far: which unit
// a case like this one went to, beside what the duty rules say.
//
// A suggestion is the sum of parts that can each be read. Counts of earlier cases
// that agree in some columns (same matter in the same community, through the same
// channel …), smoothed towards wider groups, over all time and over the last hours,
// days and weeks, because duties move between units; the same counts of labels
// with the place taken out ("{street}综合执法队"), so that what one street does
// tells about another; and a linear model over columns and words. Small boosted
// trees weigh these parts for every candidate, and a few small neural networks, which
// read the case itself, are mixed in. Each part speaks about a case as if
// that case had not been seen yet, so that the weights are those of new cases.
// A unit that was renamed is counted as one, and called what is in use at the time.
// Below a threshold that is chosen for a stated precision the model says nothing.
//
//	insight.go   Field, Row, Model, Train, Suggest
//	code.go      values as numbers
//	fields.go    which columns of a file serve: identifiers, outcomes and leaks out
//	table.go     reading CSV
//	crosses.go   which columns are counted together, and what is wider than what
//	names.go     units under several names: what was renamed is counted as one
//	index.go     the earlier cases by cross; what of them a case may see
//	evidence.go  what the parts say about each candidate
//	linear.go    the linear part
//	blend.go     weighing the parts; trees.go: boosted trees; sure.go: how sure it may be
//	nets.go      small neural networks, mixed with the blend; net.go: one of them
//	reasons.go   why, in numbers of earlier cases
//	evaluate.go  the figures of weixiao suggest eval
//	file.go      a model in a file
//	adviser.go   the district's own model: learning at night, advice on a case
//	proposals.go matters that go elsewhere than the rules say, as proposals for new rules
//	advised.go   how often advice was followed: a row for each advised case, from the journal
package insight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind is how a field is used.
type Kind string

// Kinds of fields.
const (
	Category Kind = "category" // a value that repeats: a matter, a street, a channel
	Number   Kind = "number"   // cut into ranges of equal frequency
	Text     Kind = "text"     // words
	Moment   Kind = "moment"   // when; the first one orders the cases
)

// Field is a column that the model reads.
type Field struct {
	Name string
	Kind Kind
}

// Row is one case: its values in the order of the fields, and the label it got.
// Without a Label it is of no use for learning. Time says when, for cases that
// carry it as such and not in a field; both may be missing.
type Row struct {
	Values []string
	Time   time.Time
	Label  string
}

// Choice is a label with its probability.
type Choice struct {
	Label string
	P     float64
}

// Suggestion is what the model says about a case, most probable first. When it
// abstains the choices are there all the same, but must not be shown as advice.
type Suggestion struct {
	Choices []Choice
	Abstain bool
}

// ErrTraining tells that there is nothing to learn from.
var ErrTraining = errors.New("insight: learning needs at least 20 cases with at least two different labels")

// Options of Train; the zero value of a field takes the default named.
type Options struct {
	Precision float64 // share that shall be right among the answers; 0.87
	Workers   int     // goroutines; 2
	Nets      int     // most neural networks; fewer learn faster and say almost the same; 8
	// Ahead: the cases to be judged come after those learned from, so each case
	// teaches by what lies before it. Else they lie between them, as when chance
	// holds cases out.
	Ahead bool
	// Horizon is how far ahead: a case teaches by what lies up to so much before it.
	Horizon time.Duration
}

const (
	leastRows = 20
	maxLabels = 5000
)

// Model suggests labels. It does not change after Train or Load and may be used
// by many goroutines.
type Model struct {
	fields []Field
	labels []string // sorted; one unit may have several
	code   coder    // values to numbers
	lattice
	renaming
	data  past
	words [][]string // of the cases, only while learning
	index index
	given [][]int32 // label -> its cases
	pool  sync.Pool // of scratch
	stems templates
	lin   *linear
	blend blend
	nets  nets

	temperature float64
	threshold   float64 // least P of the first choice that is an answer
	precision   float64 // asked for
	ahead       bool    // while learning
	horizon     float64 // days, while learning
	held        Held
}

// Labels are the labels that the model knows, sorted.
func (m *Model) Labels() []string { return slices.Clone(m.labels) }

// Learned is the number of cases it learned from.
func (m *Model) Learned() int { return len(m.data.label) }

// Threshold is the least probability of a first choice that is an answer.
func (m *Model) Threshold() float64 { return m.threshold }

// Held tells how the model did on the fifth of the cases that was held back while
// it learned how to weigh its parts.
func (m *Model) Held() Held { return m.held }

// Train learns from rows. The same rows and options give the same model on the
// same kind of processor. Rows without a label are left out. When ctx ends learning
// stops within a moment.
func Train(ctx context.Context, fields []Field, rows []Row, o Options) (*Model, error) {
	if o.Precision == 0 {
		o.Precision = defaultPrecision
	}
	if o.Workers == 0 {
		o.Workers = 2
	}
	if o.Nets == 0 {
		o.Nets = usualNets
	}
	if o.Precision < 0 || o.Precision > 1 || o.Workers < 1 || o.Nets < 1 {
		return nil, fmt.Errorf("insight: train: precision %g must lie between 0 and 1, %d workers and %d nets be at least 1", o.Precision, o.Workers, o.Nets)
	}
	m := &Model{fields: slices.Clone(fields), temperature: 1, precision: o.Precision, ahead: o.Ahead, horizon: o.Horizon.Hours() / 24}
	rows, err := m.order(rows)
	if err != nil {
		return nil, err
	}
	m.code = newCoder(m.fields, rows)
	m.encode(rows)
	m.lattice = newLattice(&m.data, len(m.Units), m.code.dated())
	m.stems = newTemplates(m)
	m.sort()
	held := m.fitLinear(ctx, o.Workers)
	m.fitBlend(ctx, held, o)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.words = nil
	return m, nil
}

// sort builds what finds the cases again.
func (m *Model) sort() {
	m.index = newIndex(&m.data, &m.lattice)
	m.renaming.link(&m.data)
	m.given = make([][]int32, len(m.Units))
	for i, l := range m.data.label {
		m.given[l] = append(m.given[l], int32(i))
	}
}

func (m *Model) scratch() *scratch {
	if s, ok := m.pool.Get().(*scratch); ok {
		return s
	}
	return m.newScratch()
}

// order leaves out what has no label and puts the rest in order of time.
func (m *Model) order(rows []Row) ([]Row, error) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return strings.TrimSpace(r.Label) == "" })
	for i, r := range rows {
		if len(r.Values) != len(m.fields) {
			return nil, fmt.Errorf("insight: train: case %d has %d values for %d fields", i+1, len(r.Values), len(m.fields))
		}
		m.labels = append(m.labels, r.Label)
	}
	slices.Sort(m.labels)
	m.labels = slices.Compact(m.labels)
	switch {
	case len(rows) < leastRows || len(m.labels) < 2:
		return nil, ErrTraining
	case len(m.labels) > maxLabels:
		return nil, fmt.Errorf("insight: train: %d different labels, at most %d: is this the right column?", len(m.labels), maxLabels)
	}
	at := make([]float64, len(rows))
	order := make([]int, len(rows))
	for i, r := range rows {
		at[i], order[i] = when(m.fields, r), i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case at[a] < at[b]:
			return -1
		case at[a] > at[b]:
			return 1
		}
		return 0
	})
	sorted := make([]Row, len(rows))
	for i, j := range order {
		sorted[i] = rows[j]
	}
	return sorted, nil
}

// Suggest says which labels a case may get: the k most probable ones.
func (m *Model) Suggest(row Row, k int) (Suggestion, error) {
	if len(row.Values) != len(m.fields) {
		return Suggestion{}, fmt.Errorf("insight: suggest: %d values for %d fields", len(row.Values), len(m.fields))
	}
	q := m.ask(row)
	s := m.scratch()
	defer m.pool.Put(s)
	s.rows = m.linearRow(s.rows[:0], q.cats, q.texts)
	m.lin.predict(s.rows, s.shares)
	e := m.evidence(q, everything, s.shares, s)
	g, r := m.blend.group(e, -1, 0), m.see(q.cats, q.at, q.texts)
	p := tempered(mixed(m.blend.scores(&g, nil), m.nets.say(&r, e.labels, s.mind), m.nets.Share), m.temperature)
	var out Suggestion
	all := m.choices(e.labels, p, q, everything)
	out.Choices = all[:min(k, len(all))]
	out.Abstain = len(out.Choices) == 0 || out.Choices[0].P < m.threshold
	return out, nil
}
