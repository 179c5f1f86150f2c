package assess_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

func (e *env) try(sc access.Scope, kind, action string, kv ...string) (*assess.Request, error) {
	return e.a.Ask(context.Background(), sc, kind, action, cases.Input{Raw: raw(kv...)})
}

func (e *env) askFor(sc access.Scope, kind, action string, kv ...string) *assess.Request {
	e.t.Helper()
	q, err := e.try(sc, kind, action, kv...)
	if err != nil {
		e.t.Fatalf("%s %s %v: %v", action, kind, kv, err)
	}
	return q
}

func (e *env) step(sc access.Scope, q *assess.Request, action string, kv ...string) error {
	_, err := e.a.Act(context.Background(), sc, q.Kind, q.ID, action, cases.Input{Raw: raw(kv...)})
	return err
}

func (e *env) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *env) refused(err error, code string) {
	e.t.Helper()
	if r, ok := errors.AsType[*cases.RefusedError](err); !ok || r.Code != code {
		e.t.Errorf("got %v, want refusal %s", err, code)
	}
}

// someone is another person with the same role.
func (e *env) someone(account string, roles ...string) access.Scope {
	unit := e.Cases.District().Centre
	var path []string
	for _, u := range e.Pack.Directory.Path(unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: e.Pack.District, Account: account, Unit: unit, Path: path, Roles: roles, Kind: access.Cookie})
}

// through takes a request to its decision.
func (e *env) through(q *assess.Request, lead access.Scope, decision string) {
	e.t.Helper()
	if q.State == assess.Asked {
		e.must(e.step(lead, q, "sign"))
	}
	e.must(e.step(e.someone("adviser", access.Supervisor), q, "advise", "opinion", "grant", "reason", "属实"))
	e.must(e.step(e.someone("decider", access.Supervisor), q, decision, "reason", "核实"))
}

func (e *env) publish(month string) *assess.Period {
	e.t.Helper()
	p, err := e.a.Publish(context.Background(), e.Scope("", "supervisor"), cases.Input{Raw: raw("month", month)})
	e.must(err)
	return p
}

func (e *env) monthAct(sc access.Scope, month, action string, kv ...string) error {
	_, err := e.a.ActMonth(context.Background(), sc, month, action, cases.Input{Raw: raw(kv...)})
	return err
}

