package text

import (
	"strings"
	"unicode/utf8"
)

// Kind names what a Finding hides. The values are stable: they are stored and counted.
type Kind string

const (
	KindMobile   Kind = "mobile"   // mainland mobile number
	KindLandline Kind = "landline" // with area code, or after the word 电话
	KindID       Kind = "id"       // resident identity number, 18 or 15 places
	KindCard     Kind = "card"     // bank card
	KindEmail    Kind = "email"
	KindPlate    Kind = "plate"   // vehicle licence plate
	KindAccount  Kind = "account" // WeChat or QQ number
	KindRoom     Kind = "room"    // unit, floor and room behind a building
)

// Finding is one place that Redact has masked: bytes Start to End of the redacted text. The hidden value is not in it.
type Finding struct {
	Kind       Kind
	Start, End int
}

// Redact masks personal data in free text and returns the findings in order. All else stays byte for byte, including ids, case numbers,
// dates and amounts. It is made for the copy that is forwarded, indexed and published: a text in which a number is disguised on purpose
// can pass, so publishing still needs a person's eye. Redact(Redact(s)) == Redact(s).
func Redact(s string) (string, []Finding) {
	var found []Finding
	// A mask can free the border of another number, so passes are made until one finds nothing; that also makes Redact idempotent.
	// Each pass with a finding leaves fewer characters that are not *, so this ends; in practice the second pass is the last.
	for {
		out, news := redactOnce(s)
		if len(news) == 0 {
			return s, found
		}
		found = mergeFindings(found, news)
		s = out
	}
}

// change is a match in one pass, in bytes of that pass's input, with what replaces it.
type change struct {
	kind       Kind
	start, end int
	mask       string
}

// redactOnce makes one pass over s and returns what it replaced.
func redactOnce(s string) (string, []change) {
	t := fold(s)
	var out strings.Builder
	var changes []change
	done := 0
	for i := 0; i < len(t.r); {
		m, ok := t.matchAt(i)
		if !ok {
			i++
			continue
		}
		c := change{kind: m.kind, start: t.off[m.start], end: t.off[m.end], mask: m.mask}
		out.WriteString(s[done:c.start])
		out.WriteString(c.mask)
		changes = append(changes, c)
		done, i = c.end, m.end
	}
	if len(changes) == 0 {
		return s, nil
	}
	out.WriteString(s[done:])
	return out.String(), changes
}

// mergeFindings moves the old findings to their places after changes, drops those that a change swallowed, and adds the changes.
func mergeFindings(old []Finding, changes []change) []Finding {
	var out []Finding
	shift, k := 0, 0
	for _, c := range changes {
		for ; k < len(old) && old[k].End <= c.start; k++ {
			out = append(out, Finding{old[k].Kind, old[k].Start + shift, old[k].End + shift})
		}
		for ; k < len(old) && old[k].Start < c.end; k++ {
		}
		out = append(out, Finding{c.kind, c.start + shift, c.start + shift + len(c.mask)})
		shift += len(c.mask) - (c.end - c.start)
	}
	for ; k < len(old); k++ {
		out = append(out, Finding{old[k].Kind, old[k].Start + shift, old[k].End + shift})
	}
	return out
}

// folded is a text in the form in which the rules read it: full-width characters, dashes and blanks in their plain form, one rune for
// each rune of the original. off[i] is the byte at which rune i begins; off[len(r)] is the length.
type folded struct {
	r   []rune
	off []int
}

func fold(s string) folded {
	n := utf8.RuneCountInString(s)
	t := folded{r: make([]rune, 0, n), off: make([]int, 0, n+1)}
	for i, r := range s {
		switch {
		case 0xFF01 <= r && r <= 0xFF5E: // full-width ASCII
			r -= 0xFF01 - '!'
		case r == 0x3000, r == 0xA0:
			r = ' '
		case 0x2010 <= r && r <= 0x2015, r == 0x2212, r == 0xFE63:
			r = '-'
		case r == '•', r == '・', r == '‧', r == '∙':
			r = '·'
		}
		t.r = append(t.r, r)
		t.off = append(t.off, i)
	}
	t.off = append(t.off, len(s))
	return t
}

// match is a change in runes of a folded text.
type match struct {
	kind       Kind
	start, end int
	mask       string
}

// matchAt tries the rules on the match that begins at rune i, or just behind a keyword that begins there.
func (t folded) matchAt(i int) (match, bool) {
	r := t.r[i]
	if !mayBegin(r) {
		return match{}, false
	}
	if isEmailRune(r) && !isEmailRune(t.at(i-1)) {
		if m, ok := t.email(i); ok {
			return m, true
		}
	}
	if isDigit(r) || r == '(' {
		if m, ok := t.number(i); ok {
			return m, true
		}
	}
	if isDigit(r) || isHanNumeral(r) {
		if m, ok := t.bareRoom(i); ok {
			return m, true
		}
	}
	if m, ok := t.plate(i); ok {
		return m, true
	}
	if m, ok := t.account(i); ok {
		return m, true
	}
	return t.roomBehindBuilding(i)
}

// beginnings marks the characters at which a rule can begin: in a text of Chinese most cannot.
var beginnings = func() (set [0x10000]bool) {
	for r := range rune(0x80) {
		set[r] = isEmailRune(r) || r == '('
	}
	for _, r := range hanNumerals + plateProvinces {
		set[r] = true
	}
	for _, words := range [][]string{wechatWords, qqWords, buildingWords} {
		for _, w := range words {
			r, _ := utf8.DecodeRuneInString(w)
			set[r] = true // letters are there in both cases already
		}
	}
	return set
}()

func mayBegin(r rune) bool { return r >= 0 && int(r) < len(beginnings) && beginnings[r] }

// at is rune i, or 0 outside the text.
func (t folded) at(i int) rune {
	if i < 0 || i >= len(t.r) {
		return 0
	}
	return t.r[i]
}

// has reports whether word stands at rune i; letters of word are lower case and fit both cases.
func (t folded) has(i int, word string) bool {
	for _, w := range word {
		r := t.at(i)
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		if r != w {
			return false
		}
		i++
	}
	return true
}

// hasAny is the length in runes of the first of words that stands at rune i, 0 if none does. Longer words must come first.
func (t folded) hasAny(i int, words []string) int {
	for _, w := range words {
		if t.has(i, w) {
			return utf8.RuneCountInString(w)
		}
	}
	return 0
}

// str is the folded text of runes i to j.
func (t folded) str(i, j int) string { return string(t.r[i:j]) }

func isDigit(r rune) bool  { return '0' <= r && r <= '9' }
func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
func isAlnum(r rune) bool  { return isDigit(r) || isLetter(r) }

// digits is how many digits stand from rune i on, counted up to limit.
func (t folded) digits(i, limit int) int {
	n := 0
	for n < limit && isDigit(t.at(i+n)) {
		n++
	}
	return n
}
