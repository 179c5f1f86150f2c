package insight

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Selection says which columns of a table serve.
type Selection struct {
	Label    string
	Fields   []Field
	Left     []LeftOut // columns that were left out although nobody asked for it, or that leak
	position []int     // of the fields in the table
	label    int
}

// LeftOut is a column that does not serve, and why.
type LeftOut struct{ Column, Why string }

// outcomes are parts of the names of columns that are known only after the label
// is: when a case was closed, how it went.
var outcomes = []string{"on_time", "in_time", "overdue", "closed", "close_", "finish", "completed", "resolved", "resolution", "due_", "deadline", "status", "result", "outcome", "reply",
	"replied", "rating", "satisf", "solved", "办结", "结案", "结果", "满意", "状态", "答复", "回复", "按时", "超时", "截止", "评价"}

// Select chooses the columns for a label from a sample of rows. texts and features
// name columns that shall serve as words and as values; without both, all columns
// serve that are no identifiers, no outcomes and do not give the label away. A
// column that gives it away is left out even when it was asked for.
func Select(columns []string, rows [][]string, label string, texts, features []string) (*Selection, error) {
	s := &Selection{Label: label, label: slices.Index(columns, label)}
	if s.label < 0 {
		return nil, missing("label", label, columns)
	}
	for _, list := range []struct {
		what  string
		names []string
	}{{"text", texts}, {"features", features}} {
		for _, n := range list.names {
			switch {
			case !slices.Contains(columns, n):
				return nil, missing(list.what, n, columns)
			case n == label:
				return nil, fmt.Errorf("--%s names %q, which is the label itself", list.what, n)
			}
		}
	}
	asked := len(texts)+len(features) > 0
	stats := statsOf(columns, rows, s.label)
	for i, c := range columns {
		st := stats[i]
		wanted := slices.Contains(texts, c) || slices.Contains(features, c)
		if i == s.label || asked && !wanted {
			continue
		}
		kind := st.kind()
		if slices.Contains(texts, c) {
			kind = Text
		}
		why := ""
		switch {
		case st.leak != "":
			why = st.leak
		case wanted:
		case slices.ContainsFunc(outcomes, func(o string) bool { return strings.Contains(strings.ToLower(c), o) }):
			why = "looks like an outcome, known only after the label"
		case kind == "":
			why = st.useless
		}
		if why == "" && kind == "" {
			kind = Category
		}
		if why != "" {
			s.Left = append(s.Left, LeftOut{c, why})
			continue
		}
		s.Fields, s.position = append(s.Fields, Field{c, kind}), append(s.position, i)
	}
	s.dropTwins(rows, asked)
	if len(s.Fields) == 0 {
		return nil, fmt.Errorf("no column is left to learn %q from; name some with --text or --features", label)
	}
	return s, nil
}

func missing(what, name string, columns []string) error {
	return fmt.Errorf("--%s: there is no column %q; the columns are: %s", what, name, strings.Join(columns, ", "))
}

// Row takes the values of a table's row.
func (s *Selection) Row(values []string) Row {
	r := Row{Label: strings.TrimSpace(values[s.label])}
	for _, i := range s.position {
		r.Values = append(r.Values, values[i])
	}
	return r
}

// For is the same selection for another table, whose columns may be in another
// order but must all be there.
func (s *Selection) For(columns []string, file string) (*Selection, error) {
	out := &Selection{Label: s.Label, Fields: s.Fields, Left: s.Left, label: slices.Index(columns, s.Label)}
	if out.label < 0 {
		return nil, &TableError{file, 1, fmt.Sprintf("there is no column %q for the label", s.Label)}
	}
	for _, f := range s.Fields {
		i := slices.Index(columns, f.Name)
		if i < 0 {
			return nil, &TableError{file, 1, fmt.Sprintf("there is no column %q, which the training file has; choose other columns with --text or --features", f.Name)}
		}
		out.position = append(out.position, i)
	}
	return out, nil
}

// dropTwins leaves out columns that say the same as one before them, such as the
// numeric id of a type.
func (s *Selection) dropTwins(rows [][]string, asked bool) {
	if asked {
		return
	}
	for i := 0; i < len(s.Fields); i++ {
		for j := 0; j < i; j++ {
			if s.Fields[i].Kind == Category && s.Fields[j].Kind == Category && twins(rows, s.position[i], s.position[j]) {
				s.Left = append(s.Left, LeftOut{s.Fields[i].Name, "says the same as " + s.Fields[j].Name})
				s.Fields, s.position = slices.Delete(s.Fields, i, i+1), slices.Delete(s.position, i, i+1)
				i--
				break
			}
		}
	}
}

