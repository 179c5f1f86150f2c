package assets

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/geo"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

const columns = `id, state, kind, name, owner, unit, lon, lat, street, community, grid, address, since, made_up, created, changed, version, last_seq`

func scan(r store.Scanner) (*Asset, error) {
	a := &Asset{}
	return a, r.Scan(&a.ID, &a.State, &a.Kind, &a.Name, &a.Owner, &a.Unit, &a.Point[0], &a.Point[1], &a.Street, &a.Community, &a.Grid, &a.Address, &a.Since,
		&a.MadeUp, &a.Created, &a.Changed, &a.Version, &a.lastSeq)
}

func (s *Assets) load(tx *store.Tx, id string) (*Asset, error) {
	list, err := store.All(tx, scan, `SELECT `+columns+` FROM assets WHERE district = $1 AND id = $2`, s.p.District, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, store.ErrNotFound
	}
	return list[0], nil
}

// Registered is nil if an asset of that id is registered, store.ErrNotFound if none is.
func (s *Assets) Registered(tx *store.Tx, id string) error {
	var there int64
	return tx.Row(`SELECT 1 FROM assets WHERE district = $1 AND id = $2`, []any{s.p.District, id}, &there)
}

func (s *Assets) save(tx *store.Tx, a *Asset) error {
	cx, cy := cell(a.Point)
	return tx.Exec(`INSERT INTO assets (district, `+columns+`, cx, cy) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, kind = excluded.kind, name = excluded.name, owner = excluded.owner, unit = excluded.unit,
			lon = excluded.lon, lat = excluded.lat, street = excluded.street, community = excluded.community, grid = excluded.grid, address = excluded.address,
			since = excluded.since, made_up = excluded.made_up, changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq,
			cx = excluded.cx, cy = excluded.cy`,
		s.p.District, a.ID, a.State, a.Kind, a.Name, a.Owner, a.Unit, a.Point[0], a.Point[1], a.Street, a.Community, a.Grid, a.Address, a.Since, a.MadeUp,
		a.Created, a.Changed, a.Version, a.lastSeq, cx, cy)
}

// cell is the square of 0.002 degrees that a point lies in.
func cell(p orb.Point) (cx, cy int64) {
	return int64(math.Floor(p[0] * 500)), int64(math.Floor(p[1] * 500))
}

// Get finds an asset with its acts, the oldest first.
func (s *Assets) Get(ctx context.Context, sc access.Scope, id string) (a *Asset, acts []journal.Act, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if a, err = s.load(tx, id); err != nil {
			return err
		}
		if !s.sees(sc, a) {
			return store.ErrNotFound
		}
		acts, err = journal.History(tx, s.p.District, Table.Kind, id)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return a, acts, nil
}

// Filter narrows a list; empty fields do not.
type Filter struct {
	Kind, State, Unit string
	After             string // id; the list goes on behind it
	Limit             int    // 0 = 50
}

// List lists the assets the scope reaches by id. People of a unit see those their unit maintains.
func (s *Assets) List(ctx context.Context, sc access.Scope, f Filter) ([]*Asset, error) {
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 50
	}
	units := []string{f.Unit}
	if !sc.All() {
		if sc.Unit() == "" {
			return nil, nil
		}
		units = s.below(sc.Unit(), f.Unit)
	}
	var out []*Asset
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		for _, u := range units {
			list, err := s.page(tx, u, f)
			if err != nil {
				return err
			}
			out = append(out, list...)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b *Asset) int { return cmp.Compare(a.ID, b.ID) })
	return out[:min(len(out), f.Limit)], err
}

// below are the unit and those under it, or only the one asked for if it is among them.
func (s *Assets) below(unit, only string) []string {
	var out []string
	for _, u := range s.p.Directory.Units() {
		if s.p.Directory.Under(u.ID, unit) && (only == "" || only == u.ID) {
			out = append(out, u.ID)
		}
	}
	return out
}

// page reads by the index of the narrowest condition.
func (s *Assets) page(tx *store.Tx, unit string, f Filter) ([]*Asset, error) {
	where, args := `district = $1 AND id > $2`, []any{s.p.District, f.After}
	switch {
	case unit != "" && f.Kind != "" && f.State != "":
		where, args = where+` AND unit = $3 AND kind = $4 AND state = $5`, append(args, unit, f.Kind, f.State)
	case unit != "" && f.Kind != "":
		where, args = where+` AND unit = $3 AND kind = $4`, append(args, unit, f.Kind)
	case unit != "" && f.State != "":
		where, args = where+` AND unit = $3 AND state = $4`, append(args, unit, f.State)
	case unit != "":
		where, args = where+` AND unit = $3`, append(args, unit)
	case f.Kind != "" && f.State != "":
		where, args = where+` AND kind = $3 AND state = $4`, append(args, f.Kind, f.State)
	case f.Kind != "":
		where, args = where+` AND kind = $3`, append(args, f.Kind)
	case f.State != "":
		where, args = where+` AND state = $3`, append(args, f.State)
	}
	limit := []string{"$3", "$4", "$5", "$6"}[len(args)-2]
	return store.All(tx, scan, `SELECT `+columns+` FROM assets WHERE `+where+` ORDER BY id LIMIT `+limit, append(args, f.Limit)...)
}

// Neighbour is an asset and how far it is.
type Neighbour struct {
	*Asset
	Metres float64
}

// reach is how many cells around a point are looked at, nearest first: 220 m, then about 1 km.
var reach = []int64{1, 5}

// Near lists at most n assets that still stand around a point and that the scope reaches, the nearest first, at most
// about 1 km away. kinds narrows them; none means all.
func (s *Assets) Near(ctx context.Context, sc access.Scope, at orb.Point, n int, kinds ...string) ([]Neighbour, error) {
	var out []Neighbour
	cx, cy := cell(at)
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		for _, r := range reach {
			out = out[:0]
			list, err := store.All(tx, scan, `SELECT `+columns+` FROM assets WHERE district = $1 AND cy BETWEEN $2 AND $3 AND cx BETWEEN $4 AND $5 AND state <> $6
				ORDER BY cy, cx, id LIMIT 4000`, s.p.District, cy-r, cy+r, cx-r, cx+r, Removed)
			if err != nil {
				return err
			}
			for _, a := range list {
				if s.sees(sc, a) && (len(kinds) == 0 || slices.Contains(kinds, a.Kind)) {
					out = append(out, Neighbour{a, geo.Distance(geo.Point{Lon: at[0], Lat: at[1]}, geo.Point{Lon: a.Point[0], Lat: a.Point[1]})})
				}
			}
			if len(out) >= n {
				break
			}
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Neighbour) int { return cmp.Or(cmp.Compare(a.Metres, b.Metres), cmp.Compare(a.ID, b.ID)) })
	return out[:min(len(out), n)], err
}
