package sanitation_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/geo"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/sanitation"
)

var noon = time.Date(2022, 11, 23, 4, 0, 0, 0, time.UTC)

// street is a straight road of 300 m to the east, 12 m wide.
func street() pack.RoadSegment {
	a := geo.Point{Lon: 126.58, Lat: 42.04}
	return pack.RoadSegment{ID: "s1", Contract: "clean-1", Grade: 1, Mechanised: true, Length: 300_000, Width: 12_000, Line: []geo.Point{a, sanitation.Offset(a, 150, 0), sanitation.Offset(a, 300, 0)}}
}

func at(t *testing.T, p geo.Point, kmh, heading float64, brush bool, second int) sanitation.Position {
	t.Helper()
	q, err := sanitation.NewPosition("d", noon.Add(time.Duration(second)*time.Second), p, geo.CGCS2000, kmh, heading, brush)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestWholeStreet sweeps every lane: all of the area, once and a little more.
func TestWholeStreet(t *testing.T) {
	x := street()
	for _, every := range []int{1, 5} {
		share, passes := sanitation.Share(x, 6000, 3200, every, drive("d", &x, 3200, noon, every, 8))
		if share < 9900 || passes < 98 || passes > 150 {
			t.Errorf("every %d s: %d of 10000 swept, %d hundredths of passes", every, share, passes)
		}
	}
	// one lane of 3.2 m of 12 m: a little more than a quarter
	one := drive("d", &x, 3200, noon, 1, 8)
	share, _ := sanitation.Share(x, 6000, 3200, 1, one[:len(one)/5])
	if share < 2300 || share > 3000 {
		t.Errorf("one lane sweeps %d of 10000", share)
	}
}

// TestWhatDoesNotSweep holds the rules one by one.
func TestWhatDoesNotSweep(t *testing.T) {
	x := street()
	mid := sanitation.Offset(x.Line[0], 100, 0)
	for name, c := range map[string]struct {
		p     sanitation.Position
		brush int64
		want  bool
	}{
		"as it should":     {at(t, mid, 8, 90, true, 0), 3200, true},
		"the other way":    {at(t, mid, 8, 270, true, 0), 3200, true},
		"brush up":         {at(t, mid, 8, 90, false, 0), 3200, false},
		"no brush":         {at(t, mid, 8, 90, true, 0), 0, false},
		"standing":         {at(t, mid, 0, 90, true, 0), 3200, false},
		"too fast":         {at(t, mid, 26, 90, true, 0), 3200, false},
		"across":           {at(t, mid, 8, 0, true, 0), 3200, false},
		"11 m beside":      {at(t, sanitation.Offset(mid, 0, 11), 8, 90, true, 0), 3200, true},
		"13 m beside":      {at(t, sanitation.Offset(mid, 0, 13), 8, 90, true, 0), 3200, false},
		"beyond the end":   {at(t, sanitation.Offset(x.Line[2], 20, 0), 8, 90, true, 0), 3200, false},
		"before the begin": {at(t, sanitation.Offset(x.Line[0], -20, 0), 8, 90, true, 0), 3200, false},
	} {
		share, _ := sanitation.Share(x, 6000, c.brush, 1, []sanitation.Position{c.p})
		if (share > 0) != c.want {
			t.Errorf("%s: swept %d", name, share)
		}
	}
}

// TestNearestSegment: of two roads beside each other only the nearer one is swept.
func TestNearestSegment(t *testing.T) {
	a, b := street(), street()
	b.ID = "s2"
	for i := range b.Line {
		b.Line[i] = sanitation.Offset(b.Line[i], 0, 14)
	}
	got := sanitation.Swept([]pack.RoadSegment{a, b}, 6000, 25, 3200, 1, []sanitation.Position{at(t, sanitation.Offset(a.Line[0], 100, 6), 8, 90, true, 0)})
	if len(got) != 1 || got["s1"] == "" {
		t.Errorf("%v", slices.Collect(maps.Keys(got)))
	}
}

// TestOrderDoesNotMatter: positions in any order, some of them twice, sweep the same cells.
func TestOrderDoesNotMatter(t *testing.T) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	list := p.Sanitation.Segments[:20]
	rapid.Check(t, func(t *rapid.T) {
		var all []sanitation.Position
		for range rapid.IntRange(1, 3).Draw(t, "segments") {
			x := &list[rapid.IntRange(0, 19).Draw(t, "segment")]
			d := drive("d", x, 3200, noon, 2, rapid.Float64Range(2, 20).Draw(t, "speed"))
			all = append(all, d[:rapid.IntRange(1, len(d)).Draw(t, "part")]...)
		}
		want := sanitation.Swept(list, 6000, 25, 3200, 2, all)
		r := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "order")))
		twice := append(slices.Clone(all), all[:len(all)/2]...)
		r.Shuffle(len(twice), func(i, j int) { twice[i], twice[j] = twice[j], twice[i] })
		if got := sanitation.Swept(list, 6000, 25, 3200, 2, twice); !maps.Equal(got, want) {
			t.Fatal("another order sweeps other cells")
		}
	})
}

// TestPackedMinute: what is stored is what came, and doubles of a second change nothing.
func TestPackedMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minute := rapid.IntRange(0, 1439).Draw(t, "minute")
		start := time.Date(2022, 11, 23, 0, minute, 0, 0, time.FixedZone("", 8*3600))
		var list []sanitation.Position
		for _, s := range rapid.SliceOfDistinct(rapid.IntRange(0, 59), func(i int) int { return i }).Draw(t, "seconds") {
			list = append(list, sanitation.Position{At: start.Add(time.Duration(s) * time.Second), Lon: rapid.Int64Range(73e6, 136e6).Draw(t, "lon"), Lat: rapid.Int64Range(3e6, 54e6).Draw(t, "lat"),
				Speed: rapid.Int64Range(0, 2000).Draw(t, "speed"), Heading: rapid.Int64Range(0, 359).Draw(t, "heading"), Brush: rapid.Bool().Draw(t, "brush")})
		}
		all, fresh := sanitation.Merge(nil, list)
		again, none := sanitation.Merge(all, list)
		got, err := sanitation.PackUnpack("2022-11-23", minute, all)
		if err != nil || len(fresh) != len(list) || len(none) != 0 || len(again) != len(got) {
			t.Fatalf("%v: %d of %d, again %d", err, len(fresh), len(list), len(none))
		}
		for i := range got {
			if !got[i].At.Equal(all[i].At) {
				t.Fatal("another time")
			}
			got[i].At = all[i].At
			if got[i] != all[i] {
				t.Fatalf("%+v became %+v", all[i], got[i])
			}
		}
	})
}
