package windows_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/enterprise/windows"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestTables(t *testing.T) {
	for _, table := range windows.Tables() {
		for _, bad := range table.Check() {
			t.Errorf("%s: %s", table.Kind, bad)
		}
	}
}

type env struct {
	*casestest.Env
	t *testing.T
	e *record.Engine
	w *windows.Windows
}

var schemas = append(casestest.Schemas(), record.Schema, windows.Schema)

func newEnv(t *testing.T, db *store.DB) env {
	c := casestest.New(t, db)
	e := env{Env: c, t: t}
	e.e = record.New(db, record.Options{District: c.Pack.District, Prefix: c.Pack.Prefix, Pack: c.Pack.Version, Clock: c.Clock,
		Calendar: func(_ *store.Tx, unit string) (*worktime.Calendar, error) { return c.Pack.Calendar(unit), nil }})
	e.w = windows.New(db, e.e, windows.Options{Pack: c.Pack, Vault: c.Vault, Clock: c.Clock, Secret: c.Cases.Secret})
	return e
}

func each(t *testing.T, fn func(t *testing.T, e env)) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
}

func (e env) as(account, unit, role string) access.Scope {
	var path []string
	for _, u := range e.Pack.Directory.Path(unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: e.Pack.District, Account: account, Unit: unit, Path: path, Roles: []string{role}, Kind: access.Cookie})
}

func (e env) clerk() access.Scope { return e.as("clerk-1", "social-insurance", access.Clerk) }
func (e env) lead() access.Scope  { return e.as("lead", "social-insurance", access.DeptLead) }
func (e env) watch() access.Scope { return e.as("watch", "supervision", access.Supervisor) }
func (e env) mi() access.Scope    { return e.as("mi", "medicare", access.Clerk) }

func (e env) sit(sc access.Scope, window string) {
	e.t.Helper()
	if _, err := e.w.Seats.Open(e.t.Context(), sc, "sit", record.Input{Raw: record.Raw("window", window)}); err != nil {
		e.t.Fatal(err)
	}
}

func (e env) take(hall, item string) windows.Ticket {
	e.t.Helper()
	x, err := e.w.Take(e.t.Context(), e.Public(), form.Raw{"hall": {hall}, "item": {item}}, store.Key{})
	if err != nil {
		e.t.Fatal(err)
	}
	return x
}

func (e env) holder(x windows.Ticket) access.Scope {
	e.t.Helper()
	sc, ok := e.w.HolderScope(x.Visit.ID, x.Secret)
	if !ok {
		e.t.Fatal("the link does not open")
	}
	return sc
}

// served is a visit that was served at the clerk's window.
func (e env) served(sc access.Scope, hall, item string) windows.Ticket {
	e.t.Helper()
	x := e.take(hall, item)
	e.Pass(5 * time.Minute)
	if _, err := e.w.Next(e.t.Context(), sc); err != nil {
		e.t.Fatal(err)
	}
	e.Pass(4 * time.Minute)
	if _, err := e.w.Act(e.t.Context(), sc, x.Visit.ID, "finish", form.Raw{"outcome": {windows.Done}}); err != nil {
		e.t.Fatal(err)
	}
	return x
}

func (e env) rate(x windows.Ticket, kv ...string) (*windows.Visit, error) {
	return e.w.Rate(e.t.Context(), e.holder(x), "", x.Visit.ID, form.Raw(record.Raw(kv...)))
}

func (e env) verify() error {
	c, r := e.w.NewChecker(), e.e.NewChecker()
	if _, err := journal.Verify(e.t.Context(), e.DB, e.Pack.District, func(a journal.Act) error { return errors.Join(c.Fold(a), r.Fold(a)) }); err != nil {
		return err
	}
	if _, err := r.Finish(e.t.Context()); err != nil {
		return err
	}
	_, err := c.Finish(e.t.Context())
	return err
}

