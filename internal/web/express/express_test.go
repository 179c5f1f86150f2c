package express_test

import (
	"fmt"

	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web"
	"weixiao/internal/web/desk"
	pages "weixiao/internal/web/express"
	"weixiao/internal/web/uitest"
	"weixiao/internal/web/webtest"
)

func TestMain(m *testing.M) { uitest.Main(m, storetest.Cleanup) }

const secretly = "拖欠我们工程款三年，请书记过问"

type env struct {
	*webtest.Env
	x *express.Express
	d *desk.Desk
}

func register(e *env) func(*webtest.Env, *access.Router) {
	return func(w *webtest.Env, rt *access.Router) {
		e.Env = w
		e.x = web.NewExpress(w.DB, w.Records, w.Cases, w.Pack, w.Vault, func() *access.Gate { return w.Gate }, w.Clock)
		e.d = desk.New(w.Site)
		e.d.Register(rt)
		pages.Register(rt, w.Site, e.d.Frame, e.x)
		e.d.Add(pages.Entries(e.x)...)
	}
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	e := &env{}
	webtest.Each(t, webtest.Schemas(), register(e), func(t *testing.T, w *webtest.Env) { fn(t, e) })
}

// on gives somebody a post.
func (e *env) on(s *webtest.Staff, name, post string) *webtest.Staff {
	e.Write(func(tx *store.Tx) error {
		_, err := e.Gate.Update(tx, e.System(), s.ID, 1, access.Person{Name: name, Unit: s.Unit, Post: post}, "test", e.Clock())
		return err
	})
	return s
}

// resident is a browser with cookies and no account.
type resident struct {
	e       *env
	cookies []*http.Cookie
}

func (r *resident) do(method, path string, v url.Values) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(v.Encode()))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	req.Header.Set("Accept", "text/html")
	req.Host = "127.0.0.1"
	for _, c := range r.cookies {
		req.AddCookie(c)
	}
	w := httptest.NewRecorder()
	r.e.Handler.ServeHTTP(w, req)
	for _, c := range w.Result().Cookies() {
		if strings.HasPrefix(c.Name, "express-") {
			r.cookies = []*http.Cookie{c}
		}
	}
	return w
}

func letter(kv ...string) url.Values {
	v := url.Values{"post": {"leaders.secretary"}, "topic": {"arrears"}, "words": {secretly}, "level": {"normal"}, "named": {"yes"}, "name": {"王小明"}, "phone": {"13900000001"}}
	for i := 0; i < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
		if kv[i+1] == "" {
			v.Del(kv[i])
		}
	}
	return v
}

// send writes a letter as a resident and returns its number.
func (r *resident) send(t *testing.T, v url.Values) string {
	t.Helper()
	a := r.do(http.MethodPost, "/express", v)
	if a.Code != http.StatusSeeOther {
		t.Fatalf("sent: %d\n%s", a.Code, a.Body)
	}
	return strings.TrimSuffix(strings.TrimPrefix(a.Header().Get("Location"), "/express/l/"), "?new")
}

