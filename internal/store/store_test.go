package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var schema = []store.Schema{{Name: "test", FS: fstest.MapFS{"migrations/00001_test.sql": {Data: []byte(`-- +goose Up
CREATE TABLE things (district TEXT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, ok BOOLEAN NOT NULL, x DOUBLE PRECISION NOT NULL, b BYTEA NOT NULL, PRIMARY KEY (district, id));
CREATE TABLE sums (district TEXT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (district));
`)}}}}

const insertThing = `INSERT INTO things (district, id, name, ok, x, b) VALUES ($1, $2, $3, $4, $5, $6)`

func put(tx *store.Tx, id int64, name string) error {
	return tx.Exec(insertThing, "220605", id, name, true, 0.5, []byte{1, 2, 0})
}

func count(t *testing.T, db *store.DB) (n int64) {
	t.Helper()
	if err := db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.Row(`SELECT count(*) FROM things WHERE district = $1`, []any{"220605"}, &n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRoundTrip(t *testing.T) {
	storetest.Each(t, schema, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		if err := db.Write(ctx, func(tx *store.Tx) error { return put(tx, 1, "路灯 𠮷 '\"") }); err != nil {
			t.Fatal(err)
		}
		err := db.Read(ctx, func(tx *store.Tx) error {
			var (
				name string
				ok   bool
				x    float64
				b    []byte
			)
			// $2 before $1: drivers that number by appearance swap them.
			if err := tx.Row(`SELECT name, ok, x, b FROM things WHERE id = $2 AND district = $1`, []any{"220605", int64(1)}, &name, &ok, &x, &b); err != nil {
				return err
			}
			if name != "路灯 𠮷 '\"" || !ok || x != 0.5 || len(b) != 3 {
				t.Errorf("got %q %v %v %v", name, ok, x, b)
			}
			return tx.Row(`SELECT name FROM things WHERE district = $1 AND id = $2`, []any{"220605", int64(2)}, &name)
		})
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("missing row: %v", err)
		}
	})
}

func TestFailingWriteLeavesNeighboursAlone(t *testing.T) {
	storetest.Each(t, schema, func(t *testing.T, db *store.DB) {
		const n = 200
		var wg sync.WaitGroup
		errs := make([]error, n)
		for i := range n {
			wg.Go(func() {
				errs[i] = db.Write(context.Background(), func(tx *store.Tx) error {
					if i%8 != 1 {
						if err := put(tx, int64(i), "a"); err != nil {
							return err
						}
					}
					switch i % 4 {
					case 1:
						if i%8 == 1 { // a failed read ends a transaction of PostgreSQL, too
							var n int64
							return tx.Row(`SELECT id / (id - id) FROM things WHERE district = $1 AND id = no_such_column`, []any{"220605"}, &n)
						}
						return errors.New("refused by the caller")
					case 2:
						return put(tx, int64(i), "again") // the key is taken
					case 3:
						panic("a bug in one write")
					}
					return nil
				})
			})
		}
		wg.Wait()
		for i, err := range errs {
			switch i % 4 {
			case 0:
				if err != nil {
					t.Fatalf("write %d: %v", i, err)
				}
			case 2:
				if !errors.Is(err, store.ErrConflict) {
					t.Fatalf("write %d: want a conflict, got %v", i, err)
				}
			default:
				if err == nil {
					t.Fatalf("write %d: want an error", i)
				}
			}
		}
		if got := count(t, db); got != n/4 {
			t.Errorf("%d rows, want %d", got, n/4)
		}
	})
}

