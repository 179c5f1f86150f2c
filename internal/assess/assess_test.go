package assess_test

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type env struct {
	*casestest.Env
	t   *testing.T
	a   *assess.Assess
	run *journal.Runner
}

func newEnv(t *testing.T, db *store.DB) *env {
	e := &env{Env: casestest.New(t, db), t: t}
	e.a = assess.New(db, e.Cases, e.Pack, e.Clock)
	e.run = journal.NewRunner(db, e.Pack.District, slog.New(slog.DiscardHandler), e.a.Follower())
	return e
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	storetest.Each(t, append(casestest.Schemas(), assess.Schema), func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
}

func raw(kv ...string) form.Raw {
	out := form.Raw{}
	for i := 0; i < len(kv); i += 2 {
		out[kv[i]] = append(out[kv[i]], kv[i+1])
	}
	return out
}

// report takes in a request; phone "" is an anonymous one, place "" says none.
func (e *env) report(phone, place string) string {
	e.t.Helper()
	r := cases.Report{Channel: "hotline", Body: "路灯不亮", Matter: "001", Place: cases.Place{Street: casestest.Street, Text: place}}
	if phone != "" {
		r.Person = vault.Person{Name: "张三", Phone: phone}
	}
	got, err := e.Cases.Report(context.Background(), e.Scope("", "operator"), r)
	if err != nil {
		e.t.Fatal(err)
	}
	return got.Number
}

func (e *env) act(sc access.Scope, number, action string, kv ...string) {
	e.t.Helper()
	if _, err := e.Cases.Act(context.Background(), sc, number, action, cases.Input{Raw: raw(kv...)}); err != nil {
		e.t.Fatalf("%s %s: %v", action, number, err)
	}
}

// handle takes a case to the reply.
func (e *env) handle(number, unit, result string) {
	e.t.Helper()
	hand := e.Scope(unit, "street")
	e.act(e.Scope("", "dispatcher"), number, "dispatch", "unit", unit)
	e.act(hand, number, "sign")
	e.act(hand, number, "contact", "how", "phone")
	e.act(hand, number, "reply", "result", result, "reply", "已修好")
}

func (e *env) ask(number, solved, satisfied string) {
	e.t.Helper()
	e.act(e.Scope("", "callback"), number, "call_back", "reached", "yes", "contacted", "yes", "solved", solved, "satisfied", satisfied)
}

// life takes a case through to the resident's word; solved "" leaves it open.
func (e *env) life(unit, solved, satisfied string, late bool) string {
	e.t.Helper()
	n := e.report("", "")
	hand := e.Scope(unit, "street")
	e.act(e.Scope("", "dispatcher"), n, "dispatch", "unit", unit)
	e.act(hand, n, "sign")
	if late {
		e.Pass(20 * 24 * time.Hour)
	}
	e.act(hand, n, "contact", "how", "phone")
	e.act(hand, n, "reply", "result", "solved", "reply", "已修好")
	if solved != "" {
		e.ask(n, solved, satisfied)
	}
	return n
}

func (e *env) catchUp() {
	e.t.Helper()
	if err := e.run.CatchUp(context.Background()); err != nil {
		e.t.Fatal(err)
	}
}

func (e *env) month(name string) *assess.Month {
	e.t.Helper()
	e.catchUp()
	m, err := e.a.Month(context.Background(), name)
	if err != nil {
		e.t.Fatal(err)
	}
	return m
}

// counts checks counts of a unit, after exclusion.
func (e *env) counts(month, unit string, want map[string]float64) {
	e.t.Helper()
	f, ok := e.month(month).Unit(unit)
	if !ok {
		f = &assess.Figures{}
	}
	for name, n := range want {
		if f.Counts[name] != n {
			e.t.Errorf("%s of %s in %s is %v, want %v", name, unit, month, f.Counts[name], n)
		}
	}
}

func (e *env) behind(month, unit, count string, which assess.Which) []string {
	e.t.Helper()
	list, err := e.a.Behind(context.Background(), month, unit, count, which, assess.Cursor{}, 200)
	if err != nil {
		e.t.Fatal(err)
	}
	out := []string{}
	for _, x := range list {
		out = append(out, x.Number)
	}
	slices.Sort(out)
	return out
}

// whole proves that everything follows from acts.
func (e *env) whole() assess.Verified {
	e.t.Helper()
	e.catchUp()
	v, err := e.a.Verify(context.Background())
	if err != nil {
		e.t.Error(err)
	}
	return v
}

func sorted(s ...string) []string { slices.Sort(s); return s }

func TestRatesOfAMonth(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		var good []string
		for range 6 {
			good = append(good, e.life(casestest.Street, "solved", "very_satisfied", false))
		}
		e.life(casestest.Street, "basic", "fair", false)
		e.life(casestest.Street, "part", "dissatisfied", false)
		e.life(casestest.Street, "no", "very_dissatisfied", false) // goes back to be redone: a false closure, no closed case
		e.life(casestest.Street, "", "", false)                    // not asked yet: does not count
		e.life(casestest.OtherStreet, "solved", "satisfied", true) // contacted late, in December
		m := e.month("2022-11")
		if len(m.Units) != 1 {
			t.Fatalf("%+v", m)
		}
		f := &m.Units[0]
		want := map[string]float64{"response": 1, "resolution": (6 + 0.8) / 8, "satisfaction": (6 + 0.8 + 0.4) / 8, "false_closure": 1.0 / 9, "solved_first_time": 7.0 / 8}
		want["combined"] = 100 * (0.30*want["response"] + 0.35*want["resolution"] + 0.35*want["satisfaction"])
		for name, v := range want {
			if got, ok := f.Result(name); !ok || math.Abs(got-v) > 1e-12 {
				t.Errorf("%s is %v, want %v", name, got, v)
			}
		}
		if f.Unit != casestest.Street || f.Class != "streets" || f.Rank != 0 || f.Counts["scored"] != 8 {
			t.Errorf("%+v", f)
		}
		if v := f.Values["response"]; v.N != 8 || !v.Ranged || v.Low > 0.68 || v.Low < 0.67 || v.High != 1 {
			t.Errorf("eight of eight: %+v", v)
		}
		d := e.month("2022-12")
		if len(d.Units) != 1 || d.Units[0].Values["response"].X != 0 || !d.Units[0].Values["response"].Known {
			t.Errorf("december: %+v", d)
		}
		if _, ok := d.Total.Result("handback"); !ok {
			t.Error("a share of something counted has no figure")
		}
		none := e.month("2021-01")
		if _, ok := none.Total.Result("response"); ok || len(none.Units) != 0 {
			t.Error("nothing counted, yet there is a figure")
		}
		if got := e.behind("2022-11", casestest.Street, "solved", assess.After); !slices.Equal(got, sorted(good...)) {
			t.Errorf("behind “solved” stand %v, want %v", got, good)
		}
		if _, err := e.a.Behind(ctx, "2022-11", casestest.Street, "nonsense", assess.After, assess.Cursor{}, 10); err == nil {
			t.Error("a count that nobody counts has cases behind it")
		}
		months, err := e.a.Months(ctx)
		if err != nil || !slices.Equal(months, []string{"2022-12", "2022-11"}) {
			t.Errorf("months %v %v", months, err)
		}
		if v := e.whole(); v.Rows != 10 || v.Months != 2 {
			t.Errorf("verified %+v", v)
		}
	})
}

