package insight

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// index finds the earlier cases of a cell: cross, then key, then cases in order
// of time.
type index []map[uint64][]int32

func newIndex(d *past, l *lattice) index {
	x := make(index, len(l.Crosses))
	for k, set := range l.Crosses {
		x[k] = map[uint64][]int32{}
		for i := range d.label {
			h := crossKey(set, d.row(int32(i)))
			x[k][h] = append(x[k][h], int32(i))
		}
	}
	return x
}

// sight is what a case may see of the cases learned from. A case that teaches must
// be judged like a new one: without those of its fold, which is what chance holds
// out, or with nothing but what lies before a moment, which is what time holds out.
type sight struct {
	fold   int   // not these; -1 = no matter
	before int32 // only cases before this one; 0 = no matter
}

var everything = sight{fold: -1}

const folds = 10

func foldOf(i int32) int { return int(mix(uint64(i)+1) % folds) }

// partOf is which of five parts case i belongs to: by chance, or a stretch of time
// where what is asked comes later, so that the last part is judged like tomorrow.
func (m *Model) partOf(i int32) int {
	if m.foresees() {
		return int(i) * cellFolds / len(m.data.label)
	}
	return foldOf(i) % cellFolds
}

// foresees reports whether the model learns to judge what comes later.
func (m *Model) foresees() bool { return m.ahead && m.data.timed }

// firstTenths of the cases have too little before them to teach by it.
const firstTenths = 2

// teaching is the sight of case i while it teaches.
func (m *Model) teaching(i int32) sight {
	if m.foresees() && 10*int(i) >= firstTenths*len(m.data.label) {
		return sight{fold: -1, before: max(1, m.known(i))}
	}
	return sight{fold: foldOf(i)}
}

func (s sight) hides(i int32) bool {
	return s.before > 0 && i >= s.before || s.fold >= 0 && foldOf(i) == s.fold
}

// templates are labels with the values of a case taken out: 坪山街道综合执法队 of a
// case in 坪山街道 is {street}综合执法队, so that one street's habits tell about
// another's.
type templates struct {
	columns []int      // whose values occur in labels
	stems   [][]string // column, code-1: the value as labels name it
	endings []string   // column: what the values end with
	of      []int32    // case -> template of its label
	known   map[string]int32
	labels  []string
}

// named is the share of cases whose label must hold the value of a column.
const named = 0.03

func newTemplates(m *Model) templates {
	t := templates{known: map[string]int32{}, labels: m.Units}
	d := &m.data
	for k, col := range m.code.Columns {
		if col.Part != "" || col.Edges != nil {
			continue
		}
		stems, ending := stemsOf(col.Values)
		// Only where one template serves several labels is anything learned: 交通运输 in
		// 交通运输局 is a likeness of words.
		labels, hits := map[string]map[int32]int{}, 0
		for i, l := range d.label {
			if c := d.row(int32(i))[k]; c > 0 && stems[c-1] != "" && strings.Contains(m.Units[l], stems[c-1]) {
				s := strings.ReplaceAll(m.Units[l], stems[c-1], "\x00")
				if labels[s] == nil {
					labels[s] = map[int32]int{}
				}
				labels[s][l]++
			}
		}
		for _, of := range labels {
			if len(of) > 1 {
				for _, n := range of {
					hits += n
				}
			}
		}
		if float64(hits) > named*float64(len(d.label)) && len(t.columns) < mostNamed {
			t.columns, t.stems, t.endings = append(t.columns, k), append(t.stems, stems), append(t.endings, ending)
		}
	}
	if len(t.columns) == 0 {
		return t
	}
	t.of = make([]int32, len(d.label))
	memo := map[templateKey]int32{}
	for i, l := range d.label {
		cats := d.row(int32(i))
		key := t.key(l, cats)
		id, ok := memo[key]
		if !ok {
			name := t.name(l, cats)
			if id, ok = t.known[name]; !ok {
				id = int32(len(t.known))
				t.known[name] = id
			}
			memo[key] = id
		}
		t.of[i] = id
	}
	return t
}

// templateKey is all that a template depends on.
type templateKey [1 + mostNamed]int32

const mostNamed = 4 // columns

func (t *templates) key(label int32, cats []int32) templateKey {
	key := templateKey{label}
	for i, k := range t.columns {
		key[i+1] = cats[k]
	}
	return key
}

// name takes whole values out first, so that 坪山社区 in 坪山街道 stays a community.
func (t *templates) name(label int32, cats []int32) string {
	s := t.labels[label]
	mark := func(i int) string { return "\x00" + string(rune('a'+i)) }
	for i, k := range t.columns {
		if c := cats[k]; c > 0 && t.stems[i][c-1] != "" {
			s = strings.ReplaceAll(s, t.stems[i][c-1]+t.endings[i], mark(i)+t.endings[i])
		}
	}
	for i, k := range t.columns {
		if c := cats[k]; c > 0 && t.stems[i][c-1] != "" {
			s = strings.ReplaceAll(s, t.stems[i][c-1], mark(i))
		}
	}
	return s
}

// template is the number of a label's template for a case; -1 if no case had it.
// Those found are kept in memo, which belongs to one goroutine.
func (t *templates) template(label int32, cats []int32, memo map[templateKey]int32) int32 {
	key := t.key(label, cats)
	if id, ok := memo[key]; ok {
		return id
	}
	id, ok := t.known[t.name(label, cats)]
	if !ok {
		id = -1
	}
	if len(memo) < 1<<16 {
		memo[key] = id
	}
	return id
}

// stemsOf are values without the ending that most of them share (街道, 社区), where
// at least two characters are left.
func stemsOf(values []string) (stems []string, ending string) {
	count := map[string]int{}
	for _, v := range values {
		r := []rune(v)
		for n := 1; n <= 3 && n+2 <= len(r); n++ {
			count[string(r[len(r)-n:])]++
		}
	}
	for e, n := range count {
		if 10*n >= 6*len(values) && n > 2 && (len(e) > len(ending) || len(e) == len(ending) && e < ending) {
			ending = e
		}
	}
	out := make([]string, len(values))
	for i, v := range values {
		s := strings.TrimSuffix(v, ending)
		if utf8.RuneCountInString(s) < 2 {
			s = v
		}
		if utf8.RuneCountInString(s) >= 2 {
			out[i] = s
		}
	}
	return out, ending
}

// window are the cases of a cell nearest in time to a moment: at most n before it
// and n from it on.
func (d *past) window(cell []int32, at float64, n int) []int32 {
	hi, _ := slices.BinarySearchFunc(cell, at, func(i int32, t float64) int {
		if d.at[i] < t {
			return -1
		}
		return 1
	})
	return cell[max(0, hi-n):min(len(cell), hi+n)]
}

// known is the number of cases that case i sees while it teaches: those before a
// moment that lies up to the horizon before it, as what is judged lies at any
// distance behind what is learned.
func (m *Model) known(i int32) int32 {
	dice := float64(mix(uint64(i)+7)%1000) / 1000
	n, _ := slices.BinarySearch(m.data.at[:i], m.data.at[i]-m.horizon*dice)
	return int32(n)
}
