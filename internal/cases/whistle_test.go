package cases_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
)

func (e env) whistle(t testing.TB, sc access.Scope, number, action string, kv ...string) *cases.Whistle {
	t.Helper()
	w, err := e.Cases.WhistleAct(context.Background(), sc, number, action, cases.Input{Raw: raw(kv...)})
	if err != nil {
		t.Fatalf("%s: %v", action, err)
	}
	return w
}

func (e env) refuseWhistle(t testing.TB, want error, sc access.Scope, number, action string, kv ...string) {
	t.Helper()
	if _, err := e.Cases.WhistleAct(context.Background(), sc, number, action, cases.Input{Raw: raw(kv...)}); !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", action, err, want)
	}
}

// actOld approves a whistle as somebody does who saw a version that it is not at.
func actOld(e env, sc access.Scope, number string) error {
	_, err := e.Cases.WhistleAct(context.Background(), sc, number, "approve", cases.Input{Version: 7})
	return err
}

// handled makes a case that the street is working on.
func (e env) handled(t testing.TB) string {
	n := e.report(t, "沿街商铺油烟噪声扰民，多次反映没有解决").Number
	e.act(t, e.Scope("", "dispatcher"), n, "dispatch", "unit", casestest.Street)
	e.act(t, e.Scope(casestest.Street, "street"), n, "sign")
	return n
}

