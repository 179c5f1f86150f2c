package assess_test

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type env struct {
	*casestest.Env
	a   *assess.Assess
	run *journal.Runner
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	storetest.Each(t, append(casestest.Schemas(), assess.Schema), func(t *testing.T, db *store.DB) {
		e := &env{Env: casestest.New(t, db)}
		var err error
		if e.a, err = assess.New(db, e.Cases, e.Pack); err != nil {
			t.Fatal(err)
		}
		e.run = journal.NewRunner(db, e.Pack.District, slog.New(slog.DiscardHandler), e.a.Follower())
		fn(t, e)
	})
}

// life takes a case through to the resident's word; solved "" leaves it open.
func (e *env) life(t *testing.T, unit, solved, satisfied string, late bool) string {
	t.Helper()
	ctx := context.Background()
	r, err := e.Cases.Report(ctx, e.Scope("", "operator"), cases.Report{Channel: "hotline", Body: "路灯不亮", Matter: "001",
		Place: cases.Place{Street: casestest.Street}, Person: vault.Person{Name: "张三", Phone: "13812341234"}})
	if err != nil {
		t.Fatal(err)
	}
	act := func(sc access.Scope, name string, kv ...string) {
		raw := form.Raw{}
		for i := 0; i < len(kv); i += 2 {
			raw[kv[i]] = []string{kv[i+1]}
		}
		if _, err := e.Cases.Act(ctx, sc, r.Number, name, cases.Input{Raw: raw}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	hand := e.Scope(unit, "street")
	act(e.Scope("", "dispatcher"), "dispatch", "unit", unit)
	act(hand, "sign")
	if late {
		e.Pass(20 * 24 * time.Hour)
	}
	act(hand, "contact", "how", "phone")
	act(hand, "reply", "result", "solved", "reply", "已修好")
	if solved != "" {
		act(e.Scope("", "callback"), "call_back", "reached", "yes", "contacted", "yes", "solved", solved, "satisfied", satisfied)
	}
	return r.Number
}

func TestRatesOfAMonth(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		var good []string
		for range 6 {
			good = append(good, e.life(t, casestest.Street, "solved", "very_satisfied", false))
		}
		e.life(t, casestest.Street, "basic", "fair", false)
		e.life(t, casestest.Street, "part", "dissatisfied", false)
		e.life(t, casestest.Street, "no", "very_dissatisfied", false) // goes back to be redone: does not count
		e.life(t, casestest.Street, "", "", false)                    // not asked yet: does not count
		e.life(t, casestest.OtherStreet, "solved", "satisfied", true) // contacted late, in December
		if err := e.run.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		m, err := e.a.Month(ctx, "2022-11")
		if err != nil || len(m.Units) != 1 {
			t.Fatalf("%+v %v", m, err)
		}
		f := m.Units[0]
		want := map[string]float64{"response": 1, "resolution": (6 + 0.8) / 8, "satisfaction": (6 + 0.8 + 0.4) / 8}
		want["combined"] = 100 * (0.30*want["response"] + 0.35*want["resolution"] + 0.35*want["satisfaction"])
		for name, v := range want {
			if got, ok := f.Result(name); !ok || math.Abs(got-v) > 1e-12 {
				t.Errorf("%s is %v, want %v", name, got, v)
			}
		}
		if f.Unit != casestest.Street || f.Class != "streets" || f.Rank != 0 || f.Counts["scored"] != 8 {
			t.Errorf("%+v", f)
		}
		d, err := e.a.Month(ctx, "2022-12")
		if err != nil || len(d.Units) != 1 || d.Units[0].Results["response"] != 0 {
			t.Errorf("december: %+v %v", d, err)
		}
		if _, ok := d.Total.Result("handback"); !ok {
			t.Error("a share of something counted has no figure")
		}
		none, err := e.a.Month(ctx, "2021-01")
		if err != nil || len(none.Units) != 0 {
			t.Errorf("an empty month: %+v %v", none, err)
		}
		if _, ok := none.Total.Result("response"); ok {
			t.Error("nothing counted, yet there is a figure")
		}
		numbers, _, err := e.a.Behind(ctx, "2022-11", casestest.Street, "solved", 0, 50)
		slices.Sort(numbers)
		slices.Sort(good)
		if err != nil || !slices.Equal(numbers, good) {
			t.Errorf("behind “solved” stand %v, want %v (%v)", numbers, good, err)
		}
		if n, err := e.a.Verify(ctx); n != 9 || err != nil {
			t.Errorf("verify: %d %v", n, err)
		}
		if err := e.DB.Write(ctx, func(tx *store.Tx) error {
			return tx.Exec(`UPDATE scored SET solved = 'solved' WHERE district = $1 AND solved = 'part'`, e.Pack.District)
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.a.Verify(ctx); err == nil {
			t.Error("a figure was changed by hand and verify does not see it")
		}
	})
}

func TestReopenedCaseLeavesTheFigures(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.life(t, casestest.Street, "solved", "satisfied", false)
		if _, err := e.Cases.Act(t.Context(), e.Scope("", "supervisor"), n, "redo", cases.Input{Raw: form.Raw{"reason": {"又坏了"}}}); err != nil {
			t.Fatal(err)
		}
		if err := e.run.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		m, err := e.a.Month(t.Context(), "2022-11")
		if err != nil || len(m.Units) != 0 {
			t.Errorf("%+v %v", m, err)
		}
		if k, err := e.a.Verify(t.Context()); k != 0 || err != nil {
			t.Errorf("verify %d %v", k, err)
		}
	})
}
