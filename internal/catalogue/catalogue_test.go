package catalogue

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weixiao/internal/directory"
)

// district is a street with a community and a village, a town with a village,
// two companies, a bureau and a duty desk.
func district(t testing.TB) *directory.Directory {
	t.Helper()
	unit := func(id, parent, name string, kind directory.Kind) directory.Unit {
		u := directory.Unit{ID: id, Parent: parent, Name: name, Short: name, English: "E " + id, Kind: kind}
		if strings.HasPrefix(id, "2206") {
			u.Code = id
		}
		return u
	}
	units := []directory.Unit{
		unit("220605", "", "江源区", directory.District),
		unit("duty", "220605", "值守席", directory.Hotline),
		unit("220605001", "220605", "甲街道", directory.Street),
		unit("220605001001", "220605001", "甲社区", directory.Community),
		unit("220605001200", "220605001", "甲村", directory.Village),
		unit("220605102", "220605", "乙镇", directory.Town),
		unit("220605102200", "220605102", "乙村", directory.Village),
		unit("water", "220605", "自来水公司", directory.Utility),
		unit("lamps", "220605", "路灯所", directory.Department),
		unit("bureau", "220605", "住建局", directory.Department),
	}
	roles := map[directory.Kind]directory.Role{
		directory.Hotline: directory.Duty, directory.Street: directory.StreetLead, directory.Town: directory.StreetLead,
		directory.Community: directory.Secretary, directory.Village: directory.Secretary,
		directory.Utility: directory.DeptLead, directory.Department: directory.DeptLead,
	}
	var posts []directory.Post
	for _, u := range units[1:] {
		posts = append(posts, directory.Post{ID: u.ID + ".lead", Unit: u.ID, Role: roles[u.Kind], Lead: true})
	}
	d, err := directory.New(units, posts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func lists() Lists {
	matter := func(code, name, lead string, assist ...string) Matter {
		return Matter{Code: code, Kind: KindRequest, Name: name, English: "E " + code, Group: "g", Keywords: []string{name},
			Type: Help, Lead: lead, Assist: assist, Limit: "L3", Urgency: Normal, Public: true}
	}
	standard := func(kind Kind, code, name string) Matter {
		return Matter{Code: code, Kind: kind, Standard: "S", Name: name, English: "E " + name, Group: string(kind),
			Type: Help, Lead: "lamps", Limit: "L3", Urgency: Normal}
	}
	gone := matter("009", "电话亭坏了", "bureau")
	gone.Deleted = true
	return Lists{
		Groups: []Group{
			{"g", "市政", "Streets", KindRequest}, {"component", "部件", "Components", KindComponent}, {"matter", "事项", "Matters", KindMatter},
		},
		Matters: []Matter{
			matter("001", "路灯不亮", "lamps", AtStreet), matter("002", "停水", "water", AtStreet, "bureau"),
			matter("003", "垃圾没人收", AtStreet, AtCommunity), matter("004", "说不清的事", ""), gone,
			standard(KindComponent, "01001", "供水井盖"), standard(KindMatter, "01001", "供水井盖异常"), standard(KindMatter, "06010", "暴露垃圾"),
		},
		Profiles: []Profile{{Name: "L3", Title: "一般", English: "Ordinary", Close: "5 workday"}},
		Rules: []Rule{
			{ID: "off", Off: true, Matters: []string{"001"}, Unit: "bureau"},
			{ID: "lamp-town", Matters: []string{"001", "002"}, Places: []directory.Kind{directory.Town}, Unit: AtStreet, ReasonZH: "镇里自管", ReasonEN: "Towns keep theirs"},
			{ID: "lamp-late", Matters: []string{"001", "004"}, Places: []directory.Kind{directory.Town}, Unit: "bureau"},
			{ID: "water-village", Matters: []string{"002"}, Places: []directory.Kind{directory.Village}, Unit: AtCommunity, Assist: []string{"water"}},
			{ID: "under", Groups: []string{"matter"}, Under: []string{"220605102"}, Unit: AtStreet},
		},
	}
}

func made(t testing.TB) *Catalogue {
	t.Helper()
	c, err := New(district(t), lists())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestResolve(t *testing.T) {
	c := made(t)
	cases := []struct {
		name, matter, street, community string
		unit, rule, assist              string
	}{
		{"the matter's own lead, street helps", "001", "220605001", "", "lamps", "matter", "220605001"},
		{"first matching rule wins, later one does not", "001", "220605102", "", "220605102", "lamp-town", ""},
		{"a rule that is off is skipped", "001", "220605001", "220605001001", "lamps", "matter", "220605001"},
		{"place kind of the community", "002", "220605001", "220605001200", "220605001200", "water-village", "water"},
		{"other place kind", "002", "220605001", "220605001001", "water", "matter", "220605001 bureau"},
		{"community alone implies its street", "003", "", "220605001001", "220605001", "matter", "220605001001"},
		{"community given as street", "003", "220605001001", "", "220605001", "matter", ""},
		{"place unknown, so nobody's street", "003", "", "", "duty", "duty", ""},
		{"a unit that is no place", "003", "water", "water", "duty", "duty", ""},
		{"place conditions do not hold without a place", "001", "", "", "lamps", "matter", ""},
		{"no lead at all goes to the duty desk", "004", "220605001", "", "duty", "duty", ""},
		{"unknown matter goes to the duty desk", "777", "220605001", "", "duty", "duty", ""},
		{"under a unit", "S-m06010", "220605102", "220605102200", "220605102", "under", ""},
		{"not under it", "S-m06010", "220605001", "", "lamps", "matter", ""},
		{"bare code of a standard matter", "06010", "220605102", "", "220605102", "under", ""},
		{"deleted matters still resolve", "009", "220605001", "", "bureau", "matter", ""},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			d := c.Resolve(x.matter, x.street, x.community)
			if d.Unit != x.unit || d.Rule != x.rule || strings.Join(d.Assist, " ") != x.assist {
				t.Errorf("got %+v", d)
			}
			if d.ReasonZH == "" || d.ReasonEN == "" || d.DutyDesk != (x.unit == "duty") {
				t.Errorf("got %+v", d)
			}
		})
	}
	if d := c.Resolve("001", "220605102", ""); d.ReasonZH != "镇里自管" || d.ReasonEN != "Towns keep theirs" {
		t.Errorf("the rule's reason is lost: %+v", d)
	}
}

// TestRuleOrder swaps two rules that both match: the upper one decides.
func TestRuleOrder(t *testing.T) {
	l := lists()
	l.Rules[1], l.Rules[2] = l.Rules[2], l.Rules[1]
	c, err := New(district(t), l)
	if err != nil {
		t.Fatal(err)
	}
	if d := c.Resolve("001", "220605102", ""); d.Rule != "lamp-late" || d.Unit != "bureau" {
		t.Errorf("got %+v", d)
	}
}

func TestLookUps(t *testing.T) {
	c := made(t)
	for key, want := range map[string]string{
		"001": "路灯不亮", "009": "电话亭坏了", "S-c01001": "供水井盖", "S-m01001": "供水井盖异常", "06010": "暴露垃圾",
		"01001": "", "": "", "S-c06010": "",
	} {
		if m, ok := c.Matter(key); m.Name != want || ok != (want != "") {
			t.Errorf("Matter(%q) = %q", key, m.Name)
		}
	}
	deleted := func(m Matter) bool { return m.Code == "009" }
	if slices.ContainsFunc(c.Matters(), deleted) || !slices.ContainsFunc(c.All(), deleted) {
		t.Error("deleted matters must be in All and not in Matters")
	}
	if n := len(c.Matters(KindMatter)); n != 2 {
		t.Errorf("%d matters", n)
	}
	if got := c.Suggest("电话亭坏了", 3); len(got) != 0 {
		t.Errorf("a deleted matter is suggested: %v", got)
	}
	m, _ := c.Matter("001")
	if c.LimitsOf(m).Close != "5 workday" {
		t.Error("limits are lost")
	}
	if c.DutyDesk().ID != "duty" {
		t.Error("no duty desk")
	}
}

func TestFaults(t *testing.T) {
	cases := map[string]struct {
		spoil func(l *Lists)
		list  string
		row   int
		words string
	}{
		"code twice":        {func(l *Lists) { l.Matters[1].Code = "001" }, "matters", 1, "already used"},
		"code length":       {func(l *Lists) { l.Matters[1].Code = "02" }, "matters", 1, "3 digits"},
		"unknown group":     {func(l *Lists) { l.Matters[1].Group = "x" }, "matters", 1, "group x"},
		"group of others":   {func(l *Lists) { l.Matters[1].Group = "matter" }, "matters", 1, "group matter"},
		"unknown profile":   {func(l *Lists) { l.Matters[1].Limit = "L9" }, "matters", 1, "L9"},
		"unknown unit":      {func(l *Lists) { l.Matters[1].Lead = "nobody" }, "matters", 1, "nobody"},
		"unit of no cases":  {func(l *Lists) { l.Matters[1].Lead = "220605" }, "matters", 1, "does not handle"},
		"unknown helper":    {func(l *Lists) { l.Matters[1].Assist = []string{"@city"} }, "matters", 1, "@city"},
		"unknown type":      {func(l *Lists) { l.Matters[1].Type = "joke" }, "matters", 1, "joke"},
		"unknown urgency":   {func(l *Lists) { l.Matters[1].Urgency = "huge" }, "matters", 1, "huge"},
		"no keywords":       {func(l *Lists) { l.Matters[1].Keywords = nil }, "matters", 1, "keyword"},
		"unknown kind":      {func(l *Lists) { l.Matters[1].Kind = "x" }, "matters", 1, "kind must be"},
		"rule without id":   {func(l *Lists) { l.Rules[1].ID = "" }, "rules", 1, "missing"},
		"rule's matter":     {func(l *Lists) { l.Rules[1].Matters = []string{"999"} }, "rules", 1, "999"},
		"ambiguous code":    {func(l *Lists) { l.Rules[1].Matters = []string{"01001"} }, "rules", 1, "01001"},
		"rule's group":      {func(l *Lists) { l.Rules[1].Groups = []string{"x"} }, "rules", 1, "group x"},
		"rule's place":      {func(l *Lists) { l.Rules[1].Places = []directory.Kind{"moon"} }, "rules", 1, "moon"},
		"rule's area":       {func(l *Lists) { l.Rules[1].Under = []string{"moon"} }, "rules", 1, "moon"},
		"rule without unit": {func(l *Lists) { l.Rules[1].Unit = "" }, "rules", 1, "does not exist"},
		"profile twice":     {func(l *Lists) { l.Profiles = append(l.Profiles, l.Profiles[0]) }, "profiles", 1, "used twice"},
		"group twice":       {func(l *Lists) { l.Groups = append(l.Groups, l.Groups[0]) }, "groups", 3, "used twice"},
	}
	for name, x := range cases {
		t.Run(name, func(t *testing.T) {
			l := lists()
			x.spoil(&l)
			_, err := New(district(t), l)
			var faults directory.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("got %v", err)
			}
			if !slices.ContainsFunc(faults, func(f directory.Fault) bool {
				return f.List == x.list && f.Row == x.row && strings.Contains(f.EN, x.words) && f.ZH != ""
			}) {
				t.Errorf("no fault in %s row %d with %q: %v", x.list, x.row, x.words, []directory.Fault(faults))
			}
		})
	}
}

