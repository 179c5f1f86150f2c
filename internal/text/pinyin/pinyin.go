// Package pinyin says how Chinese characters are read, without tones: for finding things by what people type into a
// keyboard of Latin letters. ü is written v.
//
// readings.txt holds the 20,902 characters of the first block of Unicode under their reading; after a blank stand
// characters for which it is the second or third one. It was made from the readings of Unihan as collected in
// github.com/mozillazg/go-pinyin (MIT; see NOTICE).
package pinyin

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

//go:embed readings.txt
var readings string

const first, last = 0x4e00, 0x9fa5

var table = sync.OnceValue(func() [][]string {
	out := make([][]string, last-first+1)
	for _, more := range []bool{false, true} { // all first readings before the others
		for line := range strings.Lines(readings) {
			f := strings.Fields(line)
			for i, chars := range f[1:] {
				if (i == 1) != more {
					continue
				}
				for _, r := range chars {
					out[r-first] = append(out[r-first], f[0])
				}
			}
		}
	}
	return out
})

// Readings are the syllables a character is read as, the usual one first; nil if it is not a Chinese character or a
// rare one. The caller must not change them.
func Readings(r rune) []string {
	if r < first || r > last {
		return nil
	}
	return table()[r-first]
}

// places are characters that are read otherwise in names than the table's first reading says.
var places = map[rune]string{'长': "chang", '重': "chong", '厦': "sha", '石': "shi", '朝': "chao", '都': "du", '大': "da", '行': "hang"}

// Initials writes a name the way people look for it: 路灯不亮 is ldbl. Letters and figures stay; signs and the rarest
// characters are passed over.
func Initials(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			b.WriteRune(unicode.ToLower(r))
		} else if p, ok := places[r]; ok {
			b.WriteByte(p[0])
		} else if all := Readings(r); len(all) > 0 {
			b.WriteByte(all[0][0])
		}
	}
	return b.String()
}

// IsSyllable reports whether s is a whole syllable.
func IsSyllable(s string) bool { return syllables()[s] }

var syllables = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(readings) {
		s, _, _ := strings.Cut(line, " ")
		out[s] = true
	}
	return out
})
