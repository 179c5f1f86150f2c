package duties_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/catalogue"
	"weixiao/internal/duties"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const district = "220605"

var (
	now     = time.Date(2026, 11, 23, 10, 0, 0, 0, worktime.Zone)
	schemas = []store.Schema{journal.Schema, duties.Schema}
)

func jiangyuan(t testing.TB) *catalogue.Catalogue {
	t.Helper()
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	return p.Catalogue
}

func scope(roles ...string) access.Scope {
	return access.ScopeOf(access.Principal{District: district, Account: "somebody", Roles: roles, Kind: access.Cookie})
}

// env is a book on a database, with a clock that its steps move on.
type env struct {
	t  *testing.T
	db *store.DB
	b  *duties.Book
	at time.Time
}

func open(t *testing.T, db *store.DB, base *catalogue.Catalogue) *env {
	e := &env{t, db, duties.New(district, "pack", base), now}
	e.must(e.write(func(tx *store.Tx) error { return e.b.Adopt(tx, e.at) }))
	e.must(e.b.Refresh(t.Context(), db))
	return e
}

func (e *env) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *env) write(fn func(*store.Tx) error) error {
	e.at = e.at.Add(time.Minute)
	return e.db.Write(context.Background(), fn)
}

func (e *env) draft(from int) duties.Version {
	e.t.Helper()
	var v duties.Version
	e.must(e.write(func(tx *store.Tx) (err error) {
		v, err = e.b.Draft(tx, scope(access.Dispatcher), from, "试一试", e.at)
		return err
	}))
	return v
}

func (e *env) change(v duties.Version, edit duties.Edit) (duties.Version, error) {
	var out duties.Version
	err := e.write(func(tx *store.Tx) (err error) {
		out, err = e.b.Change(tx, scope(access.Dispatcher), v.Number, v.Revision, edit, e.at)
		return err
	})
	return out, err
}

func (e *env) publish(sc access.Scope, v duties.Version, since string) error {
	return e.write(func(tx *store.Tx) error {
		_, err := e.b.Publish(tx, sc, v.Number, v.Revision, duties.Terms{Since: since, Law: "区政府职责清单", Reason: "路灯移交"}, e.at)
		return err
	})
}

func (e *env) verify() error {
	r := e.b.NewReplayer()
	if _, err := journal.Verify(e.t.Context(), e.db, district, r.Fold); err != nil {
		return err
	}
	return r.Finish(e.t.Context(), e.db)
}

var lampsToUrban = catalogue.Rule{ID: "lamps-all", Matters: []string{"001", "002", "003", "47678.5-c01037", "47678.5-m01037"}, Unit: "urban", Law: "某办法"}

// TestVersions: a draft changes nothing; published it decides from its day, here and
// on other nodes; the version before still explains what it decided.
func TestVersions(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		base := jiangyuan(t)
		e := open(t, db, base)
		other := duties.New(district, "pack", base)
		e.must(other.Refresh(t.Context(), db))
		q := catalogue.Ask{Matter: "001", Street: "220605001", At: e.at}
		before := e.b.Decide(q)
		if before.Version != 1 || before.Unit == "urban" {
			t.Fatalf("%+v", before)
		}
		v, err := e.change(e.draft(0), duties.Edit{Put: &lampsToUrban, At: 1})
		e.must(err)
		if v.Number != 2 || v.Content.Rules[0].ID != "lamps-all" || e.b.Decide(q).Version != 1 {
			t.Fatalf("%+v", v)
		}
		if err := e.publish(scope(access.Dispatcher), v, ""); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a dispatcher publishes: %v", err)
		}
		// The rules below it are shadowed now.
		err = e.publish(scope(access.Admin), v, "2026-12-01")
		if f := duties.FaultsOf(err); len(f) == 0 || !strings.Contains(err.Error(), "earlier rule lamps-all") {
			t.Fatalf("published with shadowed rules: %v", err)
		}
		city := lampsToUrban
		city.Places = nil
		city.Under = []string{"220605001"}
		city.Hours = "08:00-20:00"
		v, err = e.change(v, duties.Edit{Put: &city})
		e.must(err)
		e.must(e.publish(scope(access.Admin), v, "2026-12-01"))
		q.At = e.at
		if d := e.b.Decide(q); d.Version != 1 {
			t.Errorf("it decides before its day: %+v", d)
		}
		e.must(other.Refresh(t.Context(), db))
		for _, b := range []*duties.Book{e.b, other} {
			q.At = time.Date(2026, 12, 1, 9, 0, 0, 0, worktime.Zone)
			if d := b.Decide(q); d.Ref() != "lamps-all@2" || d.Unit != "urban" || d.Law != "某办法" {
				t.Errorf("%+v", d)
			}
			old, ok := b.Now().Version(1)
			if !ok || len(old.Explain(before.Rule, q)) == 0 {
				t.Error("version 1 does not explain itself any more")
			}
		}
		if _, err := e.change(v, duties.Edit{Remove: "lamps-all"}); !errors.Is(err, flow.ErrState) {
			t.Errorf("a published version was changed: %v", err)
		}
		v = e.draft(0)
		if v.BasedOn != 2 {
			t.Errorf("based on %d", v.BasedOn)
		}
		var earlier *duties.EarlierError
		if err := e.publish(scope(access.Admin), v, "2026-11-30"); !errors.As(err, &earlier) || earlier.Number != 2 {
			t.Errorf("published before a later one: %v", err)
		}
		e.must(e.verify())
	})
}

