package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"weixiao/internal/store"
)

// Follower turns acts into something else: messages, roll-ups, a search index.
// Handle runs in the same transaction as the follower's new position, so each
// act is handled exactly once as far as the database is concerned, on however
// many nodes, and catches up after a restart. It must not reach outside.
type Follower struct {
	Name   string
	Handle func(tx *store.Tx, acts []Act) error
	// Concerns says that Handle would do something with an act; nil means with
	// every act. Acts that concern nobody cost no write: the position moves on in
	// memory, and is stored with the next act that does, or after a while.
	Concerns func(Act) bool
}

// Runner drives followers of one district.
type Runner struct {
	db        *store.DB
	district  string
	log       *slog.Logger
	followers []Follower
	lag       []atomic.Int64

	mu   sync.Mutex
	seen map[string]int64 // follower -> act up to which none since its position concerns it
	tail []Act            // the last acts a follower looked at: the others look at the same
}

// NewRunner makes a runner; Run starts it.
func NewRunner(db *store.DB, district string, log *slog.Logger, followers ...Follower) *Runner {
	return &Runner{db: db, district: district, log: log, followers: followers, lag: make([]atomic.Int64, len(followers)), seen: map[string]int64{}}
}

const followBatch = 200

// Run follows until ctx ends. A follower that fails keeps its position and tries
// again with growing pauses; the others go on.
func (r *Runner) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for i := range r.followers {
		wg.Go(func() { r.follow(ctx, i) })
	}
	wg.Wait()
}

func (r *Runner) follow(ctx context.Context, i int) {
	f := r.followers[i]
	signal, end := r.db.Watch()
	defer end()
	pause := time.Second
	for ctx.Err() == nil {
		n, err := r.Step(ctx, f)
		switch {
		case err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrClosed):
			r.log.Error("follower failed", "follower", f.Name, "error", err)
			sleep(ctx, pause)
			pause = min(2*pause, time.Minute)
			continue
		case n == followBatch:
			r.measure(ctx, i)
			continue
		}
		pause = time.Second
		r.lag[i].Store(0)
		select {
		case <-ctx.Done():
		case <-signal:
			// Under load there is a signal for every commit; a moment's wait lets them
			// gather, so that following costs little however many there are.
			sleep(ctx, gather)
		case <-time.After(5 * time.Second):
		}
	}
}

const gather = 40 * time.Millisecond

