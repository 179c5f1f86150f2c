package geo

import (
	"container/heap"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Centroid is the centre of gravity of an area; it can lie outside of it. False when the layer has no such area.
func (l *Layer) Centroid(id string) (Point, bool) {
	s, ok := l.Shape(id)
	if !ok {
		return Point{}, false
	}
	c, _ := planar.CentroidArea(s.Polygons)
	return fromOrb(c), true
}

// LabelPoint is the place for an area's name: the point of its largest polygon that is farthest from all borders, found to half a percent
// of the polygon's extent (polylabel, Agafonkin 2016). It always lies inside. False when the layer has no such area.
func (l *Layer) LabelPoint(id string) (Point, bool) {
	s, ok := l.Shape(id)
	if !ok {
		return Point{}, false
	}
	return innerPoint(s.Polygons), true
}

// square is a part of the polygon's box that innerPoint has looked at the centre of.
type square struct {
	centre orb.Point
	half   float64 // half its side, in degrees of latitude
	depth  float64 // of the centre: its distance from the border, negative outside
}

// reach is the depth that no point of the square can exceed.
func (s square) reach() float64 { return s.depth + s.half*math.Sqrt2 }

// squares is a heap with the farthest reach on top.
type squares []square

func (q squares) Len() int           { return len(q) }
func (q squares) Less(i, j int) bool { return q[i].reach() > q[j].reach() }
func (q squares) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *squares) Push(x any)        { *q = append(*q, x.(square)) }
func (q *squares) Pop() any {
	last := len(*q) - 1
	s := (*q)[last]
	*q = (*q)[:last]
	return s
}

func innerPoint(polygons orb.MultiPolygon) Point {
	largest := polygons[0]
	for _, p := range polygons[1:] {
		if math.Abs(ringArea(p[0])) > math.Abs(ringArea(largest[0])) {
			largest = p
		}
	}
	only := orb.MultiPolygon{largest}
	bound := largest.Bound()
	squeeze := squeezeAt((bound.Min[1] + bound.Max[1]) / 2)
	look := func(c orb.Point, half float64) square {
		d := borderDistance(only, c, squeeze)
		if !covers(only, c) {
			d = -d
		}
		return square{c, half, d}
	}
	width, height := (bound.Max[0]-bound.Min[0])*squeeze, bound.Max[1]-bound.Min[1]
	extent := max(width, height)
	side := max(min(width, height), extent/100)
	precision := extent / 200
	queue := &squares{}
	for x := 0.0; x < width; x += side {
		for y := 0.0; y < height; y += side {
			*queue = append(*queue, look(orb.Point{bound.Min[0] + (x+side/2)/squeeze, bound.Min[1] + y + side/2}, side/2))
		}
	}
	heap.Init(queue)
	best := look(scanPoint(largest), 0)
	if centroid, _ := planar.CentroidArea(largest); look(centroid, 0).depth > best.depth {
		best = look(centroid, 0)
	}
	for queue.Len() > 0 {
		s := heap.Pop(queue).(square)
		if s.depth > best.depth {
			best = s
		}
		if s.reach() <= best.depth+precision {
			break
		}
		h := s.half / 2
		for _, d := range [4]orb.Point{{-h, -h}, {h, -h}, {-h, h}, {h, h}} {
			heap.Push(queue, look(orb.Point{s.centre[0] + d[0]/squeeze, s.centre[1] + d[1]}, h))
		}
	}
	return fromOrb(best.centre)
}

// scanPoint is a point for certain inside a polygon: the middle of its widest stretch on a line between two corners' latitudes.
func scanPoint(polygon orb.Polygon) orb.Point {
	var lats []float64
	for _, p := range polygon[0] {
		lats = append(lats, p[1])
	}
	slices.Sort(lats)
	lat, room := lats[0], 0.0
	for i := 1; i < len(lats); i++ {
		if d := lats[i] - lats[i-1]; d > room {
			lat, room = lats[i-1]+d/2, d
		}
	}
	var cuts []float64
	for _, ring := range polygon {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if (a[1] <= lat) != (b[1] <= lat) {
				cuts = append(cuts, a[0]+(lat-a[1])/(b[1]-a[1])*(b[0]-a[0]))
			}
		}
	}
	slices.Sort(cuts)
	best := orb.Point{polygon[0][0][0], lat}
	for i, room := 0, -1.0; i+1 < len(cuts); i += 2 {
		if d := cuts[i+1] - cuts[i]; d > room {
			best, room = orb.Point{cuts[i] + d/2, lat}, d
		}
	}
	return best
}