func TestWhistleWholeWay(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		ctx := t.Context()
		departments := e.Pack.Directory.ByKind("department")
		a, b, c := departments[0].ID, departments[1].ID, departments[2].ID
		hand, lead := e.Scope(casestest.Street, "street"), e.Scope(casestest.Street, "streetlead")
		da, db, dc := e.Scope(a, "department"), e.Scope(b, "department"), e.Scope(c, "department")
		arbiter := e.Scope("", "supervisor")
		n := e.handled(t)

		if _, err := e.Cases.Blow(ctx, da, cases.Input{Raw: raw("kind", "problem", "units", b, "issue", "x")}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a department whistles: %v", err)
		}
		w, err := e.Cases.Blow(ctx, hand, cases.Input{Raw: form.Raw{"case": {n}, "kind": {"problem"}, "units": {a, b, c}, "issue": {"需要城管、环保、市场监管一起上门"}}})
		if err != nil {
			t.Fatal(err)
		}
		num := w.Number
		if _, err := e.Cases.Whistle(ctx, da, num); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a draft is seen by a unit that is not called yet: %v", err)
		}
		e.refuseWhistle(t, flow.ErrForbidden, hand, num, "approve")
		if old, ok := errors.AsType[*cases.StaleError](actOld(e, lead, num)); !ok || old.Whistle == nil || old.Whistle.Version != 1 || !errors.Is(old, access.ErrStale) {
			t.Errorf("an approval of another version: %+v", old)
		}
		e.Pass(10 * time.Minute)
		w = e.whistle(t, lead, num, "approve")
		if w.State != cases.WhistleSent || len(w.Clocks) != 7 {
			t.Errorf("after approval: %+v", w)
		}
		// The called units may read the case, and it waits for the whistle.
		k, err := e.Cases.Get(ctx, da, n)
		if err != nil || !k.Has(cases.Whistled) || k.Whistle != num {
			t.Errorf("case after approval: %+v %v", k, err)
		}
		e.refuse(t, flow.ErrState, hand, n, "reply", "result", "solved", "reply", "好了")
		e.refuse(t, flow.ErrForbidden, da, n, "reply", "result", "solved", "reply", "好了")
		if _, waiting, err := e.Cases.Whistles(ctx, db, 0); err != nil || len(waiting) != 1 {
			t.Errorf("b's list: %d %v", len(waiting), err)
		}

		e.Pass(20 * time.Minute)
		e.whistle(t, da, num, "acknowledge")
		e.refuseWhistle(t, flow.ErrState, da, num, "acknowledge")
		w = e.whistle(t, da, num, "report_in", "who", "王队长", "when", casestest.Start.Add(25*time.Minute).Format(time.RFC3339))
		if !w.Clocks["arrive:"+a].Met() || w.Units[a].Arrived != casestest.Start.Add(25*time.Minute).UnixMicro() {
			t.Errorf("arrival of a: %+v", w.Units[a])
		}
		_, err = e.Cases.WhistleAct(ctx, db, num, "report_in", cases.Input{Raw: raw("who", "李", "when", casestest.Start.Add(48*time.Hour).Format(time.RFC3339))})
		if f, ok := errors.AsType[form.Faults](err); !ok || f[0].Field != "when" {
			t.Errorf("arrival in the future: %v", err)
		}
		e.whistle(t, db, num, "report_in", "who", "李科长")
		e.whistle(t, dc, num, "decline", "ground", "not_our_duty", "reason", "不属于我局职责")
		e.whistle(t, hand, num, "set_task", "unit", a, "what", "查处油烟", "by", "2022-11-30")
		e.whistle(t, hand, num, "set_task", "unit", b, "what", "监测噪声", "by", "2022-11-30")
		e.refuseWhistle(t, flow.ErrState, hand, num, "plan", "plan", "联合整治")
		e.refuseWhistle(t, flow.ErrForbidden, hand, num, "excuse", "unit", c, "reason", "确实不归")
		e.whistle(t, arbiter, num, "excuse", "unit", c, "reason", "确实不归该局")
		e.whistle(t, hand, num, "minutes", "minutes", "三方到场，商定分工。")
		w = e.whistle(t, hand, num, "plan", "plan", "联合整治，一周内完成")
		if w.State != cases.WhistleExecuting || !w.Clocks[cases.ClockPlan].Met() {
			t.Errorf("after plan: %+v", w)
		}
		e.refuseWhistle(t, flow.ErrState, hand, num, "confirm_task", "unit", a)
		e.whistle(t, da, num, "task_done", "result", "已责令安装净化设备")
		e.whistle(t, hand, num, "return_task", "unit", a, "reason", "还有一家没查")
		e.whistle(t, da, num, "task_done", "result", "全部查完")
		e.whistle(t, hand, num, "confirm_task", "unit", a)
		e.whistle(t, db, num, "task_done", "result", "监测达标")
		w = e.whistle(t, hand, num, "confirm_task", "unit", b)
		if w.State != cases.WhistleDone {
			t.Errorf("all tasks confirmed, state %s", w.State)
		}
		e.whistle(t, hand, num, "rate_unit", "unit", a, "score", "4")
		e.refuseWhistle(t, flow.ErrState, hand, num, "rate_unit", "unit", a, "score", "1")
		e.whistle(t, da, num, "rate_street", "score", "5", "needed", "yes")
		w = e.whistle(t, hand, num, "close")
		if w.State != cases.WhistleClosed || w.Units[a].Score != 4 || w.Units[a].StreetScore != 5 {
			t.Errorf("closed: %+v", w)
		}
		k = e.act(t, hand, n, "reply", "result", "solved", "reply", "三部门已联合整治。")
		if k.State != cases.Replied || k.Whistle != "" {
			t.Errorf("case: %+v", k)
		}
		v, err := e.Cases.Whistle(ctx, lead, num)
		if err != nil || v.Tasks[a] != "查处油烟" || len(v.Entries) != 20 {
			t.Errorf("view: %d acts %v %v", len(v.Entries), v.Tasks, err)
		}
		e.verify(t)
	})
}

func TestWhistleCancelledFreesTheCase(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		n := e.handled(t)
		dep := e.Pack.Directory.ByKind("department")[0].ID
		hand, lead := e.Scope(casestest.Street, "street"), e.Scope(casestest.Street, "streetlead")
		w, err := e.Cases.Blow(t.Context(), hand, cases.Input{Raw: raw("case", n, "kind", "emergency", "units", dep, "issue", "险情")})
		if err != nil {
			t.Fatal(err)
		}
		e.whistle(t, lead, w.Number, "approve")
		if _, err := e.Cases.Blow(t.Context(), hand, cases.Input{Raw: raw("case", n, "kind", "problem", "units", dep, "issue", "再吹")}); !errors.Is(err, flow.ErrState) {
			t.Errorf("two whistles for one case: %v", err)
		}
		w = e.whistle(t, lead, w.Number, "cancel", "reason", "险情已除")
		if cases.NextDue(w.Clocks) != cases.NoDue {
			t.Errorf("clocks run on after cancelling: %+v", w.Clocks)
		}
		if k := e.act(t, hand, n, "reply", "result", "solved", "reply", "险情已排除"); k.State != cases.Replied {
			t.Errorf("case %s", k.State)
		}
		e.verify(t)
	})
}
