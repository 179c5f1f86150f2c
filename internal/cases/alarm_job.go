package cases

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Alarms is the job that looks every few seconds which rungs are due. It may run on
// any number of nodes.
type Alarms struct {
	c   *Cases
	log *slog.Logger

	reminded, escalated, late atomic.Int64
	lag                       atomic.Int64 // µs

	armed string    // rules that this node knows the rows to be made with
	retry time.Time // before then Rearm is not tried again
}

// NewAlarms makes the job; Run starts it.
func (c *Cases) NewAlarms(log *slog.Logger) *Alarms { return &Alarms{c: c, log: log} }

// AlarmCounts are what this node did since it started, and Lag how long the rung
// has been due that waited longest at the last look.
type AlarmCounts struct {
	Reminded, Escalated, Late int64
	Lag                       time.Duration
}

// Counts returns the counters, for metrics.
func (a *Alarms) Counts() AlarmCounts {
	return AlarmCounts{a.reminded.Load(), a.escalated.Load(), a.late.Load(), time.Duration(a.lag.Load()) * time.Microsecond}
}

const (
	alarmEvery = 3 * time.Second // between two looks
	rearmRetry = time.Minute     // after Rearm failed: what has rows rings meanwhile
	alarmChunk = 50              // subjects in one transaction: the writer is others' in between
)

// Run looks until ctx ends. What could not be done is tried again at the next look.
func (a *Alarms) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if _, err := a.Tick(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrClosed) {
			a.log.Error("alarms", "error", err)
		}
		wait := time.NewTimer(alarmEvery)
		select {
		case <-ctx.Done():
		case <-wait.C:
		}
		wait.Stop()
	}
}

// Tick rings everything that is due now, longest due first, and returns the number
// of acts written. A subject that cannot be handled is passed over and told in the
// error; the others have rung.
func (a *Alarms) Tick(ctx context.Context) (acts int, err error) {
	var bad []error
	rules, err := store.Get(ctx, a.c.db, func(tx *store.Tx) (string, error) {
		set, err := a.c.d.Calendar.In(tx)
		if err != nil {
			return "", err
		}
		return a.c.rules(set), nil
	})
	if err != nil {
		return 0, err
	}
	if a.armed != rules && !a.c.clock().Before(a.retry) {
		if err := a.c.Rearm(ctx); err != nil {
			bad = append(bad, err)
			a.retry = a.c.clock().Add(rearmRetry)
		} else {
			a.armed = rules
		}
	}
	for after, first := (standing{at: -1}), true; ctx.Err() == nil; first = false {
		now := a.c.clock().UnixMicro()
		page, err := store.Get(ctx, a.c.db, func(tx *store.Tx) ([]standing, error) { return a.c.dueKeys(tx, now, after, alarmChunk) })
		if err != nil {
			return acts, errors.Join(append(bad, err)...)
		}
		if first {
			a.lag.Store(0)
			if len(page) > 0 {
				a.lag.Store(now - page[0].at)
			}
		}
		if len(page) == 0 {
			break
		}
		n, err := a.chunk(ctx, page)
		acts += n
		if err != nil && !errors.Is(err, store.ErrBusy) && len(page) > 1 {
			// One of them is broken: do not let it stop the others.
			err = nil
			for i := range page {
				n, one := a.chunk(ctx, page[i:i+1])
				acts += n
				err = errors.Join(err, one)
			}
		}
		if err != nil {
			bad = append(bad, err)
		}
		if errors.Is(err, store.ErrBusy) || len(page) < alarmChunk {
			break
		}
		after = page[len(page)-1]
	}
	return acts, errors.Join(bad...)
}

// chunk rings for some subjects in one transaction.
func (a *Alarms) chunk(ctx context.Context, page []standing) (acts int, err error) {
	var count rang
	err = a.c.db.Write(ctx, func(tx *store.Tx) error {
		count = rang{}
		now := a.c.clock()
		// The head first: whoever else rings, or changes a case, waits until this is done.
		at, err := journal.Begin(tx, a.c.d.Code, now)
		if err != nil {
			return err
		}
		keys := make([]alarmKey, len(page))
		for i, st := range page {
			keys[i] = st.key()
		}
		rows, err := a.c.standings(tx, keys)
		if err != nil {
			return err
		}
		subjects, err := a.c.subjects(tx, keys)
		if err != nil {
			return err
		}
		who := a.c.newRoster()
		for _, key := range keys { // in the order in which they were due
			row, has := rows[key]
			if !has || row.at > now.UnixMicro() {
				continue // somebody else was here
			}
			st, ok := standing{kind: key.kind, number: key.number}, false
			if s, exists := subjects[key]; exists {
				var n rang
				if st, ok, n, err = a.c.ring(tx, who, s, row.clocks, at); err != nil {
					return err
				}
				count.reminded, count.escalated, count.late = count.reminded+n.reminded, count.escalated+n.escalated, count.late+n.late
			}
			if err := a.c.keep(tx, st, ok); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	a.reminded.Add(int64(count.reminded))
	a.escalated.Add(int64(count.escalated))
	a.late.Add(int64(count.late))
	return count.reminded + count.escalated, nil
}
