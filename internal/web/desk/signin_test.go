package desk

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/store"
)

// visitor is somebody who is not signed in.
func (e *env) visitor() *staff { return &staff{e: e, lang: "zh-CN"} }

func cookieOf(a *answer) string {
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if c.Name == "weixiao" {
			return c.Value
		}
	}
	return ""
}

func TestSignIn(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hash := e.password()
		e.write(func(tx *store.Tx) error {
			_, err := e.gate.Create(tx, e.system(), access.NewAccount{Login: "sun", Name: "孙浩", Unit: "220605001", Roles: []string{access.Street}, Password: hash, Lasting: true}, e.Clock())
			return err
		})
		v := e.visitor()
		if a := v.get("/desk?view=sign"); a.Code != http.StatusSeeOther || a.Header.Get("Location") != "/desk/sign-in?next=%2Fdesk%3Fview%3Dsign" {
			t.Fatalf("a visitor got %d %s", a.Code, a.Header.Get("Location"))
		}
		page := v.page("/desk/sign-in?next=%2Fdesk%3Fview%3Dsign")
		f := page.form("/desk/sign-in")
		for name, c := range map[string]struct {
			login, password string
			code            int
			says            string
		}{
			"no login":       {"", "x", 422, "请填写账号"},
			"no password":    {"sun", "", 422, "请填写密码"},
			"wrong password": {"sun", "something else", 401, "账号或密码不对"},
			"wrong login":    {"nobody", testPassword, 401, "账号或密码不对"},
		} {
			f.Set("login", c.login)
			f.Set("password", c.password)
			a := v.post("/desk/sign-in", f)
			if a.Code != c.code {
				t.Errorf("%s: %d, want %d", name, a.Code, c.code)
			}
			a.contains(t, c.says)
			a.lacks(t, "something else", testPassword)
			if cookieOf(a) != "" {
				t.Errorf("%s: a cookie was set", name)
			}
		}
		f.Set("login", " Sun ")
		f.Set("password", testPassword)
		a := v.post("/desk/sign-in", f)
		if a.Code != http.StatusSeeOther || a.Header.Get("Location") != "/desk?view=sign" {
			t.Fatalf("signing in: %d to %s\n%s", a.Code, a.Header.Get("Location"), a.text())
		}
		v.cookie = cookieOf(a)
		v.page("/desk?view=sign").contains(t, "孙浩", "待签收")
		me := v.page("/desk/me")
		me.contains(t, "孙浩", "街镇承办人", "这一台")

		// signing out ends it on the server, not only in the browser
		if a := v.post("/desk/sign-out", url.Values{}); a.Code != http.StatusSeeOther {
			t.Fatalf("signing out: %d", a.Code)
		}
		if a := v.get("/desk"); a.Code != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/desk/sign-in") {
			t.Errorf("after signing out the old cookie got %d", a.Code)
		}
	})
}

func TestSignInLeadsOnlyToThisSite(t *testing.T) {
	e := one(t)
	s := e.hire("", "陈晓燕", access.Operator)
	for _, next := range []string{"https://evil.example/", "//evil.example/", `/\evil.example`, "javascript:alert(1)", "/desk/sign-out", ""} {
		a := e.visitor().post("/desk/sign-in", url.Values{"next": {next}, "login": {s.login}, "password": {testPassword}})
		if a.Code != http.StatusSeeOther || a.Header.Get("Location") != "/desk" {
			t.Errorf("next=%q: %d to %s", next, a.Code, a.Header.Get("Location"))
		}
		if a := s.get("/desk/sign-in?next=" + url.QueryEscape(next)); a.Header.Get("Location") != "/desk" {
			t.Errorf("next=%q leads who is signed in to %s", next, a.Header.Get("Location"))
		}
	}
}

func TestLock(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		s := e.hire("", "陈晓燕", access.Operator)
		v := e.visitor()
		login := s.login
		for range 5 {
			v.post("/desk/sign-in", url.Values{"login": {login}, "password": {"not this one"}})
		}
		// with the right password the holder is told, some time later
		e.Pass(11 * time.Second)
		a := v.post("/desk/sign-in", url.Values{"login": {login}, "password": {testPassword}})
		if a.Code != http.StatusForbidden {
			t.Fatalf("locked: %d\n%s", a.Code, a.text())
		}
		a.contains(t, "密码是对的", "09:15")
		e.Pass(15 * time.Minute)
		if a := v.post("/desk/sign-in", url.Values{"login": {login}, "password": {testPassword}}); a.Code != http.StatusSeeOther {
			t.Errorf("after the lock: %d\n%s", a.Code, a.text())
		}
	})
}

