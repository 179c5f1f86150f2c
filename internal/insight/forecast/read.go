package forecast

import (
	"context"

	"weixiao/internal/store"
)

// Count is how many reports a matter had in a community in a month.
type Count struct {
	Month     string // 2006-01, local
	Community string // unit id
	Street    string
	Matter    string
	Reports   int64
	Early     int64 // of the grid and of rounds
	Problems  int64 // what they were about
	Ahead     int64 // of these, found before anybody complained
}

// Where narrows to a street or a community; zero is the whole district.
type Where struct{ Street, Community string }

func (w Where) holds(c *Count) bool {
	return (w.Street == "" || c.Street == w.Street) && (w.Community == "" || c.Community == w.Community)
}

// counts reads the counts of the months from a first to a last one.
func (f *Forecasts) counts(ctx context.Context, from, to string) ([]Count, error) {
	return store.Get(ctx, f.db, func(tx *store.Tx) ([]Count, error) {
		return store.All(tx, func(s store.Scanner) (c Count, err error) {
			return c, s.Scan(&c.Month, &c.Community, &c.Street, &c.Matter, &c.Reports, &c.Early, &c.Problems, &c.Ahead)
		}, `SELECT month, community, street, matter, reports, early, problems, ahead FROM early_counts
			WHERE district = $1 AND month >= $2 AND month <= $3 ORDER BY month, community, matter`, f.district, from, to)
	})
}

// Behind lists the reports of a month that a figure is made of, in the order of the
// journal, after an act; matter "" means all. At most 200.
func (f *Forecasts) Behind(ctx context.Context, month, community, matter string, after int64, limit int) ([]Report, error) {
	if limit <= 0 || limit > 200 {
		limit = 200
	}
	scan := func(s store.Scanner) (r Report, err error) {
		var early int64
		err = s.Scan(&r.Kind, &r.Number, &r.Seq, &r.At, &early, &r.Matter, &r.Street, &r.Community, &r.Grid, &r.Problem)
		r.Month, r.Early = month, early == 1
		return r, err
	}
	return store.Get(ctx, f.db, func(tx *store.Tx) ([]Report, error) {
		if matter == "" {
			return store.All(tx, scan, `SELECT kind, number, seq, at, early, matter, street, community, grid, problem FROM early_reports
				WHERE district = $1 AND month = $2 AND community = $3 AND seq > $4 ORDER BY seq LIMIT $5`, f.district, month, community, after, int64(limit))
		}
		return store.All(tx, scan, `SELECT kind, number, seq, at, early, matter, street, community, grid, problem FROM early_reports
			WHERE district = $1 AND month = $2 AND community = $3 AND matter = $4 AND seq > $5 ORDER BY seq LIMIT $6`, f.district, month, community, matter, after, int64(limit))
	})
}
