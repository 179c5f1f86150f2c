package cases_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/catalogue"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type env struct{ *casestest.Env }

func each(t *testing.T, fn func(t *testing.T, e env)) {
	casestest.Each(t, func(t *testing.T, e *casestest.Env) { fn(t, env{e}) })
}

func (e env) report(t testing.TB, body string) cases.Receipt {
	t.Helper()
	r, err := e.Cases.Report(context.Background(), e.Scope("", "operator"), cases.Report{Channel: "hotline", Body: body, Matter: "001",
		Place: cases.Place{Street: casestest.Street}, Person: vault.Person{Name: "张三丰", Phone: "13812341234"}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func raw(kv ...string) form.Raw {
	r := form.Raw{}
	for i := 0; i < len(kv); i += 2 {
		r[kv[i]] = append(r[kv[i]], kv[i+1])
	}
	return r
}

func (e env) act(t testing.TB, sc access.Scope, number, action string, kv ...string) *cases.Case {
	t.Helper()
	k, err := e.Cases.Act(context.Background(), sc, number, action, cases.Input{Raw: raw(kv...)})
	if err != nil {
		t.Fatalf("%s: %v", action, err)
	}
	return k
}

func (e env) refuse(t testing.TB, want error, sc access.Scope, number, action string, kv ...string) {
	t.Helper()
	if _, err := e.Cases.Act(context.Background(), sc, number, action, cases.Input{Raw: raw(kv...)}); !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", action, err, want)
	}
}

// verify proves chain and rows after every test that changes something.
func (e env) verify(t testing.TB) {
	t.Helper()
	r, err := e.Cases.NewReplayer(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Verify(context.Background(), e.DB, e.Pack.District, func(a journal.Act) error { return r.Fold(context.Background(), a) }); err != nil {
		t.Errorf("verify: %v", err)
	}
	if err := r.Finish(); err != nil {
		t.Errorf("verify: %v", err)
	}
}

func TestTableCloses(t *testing.T) {
	for _, tb := range []flow.Table{cases.Table, cases.WhistleTable, cases.OrderTable, cases.CheckTable} {
		for _, bad := range tb.Check() {
			t.Errorf("%s: %s", tb.Kind, bad)
		}
	}
}

func TestWholeWay(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		r := e.report(t, "我们小区3号楼东侧的路灯坏了三天了，晚上老人下楼看不清路。我的电话13812341234。")
		if len(r.Number) != 16 || !strings.HasPrefix(r.Number, "JY20221123-") || len(r.Secret) != 10 {
			t.Fatalf("receipt %+v", r)
		}
		centre, street, back := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street"), e.Scope("", "callback")
		if _, err := e.Cases.Get(t.Context(), street, r.Number); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a street sees a case nobody sent it: %v", err)
		}
		k, err := e.Cases.Get(t.Context(), centre, r.Number)
		if err != nil {
			t.Fatal(err)
		}
		if d := e.Cases.Suggested(k); d.Unit == "" || d.Ref() != k.Rule || d.ReasonZH != k.Why || d.ReasonZH == "" {
			t.Errorf("proposal %+v, case %+v", d, k)
		}
		k = e.act(t, centre, r.Number, "dispatch", "unit", casestest.Street)
		if k.State != cases.Dispatched || k.Rule != "manual" || len(k.Clocks) != 4 {
			t.Errorf("after dispatch: %+v", k)
		}
		e.Pass(10 * time.Minute)
		e.act(t, street, r.Number, "sign")
		k = e.act(t, street, r.Number, "contact", "how", "phone", "note", "约好今晚去修")
		if !k.Clocks[cases.ClockSign].Met() || !k.Clocks[cases.ClockContact].Met() {
			t.Errorf("clocks %+v", k.Clocks)
		}
		e.Pass(3 * time.Hour)
		e.act(t, street, r.Number, "reply", "result", "solved", "reply", "灯已换好。")
		k = e.act(t, back, r.Number, "call_back", "reached", "yes", "contacted", "yes", "solved", "solved", "satisfied", "satisfied")
		if k.State != cases.Closed || k.Outcome.Solved != "solved" || k.Closed == 0 || cases.NextDue(k.Clocks) != cases.NoDue {
			t.Errorf("after call-back: %+v", k)
		}
		v, err := e.Cases.View(t.Context(), street, r.Number)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, en := range v.Entries {
			names = append(names, en.Action)
			if strings.Contains(string(en.Body), "13812341234") || strings.Contains(string(en.Body), "约好") {
				t.Errorf("act %s holds words of people: %s", en.Action, en.Body)
			}
		}
		if !slices.Equal(names, []string{"report", "dispatch", "sign", "contact", "reply", "call_back"}) {
			t.Errorf("timeline %v", names)
		}
		if strings.Contains(v.Case.Body, "13812341234") {
			t.Errorf("the words were not redacted: %s", v.Case.Body)
		}
		e.verify(t)
	})
}