func (e env) check() {
	e.t.Helper()
	if err := e.verify(); err != nil {
		e.t.Fatal(err)
	}
}

func refused(err error) string {
	if r, ok := errors.AsType[*record.RefusedError](err); ok {
		return r.Code
	}
	return fmt.Sprint(err)
}

// TestVisit: a number is taken, waits, is called, does not come or is served; places in the queue and their times are
// those of what happened.
func TestVisit(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		sc := e.clerk()
		if _, err := e.w.Next(t.Context(), sc); refused(err) != "window.no_seat" {
			t.Errorf("called without a seat: %v", err)
		}
		e.sit(sc, "b01")
		if _, err := e.w.Seats.Open(t.Context(), e.as("clerk-2", "social-insurance", access.Clerk), "sit", record.Input{Raw: record.Raw("window", "b01")}); refused(err) != "window.taken" {
			t.Errorf("two at one window: %v", err)
		}
		if _, err := e.w.Seats.Open(t.Context(), sc, "sit", record.Input{Raw: record.Raw("window", "b02")}); refused(err) != "window.seated" {
			t.Errorf("one at two windows: %v", err)
		}
		if _, err := e.w.Seats.Open(t.Context(), e.mi(), "sit", record.Input{Raw: record.Raw("window", "b02")}); err == nil {
			t.Error("a clerk sits at a window of another unit")
		}
		e.served(sc, "social", "si_join")
		a, b, c := e.take("social", "si_join"), e.take("social", "mi_join"), e.take("social", "si_move")
		if a.Visit.Number != 2 || b.Visit.Number != 3 || c.Visit.Number != 4 {
			t.Errorf("numbers %d %d %d", a.Visit.Number, b.Visit.Number, c.Visit.Number)
		}
		if other := e.take("main", "advice"); other.Visit.Number != 1 {
			t.Errorf("the other hall begins with %d", other.Visit.Number)
		}
		// b01 serves a and c; b is another window's. One was served in four minutes.
		if p, err := e.w.Place(t.Context(), c.Visit); err != nil || p.Ahead != 1 || p.Minutes != 4 {
			t.Errorf("place %+v %v", p, err)
		}
		e.Pass(21 * time.Minute)
		v, err := e.w.Next(t.Context(), sc)
		if err != nil || v.ID != a.Visit.ID || !v.LateCall() {
			t.Fatalf("called %+v %v", v, err)
		}
		if _, err := e.w.Next(t.Context(), sc); refused(err) != "window.busy" {
			t.Errorf("two at once: %v", err)
		}
		if _, err := e.w.Act(t.Context(), e.mi(), a.Visit.ID, "finish", form.Raw{"outcome": {"done"}}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("another clerk ends it: %v", err)
		}
		if _, err := e.w.Act(t.Context(), sc, a.Visit.ID, "recall", nil); err != nil {
			t.Error(err)
		}
		if _, err := e.w.Act(t.Context(), sc, a.Visit.ID, "absent", nil); err != nil {
			t.Error(err)
		}
		if _, err := e.w.Act(t.Context(), e.holder(c), c.Visit.ID, "leave", nil); err != nil {
			t.Error(err)
		}
		if _, err := e.w.Next(t.Context(), sc); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("nobody waits for b01: %v", err)
		}
		if _, err := e.w.Take(t.Context(), e.Public(), form.Raw{"hall": {"main"}, "item": {"si_join"}}, store.Key{}); err == nil {
			t.Error("a hall gave a number for what it does not serve")
		}
		key := store.Key{Scope: "kiosk", Value: "k", Request: store.RequestHash("a")}
		one, err1 := e.w.Take(t.Context(), e.Public(), form.Raw{"hall": {"main"}, "item": {"advice"}}, key)
		two, err2 := e.w.Take(t.Context(), e.Public(), form.Raw{"hall": {"main"}, "item": {"advice"}}, key)
		if err1 != nil || err2 != nil || one.Visit.ID != two.Visit.ID {
			t.Errorf("the same request gave two numbers: %v %v", err1, err2)
		}
		e.check()
		if err := e.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(`UPDATE window_sums SET served = served + 1`) }); err != nil {
			t.Fatal(err)
		}
		if e.verify() == nil {
			t.Error("a sum that was changed by hand was taken for right")
		}
	})
}

