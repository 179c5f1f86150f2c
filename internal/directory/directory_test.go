package directory

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// small is a district with one street, one town, a community and a village.
func small() ([]Unit, []Post, []Grid) {
	units := []Unit{
		{ID: "220605", Name: "白山市江源区", Short: "江源区", English: "Jiangyuan District", Kind: District, Code: "220605", Aliases: []string{"八道江区", "220604"}},
		{ID: "220605003", Parent: "220605", Name: "正岔街道", Short: "正岔街道", English: "Zhengcha Street", Kind: Street, Code: "220605003", Aliases: []string{"正岔街道办事处"}},
		{ID: "220605003001", Parent: "220605003", Name: "东升社区", Short: "东升社区", English: "Dongsheng Community", Kind: Community, Code: "220605003001"},
		{ID: "220605102", Parent: "220605", Name: "湾沟镇", Short: "湾沟镇", English: "Wangou Town", Kind: Town, Code: "220605102"},
		{ID: "220605102200", Parent: "220605102", Name: "和平村", Short: "和平村", English: "Heping Village", Kind: Village, Code: "220605102200"},
		{ID: "housing", Parent: "220605", Name: "江源区住房和城乡建设局", Short: "区住建局", English: "Housing Bureau", Kind: Department},
		{ID: "property", Parent: "housing", Name: "江源区物业服务管理中心", Short: "区物业中心", English: "Property Office", Kind: Department},
	}
	posts := []Post{
		{ID: "220605003.lead", Unit: "220605003", Role: StreetLead, Lead: true},
		{ID: "220605003.desk", Unit: "220605003", Role: StreetHand},
		{ID: "220605003001.lead", Unit: "220605003001", Role: Secretary, Lead: true},
		{ID: "220605003001.grid-001", Unit: "220605003001", Role: GridWorker},
		{ID: "220605003001.grid-002", Unit: "220605003001", Role: GridWorker},
		{ID: "220605102.lead", Unit: "220605102", Role: StreetLead, Lead: true},
		{ID: "220605102200.lead", Unit: "220605102200", Role: Secretary, Lead: true},
		{ID: "housing.lead", Unit: "housing", Role: DeptLead, Lead: true},
		{ID: "property.lead", Unit: "property", Role: DeptLead, Lead: true},
	}
	grids := []Grid{
		{ID: "220605003001001", Community: "220605003001", Name: "第一网格", Post: "220605003001.grid-001", Center: orb.Point{126.60, 42.08}},
		{ID: "220605003001002", Community: "220605003001", Name: "第二网格", Post: "220605003001.grid-002", Center: orb.Point{126.62, 42.08}},
	}
	return units, posts, grids
}

