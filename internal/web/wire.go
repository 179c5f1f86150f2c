package web

import (
	"errors"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/directory/posts"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/visits"
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

// NewVisits wires the visits to households with what they need of cases, buildings and accounts. gate is asked when it
// is there: the post of an account says which grid it works for.
func NewVisits(db *store.DB, c *cases.Cases, p *pack.Pack, v *vault.Vault, b *posts.Posts, gate func() *access.Gate, clock func() time.Time) *visits.Visits {
	return visits.New(db, visits.Options{Pack: p, Vault: v, Clock: clock,
		Building:    func(id string) (*directory.Building, bool) { return b.Board().Building(id) },
		BuildingsOf: func(community string) []*directory.Building { return b.Board().BuildingsOf(community) },
		Grid: func(tx *store.Tx, account string) (string, error) {
			a, err := gate().Get(tx, access.SystemScope(p.District, "which grid an account works for"), account)
			if errors.Is(err, store.ErrNotFound) {
				return "", nil
			}
			if x, ok := b.Board().Post(a.Post); err == nil && ok {
				return x.Grid, nil
			}
			return "", err
		},
		Seat: func(tx *store.Tx, account string) (building, kind string, err error) {
			x, err := SeatOf(tx, b, gate(), p.District, account, clock())
			if err != nil || x == nil || x.Building == "" {
				return "", "", err
			}
			return x.Building, x.Kind.ID, nil
		},
		File: func(tx *store.Tx, sc access.Scope, r visits.Request, at time.Time) (string, error) {
			rep := cases.Report{Channel: "visit", Body: r.Words, Matter: r.Matter, Person: r.Person, At: at,
				Place: cases.Place{Community: r.Community, Grid: r.Grid, Text: r.Place}, Units: map[string]string{r.Community: cases.Former}}
			if r.Help {
				rep.Kind = string(catalogue.Help)
			}
			return fileCase(c, tx, sc, rep, at)
		},
		Outcomes: func(tx *store.Tx, numbers []string) (map[string]visits.Outcome, error) {
			list, err := c.Endings(tx, numbers)
			out := make(map[string]visits.Outcome, len(list))
			for n, x := range list {
				out[n] = visits.Outcome{Ended: x.Ended, Solved: solved(x)}
			}
			return out, err
		},
	})
}

// SeatOf is the post an account works for at a moment: by its term, else by the account itself; nil = none.
func SeatOf(tx *store.Tx, b *posts.Posts, gate *access.Gate, district, account string, at time.Time) (*posts.Post, error) {
	board := b.Board()
	if t := board.TermOf(account, at.UnixMicro()); t != nil {
		if x, ok := board.Post(t.Post); ok {
			return x, nil
		}
	}
	a, err := gate.Get(tx, access.SystemScope(district, "which post an account works for"), account)
	if err != nil {
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return nil, err
	}
	x, _ := board.Post(a.Post)
	return x, nil
}
