package enterprise

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/directory/firms"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Matter is one thing under way for a firm, or one that waits for it.
type Matter struct {
	Kind  string // of the record: its words are "state.<Kind>.<State>"
	ID    string
	Title string
	State string
	Chip  string
	Path  string // page of the firm; "" = none
	At    int64  // µs UTC: last moved
	Due   int64  // µs UTC; record.NoDue = none
	Yours bool   // it waits for the firm
}

// Matters is what another package knows to be under way for the firm that a scope speaks for: approvals, the express
// line, policies, agents.
type Matters interface {
	Matters(ctx context.Context, sc access.Scope) ([]Matter, error)
}

// Home is what a firm sees when it signs in.
type Home struct {
	Firm    *firms.Firm
	Profile *record.View[*Profile] // nil: it stated none yet
	Missing []string               // facts that nobody stated
	Matters []Matter               // what waits for the firm first, then what moved last
}

// Home is the home of the firm that the scope speaks for; store.ErrNotFound for anybody else.
func (s *Enterprise) Home(ctx context.Context, sc access.Scope) (*Home, error) {
	code := sc.Firm()
	if code == "" {
		return nil, store.ErrNotFound
	}
	out := &Home{}
	var err error
	if out.Firm, err = s.Firm(ctx, sc, code); err != nil {
		return nil, err
	}
	out.Profile, err = s.Profile(ctx, sc, code)
	switch {
	case errors.Is(err, store.ErrNotFound):
		out.Missing = append([]string{"founded"}, stated()...)
	case err != nil:
		return nil, err
	default:
		out.Missing = out.Profile.X.Missing()
	}
	for _, m := range s.o.Matters {
		list, err := m.Matters(ctx, sc)
		if err != nil {
			return nil, err
		}
		out.Matters = append(out.Matters, list...)
	}
	slices.SortStableFunc(out.Matters, func(a, b Matter) int {
		if a.Yours != b.Yours {
			if a.Yours {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.At, a.At)
	})
	return out, nil
}

// History is everything of any kind that the district did with a firm, newest first, as far as the scope reaches.
func (s *Enterprise) History(ctx context.Context, sc access.Scope, code string, before int64, n int) ([]record.Line, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) ([]record.Line, error) {
		if _, err := s.firm(tx, sc, code); err != nil {
			return nil, err
		}
		return s.o.Records.About(tx, sc, code, before, n)
	})
}
