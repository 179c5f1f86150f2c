package assess_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

// dice is what a random history draws from.
type dice interface {
	n(most int) int
}

type drawn struct{ t *rapid.T }

func (d drawn) n(most int) int { return rapid.IntRange(0, most-1).Draw(d.t, "n") }

// fixed is a history that is the same each time, for the slower engine.
type fixed struct{ x uint64 }

func (f *fixed) n(most int) int {
	f.x = f.x*6364136223846793005 + 1442695040888963407
	return int(f.x>>33) % most
}

// history does random things to few cases at few places, so that they meet.
type history struct {
	*env
	d       dice
	numbers []string
	asked   []*assess.Request
}

// allowed are errors that leave nothing behind.
func allowed(err error) error {
	if err == nil {
		return nil
	}
	for _, r := range []error{flow.ErrForbidden, flow.ErrState, store.ErrNotFound, access.ErrStale} {
		if errors.Is(err, r) {
			return nil
		}
	}
	if _, ok := errors.AsType[form.Faults](err); ok {
		return nil
	}
	return err
}

func (h *history) pick(list ...string) string { return list[h.d.n(len(list))] }

func (h *history) number() string { return h.numbers[h.d.n(len(h.numbers))] }

func (h *history) step() error {
	ctx := context.Background()
	unit := h.pick(casestest.Street, casestest.OtherStreet)
	if len(h.numbers) == 0 || h.d.n(6) == 0 {
		h.numbers = append(h.numbers, h.report(h.pick("", "13812340001", "13812340002"), h.pick("", "锦绣花园1号楼", "锦绣花园2号楼")))
		return nil
	}
	do := func(sc access.Scope, action string, kv ...string) error {
		_, err := h.Cases.Act(ctx, sc, h.number(), action, cases.Input{Raw: raw(kv...)})
		return err
	}
	back, desk, sup, boss := h.Scope("", "callback"), h.Scope("", "dispatcher"), h.Scope("", "supervisor"), h.Scope("", "leader")
	hand := h.Scope(unit, "street")
	judge := []string{"contacted", h.pick("yes", "no"), "solved", h.pick("solved", "solved", "basic", "part", "no"), "satisfied", h.pick("very_satisfied", "satisfied", "fair", "dissatisfied", "very_dissatisfied")}
	switch h.d.n(20) {
	case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10:
		return h.advance(unit, judge)
	case 11:
		n := h.number()
		sc, _ := h.Cases.ReporterScope(n, h.Cases.Secret(n))
		_, err := h.Cases.Act(ctx, sc, n, "rate", cases.Input{Raw: raw(judge...)})
		return err
	case 12:
		return do(sup, h.pick("redo", "return_reply"), "reason", "再办")
	case 13:
		return do(desk, "merge", "into", h.number())
	case 14:
		if h.d.n(2) == 0 {
			return do(desk, "unmerge", "reason", "不是一件")
		}
		return do(back, "hear", append(judge, "reached", h.pick("yes", "no"))...)
	case 15:
		return do(h.Scope("", "operator"), "answer", "reply", "告知")
	case 16, 17:
		return h.request(hand, sup)
	case 18:
		month := h.Clock().AddDate(0, -h.d.n(3), 0).Format("2006-01")
		switch h.d.n(3) {
		case 0:
			_, err := h.a.Publish(ctx, sup, cases.Input{Raw: raw("month", month)})
			return err
		case 1:
			_, err := h.a.ActMonth(ctx, sup, month, "freeze", cases.Input{})
			return err
		}
		_, err := h.a.ActMonth(ctx, boss, month, "correct", cases.Input{Raw: raw("reason", "更正")})
		return err
	}
	h.Pass(time.Duration(1+h.d.n(72)) * time.Hour)
	return nil
}

// advance does the next thing to a case.
func (h *history) advance(unit string, judge []string) error {
	k, err := h.Cases.Get(context.Background(), h.Scope("", "dispatcher"), h.number())
	if err != nil {
		return err
	}
	do := func(sc access.Scope, action string, kv ...string) error {
		_, err := h.Cases.Act(context.Background(), sc, k.Number, action, cases.Input{Raw: raw(kv...)})
		return err
	}
	switch k.State {
	case cases.Pending:
		return do(h.Scope("", "dispatcher"), "dispatch", "unit", unit)
	case cases.Dispatched:
		return do(h.Scope(k.Unit, "street"), "sign")
	case cases.Signed, cases.Handling, cases.Rework:
		return do(h.Scope(k.Unit, "street"), "reply", "result", h.pick("solved", "solved", "part", "explained"), "reply", "好了")
	case cases.Replied:
		return do(h.Scope("", "callback"), "call_back", append(judge, "reached", h.pick("yes", "yes", "yes", "no"))...)
	}
	return nil
}

