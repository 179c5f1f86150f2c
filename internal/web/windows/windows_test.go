package windows_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/enterprise/windows"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web/desk"
	"weixiao/internal/web/uitest"
	"weixiao/internal/web/webtest"
	pages "weixiao/internal/web/windows"
)

func TestMain(m *testing.M) { uitest.Main(m, storetest.Cleanup) }

type env struct {
	*webtest.Env
	w *windows.Windows
}

func newEnv(t *testing.T) *env {
	e := &env{}
	e.Env = webtest.One(t, webtest.Schemas(windows.Schema), func(x *webtest.Env, rt *access.Router) {
		e.w = windows.New(x.DB, x.Records, windows.Options{Pack: x.Pack, Vault: x.Vault, Clock: x.Clock, Secret: x.Cases.Secret})
		d := desk.New(x.Site)
		d.Add(pages.Register(rt, x.Site, e.w, d.Frame)...)
		d.Register(rt)
	})
	return e
}

// ask sends a request of somebody without an account.
func (e *env) ask(method, path string, v url.Values) *webtest.Answer {
	r := httptest.NewRequest(method, path, strings.NewReader(v.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html")
	return e.Ask(r)
}

// both looks for words that stand on a page, and for others that must not.
func both(t *testing.T, a *webtest.Answer, has []string, lacks ...string) {
	t.Helper()
	a.Contains(t, has...)
	a.Lacks(t, lacks...)
}

// take takes a number by the page and returns its link.
func (e *env) take(t *testing.T, hall, item string) string {
	t.Helper()
	a := e.ask("POST", "/windows/halls/"+hall, url.Values{"item": {item}})
	link := a.Header.Get("Location")
	if a.Code != http.StatusSeeOther || !strings.HasPrefix(link, "/windows/v/") {
		t.Fatalf("no number: %d %s", a.Code, a.Text())
	}
	return link
}

// serve calls the next number and ends it, by the clerk's page.
func serve(t *testing.T, e *env, clerk *webtest.Staff) {
	t.Helper()
	clerk.See("/desk/windows/clerk/next", nil)
	e.Pass(4 * time.Minute)
	clerk.See("/desk/windows/clerk/finish", url.Values{"outcome": {"done"}})
}

// TestVisitPages: a number, its place, the clerk's buttons, the hall's screen, two taps of a rating.
func TestVisitPages(t *testing.T) {
	e := newEnv(t)
	clerk := e.Hire("social-insurance", "何窗口", access.Clerk)
	clerk.Page("/desk/windows/clerk").Contains(t, "B01 社保综合一")
	clerk.See("/desk/windows/clerk/sit", url.Values{"window": {"b01"}}).Contains(t, "叫下一位")
	clerk.See("/desk/windows/clerk/next", nil).Contains(t, "没有人在等")
	e.ask("GET", "/windows/halls/social", nil).Contains(t, "社会保险参保登记", "取号不用姓名和电话")
	one, two := e.take(t, "social", "si_join"), e.take(t, "social", "si_move")
	e.ask("GET", two, nil).Contains(t, "B002", "前面还有 1 位")
	if a := e.ask("POST", one+"/rate", url.Values{"level": {"5"}}); a.Code != http.StatusConflict || !strings.Contains(a.Body, "办完后再评价") {
		t.Errorf("rated before it was served: %d", a.Code)
	}
	clerk.See("/desk/windows/clerk/next", nil).Contains(t, "B001")
	e.ask("GET", one, nil).Contains(t, "请到 B01")
	e.ask("GET", "/windows/halls/social/screen", nil).Contains(t, "B001", "等候 1 位")
	e.Pass(time.Minute)
	clerk.See("/desk/windows/clerk/finish", url.Values{"outcome": {"done"}}).Contains(t, "等候 1 位")
	e.ask("GET", one, nil).Contains(t, "这次办得怎么样", "非常满意")
	both(t, e.ask("GET", one+"?level=4", nil), []string{"办得快"}, "态度不好", "电话")
	if a := e.ask("POST", one+"/rate", url.Values{"level": {"4"}, "labels": {"quick"}}); a.Code != http.StatusSeeOther {
		t.Fatalf("rating: %d %s", a.Code, a.Text())
	}
	e.ask("GET", one, nil).Contains(t, "您的评价是：满意")
	if a := e.ask("POST", one+"/rate", url.Values{"level": {"1"}}); a.Code != http.StatusConflict || !strings.Contains(a.Body, "一次办事只评一次") {
		t.Errorf("rated twice: %d", a.Code)
	}
	if a := e.ask("POST", two+"/leave", nil); a.Code != http.StatusSeeOther {
		t.Errorf("leave: %d", a.Code)
	}
	for _, bad := range []string{one[:len(one)-1] + "_", "/windows/v/JYPH20221123-0000000/0123456789", "/windows/halls/nowhere"} {
		if a := e.ask("GET", bad, nil); a.Code != http.StatusNotFound {
			t.Errorf("%s: %d", bad, a.Code)
		}
	}
	if a := e.ask("POST", "/windows/halls/main", url.Values{"item": {"si_join"}}); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("a number for what the hall does not serve: %d", a.Code)
	}
	if strings.Contains(e.Log.String(), one) {
		t.Error("the log has a secret link")
	}
}

// TestBadPages: the clerk has her word, the office verifies, the unit puts it right, and the board says so; nobody reads a
// telephone number without a reason, the clerk never.
func TestBadPages(t *testing.T) {
	e := newEnv(t)
	clerk, unit := e.Hire("medicare", "马窗口", access.Clerk), e.Hire("medicare", "医保负责人", access.DeptLead)
	office, far := e.Hire("supervision", "督办员", access.Supervisor), e.Hire("housing", "住建", access.DeptLead)
	clerk.See("/desk/windows/clerk/sit", url.Values{"window": {"b05"}})
	link := e.take(t, "social", "mi_join")
	serve(t, e, clerk)
	e.ask("GET", link+"?level=1", nil).Contains(t, "态度不好", "电话")
	if a := e.ask("POST", link+"/rate", url.Values{"level": {"1"}, "labels": {"rude"}, "words": {"爱答不理"}, "phone": {"13900001234"}, "name": {"赵大娘"}}); a.Code != http.StatusSeeOther {
		t.Fatalf("rating: %d %s", a.Code, a.Text())
	}
	clerk.Page("/desk/windows/clerk").Contains(t, "有 1 条差评等您说明")
	list := clerk.Page("/desk/windows/bad")
	href := regexp.MustCompile(`/desk/windows/bad/r/[A-Z0-9-]+`).FindString(list.Body)
	page := clerk.Page(href)
	both(t, page, []string{"爱答不理", "态度不好"}, "13900001234", "赵大娘")
	if got := page.Actions(); !slices.Contains(got, "object") || slices.Contains(got, "verify") {
		t.Errorf("the clerk may %v", got)
	}
	clerk.See(href+"/do/object", url.Values{"objection": {"当天系统故障"}}).Contains(t, "当天系统故障")
	for who, s := range map[string]*webtest.Staff{"the clerk": clerk, "her unit": unit} {
		if a := s.Get(href + "/reveal"); a.Code != http.StatusForbidden {
			t.Errorf("%s sees whom to answer: %d", who, a.Code)
		}
	}
	if a := far.Get(href); a.Code != http.StatusNotFound {
		t.Errorf("another unit reads it: %d", a.Code)
	}
	shown := office.Page(href + "/reveal")
	shown.Lacks(t, "13900001234")
	v := shown.Form(href + "/reveal")
	v.Set("reason", "contact")
	v.Set("note", "回访差评")
	if a := office.Post(href+"/reveal", v); a.Code != http.StatusOK || !strings.Contains(a.Body, "13900001234") {
		t.Errorf("reveal: %d %s", a.Code, a.Text())
	}
	office.See(href+"/do/contact", url.Values{"how": {"phone"}, "heard": {"态度生硬"}})
	office.See(href+"/do/verify", url.Values{"finding": {"real"}, "why": {"录像核实"}})
	if a := clerk.Get(href + "/do/object"); a.Code != http.StatusForbidden {
		t.Errorf("objected after it counted: %d", a.Code)
	}
	unit.See(href+"/do/fix_now", url.Values{"done": {"已致歉"}, "published": {"全员培训服务用语"}})
	office.See(href+"/do/feedback", url.Values{"answer": {"已整改，谢谢您"}})
	e.ask("GET", link, nil).Contains(t, "已整改，谢谢您", "请您再评一次")
	if a := e.ask("POST", link+"/rate_again", url.Values{"level": {"4"}}); a.Code != http.StatusSeeOther {
		t.Errorf("rate again: %d", a.Code)
	}
	e.ask("GET", link, nil).Lacks(t, "请您再评一次")
	office.See(href+"/do/revisit", url.Values{"reached": {"yes"}, "satisfied": {"yes"}})
	office.See(href+"/do/close", nil).Contains(t, "已办结")
	both(t, e.ask("GET", "/windows", nil), []string{"全员培训服务用语"}, "马窗口", "爱答不理", "13900001234")
}

// TestStarPages: every part of a score opens to its records, and ratings stand without their numbers.
func TestStarPages(t *testing.T) {
	e := newEnv(t)
	clerk := e.Hire("medicare", "马窗口", access.Clerk)
	clerk.See("/desk/windows/clerk/sit", url.Values{"window": {"b05"}})
	for i := range 10 {
		link := e.take(t, "social", "mi_join")
		serve(t, e, clerk)
		if i < 4 {
			e.ask("POST", link+"/rate", url.Values{"level": {"5"}})
		}
	}
	office, other := e.Hire("supervision", "督办员", access.Supervisor), e.Hire("supervision", "督办二", access.Supervisor)
	page := office.Page("/desk/windows/stars")
	page.Contains(t, "B05 医保一", "2022Q4 还没有核定")
	both(t, office.Page("/desk/windows/stars/b05?quarter=2022Q4&part=rated"), []string{"非常满意"}, "B001")
	served := office.Page("/desk/windows/stars/b05?quarter=2022Q4&part=served")
	if n := strings.Count(served.Text(), "医保参保登记"); n != 10 {
		t.Errorf("%d visits behind ten", n)
	}
	for _, part := range windows.VisitParts() {
		office.Page("/desk/windows/stars/b05?quarter=2022Q4&part=" + part)
	}
	if a := e.Hire("housing", "住建", access.DeptLead).Get("/desk/windows/stars/b05?quarter=2022Q4"); a.Code != http.StatusNotFound {
		t.Errorf("another unit looks behind: %d", a.Code)
	}
	made := office.Post("/desk/windows/marks/new/propose", url.Values{"window": {"b05"}, "ground": {"idea"}, "points": {"3"}, "day": {"2022-11-23"}, "seen": {"设老年人绿色窗口"}})
	href := strings.SplitN(made.Header.Get("Location"), "?", 2)[0]
	if a := office.Get(href + "/do/confirm"); a.Code != http.StatusForbidden {
		t.Errorf("confirmed by whoever proposed it: %d", a.Code)
	}
	other.See(href+"/do/confirm", nil)
	office.Page("/desk/windows/marks?quarter=2022Q4&of=b05").Contains(t, "便民创新做法", "+3")
	e.Pass(40 * 24 * time.Hour)
	office, other = e.Hire("supervision", "督办三", access.Supervisor), e.Hire("supervision", "督办四", access.Supervisor)
	made = office.Post("/desk/windows/quarters/new/propose", url.Values{"quarter": {"2022Q4"}})
	href = strings.SplitN(made.Header.Get("Location"), "?", 2)[0]
	other.See(href+"/do/freeze", nil).Contains(t, "已核定", "B05 医保一")
	office.Page("/desk/windows/stars?quarter=2022Q4").Contains(t, "2022Q4 已核定")
	both(t, e.ask("GET", "/windows", nil), []string{"2022Q4 窗口星级", "B05 医保一"}, "马窗口")
}

// TestStuckPages: anybody says what could not be done; the unit answers; counts are public.
func TestStuckPages(t *testing.T) {
	e := newEnv(t)
	hall, land := e.Hire("service-hall", "大厅负责人", access.DeptLead), e.Hire("land", "自然资源", access.Department)
	if a := e.ask("POST", "/windows/stuck", url.Values{"hall": {"main"}}); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("nothing said: %d", a.Code)
	}
	v := url.Values{"hall": {"main"}, "item": {"deed"}, "what": {"跑了三趟没办成"}, "phone": {"13900005678"}}
	if a := e.ask("POST", "/windows/stuck", v); a.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Code, a.Text())
	}
	list := hall.Page("/desk/windows/stuck")
	href := regexp.MustCompile(`/desk/windows/stuck/r/[A-Z0-9-]+`).FindString(list.Body)
	if a := land.Get(href); a.Code != http.StatusNotFound {
		t.Errorf("read before it was given: %d", a.Code)
	}
	hall.See(href+"/do/assign", url.Values{"unit": {"land"}})
	both(t, land.See(href+"/do/answer", url.Values{"result": {"solved"}, "answer": {"已办结"}}), []string{"跑了三趟没办成"}, "13900005678")
	hall.See(href+"/do/close", url.Values{"solved": {"yes"}})
	e.ask("GET", "/windows", nil).Contains(t, "共登记 1", "办成了 1")
}

