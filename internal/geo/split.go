package geo

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Why a line does not split an area.
var (
	ErrSplitLine  = errors.New("geo: a line that splits needs two points or more and must not cross itself")
	ErrSplitEnds  = errors.New("geo: the line must begin and end on the border or outside of the area")
	ErrSplitCross = errors.New("geo: the line must cross the border exactly twice: once in, once out")
	ErrSplitHole  = errors.New("geo: the line touches a hole")
)

// Split cuts an area in two along a line (CGCS2000 degrees), which comes in over its border once and
// goes out once; its ends may reach beyond. The larger part, with all parts the line does not touch,
// comes first. Together the two are the whole: both have the same corners along the cut.
func Split(area orb.MultiPolygon, line []orb.Point) (rest, part orb.MultiPolygon, err error) {
	line = slices.Compact(slices.Clone(line))
	if len(line) < 2 || crossesItself(line) {
		return nil, nil, ErrSplitLine
	}
	hit, cuts := -1, 0
	var at []cutPoint
	for i, rings := range area {
		found := meetings(rings[0], line)
		if len(found) == 0 {
			continue
		}
		cuts += len(found)
		hit, at = i, found
	}
	switch {
	case cuts == 1:
		return nil, nil, ErrSplitEnds
	case cuts != 2 || len(at) != 2:
		return nil, nil, ErrSplitCross
	}
	rings := area[hit]
	path := between(line, at[0], at[1])
	if !insideAll(rings[0], path) {
		return nil, nil, ErrSplitCross
	}
	for _, hole := range rings[1:] {
		if len(meetings(hole, path)) > 0 {
			return nil, nil, ErrSplitHole
		}
	}
	one, two := cutRing(rings[0], at, path)
	if one == nil || two == nil {
		return nil, nil, ErrSplitCross
	}
	a, b := orb.Polygon{one}, orb.Polygon{two}
	for _, hole := range rings[1:] {
		if ringSide(one, hole[0]) == inside {
			a = append(a, hole)
		} else {
			b = append(b, hole)
		}
	}
	if polygonArea(a) < polygonArea(b) {
		a, b = b, a
	}
	rest = append(slices.Clone(area[:hit]), a)
	rest = append(rest, area[hit+1:]...)
	return rest, orb.MultiPolygon{b}, nil
}

// cutPoint is where a line meets a ring, and how far along both.
type cutPoint struct {
	p      orb.Point
	onRing float64 // edge and the share of it
	onLine float64 // segment and the share of it
}

