package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/config"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web/uitest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { uitest.Main(m, storetest.Cleanup, removeProgram) }

type server struct {
	*app.App
	url string
	log *bytes.Buffer
}

// start opens a development district on an engine and serves it.
func start(t *testing.T, engine string) *server {
	t.Helper()
	cfg := config.Default()
	cfg.Set("database", storetest.Migrated(t, engine, app.Schemas()))
	cfg.Set("data", t.TempDir())
	cfg.Dev = true
	s := &server{log: &bytes.Buffer{}}
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.NewJSONHandler(lock(s.log), nil)), Store: store.Options{NoSync: true}})
	if err != nil {
		t.Fatal(err)
	}
	s.App = a
	if err := a.InitDev(t.Context()); err != nil {
		t.Fatal(err)
	}
	run, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); a.Follow(run) }()
	srv := httptest.NewServer(a.Handler())
	s.url = srv.URL
	t.Cleanup(func() {
		srv.Close()
		stop()
		<-done
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

type lockedWriter struct {
	ch chan struct{}
	w  io.Writer
}

func lock(w io.Writer) io.Writer { return &lockedWriter{make(chan struct{}, 1), w} }

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.ch <- struct{}{}
	defer func() { <-l.ch }()
	return l.w.Write(b)
}

// token signs a development account in.
func (s *server) token(t *testing.T, login string) string {
	t.Helper()
	x, _, err := s.Gate.SignIn(t.Context(), access.Attempt{Login: login, Password: app.DevPassword, Kind: access.Bearer})
	if err != nil {
		t.Fatal(err)
	}
	return x.Token
}

func (s *server) do(t *testing.T, method, path, token string, body any) (int, map[string]any) {
	t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, r)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	_ = json.Unmarshal(b, &out)
	return resp.StatusCode, out
}

func (s *server) must(t *testing.T, method, path, token string, body any) map[string]any {
	t.Helper()
	code, out := s.do(t, method, path, token, body)
	if code/100 != 2 {
		t.Fatalf("%s %s: %d %v", method, path, code, out)
	}
	return out
}

type m = map[string]any

// TestMainJob is the product's main job over HTTP: report, dispatch, sign, contact,
// whistle with three units, reply, call-back; then verify is clean and nothing of
// the person is in the log.
func TestMainJob(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s := start(t, engine)
			made := s.must(t, "POST", "/api/v1/reports", "", m{"description": "沿街饭店油烟扰民，夜里也在排。我叫赵钱孙，电话19900001234", "matter": "001",
				"place": m{"text": "江南社区二号路"}, "person": m{"name": "赵钱孙", "phone": "19900001234"}})
			number, _ := made["number"].(string)
			street, centre := s.token(t, "street"), s.token(t, "dispatcher")
			units := map[string]string{}
			for _, d := range s.DevAccounts() {
				units[d.Login] = d.Unit
			}
			act := func(token, action string, body m) m {
				return s.must(t, "POST", "/api/v1/cases/"+number+"/acts/"+action, token, body)
			}
			act(centre, "dispatch", m{"unit": units["street"]})
			act(street, "sign", m{})
			act(street, "contact", m{"how": "phone"})
			w := s.must(t, "POST", "/api/v1/whistles", street, m{"case": number, "kind": "problem", "units": []string{units["department"]}, "issue": "请住建局到场"})
			whistle, _ := w["number"].(string)
			blow := func(login, action string, body m) {
				s.must(t, "POST", "/api/v1/whistles/"+whistle+"/acts/"+action, s.token(t, login), body)
			}
			blow("streetlead", "approve", m{})
			blow("department", "acknowledge", m{})
			blow("department", "report_in", m{"who": "陈科长"})
			blow("street", "set_task", m{"unit": units["department"], "what": "现场核查", "by": time.Now().AddDate(0, 0, 3).Format("2006-01-02")})
			blow("street", "plan", m{"plan": "联合整治"})
			blow("department", "task_done", m{"result": "已核查整改"})
			blow("street", "confirm_task", m{"unit": units["department"]})
			blow("street", "rate_unit", m{"unit": units["department"], "score": "5"})
			blow("street", "close", m{})
			act(street, "reply", m{"result": "solved", "reply": "已整改，请您监督。"})
			act(s.token(t, "callback"), "call_back", m{"reached": true, "contacted": true, "solved": "solved", "satisfied": "satisfied"})
			if err := s.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := s.Verify(t.Context(), &out); err != nil {
				t.Errorf("verify: %v\n%s", err, out.String())
			}
			if log := s.log.String(); strings.Contains(log, "19900001234") || strings.Contains(log, "赵钱孙") {
				t.Errorf("the log names a person: %s", log)
			}
		})
	}
}

