package geo

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Index answers in which areas of several layers a point lies, with the same answers as Layer.Find of each. It does not change, and may be
// used by many at once.
//
// The ground is divided into cells. A cell without a border knows its areas at once; one that borders cross knows which polygons have to
// be looked at, and crowded ones are divided into 4 by 4, twice at most.
type Index struct {
	layers   []*Layer
	outlines []*outlines // of each layer

	west, south    float64
	perLon, perLat float64 // smallest cells per degree
	side           int32   // largest cells in a row and in a column; 0 when no layer has an area
	cells          []int32 // the largest cells row by row, then sixteens; >= 0: begin in leaves, < 0: ^begin of the sixteen parts in cells
	leaves         []int32 // layer, number of doubtful areas, these, the sure area or -1; ends with layer -1
}

// Hit is an area in which a point lies.
type Hit struct {
	Layer *Layer
	Area  *Area
}

// NewIndex makes the index of the layers; answers come in their order.
func NewIndex(layers ...*Layer) *Index {
	x := &Index{layers: slices.Clone(layers)}
	b := &indexBuilder{x: x, known: map[string]int32{}}
	bound, areas := orb.Bound{}, 0
	for _, l := range layers {
		x.outlines = append(x.outlines, newOutlines(l.shapes))
		for _, s := range l.shapes {
			if areas == 0 {
				bound = s.Polygons.Bound()
			}
			bound = bound.Union(s.Polygons.Bound())
			areas++
		}
	}
	if areas > 0 {
		b.root(bound, areas)
	}
	return x
}

// Layers are the layers in the order in which they were given.
func (x *Index) Layers() []*Layer { return slices.Clone(x.layers) }

// At returns the areas in which p lies, one per layer at most, in the order of the layers: on a border, and where areas overlap, the one
// with the smallest id, as Layer.Find says. It appends to hits, so that a caller who asks often allocates nothing.
func (x *Index) At(p Point, hits []Hit) []Hit {
	q := p.orb()
	at := x.leaf(q)
	if at < 0 {
		return hits
	}
	for {
		layer := x.leaves[at]
		if layer < 0 {
			return hits
		}
		n := x.leaves[at+1]
		found, outlines := x.leaves[at+2+n], x.outlines[layer]
		for _, area := range x.leaves[at+2 : at+2+n] {
			if outlines.covers(area, q) {
				found = area
				break
			}
		}
		if found >= 0 {
			l := x.layers[layer]
			hits = append(hits, Hit{l, &l.shapes[found].Area})
		}
		at += n + 3
	}
}

// leaf is where in leaves the answer for q begins, -1 outside of everything.
func (x *Index) leaf(q orb.Point) int32 {
	dx, dy := (q[0]-x.west)*x.perLon, (q[1]-x.south)*x.perLat
	if most := float64(x.side << fineBits); !(dx >= 0 && dy >= 0 && dx < most && dy < most) {
		return -1
	}
	column, row := int32(dx), int32(dy)
	c := x.cells[row>>fineBits*x.side+column>>fineBits]
	for shift := fineBits - childBits; c < 0; shift -= childBits {
		c = x.cells[^c+row>>shift&(childSide-1)<<childBits+column>>shift&(childSide-1)]
	}
	return c
}

// Nearest is the area closest to p and the way in metres, for a point that lies in none. Among layers whose areas are equally close (to a
// metre) the last counts, which is the finest where layers are given from the district downwards. False without any area.
func (x *Index) Nearest(p Point) (hit Hit, way float64, ok bool) {
	way = math.Inf(1)
	for _, l := range x.layers {
		if a, d, found := l.Nearest(p); found && d <= way+1 {
			hit, way, ok = Hit{l, &a}, min(d, way), true
		}
	}
	return hit, way, ok
}