// TestWholeWay takes a letter of a resident through the pages of everybody who has to do with it.
func TestWholeWay(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		clerk := e.Hire("supervision", "专员", access.ExpressClerk)
		leader := e.on(e.Hire("leaders", "书记", access.Leader), "书记", "leaders.secretary")
		other := e.on(e.Hire("leaders", "区长", access.Leader), "区长", "leaders.head")
		chief, hand := e.Hire("market", "局长", access.DeptLead), e.Hire("market", "经办", access.Department)
		stranger, auditor := e.Hire("market", "旁人", access.Department), e.Hire(e.Pack.District, "审计", access.Auditor)
		r := &resident{e: e}
		if a := r.do(http.MethodGet, "/express", nil); a.Code != http.StatusOK || !strings.Contains(a.Body.String(), "谁会看到这封信") {
			t.Fatalf("the form: %d", a.Code)
		}
		if a := r.do(http.MethodPost, "/express", letter("words", "")); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), "王小明") {
			t.Errorf("without words: %d", a.Code)
		}
		id := r.send(t, letter("against", "housing"))
		if a := r.do(http.MethodGet, "/express/l/"+id+"?new", nil); !strings.Contains(a.Body.String(), e.x.Secret(id)) || !strings.Contains(a.Body.String(), secretly) {
			t.Errorf("the receipt: %d", a.Code)
		}
		if a := (&resident{e: e}).do(http.MethodGet, "/express/l/"+id, nil); a.Code != http.StatusSeeOther {
			t.Errorf("without the cookie: %d", a.Code)
		}
		path := "/desk/express/r/" + id
		clerk.Page(path).Contains(t, secretly, "王", "住建局")
		clerk.Page(path).Lacks(t, "王小明", "13900000001")
		for name, s := range map[string]*webtest.Staff{"another leader": other, "the unit's leader before it has it": chief, "a department": stranger} {
			if a := s.Get(path); a.Code != http.StatusNotFound {
				t.Errorf("%s at the letter: %d", name, a.Code)
			}
			s.Page("/desk/express").Lacks(t, id)
		}
		if a := auditor.Get(path); a.Code != http.StatusForbidden {
			t.Errorf("the auditor at the letter: %d", a.Code)
		}
		do := clerk.Page(path + "/do/screen").Form(path + "/do/screen")
		if do.Get("topic") != "arrears" || do.Get("against") != "housing" {
			t.Errorf("screening begins with %v", do)
		}
		do.Set("summary", "企业反映欠款")
		clerk.See(path+"/do/screen", do).Contains(t, "企业反映欠款", "待批示")
		leader.Page("/desk/express/mine").Contains(t, id, "拖欠账款")
		other.Page("/desk/express/mine").Lacks(t, id)
		mine := "/desk/express/mine/" + id
		if a := other.Get(mine); a.Code != http.StatusNotFound {
			t.Errorf("another leader reads it: %d", a.Code)
		}
		leader.Page(mine).Contains(t, secretly)
		if a := leader.Post(mine, url.Values{"phrase": {"handle"}, "lead": {"housing"}}); a.Code != http.StatusConflict || !strings.Contains(a.Body, "反映的单位") {
			t.Errorf("to the unit complained about: %d", a.Code)
		}
		if a := leader.Post(mine, url.Values{}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("without words: %d", a.Code)
		}
		leader.See(mine, url.Values{"phrase": {"handle"}, "instruction": {"本周内报我"}, "lead": {"market"}}).Lacks(t, id)
		do = chief.Page(path + "/do/accept").Form(path + "/do/accept")
		do.Set("officer", hand.ID)
		chief.See(path+"/do/accept", do).Contains(t, "本周内报我", "经办")
		if a := stranger.Get(path); a.Code != http.StatusNotFound {
			t.Errorf("a colleague of the officer: %d", a.Code)
		}
		hand.See(path+"/do/answer", url.Values{"result": {"done"}, "answer": {"欠款已付清"}})
		a := r.do(http.MethodGet, "/express/l/"+id, nil)
		if body := a.Body.String(); !strings.Contains(body, "欠款已付清") || strings.Contains(body, "本周内报我") || strings.Contains(body, "企业反映欠款") {
			t.Errorf("what the sender reads: %d", a.Code)
		}
		if a := r.do(http.MethodPost, "/express/l/"+id+"/confirm", url.Values{}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("confirmed without a word: %d", a.Code)
		}
		if a := r.do(http.MethodPost, "/express/l/"+id+"/lapse", url.Values{}); a.Code != http.StatusNotFound {
			t.Errorf("the sender lets it lapse: %d", a.Code)
		}
		if a := r.do(http.MethodPost, "/express/l/"+id+"/confirm", url.Values{"satisfaction": {"5"}}); a.Code != http.StatusSeeOther {
			t.Errorf("confirmed: %d", a.Code)
		}
		if a := leader.Post(path+"/reveal", url.Values{"reason": {"contact"}}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("revealed without a note: %d", a.Code)
		}
		if a := leader.Post(path+"/reveal", url.Values{"reason": {"contact"}, "note": {"当面听取意见"}}); a.Code != http.StatusOK || !strings.Contains(a.Body, "王小明") {
			t.Errorf("revealed: %d", a.Code)
		}
		if a := other.Post(path+"/reveal", url.Values{"reason": {"contact"}, "note": {"看看"}}); a.Code != http.StatusNotFound {
			t.Errorf("revealed to another leader: %d", a.Code)
		}
		for _, s := range []*webtest.Staff{auditor, clerk, other} {
			s.Page("/desk/express/figures?figure=received").Contains(t, id, "已办结")
			s.Page("/desk/express/week").Contains(t, "本周收到的来信")
			if a := s.Get("/desk/express/week.docx"); a.Code != http.StatusOK || !strings.HasPrefix(a.Body, "PK") {
				t.Errorf("the weekly paper: %d", a.Code)
			}
		}
		auditor.Page("/desk/express/figures?figure=received").Lacks(t, "/desk/express/r/", secretly, "拖欠账款", "市场")
		audit := auditor.Page("/desk/audit")
		audit.Contains(t, id)
		audit.Lacks(t, "市场监管局", "欠款")
		auditor.Page("/desk/audit?case="+id).Lacks(t, "局长", "经办", "书记处")
		for _, words := range []string{secretly, "王小明", "13900000001"} {
			if strings.Contains(e.Log.String(), words) {
				t.Errorf("the log says %q", words)
			}
		}
	})
}

