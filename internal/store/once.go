package store

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"errors"
	"time"
)

//go:embed migrations
var migrations embed.FS

// OnceSchema is the table of idempotency keys, numbers 00001-00999.
var OnceSchema = Schema{Name: "once", FS: migrations}

// ErrReused means that an idempotency key came again with another request.
var ErrReused = errors.New("store: the key was used for another request")

// Key makes a request safe to repeat: the same key in the same scope with the
// same request is done once and answered the same each time.
type Key struct {
	Scope   string // who repeats: a client, an account, a form
	Value   string // what the client made; "" = the request is not repeatable
	Request []byte // hash of the request, see RequestHash
}

// RequestHash hashes what a repeated request must have in common.
func RequestHash(parts ...string) []byte {
	d := sha256.New()
	for _, p := range parts {
		d.Write([]byte(p))
		d.Write([]byte{0})
	}
	return d.Sum(nil)
}

var insertKey = NewInsertion("once", "district text, scope text, key text, request bytea, answer text, at bigint")

// Once notes the key with its answer in the transaction of the work itself. It
// returns the earlier answer and true when the key was used before: the caller
// then does nothing and repeats that answer. Another request under a used key is
// ErrReused. Keys are forgotten by Forget, not before.
func Once(tx *Tx, district string, k Key, answer string, now time.Time) (earlier string, done bool, err error) {
	if k.Value == "" {
		return "", false, nil
	}
	if tx.hopes {
		// Nearly every key is new. Taking that for granted saves PostgreSQL a round
		// trip; a used key fails the commit, which then runs again and asks.
		return "", false, tx.Insert(insertKey, district, k.Scope, k.Value, k.Request, answer, now.UnixMicro())
	}
	n, err := tx.Count(`INSERT INTO once (district, scope, key, request, answer, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (district, scope, key) DO NOTHING`, district, k.Scope, k.Value, k.Request, answer, now.UnixMicro())
	if err != nil || n == 1 {
		return "", false, err
	}
	var request []byte
	if err := tx.Row(`SELECT request, answer FROM once WHERE district = $1 AND scope = $2 AND key = $3`,
		[]any{district, k.Scope, k.Value}, &request, &earlier); err != nil {
		return "", false, err
	}
	if !bytes.Equal(request, k.Request) {
		return "", false, ErrReused
	}
	return earlier, true, nil
}

// Forget removes up to limit keys older than before and returns how many.
func Forget(tx *Tx, district string, before time.Time, limit int) (int64, error) {
	return tx.Count(`DELETE FROM once WHERE district = $1 AND (scope, key) IN
		(SELECT scope, key FROM once WHERE district = $1 AND at < $2 ORDER BY at LIMIT $3)`, district, before.UnixMicro(), limit)
}
