package cases_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/catalogue"
	"weixiao/internal/duties"
	"weixiao/internal/flow"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

// TestLevelIsRecomputed is BEHAVIOUR 32 and 40: another level counts from where the
// clocks began, with pauses and extensions; what was kept stays kept (31); staff and
// residents who say more push nothing (43).
func TestLevelIsRecomputed(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		street, centre, op := e.Scope(casestest.Street, "street"), e.Scope("", "dispatcher"), e.Scope("", "operator")
		n := e.signed(t, "L3")
		e.Pass(26 * time.Hour)
		e.act(t, street, n, "request_extension", "limit", "2 workday", "reason", "等配件")
		e.act(t, centre, n, "grant_extension")
		before := e.get(t, n)
		e.faulty(t, "reason", "required", centre, n, "change_level", "profile", "L5")
		e.faulty(t, "profile", "unchanged", centre, n, "change_level", "profile", "L3", "reason", "x")
		e.refuse(t, flow.ErrForbidden, street, n, "change_level", "profile", "L5", "reason", "想慢点")
		k := e.act(t, centre, n, "change_level", "profile", "L5", "reason", "涉及管网改造")
		r := k.Clocks[cases.ClockReply]
		if was := before.Clocks[cases.ClockReply]; r.Start != was.Start || r.Due != e.due(t, was.Start, "15 workday", "2 workday") {
			t.Errorf("reply %+v became %+v", was, r)
		}
		if !reflect.DeepEqual(k.Clocks[cases.ClockSign], before.Clocks[cases.ClockSign]) {
			t.Errorf("the sign clock was kept and is touched: %+v", k.Clocks[cases.ClockSign])
		}
		k = e.act(t, centre, n, "change_level", "profile", "L3", "reason", "还是普通件")
		if k.Clocks[cases.ClockReply].Due != before.Clocks[cases.ClockReply].Due {
			t.Errorf("there and back is not the same: %+v", k.Clocks[cases.ClockReply])
		}
		// 32: another category does the same, and says why once deadlines move by it.
		e.faulty(t, "reason", "required", centre, n, "classify", "matter", "030")
		m, _ := e.Pack.Catalogue.Matter("030")
		k = e.act(t, centre, n, "classify", "matter", "030", "reason", "其实是供热")
		prof, _ := e.Pack.Catalogue.Profile(m.Limit)
		if k.Profile != m.Limit || k.Clocks[cases.ClockReply].Due != e.due(t, r.Start, prof.Reply, "2 workday") {
			t.Errorf("after the category changed: %s %+v", k.Profile, k.Clocks[cases.ClockReply])
		}
		due := k.Clocks[cases.ClockReply].Due
		e.act(t, op, n, "supplement", "text", "又来电")
		k = e.act(t, op, n, "urge", "note", "快点")
		if k.Clocks[cases.ClockReply].Due != due {
			t.Error("43: saying it again moved the deadline")
		}
		k = e.act(t, street, n, "reply", "result", "solved", "reply", "好了")
		if k.Clocks[cases.ClockReply].Running() {
			t.Error("43: the answer did not stop the reply clock")
		}
		e.verify(t)
	})
}

// TestNextDueIsTheEarliest is BEHAVIOUR 42: of clocks in any state the next deadline
// is the earliest of those that run.
func TestNextDueIsTheEarliest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clocks, want := map[string]cases.Clock{}, int64(cases.NoDue)
		for _, name := range cases.Table.Clocks {
			k := cases.Clock{Due: rapid.Int64Range(0, 9).Draw(t, name), Stop: rapid.Int64Range(0, 1).Draw(t, name+" stop")}
			if clocks[name] = k; k.Stop == 0 && k.Due != 0 {
				want = min(want, k.Due)
			}
		}
		if got := cases.NextDue(clocks); got != want {
			t.Fatalf("%v: %d, want %d", clocks, got, want)
		}
	})
}

// TestNoLimitIsNeverLate is BEHAVIOUR 30 and 39: a matter without a limit has no
// deadline, and one that loses its limit has no alarm left; one that gets a limit
// counts from the dispatch.
func TestNoLimitIsNeverLate(t *testing.T) {
	storetest.Each(t, casestest.Schemas(), func(t *testing.T, db *store.DB) {
		base := casestest.New(t, db)
		d := *cases.FromPack(base.Pack)
		var l catalogue.Lists
		l.Groups, l.Profiles, l.Rules = base.Pack.Catalogue.Groups(), base.Pack.Catalogue.Profiles(), base.Pack.Catalogue.Rules()
		for _, m := range base.Pack.Catalogue.All() {
			if m.Key == "194" {
				m.Limit = "" // praise
			}
			l.Matters = append(l.Matters, m)
		}
		var err error
		if d.Catalogue, err = catalogue.New(base.Pack.Directory, l); err != nil {
			t.Fatal(err)
		}
		d.Duties = duties.New(d.Code, d.Pack, d.Catalogue)
		base.Cases = cases.New(db, &d, base.Vault, []byte("a secret for tests"), base.Clock)
		e := env{base}
		centre, street := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street")
		r, err := e.Cases.Report(t.Context(), e.Scope("", "operator"), cases.Report{Channel: "hotline", Body: "表扬社区", Matter: "194"})
		if err != nil {
			t.Fatal(err)
		}
		k := e.act(t, centre, r.Number, "dispatch", "unit", casestest.Street)
		if len(k.Clocks) != 0 || cases.NextDue(k.Clocks) != cases.NoDue {
			t.Errorf("a matter without a limit has clocks: %+v", k.Clocks)
		}
		sent := k.Changed
		e.Pass(300 * 24 * time.Hour)
		late, err := e.Cases.Queue(t.Context(), centre, cases.Want{Due: "over"}, e.Clock(), cases.Cursor{}, 10)
		if err != nil || len(late) != 0 {
			t.Errorf("it is late: %v %v", late, err)
		}
		k = e.act(t, centre, r.Number, "change_level", "profile", "L3", "reason", "其中有一件要办")
		if c := k.Clocks[cases.ClockReply]; c.Start != sent || c.Due != e.due(t, sent, "5 workday") || len(k.Clocks) != 4 {
			t.Errorf("with a limit: %+v", k.Clocks)
		}
		e.act(t, centre, r.Number, "classify", "matter", "001", "reason", "路灯")
		e.act(t, street, r.Number, "sign")
		k = e.act(t, centre, r.Number, "classify", "matter", "194", "reason", "还是表扬")
		if cases.NextDue(k.Clocks) != cases.NoDue || len(k.Clocks) != 1 || k.Clocks[cases.ClockSign].Running() {
			t.Errorf("without its limit it keeps an alarm: %+v", k.Clocks)
		}
		e.verify(t)
	})
}
