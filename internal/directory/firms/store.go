package firms

import (
	"context"
	"slices"
	"strings"

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

// GetIn finds a firm in a transaction.
func (s *Firms) GetIn(tx *store.Tx, id string) (*Firm, error) { return s.load(tx, id) }

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

// Filter says which organisations a list has. Empty fields hold for all.
type Filter struct {
	Kind, Sector, Unit string
	After              string // id
}

// List lists at most n organisations by id.
func (s *Firms) List(ctx context.Context, f Filter, n int) ([]*Firm, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) ([]*Firm, error) { return s.page(tx, f, n) })
}

func (s *Firms) page(tx *store.Tx, f Filter, n int) ([]*Firm, error) {
	switch {
	case f.Kind != "":
		return s.ofKind(tx, f, n)
	case f.Sector != "":
		return store.All(tx, scan, `SELECT `+columns+` FROM firms WHERE district = $1 AND sector = $2 AND id > $3 AND ($4 = '' OR unit = $4) ORDER BY id LIMIT $5`, s.district, f.Sector, f.After, f.Unit, n)
	case f.Unit != "":
		return store.All(tx, scan, `SELECT `+columns+` FROM firms WHERE district = $1 AND unit = $2 AND id > $3 ORDER BY id LIMIT $4`, s.district, f.Unit, f.After, n)
	}
	return store.All(tx, scan, `SELECT `+columns+` FROM firms WHERE district = $1 AND id > $2 ORDER BY id LIMIT $3`, s.district, f.After, n)
}

// ofKind reads those that are of a kind among others: a page of each combination of
// kinds, which the index has in order, put together.
func (s *Firms) ofKind(tx *store.Tx, f Filter, n int) ([]*Firm, error) {
	var out []*Firm
	for _, kinds := range combinations(f.Kind) {
		list, err := store.All(tx, scan, `SELECT `+columns+` FROM firms WHERE district = $1 AND kinds = $2 AND id > $3 AND ($4 = '' OR sector = $4) AND ($5 = '' OR unit = $5) ORDER BY id LIMIT $6`,
			s.district, kinds, f.After, f.Sector, f.Unit, n)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b *Firm) int { return strings.Compare(a.ID, b.ID) })
	return out[:min(len(out), n)], nil
}

// combinations are the kinds, as rows have them, that one kind is among.
func combinations(kind string) (out []string) {
	all := Kinds()
	for set := 1; set < 1<<len(all); set++ {
		var some []string
		for i, k := range all {
			if set&(1<<i) != 0 {
				some = append(some, k)
			}
		}
		if slices.Contains(some, kind) {
			out = append(out, strings.Join(some, " "))
		}
	}
	return out
}

// team finds a volunteer team without a code by its name.
func (s *Firms) team(tx *store.Tx, c change) (*Firm, error) {
	list, err := store.All(tx, scan, `SELECT `+columns+` FROM firms WHERE district = $1 AND kinds = $2 AND id >= 'v' AND name = $3 AND unit = $4 AND state = $5 ORDER BY id LIMIT 1`,
		s.district, c.Kinds, c.Name, c.Unit, Active)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func (s *Firms) save(tx *store.Tx, x *Firm) error {
	return tx.Exec(`INSERT INTO firms (district, `+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, name = excluded.name, kinds = excluded.kinds, sector = excluded.sector, unit = excluded.unit,
			address = excluded.address, person = excluded.person, changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq`,
		s.district, x.ID, x.State, x.Name, x.Kinds, x.Sector, x.Unit, x.Address, x.Person, x.MadeUp, x.Created, x.Changed, x.Version, x.lastSeq)
}
