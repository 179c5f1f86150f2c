package insight_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/insight"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type env struct {
	*casestest.Env
	t      *testing.T
	folder string
	a      *insight.Adviser
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	storetest.Each(t, append(casestest.Schemas(), insight.Schema), func(t *testing.T, db *store.DB) {
		e := &env{Env: casestest.New(t, db), t: t, folder: t.TempDir()}
		e.a = e.adviser()
		fn(t, e)
	})
}

func (e *env) adviser() *insight.Adviser {
	return insight.NewAdviser(e.DB, e.Cases, e.Pack, e.folder, e.Clock, slog.New(slog.DiscardHandler))
}

func (e *env) dispatcher() access.Scope { return e.Scope("", access.Dispatcher) }

// report takes a case in and returns it.
func (e *env) report(body, street string) *cases.Case {
	e.t.Helper()
	r, err := e.Cases.Report(context.Background(), e.Scope("", access.Operator), cases.Report{Channel: "hotline", Body: body, Matter: "001", Place: cases.Place{Street: street}})
	if err != nil {
		e.t.Fatal(err)
	}
	k, err := e.Cases.Get(context.Background(), e.dispatcher(), r.Number)
	if err != nil {
		e.t.Fatal(err)
	}
	return k
}

func (e *env) send(k *cases.Case, action, unit string, advice *cases.Advice) {
	e.t.Helper()
	raw := form.Raw{"unit": {unit}}
	if action == "designate" {
		raw["reason"] = []string{"归属清楚"}
	}
	if _, err := e.Cases.Act(context.Background(), e.dispatcher(), k.Number, action, cases.Input{Raw: raw, Advice: advice}); err != nil {
		e.t.Fatal(err)
	}
}

// year is a past in which street lamps of one street go to its street office,
// whatever the rules say.
func (e *env) year(n int) {
	for i := range n {
		street, unit := casestest.Street, "lamps"
		if i%2 == 1 {
			street, unit = casestest.OtherStreet, casestest.OtherStreet
		}
		e.send(e.report(fmt.Sprintf("小区门口路灯不亮，第%d次", i), street), "dispatch", unit, nil)
		e.Pass(time.Hour)
	}
}

func TestAdviser(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		if err := e.a.Learn(ctx); err != nil {
			t.Fatal(err)
		}
		e.year(40)
		if err := e.a.Learn(ctx); err != nil {
			t.Fatal(err)
		}
		k := e.report("路灯不亮", casestest.OtherStreet)
		if _, ok := e.a.Advise(k); ok {
			t.Fatal("advice from 40 cases")
		}
		e.year(300)
		if err := e.a.Learn(ctx); err != nil {
			t.Fatal(err)
		}
		k = e.report("路灯不亮", casestest.OtherStreet)
		a, ok := e.a.Advise(k)
		if !ok || len(a.Units) == 0 || a.Units[0].Unit != casestest.OtherStreet || len(a.Units[0].Facts) == 0 || a.Act.Abstained || a.Act.Rule != "lamps" {
			t.Fatalf("%+v %+v %v", a, a.Act, ok)
		}
		if f := a.Units[0].Facts[0]; f.Of < 150 || f.Went*100 < f.Of*45 {
			t.Errorf("reason %+v", f)
		}
		s, _ := e.a.State()
		if s.Cases != 340 || s.Units != 2 || s.Held.Cases == 0 || s.Held.First < s.Held.Cases*9/10 {
			t.Errorf("state %+v", s)
		}

		// What was learned is on disk, and nothing else is believed.
		file := filepath.Join(e.folder, "suggestions.model")
		run := func() *insight.Adviser {
			again := e.adviser()
			done, stop := context.WithCancel(ctx)
			stop() // reads the file, then ends
			again.Run(done)
			return again
		}
		if b, ok := run().Advise(k); !ok || b.Units[0].Unit != a.Units[0].Unit || b.Act.Model != a.Act.Model {
			t.Errorf("from the file: %+v %v", b, ok)
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		raw[len(raw)/2] ^= 1
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, ok := run().Advise(k); ok {
			t.Error("a damaged file gives advice")
		}
		e.counts(k, a)
	})
}

// counts checks that acts keep the advice, and that months, lists and the check
// agree with them.
func (e *env) counts(k *cases.Case, a insight.Advice) {
	t, ctx := e.t, context.Background()
	first := a.Units[0].Unit
	other := e.report("路灯不亮", casestest.OtherStreet)
	silent := e.report("路灯不亮", casestest.Street)
	plain := e.report("路灯不亮", casestest.Street)
	e.send(k, "dispatch", first, a.Act)
	e.send(other, "dispatch", "lamps", a.Act)
	e.send(silent, "dispatch", "lamps", &cases.Advice{Model: a.Act.Model, Abstained: true, Rule: "lamps"})
	e.send(plain, "dispatch", "lamps", nil)
	e.send(other, "designate", first, nil) // in the end the advice was right
	run := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), e.a.Follower())
	check := func() error {
		t.Helper()
		c := e.a.Check()
		if _, err := journal.Verify(ctx, e.DB, e.Pack.District, c.Fold); err != nil {
			t.Fatal(err)
		}
		n, err := c.Finish(ctx)
		if err == nil && n != 3 {
			t.Errorf("%d cases advised", n)
		}
		return err
	}
	if err := check(); err == nil {
		t.Error("nothing followed the journal, and the check is content")
	}
	if err := run.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	months, err := e.a.Months(ctx, e.Clock())
	want := insight.Month{Month: e.Clock().Format("2006-01"), Cases: 3, Silent: 1, Followed: 1, First: 2, AmongThem: 2, Ruled: 1}
	if err != nil || len(months) != 1 || months[0] != want {
		t.Errorf("months %+v, want %+v, %v", months, want, err)
	}
	list, err := e.a.Sendings(ctx, want.Month, 0, 2)
	if err != nil || len(list) != 2 || list[0].Number != k.Number || !list[0].Followed || list[1].Unit != first || list[1].Followed {
		t.Errorf("%+v %v", list, err)
	}
	rest, err := e.a.Sendings(ctx, want.Month, list[1].Seq, 2)
	if err != nil || len(rest) != 1 || rest[0].Number != silent.Number || !rest[0].Silent || len(rest[0].Advice) != 0 {
		t.Errorf("%+v %v", rest, err)
	}
	if err := check(); err != nil {
		t.Error(err)
	}
	if err := e.DB.Write(ctx, func(tx *store.Tx) error {
		return tx.Exec(`UPDATE advised SET followed = 1 WHERE district = $1 AND number = $2`, e.Pack.District, other.Number)
	}); err != nil {
		t.Fatal(err)
	}
	if err := check(); err == nil {
		t.Error("a row was changed by hand, and the check is content")
	}
}
