package geo

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func boxRing(w, s, e, n float64) orb.Ring {
	return orb.Ring{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}
}

func surface(m orb.MultiPolygon) (sum float64) {
	for _, p := range m {
		sum += polygonArea(p)
	}
	return sum
}

func TestSplit(t *testing.T) {
	hole := boxRing(126.52, 42.02, 126.53, 42.03)
	slices.Reverse(hole)
	whole := orb.MultiPolygon{{boxRing(126.5, 42, 126.6, 42.1), hole}, {boxRing(126.7, 42, 126.71, 42.01)}}
	for name, c := range map[string]struct {
		line []orb.Point
		want error
		part float64 // share of the first part of the area that is cut off
	}{
		"straight through":       {[]orb.Point{{126.57, 41.9}, {126.57, 42.2}}, nil, 0.3},
		"from corner to corner":  {[]orb.Point{{126.5, 42.1}, {126.6, 42}}, nil, 0.5 - 0.01},
		"from border to border":  {[]orb.Point{{126.58, 42}, {126.58, 42.05}, {126.6, 42.05}}, nil, 0.1},
		"along the hole":         {[]orb.Point{{126.55, 41.99}, {126.55, 42.11}}, nil, 0.5 - 0.01},
		"through the hole":       {[]orb.Point{{126.525, 41.9}, {126.525, 42.2}}, ErrSplitHole, 0},
		"touching the hole":      {[]orb.Point{{126.53, 41.9}, {126.53, 42.2}}, ErrSplitHole, 0},
		"ends inside":            {[]orb.Point{{126.57, 41.9}, {126.57, 42.05}}, ErrSplitEnds, 0},
		"beside the area":        {[]orb.Point{{126.4, 41.9}, {126.4, 42.2}}, ErrSplitCross, 0},
		"in and out twice":       {[]orb.Point{{126.57, 41.9}, {126.57, 42.2}, {126.59, 42.2}, {126.59, 41.9}}, ErrSplitCross, 0},
		"through two parts":      {[]orb.Point{{126.4, 42.005}, {126.8, 42.005}}, ErrSplitCross, 0},
		"one point":              {[]orb.Point{{126.57, 42.05}, {126.57, 42.05}}, ErrSplitLine, 0},
		"over itself":            {[]orb.Point{{126.55, 41.9}, {126.55, 42.08}, {126.59, 42.08}, {126.54, 42.05}, {126.57, 42.2}}, ErrSplitLine, 0},
		"only along the outside": {[]orb.Point{{126.5, 42.1}, {126.55, 42.2}, {126.6, 42.1}}, ErrSplitCross, 0},
	} {
		rest, part, err := Split(whole, c.line)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err != nil {
			continue
		}
		if got := surface(part) / 0.01; math.Abs(got-c.part) > 1e-6 && math.Abs(got-(0.99-c.part)) > 1e-6 {
			t.Errorf("%s: the part is %f of it, want %f", name, got, c.part)
		}
		if sum := surface(rest) + surface(part); math.Abs(sum-surface(whole)) > 1e-15 || surface(part) > surface(rest) {
			t.Errorf("%s: together %g of %g", name, sum, surface(whole))
		}
		if len(rest) != 2 || !slices.Equal(rest[1][0], whole[1][0]) {
			t.Errorf("%s: the other part is lost", name)
		}
	}
}

// TestSplitIsTheWhole: of a star of any shape cut by any line that crosses it once, every
// point is in exactly one of the two parts when it is in the whole, and in none when not;
// both parts are sound, and their corners along the cut are the same.
func TestSplitIsTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 14).Draw(t, "corners")
		var ring orb.Ring
		for i := range n {
			r := rapid.Float64Range(0.01, 0.05).Draw(t, "r")
			a := 2 * math.Pi * (float64(i) + rapid.Float64Range(0, 0.8).Draw(t, "a")) / float64(n)
			ring = append(ring, orb.Point{tidied(126.6 + r*math.Cos(a)), tidied(42 + r*math.Sin(a))})
		}
		ring = append(ring, ring[0])
		if ringArea(ring) < 0 {
			t.Skip("not a star")
		}
		point := func(name string) orb.Point {
			// Hands draw to a metre; a line that runs back beside itself at a hair's breadth is for Check to refuse.
			return orb.Point{tidied(126.6 + 1e-5*float64(rapid.IntRange(-6000, 6000).Draw(t, name+"x"))), tidied(42 + 1e-5*float64(rapid.IntRange(-6000, 6000).Draw(t, name+"y")))}
		}
		var line []orb.Point
		for range rapid.IntRange(2, 4).Draw(t, "points") {
			line = append(line, point("l"))
		}
		if rapid.Bool().Draw(t, "from a corner") {
			line[0] = ring[rapid.IntRange(0, n-1).Draw(t, "which")]
		}
		whole := orb.MultiPolygon{{ring}}
		rest, part, err := Split(whole, line)
		if err != nil {
			return // said why
		}
		if math.Abs(surface(rest)+surface(part)-surface(whole)) > 1e-12*surface(whole)+1e-15 {
			t.Fatalf("together %g of %g", surface(rest)+surface(part), surface(whole))
		}
		for range 40 {
			p := point("p")
			w, a, b := ringSide(ring, p), ringSide(rest[0][0], p), ringSide(part[0][0], p)
			if w == onBorder || a == onBorder || b == onBorder {
				continue
			}
			if (w == inside) != (a == inside || b == inside) || a == inside && b == inside {
				t.Fatalf("%v: whole %v, rest %v, part %v", p, w, a, b)
			}
		}
		for _, m := range []orb.MultiPolygon{rest, part} {
			src := &Source{Features: []Feature{{Index: 1, Shape: Shape{Area: Area{ID: "1", Name: "x"}, Polygons: m}}}}
			if shapes, found := src.Check(Rules{}); shapes == nil {
				t.Fatalf("a part is not sound: %+v of %v by %v", found, ring, line)
			}
		}
	})
}