// TestValuesFollowSavepoints: what writes share in a commit is undone with the
// write that set it, and hooks run once per commit.
func TestValuesFollowSavepoints(t *testing.T) {
	storetest.Each(t, schema, func(t *testing.T, db *store.DB) {
		type key struct{}
		ctx := context.Background()
		if err := db.Write(ctx, func(tx *store.Tx) error {
			return tx.Exec(`INSERT INTO sums (district, n) VALUES ($1, $2)`, "220605", int64(0))
		}); err != nil {
			t.Fatal(err)
		}
		add := func(fail bool) func(*store.Tx) error {
			return func(tx *store.Tx) error {
				v, ok := tx.Value(key{}).(int64)
				if !ok {
					if err := tx.Row(`SELECT n FROM sums WHERE district = $1 FOR UPDATE`, []any{"220605"}, &v); err != nil {
						return err
					}
				}
				tx.SetValue(key{}, v+1)
				tx.BeforeCommit(key{}, func(tx *store.Tx) error {
					return tx.Exec(`UPDATE sums SET n = $2 WHERE district = $1`, "220605", tx.Value(key{}))
				})
				if fail {
					return errors.New("no")
				}
				return nil
			}
		}
		var wg sync.WaitGroup
		for i := range 240 {
			wg.Go(func() { _ = db.Write(ctx, add(i%3 == 0)) })
		}
		wg.Wait()
		var n int64
		if err := db.Read(ctx, func(tx *store.Tx) error { return tx.Row(`SELECT n FROM sums WHERE district = $1`, []any{"220605"}, &n) }); err != nil {
			t.Fatal(err)
		}
		if n != 160 {
			t.Errorf("sum %d, want 160", n)
		}
	})
}

func TestFullQueueIsBusy(t *testing.T) {
	db, err := store.Open(t.Context(), storetest.DSN(t, "sqlite"), store.Options{Queue: 2, Batch: 1, NoSync: true}, schema...)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	gate, inside := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = db.Write(context.Background(), func(*store.Tx) error { close(inside); <-gate; return nil })
	})
	<-inside
	for i := range 2 {
		wg.Go(func() { _ = db.Write(context.Background(), func(tx *store.Tx) error { return put(tx, int64(i), "q") }) })
	}
	for !db.Busy() {
	}
	if err := db.Write(context.Background(), func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrBusy) {
		t.Errorf("full queue: %v", err)
	}
	close(gate)
	wg.Wait()
	if got := count(t, db); got != 2 {
		t.Errorf("%d rows, want 2", got)
	}
}

// TestBehind: a write that follows travels with people's next commit, finds its way
// through a crowd, and comes alone when nobody else writes.
func TestBehind(t *testing.T) {
	storetest.Each(t, schema, func(t *testing.T, db *store.DB) {
		behind := store.Behind(context.Background())
		type key struct{}
		var commits, together int
		write := func(ctx context.Context, id int64, mark string) {
			err := db.Write(ctx, func(tx *store.Tx) error {
				if tx.Value(key{}) == nil {
					commits++
				} else {
					together++
				}
				tx.SetValue(key{}, true)
				return put(tx, id, mark)
			})
			if err != nil {
				t.Error(err)
			}
		}
		write(behind, 1, "alone")
		for i := range int64(5) { // right after an answer it waits for company
			write(context.Background(), 10+i, "answered")
			var wg sync.WaitGroup
			wg.Go(func() { write(behind, 20+i, "follows") })
			time.Sleep(3 * time.Millisecond)
			write(context.Background(), 30+i, "next")
			wg.Wait()
		}
		write(behind, 2, "alone again")
		if got := count(t, db); got != 17 {
			t.Errorf("%d rows, want 17", got)
		}
		if together == 0 || commits > 15 {
			t.Errorf("%d commits and %d writes that travelled along", commits, together)
		}
		stop, done := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		for n := range int64(40) {
			wg.Go(func() {
				for i := int64(0); ; i++ {
					select {
					case <-stop:
						return
					default:
						_ = db.Write(context.Background(), func(tx *store.Tx) error { return put(tx, 1000*(n+1)+i, "crowd") })
					}
				}
			})
		}
		go func() { defer close(done); write(behind, 3, "through the crowd") }()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Error("starved by the crowd")
		}
		close(stop)
		wg.Wait()
	})
}

func TestWaitingWriteOfGoneClientIsNotDone(t *testing.T) {
	storetest.Each(t, schema, func(t *testing.T, db *store.DB) {
		gate, inside := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = db.Write(context.Background(), func(*store.Tx) error { close(inside); <-gate; return nil })
		})
		<-inside
		ctx, cancel := context.WithCancel(context.Background())
		var err error
		wg.Go(func() { err = db.Write(ctx, func(tx *store.Tx) error { return put(tx, 9, "gone") }) })
		cancel()
		close(gate)
		wg.Wait()
		if n := count(t, db); (err == nil) != (n == 1) {
			t.Errorf("answer %v but %d rows", err, n)
		}
	})
}

