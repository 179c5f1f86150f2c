package geo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"weixiao/internal/geo/geotest"
)

// slow is the index without any index: every polygon is looked at, and the smallest id that claims the point has it.
func slow(layers []*Layer, p Point) (ids []string) {
	for _, l := range layers {
		for _, s := range l.shapes {
			if covers(s.Polygons, p.orb()) {
				ids = append(ids, l.Name+" "+s.ID)
				break
			}
		}
	}
	return ids
}

func fast(x *Index, p Point) (ids []string) {
	for _, h := range x.At(p, nil) {
		ids = append(ids, h.Layer.Name+" "+h.Area.ID)
	}
	return ids
}

// drawShapes draws overlapping boxes, stars, shapes with holes and of several parts, on a coarse raster so that many borders and corners
// fall together.
func drawShapes(t *rapid.T, name string) []Shape {
	raster := func(label string) float64 { return 100 + float64(rapid.IntRange(0, 16).Draw(t, label))/8 }
	var shapes []Shape
	for i := range rapid.IntRange(0, 6).Draw(t, name) {
		var polygons orb.MultiPolygon
		for range rapid.IntRange(1, 2).Draw(t, "parts") {
			x, y := raster("x"), raster("y")-70
			w, h := 0.125*float64(rapid.IntRange(1, 8).Draw(t, "w")), 0.125*float64(rapid.IntRange(1, 8).Draw(t, "h"))
			switch rapid.IntRange(0, 2).Draw(t, "form") {
			case 0:
				polygons = append(polygons, orb.Polygon{box(x, y, x+w, y+h)})
			case 1:
				polygons = append(polygons, orb.Polygon{box(x, y, x+w, y+h), box(x+w/4, y+h/4, x+w/2, y+h/2)})
			default:
				n, ring := rapid.IntRange(3, 40).Draw(t, "corners"), orb.Ring{}
				for k := range n {
					r := 0.3 + 0.7*rapid.Float64Range(0, 1).Draw(t, "r")
					a := 2 * math.Pi * float64(k) / float64(n)
					ring = append(ring, orb.Point{x + w*r*math.Cos(a), y + h*r*math.Sin(a)})
				}
				polygons = append(polygons, orb.Polygon{append(ring, ring[0])})
			}
		}
		shapes = append(shapes, Shape{Area{ID: fmt.Sprintf("%02d", i)}, polygons})
	}
	return shapes
}

// TestIndexAgreesWithScan: inside, outside, in holes, in overlaps, on corners, on borders and within a hair of them the index says what
// looking at everything says.
func TestIndexAgreesWithScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var layers []*Layer
		var corners []orb.Point
		for k := range rapid.IntRange(1, 3).Draw(t, "layers") {
			shapes := drawShapes(t, fmt.Sprint("shapes", k))
			l, err := NewLayer(About{Name: fmt.Sprint(k)}, shapes)
			if err != nil {
				t.Skip(err) // a drawn shape that is no polygon is another test's; rapid draws again
			}
			layers = append(layers, l)
			for _, s := range l.shapes {
				for _, rings := range s.Polygons {
					for _, ring := range rings {
						for i := 1; i < len(ring); i++ {
							f := float64(i%5) / 4
							corners = append(corners, ring[i], orb.Point{ring[i-1][0] + f*(ring[i][0]-ring[i-1][0]), ring[i-1][1] + f*(ring[i][1]-ring[i-1][1])})
						}
					}
				}
			}
		}
		x := NewIndex(layers...)
		try := func(p Point) {
			if got, want := fmt.Sprint(fast(x, p)), fmt.Sprint(slow(layers, p)); got != want {
				t.Fatalf("at %v the index finds %s, a scan %s", p, got, want)
			}
		}
		for range 40 {
			try(Point{rapid.Float64Range(99, 104).Draw(t, "lon"), rapid.Float64Range(29, 34).Draw(t, "lat")})
		}
		for _, c := range corners {
			for _, d := range [...]float64{0, border / 2, -border / 2, border * 1.5, -border * 1.5, 1e-6, -1e-6} {
				try(Point{c[0] + d, c[1]})
				try(Point{c[0], c[1] + d})
			}
		}
	})
}

