package address

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type class byte

const (
	han  class = iota
	word       // figures and Latin letters
	sign       // anything else
)

// unit is the smallest part of an address: 路, 12, A3, -.
type unit struct {
	text       string // half width, small letters
	class      class
	digits     bool // figures only
	start, end int  // bytes in the original
}

// narrow makes one way of writing of a character: half width, small, ordinary dashes.
func narrow(r rune) rune {
	switch {
	case r == '　':
		return ' '
	case r >= '！' && r <= '～':
		r -= '！' - '!'
	case r == '—' || r == '–' || r == '－' || r == '﹣' || r == '−' || r == '―':
		return '-'
	case r == '＃' || r == '﹟':
		return '#'
	}
	return unicode.ToLower(r)
}

// plain is the form in which names are compared: narrow, without blanks.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r = narrow(r); unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

// fold cuts a text into units; blanks and invisible characters part runs of figures and are left out.
func fold(s string) []unit {
	var out []unit
	joined := false // the last unit touches this character
	count := 0
	for i, r := range s {
		if count++; count > MaxLength {
			break
		}
		end := i + utf8.RuneLen(r)
		if r == utf8.RuneError {
			end = i + 1
		}
		r = narrow(r)
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			joined = false
			continue
		}
		u := unit{text: string(r), start: i, end: end}
		figure := '0' <= r && r <= '9'
		switch {
		case figure || 'a' <= r && r <= 'z':
			u.class, u.digits = word, figure
			if last := len(out) - 1; joined && last >= 0 && out[last].class == word && !splits(out[last], figure) {
				out[last].text += u.text
				out[last].end = end
				out[last].digits = out[last].digits && figure
				continue
			}
		case unicode.Is(unicode.Han, r) || r == '〇' || r == '○':
			u.class = han
		default:
			u.class = sign
		}
		out = append(out, u)
		joined = true
	}
	return out
}

// splits says that a run ends where figures follow a word in letters: SOHO3栋 is a name and a building, A3 is one.
func splits(u unit, figure bool) bool {
	return figure && len(u.text) >= 3 && !strings.ContainsAny(u.text, "0123456789")
}
