package assess

import (
	"context"
	"fmt"
	"math"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

const requestColumns = `kind, id, doc, version, last_seq, created, changed, state, number, month, unit, ground, asker, adviser, opinion`

func scanRequest(s store.Scanner) (*Request, error) {
	q := &Request{}
	return q, s.Scan(&q.Kind, &q.ID, &q.Doc, &q.Version, &q.LastSeq, &q.Created, &q.Changed, &q.State, &q.Number, &q.Month, &q.Unit, &q.Ground, &q.Asker, &q.Adviser, &q.Opinion)
}

// Ended reports whether it was decided or given up.
func (q *Request) Ended() bool {
	return q.State == Granted || q.State == Refused || q.State == Withdrawn
}

func (a *Assess) loadRequest(tx *store.Tx, kind, id string) (*Request, error) {
	found, err := store.All(tx, scanRequest, `SELECT `+requestColumns+` FROM score_requests WHERE district = $1 AND kind = $2 AND id = $3`, a.pack.District, kind, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, store.ErrNotFound
	}
	return found[0], nil
}

func (a *Assess) insertRequest(tx *store.Tx, q *Request) error {
	return tx.Exec(`INSERT INTO score_requests (district, `+requestColumns+`, is_open) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		a.pack.District, q.Kind, q.ID, q.Doc, q.Version, q.LastSeq, q.Created, q.Changed, q.State, q.Number, q.Month, q.Unit, q.Ground, q.Asker, q.Adviser, q.Opinion, !q.Ended())
}

func (a *Assess) updateRequest(tx *store.Tx, before, q *Request) error {
	n, err := tx.Count(`UPDATE score_requests SET version = $4, last_seq = $5, changed = $6, state = $7, is_open = $8, adviser = $9, opinion = $10
		WHERE district = $1 AND kind = $2 AND id = $3 AND version = $11`,
		a.pack.District, q.Kind, q.ID, q.Version, q.LastSeq, q.Changed, q.State, !q.Ended(), q.Adviser, q.Opinion, before.Version)
	if err == nil && n != 1 {
		err = fmt.Errorf("assess: %s was changed meanwhile", q.ID)
	}
	return err
}

// RequestView is a request with its acts and what the reader can do now.
type RequestView struct {
	*Request
	Acts    []journal.Act // oldest first, with their words
	Actions []*flow.Action
}

// Request returns an exclusion or appeal the scope reaches.
func (a *Assess) Request(ctx context.Context, sc access.Scope, kind, id string) (*RequestView, error) {
	t, err := requestTable(kind)
	if err != nil {
		return nil, store.ErrNotFound
	}
	return store.Get(ctx, a.db, func(tx *store.Tx) (*RequestView, error) {
		q, err := a.loadRequest(tx, kind, id)
		if err != nil {
			return nil, err
		}
		if !a.visible(sc, q) {
			return nil, store.ErrNotFound
		}
		v := &RequestView{Request: q, Actions: t.Open(q.Position, a.actor(sc, q))}
		v.Acts, err = journal.History(tx, a.pack.District, kind, id)
		return v, err
	})
}

// RequestFilter chooses requests of one kind. Doc of the last one of the page
// before is After.
type RequestFilter struct {
	Kind  string
	Month string // "" = any
	Unit  string // "" = all the scope reaches
	Open  bool   // only those not decided yet
	After int64
	Limit int // 1 to 200
}

// Requests lists requests the scope reaches, newest first.
func (a *Assess) Requests(ctx context.Context, sc access.Scope, f RequestFilter) ([]*Request, error) {
	unit := f.Unit
	if !sc.All() {
		if unit = sc.Unit(); unit == "" {
			return []*Request{}, nil
		}
		if f.Unit != "" && a.pack.Directory.Under(f.Unit, unit) {
			unit = f.Unit
		}
	}
	if f.After == 0 {
		f.After = math.MaxInt64
	}
	limit := int64(min(max(f.Limit, 1), 200))
	return store.Get(ctx, a.db, func(tx *store.Tx) ([]*Request, error) {
		switch {
		case unit != "":
			return store.All(tx, scanRequest, `SELECT `+requestColumns+` FROM score_requests
				WHERE district = $1 AND kind = $2 AND unit = $3 AND doc < $4 AND ($5 = '' OR month = $5) AND ($6 = FALSE OR is_open = TRUE) ORDER BY doc DESC LIMIT $7`,
				a.pack.District, f.Kind, unit, f.After, f.Month, f.Open, limit)
		case f.Month != "":
			return store.All(tx, scanRequest, `SELECT `+requestColumns+` FROM score_requests
				WHERE district = $1 AND kind = $2 AND month = $3 AND doc < $4 AND ($5 = FALSE OR is_open = TRUE) ORDER BY doc DESC LIMIT $6`,
				a.pack.District, f.Kind, f.Month, f.After, f.Open, limit)
		case f.Open:
			return store.All(tx, scanRequest, `SELECT `+requestColumns+` FROM score_requests WHERE district = $1 AND kind = $2 AND is_open = TRUE AND doc < $3 ORDER BY doc DESC LIMIT $4`,
				a.pack.District, f.Kind, f.After, limit)
		}
		return store.All(tx, scanRequest, `SELECT `+requestColumns+` FROM score_requests WHERE district = $1 AND kind = $2 AND doc < $3 ORDER BY doc DESC LIMIT $4`,
			a.pack.District, f.Kind, f.After, limit)
	})
}
