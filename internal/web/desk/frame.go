package desk

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/assets"
	"weixiao/internal/cases"
	"weixiao/internal/directory/firms"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/web"
	"weixiao/internal/web/command"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// frame is what a page of the desk knows of its request.
type frame struct {
	ui.Page
	d    *Desk
	r    *http.Request
	who  access.Principal
	sc   access.Scope
	mark string // the watermark
}

// page makes the frame; title is a message key.
func (d *Desk) page(r *http.Request, title string, args ...any) *frame {
	who := access.From(r.Context())
	f := &frame{Page: d.s.Page(r, title, args...), d: d, r: r, who: who, sc: access.ScopeOf(who)}
	f.Brand.Home = "/desk"
	f.Scripts = []string{"htmx", "desk"}
	if who.SignedIn() {
		f.User.Post = f.userPost()
		f.mark = strings.Join([]string{who.Name, d.s.UnitName(f.Lang, who.Unit), words.Exact(f.Lang, f.Now)}, " ")
		f.bars()
	}
	return f
}

// userPost is where the user works: the unit, or the role of people without one.
func (f *frame) userPost() string {
	if f.who.Unit != "" && f.who.Unit != f.d.s.Pack.District {
		return f.d.s.UnitName(f.Lang, f.who.Unit)
	}
	for _, r := range f.who.Roles {
		return f.T("role." + r)
	}
	return ""
}

// is reports whether the user holds one of the roles.
func (f *frame) is(roles []string) bool { return f.who.Is(roles...) }

