// Package typeahead finds names while they are typed: by Chinese characters, by pinyin in full or in initials, or by a
// mixture (兴林x, xlxq, xinglin 3). It is pure and in memory; an Index is immutable and may be asked by many at once.
//
//	typeahead.go  Index, New, Search
//	query.go      what was typed, and the initials it may stand for
//	match.go      how well a name fits
//
// Every pair of neighbouring characters of a name is filed under their initials (兴林 under xl). A query is answered from
// the rarest pair it holds, so the time does not grow with the whole but with the names that share a pair.
package typeahead

import (
	"cmp"
	"slices"
	"sync"

	"weixiao/internal/text/address"
	"weixiao/internal/text/pinyin"
)

// Name is one thing to be found.
type Name struct {
	Text   string
	Entry  int // what Search returns; several names may lead to one entry
	Weight int // 0-99: of equally good names the heavier one comes first
}

// Hit is an answer.
type Hit struct {
	Entry int
	Name  int    // index of the name that fitted
	Rest  string // what was typed behind the name: the 3号 of 兴林小区3号
	score int
}

// Index finds names.
type Index struct {
	runes []uint16 // all names, one behind the other
	names []row
	back  []uint32 // row -> index of the caller's name
	pairs csr      // by the initials of two neighbours
	heads csr      // by the initial of the first character
	marks sync.Pool
}

type row struct {
	mask   uint64 // the classes that occur in it
	at     uint32
	n      uint8
	weight uint8
	entry  int32
}

// maskOf has a bit for every class that one of the characters may be of.
func maskOf(r []uint16) (m uint64) {
	for _, c := range r {
		for _, k := range initialsOf(c) {
			m |= 1 << k
		}
	}
	return m
}

// csr is many lists in two slices.
type csr struct {
	from []uint32
	ids  []uint32
}

func (c csr) list(key int) []uint32 { return c.ids[c.from[key]:c.from[key+1]] }

const (
	classes = 36 // letters and figures
	longest = 60 // characters of a name that are looked at
)

// New files the names. Memory is about 70 bytes a name.
func New(names []Name) *Index {
	x := &Index{}
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	// Lists are read from their beginning, so heavy and short names stand first.
	size := func(i int) int { return len(names[i].Text) }
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(names[b].Weight, names[a].Weight), cmp.Compare(size(a), size(b)))
	})
	back := make([]uint32, len(names)) // place in order -> index of the name
	for _, i := range order {
		n := names[i]
		r := fold(n.Text)
		r = r[:min(len(r), longest)]
		back[len(x.names)] = uint32(i)
		x.names = append(x.names, row{maskOf(r), uint32(len(x.runes)), uint8(len(r)), uint8(min(max(n.Weight, 0), 99)), int32(n.Entry)})
		x.runes = append(x.runes, r...)
	}
	x.pairs = file(classes*classes, x.names, x.keysOf)
	x.heads = file(classes, x.names, func(w row, add func(int)) {
		if w.n > 0 {
			for _, c := range initialsOf(x.runes[w.at]) {
				add(int(c))
			}
		}
	})
	x.marks.New = func() any { return &marks{seen: make([]uint32, len(x.names))} }
	x.back = back
	return x
}

// keysOf are the pairs of a name.
func (x *Index) keysOf(w row, add func(int)) {
	r := x.runes[w.at : w.at+uint32(w.n)]
	for i := 1; i < len(r); i++ {
		for _, a := range initialsOf(r[i-1]) {
			for _, b := range initialsOf(r[i]) {
				add(int(a)*classes + int(b))
			}
		}
	}
}

// file makes the lists in two passes: one counts, one fills. A name stands in a list once.
func file(keys int, names []row, keysOf func(row, func(int))) csr {
	c := csr{from: make([]uint32, keys+1)}
	last := make([]uint32, keys)
	for i, w := range names {
		keysOf(w, func(k int) {
			if last[k] != uint32(i+1) {
				last[k] = uint32(i + 1)
				c.from[k+1]++
			}
		})
	}
	for k := range keys {
		c.from[k+1] += c.from[k]
	}
	c.ids = make([]uint32, c.from[keys])
	next := slices.Clone(c.from[:keys])
	clear(last)
	for i, w := range names {
		keysOf(w, func(k int) {
			if last[k] != uint32(i+1) {
				last[k] = uint32(i + 1)
				c.ids[next[k]] = uint32(i)
				next[k]++
			}
		})
	}
	return c
}

