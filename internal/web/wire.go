package web

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

// Work packages do not import each other: what leads to cases is given the verbs it needs here, the same for the program
// and for the tests of pages.

// NewWorkdays wires the community workdays with what they need of cases and calendars.
func NewWorkdays(db *store.DB, c *cases.Cases, p *pack.Pack, v *vault.Vault, clock func() time.Time) *workdays.Workdays {
	return workdays.New(db, workdays.Options{Pack: p, Vault: v, Clock: clock, Secret: c.Secret,
		File: func(tx *store.Tx, sc access.Scope, r workdays.Request, at time.Time) (string, error) {
			return fileCase(c, tx, sc, cases.Report{Channel: "workday", Body: r.Words, Kind: r.Kind, Matter: r.Matter, Person: r.Person,
				Place: cases.Place{Community: r.Community, Text: r.Place}, Units: map[string]string{r.Community: cases.Former}, At: at}, at)
		},
		Outcomes: func(tx *store.Tx, numbers []string) (map[string]workdays.Outcome, error) {
			list, err := c.Endings(tx, numbers)
			out := make(map[string]workdays.Outcome, len(list))
			for n, x := range list {
				out[n] = workdays.Outcome{Ended: x.Ended, Solved: solved(x), Closed: x.Closed}
			}
			return out, err
		},
		Deadline: func(from time.Time, l worktime.Limit) time.Time { return c.District().Calendar.Add(from, l).At },
	})
}

// solved: the resident said so, at least in the main.
func solved(x cases.Ending) bool { return x.Solved == "solved" || x.Solved == "basic" }

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