// TestFollow: number and secret open a letter; wrong ones are counted.
func TestFollow(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		id := (&resident{e: e}).send(t, letter("named", "no", "name", "", "phone", ""))
		r := &resident{e: e}
		for i := range 6 {
			a := r.do(http.MethodPost, "/express/follow", url.Values{"number": {id}, "secret": {"0000000000"}})
			if want := map[bool]int{true: http.StatusUnprocessableEntity, false: http.StatusTooManyRequests}[i < 5]; a.Code != want {
				t.Errorf("try %d: %d, want %d", i+1, a.Code, want)
			}
		}
		id = (&resident{e: e}).send(t, letter())
		if a := r.do(http.MethodPost, "/express/follow", url.Values{"number": {strings.ToLower(id)}, "secret": {e.x.Secret(id)}}); a.Code != http.StatusSeeOther {
			t.Errorf("with number and secret: %d", a.Code)
		}
		if a := r.do(http.MethodGet, "/express/l/"+id, nil); a.Code != http.StatusOK {
			t.Errorf("the letter: %d", a.Code)
		}
	})
}

const firmCode, otherFirm = "91220605MAWX000211", "91220605MAWX00048Q"

// TestFirm: a firm writes and follows on its own pages; another firm learns nothing.
func TestFirm(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		firm, other := e.Hire(firmCode, "企业甲", access.Firm), e.Hire(otherFirm, "企业乙", access.Firm)
		v := firm.Page("/business/express/new").Form("/business/express/new")
		for name, x := range letter() {
			v[name] = x
		}
		a := firm.Post("/business/express/new", v)
		again := firm.Post("/business/express/new", v)
		if a.Code != http.StatusSeeOther || again.Header.Get("Location") != a.Header.Get("Location") {
			t.Fatalf("sent twice: %d %d %q", a.Code, again.Code, again.Header.Get("Location"))
		}
		path := a.Header.Get("Location")
		firm.Page(path).Contains(t, secretly, "已收到")
		firm.Page("/business/express").Contains(t, "拖欠账款")
		other.Page("/business/express").Lacks(t, "拖欠账款")
		if a := other.Get(path); a.Code != http.StatusNotFound {
			t.Errorf("another firm: %d", a.Code)
		}
		if a := other.Post(path+"/confirm", url.Values{"satisfaction": {"5"}}); a.Code != http.StatusNotFound {
			t.Errorf("another firm confirms: %d", a.Code)
		}
		if a := firm.Get("/desk/express"); a.Code != http.StatusForbidden {
			t.Errorf("a firm at the desk: %d", a.Code)
		}
	})
}

