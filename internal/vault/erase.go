package vault

import (
	"time"

	"weixiao/internal/store"
)

// Erase destroys a person's key, masked forms, index entries and sealed values.
// The row stays, with the moment, and so does the ledger: both name nobody.
// Erasing again does nothing; an unknown id is store.ErrNotFound.
//
// What this does and does not reach:
//
//   - The live database: at once for every reader. The wrapped key is overwritten
//     with zeros of the same length, which on SQLite replaces its bytes in the
//     page; the write-ahead log holds the old page until its next checkpoint, and
//     PostgreSQL the old row until VACUUM and the old log until it is recycled.
//   - Backups made earlier still hold the wrapped key. Whoever has such a backup
//     AND the key file can open this person. To end that, either let backups
//     expire within the time that is promised to residents; or keep the table
//     person_keys out of the long-lived backups, apart, and only its newest copy
//     (an old backup is then useless for everybody who was erased since); or, the
//     strongest, AddKey, Rotate and RemoveKey, and destroy every copy of the old
//     key file: then all backups made before the rotation are unreadable.
//   - A restored backup brings erased people back: erase them again, from the
//     journal's acts of erasure, before it serves anybody.
func Erase(tx *store.Tx, district, id string, at time.Time) error {
	var wrapped []byte
	var kek int64
	err := tx.Row(`SELECT kek, wrapped FROM person_keys WHERE district = $1 AND person = $2 FOR UPDATE`, []any{district, id}, &kek, &wrapped)
	if err != nil || kek == 0 {
		return err
	}
	// Two statements: only a row of the same length is overwritten in its place.
	if err := tx.Exec(`UPDATE person_keys SET wrapped = $3 WHERE district = $1 AND person = $2`, district, id, make([]byte, len(wrapped))); err != nil {
		return err
	}
	if err := tx.Exec(`UPDATE person_keys SET kek = 0 WHERE district = $1 AND person = $2`, district, id); err != nil {
		return err
	}
	if err := tx.Exec(`DELETE FROM person_texts WHERE district = $1 AND person = $2`, district, id); err != nil {
		return err
	}
	return tx.Exec(`UPDATE persons SET erased = $3, name = $4, phone = $4, address = $4, email = $4, id_number = $4,
		masked_name = '', masked_phone = '', masked_address = '', phone_index = $4, id_index = $4 WHERE district = $1 AND id = $2`,
		district, id, at.UnixMicro(), []byte{})
}
