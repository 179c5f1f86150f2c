package cases_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// everyReply lets each solved reply be looked at.
var everyReply = pack.CheckRule{ID: "all", On: "reply", Results: []string{"solved"}, Share: 1, By: []string{"community", "street", "supervision"}, Within: "2 workday"}

const community = "220605001001"

func (e env) rules(r ...pack.CheckRule) { e.Cases.District().Procedures.Checks = r }

// replied is a case that a unit answered as solved, with the check that was asked
// for, nil when none was.
func (e env) replied(t testing.TB, unit string) (string, *cases.Check) {
	t.Helper()
	n := e.report(t, "路灯不亮").Number
	e.act(t, e.Scope("", "dispatcher"), n, "classify", "street", casestest.Street, "community", community)
	e.act(t, e.Scope("", "dispatcher"), n, "dispatch", "unit", unit)
	hand := e.hand(unit)
	e.act(t, hand, n, "sign")
	e.Pass(time.Hour)
	e.act(t, hand, n, "reply", "result", "solved", "reply", "灯已换好。")
	return n, e.check(t, n)
}

func (e env) hand(unit string) access.Scope {
	if unit == casestest.Street {
		return e.Scope(unit, "street")
	}
	return e.Scope(unit, "community")
}

func (e env) check(t testing.TB, n string) *cases.Check {
	t.Helper()
	list, err := e.Cases.ChecksOf(t.Context(), e.Scope("", "supervisor"), n)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

func (e env) look(sc access.Scope, number string, kv ...string) (*cases.Check, error) {
	return e.Cases.CheckAct(context.Background(), sc, number, "look", cases.Input{Raw: raw(kv...)})
}

// TestCheckByAnother: the community looks at what the street did, not the street;
// found not fixed, the case goes back with new clocks, and the redo is looked at
// again.
func TestCheckByAnother(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		again := everyReply
		again.Reworked, again.ID = true, "again"
		e.rules(again, everyReply)
		n, x := e.replied(t, casestest.Street)
		if x == nil || x.State != cases.CheckAsked || x.Unit != community || x.Handler != casestest.Street || x.Rule != "all" ||
			x.Clocks[cases.ClockLook].Due != e.due(t, x.Created, "2 workday") {
			t.Fatalf("asked: %+v", x)
		}
		worker, street, other := e.Scope(community, "grid"), e.Scope(casestest.Street, "street"), e.Scope(casestest.OtherStreet, "street")
		if _, err := e.look(street, x.Number, "found", "fixed"); !refusedWith(err, "check_own_work") {
			t.Errorf("the street looks at its own work: %v", err)
		}
		if _, err := e.look(other, x.Number, "found", "fixed"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another street looks: %v", err)
		}
		if _, err := e.look(worker, x.Number, "found", "not_fixed"); err == nil {
			t.Error("not fixed without a word of what was seen")
		}
		v, err := e.Cases.Check(t.Context(), worker, x.Number)
		if err != nil || v.Reply != "灯已换好。" || v.Case.Person != "" || len(v.Actions) != 2 {
			t.Fatalf("view %+v, %v", v, err)
		}
		e.Pass(time.Hour)
		got, err := e.look(worker, x.Number, "found", "not_fixed", "seen", "三号楼的灯还是不亮")
		if err != nil || got.State != cases.CheckNotFixed || got.Clocks[cases.ClockLook].Running() {
			t.Fatalf("looked: %+v, %v", got, err)
		}
		k := e.get(t, n)
		if k.State != cases.Rework || k.Counts.Reworks != 1 || !k.Clocks[cases.ClockReply].Running() || k.Outcome.Result != "solved" {
			t.Errorf("case after: %+v", k)
		}
		if _, err := e.look(worker, x.Number, "found", "fixed"); !errors.Is(err, flow.ErrState) {
			t.Errorf("looked twice: %v", err)
		}
		e.Pass(time.Hour)
		e.act(t, street, n, "reply", "result", "solved", "reply", "线缆换了。")
		x = e.check(t, n)
		if x.Rule != "again" || x.State != cases.CheckAsked {
			t.Fatalf("after the redo: %+v", x)
		}
		if _, err := e.look(worker, x.Number, "found", "fixed", "note", "亮了"); err != nil {
			t.Fatal(err)
		}
		if k := e.get(t, n); k.State != cases.Replied {
			t.Errorf("a good check moves the case: %s", k.State)
		}
		e.verify(t)
	})
}

