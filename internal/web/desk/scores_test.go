package desk

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/web/uitest"
)

// settled lets the figures follow.
func (e *env) settled() {
	e.t.Helper()
	if err := journal.NewRunner(e.DB, e.Pack.District, e.site.Log, e.site.Assess.Follower()).CatchUp(context.Background()); err != nil {
		e.t.Fatal(err)
	}
}

// signIn gives somebody a new session.
func (s *staff) signIn() {
	s.e.t.Helper()
	s.e.write(func(tx *store.Tx) error {
		session, err := s.e.gate.StartSession(tx, s.e.system(), s.id, access.Cookie, "Chrome Linux")
		s.cookie = session.Token
		return err
	})
}

// closed takes a case through to the resident's word.
func (e *env) closed(unit, solved, satisfied string) string {
	e.t.Helper()
	n := e.sent(unit, "路灯不亮")
	hand := e.Scope(unit, access.Street)
	e.act(hand, n, "sign", nil)
	e.act(hand, n, "contact", form.Raw{"how": {"phone"}})
	e.act(hand, n, "reply", form.Raw{"result": {"solved"}, "reply": {"修好了"}})
	e.act(e.Scope("", access.Callback), n, "call_back", form.Raw{"reached": {"yes"}, "contacted": {"yes"}, "solved": {solved}, "satisfied": {satisfied}})
	return n
}

