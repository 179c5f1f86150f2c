package record_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// loan is a book that is lent: asked for, lent (a clock runs, it may be held), brought back or lost.
type loan struct {
	record.Head
	Book   string `json:"book"`
	Reader string `json:"reader"`
	Lender string `json:"lender,omitempty"`
	Weeks  int64  `json:"weeks,omitempty"`
}

var loans = flow.Table{
	Kind:   "loan",
	States: []flow.State{{Name: "asked", Chip: "new"}, {Name: "lent", Chip: "doing"}, {Name: "back", Chip: "done", End: true}, {Name: "lost", Chip: "closed", End: true}},
	Marks:  []string{"ill"},
	Clocks: []string{"return"},
	Actions: []flow.Action{
		{Name: "ask", To: "asked", Who: []flow.Grant{{Role: access.Community}}, Form: form.Form{Name: "ask", Fields: []form.Field{
			{Name: "book", Type: form.Choice, Required: true}, {Name: "why", Type: form.Text, Max: 200}, {Name: "reader_name", Type: form.Line, Personal: true, Required: true}}}},
		{Name: "lend", From: []string{"asked"}, To: "lent", Who: []flow.Grant{{Role: access.Street, Relation: "above"}}, Start: []string{"return"}, Form: form.Form{Name: "lend", Fields: []form.Field{{Name: "weeks", Type: form.Int, Min: 1, Max: 9, Required: true}}}},
		{Name: "fall_ill", From: []string{"lent"}, Bars: []string{"ill"}, Sets: []string{"ill"}, Hold: []string{"return"}, Who: []flow.Grant{{Role: access.Community}}, Form: form.Form{Name: "fall_ill"}},
		{Name: "recover", From: []string{"lent"}, Needs: []string{"ill"}, Drops: []string{"ill"}, Free: []string{"return"}, Who: []flow.Grant{{Role: access.Community}}, Form: form.Form{Name: "recover"}},
		{Name: "end", From: []string{"lent"}, Decides: []string{"back", "lost"}, Who: []flow.Grant{{Role: access.Street, Relation: "above"}}, Form: form.Form{Name: "end", Fields: []form.Field{{Name: "found", Type: form.Bool, Required: true}}}},
	},
}

type env struct {
	t     *testing.T
	db    *store.DB
	now   time.Time
	cal   *worktime.Calendar
	e     *record.Engine
	loans *record.Book[loan, *loan]
}

const district = "220605"