// TestCheckerIsNeverTheHandler: whoever handles, who looks is somebody else, also
// when the check is passed on or the person did the work in another post.
func TestCheckerIsNeverTheHandler(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.rules(everyReply)
		_, x := e.replied(t, community)
		if x == nil || x.Unit != casestest.Street {
			t.Fatalf("the community's own work is checked by %+v", x)
		}
		street := e.Scope(casestest.Street, "street")
		if _, err := e.Cases.CheckAct(t.Context(), street, x.Number, "pass_on", cases.Input{Raw: raw("unit", community, "reason", "人手不够")}); !refusedWith(err, "check_own_work") {
			t.Errorf("passed on to the handler: %v", err)
		}
		// The same account, moved to the street since.
		moved := access.ScopeOf(access.Principal{District: e.Pack.District, Account: e.hand(community).Account(), Unit: casestest.Street,
			Path: []string{casestest.Street, e.Pack.District}, Roles: []string{"street"}, Kind: access.Cookie})
		if _, err := e.look(moved, x.Number, "found", "fixed"); !refusedWith(err, "check_own_work") {
			t.Errorf("the handler looks from another post: %v", err)
		}
		if _, err := e.Cases.CheckAct(t.Context(), street, x.Number, "pass_on", cases.Input{Raw: raw("unit", "supervision", "reason", "请督查室复查")}); err != nil {
			t.Fatal(err)
		}
		if list, err := e.Cases.Checks(t.Context(), street, cases.Cursor{}, 0); err != nil || len(list) != 0 {
			t.Errorf("the street still has %d checks, %v", len(list), err)
		}
		if _, err := e.look(e.Scope("supervision", "supervisor"), x.Number, "found", "unclear", "seen", "院门锁着"); err != nil {
			t.Fatal(err)
		}
		e.verify(t)
	})
}

// TestCheckLot: the same lot whenever it is drawn, the share over many, the first
// rule that fits decides alone, nothing for what was not called solved.
func TestCheckLot(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		never := everyReply
		never.Share = 1e-12
		e.rules(never, everyReply)
		if _, x := e.replied(t, casestest.Street); x != nil {
			t.Errorf("a later rule drew too: %+v", x)
		}
		only := everyReply
		only.Results = []string{"part"}
		e.rules(only)
		if _, x := e.replied(t, casestest.Street); x != nil {
			t.Errorf("solved is not part: %+v", x)
		}
		closing := everyReply
		closing.On, closing.By = "close", []string{"supervision"}
		e.rules(closing)
		n, x := e.replied(t, casestest.Street)
		if x != nil {
			t.Errorf("asked before the closing: %+v", x)
		}
		e.act(t, e.Scope("", "callback"), n, "call_back", "reached", "yes", "contacted", "yes", "solved", "solved", "satisfied", "satisfied")
		if x = e.check(t, n); x == nil || x.Unit != "supervision" {
			t.Fatalf("after the closing: %+v", x)
		}
		if _, err := e.look(e.Scope("supervision", "supervisor"), x.Number, "found", "not_fixed", "seen", "没修"); err != nil {
			t.Fatal(err)
		}
		if k := e.get(t, n); k.State != cases.Rework || k.Closed != 0 && k.Ended() {
			t.Errorf("closed case after: %+v", k)
		}
		e.verify(t)
	})
}

func TestCheckShare(t *testing.T) {
	e := env{casestest.New(t, nil)}
	rapid.Check(t, func(rt *rapid.T) {
		share := rapid.Float64Range(0.02, 0.98).Draw(rt, "share")
		hits := 0
		for i := range 2000 {
			if e.Cases.Lot(rapid.StringMatching(`JY2022[0-9]{4}-[0-9A-Z]{5}`).Example(i), int64(i)) < share {
				hits++
			}
		}
		if got := float64(hits) / 2000; got < share-0.06 || got > share+0.06 {
			rt.Errorf("share %.3f drew %.3f", share, got)
		}
	})
}

func refusedWith(err error, code string) bool {
	r, ok := errors.AsType[*cases.RefusedError](err)
	return ok && r.Code == code
}

// TestCheckPrivacy: the acts of a check hold no words of people.
func TestCheckPrivacy(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.rules(everyReply)
		_, x := e.replied(t, casestest.Street)
		if _, err := e.look(e.Scope(community, "grid"), x.Number, "found", "not_fixed", "seen", "王大爷说没修"); err != nil {
			t.Fatal(err)
		}
		acts, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) ([]journal.Act, error) {
			return journal.Acts(tx, e.Pack.District, cases.CheckTable.Kind, x.Number)
		})
		if err != nil || len(acts) != 2 || slices.ContainsFunc(acts, func(a journal.Act) bool { return len(a.Body) > 0 && containsHan(string(a.Body)) }) {
			t.Errorf("%d acts, %v", len(acts), err)
		}
	})
}

func containsHan(s string) bool {
	return slices.ContainsFunc([]rune(s), func(r rune) bool { return r >= 0x4e00 && r < 0xa000 })
}
