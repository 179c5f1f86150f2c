package cases

import (
	"errors"

	"weixiao/internal/access"
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
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[n] = Ending{State: k.State, Ended: k.Ended(), Solved: k.Outcome.Solved, Closed: k.Closed}
	}
	return out, nil
}

// MayReport reports whether the scope may make cases.
func (c *Cases) MayReport(sc access.Scope) bool { return reportAction.Grants(c.actor(sc, nil)) }
