package main

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

const (
	kmLat  = 111.0 // kilometres in a degree of latitude
	kmLon  = 82.6  // of longitude at 42° north
	golden = 2.399963229728653
)

// settle gives every division without a known place one inside its town, and
// every community its grids. Communities lie close round the town's centre,
// villages are strewn over the town.
func settle(all []*division, towns []area) {
	for _, t := range towns {
		var taken []orb.Point
		var waiting []*division
		communities := 0
		for _, d := range all {
			switch {
			case d.code == t.code && d.madeUp:
				d.center = t.seed
			case d.parent != t.code:
			case !d.madeUp:
				taken = append(taken, d.center)
			case d.kind == "社区":
				communities++
				d.center = around(t, t.seed, 0.45+0.22*float64(communities), float64(communities)*golden)
				taken = append(taken, d.center)
			default:
				waiting = append(waiting, d)
			}
		}
		for i, d := range waiting {
			d.center = strewn(t, taken, i)
			taken = append(taken, d.center)
		}
		for _, d := range all {
			if d.parent == t.code {
				d.grids = gridsOf(t, d)
			}
		}
	}
}

// gridsOf puts two to four grids round a community's centre.
func gridsOf(t area, d *division) []orb.Point {
	last := int(d.code[len(d.code)-1] - '0')
	n, far := 2+last%2, 0.6 // villages: 2 or 3
	if d.kind == "社区" {
		n, far = 3+last%2, 0.22
	}
	var all []orb.Point
	for i := range n {
		all = append(all, around(t, d.center, far, math.Pi*2*float64(i)/float64(n)+float64(last)))
	}
	return all
}

// around is the point at a distance (km) and angle from a centre; nearer if that
// is outside the town.
func around(t area, c orb.Point, km, angle float64) orb.Point {
	for ; km > 0.01; km *= 0.7 {
		p := orb.Point{round(c[0] + km*math.Cos(angle)/kmLon), round(c[1] + km*math.Sin(angle)/kmLat)}
		if planar.RingContains(t.ring, p) {
			return p
		}
	}
	return c
}

// strewn is the next point of an even sequence over the town that keeps away
// from the places taken and from the border; the distance asked for shrinks
// until there is one.
func strewn(t area, taken []orb.Point, n int) orb.Point {
	const a, b = 0.7548776662466927, 0.5698402909980532 // the R2 sequence
	box := t.ring.Bound()
	w, h := box.Max[0]-box.Min[0], box.Max[1]-box.Min[1]
	for far := math.Sqrt(w * kmLon * h * kmLat / float64(len(taken)+6)); ; far *= 0.8 {
		for i := range 400 {
			k := float64(n*31 + i + 1)
			p := orb.Point{round(box.Min[0] + w*frac(0.5+a*k)), round(box.Min[1] + h*frac(0.5+b*k))}
			if planar.RingContains(t.ring, p) && clear(p, taken, far) && clear(p, t.ring, min(far/3, 1)) {
				return p
			}
		}
	}
}

func clear(p orb.Point, taken []orb.Point, km float64) bool {
	for _, q := range taken {
		if math.Hypot((p[0]-q[0])*kmLon, (p[1]-q[1])*kmLat) < km {
			return false
		}
	}
	return true
}

func frac(f float64) float64 { return f - math.Floor(f) }