func TestReportIsOnce(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		rep := cases.Report{Channel: "portal", Body: "暖气不热", Key: store.Key{Scope: "form", Value: "k1", Request: store.RequestHash("暖气不热")}}
		var wg sync.WaitGroup
		got := make([]cases.Receipt, 20)
		for i := range got {
			wg.Go(func() {
				r, err := e.Cases.Report(context.Background(), e.Public(), rep)
				if err != nil {
					t.Error(err)
				}
				got[i] = r
			})
		}
		wg.Wait()
		for _, r := range got {
			if r.Number != got[0].Number || r.Secret != got[0].Secret {
				t.Fatalf("one key, two answers: %+v %+v", r, got[0])
			}
		}
		rep.Key.Request = store.RequestHash("其他")
		if _, err := e.Cases.Report(t.Context(), e.Public(), rep); !errors.Is(err, store.ErrReused) {
			t.Errorf("reused key: %v", err)
		}
		list, err := e.Cases.List(t.Context(), e.Scope("", "dispatcher"), cases.Filter{})
		if err != nil || len(list) != 1 {
			t.Errorf("%d cases, %v", len(list), err)
		}
		e.verify(t)
	})
}

func TestHandBackToTheCap(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		n := e.report(t, "路灯不亮").Number
		centre, street := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street")
		k := e.act(t, centre, n, "dispatch", "unit", casestest.Street)
		started := k.Clocks[cases.ClockSign].Start
		cap := 0
		if p, ok := e.Pack.Catalogue.Profile(k.Profile); ok {
			cap = p.HandbackCap
		}
		for i := range cap {
			e.Pass(time.Minute)
			e.act(t, street, n, "hand_back", "ground", "not_our_duty", "reason", "不归我们管")
			e.refuse(t, flow.ErrState, street, n, "sign")
			k = e.act(t, centre, n, "accept_objection")
			if k.State != cases.Pending || k.Units[casestest.Street] != cases.Former {
				t.Errorf("round %d: %+v", i, k)
			}
			e.refuse(t, flow.ErrForbidden, street, n, "sign")
			k = e.act(t, centre, n, "dispatch", "unit", casestest.Street)
			if k.Clocks[cases.ClockSign].Start != started {
				t.Error("the sign clock started again after a hand-back")
			}
		}
		e.refuse(t, flow.ErrState, street, n, "hand_back", "ground", "not_our_duty", "reason", "还是不归")
		k = e.act(t, centre, n, "designate", "unit", casestest.Street, "reason", "区里指定")
		e.refuse(t, flow.ErrState, street, n, "hand_back", "ground", "not_our_duty", "reason", "再退")
		if !k.Has(cases.Final) {
			t.Error("designation is not final")
		}
		e.verify(t)
	})
}

