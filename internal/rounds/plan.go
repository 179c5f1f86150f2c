package rounds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory/posts"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// Planner is the job that makes each day's turns. It may run on any number of nodes: a routine has its turns of a day once.
type Planner struct {
	r    *Rounds
	log  *slog.Logger
	done map[string]bool // routine/day that this node knows to have been made
}

// NewPlanner makes the job; Run starts it.
func (r *Rounds) NewPlanner(log *slog.Logger) *Planner { return &Planner{r, log, map[string]bool{}} }

// planEvery is between two looks: turns are made after midnight, and when the weather calls.
const planEvery = 15 * time.Second

// Run looks until ctx ends.
func (p *Planner) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if _, err := p.Tick(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrClosed) {
			p.log.Error("turns were not made", "error", err)
		}
		wait := time.NewTimer(planEvery)
		select {
		case <-ctx.Done():
		case <-wait.C:
		}
		wait.Stop()
	}
}

// Tick makes the turns of today that are not there yet and returns how many it made.
func (p *Planner) Tick(ctx context.Context) (n int, err error) {
	now := p.r.o.Clock().In(zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	if len(p.done) > 10*len(p.r.o.Routines) {
		clear(p.done)
	}
	return p.r.generate(ctx, today, time.Time{}, p.done)
}

// Generate makes the turns of a day that are not there yet, at a moment of a simulation, and returns how many it made.
func (r *Rounds) Generate(ctx context.Context, day, at time.Time) (int, error) {
	day = day.In(zone)
	return r.generate(ctx, time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone), at, map[string]bool{})
}

func (r *Rounds) generate(ctx context.Context, day, at time.Time, done map[string]bool) (n int, err error) {
	date := day.Format(time.DateOnly)
	var missing []pack.Routine
	for _, x := range r.o.Routines {
		if !done[x.Key+"/"+date] {
			missing = append(missing, x)
		}
	}
	if len(missing) == 0 {
		return 0, nil
	}
	var weather *Weather
	var holders map[string]string
	var there map[string]bool
	if err := r.db.Read(ctx, func(tx *store.Tx) (err error) {
		if weather, err = r.weather(tx, date); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		there, err = r.daysOf(tx, date)
		return err
	}); err != nil {
		return 0, err
	}
	working := r.o.Working(day)
	for _, x := range missing {
		if there[x.Key] {
			done[x.Key+"/"+date] = true
			continue
		}
		if !Falls(x, day, working, weather) {
			continue // the calendar or the weather may say otherwise later in the day
		}
		if holders == nil {
			if holders, err = r.holders(ctx); err != nil {
				return n, err
			}
		}
		made, err := r.makeDay(ctx, x, day, at, holders)
		if err != nil {
			return n, fmt.Errorf("rounds: turns of %s on %s: %w", x.Key, date, err)
		}
		done[x.Key+"/"+date] = true
		n += made
	}
	return n, nil
}

func (r *Rounds) holders(ctx context.Context) (map[string]string, error) {
	if r.o.Holders == nil {
		return map[string]string{}, nil
	}
	return store.Get(ctx, r.db, r.o.Holders)
}

// makeDay makes the turns of one routine for one day, unless somebody else has.
func (r *Rounds) makeDay(ctx context.Context, x pack.Routine, day, at time.Time, holders map[string]string) (n int, err error) {
	from, to, err := window(x, day)
	if err != nil {
		return 0, err
	}
	board := r.o.Board
	if board == nil {
		board = func() *posts.Board { return nil }
	}
	m := made{From: from.UnixMicro(), To: to.UnixMicro(), Items: itemsOf(x), Turns: r.seats(x, board(), holders, from.UnixMicro())}
	body, err := json.Marshal(m)
	if err != nil {
		return 0, fmt.Errorf("rounds: %w", err)
	}
	items, err := json.Marshal(m.Items)
	if err != nil {
		return 0, fmt.Errorf("rounds: %w", err)
	}
	date := day.Format(time.DateOnly)
	sc := access.SystemScope(r.o.District, "turns of routines")
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		n = 0
		// The head first: another node that makes the same turns waits here, and then finds the day taken.
		moment, err := journal.Begin(tx, r.o.District, r.now(at))
		if err != nil {
			return err
		}
		got, err := tx.Count(`INSERT INTO turn_days (district, routine, day, turns, items, last_seq) VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (district, day, routine) DO NOTHING`,
			r.o.District, x.Key, date, int64(len(m.Turns)), string(items))
		if err != nil || got == 0 {
			return err
		}
		a := &journal.Act{District: r.o.District, At: moment.UnixMicro(), Kind: KindTurns, Subject: x.Key + "/" + date, Action: "generate", Actor: sc.Actor(access.System), Pack: r.o.Pack, Body: body}
		if err := journal.Append(tx, a); err != nil {
			return err
		}
		if err := tx.Exec(`UPDATE turn_days SET last_seq = $4 WHERE district = $1 AND routine = $2 AND day = $3`, r.o.District, x.Key, date, a.Seq); err != nil {
			return err
		}
		for i := range m.Turns {
			if err := r.insertTurn(tx, m.turn(x.Key, date, i, a.Seq)); err != nil {
				return err
			}
		}
		n = len(m.Turns)
		return nil
	})
	return n, err
}