// TestMatrix asks for every page as every role: those of the rule get in, the others are refused.
func TestMatrix(t *testing.T) {
	e := &env{}
	webtest.One(t, webtest.Schemas(), register(e))
	in := map[string][]string{
		"/desk/express":         {access.ExpressClerk, access.Leader, access.StreetLead, access.DeptLead, access.Street, access.Department},
		"/desk/express/mine":    {access.Leader},
		"/desk/express/figures": {access.ExpressClerk, access.Leader, access.Supervisor, access.Auditor},
		"/desk/express/week":    {access.ExpressClerk, access.Leader, access.Supervisor, access.Auditor},
		"/business/express":     {access.Firm},
	}
	in["/desk/express/list.xlsx"] = in["/desk/express"]
	in["/desk/express/new/take_in"] = []string{access.ExpressClerk}
	in["/desk/express/week.docx"] = in["/desk/express/week"]
	in["/business/express/new"] = in["/business/express"]
	for _, role := range access.Roles() {
		if role.Pseudo {
			continue
		}
		unit := "market"
		if role.Name == access.Firm {
			unit = firmCode
		}
		s := e.Hire(unit, "某人", role.Name)
		for path, roles := range in {
			want := http.StatusForbidden
			for _, r := range roles {
				if r == role.Name {
					want = http.StatusOK
				}
			}
			if a := s.Get(path); a.Code != want {
				t.Errorf("%s at %s: %d, want %d", role.Name, path, a.Code, want)
			}
		}
	}
}

// TestInABrowser looks at the pages at both sizes with axe.
func TestInABrowser(t *testing.T) {
	e := &env{}
	webtest.One(t, webtest.Schemas(), register(e))
	leader := e.on(e.Hire("leaders", "书记", access.Leader), "书记", "leaders.secretary")
	clerk := e.Hire("supervision", "专员", access.ExpressClerk)
	r := &resident{e: e}
	id := r.send(t, letter())
	clerk.See("/desk/express/r/"+id+"/do/screen", url.Values{"topic": {"arrears"}, "level": {"normal"}, "summary": {"欠款"}})
	base := e.Serve()
	tab := uitest.New(t, uitest.Phone)
	for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
		tab.Open(base + "/express")
		webtest.Look(tab, size, name("write", size))
	}
	tab.Open(base + "/express")
	tab.Click(`input[name="post"][value="leaders.head"]`)
	tab.Fill(`textarea[name="words"]`, secretly)
	tab.Eval(`document.querySelector('select[name="topic"]').value = "land"`)
	tab.Fill(`input[name="name"]`, "王小明")
	tab.Fill(`input[name="phone"]`, "13900000001")
	tab.Click(`button[form="letter"]`)
	tab.Wait(`location.pathname.startsWith("/express/l/")`)
	for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
		webtest.Look(tab, size, name("receipt", size))
	}
	tab.Open(base + "/express/follow")
	webtest.Look(tab, uitest.Phone, name("door", uitest.Phone))
	e.Enter(tab, base, leader, "/desk/express/mine")
	for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
		for _, p := range []string{"mine", "mine/" + id, "r/" + id, "figures?figure=received", "week"} {
			tab.Open(base + "/desk/express/" + p)
			webtest.Look(tab, size, name(strings.Trim(strings.NewReplacer(id, "one", "/", "-", "?", "-", "=", "-").Replace(p), "-"), size))
		}
	}
}

func name(page string, size uitest.Size) string { return fmt.Sprintf("express-%s-%d", page, size.W) }