func TestExclusion(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hand, lead, sup := e.Scope(casestest.Street, "street"), e.Scope(casestest.Street, "streetlead"), e.someone("adviser", access.Supervisor)
		first, second := e.life(casestest.Street, "solved", "satisfied", false), e.life(casestest.Street, "part", "very_dissatisfied", false)
		ask := []string{"record", second, "rule", "beyond_policy", "evidence", "政策不允许"}

		// Who may, and for what.
		if _, err := e.try(e.Scope("", "operator"), "exclusion", "ask", ask...); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("an operator asked: %v", err)
		}
		for field, kv := range map[string][]string{
			"record": {"record", "JY20200101-AAAAA", "rule", "beyond_policy", "evidence", "x"},
			"rule":   {"record", second, "rule", "because", "evidence", "x"},
		} {
			_, err := e.try(hand, "exclusion", "ask", kv...)
			if f, ok := errors.AsType[form.Faults](err); !ok || f[0].Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, err := e.try(e.Scope(casestest.OtherStreet, "street"), "exclusion", "ask", ask...); err == nil {
			t.Error("another street asked for it")
		}
		// Nobody waited for the follower: asking settles it.
		q := e.askFor(hand, "exclusion", "ask", ask...)
		if q.Number != second || q.Month != "2022-11" || q.Unit != casestest.Street || q.Ground != "beyond_policy" || q.State != assess.Asked {
			t.Errorf("%+v", q)
		}
		_, err := e.try(hand, "exclusion", "ask", ask...)
		e.refused(err, "request_open")

		// The way: lead, opinion, somebody else.
		if err := e.step(hand, q, "sign"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the handler signed for the lead: %v", err)
		}
		if err := e.step(e.Scope(casestest.OtherStreet, "streetlead"), q, "sign"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another street found it: %v", err)
		}
		if err := e.step(sup, q, "advise", "opinion", "grant", "reason", "x"); !errors.Is(err, flow.ErrState) {
			t.Errorf("opinion before the signature: %v", err)
		}
		e.must(e.step(lead, q, "sign"))
		e.must(e.step(sup, q, "advise", "opinion", "grant", "reason", "属实"))
		if err := e.step(sup, q, "grant", "reason", "x"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("who gave the opinion decided: %v", err)
		}
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 2, "excluded": 0})
		e.must(e.step(e.Scope("", "leader"), q, "grant", "reason", "同意"))
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 1, "excluded": 1, "before_exclusion": 2, "part": 0, "solved": 1, "very_dissatisfied": 0})
		f, _ := e.month("2022-11").Unit(casestest.Street)
		if f.RawCounts["scored"] != 2 || f.RawValues["resolution"].X != 0.5 || f.Values["resolution"].X != 1 || f.Values["exclusion"].X != 0.5 {
			t.Errorf("before and after: %v %v", f.RawValues["resolution"], f.Values["resolution"])
		}
		for which, want := range map[assess.Which][]string{assess.After: {first}, assess.Raw: sorted(first, second), assess.Excluded: {second}} {
			if got := e.behind("2022-11", casestest.Street, "scored", which); strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("column %d: %v, want %v", which, got, want)
			}
		}
		e.whole()
		_, err = e.try(hand, "exclusion", "ask", ask...)
		e.refused(err, "excluded_already")

		// Rated by the resident afterwards: it stays excluded.
		sc, _ := e.Cases.ReporterScope(second, e.Cases.Secret(second))
		e.act(sc, second, "rate", "contacted", "yes", "solved", "solved", "satisfied", "satisfied")
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 1, "excluded": 1})
		e.whole()

		// Taken back.
		e.must(e.step(e.Scope("", "leader"), q, "revoke", "reason", "依据不足"))
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 2, "excluded": 0, "solved": 2})
		e.whole()

		// Proposed by the centre, without a signature; given up.
		q = e.askFor(e.Scope("", "dispatcher"), "exclusion", "propose", "record", first, "rule", "not_ours", "evidence", "派错了")
		if q.State != assess.Signed {
			t.Errorf("%+v", q)
		}
		e.must(e.step(e.Scope("", "supervisor"), q, "withdraw"))

		// Too late.
		e.Pass(40 * 24 * time.Hour)
		_, err = e.try(hand, "exclusion", "ask", "record", first, "rule", "not_ours", "evidence", "x")
		e.refused(err, "exclusion_window")
		e.whole()
	})
}

