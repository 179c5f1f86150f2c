// Package duties keeps the versions of a district's dispatch catalogue: the rules
// that say who answers, and the questions that are asked. The pack's own are
// version 1. A version goes draft → published, or draft → dropped; a published one
// is in force from its date of effect until a later one is, and is never changed.
//
//	duties.go   Book, Set: what is in force, what was; Decide
//	table.go    who may do what in which state
//	change.go   Draft, Put, Remove, Move, Ask, Replace, Drop, Publish
//	adopt.go    the pack's own rules at the start of a program
//	run.go      dry runs: asked for, under way, done
//	store.go    SQL
//	verify.go   Replayer: rows against acts
//
// Every decision carries the number of the version that made it, so a node that
// learns of a new version a moment later than another writes nothing wrong.
package duties

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"weixiao/internal/catalogue"
	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of versions and dry runs, numbers 19001-19999.
var Schema = store.Schema{Name: "duties", FS: migrations}

// Book is the door to the versions of one district.
type Book struct {
	district string
	pack     string // version of the pack, noted in acts
	base     *catalogue.Catalogue
	set      atomic.Pointer[Set]
	load     sync.Mutex // one refresh at a time
}

// New makes the book from the pack's catalogue, which is in force until Refresh has
// read another one.
func New(district, pack string, base *catalogue.Catalogue) *Book {
	b := &Book{district: district, pack: pack, base: base}
	b.set.Store(&Set{base: base})
	return b
}

// Set is the published versions as of one moment. It never changes.
type Set struct {
	base *catalogue.Catalogue
	last int64 // when the newest was published; 0: only the pack's
	list []published
}

type published struct {
	from int64 // µs UTC; 0 = ever
	cat  *catalogue.Catalogue
}

// Now is the set this process saw last.
func (b *Book) Now() *Set { return b.set.Load() }

// At is the catalogue in force at a moment: of the versions that have begun, the
// newest. For the zero time it is the newest of all that were published.
func (s *Set) At(at time.Time) *catalogue.Catalogue {
	for _, p := range slices.Backward(s.list) {
		if at.IsZero() || p.from <= at.UnixMicro() {
			return p.cat
		}
	}
	return s.base
}

// Version is the published version of that number.
func (s *Set) Version(n int) (*catalogue.Catalogue, bool) {
	for _, p := range s.list {
		if p.cat.Version() == n {
			return p.cat, true
		}
	}
	return s.base, n == s.base.Version()
}

// Decide answers a question with the version in force at its time.
func (b *Book) Decide(q catalogue.Ask) catalogue.Decision { return b.Now().At(q.At).Decide(q) }

// Refresh reads what was published since the last look.
func (b *Book) Refresh(ctx context.Context, db *store.DB) error {
	b.load.Lock()
	defer b.load.Unlock()
	old := b.set.Load()
	rows, err := store.Get(ctx, db, func(tx *store.Tx) ([]Version, error) { return publishedSince(tx, b.district, old.last) })
	if err != nil || len(rows) == 0 {
		return err
	}
	b.learn(rows)
	return nil
}

// learn adds versions to the set that Now returns.
func (b *Book) learn(rows []Version) {
	for {
		old := b.set.Load()
		if b.set.CompareAndSwap(old, b.extend(old, rows)) {
			return
		}
	}
}

func (b *Book) extend(old *Set, rows []Version) *Set {
	next := &Set{base: b.base, last: old.last, list: slices.Clone(old.list)}
	for _, v := range rows {
		if slices.ContainsFunc(next.list, func(p published) bool { return p.cat.Version() == v.Number }) {
			continue
		}
		next.list = append(next.list, published{v.Begins, b.base.Restore(v.Number, v.Content, v.Since)})
		next.last = max(next.last, v.Published)
	}
	slices.SortFunc(next.list, func(x, y published) int { return x.cat.Version() - y.cat.Version() })
	return next
}

// pace is how often at most Run looks for new versions under load.
const pace = time.Second

// Run refreshes after commits, on this node and on others, until ctx ends.
func (b *Book) Run(ctx context.Context, db *store.DB, log *slog.Logger) {
	signal, end := db.Watch()
	defer end()
	for ctx.Err() == nil {
		if err := b.Refresh(ctx, db); err != nil && ctx.Err() == nil {
			log.Warn("dispatch catalogue not read", "error", err)
		}
		if !wait(ctx, pace, nil) || !wait(ctx, 30*time.Second, signal) {
			return
		}
	}
}

// wait waits for a while or a signal; false when ctx ended.
func wait(ctx context.Context, d time.Duration, signal <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
	case <-signal:
	}
	return true
}

// Base is the pack's catalogue.
func (b *Book) Base() *catalogue.Catalogue { return b.base }

// Try makes the catalogue that a draft would be, in force from the local day since.
// The error is of type directory.Faults.
func (b *Book) Try(v Version, since string) (*catalogue.Catalogue, error) {
	c, err := b.base.With(v.Number, v.Content, since)
	if err != nil {
		return nil, fmt.Errorf("duties: version %d: %w", v.Number, err)
	}
	return c, nil
}