// TestAdopt: the pack's rules are noted once; new ones come into force by
// themselves only where the district has none of its own.
func TestAdopt(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		base := jiangyuan(t)
		e := open(t, db, base)
		e = open(t, db, base)
		list := func() []duties.Version {
			l, err := store.Get(t.Context(), db, func(tx *store.Tx) ([]duties.Version, error) { return e.b.List(tx, 0, 10) })
			e.must(err)
			return l
		}
		if l := list(); len(l) != 1 || l[0].State != duties.Published {
			t.Fatalf("%+v", l)
		}
		newer := func(id string) *catalogue.Catalogue {
			d := base.Duties()
			d.Rules = append([]catalogue.Rule{{ID: id, Matters: []string{"003"}, Under: []string{"220605001"}, Unit: "urban"}}, d.Rules...)
			c, err := base.With(1, d, "")
			e.must(err)
			return c
		}
		e = open(t, db, newer("first"))
		if l := list(); len(l) != 2 || l[0].State != duties.Published || e.b.Now().At(e.at.Add(time.Hour)).Version() != 2 {
			t.Fatalf("%+v", l)
		}
		own, err := e.change(e.draft(0), duties.Edit{Remove: "first"})
		e.must(err)
		e.must(e.publish(scope(access.Admin), own, ""))
		e = open(t, db, newer("second"))
		if l := list(); len(l) != 4 || l[0].State != duties.Draft || e.b.Now().At(e.at.Add(time.Hour)).Version() != 3 {
			t.Fatalf("%+v", l)
		}
		e = open(t, db, newer("second"))
		if l := list(); len(l) != 4 {
			t.Errorf("adopted twice: %+v", l)
		}
		e.must(e.verify())
	})
}