func newEnv(t *testing.T, db *store.DB) *env {
	e := &env{t: t, db: db, now: time.Date(2022, 9, 26, 9, 0, 0, 0, worktime.Zone), cal: worktime.China()}
	e.e = record.New(db, record.Options{District: district, Prefix: "JY", Pack: "test", Clock: func() time.Time { return e.now },
		Calendar: func(*store.Tx, string) (*worktime.Calendar, error) { return e.cal, nil }})
	e.loans = record.Register(e.e, record.Kind[loan, *loan]{Table: &loans, Letters: "JS",
		Keys: func(x *loan) record.Keys {
			return record.Keys{Unit: x.Reader, Of: "book:" + x.Book, Tag: x.Book, Title: x.Book, Amount: x.Weeks}
		},
		Sees: func(sc access.Scope, x *loan) bool { return sc.All() || sc.Unit() == "street" || sc.Unit() == x.Reader },
		Relations: func(_ *store.Tx, sc access.Scope, x *loan) ([]string, error) {
			if sc.Unit() == "street" {
				return []string{"above"}, nil
			}
			return nil, nil
		},
		Options: func(_ *store.Tx, _ access.Scope, _ *loan, _, field string) ([]form.Option, bool, error) {
			return form.Options("dictionary", "atlas"), field == "book", nil
		},
		Limit: func(x *loan, _ string) (worktime.Limit, string) {
			return worktime.Limit{N: int(x.Weeks) * 5, Unit: worktime.Workday}, ""
		},
		Plans: map[string]func(*record.Step[loan, *loan]) error{
			"ask": func(s *record.Step[loan, *loan]) error { s.X.Reader = s.Scope.Unit(); return nil },
			"lend": func(s *record.Step[loan, *loan]) error {
				if s.X.Book == "atlas" && s.X.Weeks > 2 {
					return record.Refuse("loan.long")
				}
				s.X.Lender = s.Scope.Account()
				return nil
			},
			"end": func(s *record.Step[loan, *loan]) error {
				s.To = "lost"
				if s.Answers.Bool("found") {
					s.To = "back"
				}
				return nil
			},
		}})
	return e
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	storetest.Each(t, []store.Schema{store.OnceSchema, journal.Schema, notify.Schema, record.Schema}, func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
}

func scope(unit, role string) access.Scope {
	return access.ScopeOf(access.Principal{District: district, Account: "a-" + unit, Unit: unit, Path: []string{unit}, Roles: []string{role}, Kind: access.Cookie})
}

var (
	reader  = scope("east", access.Community)
	other   = scope("west", access.Community)
	library = scope("street", access.Street)
)

func (e *env) verify() (int, error) {
	c := e.e.NewChecker()
	if _, err := journal.Verify(e.t.Context(), e.db, district, c.Fold); err != nil {
		return 0, err
	}
	return c.Finish(e.t.Context())
}

func (e *env) ask(book string) *loan {
	e.t.Helper()
	x, err := e.loans.Open(e.t.Context(), reader, "ask", record.Input{Raw: record.Raw("book", book, "why", "王小明要查资料", "reader_name", "王小明")})
	if err != nil {
		e.t.Fatal(err)
	}
	return x
}

func TestLoan(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		x := e.ask("dictionary")
		if !strings.HasPrefix(x.ID, "JYJS20220926-") || x.State != "asked" || x.Reader != "east" || x.Version != 1 {
			t.Fatalf("asked: %+v", x)
		}
		if _, err := e.loans.Act(t.Context(), other, x.ID, "fall_ill", record.Input{}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a stranger's act: %v", err)
		}
		if _, err := e.loans.Act(t.Context(), reader, x.ID, "lend", record.Input{Raw: record.Raw("weeks", "1")}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the reader lends: %v", err)
		}
		if _, err := e.loans.Act(t.Context(), library, x.ID, "lend", record.Input{Raw: record.Raw("weeks", "12")}); !isFault(err, "weeks") {
			t.Errorf("twelve weeks: %v", err)
		}
		if _, err := e.loans.Act(t.Context(), library, x.ID, "lend", record.Input{Raw: record.Raw("weeks", "1"), Version: 7}); !errors.Is(err, access.ErrStale) {
			t.Errorf("an old page: %v", err)
		}
		x, err := e.loans.Act(t.Context(), library, x.ID, "lend", record.Input{Raw: record.Raw("weeks", "1"), Version: 1})
		if err != nil {
			t.Fatal(err)
		}
		v, err := e.loans.View(t.Context(), library, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		// Monday 26 September and five working days: the holidays of October lie between.
		if got := v.Due["return"].At.In(worktime.Zone).Format("2006-01-02 15:04"); got != "2022-10-08 09:00" {
			t.Errorf("due %s", got)
		}
		if names := actions(v.Actions); !slices.Equal(names, []string{"end"}) {
			t.Errorf("the library may %v", names)
		}
		if v.Said("why") != "王小明要查资料" || v.Said("reader_name") != "王小明" {
			t.Errorf("words: %q %q", v.Said("why"), v.Said("reader_name"))
		}
		for _, a := range v.Acts {
			if strings.Contains(string(a.Body), "王小明") {
				t.Errorf("the body of %s names a person", a.Action)
			}
		}
		if got := record.Said(v.Acts[1]).Int("weeks"); got != 1 {
			t.Errorf("said %d weeks", got)
		}
		if n, err := e.verify(); err != nil || n != 1 {
			t.Fatalf("verify: %d, %v", n, err)
		}
		if err := e.db.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(`UPDATE records SET tag = 'x' WHERE id = $1`, x.ID) }); err != nil {
			t.Fatal(err)
		}
		if _, err := e.verify(); err == nil {
			t.Error("a key that was tampered with was not found")
		}
	})
}

func TestHoldAndEnd(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		x := e.ask("dictionary")
		act := func(sc access.Scope, action string, kv ...string) *loan {
			t.Helper()
			y, err := e.loans.Act(t.Context(), sc, x.ID, action, record.Input{Raw: record.Raw(kv...)})
			if err != nil {
				t.Fatalf("%s: %v", action, err)
			}
			return y
		}
		due := func() worktime.Due {
			t.Helper()
			v, err := e.loans.View(t.Context(), reader, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			return v.Due["return"]
		}
		act(library, "lend", "weeks", "1")
		before := due()
		e.now = e.now.Add(24 * time.Hour)
		act(reader, "fall_ill")
		if !due().None() {
			t.Error("a held clock has a deadline")
		}
		e.now = e.now.Add(48 * time.Hour)
		act(reader, "recover")
		if got := due().At.Sub(before.At); got < 48*time.Hour {
			t.Errorf("two days of illness moved the deadline by %s", got)
		}
		if y := act(library, "end", "found", "yes"); y.State != "back" || y.Clocks["return"].Running() {
			t.Errorf("ended: %+v", y)
		}
		if _, err := e.verify(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestRefusals: what a plan refuses leaves nothing behind.
func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		x := e.ask("atlas")
		_, err := e.loans.Act(t.Context(), library, x.ID, "lend", record.Input{Raw: record.Raw("weeks", "3")})
		if r, ok := errors.AsType[*record.RefusedError](err); !ok || r.Code != "loan.long" || !errors.Is(err, flow.ErrState) {
			t.Errorf("refused with %v", err)
		}
		if _, err := e.loans.Open(t.Context(), reader, "ask", record.Input{Raw: record.Raw("book", "novel", "reader_name", "x")}); !isFault(err, "book") {
			t.Errorf("a book that is not there: %v", err)
		}
		if _, err := e.loans.Open(t.Context(), library, "ask", record.Input{Raw: record.Raw("book", "atlas", "reader_name", "x")}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the library asks: %v", err)
		}
		if n, err := e.verify(); err != nil || n != 1 {
			t.Errorf("verify: %d, %v", n, err)
		}
	})
}

