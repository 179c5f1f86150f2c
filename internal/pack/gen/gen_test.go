package main

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"
)

// TestGCJ02 holds the shift to a known pair (天安门) and the inverse to the
// shift, over all of China.
func TestGCJ02(t *testing.T) {
	got := toGCJ02(orb.Point{116.391259, 39.907361})
	if math.Abs(got[0]-116.397502) > 2e-5 || math.Abs(got[1]-39.908764) > 2e-5 {
		t.Errorf("got %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		p := orb.Point{rapid.Float64Range(74, 135).Draw(t, "lon"), rapid.Float64Range(18, 53).Draw(t, "lat")}
		back := toGCJ02(fromGCJ02(p))
		if math.Abs(back[0]-p[0]) > 1e-7 || math.Abs(back[1]-p[1]) > 1e-7 {
			t.Fatalf("%v comes back as %v", p, back)
		}
	})
}

// TestSettle puts divisions of a made-up town: inside it, apart, and the same
// every time.
func TestSettle(t *testing.T) {
	town := area{code: "220605001", seed: orb.Point{126.55, 42.05},
		ring: orb.Ring{{126.5, 42}, {126.6, 42}, {126.6, 42.1}, {126.5, 42.1}, {126.5, 42}}}
	settled := func() []*division {
		var all []*division
		for _, code := range []string{"001", "002", "003"} {
			all = append(all, &division{code: town.code + code, parent: town.code, kind: "社区", madeUp: true})
		}
		for _, code := range []string{"200", "201", "202", "203", "204", "205", "206"} {
			all = append(all, &division{code: town.code + code, parent: town.code, kind: "村", madeUp: true})
		}
		settle(all, []area{town})
		return all
	}
	first, second := settled(), settled()
	var taken []orb.Point
	for i, d := range first {
		if d.center != second[i].center || len(d.grids) < 2 || len(d.grids) > 4 {
			t.Errorf("%s: %v and %v, %d grids", d.code, d.center, second[i].center, len(d.grids))
		}
		if !planar.RingContains(town.ring, d.center) || !clear(d.center, taken, 0.3) {
			t.Errorf("%s lies at %v: outside or too close to another", d.code, d.center)
		}
		taken = append(taken, d.center)
		for _, g := range d.grids {
			if !planar.RingContains(town.ring, g) {
				t.Errorf("a grid of %s lies outside", d.code)
			}
		}
	}
}
