package windows

import (
	"errors"

	"weixiao/internal/record"
	"weixiao/internal/store"
)

const visitColumns = `id, hall, day, number, item, state, win, clerk, taken, called, calls, slow, done, outcome, rated, level, labels, standing, counted, bad, version, last_seq`

func scanVisit(r store.Scanner) (*Visit, error) {
	v := &Visit{}
	return v, r.Scan(&v.ID, &v.Hall, &v.Day, &v.Number, &v.Item, &v.State, &v.Window, &v.Clerk, &v.Taken, &v.Called, &v.Calls, &v.Slow, &v.Done, &v.Outcome, &v.Rated, &v.Level, &v.Labels,
		&v.Standing, &v.Counted, &v.Bad, &v.Version, &v.lastSeq)
}

var insertVisit = store.NewInsertion("window_visits", "district text, id text, hall text, day text, number bigint, item text, state text, win text, clerk text, taken bigint, called bigint, "+
	"calls bigint, slow bigint, done bigint, outcome text, rated bigint, level bigint, labels text, standing text, counted bigint, bad text, version bigint, last_seq bigint")

func (w *Windows) insertVisit(tx *store.Tx, v *Visit) error {
	return tx.Insert(insertVisit, w.district, v.ID, v.Hall, v.Day, v.Number, v.Item, v.State, v.Window, v.Clerk, v.Taken, v.Called, v.Calls, v.Slow, v.Done, v.Outcome, v.Rated, v.Level, v.Labels,
		v.Standing, v.Counted, v.Bad, v.Version, v.lastSeq)
}

func (w *Windows) saveVisit(tx *store.Tx, v *Visit) error {
	return tx.Exec(`UPDATE window_visits SET state = $3, win = $4, clerk = $5, called = $6, calls = $7, slow = $8, done = $9, outcome = $10, rated = $11, level = $12, labels = $13, standing = $14,
		counted = $15, bad = $16, version = $17, last_seq = $18 WHERE district = $1 AND id = $2`,
		w.district, v.ID, v.State, v.Window, v.Clerk, v.Called, v.Calls, v.Slow, v.Done, v.Outcome, v.Rated, v.Level, v.Labels, v.Standing, v.Counted, v.Bad, v.Version, v.lastSeq)
}

func (w *Windows) visit(tx *store.Tx, id string) (*Visit, error) {
	return record.One(store.All(tx, scanVisit, `SELECT `+visitColumns+` FROM window_visits WHERE district = $1 AND id = $2`, w.district, id))
}

// today are the visits of a hall's day in the order of their numbers: a few hundred at most.
func (w *Windows) ofDay(tx *store.Tx, hall, day string) ([]*Visit, error) {
	return store.All(tx, scanVisit, `SELECT `+visitColumns+` FROM window_visits WHERE district = $1 AND hall = $2 AND day = $3 ORDER BY number`, w.district, hall, day)
}

// next is the next number of a hall's day. Whoever takes one holds the counter until the end of the transaction.
func (w *Windows) next(tx *store.Tx, hall, day string) (int64, error) {
	var n int64
	err := tx.Row(`SELECT last FROM window_counters WHERE district = $1 AND hall = $2 AND day = $3 FOR UPDATE`, []any{w.district, hall, day}, &n)
	if errors.Is(err, store.ErrNotFound) {
		return 1, tx.Exec(`INSERT INTO window_counters (district, hall, day, last) VALUES ($1, $2, $3, 1)`, w.district, hall, day)
	}
	if err != nil {
		return 0, err
	}
	return n + 1, tx.Exec(`UPDATE window_counters SET last = $4 WHERE district = $1 AND hall = $2 AND day = $3`, w.district, hall, day, n+1)
}
