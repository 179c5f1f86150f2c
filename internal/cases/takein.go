package cases

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/store"
)

// TakeIn takes in a report made ready by Prepare inside a transaction of another kind of work: a finding of a round, a need
// met on a visit. Case and finding are then on disk together, or neither. A zero moment is that of the report.
//
// The report carries no idempotency key: the caller's own record has one. Each run of the transaction draws a new number;
// store.ErrConflict means that the number is taken, and the caller runs its transaction again.
func (c *Cases) TakeIn(tx *store.Tx, sc access.Scope, p *Prepared, at time.Time) (Receipt, error) {
	if !reportAction.Grants(c.actor(sc, nil)) {
		return Receipt{}, flow.ErrForbidden
	}
	if p.r.Key.Value != "" {
		return Receipt{}, errTakeInKey
	}
	if at.IsZero() {
		at = c.said(p.r)
	}
	out := Receipt{Number: c.newNumber(at)}
	if err := c.take(tx, sc, p, at, &out); err != nil {
		return Receipt{}, err
	}
	out.Secret = c.Secret(out.Number)
	return out, nil
}