// TestNumbersOfTwoNodes: two programs on one database never give a number twice.
func TestNumbersOfTwoNodes(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			dsn := storetest.DSN(t, engine)
			one := newEnv(t, storetest.OpenDSN(t, dsn, schemas))
			nodes := []env{one, one}
			if engine == "postgres" { // SQLite belongs to one program
				nodes[1] = env{Env: one.Env, t: t, e: one.e, w: windows.New(storetest.OpenDSN(t, dsn, schemas), record.New(one.DB, record.Options{District: one.Pack.District, Prefix: "JY", Clock: one.Clock}),
					windows.Options{Pack: one.Pack, Vault: one.Vault, Clock: one.Clock, Secret: one.Cases.Secret})}
			}
			var wg sync.WaitGroup
			var mu sync.Mutex
			seen := map[int64]bool{}
			for i := range 40 {
				wg.Go(func() {
					x, err := nodes[i%2].w.Take(t.Context(), one.Public(), form.Raw{"hall": {"main"}, "item": {"advice"}}, store.Key{})
					mu.Lock()
					defer mu.Unlock()
					if err != nil || seen[x.Visit.Number] {
						t.Errorf("number %+v %v", x.Visit, err)
						return
					}
					seen[x.Visit.Number] = true
				})
			}
			wg.Wait()
			if len(seen) != 40 || !seen[1] || !seen[40] {
				t.Errorf("%d numbers", len(seen))
			}
			one.check()
		})
	}
}

// TestRating: once, by whoever holds the link, after being served, never by the clerk.
func TestRating(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		sc := e.clerk()
		e.sit(sc, "b01")
		waiting := e.take("social", "si_join")
		if _, err := e.rate(waiting, "level", "5"); refused(err) != "window.unserved" {
			t.Errorf("rated before it was served: %v", err)
		}
		if _, err := e.w.Act(t.Context(), e.holder(waiting), waiting.Visit.ID, "leave", nil); err != nil {
			t.Fatal(err)
		}
		if _, err := e.rate(waiting, "level", "5"); refused(err) != "window.not_served" {
			t.Errorf("rated what was given back: %v", err)
		}
		x := e.served(sc, "social", "si_join")
		if _, ok := e.w.HolderScope(x.Visit.ID, "AAAAAAAAAA"); ok {
			t.Error("a wrong code opens the link")
		}
		for name, raw := range map[string]form.Raw{"no level": {}, "six": {"level": {"6"}}, "a label of another level": {"level": {"5"}, "labels": {"rude"}}} {
			if _, err := e.w.Rate(t.Context(), e.holder(x), "", x.Visit.ID, raw); err == nil {
				t.Errorf("%s was taken", name)
			}
		}
		if _, err := e.w.Rate(t.Context(), e.holder(x), "clerk-1", x.Visit.ID, form.Raw{"level": {"5"}}); refused(err) != "window.own" {
			t.Errorf("a clerk rates herself: %v", err)
		}
		if _, err := e.w.Rate(t.Context(), e.Public(), "", x.Visit.ID, form.Raw{"level": {"5"}}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("rated without the link: %v", err)
		}
		v, err := e.rate(x, "level", "4", "labels", "quick", "words", "小李办得快，电话 13912345678")
		if err != nil || v.Level != 4 || v.Standing != windows.Counts || !slices.Equal(v.LabelList(), []string{"quick"}) {
			t.Fatalf("%+v %v", v, err)
		}
		if _, err := e.rate(x, "level", "1"); refused(err) != "window.rated" {
			t.Errorf("rated twice: %v", err)
		}
		acts, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) ([]journal.Act, error) {
			return journal.History(tx, e.Pack.District, windows.VisitTable.Kind, x.Visit.ID)
		})
		if err != nil {
			t.Fatal(err)
		}
		last := acts[len(acts)-1]
		if last.Actor.Account != "" || strings.Contains(last.Texts["words"], "13912345678") || strings.Contains(string(last.Body), "小李") {
			t.Errorf("the rating tells who gave it: %+v", last)
		}
		e.check()
	})
}

