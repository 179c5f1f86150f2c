package uitest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

const dot = `data:image/gif;base64,R0lGODlhAQABAAAAACw=`

func serve(t *testing.T, pages map[string]string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; img-src data:; form-action 'self'")
		if strings.HasSuffix(r.URL.Path, ".js") {
			w.Header().Set("Content-Type", "text/javascript")
		} else {
			body = `<!doctype html><html lang="zh-CN"><head><meta name="viewport" content="width=device-width"><title>x</title><link rel="icon" href="data:,"></head><body><main>` + body + `</main></body></html>`
		}
		_, _ = fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// probe is a testing.TB that notes failures instead of failing.
type probe struct {
	testing.TB
	errors   []string
	cleanups []func()
}

func (p *probe) Errorf(format string, args ...any) {
	p.errors = append(p.errors, fmt.Sprintf(format, args...))
}

func (p *probe) Cleanup(f func()) { p.cleanups = append(p.cleanups, f) }

func (p *probe) close() string {
	for i := len(p.cleanups) - 1; i >= 0; i-- {
		p.cleanups[i]()
	}
	return strings.Join(p.errors, "\n")
}

// TestComplaints: each thing the helper is there to notice makes a test fail.
func TestComplaints(t *testing.T) {
	url := serve(t, map[string]string{
		"/good":       `<h1>好</h1>`,
		"/console":    `<h1>x</h1><script src="/console.js"></script>`,
		"/throw":      `<h1>x</h1><script src="/throw.js"></script>`,
		"/inline":     `<h1>x</h1><script>1</script>`,
		"/axe":        `<input type="text"><img src="` + dot + `">`,
		"/gone":       `<h1>x</h1><script src="/assets/gone.js"></script>`,
		"/console.js": `console.error("kaputt")`,
		"/throw.js":   `throw new Error("kaputt")`,
	})
	for _, c := range []struct {
		path string
		want []string
	}{
		{"/good", nil},
		{"/console", []string{"kaputt"}},
		{"/throw", []string{"exception", "kaputt"}},
		{"/inline", []string{"Content Security Policy"}},
		{"/axe", []string{"label", "image-alt"}},
		{"/gone", []string{"/assets/gone.js"}},
	} {
		t.Run(c.path, func(t *testing.T) {
			p := &probe{TB: t}
			tab := New(p, Phone)
			tab.Open(url + c.path)
			tab.Axe()
			all := p.close()
			if len(c.want) == 0 && all != "" {
				t.Errorf("a good page failed: %s", all)
			}
			for _, w := range c.want {
				if !strings.Contains(all, w) {
					t.Errorf("%q went unnoticed; noticed: %q", w, all)
				}
			}
		})
	}
}

func TestOverflow(t *testing.T) {
	url := serve(t, map[string]string{"/": `<img alt="" width="900" height="10" src="` + dot + `">`})
	p := &probe{TB: t}
	tab := New(p, Desk)
	tab.Open(url + "/")
	if len(p.errors) > 0 {
		t.Errorf("at 1440 px: %v", p.errors)
	}
	tab.Resize(Size{W: 400, H: 800})
	tab.Overflow()
	if all := p.close(); !strings.Contains(all, "img") {
		t.Errorf("at 400 px: %q", all)
	}
}

func TestActs(t *testing.T) {
	url := serve(t, map[string]string{
		"/":     `<form action="/next"><label>a<input id="a" name="a" value="old"></label><button>go</button></form><p id="js">off</p><script src="/x.js"></script>`,
		"/next": `<h1>next</h1><p id="js">off</p><script src="/x.js"></script>`,
		"/x.js": `document.getElementById("js").textContent = "on"`,
	})
	tab := New(t, Phone)
	tab.Open(url + "/")
	tab.WaitText("#js", "on")
	tab.Fill("#a", "路灯 x")
	if got := tab.Value("#a"); got != "路灯 x" {
		t.Errorf("Fill: %q", got)
	}
	tab.Click("button")
	tab.WaitText("h1", "next")
	if got := tab.Path(); got != "/next?a=%E8%B7%AF%E7%81%AF+x" {
		t.Errorf("Path: %q", got)
	}
	tab.NoScripts()
	tab.Open(url + "/next")
	if got := tab.Text("#js"); got != "off" {
		t.Errorf("scripts ran although they are off: %q", got)
	}
}

func TestOffline(t *testing.T) {
	url := serve(t, map[string]string{"/": `<h1>x</h1>`})
	tab := New(t, Phone)
	tab.Open(url + "/")
	tab.Offline(true)
	if Get[bool](tab, `navigator.onLine`) {
		t.Error("the page believes it is online")
	}
	tab.Offline(false)
	tab.Open(url + "/")
	if !Get[bool](tab, `navigator.onLine`) {
		t.Error("the page believes it is offline")
	}
}
