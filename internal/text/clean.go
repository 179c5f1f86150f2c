package text

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The kinds of text that Clean refuses. Test with errors.Is; errors.As with *InputError gives the figures for an advice.
var (
	ErrEmpty   = errors.New("text: nothing visible")
	ErrUTF8    = errors.New("text: not valid UTF-8")
	ErrControl = errors.New("text: control character")
	ErrTooLong = errors.New("text: too long")
)

// InputError says why Clean refused a text. It never holds the text itself.
type InputError struct {
	Kind  error // ErrEmpty, ErrUTF8, ErrControl or ErrTooLong
	Count int   // ErrTooLong: characters counted
	Max   int   // ErrTooLong: characters allowed
	Rune  rune  // ErrControl: the character
	At    int   // ErrControl and ErrUTF8: its place, in characters from 0, in the text as it was sent
}

func (e *InputError) Error() string {
	switch e.Kind {
	case ErrTooLong:
		return fmt.Sprintf("%v: %d of at most %d characters", e.Kind, e.Count, e.Max)
	case ErrControl:
		return fmt.Sprintf("%v %U at character %d", e.Kind, e.Rune, e.At)
	case ErrUTF8:
		return fmt.Sprintf("%v at character %d", e.Kind, e.At)
	}
	return e.Kind.Error()
}

// Unwrap makes errors.Is(err, ErrTooLong) and its like work.
func (e *InputError) Unwrap() error { return e.Kind }

// Clean is the gate for text typed by people. It trims white space at both ends, turns all line ends (CR LF, CR, U+2028, U+2029) into \n
// and changes nothing else: emoji, HTML and formula-like text come out as they went in. It refuses, with an *InputError, invalid UTF-8,
// control characters other than \n and \t (with U+FEFF and the bidirectional controls that can make a text read otherwise than it is
// stored), text without any visible character, and more than max characters (code points, after cleaning).
func Clean(s string, max int) (string, error) {
	at := 0
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return "", &InputError{Kind: ErrUTF8, At: at}
			}
		}
		if forbidden(r) {
			return "", &InputError{Kind: ErrControl, Rune: r, At: at}
		}
		at++
	}
	s = strings.TrimSpace(lineEnds.Replace(s))
	if strings.IndexFunc(s, visible) < 0 {
		return "", &InputError{Kind: ErrEmpty}
	}
	if n := utf8.RuneCountInString(s); n > max {
		return "", &InputError{Kind: ErrTooLong, Count: n, Max: max}
	}
	return s, nil
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

// forbidden: the line ends \r is let through because Clean replaces it.
func forbidden(r rune) bool {
	switch {
	case r == '\n', r == '\t', r == '\r':
		return false
	case 0x202A <= r && r <= 0x202E, 0x2066 <= r && r <= 0x2069, r == 0xFEFF:
		return true
	}
	return unicode.IsControl(r)
}

// visible leaves out what prints nothing, among it U+2800, the empty Braille cell.
func visible(r rune) bool { return !unicode.IsSpace(r) && !invisible(r) && r != 0x2800 }