func TestOwnPassword(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hash := e.password()
		e.write(func(tx *store.Tx) error {
			_, err := e.gate.Create(tx, e.system(), access.NewAccount{Login: "wang", Name: "王芳", Unit: e.Cases.District().Centre, Roles: []string{access.Dispatcher}, Password: hash}, e.Clock())
			return err
		})
		v := e.visitor()
		a := v.post("/desk/sign-in", url.Values{"login": {"wang"}, "password": {testPassword}, "next": {"/desk?view=dispatch"}})
		if got := a.Header.Get("Location"); got != "/desk/password?next=%2Fdesk%3Fview%3Ddispatch" {
			t.Fatalf("a one-time password leads to %s", got)
		}
		v.cookie = cookieOf(a)
		if a := v.get("/desk"); a.Header.Get("Location") != "/desk/password" {
			t.Errorf("before the password is changed /desk leads to %q", a.Header.Get("Location"))
		}
		page := v.page(a.Header.Get("Location"))
		page.contains(t, "一次性密码")
		f := page.form("/desk/password")
		for _, c := range []struct{ old, new, repeat, says string }{
			{"", "fresh-and-long-enough", "fresh-and-long-enough", "请填写现在的密码"},
			{testPassword, "fresh-and-long-enough", "another", "不一样"},
			{testPassword, "kurz", "kurz", "至少 10 个字符，现在只有 4 个"},
			{testPassword, testPassword, testPassword, "不能和现在的一样"},
			{"wrong old one", "fresh-and-long-enough", "fresh-and-long-enough", "账号或密码不对"},
		} {
			f.Set("old", c.old)
			f.Set("password", c.new)
			f.Set("repeat", c.repeat)
			a := v.post("/desk/password", f)
			if a.Code < 400 {
				t.Errorf("%s: %d", c.says, a.Code)
			}
			a.contains(t, c.says)
		}
		f.Set("old", testPassword)
		f.Set("password", "drei worte und ein hund")
		f.Set("repeat", "drei worte und ein hund")
		a = v.post("/desk/password", f)
		if a.Code != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/desk?") {
			t.Fatalf("changing: %d %s\n%s", a.Code, a.Header.Get("Location"), a.text())
		}
		v.cookie = cookieOf(a)
		v.page(a.Header.Get("Location")).contains(t, "密码已修改")
	})
}

func TestOwnSessions(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		s := e.hire("", "陈晓燕", access.Operator)
		other := *s
		e.write(func(tx *store.Tx) error {
			x, err := e.gate.StartSession(tx, e.system(), s.id, access.Cookie, "Firefox Windows")
			other.cookie = x.Token
			return err
		})
		other.page("/desk/me").contains(t, "Firefox, Windows")
		s.see("/desk/me/sessions", url.Values{}) // all others
		if a := other.get("/desk/me"); a.Code != http.StatusSeeOther {
			t.Errorf("an ended session got %d", a.Code)
		}
		s.page("/desk/me").lacks(t, "Firefox, Windows")
		// nobody ends the session of somebody else
		stranger := e.hire("220605001", "孙浩", access.Street)
		if a := stranger.post("/desk/me/sessions", url.Values{"id": {sessionID(s.cookie)}}); a.Code != http.StatusSeeOther {
			t.Errorf("%d", a.Code)
		}
		s.page("/desk/me")
	})
}

func TestForgedRequests(t *testing.T) {
	e := one(t)
	s := e.hire("220605001", "孙浩", access.Street)
	n := e.sent("220605001", "路灯不亮")
	for name, h := range map[string]http.Header{
		"another site":        {"Sec-Fetch-Site": {"cross-site"}},
		"another origin":      {"Origin": {"https://evil.example"}},
		"silent about itself": {},
	} {
		for _, path := range []string{"/desk/cases/" + n + "/do/sign", "/desk/sign", "/desk/me/sessions", "/desk/sign-out", "/desk/password"} {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("id="+n))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for k, v := range h {
				r.Header[k] = v
			}
			if a := s.do(r); a.Code != http.StatusForbidden {
				t.Errorf("%s: POST %s: %d", name, path, a.Code)
			}
		}
	}
	if k := e.load(n); k.State != "dispatched" {
		t.Errorf("a forged request moved the case to %s", k.State)
	}
}

// TestPublicRoutes keeps the list of what is open to everybody short.
func TestPublicRoutes(t *testing.T) {
	e := one(t)
	rt := e.gate.Router()
	e.desk.Register(rt)
	for _, line := range rt.Public() {
		if !strings.HasPrefix(line, "GET /desk/sign-in\t") && !strings.HasPrefix(line, "POST /desk/sign-in\t") {
			t.Errorf("open to everybody: %s", line)
		}
	}
	for _, r := range rt.Table() {
		if !r.Rule.Public && r.Rule.Check(access.Principal{}) == nil {
			t.Errorf("%s lets anybody in", r.Pattern)
		}
	}
}