// bars fills the top bar and the bottom tabs: only what the user's roles open.
func (f *frame) bars() {
	path := f.r.URL.Path
	nav := func(list *[]ui.Nav, allowed bool, label, icon, href string, on bool) {
		if allowed {
			*list = append(*list, ui.Nav{Label: f.T(label), Icon: icon, Href: href, On: on})
		}
	}
	under := func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") }
	reads := f.is(caseRoles())
	inbox := path == "/desk" || under("/desk/cases") || under("/desk/search")
	nav(&f.Nav, f.is(intakeRoles()), "desk.nav.intake", "phone", "/desk/intake", under("/desk/intake"))
	nav(&f.Nav, reads, "desk.nav.inbox", "inbox", "/desk", inbox)
	nav(&f.Nav, f.is(rolesOf(&cases.Table, "call_back")), "desk.nav.callback", "chat", "/desk/callback", under("/desk/callback"))
	nav(&f.Nav, f.is(whistleRoles()), "desk.nav.whistles", "whistle", "/desk/whistles", under("/desk/whistles"))
	nav(&f.Nav, f.is(escalatedRoles()), "desk.escalated.title", "alarm", "/desk/escalated", under("/desk/escalated"))
	nav(&f.Nav, reads, "desk.nav.orders", "flag", "/desk/orders", under("/desk/orders"))
	nav(&f.Nav, f.is(checkRoles()), "desk.nav.checks", "eye", checkPath, under(checkPath))
	nav(&f.Nav, f.is(reportRoles()), "desk.nav.report", "plus", "/desk/report", under("/desk/report"))
	nav(&f.Nav, f.is(rounds.Readers()), "desk.nav.rounds", "pin", roundsPath, under(roundsPath))
	nav(&f.Nav, f.is(web.Outside()), "desk.nav.field", "walk", "/field", false)
	nav(&f.Nav, f.is(command.Roles), "command.back", "map", "/command", false)
	nav(&f.Nav, f.is(assets.Roles()), "desk.nav.assets", "list", "/desk/assets", under("/desk/assets"))
	nav(&f.Nav, f.is(firms.Roles()), "desk.firms.title", "list", firmPath, under(firmPath))
	nav(&f.Nav, reads, "desk.workdays.title", "calendar", workdayPath, under(workdayPath) || under(bookingPath))
	nav(&f.Nav, reads, "desk.visits.title", "home", visitPath, under(visitPath) || under(doorPath) || under(needPath))
	nav(&f.Nav, f.d.s.Villages != nil && f.is(villages.Roles()) && len(f.d.s.Villages.Reached(f.sc)) > 0, "desk.villages.title", "home", villagesPath, under(villagesPath))
	nav(&f.Nav, f.sanitOpen(), "desk.sanit.title", "swap", sanitPath, under(sanitPath))
	nav(&f.Nav, reads, "desk.nav.forecast", "chart", forecastPath, under(forecastPath))
	for _, e := range f.d.entries {
		nav(&f.Nav, f.is(e.Roles), e.Label, e.Icon, e.Path, under(e.Path))
	}
	nav(&f.Nav, f.is(toldRoles()), "desk.nav.notices", "bell", "/desk/notices", under("/desk/notices"))
	nav(&f.Nav, f.is(scoreRoles()), "desk.nav.figures", "chart", "/desk/scores", under("/desk/scores"))
	nav(&f.Nav, f.is([]string{access.Supervisor, access.Auditor}), "desk.nav.remarks", "chat", "/desk/app-remarks", false)
	nav(&f.Nav, f.is([]string{access.Auditor}), "desk.nav.audit", "eye", "/desk/audit", under("/desk/audit"))
	nav(&f.Nav, true, "desk.nav.organisation", "users", orgPath, under(orgPath))
	nav(&f.Nav, f.is(peopleReaders()), "desk.nav.people", "user", "/desk/admin/people", under("/desk/admin") && !under(orgPath))
	nav(&f.Nav, f.is(layerRoles()) && !f.is(peopleReaders()), "desk.layers.title", "map", layersPath, under(layersPath))
	nav(&f.Nav, f.is(formalism.Watching()) && !f.is(peopleReaders()), "desk.formalism.title", "eye", formalismPath, under(formalismPath))
	nav(&f.Nav, f.is(catalogueRoles()) && !f.is(peopleReaders()), "desk.nav.catalogue", "list", "/desk/admin/catalogue", under("/desk/admin/catalogue"))
	f.fold()
	if reads {
		f.Search = "/desk/search"
	}

	nav(&f.Tabs, reads, "desk.tab.inbox", "inbox", "/desk", inbox && f.r.URL.Query().Get("view") != "soon" && !under("/desk/search"))
	nav(&f.Tabs, reads, "desk.tab.soon", "clock", "/desk?view=soon", f.r.URL.Query().Get("view") == "soon")
	nav(&f.Tabs, f.is(reportRoles()), "desk.nav.report", "plus", "/desk/report", under("/desk/report"))
	nav(&f.Tabs, f.is(intakeRoles()), "desk.nav.intake", "phone", "/desk/intake", under("/desk/intake"))
	nav(&f.Tabs, reads, "desk.tab.search", "search", "/desk/search", under("/desk/search"))
	nav(&f.Tabs, f.is(peopleReaders()), "desk.nav.people", "users", "/desk/admin/people", under("/desk/admin") && !under(orgPath))
	nav(&f.Tabs, true, "desk.tab.me", "user", "/desk/me", under("/desk/me"))
}

// barMost is how many entries the top bar has room for; the rest is behind a button.
const barMost = 6

// fold puts what the bar has no room for behind a button, but for the page we are on.
func (f *frame) fold() {
	if len(f.Nav) <= barMost+1 {
		return
	}
	all := f.Nav
	f.Nav = all[:barMost:barMost]
	for _, n := range all[barMost:] {
		if n.On {
			f.Nav = append(f.Nav, n)
		} else {
			f.More = append(f.More, n)
		}
	}
}

// toldRoles are the roles that are told of work: all that reach cases but the
// auditor.
func toldRoles() []string {
	return slices.DeleteFunc(caseRoles(), func(name string) bool { r, _ := access.RoleOf(name); return r.Separate })
}

func peopleReaders() []string { return append(accountRoles("create", "change"), access.Auditor) }

// render writes a page of the desk.
func (f *frame) render(w http.ResponseWriter, status int, content templ.Component) error {
	return web.Render(w, f.r, status, web.Body(shell(f), content))
}

// partial reports whether htmx asks for a piece of a page.
func partial(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// nextOf is the local page a form wants to go to afterwards, or fallback.
func nextOf(r *http.Request, fallback string) string {
	if p, ok := access.LocalPath(r.FormValue("_next")); ok && (p == "/desk" || strings.HasPrefix(p, "/desk/") || strings.HasPrefix(p, "/desk?")) {
		return p
	}
	return fallback
}