// TestMonth takes a month from its preview to a correction.
func TestMonth(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		hand, lead, sup, boss := e.Scope(casestest.Street, "street"), e.Scope(casestest.Street, "streetlead"), e.Scope("", "supervisor"), e.Scope("", "leader")
		good := e.life(casestest.Street, "solved", "satisfied", false)
		bad := e.life(casestest.Street, "part", "dissatisfied", false)
		untrue := e.life(casestest.Street, "no", "very_dissatisfied", false)
		_, err := e.a.Publish(ctx, sup, cases.Input{Raw: raw("month", "2022-11")})
		e.refused(err, "month_not_over")
		_, err = e.a.Publish(ctx, sup, cases.Input{Raw: raw("month", "2022-13")})
		if _, ok := errors.AsType[form.Faults](err); !ok {
			t.Errorf("a thirteenth month: %v", err)
		}
		if _, err := e.a.Publish(ctx, hand, cases.Input{Raw: raw("month", "2022-11")}); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a street published a month: %v", err)
		}
		_, err = e.try(hand, "appeal", "ask", "record", bad, "ground", "word", "evidence", "说的不是我们")
		e.refused(err, "appeal_not_open")

		e.Pass(10 * 24 * time.Hour) // 3 December, a Saturday
		p := e.publish("2022-11")
		if got := time.UnixMicro(p.Until).In(e.Clock().Location()).Format("2006-01-02 15:04"); got != "2022-12-10 00:00" {
			t.Errorf("appeals end %s", got)
		}
		_, err = e.a.Publish(ctx, sup, cases.Input{Raw: raw("month", "2022-11")})
		e.refused(err, "month_published")

		_, err = e.try(hand, "appeal", "ask", "record", good, "ground", "handback", "evidence", "没有退过")
		e.refused(err, "appeal_nothing")
		word := e.askFor(hand, "appeal", "ask", "record", bad, "ground", "word", "evidence", "问错了人")
		claim := e.askFor(hand, "appeal", "ask", "record", untrue, "ground", "false_closure", "evidence", "当天又坏了")
		_, err = e.try(hand, "appeal", "ask", "record", bad, "ground", "word", "evidence", "再问")
		e.refused(err, "request_open")
		e.through(word, lead, "grant")
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 2, "answered": 1, "part": 0, "rated": 1, "contacted_in_time": 2, "false_closed": 1})
		e.refused(e.monthAct(sup, "2022-11", "freeze"), "window_open")
		e.Pass(7 * 24 * time.Hour)
		_, err = e.try(hand, "appeal", "ask", "record", bad, "ground", "rework", "evidence", "x")
		e.refused(err, "appeal_nothing")
		e.refused(e.monthAct(sup, "2022-11", "freeze"), "requests_open")
		e.through(claim, lead, "refuse")
		e.must(e.monthAct(sup, "2022-11", "freeze"))
		e.whole()
		if err := e.monthAct(sup, "2022-11", "freeze"); !errors.Is(err, flow.ErrState) {
			t.Errorf("frozen twice: %v", err)
		}
		frozen := e.month("2022-11")
		if frozen.State != assess.Frozen || frozen.Version != e.Pack.Scores.Version || len(frozen.Formulas) != len(e.Pack.Scores.Formulas) {
			t.Errorf("%+v", frozen)
		}

		// What happens later does not reach it.
		e.act(sup, good, "redo", "reason", "又坏了")
		_, err = e.try(hand, "exclusion", "ask", "record", bad, "rule", "litigation", "evidence", "x")
		e.refused(err, "month_frozen")
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 2, "solved": 1, "false_closed": 1})
		e.counts("2022-12", casestest.Street, map[string]float64{"false_closed": 1})
		if got := e.behind("2022-11", casestest.Street, "solved", assess.After); len(got) != 1 || got[0] != good {
			t.Errorf("behind the frozen count stands %v", got)
		}
		e.whole()
		pending, err := e.a.Pending(ctx, "2022-11")
		if err != nil || len(pending) == 0 {
			t.Errorf("a correction would change nothing: %v %v", pending, err)
		}

		// Only a correction with a reason does.
		if err := e.monthAct(sup, "2022-11", "correct", "reason", "x"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("the office corrected it alone: %v", err)
		}
		if _, ok := errors.AsType[form.Faults](e.monthAct(boss, "2022-11", "correct")); !ok {
			t.Error("corrected without a reason")
		}
		e.must(e.monthAct(boss, "2022-11", "correct", "reason", "好的那件其实没修好"))
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 1, "solved": 0})
		e.refused(e.monthAct(boss, "2022-11", "correct", "reason", "x"), "nothing_to_correct")
		v, err := e.a.Period(ctx, boss, "2022-11")
		if err != nil || len(v.Acts) != 3 || v.Acts[2].Texts["reason"] == "" || v.Acts[2].Action != "correct" {
			t.Fatalf("%+v %v", v, err)
		}
		ch, err := e.a.Corrected(ctx, v.Acts[2].Seq)
		if err != nil || len(ch) == 0 || ch[0].Unit != casestest.Street {
			t.Errorf("%+v %v", ch, err)
		}
		if got := e.whole(); got.Sheets != 2 {
			t.Errorf("%+v", got)
		}
	})
}

// TestUnitsSeePublishedFiguresOnly.
func TestUnitsSeePublishedFiguresOnly(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.life(casestest.Street, "solved", "satisfied", false)
		e.life(casestest.OtherStreet, "solved", "satisfied", false)
		e.catchUp()
		hand := e.Scope(casestest.Street, "street")
		m, err := e.a.View(t.Context(), hand, "2022-11")
		if err != nil || len(m.Units) != 1 || m.Units[0].Unit != casestest.Street || m.Total.Counts != nil {
			t.Errorf("%+v %v", m, err)
		}
		if m, err := e.a.View(t.Context(), e.Scope("", "leader"), "2022-11"); err != nil || len(m.Units) != 2 {
			t.Errorf("%+v %v", m, err)
		}
		e.Pass(10 * 24 * time.Hour)
		e.publish("2022-11")
		if m, err := e.a.View(t.Context(), hand, "2022-11"); err != nil || len(m.Units) != 2 {
			t.Errorf("%+v %v", m, err)
		}
		q := e.askFor(hand, "appeal", "ask", "record", e.behind("2022-11", casestest.Street, "scored", assess.After)[0], "ground", "word", "evidence", "x")
		if list, err := e.a.Requests(t.Context(), e.Scope(casestest.OtherStreet, "street"), assess.RequestFilter{Kind: "appeal", Limit: 10}); err != nil || len(list) != 0 {
			t.Errorf("another street sees %v %v", list, err)
		}
		for _, f := range []assess.RequestFilter{{}, {Open: true}, {Month: "2022-11"}, {Unit: casestest.Street}, {Month: "2022-11", Unit: casestest.Street, Open: true}} {
			f.Kind, f.Limit = "appeal", 10
			for _, sc := range []access.Scope{hand, e.Scope("", "supervisor")} {
				if list, err := e.a.Requests(t.Context(), sc, f); err != nil || len(list) != 1 || list[0].ID != q.ID {
					t.Errorf("%+v: %v %v", f, list, err)
				}
			}
		}
		if _, err := e.a.Request(t.Context(), e.Scope(casestest.OtherStreet, "streetlead"), "appeal", q.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another street opened it: %v", err)
		}
	})
}

