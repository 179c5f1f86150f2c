package insight

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// past is the cases learned from, in order of time, as numbers.
type past struct {
	width int       // category columns
	cats  []int32   // case * width + column; 0 = a value never seen
	at    []float64 // days; all zero without a time
	label []int32   // the unit
	name  []int32   // what the unit was called
	timed bool
}

func (c *past) row(i int32) []int32 { return c.cats[int(i)*c.width : (int(i)+1)*c.width] }

// query is one case to be judged.
type query struct {
	cats  []int32
	at    float64
	texts []string
}

// coder turns values into numbers.
type coder struct {
	Columns []codedColumn
	Texts   []int // fields with words
}

// codedColumn is a category: a field's own values, ranges of its numbers, or a
// part of its time.
type codedColumn struct {
	Name   string
	Field  int // -1: the time that comes with the row
	Part   string
	Values []string  // code-1 to value
	Edges  []float64 // of numbers
	codes  map[string]int32
}

// Parts of a moment that are columns of their own.
const (
	partHour = "hour" // of the day, in eight parts
	partDay  = "day"  // of the week
)

const ranges = 24 // of numbers

func newCoder(fields []Field, rows []Row) coder {
	var c coder
	momentField := -2
	for i, f := range fields {
		switch f.Kind {
		case Category:
			c.Columns = append(c.Columns, codedColumn{Name: f.Name, Field: i})
		case Number:
			c.Columns = append(c.Columns, codedColumn{Name: f.Name, Field: i, Edges: edgesOf(i, rows)})
		case Text:
			c.Texts = append(c.Texts, i)
		case Moment:
			if momentField == -2 {
				momentField = i
			}
		}
	}
	if momentField == -2 && slices.ContainsFunc(rows, func(r Row) bool { return !r.Time.IsZero() }) {
		momentField = -1
	}
	if momentField != -2 {
		for _, part := range []string{partHour, partDay} {
			c.Columns = append(c.Columns, codedColumn{Name: part, Field: momentField, Part: part})
		}
	}
	for k := range c.Columns {
		col := &c.Columns[k]
		col.codes = map[string]int32{}
		for _, r := range rows {
			v := col.value(r)
			if col.codes[v] == 0 {
				col.Values = append(col.Values, v)
				col.codes[v] = int32(len(col.Values))
			}
		}
	}
	return c
}

// learnCodes finds the codes again from the values.
func (c *coder) learnCodes() {
	for k := range c.Columns {
		col := &c.Columns[k]
		col.codes = make(map[string]int32, len(col.Values))
		for i, v := range col.Values {
			col.codes[v] = int32(i + 1)
		}
	}
}

func edgesOf(field int, rows []Row) []float64 {
	var all []float64
	for _, r := range rows {
		if v, err := strconv.ParseFloat(strings.TrimSpace(r.Values[field]), 64); err == nil && !math.IsNaN(v) {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	var edges []float64
	for i := 1; i < ranges && len(all) > 0; i++ {
		edges = append(edges, all[len(all)*i/ranges])
	}
	return slices.Compact(edges)
}

func (c *codedColumn) value(r Row) string {
	if c.Part != "" {
		t, ok := r.Time, !r.Time.IsZero()
		if c.Field >= 0 {
			t, ok = parseTime(r.Values[c.Field])
		}
		switch {
		case !ok:
			return ""
		case c.Part == partHour:
			return strconv.Itoa(t.Hour() / 3)
		}
		return strconv.Itoa(int(t.Weekday()))
	}
	v := strings.TrimSpace(r.Values[c.Field])
	if c.Edges == nil {
		return v
	}
	x, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return ""
	}
	i, _ := slices.BinarySearch(c.Edges, x)
	return strconv.Itoa(i)
}

// dated tells which columns are parts of the time.
func (c *coder) dated() []bool {
	out := make([]bool, len(c.Columns))
	for k, col := range c.Columns {
		out[k] = col.Part != ""
	}
	return out
}

// phrases are the values of columns that have many: what they are called tells
// how alike they are.
func (c *coder) phrases(cats []int32) []string {
	var out []string
	for k, col := range c.Columns {
		if v := cats[k]; v > 0 && col.Part == "" && col.Edges == nil && len(col.Values) > manyValues {
			out = append(out, col.Values[v-1])
		}
	}
	return out
}

const manyValues = 50

func (c *coder) encode(r Row) []int32 {
	out := make([]int32, len(c.Columns))
	for k := range c.Columns {
		out[k] = c.Columns[k].codes[c.Columns[k].value(r)]
	}
	return out
}

// encode turns the rows, in order of time, into the model's cases.
func (m *Model) encode(rows []Row) {
	d := &m.data
	d.width = len(m.code.Columns)
	d.name = make([]int32, len(rows))
	d.at = make([]float64, len(rows))
	d.cats = make([]int32, 0, len(rows)*d.width)
	m.words = make([][]string, len(rows))
	for i, r := range rows {
		l, _ := slices.BinarySearch(m.labels, r.Label)
		d.name[i] = int32(l)
		q := m.ask(r)
		d.cats, d.at[i], m.words[i] = append(d.cats, q.cats...), q.at, q.texts
	}
	d.timed = d.at[len(rows)-1] > d.at[0]
	m.renaming = newRenaming(m.labels, d, m.code.dated())
	d.label = make([]int32, len(rows))
	for i, l := range d.name {
		d.label[i] = m.Of[l]
	}
}

func (m *Model) ask(r Row) query {
	q := query{cats: m.code.encode(r), at: when(m.fields, r)}
	for _, i := range m.code.Texts {
		q.texts = append(q.texts, r.Values[i])
	}
	return q
}

// when is the moment of a row in days; 0 when it has none.
func when(fields []Field, r Row) float64 {
	t, ok := r.Time, !r.Time.IsZero()
	if i := slices.IndexFunc(fields, func(f Field) bool { return f.Kind == Moment }); i >= 0 {
		t, ok = parseTime(r.Values[i])
	}
	if !ok {
		return 0
	}
	return float64(t.UnixMilli()) / float64(24*time.Hour/time.Millisecond)
}

var layouts = []string{"2006-01-02 15:04:05", time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006/1/2",
	"2006年1月2日", "20060102150405"}

// parseTime reads the usual ways to write a moment.
func parseTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 8 || len(s) > 40 {
		return time.Time{}, false
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