func (r *Runner) measure(ctx context.Context, i int) {
	lag, err := store.Get(ctx, r.db, func(tx *store.Tx) (int64, error) {
		head, err := Head(tx, r.district)
		if err != nil {
			return 0, err
		}
		at, err := position(tx, r.district, r.followers[i].Name)
		return head - max(at, r.passed(r.followers[i].Name)), err
	})
	if err == nil {
		r.lag[i].Store(lag)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Lag returns how many acts each follower is behind, for readiness and metrics.
func (r *Runner) Lag() map[string]int64 {
	out := map[string]int64{}
	for i, f := range r.followers {
		out[f.Name] = r.lag[i].Load()
	}
	return out
}

// storeEvery is how many acts a position may be behind what was looked at: so many
// are looked at again after a restart.
const storeEvery = 5000

// Step handles one batch of a follower and returns the number of acts in it.
func (r *Runner) Step(ctx context.Context, f Follower) (n int, err error) {
	// A look without the writer first: most acts concern few followers.
	seen := r.passed(f.Name)
	var stored int64
	acts, err := store.Get(ctx, r.db, func(tx *store.Tx) ([]Act, error) {
		if stored, err = position(tx, r.district, f.Name); err != nil {
			return nil, err
		}
		return r.look(tx, max(stored, seen))
	})
	if err != nil || len(acts) == 0 {
		return 0, err
	}
	last := acts[len(acts)-1].Seq
	if f.Concerns != nil && !slices.ContainsFunc(acts, f.Concerns) && last-stored < storeEvery {
		r.pass(f.Name, last)
		return len(acts), nil
	}
	err = r.db.Write(ctx, func(tx *store.Tx) error {
		n = 0
		at, err := lockPosition(tx, r.district, f.Name)
		if err != nil {
			return err
		}
		acts, err := Since(tx, r.district, max(at, seen), followBatch)
		if err != nil || len(acts) == 0 {
			return err
		}
		if err := f.Handle(tx, acts); err != nil {
			return fmt.Errorf("follower %s at act %d: %w", f.Name, acts[0].Seq, err)
		}
		n = len(acts)
		return tx.Exec(`UPDATE journal_positions SET seq = $3 WHERE district = $1 AND follower = $2`, r.district, f.Name, acts[n-1].Seq)
	})
	return n, err
}

// tailLength is how many acts wait in memory for the slowest of the followers.
const tailLength = 1000

// look is Since for deciding whether acts concern a follower: what another follower
// has read already is not read again.
func (r *Runner) look(tx *store.Tx, seq int64) ([]Act, error) {
	r.mu.Lock()
	i, known := slices.BinarySearchFunc(r.tail, seq+1, func(a Act, seq int64) int { return int(a.Seq - seq) })
	var acts []Act
	if known {
		acts = slices.Clone(r.tail[i:min(i+followBatch, len(r.tail))])
		seq = acts[len(acts)-1].Seq
	}
	r.mu.Unlock()
	if len(acts) == followBatch {
		return acts, nil
	}
	more, err := Since(tx, r.district, seq, followBatch-len(acts))
	if err != nil || len(more) == 0 {
		return acts, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch n := len(r.tail); {
	case n > 0 && r.tail[n-1].Seq+1 == more[0].Seq:
		r.tail = append(r.tail, more...)
		r.tail = slices.Clone(r.tail[max(0, len(r.tail)-tailLength):])
	case n == 0 || r.tail[n-1].Seq < more[0].Seq:
		r.tail = slices.Clone(more)
	}
	return append(acts, more...), nil
}

// Settle lets the follower handle, inside a write, every act before it: whoever
// decides on what a follower keeps must not decide on what it has not seen. With
// more than most acts to handle it does nothing and answers false.
func (f Follower) Settle(tx *store.Tx, district string, most int64) (settled bool, err error) {
	at, err := lockPosition(tx, district, f.Name)
	if err != nil {
		return false, err
	}
	head, err := take(tx, district)
	if err != nil || head.seq-at > most {
		return false, err
	}
	for at < head.seq {
		acts, err := Since(tx, district, at, followBatch)
		if err != nil || len(acts) == 0 {
			return false, err
		}
		if err := f.Handle(tx, acts); err != nil {
			return false, fmt.Errorf("follower %s at act %d: %w", f.Name, acts[0].Seq, err)
		}
		at = acts[len(acts)-1].Seq
	}
	return true, SetPosition(tx, district, f.Name, at)
}

// Position is the last act a follower is known to have handled.
func Position(tx *store.Tx, district, follower string) (int64, error) {
	return position(tx, district, follower)
}

func (r *Runner) passed(follower string) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[follower]
}

func (r *Runner) pass(follower string, seq int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[follower] = max(r.seen[follower], seq)
}

// CatchUp runs all followers until nothing is left, for tests and commands.
func (r *Runner) CatchUp(ctx context.Context) error {
	for again := true; again; {
		again = false
		for _, f := range r.followers {
			n, err := r.Step(ctx, f)
			if err != nil {
				return err
			}
			again = again || n > 0
		}
	}
	return nil
}

func position(tx *store.Tx, district, follower string) (seq int64, err error) {
	err = tx.Row(`SELECT seq FROM journal_positions WHERE district = $1 AND follower = $2`, []any{district, follower}, &seq)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return seq, err
}

func lockPosition(tx *store.Tx, district, follower string) (seq int64, err error) {
	err = tx.Row(`SELECT seq FROM journal_positions WHERE district = $1 AND follower = $2 FOR UPDATE`, []any{district, follower}, &seq)
	if errors.Is(err, store.ErrNotFound) {
		return 0, tx.Exec(`INSERT INTO journal_positions (district, follower, seq) VALUES ($1, $2, 0)`, district, follower)
	}
	return seq, err
}

// SetPosition moves a follower, for instance to the head when it must not repeat
// the past (a new notifier), or to 0 to rebuild a roll-up. Do it
// before a Runner starts: a running one remembers how far it has looked.
func SetPosition(tx *store.Tx, district, follower string, seq int64) error {
	return tx.Exec(`INSERT INTO journal_positions (district, follower, seq) VALUES ($1, $2, $3)
		ON CONFLICT (district, follower) DO UPDATE SET seq = excluded.seq`, district, follower, seq)
}