func made(t *testing.T) *Directory {
	t.Helper()
	d, err := New(small())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func ids(units []Unit) string {
	var all []string
	for _, u := range units {
		all = append(all, u.ID)
	}
	return strings.Join(all, " ")
}

func TestTree(t *testing.T) {
	d := made(t)
	if got := ids(d.Path("220605003001")); got != "220605003001 220605003 220605" {
		t.Errorf("Path: %s", got)
	}
	if d.Path("nobody") != nil {
		t.Error("Path of an unknown unit is not nil")
	}
	for _, c := range []struct {
		id, root string
		want     bool
	}{
		{"220605003001", "220605003", true}, {"220605003001", "220605", true}, {"220605003", "220605003", true},
		{"220605003", "220605003001", false}, {"property", "housing", true}, {"housing", "220605003", false}, {"nobody", "nobody", false},
	} {
		if got := d.Under(c.id, c.root); got != c.want {
			t.Errorf("Under(%s, %s) = %v", c.id, c.root, got)
		}
	}
	if got := ids(d.Children("220605")); got != "220605003 220605102 housing" {
		t.Errorf("Children: %s", got)
	}
	if got := ids(d.ByKind(Street, Town)); got != "220605003 220605102" {
		t.Errorf("ByKind: %s", got)
	}
	if d.Root().ID != "220605" {
		t.Errorf("Root: %s", d.Root().ID)
	}
}

func TestCodesAndPlaces(t *testing.T) {
	d := made(t)
	for code, want := range map[string]string{
		"220605": "220605", "220605000000": "220605", "220605003": "220605003", "220605003000": "220605003",
		"220605003001": "220605003001", "housing": "", "": "", "2206": "", "000000000": "",
	} {
		if u, _ := d.ByCode(code); u.ID != want {
			t.Errorf("ByCode(%q) = %q, want %q", code, u.ID, want)
		}
	}
	for id, want := range map[string]string{
		"220605003001": "220605003", "220605003": "220605003", "220605102200": "220605102", "220605003001002": "220605003",
		"housing": "", "220605": "", "nobody": "",
	} {
		if u, ok := d.StreetOf(id); u.ID != want || ok != (want != "") {
			t.Errorf("StreetOf(%q) = %q, want %q", id, u.ID, want)
		}
	}
	for _, c := range []struct{ code, street, community, grid string }{
		{"220605003001002", "220605003", "220605003001", "220605003001002"},
		{"220605102200", "220605102", "220605102200", ""},
		{"220605102000", "220605102", "", ""},
		{"220605", "", "", ""},
	} {
		p, ok := d.OfPlace(c.code)
		if !ok || p.Street.ID != c.street || p.Community.ID != c.community || p.Grid.ID != c.grid {
			t.Errorf("OfPlace(%s) = %v %+v", c.code, ok, p)
		}
	}
	for _, no := range []string{"", "housing", "220605009", "220605003001009"} {
		if _, ok := d.OfPlace(no); ok {
			t.Errorf("OfPlace(%q) is found", no)
		}
	}
}

func TestPostsAndGrids(t *testing.T) {
	d := made(t)
	if p, ok := d.Lead("220605003"); !ok || p.ID != "220605003.lead" {
		t.Errorf("Lead: %v %v", p, ok)
	}
	if _, ok := d.Lead("220605"); ok {
		t.Error("the district has a lead")
	}
	if n := len(d.Posts("220605003")); n != 2 {
		t.Errorf("%d posts", n)
	}
	if n := len(d.Grids("220605003")); n != 2 {
		t.Errorf("%d grids under the street", n)
	}
	if n := len(d.Grids("220605102")); n != 0 {
		t.Errorf("%d grids under the town", n)
	}
	if g, ok := d.Nearest(orb.Point{126.615, 42.09}, "220605"); !ok || g.ID != "220605003001002" {
		t.Errorf("Nearest: %v %v", g, ok)
	}
	if _, ok := d.Nearest(orb.Point{126.615, 42.09}, "220605102"); ok {
		t.Error("Nearest found a grid where there is none")
	}
}

func TestSearch(t *testing.T) {
	d := made(t)
	for words, want := range map[string]string{
		"正岔街道":      "220605003",
		"正岔街道办事处":   "220605003",
		"八道江区":      "220605",
		"220604":    "220605",
		"２２０６０４":    "220605",
		"东升":        "220605003001",
		"住建局":       "housing",
		"zhengcha":  "220605003",
		"湾沟镇和平村三组":  "220605102",
		"区 住 建 局":   "housing",
		"220605102": "220605102",
	} {
		got := d.Search(words)
		if len(got) == 0 || got[0].ID != want {
			t.Errorf("Search(%q) = %s, want %s first", words, ids(got), want)
		}
	}
	for _, no := range []string{"", " ", "火星"} {
		if got := d.Search(no); len(got) != 0 {
			t.Errorf("Search(%q) = %s", no, ids(got))
		}
	}
}

func TestFaults(t *testing.T) {
	cases := map[string]struct {
		spoil func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid)
		list  string
		row   int
		words string
	}{
		"unit twice": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			u[3].ID = "220605003"
			return u, p, g
		}, "units", 3, "already used"},
		"no parent": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			u[2].Parent = "nobody"
			return u, p, g
		}, "units", 2, "parent nobody does not exist"},
		"circle": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			u[5].Parent = "property"
			return u, p, g
		}, "units", 5, "circle"},
		"second root": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			u[5].Parent = ""
			return u, p, g
		}, "units", 5, "second unit without a parent"},
		"short code": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			u[1].Code = "22060503"
			return u, p, g
		}, "units", 1, "9 digits"},
		"foreign code": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			u[4].Code = "220605003200"
			return u, p, g
		}, "units", 4, "must begin with its parent's 220605102"},
		"code on a department": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			u[5].Code = "220605900"
			return u, p, g
		}, "units", 5, "no division code"},
		"unknown kind": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			u[5].Kind = "bureau"
			return u, p, g
		}, "units", 5, "unknown kind"},
		"no lead": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			p[7].Lead = false
			return u, p, g
		}, "units", 5, "no lead post"},
		"two leads": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			p[1].Lead = true
			return u, p, g
		}, "posts", 1, "only one lead"},
		"unknown role": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			p[1].Role = "king"
			return u, p, g
		}, "posts", 1, "unknown role"},
		"role in the wrong place": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			p[1].Role = DeptHand
			return u, p, g
		}, "posts", 1, "does not belong"},
		"post nowhere": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			p[1].Unit = "nobody"
			return u, p, g
		}, "posts", 1, "unit nobody does not exist"},
		"grid code": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			g[1].ID = "22060500300102"
			return u, p, g
		}, "grids", 1, "15 digits"},
		"grid of another": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			g[1].ID = "220605102200001"
			return u, p, g
		}, "grids", 1, "code 220605003001"},
		"grid worker": {func(u []Unit, p []Post, g []Grid) ([]Unit, []Post, []Grid) {
			g[1].Post = "220605003001.lead"
			return u, p, g
		}, "grids", 1, "not a grid worker's post"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := New(c.spoil(small()))
			var faults Faults
			if !errors.As(err, &faults) {
				t.Fatalf("got %v", err)
			}
			if !slices.ContainsFunc(faults, func(f Fault) bool {
				return f.List == c.list && f.Row == c.row && strings.Contains(f.EN, c.words) && f.ZH != ""
			}) {
				t.Errorf("no fault in %s row %d with %q: %v", c.list, c.row, c.words, []Fault(faults))
			}
		})
	}
}

