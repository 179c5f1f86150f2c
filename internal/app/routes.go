package app

import (
	"net"
	"net/http"
	"net/netip"

	"weixiao/internal/access"
	"weixiao/internal/api"
	"weixiao/internal/api/open311"
	"weixiao/internal/web"
	"weixiao/internal/web/approvals"
	"weixiao/internal/web/assets"
	"weixiao/internal/web/campaigns"
	"weixiao/internal/web/command"
	"weixiao/internal/web/desk"
	"weixiao/internal/web/enterprise"
	"weixiao/internal/web/express"
	"weixiao/internal/web/field"
	"weixiao/internal/web/office"
	"weixiao/internal/web/projects"
	"weixiao/internal/web/public"
	"weixiao/internal/web/windows"
)

// routes puts all doors on one router. A route without a rule panics here, at
// the start of the program.
func (a *App) routes() http.Handler {
	rt := a.Gate.Router()
	a.health(rt)
	api.Register(rt, a.Site)
	open311.Register(rt, a.Site, open311.Options{})
	public.Register(rt, a.Site)
	command.Register(rt, a.Site)
	office.Register(rt, a.Site)
	a.desk = desk.New(a.Site)
	a.desk.Register(rt)
	a.subjects(rt)
	work, lists := field.Own(a.Site)
	outside := field.New(a.Site, work, lists)
	outside.Register(rt)
	a.Site.Remarks = outside.Remarks
	rt.Handle("GET /assets/", access.Rule{Public: true, Why: "styles and scripts, the same for everybody"}, access.Plain(assets.Handler()))
	a.table = rt.Table()
	return a.Gate.Middleware(web.Remember(rt))
}

// subjects are the pages of subjects with a package of their own, on the desk's frame: one line each, and its way in.
func (a *App) subjects(rt *access.Router) {
	if a.Pack.Projects != nil && a.Pack.Works != nil && a.Pack.Outreach != nil {
		pages := projects.New(a.Projects, a.Outreach)
		pages.Register(rt, a.desk.Frame)
		a.desk.Add(pages.Entries()...)
	}
	firms := &enterprise.Pages{Site: a.Site, Firms: a.Enterprise, Policies: a.Policies}
	a.desk.Add(firms.Register(rt, a.desk.Frame)...)
	if a.Windows != nil {
		a.desk.Add(windows.Register(rt, a.Site, a.Windows, a.desk.Frame)...)
		a.Site.Ways = append(a.Site.Ways, web.Way{Label: "windows.board.title", Icon: "users", Href: "/windows"})
	}
	if a.Policies != nil {
		a.Site.Ways = append(a.Site.Ways, web.Way{Label: "portal.way.policies", Icon: "list", Href: "/policies"})
	}
	if a.Express != nil {
		a.Site.Ways = append(a.Site.Ways, web.Way{Label: "portal.way.express", Icon: "chat", Href: "/express"})
	}
	express.Register(rt, a.Site, a.desk.Frame, a.Express)
	a.desk.Add(express.Entries(a.Express)...)
	a.desk.Add(approvals.Register(rt, a.Site, a.desk.Frame, a.Approvals, a.Agents)...)
	if a.Campaigns != nil {
		a.desk.Add(campaigns.Register(rt, a.Campaigns, a.desk.Frame))
	}
}

// loopbackClient reports whether the connection itself comes from this machine.
func loopbackClient(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