// initialsOf are the classes of a character: of each of its readings, or of itself.
func initialsOf(r uint16) []uint8 {
	switch {
	case 'a' <= r && r <= 'z':
		return letter[r-'a' : r-'a'+1]
	case '0' <= r && r <= '9':
		return letter[26+r-'0' : 27+r-'0']
	}
	return classTable()[r]
}

var letter = func() (out [classes]uint8) {
	for i := range out {
		out[i] = uint8(i)
	}
	return out
}()

var classTable = sync.OnceValue(func() [][]uint8 {
	out := make([][]uint8, 1<<16)
	for r := rune(0x4e00); r <= 0x9fa5; r++ {
		for _, s := range pinyin.Readings(r) {
			if c := s[0] - 'a'; !slices.Contains(out[r], c) {
				out[r] = append(out[r], c)
			}
		}
	}
	return out
})

// fold is a name as it is compared: small, half width, numerals before measure words as figures, Chinese characters,
// letters and figures only.
func fold(s string) []uint16 {
	var out []uint16
	for _, r := range address.Figures(s) {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		switch {
		case 'A' <= r && r <= 'Z':
			out = append(out, uint16(r+'a'-'A'))
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', 0x4e00 <= r && r <= 0x9fa5:
			out = append(out, uint16(r))
		}
	}
	return out
}

// marks notes which names a search has looked at.
type marks struct {
	seen []uint32
	turn uint32
}

func (m *marks) first(id uint32) bool {
	if m.seen[id] == m.turn {
		return false
	}
	m.seen[id] = m.turn
	return true
}

// How many names of one list are looked at, and after how many that fit the rest is left: the first ones are the
// heaviest and shortest.
const (
	deepest = 2_500
	plenty  = 120
)

// Search finds at most n entries, the best first. What nobody could mean by a name (signs alone, more than 40
// characters) finds nothing.
func (x *Index) Search(typed string, n int) []Hit {
	m := x.marks.Get().(*marks)
	defer x.marks.Put(m)
	var found []Hit
	for _, q := range parse(typed) {
		if m.turn++; m.turn == 0 { // wrapped around
			clear(m.seen)
			m.turn = 1
		}
		x.search(q, m, &found)
		if len(found) >= 4*n {
			break // the rest of the query was understood as part of the names
		}
	}
	slices.SortStableFunc(found, func(a, b Hit) int { return cmp.Compare(b.score, a.score) })
	out := make([]Hit, 0, n)
	for _, h := range found {
		if len(out) == n {
			break
		}
		if !slices.ContainsFunc(out, func(o Hit) bool { return o.Entry == h.Entry }) {
			h.Name = int(x.back[h.Name])
			out = append(out, h)
		}
	}
	return out
}

func (x *Index) search(q query, m *marks, found *[]Hit) {
	for i, list := range x.lists(q) {
		need, looked, fit := uint64(0), 0, 0
		for _, s := range q.readings[i] {
			need |= 1 << s.class
		}
		for _, id := range list {
			w := x.names[id]
			if w.mask&need != need || !m.first(id) {
				continue
			}
			if looked++; looked > deepest {
				break
			}
			if s := q.match(x.runes[w.at : w.at+uint32(w.n)]); s > 0 {
				if q.rest != "" {
					s -= 10 // a name that holds the number is meant rather
				}
				*found = append(*found, Hit{int(w.entry), int(id), q.rest, s*2 + int(w.weight)})
				if fit++; fit == plenty {
					break
				}
			}
		}
	}
}

// lists are the shortest lists that hold every name the query can mean, one for each way to read its letters.
func (x *Index) lists(q query) [][]uint32 {
	var out [][]uint32
	for _, r := range q.readings {
		var best []uint32
		has := false
		for i := 1; i < len(r); i++ {
			if r[i-1].breaks {
				continue
			}
			l := x.pairs.list(int(r[i-1].class)*classes + int(r[i].class))
			if !has || len(l) < len(best) {
				best, has = l, true
			}
		}
		if !has && len(r) > 0 {
			best = x.heads.list(int(r[0].class))
		}
		out = append(out, best)
	}
	return out
}
