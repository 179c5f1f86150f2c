package posts

import (
	"context"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

const termColumns = `id, state, post, unit, name, person, account, seconded, from_at, to_at, phone, consent, created, changed, version, last_seq`

func scanTerm(r store.Scanner) (*Term, error) {
	t := &Term{}
	return t, r.Scan(&t.ID, &t.State, &t.Post, &t.Unit, &t.Name, &t.Person, &t.Account, &t.Seconded, &t.From, &t.To, &t.Phone, &t.Consent,
		&t.Created, &t.Changed, &t.Version, &t.lastSeq)
}

func one[T any](list []T, err error) (T, error) {
	if err == nil && len(list) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return list[0], nil
}

func (p *Posts) term(tx *store.Tx, id string) (*Term, error) {
	return one(store.All(tx, scanTerm, `SELECT `+termColumns+` FROM terms WHERE district = $1 AND id = $2`, p.o.District, id))
}

// mostTerms is how many terms of one post are read: a century of yearly changes.
const mostTerms = 200

func (p *Posts) termsOf(tx *store.Tx, post string) ([]*Term, error) {
	return store.All(tx, scanTerm, `SELECT `+termColumns+` FROM terms WHERE district = $1 AND post = $2 ORDER BY from_at DESC, id DESC LIMIT $3`, p.o.District, post, mostTerms)
}

func (p *Posts) saveTerm(tx *store.Tx, t *Term) error {
	return tx.Exec(`INSERT INTO terms (district, `+termColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, person = excluded.person, account = excluded.account, seconded = excluded.seconded,
			from_at = excluded.from_at, to_at = excluded.to_at, phone = excluded.phone, consent = excluded.consent, changed = excluded.changed,
			version = excluded.version, last_seq = excluded.last_seq`,
		p.o.District, t.ID, t.State, t.Post, t.Unit, t.Name, t.Person, t.Account, t.Seconded, t.From, t.To, t.Phone, t.Consent, t.Created, t.Changed, t.Version, t.lastSeq)
}

// Term finds a term with its acts, those of its consents among them, the oldest first.
func (p *Posts) Term(ctx context.Context, id string) (*Term, []journal.Act, error) {
	var t *Term
	var acts []journal.Act
	err := p.db.Read(ctx, func(tx *store.Tx) (err error) {
		if t, err = p.term(tx, id); err != nil {
			return err
		}
		if acts, err = journal.History(tx, p.o.District, Table.Kind, id); err != nil {
			return err
		}
		more, err := journal.History(tx, p.o.District, consentKind, id)
		acts = append(acts, more...)
		return err
	})
	return t, inOrder(acts), err
}

const standinColumns = `id, state, post, by_post, unit, from_at, to_at, created, changed, version, last_seq`

func scanStandin(r store.Scanner) (*Standin, error) {
	s := &Standin{}
	return s, r.Scan(&s.ID, &s.State, &s.Post, &s.By, &s.Unit, &s.From, &s.To, &s.Created, &s.Changed, &s.Version, &s.lastSeq)
}

func (p *Posts) standin(tx *store.Tx, id string) (*Standin, error) {
	return one(store.All(tx, scanStandin, `SELECT `+standinColumns+` FROM standins WHERE district = $1 AND id = $2`, p.o.District, id))
}

func (p *Posts) standinsOf(tx *store.Tx, post string) ([]*Standin, error) {
	return store.All(tx, scanStandin, `SELECT `+standinColumns+` FROM standins WHERE district = $1 AND post = $2 ORDER BY from_at DESC, id DESC LIMIT $3`, p.o.District, post, mostTerms)
}

func (p *Posts) saveStandin(tx *store.Tx, s *Standin) error {
	return tx.Exec(`INSERT INTO standins (district, `+standinColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq`,
		p.o.District, s.ID, s.State, s.Post, s.By, s.Unit, s.From, s.To, s.Created, s.Changed, s.Version, s.lastSeq)
}

const shiftColumns = `id, state, unit, line, post, from_at, to_at, created, changed, version, last_seq`

func scanShift(r store.Scanner) (*Shift, error) {
	s := &Shift{}
	return s, r.Scan(&s.ID, &s.State, &s.Unit, &s.Line, &s.Post, &s.From, &s.To, &s.Created, &s.Changed, &s.Version, &s.lastSeq)
}

func (p *Posts) shift(tx *store.Tx, id string) (*Shift, error) {
	return one(store.All(tx, scanShift, `SELECT `+shiftColumns+` FROM shifts WHERE district = $1 AND id = $2`, p.o.District, id))
}

// shiftsBetween lists the shifts of a unit that begin in [from, to), at most a thousand.
func (p *Posts) shiftsBetween(tx *store.Tx, unit string, from, to int64) ([]*Shift, error) {
	return store.All(tx, scanShift, `SELECT `+shiftColumns+` FROM shifts WHERE district = $1 AND unit = $2 AND from_at >= $3 AND from_at < $4 ORDER BY from_at, id LIMIT 1000`,
		p.o.District, unit, from, to)
}

func (p *Posts) saveShift(tx *store.Tx, s *Shift) error {
	return tx.Exec(`INSERT INTO shifts (district, `+shiftColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq`,
		p.o.District, s.ID, s.State, s.Unit, s.Line, s.Post, s.From, s.To, s.Created, s.Changed, s.Version, s.lastSeq)
}

const houseColumns = `id, state, community, grid, estate, name, lon, lat, entrances, floors, households, source, made_up, created, changed, version, last_seq`

func scanHouse(r store.Scanner) (*house, error) {
	h := &house{}
	return h, r.Scan(&h.ID, &h.state, &h.Community, &h.Grid, &h.Estate, &h.Name, &h.Point[0], &h.Point[1], &h.Entrances, &h.Floors, &h.Households, &h.Source, &h.MadeUp,
		&h.created, &h.changed, &h.version, &h.lastSeq)
}

// house is what was entered about a building; an empty one if nothing was.
func (p *Posts) house(tx *store.Tx, id string) (*house, error) {
	list, err := store.All(tx, scanHouse, `SELECT `+houseColumns+` FROM buildings WHERE district = $1 AND id = $2`, p.o.District, id)
	if err != nil || len(list) == 0 {
		return &house{}, err
	}
	return list[0], nil
}

func (p *Posts) saveHouse(tx *store.Tx, h *house) error {
	return tx.Exec(`INSERT INTO buildings (district, `+houseColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, community = excluded.community, grid = excluded.grid, estate = excluded.estate, name = excluded.name,
			lon = excluded.lon, lat = excluded.lat, entrances = excluded.entrances, floors = excluded.floors, households = excluded.households, source = excluded.source,
			made_up = excluded.made_up, changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq`,
		p.o.District, h.ID, h.state, h.Community, h.Grid, h.Estate, h.Name, h.Point[0], h.Point[1], int64(h.Entrances), int64(h.Floors), int64(h.Households), h.Source, h.MadeUp,
		h.created, h.changed, h.version, h.lastSeq)
}

// delta is what changed since an act.
type delta struct {
	terms    []*Term
	standins []*Standin
	shifts   []*Shift
	houses   []*house
}

func (d *delta) empty() bool {
	return len(d.terms)+len(d.standins)+len(d.shifts)+len(d.houses) == 0
}

// readPage is how many changed rows are read at a time.
const readPage = 2000

// changed reads every row that an act after seq has changed. One act changes one row, so a page can go on behind the
// last act of the one before.
func (p *Posts) changed(tx *store.Tx, seq int64) (*delta, error) {
	d := &delta{}
	var err error
	if d.terms, err = since(tx, scanTerm, `SELECT `+termColumns+` FROM terms WHERE district = $1 AND last_seq > $2 ORDER BY last_seq LIMIT $3`, p.o.District, seq,
		func(t *Term) int64 { return t.lastSeq }); err != nil {
		return nil, err
	}
	if d.standins, err = since(tx, scanStandin, `SELECT `+standinColumns+` FROM standins WHERE district = $1 AND last_seq > $2 ORDER BY last_seq LIMIT $3`, p.o.District, seq,
		func(s *Standin) int64 { return s.lastSeq }); err != nil {
		return nil, err
	}
	if d.shifts, err = since(tx, scanShift, `SELECT `+shiftColumns+` FROM shifts WHERE district = $1 AND last_seq > $2 ORDER BY last_seq LIMIT $3`, p.o.District, seq,
		func(s *Shift) int64 { return s.lastSeq }); err != nil {
		return nil, err
	}
	d.houses, err = since(tx, scanHouse, `SELECT `+houseColumns+` FROM buildings WHERE district = $1 AND last_seq > $2 ORDER BY last_seq LIMIT $3`, p.o.District, seq,
		func(h *house) int64 { return h.lastSeq })
	return d, err
}

func since[T any](tx *store.Tx, scan func(store.Scanner) (T, error), sql, district string, seq int64, last func(T) int64) ([]T, error) {
	var out []T
	for {
		list, err := store.All(tx, scan, sql, district, seq, readPage)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
		if len(list) < readPage {
			return out, nil
		}
		seq = last(list[len(list)-1])
	}
}
