package desk

import (
	"sort"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// The first-level characters of GB 2312 (3,755, all that is common) stand in the
// order of their pinyin. So the code of a character says its initial, without a
// dictionary: firsts are the codes at which each initial begins.
var firsts = []struct {
	code    int
	initial byte
}{
	{0xB0A1, 'a'}, {0xB0C5, 'b'}, {0xB2C1, 'c'}, {0xB4EE, 'd'}, {0xB6EA, 'e'}, {0xB7A2, 'f'}, {0xB8C1, 'g'}, {0xB9FE, 'h'}, {0xBBF7, 'j'},
	{0xBFA6, 'k'}, {0xC0AC, 'l'}, {0xC2E8, 'm'}, {0xC4C3, 'n'}, {0xC5B6, 'o'}, {0xC5BE, 'p'}, {0xC6DA, 'q'}, {0xC8BB, 'r'}, {0xC8F6, 's'},
	{0xCBFA, 't'}, {0xCDDA, 'w'}, {0xCEF4, 'x'}, {0xD1B9, 'y'}, {0xD4D1, 'z'},
}

const lastFirstLevel = 0xD7F9

// initials writes a name the way people look for it: 路灯不亮 is ldbl. Letters and
// digits stay; rarer characters are passed over.
func initials(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(unicode.ToLower(r))
		case r >= 0x4e00 && r <= 0x9fff:
			if c := initialOf(r); c != 0 {
				b.WriteByte(c)
			}
		}
	}
	return b.String()
}

func initialOf(r rune) byte {
	raw, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(string(r)))
	if err != nil || len(raw) != 2 || raw[1] < 0xA1 {
		return 0
	}
	code := int(raw[0])<<8 | int(raw[1])
	if code < firsts[0].code || code > lastFirstLevel {
		return 0
	}
	i := sort.Search(len(firsts), func(i int) bool { return firsts[i].code > code })
	return firsts[i-1].initial
}