// TestIndexOfManyAgreesWithScan does the same for thousands of cells as a district has them, where cells of the index are divided.
func TestIndexOfManyAgreesWithScan(t *testing.T) {
	layers := bigLayers(t, 2000)
	x := NewIndex(layers...)
	r := rand.New(rand.NewPCG(1, 2))
	corner := func() Point {
		l := layers[r.IntN(len(layers))]
		ring := l.shapes[r.IntN(len(l.shapes))].Polygons[0][0]
		return fromOrb(ring[r.IntN(len(ring))])
	}
	for i := range 4000 {
		p := Point{126.3 + r.Float64(), 41.7 + 0.8*r.Float64()}
		if i%2 == 0 {
			p = corner()
			p.Lon += float64(i%3-1) * border * 0.7
		}
		if got, want := fmt.Sprint(fast(x, p)), fmt.Sprint(slow(layers, p)); got != want {
			t.Fatalf("at %v the index finds %s, a scan %s", p, got, want)
		}
	}
}

func TestIndexOfNothing(t *testing.T) {
	empty, err := NewLayer(About{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []*Index{NewIndex(), NewIndex(empty)} {
		if got := x.At(Point{1, 1}, nil); got != nil {
			t.Error(got)
		}
		if _, _, ok := x.Nearest(Point{1, 1}); ok {
			t.Error("nothing has a nearest area")
		}
	}
	x := NewIndex(fields(t))
	for _, p := range []Point{{math.NaN(), 30}, {100, math.NaN()}, {math.Inf(1), 30}, {-1e300, 1e300}} {
		if got := x.At(p, nil); got != nil {
			t.Errorf("%v lies in %v", p, got)
		}
	}
	if hit, way, ok := x.Nearest(Point{100.5, 31.4}); !ok || hit.Area.ID != "a" || math.Abs(way-0.4*earthRadius*radian) > 1 {
		t.Error(hit, way, ok)
	}
}

// bigLayers are five layers as a district has them: itself, 12 towns, 100 communities, 400 grids and about so many unit grids.
func bigLayers(t testing.TB, units int) []*Layer {
	t.Helper()
	bound := orb.Bound{Min: orb.Point{126.4, 41.8}, Max: orb.Point{127.2, 42.3}}
	side := int(math.Sqrt(float64(units)))
	var layers []*Layer
	for k, n := range [][2]int{{1, 1}, {4, 3}, {10, 10}, {20, 20}, {side, side}} {
		var shapes []Shape
		for i, p := range geotest.Mosaic(bound, n[0], n[1], 4, uint64(k)) {
			shapes = append(shapes, Shape{Area{ID: fmt.Sprintf("%06d", i)}, orb.MultiPolygon{p}})
		}
		l, err := NewLayer(About{Name: fmt.Sprint(k)}, shapes)
		if err != nil {
			t.Fatal(err)
		}
		layers = append(layers, l)
	}
	return layers
}

func BenchmarkIndexAt(b *testing.B) {
	layers := bigLayers(b, 19_500)
	x := NewIndex(layers...)
	r := rand.New(rand.NewPCG(3, 4))
	points := make([]Point, 1<<16)
	for i := range points {
		points[i] = Point{126.4 + 0.8*r.Float64(), 41.8 + 0.5*r.Float64()}
	}
	hits := make([]Hit, 0, 8)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		hits = x.At(points[i&(1<<16-1)], hits[:0])
	}
}

func BenchmarkNewIndex(b *testing.B) {
	layers := bigLayers(b, 19_500)
	for b.Loop() {
		NewIndex(layers...)
	}
}
