package cases_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/store"
)

func (e env) orderAct(t testing.TB, sc access.Scope, number, action string, kv ...string) *cases.Order {
	t.Helper()
	o, err := e.Cases.OrderAct(t.Context(), sc, number, action, cases.Input{Raw: raw(kv...)})
	if err != nil {
		t.Fatalf("%s: %v", action, err)
	}
	return o
}

func (e env) orderRefuse(t testing.TB, want error, sc access.Scope, number, action string, kv ...string) {
	t.Helper()
	if _, err := e.Cases.OrderAct(t.Context(), sc, number, action, cases.Input{Raw: raw(kv...)}); !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", action, err, want)
	}
}

// orders are those about a case that somebody sees, newest first.
func (e env) orders(t testing.TB, sc access.Scope, n string) []*cases.OrderView {
	t.Helper()
	list, err := e.Cases.OrdersOf(t.Context(), sc, n)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestLetterWholeWay: a numbered letter with its own clock, the unit's answer, sent
// back once, accepted, released; the case keeps its own deadlines throughout.
func TestLetterWholeWay(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		sup, street, centre := e.Scope("", "supervisor"), e.Scope(casestest.Street, "street"), e.Scope("", "dispatcher")
		n := e.signed(t, "L3")
		clocks := e.get(t, n).Clocks
		k := e.act(t, sup, n, "supervise", "level", "2", "demand", "两日内查明原因，主要负责人过问")
		if !k.Has(cases.Supervised) || k.Level != "2" || k.Clocks[cases.ClockReply].Due != clocks[cases.ClockReply].Due {
			t.Errorf("supervised: %+v", k)
		}
		list := e.orders(t, sup, n)
		if len(list) != 1 {
			t.Fatalf("%d letters", len(list))
		}
		o := list[0].Order
		if !strings.HasPrefix(o.Number, "JYD20221123-") || o.State != cases.OrderIssued || o.Unit != casestest.Street || o.Clocks[cases.ClockAnswer].Due != e.due(t, o.Created, "2 workday") {
			t.Errorf("letter %+v", o)
		}
		if v, err := e.Cases.Order(t.Context(), street, strings.ToLower(o.Number)); err != nil || v.Entries[0].Texts["demand"] == "" || !v.Concerned {
			t.Errorf("the street cannot read it: %v", err)
		}
		e.orderRefuse(t, flow.ErrState, sup, o.Number, "accept")
		e.orderRefuse(t, flow.ErrState, sup, o.Number, "release")
		e.orderRefuse(t, flow.ErrForbidden, centre, o.Number, "answer", "done", "x", "by", "2022-11-25")
		e.orderRefuse(t, store.ErrNotFound, e.Scope(casestest.OtherStreet, "street"), o.Number, "answer", "done", "x", "by", "2022-11-25")
		o = e.orderAct(t, sup, o.Number, "more_time", "limit", "1 workday", "reason", "会议冲突")
		if o.Clocks[cases.ClockAnswer].Due != e.due(t, o.Created, "2 workday", "1 workday") {
			t.Errorf("more time: %+v", o.Clocks)
		}
		o = e.orderAct(t, street, o.Number, "answer", "done", "已派人", "by", "2022-11-25")
		if o.State != cases.OrderAnswered || o.Clocks[cases.ClockAnswer].Running() {
			t.Errorf("answered %+v", o)
		}
		e.Pass(time.Hour)
		o = e.orderAct(t, sup, o.Number, "send_back", "reason", "没写原因")
		if o.State != cases.OrderReturned || o.Returned != 1 || o.Clocks[cases.ClockAnswer].Due != e.due(t, e.Clock().UnixMicro(), "2 workday") {
			t.Errorf("sent back %+v", o)
		}
		e.orderAct(t, street, o.Number, "answer", "done", "线缆老化，已更换", "by", "2022-11-24")
		e.orderAct(t, sup, o.Number, "accept")
		if k := e.get(t, n); !k.Has(cases.Supervised) {
			t.Error("an accepted answer alone ends supervision")
		}
		o = e.orderAct(t, sup, o.Number, "release", "note", "属实")
		if k := e.get(t, n); !o.Ended() || k.Has(cases.Supervised) || k.Level != "" {
			t.Errorf("released: %+v, case %v %q", o, k.Marks, k.Level)
		}
		e.verify(t)
	})
}

