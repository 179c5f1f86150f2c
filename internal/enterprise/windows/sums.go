package windows

import (
	"weixiao/internal/store"
)

// Sums are what a window did in a time.
type Sums struct {
	Called, InTime, Waited  int64    // called; within the promised time; seconds waited in all
	Served, OnTime, Handled int64    // served; within the promised minutes; seconds served in all
	Supplemented, Returned  int64    // sent for more papers; sent away
	Absent                  int64    // did not come when called
	Levels                  [5]int64 // ratings that count, of level 1 to 5
}

// Add adds other sums.
func (s *Sums) Add(o Sums) {
	s.Called, s.InTime, s.Waited = s.Called+o.Called, s.InTime+o.InTime, s.Waited+o.Waited
	s.Served, s.OnTime, s.Handled = s.Served+o.Served, s.OnTime+o.OnTime, s.Handled+o.Handled
	s.Supplemented, s.Returned, s.Absent = s.Supplemented+o.Supplemented, s.Returned+o.Returned, s.Absent+o.Absent
	for i := range s.Levels {
		s.Levels[i] += o.Levels[i]
	}
}

// Ratings is how many ratings count.
func (s *Sums) Ratings() (n int64) {
	for _, x := range s.Levels {
		n += x
	}
	return n
}

const sumColumns = `called, in_time, waited, served, on_time, handled, supplemented, returned, absent, rated_1, rated_2, rated_3, rated_4, rated_5`

func (s *Sums) dest() []any {
	return []any{&s.Called, &s.InTime, &s.Waited, &s.Served, &s.OnTime, &s.Handled, &s.Supplemented, &s.Returned, &s.Absent, &s.Levels[0], &s.Levels[1], &s.Levels[2], &s.Levels[3], &s.Levels[4]}
}

// addSums adds to a window's day.
func (w *Windows) addSums(tx *store.Tx, window, day string, d Sums) error {
	if d == (Sums{}) {
		return nil
	}
	return tx.Exec(`INSERT INTO window_sums (district, win, day, `+sumColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (district, day, win) DO UPDATE SET called = window_sums.called + excluded.called, in_time = window_sums.in_time + excluded.in_time, waited = window_sums.waited + excluded.waited,
			served = window_sums.served + excluded.served, on_time = window_sums.on_time + excluded.on_time, handled = window_sums.handled + excluded.handled,
			supplemented = window_sums.supplemented + excluded.supplemented, returned = window_sums.returned + excluded.returned, absent = window_sums.absent + excluded.absent,
			rated_1 = window_sums.rated_1 + excluded.rated_1, rated_2 = window_sums.rated_2 + excluded.rated_2, rated_3 = window_sums.rated_3 + excluded.rated_3,
			rated_4 = window_sums.rated_4 + excluded.rated_4, rated_5 = window_sums.rated_5 + excluded.rated_5`,
		w.district, window, day, d.Called, d.InTime, d.Waited, d.Served, d.OnTime, d.Handled, d.Supplemented, d.Returned, d.Absent, d.Levels[0], d.Levels[1], d.Levels[2], d.Levels[3], d.Levels[4])
}

// SumsOf are the sums of every window from one day to the one before another.
func (w *Windows) SumsOf(tx *store.Tx, from, until string) (map[string]Sums, error) {
	out := map[string]Sums{}
	err := tx.Each(`SELECT win, sum(called), sum(in_time), sum(waited), sum(served), sum(on_time), sum(handled), sum(supplemented), sum(returned), sum(absent), sum(rated_1), sum(rated_2), sum(rated_3), sum(rated_4), sum(rated_5)
		FROM window_sums WHERE district = $1 AND day >= $2 AND day < $3 GROUP BY win ORDER BY win`, []any{w.district, from, until}, func(r store.Scanner) error {
		var id string
		var s Sums
		err := r.Scan(append([]any{&id}, s.dest()...)...)
		out[id] = s
		return err
	})
	return out, err
}
