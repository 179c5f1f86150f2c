// Package webtest is a district with pages for tests: accounts that are signed in, requests as a browser sends them, and
// what a person would read in the answer.
package webtest

import (
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
	"weixiao/internal/cases/casestest"
	"weixiao/internal/files"
	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web"
	"weixiao/internal/web/assets"
	"weixiao/internal/web/uitest"
	"weixiao/internal/worktime"
)

// Env is a district with pages.
type Env struct {
	*casestest.Env
	T       *testing.T
	Gate    *access.Gate
	Site    *web.Site
	Records *record.Engine
	Handler http.Handler
	Log     *strings.Builder
	routes  *access.Router
}

// Schemas are the tables that every Env needs; a subject adds its own.
func Schemas(more ...store.Schema) []store.Schema {
	out := append(casestest.Schemas(), files.Schema, record.Schema)
	for _, s := range append([]store.Schema{notify.Schema}, more...) {
		if !slices.ContainsFunc(out, func(x store.Schema) bool { return x.Name == s.Name }) {
			out = append(out, s)
		}
	}
	return out
}

// Each runs fn with a fresh district on every engine; register adds the routes under test.
func Each(t *testing.T, schemas []store.Schema, register func(e *Env, rt *access.Router), fn func(t *testing.T, e *Env)) {
	t.Helper()
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { fn(t, New(t, db, register)) })
}

// One is a fresh district on the embedded engine, for what does not touch SQL.
func One(t *testing.T, schemas []store.Schema, register func(e *Env, rt *access.Router)) *Env {
	t.Helper()
	return New(t, storetest.Open(t, "sqlite", schemas), register)
}

const password = "kirsch-tannen-brot"

// hashed is the hash of the password of all accounts: computing one takes long.
var hashed struct {
	sync.Mutex
	h access.Hash
}

// New makes a district on a database.
func New(t *testing.T, db *store.DB, register func(e *Env, rt *access.Router)) *Env {
	t.Helper()
	e := &Env{Env: casestest.New(t, db), T: t, Log: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(&locked{w: e.Log}, nil))
	disk, err := files.Open(filepath.Join(t.TempDir(), "files"), files.Limits{}, e.Clock())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = disk.Close() })
	e.Records = record.New(db, record.Options{District: e.Pack.District, Prefix: e.Pack.Prefix, Pack: e.Pack.Version, Clock: e.Clock,
		Calendar: func(tx *store.Tx, unit string) (*worktime.Calendar, error) {
			set, err := e.Cases.Calendars(tx)
			if err != nil {
				return nil, err
			}
			return set.Of(unit), nil
		}})
	e.Site = &web.Site{DB: db, Cases: e.Cases, Places: e.Places, Assets: e.Assets, Posts: e.Posts, Firms: e.Firms, Pack: e.Pack, Vault: e.Vault, Files: disk,
		Live: journal.NewLive(db, e.Pack.District, log), Clock: e.Clock, Log: log, Phone: e.Pack.Hotline}
	e.Gate, err = access.New(db, access.Options{District: e.Pack.District, Clock: e.Clock, Log: log, Path: func(unit string) []string {
		var out []string
		for _, u := range e.Pack.Directory.Path(unit) {
			out = append(out, u.ID)
		}
		return out
	}, Pack: func() string { return e.Pack.Version }, Error: func(w http.ResponseWriter, r *http.Request, err error) { e.Site.Error(w, r, err) }})
	if err != nil {
		t.Fatal(err)
	}
	e.Site.Gate, e.Env.Gate = e.Gate, e.Gate
	if err := e.Vault.Bind(context.Background(), db, e.Pack.District); err != nil {
		t.Fatal(err)
	}
	e.routes = e.Gate.Router()
	e.routes.Handle("GET /assets/", access.Rule{Public: true, Why: "styles and scripts"}, access.Plain(assets.Handler()))
	register(e, e.routes)
	e.Handler = e.Gate.Middleware(web.Remember(e.routes))
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

// Write runs a transaction.
func (e *Env) Write(fn func(tx *store.Tx) error) {
	e.T.Helper()
	if err := e.DB.Write(context.Background(), fn); err != nil {
		e.T.Fatal(err)
	}
}

// System is the scope of the program itself.
func (e *Env) System() access.Scope { return access.SystemScope(e.Pack.District, "accounts for tests") }

// password is the hash every test account has.
func (e *Env) password() access.Hash {
	hashed.Lock()
	defer hashed.Unlock()
	if hashed.h == "" {
		h, err := e.Gate.Hash(context.Background(), "", password)
		if err != nil {
			e.T.Fatal(err)
		}
		hashed.h = h
	}
	return hashed.h
}

// Staff is somebody who is signed in.
type Staff struct {
	e      *Env
	ID     string
	Login  string
	Unit   string
	Roles  []string
	cookie string
	lang   string
}

// Hire makes an account and signs it in. "" is the hotline centre.
func (e *Env) Hire(unit, name string, roles ...string) *Staff {
	e.T.Helper()
	if unit == "" {
		unit = e.Cases.District().Centre
	}
	s := &Staff{e: e, Unit: unit, Roles: roles, lang: "zh-CN"}
	var a access.Account
	var session access.Session
	login := fmt.Sprintf("%s-%s-%d", roles[0], strings.ToLower(unit), e.count())
	hash := e.password()
	e.Write(func(tx *store.Tx) (err error) {
		if a, err = e.Gate.Create(tx, e.System(), access.NewAccount{Login: login, Name: name, Unit: unit, Roles: roles, Password: hash, Lasting: true}, e.Clock()); err != nil {
			return err
		}
		session, err = e.Gate.StartSession(tx, e.System(), a.ID, access.Cookie, "Chrome Linux")
		return err
	})
	s.ID, s.Login, s.cookie = a.ID, login, session.Token
	return s
}

