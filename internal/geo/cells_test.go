package geo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// totalArea is the surface of polygons without holes.
func totalArea(polygons ...orb.MultiPolygon) float64 {
	sum := 0.0
	for _, mp := range polygons {
		for _, p := range mp {
			sum += math.Abs(ringArea(p[0]))
		}
	}
	return sum
}

// checkCells tests that cells divide outer: the same surface, and each of the points in one cell, the one of the nearest seed.
func checkCells(t interface{ Fatalf(string, ...any) }, outer orb.MultiPolygon, seeds []Point, cells []orb.MultiPolygon, points []Point) {
	if len(cells) != len(seeds) {
		t.Fatalf("%d cells for %d seeds", len(cells), len(seeds))
	}
	whole := totalArea(outer)
	if sum := totalArea(cells...); math.Abs(sum-whole) > 1e-6*whole {
		t.Fatalf("cells have %.12f, outer has %.12f square degrees; outer %v, seeds %v", sum, whole, outer, seeds)
	}
	squeeze := squeezeAt(outer.Bound().Center()[1])
	distance := func(a, b Point) float64 { return math.Hypot((a.Lon-b.Lon)*squeeze, a.Lat-b.Lat) }
	for _, p := range points {
		if !covers(outer, p.orb()) {
			continue
		}
		nearest := slices.MinFunc(seeds, func(a, b Point) int {
			if distance(a, p) < distance(b, p) {
				return -1
			}
			return 1
		})
		near := false // too near a border to be told apart
		var in []int
		for i, c := range cells {
			if covers(c, p.orb()) {
				in = append(in, i)
			}
			near = near || borderDistance(c, p.orb(), 1) < 1e-7
		}
		if !near && (len(in) != 1 || distance(seeds[in[0]], p) > distance(nearest, p)+1e-9) {
			t.Fatalf("%v lies in cells %v, its seed is %v; outer %v, seeds %v", p, in, nearest, outer, seeds)
		}
	}
}

// Corners and seeds on whole degrees make all the special cases: lines through corners, along edges, touching from outside.
func TestCellsDivideBentPolygons(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// A comb: teeth of random length up and down around the line 31; its cells fall apart into pieces.
		n := rapid.IntRange(1, 6).Draw(t, "teeth")
		unit := rapid.SampledFrom([]float64{1, 0.5, 0.013}).Draw(t, "unit")
		var up, down orb.Ring
		for i := range n {
			x := 100 + float64(2*i)*unit
			top := 31 + float64(rapid.IntRange(1, 4).Draw(t, "up"))*unit
			bottom := 31 - float64(rapid.IntRange(1, 4).Draw(t, "down"))*unit
			up = append(up, orb.Point{x, top}, orb.Point{x + unit, top}, orb.Point{x + unit, 31 + unit/2}, orb.Point{x + 2*unit, 31 + unit/2})
			down = append(down, orb.Point{x, bottom}, orb.Point{x + unit, bottom}, orb.Point{x + unit, 31 - unit/2}, orb.Point{x + 2*unit, 31 - unit/2})
		}
		slices.Reverse(down)
		ring := append(up, down...)
		ring = append(ring, ring[0])
		outer := orb.MultiPolygon{{ring}}
		low, high := ring.Bound().Min, ring.Bound().Max
		whole := rapid.Bool().Draw(t, "whole")
		place := rapid.Custom(func(t *rapid.T) Point {
			p := Point{rapid.Float64Range(low[0], high[0]).Draw(t, "lon"), rapid.Float64Range(low[1], high[1]).Draw(t, "lat")}
			if whole {
				p.Lon, p.Lat = 100+math.Round((p.Lon-100)/unit)*unit, 31+math.Round((p.Lat-31)/unit)*unit
			}
			return p
		})
		seeds := rapid.SliceOfN(place, 1, 12).Draw(t, "seeds")
		points := make([]Point, 60)
		r := rand.New(rand.NewPCG(1, 1))
		for i := range points {
			points[i] = Point{low[0] + r.Float64()*(high[0]-low[0]), low[1] + r.Float64()*(high[1]-low[1])}
		}
		checkCells(t, outer, seeds, Cells(outer, seeds), points)
	})
}

