package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Picture shows what is wrong with an area: paths for <path d>, to be filled by the rule evenodd, in a drawing of PictureWidth by
// PictureHeight units.
type Picture struct {
	Area  string  `json:"area,omitempty"`  // the area itself
	Other string  `json:"other,omitempty"` // the other one: twice claimed, above, before
	Bad   string  `json:"bad,omitempty"`   // the surface in question
	X     float64 `json:"x,omitempty"`     // the place in question; 0,0 when there is none
	Y     float64 `json:"y,omitempty"`
}

// Size of a Picture.
const (
	PictureWidth  = 320
	PictureHeight = 200
)

// maxPath is how long a path of a picture may be: coastlines do not belong into a list of findings.
const maxPath = 12_000

// show draws the picture of a finding: around the surface or place in question, with enough of the area to know it again.
func (c *checker) show(x *Finding, area, other, bad orb.MultiPolygon) {
	if !c.room(x.Kind) {
		return
	}
	frame, ok := frameOf(x.At, area, other, bad)
	if !ok {
		return
	}
	p := &Picture{Area: frame.path(area), Other: frame.path(other), Bad: frame.path(bad)}
	if x.At != (Point{}) {
		p.X, p.Y = frame.XY(x.At)
		p.X, p.Y = math.Round(p.X*10)/10, math.Round(p.Y*10)/10
	}
	x.Picture = p
}

// frameOf chooses what the picture shows.
func frameOf(at Point, area, other, bad orb.MultiPolygon) (Projection, bool) {
	whole, some := boundOf(area, other)
	focus, sharp := boundOf(bad, nil)
	switch {
	case !sharp && at != (Point{}):
		focus, sharp = orb.Bound{Min: at.orb(), Max: at.orb()}, true
	case !sharp && !some:
		return Projection{}, false
	case !sharp:
		focus = whole
	}
	if !some {
		whole = focus
	}
	side := func(b orb.Bound) float64 { return max((b.Max[0]-b.Min[0])*squeezeAt(b.Min[1]), b.Max[1]-b.Min[1]) }
	span := max(3*side(focus), side(whole)/4, 0.0002)
	if sharp && span < side(whole) {
		m := focus.Center()
		half := span / 2
		whole = orb.Bound{Min: orb.Point{m[0] - half/squeezeAt(m[1]), m[1] - half}, Max: orb.Point{m[0] + half/squeezeAt(m[1]), m[1] + half}}
	} else if sharp {
		whole = whole.Union(focus)
	}
	if math.IsNaN(side(whole)) || math.IsInf(side(whole), 0) {
		return Projection{}, false
	}
	if side(whole) < 1e-7 {
		whole = whole.Pad(1e-4)
	}
	return fitBound(whole, View{PictureWidth, PictureHeight, 14}), true
}

func boundOf(a, b orb.MultiPolygon) (orb.Bound, bool) {
	var out orb.Bound
	some := false
	for _, polygons := range []orb.MultiPolygon{a, b} {
		for _, rings := range polygons {
			for _, ring := range rings {
				switch {
				case len(ring) == 0:
				case !some:
					out, some = ring.Bound(), true
				default:
					out = out.Union(ring.Bound())
				}
			}
		}
	}
	return out, some
}

// path draws polygons; corners far outside of the picture are drawn together.
func (p Projection) path(polygons orb.MultiPolygon) string {
	var d []byte
	for _, rings := range polygons {
		for _, ring := range rings {
			drawn := make(orb.Ring, 0, len(ring))
			for _, q := range ring {
				x, y := p.XY(fromOrb(q))
				x, y = min(max(x, -PictureWidth), 2*PictureWidth), min(max(y, -PictureHeight), 2*PictureHeight)
				if n := len(drawn); n == 0 || math.Abs(x-drawn[n-1][0])+math.Abs(y-drawn[n-1][1]) >= 0.7 {
					drawn = append(drawn, orb.Point{x, y})
				}
			}
			if len(drawn) > 0 {
				drawn = append(drawn, drawn[0])
			}
			if d = appendRing(d, drawn); len(d) > maxPath {
				return string(d)
			}
		}
	}
	return string(d)
}

// Draw is a picture of an area and of another one, either of which may be nil.
func Draw(area, other orb.MultiPolygon) *Picture {
	frame, ok := frameOf(Point{}, area, other, nil)
	if !ok {
		return nil
	}
	return &Picture{Area: frame.path(area), Other: frame.path(other)}
}
