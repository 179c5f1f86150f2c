package assets_test

import (
	"errors"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/assets"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type env struct {
	*casestest.Env
	a *assets.Assets
}

func each(t *testing.T, fn func(t *testing.T, e env)) {
	casestest.Each(t, func(t *testing.T, e *casestest.Env) { fn(t, env{e, e.Assets}) })
}

// middle of 江南社区.
var here = orb.Point{126.581650, 42.048134}

func (e env) add(t *testing.T, a assets.Asset) error {
	t.Helper()
	sc := access.SystemScope(e.Pack.District, "test")
	return e.DB.Write(t.Context(), func(tx *store.Tx) error { return e.a.Register(tx, sc, a) })
}

func lamp(n string, dx float64) assets.Asset {
	return assets.Asset{ID: "22060501037" + n, Unit: casestest.Street, Point: orb.Point{here[0] + dx, here[1]}, Address: "建设街"}
}

func TestRegister(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		if err := e.add(t, lamp("000001", 0)); err != nil {
			t.Fatal(err)
		}
		if err := e.add(t, lamp("000001", 0)); !errors.Is(err, assets.ErrKnown) {
			t.Errorf("the same again: %v", err)
		}
		if err := e.add(t, lamp("000001", 0.001)); !errors.Is(err, assets.ErrTaken) {
			t.Errorf("the id of another: %v", err)
		}
		far := lamp("000002", 0)
		far.Point = orb.Point{116.4, 39.9}
		if err := e.add(t, far); !errors.Is(err, assets.ErrOutside) {
			t.Errorf("outside: %v", err)
		}
		nobody := lamp("000003", 0)
		nobody.Unit = "nobody"
		if _, ok := errors.AsType[form.Faults](e.add(t, nobody)); !ok {
			t.Error("an unknown unit was taken")
		}
		a, acts, err := e.a.Get(t.Context(), e.Scope("", "dispatcher"), "22060501037000001")
		if err != nil || a.Kind != "01037" || a.Street != casestest.Street || a.Community == "" || a.Grid == "" || a.State != assets.Intact || len(acts) != 1 {
			t.Errorf("%+v %d %v", a, len(acts), err)
		}
	})
}

func TestWhoSees(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		if err := e.add(t, lamp("000001", 0)); err != nil {
			t.Fatal(err)
		}
		id := "22060501037000001"
		for _, c := range []struct {
			sc   access.Scope
			sees bool
		}{{e.Scope("", "operator"), true}, {e.Scope(casestest.Street, "street"), true}, {e.Scope(casestest.OtherStreet, "street"), false}, {e.Public(), false}} {
			_, _, err := e.a.Get(t.Context(), c.sc, id)
			list, lerr := e.a.List(t.Context(), c.sc, assets.Filter{})
			near, nerr := e.a.Near(t.Context(), c.sc, here, 5)
			if lerr != nil || nerr != nil || (err == nil) != c.sees || (len(list) == 1) != c.sees || (len(near) == 1) != c.sees {
				t.Errorf("%v: %v, %d in the list, %d near", c.sc.Roles(), err, len(list), len(near))
			}
		}
		other := e.Scope(casestest.OtherStreet, "street")
		if err := e.a.Act(t.Context(), other, id, "remove", 1, form.Raw{"reason": {"x"}}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another street removed it: %v", err)
		}
	})
}

