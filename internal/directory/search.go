package directory

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// name is one thing a unit is called, folded for comparing.
type name struct {
	text string
	unit int
}

func (d *Directory) indexNames() {
	for i, u := range d.units {
		for _, n := range append([]string{u.Name, u.Short, u.English, u.Code}, u.Aliases...) {
			if n = fold(n); n != "" {
				d.names = append(d.names, name{n, i})
			}
		}
	}
}

// fold makes spellings comparable: no blanks, full-width forms narrowed, no
// difference between capitals and small letters.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		}
		return unicode.ToLower(r)
	}, s)
}

// Search finds units by name, short name, English name, code or alias: exact
// matches first, then names that begin with the words, then names that contain
// them, then names contained in the words (an address that mentions a unit);
// within one class the order of the pack.
func (d *Directory) Search(words string) []Unit {
	want := fold(words)
	if want == "" {
		return nil
	}
	class := map[int]int{}
	for _, n := range d.names {
		c := 0
		switch {
		case n.text == want:
			c = 4
		case strings.HasPrefix(n.text, want):
			c = 3
		case strings.Contains(n.text, want):
			c = 2
		case len([]rune(n.text)) > 1 && strings.Contains(want, n.text):
			c = 1
		}
		if c > class[n.unit] {
			class[n.unit] = c
		}
	}
	var found []int
	for i := range class {
		found = append(found, i)
	}
	slices.SortFunc(found, func(a, b int) int {
		return cmp.Or(cmp.Compare(class[b], class[a]), cmp.Compare(a, b))
	})
	return pick(d.units, found)
}
