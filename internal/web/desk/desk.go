// Package desk is the staff's pages under /desk: signing in, the inbox, the work
// order, intake of a call, whistles, call-back, and what administrators and
// auditors need. Desk first, but usable on a phone; everything works without
// scripts, htmx and the desk island make it quick.
//
// What a person may do comes from the flow tables alone: a button stands on a page
// exactly when Table.Open names its action, and its form is the action's form.
//
//	desk.go      Desk, New, Register (the routes), Run
//	frame.go     the page frame: bar, tabs, watermark
//	words.go     a case and its parts as people say them; names.go: names of staff
//	finder.go    the lists people choose from
//	signin.go    signing in and out, the own password, the own sessions
//	listing.go   views and filters; queue.go: where a page of one goes on
//	inbox.go     /desk; batch.go: signing for several, keys of forms; search.go
//	live.go      /desk/live: changed rows, counts, news on an open case
//	case.go      the work order; acts.go: its buttons; facts.go: its parts; placemap.go: where it is
//	log.go       acts as sentences; clock.go: why a deadline is what it is
//	do.go        an action: its form, doing it, and what to show when it fails
//	contact.go   the private number of a holder of a post, or the contact of a firm, once, with a reason
//	reveal.go    a petitioner in plain words, once, with a reason
//	ledger.go    the disclosure ledger of page views; photos.go: photos in and out
//	intake.go    the page of a call; take.go: what is done with it; near.go: the same problem
//	advice.go    what earlier cases suggest beside the rules; how good that was
//	report.go    what grid workers, communities and streets report themselves
//	whistle.go   lists and page of whistles; whistledo.go: their actions
//	order.go     supervision: lists, page and letter; orderdo.go: its actions; orderletter.go: it as a Word document
//	callback.go  the queue of replied cases
//	scores.go    a month's figures; scoreunit.go: one unit's, and what is behind them
//	scorerequest.go exclusions and appeals; scoretry.go: other formulas; scoreexport.go: XLSX
//	alarm.go     reminders on a page and in a log; escalated.go: what went beyond its unit
//	catalogue.go versions of the dispatch rules; catalogueedit.go: a draft; cataloguerun.go: dry runs, comparing
//	duty.go      who answers for what is being written down, and what it asks
//	calendar.go  working calendars: notices, local days, recounts
//	where.go     which place an address means; the assets beside it
//	assets.go    /desk/assets: city assets; placenames.go: names learned from cases
//	layers.go    /desk/admin/layers: polygon layers and their versions; layermore.go: compared; layerupload.go, layeredit.go
//	organisation.go who holds which post; term.go: proposing, handing over, standing in
//	workdays.go  community workdays and what is booked for them; workdayreveal.go: whom to call
//	visits.go    campaigns of visits, doors; needs.go: people in need
//	firms.go     firms, contractors, volunteer teams
//	sanitation.go sweeping: a day, segments, machines, contracts; sanitdraw.go: tracks drawn
//	sanitwork.go  inspections and findings; sanitpay.go: a month's settlement
//	villages.go  what is put right in villages, and their quarterly checks
//	roster.go    duty rosters; load.go: files of buildings, terms and shifts
//	rounds.go    /desk/rounds: a day outside, routines; roundturn.go: a turn; roundreview.go: a week, the weather
//	findings.go  what was found outside
//	formalism.go what is asked of staff, and its verdict; exception.go: exceptions from the rule against formalism
//	people.go    accounts; posts.go: posts; audit.go: acts and ledger
package desk

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/assets"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/places"
	"weixiao/internal/web"
	subject "weixiao/internal/web/staff" // tests of this package call an account staff
)

// Desk is the staff's pages of one district.
type Desk struct {
	s      *web.Site
	names  *names
	fresh  *fresh
	ledger *ledger
	finder *finder
	drawn  atomic.Pointer[atlas] // the sheets of the layers in force

	entries []subject.Entry // ways to the pages of other packages
}