// TestSeveralOrdersAtOnce: each with its state and clock; the mark goes with the
// last, and the case shows the highest.
func TestSeveralOrdersAtOnce(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		sup, leader, street := e.Scope("", "supervisor"), e.Scope("", "leader"), e.Scope(casestest.Street, "street")
		n := e.signed(t, "L3")
		e.act(t, sup, n, "supervise", "level", "1", "demand", "一")
		e.act(t, sup, n, "supervise", "level", "3", "demand", "三", "limit", "4 workhour")
		e.act(t, leader, n, "instruct", "leader", "leaders.head", "demand", "请认真解决")
		k := e.act(t, sup, n, "supervise", "level", "2", "demand", "问路灯所", "unit", "lamps")
		if k.Level != "leader" {
			t.Errorf("level %q", k.Level)
		}
		if got := e.orders(t, e.Scope("lamps", "department"), n); len(got) != 1 || got[0].Order.Level != "2" {
			t.Errorf("the department sees %d letters", len(got))
		}
		mine, err := e.Cases.Orders(t.Context(), street, cases.OrderList{})
		if err != nil || len(mine) != 3 || mine[0].Level != "3" { // four hours come before three days
			t.Fatalf("the street owes %d answers, %v", len(mine), err)
		}
		page, err := e.Cases.Orders(t.Context(), street, cases.OrderList{Limit: 2, After: cases.Cursor{Due: cases.NextDue(mine[0].Clocks), Number: mine[0].Number}})
		if err != nil || len(page) != 2 || page[0].Number != mine[1].Number || page[1].Number != mine[2].Number {
			t.Errorf("next page: %v %v", page, err)
		}
		e.refusedAs(t, "open_order", sup, n, "terminate", "ground", "no_object", "reason", "x", "reply", "x")
		e.refusedAs(t, "open_order", e.Scope("", "dispatcher"), n, "merge", "into", e.report(t, "另一件").Number)
		e.refusedAs(t, "order_unanswered", sup, n, "release_supervision")
		for _, v := range e.orders(t, sup, n) {
			if v.Order.Kind == cases.OrderInstruction {
				e.orderAct(t, leader, v.Order.Number, "withdraw", "reason", "已另行批示")
			}
		}
		if k := e.get(t, n); !k.Has(cases.Supervised) || k.Level != "3" {
			t.Errorf("after the instruction: %v %q", k.Marks, k.Level)
		}
		k = e.act(t, sup, n, "release_supervision", "note", "已现场解决")
		for _, v := range e.orders(t, sup, n) {
			if v.Order.State != cases.OrderWithdrawn {
				t.Errorf("%s is %s", v.Order.Kind, v.Order.State)
			}
		}
		if k.Has(cases.Supervised) || k.Level != "" {
			t.Errorf("released: %v %q", k.Marks, k.Level)
		}
		over, err := e.Cases.EndedOrders(t.Context(), sup, 0, 2)
		if err != nil || len(over) != 2 {
			t.Fatalf("ended: %v %v", over, err)
		}
		rest, err := e.Cases.EndedOrders(t.Context(), sup, over[1].Doc, 50)
		if err != nil || len(rest) != 2 || slices.ContainsFunc(rest, func(o *cases.Order) bool { return o.Doc >= over[1].Doc }) {
			t.Errorf("older: %v %v", rest, err)
		}
		e.verify(t)
	})
}

// TestInstructionIsForThoseConcerned: its words are read by leaders, the
// supervision office and the unit it is for, and stand nowhere else.
func TestInstructionIsForThoseConcerned(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		const words = "请街道主要负责同志亲自过问"
		n := e.signed(t, "L3")
		e.faulty(t, "leader", "choice", e.Scope("", "supervisor"), n, "instruct", "leader", "hotline.lead", "demand", words)
		e.act(t, e.Scope("", "supervisor"), n, "instruct", "leader", "leaders.secretary", "demand", words)
		number := e.orders(t, e.Scope("", "supervisor"), n)[0].Order.Number
		for _, c := range []struct {
			sc          access.Scope
			sees, reads bool
		}{
			{e.Scope("", "leader"), true, true}, {e.Scope("", "supervisor"), true, true}, {e.Scope(casestest.Street, "street"), true, true},
			{e.Scope("", "dispatcher"), true, false}, {e.Scope("", "operator"), true, false}, {e.Scope("", "callback"), true, false}, {e.Scope("", "auditor"), true, false},
			{e.Scope(casestest.OtherStreet, "street"), false, false}, {e.Scope("lamps", "deptlead"), false, false},
		} {
			v, err := e.Cases.Order(t.Context(), c.sc, number)
			if c.sees == errors.Is(err, store.ErrNotFound) {
				t.Errorf("%v sees: %v", c.sc.Roles(), err)
				continue
			}
			if c.sees && (v.Entries[0].Texts["demand"] == words) != c.reads {
				t.Errorf("%v reads %v", c.sc.Roles(), v.Entries[0].Texts)
			}
			if k, err := e.Cases.View(t.Context(), c.sc, n); err == nil {
				for _, en := range k.Entries {
					for _, s := range en.Texts {
						if strings.Contains(s, words) {
							t.Errorf("%v reads it in the case", c.sc.Roles())
						}
					}
				}
			}
		}
		e.verify(t)
	})
}

