package field

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/assets"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/store"
)

func TestTables(t *testing.T) {
	if bad := RemarkTable.Check(); len(bad) > 0 {
		t.Error(strings.Join(bad, "\n"))
	}
}

// TestAnItemArrivesOnce: what comes again is answered again, what comes with other
// words is refused, what belongs to another account waits.
func TestAnItemArrivesOnce(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		w, other := e.hire(community, "周建国", access.Grid), e.hire(community, "李小红", access.Grid)
		in := w.item("finding", "", "find", map[string][]string{"words": {"3 号楼东侧路灯不亮"}})
		in.Place = &here
		first := w.taken(in, picture(t, 1))
		if first.Kind != "case" || first.Again || first.Outcome != OutcomeDone {
			t.Fatalf("%+v", first)
		}
		if again := w.taken(in, picture(t, 1)); !again.Again || again.Subject != first.Subject || again.At != first.At {
			t.Errorf("the second answer is %+v, the first was %+v", again, first)
		}
		later := in
		later.Skew = -4000 // the phone measured its clock anew: the same item
		if again := w.taken(later, picture(t, 1)); again.Subject != first.Subject {
			t.Errorf("%+v", again)
		}
		changed := in
		changed.Answers = map[string][]string{"words": {"另外的话"}}
		for name, r := range map[string]reply{"other words": w.send(changed, picture(t, 1)), "another photo": w.send(in, picture(t, 2)), "no photo": w.send(in)} {
			if r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body, "key_reused") {
				t.Errorf("%s: %d %s", name, r.Code, r.Body)
			}
		}
		if r := other.send(in, picture(t, 1)); r.Code != http.StatusUnauthorized || !strings.Contains(r.Body, "other_account") {
			t.Errorf("an item of another account: %d %s", r.Code, r.Body)
		}
		if n := e.filesOf("case", first.Subject); n != 1 {
			t.Errorf("%d photos at the case, want 1", n)
		}
		// both at once: one is done, both are answered
		race := w.item("finding", "", "find", map[string][]string{"words": {"井盖松动"}, "settled": {"true"}, "fix": {"已压实"}})
		var wg sync.WaitGroup
		codes := make([]reply, 4)
		for i := range codes {
			wg.Go(func() { codes[i] = w.send(race) })
		}
		wg.Wait()
		subjects := map[string]bool{}
		for _, r := range codes {
			switch r.Code {
			case http.StatusOK:
				var a answer
				r.into(&a)
				subjects[a.Subject] = true
			case http.StatusServiceUnavailable: // comes again
			default:
				t.Errorf("%d %s", r.Code, r.Body)
			}
		}
		if len(subjects) != 1 {
			t.Errorf("one item became %v", subjects)
		}
		e.verified()
	})
}

// TestDeviceTime: the phone's time stands beside ours, with what its clock was off by.
func TestDeviceTime(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		w := e.hire(community, "周建国", access.Grid)
		in := w.item("finding", "", "find", map[string][]string{"words": {"路面结冰"}, "settled": {"true"}, "fix": {"已撒融雪剂"}})
		in.Seen, in.Skew = e.Clock().Add(-48*time.Hour).UnixMilli(), (3 * time.Hour).Milliseconds()
		a := w.taken(in)
		rec, _, err := e.site.Rounds.Get(t.Context(), w.scope(), a.Subject)
		if err != nil {
			t.Fatal(err)
		}
		if want := e.Clock().Add(-51 * time.Hour).UnixMicro(); rec.Seen != want {
			t.Errorf("found at %v by our clock, want %v", time.UnixMicro(rec.Seen), time.UnixMicro(want))
		}
		e.verified()
	})
}

