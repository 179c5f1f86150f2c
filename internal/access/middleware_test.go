package access_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/store/storetest"
)

// ask sends a request through Middleware to a handler that says who asks.
func (w *world) ask(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	w.Middleware(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Who", access.From(r.Context()).Login)
		rw.Header().Set("Client", access.Client(r.Context()))
	})).ServeHTTP(rec, r)
	return rec
}

func request(method, target string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.TLS = nil // httptest sets it for https targets
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func TestHeaders(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite", schemas), func(o *access.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	want := map[string]string{
		"Content-Security-Policy":      access.CSP,
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cache-Control":                "no-store",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
	}
	secure := request("GET", "/")
	secure.TLS = &tls.ConnectionState{}
	proxied := request("GET", "/", "X-Forwarded-Proto", "https")
	proxied.RemoteAddr = "10.0.0.1:1"
	liar := request("GET", "/", "X-Forwarded-Proto", "https")
	for name, c := range map[string]struct {
		r    *http.Request
		hsts bool
	}{
		"plain": {request("GET", "/"), false}, "refused": {request("POST", "/", "Sec-Fetch-Site", "cross-site"), false},
		"TLS": {secure, true}, "TLS at our proxy": {proxied, true}, "TLS claimed by the client": {liar, false},
	} {
		h := w.ask(c.r).Header()
		for k, v := range want {
			if h.Get(k) != v {
				t.Errorf("%s: %s: %q", name, k, h.Get(k))
			}
		}
		if got := h.Get("Strict-Transport-Security") != ""; got != c.hsts {
			t.Errorf("%s: HSTS %v", name, got)
		}
		if !strings.Contains(h.Get("Permissions-Policy"), "geolocation=(self)") || !strings.Contains(h.Get("Permissions-Policy"), "payment=()") || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", name, h)
		}
	}
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(access.CSP, part) {
			t.Errorf("the policy lacks %s", part)
		}
	}
	for _, bad := range []string{"unsafe-eval", "script-src 'unsafe", "script-src 'self' ", "*", "http:"} {
		if strings.Contains(access.CSP, bad) {
			t.Errorf("the policy has %s", bad)
		}
	}
}

