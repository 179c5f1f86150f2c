package access_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

func ok(w http.ResponseWriter, _ *http.Request) error {
	_, err := io.WriteString(w, "ok")
	return err
}

func TestRouteWithoutARuleDoesNotStart(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite", schemas))
	for name, c := range map[string]struct {
		rule   access.Rule
		panics bool
	}{
		"nothing":                 {access.Rule{}, true},
		"only a reason":           {access.Rule{Why: "because"}, true},
		"public without a reason": {access.Rule{Public: true}, true},
		"public, blank reason":    {access.Rule{Public: true, Why: " "}, true},
		"public and signed in":    {access.Rule{Public: true, SignedIn: true, Why: "x"}, true},
		"signed in and roles":     {access.Rule{SignedIn: true, Roles: []string{access.Admin}}, true},
		"public and roles":        {access.Rule{Public: true, Why: "x", Roles: []string{access.Admin}}, true},
		"a made-up role":          {access.Rule{Roles: []string{"king"}}, true},
		"a pseudo role":           {access.Rule{Roles: []string{access.Resident}}, true},
		"no roles":                {access.Rule{Roles: []string{}}, true},
		"public":                  {access.Rule{Public: true, Why: "the portal"}, false},
		"signed in":               {access.Rule{SignedIn: true}, false},
		"roles":                   {access.Rule{Roles: []string{access.Admin, access.Security}}, false},
	} {
		func() {
			defer func() {
				if got := recover() != nil; got != c.panics {
					t.Errorf("%s: panic %v", name, got)
				}
			}()
			w.Router().Handle("GET /x", c.rule, ok)
		}()
	}
}

// TestMatrix asks every route as every role over HTTP and compares with the table.
func TestMatrix(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite", schemas))
	rt := w.Router()
	rt.Handle("GET /", access.Rule{Public: true, Why: "the portal"}, ok)
	rt.Handle("GET /desk", access.Rule{SignedIn: true}, ok)
	rt.Handle("POST /desk/cases/{id}", access.Rule{Roles: []string{access.Operator, access.Dispatcher}}, ok)
	rt.Handle("GET /desk/audit", access.Rule{Roles: []string{access.Auditor}}, ok)
	rt.Handle("GET /desk/accounts", access.Rule{Roles: []string{access.Admin, access.Security}}, ok)
	// Written by hand: who gets in where.
	want := map[string]string{
		"GET /":                 "anonymous " + everybody(),
		"GET /desk":             everybody(),
		"POST /desk/cases/{id}": "operator dispatcher",
		"GET /desk/audit":       "auditor",
		"GET /desk/accounts":    "admin security",
	}
	srv := httptest.NewServer(w.Middleware(rt))
	defer srv.Close()
	tokens := map[string]string{"anonymous": ""}
	for _, r := range strings.Fields(everybody()) {
		a := w.create(access.NewAccount{Login: "m-" + r, Name: "某", Unit: street, Roles: []string{r}})
		w.write(func(tx *store.Tx) error {
			s, err := w.StartSession(tx, w.sys, a.ID, access.Bearer, "")
			tokens[r] = s.Token
			return err
		})
	}
	cells := 0
	for _, route := range rt.Table() {
		list, known := want[route.Pattern]
		if !known {
			t.Errorf("%s is not in the hand-written table", route.Pattern)
		}
		for role, token := range tokens {
			method, path, _ := strings.Cut(route.Pattern, " ")
			req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+strings.ReplaceAll(path, "{id}", "c1"), nil)
			if err != nil {
				t.Fatal(err)
			}
			if token != "" {
				req.Header.Set("Authorization", "Bearer "+token)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			code := http.StatusForbidden
			switch {
			case slices.Contains(strings.Fields(list), role):
				code = http.StatusOK
			case role == "anonymous":
				code = http.StatusUnauthorized
			}
			if res.StatusCode != code {
				t.Errorf("%s as %s: %d, want %d", route.Pattern, role, res.StatusCode, code)
			}
			cells++
		}
	}
	if cells != 5*len(tokens) {
		t.Errorf("%d cells", cells)
	}
	if got := rt.Public(); len(got) != 1 || got[0] != "GET /\tthe portal" {
		t.Errorf("%q", got)
	}
	denied := int64(0)
	for _, d := range w.Stats().Denials {
		denied += d.N
	}
	if denied != int64(5*len(tokens)-len(tokens)-(len(tokens)-1)-2-1-2) {
		t.Errorf("%d denials counted", denied)
	}
}

