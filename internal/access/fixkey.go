package access

import (
	"fmt"
	"time"

	"weixiao/internal/flow"
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
	return g.putKey(tx, sc, NewKey{Client: client, Scopes: KeyScopes()}, key, now)
}
