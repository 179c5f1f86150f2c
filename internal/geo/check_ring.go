package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// rings checks each ring for itself, then holes and parts, and puts right what is only a matter of order.
func (c *checker) rings() {
	for i := range c.shapes {
		s := &c.shapes[i]
		if c.src.Features[i].Fault != "" || s.Polygons == nil {
			if c.src.Features[i].Fault == "" {
				x := c.of(i, FindUnreadable, Bad)
				x.Word = FaultGeometry
				c.add(x)
			}
			continue
		}
		if c.closed(i) && c.uncrossed(i) && c.nested(i) {
			c.orient(i)
			if s.ID != "" && c.rules.Parent != nil && c.rules.Prefix && s.Parent == "" {
				s.Parent = c.parentCode(s.ID)
			}
			c.sound = append(c.sound, i)
		}
	}
}

// closed looks at rings one by one: corners, end, surface.
func (c *checker) closed(i int) bool {
	ok := true
	bad := func(kind string, n int, size float64, at orb.Point) {
		x := c.of(i, kind, Bad)
		x.N, x.Size, x.At = n, size, fromOrb(at)
		c.show(&x, c.shapes[i].Polygons, nil, nil)
		c.add(x)
		ok = false
	}
	repeated := 0
	for _, rings := range c.shapes[i].Polygons {
		if len(rings) == 0 {
			bad(FindShort, 0, 0, orb.Point{})
		}
		for k, ring := range rings {
			slim := slices.Compact(slices.Clone(ring))
			repeated += len(ring) - len(slim)
			corners := slim
			if n := len(slim); n > 1 && slim[0] == slim[n-1] {
				corners = slim[:n-1]
			}
			switch n := len(slim); {
			case len(corners) < 3:
				at := orb.Point{}
				if n > 0 {
					at = slim[0]
				}
				bad(FindShort, len(corners), 0, at)
				continue
			case slim[0] != slim[n-1]:
				bad(FindOpen, 0, Distance(fromOrb(slim[0]), fromOrb(slim[n-1])), slim[n-1])
				continue
			case squareMetres(math.Abs(ringArea(slim)), slim[0][1]) < 0.01:
				bad(FindFlat, 0, 0, slim[0])
				continue
			}
			rings[k] = slim
		}
	}
	if repeated > 0 && ok {
		x := c.of(i, FindRepeated, Hint)
		x.N = repeated
		c.add(x)
	}
	return ok
}

// squareMetres is an area in square degrees at a latitude.
func squareMetres(degrees, lat float64) float64 {
	const metres = earthRadius * radian
	return degrees * metres * metres * squeezeAt(lat)
}

// uncrossed looks for edges of an area that cross each other.
func (c *checker) uncrossed(i int) bool {
	s := c.shapes[i]
	at, n := crossings(s.Polygons)
	if n == 0 {
		return true
	}
	x := c.of(i, FindCrossing, Bad)
	x.N, x.At = n, fromOrb(at)
	c.show(&x, s.Polygons, nil, nil)
	c.add(x)
	return false
}

// crossings counts the places where edges cross or run back over each other, 100 at most, and returns the first.
func crossings(polygons orb.MultiPolygon) (first orb.Point, n int) {
	var edges []edge
	for _, rings := range polygons {
		for _, ring := range rings {
			for k := 1; k < len(ring); k++ {
				edges = append(edges, newEdge(ring[k-1], ring[k]))
			}
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.a[1], b.a[1]) })
	looks := 0
	for k, e := range edges {
		left, right := min(e.a[0], e.b[0]), max(e.a[0], e.b[0])
		for _, f := range edges[k+1:] {
			if f.a[1] > e.b[1] {
				break
			}
			if looks++; looks > 50_000_000 { // a drawing that nobody drew: one crossing at least is there to be found
				return first, max(n, 1)
			}
			if min(f.a[0], f.b[0]) > right || max(f.a[0], f.b[0]) < left {
				continue
			}
			if at, ok := e.meets(f); ok {
				if n++; n == 1 {
					first = at
				}
				if n >= 100 {
					return first, n
				}
			}
		}
	}
	return first, n
}

