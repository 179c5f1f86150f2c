package layers

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"math"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/geo"
	"weixiao/internal/store"
)

// Cut is how an area of a draft is split in two.
type Cut struct {
	Code, Name string      // of the new part
	Line       []orb.Point // CGCS2000
	Larger     bool        // the larger part is the new one; else the smaller
}

// ErrSplit means that the parts are not the whole, which is an error of the program: nothing was changed.
var ErrSplit = errors.New("layers: the parts are not the whole")

// Split cuts an area of a draft in two along a line: one part keeps code and name, the other has new ones. hash is that
// of the area as the editor saw it: access.ErrStale when it is another by now, or the new code is there already. The
// errors of geo.Split say what is wrong with the line. Findings are those of both parts; with one of the level
// geo.Bad nothing is changed and the error is ErrFindings.
func (l *Layers) Split(ctx context.Context, sc access.Scope, layer string, number int64, code string, hash []byte, cut Cut) ([]geo.Finding, error) {
	v, err := store.Get(ctx, l.db, func(tx *store.Tx) (Version, error) { return getVersion(tx, l.district, layer, number) })
	if err != nil {
		return nil, err
	}
	if err := l.may(sc, "split", v.State); err != nil {
		return nil, err
	}
	whole, err := store.Get(ctx, l.db, func(tx *store.Tx) (Area, error) { return getArea(tx, l.district, v, code) })
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(whole.Hash, hash) {
		return nil, access.ErrStale
	}
	kept, fresh, found, err := l.parts(ctx, v, whole, cut)
	if err != nil {
		return found, err
	}
	err = l.write(ctx, sc, layer, "split", "", func(c *change) error {
		v, err := getVersion(c.tx, l.district, layer, number)
		if err != nil {
			return err
		}
		if err := l.may(sc, "split", v.State); err != nil {
			return err
		}
		now, err := getArea(c.tx, l.district, v, code)
		if err != nil {
			return err
		}
		if !bytes.Equal(now.Hash, hash) {
			return access.ErrStale
		}
		if _, err := getArea(c.tx, l.district, v, cut.Code); !errors.Is(err, store.ErrNotFound) {
			if err == nil {
				err = access.ErrStale
			}
			return err
		}
		for _, a := range []Area{kept, fresh} {
			if err := insertArea(c.tx, l.district, layer, number, a); err != nil {
				return err
			}
		}
		v.State, v.Findings = stateDraft, nil
		if err := c.seal(&v); err != nil {
			return err
		}
		c.body = body{Version: number, State: v.State, Code: code, Hash: hex.EncodeToString(kept.Hash), New: cut.Code, NewHash: hex.EncodeToString(fresh.Hash), Areas: v.Areas, Digest: hex.EncodeToString(v.Digest)}
		return updateVersion(c.tx, l.district, v)
	})
	return found, err
}

// parts are the two areas, each checked by itself, and both together against the whole.
func (l *Layers) parts(ctx context.Context, v Version, whole Area, cut Cut) (kept, fresh Area, found []geo.Finding, err error) {
	larger, smaller, err := geo.Split(whole.Polygons, cut.Line)
	if err != nil {
		return kept, fresh, nil, err
	}
	if cut.Larger {
		larger, smaller = smaller, larger
	}
	rules, err := l.rules(ctx, v.About)
	if err != nil {
		return kept, fresh, nil, err
	}
	rules.Covers, rules.Before = false, nil
	one, two := geo.Feature{Index: 1, Shape: whole.Shape, Extra: whole.Extra}, geo.Feature{Index: 2, Shape: whole.Shape}
	one.Polygons, two.Polygons, two.ID, two.Name = larger, smaller, cut.Code, cut.Name
	shapes, found := (&geo.Source{Features: []geo.Feature{one, two}}).Check(rules)
	if shapes == nil {
		return kept, fresh, found, ErrFindings
	}
	sum := 0.0
	for _, s := range shapes {
		sum += surface(s.Polygons)
	}
	if all := surface(whole.Polygons); math.Abs(sum-all) > 1e-9*all {
		return kept, fresh, nil, ErrSplit
	}
	for _, s := range shapes {
		if s.ID == cut.Code {
			fresh = newArea(s, nil)
		} else {
			kept = newArea(s, whole.Extra)
		}
	}
	return kept, fresh, found, nil
}

// surface is that of polygons without their holes, in square degrees.
func surface(m orb.MultiPolygon) (sum float64) {
	for _, p := range m {
		for i, ring := range p {
			twice := 0.0
			for k := 1; k < len(ring); k++ {
				a, b := ring[k-1], ring[k]
				twice += (a[0]-ring[0][0])*(b[1]-ring[0][1]) - (b[0]-ring[0][0])*(a[1]-ring[0][1])
			}
			if i == 0 {
				sum += math.Abs(twice) / 2
			} else {
				sum -= math.Abs(twice) / 2
			}
		}
	}
	return sum
}