func everybody() string {
	var names []string
	for _, r := range access.Roles() {
		if !r.Pseudo {
			names = append(names, r.Name)
		}
	}
	return strings.Join(names, " ")
}

// site is a router behind its middleware, with an error page that shows the error.
func site(t *testing.T, log io.Writer) (*world, *access.Router, func(r *http.Request) *httptest.ResponseRecorder) {
	w := newWorld(t, storetest.Open(t, "sqlite", schemas), func(o *access.Options) {
		o.Log = slog.New(slog.NewTextHandler(log, nil))
		o.Error = func(w http.ResponseWriter, r *http.Request, err error) {
			code, retry := access.Status(err)
			access.SetRetryAfter(w.Header(), retry)
			w.WriteHeader(code)
			fmt.Fprint(w, "page for ", code)
		}
	})
	rt := w.Router()
	h := w.Middleware(rt)
	return w, rt, func(r *http.Request) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		return rec
	}
}

func TestAnonymousIsSentToSignIn(t *testing.T) {
	_, rt, do := site(t, io.Discard)
	rt.Handle("/desk/", access.Rule{SignedIn: true}, ok)
	rt.Handle("/{$}", access.Rule{SignedIn: true}, ok)
	html := []string{"Accept", "text/html,application/xhtml+xml;q=0.9"}
	for _, c := range []struct {
		method, target string
		headers        []string
		location       string // "" = 401
	}{
		{"GET", "/desk/cases?state=new&q=%E8%B7%AF", html, "/desk/sign-in?next=" + url.QueryEscape("/desk/cases?state=new&q=%E8%B7%AF")},
		{"HEAD", "/desk/", html, "/desk/sign-in?next=%2Fdesk%2F"},
		{"GET", "/", html, "/desk/sign-in"},
		{"GET", "/desk/", append(slices.Clone(html), "Sec-Fetch-Mode", "navigate"), "/desk/sign-in?next=%2Fdesk%2F"},
		{"GET", "/desk/", nil, ""},
		{"GET", "/desk/", []string{"Accept", "application/json"}, ""},
		{"GET", "/desk/", append(slices.Clone(html), "Sec-Fetch-Mode", "cors"), ""},
		{"GET", "/desk/", append(slices.Clone(html), "HX-Request", "true"), ""},
		{"GET", "/desk/", append(slices.Clone(html), "Authorization", "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAA"), ""},
		{"POST", "/desk/x", html, ""},
	} {
		rec := do(request(c.method, "http://127.0.0.1"+c.target, c.headers...))
		if c.location == "" {
			if rec.Code != http.StatusUnauthorized || rec.Header().Get("WWW-Authenticate") != "Bearer" || rec.Body.String() != "page for 401" {
				t.Errorf("%s %s %v: %d %v", c.method, c.target, c.headers, rec.Code, rec.Header())
			}
			continue
		}
		if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != c.location {
			t.Errorf("%s %s %v: %d %q", c.method, c.target, c.headers, rec.Code, rec.Header().Get("Location"))
		}
	}
}