// TestInABrowser looks at every page at both sizes with axe; the clerk works by keyboard.
func TestInABrowser(t *testing.T) {
	e := newEnv(t)
	clerk, office := e.Hire("social-insurance", "何窗口", access.Clerk), e.Hire("supervision", "督办员", access.Supervisor)
	clerk.See("/desk/windows/clerk/sit", url.Values{"window": {"b01"}})
	bad, rate, wait := e.take(t, "social", "si_join"), e.take(t, "social", "si_join"), ""
	serve(t, e, clerk)
	e.ask("POST", bad+"/rate", url.Values{"level": {"2"}, "words": {"等太久"}})
	serve(t, e, clerk)
	wait = e.take(t, "social", "si_move")
	base := e.Serve()
	phone := uitest.New(t, uitest.Phone)
	for _, x := range []struct{ path, name string }{{"/windows", "windows-board"}, {"/windows/halls/social", "windows-take"}, {wait, "windows-place"}, {"/windows/halls/social/screen", "windows-screen"},
		{"/windows/stuck", "windows-stuck"}, {"/windows/stuck/thanks", "windows-thanks"}} {
		for _, size := range []uitest.Size{uitest.Phone, uitest.Desk} {
			phone.Open(base + x.path)
			webtest.Look(phone, size, x.name)
		}
	}
	phone.Resize(uitest.Phone)
	phone.Open(base + rate)
	webtest.Look(phone, uitest.Phone, "windows-rate")
	phone.Click(`[data-level="5"]`)
	phone.Wait(`location.search === "?level=5"`)
	webtest.Look(phone, uitest.Phone, "windows-rate-labels")
	phone.Click("#send")
	phone.Wait(`document.querySelector("#send") === null`) // the page after it, not the one that sends
	phone.WaitText("main", "Very satisfied")
	webtest.Look(phone, uitest.Phone, "windows-rated")
	tab := uitest.New(t, uitest.Desk)
	e.Enter(tab, base, clerk, "/desk/windows/clerk")
	webtest.Look(tab, uitest.Desk, "windows-clerk")
	tab.Press("e")
	tab.WaitText("#now", "B003")
	for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
		webtest.Look(tab, size, "windows-clerk-serving")
	}
	tab.Resize(uitest.Desk)
	tab.Press("d")
	tab.Wait(`document.querySelector("#waiting") !== null`)
	desk := uitest.New(t, uitest.Desk)
	e.Enter(desk, base, office, "/desk/windows/stars")
	for _, path := range []string{"/desk/windows/stars", "/desk/windows/stars/b01?part=served&quarter=2022Q4", "/desk/windows/bad", "/desk/windows/marks", "/desk/windows/marks/new/propose", "/desk/windows/stuck", "/desk/windows/quarters"} {
		for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
			desk.Resize(size)
			desk.Open(base + path)
			webtest.Look(desk, size, "windows"+strings.NewReplacer("/desk/windows", "", "/", "-", "?", "-", "=", "-", "&", "-").Replace(path))
		}
	}
}
