package desk

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"weixiao/internal/access"
	"weixiao/internal/api/exchange"
	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory/layers"
	"weixiao/internal/files"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/insight"
	"weixiao/internal/insight/forecast"
	"weixiao/internal/journal"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
	"weixiao/internal/web"
	"weixiao/internal/web/assets"
	"weixiao/internal/web/uitest"
)

func TestMain(m *testing.M) { uitest.Main(m, storetest.Cleanup) }

// env is a district with its staff's pages.
type env struct {
	*casestest.Env
	t       *testing.T
	desk    *Desk
	gate    *access.Gate
	site    *web.Site
	handler http.Handler
	log     *strings.Builder
}

const testPassword = "kirsch-tannen-brot"

// hashed is the hash of testPassword: computing one takes long.
var hashed struct {
	sync.Mutex
	h access.Hash
}

func newEnv(t *testing.T, db *store.DB) *env {
	t.Helper()
	e := &env{Env: casestest.New(t, db), t: t, log: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(&locked{w: e.log}, nil))
	store, err := files.Open(filepath.Join(t.TempDir(), "files"), files.Limits{}, e.Clock())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	e.site = &web.Site{DB: db, Cases: e.Cases, Workdays: web.NewWorkdays(db, e.Cases, e.Pack, e.Vault, e.Clock), Visits: web.NewVisits(db, e.Cases, e.Pack, e.Vault, e.Posts, func() *access.Gate { return e.Gate }, e.Clock), Places: e.Places, Assets: e.Assets, Posts: e.Posts, Firms: e.Firms, Pack: e.Pack, Vault: e.Vault, Files: store, Live: journal.NewLive(db, e.Pack.District, log), Clock: e.Clock, Log: log, Phone: e.Pack.Hotline,
		Assess: assess.New(db, e.Cases, e.Pack, e.Clock), Sanitation: sanitation.New(db, sanitation.From(e.Pack, e.Clock, log)), Villages: villages.New(db, villages.From(e.Pack, e.Clock)), Layers: layers.New(db, e.Pack.District, e.Pack.Version, e.Pack.Atlas(), e.Pack.Directory, e.Clock)}
	e.site.Forecast = forecast.New(db, e.Pack.District)
	e.site.Imports = exchange.Files(e.Cases, e.Assets, e.Pack, e.site.Sanitation)
	e.gate, err = access.New(db, access.Options{District: e.Pack.District, Clock: e.Clock, Log: log, Path: func(unit string) []string {
		var out []string
		for _, u := range e.Pack.Directory.Path(unit) {
			out = append(out, u.ID)
		}
		return out
	}, Pack: func() string { return e.Pack.Version }, Error: e.site.Error})
	if err != nil {
		t.Fatal(err)
	}
	e.site.Gate, e.Gate = e.gate, e.gate
	e.site.Guard = formalism.New(db, formalism.Options{District: e.Pack.District, Pack: e.Pack.Version, Directory: e.Pack.Directory, Routines: e.Pack.Routines, Clock: e.Clock,
		Input: formalism.Input{Tables: []*flow.Table{&cases.Table, &cases.WhistleTable, &rounds.Table, &rounds.TurnTable, &formalism.Table}, Pack: e.Pack, Evidence: Evidence(), Asking: Asking(), Exports: Exports()}})
	e.site.Rounds = e.outdoors(db)
	if err := e.Vault.Bind(context.Background(), db, e.Pack.District); err != nil {
		t.Fatal(err)
	}
	e.desk = New(e.site)
	rt := e.gate.Router()
	rt.Handle("GET /assets/", access.Rule{Public: true, Why: "styles and scripts"}, access.Plain(assets.Handler()))
	e.desk.Register(rt)
	e.handler = e.gate.Middleware(web.Remember(rt))
	return e
}