func TestLocalPath(t *testing.T) {
	for s, want := range map[string]bool{
		"/": true, "/desk": true, "/desk?x=1&y=%2F%2Fevil": true, "/案件/1": true, "/a//b": true, "/a:b": true,
		"": false, "desk": false, "//evil.example": false, "/\\evil.example": false, "\\\\evil.example": false, "/a\\b": false, "https://evil.example/": false,
		"javascript:alert(1)": false, "/\t/evil.example": false, "/\n/evil": false, "\t/desk": false, " /desk": false, "/x\x7f": false, "///evil.example": false,
		"/" + strings.Repeat("x", 2000): false, "/%zz": false,
	} {
		if got, is := access.LocalPath(s); is != want || (is && got != s) {
			t.Errorf("%q: %v", s, is)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/desk", "//x", "/\\x", "/a?b#c", "/%2f/x", "/\x00/x", "/@x", "/:80"} {
		f.Add(s)
	}
	base, _ := url.Parse("https://12345.example.cn/desk/sign-in")
	f.Fuzz(func(t *testing.T, s string) {
		p, is := access.LocalPath(s)
		if !is {
			return
		}
		// A browser drops control characters and reads \ as /.
		clean := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(p)
		u, err := base.Parse(clean)
		if err != nil || u.Host != base.Host || u.Scheme != "https" {
			t.Errorf("%q leads to %v", s, u)
		}
	})
}

func TestErrorsBecomeAnswers(t *testing.T) {
	var log bytes.Buffer
	_, rt, do := site(t, &log)
	var err error
	rt.Handle("GET /e", access.Rule{Public: true, Why: "test"}, func(http.ResponseWriter, *http.Request) error { return err })
	for _, c := range []struct {
		err   error
		code  int
		retry string
	}{
		{store.ErrNotFound, 404, ""}, {flow.ErrUnknown, 404, ""}, {flow.ErrState, 409, ""}, {store.ErrConflict, 409, ""}, {flow.ErrForbidden, 403, ""},
		{form.Faults{{Field: "x", Code: "required"}}, 422, ""}, {access.ErrStale, 412, ""}, {access.ErrSignIn, 401, ""}, {access.ErrWrong, 401, ""},
		{access.ErrLocked{}, 403, ""}, {access.ErrMustChange, 403, ""}, {access.ErrCode, 403, ""}, {access.ErrPlain, 403, ""},
		{access.ErrTooMany{RetryAfter: 1500 * time.Millisecond}, 429, "2"}, {access.ErrBusy, 503, "2"}, {store.ErrBusy, 503, "2"}, {store.ErrDown, 503, "5"},
		{store.ErrFull, 507, "60"}, {&http.MaxBytesError{Limit: 1}, 413, ""}, {errors.New("a fault of ours"), 500, ""}, {context.Canceled, 500, ""},
	} {
		err = fmt.Errorf("web: case: %w", c.err)
		rec := do(request("GET", "/e"))
		if rec.Code != c.code || rec.Header().Get("Retry-After") != c.retry || rec.Body.String() != fmt.Sprint("page for ", c.code) {
			t.Errorf("%v: %d, retry %q", c.err, rec.Code, rec.Header().Get("Retry-After"))
		}
	}
	if n := strings.Count(log.String(), "request failed"); n != 5 || !strings.Contains(log.String(), "a fault of ours") || strings.Contains(log.String(), "canceled") {
		t.Errorf("%d faults in the log:\n%s", n, log.String())
	}
	if code, _ := access.Status(nil); code != 200 {
		t.Error(code)
	}
}

func TestBrokenHandlers(t *testing.T) {
	var log bytes.Buffer
	_, rt, do := site(t, &log)
	public := access.Rule{Public: true, Why: "test"}
	rt.Handle("GET /panic", public, func(http.ResponseWriter, *http.Request) error { panic("boom") })
	rt.Handle("GET /half", public, func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "half an ans")
		return errors.New("lost the rest")
	})
	rt.Handle("GET /stream", public, func(w http.ResponseWriter, _ *http.Request) error {
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		w.(http.Flusher).Flush()
		return nil
	})
	rt.Handle("GET /plain", public, access.Plain(http.NotFoundHandler()))
	rt.Handle("POST /only", public, ok)
	if rec := do(request("GET", "/panic")); rec.Code != 500 || rec.Body.String() != "page for 500" || !strings.Contains(log.String(), "boom") {
		t.Errorf("%d %q", rec.Code, rec.Body)
	}
	func() {
		defer func() {
			if recover() != http.ErrAbortHandler {
				t.Error("half an answer looks like a whole one")
			}
		}()
		do(request("GET", "/half"))
	}()
	if rec := do(request("GET", "/stream")); rec.Code != 200 || !rec.Flushed {
		t.Errorf("stream: %d", rec.Code)
	}
	if rec := do(request("GET", "/plain")); rec.Code != 404 {
		t.Errorf("plain: %d", rec.Code)
	}
	if rec := do(request("GET", "/nothing")); rec.Code != 404 || rec.Body.String() != "page for 404" {
		t.Errorf("unknown: %d %q", rec.Code, rec.Body)
	}
	if rec := do(request("GET", "/only")); rec.Code != 405 || rec.Header().Get("Allow") != "POST" || rec.Body.String() != "page for 405" || rec.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("method: %d %v", rec.Code, rec.Header())
	}
	if rec := do(request("GET", "http://127.0.0.1//evil.example/..")); rec.Code >= 300 && rec.Code < 400 && !strings.HasPrefix(rec.Header().Get("Location"), "/") {
		t.Errorf("cleaned to %q", rec.Header().Get("Location"))
	}
}

