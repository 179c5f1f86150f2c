package assets

import (
	"context"
	"errors"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/store"
)

// Compare says of each asset whether Register would take it: nil, ErrKnown, ErrTaken, or what Settle says. It writes
// nothing.
func (s *Assets) Compare(ctx context.Context, list []Asset) ([]error, error) {
	out := make([]error, len(list))
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		for i, n := range list {
			c, err := s.Settle(n)
			if err != nil {
				out[i] = err
				continue
			}
			old, err := s.load(tx, n.ID)
			switch {
			case errors.Is(err, store.ErrNotFound):
			case err != nil:
				return err
			case sameThing(old.change(), c):
				out[i] = ErrKnown
			default:
				out[i] = ErrTaken
			}
		}
		return nil
	})
	return out, err
}

// atOnce is how many assets share a transaction, so that others can write in between.
const atOnce = 200

// RegisterAll takes in assets that Compare has found good. Those that are there already are passed over, so that what
// was interrupted is simply done again.
func (s *Assets) RegisterAll(ctx context.Context, sc access.Scope, list []Asset) (added, known int, err error) {
	if act, err := Table.Action("register"); err != nil || !act.Grants(s.actor(sc, nil)) {
		return 0, 0, errors.Join(err, flow.ErrForbidden)
	}
	for len(list) > 0 {
		n := min(atOnce, len(list))
		a, k := 0, 0
		err := s.db.Write(ctx, func(tx *store.Tx) error {
			a, k = 0, 0
			for _, x := range list[:n] {
				switch err := s.Register(tx, sc, x); {
				case err == nil:
					a++
				case errors.Is(err, ErrKnown):
					k++
				default:
					return err
				}
			}
			return nil
		})
		if err != nil {
			return added, known, err
		}
		added, known, list = added+a, known+k, list[n:]
	}
	return added, known, nil
}