// locked lets goroutines write to one log.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// each runs fn with a fresh district on every engine.
func each(t *testing.T, fn func(t *testing.T, e *env)) {
	t.Helper()
	storetest.Each(t, schemas(), func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
}

// one runs fn on the embedded engine only, for what does not touch SQL.
func one(t *testing.T) *env {
	t.Helper()
	return newEnv(t, storetest.Open(t, "sqlite", schemas()))
}

func (e *env) write(fn func(tx *store.Tx) error) {
	e.t.Helper()
	if err := e.DB.Write(context.Background(), fn); err != nil {
		e.t.Fatal(err)
	}
}

func (e *env) system() access.Scope { return access.SystemScope(e.Pack.District, "accounts for tests") }

// password is the hash every test account has.
func (e *env) password() access.Hash {
	hashed.Lock()
	defer hashed.Unlock()
	if hashed.h == "" {
		h, err := e.gate.Hash(context.Background(), "", testPassword)
		if err != nil {
			e.t.Fatal(err)
		}
		hashed.h = h
	}
	return hashed.h
}

// staff is somebody who is signed in.
type staff struct {
	e      *env
	id     string
	login  string
	unit   string
	roles  []string
	cookie string
	lang   string
}

// hire makes an account and signs it in. "" is the hotline centre.
func (e *env) hire(unit, name string, roles ...string) *staff {
	e.t.Helper()
	if unit == "" {
		unit = e.Cases.District().Centre
	}
	s := &staff{e: e, unit: unit, roles: roles, lang: "zh-CN"}
	var a access.Account
	var session access.Session
	login := fmt.Sprintf("%s-%s-%d", roles[0], strings.ToLower(unit), e.count())
	hash := e.password()
	e.write(func(tx *store.Tx) (err error) {
		if a, err = e.gate.Create(tx, e.system(), access.NewAccount{Login: login, Name: name, Unit: unit, Roles: roles, Password: hash, Lasting: true}, e.Clock()); err != nil {
			return err
		}
		session, err = e.gate.StartSession(tx, e.system(), a.ID, access.Cookie, "Chrome Linux")
		return err
	})
	s.id, s.login, s.cookie = a.ID, login, session.Token
	return s
}

func (e *env) count() int {
	n, err := store.Get(context.Background(), e.DB, func(tx *store.Tx) (int64, error) {
		var n int64
		err := tx.Row(`SELECT count(*) FROM accounts WHERE district = $1`, []any{e.Pack.District}, &n)
		return n, err
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return int(n)
}

// scope is what the account reaches.
func (s *staff) scope() access.Scope {
	var path []string
	for _, u := range s.e.Pack.Directory.Path(s.unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: s.e.Pack.District, Account: s.id, Unit: s.unit, Path: path, Roles: s.roles, Kind: access.Cookie})
}

// answer is what came back.
type answer struct {
	t      *testing.T
	Code   int
	Body   string
	Header http.Header
	doc    *html.Node
}

func (s *staff) do(r *http.Request) *answer {
	s.e.t.Helper()
	if s.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "weixiao", Value: s.cookie})
	}
	r.AddCookie(&http.Cookie{Name: "lang", Value: s.lang})
	r.Host = "127.0.0.1"
	w := httptest.NewRecorder()
	s.e.handler.ServeHTTP(w, r)
	return &answer{t: s.e.t, Code: w.Code, Body: w.Body.String(), Header: w.Header()}
}

func (s *staff) get(path string) *answer {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept", "text/html")
	return s.do(r)
}

// page is get of a page that must be there.
func (s *staff) page(path string) *answer {
	s.e.t.Helper()
	a := s.get(path)
	if a.Code != http.StatusOK {
		s.e.t.Fatalf("GET %s as %v: %d\n%s", path, s.roles, a.Code, a.text())
	}
	return a
}

func (s *staff) post(path string, v url.Values) *answer {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html")
	return s.do(r)
}

// see is post that must lead to another page, and that page.
func (s *staff) see(path string, v url.Values) *answer {
	s.e.t.Helper()
	a := s.post(path, v)
	if a.Code != http.StatusSeeOther {
		s.e.t.Fatalf("POST %s as %v: %d\n%s", path, s.roles, a.Code, a.text())
	}
	return s.page(a.Header.Get("Location"))
}

func (a *answer) root() *html.Node {
	if a.doc == nil {
		doc, err := html.Parse(strings.NewReader(a.Body))
		if err != nil {
			a.t.Fatal(err)
		}
		a.doc = doc
	}
	return a.doc
}

func attr(n *html.Node, name string) string {
	for _, x := range n.Attr {
		if x.Key == name {
			return x.Val
		}
	}
	return ""
}

// all are the elements for which test holds.
func (a *answer) all(test func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	for n := range a.root().Descendants() {
		if n.Type == html.ElementNode && test(n) {
			out = append(out, n)
		}
	}
	return out
}

