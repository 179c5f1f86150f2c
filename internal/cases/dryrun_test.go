package cases_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/catalogue"
	"weixiao/internal/duties"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

// TestDryRun: what a dry run counts is what one finds who looks at every case.
func TestDryRun(t *testing.T) {
	storetest.Each(t, casestest.Schemas(), func(t *testing.T, db *store.DB) {
		e := env{casestest.New(t, db)}
		book := e.Cases.District().Duties
		sc := access.SystemScope(e.Pack.District, "tests")
		write := func(fn func(*store.Tx) error) {
			t.Helper()
			if err := db.Write(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		write(func(tx *store.Tx) error { return book.Adopt(tx, e.Clock()) })
		first := e.Clock()
		centre, lamps := e.Scope("", "dispatcher"), e.Scope("lamps", "department")
		var moved, stay, handed []string
		for i, x := range []struct {
			matter, street string
			back           bool
		}{{"001", "220605001", true}, {"001", "220605001", false}, {"001", "220605102", false}, {"002", "220605001", false}, {"001", "", true}} {
			r, err := e.Cases.Report(t.Context(), e.Scope("", "operator"), cases.Report{Channel: "hotline", Body: "灯不亮了", Matter: x.matter, Place: cases.Place{Street: x.street}})
			if err != nil {
				t.Fatal(err)
			}
			e.act(t, centre, r.Number, "dispatch", "unit", "lamps")
			if x.back {
				e.act(t, lamps, r.Number, "hand_back", "ground", "not_our_duty", "reason", "不归我们管", "should_be", "urban")
				handed = append(handed, r.Number)
			}
			if x.matter == "001" && x.street == "220605001" {
				moved = append(moved, r.Number)
			} else {
				stay = append(stay, r.Number)
			}
			e.Pass(time.Duration(i+1) * time.Minute)
		}
		var v duties.Version
		write(func(tx *store.Tx) (err error) {
			if v, err = book.Draft(tx, sc, 0, "试", e.Clock()); err != nil {
				return err
			}
			// It begins next year: a dry run asks what it would do then.
			v, err = book.Change(tx, sc, v.Number, 0, duties.Edit{At: 1, Put: &catalogue.Rule{ID: "x", Matters: []string{"001"}, Under: []string{"220605001"}, Unit: "urban",
				From: e.Clock().AddDate(1, 0, 0).Format(time.DateOnly), Limit: "L1", Public: "no"}}, e.Clock())
			return err
		})
		got, err := e.Cases.Rehearse(t.Context(), v, first, e.Clock())
		if err != nil {
			t.Fatal(err)
		}
		if got.Looked != int64(len(moved)+len(stay)) || got.Moved != int64(len(moved)) || got.Limits != 2 || got.Private != 2 || len(got.Cases) != 2 {
			t.Errorf("%+v", got)
		}
		if got.Move.K != 1 || got.Move.N != 2 || got.Stay.K != 1 || got.Stay.N != 3 || got.Move.Low <= 0 || got.Move.High >= 1 || got.Stay.Low >= got.Stay.High {
			t.Errorf("shares %+v %+v of %v", got.Move, got.Stay, handed)
		}
		if len(got.Pairs) != 1 || got.Pairs[0].Rule != "x" || got.Pairs[0].To != "urban" || got.Pairs[0].Count != 2 || len(got.Pairs[0].Examples) != 2 {
			t.Errorf("%+v", got.Pairs)
		}
		if early, err := e.Cases.Rehearse(t.Context(), v, first.AddDate(-1, 0, 0), first); err != nil || early.Looked != 0 {
			t.Errorf("%+v %v", early, err)
		}

		// As a job: asked for, done by whoever comes, given up when nobody wants it.
		var run duties.Run
		ask := func() {
			write(func(tx *store.Tx) (err error) {
				run, err = book.AskRun(tx, sc, v.Number, first, e.Clock(), e.Clock())
				return err
			})
		}
		job := e.Cases.NewDryRunner(slog.New(slog.DiscardHandler))
		ask()
		if did, err := job.Step(t.Context()); !did || err != nil {
			t.Fatal(did, err)
		}
		look := func() duties.Run {
			x, err := store.Get(t.Context(), db, func(tx *store.Tx) (duties.Run, error) { return book.GetRun(tx, run.ID) })
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		if x := look(); x.State != duties.Done || x.Looked != 5 {
			t.Errorf("%+v", x)
		}
		ask()
		write(func(tx *store.Tx) error { return book.CancelRun(tx, sc, run.ID, e.Clock()) })
		if did, err := job.Step(t.Context()); did || err != nil || look().State != duties.Cancelled {
			t.Error(did, err, look())
		}
		stopped, stop := context.WithCancel(t.Context())
		stop()
		if _, err := e.Cases.Rehearse(stopped, v, first, e.Clock()); !errors.Is(err, context.Canceled) {
			t.Errorf("a dry run goes on without its reader: %v", err)
		}
	})
}