func TestWritesSurviveReopen(t *testing.T) {
	for _, e := range []string{"sqlite", "postgres"} {
		t.Run(e, func(t *testing.T) {
			dsn := storetest.DSN(t, e)
			for i := range 3 {
				db, err := store.Open(t.Context(), dsn, store.Options{}, schema...)
				if err != nil {
					t.Fatal(err)
				}
				if err := db.Write(t.Context(), func(tx *store.Tx) error { return put(tx, int64(i), "x") }); err != nil {
					t.Fatal(err)
				}
				if got := count(t, db); got != int64(i+1) {
					t.Fatalf("%d rows after %d openings", got, i+1)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				if err := db.Write(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
					t.Fatalf("write after close: %v", err)
				}
			}
		})
	}
}

func TestTwoNodesShareOneDatabase(t *testing.T) {
	dsn := storetest.DSN(t, "postgres")
	a, b := storetest.OpenDSN(t, dsn, schema), storetest.OpenDSN(t, dsn, schema)
	if err := a.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(`INSERT INTO sums (district, n) VALUES ($1, 0)`, "220605") }); err != nil {
		t.Fatal(err)
	}
	heard, end := b.Watch()
	defer end()
	var wg sync.WaitGroup
	for i := range 100 {
		db := a
		if i%2 == 1 {
			db = b
		}
		wg.Go(func() {
			if err := db.Write(context.Background(), func(tx *store.Tx) error {
				var n int64
				if err := tx.Row(`SELECT n FROM sums WHERE district = $1 FOR UPDATE`, []any{"220605"}, &n); err != nil {
					return err
				}
				return tx.Exec(`UPDATE sums SET n = $2 WHERE district = $1`, "220605", n+1)
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var n int64
	if err := b.Read(t.Context(), func(tx *store.Tx) error { return tx.Row(`SELECT n FROM sums WHERE district = $1`, []any{"220605"}, &n) }); err != nil {
		t.Fatal(err)
	}
	if n != 100 {
		t.Errorf("sum %d, want 100: two nodes overwrote each other", n)
	}
	<-heard // drains what b's own commits said
	if err := a.Write(t.Context(), func(tx *store.Tx) error { return put(tx, 1, "x") }); err != nil {
		t.Fatal(err)
	}
	<-heard // hangs until the test's deadline if the other node is never told
}

func TestErrorsCarryNoRows(t *testing.T) {
	db := storetest.Open(t, "postgres", schema)
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		if err := put(tx, 1, "张三"); err != nil {
			return err
		}
		return put(tx, 1, "张三")
	})
	if !errors.Is(err, store.ErrConflict) || strings.Contains(fmt.Sprint(err), "张三") || strings.Contains(fmt.Sprint(err), "220605") {
		t.Errorf("got %v", err)
	}
	if _, err := store.Open(t.Context(), "postgres://u:secret@127.0.0.1:1:2/x", store.Options{}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestOlderProgramRefusesNewerDatabase(t *testing.T) {
	for _, e := range []string{"sqlite", "postgres"} {
		t.Run(e, func(t *testing.T) {
			dsn := storetest.DSN(t, e)
			newer := append([]store.Schema{{Name: "later", FS: fstest.MapFS{"migrations/00002_later.sql": {Data: []byte("-- +goose Up\nCREATE TABLE later (n BIGINT NOT NULL);\n")}}}}, schema...)
			db, err := store.Open(t.Context(), dsn, store.Options{NoSync: true}, newer...)
			if err != nil {
				t.Fatal(err)
			}
			_ = db.Close()
			if _, err := store.Open(t.Context(), dsn, store.Options{NoSync: true}, schema...); err == nil || !strings.Contains(err.Error(), "newer program") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestReadersThatLeave lets readers give up at any moment; the connections must
// stay fit for those who come after.
func TestReadersThatLeave(t *testing.T) {
	storetest.Each(t, schema, func(t *testing.T, db *store.DB) {
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			for i := range 300 {
				if err := put(tx, int64(i), "x"); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 1500 {
					ctx, cancel := context.WithCancel(context.Background())
					go cancel()
					_ = db.Read(ctx, func(tx *store.Tx) error {
						var n int64
						return tx.Row(`SELECT count(*) FROM things WHERE district = $1`, []any{"220605"}, &n)
					})
					cancel()
				}
			})
		}
		wg.Wait()
		for range 20 {
			if got := count(t, db); got != 300 {
				t.Fatalf("%d rows", got)
			}
		}
	})
}