// TestScores takes a month from a unit's own page over an exclusion and an appeal
// to the freeze, by pages alone.
func TestScores(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hand, lead := e.hire(casestest.Street, "孙浩", access.Street), e.hire(casestest.Street, "刘芳", access.StreetLead)
		stranger := e.hire(casestest.OtherStreet, "外人", access.Street)
		one, two, boss := e.hire("supervision", "老郑", access.Supervisor), e.hire("supervision", "老钱", access.Supervisor), e.hire("leaders", "区长", access.Leader)
		good, bad := e.closed(casestest.Street, "solved", "satisfied"), e.closed(casestest.Street, "part", "very_dissatisfied")
		e.closed(casestest.OtherStreet, "solved", "satisfied")
		e.settled()
		unit := "/desk/scores/2022-11/" + casestest.Street

		// An open month: the own unit only.
		hand.page("/desk").contains(t, "统计")
		hand.page("/desk/scores").contains(t, "本单位", "还没有公示")
		if a := hand.get("/desk/scores/2022-11/" + casestest.OtherStreet); a.Code != http.StatusNotFound {
			t.Errorf("a unit sees another's open month: %d", a.Code)
		}
		if a := stranger.get(unit + "/solved"); a.Code != http.StatusNotFound {
			t.Errorf("a unit opens another's cases: %d", a.Code)
		}
		page := hand.page(unit)
		page.contains(t, "剔除前", "剔除后", "解决率", "50.0%", "share(solved + 0.8 * basic, answered)")
		hand.page(unit+"/solved").contains(t, good, "剔除")
		for _, path := range []string{unit + "/nonsense", unit + "/solved?which=x", unit + "/solved?after=x", "/desk/scores/2022-13/" + casestest.Street, "/desk/scores?month=x", "/desk/scores/2022-11/nobody"} {
			if a := hand.get(path); a.Code != http.StatusNotFound {
				t.Errorf("%s: %d", path, a.Code)
			}
		}

		// Exclusion.
		f := hand.page("/desk/scores/requests/exclusion/new?record=" + bad).form("/desk/scores/requests/exclusion/new")
		if f.Get("record") != bad {
			t.Errorf("the form begins with %v", f)
		}
		f.Set("rule", "beyond_policy")
		if a := hand.post("/desk/scores/requests/exclusion/new", f); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "依据") {
			t.Errorf("without evidence: %d", a.Code)
		}
		f.Set("evidence", "超出政策")
		a := hand.see("/desk/scores/requests/exclusion/new", f)
		a.contains(t, "待负责人签字", "超出政策", bad)
		list := hand.page("/desk/scores/requests/exclusion?open=1")
		base := attr(list.all(func(n *html.Node) bool {
			return n.Data == "a" && strings.HasPrefix(attr(n, "href"), "/desk/scores/requests/exclusion/JY")
		})[0], "href")
		do := func(s *staff, action string, fill url.Values) *answer {
			t.Helper()
			f := s.page(base + "/do/" + action).form(base + "/do/" + action)
			for k, v := range fill {
				f[k] = v
			}
			return s.see(base+"/do/"+action, f)
		}
		if a := stranger.get(base); a.Code != http.StatusNotFound {
			t.Errorf("another street sees it: %d", a.Code)
		}
		if a := one.get(base + "/do/advise"); a.Code != http.StatusConflict {
			t.Errorf("an opinion before the signature: %d", a.Code)
		}
		do(lead, "sign", nil)
		do(one, "advise", url.Values{"opinion": {"grant"}, "reason": {"属实"}}).contains(t, "建议同意", "属实")
		if a := one.post(base+"/do/grant", url.Values{"reason": {"x"}}); a.Code != http.StatusForbidden {
			t.Errorf("who gave the opinion decided: %d", a.Code)
		}
		do(two, "grant", url.Values{"reason": {"同意"}}).contains(t, "已剔除")
		e.settled()
		hand.page(unit).contains(t, "100.0%", "50.0%", "剔除率 50.0%，超过 10.0% 的上限")
		hand.page(unit+"/scored?which=excluded").contains(t, bad, "已剔除：诉求超出现行政策")

		// Preview, appeal, freeze.
		if a := one.get("/desk/scores/months/2022-11/do/preview"); a.Code != http.StatusConflict {
			t.Errorf("the month is not over: %d", a.Code)
		}
		again := func() { // sessions end meanwhile
			for _, s := range []*staff{hand, lead, stranger, one, two, boss} {
				s.signIn()
			}
		}
		e.Pass(10 * 24 * time.Hour)
		again()
		mf := one.page("/desk/scores/months/2022-11/do/preview").form("/desk/scores/months/2022-11/do/preview")
		one.see("/desk/scores/months/2022-11/do/preview", mf).contains(t, "已公示", "可以申诉")
		hand.page("/desk/scores?month=2022-11").contains(t, "街道", "正岔街道")
		hand.page("/desk/scores/2022-11/" + casestest.OtherStreet)
		if a := hand.get("/desk/scores/2022-11/" + casestest.OtherStreet + "/solved"); a.Code != http.StatusNotFound {
			t.Errorf("published figures open to another's cases: %d", a.Code)
		}
		hand.page(unit+"/solved").contains(t, good, "申诉")
		f = hand.page("/desk/scores/requests/appeal/new?record=" + good).form("/desk/scores/requests/appeal/new")
		f.Set("ground", "handback")
		f.Set("evidence", "没有退过")
		if a := hand.post("/desk/scores/requests/appeal/new", f); a.Code != http.StatusConflict || !strings.Contains(a.text(), "请核对事由") {
			t.Errorf("an appeal about nothing: %d %s", a.Code, a.text())
		}
		f.Set("ground", "word")
		hand.see("/desk/scores/requests/appeal/new", f).contains(t, "回访结果有误")
		ff := one.page("/desk/scores/months/2022-11/do/freeze").form("/desk/scores/months/2022-11/do/freeze")
		if a := one.post("/desk/scores/months/2022-11/do/freeze", ff); a.Code != http.StatusConflict || !strings.Contains(a.text(), "申诉期还没有结束") {
			t.Errorf("frozen while units may appeal: %d", a.Code)
		}
		e.Pass(8 * 24 * time.Hour)
		again()
		base = attr(one.page("/desk/scores/requests/appeal").all(func(n *html.Node) bool {
			return n.Data == "a" && strings.HasPrefix(attr(n, "href"), "/desk/scores/requests/appeal/JY")
		})[0], "href")
		do(hand, "withdraw", nil).contains(t, "已撤回")
		ff = one.page("/desk/scores/months/2022-11/do/freeze").form("/desk/scores/months/2022-11/do/freeze")
		one.see("/desk/scores/months/2022-11/do/freeze", ff).contains(t, "已冻结", "冻结了本月数据")

		// Opened again afterwards: nothing changes until it is corrected.
		e.act(e.Scope("", access.Supervisor), good, "redo", form.Raw{"reason": {"又坏了"}})
		e.settled()
		hand.page(unit+"/solved").contains(t, good)
		boss.page("/desk/scores?month=2022-11").contains(t, "冻结后有变化")
		cf := boss.page("/desk/scores/months/2022-11/do/correct").form("/desk/scores/months/2022-11/do/correct")
		if a := boss.post("/desk/scores/months/2022-11/do/correct", cf); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("corrected without a reason: %d", a.Code)
		}
		cf.Set("reason", "那件其实没修好")
		boss.see("/desk/scores/months/2022-11/do/correct", cf).contains(t, "更正过 1 次", "那件其实没修好", "更正前")
	})
}