// meetings are the places where a line meets a ring, in the order of the line, each once.
func meetings(ring orb.Ring, line []orb.Point) (out []cutPoint) {
	for k := 1; k < len(line); k++ {
		for i := 1; i < len(ring); i++ {
			t, u, ok := meet(line[k-1], line[k], ring[i-1], ring[i])
			if !ok {
				continue
			}
			c := cutPoint{onRing: float64(i-1) + u, onLine: float64(k-1) + t}
			// On the border as exactly as numbers can be: the parts must not be more or less than the whole.
			c.p = orb.Point{ring[i-1][0] + u*(ring[i][0]-ring[i-1][0]), ring[i-1][1] + u*(ring[i][1]-ring[i-1][1])}
			// A corner that the line meets stays exactly where it is.
			for j, end := range []orb.Point{ring[i-1], ring[i]} {
				if near(c.p, end) {
					c.p, c.onRing = end, float64((i-1+j)%(len(ring)-1))
				}
			}
			if !slices.ContainsFunc(out, func(o cutPoint) bool { return near(o.p, c.p) }) {
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b cutPoint) int { return cmp.Compare(a.onLine, b.onLine) })
	return out
}

// meet says where segments a-b and c-d meet: the shares of both. Ends count as part, with a
// tenth of a millimetre to spare; segments along the same line meet nowhere.
func meet(a, b, c, d orb.Point) (t, u float64, ok bool) {
	abx, aby, cdx, cdy := b[0]-a[0], b[1]-a[1], d[0]-c[0], d[1]-c[1]
	det := abx*cdy - aby*cdx
	lab, lcd := math.Hypot(abx, aby), math.Hypot(cdx, cdy)
	if lab == 0 || lcd == 0 || math.Abs(det) <= 1e-12*lab*lcd {
		return 0, 0, false
	}
	t = ((c[0]-a[0])*cdy - (c[1]-a[1])*cdx) / det
	u = ((c[0]-a[0])*aby - (c[1]-a[1])*abx) / det
	if t < -border/lab || t > 1+border/lab || u < -border/lcd || u > 1+border/lcd {
		return 0, 0, false
	}
	return min(max(t, 0), 1), min(max(u, 0), 1), true
}

func near(a, b orb.Point) bool {
	return math.Abs(a[0]-b[0]) <= 2*border && math.Abs(a[1]-b[1]) <= 2*border
}

func tidied(x float64) float64 { return math.Round(x*1e9) / 1e9 }

// between is the line from one place on it to a later one.
func between(line []orb.Point, from, to cutPoint) []orb.Point {
	out := []orb.Point{from.p}
	for i, p := range line {
		if float64(i) > from.onLine && float64(i) < to.onLine && !near(p, from.p) && !near(p, to.p) {
			out = append(out, orb.Point{tidied(p[0]), tidied(p[1])})
		}
	}
	return append(out, to.p)
}

// insideAll reports whether a path between two places on a ring runs inside of it.
func insideAll(ring orb.Ring, path []orb.Point) bool {
	for i := 1; i < len(path); i++ {
		mid := orb.Point{(path[i-1][0] + path[i][0]) / 2, (path[i-1][1] + path[i][1]) / 2}
		if ringSide(ring, mid) != inside {
			return false
		}
	}
	return true
}

// cutRing cuts a closed ring along a path between two places on it. Nil for a part without surface.
func cutRing(ring orb.Ring, at []cutPoint, path []orb.Point) (one, two orb.Ring) {
	open := ring[:len(ring)-1]
	along := func(from, to cutPoint) []orb.Point { // corners strictly between, in the ring's direction
		var out []orb.Point
		n := len(open)
		end := to.onRing
		if end <= from.onRing {
			end += float64(n)
		}
		for i := int(math.Floor(from.onRing)) + 1; float64(i) < end; i++ {
			if p := open[i%n]; !near(p, from.p) && !near(p, to.p) {
				out = append(out, p)
			}
		}
		return out
	}
	back := slices.Clone(path)
	slices.Reverse(back)
	close := func(border, cut []orb.Point) orb.Ring {
		r := orb.Ring(slices.Concat(cut, border))
		if len(r) < 3 {
			return nil
		}
		r = append(r, r[0])
		switch area := ringArea(r); {
		case math.Abs(area) < border2:
			return nil
		case area < 0:
			slices.Reverse(r)
		}
		return r
	}
	return close(along(at[1], at[0]), path), close(along(at[0], at[1]), back)
}

// border2 is a surface, in square degrees, that is none.
const border2 = border * border

// crossesItself reports whether two segments of a line meet elsewhere than in the corner they share.
func crossesItself(line []orb.Point) bool {
	for i := 1; i < len(line); i++ {
		for k := i + 1; k < len(line); k++ {
			t, u, ok := meet(line[i-1], line[i], line[k-1], line[k])
			if ok && !(k == i+1 && t > 1-1e-9 && u < 1e-9) {
				return true
			}
		}
	}
	return false
}

// polygonArea is the surface of a polygon without its holes, in square degrees.
func polygonArea(p orb.Polygon) float64 {
	sum := 0.0
	for i, r := range p {
		if i == 0 {
			sum += math.Abs(ringArea(r))
		} else {
			sum -= math.Abs(ringArea(r))
		}
	}
	return sum
}
