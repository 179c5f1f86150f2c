package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"weixiao/internal/store"
)

// ErrWrongKeys means that the key file belongs to another database.
var ErrWrongKeys = errors.New("vault: this key file belongs to another database")

// Bind ties the key file to a district's data: the first time it stores a mark of
// each key (a digest that tells nothing about it), later it compares. Call it at
// the start of the program, so that a wrong file is found before a report comes.
// Errors: ErrWrongKeys; ErrNoKey when a version that is in use is missing.
func (v *Vault) Bind(ctx context.Context, db *store.DB, district string) error {
	mine := map[string][]byte{"index": mark(v.keys.index, "weixiao bind")}
	for _, k := range v.keys.keks {
		mine[kekName(int64(k.id))] = mark(k.secret, "weixiao bind")
	}
	return db.Write(ctx, func(tx *store.Tx) error {
		theirs := map[string][]byte{}
		if err := tx.Each(`SELECT name, mark FROM vault_keys WHERE district = $1`, []any{district}, func(r store.Scanner) error {
			var name string
			var m []byte
			if err := r.Scan(&name, &m); err != nil {
				return fmt.Errorf("vault: bind: %w", err)
			}
			theirs[name] = m
			return nil
		}); err != nil {
			return err
		}
		for name, m := range theirs {
			if mine[name] == nil {
				if err := notInUse(tx, district, name); err != nil {
					return err
				}
			} else if !bytes.Equal(mine[name], m) {
				return fmt.Errorf("%w: %s", ErrWrongKeys, name)
			}
		}
		for name, m := range mine {
			if err := tx.Exec(`INSERT INTO vault_keys (district, name, mark) VALUES ($1, $2, $3) ON CONFLICT (district, name) DO NOTHING`, district, name, m); err != nil {
				return err
			}
		}
		return nil
	})
}

func kekName(version int64) string { return fmt.Sprintf("kek %d", version) }

// notInUse: a version that was removed from the file after a rotation is fine.
func notInUse(tx *store.Tx, district, name string) error {
	var version int64
	if _, err := fmt.Sscanf(name, "kek %d", &version); err != nil {
		return fmt.Errorf("%w: %s", ErrNoKey, name)
	}
	n, err := InUse(tx, district, version)
	if err != nil || n == 0 {
		return err
	}
	return fmt.Errorf("%w: version %d", ErrNoKey, version)
}

// InUse counts the persons whose keys are wrapped under a version of the KEK.
func InUse(tx *store.Tx, district string, version int64) (n int64, err error) {
	err = tx.Row(`SELECT count(*) FROM person_keys WHERE district = $1 AND kek = $2`, []any{district, version}, &n)
	return n, err
}

const rotateBatch = 200

type wrappedKey struct {
	person  string
	kek     int64
	wrapped []byte
}

// Rotate wraps every person's key under the newest version of the KEK, in short
// writes between which others go on; sealed values are not touched. It can be
// broken off and run again, on two nodes at once too. Every node must have the
// newest key file before it starts. progress, if not nil, hears after each batch.
func (v *Vault) Rotate(ctx context.Context, db *store.DB, district string, progress func(done, total int64)) error {
	to := v.keys.newest()
	var done, total int64
	if err := db.Read(ctx, func(tx *store.Tx) error {
		return tx.Row(`SELECT count(*) FROM person_keys WHERE district = $1 AND kek > 0 AND kek < $2`, []any{district, int64(to.id)}, &total)
	}); err != nil {
		return err
	}
	for {
		batch, err := store.Get(ctx, db, func(tx *store.Tx) ([]wrappedKey, error) {
			return store.All(tx, func(r store.Scanner) (w wrappedKey, err error) {
				err = r.Scan(&w.person, &w.kek, &w.wrapped)
				return w, err
			}, `SELECT person, kek, wrapped FROM person_keys WHERE district = $1 AND kek > 0 AND kek < $2 ORDER BY kek, person LIMIT $3`, district, int64(to.id), rotateBatch)
		})
		if err != nil || len(batch) == 0 {
			return err
		}
		next := make([][]byte, len(batch))
		for i, w := range batch {
			k, err := v.unwrap(district, w.person, w.kek, w.wrapped)
			if err != nil {
				return err
			}
			if next[i], err = to.seal(wrapCell(district, w.person), k.secret); err != nil {
				return err
			}
		}
		if err := db.Write(ctx, func(tx *store.Tx) error {
			for i, w := range batch {
				// A row that was erased or rotated meanwhile has another version.
				if err := tx.Exec(`UPDATE person_keys SET kek = $3, wrapped = $4 WHERE district = $1 AND person = $2 AND kek = $5`,
					district, w.person, int64(to.id), next[i], w.kek); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		done += int64(len(batch))
		if progress != nil {
			progress(done, max(total, done))
		}
	}
}
