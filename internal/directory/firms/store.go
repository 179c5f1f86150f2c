package firms

import (
	"context"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

const columns = `id, state, name, kinds, sector, unit, address, person, made_up, created, changed, version, last_seq`

func scan(r store.Scanner) (*Firm, error) {
	x := &Firm{}
	return x, r.Scan(&x.ID, &x.State, &x.Name, &x.Kinds, &x.Sector, &x.Unit, &x.Address, &x.Person, &x.MadeUp, &x.Created, &x.Changed, &x.Version, &x.lastSeq)
}

func (s *Firms) load(tx *store.Tx, id string) (*Firm, error) {
	list, err := store.All(tx, scan, `SELECT `+columns+` FROM firms WHERE district = $1 AND id = $2`, s.district, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, store.ErrNotFound
	}
	return list[0], nil
}

// Get finds a firm with its acts.
func (s *Firms) Get(ctx context.Context, id string) (x *Firm, acts []journal.Act, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if x, err = s.load(tx, id); err != nil {
			return err
		}
		acts, err = journal.History(tx, s.district, Table.Kind, id)
		return err
	})
	return x, acts, err
}

// List lists at most n firms by id, those after one; of one sector or one unit, if given.
func (s *Firms) List(ctx context.Context, sector, unit, after string, n int) ([]*Firm, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) ([]*Firm, error) { return s.page(tx, sector, unit, after, n) })
}

func (s *Firms) page(tx *store.Tx, sector, unit, after string, n int) ([]*Firm, error) {
	switch {
	case sector != "":
		return store.All(tx, scan, `SELECT `+columns+` FROM firms WHERE district = $1 AND sector = $2 AND id > $3 AND ($4 = '' OR unit = $4) ORDER BY id LIMIT $5`, s.district, sector, after, unit, n)
	case unit != "":
		return store.All(tx, scan, `SELECT `+columns+` FROM firms WHERE district = $1 AND unit = $2 AND id > $3 ORDER BY id LIMIT $4`, s.district, unit, after, n)
	}
	return store.All(tx, scan, `SELECT `+columns+` FROM firms WHERE district = $1 AND id > $2 ORDER BY id LIMIT $3`, s.district, after, n)
}

func (s *Firms) save(tx *store.Tx, x *Firm) error {
	return tx.Exec(`INSERT INTO firms (district, `+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, name = excluded.name, kinds = excluded.kinds, sector = excluded.sector, unit = excluded.unit,
			address = excluded.address, person = excluded.person, changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq`,
		s.district, x.ID, x.State, x.Name, x.Kinds, x.Sector, x.Unit, x.Address, x.Person, x.MadeUp, x.Created, x.Changed, x.Version, x.lastSeq)
}