// TestPasswordMustBeChangedFirst: nothing else opens meanwhile.
func TestPasswordMustBeChangedFirst(t *testing.T) {
	w, rt, do := site(t, io.Discard)
	rt.Handle("GET /desk", access.Rule{SignedIn: true}, ok)
	rt.Handle("GET /desk/x", access.Rule{Roles: []string{access.Street}}, ok)
	rt.Handle("GET /desk/password", access.Rule{SignedIn: true, Unfinished: true}, ok)
	rt.Handle("GET /open", access.Rule{Public: true, Why: "test"}, ok)
	h, err := w.Hash(t.Context(), "li", good)
	if err != nil {
		t.Fatal(err)
	}
	w.create(access.NewAccount{Login: "li", Name: "李", Unit: street, Roles: []string{access.Street}, Password: h})
	s, p := w.signIn("li", access.Cookie)
	ask := func(path string, headers ...string) *httptest.ResponseRecorder {
		return do(request("GET", "http://127.0.0.1"+path, append(headers, "Cookie", "weixiao="+s.Token)...))
	}
	for _, path := range []string{"/desk", "/desk/x"} {
		if rec := ask(path, "Accept", "text/html"); rec.Code != 303 || rec.Header().Get("Location") != "/desk/password" {
			t.Errorf("%s: %d %q", path, rec.Code, rec.Header().Get("Location"))
		}
		if rec := ask(path); rec.Code != 403 {
			t.Errorf("%s, a program: %d", path, rec.Code)
		}
	}
	if a, b := ask("/desk/password").Code, ask("/open").Code; a != 200 || b != 200 {
		t.Errorf("%d %d", a, b)
	}
	if s, err = w.ChangePassword(t.Context(), p, good, "a phrase of her own", "", w.Now()); err != nil {
		t.Fatal(err)
	}
	if rec := ask("/desk/x"); rec.Code != 200 {
		t.Errorf("afterwards: %d", rec.Code)
	}
}

// TestDenialsAreLogged: each with its route, none with a person in it.
func TestDenialsAreLogged(t *testing.T) {
	var log bytes.Buffer
	w, rt, do := site(t, &log)
	rt.Handle("GET /desk/cases/{id}", access.Rule{Roles: []string{access.Supervisor}}, ok)
	rt.Handle("POST /desk/cases/{id}", access.Rule{Roles: []string{access.Supervisor}}, ok)
	a := w.person("13800138000", street, access.Street)
	s, _ := w.signIn("13800138000", access.Cookie)
	log.Reset()
	do(request("GET", "http://127.0.0.1/desk/cases/13900139000?name=张三"))
	do(request("GET", "http://127.0.0.1/desk/cases/13900139000", "Cookie", "weixiao="+s.Token))
	do(request("POST", "http://127.0.0.1/desk/cases/13900139000", "Cookie", "weixiao="+s.Token))
	do(request("script13900139000", "http://127.0.0.1/desk/cases/1", "Cookie", "weixiao="+s.Token, "Origin", "null"))
	out := log.String()
	for _, bad := range []string{"13800138000", "13900139000", "张三", s.Token, s.ID, "script"} {
		if strings.Contains(out, bad) {
			t.Errorf("the log holds %q:\n%s", bad, out)
		}
	}
	if n := strings.Count(out, "access: denied"); n != 4 || strings.Count(out, a.ID) != 3 {
		t.Errorf("%d lines:\n%s", n, out)
	}
	got := fmt.Sprint(w.Stats().Denials)
	if got != "[{{ cross-site} 2} {{GET /desk/cases/{id} not signed in} 1} {{GET /desk/cases/{id} role} 1}]" {
		t.Errorf("counted: %s", got)
	}
}

func TestWithoutMiddlewareEverybodyIsAnonymous(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite", schemas))
	rt := w.Router()
	rt.Handle("GET /desk", access.Rule{SignedIn: true}, ok)
	rec := httptest.NewRecorder()
	rt.ServeHTTP(rec, request("GET", "/desk"))
	if rec.Code != 401 {
		t.Errorf("%d", rec.Code)
	}
}