// TestConflicts are the written rules of docs/field.md, one line each.
func TestConflicts(t *testing.T) {
	answers := map[string][]string{"result": {"solved"}, "reply": {"已更换灯泡，当晚亮灯"}}
	centre := func(e *env) access.Scope { return e.Scope("", access.Dispatcher) }
	for _, c := range []struct {
		name    string
		between func(e *env, number string)
		action  string
		answers map[string][]string
		outcome Outcome
		state   string // afterwards
		refused int
	}{
		{"nothing between", func(*env, string) {}, "reply", answers, OutcomeDone, cases.Replied, 0},
		{"only words came between", func(e *env, n string) { e.act(centre(e), n, "urge", form.Raw{"note": {"还要多久"}}) }, "reply", answers, OutcomeDone, cases.Replied, 0},
		{"the level changed", func(e *env, n string) {
			e.act(centre(e), n, "change_level", form.Raw{"profile": {"L4"}, "reason": {"不急"}})
		}, "reply", answers, OutcomeProposed, cases.Signed, 0},
		{"a colleague replied", func(e *env, n string) {
			e.act(e.Scope(community, access.Community), n, "reply", form.Raw{"result": {"explained"}, "reply": {"已解释"}})
		}, "reply", answers, OutcomeProposed, cases.Replied, 0},
		{"closed meanwhile", func(e *env, n string) {
			e.act(e.Scope(community, access.Community), n, "reply", form.Raw{"result": {"solved"}, "reply": {"好了"}})
			e.act(e.Scope("", access.Callback), n, "call_back", form.Raw{"reached": {"true"}, "contacted": {"true"}, "solved": {"solved"}, "satisfied": {"satisfied"}})
		}, "progress", map[string][]string{"note": {"灯已亮"}}, OutcomeProposed, cases.Closed, 0},
		{"taken by another unit", func(e *env, n string) {
			e.act(centre(e), n, "designate", form.Raw{"unit": {casestest.OtherStreet}, "reason": {"属正岔街道"}})
		}, "reply", answers, OutcomeProposed, cases.Dispatched, 0},
		{"a note after all of it", func(e *env, n string) {
			e.act(centre(e), n, "designate", form.Raw{"unit": {casestest.OtherStreet}, "reason": {"属正岔街道"}})
		}, "note", map[string][]string{"note": {"现场看过，是线路问题"}}, OutcomeDone, cases.Dispatched, 0},
		{"an answer is missing", func(*env, string) {}, "reply", map[string][]string{"reply": {"好了"}}, "", cases.Signed, http.StatusUnprocessableEntity},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T, e *env) {
				w := e.hire(community, "周建国", access.Grid)
				number := e.sent(community, "锦绣花园 3 号楼东侧路灯不亮")
				e.act(w.scope(), number, "sign", nil)
				d := w.today()
				if len(d.Tasks) != 1 || d.Tasks[0].Subject != number {
					t.Fatalf("tasks %+v", d.Tasks)
				}
				in := w.item("case", number, c.action, c.answers)
				in.Version = d.Tasks[0].Version
				c.between(e, number)
				e.Pass(10 * time.Minute)
				before := e.filesOf("case", number)
				r := w.send(in, picture(t, 3))
				v := e.view(number)
				if v.Case.State != c.state {
					t.Errorf("the case is %s, want %s", v.Case.State, c.state)
				}
				if c.refused != 0 {
					if r.Code != c.refused || !strings.Contains(r.Body, `"now"`) {
						t.Errorf("%d %s", r.Code, r.Body)
					}
					return
				}
				var a answer
				r.into(&a)
				if r.Code != http.StatusOK || a.Outcome != c.outcome {
					t.Fatalf("%d %s", r.Code, r.Body)
				}
				if n := e.filesOf("case", number); n != before+1 {
					t.Errorf("%d photos, want %d: photos are never lost", n, before+1)
				}
				act := last(v.Entries)
				for _, words := range c.answers {
					if len([]rune(words[0])) > 8 && !said(act.Texts, words[0]) {
						t.Errorf("%q is not in the last act %s: words are never lost", words[0], act.Action)
					}
				}
				if c.outcome == OutcomeProposed && (act.Action != "note" || !said(act.Texts, "没有执行")) {
					t.Errorf("kept as %s %v, want a note that says what was wanted", act.Action, act.Texts)
				}
				if again := w.taken(in, picture(t, 3)); !again.Again || again.Outcome != c.outcome {
					t.Errorf("%+v", again)
				}
				if n := e.filesOf("case", number); n != before+1 {
					t.Errorf("%d photos after sending again", n)
				}
				e.verified()
			})
		})
	}
}

// TestGone: a record the unit never had anything to do with takes nothing; the phone
// keeps the words.
func TestGone(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		w := e.hire(community, "周建国", access.Grid)
		number := e.sent(casestest.OtherStreet, "正岔街道路灯不亮")
		r := w.send(w.item("case", number, "progress", map[string][]string{"note": {"看过了"}}))
		if r.Code != http.StatusConflict || !strings.Contains(r.Body, "还在您的手机里") {
			t.Errorf("%d %s", r.Code, r.Body)
		}
		if r := w.send(w.item("nothing", "1", "do", nil)); r.Code != http.StatusConflict || !strings.Contains(r.Body, "field_unknown") {
			t.Errorf("unknown kind: %d %s", r.Code, r.Body)
		}
		if r := w.send(w.item("case", number, "dispatch", nil)); r.Code != http.StatusConflict {
			t.Errorf("an action the app does not have: %d %s", r.Code, r.Body)
		}
		bad := w.item("finding", "", "find", map[string][]string{"words": {"坏照片"}})
		if r := w.send(bad, []byte("not a photo")); r.Code != http.StatusUnprocessableEntity || !strings.Contains(r.Body, "请重拍") {
			t.Errorf("a bad photo: %d %s", r.Code, r.Body)
		}
		if a := w.taken(bad); a.Again {
			t.Error("what was refused left a receipt")
		}
		e.verified()
	})
}

