package simulate

import (
	"errors"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/enterprise/windows"
	"weixiao/internal/journal"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/worktime"
)

// TestWindows: a year of the service windows, nothing of it refused: visits, ratings by less than half, bad ratings put
// right, stars of the quarters, all of it as its acts say.
func TestWindows(t *testing.T) {
	db := storetest.Open(t, "sqlite", append(casestest.Schemas(), record.Schema, windows.Schema))
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
	records := record.New(db, record.Options{District: e.Pack.District, Prefix: e.Pack.Prefix, Pack: e.Pack.Version, Clock: e.Clock,
		Calendar: func(_ *store.Tx, unit string) (*worktime.Calendar, error) { return e.Pack.Calendar(unit), nil }})
	w := World{DB: db, Cases: e.Cases, Gate: g, Pack: e.Pack, Posts: e.Posts,
		Windows: windows.New(db, records, windows.Options{Pack: e.Pack, Vault: e.Vault, Clock: e.Clock, Secret: e.Cases.Secret})}
	// The year of the windows at its full size beside few cases.
	st, err := Fill(t.Context(), w, Options{Scale: 0.02, Visitors: 3000})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range st.Refused {
		t.Errorf("refused: %s", r)
	}
	c, r := w.Windows.NewChecker(), records.NewChecker()
	if _, err := journal.Verify(t.Context(), db, e.Pack.District, func(a journal.Act) error { return errors.Join(c.Fold(a), r.Fold(a)) }); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Finish(t.Context()); err != nil || n < 2500 {
		t.Errorf("%d visits: %v", n, err)
	}
	count := func(query string) (n int) {
		if err := db.Read(t.Context(), func(tx *store.Tx) error { return tx.Row(query, []any{e.Pack.District}, &n) }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	served := count(`SELECT count(*) FROM window_visits WHERE district = $1 AND state = 'served'`)
	for what, x := range map[string]struct {
		query       string
		least, most int
	}{
		"rated":     {`SELECT count(*) FROM window_visits WHERE district = $1 AND rated > 0`, served * 38 / 100, served * 50 / 100},
		"bad":       {`SELECT count(*) FROM records WHERE district = $1 AND kind = 'window_bad'`, 15, 40},
		"put right": {`SELECT count(*) FROM records WHERE district = $1 AND kind = 'window_bad' AND state = 'closed'`, 8, 40},
		"frozen":    {`SELECT count(*) FROM records WHERE district = $1 AND kind = 'window_quarter' AND state = 'frozen'`, 3, 3},
		"waiting":   {`SELECT count(*) FROM window_visits WHERE district = $1 AND state = 'waiting' AND day = '2022-12-30'`, 3, 30},
		"stuck":     {`SELECT count(*) FROM records WHERE district = $1 AND kind = 'window_stuck'`, 15, 30},
		"marks":     {`SELECT count(*) FROM records WHERE district = $1 AND kind = 'window_mark' AND state = 'confirmed'`, 20, 30},
	} {
		if n := count(x.query); n < x.least || n > x.most {
			t.Errorf("%s: %d of %d served, want %d to %d", what, n, served, x.least, x.most)
		}
	}
	list, err := w.Windows.Results(t.Context(), "2022Q3")
	if err != nil {
		t.Fatal(err)
	}
	stars := map[int64]int{}
	for _, x := range list {
		stars[x.Stars]++
	}
	t.Logf("stars of the third quarter: %v", stars)
	if len(stars) < 2 || stars[5]+stars[4]+stars[3] == 0 {
		t.Errorf("every window has the same: %v", stars)
	}
}