func TestExtensionAndSuspension(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		n := e.report(t, "路灯不亮").Number
		centre, street, sup := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street"), e.Scope("", "supervisor")
		e.act(t, centre, n, "dispatch", "unit", casestest.Street, "profile", "L3")
		k := e.act(t, street, n, "sign")
		due := k.Clocks[cases.ClockReply].Due
		e.refuse(t, flow.ErrState, street, n, "request_extension", "limit", "90 workday", "reason", "太久")
		e.act(t, street, n, "request_extension", "limit", "3 workday", "reason", "等材料")
		e.refuse(t, flow.ErrForbidden, street, n, "grant_extension")
		k = e.act(t, centre, n, "grant_extension")
		if k.Clocks[cases.ClockReply].Due <= due || !k.Has(cases.Extended) {
			t.Errorf("not extended: %+v", k.Clocks)
		}
		e.refuse(t, flow.ErrState, street, n, "request_extension", "limit", "1 workday", "reason", "再延")
		due = k.Clocks[cases.ClockReply].Due
		e.act(t, street, n, "request_suspension", "ground", "season", "reason", "冬季不能开挖", "plan", "开春动工", "review_on", "2023-03-01")
		k = e.act(t, sup, n, "grant_suspension")
		if k.Clocks[cases.ClockReply].Due != 0 || cases.NextDue(k.Clocks) == due {
			t.Errorf("clock runs while suspended: %+v", k.Clocks)
		}
		e.Pass(7 * 24 * time.Hour)
		k = e.act(t, street, n, "resume")
		if got := time.UnixMicro(k.Clocks[cases.ClockReply].Due).Sub(time.UnixMicro(due)); got.Round(time.Second) != 7*24*time.Hour {
			t.Errorf("deadline moved by %v, want a week", got)
		}
		e.verify(t)
	})
}

func TestMergeCollapsesChains(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		centre := e.Scope("", "dispatcher")
		a, b, c := e.report(t, "暖气不热一").Number, e.report(t, "暖气不热二").Number, e.report(t, "暖气不热三").Number
		e.refuse(t, flow.ErrState, centre, a, "merge", "into", a)
		e.act(t, centre, a, "merge", "into", b)
		e.act(t, centre, b, "merge", "into", c)
		for _, n := range []string{a, b} {
			k, err := e.Cases.Get(t.Context(), centre, n)
			if err != nil || k.State != cases.Merged || k.Parent != c {
				t.Errorf("%s: %+v %v", n, k, err)
			}
			if cases.NextDue(k.Clocks) != cases.NoDue {
				t.Errorf("%s still has a deadline", n)
			}
		}
		k := e.act(t, centre, a, "unmerge", "reason", "不是一件事")
		if k.State != cases.Pending || k.Parent != "" {
			t.Errorf("after unmerge: %+v", k)
		}
		s, err := e.Cases.Get(t.Context(), centre, c)
		if err != nil || s.Counts.Merged != 1 {
			t.Errorf("survivor counts %+v %v", s.Counts, err)
		}
		e.verify(t)
	})
}

func TestNotSolvedIsRedone(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		r := e.report(t, "路灯不亮")
		n := r.Number
		centre, street := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street")
		e.act(t, centre, n, "dispatch", "unit", casestest.Street)
		e.act(t, street, n, "sign")
		e.act(t, street, n, "reply", "result", "solved", "reply", "修好了")
		if _, ok := e.Cases.ReporterScope(n, "0000000000"); ok {
			t.Fatal("a wrong secret opens the case")
		}
		me, ok := e.Cases.ReporterScope(strings.ToLower(n), strings.ToLower(r.Secret))
		if !ok {
			t.Fatal("the right secret does not open the case")
		}
		k := e.act(t, me, n, "rate", "contacted", "no", "solved", "no", "satisfied", "very_dissatisfied", "note", "根本没来")
		if k.State != cases.Rework || k.Holder != casestest.Street || k.Counts.Reworks != 1 || !k.Clocks[cases.ClockReply].Running() {
			t.Errorf("after a bad rating: %+v", k)
		}
		e.refuse(t, flow.ErrState, me, n, "rate", "contacted", "no", "solved", "no", "satisfied", "fair")
		e.act(t, street, n, "reply", "result", "solved", "reply", "这回真修好了")
		k = e.act(t, me, n, "rate", "contacted", "yes", "solved", "solved", "satisfied", "satisfied")
		if k.State != cases.Closed {
			t.Errorf("after a good rating: %s", k.State)
		}
		other := e.report(t, "另一件")
		if _, err := e.Cases.Get(t.Context(), me, other.Number); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("one resident reads another's case: %v", err)
		}
		e.verify(t)
	})
}

