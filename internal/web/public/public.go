// Package public is the residents' part of the site: say what the problem is,
// see what becomes of it, judge the result, and read what the district makes
// public. Everything works on a phone, without an account and without scripts.
//
//	public.go   Register: the routes; what all pages here share
//	home.go     / and the pages of words: about, privacy, accessibility
//	draft.go    a report on its way: sealed in the database, its key in a cookie
//	words.go    /report, step 1: words and photos; upload.go reads them
//	place.go    /report/place, step 2; similar.go finds cases like it
//	check.go    /report/check, step 3: answers and contact; the report itself
//	done.go     /report/done: number, secret, what happens next
//	door.go     /follow and /f/…: number and secret open a case for two hours
//	track.go    /follow/{number}: where it stands; told.go: which acts are told
//	act.go      /follow/{number}/{action}: supplement, urge, withdraw, rate
//	list.go     /cases and /cases/{number}: what anybody may read
//	who.go      /who: who works for an address
//	workday.go   /workdays: community workdays; booking.go: a booking and what its holder does
//	village.go  /villages and /villages/{id}: what was put right in villages, before and after
//	photo.go    /photo/{id}
//
// What a resident sees is decided by lists of what may be shown (told.go), never
// by lists of what to hide; what anybody sees is a shorter one. No page of this
// package shows a person other than to the person: names and telephone numbers
// are taken in and never read back.
package public