// TestVerifyFinds: whatever is changed behind the journal's back is named.
func TestVerifyFinds(t *testing.T) {
	for what, sql := range map[string]string{
		"a row":           `UPDATE score_rows SET counted = counted + 32 WHERE district = $1 AND kind = 'case' AND counted & 32 = 0`,
		"a row's end":     `UPDATE score_rows SET until = seq + 1 WHERE district = $1 AND kind = 'case'`,
		"a row away":      `DELETE FROM score_rows WHERE district = $1 AND kind = 'false'`,
		"what came back":  `DELETE FROM score_rows WHERE district = $1 AND kind = 'again'`,
		"a row too many":  `INSERT INTO score_rows SELECT district, 'JY20221123-ZZZZZ', kind, 'JY20221123-ZZZZZ', unit, other, seq, until, month, at, created, began, place, again, base, relief, excluded, counted FROM score_rows WHERE district = $1 AND kind = 'false'`,
		"a sum":           `UPDATE score_sums SET every = every + 1 WHERE district = $1 AND name = 'solved'`,
		"a sum away":      `DELETE FROM score_sums WHERE district = $1 AND name = 'rated'`,
		"excluded":        `UPDATE score_sums SET left_out = left_out + 1 WHERE district = $1 AND name = 'rated'`,
		"a request":       `UPDATE score_requests SET state = 'refused' WHERE district = $1`,
		"a request away":  `DELETE FROM score_requests WHERE district = $1`,
		"a month":         `UPDATE score_months SET state = 'previewed' WHERE district = $1`,
		"a month's sheet": `UPDATE acts SET body = replace(body, '"solved":[2,0]', '"solved":[3,0]') WHERE district = $1 AND kind = 'month'`,
		"a result":        `UPDATE acts SET body = replace(body, '"rework":[0,', '"rework":[0.125,') WHERE district = $1 AND kind = 'month'`,
	} {
		t.Run(what, func(t *testing.T) {
			e := newEnv(t, storetest.Open(t, "sqlite", append(casestest.Schemas(), assess.Schema)))
			for _, solved := range []string{"solved", "part"} {
				n := e.report("", "锦绣花园3号楼")
				e.handle(n, casestest.Street, "solved")
				e.ask(n, solved, "satisfied")
			}
			e.life(casestest.Street, "no", "dissatisfied", false)
			e.life(casestest.Street, "solved", "satisfied", false)
			e.catchUp()
			e.Pass(10 * 24 * time.Hour)
			e.publish("2022-11")
			e.through(e.askFor(e.Scope(casestest.Street, "street"), "exclusion", "ask", "record", e.behind("2022-11", casestest.Street, "part", assess.After)[0], "rule", "litigation", "evidence", "x"),
				e.Scope(casestest.Street, "streetlead"), "grant")
			e.Pass(10 * 24 * time.Hour)
			e.must(e.monthAct(e.Scope("", "supervisor"), "2022-11", "freeze"))
			if v := e.whole(); v.Sheets != 1 || t.Failed() {
				t.Fatalf("%+v", v)
			}
			var n int64
			e.must(e.DB.Write(t.Context(), func(tx *store.Tx) (err error) { n, err = tx.Count(sql, e.Pack.District); return err }))
			if n == 0 {
				t.Fatal("the test changed nothing")
			}
			if _, err := e.a.Verify(t.Context()); err == nil {
				t.Error("verify does not see it")
			} else if !strings.Contains(err.Error(), "assess: ") {
				t.Errorf("says %v", err)
			}
		})
	}
}

// TestTables: every state is reached and can end.
func TestTables(t *testing.T) {
	for _, tb := range assess.Tables() {
		if bad := tb.Check(); len(bad) > 0 {
			t.Errorf("%s: %v", tb.Kind, bad)
		}
	}
}
