package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// everyone is one account for each role that works with cases, all of whose units
// have to do with the same street.
func (e *env) everyone() map[string]*staff {
	community := e.Pack.Directory.Children(casestest.Street)[0].ID
	out := map[string]*staff{}
	for role, unit := range map[string]string{
		access.Operator: "", access.Dispatcher: "", access.Callback: "", access.Duty: e.Pack.Catalogue.DutyDesk().ID, access.Supervisor: "supervision", access.Leader: "leaders", access.Auditor: "220605",
		access.Street: casestest.Street, access.StreetLead: casestest.Street, access.Community: community, access.Grid: community, access.GridChief: community,
		access.Department: "lamps", access.DeptLead: "lamps",
	} {
		out[role] = e.hire(unit, "员工"+role, role)
	}
	return out
}

// stand is a case in some state with some marks.
type stand struct {
	name   string
	number string
}

// stands drives one case into each position worth looking at.
func (e *env) stands() []stand {
	var (
		dispatcher = e.Scope("", access.Dispatcher)
		supervisor = e.Scope("supervision", access.Supervisor)
		street     = e.Scope(casestest.Street, access.Street)
		caller     = e.Scope("", access.Callback)
		operator   = e.Scope("", access.Operator)
		out        []stand
	)
	type step struct {
		sc     access.Scope
		action string
		raw    form.Raw
	}
	send := step{dispatcher, "dispatch", form.Raw{"unit": {casestest.Street}, "assist": {"lamps"}}}
	sign, contact := step{street, "sign", nil}, step{street, "contact", form.Raw{"how": {"phone"}}}
	reply := step{street, "reply", form.Raw{"result": {"solved"}, "reply": {"灯修好了"}}}
	back := step{caller, "call_back", form.Raw{"reached": {"true"}, "contacted": {"true"}, "solved": {"no"}, "satisfied": {"dissatisfied"}}}
	good := step{caller, "call_back", form.Raw{"reached": {"true"}, "contacted": {"true"}, "solved": {"solved"}, "satisfied": {"satisfied"}}}
	add := func(name string, steps ...step) {
		n := e.said("路灯不亮："+name, nil)
		for _, s := range steps {
			e.act(s.sc, n, s.action, s.raw)
		}
		out = append(out, stand{name, n})
	}
	add("pending")
	add("dispatched", send)
	add("dispatched, objection", send, step{street, "hand_back", form.Raw{"ground": {"not_our_duty"}, "reason": {"不归我们管"}}})
	add("dispatched, final", send, step{street, "hand_back", form.Raw{"ground": {"not_our_duty"}, "reason": {"不归我们管"}}},
		step{dispatcher, "refuse_objection", form.Raw{"reason": {"就归你们管"}}})
	add("signed", send, sign)
	add("handling", send, sign, contact)
	desk := e.Pack.Catalogue.DutyDesk().ID
	night := e.Scope(desk, access.Duty)
	add("signed at the duty desk", step{night, "dispatch", form.Raw{"unit": {desk}}}, step{night, "sign", nil})
	add("handling, extension", send, sign, contact, step{street, "request_extension", form.Raw{"limit": {"2 workday"}, "reason": {"要等配件"}}})
	add("handling, suspension", send, sign, contact, step{street, "request_suspension", form.Raw{"ground": {"season"}, "reason": {"冻土"}, "plan": {"开春挖"}, "review_on": {"2023-04-20"}}})
	add("handling, suspended", send, sign, contact, step{street, "request_suspension", form.Raw{"ground": {"season"}, "reason": {"冻土"}, "plan": {"开春挖"}, "review_on": {"2023-04-20"}}},
		step{supervisor, "grant_suspension", nil})
	pause := step{street, "request_pause", form.Raw{"ground": {"papers"}, "reason": {"缺证明"}, "review_on": {"2022-12-01"}}}
	add("handling, pause", send, sign, contact, pause)
	add("handling, paused", send, sign, contact, pause, step{dispatcher, "grant_pause", nil})
	add("dispatched, appeal", step{dispatcher, "designate", form.Raw{"unit": {casestest.Street}, "reason": {"指定"}}}, step{street, "appeal", form.Raw{"reason": {"归路灯所"}}})
	add("handling, supervised", send, sign, contact, step{supervisor, "supervise", form.Raw{"level": {"2"}, "demand": {"三天内办完"}}})
	add("replied", send, sign, contact, reply)
	add("rework", send, sign, contact, reply, back)
	add("closed", send, sign, contact, reply, good)
	add("answered", step{operator, "answer", form.Raw{"reply": {"明天就修"}}})
	add("screened", step{operator, "screen_out", form.Raw{"ground": {"outside_duty"}, "reply": {"请找物业"}}})
	add("terminated", step{supervisor, "terminate", form.Raw{"ground": {"no_object"}, "reason": {"楼已拆"}, "reply": {"楼已拆除"}}})
	add("withdrawn", step{operator, "withdraw", nil})
	add("merged", step{dispatcher, "merge", form.Raw{"into": {out[5].number}}})
	return out
}

