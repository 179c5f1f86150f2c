package public_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory/layers"
	"weixiao/internal/files"
	"weixiao/internal/form"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web"
	"weixiao/internal/web/assets"
	"weixiao/internal/web/public"
)

// Places of the Jiangyuan pack.
const (
	community = "220605001001" // in casestest.Street
	lamps     = "lamps"        // leads for street lights
)

var schemas = append(casestest.Schemas(), files.Schema, workdays.Schema, villages.Schema, public.Schema)

// env is the residents' site on a database of its own.
type env struct {
	*casestest.Env
	site *web.Site
	url  string
	log  *bytes.Buffer // what the gate logged
}

func newEnv(t *testing.T, db *store.DB) *env {
	t.Helper()
	e := &env{Env: casestest.New(t, db), log: &bytes.Buffer{}}
	f, err := files.Open(t.TempDir(), files.Limits{Bytes: 1 << 20}, e.Clock())
	if err != nil {
		t.Fatal(err)
	}
	e.site = &web.Site{DB: db, Cases: e.Cases, Workdays: web.NewWorkdays(db, e.Cases, e.Pack, e.Vault, e.Clock), Places: e.Places, Assets: e.Assets, Posts: e.Posts, Firms: e.Firms, Layers: layers.New(db, e.Pack.District, e.Pack.Version, e.Pack.Atlas(), e.Pack.Directory, e.Clock), Pack: e.Pack, Vault: e.Vault, Files: f, Clock: e.Clock, Log: slog.New(slog.DiscardHandler), Phone: "8890", Note: "演示系统",
		Villages: villages.New(db, villages.From(e.Pack, e.Clock))}
	log := slog.New(slog.NewTextHandler(e.log, nil))
	e.site.Gate, err = access.New(db, access.Options{District: e.Pack.District, Clock: e.Clock, Error: e.site.Error, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	rt := e.site.Gate.Router()
	public.Register(rt, e.site)
	rt.Handle("GET "+assets.Prefix, access.Rule{Public: true, Why: "styles and scripts"}, access.Plain(assets.Handler()))
	srv := httptest.NewServer(e.site.Gate.Middleware(web.Remember(rt)))
	t.Cleanup(func() {
		srv.Close()
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	e.url = srv.URL
	return e
}

// each runs fn with a fresh site on every engine.
func each(t *testing.T, fn func(t *testing.T, e *env)) {
	t.Helper()
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { fn(t, newEnv(t, db)) })
}

// person is a browser without scripts, driven over HTTP.
type person struct {
	t    *testing.T
	e    *env
	c    *http.Client
	lang string
}

func (e *env) person(t *testing.T) *person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{t: t, e: e, c: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// page is an answer.
type page struct {
	t      *testing.T
	Status int
	Header http.Header
	Body   string
	Path   string // path and query it was read from
	doc    *html.Node
}

func (p *person) do(r *http.Request) *page {
	p.t.Helper()
	r.Header.Set("Accept", "text/html")
	if p.lang != "" {
		r.Header.Set("Accept-Language", p.lang)
	}
	res, err := p.c.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	doc, err := html.Parse(bytes.NewReader(b))
	if err != nil {
		p.t.Fatal(err)
	}
	return &page{p.t, res.StatusCode, res.Header, string(b), r.URL.RequestURI(), doc}
}

func (p *person) get(path string) *page {
	p.t.Helper()
	r, err := http.NewRequest("GET", p.e.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.do(r)
}

// follow goes where a redirect leads; an answer that is none fails the test.
func (p *person) follow(x *page) *page {
	p.t.Helper()
	if x.Status != http.StatusSeeOther {
		p.t.Fatalf("%s: status %d, want a redirect\n%.600s", x.Path, x.Status, x.text())
	}
	to, _, _ := strings.Cut(x.Header.Get("Location"), "#")
	return p.get(to)
}

// send submits the form of a page with other values for some of its fields, as
// name and value in turn. A button is a field too.
func (p *person) send(x *page, id string, kv ...string) *page {
	p.t.Helper()
	action, multi, v := x.form(id)
	for i := 0; i < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
	}
	if multi {
		return p.upload(action, v)
	}
	return p.post(action, v)
}

func (p *person) post(path string, v url.Values) *page {
	p.t.Helper()
	r, err := http.NewRequest("POST", p.e.url+path, strings.NewReader(v.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return p.do(r)
}

// upload posts a form with files, which come last as they do in the page.
func (p *person) upload(path string, v url.Values, photos ...[]byte) *page {
	p.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	names := slices.Sorted(func(yield func(string) bool) {
		for k := range v {
			if !yield(k) {
				return
			}
		}
	})
	for _, k := range names {
		if k == "words" {
			continue
		}
		for _, s := range v[k] {
			_ = m.WriteField(k, s)
		}
	}
	_ = m.WriteField("words", v.Get("words"))
	for i, x := range photos {
		w, err := m.CreateFormFile("photo", fmt.Sprintf("IMG_%d.jpg", i))
		if err != nil {
			p.t.Fatal(err)
		}
		_, _ = w.Write(x)
	}
	if len(photos) == 0 { // what a browser sends for an input without files
		w, _ := m.CreateFormFile("photo", "")
		_, _ = w.Write(nil)
	}
	_ = m.Close()
	r, err := http.NewRequest("POST", p.e.url+path, &b)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return p.do(r)
}

// form reads a form of the page: where it goes, whether with files, and what a
// browser would send of it untouched.
func (x *page) form(id string) (action string, multi bool, v url.Values) {
	x.t.Helper()
	v = url.Values{}
	var found bool
	var walk func(n *html.Node, inside bool)
	walk = func(n *html.Node, inside bool) {
		if n.Type == html.ElementNode {
			if n.Data == "form" {
				inside = attr(n, "id") == id
				if inside {
					found, action, multi = true, attr(n, "action"), attr(n, "enctype") == "multipart/form-data"
				}
			}
			if inside {
				field(n, v)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, inside)
		}
	}
	walk(x.doc, false)
	if !found {
		x.t.Fatalf("%s (%d): no form %q\n%.600s", x.Path, x.Status, id, x.text())
	}
	return action, multi, v
}

func field(n *html.Node, v url.Values) {
	name := attr(n, "name")
	if name == "" {
		return
	}
	switch n.Data {
	case "textarea":
		v.Set(name, strings.TrimPrefix(inner(n), "\n"))
	case "input":
		switch attr(n, "type") {
		case "checkbox", "radio":
			if has(n, "checked") {
				v.Add(name, attr(n, "value"))
			}
		case "file", "submit":
		default:
			v.Set(name, attr(n, "value"))
		}
	case "select":
		for o := range n.Descendants() {
			if o.Data == "option" && has(o, "selected") {
				v.Set(name, attr(o, "value"))
			}
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func inner(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// text is what the page says, for failures and searches.
func (x *page) text() string {
	for n := range x.doc.Descendants() {
		if n.Data == "body" {
			return strings.Join(strings.Fields(inner(n)), " ")
		}
	}
	return ""
}

// byID is the text of an element.
func (x *page) byID(id string) string {
	x.t.Helper()
	for n := range x.doc.Descendants() {
		if attr(n, "id") == id {
			return strings.TrimSpace(inner(n))
		}
	}
	x.t.Fatalf("%s (%d): no element %q\n%.600s", x.Path, x.Status, id, x.text())
	return ""
}

func (x *page) want(status int, words ...string) *page {
	x.t.Helper()
	if x.Status != status {
		x.t.Fatalf("%s: status %d, want %d\n%.600s", x.Path, x.Status, status, x.text())
	}
	for _, s := range words {
		if !strings.Contains(x.text(), s) {
			x.t.Errorf("%s: does not say %q\n%.600s", x.Path, s, x.text())
		}
	}
	return x
}

func (x *page) wantTo(path string) {
	x.t.Helper()
	if x.Status != http.StatusSeeOther || x.Header.Get("Location") != path {
		x.t.Fatalf("%s: status %d to %q, want 303 to %q\n%.600s", x.Path, x.Status, x.Header.Get("Location"), path, x.text())
	}
}

// act does something as staff.
func (e *env) act(t *testing.T, sc access.Scope, number, action string, kv ...string) *cases.Case {
	t.Helper()
	raw := form.Raw{}
	for i := 0; i < len(kv); i += 2 {
		raw[kv[i]] = append(raw[kv[i]], kv[i+1])
	}
	k, err := e.Cases.Act(context.Background(), sc, number, action, cases.Input{Raw: raw})
	if err != nil {
		t.Fatalf("%s: %v", action, err)
	}
	return k
}

// cases lists every case there is.
func (e *env) all(t *testing.T) []*cases.Case {
	t.Helper()
	list, err := e.Cases.List(t.Context(), e.Scope("", "dispatcher"), cases.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// picture is a small photo of one colour.
func picture(c color.Color) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range 64 * 48 {
		img.Set(i%64, i/64, c)
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil)
	return b.Bytes()
}

// receipt is what the last page of a report shows.
type receipt struct{ number, secret string }

// report goes through the three steps without mishap.
func (p *person) report(words string, kv ...string) receipt {
	p.t.Helper()
	x := p.send(p.get("/report").want(200), "say", "words", words)
	place := []string{"place", "3 号楼东侧", "area", community}
	contact := []string{"phone", "13812345678", "name", "张女士"}
	for i := 0; i < len(kv); i += 2 {
		switch kv[i] {
		case "phone", "name", "contact", "private":
			contact = append(contact, kv[i], kv[i+1])
		default:
			place = append(place, kv[i], kv[i+1])
		}
	}
	x = p.send(p.follow(x).want(200), "where", place...)
	for strings.Contains(x.Header.Get("Location"), "seen=1") {
		x = p.send(p.follow(x), "where")
	}
	x = p.send(p.follow(x).want(200), "send", contact...)
	x = p.follow(x).want(200)
	return receipt{x.byID("number"), x.byID("secret")}
}

func degrees(x float64) string { return strconv.FormatFloat(x, 'f', 6, 64) }