// TestListing: listed for everybody who works in the district with a leader and a
// day, delisted only after an accepted answer and a check.
func TestListing(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		sup, street, other := e.Scope("", "supervisor"), e.Scope(casestest.Street, "street"), e.Scope(casestest.OtherStreet, "street")
		n := e.signed(t, "L5")
		list := func(by string) []string {
			return []string{"subject", "滨河路积水", "demand", "汛期前改造", "leader", "leaders.deputy-1", "by", by}
		}
		e.faulty(t, "by", "review", sup, n, "list", list("2022-11-23")...)
		e.faulty(t, "by", "review", sup, n, "list", list("2024-11-24")...)
		k := e.act(t, sup, n, "list", list("2023-05-31")...)
		o := e.orders(t, sup, n)[0].Order
		if k.Level != "listed" || o.By != "2023-05-31" || !time.UnixMicro(o.Clocks[cases.ClockAnswer].Due).Equal(time.Date(2023, 6, 1, 0, 0, 0, 0, casestest.Start.Location())) {
			t.Errorf("listed %+v", o)
		}
		if v, err := e.Cases.Order(t.Context(), other, o.Number); err != nil || v.Order.Subject != "滨河路积水" || len(v.Actions) != 0 {
			t.Errorf("another street cannot read a listing, or may do something: %v", err)
		}
		if _, err := e.Cases.Get(t.Context(), other, n); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a listing opens its case: %v", err)
		}
		all, err := e.Cases.Orders(t.Context(), other, cases.OrderList{Kind: cases.OrderListing})
		if err != nil || len(all) != 1 {
			t.Errorf("the list of listings: %v %v", all, err)
		}
		e.refusedAs(t, "delist_first", sup, n, "release_supervision", "note", "x")
		e.orderAct(t, street, o.Number, "answer", "done", "已改造", "by", "2022-11-23")
		e.orderRefuse(t, flow.ErrState, sup, o.Number, "delist", "check", "不积水", "checked_on", "2022-11-23")
		e.orderAct(t, sup, o.Number, "accept")
		e.orderRefuse(t, flow.ErrState, sup, o.Number, "release")
		_, err = e.Cases.OrderAct(t.Context(), sup, o.Number, "delist", cases.Input{Raw: raw("check", "不积水", "checked_on", "2022-11-24")})
		if f, ok := errors.AsType[form.Faults](err); !ok || f[0].Code != "future" {
			t.Errorf("checked tomorrow: %v", err)
		}
		o = e.orderAct(t, sup, o.Number, "delist", "check", "雨后现场不积水", "checked_on", "2022-11-23")
		if o.State != cases.OrderReleased || e.get(t, n).Has(cases.Supervised) {
			t.Errorf("delisted %+v", o)
		}
		e.verify(t)
	})
}