// TestPageShowsWhatTheTableOpens: for every position and every role the page and
// the preview show exactly the actions of the flow table, and nobody sees a case
// the role does not reach.
func TestPageShowsWhatTheTableOpens(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		people, stands := e.everyone(), e.stands()
		shown := map[string]bool{}
		for _, st := range stands {
			for role, s := range people {
				sc := s.scope()
				k, err := e.Cases.Get(context.Background(), sc, st.number)
				for _, path := range []string{"/desk/cases/" + st.number, "/desk/cases/" + st.number + "/preview"} {
					a := s.get(path)
					if err != nil {
						if a.Code != http.StatusNotFound {
							t.Errorf("%s as %s: %d for a case out of reach", st.name, role, a.Code)
						}
						continue
					}
					if a.Code != http.StatusOK {
						t.Fatalf("%s as %s: %d\n%s", st.name, role, a.Code, a.text())
					}
					var want []string
					for _, x := range e.Cases.Open(sc, k) {
						want = append(want, x.Name)
						shown[x.Name] = true
					}
					slices.Sort(want)
					if got := a.actions(); !slices.Equal(got, want) {
						t.Errorf("%s as %s: %s shows %v, the table opens %v", st.name, role, path, got, want)
					}
				}
			}
		}
		for _, x := range cases.Table.Actions {
			if x.From != nil && x.Name != "rate" && !shown[x.Name] {
				t.Errorf("no position and role of this test opens %s", x.Name)
			}
		}
	})
}

// TestEveryFormRenders: every action that is open has a form with all its fields,
// with labels that are words.
func TestEveryFormRenders(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		people, stands := e.everyone(), e.stands()
		for _, st := range stands {
			for role, s := range people {
				k, err := e.Cases.Get(context.Background(), s.scope(), st.number)
				if err != nil {
					continue
				}
				for _, x := range e.Cases.Open(s.scope(), k) {
					for _, lang := range []string{"zh-CN", "en"} {
						s.lang = lang
						a := s.page("/desk/cases/" + st.number + "/do/" + x.Name)
						names := map[string]bool{}
						for _, n := range a.all(func(n *htmlNode) bool { return attr(n, "name") != "" }) {
							names[strings.TrimSuffix(strings.TrimSuffix(attr(n, "name"), ".n"), ".unit")] = true
						}
						for _, fd := range x.Form.Fields {
							if !names[fd.Name] {
								t.Errorf("%s as %s: the form of %s lacks %s", st.name, role, x.Name, fd.Name)
							}
						}
						if !names["_key"] || !names["_version"] {
							t.Errorf("%s as %s: the form of %s lacks key or version", st.name, role, x.Name)
						}
					}
					s.lang = "zh-CN"
				}
			}
		}
	})
}