// Add puts ways to the pages of other packages into the bar; before anything is served.
func (d *Desk) Add(entries ...subject.Entry) { d.entries = append(d.entries, entries...) }

// Frame makes the frame of a page of another package: bar, watermark and all.
func (d *Desk) Frame(r *http.Request, title string, args ...any) *subject.Frame {
	f := d.page(r, title, args...)
	out := &subject.Frame{Page: f.Page, Site: d.s, R: r, Who: f.who, Scope: f.sc}
	out.Shell = templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		f.Page = out.Page // as the page left it: its title, what was done, its scripts
		return shell(f).Render(ctx, w)
	})
	out.Names = func(ctx context.Context, ids ...string) (string, error) {
		if err := d.names.load(ctx, ids...); err != nil || len(ids) == 0 {
			return "", err
		}
		return d.names.name(ctx, ids[0]), nil
	}
	return out
}

// New makes the pages. Register them, and let Run run beside the server.
func New(s *web.Site) *Desk {
	return &Desk{s: s, names: newNames(s), fresh: newFresh(s), ledger: newLedger(s), finder: newFinder(s.Pack)}
}

// Run writes the disclosure ledger of page views until ctx ends, then what is
// left of it. Without it every view waits for its own row.
func (d *Desk) Run(ctx context.Context) { d.ledger.run(ctx) }