// meets is where two edges cross, or run along each other. Edges that only touch do not.
func (e edge) meets(f edge) (orb.Point, bool) {
	depth := func(e edge, p orb.Point) float64 {
		d := (e.b[0]-e.a[0])*(p[1]-e.a[1]) - (p[0]-e.a[0])*(e.b[1]-e.a[1])
		return d / math.Hypot(e.b[0]-e.a[0], e.b[1]-e.a[1])
	}
	fa, fb, ea, eb := depth(e, f.a), depth(e, f.b), depth(f, e.a), depth(f, e.b)
	if math.Abs(fa) <= border && math.Abs(fb) <= border { // on one line: do they share a stretch?
		along := func(p orb.Point) float64 {
			return ((p[0]-e.a[0])*(e.b[0]-e.a[0]) + (p[1]-e.a[1])*(e.b[1]-e.a[1])) / math.Hypot(e.b[0]-e.a[0], e.b[1]-e.a[1])
		}
		from, to := max(0, min(along(f.a), along(f.b))), min(along(e.b), max(along(f.a), along(f.b)))
		if to-from <= 2*border {
			return orb.Point{}, false
		}
		t := (from + to) / 2 / along(e.b)
		return orb.Point{e.a[0] + t*(e.b[0]-e.a[0]), e.a[1] + t*(e.b[1]-e.a[1])}, true
	}
	opposite := func(a, b float64) bool { return a > border && b < -border || a < -border && b > border }
	if !opposite(fa, fb) || !opposite(ea, eb) {
		return orb.Point{}, false
	}
	t := ea / (ea - eb)
	return orb.Point{e.a[0] + t*(e.b[0]-e.a[0]), e.a[1] + t*(e.b[1]-e.a[1])}, true
}

// nested checks that holes lie in their shell and in no other hole, and that parts do not lie in each other. Borders are known not to cross.
func (c *checker) nested(i int) bool {
	polygons := c.shapes[i].Polygons
	bad := func(kind string, part orb.Ring) bool {
		x := c.of(i, kind, Bad)
		x.At = fromOrb(part[0])
		c.show(&x, polygons, nil, orb.MultiPolygon{{part}})
		c.add(x)
		return false
	}
	for k, rings := range polygons {
		for h, hole := range rings[1:] {
			if !ringIn(hole, rings[0]) {
				return bad(FindHole, hole)
			}
			for _, other := range rings[1 : h+1] {
				if ringIn(hole, other) || ringIn(other, hole) {
					return bad(FindHole, hole)
				}
			}
		}
		for _, other := range polygons[:k] {
			if inPolygon(rings[0], other) || inPolygon(other[0], rings) {
				return bad(FindParts, rings[0])
			}
		}
	}
	return true
}

// ringIn reports whether a ring lies in another that it does not cross: its first corner that is not on the border decides.
func ringIn(ring, other orb.Ring) bool {
	if !ring.Bound().Intersects(other.Bound()) {
		return false
	}
	for _, p := range ring {
		if s := ringSide(other, p); s != onBorder {
			return s == inside
		}
	}
	return true // each corner on the other's border: the same ring, or cut into it
}

func inPolygon(ring orb.Ring, polygon orb.Polygon) bool {
	if !ringIn(ring, polygon[0]) {
		return false
	}
	return !slices.ContainsFunc(polygon[1:], func(hole orb.Ring) bool { return ringIn(ring, hole) })
}

// orient turns shells against the clock and holes with it, as RFC 7946 has it.
func (c *checker) orient(i int) {
	turned := 0
	for _, rings := range c.shapes[i].Polygons {
		for k, ring := range rings {
			if (ringArea(ring) > 0) != (k == 0) {
				slices.Reverse(ring)
				turned++
			}
		}
	}
	if turned > 0 && !c.src.Clockwise {
		x := c.of(i, FindTurned, Hint)
		x.N = turned
		c.add(x)
	}
}
