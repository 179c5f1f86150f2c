package cases_test

import (
	"errors"
	"testing"

	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/catalogue"
	"weixiao/internal/flow"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

// TestMergeRules is BEHAVIOUR 49 to 52: a merged case stands behind one survivor,
// which is no child itself; there is room for so many; it leaves every alarm; what
// was sent with it is seen with the survivor; and the survivor's end ends no child
// a second time.
func TestMergeRules(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		centre, street := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street")
		a := e.signed(t, "L3")
		b, c := e.report(t, "同一件事").Number, e.report(t, "又一件").Number
		e.act(t, centre, b, "merge", "into", a)
		e.refuse(t, flow.ErrState, centre, b, "merge", "into", c) // a child belongs to one parent
		k := e.act(t, centre, c, "merge", "into", b)              // and has no children: the survivor takes them
		if k.Parent != a || e.get(t, a).Counts.Merged != 2 {
			t.Errorf("49, 51: %s stands behind %s", c, k.Parent)
		}
		if cases.NextDue(k.Clocks) != cases.NoDue {
			t.Error("50: a merged case keeps an alarm")
		}
		if _, err := e.Cases.Get(t.Context(), street, c); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the street reads a case that was never sent to it: %v", err)
		}
		if err := e.Cases.Shares(t.Context(), street, c); err != nil {
			t.Errorf("51: what was sent with it is out of reach: %v", err)
		}
		if err := e.Cases.Shares(t.Context(), e.Scope(casestest.OtherStreet, "street"), c); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another street reaches it: %v", err)
		}
		for range cases.MaxMerged - 2 {
			e.act(t, centre, e.report(t, "同一件事").Number, "merge", "into", a)
		}
		e.refusedAs(t, "merge_full", centre, e.report(t, "同一件事").Number, "merge", "into", a)
		e.act(t, street, a, "reply", "result", "solved", "reply", "好了")
		e.act(t, e.Scope("", "callback"), a, "call_back", "reached", "yes", "contacted", "yes", "solved", "solved", "satisfied", "satisfied")
		if child := e.get(t, b); child.State != cases.Merged || child.Version != 2 {
			t.Errorf("52: the child became %s", child.State)
		}
		e.verify(t)
	})
}

// TestReopeningByMatter is BEHAVIOUR 55 and 57: whether a resident's "not solved"
// opens the case again is a setting of the matter; a flagged answer does, an
// unflagged one does not, and the same link works once.
func TestReopeningByMatter(t *testing.T) {
	storetest.Each(t, casestest.Schemas(), func(t *testing.T, db *store.DB) {
		base := casestest.New(t, db)
		d := *base.Cases.District()
		l := catalogue.Lists{Groups: d.Catalogue.Groups(), Profiles: d.Catalogue.Profiles(), Rules: d.Catalogue.Rules()}
		for _, m := range d.Catalogue.All() {
			m.NoReopen = m.Key == "030"
			l.Matters = append(l.Matters, m)
		}
		var err error
		if d.Catalogue, err = catalogue.New(base.Pack.Directory, l); err != nil {
			t.Fatal(err)
		}
		base.Cases = cases.New(db, &d, base.Vault, []byte("a secret for tests"), base.Clock)
		e := env{base}
		street := e.Scope(casestest.Street, "street")
		for _, c := range []struct{ matter, solved, satisfied, redo, want string }{
			{"001", "no", "dissatisfied", "no", cases.Rework}, {"001", "part", "dissatisfied", "yes", cases.Rework}, {"001", "part", "dissatisfied", "no", cases.Closed},
			{"030", "no", "very_dissatisfied", "yes", cases.Closed},
		} {
			r, err := e.Cases.Report(t.Context(), e.Public(), cases.Report{Channel: "portal", Body: "请处理", Matter: c.matter})
			if err != nil {
				t.Fatal(err)
			}
			e.act(t, e.Scope("", "dispatcher"), r.Number, "dispatch", "unit", casestest.Street)
			e.act(t, street, r.Number, "sign")
			e.act(t, street, r.Number, "reply", "result", "solved", "reply", "好了")
			me, _ := e.Cases.ReporterScope(r.Number, r.Secret)
			answer := []string{"contacted", "yes", "solved", c.solved, "satisfied", c.satisfied, "wants_redo", c.redo}
			if k := e.act(t, me, r.Number, "rate", answer...); k.State != c.want {
				t.Errorf("%v: %s", c, k.State)
			}
			e.refuse(t, flow.ErrState, me, r.Number, "rate", answer...)
		}
		e.verify(t)
	})
}