// TestPages of what stands behind a count do not overlap and miss nothing.
func TestBehindInPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		var all []string
		for range 7 {
			all = append(all, e.life(casestest.Street, "solved", "satisfied", false))
		}
		e.catchUp()
		var got []string
		for at := (assess.Cursor{}); ; {
			list, err := e.a.Behind(t.Context(), "2022-11", casestest.Street, "scored", assess.After, at, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				got = append(got, x.Number)
				at = assess.Cursor{Seq: x.Seq, Number: x.Number}
			}
			if len(list) < 3 {
				break
			}
		}
		slices.Reverse(got)
		if !slices.Equal(got, all) {
			t.Errorf("%v, want %v", got, all)
		}
	})
}

func TestReopenedCaseLeavesTheFigures(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.life(casestest.Street, "solved", "satisfied", false)
		e.act(e.Scope("", "supervisor"), n, "redo", "reason", "没修好")
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 0, "false_closed": 1, "claimed_solved": 1})
		e.Pass(10 * 24 * time.Hour)
		e.act(e.Scope(casestest.Street, "street"), n, "reply", "result", "solved", "reply", "换了灯")
		e.ask(n, "solved", "satisfied")
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 0, "false_closed": 1})
		e.counts("2022-12", casestest.Street, map[string]float64{"scored": 1, "reworked": 1, "done_at_once": 0, "solved": 1})
		e.whole()
	})
}

