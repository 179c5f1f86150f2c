package store

import (
	"context"
	"errors"
	"fmt"
)

// Tx is a snapshot inside Read, or one write inside Write.
type Tx struct {
	s      session
	engine string
	group  *group
	job    *job
	wrote  bool // something was executed, so that a failure leaves traces
	hopes  bool // no savepoint: a failure runs the whole commit again, with savepoints
}

// Engine returns "sqlite" or "postgres", for the few statements that differ
// (search). Everything else runs the same text on both.
func (tx *Tx) Engine() string { return tx.engine }

// Exec runs a statement whose result is not needed. Its error may come only
// from a later call or from Write itself; Write never succeeds if it failed.
func (tx *Tx) Exec(sql string, args ...any) error {
	tx.wrote = true
	return tx.s.exec(sql, args)
}

// Count runs a statement and returns the rows it touched.
func (tx *Tx) Count(sql string, args ...any) (int64, error) {
	tx.wrote = true
	return tx.s.count(sql, args)
}

// Row scans the single row of a query into dest, or returns ErrNotFound.
func (tx *Tx) Row(sql string, args []any, dest ...any) error {
	r, err := tx.s.query(sql, args)
	if err != nil {
		return err
	}
	defer r.Close()
	if !r.Next() {
		if err := r.Err(); err != nil {
			return err
		}
		return ErrNotFound
	}
	if err := r.Scan(dest...); err != nil {
		return fmt.Errorf("store: scan: %w", err)
	}
	return nil
}

// Scanner is one row of a result.
type Scanner interface{ Scan(dest ...any) error }

// All collects the rows of a query. The slice is never nil.
func All[T any](tx *Tx, scan func(Scanner) (T, error), sql string, args ...any) ([]T, error) {
	out := []T{}
	err := tx.Each(sql, args, func(r Scanner) error {
		v, err := scan(r)
		if err != nil {
			return fmt.Errorf("store: scan: %w", err)
		}
		out = append(out, v)
		return nil
	})
	return out, err
}

// Each calls fn for every row of a query; rows are not kept in memory. fn must
// not use the Tx for another statement while the rows are open.
func (tx *Tx) Each(sql string, args []any, fn func(Scanner) error) error {
	r, err := tx.s.query(sql, args)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		if err := fn(r); err != nil {
			return err
		}
	}
	return r.Err()
}

// Value returns what the writes of this commit share under key, or nil.
func (tx *Tx) Value(key any) any {
	if tx.group == nil {
		return nil
	}
	return tx.group.values[key]
}

// SetValue shares a value with the later writes of this commit. It is undone
// when this write fails, so the value itself must not be changed in place.
func (tx *Tx) SetValue(key, v any) {
	if tx.group == nil {
		panic("store: SetValue outside Write")
	}
	tx.group.values[key] = v
}

// BeforeCommit runs fn once per commit, after the last write of it, however
// many writes ask under the same key.
func (tx *Tx) BeforeCommit(key any, fn func(*Tx) error) {
	for _, h := range tx.group.hooks {
		if h.key == key {
			return
		}
	}
	tx.group.hooks = append(tx.group.hooks, hook{key, fn})
}

// AfterCommit runs fn once this write is on disk, on the writer's goroutine: it
// must be quick.
func (tx *Tx) AfterCommit(fn func()) {
	if tx.job != nil {
		tx.job.after = append(tx.job.after, fn)
	}
}

// Writing reports whether the Tx belongs to a Write.
func (tx *Tx) Writing() bool { return tx.group != nil }

// Get runs a Read that produces one value.
func Get[T any](ctx context.Context, db *DB, fn func(*Tx) (T, error)) (T, error) {
	var v T
	err := db.Read(ctx, func(tx *Tx) (err error) {
		v, err = fn(tx)
		return err
	})
	return v, err
}

// Internal kinds of failure that decide what happens to a batch.
var (
	errRace = errors.New("store: lost a race, run again")
	errSync = errors.New("store: the disk refused to sync")
)
