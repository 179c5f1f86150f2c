package pack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/geo"
	"weixiao/internal/worktime"
)

func load(t testing.TB) *Pack {
	t.Helper()
	p, err := Load(Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestJiangyuanIsClean(t *testing.T) {
	for _, p := range Check(Jiangyuan()) {
		t.Error(p)
	}
}

func TestJiangyuanCounts(t *testing.T) {
	p := load(t)
	d, c := p.Directory, p.Catalogue
	for _, x := range []struct {
		what      string
		got, want int
		atLeast   bool
	}{
		{"streets", len(d.ByKind(directory.Street)), 4, false},
		{"towns", len(d.ByKind(directory.Town)), 6, false},
		{"communities and villages", len(d.ByKind(directory.Community, directory.Village)), 91, false},
		{"departments", len(d.ByKind(directory.Department)), 30, true},
		{"utilities", len(d.ByKind(directory.Utility)), 10, true},
		{"components", len(c.Matters(catalogue.KindComponent)), 153, false},
		{"matters", len(c.Matters(catalogue.KindMatter)), 250, false},
		{"requests", len(c.Matters(catalogue.KindRequest)), 120, true},
		{"profiles", len(c.Profiles()), 6, false},
		{"layers", len(p.Layers), 5, false},
	} {
		if x.got != x.want && !(x.atLeast && x.got > x.want) {
			t.Errorf("%d %s, want %d", x.got, x.what, x.want)
		}
	}
	if p.District != "220605" || p.Prefix != "JY" || d.Root().Code != "220605" || len(p.Version) != 16 {
		t.Errorf("head %+v, version %s", p.Head, p.Version)
	}
	first, ok := c.Matter("001")
	if !ok || first.Name != "路灯不亮" || !first.Public || first.Limit != "L3" || first.Kind != catalogue.KindRequest {
		t.Errorf("matter 001: %+v", first)
	}
}

// TestJiangyuanPeople: every community has a secretary and two to four grids,
// every grid a worker; the three administrators sit in three units.
func TestJiangyuanPeople(t *testing.T) {
	d := load(t).Directory
	for _, u := range d.ByKind(directory.Community, directory.Village) {
		lead, _ := d.Lead(u.ID)
		if n := len(d.Grids(u.ID)); lead.Role != directory.Secretary || n < 2 || n > 4 {
			t.Errorf("%s %s: lead %s, %d grids", u.ID, u.Name, lead.Role, n)
		}
	}
	for _, g := range d.AllGrids() {
		if p, ok := d.Post(g.Post); !ok || p.Role != directory.GridWorker || !g.MadeUp {
			t.Errorf("grid %s: post %+v", g.ID, p)
		}
	}
	for _, u := range d.Units() {
		if n := len(d.Posts(u.ID)); u.Kind != directory.District && n < 2 {
			t.Errorf("%s has %d posts", u.Name, n)
		}
		if u.English == "" || strings.ContainsFunc(u.English, func(r rune) bool { return r > 0x2fff }) {
			t.Errorf("%s: English name %q", u.Name, u.English)
		}
	}
	seats := map[directory.Role]string{}
	for _, p := range d.AllPosts() {
		seats[p.Role] = p.Unit
	}
	for _, r := range directory.Roles() {
		if seats[r] == "" {
			t.Errorf("no post with role %s", r)
		}
	}
	if seats[directory.Admin] == seats[directory.Auditor] || seats[directory.Admin] == seats[directory.Security] || seats[directory.Auditor] == seats[directory.Security] {
		t.Errorf("administrators share a unit: %v", seats)
	}
}

// TestEveryMatterResolves asks every matter at every street and community, and
// without a place: a unit that handles cases answers, with a reason in both
// languages, and only matters without a place land on the duty desk.
func TestEveryMatterResolves(t *testing.T) {
	p := load(t)
	places := [][2]string{{"", ""}}
	for _, u := range p.Directory.ByKind(directory.Street, directory.Town) {
		places = append(places, [2]string{u.ID, ""})
		for _, c := range p.Directory.Children(u.ID) {
			places = append(places, [2]string{u.ID, c.ID})
		}
	}
	for _, m := range p.Catalogue.All() {
		for _, at := range places {
			d := p.Catalogue.Resolve(m.Key, at[0], at[1])
			u, ok := p.Directory.Unit(d.Unit)
			if !ok || !u.Kind.HandlesCases() || d.ReasonZH == "" || d.ReasonEN == "" {
				t.Fatalf("%s at %v: %+v", m.Key, at, d)
			}
			if d.DutyDesk && at[0] != "" {
				t.Errorf("%s %s at %v goes to the duty desk: %s", m.Key, m.Name, at, d.ReasonZH)
			}
		}
	}
}

func TestJiangyuanDuties(t *testing.T) {
	p := load(t)
	find := func(name string) string {
		for _, m := range p.Catalogue.Matters(catalogue.KindRequest) {
			if m.Name == name {
				return m.Key
			}
		}
		t.Fatalf("no matter %s", name)
		return ""
	}
	for _, x := range []struct{ matter, place, unit, rule string }{
		{"路灯不亮", "220605001006", "lamps", "matter"},
		{"路灯不亮", "220605102200", "220605102", "lamps-towns"},
		{"路灯不亮", "220605003202", "220605003", "lamps-villages"},
		{"暖气不热、屋里冷", "220605001006", "heat-city", "matter"},
		{"暖气不热、屋里冷", "220605106001", "heat-city", "matter"},
		{"暖气不热、屋里冷", "220605105001", "heat-mine", "heating-mining-towns"},
		{"停水", "220605001006", "water", "matter"},
		{"停水", "220605003202", "water-affairs", "water-villages"},
		{"垃圾没人收、垃圾箱满了", "220605001006", "220605001", "matter"},
		{"路面坑洼破损", "220605003202", "transport", "roads-villages"},
		{"雪没清、道路结冰打滑", "220605001006", "220605001", "matter"},
	} {
		street, _ := p.Directory.StreetOf(x.place)
		if d := p.Catalogue.Resolve(find(x.matter), street.ID, x.place); d.Unit != x.unit || d.Rule != x.rule {
			t.Errorf("%s at %s: %s by %s, want %s by %s", x.matter, x.place, d.Unit, d.Rule, x.unit, x.rule)
		}
	}
}

// TestPrivateMatters: what touches wages, families, minors, health or names an
// accused is not shown to everybody.
func TestPrivateMatters(t *testing.T) {
	for _, m := range load(t).Catalogue.Matters(catalogue.KindRequest) {
		if m.Type == catalogue.Report && m.Public {
			t.Errorf("%s %s is a report of wrongdoing and public", m.Code, m.Name)
		}
		switch m.Group {
		case "labour", "social", "education", "health", "civil":
			open := m.Name == "技能培训、创业贷款" || m.Name == "地名、门牌" || m.Name == "公共场所卫生、鼠虫"
			if m.Public != open {
				t.Errorf("%s %s: public %v", m.Code, m.Name, m.Public)
			}
		}
	}
}

func TestLimitsAreInOrder(t *testing.T) {
	p := load(t)
	c := p.Calendars[p.Head.Calendar]
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, worktime.Zone)
	due := func(s string) time.Time {
		l, err := worktime.ParseLimit(s)
		if err != nil {
			t.Fatal(err)
		}
		return c.Add(start, l).At
	}
	last := start
	for _, f := range p.Catalogue.Profiles() {
		sign, contact, reply, end := due(f.Sign), due(f.Contact), due(f.Reply), due(f.Close)
		if sign.After(contact) || contact.After(reply) || reply.After(end) {
			t.Errorf("%s: sign %v, contact %v, reply %v, close %v", f.Name, sign, contact, reply, end)
		}
		if end.Before(last) {
			t.Errorf("%s closes before the profile above it", f.Name)
		}
		last = end
	}
}

func TestCalendars(t *testing.T) {
	p := load(t)
	night := time.Date(2026, 3, 2, 2, 0, 0, 0, worktime.Zone)
	for unit, open := range map[string]bool{"water": true, "duty": true, "civil": false, "220605001": false, "nobody": false} {
		if got := p.Calendar(unit).Next(night, worktime.WorkHour).Equal(night); got != open {
			t.Errorf("%s open at two in the night: %v", unit, got)
		}
	}
}

// TestScores evaluates the shipped formulas on a month whose rates are known.
func TestScores(t *testing.T) {
	p := load(t)
	env := map[string]float64{"received": 120, "direct": 20, "dispatched": 100, "signed_in_time": 100, "scored": 90, "excluded": 10, "before_exclusion": 100,
		"contacted_in_time": 81, "closed": 90, "closed_in_time": 90, "replied": 90, "visited": 90, "answered": 50, "solved": 40, "basic": 5,
		"rated": 50, "very_satisfied": 20, "satisfied": 20, "fairly_satisfied": 5, "dissatisfied": 5, "unit_5": 3, "unit_2": 1}
	want := map[string]float64{"response": 0.9, "resolution": 0.88, "satisfaction": 0.92, "combined": 90, "exclusion": 0.1, "first_answer": 1.0 / 6, "arrival_rating": 4.25}
	for _, f := range p.Scores.Formulas {
		got := f.Parsed.Eval(func(name string) float64 { return env[name] })
		env[f.Name] = got
		if w, ok := want[f.Name]; ok && (got-w > 1e-9 || w-got > 1e-9) {
			t.Errorf("%s = %v, want %v", f.Name, got, w)
		}
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("formulas missing: %v", want)
	}
	if got := env["whistle_rating"]; got == got {
		t.Errorf("nobody rated a whistle, yet it has %v", got)
	}
}

func TestLayers(t *testing.T) {
	p := load(t)
	for _, x := range []struct {
		name   string
		madeUp bool
		most   int
	}{{"district", false, 60_000}, {"towns", true, 120_000}, {"communities", true, 100_000}, {"grids", true, 150_000}, {"unit_grids", true, 200_000}} {
		l, ok := p.Layer(x.name)
		if !ok || l.MadeUp != x.madeUp || len(l.GeoJSON) > x.most || !json.Valid(l.GeoJSON) {
			t.Errorf("%s: found %v, made up %v, %d bytes", x.name, ok, l.MadeUp, len(l.GeoJSON))
		}
	}
}

// TestLayersFit: the areas of each layer fill those above without gaps, overlaps
// or anything outside.
func TestLayersFit(t *testing.T) {
	p := load(t)
	for _, l := range p.Layers {
		src, err := geo.ParseGeoJSON(bytes.NewReader(l.GeoJSON), geo.Fields{})
		if err != nil {
			t.Fatal(err)
		}
		k, _ := directory.LayerKindOf(l.Kind)
		rules := geo.Rules{Digits: k.Digits, Prefix: k.Prefix, Covers: k.Covers}
		if above, ok := p.Layer(l.Areas.Parent); ok {
			rules.Parent = above.Areas
		}
		if _, found := src.Check(rules); geo.Worst(found) != "" && geo.Worst(found) != geo.Hint {
			t.Errorf("%s: %v", l.Name, found)
		}
		if (rules.Parent == nil) != (k.Parent == "") {
			t.Errorf("%s lies in %q", l.Name, l.Areas.Parent)
		}
	}
}

// TestLocate: every place the directory knows lies in its own town, so points
// and codes lead to the same unit; outside the district there is nothing.
func TestLocate(t *testing.T) {
	p := load(t)
	for _, g := range p.Directory.AllGrids() {
		at, ok := p.Locate(g.Center)
		want, _ := p.Directory.StreetOf(g.ID)
		if !ok || at.Street.ID != want.ID {
			t.Errorf("grid %s lies in %s, belongs to %s", g.ID, at.Street.Name, want.Name)
		}
		if at.Grid.Center != g.Center {
			t.Errorf("grid %s: its own centre is located in %s", g.ID, at.Grid.ID)
		}
	}
	for _, far := range []orb.Point{{116.39, 39.91}, {0, 0}, {126.42, 41.94}, {127.6, 42.05}} {
		if at, ok := p.Locate(far); ok {
			t.Errorf("%v is located in %s", far, at.Street.Name)
		}
	}
}

// TestTownsCoverTheDistrict: points strewn over the district lie in one town
// each, but for the slivers that thinning leaves at the border.
func TestTownsCoverTheDistrict(t *testing.T) {
	p := load(t)
	inside, astray := 0, 0
	for x := 126.4; x < 127.3; x += 0.0061 {
		for y := 41.75; y < 42.35; y += 0.0061 {
			hits := p.Atlas().At(geo.Point{Lon: x, Lat: y})
			if len(hits) == 0 || hits[0].Layer.Name != "district" {
				continue
			}
			inside++
			if len(hits) < 2 || hits[1].Layer.Name != "towns" {
				astray++
			}
		}
	}
	if inside < 1000 || astray*200 > inside {
		t.Errorf("%d of %d points lie in no town", astray, inside)
	}
}

func TestVersionFollowsTheFiles(t *testing.T) {
	same, other, readme := files(t), files(t), files(t)
	edit(t, other, "words.yaml", "微笑江源", "微笑")
	readme["README.md"].Data = []byte("other words")
	v := func(f fsMap) string {
		p, err := Load(f)
		if err != nil {
			t.Fatal(err)
		}
		return p.Version
	}
	base := load(t).Version
	if v(same) != base || v(readme) != base || v(other) == base {
		t.Errorf("versions %s %s %s %s", base, v(same), v(readme), v(other))
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(Jiangyuan()); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleLoad() {
	p, err := Load(Jiangyuan())
	if err != nil {
		fmt.Println(err)
		return
	}
	best := p.Catalogue.Suggest("道边那趟路灯不亮，黑灯瞎火的", 1)[0]
	place, _ := p.Directory.OfPlace("220605001006")
	d := p.Catalogue.Resolve(best.Matter.Key, place.Street.ID, place.Community.ID)
	unit, _ := p.Directory.Unit(d.Unit)
	fmt.Println(best.Matter.Code, best.Matter.Name, best.Words)
	fmt.Println(unit.Short, d.ReasonZH)
	// Output:
	// 001 路灯不亮 [路灯不亮 黑灯瞎火]
	// 区路灯所 按职责清单，“路灯不亮”由江源区路灯管理所承办
}
