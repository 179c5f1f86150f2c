package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

var insertItem = store.NewInsertion("things", "district text, id bigint, name text, ok boolean, x double precision, b bytea")

// TestInsert: rows that share a statement are there for the next statement of their
// commit, and one that is taken already fails alone.
func TestInsert(t *testing.T) {
	storetest.Each(t, schema, func(t *testing.T, db *store.DB) {
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			return tx.Insert(insertItem, "220605", int64(500), "taken", true, 0.5, []byte{1})
		}); err != nil {
			t.Fatal(err)
		}
		gate, inside := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = db.Write(context.Background(), func(*store.Tx) error { close(inside); <-gate; return nil })
		})
		<-inside // so that the others share a commit
		errs := make([]error, 20)
		for i := range errs {
			wg.Go(func() {
				errs[i] = db.Write(context.Background(), func(tx *store.Tx) error {
					id := int64(i)
					if i == 7 {
						id = 500
					}
					if err := tx.Insert(insertItem, "220605", id, fmt.Sprint("row ", i), i%2 == 0, float64(i), []byte{0, byte(i)}); err != nil || i%5 != 0 {
						return err
					}
					n, err := tx.Count(`UPDATE things SET name = $3 WHERE district = $1 AND id = $2 AND x = $4`, "220605", id, "seen", float64(i))
					if err == nil && n != 1 {
						err = fmt.Errorf("row %d was not there for the next statement", i)
					}
					return err
				})
			})
		}
		close(gate)
		wg.Wait()
		for i, err := range errs {
			if want := i == 7; errors.Is(err, store.ErrConflict) != want || !want && err != nil {
				t.Errorf("row %d: %v", i, err)
			}
		}
		if got := count(t, db); got != 20 {
			t.Errorf("%d rows, want 20", got)
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.Insert(insertItem, "220605", int64(9)) }); err == nil {
			t.Error("values may be left out")
		}
	})
}
