package places_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/paulmach/orb"

	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/places"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type env struct {
	*casestest.Env
	p *places.Places
}

func each(t *testing.T, fn func(t *testing.T, e env)) {
	casestest.Each(t, func(t *testing.T, e *casestest.Env) { fn(t, env{e, e.Places}) })
}

var here = orb.Point{126.581650, 42.048134}

// closed takes a case with a place on the map through to the resident's word that it is solved.
func (e env) closed(t *testing.T, phone, address string, dx float64) string {
	t.Helper()
	r := cases.Report{Channel: "portal", Body: "路灯不亮了", Place: cases.Place{Text: address, Lon: here[0] + dx, Lat: here[1], Located: true}}
	if phone != "" {
		r.Person = vault.Person{Name: "王小明", Phone: phone}
	}
	got, err := e.Cases.Report(t.Context(), e.Public(), r)
	if err != nil {
		t.Fatal(err)
	}
	centre, street, back := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street"), e.Scope("", "callback")
	act := func(who int, action string, kv ...string) {
		raw := form.Raw{}
		for i := 0; i < len(kv); i += 2 {
			raw[kv[i]] = []string{kv[i+1]}
		}
		sc := centre
		if who == 1 {
			sc = street
		} else if who == 2 {
			sc = back
		}
		if _, err := e.Cases.Act(t.Context(), sc, got.Number, action, cases.Input{Raw: raw}); err != nil {
			t.Fatalf("%s: %v", action, err)
		}
	}
	act(0, "dispatch", "unit", casestest.Street, "profile", "L3")
	act(1, "sign")
	act(1, "contact", "how", "phone")
	act(1, "reply", "reply", "修好了", "result", "solved")
	act(2, "call_back", "reached", "true", "contacted", "true", "solved", "solved", "satisfied", "satisfied")
	return got.Number
}

func (e env) follow(t *testing.T) {
	t.Helper()
	if err := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), e.p.Follower()).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.p.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (e env) list(t *testing.T, state string) []*places.Proposal {
	t.Helper()
	list, err := e.p.List(t.Context(), state, "", 50)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (e env) verify(t *testing.T) {
	t.Helper()
	c := e.p.NewChecker()
	if _, err := journal.Verify(context.Background(), e.DB, e.Pack.District, c.Fold); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Finish(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLearns: three people whose cases are closed make a name count; one person's three cases do not.
func TestLearns(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		for i := range 3 {
			e.closed(t, "", fmt.Sprintf("星光家园%d号楼2单元501", i+1), 0)
		}
		e.follow(t)
		list := e.list(t, places.Proposed)
		if len(list) != 1 || list[0].Name != "星光家园" || list[0].Kind != "estate" {
			t.Fatalf("proposed: %+v", list)
		}
		if f := e.p.Find("星光家园1号楼", orb.Point{}, false); len(f.Candidates) != 0 {
			t.Errorf("a proposed name is found: %+v", f.Candidates)
		}
		e.closed(t, "13804391111", "星光家园8号楼", 0.0002)
		e.closed(t, "13804392222", "星光家园", -0.0002)
		e.follow(t)
		if list = e.list(t, places.Counted); len(list) != 1 {
			t.Fatalf("counted: %+v", list)
		}
		c, ok := e.p.Find("星光家园1号楼", orb.Point{}, false).Sure()
		if !ok || c.Community.ID != list[0].Unit {
			t.Errorf("found %+v %v", c, ok)
		}
		if s := e.p.Gazetteer().Suggest("xgjy", 3); len(s) == 0 || s[0].Spot.Name != "星光家园" {
			t.Errorf("suggested %+v", s)
		}
		if n, err := e.p.Cases(t.Context(), list[0].ID); err != nil || len(n) != 5 {
			t.Errorf("%d cases, %v", len(n), err)
		}
		e.verify(t)
	})
}

// TestNothingPersonal: what is known, has figures, is no place by its name, or is far off, is not learned.
func TestNothingPersonal(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		for _, address := range []string{"矿工新村3号楼", "老王家门口", "王小明家", "13804391234旁边", "三单元501室", "建设街12号", "", "张三的店后面", "我家楼下"} {
			e.closed(t, "13804391111", address, 0)
		}
		e.follow(t)
		if list := e.list(t, places.Proposed); len(list) != 0 {
			t.Errorf("learned %+v", list[0])
		}
		// Three cases of one name in three corners are not one place.
		for i, phone := range []string{"13804391111", "13804392222", "13804393333"} {
			e.closed(t, phone, "碧波小区2号楼", float64(i-1)*0.02)
		}
		e.follow(t)
		if list := e.list(t, places.Counted); len(list) != 0 {
			t.Errorf("counted %+v", list[0])
		}
	})
}

func TestDecide(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.closed(t, "13804391111", "星光家园8号楼", 0)
		e.closed(t, "13804391111", "新矿小区8号楼", 0)
		e.follow(t)
		by := map[string]*places.Proposal{}
		for _, x := range e.list(t, places.Proposed) {
			by[x.Name] = x
		}
		a, b := by["星光家园"], by["新矿小区"]
		if a == nil || b == nil {
			t.Fatalf("%v", by)
		}
		admin, operator := e.Scope("", "admin"), e.Scope("", "operator")
		if err := e.p.Act(t.Context(), operator, a.ID, "confirm", 1, form.Raw{"name": {"星光家园"}, "kind": {"estate"}}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("an operator decided: %v", err)
		}
		if err := e.p.Act(t.Context(), admin, a.ID, "confirm", 1, form.Raw{"name": {"3号楼501"}, "kind": {"estate"}}); err == nil {
			t.Error("a room became a name")
		}
		if err := e.p.Act(t.Context(), admin, a.ID, "confirm", 1, form.Raw{"name": {"星光嘉园"}, "kind": {"estate"}}); err != nil {
			t.Fatal(err)
		}
		if _, ok := e.p.Find("星光嘉园", orb.Point{}, false).Sure(); !ok {
			t.Error("a confirmed name is not found")
		}
		if err := e.p.Act(t.Context(), admin, a.ID, "reject", 1, form.Raw{"reason": {"x"}}); !errors.Is(err, places.ErrStale) {
			t.Errorf("an old page: %v", err)
		}
		if err := e.p.Act(t.Context(), admin, b.ID, "merge", 1, form.Raw{"into": {"nothing"}, "reason": {"x"}}); err == nil {
			t.Error("merged into nothing")
		}
		if err := e.p.Act(t.Context(), admin, b.ID, "merge", 1, form.Raw{"into": {"g0002"}, "reason": {"同一个小区"}}); err != nil {
			t.Fatal(err)
		}
		c, ok := e.p.Find("新矿小区8号楼", orb.Point{}, false).Sure()
		if !ok || c.Spot.ID != "g0002" {
			t.Errorf("another name of 矿工新村 finds %+v", c)
		}
		if err := e.p.Act(t.Context(), admin, a.ID, "reject", 2, form.Raw{"reason": {"没有这个小区"}}); err != nil {
			t.Fatal(err)
		}
		if f := e.p.Find("星光嘉园", orb.Point{}, false); len(f.Candidates) != 0 && f.Candidates[0].Why == "spot" {
			t.Error("a rejected name is found")
		}
		// Once rejected it is not proposed again.
		e.closed(t, "13804392222", "星光家园8号楼", 0)
		e.follow(t)
		if list := e.list(t, places.Proposed); len(list) != 0 {
			t.Errorf("proposed again: %+v", list[0])
		}
		e.verify(t)
	})
}
