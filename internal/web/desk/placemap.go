package desk

import (
	"strings"
	"sync"

	"github.com/paulmach/orb"

	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/geo"
	"weixiao/internal/pack"
	"weixiao/internal/words"
)

// mapView is the box of the small map on a case's page.
var mapView = geo.View{Width: 420, Height: 250, Margin: 14}

// placeMap is where a case lies, on the district's own borders: part of the page,
// without tiles, scripts or anything fetched from elsewhere.
type placeMap struct {
	Label   string // what the picture shows, for whoever does not see it
	Line    string // street and community
	Note    string // whose borders these are
	Around  []string
	Street  string
	Inner   string // the community
	X, Y    float64
	Bar     float64 // length of the scale
	BarText string
}

// mapSheet is one drawing: a street with its communities, or all streets.
type mapSheet struct {
	paths     map[string]string // by unit
	at        geo.Projection
	sw, ne    geo.Point
	bar, unit float64 // length of the scale in the drawing, and in metres
}

// atlas draws the sheets of the layers in force, each once.
type atlas struct {
	of    *directory.Atlas
	pack  *pack.Pack
	towns *geo.Layer // nil: there are no borders
	note  map[words.Lang]string

	mu     sync.Mutex
	sheets map[string]*mapSheet // by street; "" is the whole district
}

// atlas is that of the layers in force now.
func (d *Desk) atlas() *atlas {
	of := d.s.Layers.Atlas()
	if a := d.drawn.Load(); a != nil && a.of == of {
		return a
	}
	a := newAtlas(d.s.Pack, of)
	d.drawn.Store(a)
	return a
}

func newAtlas(p *pack.Pack, of *directory.Atlas) *atlas {
	a := &atlas{of: of, pack: p, sheets: map[string]*mapSheet{}}
	if l, ok := of.OfKind(directory.LayerTown); ok {
		a.towns, a.note = l, map[words.Lang]string{words.ZH: l.Title, words.EN: l.English}
	}
	return a
}

// sheet is the drawing of a street, or of the district ("").
func (a *atlas) sheet(street string) (*mapSheet, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.sheets[street]
	if !ok {
		s = a.draw(street)
		a.sheets[street] = s
	}
	return s, s != nil
}

func (a *atlas) draw(street string) *mapSheet {
	layer := a.towns
	if u, ok := a.pack.Directory.Unit(street); street != "" {
		shape, has := a.towns.Shape(u.Code)
		if !ok || !has {
			return nil
		}
		l, err := geo.NewLayer(geo.About{}, append(a.communities(u, shape.Polygons), geo.Shape{Area: geo.Area{ID: u.Code}, Polygons: shape.Polygons}))
		if err != nil {
			return nil
		}
		layer = l
	}
	s := &mapSheet{paths: map[string]string{}, at: layer.Fit(mapView)}
	for _, p := range layer.Simplified(mapView, 0.5) {
		id := p.ID
		if u, ok := a.pack.Directory.ByCode(id); ok {
			id = u.ID
		}
		s.paths[id] = p.D
	}
	s.sw, s.ne = layer.Bounds()
	s.scale()
	return s
}

// communities are the areas of a street's communities: those of their layer, or, where there is none, what is closest to one of their
// grids, as directory.Atlas tells them apart.
func (a *atlas) communities(street directory.Unit, outer orb.MultiPolygon) []geo.Shape {
	if l, ok := a.of.OfKind(directory.LayerCommunity); ok {
		var out []geo.Shape
		for _, area := range l.Areas() {
			if area.Parent == street.Code || strings.HasPrefix(area.ID, street.Code) {
				s, _ := l.Shape(area.ID)
				out = append(out, s)
			}
		}
		return out
	}
	grids := a.pack.Directory.Grids(street.ID)
	seeds := make([]geo.Point, len(grids))
	for i, g := range grids {
		seeds[i] = geo.Point{Lon: g.Center[0], Lat: g.Center[1]}
	}
	var order []string
	by := map[string]orb.MultiPolygon{}
	for i, cell := range geo.Cells(outer, seeds) {
		if len(cell) == 0 {
			continue
		}
		id := grids[i].Community
		if _, ok := by[id]; !ok {
			order = append(order, id)
		}
		by[id] = append(by[id], cell...)
	}
	var out []geo.Shape
	for _, id := range order {
		out = append(out, geo.Shape{Area: geo.Area{ID: id, MadeUp: true}, Polygons: by[id]})
	}
	return out
}

// scale finds the longest round length that fills no more than a quarter.
func (s *mapSheet) scale() {
	lat := (s.sw.Lat + s.ne.Lat) / 2
	west, _ := s.at.XY(geo.Point{Lon: s.sw.Lon, Lat: lat})
	east, _ := s.at.XY(geo.Point{Lon: s.ne.Lon, Lat: lat})
	metres := geo.Distance(geo.Point{Lon: s.sw.Lon, Lat: lat}, geo.Point{Lon: s.ne.Lon, Lat: lat})
	if !(east > west) || metres == 0 {
		return
	}
	for _, m := range []float64{100, 200, 500, 1000, 2000, 5000, 10_000, 20_000} {
		if l := m * (east - west) / metres; l <= mapView.Width/4 {
			s.bar, s.unit = l, m
		}
	}
}

func (s *mapSheet) holds(p geo.Point) bool {
	return p.Lon >= s.sw.Lon && p.Lon <= s.ne.Lon && p.Lat >= s.sw.Lat && p.Lat <= s.ne.Lat
}

// placeMap draws the place of a case; nil when it is not on the map. Whoever sees
// the page of a case sees its place.
func (f *frame) placeMap(k *cases.Case) *placeMap {
	a, at := f.d.atlas(), geo.Point{Lon: k.Place.Lon, Lat: k.Place.Lat}
	if !k.Place.Located || a.towns == nil {
		return nil
	}
	// A place that was put right by hand may lie outside of its street.
	s, ok := a.sheet(k.Place.Street)
	inStreet := ok && k.Place.Street != "" && s.holds(at)
	if !inStreet {
		if s, ok = a.sheet(""); !ok || !s.holds(at) {
			return nil
		}
	}
	m := &placeMap{Street: s.paths[k.Place.Street], Note: a.note[f.Lang], Bar: s.bar}
	m.X, m.Y = s.at.XY(at)
	if inStreet {
		if m.Inner = s.paths[k.Place.Community]; m.Inner != "" {
			m.Note += f.T("word.separator") + f.T("desk.map.communities")
		}
	} else {
		for _, u := range a.towns.Areas() {
			if t, ok := a.pack.Directory.ByCode(u.ID); ok && t.ID != k.Place.Street {
				m.Around = append(m.Around, s.paths[t.ID])
			}
		}
	}
	var names []string
	for _, id := range []string{k.Place.Street, k.Place.Community} {
		if n := f.unit(id); n != "" {
			names = append(names, n)
		}
	}
	m.Line = strings.Join(names, f.T("word.separator"))
	m.Label = f.T("desk.map.label", m.Line)
	if s.unit >= 1000 {
		m.BarText = f.T("distance.km", int(s.unit)/1000)
	} else if s.unit > 0 {
		m.BarText = f.T("distance.m", int(s.unit))
	}
	return m
}
