package cases_test

import (
	"testing"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/worktime"
)

// The numbers are those of the list of behaviour every such system must show; what
// needs no case stands in package worktime, 34 and 38 beside the recount.

// sent dispatches a case of a level to the street.
func (e env) sent(t testing.TB, profile string) *cases.Case {
	t.Helper()
	return e.act(t, e.Scope("", "dispatcher"), e.report(t, "楼道的灯坏了").Number, "dispatch", "unit", casestest.Street, "profile", profile)
}

func TestBehaviour30NoLimitNoDeadline(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		n := e.report(t, "楼道的灯坏了").Number // nothing is promised before it is dispatched
		e.Pass(400 * 24 * time.Hour)
		k := e.get(t, n)
		late, err := e.Cases.Queue(t.Context(), e.Scope("", "dispatcher"), cases.Want{Due: "over"}, e.Clock(), cases.Cursor{}, 10)
		if err != nil || len(late) != 0 || cases.NextDue(k.Clocks) != cases.NoDue || len(k.Clocks) != 0 {
			t.Errorf("late %v, clocks %v, %v", late, k.Clocks, err)
		}
	})
}

func TestBehaviour31ClosedInTimeIsNeverLate(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		k := e.sent(t, "L3")
		street := e.Scope(casestest.Street, "street")
		e.act(t, street, k.Number, "sign")
		e.act(t, street, k.Number, "contact", "how", "phone")
		e.act(t, street, k.Number, "reply", "result", "solved", "reply", "换好了")
		k = e.act(t, e.Scope("", "callback"), k.Number, "call_back", "reached", "yes", "contacted", "yes", "solved", "solved", "satisfied", "satisfied")
		e.Pass(400 * 24 * time.Hour)
		for name, c := range e.get(t, k.Number).Clocks {
			if !c.Met() {
				t.Errorf("%s is late a year later", name)
			}
			timing, _ := c.Timing()
			if s := e.book().Now().Main().Status(timing, e.Clock()); s.State != worktime.Met {
				t.Errorf("%s is %s", name, s.State)
			}
		}
	})
}

// 32, 40: another matter or level gives the clocks that run another limit, from
// the moment at which they started.
func TestBehaviour32And40LevelChanges(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		k := e.sent(t, "L3")
		cal, start := e.book().Now().Main(), time.UnixMicro(k.Clocks[cases.ClockReply].Start)
		want := func(k *cases.Case, profile string) {
			t.Helper()
			p, _ := e.Pack.Catalogue.Profile(profile)
			l, err := worktime.ParseLimit(p.Reply)
			if err != nil {
				t.Fatal(err)
			}
			c := k.Clocks[cases.ClockReply]
			if k.Profile != profile || c.Start != start.UnixMicro() || c.Due != cal.Add(start, l).At.UnixMicro() {
				t.Errorf("%s: reply due %v, profile %s", profile, time.UnixMicro(c.Due), k.Profile)
			}
		}
		e.Pass(26 * time.Hour)
		other := ""
		for _, m := range e.Pack.Catalogue.Matters("request") {
			if m.Limit == "L1" {
				other = m.Key
			}
		}
		k = e.act(t, e.Scope("", "dispatcher"), k.Number, "classify", "matter", other, "reason", "其实是急件")
		want(k, "L1") // from the dispatch, not from now
		street, centre := e.Scope(casestest.Street, "street"), e.Scope("", "dispatcher")
		e.verify(t)
		k = e.sent(t, "L3")
		start = time.UnixMicro(k.Clocks[cases.ClockReply].Start)
		e.act(t, street, k.Number, "hand_back", "ground", "not_our_duty", "reason", "不归我们")
		e.act(t, centre, k.Number, "accept_objection")
		e.Pass(3 * time.Hour)
		k = e.act(t, centre, k.Number, "dispatch", "unit", casestest.OtherStreet, "profile", "L4")
		want(k, "L4")
		e.verify(t)
	})
}

// 41: a day that people agreed on (a task's) stays when the clocks pause.
func TestBehaviour41AgreedDayStays(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		n := e.handled(t)
		street, lead := e.Scope(casestest.Street, "street"), e.Scope(casestest.Street, "streetlead")
		unit := e.Pack.Directory.ByKind("department")[0].ID
		w, err := e.Cases.Blow(t.Context(), street, cases.Input{Raw: form.Raw{"case": {n}, "kind": {"problem"}, "units": {unit}, "issue": {"一起上门"}}})
		if err != nil {
			t.Fatal(err)
		}
		e.whistle(t, lead, w.Number, "approve")
		e.whistle(t, street, w.Number, "set_task", "unit", unit, "what", "清理占道", "by", "2022-12-01")
		e.act(t, street, n, "request_suspension", "ground", "funds", "reason", "等资金", "plan", "一月开工", "review_on", "2023-01-31")
		k := e.act(t, e.Scope("", "supervisor"), n, "grant_suspension")
		if c := k.Clocks[cases.ClockReply]; c.Due != 0 {
			t.Errorf("the reply clock runs on: %+v", c)
		}
		v, err := e.Cases.Whistle(t.Context(), lead, w.Number)
		if err != nil || v.Whistle.Units[unit].TaskBy != "2022-12-01" {
			t.Errorf("%v %+v", err, v)
		}
	})
}

func TestBehaviour42NextAlarmIsTheEarliest(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		k := e.sent(t, "L3")
		street := e.Scope(casestest.Street, "street")
		next := func(k *cases.Case, clock string) {
			t.Helper()
			if cases.NextDue(k.Clocks) != k.Clocks[clock].Due {
				t.Errorf("the next alarm is not that of %s: %+v", clock, k.Clocks)
			}
		}
		next(k, cases.ClockSign)
		k = e.act(t, street, k.Number, "sign")
		next(k, cases.ClockContact) // progress notes do not hide the first call
		next(e.act(t, street, k.Number, "progress", "note", "已到现场"), cases.ClockContact)
		next(e.act(t, street, k.Number, "contact", "how", "phone"), cases.ClockReply)
	})
}

func TestBehaviour43RepeatedMessagesMoveNothing(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		r := e.report(t, "楼道的灯坏了")
		k := e.act(t, e.Scope("", "dispatcher"), r.Number, "dispatch", "unit", casestest.Street, "profile", "L3")
		me, _ := e.Cases.ReporterScope(r.Number, r.Secret)
		for range 3 {
			e.Pass(time.Hour)
			e.act(t, me, r.Number, "supplement", "text", "还没有人来")
			e.act(t, me, r.Number, "urge")
		}
		after := e.get(t, r.Number)
		for name, c := range k.Clocks {
			if after.Clocks[name].Due != c.Due {
				t.Errorf("%s moved", name)
			}
		}
		street := e.Scope(casestest.Street, "street")
		e.act(t, street, r.Number, "sign")
		k = e.act(t, street, r.Number, "reply", "result", "solved", "reply", "换好了")
		if c := k.Clocks[cases.ClockReply]; c.Stop == 0 || !c.Met() {
			t.Errorf("a reply does not stop the reply clock: %+v", c)
		}
	})
}