// TestStaleEdit: who edits what another has changed is told so.
func TestStaleEdit(t *testing.T) {
	e := open(t, storetest.Open(t, "sqlite", schemas), jiangyuan(t))
	v := e.draft(0)
	if _, err := e.change(v, duties.Edit{Put: &lampsToUrban}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.change(v, duties.Edit{Remove: "lamps-all"}); !errors.Is(err, access.ErrStale) {
		t.Errorf("got %v", err)
	}
	if err := e.write(func(tx *store.Tx) error {
		_, err := e.b.Draft(tx, scope(access.Operator), 0, "x", e.at)
		return err
	}); !errors.Is(err, flow.ErrForbidden) {
		t.Errorf("an operator drafts: %v", err)
	}
}

// TestVerifyFinds: a row that was changed behind the acts is found.
func TestVerifyFinds(t *testing.T) {
	for name, change := range map[string]string{
		"content": `UPDATE duty_versions SET content = '{"rules":[]}' WHERE district = $1`,
		"begins":  `UPDATE duty_versions SET begins = begins + 1 WHERE district = $1`,
		"state":   `UPDATE duty_versions SET state = 'dropped' WHERE district = $1`,
		"gone":    `DELETE FROM duty_versions WHERE district = $1`,
	} {
		t.Run(name, func(t *testing.T) {
			e := open(t, storetest.Open(t, "sqlite", schemas), jiangyuan(t))
			e.must(e.verify())
			e.must(e.write(func(tx *store.Tx) error { return tx.Exec(change, district) }))
			if err := e.verify(); err == nil {
				t.Error("nothing was found")
			}
		})
	}
}

// TestEdits draws edits: what the acts fold to is what the row says.
func TestEdits(t *testing.T) {
	e := open(t, storetest.Open(t, "sqlite", schemas), jiangyuan(t))
	rapid.Check(t, func(rt *rapid.T) {
		v := e.draft(1)
		for range rapid.IntRange(1, 6).Draw(rt, "edits") {
			ids := rapid.SampledFrom([]string{"a", "b", "lamps-towns", "roads-towns"})
			edit := rapid.SampledFrom([]duties.Edit{
				{Put: &catalogue.Rule{ID: ids.Draw(rt, "id"), Matters: []string{"001"}, Unit: "urban"}, At: rapid.IntRange(0, 20).Draw(rt, "at")},
				{Move: "lamps-towns", At: rapid.IntRange(0, 20).Draw(rt, "to")}, {Remove: "roads-towns"}, {Forget: "lamp"},
				{Shift: rapid.SampledFrom([]string{"lamp", "new", "nothing"}).Draw(rt, "set"), At: rapid.IntRange(0, 9).Draw(rt, "place")},
				{Ask: &catalogue.QuestionSet{ID: "new"}},
			}).Draw(rt, "edit")
			next, err := e.change(v, edit)
			if err == nil {
				v = next
			} else if !errors.Is(err, store.ErrNotFound) {
				rt.Fatal(err)
			}
		}
		if err := e.write(func(tx *store.Tx) error {
			_, err := e.b.Drop(tx, scope(access.Admin), v.Number, "够了", e.at)
			return err
		}); err != nil {
			rt.Fatal(err)
		}
	})
	e.must(e.verify())
}

// TestRuns: a run waits, is taken once, told of, and can be given up.
func TestRuns(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		e := open(t, db, jiangyuan(t))
		v := e.draft(0)
		ask := func() (x duties.Run) {
			e.must(e.write(func(tx *store.Tx) (err error) {
				x, err = e.b.AskRun(tx, scope(access.Dispatcher), v.Number, e.at.AddDate(-1, 0, 0), e.at, e.at)
				return err
			}))
			return x
		}
		take := func(owner string) (x duties.Run, ok bool) {
			e.must(e.write(func(tx *store.Tx) (err error) {
				x, ok, err = e.b.TakeRun(tx, owner, e.at, e.at.Add(time.Hour))
				return err
			}))
			return x, ok
		}
		first := ask()
		second := ask() // gives the first up
		x, ok := take("one")
		if !ok || x.ID != second.ID || x.ID == first.ID {
			t.Fatalf("%+v", x)
		}
		if _, ok := take("two"); ok {
			t.Error("taken twice")
		}
		x.Looked, x.State, x.Result = 7, duties.Done, []byte(`{"looked":7}`)
		e.must(e.write(func(tx *store.Tx) error {
			ok, err := e.b.KeepRun(tx, x)
			if !ok {
				t.Error("not kept")
			}
			return err
		}))
		third := ask()
		e.must(e.write(func(tx *store.Tx) error { return e.b.CancelRun(tx, scope(access.Admin), third.ID, e.at) }))
		if err := e.write(func(tx *store.Tx) error { return e.b.CancelRun(tx, scope(access.Admin), third.ID, e.at) }); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("given up twice: %v", err)
		}
		runs, err := store.Get(t.Context(), db, func(tx *store.Tx) ([]duties.Run, error) { return e.b.Runs(tx, v.Number, 10) })
		e.must(err)
		if len(runs) != 3 || runs[0].State != duties.Cancelled || runs[1].State != duties.Done || string(runs[1].Result) != `{"looked":7}` {
			t.Errorf("%+v", runs)
		}
	})
}

func TestTableCloses(t *testing.T) {
	for _, bad := range duties.Table.Check() {
		t.Error(bad)
	}
}
