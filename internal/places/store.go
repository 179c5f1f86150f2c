package places

import (
	"context"

	"github.com/paulmach/orb"

	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/store"
)

// Proposal is a name that was learned, or may be.
type Proposal struct {
	ID      string
	State   string
	Name    string
	Kind    directory.SpotKind
	Unit    string // community
	Point   orb.Point
	Into    string // spot it is another name of
	Created int64  // µs UTC
	Changed int64
	Version int64
	lastSeq int64
}

// Position is where the proposal stands in the flow table.
func (x *Proposal) Position() flow.Position { return flow.Position{State: x.State} }

const columns = `id, state, name, kind, unit, lon, lat, into_spot, created, changed, version, last_seq`

func scan(r store.Scanner) (*Proposal, error) {
	x := &Proposal{}
	return x, r.Scan(&x.ID, &x.State, &x.Name, &x.Kind, &x.Unit, &x.Point[0], &x.Point[1], &x.Into, &x.Created, &x.Changed, &x.Version, &x.lastSeq)
}

// page lists proposals of a state by id, after one.
func (p *Places) page(tx *store.Tx, state, after string, n int) ([]*Proposal, error) {
	return store.All(tx, scan, `SELECT `+columns+` FROM places WHERE district = $1 AND state = $2 AND id > $3 ORDER BY id LIMIT $4`, p.o.District, state, after, n)
}

// List lists at most n proposals of a state by id, those after one.
func (p *Places) List(ctx context.Context, state, after string, n int) ([]*Proposal, error) {
	return store.Get(ctx, p.db, func(tx *store.Tx) ([]*Proposal, error) { return p.page(tx, state, after, n) })
}

// Get finds a proposal.
func (p *Places) Get(ctx context.Context, id string) (*Proposal, error) {
	return store.Get(ctx, p.db, func(tx *store.Tx) (*Proposal, error) { return p.load(tx, id) })
}

func (p *Places) load(tx *store.Tx, id string) (*Proposal, error) {
	list, err := store.All(tx, scan, `SELECT `+columns+` FROM places WHERE district = $1 AND id = $2`, p.o.District, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, store.ErrNotFound
	}
	return list[0], nil
}

// save writes what an act made of a proposal.
func (p *Places) save(tx *store.Tx, x *Proposal) error {
	return tx.Exec(`INSERT INTO places (district, `+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, name = excluded.name, kind = excluded.kind, unit = excluded.unit, lon = excluded.lon,
			lat = excluded.lat, into_spot = excluded.into_spot, changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq`,
		p.o.District, x.ID, x.State, x.Name, x.Kind, x.Unit, x.Point[0], x.Point[1], x.Into, x.Created, x.Changed, x.Version, x.lastSeq)
}

func (p *Places) lastSeq(tx *store.Tx) (seq int64, err error) {
	err = tx.Row(`SELECT COALESCE(MAX(last_seq), 0) FROM places WHERE district = $1`, []any{p.o.District}, &seq)
	return seq, err
}

// sighting is a case that named an unknown place.
type sighting struct {
	number, place, name string
	kind                directory.SpotKind
	unit                string
	at                  orb.Point
	person              string
	closed              bool
}

const sightColumns = `number, place, name, kind, unit, lon, lat, person, closed`

func scanSighting(r store.Scanner) (s sighting, err error) {
	err = r.Scan(&s.number, &s.place, &s.name, &s.kind, &s.unit, &s.at[0], &s.at[1], &s.person, &s.closed)
	return s, err
}

func (p *Places) see(tx *store.Tx, s sighting) error {
	return tx.Exec(`INSERT INTO place_sightings (district, `+sightColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (district, number) DO UPDATE SET place = excluded.place, name = excluded.name, kind = excluded.kind, unit = excluded.unit, lon = excluded.lon,
			lat = excluded.lat, person = excluded.person, closed = excluded.closed`,
		p.o.District, s.number, s.place, s.name, s.kind, s.unit, s.at[0], s.at[1], s.person, s.closed)
}

func (p *Places) forget(tx *store.Tx, number string) error {
	return tx.Exec(`DELETE FROM place_sightings WHERE district = $1 AND number = $2`, p.o.District, number)
}

// mostSeen is how many cases of one name are looked at and shown.
const mostSeen = 50

func (p *Places) seen(tx *store.Tx, place string) ([]sighting, error) {
	return store.All(tx, scanSighting, `SELECT `+sightColumns+` FROM place_sightings WHERE district = $1 AND place = $2 AND closed = $3 ORDER BY number LIMIT $4`,
		p.o.District, place, true, mostSeen)
}

// Cases lists the numbers of at most 50 closed cases that named the place.
func (p *Places) Cases(ctx context.Context, place string) ([]string, error) {
	list, err := store.Get(ctx, p.db, func(tx *store.Tx) ([]sighting, error) { return p.seen(tx, place) })
	var out []string
	for _, s := range list {
		out = append(out, s.number)
	}
	return out, err
}
