package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// job is one waiting write.
type job struct {
	ctx    context.Context
	fn     func(*Tx) error
	since  time.Time
	behind bool
	done   chan error
	after  []func()
}

// queueAge remembers when the write now being served began to wait.
type queueAge struct{ since atomic.Int64 }

func (q *queueAge) set(t time.Time) { q.since.Store(t.UnixNano()) }
func (q *queueAge) clear()          { q.since.Store(0) }
func (q *queueAge) age(now time.Time) time.Duration {
	if s := q.since.Load(); s != 0 {
		return now.Sub(time.Unix(0, s))
	}
	return 0
}

// group is what the writes of one commit share.
type group struct {
	values map[any]any
	hooks  []hook
}

type hook struct {
	key any
	fn  func(*Tx) error
}

type behindKey struct{}

// Behind marks the writes of a context as work that follows the journal. They
// give way to people who wait for an answer: such a write travels with the next
// commit of theirs, or has a commit of its own once none was made for a moment,
// so that an answer finds the disk idle when it leaves.
func Behind(ctx context.Context) context.Context { return context.WithValue(ctx, behindKey{}, true) }

// Write runs fn in the next commit and returns after it is on disk. Several
// writes share a commit; each has a savepoint, so one that fails leaves the
// others alone. fn must not block on anything but its Tx.
//
// ErrBusy means that the queue is full and nothing was done. When ctx ends while
// the write is still waiting it is not done either; once it has started, Write
// waits for its outcome.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if err := db.Err(); err != nil {
		return err
	}
	j := &job{ctx: ctx, fn: fn, since: time.Now(), done: make(chan error, 1)}
	select {
	case <-db.closed:
		return ErrClosed
	default:
	}
	queue := db.queue
	if j.behind = ctx.Value(behindKey{}) != nil; j.behind {
		queue = db.behind
	}
	select {
	case queue <- j:
	default:
		return ErrBusy
	}
	select {
	case err := <-j.done:
		return err
	case <-db.closed:
		// The loop drains the queue before it ends; j may have slipped in after.
		select {
		case err := <-j.done:
			return err
		case <-time.After(30 * time.Second):
			return ErrClosed
		}
	}
}

func (db *DB) writeLoop() {
	batch := make([]*job, 0, maxBatch)
	for {
		first, open := db.first()
		if !open {
			db.drain()
			return
		}
		crowd := len(batch) // of the commit before
		batch = db.gather(append(batch[:0], first), crowd)
		db.serve(batch)
	}
}

// calm is how long after an answered commit a write that follows may start one of
// its own.
const calm = 20 * time.Millisecond

// first waits for the write that opens the next commit; open is false when the
// database closes.
func (db *DB) first() (first *job, open bool) {
	select {
	case j := <-db.queue:
		db.oldest.set(j.since)
		return j, true
	default:
	}
	db.oldest.clear()
	behind := db.behind
	var calmed <-chan time.Time
	if rest := calm - time.Since(db.answered); rest > 0 {
		t := time.NewTimer(rest)
		defer t.Stop()
		behind, calmed = nil, t.C
	}
	for {
		select {
		case j := <-db.queue:
			db.oldest.set(j.since)
			return j, true
		case j := <-behind:
			return j, true
		case <-calmed:
			behind = db.behind
		case <-db.closed:
			return nil, false
		}
	}
}

// gatherTime is how long a commit may wait for more writes when there are many:
// a commit costs about the same for three writes as for thirty, and the others
// use the time to get their writes ready.
const gatherTime = 2 * time.Millisecond

// gather fills a batch with what waits. After a crowded commit it waits a little
// for the crowd to come back; a lone write never waits.
func (db *DB) gather(batch []*job, crowd int) []*job {
	if crowd >= 4 {
		t := time.NewTimer(gatherTime)
		defer t.Stop()
		for late := false; !late && len(batch) < db.opt.Batch; {
			select {
			case j := <-db.queue:
				batch = append(batch, j)
			case <-t.C:
				late = true
			case <-db.closed:
				late = true
			}
		}
	}
	batch = waiting(db.queue, batch, db.opt.Batch)
	return waiting(db.behind, batch, len(batch)+behindBatch)
}

// behindBatch is how many writes that follow travel with one commit: a crowd must
// not starve them, nor wait for many.
const behindBatch = 4