// Register adds the routes.
func (d *Desk) Register(rt *access.Router) {
	anybody := access.Rule{Public: true, Why: "the page where staff sign in"}
	unfinished := access.Rule{SignedIn: true, Unfinished: true}
	signed := access.Rule{SignedIn: true}
	staff := access.Rule{Roles: caseRoles()}

	rt.Handle("GET /desk/sign-in", anybody, d.signInPage)
	rt.Handle("POST /desk/sign-in", anybody, d.signIn)
	rt.Handle("POST /desk/sign-out", unfinished, d.signOut)
	rt.Handle("GET /desk/password", unfinished, d.passwordPage)
	rt.Handle("POST /desk/password", unfinished, d.changePassword)
	rt.Handle("GET /desk/me", signed, homeward(d.me))
	rt.Handle("POST /desk/me/sessions", signed, d.endSessions)

	rt.Handle("GET /desk", signed, homeward(d.inbox))
	rt.Handle("GET /desk/{$}", signed, func(w http.ResponseWriter, r *http.Request) error { return web.SeeOther(w, r, "/desk") })
	rt.Handle("GET /desk/live", staff, d.live)
	rt.Handle("GET /desk/search", staff, d.search)
	rt.Handle("POST /desk/search", access.Rule{Roles: phoneRoles()}, d.searchPhone)
	rt.Handle("POST /desk/sign", access.Rule{Roles: rolesOf(&cases.Table, "sign")}, d.signMany)

	rt.Handle("GET /desk/cases/{number}", staff, d.casePage)
	rt.Handle("GET /desk/cases/{number}/preview", staff, d.preview)
	rt.Handle("GET /desk/cases/{number}/do/{action}", staff, d.doPage)
	rt.Handle("POST /desk/cases/{number}/do/{action}", staff, d.do)
	rt.Handle("GET /desk/cases/{number}/clocks/{clock}", staff, d.clockPage)
	rt.Handle("GET /desk/cases/{number}/reveal", access.Rule{Roles: revealRoles()}, d.revealPage)
	rt.Handle("POST /desk/cases/{number}/reveal", access.Rule{Roles: revealRoles()}, d.reveal)
	rt.Handle("GET /desk/files/{id}", staff, d.file)

	rt.Handle("GET /desk/intake", access.Rule{Roles: intakeRoles()}, d.intakePage)
	rt.Handle("POST /desk/intake", access.Rule{Roles: intakeRoles()}, d.intake)
	rt.Handle("POST /desk/intake/help", access.Rule{Roles: intakeRoles()}, d.intakeHelp)
	rt.Handle("POST "+suggestPath, access.Rule{Roles: append(intakeRoles(), reportRoles()...)}, d.s.Suggest)
	rt.Handle("GET /desk/report", access.Rule{Roles: reportRoles()}, d.reportPage)
	rt.Handle("POST /desk/report", access.Rule{Roles: reportRoles()}, d.report)
	rt.Handle("POST /desk/report/help", access.Rule{Roles: reportRoles()}, d.reportHelp)

	d.roundRoutes(rt)

	rt.Handle("GET /desk/whistles", access.Rule{Roles: whistleRoles()}, d.whistles)
	rt.Handle("GET /desk/whistles/new", access.Rule{Roles: rolesOf(&cases.WhistleTable, "draft")}, d.blowPage)
	rt.Handle("POST /desk/whistles/new", access.Rule{Roles: rolesOf(&cases.WhistleTable, "draft")}, d.blow)
	rt.Handle("GET /desk/whistles/{number}", access.Rule{Roles: whistleRoles()}, d.whistlePage)
	rt.Handle("GET /desk/whistles/{number}/do/{action}", access.Rule{Roles: whistleRoles()}, d.whistleDoPage)
	rt.Handle("POST /desk/whistles/{number}/do/{action}", access.Rule{Roles: whistleRoles()}, d.whistleDo)

	rt.Handle("GET /desk/checks", access.Rule{Roles: checkRoles()}, d.checks)
	rt.Handle("GET /desk/checks/{number}", staff, d.checkPage)
	rt.Handle("GET /desk/checks/{number}/do/{action}", access.Rule{Roles: checkDoers()}, d.checkDoPage)
	rt.Handle("POST /desk/checks/{number}/do/{action}", access.Rule{Roles: checkDoers()}, d.checkDo)
	rt.Handle("GET /desk/forecast", access.Rule{Roles: caseRoles()}, d.forecast)
	rt.Handle("GET /desk/forecast/reports", access.Rule{Roles: caseRoles()}, d.forecastReports)
	rt.Handle("GET /desk/orders", staff, d.orders)
	rt.Handle("GET /desk/orders/{number}", staff, d.orderPage)
	rt.Handle("GET /desk/orders/{number}/letter", staff, d.letterPage)
	rt.Handle("GET /desk/orders/{number}/letter.docx", staff, d.orderLetter)
	rt.Handle("GET /desk/orders/{number}/do/{action}", access.Rule{Roles: orderRoles()}, d.orderDoPage)
	rt.Handle("POST /desk/orders/{number}/do/{action}", access.Rule{Roles: orderRoles()}, d.orderDo)
	rt.Handle("GET /desk/escalated", access.Rule{Roles: escalatedRoles()}, d.escalated)
	rt.Handle("GET /desk/callback", access.Rule{Roles: rolesOf(&cases.Table, "call_back")}, d.callbackPage)

	d.registerScores(rt)
	d.registerCatalogue(rt)

	keep := access.Rule{Roles: accountRoles("create", "change")}
	rt.Handle("GET /desk/admin/people", access.Rule{Roles: append(keep.Roles, access.Auditor)}, d.people)
	rt.Handle("GET /desk/admin/people/new", access.Rule{Roles: accountRoles("create")}, d.newPersonPage)
	rt.Handle("POST /desk/admin/people/new", access.Rule{Roles: accountRoles("create")}, d.newPerson)
	rt.Handle("GET /desk/admin/people/{id}", access.Rule{Roles: append(keep.Roles, access.Auditor)}, d.person)
	rt.Handle("GET /desk/admin/people/{id}/do/{action}", keep, d.personDoPage)
	rt.Handle("POST /desk/admin/people/{id}/do/{action}", keep, d.personDo)
	rt.Handle("GET /desk/admin/posts", access.Rule{Roles: append(keep.Roles, access.Auditor)}, d.posts)

	keepCalendar := access.Rule{Roles: calendarRoles()}
	rt.Handle("GET /desk/admin/calendar", keepCalendar, d.calendarPage)
	rt.Handle("POST /desk/admin/calendar/notice", keepCalendar, d.loadNotice)
	rt.Handle("POST /desk/admin/calendar/local", keepCalendar, d.localDays)

	rt.Handle("GET /desk/admin/suggestions", access.Rule{Roles: adviceReaders()}, d.advicePage)
	rt.Handle("GET /desk/admin/places", access.Rule{Roles: places.Roles()}, d.placeNames)
	rt.Handle("GET /desk/admin/places/{id}/do/{action}", access.Rule{Roles: places.Roles()}, d.placeNameDoPage)
	rt.Handle("POST /desk/admin/places/{id}/do/{action}", access.Rule{Roles: places.Roles()}, d.placeNameDo)
	rt.Handle("GET /desk/assets", access.Rule{Roles: assets.Roles()}, d.assets)
	rt.Handle("GET /desk/assets/{id}", access.Rule{Roles: assets.Roles()}, d.asset)
	rt.Handle("GET /desk/assets/{id}/do/{action}", access.Rule{Roles: assets.Roles()}, d.assetDoPage)
	rt.Handle("POST /desk/assets/{id}/do/{action}", access.Rule{Roles: assets.Roles()}, d.assetDo)

	d.registerLayers(rt)
	d.registerFormalism(rt)
	d.registerKeys(rt)
	d.registerOrganisation(rt)
	d.registerFirms(rt)
	d.registerContacts(rt)
	d.registerWorkdays(rt)
	d.registerVisits(rt)
	d.registerSanitation(rt)
	d.registerVillages(rt)

	rt.Handle("GET /desk/audit", access.Rule{Roles: []string{access.Auditor}}, d.audit)
}

