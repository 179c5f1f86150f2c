package app

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// openWorkdays wires the community workdays with what they need of cases and calendars.
func (a *App) openWorkdays() *workdays.Workdays {
	return workdays.New(a.DB, workdays.Options{Pack: a.Pack, Vault: a.Vault, Clock: a.Clock, Secret: a.Cases.Secret,
		File: func(tx *store.Tx, sc access.Scope, r workdays.Request, at time.Time) (string, error) {
			return fileCase(a.Cases, tx, sc, cases.Report{Channel: "workday", Body: r.Words, Kind: r.Kind, Matter: r.Matter, Person: r.Person,
				Place: cases.Place{Community: r.Community, Text: r.Place}, Units: map[string]string{r.Community: cases.Former}}, at)
		},
		Outcomes: func(tx *store.Tx, numbers []string) (map[string]workdays.Outcome, error) {
			list, err := a.Cases.Endings(tx, numbers)
			out := make(map[string]workdays.Outcome, len(list))
			for n, x := range list {
				out[n] = workdays.Outcome{Ended: x.Ended, Solved: x.Solved == "solved" || x.Solved == "basic", Closed: x.Closed}
			}
			return out, err
		},
		Deadline: func(from time.Time, l worktime.Limit) time.Time { return a.Cases.District().Calendar.Add(from, l).At },
	})
}

// fileCase makes a case in the transaction of the record it comes from. Whoever may not report cases, a department that
// sits at a workday, files it through the district: the record's own act says who it was.
func fileCase(c *cases.Cases, tx *store.Tx, sc access.Scope, r cases.Report, at time.Time) (string, error) {
	p, err := c.Prepare(r)
	if err != nil {
		return "", err
	}
	if !c.MayReport(sc) {
		sc = access.SystemScope(sc.District(), "a matter taken in by somebody who cannot report cases")
	}
	got, err := c.TakeIn(tx, sc, p, at)
	return got.Number, err
}