// TestLifecycle takes a request through its whole way by pages alone: the action
// forms as they are rendered, filled in and sent.
func TestLifecycle(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.everyone()
		n := e.said("锦绣花园东侧路灯不亮三天了", nil)
		base := "/desk/cases/" + n
		do := func(who, action string, fill url.Values, wantState string) {
			t.Helper()
			e.Pass(time.Minute)
			s := p[who]
			f := s.page(base + "/do/" + action).form(base + "/do/" + action)
			for k, v := range fill {
				f[k] = v
			}
			a := s.post(base+"/do/"+action, f)
			if a.Code != http.StatusSeeOther {
				t.Fatalf("%s by %s: %d\n%s", action, who, a.Code, a.text())
			}
			if k := e.load(n); k.State != wantState {
				t.Fatalf("after %s the case is %s, not %s", action, k.State, wantState)
			}
			s.page(a.Header.Get("Location"))
		}
		do("dispatcher", "classify", url.Values{"kind": {"complaint"}, "public": {"false"}}, "pending")
		do("dispatcher", "dispatch", url.Values{"unit": {casestest.Street}, "assist": {"lamps"}, "note": {"18 点后在家"}}, "dispatched")
		do("street", "hand_back", url.Values{"ground": {"other_unit_leads"}, "reason": {"路灯归路灯所"}, "should_be": {"lamps"}}, "dispatched")
		do("dispatcher", "refuse_objection", url.Values{"reason": {"首接负责"}}, "dispatched")
		do("street", "sign", nil, "signed")
		do("street", "assign", url.Values{"to_account": {p["street"].id}, "note": {"今天去看"}}, "signed")
		do("street", "contact", url.Values{"how": {"phone"}, "note": {"约好下午去"}}, "handling")
		do("department", "progress", url.Values{"note": {"线缆老化，正在换"}, "tell_resident": {"true"}}, "handling")
		do("operator", "urge", url.Values{"note": {"今晚能亮吗"}}, "handling")
		do("supervisor", "supervise", url.Values{"level": {"1"}, "demand": {"今天办完"}}, "handling")
		do("street", "request_extension", url.Values{"limit.n": {"2"}, "limit.unit": {"workday"}, "reason": {"等配件"}}, "handling")
		do("dispatcher", "grant_extension", url.Values{"limit.n": {""}}, "handling")
		do("street", "request_suspension", url.Values{"ground": {"season"}, "reason": {"冻土"}, "plan": {"开春"}, "review_on": {"2023-04-20"}}, "handling")
		do("supervisor", "grant_suspension", nil, "handling")
		do("street", "resume", nil, "handling")
		do("supervisor", "release_supervision", url.Values{"note": {"已当面说明，不必再答复"}}, "handling")
		do("street", "reply", url.Values{"result": {"solved"}, "on_site": {"true"}, "reply": {"灯修好了"}, "inner_note": {"换了线缆"}}, "replied")
		do("supervisor", "return_reply", url.Values{"reason": {"没有照片"}}, "rework")
		do("street", "reply", url.Values{"result": {"solved"}, "reply": {"灯修好了，照片已传"}}, "replied")
		do("callback", "call_back", url.Values{"reached": {"false"}, "note": {"没人接"}}, "replied")
		do("callback", "call_back", url.Values{"reached": {"true"}, "contacted": {"true"}, "solved": {"no"}, "satisfied": {"dissatisfied"}, "wants_redo": {"true"}}, "rework")
		do("street", "reply", url.Values{"result": {"solved"}, "reply": {"又修了一次"}}, "replied")
		do("callback", "call_back", url.Values{"reached": {"true"}, "contacted": {"true"}, "solved": {"solved"}, "satisfied": {"very_satisfied"}}, "closed")
		do("callback", "redo", url.Values{"reason": {"又坏了"}}, "rework")
		do("street", "note", url.Values{"note": {"再去看看"}}, "rework")

		log := p["street"].page(base)
		log.contains(t, "员工street（孙家堡子街道） 签收", "员工dispatcher（8890热线中心） 派单", "承办：孙家堡子街道；协办：区路灯所；时限：一般诉求", "路灯归路灯所", "方式：打电话", "群众 登记诉求",
			"解决：没有解决", "内部说明：换了线缆", "催办 1 次")
	})
}

