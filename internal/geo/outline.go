package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// outlines answer for the polygons of many areas what covers answers, to the last bit, but look only at edges near the point's latitude.
// Everything lies in three slices, so that an answer touches few places in memory.
type outlines struct {
	areas []int32 // of each area its first ring, and the end
	rings []outlineRing
	start []int32 // of each band of a ring in edges
	edges []edge
}

// outlineRing keeps the edges of a ring in bands of latitude; an edge stands in each band it reaches into.
type outlineRing struct {
	low, high float64 // latitudes of the ring, widened by border
	bands     float64 // per degree
	count     int32   // bands
	first     int32   // of its bands in start, one more than there are bands; with one band its first edge
	last      int32   // with one band: the end of its edges
	hole      bool    // in the shell before it
}

// edge runs from its lower end a to its upper end b.
type edge struct{ a, b orb.Point }

func newEdge(a, b orb.Point) edge {
	if a[1] > b[1] || a[1] == b[1] && a[0] > b[0] {
		a, b = b, a
	}
	return edge{a, b}
}

// side says whether p lies on the edge, and whether the ray from p to the east crosses it.
func (e edge) side(p orb.Point) (on, crosses bool) {
	a, b := e.a, e.b
	left, right := a[0], b[0]
	if left > right {
		left, right = right, left
	}
	if p[1] < a[1]-border || p[1] > b[1]+border || p[0] > right+border {
		return false, false
	}
	crosses = a[1] <= p[1] && p[1] < b[1]
	if p[0] < left-border {
		return false, crosses
	}
	cross := (b[0]-a[0])*(p[1]-a[1]) - (p[0]-a[0])*(b[1]-a[1])
	// Far from the line there is no need to measure: |cross| is the distance times the length of the edge.
	if reach := border * 1.01 * (right - left + b[1] - a[1]); math.Abs(cross) <= reach+1e-18 && segmentDistance(a, b, p, 1) <= border {
		return true, false
	}
	return false, crosses && (b[0]-a[0])*(p[1]-a[1]) > (p[0]-a[0])*(b[1]-a[1])
}

// Rings with few edges have one band; in others about perBand edges begin in each.
const (
	fewInRing = 16
	perBand   = 4
)

func newOutlines(shapes []Shape) *outlines {
	o := &outlines{areas: make([]int32, 0, len(shapes)+1)}
	for _, s := range shapes {
		o.areas = append(o.areas, int32(len(o.rings)))
		for _, rings := range s.Polygons {
			for i, ring := range rings {
				o.add(ring, i > 0)
			}
		}
	}
	o.areas = append(o.areas, int32(len(o.rings)))
	return o
}

func (o *outlines) add(ring orb.Ring, hole bool) {
	b := ring.Bound()
	r := outlineRing{low: b.Min[1] - border, high: b.Max[1] + border, count: 1, first: int32(len(o.start)), hole: hole}
	if n := len(ring) - 1; n > fewInRing {
		r.count = int32(n / perBand)
	}
	r.bands = float64(r.count) / (r.high - r.low)
	at := make([]int32, r.count+1) // edges of each band, then where they begin
	span := func(e edge) (int32, int32) { return r.band(e.a[1] - border), r.band(e.b[1] + border) }
	for i := 1; i < len(ring); i++ {
		from, to := span(newEdge(ring[i-1], ring[i]))
		for k := from; k <= to; k++ {
			at[k]++
		}
	}
	next := int32(len(o.edges))
	for k, n := range at {
		at[k] = next
		next += n
	}
	if r.count == 1 {
		r.first, r.last = at[0], next
	} else {
		o.start = append(o.start, at...)
	}
	o.edges = append(o.edges, make([]edge, next-int32(len(o.edges)))...)
	for i := 1; i < len(ring); i++ {
		e := newEdge(ring[i-1], ring[i])
		from, to := span(e)
		for k := from; k <= to; k++ {
			o.edges[at[k]] = e
			at[k]++
		}
	}
	o.rings = append(o.rings, r)
}

// band is the band of a latitude; it never falls when the latitude rises.
func (r *outlineRing) band(lat float64) int32 {
	return min(max(0, int32((lat-r.low)*r.bands)), r.count-1)
}

func (o *outlines) side(r *outlineRing, p orb.Point) side {
	if !(p[1] >= r.low && p[1] <= r.high) {
		return outside
	}
	first, last := r.first, r.last
	if r.count > 1 {
		k := r.first + r.band(p[1])
		first, last = o.start[k], o.start[k+1]
	}
	in := false
	edges := o.edges[first:last]
	for i := range edges {
		on, crosses := edges[i].side(p)
		if on {
			return onBorder
		}
		if crosses {
			in = !in
		}
	}
	if in {
		return inside
	}
	return outside
}

// covers is covers for the polygons of one area.
func (o *outlines) covers(area int32, p orb.Point) bool {
	rings := o.rings[o.areas[area]:o.areas[area+1]]
	in := false // in the shell, and in no hole so far
	for i := range rings {
		r := &rings[i]
		if !r.hole && in {
			return true
		}
		if r.hole && !in {
			continue
		}
		switch o.side(r, p) {
		case onBorder:
			return true
		case inside:
			in = !r.hole
		case outside:
			in = r.hole
		}
	}
	return in
}