// TestAnyTree draws random trees: New takes exactly those whose parents lead to
// the root, and Path and Under agree.
func TestAnyTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		units := []Unit{{ID: "220605", Name: "区", Kind: District, Code: "220605"}}
		var posts []Post
		for i := range n {
			id := string(rune('a' + i))
			parent := rapid.SampledFrom([]string{"220605", "a", "b", "c", "d", "e"}).Draw(t, "parent")
			units = append(units, Unit{ID: id, Parent: parent, Name: id, Kind: Department})
			posts = append(posts, Post{ID: id + ".lead", Unit: id, Role: DeptLead, Lead: true})
		}
		parents := map[string]string{}
		for _, u := range units {
			parents[u.ID] = u.Parent
		}
		good := true
		for _, u := range units {
			at := u.ID
			for range len(units) + 1 {
				if up, ok := parents[at]; ok {
					at = up
				}
			}
			good = good && at == ""
		}
		d, err := New(units, posts, nil)
		if (err == nil) != good {
			t.Fatalf("good %v, error %v", good, err)
		}
		if err != nil {
			return
		}
		for _, u := range units {
			path := d.Path(u.ID)
			for _, v := range units {
				on := slices.ContainsFunc(path, func(p Unit) bool { return p.ID == v.ID })
				if on != d.Under(u.ID, v.ID) {
					t.Fatalf("Path and Under differ on %s, %s", u.ID, v.ID)
				}
			}
		}
	})
}