func (h *history) request(hand, sup access.Scope) error {
	ctx := context.Background()
	if len(h.asked) == 0 || h.d.n(3) == 0 {
		kind, kv := "exclusion", []string{"record", h.number(), "rule", "litigation", "evidence", "x"}
		if h.d.n(2) == 0 {
			kind, kv = "appeal", []string{"record", h.number(), "ground", h.pick("sign", "contact", "close", "rework", "word", "false_closure", "recurrence"), "evidence", "x"}
		}
		q, err := h.a.Ask(ctx, hand, kind, "ask", cases.Input{Raw: raw(kv...)})
		if err == nil {
			h.asked = append(h.asked, q)
		}
		return err
	}
	q := h.asked[h.d.n(len(h.asked))]
	for _, s := range []struct {
		sc     access.Scope
		action string
		kv     []string
	}{
		{h.Scope(q.Unit, "streetlead"), "sign", nil}, {sup, "advise", []string{"opinion", "grant", "reason", "x"}},
		{h.Scope("", "leader"), h.pick("grant", "grant", "grant", "refuse", "revoke"), []string{"reason", "x"}},
	} {
		if _, err := h.a.Act(ctx, s.sc, q.Kind, q.ID, s.action, cases.Input{Raw: raw(s.kv...)}); allowed(err) != nil {
			return err
		}
	}
	return nil
}

// check: rows, sums and frozen months follow from acts, and behind each count
// stand as many records as it says.
func (h *history) check() error {
	ctx := context.Background()
	if err := h.run.CatchUp(ctx); err != nil {
		return err
	}
	if _, err := h.a.Verify(ctx); err != nil {
		return err
	}
	months, err := h.a.Months(ctx)
	if err != nil {
		return err
	}
	for _, name := range months {
		m, err := h.a.Month(ctx, name)
		if err != nil {
			return err
		}
		for _, f := range m.Units {
			for count := range f.Counts {
				for which, n := range map[assess.Which]float64{assess.After: f.Counts[count], assess.Raw: f.RawCounts[count]} {
					list, err := h.a.Behind(ctx, name, f.Unit, count, which, assess.Cursor{}, 200)
					if err != nil || float64(len(list)) != n {
						return fmt.Errorf("%s: %s of %s is %v, behind it stand %d: %w", name, count, f.Unit, n, len(list), err)
					}
				}
			}
		}
	}
	return nil
}

// TestRandomHistories: whatever happens, in whatever order, the figures are what
// the acts say.
func TestRandomHistories(t *testing.T) {
	e := newEnv(t, storetest.Open(t, "sqlite", append(casestest.Schemas(), assess.Schema)))
	h := &history{env: e}
	rapid.Check(t, func(rt *rapid.T) {
		h.d = drawn{rt}
		if len(h.numbers) > 12 { // what is older stays as it is
			h.numbers = h.numbers[len(h.numbers)-12:]
		}
		if len(h.asked) > 6 {
			h.asked = h.asked[len(h.asked)-6:]
		}
		for range 15 {
			if err := allowed(h.step()); err != nil {
				rt.Fatal(err)
			}
		}
		if err := h.check(); err != nil {
			rt.Fatal(err)
		}
	})
}

// TestOneHistory is a random history on both engines.
func TestOneHistory(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		h := &history{env: e, d: &fixed{7}}
		sheets := 0
		for i := range 900 {
			if err := allowed(h.step()); err != nil {
				t.Fatal(err)
			}
			if len(h.numbers) > 12 {
				h.numbers = h.numbers[1:]
			}
			if len(h.asked) > 6 {
				h.asked = h.asked[1:]
			}
			if i%300 == 299 {
				if err := h.check(); err != nil {
					t.Fatal(err)
				}
			}
		}
		v := e.whole()
		if sheets = v.Sheets; sheets == 0 || v.Rows < 50 {
			t.Errorf("the history was too tame: %s", v)
		}
	})
}