func TestNoDutyDesk(t *testing.T) {
	d, err := directory.New([]directory.Unit{{ID: "220605", Name: "区", Kind: directory.District, Code: "220605"}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(d, Lists{}); err == nil {
		t.Error("a catalogue without a duty desk was made")
	}
}

// TestNeverLost draws any rules and any place: Resolve names a unit that exists
// and handles cases, never twice in one answer, and always the same.
func TestNeverLost(t *testing.T) {
	dir, whole := district(t), made(t)
	exprs := rapid.SampledFrom([]string{AtStreet, AtCommunity, AtDuty, "water", "bureau", "lamps"})
	rapid.Check(t, func(t *rapid.T) {
		var rules []Rule
		for i := range rapid.IntRange(0, 6).Draw(t, "rules") {
			rules = append(rules, Rule{
				ID: string(rune('a' + i)), Off: rapid.Bool().Draw(t, "off"),
				Matters: rapid.SliceOfN(rapid.SampledFrom([]string{"001", "002", "003"}), 0, 2).Draw(t, "matters"),
				Places:  rapid.SliceOfN(rapid.SampledFrom(placeKinds), 0, 2).Draw(t, "places"),
				Under:   rapid.SliceOfN(rapid.SampledFrom([]string{"220605001", "220605102", "220605001001"}), 0, 2).Draw(t, "under"),
				Unit:    exprs.Draw(t, "unit"), Assist: rapid.SliceOfN(exprs, 0, 3).Draw(t, "assist"),
			})
		}
		c := whole.Restore(2, Duties{Rules: rules}, "")
		place := rapid.SampledFrom([]string{"", "220605", "220605001", "220605001001", "220605001200", "220605102", "220605102200", "water", "nobody"})
		m := rapid.SampledFrom([]string{"001", "002", "003", "004", "009", "S-m01001", "zzz"}).Draw(t, "matter")
		s, k := place.Draw(t, "street"), place.Draw(t, "community")
		d := c.Resolve(m, s, k)
		if u, ok := dir.Unit(d.Unit); !ok || !u.Kind.HandlesCases() {
			t.Fatalf("resolved to %q", d.Unit)
		}
		all := append([]string{d.Unit}, d.Assist...)
		slices.Sort(all)
		if len(slices.Compact(all)) != len(d.Assist)+1 {
			t.Fatalf("a unit twice: %+v", d)
		}
		if again := c.Resolve(m, s, k); again.Unit != d.Unit || again.Rule != d.Rule || !slices.Equal(again.Assist, d.Assist) {
			t.Fatalf("%+v and %+v", d, again)
		}
	})
}

// FuzzSuggest: any bytes give a sorted answer within n, without a panic.
func FuzzSuggest(f *testing.F) {
	c := made(f)
	for _, s := range []string{"路灯不亮", "停+水", "\xff\xfe", "垃圾没人收垃圾没人收", "ａｂｃ"} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = min(max(n, 0), 10)
		got := c.Suggest(s, n)
		if len(got) > n || !slices.IsSortedFunc(got, func(a, b Proposal) int { return int(b.Score*1e6) - int(a.Score*1e6) }) {
			t.Errorf("Suggest(%q, %d) = %v", s, n, got)
		}
	})
}