func (e env) bad(id string, sc access.Scope) *windows.Bad {
	e.t.Helper()
	v, err := e.w.Bad.View(e.t.Context(), sc, id)
	if err != nil {
		e.t.Fatal(err)
	}
	return v.X
}

func (e env) act(sc access.Scope, id, action string, kv ...string) error {
	_, err := e.w.Bad.Act(e.t.Context(), sc, id, action, record.Input{Raw: record.Raw(kv...)})
	return err
}

func (e env) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e env) level(window string, level int) int64 {
	e.t.Helper()
	list, err := e.w.Results(e.t.Context(), windows.QuarterOf(e.Clock()))
	e.must(err)
	i := slices.IndexFunc(list, func(r windows.Result) bool { return r.Window == window })
	return list[i].Sums.Levels[level-1]
}

// TestBadRating goes the whole way, and tries every shortcut.
func TestBadRating(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		sc := e.mi()
		e.sit(sc, "b05")
		x := e.served(sc, "social", "mi_join")
		v, err := e.rate(x, "level", "1", "labels", "rude", "words", "等了一上午", "phone", "13900001234", "name", "赵大娘")
		e.must(err)
		if v.Standing != windows.Pending || v.Bad == "" || e.level("b05", 1) != 0 {
			t.Fatalf("a bad rating counts before it was verified: %+v", v)
		}
		id, office, staff := v.Bad, e.lead(), e.as("mi-lead", "medicare", access.DeptLead)
		view, err := e.w.Bad.View(t.Context(), office, id)
		e.must(err)
		if got := view.Due["contact"].At.In(worktime.Zone).Format("2006-01-02 15:04"); got != "2022-11-24 09:09" {
			t.Errorf("to be contacted by %s", got)
		}
		for _, a := range view.Acts {
			if strings.Contains(string(a.Body), "赵大娘") || strings.Contains(string(a.Body), "13900001234") || strings.Contains(fmt.Sprint(a.Texts), "赵大娘") {
				t.Errorf("act %s names a person", a.Action)
			}
		}
		masks, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) (map[string]vault.Masked, error) {
			return vault.Masks(tx, e.Pack.District, []string{view.X.Person})
		})
		if err != nil || len(masks) != 1 {
			t.Errorf("the vault does not know who asked: %v %v", masks, err)
		}
		if _, err := e.w.Bad.View(t.Context(), e.as("far", "housing", access.DeptLead), id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another unit reads it: %v", err)
		}
		if err := e.act(staff, id, "contact", "how", "phone"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the unit complained about calls: %v", err)
		}
		e.must(e.act(office, id, "contact", "how", "phone", "heard", "态度生硬"))
		if err := e.act(office, id, "verify", "finding", "real", "why", "监控核实"); refused(err) != "window.object_open" {
			t.Errorf("verified before the clerk had her word: %v", err)
		}
		if err := e.act(e.clerk(), id, "object", "objection", "x"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another clerk objects: %v", err)
		}
		e.must(e.act(sc, id, "object", "objection", "当天系统故障"))
		for who, by := range map[string]access.Scope{"the clerk": sc, "her unit": staff} {
			if err := e.act(by, id, "verify", "finding", "malicious", "why", "x"); !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("%s verifies: %v", who, err)
			}
		}
		e.Pass(24 * time.Hour)
		e.must(e.act(office, id, "verify", "finding", "real", "why", "监控核实"))
		if e.level("b05", 1) != 1 {
			t.Error("a real bad rating does not count")
		}
		if err := e.act(sc, id, "object", "objection", "太晚了"); !errors.Is(err, flow.ErrState) {
			t.Errorf("objected after it counted: %v", err)
		}
		for _, by := range []string{"2022-11-01", "2022-12-20"} {
			if err := e.act(staff, id, "fix_by", "plan", "培训", "by", by); refused(err) != "window.fix_by" {
				t.Errorf("promised for %s: %v", by, err)
			}
		}
		e.must(e.act(staff, id, "fix_by", "plan", "培训", "by", "2022-12-01"))
		if err := e.act(staff, id, "fixed", "done", "已培训", "published", "请打 13900001234"); refused(err) != "window.published" {
			t.Errorf("a telephone number is published: %v", err)
		}
		e.must(e.act(staff, id, "fixed", "done", "已培训", "published", "全体窗口人员已接受服务用语培训"))
		e.must(e.act(office, id, "feedback", "answer", "已整改，请您监督"))
		me := e.holder(x)
		e.must(e.act(me, id, "rate_again", "again", "4"))
		if err := e.act(me, id, "rate_again", "again", "5"); !errors.Is(err, flow.ErrState) {
			t.Errorf("a second follow-up rating: %v", err)
		}
		e.must(e.act(office, id, "revisit", "reached", "yes", "satisfied", "yes"))
		e.must(e.act(office, id, "close"))
		if b := e.bad(id, office); b.State != "closed" || b.Again != 4 || b.Remedy != "by" {
			t.Errorf("%+v", b)
		}
		if e.level("b05", 1) != 1 || e.level("b05", 4) != 0 {
			t.Error("the follow-up rating replaced the first")
		}
		e.check()
	})
}

