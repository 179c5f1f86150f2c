package geo

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

func TestFit(t *testing.T) {
	l := fields(t) // from 100,30 to 113,33
	v := View{Width: 800, Height: 600, Margin: 20}
	p := l.Fit(v)
	x0, y0 := p.XY(Point{100, 33})
	x1, y1 := p.XY(Point{113, 30})
	if math.Abs(x0-20) > 1e-9 || math.Abs(x1-780) > 1e-9 {
		t.Errorf("from %.3f to %.3f, want 20 to 780", x0, x1)
	}
	if math.Abs(y0+y1-600) > 1e-9 || y0 >= y1 {
		t.Errorf("from %.3f to %.3f, want the middle of 600", y0, y1)
	}
	// True to shape: a degree of longitude is shorter by the cosine of the latitude.
	if got, want := (x1-x0)/13, (y1-y0)/3*squeezeAt(31.5); math.Abs(got-want) > 1e-9 {
		t.Errorf("a degree of longitude has %.3f units, want %.3f", got, want)
	}
}

func TestSimplifiedFields(t *testing.T) {
	paths := fields(t).Simplified(View{Width: 1000, Height: 300, Margin: 10}, 0.5)
	if len(paths) != 4 || paths[0].ID != "a" || paths[3].Name != "two" {
		t.Fatalf("paths %+v", paths)
	}
	for i, subpaths := range []int{1, 1, 2, 2} {
		p := paths[i]
		if strings.Count(p.D, "M") != subpaths || strings.Count(p.D, "Z") != subpaths || strings.Count(p.D, "L") != 3*subpaths {
			t.Errorf("%s is drawn as %s", p.ID, p.D)
		}
		if x, y := p.X, p.Y; x < 10 || x > 990 || y < 10 || y > 290 {
			t.Errorf("the name of %s stands at %.1f, %.1f", p.ID, x, y)
		}
	}
}

// parsePath reads what appendRing writes.
func parsePath(t *testing.T, d string) orb.MultiPolygon {
	var out orb.MultiPolygon
	for _, sub := range strings.Split(strings.TrimSuffix(d, "Z"), "Z") {
		var ring orb.Ring
		for _, corner := range strings.Split(strings.TrimPrefix(sub, "M"), "L") {
			x, y, _ := strings.Cut(corner, " ")
			a, errX := strconv.ParseFloat(x, 64)
			b, errY := strconv.ParseFloat(y, 64)
			if errX != nil || errY != nil {
				t.Fatalf("corner %q in %.60s", corner, d)
			}
			ring = append(ring, orb.Point{a, b})
		}
		out = append(out, orb.Polygon{append(ring, ring[0])})
	}
	return out
}

// Simplified neighbours must neither gape nor overlap: each point of the drawing lies in one area or, near the outline, in none.
func TestSimplifiedKeepsBordersShared(t *testing.T) {
	district, ok := readShared(t, "geo-jiangyuan/jiangyuan.geojson").Shape("220605")
	if !ok {
		t.Fatal("no district")
	}
	var shapes []Shape
	for i, c := range Cells(district.Polygons, Spread(district.Polygons, nil, 10, 3)) {
		shapes = append(shapes, Shape{Area{ID: strconv.Itoa(i)}, c})
	}
	towns, err := NewLayer(About{}, shapes)
	if err != nil {
		t.Fatal(err)
	}
	v, r := View{Width: 600, Height: 600, Margin: 10}, rand.New(rand.NewPCG(1, 1))
	project := towns.Fit(v)
	size := make(map[float64]int)
	for _, tolerance := range []float64{0, 1, 5} {
		var drawn []orb.MultiPolygon
		for _, p := range towns.Simplified(v, tolerance) {
			drawn = append(drawn, parsePath(t, p.D))
			size[tolerance] += len(p.D)
			if !covers(drawn[len(drawn)-1], orb.Point{p.X, p.Y}) {
				t.Errorf("tolerance %v: the name of %s stands outside", tolerance, p.ID)
			}
		}
		for range 4000 {
			p := orb.Point{10 + r.Float64()*580, 10 + r.Float64()*580}
			in, near := 0, math.Inf(1)
			for _, mp := range drawn {
				if covers(mp, p) {
					in++
				}
				near = min(near, borderDistance(mp, p, 1))
			}
			place := Point{project.west + (p[0]-project.left)/project.scaleX, project.north - (p[1]-project.top)/project.scaleY}
			outline := borderDistance(district.Polygons, place.orb(), squeezeAt(place.Lat)) * project.scaleY
			want := 0
			if covers(district.Polygons, place.orb()) {
				want = 1
			}
			switch {
			case near < 0.2: // corners are rounded to a tenth
			case in > 1, outline > tolerance+1 && in != want:
				t.Fatalf("tolerance %v: %d areas at %v, want %d", tolerance, in, p, want)
			}
		}
	}
	t.Logf("bytes of ten paths by tolerance: %v", size)
	if size[1]*2 > size[0] || size[5] >= size[1] {
		t.Errorf("simplification saves too little: %v", size)
	}
}

// An island in a hole must stay in its hole, and an area below the tolerance must stay visible.
func TestSimplifiedIslands(t *testing.T) {
	circle := func(x, y, radius float64) orb.Ring {
		var ring orb.Ring
		for i := range 90 {
			a := 2 * math.Pi * float64(i) / 90
			ring = append(ring, orb.Point{x + radius*math.Cos(a), y + radius*math.Sin(a)})
		}
		return append(ring, ring[0])
	}
	hole := circle(100, 30, 0.5)
	turned := append(append(orb.Ring{}, hole[40:90]...), hole[:41]...) // the same corners from another start
	l, err := NewLayer(About{}, []Shape{
		{Area{ID: "around"}, orb.MultiPolygon{{circle(100, 30, 1), hole}}},
		{Area{ID: "island"}, orb.MultiPolygon{{turned}}},
		{Area{ID: "speck"}, orb.MultiPolygon{{circle(101.5, 30, 0.02)}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	paths := l.Simplified(View{Width: 400, Height: 400}, 4)
	_, drawnHole, _ := strings.Cut(paths[0].D, "Z")
	corners := func(d string) int { return strings.Count(d, "L") + 1 }
	if hole, island := parsePath(t, drawnHole), parsePath(t, paths[1].D); totalArea(hole) != totalArea(island) || corners(paths[1].D) > 40 {
		t.Errorf("hole %s\nisland %s", drawnHole, paths[1].D)
	}
	if corners(paths[2].D) < 3 {
		t.Errorf("the speck is drawn as %q", paths[2].D)
	}
}