// TestPublicRoutes keeps the list of routes that anybody may ask in a file that
// people review.
func TestPublicRoutes(t *testing.T) {
	s := start(t, "sqlite")
	var b strings.Builder
	for _, r := range s.Routes() {
		if r.Rule.Public {
			b.WriteString(r.Pattern + "\t" + r.Rule.Why + "\n")
		}
	}
	golden(t, "public_routes.txt", b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	f := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(f)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs: review the change, then run the test with -update\ngot:\n%s", f, got)
	}
}

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// TestEveryRouteAsEveryRole asks every route as every role and as nobody. What
// the rule refuses must be refused before anything happens; what it lets through
// must not answer 401 or 403 for lack of a role.
func TestEveryRouteAsEveryRole(t *testing.T) {
	s := start(t, "sqlite")
	tokens := map[string]string{"": ""}
	roles := map[string]string{"": ""}
	for _, d := range s.DevAccounts() {
		tokens[d.Login], roles[d.Login] = s.token(t, d.Login), d.Role
	}
	for _, route := range s.Routes() {
		method, path, ok := strings.Cut(route.Pattern, " ")
		if !ok {
			method, path = http.MethodGet, route.Pattern
		}
		if strings.Contains(path, "/live") || route.Rule.Public || strings.Contains(path, "sign-out") || route.Pattern == "DELETE /api/v1/session" {
			continue
		}
		path = wildcard.ReplaceAllString(strings.TrimSuffix(path, "{$}"), "x")
		for login, token := range tokens {
			role := roles[login]
			allowed := login != "" && (route.Rule.SignedIn || slices.Contains(route.Rule.Roles, role))
			var body any
			if method != http.MethodGet {
				body = m{}
			}
			code, _ := s.do(t, method, path, token, body)
			refused := code == http.StatusUnauthorized || (code == http.StatusForbidden && !allowed) || (code == http.StatusSeeOther && login == "")
			if allowed && code == http.StatusUnauthorized {
				t.Errorf("%s as %s: %d, the rule lets it through", route.Pattern, login, code)
			}
			if !allowed && !refused {
				t.Errorf("%s as %q: %d, the rule refuses it", route.Pattern, login, code)
			}
			if code >= 500 {
				t.Errorf("%s as %q: %d", route.Pattern, login, code)
			}
		}
	}
}

// TestFirmOfADevelopmentDistrict: the account of a firm finds its home, also after a second start.
func TestFirmOfADevelopmentDistrict(t *testing.T) {
	s := start(t, "sqlite")
	for range 2 {
		if err := s.RegisterDev(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if code, _ := s.do(t, http.MethodGet, "/business", s.token(t, "firm"), nil); code != http.StatusOK {
		t.Errorf("the home of the firm answers %d", code)
	}
}

// TestFirstPassword takes a new database's one-time code through the page.
func TestFirstPassword(t *testing.T) {
	cfg := config.Default()
	cfg.Set("database", storetest.DSN(t, "sqlite"))
	cfg.Set("data", t.TempDir())
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Store: store.Options{NoSync: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	codes, err := a.InitFirst(t.Context())
	if err != nil || len(codes) != 2 {
		t.Fatalf("%v %v", codes, err)
	}
	if _, err := a.InitFirst(t.Context()); !errors.Is(err, app.ErrUsed) {
		t.Errorf("init twice: %v", err)
	}
	srv := httptest.NewServer(a.Handler())
	defer srv.Close()
	post := func(login, code, password, again string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/desk/first",
			strings.NewReader(url.Values{"login": {login}, "code": {code}, "password": {password}, "again": {again}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", srv.URL)
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(b)
	}
	const pw = "松花江畔的冬天很长 42"
	for _, bad := range []struct{ login, code, pw, again string }{
		{"admin", "AAAAA-AAAAA-AAAAA-AAAAA", pw, pw}, {"admin", codes["security"], pw, pw}, {"nobody", codes["admin"], pw, pw},
		{"admin", codes["admin"], "short", "short"}, {"admin", codes["admin"], pw, pw + "x"}, {"", codes["admin"], pw, pw},
	} {
		if code, body := post(bad.login, bad.code, bad.pw, bad.again); code != http.StatusUnprocessableEntity || strings.Contains(body, pw) {
			t.Errorf("%+v: %d", bad, code)
		}
	}
	if code, body := post("admin", codes["admin"], pw, pw); code != http.StatusSeeOther {
		t.Fatalf("the right code: %d %s", code, body)
	}
	if code, _ := post("admin", codes["admin"], pw, pw); code != http.StatusUnprocessableEntity {
		t.Errorf("the code works twice: %d", code)
	}
	if _, _, err := a.Gate.SignIn(t.Context(), access.Attempt{Login: "admin", Password: pw, Kind: access.Bearer}); err != nil {
		t.Errorf("sign in with the new password: %v", err)
	}
}
