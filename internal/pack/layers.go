package pack

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"weixiao/internal/directory"
)

// Layer is a map layer as the pack ships it: GeoJSON in CGCS2000 with the
// members name, title, english, source and made_up at the top.
type Layer struct {
	Name    string // unique; district and towns are used by Locate
	Title   string
	English string
	Source  string
	MadeUp  bool
	GeoJSON []byte
}

// Layer finds a layer by name.
func (p *Pack) Layer(name string) (Layer, bool) {
	i := slices.IndexFunc(p.Layers, func(l Layer) bool { return l.Name == name })
	if i < 0 {
		return Layer{}, false
	}
	return p.Layers[i], true
}

// collection is what of a GeoJSON file is read here. (orb has a package for
// it, whose dependencies the program does without.)
type collection struct {
	Type     string `json:"type"`
	Name     string `json:"name"`
	Title    string `json:"title"`
	English  string `json:"english"`
	CRS      string `json:"crs"`
	Source   string `json:"source"`
	MadeUp   *bool  `json:"made_up"`
	Features []struct {
		Properties struct {
			Code string `json:"code"`
			Name string `json:"name"`
		} `json:"properties"`
		Geometry struct {
			Type        string          `json:"type"`
			Coordinates json.RawMessage `json:"coordinates"`
		} `json:"geometry"`
	} `json:"features"`
}

func (r *reader) layers() []Layer {
	var names []string
	for name := range r.files {
		if path.Ext(name) == ".geojson" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var all []Layer
	for _, file := range names {
		bad := func(zh, en string) { r.add(file, 0, zh, en) }
		var c collection
		if err := json.Unmarshal(r.files[file], &c); err != nil {
			bad("不是正确的 GeoJSON："+err.Error(), "not valid GeoJSON: "+err.Error())
			continue
		}
		switch {
		case c.Type != "FeatureCollection" || len(c.Features) == 0:
			bad("应为 FeatureCollection，并且至少有一个图形", "must be a FeatureCollection with a feature at least")
		case c.CRS != "CGCS2000":
			bad("坐标系应为 CGCS2000；GCJ-02、BD-09 坐标请先转换", "crs must be CGCS2000; convert GCJ-02 and BD-09 first")
		case c.Source == "" || c.MadeUp == nil:
			bad("请写明来源 source 和是否虚构 made_up", "source and made_up must be given")
		case c.Name != strings.TrimSuffix(file, ".geojson"):
			bad("name 应与文件名相同", "name must be the file's name")
		case c.Title == "" || c.English == "":
			bad("请写明 title 和 english", "title and english must be given")
		default:
			all = append(all, Layer{c.Name, c.Title, c.English, c.Source, *c.MadeUp, r.files[file]})
		}
	}
	return all
}

// places are the polygons Locate looks into.
type places struct {
	district []territory
	towns    []territory
}

type territory struct {
	unit string
	area orb.MultiPolygon
	box  orb.Bound
}

func (r *reader) places(layers []Layer, d *directory.Directory) places {
	var p places
	for _, l := range layers {
		switch l.Name {
		case "district":
			p.district = r.territories(l, d)
		case "towns":
			p.towns = r.territories(l, d)
		}
	}
	return p
}

func (r *reader) territories(l Layer, d *directory.Directory) []territory {
	file := l.Name + ".geojson"
	var c collection
	if err := json.Unmarshal(l.GeoJSON, &c); err != nil {
		return nil // said already
	}
	var all []territory
	for i, f := range c.Features {
		u, ok := d.ByCode(f.Properties.Code)
		if !ok {
			r.add(file, 0, fmt.Sprintf("第 %d 个图形的 code“%s”不在单位表里", i+1, f.Properties.Code), fmt.Sprintf("feature %d: code %s is not in the unit list", i+1, f.Properties.Code))
			continue
		}
		var area orb.MultiPolygon
		err := fmt.Errorf("type %s", f.Geometry.Type)
		switch f.Geometry.Type {
		case "Polygon":
			area = make(orb.MultiPolygon, 1)
			err = json.Unmarshal(f.Geometry.Coordinates, &area[0])
		case "MultiPolygon":
			err = json.Unmarshal(f.Geometry.Coordinates, &area)
		}
		if box := area.Bound(); err != nil || len(area) == 0 || box.Min[0] < 73 || box.Max[0] > 136 || box.Min[1] < 3 || box.Max[1] > 54 {
			r.add(file, 0, fmt.Sprintf("第 %d 个图形（%s）应为中国境内的面，坐标先经度后纬度", i+1, u.Name), fmt.Sprintf("feature %d (%s) must be a polygon in China, longitude first", i+1, u.ID))
			continue
		}
		all = append(all, territory{u.ID, area, area.Bound()})
	}
	return all
}

// Locate says which street, community and grid a point (CGCS2000 longitude,
// latitude) is in: the town by its polygon, the grid as the nearest centre in
// that town. A point inside the district that lies in no town polygon belongs
// to the town of the nearest grid. False outside the district.
func (p *Pack) Locate(at orb.Point) (directory.Place, bool) {
	under := p.Head.District
	if town, ok := within(p.places.towns, at); ok {
		under = town
	} else if _, ok := within(p.places.district, at); !ok {
		return directory.Place{}, false
	}
	if g, ok := p.Directory.Nearest(at, under); ok {
		return p.Directory.OfPlace(g.ID)
	}
	return p.Directory.OfPlace(under)
}

func within(all []territory, at orb.Point) (string, bool) {
	for _, t := range all {
		if t.box.Contains(at) && planar.MultiPolygonContains(t.area, at) {
			return t.unit, true
		}
	}
	return "", false
}
