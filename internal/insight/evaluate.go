package insight

import (
	"cmp"
	"io"
	"slices"
	"time"
)

// MostRows are the rows kept for learning. Of a larger table every row has the
// same chance to be among them, and the same table gives the same ones.
const MostRows = 200_000

// ReadRows reads a whole table, at most MostRows of its rows, and the number that
// it has.
func ReadRows(t *Reader) (rows [][]string, all int, err error) {
	shared := map[string]string{}
	for ; ; all++ {
		row, err := t.Read()
		if err == io.EOF {
			return rows, all, nil
		}
		if err != nil {
			return nil, 0, err
		}
		at := len(rows)
		if at == MostRows { // Vitter's algorithm R, with a hash for the dice
			if at = int(mix(uint64(all)+1) % uint64(all+1)); at >= MostRows {
				continue
			}
		} else {
			rows = append(rows, nil)
		}
		for i, v := range row {
			row[i] = share(shared, v)
		}
		rows[at] = row
	}
}

// share keeps short values that repeat once in memory.
func share(seen map[string]string, v string) string {
	if s, ok := seen[v]; ok {
		return s
	}
	c := string([]byte(v)) // not a piece of the whole row
	if len(v) <= 64 && len(seen) < 1<<16 {
		seen[c] = c
	}
	return c
}

// laterShare of the rows to judge must lie after all but the latest twentieth of
// those learned from: a stray date must not decide it.
const laterShare = 0.9

// nearFuture is the part of the time judged that a case teaches ahead. What is
// nearest weighs more: over the whole of it, learning from what was known long
// before costs more than it gains.
const nearFuture = 0.3

// Later reports whether the rows of a table come after rows learned from, and the
// horizon to learn with; false without a moment among the fields.
func Later(rows []Row, t *Reader, s *Selection) (horizon time.Duration, later bool, err error) {
	var at []float64
	for _, r := range rows {
		if w := when(s.Fields, r); w != 0 {
			at = append(at, w)
		}
	}
	if len(at) == 0 {
		return 0, false, nil
	}
	slices.Sort(at)
	edge, end := at[len(at)*19/20], at[len(at)-1]
	var judged []float64
	after := 0
	for {
		values, err := t.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, false, err
		}
		w := when(s.Fields, s.Row(values))
		judged = append(judged, w)
		if w > edge {
			after++
		}
	}
	if len(judged) == 0 || float64(after) < laterShare*float64(len(judged)) {
		return 0, false, nil
	}
	slices.Sort(judged) // a stray date must not decide this either
	days := max(0, judged[len(judged)*19/20]-end)
	return time.Duration(nearFuture * days * float64(24*time.Hour)), true, nil
}

// Scores are the figures of a model on cases that it did not learn from.
type Scores struct {
	Rows      int
	Unknown   int     // rows whose label was never seen in training: always wrong
	Unlabeled int     // rows without a label: not counted
	Top1      float64 // share whose first choice is right, of all
	Top3      float64
	Accuracy  float64 // share right, of those answered
	MacroF1   float64 // mean over the labels of the rows, of first choices
	Abstained float64 // share not answered
	Surest    float64 // share right, of the 60 % with the most probable first choice
	PerSecond float64
}

// Evaluate reads the rows of a table and judges the model by their labels. now is
// the clock.
func (m *Model) Evaluate(t *Reader, s *Selection, now func() time.Time) (Scores, error) {
	all := tally{model: m}
	for {
		values, err := t.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return Scores{}, err
		}
		if err := all.add(s.Row(values), now); err != nil {
			return Scores{}, err
		}
	}
	if all.Rows == 0 {
		return Scores{}, &TableError{t.name, 0, "no row has a label to judge by"}
	}
	return all.scores(), nil
}

// tally counts while rows are judged.
type tally struct {
	model                       *Model
	Rows, unknown, unlabeled    int
	top1, top3, answered, right int
	spent                       time.Duration
	verdicts                    []verdict
	labels                      map[string]*[3]int // right, chosen, given
}

func (a *tally) of(label string) *[3]int {
	if a.labels == nil {
		a.labels = map[string]*[3]int{}
	}
	if a.labels[label] == nil {
		a.labels[label] = new([3]int)
	}
	return a.labels[label]
}

func (a *tally) add(r Row, now func() time.Time) error {
	if r.Label == "" {
		a.unlabeled++
		return nil
	}
	begin := now()
	g, err := a.model.Suggest(r, 3)
	a.spent += now().Sub(begin)
	if err != nil {
		return err
	}
	a.Rows++
	if _, known := slices.BinarySearch(a.model.labels, r.Label); !known {
		a.unknown++
	}
	first := g.Choices[0]
	hit := first.Label == r.Label
	a.verdicts = append(a.verdicts, verdict{first.P, hit})
	a.of(r.Label)[2]++
	a.of(first.Label)[1]++
	if hit {
		a.top1++
		a.of(r.Label)[0]++
	}
	if slices.ContainsFunc(g.Choices, func(c Choice) bool { return c.Label == r.Label }) {
		a.top3++
	}
	if !g.Abstain {
		a.answered++
		if hit {
			a.right++
		}
	}
	return nil
}

func (a *tally) scores() Scores {
	n := float64(a.Rows)
	return Scores{Rows: a.Rows, Unknown: a.unknown, Unlabeled: a.unlabeled, Top1: float64(a.top1) / n, Top3: float64(a.top3) / n,
		Accuracy: float64(a.right) / float64(max(1, a.answered)), MacroF1: macroF1(a.labels), Abstained: 1 - float64(a.answered)/n,
		Surest: surest(a.verdicts), PerSecond: n / max(a.spent.Seconds(), 1e-9)}
}

type verdict struct {
	p     float64
	right bool
}

func surest(all []verdict) float64 {
	slices.SortStableFunc(all, func(a, b verdict) int { return cmp.Compare(b.p, a.p) })
	n := (len(all)*6 + 9) / 10
	right := 0
	for _, v := range all[:n] {
		if v.right {
			right++
		}
	}
	return float64(right) / float64(n)
}

// macroF1 is the mean F1 of all labels that rows have.
func macroF1(labels map[string]*[3]int) float64 {
	var all []float64
	for _, t := range labels {
		if t[2] > 0 {
			all = append(all, 2*float64(t[0])/float64(t[1]+t[2]))
		}
	}
	slices.Sort(all) // sums of floats depend on the order
	sum := 0.0
	for _, f := range all {
		sum += f
	}
	return sum / float64(len(all))
}