// text is what a person reads on the page.
func (a *answer) text() string {
	var b strings.Builder
	for n := range a.root().Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			b.WriteString(strings.TrimSpace(n.Data) + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// actions are the actions of the flow table the page offers, sorted.
func (a *answer) actions() []string {
	var out []string
	for _, n := range a.all(func(n *html.Node) bool { return attr(n, "data-action") != "" }) {
		out = append(out, attr(n, "data-action"))
	}
	slices.Sort(out)
	return out
}

// form is the form that posts to a path, with the values it already has.
func (a *answer) form(action string) url.Values {
	a.t.Helper()
	forms := a.all(func(n *html.Node) bool {
		return n.Data == "form" && strings.EqualFold(attr(n, "method"), "post") && strings.SplitN(attr(n, "action"), "?", 2)[0] == action
	})
	if len(forms) == 0 {
		a.t.Fatalf("no form posts to %s:\n%s", action, a.text())
	}
	v := url.Values{}
	for n := range forms[0].Descendants() {
		if n.Type != html.ElementNode || attr(n, "name") == "" {
			continue
		}
		name := attr(n, "name")
		_, checked := has(n, "checked")
		switch {
		case n.Data == "input" && (attr(n, "type") == "radio" || attr(n, "type") == "checkbox"):
			if checked {
				v.Add(name, attr(n, "value"))
			}
		case n.Data == "input" && attr(n, "type") != "file":
			v.Add(name, attr(n, "value"))
		case n.Data == "textarea":
			text := ""
			if n.FirstChild != nil {
				text = n.FirstChild.Data
			}
			v.Add(name, text)
		case n.Data == "select":
			for o := range n.Descendants() {
				if _, on := has(o, "selected"); on {
					v.Add(name, attr(o, "value"))
				}
			}
		}
	}
	return v
}

func has(n *html.Node, name string) (string, bool) {
	for _, x := range n.Attr {
		if x.Key == name {
			return x.Val, true
		}
	}
	return "", false
}

func (a *answer) contains(t *testing.T, words ...string) {
	t.Helper()
	text := a.text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q:\n%s", w, text)
		}
	}
}

func (a *answer) lacks(t *testing.T, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(a.Body, w) {
			t.Errorf("the page says %q", w)
		}
	}
}

// said is a request of a resident with a name and a telephone number.
func (e *env) said(body string, change func(*cases.Report)) string {
	e.t.Helper()
	r := cases.Report{Channel: "portal", Body: body, Matter: "001", Place: cases.Place{Street: casestest.Street},
		Person: vault.Person{Name: "王丽娟", Phone: "13804391234", Address: "孙家堡子街道锦绣花园3号楼2单元501"}}
	if change != nil {
		change(&r)
	}
	rec, err := e.Cases.Report(context.Background(), e.Public(), r)
	if err != nil {
		e.t.Fatal(err)
	}
	return rec.Number
}

// act does something to a case without a page.
func (e *env) act(sc access.Scope, number, action string, raw form.Raw) {
	e.t.Helper()
	if raw == nil {
		raw = form.Raw{}
	}
	if _, err := e.Cases.Act(context.Background(), sc, number, action, cases.Input{Raw: raw}); err != nil {
		e.t.Fatalf("%s %s: %v", number, action, err)
	}
}

// sent is a request that was dispatched to a unit.
func (e *env) sent(unit, body string) string {
	e.t.Helper()
	n := e.said(body, nil)
	e.act(e.Scope("", access.Dispatcher), n, "dispatch", form.Raw{"unit": {unit}})
	return n
}

// reopen loads the case as the system sees it.
func (e *env) load(number string) *cases.Case {
	e.t.Helper()
	k, err := e.Cases.Get(context.Background(), e.Scope("", access.Dispatcher), number)
	if err != nil {
		e.t.Fatal(err)
	}
	return k
}

type htmlNode = html.Node

func schemas() []store.Schema {
	return append(casestest.Schemas(), files.Schema, rounds.Schema, workdays.Schema, visits.Schema, formalism.Schema, assess.Schema, insight.Schema, forecast.Schema, sanitation.Schema, villages.Schema)
}

// packed is the size of a page on the wire.
func packed(t *testing.T, body string) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
