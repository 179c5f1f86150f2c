package vault_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

func TestWrongKeyFile(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		v, wrong := newVault(t), newVault(t)
		for range 2 {
			if err := v.Bind(t.Context(), db, district); err != nil {
				t.Fatal(err)
			}
		}
		if err := wrong.Bind(t.Context(), db, district); !errors.Is(err, vault.ErrWrongKeys) {
			t.Errorf("bind: %v", err)
		}
		id := put(t, db, v, canary, noon)
		if _, err := wrong.Check(t.Context(), db, district); errorType(err) != "*vault.Broken" {
			t.Errorf("check: %v", err)
		}
		if _, err := reveal(db, wrong, id, asked("a1", vault.FieldPhone)); errorType(err) != "*vault.Broken" {
			t.Errorf("reveal: %v", err)
		}
		if seen, err := store.Get(t.Context(), db, func(tx *store.Tx) ([]vault.Seen, error) { return vault.WhoSaw(tx, district, id) }); err != nil || len(seen) != 0 {
			t.Errorf("a failed reveal is in the ledger: %v, %v", seen, err)
		}
	})
}

func errorType(err error) string {
	if b, ok := errors.AsType[*vault.Broken](err); ok {
		return fmt.Sprintf("%T", b)
	}
	return fmt.Sprintf("%T", err)
}

// TestRotation rotates while two readers open persons all the time, new persons
// come in under the old key, and one is erased.
func TestRotation(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		path, keys := keyFile(t)
		old := vault.New(keys, vault.Options{})
		if err := old.Bind(t.Context(), db, district); err != nil {
			t.Fatal(err)
		}
		const n = 450
		ids := make([]string, n)
		write(t, db, func(tx *store.Tx) error {
			for i := range ids {
				s, err := old.Seal(district, canary)
				if err != nil {
					return err
				}
				if err := errors.Join(s.SealText("text", "原话"), vault.Put(tx, s, noon)); err != nil {
					return err
				}
				ids[i] = s.ID
			}
			return nil
		})
		keys, err := vault.AddKey(path)
		if err != nil {
			t.Fatal(err)
		}
		v := vault.New(keys, vault.Options{})
		if err := v.Bind(t.Context(), db, district); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var opened [2]atomic.Int64
		for r := range opened {
			wg.Go(func() {
				for i := r; ctx.Err() == nil; i += 7 {
					d := asked("")
					d.Kind, d.Fields = vault.KindMessage, []vault.Field{vault.FieldPhone}
					var p vault.Person
					err := db.Write(context.Background(), func(tx *store.Tx) (err error) {
						p, err = v.Use(tx, district, ids[i%(n-1)], d)
						return err
					})
					if err != nil || p.Phone != canary.Phone {
						t.Errorf("reading during the rotation: %v", err)
						return
					}
					opened[r].Add(1)
				}
			})
		}
		calls := 0
		err = v.Rotate(t.Context(), db, district, func(done, total int64) {
			calls++
			if calls == 1 {
				put(t, db, old, canary, noon)
				put(t, db, v, canary, noon)
				write(t, db, func(tx *store.Tx) error { return vault.Erase(tx, district, ids[n-1], noon) })
			}
			for r := range opened { // both readers are at it
				for opened[r].Load() < int64(calls) && !t.Failed() {
					runtime.Gosched()
				}
			}
			if done > total || total < n {
				t.Errorf("progress %d of %d", done, total)
			}
		})
		stop()
		wg.Wait()
		if err != nil || calls < 3 {
			t.Fatalf("%v, %d batches", err, calls)
		}
		if _, err := old.Check(t.Context(), db, district); !errors.Is(err, vault.ErrNoKey) {
			t.Errorf("the old file still opens: %v", err)
		}
		if err := old.Bind(t.Context(), db, district); !errors.Is(err, vault.ErrNoKey) {
			t.Errorf("the old file still binds: %v", err)
		}
		left, err := store.Get(t.Context(), db, func(tx *store.Tx) (int64, error) { return vault.InUse(tx, district, 1) })
		if err != nil || left != 0 {
			t.Errorf("%d persons under the old version, %v", left, err)
		}
		keys, err = vault.RemoveKey(path, 1)
		if err != nil {
			t.Fatal(err)
		}
		v = vault.New(keys, vault.Options{})
		if err := v.Bind(t.Context(), db, district); err != nil {
			t.Error(err)
		}
		if c, err := v.Check(t.Context(), db, district); err != nil || c != (vault.Checked{Persons: n + 1, Texts: n - 1, Erased: 1}) {
			t.Errorf("check: %v, %v", c, err)
		}
	})
}

// TestErasureDuringABatch: a person is erased after the rotation has read its key
// and before it writes the new one. The key must not come back.
func TestErasureDuringABatch(t *testing.T) {
	db, err := store.Open(t.Context(), storetest.DSN(t, "sqlite"), store.Options{Queue: 1, Batch: 1, MaxWait: time.Hour, NoSync: true}, schemas...)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path, keys := keyFile(t)
	id := put(t, db, vault.New(keys, vault.Options{}), canary, noon)
	if keys, err = vault.AddKey(path); err != nil {
		t.Fatal(err)
	}
	v := vault.New(keys, vault.Options{})
	// The erasure holds the writer until the rotation waits behind it: then the
	// queue is full.
	gate, inside := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := db.Write(context.Background(), func(tx *store.Tx) error {
			close(inside)
			<-gate
			return vault.Erase(tx, district, id, noon)
		}); err != nil {
			t.Error(err)
		}
	})
	<-inside
	wg.Go(func() {
		if err := v.Rotate(context.Background(), db, district, nil); err != nil {
			t.Error(err)
		}
	})
	for !db.Busy() {
		runtime.Gosched()
	}
	close(gate)
	wg.Wait()
	if _, err := reveal(db, v, id, asked("a1", vault.FieldPhone)); !errors.Is(err, vault.ErrErased) {
		t.Errorf("the erased person: %v", err)
	}
	if c, err := v.Check(t.Context(), db, district); err != nil || c.Erased != 1 {
		t.Errorf("check: %v, %v", c, err)
	}
}
