package typeahead

import (
	"slices"

	"weixiao/internal/text/pinyin"
)

// match says how well a name fits, 0 if it does not. A name fits when what was typed appears in it in order; gaps are
// allowed where the typing changed between Chinese, letters and figures, or had a blank.
func (q *query) match(name []uint16) int {
	best := 0
	for start := range name[:min(len(name), 24)] {
		if !q.mayBegin(name[start]) {
			continue
		}
		if s := q.from(name, 0, start); s > 0 {
			s += 40
			if start == 0 {
				s += 30
			} else {
				s -= min(12, 3*start)
			}
			if s > best {
				best = s
			}
		}
	}
	if best > 0 {
		best -= min(14, len(name)) // of names that fit alike the shorter one
	}
	return max(best, 0)
}

// mayBegin tells quickly that a character of a name is not the first one typed.
func (q *query) mayBegin(u uint16) bool {
	if u == q.runes[0] {
		return true
	}
	return q.pinyin[0] && slices.Contains(initialsOf(u), uint8(q.runes[0]-'a'))
}

// from matches the query from character i with the name from unit j on; 0 if it cannot be, else at least 1.
func (q *query) from(name []uint16, i, j int) int {
	if i == len(q.runes) {
		if j == len(name) {
			return 13 // nothing left over
		}
		return 1
	}
	if j == len(name) {
		return 0
	}
	best := 0
	for _, t := range q.take(name[j], i) {
		if t.n == 0 {
			break
		}
		next := i + t.n
		s := q.from(name, next, j+1)
		if s == 0 && next < len(q.runes) && q.breaks[next-1] {
			for skip := 1; skip <= 6 && j+1+skip < len(name) && s == 0; skip++ {
				if s = q.from(name, next, j+1+skip); s > 0 {
					s = max(1, s-3*skip)
				}
			}
		}
		if s > 0 && s+t.worth > best {
			best = s + t.worth
		}
	}
	return best
}

// taken is one way a character of a name takes characters of the query.
type taken struct{ n, worth int }

// take lists how unit u of a name may match the query at i: as itself, or by pinyin, the longest first.
func (q *query) take(u uint16, i int) (out [4]taken) {
	if !q.pinyin[i] {
		if u == q.runes[i] {
			out[0] = taken{1, 6}
		}
		return out
	}
	if 'a' <= u && u <= 'z' && u == q.runes[i] {
		out[0] = taken{1, 5}
		return out
	}
	at := 0
	for _, s := range pinyin.Readings(rune(u)) {
		if s[0] != byte(q.runes[i]) {
			continue
		}
		n := 1
		for n < len(s) && i+n < len(q.runes) && q.pinyin[i+n] && !q.breaks[i+n-1] && byte(q.runes[i+n]) == s[n] {
			n++
		}
		ended := i+n == len(q.runes) || !q.pinyin[i+n] || q.breaks[i+n-1]
		if n == len(s) || n > 1 && ended {
			out[at] = taken{n, 3 + n}
			if at++; at >= 2 {
				break
			}
		}
	}
	if at < 3 {
		for _, s := range pinyin.Readings(rune(u)) {
			if s[0] == byte(q.runes[i]) {
				if len(s) > 2 && s[1] == 'h' && i+1 < len(q.runes) && q.runes[i+1] == 'h' && q.pinyin[i+1] && !q.breaks[i] {
					out[at] = taken{2, 4}
					at++
				}
				out[at] = taken{1, 3}
				break
			}
		}
	}
	return out
}
