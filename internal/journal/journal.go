// Package journal keeps the acts: who did what to which record, when, why and
// in which capacity. Acts are the truth; state columns elsewhere are caches of
// them.
//
// Append adds an act in the transaction of the change itself. Each act carries
// a hash over itself and the one before, so that an act changed, removed or
// inserted later is found by Verify. Long or personal words of an act lie beside
// it and enter the hash only as a salted digest: they can be erased without
// breaking the chain.
//
//	journal.go   Act, Begin, Append
//	read.go      History, Since, Texts, Erase
//	verify.go    Verify
//	follow.go    followers with durable positions
//
// All writes that append acts of one district take its head first, so acts are
// numbered without gaps in the order of their commits, on one node or several.
package journal

import (
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the journal's tables, numbers 01001-01999.
var Schema = store.Schema{Name: "journal", FS: migrations}

// Actor is who acts, and in which capacity. An empty account is the system
// itself or somebody from outside; the capacity says which.
type Actor struct {
	Account  string
	Unit     string
	Capacity string // a role, or "resident", "system", "open311:<client>"
}

// Act is one entry. Body is JSON without anything that names a person; words
// that may, and long ones, are Texts.
type Act struct {
	District string
	Seq      int64
	At       int64 // µs UTC
	Kind     string
	Subject  string
	Action   string
	Actor    Actor
	Pack     string // version of the district pack it was done under
	Body     json.RawMessage
	Texts    map[string]string
	Digest   []byte // over the salted texts
	Hash     []byte
}

// Time returns the moment of the act.
func (a Act) Time() time.Time { return time.UnixMicro(a.At) }

// Into decodes the body.
func (a Act) Into(v any) error {
	if err := json.Unmarshal(a.Body, v); err != nil {
		return fmt.Errorf("journal: act %d: %w", a.Seq, err)
	}
	return nil
}

type head struct {
	seq, at int64
	hash    []byte
}

type headKey struct{ district string }

// Begin takes the district's head for this transaction and returns the moment
// of the act to come: now, or just after the last act when the clock was set
// back. Every act has a moment of its own, later than the one before.
func Begin(tx *store.Tx, district string, now time.Time) (time.Time, error) {
	h, err := take(tx, district)
	if err != nil {
		return time.Time{}, err
	}
	return time.UnixMicro(max(now.UnixMicro(), h.at+1)).UTC(), nil
}

func take(tx *store.Tx, district string) (head, error) {
	key := headKey{district}
	if h, ok := tx.Value(key).(head); ok {
		return h, nil
	}
	var h head
	err := tx.Row(`SELECT seq, at, hash FROM journal_heads WHERE district = $1 FOR UPDATE`, []any{district}, &h.seq, &h.at, &h.hash)
	if errors.Is(err, store.ErrNotFound) {
		h = head{hash: make([]byte, sha256.Size)}
		err = tx.Exec(`INSERT INTO journal_heads (district, seq, at, hash) VALUES ($1, 0, 0, $2)`, district, h.hash)
	}
	if err != nil {
		return head{}, err
	}
	tx.SetValue(key, h)
	return h, nil
}

var (
	insertAct = store.NewInsertion("acts", "district text, seq bigint, at bigint, kind text, subject text, action text, account text, unit text, capacity text, pack text, "+
		"body text, digest bytea, hash bytea")
	insertText = store.NewInsertion("act_texts", "district text, seq bigint, name text, salt bytea, hash bytea, body text")
)

// Append adds the act to the chain and fills in its Seq, Digest and Hash. At is
// raised to just after the last act's when it does not lie after it.
func Append(tx *store.Tx, a *Act) error {
	h, err := take(tx, a.District)
	if err != nil {
		return err
	}
	if len(a.Body) == 0 {
		a.Body = json.RawMessage("{}")
	}
	a.Seq, a.At = h.seq+1, max(a.At, h.at+1)
	names := slices.Sorted(keys(a.Texts))
	salts, hashes := make([][]byte, len(names)), make([][]byte, len(names))
	for i, n := range names {
		salts[i] = make([]byte, 16)
		_, _ = rand.Read(salts[i])
		hashes[i] = saltedHash(salts[i], a.Texts[n])
	}
	a.Digest = textDigest(names, hashes)
	a.Hash = a.chain(h.hash)
	if err := tx.Insert(insertAct, a.District, a.Seq, a.At, a.Kind, a.Subject, a.Action, a.Actor.Account, a.Actor.Unit, a.Actor.Capacity, a.Pack, string(a.Body), a.Digest, a.Hash); err != nil {
		return err
	}
	for i, n := range names {
		if err := tx.Insert(insertText, a.District, a.Seq, n, salts[i], hashes[i], a.Texts[n]); err != nil {
			return err
		}
	}
	key := headKey{a.District}
	tx.SetValue(key, head{a.Seq, a.At, a.Hash})
	tx.BeforeCommit(key, func(tx *store.Tx) error {
		h := tx.Value(key).(head)
		return tx.Exec(`UPDATE journal_heads SET seq = $2, at = $3, hash = $4 WHERE district = $1`, key.district, h.seq, h.at, h.hash)
	})
	return nil
}

// chain is the hash of the act after the one with hash prev. Fields are written
// with their lengths, so that no two acts have the same bytes.
func (a *Act) chain(prev []byte) []byte {
	d := sha256.New()
	var n [8]byte
	num := func(v int64) { binary.BigEndian.PutUint64(n[:], uint64(v)); d.Write(n[:]) }
	str := func(b []byte) { num(int64(len(b))); d.Write(b) }
	str(prev)
	num(a.Seq)
	num(a.At)
	for _, s := range []string{a.District, a.Kind, a.Subject, a.Action, a.Actor.Account, a.Actor.Unit, a.Actor.Capacity, a.Pack} {
		str([]byte(s))
	}
	str(a.Body)
	str(a.Digest)
	return d.Sum(nil)
}

func saltedHash(salt []byte, text string) []byte {
	d := sha256.New()
	d.Write(salt)
	d.Write([]byte(text))
	return d.Sum(nil)
}

// textDigest covers the names and salted hashes of all texts; empty without texts.
func textDigest(names []string, hashes [][]byte) []byte {
	if len(names) == 0 {
		return []byte{}
	}
	d := sha256.New()
	for i, n := range names {
		d.Write([]byte(n))
		d.Write([]byte{0})
		d.Write(hashes[i])
	}
	return d.Sum(nil)
}