// TestDismissed: what is mistaken never counts; without a word of the clerk the window for it must have passed.
func TestDismissed(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		sc := e.mi()
		e.sit(sc, "b05")
		x := e.served(sc, "social", "mi_join")
		v, err := e.rate(x, "level", "2")
		e.must(err)
		if err := e.act(e.lead(), v.Bad, "contact", "how", "phone"); err == nil {
			t.Error("somebody was called who left no number")
		}
		e.must(e.act(e.lead(), v.Bad, "contact", "how", "link"))
		e.Pass(25 * time.Hour)
		e.must(e.act(e.lead(), v.Bad, "verify", "finding", "mistaken", "why", "评的是别的窗口"))
		if b := e.bad(v.Bad, e.watch()); b.State != "dismissed" || e.level("b05", 2) != 0 {
			t.Errorf("%+v", b)
		}
		e.check()
	})
}

// TestMarksAndQuarter: a second pair of eyes for each mark and for the quarter; what was frozen is proved, what was
// tampered with is found.
func TestMarksAndQuarter(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		sc := e.mi()
		e.sit(sc, "b05")
		for range 12 {
			x := e.served(sc, "social", "mi_join")
			_, err := e.rate(x, "level", "5")
			e.must(err)
		}
		mark := func(by access.Scope, kv ...string) (*windows.Mark, error) {
			return e.w.Marks.Open(t.Context(), by, "propose", record.Input{Raw: record.Raw(append(kv, "seen", "现场检查", "day", "2022-11-23")...)})
		}
		for name, kv := range map[string][]string{"too many points": {"window", "b05", "ground", "idea", "points", "9"}, "no points": {"window", "b05", "ground", "site"}, "no such ground": {"window", "b05", "ground", "x"}} {
			if _, err := mark(e.lead(), kv...); err == nil {
				t.Errorf("%s was taken", name)
			}
		}
		if _, err := mark(e.as("far", "housing", access.DeptLead), "window", "b05", "ground", "idea", "points", "3"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("another unit marks: %v", err)
		}
		m, err := mark(e.lead(), "window", "b05", "ground", "idea", "points", "3")
		e.must(err)
		if _, err := e.w.Marks.Act(t.Context(), e.lead(), m.ID, "confirm", record.Input{}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("confirmed by whoever proposed it: %v", err)
		}
		of := func() windows.Result {
			list, err := e.w.Results(t.Context(), "2022Q4")
			e.must(err)
			return list[slices.IndexFunc(list, func(r windows.Result) bool { return r.Window == "b05" })]
		}
		before := of()
		_, err = e.w.Marks.Act(t.Context(), e.watch(), m.ID, "confirm", record.Input{})
		e.must(err)
		if got := of(); before.Parts.Innovation != 0 || got.Parts.Innovation != 300 || got.Total != before.Total+300 || got.Stars != 5 {
			t.Errorf("%+v, before %+v", got, before)
		}
		propose := func(by access.Scope, q string) (*windows.Quarter, error) {
			return e.w.Quarters.Open(t.Context(), by, "propose", record.Input{Raw: record.Raw("quarter", q)})
		}
		if _, err := propose(e.lead(), "2022Q4"); refused(err) != "window.quarter_open" {
			t.Errorf("frozen before its end: %v", err)
		}
		if _, err := propose(e.lead(), "2022Q5"); refused(err) != "window.quarter" {
			t.Errorf("a fifth quarter: %v", err)
		}
		e.Pass(45 * 24 * time.Hour)
		q, err := propose(e.lead(), "2022Q4")
		e.must(err)
		if _, err := propose(e.watch(), "2022Q4"); refused(err) != "window.quarter_taken" {
			t.Errorf("proposed twice: %v", err)
		}
		if _, err := e.w.Quarters.Act(t.Context(), e.lead(), q.ID, "freeze", record.Input{}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("frozen by whoever proposed it: %v", err)
		}
		q, err = e.w.Quarters.Act(t.Context(), e.watch(), q.ID, "freeze", record.Input{})
		e.must(err)
		// A veto that comes later belongs to the next quarter.
		late, err := mark(e.lead(), "window", "b05", "ground", "complaint")
		e.must(err)
		_, err = e.w.Marks.Act(t.Context(), e.watch(), late.ID, "confirm", record.Input{})
		e.must(err)
		now, err := e.w.Results(t.Context(), "2022Q4")
		e.must(err)
		if a, b := asJSON(t, q.Results), asJSON(t, now); a != b {
			t.Errorf("the quarter moved after it was frozen:\n%s\n%s", a, b)
		}
		e.check()
		// The row of a day that was tampered with together with nothing else is found.
		e.must(e.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(`UPDATE window_visits SET level = 4 WHERE level = 5`) }))
		if e.verify() == nil {
			t.Error("changed levels were taken for right")
		}
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestStuck: what could not be done is taken in, given to a unit with a clock, answered, and asked after.
func TestStuck(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		x, err := e.w.Stuck.Open(t.Context(), e.Public(), "take_in", record.Input{Raw: record.Raw("hall", "main", "item", "deed", "what", "跑了三趟没办成，我叫孙大爷", "name", "孙大爷", "phone", "13900005678")})
		e.must(err)
		run := e.as("hall", "service-hall", access.DeptLead)
		do := func(by access.Scope, action string, kv ...string) error {
			_, err := e.w.Stuck.Act(t.Context(), by, x.ID, action, record.Input{Raw: record.Raw(kv...)})
			return err
		}
		land := e.as("land", "land", access.Department)
		if err := do(land, "answer", "result", "solved", "answer", "x"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a unit answers what it was not given: %v", err)
		}
		if err := do(run, "assign", "unit", "nobody"); err == nil {
			t.Error("given to a unit that is not there")
		}
		e.must(do(run, "assign", "unit", "land"))
		v, err := e.w.Stuck.View(t.Context(), land, x.ID)
		e.must(err)
		if got := v.Due["answer"].At.In(worktime.Zone).Format(time.DateOnly); got != "2022-11-30" {
			t.Errorf("to be answered by %s", got)
		}
		for _, a := range v.Acts {
			if strings.Contains(string(a.Body), "孙大爷") || strings.Contains(fmt.Sprint(a.Texts), "13900005678") {
				t.Errorf("%s names a person: %v", a.Action, a.Texts)
			}
		}
		e.must(do(land, "answer", "result", "solved", "answer", "已办结"))
		e.must(do(run, "close", "solved", "yes"))
		states, results, err := counts(e)
		if err != nil || len(states) != 1 || states[0].Key != "closed" || results[0].Key != "solved" {
			t.Errorf("%v %v %v", states, results, err)
		}
		e.check()
	})
}

