package desk

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/geo"
)

// TestPlaceMap: a case on the map has a map of its street with its community and
// the place; one without has none, and one out of reach shows nothing at all.
func TestPlaceMap(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		grid := e.Pack.Directory.Grids(casestest.Street)[0]
		report := func(p cases.Place) string {
			r, err := e.Cases.Report(context.Background(), e.Scope("", access.Operator), cases.Report{Channel: "hotline", Body: "路灯不亮", Matter: "001", Place: p})
			if err != nil {
				t.Fatal(err)
			}
			return r.Number
		}
		on := report(cases.Place{Text: "锦绣花园", Lon: grid.Center[0], Lat: grid.Center[1], Located: true})
		off := report(cases.Place{Text: "锦绣花园", Street: casestest.Street})
		centre, other := e.hire("", "王芳", access.Dispatcher), e.hire(casestest.OtherStreet, "李强", access.Street)
		a := centre.page("/desk/cases/" + on)
		community, _ := e.Pack.Directory.Unit(grid.Community)
		a.contains(t, "孙家堡子街道 · "+community.Short, "街镇界（虚构）", "社区范围按网格中心推算", "公里")
		for class, n := range map[string]int{"st": 1, "in": 1, "pin": 1, "out": 0} {
			found := a.all(func(x *htmlNode) bool { return attr(x, "class") == class && (x.Data == "path" || x.Data == "circle") })
			if len(found) != n {
				t.Errorf("%d shapes of class %s, want %d", len(found), class, n)
			}
			for _, x := range found {
				if x.Data == "path" && !strings.HasPrefix(attr(x, "d"), "M") {
					t.Errorf("%s is drawn as %q", class, attr(x, "d"))
				}
			}
		}
		if b := centre.page("/desk/cases/" + off); len(b.all(func(x *htmlNode) bool { return attr(x, "class") == "where" })) != 0 {
			t.Error("a case that is not on the map has one")
		} else {
			b.contains(t, "锦绣花园", "孙家堡子街道")
		}
		if b := other.get("/desk/cases/" + on); b.Code != 404 || strings.Contains(b.Body, "figure") {
			t.Errorf("out of reach: %d", b.Code)
		}
	})
}

// TestAtlas: every street is drawn with its communities, each grid's centre lies
// in the box, the scale is a round length, and the whole district can be drawn.
func TestAtlas(t *testing.T) {
	e := one(t)
	a := newAtlas(e.Pack, e.Pack.Atlas())
	whole, ok := a.sheet("")
	if !ok || len(whole.paths) != len(a.towns.Areas()) {
		t.Fatalf("the district: %v %+v", ok, whole)
	}
	for _, town := range a.towns.Areas() {
		u, _ := e.Pack.Directory.ByCode(town.ID)
		s, ok := a.sheet(u.ID)
		if !ok || s.paths[u.ID] == "" || s.bar < mapView.Width/12 || s.bar > mapView.Width/4 {
			t.Fatalf("%s: %v, scale %v for %v m", u.Name, ok, s.bar, s.unit)
		}
		west, _ := s.at.XY(geo.Point{Lon: s.sw.Lon, Lat: s.sw.Lat})
		east, _ := s.at.XY(geo.Point{Lon: s.ne.Lon, Lat: s.sw.Lat})
		lat := (s.sw.Lat + s.ne.Lat) / 2
		metres := geo.Distance(geo.Point{Lon: s.sw.Lon, Lat: lat}, geo.Point{Lon: s.ne.Lon, Lat: lat})
		if off := s.bar/(east-west)*metres/s.unit - 1; off > 1e-6 || off < -1e-6 {
			t.Errorf("%s: the scale is off by %v", u.Name, off)
		}
		for _, g := range e.Pack.Directory.Grids(u.ID) {
			place, ok := e.Pack.Locate(g.Center)
			if !ok || place.Community.ID != g.Community {
				continue // a made-up centre beyond the made-up border
			}
			if x, y := s.at.XY(geo.Point{Lon: g.Center[0], Lat: g.Center[1]}); x < 0 || y < 0 || x > mapView.Width || y > mapView.Height || s.paths[g.Community] == "" {
				t.Errorf("%s: grid %s at %s,%s, community drawn: %v", u.Name, g.ID, strconv.FormatFloat(x, 'f', 0, 64), strconv.FormatFloat(y, 'f', 0, 64), s.paths[g.Community] != "")
			}
		}
	}
	if _, ok := a.sheet("housing"); ok {
		t.Error("a department has a map")
	}
}
