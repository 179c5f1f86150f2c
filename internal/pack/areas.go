package pack

import (
	"encoding/json"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// area is a polygon with a code, of any layer but the district's border.
type area struct {
	name  string // layer/code
	shape orb.MultiPolygon
	box   orb.Bound
}

// areasOf reads the polygons of all layers that have codes.
func areasOf(layers []Layer) []area {
	var all []area
	for _, l := range layers {
		var c collection
		if l.Name == "district" || json.Unmarshal(l.GeoJSON, &c) != nil {
			continue // what cannot be read was said already
		}
		for _, f := range c.Features {
			var shape orb.MultiPolygon
			var err error
			switch f.Geometry.Type {
			case "Polygon":
				shape = make(orb.MultiPolygon, 1)
				err = json.Unmarshal(f.Geometry.Coordinates, &shape[0])
			case "MultiPolygon":
				err = json.Unmarshal(f.Geometry.Coordinates, &shape)
			}
			if err == nil && len(shape) > 0 && f.Properties.Code != "" {
				all = append(all, area{l.Name + "/" + f.Properties.Code, shape, shape.Bound()})
			}
		}
	}
	return all
}

// areaCodes lists the codes that rules can name, by layer.
func areaCodes(layers []Layer) map[string][]string {
	out := map[string][]string{}
	for _, l := range layers {
		var c collection
		if l.Name == "district" || json.Unmarshal(l.GeoJSON, &c) != nil {
			continue
		}
		for _, f := range c.Features {
			if f.Properties.Code != "" {
				out[l.Name] = append(out[l.Name], f.Properties.Code)
			}
		}
	}
	return out
}

// AreasAt names, as layer/code, the polygons of all layers that a point (CGCS2000
// longitude, latitude) lies in.
func (p *Pack) AreasAt(at orb.Point) []string {
	var out []string
	for i := range p.areas {
		if a := &p.areas[i]; a.box.Contains(at) && planar.MultiPolygonContains(a.shape, at) {
			out = append(out, a.name)
		}
	}
	return out
}
