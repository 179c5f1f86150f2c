package geo

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// box is a closed rectangle.
func box(west, south, east, north float64) orb.Ring {
	return orb.Ring{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}
}

// fields are four boxes around 100, 30: two neighbours, one with a hole, one of two parts.
func fields(t testing.TB) *Layer {
	t.Helper()
	l, err := NewLayer(About{Name: "fields", Source: "test", Version: "1"}, []Shape{
		{Area{ID: "b", Name: "east", Parent: "top"}, orb.MultiPolygon{{box(101, 30, 102, 31)}}},
		{Area{ID: "a", Name: "west"}, orb.MultiPolygon{{box(100, 30, 101, 31)}}},
		{Area{ID: "c", Name: "ring", MadeUp: true}, orb.MultiPolygon{{box(100, 32, 101, 33), box(100.4, 32.4, 100.6, 32.6)}}},
		{Area{ID: "d", Name: "two"}, orb.MultiPolygon{{box(110, 30, 111, 31)}, {box(112, 30, 113, 31)}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestFind(t *testing.T) {
	l := fields(t)
	for _, c := range []struct {
		p    Point
		want string
	}{
		{Point{100.5, 30.5}, "a"}, {Point{101.5, 30.5}, "b"}, {Point{112.5, 30.5}, "d"},
		{Point{101, 30.5}, "a"}, // the border of a and b: the smallest id
		{Point{101, 30}, "a"}, {Point{101, 31}, "a"}, {Point{102, 31}, "b"}, {Point{100, 30}, "a"}, {Point{100.5, 30}, "a"}, {Point{101.5, 31}, "b"},
		{Point{101 + 1e-10, 30.5}, "a"}, {Point{101 + 1e-8, 30.5}, "b"}, // a tenth of a millimetre is still the border
		{Point{100.2, 32.2}, "c"}, {Point{100.5, 32.5}, ""}, {Point{100.4, 32.5}, "c"}, {Point{100.6, 32.6}, "c"}, // hole and its border
		{Point{111.5, 30.5}, ""}, {Point{99.9, 30.5}, ""}, {Point{}, ""}, {Point{math.NaN(), 30}, ""},
	} {
		a, ok := l.Find(c.p)
		if a.ID != c.want || ok != (c.want != "") {
			t.Errorf("Find(%v) = %q, %v, want %q", c.p, a.ID, ok, c.want)
		}
	}
	if a, _ := l.Find(Point{101.5, 30.5}); a != (Area{ID: "b", Name: "east", Parent: "top"}) {
		t.Errorf("area %+v", a)
	}
}

func TestNearest(t *testing.T) {
	l := fields(t)
	degree := earthRadius * radian
	for _, c := range []struct {
		p    Point
		want string
		way  float64
	}{
		{Point{100.5, 30.5}, "a", 0},
		{Point{101, 29}, "a", degree}, // a and b are equally far
		{Point{100.5, 31.4}, "a", 0.4 * degree},
		{Point{100.5, 31.6}, "c", 0.4 * degree},
		{Point{100.5, 32.5}, "c", 0.1 * degree * squeezeAt(32.5)}, // in the hole
		{Point{111.4, 30.5}, "d", 0.4 * degree * squeezeAt(30.5)},
	} {
		a, way, ok := l.Nearest(c.p)
		if a.ID != c.want || !ok || math.Abs(way-c.way) > 1 {
			t.Errorf("Nearest(%v) = %q, %.0f, want %q, %.0f", c.p, a.ID, way, c.want, c.way)
		}
	}
	empty, err := NewLayer(About{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := empty.Nearest(Point{1, 1}); ok {
		t.Error("an empty layer has a nearest area")
	}
	if _, ok := empty.Find(Point{1, 1}); ok || len(empty.Areas()) > 0 || len(empty.Simplified(View{100, 100, 5}, 1)) > 0 {
		t.Error("an empty layer has areas")
	}
}

// Nearest must agree with looking at every area.
func TestNearestAgreesWithScan(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	var shapes []Shape
	for i := range 200 {
		x, y := 126+r.Float64(), 42+r.Float64()
		shapes = append(shapes, Shape{Area{ID: fmt.Sprintf("%03d", i)}, orb.MultiPolygon{{box(x, y, x+0.01, y+0.01)}}})
	}
	l, err := NewLayer(About{}, shapes)
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		p := Point{125.8 + 1.4*r.Float64(), 41.8 + 1.4*r.Float64()}
		best, way := "", math.Inf(1)
		for _, s := range shapes {
			d := borderDistance(s.Polygons, p.orb(), squeezeAt(p.Lat)) * radian * earthRadius
			if covers(s.Polygons, p.orb()) {
				d = 0
			}
			if d < way {
				best, way = s.ID, d
			}
		}
		if a, d, _ := l.Nearest(p); a.ID != best || math.Abs(d-way) > 1e-6 {
			t.Fatalf("Nearest(%v) = %s, %.3f, want %s, %.3f", p, a.ID, d, best, way)
		}
	}
}

func TestLayerBasics(t *testing.T) {
	l := fields(t)
	var ids []string
	for _, a := range l.Areas() {
		ids = append(ids, a.ID)
	}
	if !slices.Equal(ids, []string{"a", "b", "c", "d"}) || l.Name != "fields" || l.Source != "test" || l.Version != "1" {
		t.Errorf("layer %+v with %v", l.About, ids)
	}
	if sw, ne := l.Bounds(); sw != (Point{100, 30}) || ne != (Point{113, 33}) {
		t.Errorf("bounds %v %v", sw, ne)
	}
	if c, ok := l.Centroid("c"); !ok || Distance(c, Point{100.5, 32.5}) > 1 {
		t.Errorf("centroid of the ring is %v", c)
	}
	for _, a := range l.Areas() {
		p, ok := l.LabelPoint(a.ID)
		if in, _ := l.Find(p); !ok || in.ID != a.ID {
			t.Errorf("the label of %s is at %v, in %q", a.ID, p, in.ID)
		}
	}
	for _, ok := range []bool{second(l.Centroid("x")), second(l.LabelPoint("x")), second(l.Shape("x"))} {
		if ok {
			t.Error("an unknown area is known")
		}
	}
}

// The name must stand inside even where the centre of gravity does not, and thin areas must not take long.
func TestLabelPointOfOddShapes(t *testing.T) {
	horseshoe := orb.Ring{{100, 30}, {103, 30}, {103, 33}, {102, 33}, {102, 31}, {101, 31}, {101, 33}, {100, 33}, {100, 30}}
	sliver := orb.Ring{{100, 30}, {104, 30.000001}, {104, 30.000002}, {100, 30}}
	steep := orb.Ring{{100, 30}, {100.00001, 35}, {100.00002, 35}, {100, 30}}
	frame := orb.Polygon{box(100, 30, 102, 32), box(100.1, 30.1, 101.9, 31.9)}
	for name, c := range map[string]struct {
		polygon orb.Polygon
		depth   float64 // degrees that the point must stand off the border
	}{
		"horseshoe": {orb.Polygon{horseshoe}, 0.48}, "sliver": {orb.Polygon{sliver}, 0}, "steep": {orb.Polygon{steep}, 0}, "frame": {frame, 0.05},
	} {
		mp := orb.MultiPolygon{c.polygon, {box(110, 30, 110.0000001, 30.0000001)}}
		p := innerPoint(mp).orb()
		if d := borderDistance(mp, p, squeezeAt(31)); !covers(mp[:1], p) || d < c.depth {
			t.Errorf("%s: %v stands off by %g, want %g", name, p, d, c.depth)
		}
	}
}

func second[T any](_ T, ok bool) bool { return ok }

func TestNewLayerRefuses(t *testing.T) {
	good := orb.MultiPolygon{{box(100, 30, 101, 31)}}
	for name, shapes := range map[string][]Shape{
		"no id":        {{Area{Name: "x"}, good}},
		"same id":      {{Area{ID: "a"}, good}, {Area{ID: "a"}, good}},
		"no polygon":   {{Area{ID: "a"}, nil}},
		"no ring":      {{Area{ID: "a"}, orb.MultiPolygon{{}}}},
		"empty ring":   {{Area{ID: "a"}, orb.MultiPolygon{{{}}}}},
		"line":         {{Area{ID: "a"}, orb.MultiPolygon{{{{100, 30}, {101, 31}, {100, 30}}}}}},
		"flat":         {{Area{ID: "a"}, orb.MultiPolygon{{{{100, 30}, {101, 30}, {102, 30}, {100, 30}}}}}},
		"not a place":  {{Area{ID: "a"}, orb.MultiPolygon{{box(30, 100, 31, 101)}}}},
		"not a number": {{Area{ID: "a"}, orb.MultiPolygon{{{{math.NaN(), 30}, {101, 30}, {101, 31}, {100, 31}}}}}},
	} {
		if _, err := NewLayer(About{Name: "test"}, shapes); !errors.Is(err, ErrLayer) {
			t.Errorf("%s: %v", name, err)
		}
	}
	open := orb.MultiPolygon{{box(100, 30, 101, 31)[:4]}}
	l, err := NewLayer(About{}, []Shape{{Area{ID: "a"}, open}})
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := l.Shape("a"); len(s.Polygons[0][0]) != 5 || len(open[0][0]) != 4 {
		t.Error("an open ring must get closed, in a copy")
	}
}

func TestReadGeoJSON(t *testing.T) {
	const doc = `{"type":"FeatureCollection","name":"towns","source":"survey","version":"2022","features":[
		{"type":"Feature","id":7,"properties":{"name":"七","parent":220605,"made_up":true},
		 "geometry":{"type":"Polygon","coordinates":[[[100,30,5],[101,30,5],[101,31,5],[100,31,5],[100,30,5]],[[100.4,30.4],[100.6,30.4],[100.6,30.6],[100.4,30.4]]]}},
		{"type":"Feature","properties":{"code":"220605001","name":"街道","crs":"GCJ-02","other":[1]},
		 "geometry":{"type":"MultiPolygon","coordinates":[[[[110,30],[111,30],[111,31],[110,31]]],[[[112,30],[113,30],[113,31],[112,30]]]]}}]}`
	l, err := ReadGeoJSON(strings.NewReader(doc), About{Version: "2023"})
	if err != nil {
		t.Fatal(err)
	}
	if l.About != (About{Name: "towns", Source: "survey", Version: "2023"}) {
		t.Errorf("about %+v", l.About)
	}
	if want := []Area{{"220605001", "街道", "", false}, {"7", "七", "220605", true}}; !slices.Equal(l.Areas(), want) {
		t.Errorf("areas %+v, want %+v", l.Areas(), want)
	}
	s, _ := l.Shape("220605001")
	if want := ToCGCS2000(Point{110, 30}, GCJ02); fromOrb(s.Polygons[0][0][0]) != want || len(s.Polygons) != 2 {
		t.Errorf("GCJ-02 was not converted: %v", s.Polygons[0][0][0])
	}
	if s, _ := l.Shape("7"); len(s.Polygons[0]) != 2 || s.Polygons[0][0][0] != (orb.Point{100, 30}) {
		t.Errorf("polygon with a hole: %v", s.Polygons)
	}
}

func TestReadGeoJSONRefuses(t *testing.T) {
	feature := func(members string) string {
		return `{"type":"FeatureCollection","features":[{"type":"Feature",` + members + `}]}`
	}
	for _, doc := range []string{
		``, `[]`, `{}`, `{"type":"Feature"}`, `{"type":"FeatureCollection","crs":7}`,
		feature(`"id":"a"`), feature(`"id":"a","geometry":null`),
		feature(`"id":"a","geometry":{"type":"Point","coordinates":[1,2]}`),
		feature(`"id":"a","geometry":{"type":"Polygon","coordinates":"x"}`),
		feature(`"id":"a","geometry":{"type":"Polygon","coordinates":[[[1],[2],[3]]]}`),
		feature(`"id":"a","geometry":{"type":"Polygon"}`),
		feature(`"id":1.5,"geometry":{"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2]]]}`),
		feature(`"geometry":{"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2]]]}`),
		feature(`"id":"a","properties":{"crs":"EPSG:3857"},"geometry":{"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2]]]}`),
		feature(`"id":"a","geometry":{"type":"Polygon","coordinates":[[[1,1],[2000,1],[2,2]]]}`),
	} {
		if _, err := ReadGeoJSON(strings.NewReader(doc), About{Name: "test"}); !errors.Is(err, ErrLayer) {
			t.Errorf("%s: %v", doc, err)
		}
	}
}

func FuzzReadGeoJSON(f *testing.F) {
	f.Add(`{"type":"FeatureCollection","features":[{"id":"a","properties":{"crs":{"properties":{"name":"GCJ02"}}},"geometry":{"type":"Polygon","coordinates":[[[100,30],[101,30],[101,31],[100,30]]]}}]}`)
	f.Add(`{"type":"FeatureCollection","features":[]}`)
	f.Fuzz(func(t *testing.T, doc string) {
		l, err := ReadGeoJSON(strings.NewReader(doc), About{})
		if err != nil {
			return
		}
		for _, a := range l.Areas() {
			if p, ok := l.LabelPoint(a.ID); !ok || math.IsNaN(p.Lon) {
				t.Fatalf("label of %q is %v", a.ID, p)
			}
		}
		l.Simplified(View{100, 100, 5}, 1)
	})
}

// A grid of random polygons that share their corners: each point has exactly one answer, the same as testing every area.
func TestFindOnSharedBorders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 4
		var corner [n + 1][n + 1]orb.Point
		shift := rapid.Float64Range(-0.3, 0.3)
		for i := range corner {
			for j := range corner[i] {
				corner[i][j] = orb.Point{100 + float64(i) + shift.Draw(t, "dx"), 30 + float64(j) + shift.Draw(t, "dy")}
			}
		}
		var shapes []Shape
		for i := range n {
			for j := range n {
				ring := orb.Ring{corner[i][j], corner[i+1][j], corner[i+1][j+1], corner[i][j+1]}
				shapes = append(shapes, Shape{Area{ID: fmt.Sprintf("%d%d", i, j)}, orb.MultiPolygon{{ring}}})
			}
		}
		l, err := NewLayer(About{}, shapes)
		if err != nil {
			t.Fatal(err)
		}
		in := rapid.Float64Range(1, n-1)
		p := Point{100 + in.Draw(t, "x"), 30 + in.Draw(t, "y")}
		edge := rapid.IntRange(1, n-1)
		i, j, share := edge.Draw(t, "i"), edge.Draw(t, "j"), rapid.Float64Range(0, 1).Draw(t, "share")
		a, b := corner[i][j], corner[i+1][j]
		for _, q := range []Point{p, fromOrb(a), {a[0] + share*(b[0]-a[0]), a[1] + share*(b[1]-a[1])}} {
			want := ""
			for _, s := range l.shapes {
				if covers(s.Polygons, q.orb()) {
					want = s.ID
					break
				}
			}
			if got, _ := l.Find(q); got.ID != want || want == "" {
				t.Fatalf("Find(%v) = %q, want %q", q, got.ID, want)
			}
		}
		if got, _ := l.Find(fromOrb(a)); got.ID != fmt.Sprintf("%d%d", i-1, j-1) {
			t.Fatalf("corner %d,%d belongs to %q", i, j, got.ID)
		}
	})
}

// openShared opens a file of the research data beside the checkout. It is not part of the project; without it the test is skipped.
func openShared(t testing.TB, name string) *os.File {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	f, err := os.Open(filepath.Join(dir, "..", "shared", "data", filepath.FromSlash(name)))
	if os.IsNotExist(err) {
		t.Skipf("%s is not beside the checkout", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func readShared(t testing.TB, name string) *Layer {
	l, err := ReadGeoJSON(openShared(t, name), About{Name: name, Source: "Vonng/adcode, CC BY 4.0"})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// On the real outline of Jiangyuan and the made-up towns in it: every place of the district has one town.
func TestJiangyuanTowns(t *testing.T) {
	district, towns := readShared(t, "geo-jiangyuan/jiangyuan.geojson"), readShared(t, "geo-jiangyuan/jiangyuan-towns-synthetic.geojson")
	if n := len(towns.Areas()); n != 10 {
		t.Fatalf("%d towns", n)
	}
	for _, a := range towns.Areas() {
		if !a.MadeUp || a.Name == "" {
			t.Errorf("town %+v", a)
		}
		p, _ := towns.LabelPoint(a.ID)
		if in, _ := towns.Find(p); in != a {
			t.Errorf("the label of %s is in %s", a.Name, in.Name)
		}
	}
	sw, ne := district.Bounds()
	r := rand.New(rand.NewPCG(1, 1))
	inside, without := 0, 0
	for range 20000 {
		p := Point{sw.Lon + r.Float64()*(ne.Lon-sw.Lon), sw.Lat + r.Float64()*(ne.Lat-sw.Lat)}
		_, inDistrict := district.Find(p)
		_, inTown := towns.Find(p)
		if !inDistrict {
			continue
		}
		inside++
		if !inTown {
			without++
			if _, way, _ := towns.Nearest(p); way > 5 {
				t.Errorf("%v is %.1f m from the nearest town", p, way)
			}
		}
	}
	t.Logf("%d points in the district, %d on the seams between rounded towns", inside, without)
	if inside < 5000 || without > inside/1000 {
		t.Errorf("%d of %d points have no town", without, inside)
	}
	if a, ok := district.Find(ToCGCS2000(Point{126.591178, 42.056747}, GCJ02)); !ok || a.Name != "江源区" {
		t.Errorf("the district's seat is in %+v", a)
	}
}

func BenchmarkFindTown(b *testing.B) {
	l := readShared(b, "geo-jiangyuan/jiangyuan-towns-synthetic.geojson")
	benchmarkFind(b, l)
}

func BenchmarkFindGrid(b *testing.B) {
	outer := orb.MultiPolygon{{box(126.4, 41.9, 127, 42.3)}}
	var shapes []Shape
	for i, c := range Cells(outer, Spread(outer, nil, 500, 1)) {
		shapes = append(shapes, Shape{Area{ID: fmt.Sprintf("%04d", i)}, c})
	}
	l, err := NewLayer(About{}, shapes)
	if err != nil {
		b.Fatal(err)
	}
	benchmarkFind(b, l)
}

func benchmarkFind(b *testing.B, l *Layer) {
	sw, ne := l.Bounds()
	r := rand.New(rand.NewPCG(1, 1))
	points := make([]Point, 1024)
	for i := range points {
		points[i] = Point{sw.Lon + r.Float64()*(ne.Lon-sw.Lon), sw.Lat + r.Float64()*(ne.Lat-sw.Lat)}
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.Find(points[i%len(points)])
		i++
	}
}
