package cases_test

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"weixiao/internal/cases/casestest"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/store"
)

// TestPeopleAreTold follows a case through dispatch, a bad answer and a redo, and
// lists what the resident and the street were told.
func TestPeopleAreTold(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		r := e.report(t, "路灯不亮")
		centre, street := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street")
		e.act(t, centre, r.Number, "dispatch", "unit", casestest.Street)
		e.act(t, street, r.Number, "sign")
		e.act(t, street, r.Number, "progress", "note", "内部：等配件")
		e.act(t, street, r.Number, "reply", "result", "solved", "reply", "修好了")
		me, _ := e.Cases.ReporterScope(r.Number, r.Secret)
		e.act(t, me, r.Number, "rate", "contacted", "yes", "solved", "no", "satisfied", "dissatisfied")
		run := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), e.Cases.Notices("江源区8890", true))
		for range 2 { // the second time finds nothing new
			if err := run.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		list := func(state string) (templates []string) {
			t.Helper()
			got, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) ([]notify.Message, error) {
				return notify.InState(tx, e.Pack.District, state, 0, "", 50)
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range got {
				templates = append(templates, m.Template)
				if m.Channel == notify.ToUnit && m.Receiver != casestest.Street {
					t.Errorf("told to %s: %+v", m.Receiver, m)
				}
			}
			slices.Sort(templates)
			return templates
		}
		if got := list(notify.Queued); !slices.Equal(got, []string{"dispatched", "received", "redone", "replied"}) {
			t.Errorf("the resident is told %v", got)
		}
		if got := list(notify.Sent); !slices.Equal(got, []string{"unit.dispatched", "unit.rework"}) {
			t.Errorf("the street is told %v", got)
		}
	})
}

func TestOldActsAreNotTold(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.report(t, "路灯不亮")
		e.Pass(72 * time.Hour)
		run := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), e.Cases.Notices("江源区8890", true))
		if err := run.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) ([]notify.Message, error) {
			return notify.InState(tx, e.Pack.District, notify.Queued, 0, "", 50)
		})
		if err != nil || len(got) != 0 {
			t.Errorf("told after three days: %v %v", got, err)
		}
	})
}
