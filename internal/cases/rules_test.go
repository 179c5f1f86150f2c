package cases_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/worktime"
)

// sent brings a case of a profile to a street and lets it sign.
func (e env) signed(t testing.TB, profile string) string {
	t.Helper()
	n := e.report(t, "路灯不亮").Number
	e.act(t, e.Scope("", "dispatcher"), n, "dispatch", "unit", casestest.Street, "profile", profile)
	e.act(t, e.Scope(casestest.Street, "street"), n, "sign")
	return n
}

func (e env) refusedAs(t testing.TB, code string, sc access.Scope, n, action string, kv ...string) {
	t.Helper()
	_, err := e.Cases.Act(t.Context(), sc, n, action, cases.Input{Raw: raw(kv...)})
	if r, ok := errors.AsType[*cases.RefusedError](err); !ok || r.Code != code {
		t.Errorf("%s: %v, want refused %s", action, err, code)
	}
}

func (e env) faulty(t testing.TB, field, code string, sc access.Scope, n, action string, kv ...string) {
	t.Helper()
	_, err := e.Cases.Act(t.Context(), sc, n, action, cases.Input{Raw: raw(kv...)})
	if f, ok := errors.AsType[form.Faults](err); !ok || f[0].Field != field || f[0].Code != code {
		t.Errorf("%s: %v, want fault %s on %s", action, err, code, field)
	}
}

// due is when a limit from a moment ends by the district's calendar.
func (e env) due(t testing.TB, from int64, limits ...string) int64 {
	t.Helper()
	w := worktime.Clock{Start: time.UnixMicro(from)}
	for i, s := range limits {
		l, err := worktime.ParseLimit(s)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			w.Limit = l
		} else {
			w.Extensions = append(w.Extensions, l)
		}
	}
	return e.Cases.District().Calendar.Now().Main().Deadline(w).At.UnixMicro()
}

// TestExtensionIsDecidedByItsLength: the pack says who grants how much: up to three
// days the unit's own lead or a dispatcher, beyond it the supervision office or a
// leader; never who asked.
func TestExtensionIsDecidedByItsLength(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		street := e.Scope(casestest.Street, "street")
		may := map[string]access.Scope{"dispatcher": e.Scope("", "dispatcher"), "supervisor": e.Scope("", "supervisor"), "leader": e.Scope("", "leader"),
			"own lead": e.Scope(casestest.Street, "streetlead"), "other lead": e.Scope(casestest.OtherStreet, "streetlead"), "department lead": e.Scope("lamps", "deptlead"),
			"operator": e.Scope("", "operator"), "who asked": street}
		for _, c := range []struct {
			profile, limit string
			by             []string
		}{
			{"L3", "1 workday", []string{"dispatcher", "own lead"}}, {"L3", "3 workday", []string{"dispatcher", "own lead"}},
			{"L3", "4 workday", []string{"supervisor", "leader"}}, {"L3", "5 workday", []string{"supervisor", "leader"}},
			{"L2", "2 workday", []string{"dispatcher"}}, {"L5", "15 workday", []string{"supervisor", "leader"}},
			{"L1", "24 hour", []string{"dispatcher", "supervisor"}}, {"L1", "1 hour", []string{"dispatcher", "own lead"}},
		} {
			n := e.signed(t, c.profile)
			e.act(t, street, n, "request_extension", "limit", c.limit, "reason", "等配件")
			k := e.get(t, n)
			for who, sc := range may {
				open := e.Cases.Open(sc, k)
				for _, action := range []string{"grant_extension", "refuse_extension"} {
					can := slices.ContainsFunc(open, func(a *flow.Action) bool { return a.Name == action })
					if can != slices.Contains(c.by, who) {
						t.Errorf("%s by %s: %s may %s: %v", c.profile, c.limit, who, action, can)
					}
				}
			}
			before := k.Clocks[cases.ClockReply]
			k = e.act(t, may[c.by[0]], n, "grant_extension")
			if got, want := k.Clocks[cases.ClockReply].Due, e.due(t, before.Start, before.Limit, c.limit); got != want || len(k.Asks) != 0 {
				t.Errorf("%s by %s: due %v, want %v; asks %v", c.profile, c.limit, time.UnixMicro(got), time.UnixMicro(want), k.Asks)
			}
		}
		// A lead who asks herself cannot grant it; somebody else with the same rank can.
		n := e.signed(t, "L3")
		e.act(t, may["own lead"], n, "request_extension", "limit", "1 workday", "reason", "等配件")
		e.refuse(t, flow.ErrForbidden, may["own lead"], n, "grant_extension")
		e.act(t, may["dispatcher"], n, "grant_extension")
		e.verify(t)
	})
}