import (
	"embed"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

//go:embed migrations
var migrations embed.FS

// Schema is the table of drafts, numbers 41001-41999.
var Schema = store.Schema{Name: "public", FS: migrations}

// pages are the handlers with what they are wired with.
type pages struct {
	*web.Site
	drawn atomic.Pointer[baseMap]
}

// Register adds the residents' pages to the router.
func Register(rt *access.Router, s *web.Site) {
	p := &pages{Site: s}
	for _, r := range []struct {
		pattern, why string
		h            access.Handler
	}{
		{"GET /{$}", "home page", p.home},
		{"GET /about", "what this is", p.info("about")},
		{"GET /privacy", "what is collected and who sees it", p.info("privacy")},
		{"GET /accessibility", "how usable this is", p.info("accessibility")},
		{"GET /report", "residents report without an account", p.words},
		{"POST /report", "residents report without an account", p.sayWords},
		{"GET /report/place", "residents report without an account", p.place},
		{"POST /report/place", "residents report without an account", p.sayPlace},
		{"POST /report/suggest", "names of public places while one types an address; limited", p.suggest},
		{"GET /report/map.json", "the district's own map, nothing of any case", p.baseMap},
		{"GET /report/check", "residents report without an account", p.check},
		{"POST /report/check", "residents report without an account", p.submit},
		{"GET /report/done", "the receipt, with the cookie of the report", p.done},
		{"GET /follow", "number and secret instead of an account", p.door},
		{"POST /follow", "number and secret instead of an account; tries are limited", p.knock},
		{"GET /f/{number}/{secret}", "the link in a message: number and secret; tries are limited", p.link},
		{"GET /f/{number}/{secret}/rate", "the rating link in a message: number and secret; tries are limited", p.link},
		{"GET /follow/{number}", "with the cookie that number and secret gave", p.track},
		{"POST /follow/{number}/leave", "gives that cookie back", p.leave},
		{"GET /follow/{number}/rated", "with the cookie that number and secret gave", p.rated},
		{"GET /follow/{number}/{action}", "with the cookie that number and secret gave", p.act},
		{"POST /follow/{number}/{action}", "with the cookie that number and secret gave; the flow table decides", p.doAct},
		{"GET /cases", "cases anybody may read", p.list},
		{"GET /cases/{number}", "a case anybody may read", p.one},
		{"GET /who", "who works for a place: names of public posts, numbers only with their owners' consent; limited", p.who},
		{"POST /who", "who works for a place: names of public posts, numbers only with their owners' consent; limited", p.sayWho},
		{"GET /workdays", "coming community workdays, and the figures of past ones", p.workdays},
		{"GET /workdays/code", "number and code instead of an account", p.workdayDoor},
		{"POST /workdays/code", "number and code instead of an account; tries are limited", p.workdayKnock},
		{"GET /workdays/b/{number}/{secret}", "the link in a message: number and code; tries are limited", p.workdayLink},
		{"GET /workdays/booked/{number}", "with the cookie that number and code gave", p.booked},
		{"GET /workdays/booked/{number}/case", "with the cookie that number and code gave: on to the case it became", p.bookedCase},
		{"POST /workdays/booked/{number}/{action}", "with the cookie that number and code gave; the flow table decides", p.bookedDo},
		{"GET /workdays/{id}", "a community workday and its free times", p.workday},
		{"POST /workdays/{id}", "residents book without an account; limited", p.book},
		{"GET /villages", "how villages are put in order: counts, no words that somebody wrote", p.villages},
		{"GET /villages/{id}", "what was put right in a village", p.village},
		{"GET /villages/photo/{id}", "photos of before and after that were released for everybody", p.villagePhoto},
		{"GET /photo/{id}", "photos of cases anybody may read, others with the cookie of their case or draft", p.photo},
	} {
		rt.Handle(r.pattern, access.Rule{Public: true, Why: r.why}, r.h)
	}
}

// page is the frame of a residents' page: the same for everybody, also for staff
// who happen to be signed in.
func (p *pages) page(r *http.Request, title string, args ...any) ui.Page {
	f := p.Page(r, title, args...)
	f.User = ui.User{}
	return f
}

// show renders content in the residents' shell, under the line that says that
// this is a demonstration, if it is one.
func (p *pages) show(w http.ResponseWriter, r *http.Request, status int, f ui.Page, foot, content templ.Component) error {
	return web.Render(w, r, status, web.Body(ui.Citizen(f, foot), noted(p.NoteIn(f.Lang), tongue(f, p.NoteIn(f.Lang)), content)))
}

// anybody is the scope of the pages: what a signed-in officer may do elsewhere
// plays no part here.
func (p *pages) anybody() access.Scope { return access.PublicScope(p.Pack.District) }

// reader reads cases for pages that show only what may be shown to anybody.
func (p *pages) reader() access.Scope {
	return access.SystemScope(p.Pack.District, "residents' pages: public cases, checked one by one")
}

// text is a text of the pack in the language of the page, or the message other.
func (p *pages) text(f ui.Page, key, other string) string {
	t, ok := p.Pack.Words[key]
	switch {
	case !ok:
		return f.T(other)
	case f.Lang == words.EN:
		return t.EN
	}
	return t.ZH
}

// secure reports whether the browser speaks TLS: the gate has decided that for
// this answer, behind a proxy too, and has said so in this header.
func secure(w http.ResponseWriter) bool {
	return w.Header().Get("Strict-Transport-Security") != ""
}

// setCookie hands a cookie to the browser for that long; a negative span takes it
// back. Over TLS only this very host can have set it.
func setCookie(w http.ResponseWriter, name, value string, keep time.Duration) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(keep / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if secure(w) {
		c.Name, c.Secure = "__Host-"+name, true
	}
	http.SetCookie(w, c)
}

// cookie is the value of a cookie that setCookie made; "" if there is none, or
// several: then somebody else has set one of them.
func cookie(w http.ResponseWriter, r *http.Request, name string) string {
	if secure(w) {
		name = "__Host-" + name
	}
	if c := r.CookiesNamed(name); len(c) == 1 {
		return c[0].Value
	}
	return ""
}

// mark is a keyed digest of 150 bits that only this program can make. Its key is
// that of the follow-up secrets; use begins with words no case number has.
func (p *pages) mark(use string) string {
	return p.Cases.Secret(use+"\x001") + p.Cases.Secret(use+"\x002") + p.Cases.Secret(use+"\x003")
}

// hidden lists states that no public page shows, whatever the matter: the
// resident took the words back, or the district does not handle them.
var hidden = []string{cases.Withdrawn, cases.Screened, cases.Merged}

// public reports whether anybody may read a case.
func public(k *cases.Case) bool { return k.Public && !slices.Contains(hidden, k.State) }

// read reports whether somebody at the centre has read a case. Before that its
// words and photos are shown to nobody but the resident: masking finds numbers,
// not names or insults.
func read(k *cases.Case) bool { return k.State != cases.Pending }

// heading is the title under which anybody reads a case.
func (p *pages) heading(lang words.Lang, k *cases.Case) string {
	if name := p.MatterName(lang, k.Matter); !read(k) && name != "" {
		return name
	}
	return masked(k.Title)
}

var blanks = regexp.MustCompile(`([\p{Han}0-9]) +([\p{Han}0-9])`)

// masked is a text for anybody: redacted once more, also when it is only the
// blanks of good typography (2 单元 501 室) that hide a room from the redaction.
func masked(s string) string {
	tight := blanks.ReplaceAllString(blanks.ReplaceAllString(s, "$1$2"), "$1$2")
	if out, found := text.Redact(tight); len(found) > 0 {
		return out
	}
	out, _ := text.Redact(s)
	return out
}

// area is a place as anybody may know it: the community, else the street.
func (p *pages) area(lang words.Lang, k *cases.Case) string {
	switch {
	case k.Place.Community != "":
		return p.UnitName(lang, k.Place.Community)
	case k.Place.Street != "":
		return p.UnitName(lang, k.Place.Street)
	}
	return words.T(lang, "public.area.none")
}

// chip is the look of a state's badge.
func chip(k *cases.Case) string {
	if k.Has(cases.Suspended) {
		return "hold"
	}
	s, _ := cases.Table.State(k.State)
	return s.Chip
}

// state is the name of a case's state in residents' words.
func state(f ui.Page, k *cases.Case) string {
	if k.Has(cases.Suspended) {
		return f.T("public.state.suspended")
	}
	return f.T("public.state." + k.State)
}

// tongue marks text that people wrote in Chinese on an English page.
func tongue(f ui.Page, text string) templ.Attributes {
	if f.Lang != words.ZH && strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return templ.Attributes{"lang": string(words.ZH)}
	}
	return templ.Attributes{}
}

// lines are the paragraphs of a text.
func lines(s string) []string {
	return slices.DeleteFunc(strings.Split(s, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
}

// groups cuts a list of choices at its headings.
func groups(list []ui.Choice) [][]ui.Choice {
	var out [][]ui.Choice
	for i, c := range list {
		if i == 0 || c.Group != list[i-1].Group {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], c)
	}
	return out
}

func itoa(n int) string { return strconv.Itoa(n) }