// waiting adds what waits in a queue, up to most writes in the batch.
func waiting(queue chan *job, batch []*job, most int) []*job {
	for len(batch) < most {
		select {
		case j := <-queue:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// drain serves what is still queued when the database closes.
func (db *DB) drain() {
	for {
		select {
		case j := <-db.queue:
			db.serve([]*job{j})
		case j := <-db.behind:
			db.serve([]*job{j})
		default:
			return
		}
	}
}

// serve commits a batch. When the commit itself is lost to a race or the batch
// broke as a whole, every write gets a commit of its own.
func (db *DB) serve(batch []*job) {
	live := batch[:0:0]
	for _, j := range batch {
		if err := j.ctx.Err(); err != nil {
			j.done <- err
			continue
		}
		live = append(live, j)
	}
	if len(live) == 0 {
		return
	}
	results, err := db.attempt(live)
	// After a lost connection nobody knows whether the commit took place: running
	// it again could do everything twice. The callers are told so.
	if err != nil && db.Err() == nil && !errors.Is(err, ErrDown) && (len(live) > 1 || errors.Is(err, errRace)) {
		for _, j := range live {
			db.alone(j)
		}
		return
	}
	committed := false
	for i, j := range live {
		if err != nil && results[i] == nil {
			results[i] = err
		}
		if results[i] == nil {
			committed = true
			for _, f := range j.after {
				f()
			}
		}
		db.answer(j, results[i])
	}
	if committed {
		db.committed()
	}
}

func (db *DB) alone(j *job) {
	var err error
	for try := range 4 {
		var results []error
		results, err = db.attempt([]*job{j})
		if err == nil {
			err = results[0]
		}
		if !errors.Is(err, errRace) || try == 3 {
			break
		}
		time.Sleep(time.Duration(1<<try) * time.Millisecond)
	}
	if err == nil {
		for _, f := range j.after {
			f()
		}
		db.committed()
	}
	db.answer(j, err)
}

func (db *DB) answer(j *job, err error) {
	if !j.behind {
		db.answered = time.Now()
	}
	j.done <- err
}

func (db *DB) committed() {
	db.waker.wake()
	db.eng.signal()
}

// attempt runs the batch in one transaction, first without savepoints: they cost
// SQLite a copy of every page a write touches. When one fails after it has
// written something, or the commit does, all is rolled back and the batch runs again with a savepoint
// for each write, so that its neighbours are not taken down.
func (db *DB) attempt(batch []*job) (results []error, err error) {
	if len(batch) > 1 {
		results, err = db.transaction(batch, false)
		if err == nil || errors.Is(err, ErrDown) || errors.Is(err, errRace) || db.Err() != nil {
			return results, err
		}
	}
	return db.transaction(batch, true)
}

// errDirty means that a write without a savepoint failed half-way.
var errDirty = errors.New("store: a write failed half-way")

// transaction runs the batch. A returned error concerns the whole batch; results
// concern single writes.
func (db *DB) transaction(batch []*job, savepoints bool) (results []error, err error) {
	results = make([]error, len(batch))
	s, err := db.eng.writer(context.Background())
	if err != nil {
		return results, err
	}
	finished := false
	defer func() {
		if !finished {
			s.rollback()
		}
	}()
	g := &group{values: map[any]any{}}
	kept := 0
	for i, j := range batch {
		ok, err := db.one(s, g, j, i, savepoints)
		switch {
		case err != nil && (!ok || errors.Is(err, errRace)):
			return results, err
		case err != nil:
			results[i] = err
		default:
			kept++
		}
	}
	if kept == 0 {
		return results, nil
	}
	tx := &Tx{s: s, engine: db.eng.name(), group: g}
	for _, h := range g.hooks {
		if err := h.fn(tx); err != nil {
			return results, err
		}
	}
	finished = true
	if err := s.commit(); err != nil {
		if errors.Is(err, errSync) {
			db.failStop(err)
		}
		return results, err
	}
	return results, nil
}

// one runs a single write. ok says that the transaction can go on; err is the
// write's own error then, and the whole batch's otherwise.
func (db *DB) one(s session, g *group, j *job, i int, savepoint bool) (ok bool, err error) {
	j.after = nil
	if savepoint {
		if err := s.savepoint(i); err != nil {
			return false, err
		}
	}
	values, hooks := maps.Clone(g.values), len(g.hooks)
	tx := &Tx{s: s, engine: db.eng.name(), group: g, job: j, hopes: !savepoint}
	ferr := run(tx, j.fn)
	if ferr == nil && tx.wrote && savepoint {
		// Without savepoints nobody asks whose statement failed: they may travel
		// together with those of the next write.
		ferr = s.flush()
	}
	switch {
	case ferr == nil && savepoint:
		if err := s.release(i); err != nil {
			return false, err
		}
		return true, nil
	case ferr == nil:
		return true, nil
	}
	g.values, g.hooks = values, g.hooks[:hooks]
	switch {
	case savepoint:
		if err := s.rollbackTo(i); err != nil {
			return false, errors.Join(ferr, err)
		}
		return true, ferr
	case tx.wrote, s.broken():
		return false, errDirty
	}
	return true, ferr
}

// run calls fn and turns a panic into an error: one write must not end the
// process that serves all others.
func run(tx *Tx, fn func(*Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store: panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(tx)
}
