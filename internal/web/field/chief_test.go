package field

import (
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// TestChiefs: the chief of a building has the one building, its doors in a campaign in which such chiefs go, and what they
// found themselves; no case, no person, no other building, and no page of records at the desk.
func TestChiefs(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		const block, next = "220605001001-b001", "220605001001-b002"
		e.site.Visits = web.NewVisits(e.DB, e.Cases, e.Pack, e.Vault, e.Posts, func() *access.Gate { return e.gate }, e.Clock)
		host := e.Scope(community, access.Community)
		plan := func(posts, building string) {
			id, err := e.site.Visits.Plan(t.Context(), host, form.Raw{"name": {"走访"}, "communities": {community}, "buildings": {building}, "posts": {posts}, "from": {"2022-11-20"}, "until": {"2022-12-20"}})
			if err == nil {
				err = e.site.Visits.Act(t.Context(), host, id, "start", 1, nil)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		plan("resident", block+"\n"+next)
		cadre, resident := e.hireFor(community, "机关楼长小吕", access.Chief, block+".cadre"), e.hireFor(community, "居民楼长刘婶", access.Chief, block+".resident")
		number := e.sent(community, "锦绣花园 1 号楼的诉求")
		d := resident.today()
		for _, x := range d.Tasks {
			if x.Kind != visits.VisitTable.Kind || !strings.HasPrefix(x.Title, "松花花园1号楼") || x.Link != "" {
				t.Errorf("the resident chief has %+v", x)
			}
		}
		if len(d.Tasks) == 0 || len(cadre.ofKind(visits.VisitTable.Kind)) != 0 {
			t.Errorf("%d doors of the resident chief, %d of the cadre, who does not go", len(d.Tasks), len(cadre.ofKind(visits.VisitTable.Kind)))
		}
		for _, a := range []string{"visit.record", "visit.raise"} {
			for _, f := range d.Actions[a].Fields {
				if f.Name == "name" || f.Name == "phone" {
					t.Errorf("%s asks for %s", a, f.Name)
				}
			}
		}
		for _, l := range d.Lists {
			if l.Name != "buildings" || len(l.Items) != 1 || l.Items[0].ID != block {
				t.Errorf("list %s: %+v", l.Name, l.Items)
			}
		}
		if len(d.Lists) != 1 {
			t.Errorf("%d lists", len(d.Lists))
		}
		// a door of theirs, one of another's, one that names a person
		door := d.Tasks[0].Subject
		other := strings.Replace(door, block, next, 1)
		if r := resident.send(resident.item("visit", other, "record", map[string][]string{"outcome": {"not_home"}})); r.Code != 409 {
			t.Errorf("another building: %d %s", r.Code, r.Body)
		}
		if r := cadre.send(cadre.item("visit", door, "record", map[string][]string{"outcome": {"not_home"}})); r.Code != 409 {
			t.Errorf("the cadre, who does not go: %d", r.Code)
		}
		if r := resident.send(resident.item("visit", door, "record", map[string][]string{"outcome": {"met"}, "need": {"repair"}, "words": {"楼道灯坏了"}, "phone": {"19900005678"}})); r.Code != 422 {
			t.Errorf("with a number: %d %s", r.Code, r.Body)
		}
		resident.taken(resident.item("visit", door, "record", map[string][]string{"outcome": {"met"}, "need": {"repair"}, "words": {"楼道灯坏了"}}))
		// a finding becomes a case, which the community reads and the chief does not
		a := resident.taken(resident.item(rounds.Table.Kind, "", "find", map[string][]string{"words": {"单元门锁坏了"}}), picture(t, 1))
		if a.Kind != "case" || a.Link != "" {
			t.Errorf("%+v", a)
		}
		if err := e.Cases.Shares(t.Context(), host, a.Subject); err != nil {
			t.Errorf("the community reads what was found in it: %v", err)
		}
		if err := e.Cases.Shares(t.Context(), resident.scope(), number); err == nil {
			t.Error("the chief reads a case")
		}
		fixed := resident.taken(resident.item(rounds.Table.Kind, "", "find", map[string][]string{"words": {"楼道堆物"}, "settled": {"true"}, "fix": {"已请住户搬走"}}))
		if list, err := e.site.Rounds.List(t.Context(), resident.scope(), rounds.Filter{}); err != nil || len(list) != 2 || list[0].ID != fixed.Subject {
			t.Errorf("%+v %v", list, err)
		}
		if list, err := e.site.Rounds.List(t.Context(), cadre.scope(), rounds.Filter{}); err != nil || len(list) != 0 {
			t.Errorf("the other chief sees %d findings", len(list))
		}
		for path, want := range map[string]int{"/desk/cases/" + number: 403, "/desk/rounds": 403, "/desk/doors/" + door: 403, "/desk/people-in-need": 403, "/desk/search": 403,
			"/desk/admin/organisation/buildings/" + block: 200} {
			if r := resident.get(path); r.Code != want {
				t.Errorf("%s: %d, want %d", path, r.Code, want)
			}
		}
		e.verified()
	})
}

// TestPlannedDoors: a door past its day has no clock: the day is said, and nothing is late.
func TestPlannedDoors(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.site.Visits = web.NewVisits(e.DB, e.Cases, e.Pack, e.Vault, e.Posts, func() *access.Gate { return e.gate }, e.Clock)
		x := &visits.Visit{ID: "v.b.1-101", Community: community, Building: "220605001001-b001", Door: "1-101", State: visits.Attempted, Revisit: e.Clock().AddDate(0, 0, -9).In(zone).Format(time.DateOnly)}
		c := Caller{Principal: access.Principal{District: e.Pack.District, Unit: community, Roles: []string{access.Grid}}, Scope: e.Scope(community, access.Grid), Lang: words.ZH, Now: e.Clock()}
		if k := (visitWork{e.site}).task(c, x); k.Due != 0 || !strings.HasPrefix(k.Plan, "原定") {
			t.Errorf("%+v", k)
		}
		x.Revisit = e.Clock().In(zone).Format(time.DateOnly)
		if k := (visitWork{e.site}).task(c, x); k.Due != 0 || !strings.HasPrefix(k.Plan, "计划") {
			t.Errorf("%+v", k)
		}
	})
}
