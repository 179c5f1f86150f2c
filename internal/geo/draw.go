package geo

import (
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"
)

// View is the box of an SVG drawing, in its units: what stands in viewBox="0 0 Width Height". Margin stays free on each side.
type View struct{ Width, Height, Margin float64 }

// Projection maps points into a View: north up, true to shape at the middle latitude.
type Projection struct {
	west, north    float64
	scaleX, scaleY float64 // units for a degree
	left, top      float64
}

// Fit gives the projection that shows the whole layer as large as the view allows, in its middle.
func (l *Layer) Fit(v View) Projection {
	sw, ne := l.Bounds()
	return fitBound(orb.Bound{Min: sw.orb(), Max: ne.orb()}, v)
}

func fitBound(b orb.Bound, v View) Projection {
	sw, ne := fromOrb(b.Min), fromOrb(b.Max)
	squeeze := squeezeAt((sw.Lat + ne.Lat) / 2)
	width, height := (ne.Lon-sw.Lon)*squeeze, ne.Lat-sw.Lat
	if width <= 0 || height <= 0 {
		return Projection{west: sw.Lon, north: ne.Lat, left: v.Width / 2, top: v.Height / 2}
	}
	scale := max(0, min((v.Width-2*v.Margin)/width, (v.Height-2*v.Margin)/height))
	return Projection{
		west: sw.Lon, north: ne.Lat,
		scaleX: scale * squeeze, scaleY: scale,
		left: (v.Width - width*scale) / 2, top: (v.Height - height*scale) / 2,
	}
}

// XY is where p lies in the drawing.
func (p Projection) XY(q Point) (x, y float64) {
	return p.left + (q.Lon-p.west)*p.scaleX, p.top + (p.north-q.Lat)*p.scaleY
}

// Path is an area as drawn.
type Path struct {
	Area
	D    string  // the attribute d of <path>, to be filled by the rule evenodd
	X, Y float64 // where its name goes (LabelPoint)
}

// Simplified draws the layer into the view, areas by id, leaving out corners that stand off less than tolerance units. Borders shared by
// areas with the same corners stay shared: no gaps and no overlaps appear between neighbours.
func (l *Layer) Simplified(v View, tolerance float64) []Path {
	projection := l.Fit(v)
	lines := l.nodes()
	paths := make([]Path, len(l.shapes))
	for i, s := range l.shapes {
		path := Path{Area: s.Area}
		var d []byte
		var largest orb.Ring
		for _, rings := range s.Polygons {
			for _, ring := range rings {
				drawn := projection.ring(lines.simplified(ring, projection, tolerance))
				d = appendRing(d, drawn)
				if math.Abs(ringArea(ring)) > math.Abs(ringArea(largest)) {
					largest = ring
				}
			}
		}
		if len(d) == 0 { // smaller than the tolerance, but still to be seen and clicked
			d = appendRing(d, projection.ring(largest))
		}
		path.D = string(d)
		path.X, path.Y = projection.XY(innerPoint(s.Polygons))
		paths[i] = path
	}
	return paths
}

func (p Projection) ring(ring orb.Ring) orb.Ring {
	out := make(orb.Ring, len(ring))
	for i, q := range ring {
		out[i][0], out[i][1] = p.XY(fromOrb(q))
	}
	return out
}

// appendRing writes a ring with one decimal; rings of less than three different corners are left out.
func appendRing(d []byte, ring orb.Ring) []byte {
	var last [2]float64
	corners := 0
	start := len(d)
	for i, p := range ring[:max(0, len(ring)-1)] {
		q := [2]float64{math.Round(p[0]*10) / 10, math.Round(p[1]*10) / 10}
		if i > 0 && q == last {
			continue
		}
		if i == 0 {
			d = append(d, 'M')
		} else {
			d = append(d, 'L')
		}
		d = strconv.AppendFloat(d, q[0], 'f', -1, 64)
		d = append(d, ' ')
		d = strconv.AppendFloat(d, q[1], 'f', -1, 64)
		last = q
		corners++
	}
	if corners < 3 {
		return d[:start]
	}
	return append(d, 'Z')
}

// nodes are the corners of a layer in which more than two borders meet, or a border ends: there, and only there, simplification must not
// move anything, so that what lies between two of them becomes the same line for both sides.
type nodes map[orb.Point]bool

func (l *Layer) nodes() nodes {
	neighbours := make(map[orb.Point][]orb.Point) // three at most are kept
	add := func(a, b orb.Point) {
		if n := neighbours[a]; len(n) < 3 && !slices.Contains(n, b) {
			neighbours[a] = append(n, b)
		}
	}
	for _, s := range l.shapes {
		for _, rings := range s.Polygons {
			for _, ring := range rings {
				for i := 1; i < len(ring); i++ {
					add(ring[i-1], ring[i])
					add(ring[i], ring[i-1])
				}
			}
		}
	}
	out := make(nodes)
	for p, n := range neighbours {
		if len(n) != 2 {
			out[p] = true
		}
	}
	return out
}

// simplified cuts a ring at the nodes and simplifies each piece by itself.
func (n nodes) simplified(ring orb.Ring, projection Projection, tolerance float64) orb.Ring {
	open := slices.Clone(ring[:len(ring)-1])
	start := slices.IndexFunc(open, func(p orb.Point) bool { return n[p] })
	if start < 0 { // an island: any corner serves, if only the neighbour around it takes the same
		start = 0
		for i, p := range open {
			if before(p, open[start]) {
				start = i
			}
		}
	}
	open = append(slices.Clone(open[start:]), open[:start+1]...)
	out := orb.Ring{open[0]}
	for i, from := 1, 0; i < len(open); i++ {
		if n[open[i]] || i == len(open)-1 {
			out = append(out, simplifyLine(open[from:i+1], projection, tolerance)[1:]...)
			from = i
		}
	}
	return out
}

// before orders points by longitude, then latitude.
func before(a, b orb.Point) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }

// simplifyLine leaves out corners (Douglas-Peucker) in the same way from whichever end the line is read.
func simplifyLine(line []orb.Point, projection Projection, tolerance float64) []orb.Point {
	last := len(line) - 1
	reverse := before(line[last], line[0]) || line[last] == line[0] && before(line[last-1], line[1])
	line = slices.Clone(line)
	if reverse {
		slices.Reverse(line)
	}
	if tolerance > 0 {
		flat := make(orb.LineString, len(line))
		at := make(map[orb.Point]orb.Point, len(line))
		for i, p := range line {
			flat[i][0], flat[i][1] = projection.XY(fromOrb(p))
			at[flat[i]] = p
		}
		kept := simplify.DouglasPeucker(tolerance).LineString(flat)
		line = line[:0]
		for _, p := range kept {
			line = append(line, at[p])
		}
	}
	if reverse {
		slices.Reverse(line)
	}
	return line
}
