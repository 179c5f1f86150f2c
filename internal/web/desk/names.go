package desk

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/store"
	"weixiao/internal/web"
)

// names remembers the names of staff by account, for logs and lists: they are on
// every page and hardly ever change.
type names struct {
	s  *web.Site
	sc access.Scope
	mu sync.Mutex
	by map[string]named
}

type named struct {
	name string
	read time.Time
}

const (
	namesFor = time.Minute
	maxNames = 5000
)

func newNames(s *web.Site) *names {
	return &names{s: s, sc: access.SystemScope(s.Pack.District, "names of staff beside what they did"), by: map[string]named{}}
}

// load reads the names of these accounts, one read for all that are not known.
// An account that is gone has no name.
func (n *names) load(ctx context.Context, ids ...string) error {
	now := n.s.Clock()
	var missing []string
	n.mu.Lock()
	for _, id := range ids {
		if x, ok := n.by[id]; id != "" && (!ok || now.Sub(x.read) > namesFor || now.Before(x.read)) && !slices.Contains(missing, id) {
			missing = append(missing, id)
		}
	}
	n.mu.Unlock()
	if len(missing) == 0 {
		return nil
	}
	found := map[string]string{}
	err := n.s.DB.Read(ctx, func(tx *store.Tx) error {
		for _, id := range missing {
			a, err := n.s.Gate.Get(tx, n.sc, id)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			found[id] = a.Name
		}
		return nil
	})
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.by) > maxNames {
		clear(n.by)
	}
	for id, name := range found {
		n.by[id] = named{name, now}
	}
	return nil
}

// name is the name of one account, "" when it is not known.
func (n *names) name(ctx context.Context, id string) string {
	if err := n.load(ctx, id); err != nil {
		return ""
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.by[id].name
}