// TestStaleVersion: two people open the same form; the second one is told what
// the first one did and keeps the words.
func TestStaleVersion(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.sent(casestest.Street, "路灯不亮")
		a, b := e.hire(casestest.Street, "孙浩", access.Street), e.hire(casestest.Street, "赵明", access.Street)
		e.act(a.scope(), n, "sign", nil)
		base := "/desk/cases/" + n + "/do/"
		first, second := a.page(base+"contact").form(base+"contact"), b.page(base+"contact").form(base+"contact")
		first["how"], first["note"] = []string{"visit"}, []string{"上门看过"}
		a.see(base+"contact", first)
		second["how"], second["note"] = []string{"phone"}, []string{"我写了很久的一段话"}
		stale := b.post(base+"contact", second)
		if stale.Code != http.StatusPreconditionFailed {
			t.Fatalf("%d\n%s", stale.Code, stale.text())
		}
		stale.contains(t, "有了新变化", "孙浩（孙家堡子街道） 联系群众", "上门看过", "我写了很久的一段话")
		// the form that came back is made from the case as it is now
		again := stale.form(base + "contact")
		if again.Get("_version") == second.Get("_version") || again.Get("_key") == second.Get("_key") || again.Get("note") != "我写了很久的一段话" {
			t.Errorf("the form came back with version %s key %s note %q", again.Get("_version"), again.Get("_key"), again.Get("note"))
		}
		b.see(base+"contact", again)
		if k := e.load(n); k.Version != 5 {
			t.Errorf("%d acts, want report, dispatch, sign and two contacts", k.Version)
		}

		// an action that is not possible any more: the words can be copied
		late := b.page(base + "progress").form(base + "progress")
		late["note"] = []string{"还有一段话"}
		e.act(a.scope(), n, "reply", form.Raw{"result": {"solved"}, "reply": {"修好了"}})
		gone := b.post(base+"progress", late)
		if gone.Code != http.StatusConflict {
			t.Fatalf("%d\n%s", gone.Code, gone.text())
		}
		gone.contains(t, "已经不在这个环节", "还有一段话", "孙浩（孙家堡子街道） 答复办结")
		if forms := gone.all(func(n *htmlNode) bool {
			return n.Data == "form" && strings.HasSuffix(attr(n, "action"), "/do/progress")
		}); len(forms) > 0 {
			t.Error("a form that cannot be sent came back")
		}
	})
}

// TestReplayedForm: a form sent twice is one act; the same form with other words
// is told apart.
func TestReplayedForm(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.sent(casestest.Street, "路灯不亮")
		s := e.hire(casestest.Street, "孙浩", access.Street)
		e.act(s.scope(), n, "sign", nil)
		path := "/desk/cases/" + n + "/do/progress"
		f := s.page(path).form(path)
		f.Set("note", "正在换线缆")
		for range 3 {
			if a := s.post(path, f); a.Code != http.StatusSeeOther {
				t.Fatalf("%d\n%s", a.Code, a.text())
			}
		}
		if k := e.load(n); k.Version != 4 {
			t.Fatalf("sent three times it is %d acts", k.Version)
		}
		f.Set("note", "别的话")
		a := s.post(path, f)
		if a.Code != http.StatusConflict {
			t.Fatalf("other words under the same key: %d", a.Code)
		}
		a.contains(t, "已经提交过一次", "别的话")
		s.see(path, a.form(path))
		if k := e.load(n); k.Version != 5 {
			t.Errorf("%d acts", k.Version)
		}
	})
}

