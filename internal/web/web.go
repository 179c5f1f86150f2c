// Package web is what all pages share: what they are wired with, the page frame
// of a request (language, size of type, who is signed in), rendering, the one
// place that turns an error into a page, and live updates. The pages themselves
// live in a folder per audience: public, desk, field, command.
//
//	web.go    Site and Page, Render, the language and size cookies
//	errors.go Error: every refusal as a page or a problem document
//	live.go   Events: server-sent events
package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/assets"
	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/layers"
	"weixiao/internal/directory/posts"
	"weixiao/internal/files"
	"weixiao/internal/insight"
	"weixiao/internal/insight/forecast"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/places"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// Site is what pages are wired with; package app makes it.
type Site struct {
	DB       *store.DB
	Cases    *cases.Cases
	Places   *places.Places
	Assets   *assets.Assets
	Posts    *posts.Posts
	Firms    *firms.Firms
	Pack     *pack.Pack
	Vault    *vault.Vault
	Files    *files.Store
	Gate     *access.Gate
	Live     *journal.Live
	Assess   *assess.Assess
	Rounds   *rounds.Rounds
	Workdays *workdays.Workdays
	Visits   *visits.Visits
	// Guard lists what is asked of staff, and keeps the exceptions from the rule against formalism.
	Guard *formalism.Guard
	// Remarks are the newest complaints about the field workers' app; nil = there is no app.
	Remarks func(ctx context.Context, sc access.Scope, lang words.Lang, limit int) ([]Remark, error)
	// Adviser suggests units from earlier cases; nil = nothing is suggested.
	Adviser *insight.Adviser
	// Forecast is what the grid saw first, and what is to be expected.
	Forecast *forecast.Forecasts
	// DraftRule is the address of the page on which a proposal becomes a draft of a
	// duty rule; nil = there is no such page.
	DraftRule func(insight.Proposal) string
	Layers    *layers.Layers
	// Imports are the kinds of files that the import page takes besides those of the organisation.
	Imports []Importer
	// Sanitation is nil in a district whose pack has none.
	Sanitation *sanitation.Sanitation
	Villages   *villages.Villages // nil when the pack has none
	Clock      func() time.Time
	Log        *slog.Logger
	// Phone is the hotline number shown on public pages.
	Phone string
	// Ways lead from the portal's home page to the public pages of subjects with a package of their own.
	Ways []Way
	// Note is one line shown on every page of a demonstration, "" otherwise: Chinese, and
	// English after " / " if it has both.
	Note string
}

// Way is a way to public pages; Label is a message key.
type Way struct{ Label, Icon, Href string }

// Lang is the language of a request: ?lang=, cookie, Accept-Language.
func Lang(r *http.Request) words.Lang {
	cookie := ""
	if c, err := r.Cookie("lang"); err == nil {
		cookie = c.Value
	}
	return words.Match(r.Header.Get("Accept-Language"), cookie, r.URL.Query().Get("lang"))
}

// Page is the frame of a request's page. title is a message key.
func (s *Site) Page(r *http.Request, title string, args ...any) ui.Page {
	lang := Lang(r)
	p := ui.Page{Lang: lang, Title: words.T(lang, title, args...), Path: r.URL.RequestURI(), Now: s.Clock(), Phone: s.Phone, Elder: elder(r)}
	if r.Method != http.MethodGet {
		p.Path = r.URL.Path
	}
	district := s.Pack.Directory.Root()
	p.Brand = ui.Brand{Name: words.T(lang, "brand.name"), Owner: words.T(lang, "brand.owner", district.Name), Short: words.T(lang, "brand.short", district.Name), Home: "/"}
	if lang == words.EN {
		p.Brand.Owner, p.Brand.Short = words.T(lang, "brand.owner", district.English), words.T(lang, "brand.short", district.English)
	}
	if who := access.From(r.Context()); who.SignedIn() {
		p.User = ui.User{Name: who.Name, Post: s.UnitName(lang, who.Unit), Home: "/desk/me"}
	}
	return p
}

// NoteIn is the line of a demonstration in a language.
func (s *Site) NoteIn(lang words.Lang) string {
	zh, en, both := strings.Cut(s.Note, " / ")
	if both && lang == words.EN {
		return en
	}
	return zh
}

// UnitName is the short name of a unit in a language; its id if it is unknown.
func (s *Site) UnitName(lang words.Lang, id string) string {
	u, ok := s.Pack.Directory.Unit(id)
	switch {
	case !ok:
		return id
	case lang == words.EN && u.English != "":
		return u.English
	case u.Short != "":
		return u.Short
	}
	return u.Name
}

// MatterName is the plain name of a matter in a language; "" if it is unknown.
func (s *Site) MatterName(lang words.Lang, key string) string {
	m, ok := s.Pack.Catalogue.Matter(key)
	switch {
	case !ok:
		return ""
	case lang == words.EN && m.English != "":
		return m.English
	}
	return m.Name
}

// Gazetteer is every named place of the district, with those learned since the pack was made.
func (s *Site) Gazetteer() *directory.Gazetteer {
	if s.Places == nil {
		return s.Pack.Gazetteer
	}
	return s.Places.Gazetteer()
}

// Scope is what the request reaches.
func Scope(r *http.Request) access.Scope { return access.ScopeOf(access.From(r.Context())) }

// Outside are the roles of those who work outside, with the app under /field.
func Outside() []string {
	return []string{access.Grid, access.GridChief, access.Community, access.Street, access.StreetLead, access.Department, access.DeptLead, access.Duty, access.Supervisor, access.Inspector, access.Chief}
}

func elder(r *http.Request) bool {
	switch r.URL.Query().Get("elder") {
	case "1":
		return true
	case "0":
		return false
	}
	c, err := r.Cookie("elder")
	return err == nil && c.Value == "1"
}

// Remember keeps a language or size chosen with ?lang= or ?elder= for a year.
func Remember(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"lang", "elder"} {
			if v := r.URL.Query().Get(name); v != "" && len(v) <= 5 && r.Method == http.MethodGet {
				http.SetCookie(w, &http.Cookie{Name: name, Value: strings.Map(plain, v), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
			}
		}
		w.Header().Add("Vary", "Cookie, Accept-Language")
		next.ServeHTTP(w, r)
	})
}

func plain(r rune) rune {
	if r == '-' || (r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') {
		return r
	}
	return -1
}

// Render writes a component as a page. It renders into memory first, so that a
// failure half-way gives an error page and not half a page.
func Render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client has gone; nothing to do
	return nil
}

// Body gives a shell its content: Body(ctx, ui.Desk(p), content).
func Body(shell, content templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return shell.Render(templ.WithChildren(ctx, content), w)
	})
}

// SeeOther answers a successful form with a redirect to a local page.
func SeeOther(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
