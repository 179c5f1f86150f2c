package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// border is how near an edge a point counts as on it, in degrees: about 0.1 mm. It closes the hair-thin gaps that rounding leaves between
// areas which share an edge but not all of its corners.
const border = 1e-9

type side int

const (
	outside side = iota
	inside
	onBorder
)

// ringSide says where p lies to a closed ring. Each edge is taken from its lower end to its upper, so that two areas that share the edge
// come to opposite answers by the same arithmetic.
func ringSide(ring orb.Ring, p orb.Point) side {
	in := false
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if a[1] > b[1] || a[1] == b[1] && a[0] > b[0] {
			a, b = b, a
		}
		left, right := min(a[0], b[0]), max(a[0], b[0])
		if p[1] < a[1]-border || p[1] > b[1]+border || p[0] > right+border {
			continue
		}
		crosses := a[1] <= p[1] && p[1] < b[1] // the ray from p to the east may cut this edge
		if p[0] < left-border {
			if crosses {
				in = !in
			}
			continue
		}
		if segmentDistance(a, b, p, 1) <= border {
			return onBorder
		}
		if crosses && (b[0]-a[0])*(p[1]-a[1]) > (p[0]-a[0])*(b[1]-a[1]) {
			in = !in
		}
	}
	if in {
		return inside
	}
	return outside
}

// covers reports whether p lies in one of the polygons or on a border. The border of a hole belongs to the polygon.
func covers(polygons orb.MultiPolygon, p orb.Point) bool {
	for _, rings := range polygons {
		switch ringSide(rings[0], p) {
		case onBorder:
			return true
		case outside:
			continue
		}
		in := true
		for _, hole := range rings[1:] {
			if s := ringSide(hole, p); s == onBorder {
				return true
			} else if s == inside {
				in = false
				break
			}
		}
		if in {
			return true
		}
	}
	return false
}

// segmentDistance is the distance of p from the edge a-b in degrees of latitude, with longitudes shrunk by the factor squeeze.
func segmentDistance(a, b, p orb.Point, squeeze float64) float64 {
	ax, ay := (a[0]-p[0])*squeeze, a[1]-p[1]
	dx, dy := (b[0]-a[0])*squeeze, b[1]-a[1]
	if length := dx*dx + dy*dy; length > 0 {
		t := -(ax*dx + ay*dy) / length
		t = min(max(t, 0), 1)
		ax, ay = ax+t*dx, ay+t*dy
	}
	return math.Hypot(ax, ay)
}

// borderDistance is the distance of p from the nearest edge of the polygons, measured as segmentDistance does.
func borderDistance(polygons orb.MultiPolygon, p orb.Point, squeeze float64) float64 {
	best := math.Inf(1)
	for _, rings := range polygons {
		for _, ring := range rings {
			for i := 1; i < len(ring); i++ {
				best = min(best, segmentDistance(ring[i-1], ring[i], p, squeeze))
			}
		}
	}
	return best
}

// ringArea is the signed area of a closed ring in square degrees, positive when it runs against the clock. Corners are taken relative to
// the first, for precision.
func ringArea(ring orb.Ring) float64 {
	sum := 0.0
	for i := 1; i < len(ring); i++ {
		ax, ay := ring[i-1][0]-ring[0][0], ring[i-1][1]-ring[0][1]
		bx, by := ring[i][0]-ring[0][0], ring[i][1]-ring[0][1]
		sum += ax*by - bx*ay
	}
	return sum / 2
}

// squeezeAt is by how much a degree of longitude is shorter than one of latitude.
func squeezeAt(lat float64) float64 { return math.Cos(lat * radian) }