// TestCrossSite is the whole matrix: who asks, how, and what the browser says
// about where the request comes from.
func TestCrossSite(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite", schemas))
	w.person("li", street, access.Street)
	c, _ := w.signIn("li", access.Cookie)
	b, _ := w.signIn("li", access.Bearer)
	carriers := map[string][]string{
		"anonymous": nil, "cookie": {"Cookie", "weixiao=" + c.Token}, "bearer": {"Authorization", "Bearer " + b.Token},
		"bearer and cookie": {"Authorization", "bearer " + b.Token, "Cookie", "weixiao=" + c.Token},
		"bad bearer":        {"Authorization", "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAA"},
		"bad cookie":        {"Cookie", "weixiao=AAAAAAAAAAAAAAAAAAAAAAAAAA"},
	}
	type origin struct {
		headers []string
		// verdict for an unsafe request: "ok", "no" (forged), "cookie" (refused only with a session cookie)
		verdict string
	}
	const host = "12345.example.cn"
	origins := []origin{
		{nil, "cookie"},
		{[]string{"Sec-Fetch-Site", "same-origin"}, "ok"},
		{[]string{"Sec-Fetch-Site", "none"}, "ok"},
		{[]string{"Sec-Fetch-Site", "same-site"}, "no"},
		{[]string{"Sec-Fetch-Site", "cross-site"}, "no"},
		{[]string{"Sec-Fetch-Site", "nonsense"}, "no"},
		{[]string{"Sec-Fetch-Site", "same-origin", "Origin", "https://evil.example"}, "ok"}, // a page cannot set the first
		{[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://" + host}, "no"},
		{[]string{"Origin", "https://" + host}, "ok"},
		{[]string{"Origin", "https://" + host + ":444"}, "no"},
		{[]string{"Origin", "https://" + host + ".evil.example"}, "no"},
		{[]string{"Origin", "https://evil.example"}, "no"},
		{[]string{"Origin", "null"}, "no"},
		{[]string{"Referer", "https://" + host + "/desk"}, "cookie"}, // a referrer proves nothing
	}
	for who, carrier := range carriers {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"} {
			for _, o := range origins {
				safe := method == "GET" || method == "HEAD" || method == "OPTIONS"
				ok := safe || strings.HasPrefix(who, "bearer") || o.verdict == "ok" || (o.verdict == "cookie" && who != "cookie")
				r := request(method, "http://"+host+"/desk/x", append(append([]string{}, carrier...), o.headers...)...)
				rec := w.ask(r)
				if got := rec.Code == http.StatusOK; got != ok {
					t.Errorf("%s %s %v: %d", who, method, o.headers, rec.Code)
				}
				if !ok && (rec.Code != http.StatusForbidden || (method != "HEAD" && !strings.Contains(rec.Body.String(), "open the page again"))) {
					t.Errorf("%s %s %v: %d %q", who, method, o.headers, rec.Code, rec.Body)
				}
				if known := who == "cookie" || strings.HasPrefix(who, "bearer"); ok && known != (rec.Header().Get("Who") == "li") {
					t.Errorf("%s %s: asks %q", who, method, rec.Header().Get("Who"))
				}
			}
		}
	}
}

// TestIdentityHeadersAreNotBelieved: no header but the two names anybody.
func TestIdentityHeadersAreNotBelieved(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite", schemas))
	w.person("li", street, access.Admin)
	c, _ := w.signIn("li", access.Cookie)
	for _, h := range [][]string{
		{"X-Remote-User", "li"}, {"Remote-User", "li"}, {"X-Forwarded-User", "li"}, {"X-Auth-Request-User", "li"}, {"X-WEBAUTH-USER", "li"},
		{"Authorization", "Basic bGk6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5"}, {"Authorization", c.Token}, {"Authorization", "Bearer " + c.Token},
		{"X-Session", c.Token}, {"Cookie", "session=" + c.Token}, {"Cookie", "__Host-weixiao=" + c.Token},
		{"Cookie", "weixiao=" + c.Token + "; weixiao=AAAAAAAAAAAAAAAAAAAAAAAAAA"},
		{"Cookie", "weixiao=" + c.Token, "Authorization", "Basic eDp5"},
	} {
		if who := w.ask(request("GET", "http://127.0.0.1/?token="+c.Token, h...)).Header().Get("Who"); who != "" {
			t.Errorf("%v: %s", h, who)
		}
	}
	if who := w.ask(request("GET", "http://127.0.0.1/", "Cookie", "weixiao="+c.Token)).Header().Get("Who"); who != "li" {
		t.Errorf("the real one: %q", who)
	}
}

func TestCookie(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite", schemas), func(o *access.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	w.person("li", street, access.Street)
	s, _ := w.signIn("li", access.Cookie)
	bearer, _ := w.signIn("li", access.Bearer)
	set := func(r *http.Request) (*http.Cookie, error) {
		rec := httptest.NewRecorder()
		err := w.SetCookie(rec, r, s)
		if cs := rec.Result().Cookies(); len(cs) > 0 {
			return cs[0], err
		}
		return nil, err
	}
	secure := request("POST", "http://a.example/")
	secure.TLS = &tls.ConnectionState{}
	proxied := request("POST", "http://a.example/", "X-Forwarded-Proto", "https")
	proxied.RemoteAddr = "10.0.0.1:1"
	for name, c := range map[string]struct {
		r            *http.Request
		cookie       string
		refused, tls bool
	}{
		"TLS":                       {secure, "__Host-weixiao", false, true},
		"TLS at our proxy":          {proxied, "__Host-weixiao", false, true},
		"loopback":                  {request("POST", "http://127.0.0.1:8080/"), "weixiao", false, false},
		"localhost":                 {request("POST", "http://localhost:8080/"), "weixiao", false, false},
		"plain":                     {request("POST", "http://a.example/"), "", true, false},
		"TLS claimed by the client": {request("POST", "http://a.example/", "X-Forwarded-Proto", "https"), "", true, false},
	} {
		got, err := set(c.r)
		if c.refused {
			if !errors.Is(err, access.ErrPlain) || got != nil {
				t.Errorf("%s: %v, %v", name, got, err)
			}
			continue
		}
		if err != nil || got.Name != c.cookie || got.Value != s.Token || !got.HttpOnly || got.SameSite != http.SameSiteLaxMode || got.Secure != c.tls || got.Path != "/" || got.Domain != "" || got.MaxAge != 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		// What was set opens, and the token of one way does not open the other.
		c.r.Method = "GET"
		c.r.Header.Set("Cookie", got.Name+"="+got.Value)
		if w.OldToken(c.r) != s.Token || w.ask(c.r).Header().Get("Who") != "li" {
			t.Errorf("%s: it does not open", name)
		}
		rec := httptest.NewRecorder()
		w.ClearCookie(rec, c.r)
		if cleared := rec.Result().Cookies()[0]; cleared.Name != got.Name || cleared.MaxAge != -1 || cleared.Value != "" {
			t.Errorf("%s: cleared by %+v", name, cleared)
		}
	}
	if err := w.SetCookie(httptest.NewRecorder(), secure, bearer); err == nil {
		t.Error("a bearer token as a cookie")
	}
	open := newWorld(t, w.db, func(o *access.Options) { o.AllowPlain = true })
	if err := open.CanSignIn(request("POST", "http://a.example/")); err != nil {
		t.Error(err)
	}
}

func TestDatabaseDownIsNotAnonymous(t *testing.T) {
	db := storetest.Open(t, "postgres", schemas)
	w := newWorld(t, db)
	w.person("li", street, access.Street)
	s, _ := w.signIn("li", access.Cookie)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	w.Add(access.IdleTime / 2) // past the cache
	if rec := w.ask(request("GET", "http://127.0.0.1/", "Cookie", "weixiao="+s.Token)); rec.Code < 500 {
		t.Errorf("%d", rec.Code)
	}
}