const sameShare = 0.98

func twins(rows [][]string, a, b int) bool {
	ab, ba := newTable(rows, a, b), newTable(rows, b, a)
	return ab.pure() >= sameShare && ba.pure() >= sameShare
}

// table counts the values of one column beside those of another.
type table struct {
	cells map[[2]string]int
	rows  map[string]int
	n     int
}

func newTable(rows [][]string, a, b int) table {
	t := table{map[[2]string]int{}, map[string]int{}, 0}
	for _, r := range rows {
		if strings.TrimSpace(r[a]) == "" || strings.TrimSpace(r[b]) == "" {
			continue
		}
		t.cells[[2]string{r[a], r[b]}]++
		t.rows[r[a]]++
		t.n++
	}
	return t
}

// pure is the share of rows that have the most frequent b of their a.
func (t *table) pure() float64 {
	most := map[string]int{}
	for k, n := range t.cells {
		most[k[0]] = max(most[k[0]], n)
	}
	sum := 0
	for _, n := range most {
		sum += n
	}
	return float64(sum) / max(1, float64(t.n))
}

// open is how much of the uncertainty about b is left when a is known, from values
// of a that occur more than once: 1 = all of it. alone is the share of rows whose
// a occurs once, of which nothing can be said.
func (t *table) open() (left, alone float64) {
	b, total := map[string]int{}, 0
	var inside, whole float64
	for k, n := range t.cells {
		if t.rows[k[0]] > 1 {
			b[k[1]] += n
			total += n
		}
	}
	if total == 0 {
		return 1, 1
	}
	for _, k := range slices.SortedFunc(maps.Keys(t.cells), func(x, y [2]string) int { return slices.Compare(x[:], y[:]) }) {
		if n := t.cells[k]; t.rows[k[0]] > 1 {
			inside -= float64(n) * math.Log(float64(n)/float64(t.rows[k[0]]))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(b)) {
		whole -= float64(b[k]) * math.Log(float64(b[k])/float64(total))
	}
	return inside / max(whole, 1e-9), 1 - float64(total)/float64(t.n)
}

// stats are what a sample says about a column.
type stats struct {
	filled, distinct, moments, numbers, fractions int
	runes                                         float64 // mean length
	leak, useless                                 string
}

// Limits of the guesses.
const (
	leakLeft  = 0.15 // uncertainty left in both directions when one is another name of the other
	idShare   = 0.9  // distinct values of an identifier
	textRunes = 12
)

func statsOf(columns []string, rows [][]string, label int) []stats {
	out := make([]stats, len(columns))
	for i := range columns {
		st := &out[i]
		seen := map[string]int{}
		for _, r := range rows {
			v := strings.TrimSpace(r[i])
			if v == "" {
				continue
			}
			st.filled++
			seen[v]++
			st.runes += float64(utf8.RuneCountInString(v))
			if _, ok := parseTime(v); ok {
				st.moments++
			}
			if x, err := strconv.ParseFloat(v, 64); err == nil {
				st.numbers++
				if x != math.Trunc(x) {
					st.fractions++
				}
			}
		}
		st.distinct = len(seen)
		st.runes /= max(1, float64(st.filled))
		if i != label {
			st.leak = leak(rows, i, label, seen)
		}
	}
	return out
}

// leak says why a column gives the label away; "" when it does not. A column that
// follows from the label alone need not be a leak: where every unit works in one
// street, the street is still what one knows before.
func leak(rows [][]string, column, label int, seen map[string]int) string {
	if len(seen) < 2 {
		return ""
	}
	to, from := newTable(rows, column, label), newTable(rows, label, column)
	a, aloneA := to.open()
	b, aloneB := from.open()
	if a <= leakLeft && b <= leakLeft && aloneA < 0.5 && aloneB < 0.5 {
		return "gives the label away: its values and the labels are (almost) one to one"
	}
	return ""
}

// kind guesses how a column serves; "" when it does not, and useless says why.
func (st *stats) kind() Kind {
	share := float64(st.distinct) / max(1, float64(st.filled))
	switch {
	case st.distinct < 2:
		st.useless = "has one value only"
	case 10*st.moments >= 9*st.filled:
		return Moment
	case 10*st.numbers >= 9*st.filled && 4*st.fractions >= st.filled:
		return Number
	case st.runes >= textRunes && share > 0.3 && 2*st.numbers < st.filled:
		return Text
	case share > idShare && st.filled > 50:
		st.useless = "looks like an identifier: almost every value is another one"
	default:
		return Category
	}
	return ""
}
