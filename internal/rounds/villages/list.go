package villages

import (
	"context"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Line is a village with its figures; each of them opens to its works.
type Line struct {
	directory.Unit
	Raised, Finished, Kept int64
	Check                  *Check // of the quarter; nil = not checked yet
}

// List is every village the scope reaches, with its figures, and its check in a quarter.
func (s *Villages) List(ctx context.Context, sc access.Scope, quarter string) ([]Line, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) ([]Line, error) {
		counts := map[string]map[string]int64{}
		if err := tx.Each(`SELECT village, state, count(*) FROM village_works WHERE district = $1 GROUP BY village, state`, []any{s.o.District}, func(r store.Scanner) error {
			var village, state string
			var n int64
			if err := r.Scan(&village, &state, &n); err != nil {
				return err
			}
			if counts[village] == nil {
				counts[village] = map[string]int64{}
			}
			counts[village][state] = n
			return nil
		}); err != nil {
			return nil, err
		}
		checks, err := store.All(tx, scanCheck, `SELECT `+checkColumns+` FROM village_checks WHERE district = $1 AND quarter = $2 ORDER BY village LIMIT 5000`, s.o.District, quarter)
		if err != nil {
			return nil, err
		}
		of := map[string]*Check{}
		for _, c := range checks {
			of[c.Village] = c
		}
		var out []Line
		for _, u := range s.Reached(sc) {
			n := counts[u.ID]
			out = append(out, Line{u, n[Raised], n[Finished], n[Kept], of[u.ID]})
		}
		return out, nil
	})
}

// Open lists the works that the scope reaches and that somebody has to do or to look at, at most n, the newest first in
// each village.
func (s *Villages) Open(ctx context.Context, sc access.Scope, n int) (out []*WorkView, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		for _, u := range s.Reached(sc) {
			list, err := store.All(tx, scanWork, `SELECT `+workColumns+` FROM village_works WHERE district = $1 AND village = $2 AND state IN ('raised', 'finished') ORDER BY doc DESC LIMIT $3`,
				s.o.District, u.ID, int64(n-len(out)))
			if err != nil {
				return err
			}
			for _, x := range list {
				w, err := s.timed(tx, x)
				if err != nil {
					return err
				}
				w.Actions = s.open(sc, x)
				if w.Acts, err = journal.History(tx, s.o.District, Works.Kind, x.ID); err != nil {
					return err
				}
				out = append(out, w)
			}
			if len(out) >= n {
				break
			}
		}
		return nil
	})
	return out, err
}

func (s *Villages) open(sc access.Scope, x *Work) []*flow.Action {
	return Works.Open(x.Position(), s.actor(sc, x.Village, sc.Account() == x.Finisher))
}

// WorkView is a work with its deadline and, when asked for alone, its acts.
type WorkView struct {
	*Work
	Due     time.Time // zero when no clock runs
	Acts    []journal.Act
	Actions []*flow.Action
}

// VillageView is a village with its works and checks, newest first.
type VillageView struct {
	directory.Unit
	Works  []*WorkView
	Checks []*Check
}

// Village is a village that the scope reaches, with at most n works of one state ("" = any), those before the one with
// number after (0 = from the newest).
func (s *Villages) Village(ctx context.Context, sc access.Scope, id, state string, after int64, n int) (*VillageView, error) {
	u, ok := s.o.Directory.Unit(id)
	if !ok || u.Kind != directory.Village || !s.sees(sc, id) {
		return nil, store.ErrNotFound
	}
	if after == 0 {
		after = 1 << 62
	}
	return store.Get(ctx, s.db, func(tx *store.Tx) (*VillageView, error) {
		v := &VillageView{Unit: u}
		list, err := store.All(tx, scanWork, `SELECT `+workColumns+` FROM village_works WHERE district = $1 AND village = $2 AND doc < $3 AND ($4 = '' OR state = $4) ORDER BY doc DESC LIMIT $5`,
			s.o.District, id, after, state, int64(n))
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			w, err := s.timed(tx, x)
			if err != nil {
				return nil, err
			}
			v.Works = append(v.Works, w)
		}
		v.Checks, err = store.All(tx, scanCheck, `SELECT `+checkColumns+` FROM village_checks WHERE district = $1 AND village = $2 ORDER BY doc DESC LIMIT 20`, s.o.District, id)
		return v, err
	})
}

func (s *Villages) timed(tx *store.Tx, x *Work) (w *WorkView, err error) {
	w = &WorkView{Work: x}
	if x.State == Raised {
		w.Due, err = s.due(tx, x)
	}
	return w, err
}

// Work is a work that the scope reaches, with its acts.
func (s *Villages) Work(ctx context.Context, sc access.Scope, id string) (*WorkView, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) (*WorkView, error) {
		x, err := s.reach(tx, sc, id)
		if err != nil {
			return nil, err
		}
		w, err := s.timed(tx, x)
		if err != nil {
			return nil, err
		}
		w.Actions = s.open(sc, x)
		w.Acts, err = journal.History(tx, s.o.District, Works.Kind, id)
		return w, err
	})
}
