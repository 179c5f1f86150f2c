package access

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// CodeTime is how long a one-time code lasts (ASVS 6.4.1).
const CodeTime = 24 * time.Hour

// IssueCode makes a code that is good for one use within ttl, for instance to
// create the first administrator of an empty database. Only its hash stays. It
// reads XXXXX-XXXXX-XXXXX-XXXXX (100 bits). Codes of the same purpose that were
// not used end.
func IssueCode(tx *store.Tx, sc Scope, purpose string, ttl time.Duration, now time.Time) (code string, err error) {
	if err := sc.need("one-time codes", Security, System); err != nil {
		return "", err
	}
	if purpose == "" || ttl <= 0 {
		return "", fmt.Errorf("access: a code needs a purpose and a time")
	}
	d := sc.District()
	at, err := journal.Begin(tx, d, now)
	if err != nil {
		return "", err
	}
	if err := tx.Exec(`DELETE FROM access_codes WHERE district = $1 AND purpose = $2 AND used = 0`, d, purpose); err != nil {
		return "", err
	}
	raw := rand.Text()[:20]
	if err := tx.Exec(`INSERT INTO access_codes (district, hash, purpose, created, expires, used) VALUES ($1, $2, $3, $4, $5, 0)`,
		d, digest(raw), purpose, now.UnixMicro(), now.Add(ttl).UnixMicro()); err != nil {
		return "", err
	}
	code = raw[:5] + "-" + raw[5:10] + "-" + raw[10:15] + "-" + raw[15:]
	return code, appendCode(tx, sc, purpose, "issue", at)
}

// UseCode uses a code up. It returns ErrCode when it is wrong, used, expired or
// was made for something else. Blanks, hyphens and case do not matter. Anybody may
// try: guard it with the limit "code.client".
func UseCode(tx *store.Tx, sc Scope, purpose, code string, now time.Time) error {
	d := sc.District()
	at, err := journal.Begin(tx, d, now)
	if err != nil {
		return err
	}
	raw := strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, code))
	n, err := tx.Count(`UPDATE access_codes SET used = $4 WHERE district = $1 AND hash = $2 AND purpose = $3 AND used = 0 AND expires > $4`,
		d, digest(raw), purpose, now.UnixMicro())
	if err != nil {
		return err
	}
	if n != 1 {
		return ErrCode
	}
	return appendCode(tx, sc, purpose, "use", at)
}

func appendCode(tx *store.Tx, sc Scope, purpose, action string, at time.Time) error {
	return journal.Append(tx, &journal.Act{District: sc.District(), At: at.UnixMicro(), Kind: "code", Subject: purpose, Action: action, Actor: sc.Actor("")})
}
