package vault_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

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
		var opened [2]int
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
					opened[r]++
				}
			})
		}
		calls := 0
		err = v.Rotate(t.Context(), db, district, func(done, total int64) {
			calls++
			if calls == 1 {
				put(t, db, old, canary, noon)
				write(t, db, func(tx *store.Tx) error { return vault.Erase(tx, district, ids[n-1], noon) })
			}
			if done > total || total < n {
				t.Errorf("progress %d of %d", done, total)
			}
		})
		stop()
		wg.Wait()
		if err != nil || calls < 3 || opened[0] == 0 || opened[1] == 0 {
			t.Fatalf("%v, %d batches, %v reads", err, calls, opened)
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
		if c, err := v.Check(t.Context(), db, district); err != nil || c != (vault.Checked{Persons: n, Texts: n - 1, Erased: 1}) {
			t.Errorf("check: %v, %v", c, err)
		}
	})
}
