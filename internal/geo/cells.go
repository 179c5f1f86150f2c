package geo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Cells divides outer among the seeds: cell i is the part of outer that is closer to seed i than to any other (its Voronoi cell, on the
// plane that touches the earth in the middle of outer). Together the cells are outer, and they share their borders. A cell consists of
// several polygons where outer is bent around; it is empty for a seed far outside and for one equal to an earlier seed. Holes of outer
// are ignored. The same input gives the same cells, with corners rounded to 1e-9 degrees.
//
// It is meant for made-up areas: where the real borders of communities or grids are not published, packs fill a map with cells and mark
// them as made up.
func Cells(outer orb.MultiPolygon, seeds []Point) []orb.MultiPolygon {
	cells := make([]orb.MultiPolygon, len(seeds))
	if len(outer) == 0 {
		return cells
	}
	middle := outer.Bound().Center()
	squeeze := squeezeAt(middle[1])
	flat := func(p orb.Point) orb.Point { return orb.Point{(p[0] - middle[0]) * squeeze, p[1] - middle[1]} }
	points := make([]orb.Point, len(seeds))
	for i, s := range seeds {
		points[i] = flat(s.orb())
	}
	for i := range seeds {
		if slices.Index(seeds, seeds[i]) < i {
			continue
		}
		var rings [][]orb.Point
		for _, polygon := range outer {
			var ring []orb.Point
			for _, p := range slices.Compact(slices.Clone(polygon[0])) {
				ring = append(ring, flat(p))
			}
			if last := len(ring) - 1; last > 0 && ring[0] == ring[last] {
				ring = ring[:last]
			}
			rings = append(rings, ring)
		}
		for _, ring := range cell(rings, points, i) {
			for k, p := range ring {
				ring[k] = orb.Point{p[0]/squeeze + middle[0], p[1] + middle[1]}
			}
			if r := tidy(ring); r != nil {
				cells[i] = append(cells[i], orb.Polygon{r})
			}
		}
	}
	return cells
}

// cell cuts rings down to what is closest to point i, by the nearest other points first, until the others are too far away to matter.
func cell(rings [][]orb.Point, points []orb.Point, i int) [][]orb.Point {
	distance := func(a, b orb.Point) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }
	others := make([]int, 0, len(points))
	for j, p := range points {
		if p != points[i] {
			others = append(others, j)
		}
	}
	slices.SortFunc(others, func(a, b int) int {
		return cmp.Or(cmp.Compare(distance(points[i], points[a]), distance(points[i], points[b])), a-b)
	})
	for _, j := range others {
		farthest := 0.0
		for _, ring := range rings {
			for _, p := range ring {
				farthest = max(farthest, distance(points[i], p))
			}
		}
		if distance(points[i], points[j]) > 2*farthest {
			break
		}
		a, b := points[i], points[j]
		half := halfPlane{
			x: 2 * (b[0] - a[0]), y: 2 * (b[1] - a[1]),
			c: (b[0]*b[0] + b[1]*b[1]) - (a[0]*a[0] + a[1]*a[1]),
		}
		var kept [][]orb.Point
		for _, ring := range rings {
			kept = append(kept, half.clip(ring)...)
		}
		rings = kept
	}
	return rings
}

// Spread returns fixed and n more points, set evenly over outer: random ones, moved to the middle of their cells twelve times (Lloyd
// 1982). The same seed gives the same points. Holes of outer are ignored.
func Spread(outer orb.MultiPolygon, fixed []Point, n int, seed uint64) []Point {
	points := slices.Clone(fixed)
	if len(outer) == 0 {
		return points
	}
	var solid orb.MultiPolygon
	for _, p := range outer {
		solid = append(solid, p[:1])
	}
	random := rand.New(rand.NewPCG(seed, 0x5370_7265_6164))
	bound := solid.Bound()
	for tries := 0; len(points) < len(fixed)+n && tries < 10000*(n+1); tries++ { // a thread-thin outer may hold less than n
		p := orb.Point{
			bound.Min[0] + random.Float64()*(bound.Max[0]-bound.Min[0]),
			bound.Min[1] + random.Float64()*(bound.Max[1]-bound.Min[1]),
		}
		if covers(solid, p) {
			points = append(points, fromOrb(p))
		}
	}
	for range 12 {
		for i, c := range Cells(solid, points) {
			if i < len(fixed) || len(c) == 0 {
				continue
			}
			middle, _ := planar.CentroidArea(c)
			if points[i] = fromOrb(middle); !covers(c, middle) {
				points[i] = innerPoint(c)
			}
		}
	}
	return points
}