// TestDryRun: other formulas on history, before and after, and nothing saved.
func TestDryRun(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		one := e.hire("supervision", "老郑", access.Supervisor)
		e.closed(casestest.Street, "basic", "satisfied")
		e.settled()
		if a := e.hire(casestest.Street, "孙浩", access.Street).get("/desk/scores/try"); a.Code != http.StatusForbidden {
			t.Errorf("a street tries formulas: %d", a.Code)
		}
		f := one.page("/desk/scores/try").form("/desk/scores/try")
		if f.Get("f.resolution") != "share(solved + 0.8 * basic, answered)" {
			t.Fatalf("%v", f)
		}
		f.Set("f.resolution", "share(solved + 0.5 * basic, answered)")
		a := one.post("/desk/scores/try", f)
		if a.Code != http.StatusOK {
			t.Fatalf("%d", a.Code)
		}
		a.contains(t, "80.0%", "50.0%", "2 个指标受影响", "已改")
		for wrong, words := range map[string]string{"solved / answered": "share(分子, 分母)", "share(solve, answered)": "不认识“solve”", "combined": "循环", "": "公式写得不对"} {
			f.Set("f.resolution", wrong)
			if a := one.post("/desk/scores/try", f); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.text(), words) || a.form("/desk/scores/try").Get("f.resolution") != wrong {
				t.Errorf("%q: %d %s", wrong, a.Code, a.text())
			}
		}
		one.page("/desk/scores/2022-11/"+casestest.Street).contains(t, "80.0%")
	})
}

// TestScoreExport: the numbers of the page, and no cell that a spreadsheet would
// run.
func TestScoreExport(t *testing.T) {
	e := one(t)
	boss := e.hire("leaders", "区长", access.Leader)
	e.closed(casestest.Street, "solved", "satisfied")
	e.settled()
	a := boss.page("/desk/scores/export?month=2022-11")
	x, err := excelize.OpenReader(bytes.NewReader([]byte(a.Body)))
	if err != nil || !strings.Contains(a.Header.Get("Content-Disposition"), "scores-2022-11.xlsx") {
		t.Fatalf("%v %v", err, a.Header)
	}
	defer x.Close()
	if got := x.GetSheetList(); !slices.Equal(got, []string{"剔除后", "剔除前", "构成", "公式"}) {
		t.Errorf("sheets %v", got)
	}
	rows, err := x.GetRows("剔除后")
	if err != nil || len(rows) != 3 || !slices.Contains(rows[2], "孙家堡子街道") {
		t.Errorf("%v %v", rows, err)
	}
	for _, s := range []string{"=1+1", "+1", "-1", "@x", "\tx", "＝x"} {
		if inert(s) != "'"+s {
			t.Errorf("%q is left as it is", s)
		}
	}
	if inert("孙家堡子") != "孙家堡子" || inert("") != "" {
		t.Error("plain words are changed")
	}
	if a := e.hire(casestest.OtherStreet, "外人", access.Street).get("/desk/scores/export?month=2022-11"); a.Code != http.StatusNotFound {
		t.Errorf("a unit exports others' open month: %d", a.Code)
	}
}

