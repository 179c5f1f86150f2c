package journal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"weixiao/internal/store"
)

// Broken is the first act that does not fit the chain.
type Broken struct {
	District string
	Seq      int64
	Why      string
}

func (b *Broken) Error() string {
	return fmt.Sprintf("journal: district %s: act %d: %s", b.District, b.Seq, b.Why)
}

// Verify walks the chain of a district from its first act, checks numbers,
// times, hashes and texts, and hands every act to visit (nil for none). It
// returns the number of acts, and *Broken for the first bad one. Cutting off the
// newest acts together with the head cannot be seen from inside the database.
func Verify(ctx context.Context, db *store.DB, district string, visit func(Act) error) (n int64, err error) {
	const page = 2000
	prev, lastAt := make([]byte, sha256.Size), int64(0)
	for {
		var acts []Act
		var texts map[int64][]row
		err := db.Read(ctx, func(tx *store.Tx) (err error) {
			if acts, err = Since(tx, district, n, page); err != nil || len(acts) == 0 {
				return err
			}
			texts, err = textRows(tx, district, n, acts[len(acts)-1].Seq)
			return err
		})
		if err != nil {
			return n, err
		}
		for _, a := range acts {
			bad := func(why string) (int64, error) { return n, &Broken{district, a.Seq, why} }
			switch {
			case a.Seq != n+1:
				return n, &Broken{district, n + 1, "is missing"}
			case a.At <= lastAt:
				return bad("does not lie after the act before it")
			case !bytes.Equal(a.Hash, a.chain(prev)):
				return bad("was changed: its hash does not fit")
			case !textsFit(a, texts[a.Seq]):
				return bad("has a text that was changed")
			}
			if visit != nil {
				for _, t := range texts[a.Seq] {
					if t.erased == 0 {
						if a.Texts == nil {
							a.Texts = map[string]string{}
						}
						a.Texts[t.name] = t.body
					}
				}
				if err := visit(a); err != nil {
					return n, err
				}
			}
			n, prev, lastAt = a.Seq, a.Hash, a.At
		}
		if len(acts) < page {
			break
		}
	}
	return n, checkHead(ctx, db, district, n, prev)
}

func checkHead(ctx context.Context, db *store.DB, district string, n int64, prev []byte) error {
	return db.Read(ctx, func(tx *store.Tx) error {
		var seq int64
		var hash []byte
		err := tx.Row(`SELECT seq, hash FROM journal_heads WHERE district = $1`, []any{district}, &seq, &hash)
		if errors.Is(err, store.ErrNotFound) && n == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		// Acts that came while we walked are behind us, not missing.
		if seq < n || (seq == n && !bytes.Equal(hash, prev)) {
			return &Broken{district, n, "is not the head of the chain"}
		}
		if seq > n {
			var have int64
			if err := tx.Row(`SELECT count(*) FROM acts WHERE district = $1 AND seq > $2`, []any{district, n}, &have); err != nil {
				return err
			}
			if have != seq-n {
				return &Broken{district, n + 1, "is missing"}
			}
		}
		return nil
	})
}

type row struct {
	name   string
	salt   []byte
	hash   []byte
	body   string
	erased int64
}

func textRows(tx *store.Tx, district string, after, to int64) (map[int64][]row, error) {
	out := map[int64][]row{}
	err := tx.Each(`SELECT seq, name, salt, hash, body, erased FROM act_texts WHERE district = $1 AND seq > $2 AND seq <= $3 ORDER BY seq, name`,
		[]any{district, after, to}, func(r store.Scanner) error {
			var seq int64
			var t row
			if err := r.Scan(&seq, &t.name, &t.salt, &t.hash, &t.body, &t.erased); err != nil {
				return err
			}
			out[seq] = append(out[seq], t)
			return nil
		})
	for _, rows := range out {
		slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.name, b.name) })
	}
	return out, err
}

// textsFit checks each text against its salted hash, and all of them against the
// digest in the chain. Of an erased text only the hash is left.
func textsFit(a Act, rows []row) bool {
	names, hashes := make([]string, len(rows)), make([][]byte, len(rows))
	for i, t := range rows {
		if t.erased == 0 && !bytes.Equal(saltedHash(t.salt, t.body), t.hash) {
			return false
		}
		names[i], hashes[i] = t.name, t.hash
	}
	return bytes.Equal(a.Digest, textDigest(names, hashes))
}
