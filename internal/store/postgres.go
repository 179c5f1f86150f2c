package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// postgresEngine speaks to PostgreSQL through pgx itself rather than through
// database/sql, because pgx can send several statements in one round trip: a
// write's inserts travel together (docs/decisions/001).
type postgresEngine struct {
	pool    *pgxpool.Pool
	opt     Options
	wconn   *pgxpool.Conn
	notify  chan struct{}
	commits atomic.Int64
}

const wakeChannel = "weixiao"

func openPostgres(ctx context.Context, dsn string, opt Options) (engine, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		// The parse error repeats the address, which may hold a password.
		return nil, errors.New("store: the postgres:// address cannot be read")
	}
	cfg.MaxConns = int32(opt.Readers + 4)
	cfg.ConnConfig.RuntimeParams["application_name"] = "weixiao"
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["jit"] = "off"
	if opt.NoSync {
		cfg.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("%w: %w", ErrDown, err)
	}
	return &postgresEngine{pool: pool, opt: opt, notify: make(chan struct{}, 1)}, nil
}

func (e *postgresEngine) name() string { return "postgres" }

func (e *postgresEngine) close() error {
	if e.wconn != nil {
		e.wconn.Release()
	}
	e.pool.Close()
	return nil
}

func (e *postgresEngine) migrate(ctx context.Context, schemas []Schema) error {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	db := stdlib.OpenDBFromPool(e.pool)
	defer db.Close()
	return migrate(ctx, goose.DialectPostgres, db, locker, schemas)
}

func (e *postgresEngine) signal() {
	e.commits.Add(1)
	select {
	case e.notify <- struct{}{}:
	default:
	}
}

// listen wakes this node when another one committed. One sender per node
// gathers signals, at most 20 a second, outside of any business transaction;
// where LISTEN does not exist, a signal comes once a second anyway.
func (e *postgresEngine) listen(ctx context.Context, wake func()) {
	go e.announce(ctx)
	for ctx.Err() == nil {
		e.hear(ctx, wake)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
			wake()
		}
	}
}

func (e *postgresEngine) announce(ctx context.Context) {
	next := int64(50)
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.notify:
		}
		_, _ = e.pool.Exec(ctx, "SELECT pg_notify($1, '')", wakeChannel)
		if e.commits.Load() >= next {
			next *= 10
			e.analyze(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// analyze tells a small database how large its tables have become. Plans that were
// made while they were empty may use any index, and are kept until somebody counts;
// autovacuum does that too, but only after a minute. A database that is large has
// been counted before.
func (e *postgresEngine) analyze(ctx context.Context) {
	var rows float64
	if err := e.pool.QueryRow(ctx, "SELECT coalesce(max(reltuples), 0) FROM pg_class WHERE relkind = 'r'").Scan(&rows); err == nil && rows < 100_000 {
		_, _ = e.pool.Exec(ctx, "ANALYZE")
	}
}

func (e *postgresEngine) hear(ctx context.Context, wake func()) {
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		return
	}
	raw := conn.Hijack()
	defer raw.Close(context.WithoutCancel(ctx))
	if _, err := raw.Exec(ctx, "LISTEN "+wakeChannel); err != nil {
		return
	}
	for {
		wait, cancel := context.WithTimeout(ctx, time.Second)
		_, err := raw.WaitForNotification(wait)
		timeout := wait.Err() != nil
		cancel()
		if err != nil && (!timeout || ctx.Err() != nil) {
			return
		}
		wake()
	}
}

func (e *postgresEngine) reader(ctx context.Context) (session, error) {
	c, err := e.pool.Acquire(ctx)
	if err != nil {
		return nil, pgError(err)
	}
	s := &pgSession{conn: c.Conn(), ctx: ctx, back: c.Release}
	s.batch.Queue("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	return s, nil
}

func (e *postgresEngine) writer(ctx context.Context) (session, error) {
	if e.wconn != nil && e.wconn.Conn().IsClosed() {
		e.wconn.Release()
		e.wconn = nil
	}
	if e.wconn == nil {
		dial, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		c, err := e.pool.Acquire(dial)
		if err != nil {
			return nil, pgError(err)
		}
		e.wconn = c
	}
	s := &pgSession{conn: e.wconn.Conn(), ctx: ctx, back: func() {}}
	s.batch.Queue("BEGIN")
	return s, nil
}

// pgSession delays statements whose result nobody waits for and sends them
// together with the next one that is waited for.
type pgSession struct {
	conn  *pgx.Conn
	ctx   context.Context
	batch pgx.Batch
	back  func()
	rows  inserts // not in batch yet
	began bool
	mark  int // where the open savepoint stands in batch, -1 once it was sent
}

// mostDelayed bounds what waits in memory. It is more than the writes of a crowded
// commit: each message costs a wait, and the writer then stands in line with all
// who prepare the next.
const mostDelayed = 512

func (s *pgSession) exec(text string, args []any) error {
	s.queue(text, args)
	if s.batch.Len() >= mostDelayed {
		return s.flush()
	}
	return nil
}

// insert delays a row, at most so many of a table.
func (s *pgSession) insert(ins *Insertion, values []any) error {
	n, err := s.rows.add(ins, values)
	if err == nil && n >= mostDelayed {
		s.spill()
	}
	return err
}

// spill turns the rows that wait into statements.
func (s *pgSession) spill() {
	for _, p := range s.rows {
		s.batch.Queue(p.ins.many, p.args()...)
	}
	s.rows = s.rows[:0]
}

// queue delays a statement, behind the rows that wait.
func (s *pgSession) queue(text string, args []any) {
	s.spill()
	s.batch.Queue(text, args...)
}

// send sends everything delayed and reads all answers but those of the last n.
func (s *pgSession) send(last int) (pgx.BatchResults, error) {
	b := s.batch
	s.batch = pgx.Batch{}
	s.began, s.mark = true, -1
	br := s.conn.SendBatch(s.ctx, &b)
	for range b.Len() - last {
		if _, err := br.Exec(); err != nil {
			_ = br.Close()
			return nil, pgError(err)
		}
	}
	return br, nil
}

func (s *pgSession) flush() error {
	s.spill()
	if s.batch.Len() == 0 {
		return nil
	}
	br, err := s.send(0)
	if err != nil {
		return err
	}
	if err := br.Close(); err != nil {
		return pgError(err)
	}
	return nil
}

func (s *pgSession) count(text string, args []any) (int64, error) {
	s.queue(text, args)
	br, err := s.send(1)
	if err != nil {
		return 0, err
	}
	tag, err := br.Exec()
	if cerr := br.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return 0, pgError(err)
	}
	return tag.RowsAffected(), nil
}

func (s *pgSession) query(text string, args []any) (rows, error) {
	s.queue(text, args)
	br, err := s.send(1)
	if err != nil {
		return nil, err
	}
	r, err := br.Query()
	if err != nil {
		_ = br.Close()
		return nil, pgError(err)
	}
	return &pgRows{Rows: r, br: br}, nil
}

type pgRows struct {
	pgx.Rows
	br   pgx.BatchResults
	berr error
	shut bool
}

func (r *pgRows) Close() {
	if !r.shut {
		r.shut = true
		r.Rows.Close()
		r.berr = r.br.Close()
	}
}

func (r *pgRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *pgRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return pgError(err)
	}
	if r.berr != nil {
		return pgError(r.berr)
	}
	return nil
}