// TestExtensionOnceCappedInTime: asked for before the deadline, once, and at most
// what the profile allows; what is granted is not more than what was asked.
func TestExtensionOnceCappedInTime(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		street, centre := e.Scope(casestest.Street, "street"), e.Scope("", "dispatcher")
		n := e.signed(t, "L3")
		e.refusedAs(t, "extension_too_long", street, n, "request_extension", "limit", "6 workday", "reason", "x")
		e.act(t, street, n, "request_extension", "limit", "2 workday", "reason", "x")
		e.refusedAs(t, "extension_too_long", centre, n, "grant_extension", "limit", "3 workday")
		e.act(t, centre, n, "refuse_extension", "reason", "先办") // a refusal does not use it up
		e.act(t, street, n, "request_extension", "limit", "2 workday", "reason", "x")
		k := e.act(t, centre, n, "grant_extension", "limit", "1 workday")
		if r := k.Clocks[cases.ClockReply]; r.Due != e.due(t, r.Start, r.Limit, "1 workday") {
			t.Errorf("granted less: %+v", r)
		}
		e.refuse(t, flow.ErrState, street, n, "request_extension", "limit", "1 workday", "reason", "再延")

		danger := e.signed(t, "L0")
		e.refusedAs(t, "extension_too_long", street, danger, "request_extension", "limit", "5 minute", "reason", "危险件不延期")

		late := e.signed(t, "L1")
		e.Pass(25 * time.Hour)
		e.refusedAs(t, "extension_late", street, late, "request_extension", "limit", "1 hour", "reason", "已超期")
		e.verify(t)
	})
}

// TestSuspensionIsReviewed: laid aside with ground, plan and day by the supervision
// office only; on its day it is due, prolonging is an act with a reason, a few
// times; then it must go on.
func TestSuspensionIsReviewed(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		street, sup, centre := e.Scope(casestest.Street, "street"), e.Scope("", "supervisor"), e.Scope("", "dispatcher")
		n := e.signed(t, "L3")
		ask := func(day string) []string {
			return []string{"ground", "season", "reason", "冻土", "plan", "开春动工", "review_on", day}
		}
		e.faulty(t, "review_on", "review", street, n, "request_suspension", ask("2022-11-23")...)
		e.faulty(t, "review_on", "review", street, n, "request_suspension", ask("2023-05-23")...) // 181 days
		e.act(t, street, n, "request_suspension", ask("2022-12-01")...)
		for _, sc := range []access.Scope{centre, street, e.Scope("", "leader"), e.Scope(casestest.Street, "streetlead")} {
			e.refuse(t, flow.ErrForbidden, sc, n, "grant_suspension")
		}
		before := e.get(t, n).Clocks[cases.ClockReply]
		k := e.act(t, sup, n, "grant_suspension")
		due := k.Clocks[cases.ClockReview].Due
		if want := time.Date(2022, 12, 1, 9, 0, 0, 0, worktime.Zone); !time.UnixMicro(due).Round(time.Second).Equal(want) || cases.NextDue(k.Clocks) != due {
			t.Errorf("review due %v, want %v; next %v", time.UnixMicro(due), want, time.UnixMicro(cases.NextDue(k.Clocks)))
		}
		for _, c := range []string{cases.ClockContact, cases.ClockReply, cases.ClockClose} {
			if k.Clocks[c].Due != 0 {
				t.Errorf("%s runs on", c)
			}
		}
		e.refuse(t, flow.ErrState, street, n, "reply", "result", "solved", "reply", "好了")
		queue := cases.Want{Marks: []string{cases.Suspended, cases.Paused}, Due: "today"}
		for passed, want := range []int{0, 1} { // the day before, the day itself
			e.Pass([]time.Duration{7 * 24 * time.Hour, 24*time.Hour - time.Minute}[passed])
			list, err := e.Cases.Queue(t.Context(), sup, queue, e.Clock(), cases.Cursor{}, 10)
			tally, err2 := e.Cases.Tally(t.Context(), sup, e.Clock(), 0)
			if all, _ := tally.Count(queue); err != nil || err2 != nil || len(list) != want || all != want {
				t.Errorf("review due, %d: %d listed, %d counted, %v %v", passed, len(list), all, err, err2)
			}
		}
		e.Pass(24*time.Hour + time.Minute)
		late, err := e.Cases.Queue(t.Context(), sup, cases.Want{Due: "over"}, e.Clock(), cases.Cursor{}, 10)
		if err != nil || len(late) != 1 || late[0].Number != n {
			t.Errorf("past its review it is not in the list: %v %v", late, err)
		}
		e.faulty(t, "reason", "required", sup, n, "prolong_suspension", "review_on", "2023-01-10")
		e.refuse(t, flow.ErrForbidden, street, n, "prolong_suspension", "review_on", "2023-01-10", "reason", "x")
		e.act(t, sup, n, "prolong_suspension", "review_on", "2023-01-10", "reason", "仍未解冻")
		k = e.act(t, sup, n, "prolong_suspension", "review_on", "2023-04-10", "reason", "仍未解冻")
		if k.Counts.Prolonged != 2 || !time.UnixMicro(k.Clocks[cases.ClockReview].Due).Round(time.Second).Equal(time.Date(2023, 4, 10, 9, 0, 0, 0, worktime.Zone)) {
			t.Errorf("prolonged %+v %+v", k.Counts, k.Clocks[cases.ClockReview])
		}
		e.refusedAs(t, "prolonged_out", sup, n, "prolong_suspension", "review_on", "2023-05-10", "reason", "还要")
		k = e.act(t, street, n, "resume", "note", "解冻了")
		// The nine days it lay aside do not count; the review is over.
		r := k.Clocks[cases.ClockReply]
		w, err := r.Timing()
		if err != nil || k.Clocks[cases.ClockReview].Running() || len(w.Pauses) != 1 || r.Due <= before.Due {
			t.Errorf("after it goes on: %+v %v", k.Clocks, err)
		}
		if k.Has(cases.Suspended) || len(k.Asks) != 0 {
			t.Errorf("marks %v, asks %v", k.Marks, k.Asks)
		}
		e.verify(t)
	})
}

