package app

import (
	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/projects/campaigns"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/worktime"
)

// openRecords makes the engine of records and lets every package that keeps some register its kinds: a new one is a field
// of App, a line here, and its Tables in formalism.go.
func (a *App) openRecords(calendar func(tx *store.Tx, unit string) (*worktime.Calendar, error)) {
	a.Records = record.New(a.DB, record.Options{District: a.Pack.District, Prefix: a.Pack.Prefix, Pack: a.Pack.Version, Calendar: calendar, Clock: a.Clock})
	a.Approvals, a.Agents = web.NewApprovals(a.DB, a.Records, a.Cases, a.Pack, func() *access.Gate { return a.Gate }, calendar, a.Clock)
	a.Campaigns = campaigns.New(a.DB, a.Records, campaigns.Options{Rules: a.Pack.Campaigns, Units: a.handling, Name: a.unitName})
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

// calendarSeq is the last act about calendars: when it moves, deadlines are counted anew.
func (a *App) calendarSeq(tx *store.Tx) (int64, error) {
	set, err := a.Cases.Calendars(tx)
	if err != nil {
		return 0, err
	}
	return set.Seq(), nil
}