// caseRoles are the roles that reach any case at all.
func caseRoles() []string {
	var out []string
	for _, r := range access.Roles() {
		if r.Reach > access.ReachNothing && !r.Pseudo {
			out = append(out, r.Name)
		}
	}
	return out
}

// rolesOf are the roles of accounts to which a table grants one of the actions.
func rolesOf(t *flow.Table, actions ...string) []string {
	var out []string
	for _, name := range actions {
		a, err := t.Action(name)
		if err != nil {
			panic(err) // a route for an action that does not exist
		}
		for _, g := range a.Who {
			if r, ok := access.RoleOf(g.Role); ok && !r.Pseudo {
				out = add(out, g.Role)
			}
		}
	}
	return out
}

func add(list []string, names ...string) []string {
	for _, n := range names {
		if !contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// intakeRoles take calls: they can also finish a request on the spot.
func intakeRoles() []string { return rolesOf(&cases.Table, "answer") }

// reportRoles report what they see; those who take calls have their own page.
func reportRoles() []string {
	var out []string
	for _, r := range rolesOf(&cases.Table, "report") {
		if !contains(intakeRoles(), r) {
			out = append(out, r)
		}
	}
	return out
}

// revealRoles may see a petitioner in plain words, with a reason: those who have
// to speak with the resident, to handle the request or to call back.
func revealRoles() []string { return rolesOf(&cases.Table, "contact", "call_back", "answer") }

// phoneRoles may look for the earlier cases of a telephone number: those who take
// calls and call back, all of whom reach the whole district.
func phoneRoles() []string { return rolesOf(&cases.Table, "answer", "call_back") }

// whistleRoles are those the whistle's table names, and the auditor, who reads.
func whistleRoles() []string {
	out := []string{access.Auditor}
	for _, a := range cases.WhistleTable.Actions {
		out = add(out, rolesOf(&cases.WhistleTable, a.Name)...)
	}
	return out
}

// orderRoles are those the table of orders names.
func orderRoles() (out []string) {
	for _, a := range cases.OrderTable.Actions {
		out = add(out, rolesOf(&cases.OrderTable, a.Name)...)
	}
	return out
}

func accountRoles(actions ...string) []string { return rolesOf(access.Accounts(), actions...) }
