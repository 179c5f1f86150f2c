package pack

import (
	"weixiao/internal/directory"
	"weixiao/internal/geo"
)

// areaCodes lists the codes that rules can name, by layer.
func areaCodes(layers []Layer) map[string][]string {
	out := map[string][]string{}
	for _, l := range layers {
		if l.Areas == nil || l.Name == "district" {
			continue
		}
		for _, a := range l.Areas.Areas() {
			out[l.Name] = append(out[l.Name], a.ID)
		}
	}
	return out
}

// AreasIn names, as layer/code, the polygons of all layers of an atlas that a point
// (CGCS2000 longitude, latitude) lies in: what rules about areas ask.
func AreasIn(a *directory.Atlas, lon, lat float64) []string {
	var out []string
	for _, hit := range a.At(geo.Point{Lon: lon, Lat: lat}) {
		if hit.Layer.Name != "district" {
			out = append(out, hit.Layer.Name+"/"+hit.Area.ID)
		}
	}
	return out
}
