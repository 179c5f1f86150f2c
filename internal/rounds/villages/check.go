package villages

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Check is the check of a village in a quarter.
type Check struct {
	head
	State   string `json:"state"`
	Village string `json:"village"`
	Quarter string `json:"quarter"` // 2022Q4
	Checker string `json:"checker"`
	Unmet   string `json:"unmet"` // items, joined by blanks
	Items   int64  `json:"items"` // how many items there were
}

// Met is the share of items that were met, in percent.
func (c *Check) Met() int64 {
	if c.Items == 0 {
		return 0
	}
	return (c.Items - int64(len(strings.Fields(c.Unmet)))) * 100 / c.Items
}

// Look checks a village for the quarter of now: what is unmet becomes a work with its clock, unless one is open for it.
func (s *Villages) Look(ctx context.Context, sc access.Scope, in Input) (x *Check, err error) {
	act, err := Checks.Action("check")
	if err != nil {
		return nil, err
	}
	answers, err := s.known(sc, act).Check(in.Raw)
	if err != nil {
		return nil, err
	}
	village, quarter := answers.Str("village"), QuarterOf(s.now(in))
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		at, err := journal.Begin(tx, s.o.District, s.now(in))
		if err != nil {
			return err
		}
		did, err := s.didThere(tx, sc.Account(), village, at)
		if err != nil {
			return err
		}
		capacity := act.Capacity(s.actor(sc, village, did))
		switch {
		case capacity == "" && act.Capacity(s.actor(sc, village, false)) != "":
			return &RefusedError{"village_own_work"}
		case capacity == "":
			return flow.ErrForbidden
		}
		id := village + "-" + quarter
		if _, err := s.loadCheck(tx, id); err == nil {
			return &RefusedError{"village_checked"}
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		x = &Check{State: Checked, Village: village, Quarter: quarter, Checker: sc.Account(), Unmet: strings.Join(answers.List("unmet"), " "), Items: int64(len(s.o.Rules.Items))}
		if err := s.write(tx, sc.Actor(capacity), Checks.Kind, id, act.Name, at, x, map[string]string{"summary": answers.Str("summary")}); err != nil {
			return err
		}
		if err := s.insertCheck(tx, x); err != nil {
			return err
		}
		return s.raiseUnmet(tx, sc.Actor(capacity), x, answers.Str("summary"), at)
	})
	return x, err
}

// raiseUnmet makes a work of every unmet item that has none open.
func (s *Villages) raiseUnmet(tx *store.Tx, actor journal.Actor, x *Check, summary string, at time.Time) error {
	open, err := store.All(tx, func(r store.Scanner) (item string, err error) { return item, r.Scan(&item) },
		`SELECT item FROM village_works WHERE district = $1 AND village = $2 AND state IN ('raised', 'finished')`, s.o.District, x.Village)
	if err != nil {
		return err
	}
	for _, item := range strings.Fields(x.Unmet) {
		if slices.Contains(open, item) {
			continue
		}
		if _, err := s.raise(tx, actor, s.newID(at), x.Village, item, summary, at, Input{}); err != nil {
			return err
		}
	}
	return nil
}

// didThere reports whether an account finished anything in a village in the quarter of a moment.
func (s *Villages) didThere(tx *store.Tx, account, village string, at time.Time) (bool, error) {
	t := at.In(worktime.Zone)
	first := time.Date(t.Year(), (t.Month()-1)/3*3+1, 1, 0, 0, 0, 0, worktime.Zone)
	var n int64
	err := tx.Row(`SELECT count(*) FROM village_works WHERE district = $1 AND village = $2 AND finisher = $3 AND finished >= $4`, []any{s.o.District, village, account, first.UnixMicro()}, &n)
	return n > 0, err
}