// TestCaseDoesNotEndInSilence: the resident's word closes a case, but the orders
// about it stay open, know it, and keep their mark until they end.
func TestCaseDoesNotEndInSilence(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		sup, street := e.Scope("", "supervisor"), e.Scope(casestest.Street, "street")
		n := e.signed(t, "L3")
		e.act(t, sup, n, "supervise", "level", "2", "demand", "查")
		e.act(t, street, n, "reply", "result", "solved", "reply", "好了")
		k := e.act(t, e.Scope("", "callback"), n, "call_back", "reached", "yes", "contacted", "yes", "solved", "solved", "satisfied", "satisfied")
		if k.State != cases.Closed || !k.Has(cases.Supervised) {
			t.Errorf("closed: %s %v", k.State, k.Marks)
		}
		o := e.orders(t, sup, n)[0].Order
		v, err := e.Cases.Order(t.Context(), sup, o.Number)
		if err != nil || v.Order.Ended() || v.Entries[1].Action != "case_ended" || v.Entries[1].Answers.Str("state") != cases.Closed {
			t.Errorf("the letter does not know: %+v %v", v, err)
		}
		if mine, err := e.Cases.Orders(t.Context(), street, cases.OrderList{}); err != nil || len(mine) != 1 {
			t.Errorf("the street owes nothing any more: %v", err)
		}
		e.orderAct(t, street, o.Number, "answer", "done", "查清了", "by", "2022-11-23")
		e.orderAct(t, sup, o.Number, "accept")
		e.orderAct(t, sup, o.Number, "release")
		if k := e.get(t, n); k.Has(cases.Supervised) || k.State != cases.Closed || k.Closed == 0 {
			t.Errorf("after release: %s %v", k.State, k.Marks)
		}
		// 41: what was asked of a unit by a date is not moved when the case rests.
		m := e.signed(t, "L3")
		e.act(t, sup, m, "supervise", "level", "1", "demand", "查")
		due := e.orders(t, sup, m)[0].Order.Clocks[cases.ClockAnswer].Due
		e.act(t, street, m, "request_suspension", "ground", "season", "reason", "冻土", "plan", "开春", "review_on", "2023-04-01")
		e.act(t, sup, m, "grant_suspension")
		if got := e.orders(t, sup, m)[0].Order.Clocks[cases.ClockAnswer].Due; got != due {
			t.Errorf("41: the letter's deadline moved to %v", time.UnixMicro(got))
		}
		// What nobody handles yet is asked of the centre.
		p := e.report(t, "没人管").Number
		e.act(t, sup, p, "supervise", "level", "1", "demand", "今天派出去")
		e.orderAct(t, e.Scope("", "dispatcher"), e.orders(t, sup, p)[0].Order.Number, "answer", "done", "已派", "by", "2022-11-23")
		e.verify(t)
	})
}

// TestOrdersAreTold: the unit that owes the answer hears of it.
func TestOrdersAreTold(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		sup, street := e.Scope("", "supervisor"), e.Scope(casestest.Street, "street")
		n := e.signed(t, "L3")
		child := e.report(t, "同一件事").Number
		e.act(t, e.Scope("", "dispatcher"), child, "merge", "into", n)
		e.act(t, sup, n, "supervise", "level", "1", "demand", "查")
		o := e.orders(t, sup, n)[0].Order.Number
		e.orderAct(t, street, o, "answer", "done", "查了", "by", "2022-11-23")
		e.orderAct(t, sup, o, "send_back", "reason", "再查")
		e.act(t, street, n, "reply", "result", "solved", "reply", "好了")
		run := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), e.Cases.Notices("江源区8890", true))
		if err := run.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		list := func(state string) (templates []string) {
			got, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) ([]notify.Message, error) {
				return notify.InState(tx, e.Pack.District, state, 0, "", 50)
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range got {
				templates = append(templates, m.Template)
			}
			slices.Sort(templates)
			return templates
		}
		if got := list(notify.Sent); !slices.Equal(got, []string{"unit.order.letter", "unit.order.returned"}) {
			t.Errorf("the street is told %v", got)
		}
		// 50: who was merged hears of the survivor, and of its answer.
		if got := list(notify.Queued); !slices.Equal(got, []string{"dispatched", "merged", "merged_replied", "received", "received", "replied"}) {
			t.Errorf("residents are told %v", got)
		}
	})
}

// TestVerifyCoversOrders: a row that was changed without an act is found.
func TestVerifyCoversOrders(t *testing.T) {
	for name, sql := range map[string]string{
		"level": `UPDATE orders SET level = '3' WHERE district = $1`, "deadline": `UPDATE orders SET next_due = 1 WHERE district = $1`,
		"gone": `DELETE FROM orders WHERE district = $1`, "state": `UPDATE orders SET state = 'released', is_open = FALSE WHERE district = $1`,
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, e env) {
				e.act(t, e.Scope("", "supervisor"), e.signed(t, "L3"), "supervise", "level", "1", "demand", "查")
				e.verify(t)
				if err := e.DB.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(sql, e.Pack.District) }); err != nil {
					t.Fatal(err)
				}
				r, err := e.Cases.NewReplayer(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				_, err = journal.Verify(t.Context(), e.DB, e.Pack.District, func(a journal.Act) error { return r.Fold(t.Context(), a) })
				if err == nil {
					err = r.Finish()
				}
				if m, ok := errors.AsType[*cases.Mismatch](err); !ok || m.Kind != "order" {
					t.Errorf("not found: %v", err)
				}
			})
		})
	}
}
