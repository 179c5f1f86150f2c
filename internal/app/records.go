package app

import (
	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/registers"
	"weixiao/internal/enterprise"
	"weixiao/internal/enterprise/policies"
	"weixiao/internal/enterprise/windows"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/projects"
	"weixiao/internal/projects/campaigns"
	"weixiao/internal/projects/outreach"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/worktime"
)

// openRecords makes the engine of records and lets every package that keeps some register its kinds: a new one is a field
// of App, a line here, and its Tables in formalism.go.
func (a *App) openRecords(calendar func(tx *store.Tx, unit string) (*worktime.Calendar, error)) {
	gate := func() *access.Gate { return a.Gate }
	a.Records = record.New(a.DB, record.Options{District: a.Pack.District, Prefix: a.Pack.Prefix, Pack: a.Pack.Version, Calendar: calendar, Clock: a.Clock})
	a.Projects = projects.New(a.DB, a.Records, projects.Options{Rules: a.Pack.Projects, Works: a.Pack.Works, Directory: a.Pack.Directory, CheckCode: firms.CheckCode, Clock: a.Clock})
	a.Outreach = outreach.New(a.DB, a.Records, outreach.Options{Rules: a.Pack.Outreach, Directory: a.Pack.Directory, Vault: a.Vault, CheckCode: firms.CheckCode, Clock: a.Clock, Lead: a.leadOf, Sectors: a.sectors()})
	a.Windows = windows.New(a.DB, a.Records, windows.Options{Pack: a.Pack, Vault: a.Vault, Clock: a.Clock, Secret: a.Cases.Secret})
	a.Express = web.NewExpress(a.DB, a.Records, a.Cases, a.Pack, a.Vault, gate, a.Clock)
	a.Approvals, a.Agents = web.NewApprovals(a.DB, a.Records, a.Cases, a.Pack, func() *access.Gate { return a.Gate }, calendar, a.Clock)
	a.Campaigns = campaigns.New(a.DB, a.Records, campaigns.Options{Rules: a.Pack.Campaigns, Units: a.handling, Name: a.unitName})
	a.openEnterprise()
}

// leadOf makes a lead of the ledger of projects out of a visit.
func (a *App) leadOf(tx *store.Tx, sc access.Scope, l outreach.Lead) (string, error) {
	return a.Projects.EnterIn(tx, sc, l.At, projects.Given{MadeUp: l.MadeUp, From: l.Visit},
		"name", l.Name, "investor", l.Investor, "firm", l.Firm, "unit", l.Unit, "sector", l.Sector, "investment", form.FormatMoney(l.Investment), "investment_sure", "yes")
}

// sectors are those of the ledger of projects, for visits that lead to one.
func (a *App) sectors() []string {
	if a.Pack.Projects == nil {
		return nil
	}
	return pack.IDs(a.Pack.Projects.Sectors)
}

// handling are the units that can be given work: streets and departments.
func (a *App) handling() (out []string) {
	for _, u := range a.Pack.Directory.ByKind(directory.Street, directory.Town, directory.Department, directory.Utility, directory.Hotline, directory.Supervision) {
		if u.Kind.HandlesCases() {
			out = append(out, u.ID)
		}
	}
	return out
}

// unitName is the short name of a unit, for titles in lists.
func (a *App) unitName(id string) string {
	u, ok := a.Pack.Directory.Unit(id)
	switch {
	case !ok:
		return id
	case u.Short != "":
		return u.Short
	}
	return u.Name
}

// openEnterprise wires what is known of firms and the policies for them: policies ask the profile by two small functions.
func (a *App) openEnterprise() {
	o := enterprise.Options{District: a.Pack.District, Records: a.Records, Firms: a.Firms, Registers: registers.Registers{Posts: a.Posts, Firms: a.Firms}, Directory: a.Pack.Directory, Vault: a.Vault,
		Gate: func() *access.Gate { return a.Gate }, Clock: a.Clock}
	if p := a.Pack.Policies; p != nil {
		o.Units = p.Units
	}
	a.Enterprise = enterprise.New(a.DB, o)
	if a.Pack.Policies == nil {
		return
	}
	a.Policies = policies.New(a.DB, policies.Options{District: a.Pack.District, Records: a.Records, Directory: a.Pack.Directory, Vault: a.Vault, Units: o.Units, Reviewer: a.Pack.Policies.Reviewer, Clock: a.Clock,
		Facts: a.Enterprise.Facts, Each: a.Enterprise.Each,
		Name: func(tx *store.Tx, firm string) (string, bool, error) {
			x, err := a.Firms.GetIn(tx, firm)
			if err != nil {
				return "", false, err
			}
			return x.Name, x.State == firms.Active, nil
		}})
	a.Enterprise.AddMatters(a.Policies)
}

// calendarSeq is the last act about calendars: when it moves, deadlines are counted anew.
func (a *App) calendarSeq(tx *store.Tx) (int64, error) {
	set, err := a.Cases.Calendars(tx)
	if err != nil {
		return 0, err
	}
	return set.Seq(), nil
}