func (s *pgSession) savepoint(i int) error {
	s.mark = s.batch.Len()
	s.batch.Queue(marks[i].set)
	return nil
}

// broken: when a statement cannot even be prepared, nothing of what was sent with
// it has run, the BEGIN included: what came next would be committed one by one.
func (s *pgSession) broken() bool {
	return s.conn.IsClosed() || (s.began && s.conn.PgConn().TxStatus() != 'T')
}

func (s *pgSession) release(i int) error { return s.exec(marks[i].release, nil) }

func (s *pgSession) rollbackTo(i int) error {
	if s.mark >= 0 {
		// Nothing of the failed write has left yet; what stands before its
		// savepoint belongs to its neighbours.
		s.batch.QueuedQueries = s.batch.QueuedQueries[:s.mark]
		return nil
	}
	s.batch = pgx.Batch{}
	if s.conn.IsClosed() {
		return ErrDown
	}
	s.batch.Queue(marks[i].back)
	if err := s.flush(); err != nil {
		return err
	}
	return s.release(i)
}

// commit answers nil only for a COMMIT: of a transaction that had failed before,
// PostgreSQL makes a ROLLBACK and calls it a success.
func (s *pgSession) commit() error {
	defer s.back()
	s.queue("COMMIT", nil)
	br, err := s.send(1)
	if err != nil {
		s.abandon()
		return err
	}
	tag, err := br.Exec()
	if cerr := br.Close(); err == nil {
		err = cerr
	}
	switch {
	case err != nil:
		s.abandon()
		return pgError(err)
	case tag.String() != "COMMIT":
		return fmt.Errorf("store: the transaction was not committed but ended with %s", tag)
	}
	return nil
}

func (s *pgSession) rollback() {
	defer s.back()
	s.batch, s.rows = pgx.Batch{}, nil
	if s.began {
		s.abandon()
	}
}

// abandon ends the transaction, or the connection when that fails.
func (s *pgSession) abandon() {
	if s.conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), 5*time.Second)
	defer cancel()
	if _, err := s.conn.Exec(ctx, "ROLLBACK"); err != nil {
		_ = s.conn.Close(ctx)
	}
}

func pgError(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	pe, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		}
		return fmt.Errorf("%w: %w", ErrDown, err)
	}
	switch {
	case pe.Code == "23505":
		return fmt.Errorf("%w: %s %s", ErrConflict, pe.TableName, pe.ConstraintName)
	case pe.Code == "40001", pe.Code == "40P01":
		return fmt.Errorf("%w: %s", errRace, pe.Code)
	case pe.Code == "53100":
		return fmt.Errorf("%w: %s", ErrFull, pe.Code)
	case pe.Code[:2] == "57", pe.Code[:2] == "08", pe.Code == "53300":
		return fmt.Errorf("%w: %s", ErrDown, pe.Code)
	}
	// Code, table and constraint, never the row itself: the detail may quote data.
	return fmt.Errorf("store: postgres %s: %s %s %s", pe.Code, pe.Message, pe.TableName, pe.ConstraintName)
}
