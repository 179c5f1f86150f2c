package vault

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/store"
)

// zone is the one in which a day of the limit begins.
var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// LimitError means that the account has used up its reveals of the day. The
// transaction that gets it must fail; the caller should tell an auditor.
type LimitError struct {
	Limit int
	Again time.Time // the next local midnight
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("vault: %d reveals a day are used up", e.Limit)
}

// Reveal opens the fields that d asks for to a member of staff; the others stay
// empty. d needs an account, a unit, a subject, fields, a reason and a note.
// It counts against the daily limit and writes the ledger row in the same
// transaction, so show the person only after Write has returned nil.
//
// Errors: *InvalidError, *LimitError, ErrErased, store.ErrNotFound, *Broken.
func (v *Vault) Reveal(tx *store.Tx, district, id string, d Disclosure) (Person, error) {
	switch {
	case d.Kind != "" && d.Kind != KindReveal:
		return Person{}, &InvalidError{"kind"}
	case d.Account == "":
		return Person{}, &InvalidError{"account"}
	case d.Reason == "":
		return Person{}, &InvalidError{"reason"}
	case strings.TrimSpace(d.Note) == "":
		return Person{}, &InvalidError{"note"}
	}
	d.District, d.Person, d.Kind = district, id, KindReveal
	if err := d.check(); err != nil {
		return Person{}, err
	}
	if err := v.count(tx, district, d.Account, d.At); err != nil {
		return Person{}, err
	}
	return v.disclose(tx, d)
}

// Use opens fields for the program itself: to send the resident a message
// (KindMessage), to show residents their own data (KindOwn), to print, export,
// forward or hand over what somebody with the right to it has asked for. It
// writes the ledger row and does not count against the limit, so the plain
// fields must not be shown to a member of staff. Errors as for Reveal.
func (v *Vault) Use(tx *store.Tx, district, id string, d Disclosure) (Person, error) {
	if d.Kind == KindReveal || d.Kind == KindView {
		return Person{}, &InvalidError{"kind"}
	}
	d.District, d.Person = district, id
	return v.disclose(tx, d)
}

// count takes one of the account's reveals of the day. The upsert locks the row,
// so parallel attempts, on several nodes too, are counted one after the other.
func (v *Vault) count(tx *store.Tx, district, account string, at time.Time) error {
	local := at.In(zone)
	limit := &LimitError{v.limit, time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, zone)}
	if v.limit < 1 {
		return limit
	}
	if !tx.Writing() {
		return errSnapshot
	}
	n, err := tx.Count(`INSERT INTO reveal_counts (district, account, day, n) VALUES ($1, $2, $3, 1)
		ON CONFLICT (district, account, day) DO UPDATE SET n = reveal_counts.n + 1 WHERE reveal_counts.n < $4`,
		district, account, local.Format(time.DateOnly), int64(v.limit))
	if err != nil {
		return err
	}
	if n == 0 {
		return limit
	}
	return nil
}

func (v *Vault) disclose(tx *store.Tx, d Disclosure) (Person, error) {
	for _, f := range d.Fields {
		if !slices.Contains(AllFields, f) {
			return Person{}, &InvalidError{"fields"}
		}
	}
	if _, err := record(tx, d); err != nil {
		return Person{}, err
	}
	k, err := v.dataKey(tx, d.District, d.Person)
	if err != nil {
		return Person{}, err
	}
	sealed, err := personRow(tx, d.District, d.Person)
	if err != nil {
		return Person{}, err
	}
	var p Person
	for _, f := range d.Fields {
		plain, err := k.open(cell{d.District, "persons", d.Person, string(f)}, sealed[f])
		if err != nil {
			return Person{}, err
		}
		*p.field(f) = string(plain)
	}
	return p, nil
}

func personRow(tx *store.Tx, district, id string) (map[Field][]byte, error) {
	var b [5][]byte
	err := tx.Row(`SELECT name, phone, address, email, id_number FROM persons WHERE district = $1 AND id = $2`, []any{district, id}, &b[0], &b[1], &b[2], &b[3], &b[4])
	return map[Field][]byte{FieldName: b[0], FieldPhone: b[1], FieldAddress: b[2], FieldEmail: b[3], FieldIDNumber: b[4]}, err
}
