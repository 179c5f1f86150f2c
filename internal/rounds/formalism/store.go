package formalism

import (
	"context"
	"math"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

const columns = `id, state, rule, subject, unit, role, scene, reason, asker, asked, approver, approved, until_at, ended, renews, doc, changed, version, last_seq`

func scan(s store.Scanner) (*Exception, error) {
	x := &Exception{}
	return x, s.Scan(&x.ID, &x.State, &x.Rule, &x.Subject, &x.Unit, &x.Role, &x.Scene, &x.Reason, &x.Asker, &x.Asked, &x.Approver, &x.Approved, &x.Until, &x.Closed, &x.Renews,
		&x.Doc, &x.Changed, &x.Version, &x.lastSeq)
}

func (g *Guard) save(tx *store.Tx, x *Exception) error {
	return tx.Exec(`INSERT INTO formalism_exceptions (district, `+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, approver = excluded.approver, approved = excluded.approved, until_at = excluded.until_at,
			ended = excluded.ended, changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq`,
		g.o.District, x.ID, x.State, x.Rule, x.Subject, x.Unit, x.Role, x.Scene, x.Reason, x.Asker, x.Asked, x.Approver, x.Approved, x.Until, x.Closed, x.Renews,
		x.Doc, x.Changed, x.Version, x.lastSeq)
}

func (g *Guard) load(tx *store.Tx, id string) (*Exception, error) {
	list, err := store.All(tx, scan, `SELECT `+columns+` FROM formalism_exceptions WHERE district = $1 AND id = $2`, g.o.District, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, store.ErrNotFound
	}
	return list[0], nil
}

// Get finds an exception that the scope reaches, with its acts.
func (g *Guard) Get(ctx context.Context, sc access.Scope, id string) (x *Exception, acts []journal.Act, err error) {
	err = g.db.Read(ctx, func(tx *store.Tx) error {
		if x, err = g.load(tx, id); err != nil {
			return err
		}
		if !g.sees(sc, x) {
			return store.ErrNotFound
		}
		acts, err = journal.History(tx, g.o.District, Table.Kind, id)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return x, acts, nil
}

// List lists the exceptions that the scope reaches, the newest first; before is the Doc of the last one seen, 0 for none.
func (g *Guard) List(ctx context.Context, sc access.Scope, before int64, limit int) ([]*Exception, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	return store.Get(ctx, g.db, func(tx *store.Tx) ([]*Exception, error) {
		var out []*Exception
		for len(out) < limit {
			page, err := g.page(tx, before, limit)
			if err != nil {
				return nil, err
			}
			for _, x := range page {
				if before = x.Doc; len(out) < limit && g.sees(sc, x) {
					out = append(out, x)
				}
			}
			if len(page) < limit {
				break
			}
		}
		return out, nil
	})
}

func (g *Guard) page(tx *store.Tx, before int64, limit int) ([]*Exception, error) {
	return store.All(tx, scan, `SELECT `+columns+` FROM formalism_exceptions WHERE district = $1 AND doc < $2 ORDER BY doc DESC LIMIT $3`, g.o.District, before, int64(limit))
}

// InForce are the exceptions that hold now: at most a few.
func (g *Guard) InForce(ctx context.Context) ([]*Exception, error) {
	return store.Get(ctx, g.db, func(tx *store.Tx) ([]*Exception, error) { return g.inForce(tx, g.o.Clock()) })
}

func (g *Guard) inForce(tx *store.Tx, at time.Time) ([]*Exception, error) {
	return store.All(tx, scan, `SELECT `+columns+` FROM formalism_exceptions WHERE district = $1 AND state = $2 AND until_at > $3 ORDER BY until_at LIMIT 200`,
		g.o.District, InForce, at.UnixMicro())
}
