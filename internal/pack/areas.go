package pack

import (
	"github.com/paulmach/orb"

	"weixiao/internal/directory"
	"weixiao/internal/geo"
)

// areaCodes lists the codes that rules can name, by layer.
func areaCodes(layers []Layer) map[string][]string {
	out := map[string][]string{}
	for _, l := range layers {
		if l.Areas == nil || l.Kind == directory.LayerDistrict {
			continue // what cannot be read was said already
		}
		for _, a := range l.Areas.Areas() {
			out[l.Name] = append(out[l.Name], a.ID)
		}
	}
	return out
}

// AreasAt names, as layer/code, the polygons of the pack's own layers that a point
// (CGCS2000 longitude, latitude) lies in.
func (p *Pack) AreasAt(at orb.Point) []string {
	return p.atlas().Names(geo.Point{Lon: at[0], Lat: at[1]})
}