func (e *Env) count() int {
	n, err := store.Get(context.Background(), e.DB, func(tx *store.Tx) (int64, error) {
		var n int64
		err := tx.Row(`SELECT count(*) FROM accounts WHERE district = $1`, []any{e.Pack.District}, &n)
		return n, err
	})
	if err != nil {
		e.T.Fatal(err)
	}
	return int(n)
}

// Scope is what the account reaches.
func (s *Staff) Scope() access.Scope {
	var path []string
	for _, u := range s.e.Pack.Directory.Path(s.Unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: s.e.Pack.District, Account: s.ID, Unit: s.Unit, Path: path, Roles: s.Roles, Kind: access.Cookie})
}

// Answer is what came back.
type Answer struct {
	t      *testing.T
	Code   int
	Body   string
	Header http.Header
	doc    *html.Node
}

// Do sends a request.
func (s *Staff) Do(r *http.Request) *Answer {
	s.e.T.Helper()
	if s.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "weixiao", Value: s.cookie})
	}
	r.AddCookie(&http.Cookie{Name: "lang", Value: s.lang})
	r.Host = "127.0.0.1"
	w := httptest.NewRecorder()
	s.e.Handler.ServeHTTP(w, r)
	return &Answer{t: s.e.T, Code: w.Code, Body: w.Body.String(), Header: w.Header()}
}

// Get asks for a page.
func (s *Staff) Get(path string) *Answer {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept", "text/html")
	return s.Do(r)
}

// Page is get of a page that must be there.
func (s *Staff) Page(path string) *Answer {
	s.e.T.Helper()
	a := s.Get(path)
	if a.Code != http.StatusOK {
		s.e.T.Fatalf("GET %s as %v: %d\n%s\n%s", path, s.Roles, a.Code, a.Text(), s.e.Log)
	}
	return a
}

// Post sends a form.
func (s *Staff) Post(path string, v url.Values) *Answer {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html")
	return s.Do(r)
}

// See is Post that must lead to another page, and that page.
func (s *Staff) See(path string, v url.Values) *Answer {
	s.e.T.Helper()
	a := s.Post(path, v)
	if a.Code != http.StatusSeeOther {
		s.e.T.Fatalf("POST %s as %v: %d\n%s", path, s.Roles, a.Code, a.Text())
	}
	return s.Page(a.Header.Get("Location"))
}

func (a *Answer) root() *html.Node {
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

// All are the elements for which test holds.
func (a *Answer) All(test func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	for n := range a.root().Descendants() {
		if n.Type == html.ElementNode && test(n) {
			out = append(out, n)
		}
	}
	return out
}

// Text is what a person reads on the page.
func (a *Answer) Text() string {
	var b strings.Builder
	for n := range a.root().Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			b.WriteString(strings.TrimSpace(n.Data) + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// Actions are the actions of the flow table the page offers, sorted.
func (a *Answer) Actions() []string {
	var out []string
	for _, n := range a.All(func(n *html.Node) bool { return attr(n, "data-action") != "" }) {
		out = append(out, attr(n, "data-action"))
	}
	slices.Sort(out)
	return out
}

// Form is the form that posts to a path, with the values it already has.
func (a *Answer) Form(action string) url.Values {
	a.t.Helper()
	forms := a.All(func(n *html.Node) bool {
		return n.Data == "form" && strings.EqualFold(attr(n, "method"), "post") && strings.SplitN(attr(n, "action"), "?", 2)[0] == action
	})
	if len(forms) == 0 {
		a.t.Fatalf("no form posts to %s:\n%s", action, a.Text())
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

// Contains fails the test unless the page says all of it.
func (a *Answer) Contains(t *testing.T, words ...string) {
	t.Helper()
	text := a.Text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q:\n%s", w, text)
		}
	}
}

// Lacks fails the test when the page says any of it.
func (a *Answer) Lacks(t *testing.T, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(a.Body, w) {
			t.Errorf("the page says %q", w)
		}
	}
}

// In shows pages to the account in a language: zh-CN or en.
func (s *Staff) In(lang string) *Staff {
	t := *s
	t.lang = lang
	return &t
}

// Serve lets a browser reach the district until the test ends, and returns its address.
func (e *Env) Serve() string {
	srv := httptest.NewServer(e.Handler)
	e.T.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
	})
	return srv.URL
}

// Enter signs somebody in by the page, as people do, and goes on to next.
func (e *Env) Enter(tab *uitest.Tab, base string, who *Staff, next string) {
	tab.Open(base + "/desk/sign-in?lang=" + who.lang + "&next=" + strings.ReplaceAll(next, "&", "%26"))
	tab.Fill("#login", who.Login)
	tab.Fill("#password", password)
	tab.Click("#sign-in button")
	tab.Wait(`location.pathname !== "/desk/sign-in"`)
}

// Look checks the page with axe, its headings and that nothing runs over, at a size; name is its picture's.
func Look(tab *uitest.Tab, size uitest.Size, name string) {
	if size.Touch {
		tab.Resize(uitest.Size{W: size.W, H: 4000, Touch: true, Scale: 1})
	} else {
		tab.Resize(uitest.Size{W: size.W, H: 2400, Scale: 1})
	}
	tab.Overflow()
	tab.Axe()
	tab.Resize(size)
	tab.Headings()
	tab.Shot(name)
}
