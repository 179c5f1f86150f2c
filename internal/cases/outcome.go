package cases

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/store"
)

// Ending is how far a case has come, for work that led to it.
type Ending struct {
	State  string
	Ended  bool
	Solved string // what the resident said: solved basic part no; "" = not asked
	Closed int64  // µs UTC; 0 = open
}

// Endings tells of cases by number; unknown ones are left out.
func (c *Cases) Endings(tx *store.Tx, numbers []string) (map[string]Ending, error) {
	out := make(map[string]Ending, len(numbers))
	for _, n := range numbers {
		if _, known := out[n]; known || n == "" {
			continue
		}
		k, err := c.load(tx, n)
		if err == store.ErrNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[n] = Ending{State: k.State, Ended: k.Ended(), Solved: k.Outcome.Solved, Closed: k.Closed}
	}
	return out, nil
}

// TakeIn takes in a report made ready by Prepare within a transaction of the caller: a finding, a need or a matter of
// a workday becomes a case, or neither of them happens. Two numbers alike on one day are store.ErrConflict: run again.
func (c *Cases) TakeIn(tx *store.Tx, sc access.Scope, p *Prepared, at time.Time) (Receipt, error) {
	if !reportAction.Grants(c.actor(sc, nil)) {
		return Receipt{}, flow.ErrForbidden
	}
	out := Receipt{Number: c.newNumber(at)}
	if err := c.take(tx, sc, p, at, &out); err != nil {
		return Receipt{}, err
	}
	out.Secret = c.Secret(out.Number)
	return out, nil
}