// TestScoresInABrowser looks at the pages with axe, on desks and phones, in both
// languages.
func TestScoresInABrowser(t *testing.T) {
	s := serve(t)
	hand, boss := s.hire(casestest.Street, "孙浩", access.Street), s.hire("leaders", "区长", access.Leader)
	one := s.hire("supervision", "老郑", access.Supervisor)
	for i := range 34 {
		s.closed(casestest.Street, []string{"solved", "solved", "basic", "part"}[i%4], []string{"very_satisfied", "satisfied", "fair", "very_dissatisfied"}[i%4])
		if i%2 == 0 {
			s.closed(casestest.OtherStreet, []string{"solved", "basic"}[i/2%2], "satisfied")
		}
	}
	s.Pass(12 * 24 * time.Hour)
	for _, x := range []*staff{hand, boss, one} {
		x.signIn()
	}
	for range 5 {
		s.closed(casestest.Street, "solved", "satisfied")
	}
	s.settled()
	if _, err := s.site.Assess.Publish(t.Context(), one.scope(), cases.Input{Raw: form.Raw{"month": {"2022-11"}}}); err != nil {
		t.Fatal(err)
	}
	f := hand.page("/desk/scores/2022-11/" + casestest.Street + "/part")
	record := strings.TrimPrefix(attr(f.all(func(n *html.Node) bool { return n.Data == "a" && strings.HasPrefix(attr(n, "href"), "/desk/cases/JY") })[0], "href"), "/desk/cases/")
	q, err := s.site.Assess.Ask(t.Context(), hand.scope(), "exclusion", "ask", cases.Input{Raw: form.Raw{"record": {record}, "rule": {"litigation"}, "evidence": {"已起诉，附受理通知书"}}})
	if err != nil {
		t.Fatal(err)
	}
	unit := "/desk/scores/2022-11/" + casestest.Street
	pages := []struct{ who, name, path string }{
		{"boss", "score-month", "/desk/scores?month=2022-11"}, {"boss", "score-unit", unit}, {"hand", "score-behind", unit + "/part"}, {"boss", "score-trend", "/desk/scores/trend?unit=" + casestest.Street},
		{"hand", "score-ask", "/desk/scores/requests/exclusion/new?record=" + record}, {"hand", "score-appeal", "/desk/scores/requests/appeal/new?record=" + record},
		{"hand", "score-request", "/desk/scores/requests/exclusion/" + q.ID}, {"boss", "score-requests", "/desk/scores/requests/exclusion"}, {"boss", "score-try", "/desk/scores/try?month=2022-11"},
		{"boss", "score-freeze", "/desk/scores/months/2022-11/do/freeze"},
	}
	for _, size := range []struct {
		uitest.Size
		suffix string
	}{{uitest.Desk, ""}, {uitest.Phone, "-phone"}} {
		for _, who := range []struct {
			name string
			*staff
		}{{"boss", boss}, {"hand", hand}} {
			tab := uitest.New(t, size.Size)
			s.enter(tab, who.staff, "/desk")
			for _, p := range pages {
				if p.who != who.name {
					continue
				}
				lang, suffix := "zh-CN", size.suffix
				if size.suffix == "" && (p.name == "score-unit" || p.name == "score-behind") {
					tab.Open(s.url + p.path + "?lang=en")
					look(tab, size.Size, p.name+"-en")
				}
				sep := "?"
				if strings.Contains(p.path, "?") {
					sep = "&"
				}
				tab.Open(s.url + p.path + sep + "lang=" + lang)
				look(tab, size.Size, p.name+suffix)
				tab.Overflow()
			}
		}
	}
	// Without scripts a unit asks as well.
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, one, "/desk/scores/try?month=2022-11")
	tab.Fill(`[name="f.combined"]`, "100 * resolution")
	tab.Click(`form[action="/desk/scores/try"] button`)
	tab.WaitText(".banner", "试算完成")
	look(tab, uitest.Desk, "score-tried")
}
