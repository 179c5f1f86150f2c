// Package store is the one door to the database: SQLite embedded, or
// PostgreSQL when a district outgrows one machine. The same SQL text runs on
// both; every difference between the engines lives in this package.
//
// Read runs a function on a snapshot. Write queues a function for the one
// writer, which gathers what waits into one transaction (a savepoint each) and
// answers all of them after one fsync: a nil from Write means on disk. A
// write's function may run again after a lost race, so it must have no effect
// outside its Tx.
//
//	store.go     Open, Read, Write, Close
//	group.go     the writer: batches, savepoints, hooks, values
//	tx.go        Tx: Exec, Row, Query, paging helpers
//	sqlite.go    engine: modernc.org/sqlite
//	postgres.go  engine: pgx, pipelined
//	migrate.go   schemas of the packages, applied with goose
//	wake.go      "something was committed", across nodes
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Errors that callers tell apart. Everything else is a fault of ours.
var (
	ErrNotFound = errors.New("store: not found")
	ErrConflict = errors.New("store: conflict")                // a unique key is taken
	ErrBusy     = errors.New("store: too many waiting writes") // answer 503 with Retry-After
	ErrFull     = errors.New("store: disk full")               // answer 507
	ErrDown     = errors.New("store: database not reachable")  // outcome of a write may be unknown
	ErrClosed   = errors.New("store: closed")
)

// Options tune a database. The zero value is right for production.
type Options struct {
	Log     *slog.Logger
	Queue   int           // most waiting writes; 0 = 256
	Batch   int           // most writes of people in one commit; 0 = 24 (SQLite), 32 (PostgreSQL)
	MaxWait time.Duration // longest wait in the queue before Busy says so; 0 = 500 ms
	Readers int           // reading connections; 0 = GOMAXPROCS (SQLite), 4 x GOMAXPROCS (PostgreSQL)
	NoSync  bool          // do not wait for the disk: tests, and filling a demonstration that is synced at its end
}

func (o Options) filled(postgres bool) Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Queue == 0 {
		o.Queue = 256
	}
	if o.Batch == 0 {
		o.Batch = 24
		if postgres {
			o.Batch = 32
		}
	}
	o.Batch = min(o.Batch, maxBatch-behindBatch)
	if o.MaxWait == 0 {
		o.MaxWait = 500 * time.Millisecond
	}
	if o.Readers == 0 {
		o.Readers = max(2, runtime.GOMAXPROCS(0))
		if postgres {
			o.Readers *= 4
		}
	}
	return o
}

// maxBatch is how many writes may share a commit.
const maxBatch = 64

// marks are the texts of the savepoints of a commit, constant so that they are
// prepared once.
var marks = func() (m [maxBatch]struct{ set, release, back string }) {
	for i := range m {
		n := strconv.Itoa(i)
		m[i].set, m[i].release, m[i].back = "SAVEPOINT w"+n, "RELEASE SAVEPOINT w"+n, "ROLLBACK TO SAVEPOINT w"+n
	}
	return m
}()

// engine is what differs between SQLite and PostgreSQL.
type engine interface {
	name() string
	// reader takes a connection for a snapshot, writer opens the next commit.
	reader(ctx context.Context) (session, error)
	writer(ctx context.Context) (session, error)
	migrate(ctx context.Context, s []Schema) error
	signal() // tells other nodes that something was committed
	listen(ctx context.Context, wake func())
	close() error
}

// session is one transaction on one connection.
type session interface {
	exec(sql string, args []any) error           // may be delayed until the next call that needs an answer
	count(sql string, args []any) (int64, error) // rows affected
	query(sql string, args []any) (rows, error)
	flush() error // everything delayed has run
	// Savepoints have names of their own: when a database refuses a statement
	// before it ran those delayed before it, going back must not find the
	// neighbour's savepoint instead.
	savepoint(i int) error
	release(i int) error
	rollbackTo(i int) error
	broken() bool // a failed statement made the whole transaction useless
	commit() error
	rollback() // also gives the connection back
}

type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// DB is an open database.
type DB struct {
	eng    engine
	opt    Options
	queue  chan *job // of people who wait
	behind chan *job // of what follows the journal
	oldest queueAge
	closed chan struct{}
	stop   context.CancelFunc
	wg     sync.WaitGroup
	waker  waker

	answered time.Time // when people last got an answer; the writer's own

	failMu sync.Mutex
	fail   error
	failed chan struct{}
}

// Open opens "sqlite:FILE" or "postgres://…" and applies the schemas.
func Open(ctx context.Context, dsn string, opt Options, schemas ...Schema) (*DB, error) {
	var (
		eng engine
		err error
	)
	switch {
	case strings.HasPrefix(dsn, "sqlite:"):
		opt = opt.filled(false)
		eng, err = openSQLite(ctx, strings.TrimPrefix(dsn, "sqlite:"), opt)
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		opt = opt.filled(true)
		eng, err = openPostgres(ctx, dsn, opt)
	default:
		return nil, fmt.Errorf("store: database %q: write sqlite:FILE or postgres://USER@HOST/NAME", scheme(dsn))
	}
	if err != nil {
		return nil, err
	}
	if err := eng.migrate(ctx, schemas); err != nil {
		_ = eng.close()
		return nil, err
	}
	run, stop := context.WithCancel(context.Background())
	db := &DB{eng: eng, opt: opt, queue: make(chan *job, opt.Queue), behind: make(chan *job, opt.Queue), closed: make(chan struct{}), stop: stop, failed: make(chan struct{})}
	db.wg.Go(db.writeLoop)
	db.wg.Go(func() { eng.listen(run, db.waker.wake) })
	return db, nil
}

func scheme(dsn string) string {
	s, _, _ := strings.Cut(dsn, ":")
	return s + ":…"
}

// Engine returns "sqlite" or "postgres".
func (db *DB) Engine() string { return db.eng.name() }

// Read runs fn on a snapshot: everything it sees belongs to one moment.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) (err error) {
	s, err := db.eng.reader(ctx)
	if err != nil {
		return err
	}
	defer s.rollback()
	return fn(&Tx{s: s, engine: db.eng.name()})
}

// Busy reports whether a new write would wait too long: doors ask before they
// read a body and answer 503.
func (db *DB) Busy() bool {
	return len(db.queue) >= cap(db.queue) || db.oldest.age(time.Now()) > db.opt.MaxWait
}

// Failed is closed when the database can no longer be trusted (a failed fsync):
// the process must end and recover from the log, see docs/decisions.
func (db *DB) Failed() <-chan struct{} { return db.failed }

// Err returns why Failed was closed.
func (db *DB) Err() error {
	db.failMu.Lock()
	defer db.failMu.Unlock()
	return db.fail
}

func (db *DB) failStop(err error) {
	db.failMu.Lock()
	defer db.failMu.Unlock()
	if db.fail == nil {
		db.fail = err
		close(db.failed)
	}
}

// Close waits for the queued writes and closes the database.
func (db *DB) Close() error {
	select {
	case <-db.closed:
		return nil
	default:
	}
	close(db.closed)
	db.stop()
	db.wg.Wait()
	return db.eng.close()
}
