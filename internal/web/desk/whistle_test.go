package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
)

// TestWhistle takes a whistle through its whole way by pages alone, with a unit
// that objects, and looks at what each side is offered.
func TestWhistle(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hand, lead := e.hire(casestest.Street, "孙浩", access.Street), e.hire(casestest.Street, "刘芳", access.StreetLead)
		lamps, market := e.hire("lamps", "李师傅", access.Department), e.hire("market", "张队", access.Department)
		super, stranger := e.hire("supervision", "老郑", access.Supervisor), e.hire(casestest.OtherStreet, "外人", access.Street)
		n := e.sent(casestest.Street, "夜市占道，路灯也坏了")
		e.act(hand.scope(), n, "sign", nil)
		hand.page("/desk/cases/"+n).contains(t, "发起吹哨")

		f := hand.page("/desk/whistles/new?case=" + n).form("/desk/whistles/new")
		if f.Get("case") != n || !strings.Contains(f.Get("issue"), "夜市占道") {
			t.Fatalf("the draft begins with %v", f)
		}
		f["units"] = []string{"lamps", "market"}
		f.Set("issue", "")
		if a := hand.post("/desk/whistles/new", f); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "要解决什么问题") {
			t.Fatalf("without an issue: %d", a.Code)
		}
		f.Set("issue", "夜市和路灯一起解决")
		f.Set("meet_place", "人民路口")
		a := hand.post("/desk/whistles/new", f)
		if a.Code != http.StatusSeeOther {
			t.Fatalf("%d\n%s", a.Code, a.text())
		}
		base := strings.SplitN(a.Header.Get("Location"), "?", 2)[0]
		if again := hand.post("/desk/whistles/new", f); again.Header.Get("Location") != a.Header.Get("Location") {
			t.Errorf("the form sent twice leads to %s", again.Header.Get("Location"))
		}
		number := strings.TrimPrefix(base, "/desk/whistles/")
		hand.page(base).contains(t, "待批准", "夜市和路灯一起解决")
		// before it is approved nobody is called
		if a := lamps.get(base); a.Code != http.StatusNotFound {
			t.Errorf("a unit sees a draft: %d", a.Code)
		}

		do := func(s *staff, action string, fill url.Values) *answer {
			t.Helper()
			f := s.page(base + "/do/" + action).form(base + "/do/" + action)
			for k, v := range fill {
				f[k] = v
			}
			return s.post(base+"/do/"+action, f)
		}
		ok := func(s *staff, action string, fill url.Values) {
			t.Helper()
			if a := do(s, action, fill); a.Code != http.StatusSeeOther {
				t.Fatalf("%s: %d\n%s", action, a.Code, a.text())
			}
		}
		if a := hand.get(base + "/do/approve"); a.Code != http.StatusForbidden {
			t.Errorf("who drafts also approves: %d", a.Code)
		}
		ok(lead, "approve", nil)
		lamps.page("/desk/whistles").contains(t, "等我单位的", "孙家堡子街道")
		lamps.page(base).contains(t, "本单位", "已呼叫")
		if a := stranger.get(base); a.Code != http.StatusNotFound {
			t.Errorf("another street sees the whistle: %d", a.Code)
		}
		stranger.page("/desk/whistles").lacks(t, number)
		ok(lamps, "acknowledge", nil)
		if a := do(lamps, "acknowledge", nil); a.Code != http.StatusConflict || !strings.Contains(a.text(), "已经响应过") {
			t.Errorf("acknowledging twice: %d\n%s", a.Code, a.text())
		}
		ok(lamps, "report_in", url.Values{"who": {"李师傅"}, "rank": {"section"}})
		ok(market, "decline", url.Values{"ground": {"not_our_duty"}, "reason": {"夜市归街道"}})
		ok(super, "overrule", url.Values{"unit": {"market"}, "reason": {"占道归市场局"}})
		ok(market, "report_in", url.Values{"who": {"张队"}, "rank": {"head"}})
		lead.page(base).contains(t, "李师傅 · 科室负责人", "张队 · 主要负责人", "已到场")
		if a := do(hand, "plan", url.Values{"plan": {"先修灯再划线"}}); a.Code != http.StatusConflict || !strings.Contains(a.text(), "还有单位没有分到任务") || !strings.Contains(a.text(), "先修灯再划线") {
			t.Errorf("a plan without tasks: %d\n%s", a.Code, a.text())
		}
		for unit, what := range map[string]string{"lamps": "修路灯", "market": "划定摊位"} {
			ok(hand, "set_task", url.Values{"unit": {unit}, "what": {what}, "by": {"2022-11-25"}})
		}
		ok(hand, "minutes", url.Values{"minutes": {"当场商定"}})
		ok(hand, "plan", url.Values{"plan": {"先修灯再划线"}})
		// while the whistle is out the case cannot be replied to
		reply := "/desk/cases/" + n + "/do/reply"
		rf := hand.page(reply).form(reply)
		rf.Set("result", "solved")
		rf.Set("reply", "办好了")
		if a := hand.post(reply, rf); a.Code != http.StatusConflict || !strings.Contains(a.text(), "吹的哨还没结束") {
			t.Errorf("replying meanwhile: %d", a.Code)
		}
		ok(lamps, "task_done", url.Values{"result": {"换了三盏"}})
		ok(hand, "return_task", url.Values{"unit": {"lamps"}, "reason": {"还有一盏"}})
		ok(lamps, "task_done", url.Values{"result": {"四盏都亮了"}})
		ok(hand, "confirm_task", url.Values{"unit": {"lamps"}})
		ok(market, "task_done", url.Values{"result": {"摊位划好"}})
		ok(hand, "confirm_task", url.Values{"unit": {"market"}})
		ok(hand, "rate_unit", url.Values{"unit": {"lamps"}, "score": {"5"}})
		ok(lamps, "rate_street", url.Values{"score": {"4"}, "needed": {"true"}})
		ok(hand, "close", nil)
		page := super.page(base)
		page.contains(t, "已归档", "街镇打 5 分", "单位打 4 分", "认为有必要", "换了三盏", "老郑（区督查室） 驳回异议", "当场商定")
		super.page("/desk/whistles").contains(t, "每千件吹哨", "1000.0", "100.0%")
		rf = hand.page(reply).form(reply)
		rf.Set("result", "solved")
		rf.Set("reply", "夜市和路灯都办好了")
		hand.see(reply, rf)
		if k := e.load(n); k.State != cases.Replied {
			t.Errorf("the case is %s", k.State)
		}
	})
}

