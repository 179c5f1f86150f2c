// Package windows is the pages of the star-rated service windows: a number taken at the hall or on the phone, the rating
// behind its link, the board in the hall and the public one; the clerk's page, bad ratings on their way, what could not be
// done, marks of inspections, and the stars with every part opening to its records.
//
//	windows.go  Register: the routes and what the pages share
//	visit.go    /windows/halls/{hall}: take a number; /windows/v/…: its place, its rating
//	board.go    /windows: stars for everybody; the hall's screen
//	stuck.go    /windows/stuck: what could not be done, by anybody
//	clerk.go    /desk/windows/clerk: call, done, did not come
//	records.go  bad ratings, stuck matters, marks, quarters: lists and pages of records
//	stars.go    /desk/windows/stars: points, and the records behind each
//	reveal.go   whom to answer, with a reason
//
// No page shows who has not rated, and none puts a rating beside a person: a visit has a number, not a name.
package windows

import (
	"net/http"
	"strings"
	"unicode"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/enterprise/windows"
	"weixiao/internal/pack"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

type pages struct {
	*web.Site
	w      *windows.Windows
	frames staff.Frames

	bad   *staff.Pages[windows.Bad, *windows.Bad]
	stuck *staff.Pages[windows.Stuck, *windows.Stuck]
	marks *staff.Pages[windows.Mark, *windows.Mark]
	years *staff.Pages[windows.Quarter, *windows.Quarter]
}

const (
	clerkPath = "/desk/windows/clerk"
	badPath   = "/desk/windows/bad"
	stuckPath = "/desk/windows/stuck"
	marksPath = "/desk/windows/marks"
	yearsPath = "/desk/windows/quarters"
	starsPath = "/desk/windows/stars"
)

// readers see figures and records of windows, as far as they reach them.
var readers = []string{access.Department, access.DeptLead, access.Supervisor, access.Leader, access.Auditor}

// Register adds the pages to the router and returns the ways to them for the desk's bar.
func Register(rt *access.Router, s *web.Site, w *windows.Windows, frames staff.Frames) []staff.Entry {
	p := &pages{Site: s, w: w, frames: frames}
	for _, r := range []struct {
		pattern, why string
		h            access.Handler
	}{
		{"GET /windows", "stars of the windows and what was put right", p.board},
		{"GET /windows/halls/{hall}", "take a number at the hall or on the phone", p.takePage},
		{"POST /windows/halls/{hall}", "take a number without an account; limited", p.take},
		{"GET /windows/halls/{hall}/screen", "the numbers that are called", p.screen},
		{"GET /windows/v/{id}/{secret}", "the link of a number; tries are limited", p.visit},
		{"POST /windows/v/{id}/{secret}/{action}", "the link of a number; tries are limited, the flow table decides", p.visitDo},
		{"GET /windows/stuck", "what could not be done, without an account", p.stuckForm},
		{"POST /windows/stuck", "what could not be done, without an account; limited", p.stuckSay},
		{"GET /windows/stuck/thanks", "that it was taken in", p.stuckThanks},
	} {
		rt.Handle(r.pattern, access.Rule{Public: true, Why: r.why}, r.h)
	}
	clerk := access.Rule{Roles: []string{access.Clerk}}
	rt.Handle("GET "+clerkPath, clerk, p.clerk)
	rt.Handle("POST "+clerkPath+"/{action}", clerk, p.clerkDo)
	read := access.Rule{Roles: readers}
	rt.Handle("GET "+starsPath, read, p.stars)
	rt.Handle("GET "+starsPath+"/{window}", read, p.behind)
	reveal := access.Rule{Roles: []string{access.Department, access.DeptLead, access.Supervisor}}
	rt.Handle("GET "+badPath+"/r/{id}/reveal", reveal, p.revealPage)
	rt.Handle("POST "+badPath+"/r/{id}/reveal", reveal, p.reveal)
	p.records(rt)
	return []staff.Entry{
		{Roles: []string{access.Clerk}, Label: "windows.clerk.title", Icon: "list", Path: clerkPath},
		{Roles: append([]string{access.Clerk}, readers...), Label: "windows.bad.title", Icon: "chat", Path: badPath},
		{Roles: readers, Label: "windows.stars.title", Icon: "star", Path: starsPath},
		{Roles: readers, Label: "windows.stuck.list", Icon: "flag", Path: stuckPath},
	}
}

// page is the frame of a public page: the same for everybody, also for staff who happen to be signed in.
func (p *pages) page(r *http.Request, title string, args ...any) ui.Page {
	f := p.Page(r, title, args...)
	f.User = ui.User{}
	return f
}

func (p *pages) show(w http.ResponseWriter, r *http.Request, status int, f ui.Page, foot, content templ.Component) error {
	return web.Render(w, r, status, web.Body(ui.Citizen(f, foot), noted(p.Note, tongue(f.Lang, p.Note), content)))
}

func (p *pages) anybody() access.Scope { return access.PublicScope(p.Pack.District) }

// say is a text of the pack in a language.
func say(l words.Lang, t pack.Text) string {
	if l == words.EN {
		return t.EN
	}
	return t.ZH
}

func (p *pages) windowName(l words.Lang, id string) string {
	if x, ok := p.w.Rules().Window(id); ok {
		return strings.ToUpper(id) + " " + say(l, x.Text)
	}
	return id
}

func (p *pages) itemName(l words.Lang, id string) string {
	if x, ok := p.w.Rules().Item(id); ok {
		return say(l, x.Text)
	}
	return id
}

func (p *pages) hallName(l words.Lang, id string) string {
	if x, ok := p.w.Rules().Hall(id); ok {
		return say(l, x.Text)
	}
	return id
}

func (p *pages) labelNames(f ui.Page, ids []string) string {
	var out []string
	for _, id := range ids {
		for _, l := range p.w.Rules().Labels.List {
			if l.ID == id {
				out = append(out, say(f.Lang, l.Text))
			}
		}
	}
	return strings.Join(out, f.T("word.list.comma"))
}

// number is a queue number as it is called: A017.
func (p *pages) number(v *windows.Visit) string {
	letter := ""
	if h, ok := p.w.Rules().Hall(v.Hall); ok {
		letter = h.Letter
	}
	s := itoa(v.Number)
	return letter + strings.Repeat("0", max(0, 3-len(s))) + s
}

// tongue marks text in Chinese on an English page.
func tongue(l words.Lang, text string) templ.Attributes {
	if l != words.ZH && strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return templ.Attributes{"lang": string(words.ZH)}
	}
	return templ.Attributes{}
}
