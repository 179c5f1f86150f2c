package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteEngine has one writing connection and a few reading ones. Statements
// are prepared once per connection: the texts are constant, so the set is small.
type sqliteEngine struct {
	db      *sql.DB
	file    string
	write   *sqliteConn
	readers chan *sqliteConn
	all     []*sqliteConn
}

type sqliteConn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func openSQLite(ctx context.Context, file string, opt Options) (engine, error) {
	if file == "" {
		return nil, errors.New("store: sqlite: needs a file name")
	}
	if dir := filepath.Dir(file); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
	}
	sync := "FULL"
	if opt.NoSync {
		sync = "OFF"
	}
	q := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(" + sync + ")", "foreign_keys(1)",
		"cache_size(-16384)", "temp_store(MEMORY)", "wal_autocheckpoint(2000)", "journal_size_limit(67108864)",
	}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	db.SetMaxOpenConns(opt.Readers + 2)
	db.SetMaxIdleConns(opt.Readers + 2)
	e := &sqliteEngine{db: db, file: file, readers: make(chan *sqliteConn, opt.Readers)}
	for i := range opt.Readers + 1 {
		c, err := db.Conn(ctx)
		if err != nil {
			_ = e.close()
			return nil, fmt.Errorf("store: open %s: %w", filepath.Base(file), err)
		}
		sc := &sqliteConn{conn: c, stmts: map[string]*sql.Stmt{}}
		e.all = append(e.all, sc)
		if i == 0 {
			e.write = sc
		} else {
			e.readers <- sc
		}
	}
	return e, os.Chmod(file, 0o600)
}

func (e *sqliteEngine) name() string { return "sqlite" }
func (e *sqliteEngine) signal()      {}

func (e *sqliteEngine) listen(ctx context.Context, _ func()) { <-ctx.Done() }

func (e *sqliteEngine) close() error {
	for _, c := range e.all {
		for _, s := range c.stmts {
			_ = s.Close()
		}
	}
	for _, c := range e.all {
		if c != e.write {
			_ = c.conn.Close()
		}
	}
	e.db.SetMaxIdleConns(0) // a reader that is still there would hold up the checkpoint
	if e.write != nil {
		_, _ = e.write.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
		_ = e.write.conn.Close()
	}
	return e.db.Close()
}

func (e *sqliteEngine) migrate(ctx context.Context, schemas []Schema) error {
	return migrate(ctx, goose.DialectSQLite3, e.db, nil, schemas)
}

func (e *sqliteEngine) reader(ctx context.Context) (session, error) {
	select {
	case c := <-e.readers:
		// Not the caller's context: a caller that leaves in this very moment would
		// leave a transaction behind that nobody knows of.
		s := &sqliteSession{c: c, ctx: context.Background(), back: func() { e.readers <- c }}
		if err := s.exec("BEGIN", nil); err != nil {
			s.rollback()
			return nil, err
		}
		s.ctx = ctx
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *sqliteEngine) writer(ctx context.Context) (session, error) {
	s := &sqliteSession{c: e.write, ctx: ctx, back: func() {}}
	if err := s.exec("BEGIN IMMEDIATE", nil); err != nil {
		return nil, err
	}
	return s, nil
}

type sqliteSession struct {
	c    *sqliteConn
	ctx  context.Context
	back func()
}

func (c *sqliteConn) prepare(text string) (*sql.Stmt, error) {
	if s, ok := c.stmts[text]; ok {
		return s, nil
	}
	s, err := c.conn.PrepareContext(context.Background(), sqliteText(text))
	if err != nil {
		return nil, fmt.Errorf("store: prepare: %w", err)
	}
	c.stmts[text] = s
	return s, nil
}

func (s *sqliteSession) exec(text string, args []any) error {
	_, err := s.count(text, args)
	return err
}

func (s *sqliteSession) count(text string, args []any) (int64, error) {
	st, err := s.c.prepare(text)
	if err != nil {
		return 0, err
	}
	r, err := st.ExecContext(s.ctx, args...)
	if err != nil {
		return 0, sqliteError(err)
	}
	return r.RowsAffected()
}

func (s *sqliteSession) query(text string, args []any) (rows, error) {
	st, err := s.c.prepare(text)
	if err != nil {
		return nil, err
	}
	r, err := st.QueryContext(s.ctx, args...)
	if err != nil {
		return nil, sqliteError(err)
	}
	return sqlRows{r}, nil
}

func (s *sqliteSession) flush() error          { return nil }
func (s *sqliteSession) broken() bool          { return false }
func (s *sqliteSession) savepoint(i int) error { return s.exec(marks[i].set, nil) }
func (s *sqliteSession) release(i int) error   { return s.exec(marks[i].release, nil) }

func (s *sqliteSession) rollbackTo(i int) error {
	if err := s.exec(marks[i].back, nil); err != nil {
		return err
	}
	return s.release(i)
}

func (s *sqliteSession) commit() error {
	defer s.back()
	err := s.exec("COMMIT", nil)
	if err != nil {
		_, _ = s.c.conn.ExecContext(context.Background(), "ROLLBACK")
	}
	return err
}

func (s *sqliteSession) rollback() {
	defer s.back()
	_, _ = s.c.conn.ExecContext(context.Background(), "ROLLBACK")
}

type sqlRows struct{ r *sql.Rows }

func (r sqlRows) Next() bool             { return r.r.Next() }
func (r sqlRows) Scan(dest ...any) error { return r.r.Scan(dest...) }
func (r sqlRows) Close()                 { _ = r.r.Close() }
func (r sqlRows) Err() error {
	if err := r.r.Err(); err != nil {
		return sqliteError(err)
	}
	return nil
}

var (
	dollar   = regexp.MustCompile(`\$(\d+)`)
	rewrites sync.Map
)

// sqliteText makes the common text readable for SQLite: numbered parameters are
// ?n (drivers disagree about $n), and the row lock, which the single writer
// makes needless, goes.
func sqliteText(text string) string {
	if v, ok := rewrites.Load(text); ok {
		return v.(string)
	}
	out := dollar.ReplaceAllString(text, "?$1")
	out = strings.ReplaceAll(out, "FOR UPDATE", "")
	rewrites.Store(text, out)
	return out
}

func sqliteError(err error) error {
	se, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return fmt.Errorf("store: %w", err)
	}
	switch code := se.Code(); {
	case code == sqlite3.SQLITE_CONSTRAINT_UNIQUE, code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fmt.Errorf("%w: %w", ErrConflict, err)
	case code == sqlite3.SQLITE_IOERR_FSYNC, code == sqlite3.SQLITE_IOERR_DIR_FSYNC:
		return fmt.Errorf("%w: %w", errSync, err)
	case code&0xff == sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case code&0xff == sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%w: %w", errRace, err)
	}
	return fmt.Errorf("store: %w", err)
}
