package sanitation

import (
	"math"

	"weixiao/internal/geo"
	"weixiao/internal/pack"
)

// All reckoning below is in whole millimetres on a plane that touches the district, so that every machine and every
// order of arrival gives the same figures to the last bit.

const (
	scale      = 1 << 20   // fixed point of directions and of degrees to mm
	micro      = 1_000_000 // positions are kept in millionths of a degree
	metreOfLat = 111_194.9266
	tile       = 64_000 // mm; edge of a square of the look-up grid
	cellLong   = 1000   // mm; about the size of a cell along the road
	cellWide   = 500    // mm; and across it
)

// spot is a place on the plane.
type spot struct{ x, y int64 }

// piece is a straight part of a segment's middle line.
type piece struct {
	road   int   // number of the segment
	a      spot  // where it begins
	ux, uy int64 // direction, times scale
	long   int64 // mm
	before int64 // mm of the segment before it
	first  bool  // nothing of the segment before it
	last   bool
}

// road is a segment made ready.
type road struct {
	*pack.RoadSegment
	drawn int64 // mm of its line on the plane; Length is what the contract says
	along int64 // number of cells along it
	wide  int64 // and across it
}

// roads are the segments of a district with their look-up grid.
type roads struct {
	list           []road
	by             map[string]int
	pieces         []piece
	tiles          map[[2]int32][]int32
	lon0, lat0     int64 // millionths of a degree
	perLon, perLat int64 // mm per millionth of a degree, times scale
	beside         int64 // mm
}

// newRoads makes the look-up grid. beside is how far beside a road a position may lie, in mm.
func newRoads(list []pack.RoadSegment, beside int64) *roads {
	g := &roads{by: map[string]int{}, tiles: map[[2]int32][]int32{}, beside: beside}
	if len(list) > 0 {
		g.lon0, g.lat0 = millionths(list[0].Line[0])
	}
	g.perLat = int64(math.Round(metreOfLat / 1000 * scale))
	g.perLon = int64(math.Round(metreOfLat / 1000 * math.Cos(float64(g.lat0)/micro*math.Pi/180) * scale))
	for i := range list {
		r := road{RoadSegment: &list[i]}
		first := len(g.pieces)
		for j := 1; j < len(r.Line); j++ {
			a, b := g.plane(r.Line[j-1]), g.plane(r.Line[j])
			dx, dy := float64(b.x-a.x), float64(b.y-a.y)
			long := math.Hypot(dx, dy)
			if long < 1 {
				continue
			}
			g.pieces = append(g.pieces, piece{road: i, a: a, ux: int64(math.Round(dx / long * scale)), uy: int64(math.Round(dy / long * scale)), long: int64(math.Round(long)), before: r.drawn, first: len(g.pieces) == first})
			r.drawn += int64(math.Round(long))
		}
		if len(g.pieces) > first {
			g.pieces[len(g.pieces)-1].last = true
		}
		r.along, r.wide = max(1, (r.drawn+cellLong-1)/cellLong), max(1, (r.Width+cellWide-1)/cellWide)
		g.by[r.ID] = i
		g.list = append(g.list, r)
	}
	for i := range g.pieces {
		g.enter(int32(i))
	}
	return g
}

func millionths(p geo.Point) (lon, lat int64) {
	return int64(math.Round(p.Lon * micro)), int64(math.Round(p.Lat * micro))
}

func (g *roads) plane(p geo.Point) spot {
	lon, lat := millionths(p)
	return g.at(lon, lat)
}

// at is the place of a position given in millionths of a degree.
func (g *roads) at(lon, lat int64) spot {
	return spot{((lon - g.lon0) * g.perLon) >> 20, ((lat - g.lat0) * g.perLat) >> 20}
}

// enter puts a piece into every tile from which it can be reached.
func (g *roads) enter(i int32) {
	p := &g.pieces[i]
	reach := g.list[p.road].Width/2 + g.beside + 1000
	end := spot{p.a.x + (p.ux*p.long)>>20, p.a.y + (p.uy*p.long)>>20}
	x0, x1 := (min(p.a.x, end.x)-reach)/tile-1, (max(p.a.x, end.x)+reach)/tile+1
	y0, y1 := (min(p.a.y, end.y)-reach)/tile-1, (max(p.a.y, end.y)+reach)/tile+1
	for x := x0; x <= x1; x++ {
		for y := y0; y <= y1; y++ {
			k := [2]int32{int32(x), int32(y)}
			g.tiles[k] = append(g.tiles[k], i)
		}
	}
}

// hit is where on a segment a place lies.
type hit struct {
	road int
	long int64 // mm from its begin along the drawn line
	side int64 // mm left (positive) or right of the middle line
}

// straight is the least cosine, times scale, between heading and road: 45 degrees. Who crosses a road does not sweep it.
const straight = 741_455

// match finds the segment on which a machine with a heading (hx, hy, times scale) sweeps: the nearest whose middle line
// is near enough and runs as the machine drives.
func (g *roads) match(s spot, hx, hy int64) (best hit, ok bool) {
	least := int64(math.MaxInt64)
	for _, i := range g.tiles[[2]int32{int32(floorDiv(s.x, tile)), int32(floorDiv(s.y, tile))}] {
		p := &g.pieces[i]
		if c := (p.ux*hx + p.uy*hy) >> 20; c < straight && c > -straight {
			continue
		}
		dx, dy := s.x-p.a.x, s.y-p.a.y
		long, side := (dx*p.ux+dy*p.uy)>>20, (p.ux*dy-p.uy*dx)>>20
		over := int64(0)
		switch {
		case long < 0:
			over = -long
		case long > p.long:
			over = long - p.long
		}
		// Between two pieces there is a wedge at each bend; beyond the ends there is no road.
		if over > 2000 || over > 0 && (long < 0 && p.first || long > 0 && p.last) {
			continue
		}
		d := max(side, -side)
		if d > g.list[p.road].Width/2+g.beside || d+over >= least {
			continue
		}
		least, ok = d+over, true
		best = hit{p.road, p.before + min(max(long, 0), p.long), side}
	}
	return best, ok
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func ceilDiv(a, b int64) int64 { return -floorDiv(-a, b) }

// headings are the directions of whole degrees from north, clockwise, times scale.
var headings = func() (out [360][2]int64) {
	for d := range out {
		a := float64(d) * math.Pi / 180
		out[d] = [2]int64{int64(math.Round(math.Sin(a) * scale)), int64(math.Round(math.Cos(a) * scale))}
	}
	return out
}()