func TestUnreachableAfterThreeTriesOnTwoDays(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		n := e.report(t, "路灯不亮").Number
		centre, street, back := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street"), e.Scope("", "callback")
		e.act(t, centre, n, "dispatch", "unit", casestest.Street)
		e.act(t, street, n, "sign")
		e.act(t, street, n, "reply", "result", "solved", "reply", "修好了")
		for range 3 {
			if k := e.act(t, back, n, "call_back", "reached", "no"); k.State != cases.Replied {
				t.Fatalf("closed after tries on one day: %s", k.State)
			}
		}
		e.Pass(24 * time.Hour)
		k := e.act(t, back, n, "call_back", "reached", "no")
		if k.State != cases.Closed || k.Outcome.By != "unreachable" {
			t.Errorf("%+v", k)
		}
		e.verify(t)
	})
}

func TestStaleVersionAndReplay(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		n := e.report(t, "路灯不亮").Number
		centre, street := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street")
		in := cases.Input{Raw: raw("unit", casestest.Street), Version: 1, Key: store.Key{Scope: "acc", Value: "k", Request: []byte{1}}}
		if _, err := e.Cases.Act(t.Context(), centre, n, "dispatch", in); err != nil {
			t.Fatal(err)
		}
		// The same click again is answered, not done again; another one is stale.
		if k, err := e.Cases.Act(t.Context(), centre, n, "dispatch", in); err != nil || k.Version != 2 {
			t.Errorf("replay: %+v %v", k, err)
		}
		_, err := e.Cases.Act(t.Context(), street, n, "sign", cases.Input{Version: 1})
		if stale, ok := errors.AsType[*cases.StaleError](err); !ok || stale.Now.Version != 2 || !errors.Is(err, access.ErrStale) {
			t.Errorf("stale: %v", err)
		}
		e.verify(t)
	})
}

// TestEveryTriple tries every action in every state as every role, and expects
// exactly what the table says; a refusal leaves no act.
func TestEveryTriple(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		ctx := t.Context()
		build := map[string]func() string{
			cases.Pending: func() string { return e.report(t, "一件").Number },
			cases.Signed: func() string {
				n := e.report(t, "一件").Number
				e.act(t, e.Scope("", "dispatcher"), n, "dispatch", "unit", casestest.Street)
				e.act(t, e.Scope(casestest.Street, "street"), n, "sign")
				return n
			},
			cases.Replied: func() string {
				n := e.report(t, "一件").Number
				e.act(t, e.Scope("", "dispatcher"), n, "dispatch", "unit", casestest.Street)
				e.act(t, e.Scope(casestest.Street, "street"), n, "sign")
				e.act(t, e.Scope(casestest.Street, "street"), n, "reply", "result", "solved", "reply", "好")
				return n
			},
			cases.Screened: func() string {
				n := e.report(t, "一件").Number
				e.act(t, e.Scope("", "operator"), n, "screen_out", "ground", "emergency", "reply", "请拨 119")
				return n
			},
		}
		roles := []string{"operator", "dispatcher", "callback", "duty", "supervisor", "leader", "auditor", "street", "streetlead", "department", "community", "grid"}
		for state, make := range build {
			n := make()
			before, err := e.Cases.Get(ctx, e.Scope("", "auditor"), n)
			if err != nil || before.State != state {
				t.Fatalf("%s: %v", state, err)
			}
			for _, role := range roles {
				unit := ""
				if slices.Contains([]string{"street", "streetlead", "department", "community", "grid"}, role) {
					unit = casestest.Street
				}
				sc := e.Scope(unit, role)
				open := e.Cases.Open(sc, before)
				for i := range cases.Table.Actions {
					a := &cases.Table.Actions[i]
					allowed := slices.Contains(open, a)
					if a.Name == "report" || allowed {
						continue
					}
					_, err := e.Cases.Act(ctx, sc, n, a.Name, cases.Input{Raw: raw("x", "y")})
					if !errors.Is(err, flow.ErrForbidden) && !errors.Is(err, flow.ErrState) && !errors.Is(err, store.ErrNotFound) {
						t.Errorf("%s in %s as %s: %v", a.Name, state, role, err)
					}
				}
			}
			after, err := e.Cases.Get(ctx, e.Scope("", "auditor"), n)
			if err != nil || after.Version != before.Version {
				t.Errorf("%s: refused actions left acts: %v", state, err)
			}
		}
		e.verify(t)
	})
}

