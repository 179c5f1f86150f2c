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
	var (
		out      Scores
		top1     int
		top3     int
		answered int
		right    int
		spent    time.Duration
		sure     []verdict
		tally    = map[string]*[3]int{} // label: right, chosen, given
	)
	of := func(l string) *[3]int {
		if tally[l] == nil {
			tally[l] = new([3]int)
		}
		return tally[l]
	}
	for {
		values, err := t.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return out, err
		}
		r := s.Row(values)
		if r.Label == "" {
			out.Unlabeled++
			continue
		}
		begin := now()
		g, err := m.Suggest(r, 3)
		spent += now().Sub(begin)
		if err != nil {
			return out, err
		}
		out.Rows++
		if _, known := slices.BinarySearch(m.labels, r.Label); !known {
			out.Unknown++
		}
		first := g.Choices[0]
		hit := first.Label == r.Label
		sure = append(sure, verdict{first.P, hit})
		of(r.Label)[2]++
		of(first.Label)[1]++
		if hit {
			top1++
			of(r.Label)[0]++
		}
		if slices.ContainsFunc(g.Choices, func(c Choice) bool { return c.Label == r.Label }) {
			top3++
		}
		if !g.Abstain {
			answered++
			if hit {
				right++
			}
		}
	}
	if out.Rows == 0 {
		return out, &TableError{t.name, 0, "no row has a label to judge by"}
	}
	n := float64(out.Rows)
	out.Top1, out.Top3, out.Abstained = float64(top1)/n, float64(top3)/n, 1-float64(answered)/n
	out.Accuracy = float64(right) / max(1, float64(answered))
	out.MacroF1 = macroF1(tally)
	out.Surest = surest(sure)
	out.PerSecond = n / max(spent.Seconds(), 1e-9)
	return out, nil
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
func macroF1(tally map[string]*[3]int) float64 {
	var all []float64
	for _, t := range tally {
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