// TestFaultsAndRefusals: what is missing is said at the field, what the rules
// refuse in plain words; nothing typed is lost.
func TestFaultsAndRefusals(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.sent(casestest.Street, "路灯不亮")
		s := e.hire(casestest.Street, "孙浩", access.Street)
		e.act(s.scope(), n, "sign", nil)
		path := "/desk/cases/" + n + "/do/request_extension"
		f := s.page(path).form(path)
		f.Set("reason", "等配件等配件")
		a := s.post(path, f)
		if a.Code != http.StatusUnprocessableEntity {
			t.Fatalf("%d", a.Code)
		}
		a.contains(t, "延长多久", "等配件等配件", "出错：")
		f = a.form(path)
		f.Set("limit.n", "90")
		f.Set("limit.unit", "workday")
		a = s.post(path, f)
		if a.Code != http.StatusConflict {
			t.Fatalf("%d\n%s", a.Code, a.text())
		}
		a.contains(t, "延长得太久", "等配件等配件")

		// actions of others, unknown actions, unknown cases
		for path, want := range map[string]int{
			"/desk/cases/" + n + "/do/terminate":             http.StatusForbidden,
			"/desk/cases/" + n + "/do/nonsense":              http.StatusNotFound,
			"/desk/cases/JY20221123-AAAAA/do/sign":           http.StatusNotFound,
			"/desk/cases/" + n + "/do/sign":                  http.StatusConflict,
			"/desk/cases/" + n + "/clocks/nonsense":          http.StatusNotFound,
			"/desk/files/aaaaaaaaaaaaaaaaaaaaaaaaaa":         http.StatusNotFound,
			"/desk/cases/" + strings.ToLower(n) + "/do/note": http.StatusOK,
		} {
			if a := s.get(path); a.Code != want {
				t.Errorf("GET %s: %d, want %d", path, a.Code, want)
			}
		}
		if a := s.post("/desk/cases/"+n+"/do/terminate", url.Values{"ground": {"no_object"}, "reason": {"x"}, "reply": {"x"}}); a.Code != http.StatusForbidden {
			t.Errorf("an action of others: %d", a.Code)
		}
		// going back to another site is not possible
		f = s.page("/desk/cases/" + n + "/do/note?next=https://evil.example").form("/desk/cases/" + n + "/do/note")
		f.Set("note", "备注")
		f.Set("_next", "//evil.example")
		if a := s.post("/desk/cases/"+n+"/do/note", f); !strings.HasPrefix(a.Header.Get("Location"), "/desk/cases/"+n) {
			t.Errorf("led to %q", a.Header.Get("Location"))
		}
	})
}

// TestReveal: with a reason, once, in the ledger; not for everybody.
func TestReveal(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.sent(casestest.Street, "路灯不亮")
		s := e.hire(casestest.Street, "孙浩", access.Street)
		page := s.page("/desk/cases/" + n)
		page.contains(t, "王**", "138****1234", "看完整信息")
		page.lacks(t, "13804391234", "王丽娟", "锦绣花园3号楼")
		path := "/desk/cases/" + n + "/reveal"
		f := s.page(path).form(path)
		f.Del("reason")
		if a := s.post(path, f); a.Code != http.StatusUnprocessableEntity {
			t.Fatalf("without a reason: %d", a.Code)
		}
		f.Set("reason", "contact")
		f.Set("note", "约上门时间")
		a := s.post(path, f)
		if a.Code != http.StatusOK {
			t.Fatalf("%d\n%s", a.Code, a.text())
		}
		a.contains(t, "13804391234", "只显示这一次")
		a.lacks(t, "王丽娟")
		if again := s.post(path, f); again.Code != http.StatusConflict || strings.Contains(again.Body, "13804391234") {
			t.Errorf("the same form again: %d", again.Code)
		}
		e.desk.ledger.flush(context.Background())
		rows := e.ledger(n)
		kinds := map[vault.Kind]int{}
		for _, r := range rows {
			kinds[r.Kind]++
			if r.Account != s.id || r.Unit != casestest.Street {
				t.Errorf("the ledger names %s of %s", r.Account, r.Unit)
			}
		}
		if kinds[vault.KindReveal] != 1 || kinds[vault.KindView] != 1 {
			t.Errorf("the ledger holds %v", kinds)
		}

		// a unit that only helps may speak with the resident; one that was called,
		// or has handled it before, may not; nor who has nothing to do with it
		report := e.said("我要举报", func(r *cases.Report) { r.Kind = "report" })
		e.act(e.Scope("", access.Dispatcher), report, "dispatch", form.Raw{"unit": {casestest.Street}})
		if a := s.get("/desk/cases/" + report + "/reveal"); a.Code != http.StatusForbidden {
			t.Errorf("who reported wrongdoing was shown to the unit: %d", a.Code)
		}
		for role, want := range map[string]int{access.Leader: http.StatusForbidden, access.Auditor: http.StatusForbidden, access.Operator: http.StatusOK} {
			if a := e.hire("", "某人"+role, role).get(path); a.Code != want {
				t.Errorf("%s: %d, want %d", role, a.Code, want)
			}
		}
		if a := e.hire(casestest.OtherStreet, "外人", access.Street).get(path); a.Code != http.StatusNotFound {
			t.Errorf("another street: %d", a.Code)
		}
	})
}

