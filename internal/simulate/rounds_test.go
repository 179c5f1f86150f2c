package simulate

import (
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/journal"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web"
)

// TestDoorsAndWorkdays: the year has workdays, visits and people in need, nothing of it was refused, and the rows are
// what the acts say.
func TestDoorsAndWorkdays(t *testing.T) {
	db := storetest.Open(t, "sqlite", append(casestest.Schemas(), workdays.Schema, visits.Schema))
	e := casestest.New(t, db)
	e.Pass(Begin.Sub(casestest.Start)) // holders of posts are entered before the year
	g, err := access.New(db, access.Options{District: e.Pack.District, Path: func(unit string) (out []string) {
		for _, u := range e.Pack.Directory.Path(unit) {
			out = append(out, u.ID)
		}
		return out
	}})
	if err != nil {
		t.Fatal(err)
	}
	w := World{DB: db, Cases: e.Cases, Gate: g, Pack: e.Pack, Posts: e.Posts, Workdays: web.NewWorkdays(db, e.Cases, e.Pack, e.Vault, e.Clock),
		Visits: web.NewVisits(db, e.Cases, e.Pack, e.Vault, e.Posts, func() *access.Gate { return g }, e.Clock)}
	st, err := Fill(t.Context(), w, Options{Scale: 0.02})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range st.Refused {
		t.Errorf("refused: %s", r)
	}
	days, doors := w.Workdays.NewChecker(), w.Visits.NewChecker()
	if _, err := journal.Verify(t.Context(), db, e.Pack.District, func(a journal.Act) error {
		if err := days.Fold(a); err != nil {
			return err
		}
		return doors.Fold(a)
	}); err != nil {
		t.Fatal(err)
	}
	if n, err := days.Finish(t.Context()); err != nil || n < 400 {
		t.Errorf("%d workdays and bookings: %v", n, err)
	}
	if n, err := doors.Finish(t.Context()); err != nil || n < 1500 {
		t.Errorf("%d visits and people: %v", n, err)
	}
	count := func(query string) (n int) {
		if err := db.Read(t.Context(), func(tx *store.Tx) error { return tx.Row(query, []any{e.Pack.District}, &n) }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for what, c := range map[string]struct {
		query string
		least int
	}{"doors knocked at": {`SELECT count(*) FROM visits WHERE district = $1 AND attempts > 0`, 1300}, "cases of visits": {`SELECT count(*) FROM visits WHERE district = $1 AND cases <> ''`, 40},
		"cases of workdays": {`SELECT count(*) FROM workday_bookings WHERE district = $1 AND case_no <> ''`, 60}, "people in need": {`SELECT count(*) FROM people_in_need WHERE district = $1`, 60},
		"days to come": {`SELECT count(*) FROM workdays WHERE district = $1 AND state = 'open'`, 2}} {
		if n := count(c.query); n < c.least {
			t.Errorf("%s: %d, want at least %d", what, n, c.least)
		}
	}
}
