// Package text holds everything Weixiao knows about Chinese text, and nothing about cases or districts. It is pure: strings in, values out.
//
// The map of the package:
//
//   - text.go      Normalize, and the units (a Han character, a Latin or digit run) that search and classification count
//   - tokens.go    Tokens, IndexText, TSVector, MatchFTS5, TSQuery: one index text for SQLite FTS5 and PostgreSQL, with identical hits
//   - clean.go     Clean: what a door accepts as typed text, and the errors it can turn into advice
//   - redact.go    Redact: personal data out of free text; its rules are in redact_number.go, redact_account.go and redact_room.go
//   - mask.go      MaskName, MaskPhone, MaskID, MaskAddress: what a page shows of a known field
//   - similar.go   Similarity, Signature: near duplicates, found by key look-up
//   - classify.go  Train, Classifier: which label a text belongs to, with the words that say so; classify_file.go saves and loads it
//
// All functions are safe for concurrent use.
package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normalize gives the form in which texts are compared: Unicode NFKC (full-width to half-width, ligatures and circled figures resolved),
// lower case, without invisible characters (zero-width blanks, variation selectors), white space collapsed to single blanks and trimmed.
// Invalid UTF-8 becomes U+FFFD. Normalize(Normalize(s)) == Normalize(s).
func Normalize(s string) string {
	if plain, ok := normalizePlain(s); ok {
		return plain
	}
	return normalizeAny(s)
}

// normalizePlain does what normalizeAny does for texts of common characters only, which nearly all are: characters of plainCJK, ASCII
// and its full-width forms, and a few signs, none of which takes up a neighbour.
func normalizePlain(s string) (string, bool) {
	out := make([]byte, 0, len(s))
	gap := false
	for _, r := range s {
		switch {
		case plainCJK(r), r == '、', r == '。', '《' <= r && r <= '】', r == '“', r == '”', r == '‘', r == '’', r == '—', r == '·':
		case 0xFF01 <= r && r <= 0xFF5E:
			r -= 0xFF01 - '!'
		case r == 0x3000:
			r = ' '
		case r == '…':
			if gap {
				out, gap = append(out, ' '), false
			}
			out = append(out, "..."...)
			continue
		case r >= 0x80:
			return "", false
		}
		switch {
		case r == ' ', '\t' <= r && r <= '\r':
			gap = len(out) > 0
			continue
		case 'A' <= r && r <= 'Z':
			r += 'a' - 'A'
		}
		if gap {
			out, gap = append(out, ' '), false
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out), true
}

func normalizeAny(s string) string {
	s = norm.NFKC.String(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		if plainCJK(r) {
			return r // most of a text; the tables below would be asked for nothing
		}
		if invisible(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	// A letter and its accent may have become neighbours.
	s = norm.NFKC.String(s)
	return strings.Join(strings.Fields(s), " ")
}

// invisible reports whether r prints nothing and separates nothing.
func invisible(r rune) bool {
	if r < 0x80 {
		return false
	}
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// gap says what stands between a unit and the one before it.
type gap int

const (
	touching gap = iota // nothing
	blank               // white space only
	apart               // punctuation, or the beginning of the text
)

// unit is the smallest thing that is counted: one ideograph (or kana, Hangul syllable), or a whole Latin or digit run.
type unit struct {
	text string
	at   int // where it stands in the normalised text, -1 when it is spelled otherwise
	cjk  bool
	gap  gap
}

// units walks over normalised text until yield returns false. Unit texts consist only of a-z, 0-9 and the characters of plainCJK, so that
// every search engine's tokenizer takes them as they are; other letters are spelled as x and their code point in hexadecimal.
func units(normalised string, yield func(unit) bool) {
	var run strings.Builder
	runGap, since := apart, apart
	flush := func() bool {
		if run.Len() == 0 {
			return true
		}
		u := unit{text: run.String(), at: -1, gap: runGap}
		run.Reset()
		return yield(u)
	}
	for i, r := range normalised {
		if plainCJK(r) {
			if !flush() || !yield(unit{text: normalised[i : i+utf8.RuneLen(r)], at: i, cjk: true, gap: since}) {
				return
			}
			since = touching
			continue
		}
		text, cjk, ok := spell(r)
		switch {
		case !ok:
			if unicode.Is(unicode.Mn, r) {
				continue // an accent that no letter took up
			}
			if !flush() {
				return
			}
			if unicode.IsSpace(r) {
				since = max(since, blank)
			} else {
				since = apart
			}
		case cjk:
			if !flush() || !yield(unit{text: text, at: -1, cjk: true, gap: since}) {
				return
			}
			since = touching
		default:
			if run.Len() == 0 {
				runGap = since
			}
			if run.Len()+len(text) <= maxRunBytes {
				run.WriteString(text)
			}
			since = touching
		}
	}
	flush()
}

// maxRunBytes cuts Latin and digit runs: nobody searches for more, and PostgreSQL refuses lexemes of 2 KiB.
const maxRunBytes = 64

// spell returns how r is written inside a token, and whether it is a unit of its own.
func spell(r rune) (text string, cjk, ok bool) {
	switch {
	case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
		return string(r), false, true
	case r < 0x80:
		return "", false, false
	case plainCJK(r):
		return string(r), true, true
	case !unicode.IsLetter(r) && !unicode.IsNumber(r):
		return "", false, false
	case unicode.Is(unicode.Han, r):
		return "x" + strconv.FormatInt(int64(r), 16), true, true
	}
	// é is found as e: SQLite's tokenizer drops the accent and PostgreSQL keeps it, so it is dropped before both.
	if base := norm.NFD.String(string(r))[0]; 'a' <= base && base <= 'z' {
		return string(rune(base)), false, true
	}
	return "x" + strconv.FormatInt(int64(r), 16), false, true
}

// plainCJK lists the characters that SQLite's unicode61 tokenizer is known to keep whole (tested one by one against the real one).
func plainCJK(r rune) bool {
	return 0x4E00 <= r && r <= 0x9FA5 || // CJK unified ideographs as of Unicode 1.1
		0x3400 <= r && r <= 0x4DB5 || // extension A
		0xAC00 <= r && r <= 0xD7A3 || // Hangul syllables
		0x3041 <= r && r <= 0x3096 || 0x30A1 <= r && r <= 0x30FA || // kana
		r == 0x3005 || r == 0x3007 // 々 〇
}