func counts(e env) (a, b []record.Sum, err error) {
	err = e.DB.Read(e.t.Context(), func(tx *store.Tx) error { a, b, err = e.w.StuckCounts(tx); return err })
	return a, b, err
}

// TestAnyDays: whatever is done in whatever order, what was refused changed nothing, and the sums kept on the way are what
// a full recount of all acts gives.
func TestAnyDays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		db := storetest.Open(t, "sqlite", schemas)
		defer db.Close()
		e := newEnv(t, db)
		clerks := map[string]access.Scope{"b01": e.clerk(), "b05": e.mi()}
		for id, sc := range clerks {
			e.sit(sc, id)
		}
		var tickets []windows.Ticket
		for range rapid.IntRange(5, 60).Draw(rt, "steps") {
			e.Pass(time.Duration(rapid.IntRange(1, 400).Draw(rt, "minutes")) * time.Minute)
			sc := clerks[rapid.SampledFrom([]string{"b01", "b05"}).Draw(rt, "window")]
			if len(tickets) == 0 || rapid.IntRange(0, 3).Draw(rt, "new") == 0 {
				tickets = append(tickets, e.take("social", rapid.SampledFrom([]string{"si_join", "mi_join", "mi_pay"}).Draw(rt, "item")))
				continue
			}
			x := rapid.SampledFrom(tickets).Draw(rt, "ticket")
			before, err := e.w.Held(t.Context(), e.holder(x), x.Visit.ID)
			e.must(err)
			what := rapid.SampledFrom([]string{"call", "call", "finish", "finish", "absent", "leave", "rate", "rate", "verify"}).Draw(rt, "what")
			switch what {
			case "call":
				_, err = e.w.Next(t.Context(), sc)
			case "finish":
				_, err = e.w.Act(t.Context(), sc, x.Visit.ID, what, form.Raw{"outcome": {rapid.SampledFrom([]string{"done", "supplement", "returned"}).Draw(rt, "outcome")}})
			case "absent":
				_, err = e.w.Act(t.Context(), sc, x.Visit.ID, what, nil)
			case "leave":
				_, err = e.w.Act(t.Context(), e.holder(x), x.Visit.ID, what, nil)
			case "rate":
				_, err = e.rate(x, "level", fmt.Sprint(rapid.IntRange(1, 5).Draw(rt, "level")))
			case "verify":
				if before.Bad == "" {
					continue
				}
				_ = e.act(e.watch(), before.Bad, "contact", "how", "link")
				err = e.act(e.watch(), before.Bad, "verify", "finding", rapid.SampledFrom([]string{"real", "mistaken"}).Draw(rt, "finding"), "why", "x")
			}
			after, _ := e.w.Held(t.Context(), e.holder(x), x.Visit.ID)
			if err != nil && *after != *before {
				rt.Fatalf("%s was refused (%v) and left something", what, err)
			}
		}
		if err := e.verify(); err != nil {
			rt.Fatal(err)
		}
	})
}
