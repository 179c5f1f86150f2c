package ui

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		top  float64
		want []float64
	}{
		{0, []float64{0, 1}}, {1, []float64{0, 0.2, 0.4, 0.6, 0.8, 1}}, {5, []float64{0, 1, 2, 3, 4, 5}}, {52, []float64{0, 20, 40, 60}}, {80, []float64{0, 20, 40, 60, 80}}, {986, []float64{0, 200, 400, 600, 800, 1000}}, {-3, []float64{0, 1}},
	} {
		got := ticks(c.top)
		if len(got) != len(c.want) {
			t.Errorf("ticks(%v) = %v", c.top, got)
			continue
		}
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 1e-9 {
				t.Errorf("ticks(%v) = %v, want %v", c.top, got, c.want)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		top := rapid.Float64Range(0, 1e9).Draw(t, "top")
		got := ticks(top)
		if got[0] != 0 || got[len(got)-1] < top-1e-6*top || len(got) < 2 || len(got) > 8 || !slices.IsSorted(got) {
			t.Errorf("ticks(%v) = %v", top, got)
		}
	})
}

func TestMarks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 400).Draw(t, "n")
		most := rapid.IntRange(2, 12).Draw(t, "most")
		got := marks(n, most)
		if got[len(got)-1] != n-1 || len(got) > most+1 || !slices.IsSorted(got) {
			t.Errorf("marks(%d, %d) = %v", n, most, got)
		}
		if n > 1 && got[0] != 0 {
			t.Errorf("marks(%d, %d) does not name the first: %v", n, most, got)
		}
	})
	if marks(0, 5) != nil {
		t.Error("marks of nothing")
	}
}

var numbers = regexp.MustCompile(`-?\d+(\.\d+)?`)

// TestCurveStaysInside: no point of a chart lies outside its plot, and nothing in
// the path is not a number.
func TestCurveStaysInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 1e6), 1, 40).Draw(t, "values")
		c := LineChart{Steps: make([]string, 40), Series: []Series{{Values: values}}}
		g := c.geo()
		d := g.curve(values, 40)
		if regexp.MustCompile(`NaN|Inf`).MatchString(d) {
			t.Fatalf("path %s", d)
		}
		for i, s := range numbers.FindAllString(d, -1) {
			x, err := strconv.ParseFloat(s, 64)
			if err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 && (x < g.L-0.1 || x > g.R+0.1) || i%2 == 1 && (x < g.T-0.1 || x > g.B+0.1) {
				t.Errorf("number %d of %s is outside", i, d)
			}
		}
	})
}

func TestShade(t *testing.T) {
	m := AreaMap{Areas: []Area{{Value: 0}, {Value: 100}}, Steps: []float64{60, 100, 140, 200}}
	for v, want := range map[float64]int{0: 1, 60: 1, 61: 2, 140: 3, 201: 5, 1e9: 5} {
		if got := m.shade(v); got != want {
			t.Errorf("shade(%v) = %d, want %d", v, got, want)
		}
	}
	m.Steps = nil
	for v, want := range map[float64]int{0: 1, 50: 3, 100: 5} {
		if got := m.shade(v); got != want {
			t.Errorf("even steps: shade(%v) = %d, want %d", v, got, want)
		}
	}
	same := AreaMap{Areas: []Area{{Value: 7}, {Value: 7}}}
	if got := same.shade(7); got != 1 {
		t.Errorf("all the same: shade %d", got)
	}
}

func TestProject(t *testing.T) {
	// one degree of longitude at 60 degrees north is half as long as one of latitude
	square := [][][2]float64{{{10, 59.5}, {11, 59.5}, {11, 60.5}, {10, 60.5}, {10, 59.5}}}
	paths, place, h := Project([][][][2]float64{square}, 120, 10)
	if math.Abs(h-220) > 1 {
		t.Errorf("height %v, want 220", h)
	}
	if x, y := place(10, 60.5); x != 10 || y != 10 {
		t.Errorf("north-west corner at %v, %v", x, y)
	}
	if want := "M10 210L110 210L110 10L10 10L10 210Z"; paths[0] != want {
		t.Errorf("path %q, want %q", paths[0], want)
	}
	if paths, _, h := Project(nil, 100, 5); len(paths) != 0 || h != 0 {
		t.Errorf("nothing is drawn as %v, height %v", paths, h)
	}
}

func TestSpark(t *testing.T) {
	if d, x, y := sparkPath([]float64{3, 3, 3}); d == "" || x != 68 || math.IsNaN(y) {
		t.Errorf("flat line: %q %v %v", d, x, y)
	}
}

func TestBarShare(t *testing.T) {
	list := []BarRow{{Value: 128}, {Value: 64}, {Value: 0.1}, {Value: 0}}
	for i, want := range []int{100, 50, 1, 0} {
		if got := share(list, list[i].Value); got != want {
			t.Errorf("share %d = %d, want %d", i, got, want)
		}
	}
	if got := share(nil, 5); got != 0 {
		t.Errorf("share of nothing %d", got)
	}
}

// TestNamedAreas: a name is left out where it would lie over another label, that
// of the smaller value first; numbers and short names stay.
func TestNamedAreas(t *testing.T) {
	at := func(name, short string, x, v float64) Area {
		return Area{Name: name, Short: short, X: x, Y: 100, Value: v, Text: "5"}
	}
	for _, c := range []struct {
		name  string
		areas []Area
		want  []bool
	}{
		{"far apart", []Area{at("Wangou Town", "", 100, 1), at("Songshu Town", "", 400, 2)}, []bool{true, true}},
		{"long names side by side", []Area{at("Sunjiapuzi Street", "", 100, 1), at("Chengqiang Street", "", 220, 2)}, []bool{false, true}},
		{"shortened", []Area{at("Sunjiapuzi Street", "Sunjiapuzi", 100, 1), at("Chengqiang Street", "Chengqiang", 230, 2)}, []bool{true, true}},
		{"Chinese", []Area{at("孙家堡子街道", "", 100, 1), at("城墙街道", "", 205, 2)}, []bool{true, true}},
		{"one place", []Area{at("甲", "", 100, 3), at("乙", "", 100, 3), at("丙", "", 100, 4)}, []bool{false, false, true}},
	} {
		if got := (AreaMap{Areas: c.areas, Em: 20}).named(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
