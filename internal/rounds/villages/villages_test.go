package villages_test

import (
	"errors"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestTables(t *testing.T) {
	for _, table := range villages.Tables() {
		for _, bad := range table.Check() {
			t.Errorf("%s: %s", table.Kind, bad)
		}
	}
}

const (
	lixin  = "220605003202" // 正岔街道立新村
	street = "220605003"
)

// TestVillage puts walls right: raised, finished late by one, sent back and passed by another; the quarter is checked by
// neither of those who did the work, and what is unmet becomes a work.
func TestVillage(t *testing.T) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, []store.Schema{store.OnceSchema, journal.Schema, villages.Schema}, func(t *testing.T, db *store.DB) {
		now := time.Date(2022, 11, 1, 9, 0, 0, 0, worktime.Zone)
		s := villages.New(db, villages.From(p, func() time.Time { return now }))
		scope := func(account, unit, role string) access.Scope {
			var path []string
			for _, u := range p.Directory.Path(unit) {
				path = append(path, u.ID)
			}
			return access.ScopeOf(access.Principal{District: p.District, Account: account, Unit: unit, Path: path, Roles: []string{role}, Kind: access.Cookie})
		}
		secretary, hand, lead := scope("secretary", lixin, access.Community), scope("hand", street, access.Street), scope("lead", street, access.StreetLead)
		far := scope("far", "220605001", access.StreetLead)
		in := func(kv ...string) villages.Input {
			x := villages.Input{Raw: form.Raw{}}
			for i := 0; i < len(kv); i += 2 {
				x.Raw[kv[i]] = append(x.Raw[kv[i]], kv[i+1])
			}
			return x
		}
		if _, err := s.Raise(t.Context(), far, in("village", lixin, "item", "walls", "what", "x")); err == nil {
			t.Error("another street raises a work")
		}
		x, err := s.Raise(t.Context(), secretary, in("village", lixin, "item", "walls", "what", "主街墙面斑驳"))
		if err != nil {
			t.Fatal(err)
		}
		act := func(who access.Scope, id, action string, want error, kv ...string) *villages.Work {
			t.Helper()
			w, err := s.Act(t.Context(), who, id, action, in(kv...))
			if !errors.Is(err, want) {
				t.Fatalf("%s: %v, want %v", action, err, want)
			}
			return w
		}
		act(far, x.ID, "finish", store.ErrNotFound, "done", "x")
		act(scope("w", street, access.Inspector), x.ID, "finish", flow.ErrForbidden, "done", "x")
		now = now.AddDate(0, 1, 0)
		act(hand, x.ID, "finish", nil, "done", "粉刷了一半")
		act(hand, x.ID, "pass", flow.ErrForbidden)
		if w := act(lead, x.ID, "fail", nil, "reason", "还差一半"); w.Again != 1 || w.Finished != 0 {
			t.Errorf("%+v", w)
		}
		now = now.AddDate(0, 3, 0)
		if w := act(hand, x.ID, "finish", nil, "done", "全部粉刷"); !w.Late {
			t.Errorf("%+v", w)
		}
		act(lead, x.ID, "pass", nil)
		var refused *villages.RefusedError
		if _, err := s.Look(t.Context(), hand, in("village", lixin, "summary", "x")); !errors.As(err, &refused) || refused.Code != "village_own_work" {
			t.Errorf("who did the work checks it: %v", err)
		}
		if _, err := s.Look(t.Context(), secretary, in("village", lixin, "summary", "x")); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the village checks itself: %v", err)
		}
		c, err := s.Look(t.Context(), lead, in("village", lixin, "unmet", "lamps", "unmet", "ditches", "summary", "缺路灯，边沟未清"))
		if err != nil || c.Quarter != "2023Q1" || c.Met() != 81 {
			t.Fatalf("%+v %v", c, err)
		}
		if _, err := s.Look(t.Context(), lead, in("village", lixin, "summary", "x")); !errors.As(err, &refused) || refused.Code != "village_checked" {
			t.Errorf("a second check: %v", err)
		}
		list, err := s.List(t.Context(), secretary, "2023Q1")
		if err != nil || len(list) != 1 || list[0].Kept != 1 || list[0].Raised != 2 || list[0].Check == nil {
			t.Errorf("%+v %v", list, err)
		}
		if all, err := s.List(t.Context(), scope("l", "leaders", access.Leader), "2022Q4"); err != nil || len(all) < 40 {
			t.Errorf("%d villages, %v", len(all), err)
		}
		v, err := s.Village(t.Context(), lead, lixin, villages.Raised, 0, 10)
		if err != nil || len(v.Works) != 2 || v.Works[0].Due.IsZero() || len(v.Checks) != 1 {
			t.Errorf("%+v %v", v, err)
		}
		verify := func() error {
			c := s.NewChecker()
			if _, err := journal.Verify(t.Context(), db, p.District, c.Fold); err != nil {
				return err
			}
			_, err := c.Finish(t.Context())
			return err
		}
		if err := verify(); err != nil {
			t.Error(err)
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(`UPDATE village_works SET late = FALSE`) }); err != nil {
			t.Fatal(err)
		}
		if verify() == nil {
			t.Error("nobody noticed a changed row")
		}
	})
}
