package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// halfPlane is the set of points p with depth(p) >= 0. The half-plane beyond the same line has exactly the negative depth, so that two
// neighbours cut an edge at the same point, to the last bit.
type halfPlane struct{ x, y, c float64 }

func (h halfPlane) depth(p orb.Point) float64 { return h.c - (h.x*p[0] + h.y*p[1]) }

// along orders points on the line.
func (h halfPlane) along(p orb.Point) float64 { return h.y*p[0] - h.x*p[1] }

// crossing is a point where a ring crosses the line, at the beginning or the end of a kept piece of the ring.
type crossing struct {
	t     float64
	piece int
	enter bool
}

// clip returns the parts of an open ring (its first point not repeated) in the half-plane. The ring must not cross itself; a bent ring
// can fall into several parts.
func (h halfPlane) clip(ring []orb.Point) [][]orb.Point {
	n := len(ring)
	depth := make([]float64, n)
	outside := -1
	all := true
	for i, p := range ring {
		if depth[i] = h.depth(p); depth[i] < 0 {
			outside, all = i, false
		}
	}
	if all {
		return [][]orb.Point{ring}
	}
	var pieces [][]orb.Point
	var crossings []crossing
	for k := range n {
		i, j := (outside+k)%n, (outside+k+1)%n
		if (depth[i] < 0) == (depth[j] < 0) {
			if depth[j] >= 0 {
				pieces[len(pieces)-1] = append(pieces[len(pieces)-1], ring[j])
			}
			continue
		}
		p := cut(ring[i], ring[j], depth[i], depth[j])
		if enter := depth[i] < 0; enter {
			crossings = append(crossings, crossing{h.along(p), len(pieces), true})
			pieces = append(pieces, []orb.Point{p, ring[j]})
		} else {
			last := len(pieces) - 1
			crossings = append(crossings, crossing{h.along(p), last, false})
			pieces[last] = append(pieces[last], p)
		}
	}
	return join(pieces, crossings, border*math.Hypot(h.x, h.y))
}

// cut is the point of the edge a-b where the depth is zero; the same for b-a.
func cut(a, b orb.Point, da, db float64) orb.Point {
	if before(b, a) {
		a, b, da, db = b, a, db, da
	}
	switch {
	case da == 0:
		return a
	case db == 0:
		return b
	}
	t := da / (da - db)
	return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
}

// join closes the pieces along the line: going along it, crossings one and two, three and four, and so on have the ring's inside between
// them, so that the piece that ends at one goes on with the piece that begins at the other. Crossings closer than near are at one place.
func join(pieces [][]orb.Point, crossings []crossing, near float64) [][]orb.Point {
	slices.SortStableFunc(crossings, func(a, b crossing) int { return cmp.Compare(a.t, b.t) })
	// A corner that only touches the line gives two crossings at one place. The line is crossed inwards and outwards by turns; order them so.
	for i := 1; i+1 < len(crossings); i++ {
		if crossings[i].enter == crossings[i-1].enter && crossings[i+1].t-crossings[i].t <= near {
			crossings[i], crossings[i+1] = crossings[i+1], crossings[i]
		}
	}
	next := make([]int, len(pieces))
	for i := 0; i+1 < len(crossings); i += 2 {
		a, b := crossings[i], crossings[i+1]
		if a.enter == b.enter { // only by rounding: close each piece by itself
			for k := range next {
				next[k] = k
			}
			break
		}
		if a.enter {
			a, b = b, a
		}
		next[a.piece] = b.piece
	}
	var rings [][]orb.Point
	used := make([]bool, len(pieces))
	for i := range pieces {
		var ring []orb.Point
		for k := i; !used[k]; k = next[k] {
			used[k] = true
			ring = append(ring, pieces[k]...)
		}
		if ring = slices.Compact(ring); len(ring) >= 3 {
			rings = append(rings, ring)
		}
	}
	return rings
}

// tidy rounds a ring to 1e-9 degrees, which is the tolerance border, so that corners which several cells compute fall together, closes it and turns it against
// the clock. It returns nil for a ring that has no surface.
func tidy(ring []orb.Point) orb.Ring {
	var out orb.Ring
	for _, p := range ring {
		p = orb.Point{math.Round(p[0]*1e9) / 1e9, math.Round(p[1]*1e9) / 1e9}
		if len(out) == 0 || out[len(out)-1] != p {
			out = append(out, p)
		}
	}
	for len(out) > 1 && out[0] == out[len(out)-1] {
		out = out[:len(out)-1]
	}
	if len(out) < 3 {
		return nil
	}
	out = append(out, out[0])
	switch area := ringArea(out); {
	case math.Abs(area) < border*border:
		return nil
	case area < 0:
		slices.Reverse(out)
	}
	return out
}