// TestWhistlePageShowsWhatTheTableOpens: in every state each role is offered what
// the whistle's table opens, and every form renders.
func TestWhistlePageShowsWhatTheTableOpens(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		people := e.everyone()
		sc := map[string]access.Scope{}
		for role, s := range people {
			sc[role] = s.scope()
		}
		raw := map[string]form.Raw{
			"approve": {}, "report_in": {"who": {"李师傅"}}, "set_task": {"unit": {"lamps"}, "what": {"修灯"}, "by": {"2022-11-25"}}, "plan": {"plan": {"修"}},
			"task_done": {"result": {"修好了"}}, "confirm_task": {"unit": {"lamps"}}, "close": {},
		}
		w, err := e.Cases.Blow(t.Context(), sc[access.Street], cases.Input{Raw: form.Raw{"kind": {"problem"}, "units": {"lamps"}, "issue": {"路灯"}}})
		if err != nil {
			t.Fatal(err)
		}
		look := func() {
			t.Helper()
			for role, s := range people {
				view, err := e.Cases.Whistle(t.Context(), s.scope(), w.Number)
				a := s.get("/desk/whistles/" + w.Number)
				if err != nil {
					if a.Code != http.StatusNotFound && a.Code != http.StatusForbidden {
						t.Errorf("%s as %s: %d", w.State, role, a.Code)
					}
					continue
				}
				if a.Code == http.StatusForbidden && !slices.Contains(whistleRoles(), role) {
					continue
				}
				var want []string
				for _, x := range view.Actions {
					want = append(want, x.Name)
				}
				slices.Sort(want)
				if got := a.actions(); !slices.Equal(got, want) {
					t.Errorf("%s as %s: the page shows %v, the table opens %v", w.State, role, got, want)
				}
				for _, x := range want {
					s.page("/desk/whistles/" + w.Number + "/do/" + x)
					s.lang = "en"
					s.page("/desk/whistles/" + w.Number + "/do/" + x)
					s.lang = "zh-CN"
				}
			}
		}
		look()
		for _, step := range []struct{ role, action string }{{access.StreetLead, "approve"}, {access.Department, "report_in"}, {access.Street, "set_task"}, {access.Street, "plan"},
			{access.Department, "task_done"}, {access.Street, "confirm_task"}, {access.Street, "close"}} {
			if w, err = e.Cases.WhistleAct(t.Context(), sc[step.role], w.Number, step.action, cases.Input{Raw: raw[step.action]}); err != nil {
				t.Fatalf("%s: %v", step.action, err)
			}
			look()
		}
	})
}

// TestStaleWhistle: the second of two is told what the first one did.
func TestStaleWhistle(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hand, lead := e.hire(casestest.Street, "孙浩", access.Street), e.hire(casestest.Street, "刘芳", access.StreetLead)
		w, err := e.Cases.Blow(t.Context(), hand.scope(), cases.Input{Raw: form.Raw{"kind": {"problem"}, "units": {"lamps"}, "issue": {"路灯"}}})
		if err != nil {
			t.Fatal(err)
		}
		path := "/desk/whistles/" + w.Number + "/do/note"
		a, b := hand.page(path).form(path), lead.page(path).form(path)
		a.Set("note", "第一个备注")
		b.Set("note", "第二个备注")
		hand.see(path, a)
		stale := lead.post(path, b)
		if stale.Code != http.StatusPreconditionFailed {
			t.Fatalf("%d", stale.Code)
		}
		stale.contains(t, "有了新变化", "第一个备注", "第二个备注", "孙浩（孙家堡子街道） 写了备注")
		lead.see(path, stale.form(path))
	})
}
