package pack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/paulmach/orb"

	"weixiao/internal/directory"
	"weixiao/internal/geo"
	"weixiao/internal/words"
)

// Layer is a map layer as the pack ships it: GeoJSON in CGCS2000 with the
// members name, kind, title, english, source and made_up at the top, and parent
// where its areas lie in those of another layer.
type Layer struct {
	Name    string // unique
	Kind    string // one of directory.LayerKinds
	Title   string
	English string
	Source  string
	MadeUp  bool
	GeoJSON []byte
	Areas   *geo.Layer
}

// Layer finds a layer by name.
func (p *Pack) Layer(name string) (Layer, bool) {
	i := slices.IndexFunc(p.Layers, func(l Layer) bool { return l.Name == name })
	if i < 0 {
		return Layer{}, false
	}
	return p.Layers[i], true
}

// Atlas is the pack's own layers: what is in force until a district publishes
// others.
func (p *Pack) Atlas() *directory.Atlas { return p.atlas() }

func (p *Pack) makeAtlas() func() *directory.Atlas {
	return sync.OnceValue(func() *directory.Atlas {
		layers := make([]*geo.Layer, len(p.Layers))
		for i, l := range p.Layers {
			layers[i] = l.Areas
		}
		return directory.NewAtlas(layers)
	})
}

// Locate says which street, community and grid a point (CGCS2000 longitude,
// latitude) is in by the pack's own layers. False outside the district.
func (p *Pack) Locate(at orb.Point) (directory.Place, bool) {
	return p.atlas().Place(p.Directory, geo.Point{Lon: at[0], Lat: at[1]})
}

// layers reads the map layers, those above first, and checks each as a file that
// somebody brings is checked.
func (r *reader) layers(d *directory.Directory) []Layer {
	var names []string
	for name := range r.files {
		if path.Ext(name) == ".geojson" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	sources := map[string]*geo.Source{}
	var all []Layer
	for _, file := range names {
		if src := r.layerFile(file); src != nil {
			sources[src.Name] = src
			all = append(all, Layer{src.Name, src.Kind, src.Title, src.English, src.Source, src.MadeUp, r.files[file], nil})
		}
	}
	for _, k := range directory.LayerKinds() {
		for i := range all {
			if l := &all[i]; l.Kind == k.Name {
				l.Areas = r.areas(sources[l.Name], k, all, d)
			}
		}
	}
	return slices.DeleteFunc(all, func(l Layer) bool { return l.Areas == nil })
}

// layerFile reads what a layer says of itself; nil when that is not in order.
func (r *reader) layerFile(file string) *geo.Source {
	bad := func(zh, en string) *geo.Source {
		r.add(file, 0, zh, en)
		return nil
	}
	src, err := geo.ParseGeoJSON(bytes.NewReader(r.files[file]), geo.Fields{})
	if err != nil {
		return bad("不是正确的 GeoJSON："+err.Error(), "not valid GeoJSON: "+err.Error())
	}
	var said struct {
		MadeUp *bool `json:"made_up"`
	}
	if err := json.Unmarshal(r.files[file], &said); err != nil {
		return bad("不是正确的 GeoJSON："+err.Error(), "not valid GeoJSON: "+err.Error())
	}
	if src.Kind == "" { // packs of the first format named the two they had
		src.Kind = map[string]string{"district": directory.LayerDistrict, "towns": directory.LayerTown}[src.Name]
	}
	kind, known := directory.LayerKindOf(src.Kind)
	switch {
	case len(src.Features) == 0:
		return bad("应为 FeatureCollection，并且至少有一个图形", "must be a FeatureCollection with a feature at least")
	case src.CRS != "CGCS2000":
		return bad("坐标系应为 CGCS2000；GCJ-02、BD-09 坐标请先转换", "crs must be CGCS2000; convert GCJ-02 and BD-09 first")
	case src.Source == "" || said.MadeUp == nil:
		return bad("请写明来源 source 和是否虚构 made_up", "source and made_up must be given")
	case src.Name != strings.TrimSuffix(file, ".geojson"):
		return bad("name 应与文件名相同", "name must be the file's name")
	case src.Title == "" || src.English == "":
		return bad("请写明 title 和 english", "title and english must be given")
	case !known:
		return bad("kind“"+src.Kind+"”应为 "+kindNames()+" 之一", "kind must be one of "+kindNames())
	}
	if src.Parent == "" && kind.Parent != "" { // the layer of the kind above, by its usual name
		for name := range r.files {
			if base := strings.TrimSuffix(name, ".geojson"); base != name && usualName[base] == kind.Parent {
				src.Parent = base
			}
		}
	}
	src.Version = "1"
	return src
}

// usualName are the names of layers in the example pack and their kinds.
var usualName = map[string]string{"district": directory.LayerDistrict, "towns": directory.LayerTown, "communities": directory.LayerCommunity}

func kindNames() string {
	var out []string
	for _, k := range directory.LayerKinds() {
		out = append(out, k.Name)
	}
	return strings.Join(out, ", ")
}

// areas checks the shapes of a layer against those of the one above and against
// the lists of units and grids.
func (r *reader) areas(src *geo.Source, k directory.LayerKind, all []Layer, d *directory.Directory) *geo.Layer {
	file := src.Name + ".geojson"
	rules := geo.Rules{Digits: k.Digits, Prefix: k.Prefix, Covers: k.Covers}
	if src.Parent != "" {
		i := slices.IndexFunc(all, func(l Layer) bool { return l.Name == src.Parent })
		if i < 0 {
			r.add(file, 0, "上级图层“"+src.Parent+"”不存在，请检查 parent", "there is no layer "+src.Parent+" above; check parent")
			return nil
		}
		if rules.Parent = all[i].Areas; rules.Parent == nil {
			return nil // said already
		}
	}
	shapes, found := src.Check(rules)
	for _, f := range found {
		if f.Level == geo.Bad {
			r.add(file, 0, directory.FindingText(words.ZH, f), directory.FindingText(words.EN, f))
		}
	}
	if shapes == nil {
		return nil
	}
	if d != nil {
		r.inDirectory(file, k, shapes, d)
	}
	l, err := geo.NewLayer(src.About, shapes)
	if err != nil {
		r.add(file, 0, err.Error(), err.Error())
		return nil
	}
	return l
}

// inDirectory wants an entry in the lists for every territory and grid on the map.
func (r *reader) inDirectory(file string, k directory.LayerKind, shapes []geo.Shape, d *directory.Directory) {
	for _, s := range shapes {
		known, list, en := true, "", ""
		switch k.Name {
		case directory.LayerDistrict, directory.LayerTown, directory.LayerCommunity:
			_, known = d.ByCode(s.ID)
			list, en = "单位表", "the unit list"
		case directory.LayerGrid:
			_, known = d.Grid(s.ID)
			list, en = "网格表", "the list of grids"
		}
		if !known {
			r.add(file, 0, fmt.Sprintf("图形 %s 的 code“%s”不在%s里", s.Name, s.ID, list), fmt.Sprintf("feature %s: code %s is not in %s", s.Name, s.ID, en))
		}
	}
}