// TestRatingReplacesTheCallback: the resident's own word, given later, counts in
// the month of the closing.
func TestRatingReplacesTheCallback(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.Pass(7 * 24 * time.Hour) // 30 November
		n := e.life(casestest.Street, "part", "dissatisfied", false)
		e.Pass(2 * 24 * time.Hour)
		sc, ok := e.Cases.ReporterScope(n, e.Cases.Secret(n))
		if !ok {
			t.Fatal("no scope for the reporter")
		}
		e.act(sc, n, "rate", "contacted", "yes", "solved", "solved", "satisfied", "very_satisfied")
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 1, "solved": 1, "part": 0, "very_satisfied": 1, "dissatisfied": 0, "visited": 1})
		e.counts("2022-12", casestest.Street, map[string]float64{"scored": 0})
		if v := e.whole(); v.Rows != 2 {
			t.Errorf("%+v: both versions are kept", v)
		}
	})
}

// TestUnreachableDoesNotWeigh: who could not be reached is in no base of answers.
func TestUnreachableDoesNotWeigh(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.life(casestest.Street, "", "", false)
		back := e.Scope("", "callback")
		for range 3 {
			e.act(back, n, "call_back", "reached", "no")
			e.Pass(13 * time.Hour)
		}
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 1, "unreached": 1, "visited": 0, "answered": 0, "rated": 0})
		e.whole()
	})
}

// TestMergedCallers count once for the handling, each for the call-back.
func TestMergedCallers(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		first, second, third := e.report("13812340001", ""), e.report("13812340002", ""), e.report("13812340003", "")
		desk, back := e.Scope("", "dispatcher"), e.Scope("", "callback")
		e.act(desk, second, "merge", "into", first)
		e.act(desk, third, "merge", "into", first)
		hear := func(n string, kv ...string) error {
			_, err := e.Cases.Act(t.Context(), back, n, "hear", cases.Input{Raw: raw(kv...)})
			return err
		}
		if err := hear(second, "reached", "no"); err == nil || !strings.Contains(err.Error(), "not_replied") {
			t.Errorf("asked before there was an answer: %v", err)
		}
		e.handle(first, casestest.Street, "solved")
		e.ask(first, "solved", "satisfied")
		if err := hear(second, "reached", "yes", "contacted", "no", "solved", "no", "satisfied", "dissatisfied"); err != nil {
			t.Fatal(err)
		}
		if err := hear(third, "reached", "no"); err != nil {
			t.Fatal(err)
		}
		if err := hear(second, "reached", "no"); err == nil || !strings.Contains(err.Error(), "already_heard") {
			t.Errorf("asked twice: %v", err)
		}
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 1, "repeated": 1, "answered": 2, "solved": 1, "rated": 2, "satisfied": 1, "dissatisfied": 1, "visited": 2, "unreached": 1, "contact_confirmed": 1})
		if got := e.behind("2022-11", casestest.Street, "answered", assess.After); !slices.Equal(got, sorted(first, second)) {
			t.Errorf("behind the answers stand %v", got)
		}
		e.whole()
		e.act(desk, second, "unmerge", "reason", "不是一件事")
		e.counts("2022-11", casestest.Street, map[string]float64{"scored": 1, "answered": 1, "dissatisfied": 0})
		e.whole()
	})
}

func TestWhatCameBack(t *testing.T) {
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		firstPhone, secondPhone, firstPlace, secondPlace string
		after                                            time.Duration
		want                                             map[string]float64
	}{
		"same caller":             {"13812340001", "13812340001", "", "", 3 * day, map[string]float64{"recurred_7": 1, "recurred_30": 1, "recurred_90": 1}},
		"same place, other words": {"13812340001", "13812340002", "锦绣花园 3 号楼", "锦绣花园3号楼", 20 * day, map[string]float64{"recurred_7": 0, "recurred_30": 1, "recurred_90": 1}},
		"late":                    {"13812340001", "13812340001", "", "", 60 * day, map[string]float64{"recurred_7": 0, "recurred_30": 0, "recurred_90": 1}},
		"too late":                {"13812340001", "13812340001", "", "", 91 * day, map[string]float64{"recurred_90": 0}},
		"others elsewhere":        {"13812340001", "13812340002", "锦绣花园3号楼", "锦绣花园5号楼", 3 * day, map[string]float64{"recurred_90": 0}},
		"nobody and nowhere":      {"", "", "", "", 3 * day, map[string]float64{"recurred_90": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, e *env) {
				first := e.report(c.firstPhone, c.firstPlace)
				e.handle(first, casestest.Street, "solved")
				e.ask(first, "solved", "satisfied")
				e.Pass(c.after)
				second := e.report(c.secondPhone, c.secondPlace)
				// It counts for the unit that closed the first one, when the second is closed.
				e.handle(second, casestest.OtherStreet, "solved")
				month := e.Clock().Format("2006-01")
				e.counts(month, casestest.Street, map[string]float64{"recurred_90": 0})
				e.ask(second, "solved", "satisfied")
				e.counts(month, casestest.Street, c.want)
				if c.want["recurred_90"] > 0 {
					if got := e.behind(month, casestest.Street, "recurred_90", assess.After); !slices.Equal(got, []string{first}) {
						t.Errorf("behind it stands %v, want %s", got, first)
					}
				}
				e.whole()
				// When the second is opened again, nothing came back.
				e.act(e.Scope("", "supervisor"), second, "redo", "reason", "没修好")
				e.counts(month, casestest.Street, map[string]float64{"recurred_90": 0})
				e.whole()
			})
		})
	}
}

