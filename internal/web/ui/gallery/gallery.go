// Package gallery shows every component of web/ui on sample pages: the screens of
// the design guide, built from the real components with made-up data. Tests look
// at it with a browser; authors of pages copy from it. No program we ship
// imports it.
//
//	gallery.go    Handler: the pages by address
//	sample.go     the made-up data
//	pages.templ   citizen, field and leader pages
//	desk.templ    inbox, work order, intake, charts
//	wall.templ    the command centre
package gallery

import (
	"embed"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"weixiao/internal/web/assets"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

//go:embed *.svg base.json
var files embed.FS

// Now is the moment at which all sample pages are seen.
var Now = time.Date(2025, 11, 23, 17, 24, 8, 0, words.Zone())

// Paths lists the sample pages.
func Paths() []string {
	return []string{"/report", "/place", "/check", "/track", "/fields", "/faults", "/field", "/leader", "/inbox", "/case", "/intake", "/charts", "/wall"}
}

// Handler serves the sample pages with the headers the product sends. ?lang=en
// and ?elder=1 choose language and size, as everywhere.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(assets.Prefix, assets.Handler())
	mux.HandleFunc("/photo/", func(w http.ResponseWriter, r *http.Request) {
		raw, err := files.ReadFile(strings.TrimPrefix(r.URL.Path, "/photo/"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = w.Write(raw)
	})
	mux.HandleFunc("/base.json", func(w http.ResponseWriter, _ *http.Request) {
		raw, err := files.ReadFile("base.json")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/geo+json")
		_, _ = w.Write(raw)
	})
	mux.HandleFunc("/suggest", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`[{"text":"锦绣花园 3 号楼东侧","lon":126.6031,"lat":42.0512,"area":"东湖街道 · 锦绣社区"}]`))
	})
	mux.HandleFunc("/preview", func(w http.ResponseWriter, r *http.Request) {
		show(w, r, preview(pageOf(r), r.URL.Query().Get("id")))
	})
	mux.HandleFunc("POST /echo", echo)
	for path, make := range map[string]func(ui.Page) templ.Component{
		"/report": report, "/place": place, "/check": check, "/track": track, "/fields": fieldsPage, "/faults": faultsPage,
		"/field": field, "/leader": leader, "/inbox": inbox, "/case": workOrder, "/intake": intake, "/charts": charts, "/wall": wall,
	} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { show(w, r, make(pageOf(r))) })
	}
	return mux
}

func show(w http.ResponseWriter, r *http.Request, c templ.Component) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", assets.CSP)
	h.Set("Cache-Control", "no-store")
	if err := c.Render(r.Context(), w); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// echo answers a posted form with what arrived: names, values, files.
func echo(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseMultipartForm(32 << 20); err != nil && err != http.ErrNotMultipart {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p := pageOf(r)
	p.Title = "收到"
	p.Said = "已提交"
	show(w, r, echoed(p, r))
}

func pageOf(r *http.Request) ui.Page {
	q := r.URL.Query()
	p := ui.Page{
		Lang: words.Match(r.Header.Get("Accept-Language"), "zh-CN", q.Get("lang")), Elder: q.Get("elder") == "1",
		Path: r.URL.RequestURI(), Phone: "12345", Now: Now,
		Brand: ui.Brand{Name: "接诉即办", Owner: "云溪区人民政府", Short: "云溪区接诉即办", Home: "/report"},
	}
	if p.Lang == words.EN {
		p.Brand = ui.Brand{Name: "Swift Response", Owner: "Yunxi District Government", Short: "Yunxi Swift Response", Home: "/report"}
	}
	return p
}