// TestWhistle: the called unit reports in from its phone.
func TestWhistle(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		w := e.hire(casestest.OtherStreet, "赵明", access.Street)
		sc := e.Scope(casestest.Street, access.Street)
		wh, err := e.Cases.Blow(t.Context(), sc, cases.Input{Raw: form.Raw{"kind": {cases.WhistleProblem}, "units": {casestest.OtherStreet}, "issue": {"跨界积水"}, "meet_place": {"人民路口"}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Cases.WhistleAct(t.Context(), e.Scope(casestest.Street, access.StreetLead), wh.Number, "approve", cases.Input{Raw: form.Raw{}}); err != nil {
			t.Fatal(err)
		}
		d := w.today()
		if len(d.Tasks) != 1 || d.Tasks[0].Kind != "whistle" || d.Tasks[0].Words != "跨界积水" || d.Tasks[0].Do[0] != "whistle.acknowledge" || d.Tasks[0].Known["who"] != "赵明" {
			t.Fatalf("%+v", d.Tasks)
		}
		in := w.item("whistle", wh.Number, "report_in", map[string][]string{"who": {"赵明"}, "rank": {"deputy"}})
		if a := w.taken(in); a.Outcome != OutcomeDone || a.Again {
			t.Errorf("%+v", a)
		}
		if a := w.taken(in); !a.Again {
			t.Errorf("%+v", a)
		}
		for _, task := range w.today().Tasks {
			for _, name := range task.Do {
				if name == "whistle.report_in" || name == "whistle.acknowledge" {
					t.Errorf("offers %s after reporting in", name)
				}
			}
		}
		e.verified()
	})
}

// TestRemarks: a complaint goes to the supervision office and nowhere else; one without
// a name leaves nothing that names its writer.
func TestRemarks(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		w, sup := e.hire(community, "周建国", access.Grid), e.hire("", "老郑", access.Supervisor)
		named := w.taken(w.item("remark", "", "write", map[string][]string{"about": {"twice"}, "words": {"同一件事让我们填两遍"}}))
		in := w.item("remark", "", "write", map[string][]string{"about": {"demand"}, "words": {"要求每天打卡"}, "withhold": {"true"}})
		hidden := w.taken(in)
		if again := w.taken(in); again.Subject != hidden.Subject {
			t.Errorf("sent twice, there are two: %+v", again)
		}
		m, err := e.field.listRemarks(t.Context(), 1<<62, 10)
		if err != nil || len(m) != 2 {
			t.Fatal(m, err)
		}
		for _, x := range m {
			if x.ID == hidden.Subject && (x.Account != "" || x.Unit != "") || x.ID == named.Subject && x.Account != w.id {
				t.Errorf("%+v", x)
			}
		}
		if r := e.hire(community, "书记", access.Community).get("/desk/app-remarks"); r.Code != http.StatusForbidden {
			t.Errorf("the unit reads complaints: %d", r.Code)
		}
		if r := sup.get("/desk/app-remarks/" + hidden.Subject); r.Code != http.StatusOK || !strings.Contains(r.Body, "要求每天打卡") || strings.Contains(r.Body, "周建国") {
			t.Errorf("%d %s", r.Code, r.Body)
		}
		post, err := http.NewRequest(http.MethodPost, "/desk/app-remarks/"+hidden.Subject, strings.NewReader("reply=%E5%B7%B2%E5%8F%AB%E5%81%9C"))
		if err != nil {
			t.Fatal(err)
		}
		post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if r := sup.do(post); r.Code != http.StatusSeeOther {
			t.Errorf("%d %s", r.Code, r.Body)
		}
		if r := w.get("/field/remarks/" + hidden.Subject); !strings.Contains(r.Body, "已叫停") {
			t.Errorf("the phone is told %s", r.Body)
		}
		e.verified()
	})
}

// TestDayNamesNobody: what lies on a phone for days has no resident in it.
func TestDayNamesNobody(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		w := e.hire(community, "周建国", access.Grid)
		number := e.sent(community, "王丽娟说锦绣花园路灯不亮，电话 13804391234")
		if err := e.DB.Write(t.Context(), func(tx *store.Tx) error {
			return e.Assets.Register(tx, access.SystemScope(e.Pack.District, "test"), assets.Asset{ID: "22060501037000001", Name: "路灯 17 号", Unit: casestest.Street, Point: orb.Point{here.Lon, here.Lat}})
		}); err != nil {
			t.Fatal(err)
		}
		body := w.get("/field/day").Body
		for _, x := range []string{"13804391234", "9804391234"} {
			if strings.Contains(body, x) {
				t.Errorf("the day carries %s", x)
			}
		}
		if !strings.Contains(body, number) {
			t.Error("the case is not among the tasks")
		}
		d := w.today()
		if len(d.Matters) < 50 || len(d.Area) == 0 || len(d.Lists) == 0 {
			t.Errorf("%d matters, %d areas, %d lists", len(d.Matters), len(d.Area), len(d.Lists))
		}
		lamp := false
		for _, l := range d.Lists {
			for _, x := range l.Items {
				if x.Title == "路灯 17 号" && l.Name == "assets" {
					lamp = x.Link == "" // a grid worker has no page of it at the desk
				}
			}
		}
		if !lamp {
			t.Error("the lamp of the community is not in the list, or leads where the worker may not go")
		}
		if n := len(body); n > 200<<10 {
			t.Errorf("the day has %d bytes", n)
		}
		if r := e.hire("", "话务", access.Operator).get("/field/day"); r.Code != http.StatusForbidden {
			t.Errorf("an operator's day: %d", r.Code)
		}
	})
}
