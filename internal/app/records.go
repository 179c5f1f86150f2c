package app

import (
	"weixiao/internal/access"
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
}

// calendarSeq is the last act about calendars: when it moves, deadlines are counted anew.
func (a *App) calendarSeq(tx *store.Tx) (int64, error) {
	set, err := a.Cases.Calendars(tx)
	if err != nil {
		return 0, err
	}
	return set.Seq(), nil
}