// TestDutyDesk: what no rule could place lies with the duty desk, which signs,
// contacts, answers it, or hands it on at any hour; the unit it comes to signs
// anew, while the promises to the resident go on.
func TestDutyDesk(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		ctx := t.Context()
		desk := e.Pack.Catalogue.DutyDesk().ID
		duty, street, other := e.Scope(desk, "duty"), e.Scope(casestest.Street, "street"), e.Scope(casestest.OtherStreet, "duty")
		// A matter for the street of a place that nobody knows so far.
		matters := e.Pack.Catalogue.All()
		nowhere := slices.IndexFunc(matters, func(m catalogue.Matter) bool { return e.Pack.Catalogue.Resolve(m.Key, "", "").DutyDesk })
		night := func(body string) string {
			r, err := e.Cases.Report(ctx, e.Public(), cases.Report{Channel: "portal", Body: body, Matter: matters[nowhere].Key, Person: vault.Person{Name: "张三丰", Phone: "13812341234"}})
			if err != nil {
				t.Fatal(err)
			}
			k, err := e.Cases.Get(ctx, duty, r.Number)
			if err != nil {
				t.Fatal(err)
			}
			if d := e.Cases.Suggested(k); d.Unit != desk || d.Rule != "duty" {
				t.Errorf("the rules name %+v", d)
			}
			e.act(t, duty, r.Number, "dispatch", "unit", desk)
			return r.Number
		}
		// Its own work, from signing to the answer.
		n := night("门口有只受伤的鸟")
		e.refuse(t, flow.ErrForbidden, other, n, "sign") // of a unit that does not lead
		e.act(t, duty, n, "sign")
		e.act(t, duty, n, "contact", "how", "phone", "note", "x")
		e.act(t, duty, n, "progress", "note", "已联系林业站")
		if k := e.act(t, duty, n, "reply", "result", "solved", "reply", "已送林业站救护"); k.State != cases.Replied || k.Unit != desk {
			t.Errorf("after the reply %+v", k)
		}
		// Handed on in the night.
		n = night("半夜有人敲井盖")
		e.refuse(t, flow.ErrState, duty, n, "hand_on", "unit", casestest.Street) // first it signs
		e.Pass(5 * time.Minute)
		e.act(t, duty, n, "sign")
		before := e.act(t, duty, n, "contact", "how", "phone", "note", "x")
		for _, c := range []struct{ unit, want string }{{desk, "unit other"}, {"220605", "unit unit"}, {"", "unit required"}} {
			_, err := e.Cases.Act(ctx, duty, n, "hand_on", cases.Input{Raw: raw("unit", c.unit)})
			if f, ok := errors.AsType[form.Faults](err); !ok || f[0].Field+" "+f[0].Code != c.want {
				t.Errorf("to %q: %v, want %s", c.unit, err, c.want)
			}
		}
		e.refuse(t, flow.ErrForbidden, e.Scope("", "dispatcher"), n, "hand_on", "unit", casestest.Street)
		e.Pass(5 * time.Minute)
		k := e.act(t, duty, n, "hand_on", "unit", casestest.Street, "note", "路面的事")
		if k.State != cases.Dispatched || k.Unit != casestest.Street || k.Holder != casestest.Street || k.Units[desk] != cases.Former || k.Has(cases.Final) {
			t.Errorf("handed on: %+v", k)
		}
		for clock, anew := range map[string]bool{cases.ClockSign: true, cases.ClockContact: true, cases.ClockReply: false, cases.ClockClose: false} {
			if c := k.Clocks[clock]; !c.Running() || (c.Start != before.Clocks[clock].Start) != anew {
				t.Errorf("clock %s %+v, before %+v", clock, c, before.Clocks[clock])
			}
		}
		e.refuse(t, flow.ErrForbidden, duty, n, "sign")
		e.act(t, street, n, "sign")
		e.refuse(t, flow.ErrForbidden, street, n, "hand_on", "unit", desk)
		e.act(t, street, n, "hand_back", "ground", "not_our_duty", "reason", "归林业")
		e.verify(t)
	})
}

