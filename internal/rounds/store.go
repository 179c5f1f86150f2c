package rounds

import (
	"context"
	"math"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

const columns = `id, doc, state, matter, words, fix, place, lon, lat, located, street, community, grid, unit, post, account, turn, routine, case_number,
	photos, fix_photos, seen, made_up, created, changed, version, last_seq`

var insertFinding = store.NewInsertion("findings", "district text, id text, doc bigint, state text, matter text, words text, fix text, place text, lon double precision, "+
	"lat double precision, located boolean, street text, community text, grid text, unit text, post text, account text, turn text, routine text, case_number text, "+
	"photos bigint, fix_photos bigint, seen bigint, made_up boolean, created bigint, changed bigint, version bigint, last_seq bigint")

func scan(s store.Scanner) (*Record, error) {
	r := &Record{}
	var photos, fixed int64
	err := s.Scan(&r.ID, &r.Doc, &r.State, &r.Matter, &r.Words, &r.Fix, &r.Place.Text, &r.Place.Lon, &r.Place.Lat, &r.Place.Located, &r.Place.Street, &r.Place.Community,
		&r.Place.Grid, &r.Unit, &r.Post, &r.Account, &r.Turn, &r.Routine, &r.Case, &photos, &fixed, &r.Seen, &r.MadeUp, &r.Created, &r.Changed, &r.Version, &r.lastSeq)
	r.Photos, r.FixPhotos = int(photos), int(fixed)
	return r, err
}

func (r *Rounds) insert(tx *store.Tx, x *Record) error {
	return tx.Insert(insertFinding, r.o.District, x.ID, x.Doc, x.State, x.Matter, x.Words, x.Fix, x.Place.Text, x.Place.Lon, x.Place.Lat, x.Place.Located, x.Place.Street,
		x.Place.Community, x.Place.Grid, x.Unit, x.Post, x.Account, x.Turn, x.Routine, x.Case, int64(x.Photos), int64(x.FixPhotos), x.Seen, x.MadeUp, x.Created, x.Changed,
		x.Version, x.lastSeq)
}

func (r *Rounds) update(tx *store.Tx, x *Record) error {
	return tx.Exec(`UPDATE findings SET state = $3, fix = $4, case_number = $5, fix_photos = $6, changed = $7, version = $8, last_seq = $9 WHERE district = $1 AND id = $2`,
		r.o.District, x.ID, x.State, x.Fix, x.Case, int64(x.FixPhotos), x.Changed, x.Version, x.lastSeq)
}

func (r *Rounds) load(tx *store.Tx, id string) (*Record, error) {
	list, err := store.All(tx, scan, `SELECT `+columns+` FROM findings WHERE district = $1 AND id = $2`, r.o.District, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, store.ErrNotFound
	}
	return list[0], nil
}

// Get finds a finding that the scope reaches, with its acts.
func (r *Rounds) Get(ctx context.Context, sc access.Scope, id string) (rec *Record, acts []journal.Act, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error {
		if rec, err = r.load(tx, id); err != nil {
			return err
		}
		if !r.sees(sc, rec) {
			return store.ErrNotFound
		}
		acts, err = journal.History(tx, r.o.District, Table.Kind, id)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return rec, acts, nil
}

// Filter chooses findings. Exactly one of State, Street, Community, Unit, Account, Routine and Turn is looked for in an
// index; the others narrow what it gives.
type Filter struct {
	State, Street, Community, Unit, Account, Routine, Turn string
	Fate                                                   Fate  // "" = any
	Nowhere, Bare, NoRoutine                               bool  // of no known place; of a street but no community; outside of any routine
	Since, Until                                           int64 // of the act, µs UTC; 0 = open
	Before                                                 int64 // Doc: older than this one; 0 = from the newest
	Limit                                                  int   // 0 = 50
}

// lists are the statements of List by what they look for; each has an index.
var lists = map[string]string{
	"":          `SELECT ` + columns + ` FROM findings WHERE district = $1 AND $2 = '' AND doc >= $3 AND doc < $4 ORDER BY doc DESC LIMIT $5`,
	"state":     `SELECT ` + columns + ` FROM findings WHERE district = $1 AND state = $2 AND doc >= $3 AND doc < $4 ORDER BY doc DESC LIMIT $5`,
	"street":    `SELECT ` + columns + ` FROM findings WHERE district = $1 AND street = $2 AND doc >= $3 AND doc < $4 ORDER BY doc DESC LIMIT $5`,
	"community": `SELECT ` + columns + ` FROM findings WHERE district = $1 AND community = $2 AND doc >= $3 AND doc < $4 ORDER BY doc DESC LIMIT $5`,
	"unit":      `SELECT ` + columns + ` FROM findings WHERE district = $1 AND unit = $2 AND doc >= $3 AND doc < $4 ORDER BY doc DESC LIMIT $5`,
	"account":   `SELECT ` + columns + ` FROM findings WHERE district = $1 AND account = $2 AND doc >= $3 AND doc < $4 ORDER BY doc DESC LIMIT $5`,
	"routine":   `SELECT ` + columns + ` FROM findings WHERE district = $1 AND routine = $2 AND doc >= $3 AND doc < $4 ORDER BY doc DESC LIMIT $5`,
	"turn":      `SELECT ` + columns + ` FROM findings WHERE district = $1 AND turn = $2 AND doc >= $3 AND doc < $4 ORDER BY doc DESC LIMIT $5`,
}

func (f Filter) by() (name, value string) {
	for _, x := range [][2]string{{"turn", f.Turn}, {"account", f.Account}, {"community", f.Community}, {"street", f.Street}, {"unit", f.Unit}, {"routine", f.Routine}, {"state", f.State}} {
		if x[1] != "" {
			return x[0], x[1]
		}
	}
	return "", ""
}

// passes reports whether a record has everything else that the filter asks for.
func (f Filter) passes(r *Record) bool {
	for _, x := range [][2]string{{f.Turn, r.Turn}, {f.Account, r.Account}, {f.Community, r.Place.Community}, {f.Street, r.Place.Street}, {f.Unit, r.Unit}, {f.Routine, r.Routine}, {f.State, r.State}} {
		if x[0] != "" && x[0] != x[1] {
			return false
		}
	}
	return !(f.Nowhere && r.Place.Street+r.Place.Community != "" || f.Bare && r.Place.Community != "" || f.NoRoutine && r.Routine != "")
}

// List lists the findings of a filter that the scope reaches, the newest first. A unit that asks for nothing in
// particular gets those of its place, or its own if it has none.
func (r *Rounds) List(ctx context.Context, sc access.Scope, f Filter) ([]*Record, error) {
	f = r.within(sc, f)
	name, value := f.by()
	if f.Limit == 0 {
		f.Limit = 50
	}
	upper := int64(math.MaxInt64)
	if f.Until != 0 {
		upper = f.Until << 12
	}
	if f.Before != 0 {
		upper = min(upper, f.Before)
	}
	return store.Get(ctx, r.db, func(tx *store.Tx) ([]*Record, error) {
		var out []*Record
		for len(out) < f.Limit {
			page, err := store.All(tx, scan, lists[name], r.o.District, value, f.Since<<12, upper, int64(f.Limit))
			if err != nil {
				return nil, err
			}
			for _, x := range page {
				if upper = x.Doc; len(out) == f.Limit || !f.passes(x) || !r.sees(sc, x) {
					continue
				}
				if f.Fate != "" {
					if fate, err := r.fate(tx, x); err != nil {
						return nil, err
					} else if fate != f.Fate {
						continue
					}
				}
				out = append(out, x)
			}
			if len(page) < f.Limit {
				break
			}
		}
		return out, nil
	})
}

// within narrows a filter that says nothing of a place, nor of a time, to what the scope works for.
func (r *Rounds) within(sc access.Scope, f Filter) Filter {
	if sc.All() || f.Since != 0 || f.Turn+f.Account+f.Community+f.Street+f.Unit != "" {
		return f
	}
	unit := sc.Unit()
	if in, ok := r.o.Directory.OfPlace(unit); ok {
		if in.Community.ID != "" {
			f.Community = unit
		} else {
			f.Street = unit
		}
		return f
	}
	if f.Unit = unit; unit == "" {
		f.Account = sc.Account() // who works for no unit sees what they found themselves
	}
	return f
}

// tie notes which case a finding became.
func (r *Rounds) tie(tx *store.Tx, number, finding string) error {
	return tx.Exec(`INSERT INTO finding_cases (district, case_number, finding, state, solved, at) VALUES ($1, $2, $3, '', '', 0)`, r.o.District, number, finding)
}