// TestPauseByLaw: only on a ground of the pack's list and only by an approved act;
// who approves depends on the ground.
func TestPauseByLaw(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		street, sup, centre, leader := e.Scope(casestest.Street, "street"), e.Scope("", "supervisor"), e.Scope("", "dispatcher"), e.Scope("", "leader")
		n := e.signed(t, "L4")
		e.faulty(t, "ground", "choice", street, n, "request_pause", "ground", "holiday", "reason", "x", "review_on", "2022-11-30")
		e.faulty(t, "review_on", "review", street, n, "request_pause", "ground", "papers", "reason", "x", "review_on", "2022-12-20") // 15 days at most
		running := e.get(t, n).Clocks[cases.ClockReply].Due
		k := e.act(t, street, n, "request_pause", "ground", "papers", "reason", "缺房产证", "review_on", "2022-11-30")
		if k.Clocks[cases.ClockReply].Due != running || k.Desk != "approve" {
			t.Errorf("asking alone stopped the clock, or nobody is asked: %+v", k)
		}
		e.refuse(t, flow.ErrForbidden, leader, n, "grant_pause")
		k = e.act(t, centre, n, "grant_pause")
		if k.Clocks[cases.ClockReply].Due != 0 || k.Clocks[cases.ClockReview].Due == 0 || !k.Has(cases.Paused) {
			t.Errorf("paused: %+v", k.Clocks)
		}
		e.refuse(t, flow.ErrState, street, n, "request_suspension", "ground", "season", "reason", "x", "plan", "x", "review_on", "2023-01-01")
		e.Pass(2 * 24 * time.Hour)
		e.act(t, centre, n, "prolong_pause", "review_on", "2022-12-05", "reason", "材料还没到")
		k = e.act(t, street, n, "end_pause", "note", "材料齐了")
		if moved := time.UnixMicro(k.Clocks[cases.ClockReply].Due).Sub(time.UnixMicro(running)); moved.Round(time.Second) != 2*24*time.Hour || k.Has(cases.Paused) {
			t.Errorf("the deadline moved by %v", moved)
		}
		e.act(t, street, n, "request_pause", "ground", "litigation", "reason", "已起诉", "review_on", "2023-02-01")
		e.refuse(t, flow.ErrForbidden, centre, n, "grant_pause")
		e.act(t, sup, n, "refuse_pause", "reason", "与本件无关")
		e.act(t, street, n, "reply", "result", "explained", "reply", "已说明")
		e.verify(t)
	})
}