func TestSearchAndFilters(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		a, b := e.report(t, "锦绣花园三号楼的路灯坏了").Number, e.report(t, "暖气不热，室温只有十四度").Number
		e.act(t, e.Scope("", "dispatcher"), b, "dispatch", "unit", casestest.Street)
		find := func(sc access.Scope, f cases.Filter) (numbers []string) {
			t.Helper()
			list, err := e.Cases.List(t.Context(), sc, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range list {
				numbers = append(numbers, k.Number)
			}
			return numbers
		}
		centre, street, other := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street"), e.Scope(casestest.OtherStreet, "street")
		for _, c := range []struct {
			name string
			sc   access.Scope
			f    cases.Filter
			want []string
		}{
			{"all, newest first", centre, cases.Filter{}, []string{b, a}},
			{"next page", centre, cases.Filter{Limit: 1}, []string{b}},
			{"words", centre, cases.Filter{Query: "路灯"}, []string{a}},
			{"words far apart", centre, cases.Filter{Query: "室温 暖气"}, []string{b}},
			{"words of no case", centre, cases.Filter{Query: "停水"}, nil},
			{"quotes and operators", centre, cases.Filter{Query: "路灯\" OR tokens:*"}, nil},
			{"a number, written small", centre, cases.Filter{Query: strings.ToLower(a)}, []string{a}},
			{"the street finds its own", street, cases.Filter{Query: "暖气"}, []string{b}},
			{"but nothing else", street, cases.Filter{Query: "路灯"}, nil},
			{"nor by number", street, cases.Filter{Query: a}, nil},
			{"another street finds nothing", other, cases.Filter{}, nil},
			{"by state", centre, cases.Filter{State: cases.Pending}, []string{a}},
			{"by unit", centre, cases.Filter{Unit: casestest.Street}, []string{b}},
			{"before it was made", centre, cases.Filter{To: casestest.Start.Add(-time.Hour).UnixMicro()}, nil},
			{"since", centre, cases.Filter{From: casestest.Start.Add(-time.Hour).UnixMicro()}, []string{b, a}},
		} {
			if got := find(c.sc, c.f); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	})
}

// TestOwnNameIsMasked: who introduces himself in his own words is not shown by
// name to units and the public.
func TestOwnNameIsMasked(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		r, err := e.Cases.Report(t.Context(), e.Public(), cases.Report{Channel: "portal", Title: "张三丰反映路灯", Body: "我叫张三丰，路灯坏了。", Matter: "001",
			Person: vault.Person{Name: "张三丰", Phone: "13812341234"}})
		if err != nil {
			t.Fatal(err)
		}
		k, err := e.Cases.Get(t.Context(), e.Scope("", "dispatcher"), r.Number)
		if err != nil || strings.Contains(k.Title+k.Body, "张三丰") || !strings.Contains(k.Body, "路灯坏了") {
			t.Errorf("%q %q %v", k.Title, k.Body, err)
		}
		e.verify(t)
	})
}
