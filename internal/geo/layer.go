package geo

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// About says what a layer is and where it comes from; pages print it beside the map.
type About struct {
	Name    string // such as towns or unit_grids
	Kind    string // what its areas are; the district's words, see package directory
	Title   string // 街镇界
	English string
	Parent  string // name of the layer whose areas these lie in; "" for none
	Source  string // who measured or made it up
	Licence string
	Version string
	MadeUp  bool // not the real borders
}

// Area is one named polygon of a layer, without its geometry.
type Area struct {
	ID     string // unique in the layer
	Name   string
	Parent string // id of the area above, in another layer; may be empty
	MadeUp bool   // not the real border
}

// Shape is an area with its polygons in CGCS2000. In each polygon the first ring is the outer one, the others are holes; rings are closed.
type Shape struct {
	Area
	Polygons orb.MultiPolygon
}

// Layer is a set of areas that answers where a point lies. It does not change, and may be used by many at once.
type Layer struct {
	About
	shapes []Shape // by ID
	tree   rtree.RTreeG[int32]
}

// ErrLayer tells that areas cannot make a layer; the message names the area and what is wrong.
var ErrLayer = errors.New("geo: bad layer")

// NewLayer makes a layer of shapes; it keeps their polygons. Rings that are not closed get closed.
func NewLayer(about About, shapes []Shape) (*Layer, error) {
	l := &Layer{About: about, shapes: slices.Clone(shapes)}
	slices.SortStableFunc(l.shapes, func(a, b Shape) int { return strings.Compare(a.ID, b.ID) })
	for i := range l.shapes {
		s := &l.shapes[i]
		if s.ID == "" {
			return nil, fmt.Errorf("%w %q: area %q has no id", ErrLayer, about.Name, s.Name)
		}
		if i > 0 && l.shapes[i-1].ID == s.ID {
			return nil, fmt.Errorf("%w %q: two areas have the id %s", ErrLayer, about.Name, s.ID)
		}
		polygons, err := checkPolygons(s.Polygons)
		if err != nil {
			return nil, fmt.Errorf("%w %q: area %s: %w", ErrLayer, about.Name, s.ID, err)
		}
		s.Polygons = polygons
		b := polygons.Bound()
		l.tree.Insert(b.Min, b.Max, int32(i))
	}
	return l, nil
}

// checkPolygons returns a copy with closed rings.
func checkPolygons(polygons orb.MultiPolygon) (orb.MultiPolygon, error) {
	if len(polygons) == 0 {
		return nil, errors.New("no polygon")
	}
	out := make(orb.MultiPolygon, len(polygons))
	for i, rings := range polygons {
		if len(rings) == 0 {
			return nil, errors.New("a polygon without a ring")
		}
		for _, ring := range rings {
			ring = slices.Clone(ring)
			for _, p := range ring {
				if !Valid(fromOrb(p)) {
					return nil, fmt.Errorf("%v is not a place", p)
				}
			}
			if len(ring) > 0 && ring[0] != ring[len(ring)-1] {
				ring = append(ring, ring[0])
			}
			if len(ring) < 4 || ringArea(ring) == 0 {
				return nil, fmt.Errorf("a ring of %d points has no surface", len(ring))
			}
			out[i] = append(out[i], ring)
		}
	}
	return out, nil
}

// Find returns the area in which p lies. Borders belong to the areas on both sides; where several areas claim a point, the one with the
// smallest id has it, so that the answer is always the same. A point in a hole lies outside.
func (l *Layer) Find(p Point) (Area, bool) {
	best := int32(-1)
	q := p.orb()
	l.tree.Search([2]float64{p.Lon - border, p.Lat - border}, [2]float64{p.Lon + border, p.Lat + border},
		func(_, _ [2]float64, i int32) bool {
			if (best < 0 || i < best) && covers(l.shapes[i].Polygons, q) {
				best = i
			}
			return true
		})
	if best < 0 {
		return Area{}, false
	}
	return l.shapes[best].Area, true
}

// Nearest returns the area closest to p and the way there in metres, 0 if p lies in it; among equally close ones that with the smallest
// id. It is false only for a layer without areas. Ways are measured on the plane that touches the earth at p: exact for points in and
// around a district, and of the right order beyond.
func (l *Layer) Nearest(p Point) (Area, float64, bool) {
	if a, ok := l.Find(p); ok {
		return a, 0, true
	}
	best, way := int32(-1), math.Inf(1)
	q, squeeze := p.orb(), squeezeAt(p.Lat)
	l.tree.Nearby(func(low, high [2]float64, i int32, item bool) float64 {
		if item {
			return borderDistance(l.shapes[i].Polygons, q, squeeze)
		}
		dx := max(low[0]-q[0], 0, q[0]-high[0]) * squeeze
		dy := max(low[1]-q[1], 0, q[1]-high[1])
		return math.Hypot(dx, dy)
	}, func(_, _ [2]float64, i int32, d float64) bool {
		if d > way {
			return false
		}
		if best < 0 || i < best {
			best, way = i, d
		}
		return true
	})
	if best < 0 {
		return Area{}, 0, false
	}
	return l.shapes[best].Area, way * radian * earthRadius, true
}

// Areas returns all areas by id.
func (l *Layer) Areas() []Area {
	areas := make([]Area, len(l.shapes))
	for i, s := range l.shapes {
		areas[i] = s.Area
	}
	return areas
}

// Shape returns the area of that id with its polygons, which must not be changed.
func (l *Layer) Shape(id string) (Shape, bool) {
	i := l.find(id)
	if i < 0 {
		return Shape{}, false
	}
	return l.shapes[i], true
}

// find is where the area of that id is in shapes, -1 if it is not there.
func (l *Layer) find(id string) int {
	i, ok := slices.BinarySearchFunc(l.shapes, id, func(s Shape, id string) int { return strings.Compare(s.ID, id) })
	if !ok {
		return -1
	}
	return i
}

// Bounds returns the south-west and north-east corners of the layer; both are zero for a layer without areas.
func (l *Layer) Bounds() (southWest, northEast Point) {
	if len(l.shapes) == 0 {
		return Point{}, Point{}
	}
	low, high := l.tree.Bounds()
	return fromOrb(low), fromOrb(high)
}
