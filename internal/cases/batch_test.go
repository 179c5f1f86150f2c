package cases_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

func (e env) said(body string) cases.Report {
	return cases.Report{Channel: "hotline", Body: body, Matter: "001", Place: cases.Place{Street: casestest.Street}, Person: vault.Person{Name: "张三丰", Phone: "13812341234"}}
}

// TestBatchIsAsSingly: many acts in one transaction leave the same rows as one by
// one, refusals leave nothing, and what the batch did is seen inside it.
func TestBatchIsAsSingly(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		op, centre, street := e.Scope("", "operator"), e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street")
		old := e.report(t, "一周前反映的路灯不亮").Number
		var numbers []string
		var whistle string
		err := e.Cases.Batch(t.Context(), func(b *cases.Batch) error {
			numbers = numbers[:0]
			do := func(sc access.Scope, n, action string, kv ...string) *cases.Case {
				t.Helper()
				k, err := b.Act(sc, n, action, cases.Input{Raw: raw(kv...)})
				if err != nil {
					t.Fatalf("%s: %v", action, err)
				}
				return k
			}
			for i := range 4 {
				p, err := e.Cases.Prepare(e.said(fmt.Sprintf("%d号楼前的路灯不亮", i)))
				if err != nil {
					return err
				}
				r, err := b.Take(op, p)
				if err != nil {
					return err
				}
				if _, ok := e.Cases.ReporterScope(r.Number, r.Secret); !ok {
					t.Error("the secret of a batch's receipt does not fit")
				}
				numbers = append(numbers, r.Number)
			}
			a, c := numbers[0], numbers[1]
			if _, err := b.Act(street, a, "sign", cases.Input{}); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("a case nobody sent to the street: %v", err)
			}
			do(centre, a, "dispatch", "unit", casestest.Street)
			if _, err := b.Act(street, a, "reply", cases.Input{Raw: raw("result", "solved", "reply", "好")}); !errors.Is(err, flow.ErrState) {
				t.Errorf("reply before signing: %v", err)
			}
			do(street, a, "sign")
			// Chains of merged cases, one of which was there before.
			do(centre, old, "merge", "into", c)
			do(centre, c, "merge", "into", numbers[2])
			if k := do(centre, numbers[2], "merge", "into", a); k.Counts.Merged != 0 {
				t.Errorf("merged: %+v", k.Counts)
			}
			w, err := b.Blow(street, cases.Input{Raw: raw("case", a, "kind", "problem", "units", e.Pack.Directory.ByKind("department")[0].ID, "issue", "需要配合")})
			if err != nil {
				return err
			}
			whistle = w.Number
			if _, err := b.WhistleAct(street, whistle, "approve", cases.Input{}); !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("approved by a hand: %v", err)
			}
			_, err = b.WhistleAct(e.Scope(casestest.Street, "streetlead"), whistle, "approve", cases.Input{})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		k, err := e.Cases.Get(t.Context(), street, numbers[0])
		if err != nil || k.State != cases.Signed || k.Counts.Merged != 3 || k.Whistle != whistle || k.Version != 5 {
			t.Errorf("survivor %+v %v", k, err)
		}
		for _, n := range []string{old, numbers[1], numbers[2]} {
			if m, err := e.Cases.Get(t.Context(), centre, n); err != nil || m.State != cases.Merged || m.Parent != numbers[0] {
				t.Errorf("merged %+v %v", m, err)
			}
		}
		// Rows and search follow the acts, and single acts go on from there.
		if found, err := e.Cases.List(t.Context(), street, cases.Filter{}); err != nil || len(found) != 1 {
			t.Errorf("the street lists %d, %v", len(found), err)
		}
		if found, err := e.Cases.List(t.Context(), centre, cases.Filter{Query: "3号楼"}); err != nil || len(found) != 1 {
			t.Errorf("search finds %d, %v", len(found), err)
		}
		e.act(t, street, numbers[0], "contact", "how", "phone")
		e.verify(t)
	})
}

// TestBatchAllOrNothing: an error of fn, or one that is no refusal, undoes all.
func TestBatchAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		op := e.Scope("", "operator")
		stop := errors.New("row 2 is wrong")
		keyed := e.said("路灯不亮")
		keyed.Key = store.Key{Scope: "s", Value: "v"}
		for name, fn := range map[string]func(*cases.Batch) error{
			"fn's own": func(b *cases.Batch) error {
				if _, err := b.Report(op, e.said("路灯不亮")); err != nil {
					return err
				}
				return stop
			},
			"a key": func(b *cases.Batch) error {
				if _, err := b.Report(op, e.said("路灯不亮")); err != nil {
					return err
				}
				_, _ = b.Report(op, keyed) // swallowed, and kept by the batch
				return nil
			},
		} {
			if err := e.Cases.Batch(t.Context(), fn); err == nil || (name == "fn's own" && !errors.Is(err, stop)) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if list, err := e.Cases.List(t.Context(), op, cases.Filter{}); err != nil || len(list) != 0 {
			t.Errorf("%d cases remain, %v", len(list), err)
		}
		// A record that is known is refused, the others are taken in.
		known := e.said("路灯不亮")
		known.Source, known.Ref = "file", "1"
		err := e.Cases.Batch(t.Context(), func(b *cases.Batch) error {
			for i, want := range []error{nil, cases.ErrKnown} {
				if _, err := b.Report(op, known); !errors.Is(err, want) {
					return fmt.Errorf("%d: %w", i, err)
				}
			}
			_, err := b.Report(op, e.said("井盖丢了"))
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if list, err := e.Cases.List(t.Context(), op, cases.Filter{}); err != nil || len(list) != 2 {
			t.Errorf("%d cases, %v", len(list), err)
		}
		e.verify(t)
	})
}

// TestBatchKeepsItsClock: acts carry the moments they are given, in order.
func TestBatchKeepsItsClock(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		op := e.Scope("", "operator")
		at := casestest.Start.Add(-48 * time.Hour)
		var n string
		if err := e.Cases.Batch(context.Background(), func(b *cases.Batch) error {
			r := e.said("路灯不亮")
			r.At = at
			got, err := b.Report(op, r)
			if err != nil {
				return err
			}
			n = got.Number
			_, err = b.Act(op, n, "answer", cases.Input{Raw: raw("reply", "已告知"), At: at.Add(3 * time.Minute)})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		k, err := e.Cases.Get(t.Context(), op, n)
		if err != nil || k.Created != at.UnixMicro() || k.Closed != at.Add(3*time.Minute).UnixMicro() || n[2:10] != "20221121" {
			t.Errorf("%+v %v", k, err)
		}
	})
}
