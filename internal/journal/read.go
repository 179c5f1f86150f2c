package journal

import (
	"encoding/json"
	"iter"
	"maps"

	"weixiao/internal/store"
)

func keys(m map[string]string) iter.Seq[string] { return maps.Keys(m) }

func scan(r store.Scanner) (a Act, err error) {
	var body string
	err = r.Scan(&a.District, &a.Seq, &a.At, &a.Kind, &a.Subject, &a.Action, &a.Actor.Account, &a.Actor.Unit, &a.Actor.Capacity, &a.Pack, &body, &a.Digest, &a.Hash)
	a.Body = json.RawMessage(body)
	return a, err
}

// History returns the acts of one record in order, with their texts.
func History(tx *store.Tx, district, kind, subject string) ([]Act, error) {
	acts, err := store.All(tx, scan, `SELECT district, seq, at, kind, subject, action, account, unit, capacity, pack, body, digest, hash
		FROM acts WHERE district = $1 AND kind = $2 AND subject = $3 ORDER BY seq`, district, kind, subject)
	if err != nil {
		return nil, err
	}
	at := make(map[int64]int, len(acts))
	for i, a := range acts {
		at[a.Seq] = i
	}
	// CROSS JOIN keeps SQLite from starting at the texts: without statistics it
	// would read those of the whole district.
	err = tx.Each(`SELECT t.seq, t.name, t.body FROM acts a CROSS JOIN act_texts t
		WHERE a.district = $1 AND a.kind = $2 AND a.subject = $3 AND t.district = a.district AND t.seq = a.seq AND t.erased = 0`, []any{district, kind, subject}, func(r store.Scanner) error {
		var seq int64
		var name, body string
		if err := r.Scan(&seq, &name, &body); err != nil {
			return err
		}
		a := &acts[at[seq]]
		if a.Texts == nil {
			a.Texts = map[string]string{}
		}
		a.Texts[name] = body
		return nil
	})
	return acts, err
}

// Acts returns the acts of one record in order, without texts.
func Acts(tx *store.Tx, district, kind, subject string) ([]Act, error) {
	return store.All(tx, scan, `SELECT district, seq, at, kind, subject, action, account, unit, capacity, pack, body, digest, hash
		FROM acts WHERE district = $1 AND kind = $2 AND subject = $3 ORDER BY seq`, district, kind, subject)
}

// Since returns up to limit acts after seq, in order, without texts.
func Since(tx *store.Tx, district string, seq int64, limit int) ([]Act, error) {
	return store.All(tx, scan, `SELECT district, seq, at, kind, subject, action, account, unit, capacity, pack, body, digest, hash
		FROM acts WHERE district = $1 AND seq > $2 ORDER BY seq LIMIT $3`, district, seq, limit)
}

// Recent returns the newest acts, newest first, without texts.
func Recent(tx *store.Tx, district string, limit int) ([]Act, error) {
	return store.All(tx, scan, `SELECT district, seq, at, kind, subject, action, account, unit, capacity, pack, body, digest, hash
		FROM acts WHERE district = $1 ORDER BY seq DESC LIMIT $2`, district, limit)
}

// Text returns one text of an act, or store.ErrNotFound when there is none or it
// was erased.
func Text(tx *store.Tx, district string, seq int64, name string) (string, error) {
	var s string
	err := tx.Row(`SELECT body FROM act_texts WHERE district = $1 AND seq = $2 AND name = $3 AND erased = 0`, []any{district, seq, name}, &s)
	return s, err
}

// Erase removes the words of all texts of one record and the salts that would let
// somebody try out guesses, for instance when a person has a right to it. The acts and the chain stay; the erasing itself should be
// an act of the caller.
func Erase(tx *store.Tx, district, kind, subject string, at int64) error {
	return tx.Exec(`UPDATE act_texts SET body = '', salt = hash, erased = $4 WHERE district = $1 AND seq IN
		(SELECT seq FROM acts WHERE district = $1 AND kind = $2 AND subject = $3)`, district, kind, subject, at)
}

// Head returns the number of the last act.
func Head(tx *store.Tx, district string) (seq int64, err error) {
	err = tx.Row(`SELECT coalesce(max(seq), 0) FROM acts WHERE district = $1`, []any{district}, &seq)
	return seq, err
}