// TestObjectionWindow is BEHAVIOUR 59: each unit has the window from the moment the
// case came to it, each hand-back keeps the sign clock, and over the cap the centre
// designates for good. The one appeal against that stops nothing.
func TestObjectionWindow(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		centre, street, other, sup := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street"), e.Scope(casestest.OtherStreet, "street"), e.Scope("", "supervisor")
		back := []string{"ground", "not_our_duty", "reason", "不归我们"}
		n := e.report(t, "路灯不亮").Number
		k := e.act(t, centre, n, "dispatch", "unit", casestest.Street, "profile", "L3")
		sign := k.Clocks[cases.ClockSign]
		e.Pass(23 * time.Hour)
		e.act(t, street, n, "hand_back", back...)
		e.act(t, centre, n, "accept_objection")
		e.Pass(3 * time.Hour) // more than the window since the first dispatch
		k = e.act(t, centre, n, "dispatch", "unit", casestest.OtherStreet)
		if got := k.Clocks[cases.ClockSign]; got.Start != sign.Start || got.Due != sign.Due {
			t.Errorf("the sign clock %+v became %+v", sign, got)
		}
		e.act(t, other, n, "hand_back", back...) // it is new to this unit
		e.act(t, centre, n, "accept_objection")
		e.act(t, centre, n, "dispatch", "unit", casestest.Street)
		e.refusedAs(t, "handback_cap", street, n, "hand_back", back...)
		e.faulty(t, "reason", "required", centre, n, "designate", "unit", casestest.Street)
		k = e.act(t, centre, n, "designate", "unit", casestest.Street, "reason", "首接负责")
		if !k.Has(cases.Final) || k.Clocks[cases.ClockSign].Start != sign.Start {
			t.Errorf("designated: %+v", k)
		}
		e.refuse(t, flow.ErrState, street, n, "hand_back", back...)

		late := e.report(t, "路灯不亮").Number
		e.act(t, centre, late, "dispatch", "unit", casestest.Street, "profile", "L3")
		e.Pass(25 * time.Hour)
		e.refusedAs(t, "objection_window", street, late, "hand_back", back...)

		before := e.get(t, n).Clocks
		k = e.act(t, street, n, "appeal", "reason", "职责清单写明归路灯所", "should_be", "lamps")
		if k.Desk != "approve" || k.Clocks[cases.ClockReply].Due != before[cases.ClockReply].Due || !k.Has(cases.Final) {
			t.Errorf("an appeal stopped something: %+v", k)
		}
		e.act(t, street, n, "sign") // it goes on meanwhile
		e.refuse(t, flow.ErrForbidden, centre, n, "refuse_appeal", "reason", "x")
		e.act(t, sup, n, "refuse_appeal", "reason", "仍由街道办")
		e.refuse(t, flow.ErrState, street, n, "appeal", "reason", "再申诉")

		won := e.report(t, "路灯不亮").Number
		e.act(t, centre, won, "designate", "unit", casestest.Street, "reason", "指定")
		e.act(t, street, won, "sign")
		e.act(t, street, won, "contact", "how", "phone")
		e.act(t, street, won, "appeal", "reason", "归路灯所")
		k = e.act(t, sup, won, "accept_appeal")
		if k.State != cases.Pending || k.Has(cases.Final) || k.Units[casestest.Street] != cases.Former {
			t.Errorf("the appeal was right: %+v", k)
		}
		k = e.act(t, centre, won, "dispatch", "unit", casestest.OtherStreet)
		if s, r := k.Clocks[cases.ClockSign], k.Clocks[cases.ClockReply]; !s.Running() || s.Start == r.Start || !k.Clocks[cases.ClockContact].Running() {
			t.Errorf("the next unit has no promise of its own to sign, or the reply began anew: %+v", k.Clocks)
		}
		e.verify(t)
	})
}
