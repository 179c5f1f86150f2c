package access

import (
	"fmt"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// FixKey gives a client a key that is known beforehand. Only the program itself
// may, and only a development district does: anybody can read the key in its
// documentation.
func (g *Gate) FixKey(tx *store.Tx, sc Scope, client, key string, now time.Time) error {
	if err := g.ours(sc); err != nil {
		return err
	}
	if !sc.Can(System) {
		return fmt.Errorf("%w: fixing a key", flow.ErrForbidden)
	}
	at, err := journal.Begin(tx, g.opt.District, now)
	if err != nil {
		return err
	}
	if err := tx.Exec(`INSERT INTO api_keys (district, hash, client, active, created) VALUES ($1, $2, $3, $4, $5)`,
		g.opt.District, digest(key), client, true, at.UnixMicro()); err != nil {
		return err
	}
	return g.appendKind(tx, sc, "apikey", client, "issue", System, at, struct{}{}, nil)
}