func TestOnce(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		in := record.Input{Raw: record.Raw("book", "atlas", "reader_name", "x"), Key: store.Key{Scope: "form", Value: "k1", Request: store.RequestHash("a")}}
		x, err := e.loans.Open(t.Context(), reader, "ask", in)
		if err != nil {
			t.Fatal(err)
		}
		y, err := e.loans.Open(t.Context(), reader, "ask", in)
		if err != nil || y.ID != x.ID {
			t.Fatalf("again: %v, %v", y, err)
		}
	})
}

// TestLists pages through what somebody reaches, by every key.
func TestLists(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for i := range 25 {
			sc := reader
			if i%5 == 0 {
				sc = other
			}
			if _, err := e.loans.Open(t.Context(), sc, "ask", record.Input{Raw: record.Raw("book", []string{"atlas", "dictionary"}[i%2], "reader_name", "x")}); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			sc   access.Scope
			f    record.Filter
			want int
		}{
			{library, record.Filter{}, 25}, {reader, record.Filter{}, 20}, {other, record.Filter{}, 5}, {reader, record.Filter{State: "asked"}, 20}, {reader, record.Filter{State: "lent"}, 0},
			{library, record.Filter{Unit: "west"}, 5}, {library, record.Filter{Tag: "atlas"}, 13}, {reader, record.Filter{Of: "book:atlas", State: "asked"}, 10}, {reader, record.Filter{Unit: "west"}, 0},
		} {
			for _, size := range []int{1, 3, 7, 100} {
				got, last := 0, int64(1<<62)
				c.f.Before, c.f.Limit = 0, size
				for {
					list, next, err := e.loans.List(t.Context(), c.sc, c.f)
					if err != nil {
						t.Fatal(err)
					}
					for _, x := range list {
						if x.Doc >= last {
							t.Fatal("out of order")
						}
						last = x.Doc
					}
					if got += len(list); next == 0 {
						break
					}
					c.f.Before = next
				}
				if got != c.want {
					t.Errorf("%+v in pages of %d: %d, want %d", c.f, size, got, c.want)
				}
			}
		}
		if err := e.db.Read(t.Context(), func(tx *store.Tx) error {
			sums, err := e.loans.SumBy(tx, "tag")
			if err != nil || fmt.Sprint(sums) != "[{atlas 13 0} {dictionary 12 0}]" {
				t.Errorf("sums %v, %v", sums, err)
			}
			if sums, err = e.loans.SumBy(tx, "unit", record.Filter{Tag: "atlas"}); err != nil || fmt.Sprint(sums) != "[{east 10 0} {west 3 0}]" {
				t.Errorf("sums of the atlas %v, %v", sums, err)
			}
			if sums, err = e.loans.SumBy(tx, "parent", record.Filter{Unit: "west"}); err != nil || fmt.Sprint(sums) != "[{ 5 0}]" {
				t.Errorf("sums by parent %v, %v", sums, err)
			}
			titles := map[string]int{}
			if err := e.loans.Titles(tx, func(_, title string) error { titles[title]++; return nil }); err != nil || titles["atlas"] != 13 || titles["dictionary"] != 12 {
				t.Errorf("titles %v, %v", titles, err)
			}
			lines, err := e.e.About(tx, other, "book:atlas", 0, 100)
			if err != nil || len(lines) != 3 {
				t.Errorf("%d lines about the atlas, %v", len(lines), err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// TestRecount: a day declared off moves the deadline by an act; verify agrees before and after.
func TestRecount(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		x := e.ask("dictionary")
		if _, err := e.loans.Act(t.Context(), library, x.ID, "lend", record.Input{Raw: record.Raw("weeks", "4")}); err != nil {
			t.Fatal(err)
		}
		seq := int64(0)
		follow := func() {
			t.Helper()
			if err := e.e.Follow(t.Context(), func(*store.Tx) (int64, error) { return seq, nil }); err != nil {
				t.Fatal(err)
			}
		}
		follow()
		spec := e.cal.Spec()
		spec.Local = append(spec.Local, worktime.Exception{Date: "2022-10-20", Name: "大雪", Off: true})
		cal, err := worktime.New(spec)
		if err != nil {
			t.Fatal(err)
		}
		e.cal = cal
		if _, err := e.verify(); err == nil {
			t.Error("deadlines by another calendar were taken for right")
		}
		seq = 9
		follow()
		follow()
		v, err := e.loans.View(t.Context(), library, x.ID)
		if err != nil {
			t.Fatal(err)
		}
		last := v.Acts[len(v.Acts)-1]
		if len(v.Acts) != 3 || last.Action != record.Recounted || record.Said(last).Int("due_after")-record.Said(last).Int("due_before") != int64(24*time.Hour/time.Microsecond) {
			t.Errorf("recount: %s %s", last.Action, last.Body)
		}
		if _, err := e.verify(); err != nil {
			t.Error(err)
		}
	})
}

// TestRemind tells the unit of what comes near and of what has passed, each once.
func TestRemind(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		x := e.ask("dictionary")
		if _, err := e.loans.Act(t.Context(), library, x.ID, "lend", record.Input{Raw: record.Raw("weeks", "1")}); err != nil {
			t.Fatal(err)
		}
		told := func(want ...string) {
			t.Helper()
			for range 2 {
				if _, err := e.e.Remind(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			list, err := store.Get(t.Context(), e.db, func(tx *store.Tx) ([]notify.Message, error) { return notify.For(tx, district, "east", 0, "", 50) })
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range slices.Backward(list) {
				got = append(got, m.Template)
			}
			if !slices.Equal(got, want) {
				t.Errorf("told %v, want %v", got, want)
			}
		}
		told()
		e.now = e.now.AddDate(0, 0, 10)
		told("record.soon")
		e.now = e.now.AddDate(0, 0, 30)
		told("record.soon", "record.late")
		if _, err := e.loans.Act(t.Context(), library, x.ID, "end", record.Input{Raw: record.Raw("found", "no")}); err != nil {
			t.Fatal(err)
		}
		told("record.soon", "record.late")
	})
}

// TestAnyHistory: whatever is tried in whatever order, rows agree with acts, and a held clock is never late.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		db := storetest.Open(t, "sqlite", []store.Schema{store.OnceSchema, journal.Schema, notify.Schema, record.Schema})
		defer db.Close()
		e := newEnv(t, db)
		var ids []string
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			e.now = e.now.Add(time.Duration(rapid.IntRange(1, 100).Draw(rt, "hours")) * time.Hour)
			if len(ids) == 0 || rapid.IntRange(0, 4).Draw(rt, "new") == 0 {
				ids = append(ids, e.ask(rapid.SampledFrom([]string{"atlas", "dictionary"}).Draw(rt, "book")).ID)
				continue
			}
			id := rapid.SampledFrom(ids).Draw(rt, "id")
			who := rapid.SampledFrom([]access.Scope{reader, other, library}).Draw(rt, "who")
			action := rapid.SampledFrom([]string{"lend", "fall_ill", "recover", "end"}).Draw(rt, "action")
			in := record.Input{Raw: map[string]form.Raw{"lend": record.Raw("weeks", "2"), "end": record.Raw("found", "no")}[action]}
			before, err := e.loans.View(context.Background(), library, id)
			if err != nil {
				rt.Fatal(err)
			}
			after, err := e.loans.Act(context.Background(), who, id, action, in)
			if err != nil {
				again, _ := e.loans.View(context.Background(), library, id)
				if a, b := asJSON(before.X), asJSON(again.X); a != b || len(before.Acts) != len(again.Acts) {
					rt.Fatalf("%s was refused (%v) and changed the record", action, err)
				}
				continue
			}
			if st, _ := loans.State(after.State); st.End && after.Clocks["return"].Running() {
				rt.Fatal("a clock runs beyond the end")
			}
		}
		if n, err := e.verify(); err != nil || n != len(ids) {
			rt.Fatalf("verify: %d of %d, %v", n, len(ids), err)
		}
	})
}

func asJSON(v any) string { b, _ := json.Marshal(v); return string(b) }

func isFault(err error, field string) bool {
	f, ok := errors.AsType[form.Faults](err)
	return ok && len(f) > 0 && f[0].Field == field
}

func actions(list []*flow.Action) (out []string) {
	for _, a := range list {
		out = append(out, a.Name)
	}
	return out
}
