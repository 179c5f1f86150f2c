package typeahead

import (
	"strings"
	"unicode"

	"weixiao/internal/text/address"
	"weixiao/internal/text/pinyin"
)

// mostTyped bounds the work for one query.
const mostTyped = 40

// query is one way to understand what was typed.
type query struct {
	runes    []uint16 // as fold makes them
	pinyin   []bool   // the letter is pinyin, not part of a name
	breaks   []bool   // the next character was typed apart from this one
	readings [][]step
	rest     string
}

// step is one character of a name as a reading of the query sees it: its class, and whether characters may stand
// between it and the next one.
type step struct {
	class  uint8
	breaks bool
}

// parse gives the ways to understand what was typed: the whole as a name, then what stands before the first figure
// as a name and the rest as a number in it.
func parse(typed string) []query {
	typed = address.Figures(strings.TrimSpace(typed))
	if r := []rune(typed); len(r) > mostTyped {
		return nil
	}
	var out []query
	if q, ok := understand(typed, ""); ok {
		out = append(out, q)
	}
	for i, r := range typed {
		if !unicode.IsDigit(r) {
			continue
		}
		if head := strings.TrimRight(typed[:i], " 　#，,"); head != "" {
			if q, ok := understand(head, typed[i:]); ok && len(q.runes) > 0 {
				out = append(out, q)
			}
		}
		break
	}
	return out
}

func understand(s, rest string) (query, bool) {
	q := query{rest: rest}
	apart := false
	kind := byte(0) // of the character before: c(hinese), l(etter), d(igit)
	for _, r := range s {
		f := fold(string(r))
		if r == 'ü' || r == 'Ü' {
			f = []uint16{'v'}
		}
		if len(f) == 0 {
			apart = true
			continue
		}
		k := byte('c')
		switch {
		case 'a' <= f[0] && f[0] <= 'z':
			k = 'l'
		case '0' <= f[0] && f[0] <= '9':
			k = 'd'
		}
		if n := len(q.runes); n > 0 && (apart || k != kind) {
			q.breaks[n-1] = true
		}
		q.runes, q.pinyin, q.breaks = append(q.runes, f[0]), append(q.pinyin, k == 'l'), append(q.breaks, false)
		apart, kind = false, k
	}
	if len(q.runes) == 0 {
		return q, false
	}
	q.read(0, nil)
	return q, len(q.readings) > 0
}

// mostReadings bounds in how many ways letters are read: xian is 西安, 先 and x.i.a.n, which no name begins with.
const mostReadings = 12

// read lists the sequences of initials the query may stand for from character i on, whole syllables first.
func (q *query) read(i int, before []step) {
	if len(q.readings) >= mostReadings {
		return
	}
	if i == len(q.runes) {
		q.readings = append(q.readings, append([]step(nil), before...))
		return
	}
	if !q.pinyin[i] {
		c := initialsOf(q.runes[i])
		if len(c) == 0 {
			return
		}
		q.read(i+1, append(before, step{c[0], q.breaks[i]}))
		return
	}
	end := i + 1
	for end < len(q.runes) && q.pinyin[end] && !q.breaks[end-1] {
		end++
	}
	first := uint8(q.runes[i] - 'a')
	if first == 'i'-'a' || first == 'u'-'a' || first == 'v'-'a' {
		return // no syllable begins with it
	}
	for n := min(6, end-i); n >= 1; n-- {
		if n == 1 || pinyin.IsSyllable(letters(q.runes[i:i+n])) || n == 2 && q.runes[i+1] == 'h' && strings.ContainsRune("zcs", rune(q.runes[i])) || i+n == end && n > 1 && begun(letters(q.runes[i:end])) {
			q.read(i+n, append(before, step{first, q.breaks[i+n-1]}))
		}
	}
}

// begun reports whether a syllable begins with s: the last one of a query may be unfinished.
func begun(s string) bool {
	for n := 1; n <= 4; n++ {
		if grow(s, n) {
			return true
		}
	}
	return false
}

// grow reports whether n letters more can make s a syllable.
func grow(s string, n int) bool {
	for _, c := range "aeiouvng" {
		t := s + string(c)
		if n == 1 && pinyin.IsSyllable(t) || n > 1 && len(t) < 7 && grow(t, n-1) {
			return true
		}
	}
	return false
}

func letters(r []uint16) string {
	b := make([]byte, len(r))
	for i, c := range r {
		b[i] = byte(c)
	}
	return string(b)
}
