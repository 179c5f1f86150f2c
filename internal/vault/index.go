package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"

	"weixiao/internal/store"
)

// blind is the index entry of a value: HMAC-SHA256 of district, field and the
// normalised value under the index key, full length. Equal values have equal
// entries, so the index tells how often somebody reports, but not who. An empty
// value has an empty entry and is never found.
func (k *Keys) blind(district string, f Field, normal string) []byte {
	if normal == "" {
		return []byte{}
	}
	h := hmac.New(sha256.New, k.index)
	h.Write([]byte(district + "|" + string(f) + "|" + normal))
	return h.Sum(nil)
}

// FindByPhone returns the ids of up to limit persons who gave this number, in
// whatever way it was written, newest first.
func (v *Vault) FindByPhone(tx *store.Tx, district, phone string, limit int) ([]string, error) {
	b := v.keys.blind(district, FieldPhone, normalPhone(phone))
	if len(b) == 0 {
		return []string{}, nil
	}
	return store.All(tx, scanID, `SELECT id FROM persons WHERE district = $1 AND phone_index = $2 ORDER BY created DESC, id DESC LIMIT $3`, district, b, limit)
}

// FindByIDNumber is FindByPhone for identity numbers.
func (v *Vault) FindByIDNumber(tx *store.Tx, district, number string, limit int) ([]string, error) {
	b := v.keys.blind(district, FieldIDNumber, normalIDNumber(number))
	if len(b) == 0 {
		return []string{}, nil
	}
	return store.All(tx, scanID, `SELECT id FROM persons WHERE district = $1 AND id_index = $2 ORDER BY created DESC, id DESC LIMIT $3`, district, b, limit)
}

// SamePhone lists the other persons with the telephone number of one, newest
// first: the same caller, as far as anybody can tell. It needs no key and names
// nobody.
func SamePhone(tx *store.Tx, district, id string, limit int) ([]string, error) {
	var index []byte
	if err := tx.Row(`SELECT phone_index FROM persons WHERE district = $1 AND id = $2`, []any{district, id}, &index); err != nil || len(index) == 0 {
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return nil, err
	}
	return store.All(tx, scanID, `SELECT id FROM persons WHERE district = $1 AND phone_index = $2 AND id <> $3 ORDER BY created DESC, id DESC LIMIT $4`, district, index, id, limit)
}

func scanID(r store.Scanner) (id string, err error) {
	err = r.Scan(&id)
	return id, err
}

// normalPhone brings the ways to write one number to one: +86 138-1234-1234,
// 0086 138 1234 1234 and １３８１２３４１２３４ are 13812341234; +86 439 3721234 and
// (0439)3721234 are 04393721234. An extension (转8, ext. 8, #8) is left out.
func normalPhone(s string) string {
	var b strings.Builder
	for _, r := range s {
		if 0xFF01 <= r && r <= 0xFF5E { // full-width
			r -= 0xFF01 - '!'
		}
		switch {
		case '0' <= r && r <= '9', r == '+' && b.Len() == 0:
			b.WriteRune(r)
		case r == '转' || r == '轉' || r == '#' || r == 'x' || r == 'X' || r == 'e' || r == 'E':
			if b.Len() >= 7 {
				return domestic(b.String())
			}
		}
	}
	return domestic(b.String())
}

// domestic takes the country code off and gives landlines their 0 back. Numbers
// of other countries keep their plus sign.
func domestic(n string) string {
	rest, abroad := n, false
	switch {
	case strings.HasPrefix(n, "+86"):
		rest, abroad = n[3:], true
	case strings.HasPrefix(n, "0086"):
		rest, abroad = n[4:], true
	case len(n) == 13 && strings.HasPrefix(n, "861"):
		rest, abroad = n[2:], true
	case n == "+":
		return ""
	}
	mobile := len(rest) == 11 && rest[0] == '1'
	if abroad && rest != "" && !mobile && rest[0] != '0' {
		rest = "0" + rest
	}
	return rest
}

// normalIDNumber keeps digits and letters, in upper case: the check character may
// be x or X, and people put blanks into the number.
func normalIDNumber(s string) string {
	var b strings.Builder
	for _, r := range s {
		if 0xFF01 <= r && r <= 0xFF5E {
			r -= 0xFF01 - '!'
		}
		switch {
		case '0' <= r && r <= '9', 'A' <= r && r <= 'Z':
			b.WriteRune(r)
		case 'a' <= r && r <= 'z':
			b.WriteRune(r - 'a' + 'A')
		}
	}
	return b.String()
}