func TestWhistleCounts(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		hand, lead := e.Scope(casestest.Street, "street"), e.Scope(casestest.Street, "streetlead")
		units := []string{"housing", "property", "urban"}
		w, err := e.Cases.Blow(ctx, hand, cases.Input{Raw: raw("kind", "problem", "units", units[0], "units", units[1], "units", units[2], "issue", "违建")})
		if err != nil {
			t.Fatal(err)
		}
		do := func(sc access.Scope, action string, kv ...string) {
			t.Helper()
			if _, err := e.Cases.WhistleAct(ctx, sc, w.Number, action, cases.Input{Raw: raw(kv...)}); err != nil {
				t.Fatalf("%s: %v", action, err)
			}
		}
		dept := func(u string) access.Scope { return e.Scope(u, "department") }
		do(lead, "approve")
		do(dept(units[0]), "report_in", "who", "科长")
		do(dept(units[2]), "decline", "ground", "not_our_duty", "reason", "不归我们")
		do(e.Scope("", "supervisor"), "excuse", "unit", units[2], "reason", "确实")
		e.Pass(5 * 24 * time.Hour)
		do(dept(units[1]), "report_in", "who", "科长") // late
		for _, u := range units[:2] {
			do(hand, "set_task", "unit", u, "what", "拆", "by", "2022-12-30")
		}
		do(hand, "plan", "plan", "一起拆")
		for _, u := range units[:2] {
			do(dept(u), "task_done", "result", "拆了")
			do(hand, "confirm_task", "unit", u)
		}
		e.counts("2022-11", units[0], map[string]float64{"called": 1, "arrived": 1, "arrived_in_time": 1})
		e.counts("2022-11", units[1], map[string]float64{"called": 1, "arrived": 1, "arrived_in_time": 0})
		e.counts("2022-11", units[2], map[string]float64{"called": 0})
		e.Pass(10 * 24 * time.Hour) // rated in December, counts with the whistle
		do(hand, "rate_unit", "unit", units[0], "score", "5")
		do(hand, "rate_unit", "unit", units[1], "score", "2")
		do(dept(units[0]), "rate_street", "score", "4", "needed", "yes")
		do(dept(units[1]), "rate_street", "score", "1", "needed", "no")
		e.counts("2022-11", units[0], map[string]float64{"called": 1, "unit_5": 1})
		e.counts("2022-11", units[1], map[string]float64{"called": 1, "unit_2": 1})
		e.counts("2022-11", casestest.Street, map[string]float64{"blown": 1, "street_4": 1, "street_1": 1, "needed": 1, "not_needed": 1})
		f, _ := e.month("2022-11").Unit(casestest.Street)
		if x, ok := f.Result("whistle_rating"); !ok || x != 2.5 {
			t.Errorf("the street is rated %v", x)
		}
		if got := e.behind("2022-11", units[1], "called", assess.After); !slices.Equal(got, []string{w.Number}) {
			t.Errorf("behind it stands %v", got)
		}
		e.whole()
	})
}

// TestDirectAnswers count for the centre, and their share of all that came.
func TestDirectAnswers(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.report("", "")
		e.act(e.Scope("", "operator"), n, "answer", "reply", "已告知")
		e.life(casestest.Street, "solved", "satisfied", false)
		m := e.month("2022-11")
		if x, ok := m.Total.Result("first_answer"); !ok || x != 0.5 {
			t.Errorf("%v of what came was answered at once", x)
		}
		e.counts("2022-11", e.Cases.District().Centre, map[string]float64{"direct": 1, "received": 1, "scored": 0})
		e.whole()
	})
}
