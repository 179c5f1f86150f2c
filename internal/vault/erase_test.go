package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

func TestErase(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		v := newVault(t)
		id, other := put(t, db, v, canary, noon, "原话"), put(t, db, v, canary, noon, "原话")
		if _, err := reveal(db, v, id, asked("a1", vault.FieldPhone)); err != nil {
			t.Fatal(err)
		}
		for range 2 { // again does nothing
			write(t, db, func(tx *store.Tx) error { return vault.Erase(tx, district, id, noon) })
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error { return vault.Erase(tx, district, "unknown", noon) }); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("unknown: %v", err)
		}
		if _, err := reveal(db, v, id, asked("a1", vault.FieldPhone)); !errors.Is(err, vault.ErrErased) {
			t.Errorf("reveal: %v", err)
		}
		for name, fn := range map[string]func(tx *store.Tx) error{
			"open text": func(tx *store.Tx) error { _, err := v.OpenText(tx, district, id, asked("a1")); return err },
			"seal text": func(tx *store.Tx) error { return v.SealText(tx, district, id, "x", "x") },
			"replace":   func(tx *store.Tx) error { return v.Replace(tx, district, id, canary) },
		} {
			if err := db.Write(t.Context(), fn); !errors.Is(err, vault.ErrErased) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			m, err := vault.Masks(tx, district, []string{id})
			if err != nil || m[id] != (vault.Masked{Erased: true}) {
				t.Errorf("masks: %v, %v", m, err)
			}
			ids, err := v.FindByPhone(tx, district, canary.Phone, 10)
			if err != nil || !slices.Equal(ids, []string{other}) {
				t.Errorf("found: %v, %v", ids, err)
			}
			seen, err := vault.WhoSaw(tx, district, id)
			if len(seen) != 1 {
				t.Errorf("the ledger lost what happened before: %v", seen)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if c, err := v.Check(t.Context(), db, district); err != nil || c != (vault.Checked{Persons: 1, Texts: 1, Erased: 1}) {
			t.Errorf("check: %v, %v", c, err)
		}
	})
}

// TestErasedKeyLeavesTheFile: on SQLite no piece of the wrapped key is left after
// the next checkpoint, whatever the version it was wrapped under.
func TestErasedKeyLeavesTheFile(t *testing.T) {
	path, keys := keyFile(t)
	for range 2 {
		testErasedKey(t, vault.New(keys, vault.Options{}))
		var err error
		if keys, err = vault.AddKey(path); err != nil {
			t.Fatal(err)
		}
	}
}

func testErasedKey(t *testing.T, v *vault.Vault) {
	file := filepath.Join(t.TempDir(), "weixiao.db")
	db, err := store.Open(t.Context(), "sqlite:"+file, store.Options{}, schemas...)
	if err != nil {
		t.Fatal(err)
	}
	id := put(t, db, v, canary, noon)
	for range 20 {
		put(t, db, v, canary, noon)
	}
	var wrapped []byte
	if err := db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.Row(`SELECT wrapped FROM person_keys WHERE district = $1 AND person = $2`, []any{district, id}, &wrapped)
	}); err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *store.Tx) error { return vault.Erase(tx, district, id, noon) })
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(file + "*")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for i := 6; i+8 <= len(wrapped); i++ { // behind the header
			if bytes.Contains(b, wrapped[i:i+8]) {
				t.Fatalf("%s holds bytes %d to %d of the wrapped key", filepath.Base(f), i, i+8)
			}
		}
	}
}
