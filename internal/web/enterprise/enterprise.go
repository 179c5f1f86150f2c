// Package enterprise has the pages of the business side: for staff, what firms state and what they claim; for a firm, its
// home, its profile and the finder of policies; for everybody, the policies and who got what under them.
//
//	enterprise.go  Pages, Register
//	firms.go       profiles: list, page, check; invitations
//	load.go        a file of firms, with the rows that may be firms the register has
//	policy.go      policies, clauses, the try-out, claims, offers
//	business.go    a firm's home, profile, finder and claims
//	join.go        the account of a firm by an invitation
//	public.go      what everybody sees
//
// A firm's account is at home under /business and has no page under /desk.
package enterprise

import (
	"net/http"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/enterprise"
	"weixiao/internal/enterprise/policies"
	"weixiao/internal/web"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

const (
	firmPath   = "/desk/firm-profiles"
	policyPath = "/desk/policies"
	clausePath = "/desk/policy-clauses"
	claimPath  = "/desk/policy-claims"
	home       = "/business"
)

// Pages are the pages of one district. Policies is nil when it has none.
type Pages struct {
	Site     *web.Site
	Firms    *enterprise.Enterprise
	Policies *policies.Policies

	frames    staff.Frames
	profiles  *staff.Pages[enterprise.Profile, *enterprise.Profile]
	documents *staff.Pages[policies.Policy, *policies.Policy]
	clauses   *staff.Pages[policies.Clause, *policies.Clause]
	claims    *staff.Pages[policies.Claim, *policies.Claim]
}

// Register adds the pages to the router; frames draws those of staff. The entries are the ways to them in the desk's bar.
func (p *Pages) Register(rt *access.Router, frames staff.Frames) []staff.Entry {
	p.frames = frames
	keeps := enterprise.Keepers()
	p.profiles = p.profilePages()
	p.profiles.Register(rt, frames)
	staffs := access.Rule{Roles: keeps}
	rt.Handle("GET "+firmPath+"/firm/{code}", staffs, p.staffed(p.firmPage))
	makers := access.Rule{Roles: staff.Roles(&enterprise.InvitationTable, "invite")}
	rt.Handle("POST "+firmPath+"/firm/{code}/invite", makers, p.staffed(p.invite))
	rt.Handle("GET "+firmPath+"/firm/{code}/state", makers, p.staffed(p.stateFor))
	rt.Handle("POST "+firmPath+"/firm/{code}/state", makers, p.staffed(p.saveFor))
	rt.Handle("GET "+firmPath+"/import", makers, p.staffed(p.importPage))
	rt.Handle("POST "+firmPath+"/import", makers, p.staffed(p.importFile))
	out := []staff.Entry{{Roles: keeps, Label: "page.firms.nav", Icon: "list", Path: firmPath}}

	firm := access.Rule{Roles: []string{access.Firm}}
	rt.Handle("GET "+home, firm, p.home)
	rt.Handle("GET "+home+"/profile", firm, p.profileForm)
	rt.Handle("POST "+home+"/profile", firm, p.saveProfile)
	public := func(why string) access.Rule { return access.Rule{Public: true, Why: why} }
	rt.Handle("GET "+home+"/join", public("a firm makes its account with the code a unit gave it"), p.joinPage)
	rt.Handle("POST "+home+"/join", public("a firm makes its account with the code a unit gave it; tries are limited"), p.join)
	if p.Policies == nil {
		return out
	}
	p.policyPages()
	p.documents.Register(rt, frames)
	p.clauses.Register(rt, frames)
	p.claims.Register(rt, frames)
	writers := access.Rule{Roles: p.documents.Roles}
	rt.Handle("GET "+policyPath+"/try", writers, p.staffed(p.try))
	deciders := access.Rule{Roles: staff.Roles(&policies.ClaimTable, "offer")}
	rt.Handle("GET "+clausePath+"/r/{id}/candidates", deciders, p.staffed(p.candidates))
	rt.Handle("POST "+clausePath+"/r/{id}/candidates", deciders, p.staffed(p.offer))
	rt.Handle("POST "+claimPath+"/r/{id}/account", deciders, p.staffed(p.account))
	rt.Handle("GET "+home+"/policies", firm, p.finder)
	rt.Handle("GET "+home+"/policies/{clause}", firm, p.filePage)
	rt.Handle("POST "+home+"/policies/{clause}", firm, p.file)
	rt.Handle("GET "+home+"/claims/{id}", firm, p.claimPage)
	rt.Handle("POST "+home+"/claims/{id}/{action}", firm, p.claimDo)
	rt.Handle("GET /policies", public("policies for firms and what is left of their budgets"), p.public)
	rt.Handle("GET /policies/{clause}", public("which firm got what under a clause: public by law"), p.grants)
	return append(out, staff.Entry{Roles: p.documents.Roles, Label: "page.policy.nav", Icon: "list", Path: policyPath},
		staff.Entry{Roles: p.claims.Roles, Label: "page.policy.claims", Icon: "list", Path: claimPath})
}

// staffed gives a handler the desk's frame.
func (p *Pages) staffed(fn func(w http.ResponseWriter, f *staff.Frame) error) access.Handler {
	return func(w http.ResponseWriter, r *http.Request) error { return fn(w, p.frames(r, "page.firms.nav")) }
}

// page is the frame of a page for firms and for everybody.
func (p *Pages) page(r *http.Request, title string, args ...any) ui.Page {
	f := p.Site.Page(r, title, args...)
	f.User = ui.User{}
	return f
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, f ui.Page, content templ.Component) error {
	return web.Render(w, r, status, web.Body(ui.Citizen(f, nil), noted(p.Site.Note, content)))
}

// scope is that of who asks.
func scope(r *http.Request) access.Scope { return access.ScopeOf(access.From(r.Context())) }

// wrong is how the error of a form is shown; status 0: it is no matter of the form.
func (p *Pages) wrong(r *http.Request, f ui.Page, err error) (int, string, ui.FormView) {
	fr := &staff.Frame{Page: f, Site: p.Site, R: r}
	status, problem, faults := fr.Wrong(err)
	return status, problem, ui.FormView{Faults: faults}
}