// TestLife: each pair of state and action that the table does not have is refused.
func TestLife(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		if err := e.add(t, lamp("000001", 0)); err != nil {
			t.Fatal(err)
		}
		id, street, desk := "22060501037000001", e.Scope(casestest.Street, "street"), e.Scope("", "dispatcher")
		if err := e.a.Act(t.Context(), street, id, "inspect", 1, form.Raw{"state": {assets.Damaged}, "note": {"灯罩碎了"}}); err != nil {
			t.Fatal(err)
		}
		if err := e.a.Act(t.Context(), street, id, "inspect", 1, form.Raw{"state": {assets.Intact}}); !errors.Is(err, assets.ErrStale) {
			t.Errorf("an old page: %v", err)
		}
		if err := e.a.Act(t.Context(), street, id, "hand_over", 2, form.Raw{"unit": {casestest.OtherStreet}, "reason": {"x"}}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a street handed it over: %v", err)
		}
		if err := e.a.Act(t.Context(), desk, id, "hand_over", 2, form.Raw{"unit": {casestest.OtherStreet}, "reason": {"划归"}}); err != nil {
			t.Error(err)
		}
		if err := e.a.Act(t.Context(), desk, id, "remove", 3, form.Raw{"reason": {"拆除"}}); err != nil {
			t.Error(err)
		}
		if err := e.a.Act(t.Context(), desk, id, "inspect", 4, form.Raw{"state": {assets.Intact}}); !errors.Is(err, flow.ErrState) {
			t.Errorf("a removed one was inspected: %v", err)
		}
		if near, err := e.a.Near(t.Context(), desk, here, 5); err != nil || len(near) != 0 {
			t.Errorf("a removed one is near: %d %v", len(near), err)
		}
		c := e.a.NewChecker()
		if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, c.Fold); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Finish(t.Context()); err != nil || n != 1 {
			t.Errorf("%d %v", n, err)
		}
		if err := e.DB.Write(t.Context(), func(tx *store.Tx) error {
			return tx.Exec(`UPDATE assets SET state = $2 WHERE district = $1`, e.Pack.District, assets.Intact)
		}); err != nil {
			t.Fatal(err)
		}
		c = e.a.NewChecker()
		if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, c.Fold); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Finish(t.Context()); err == nil {
			t.Error("a changed row was not found")
		}
	})
}

func TestNear(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		for i, n := range []string{"000001", "000002", "000003"} {
			if err := e.add(t, lamp(n, 0.0003*float64(i+1))); err != nil {
				t.Fatal(err)
			}
		}
		cover := lamp("", 0.0001)
		cover.ID = "22060501002000001"
		if err := e.add(t, cover); err != nil {
			t.Fatal(err)
		}
		sc := e.Scope("", "operator")
		near, err := e.a.Near(t.Context(), sc, here, 2, "01037")
		if err != nil || len(near) != 2 || near[0].ID != "22060501037000001" || near[0].Metres < 20 || near[0].Metres > 30 {
			t.Errorf("%+v %v", near, err)
		}
		if near, err = e.a.Near(t.Context(), sc, here, 9); err != nil || len(near) != 4 || near[0].ID != cover.ID {
			t.Errorf("%d %v", len(near), err)
		}
		list, err := e.a.List(t.Context(), sc, assets.Filter{Kind: "01037", State: assets.Intact, After: "22060501037000001", Limit: 1})
		if err != nil || len(list) != 1 || list[0].ID != "22060501037000002" {
			t.Errorf("%+v %v", list, err)
		}
	})
}

func TestCheckID(t *testing.T) {
	known := func(code string) bool { return code == "01037" }
	for _, id := range []string{"", "2206050103700000", "220605010370000001", "22060401037000001", "22060501999000001", "22060501037000000", "2.20605E+16", "2206050103700000a", "２２０６０５０１０３７００００１"} {
		_, err := assets.CheckID(id, "220605", known)
		ce, ok := errors.AsType[*assets.CodeError](err)
		if !ok || ce.ZH == "" || ce.EN == "" {
			t.Errorf("%q: %v", id, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.StringMatching(`[0-9]{6}`).Draw(t, "sequence")
		kind, err := assets.CheckID("22060501037"+n, "220605", known)
		if (err == nil) != (n != "000000") || err == nil && kind != "01037" {
			t.Fatalf("%s: %s %v", n, kind, err)
		}
	})
}

func FuzzCheckID(f *testing.F) {
	f.Add("22060501037000001")
	f.Fuzz(func(t *testing.T, id string) {
		kind, err := assets.CheckID(id, "220605", func(string) bool { return true })
		if err == nil && (len(id) != assets.Length || len(kind) != 5) {
			t.Errorf("%q was taken", id)
		}
	})
}
