package rounds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"weixiao/internal/access"
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
	if len(p.done) > 10*len(p.r.o.Routines) {
		clear(p.done)
	}
	return p.r.generate(ctx, midnight(p.r.o.Clock()), p.done)
}

// midnight is the beginning of a moment's local day.
func midnight(t time.Time) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// generate makes the turns of a day, a transaction for each routine. done are those of which this node knows.
func (r *Rounds) generate(ctx context.Context, day time.Time, done map[string]bool) (n int, err error) {
	date := day.Format(time.DateOnly)
	var due []pack.Routine
	for _, x := range r.o.Routines {
		if !done[x.Key+"/"+date] {
			due = append(due, x)
		}
	}
	if len(due) == 0 {
		return 0, nil
	}
	var holders map[string]string
	if err := r.db.Read(ctx, func(tx *store.Tx) (err error) {
		if due, err = r.due(tx, day, due, done); err == nil && len(due) > 0 {
			holders, err = r.holders(tx)
		}
		return err
	}); err != nil {
		return 0, err
	}
	for _, x := range due {
		m, err := r.lay(x, day, holders)
		if err != nil {
			return n, err
		}
		var made int
		if err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
			made, err = r.makeDay(tx, x, day, time.Time{}, m)
			return err
		}); err != nil {
			return n, fmt.Errorf("rounds: turns of %s on %s: %w", x.Key, date, err)
		}
		done[x.Key+"/"+date] = true
		n += made
	}
	return n, nil
}

// GenerateIn makes the turns of a day in the transaction of a simulation, at a moment of it.
func (r *Rounds) GenerateIn(tx *store.Tx, day, at time.Time) (n int, err error) {
	day = midnight(day)
	due, err := r.due(tx, day, r.o.Routines, map[string]bool{})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	holders, err := r.holders(tx)
	if err != nil {
		return 0, err
	}
	for _, x := range due {
		m, err := r.lay(x, day, holders)
		if err != nil {
			return n, err
		}
		made, err := r.makeDay(tx, x, day, at, m)
		if err != nil {
			return n, err
		}
		n += made
	}
	return n, nil
}

// due are those of some routines that fall on a day and have no turns yet. What calendar or weather do not call for now
// they may call for later in the day.
func (r *Rounds) due(tx *store.Tx, day time.Time, list []pack.Routine, done map[string]bool) (out []pack.Routine, err error) {
	date := day.Format(time.DateOnly)
	weather, err := r.weather(tx, date)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	there, err := r.itemsOn(tx, date)
	if err != nil {
		return nil, err
	}
	working := r.o.Working(day)
	for _, x := range list {
		if _, ok := there[x.Key]; ok {
			done[x.Key+"/"+date] = true
		} else if Falls(x, day, working, weather) {
			out = append(out, x)
		}
	}
	return out, nil
}

func (r *Rounds) holders(tx *store.Tx) (map[string]string, error) {
	if r.o.Holders == nil {
		return nil, nil
	}
	return r.o.Holders(tx)
}

// lay lays out the turns of a routine on a day.
func (r *Rounds) lay(x pack.Routine, day time.Time, holders map[string]string) (made, error) {
	from, to, err := window(x, day)
	if err != nil {
		return made{}, err
	}
	return made{From: from.UnixMicro(), To: to.UnixMicro(), Items: itemsOf(x), Turns: r.seats(x, r.o.Board(), holders, from.UnixMicro())}, nil
}

// makeDay makes the turns of one routine for one day, unless somebody else has.
func (r *Rounds) makeDay(tx *store.Tx, x pack.Routine, day, at time.Time, m made) (int, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return 0, fmt.Errorf("rounds: %w", err)
	}
	items, err := json.Marshal(m.Items)
	if err != nil {
		return 0, fmt.Errorf("rounds: %w", err)
	}
	// The head first: another node that makes the same turns waits here, and then finds the day taken.
	moment, err := journal.Begin(tx, r.o.District, r.now(at))
	if err != nil {
		return 0, err
	}
	date := day.Format(time.DateOnly)
	got, err := tx.Count(`INSERT INTO turn_days (district, routine, day, turns, items, last_seq) VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (district, day, routine) DO NOTHING`,
		r.o.District, x.Key, date, int64(len(m.Turns)), string(items))
	if err != nil || got == 0 {
		return 0, err
	}
	sc := access.SystemScope(r.o.District, "turns of routines")
	a := &journal.Act{District: r.o.District, At: moment.UnixMicro(), Kind: KindTurns, Subject: x.Key + "/" + date, Action: "generate", Actor: sc.Actor(access.System), Pack: r.o.Pack, Body: body}
	if err := journal.Append(tx, a); err != nil {
		return 0, err
	}
	if err := tx.Exec(`UPDATE turn_days SET last_seq = $4 WHERE district = $1 AND routine = $2 AND day = $3`, r.o.District, x.Key, date, a.Seq); err != nil {
		return 0, err
	}
	for i := range m.Turns {
		if err := r.insertTurn(tx, m.turn(x.Key, date, i, a.Seq)); err != nil {
			return 0, err
		}
	}
	return len(m.Turns), nil
}
