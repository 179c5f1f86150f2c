package layers

import (
	"bytes"
	"slices"

	"weixiao/internal/geo"
	"weixiao/internal/store"
)

// Difference is one area that two versions do not have in common.
type Difference struct {
	Kind     string // added, removed, shape (and perhaps more), or words (name, parent or other properties only)
	Code     string
	Old, New *Area
}

// Compare lists what is different in the newer version, by code.
func (l *Layers) Compare(tx *store.Tx, old, newer Version) ([]Difference, error) {
	const all = 1 << 30
	before, err := l.Areas(tx, old, "", all)
	if err != nil {
		return nil, err
	}
	after, err := l.Areas(tx, newer, "", all)
	if err != nil {
		return nil, err
	}
	out := []Difference{}
	for len(before)+len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].ID < after[0].ID:
			out = append(out, Difference{Kind: "removed", Code: before[0].ID, Old: &before[0]})
			before = before[1:]
		case len(before) == 0 || after[0].ID < before[0].ID:
			out = append(out, Difference{Kind: "added", Code: after[0].ID, New: &after[0]})
			after = after[1:]
		default:
			if a, b := &before[0], &after[0]; !bytes.Equal(a.Hash, b.Hash) {
				kind := "words"
				if !slices.Equal(encode(a.Polygons), encode(b.Polygons)) {
					kind = "shape"
				}
				out = append(out, Difference{kind, a.ID, a, b})
			}
			before, after = before[1:], after[1:]
		}
	}
	return out, nil
}

// Picture draws a difference: the new shape, and the old one as the other.
func (d Difference) Picture() *geo.Picture {
	switch {
	case d.Old == nil:
		return geo.Draw(d.New.Polygons, nil)
	case d.New == nil:
		return geo.Draw(nil, d.Old.Polygons)
	}
	return geo.Draw(d.New.Polygons, d.Old.Polygons)
}