func TestCellsDivideStars(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 30).Draw(t, "corners")
		var ring orb.Ring
		for i := range n {
			a := 2 * math.Pi * float64(i) / float64(n)
			r := rapid.Float64Range(0.01, 0.3).Draw(t, "radius")
			ring = append(ring, orb.Point{126.5 + r*math.Cos(a), 42 + r*math.Sin(a)})
		}
		outer := orb.MultiPolygon{{append(ring, ring[0])}}
		draw := rapid.Float64Range(-0.3, 0.3)
		var seeds, points []Point
		for range rapid.IntRange(1, 20).Draw(t, "seeds") {
			seeds = append(seeds, Point{126.5 + draw.Draw(t, "lon"), 42 + draw.Draw(t, "lat")})
		}
		for range 30 {
			points = append(points, Point{126.5 + draw.Draw(t, "lon"), 42 + draw.Draw(t, "lat")})
		}
		checkCells(t, outer, seeds, Cells(outer, seeds), points)
	})
}

func TestCellsSpecialCases(t *testing.T) {
	outer := orb.MultiPolygon{{box(126, 42, 127, 43)}}
	if c := Cells(nil, []Point{{126.5, 42.5}}); len(c) != 1 || len(c[0]) != 0 {
		t.Errorf("cells of nothing: %v", c)
	}
	if c := Cells(outer, nil); len(c) != 0 {
		t.Errorf("cells without seeds: %v", c)
	}
	same := Cells(outer, []Point{{126.5, 42.5}, {126.5, 42.5}})
	if totalArea(same[0]) != 1 || len(same[1]) != 0 {
		t.Errorf("cells of two equal seeds: %v", same)
	}
	if far := Cells(outer, []Point{{126.5, 42.5}, {160, 42.5}}); totalArea(far[0]) != 1 || len(far[1]) != 0 {
		t.Errorf("a seed far outside has %v", far[1])
	}
	clockwise := orb.MultiPolygon{{slices.Clone(outer[0][0])}}
	slices.Reverse(clockwise[0][0])
	for _, c := range Cells(clockwise, []Point{{126.2, 42.5}, {126.8, 42.5}}) {
		if math.Abs(ringArea(c[0][0])-0.5) > 1e-9 {
			t.Errorf("cell %v of an outer ring that runs with the clock", c)
		}
	}
}

// Made-up communities in the real outline, and unit grids in the communities: cells of cells still divide the district.
func TestCellsOfJiangyuan(t *testing.T) {
	district, ok := readShared(t, "geo-jiangyuan/jiangyuan.geojson").Shape("220605")
	if !ok {
		t.Fatal("no district")
	}
	seeds := Spread(district.Polygons, []Point{{126.59, 42.05}}, 90, 1)
	if len(seeds) != 91 || seeds[0] != (Point{126.59, 42.05}) {
		t.Fatalf("%d seeds, the first at %v", len(seeds), seeds[0])
	}
	if again := Spread(district.Polygons, seeds[:1], 90, 1); !slices.Equal(again, seeds) {
		t.Error("Spread is not deterministic")
	}
	bound := district.Polygons.Bound()
	r := rand.New(rand.NewPCG(2, 2))
	points := make([]Point, 3000)
	for i := range points {
		points[i] = Point{bound.Min[0] + r.Float64()*(bound.Max[0]-bound.Min[0]), bound.Min[1] + r.Float64()*(bound.Max[1]-bound.Min[1])}
	}
	communities := Cells(district.Polygons, seeds)
	checkCells(t, district.Polygons, seeds, communities, points)
	var shapes, grids []Shape
	pieces, smallest := 0, math.Inf(1)
	for i, c := range communities {
		id := fmt.Sprintf("%03d", i)
		shapes = append(shapes, Shape{Area{ID: id}, c})
		pieces += len(c)
		smallest = min(smallest, totalArea(c)/totalArea(district.Polygons))
		for k, g := range Cells(c, Spread(c, nil, 4, uint64(i))) {
			grids = append(grids, Shape{Area{ID: id + fmt.Sprintf("%03d", k), Parent: id}, g})
		}
	}
	t.Logf("91 cells in %d pieces, the smallest has %.2f %% of the district", pieces, 100*smallest)
	upper, err := NewLayer(About{Name: "communities"}, shapes)
	if err != nil {
		t.Fatal(err)
	}
	lower, err := NewLayer(About{Name: "grids"}, grids)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		if !covers(district.Polygons, p.orb()) {
			continue
		}
		a, inCommunity := upper.Find(p)
		g, inGrid := lower.Find(p)
		if !inCommunity || !inGrid || g.Parent != a.ID {
			t.Errorf("%v lies in community %q and grid %q", p, a.ID, g.ID)
		}
	}
}