func (e *env) ledger(number string) []vault.Disclosure {
	e.t.Helper()
	rows, err := store.Get(context.Background(), e.DB, func(tx *store.Tx) ([]vault.Disclosure, error) {
		return vault.Ledger(tx, e.Pack.District, number, vault.Page{Limit: 500})
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return rows
}

// TestViewsAreInTheLedger: every page that shows a petitioner writes a row, also
// when nothing empties the queue, and none is lost at the end.
func TestViewsAreInTheLedger(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.sent(casestest.Street, "路灯不亮")
		s := e.hire(casestest.Street, "孙浩", access.Street)
		const views = ledgerQueue + 7
		for i := range views {
			if i%2 == 0 {
				s.page("/desk/cases/" + n)
			} else {
				s.page("/desk/cases/" + n + "/preview")
			}
		}
		if got := len(e.ledger(n)); got != 7 {
			t.Errorf("%d rows are written while the queue is full, want 7", got)
		}
		ctx, stop := context.WithCancel(context.Background())
		stop()
		e.desk.Run(ctx)                          // empties the queue and ends
		if got := len(e.ledger(n)); got != 500 { // the most one page of the ledger holds
			t.Errorf("%d rows", got)
		}
		var total int64
		if err := e.DB.Read(context.Background(), func(tx *store.Tx) error {
			return tx.Row(`SELECT count(*) FROM disclosures WHERE district = $1`, []any{e.Pack.District}, &total)
		}); err != nil {
			t.Fatal(err)
		}
		if total != views {
			t.Errorf("%d rows for %d views", total, views)
		}
		// a case without a person discloses nobody
		anonymous := e.said("没有署名", func(r *cases.Report) { r.Person = vault.Person{} })
		e.act(e.Scope("", access.Dispatcher), anonymous, "dispatch", form.Raw{"unit": {casestest.Street}})
		s.page("/desk/cases/"+anonymous).contains(t, "没有留名字和电话")
		e.desk.ledger.flush(context.Background())
		if rows := e.ledger(anonymous); len(rows) != 0 {
			t.Errorf("%d rows for nobody", len(rows))
		}
	})
}

// TestPrimaryIsOneOfTheOpenActions: buttons are a rearrangement of what the table
// opens, with keys that are never shared.
func TestPrimaryIsOneOfTheOpenActions(t *testing.T) {
	for _, s := range cases.Table.States {
		var open []*flow.Action
		for i := range cases.Table.Actions {
			if a := &cases.Table.Actions[i]; slices.Contains(a.From, s.Name) {
				open = append(open, a)
			}
		}
		a := arrange(s.Name, open)
		got := slices.Concat(a.Beside, a.More)
		if a.Primary != nil {
			got = append(got, a.Primary)
		}
		if len(got) != len(open) {
			t.Errorf("%s: %d buttons for %d actions", s.Name, len(got), len(open))
		}
		keys := map[string]string{}
		for name, k := range a.Keys {
			if other := keys[k]; other != "" {
				t.Errorf("%s: %s and %s share the key %s", s.Name, name, other, k)
			}
			keys[k] = name
		}
	}
}
