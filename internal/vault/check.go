package vault

import (
	"bytes"
	"context"
	"fmt"

	"weixiao/internal/store"
)

// Checked counts what Check has opened.
type Checked struct{ Persons, Texts, Erased int64 }

const checkPage = 500

type personRecord struct {
	id      string
	erased  int64
	kek     int64
	wrapped []byte
	fields  [5][]byte
	phone   []byte
	number  []byte
}

// Check opens every sealed value of a district, compares the blind indexes, and
// returns the first failure: *Broken, or ErrNoKey. It reads in pages and may run
// beside everything else; nothing of what it opens leaves it.
func (v *Vault) Check(ctx context.Context, db *store.DB, district string) (c Checked, err error) {
	if err := v.checkPersons(ctx, db, district, &c); err != nil {
		return c, err
	}
	return c, v.checkTexts(ctx, db, district, &c)
}

func (v *Vault) checkPersons(ctx context.Context, db *store.DB, district string, c *Checked) error {
	for after := ""; ; {
		page, err := store.Get(ctx, db, func(tx *store.Tx) ([]personRecord, error) {
			return store.All(tx, func(r store.Scanner) (p personRecord, err error) {
				err = r.Scan(&p.id, &p.erased, &p.kek, &p.wrapped, &p.fields[0], &p.fields[1], &p.fields[2], &p.fields[3], &p.fields[4], &p.phone, &p.number)
				return p, err
			}, `SELECT p.id, p.erased, coalesce(k.kek, -1), coalesce(k.wrapped, p.name), p.name, p.phone, p.address, p.email, p.id_number, p.phone_index, p.id_index
				FROM persons p LEFT JOIN person_keys k ON k.district = p.district AND k.person = p.id
				WHERE p.district = $1 AND p.id > $2 ORDER BY p.id LIMIT $3`, district, after, checkPage)
		})
		if err != nil {
			return err
		}
		for _, p := range page {
			after = p.id
			if err := v.checkPerson(district, p); err != nil {
				return err
			}
			if p.erased != 0 {
				c.Erased++
			} else {
				c.Persons++
			}
		}
		if len(page) < checkPage {
			return nil
		}
	}
}

func (v *Vault) checkPerson(district string, p personRecord) error {
	switch {
	case p.kek < 0:
		return wrapCell(district, p.id).broken("is missing")
	case p.erased != 0 && p.kek != 0:
		return wrapCell(district, p.id).broken("is still there, though the person was erased")
	case p.erased != 0:
		return nil
	case p.kek == 0:
		return wrapCell(district, p.id).broken("is gone, though the person was not erased")
	}
	k, err := v.unwrap(district, p.id, p.kek, p.wrapped)
	if err != nil {
		return err
	}
	var open Person
	for i, f := range AllFields {
		plain, err := k.open(cell{district, "persons", p.id, string(f)}, p.fields[i])
		if err != nil {
			return err
		}
		*open.field(f) = string(plain)
	}
	if !bytes.Equal(p.phone, v.keys.blind(district, FieldPhone, normalPhone(open.Phone))) {
		return cell{district, "persons", p.id, "phone_index"}.broken("does not fit the number")
	}
	if !bytes.Equal(p.number, v.keys.blind(district, FieldIDNumber, normalIDNumber(open.IDNumber))) {
		return cell{district, "persons", p.id, "id_index"}.broken("does not fit the number")
	}
	return nil
}

func (v *Vault) checkTexts(ctx context.Context, db *store.DB, district string, c *Checked) error {
	type record struct {
		wrappedKey
		sealedText
	}
	for person, name := "", ""; ; {
		page, err := store.Get(ctx, db, func(tx *store.Tx) ([]record, error) {
			return store.All(tx, func(r store.Scanner) (t record, err error) {
				err = r.Scan(&t.person, &t.name, &t.sealed, &t.kek, &t.wrapped)
				return t, err
			}, `SELECT t.person, t.name, t.sealed, coalesce(k.kek, -1), coalesce(k.wrapped, t.sealed)
				FROM person_texts t LEFT JOIN person_keys k ON k.district = t.district AND k.person = t.person
				WHERE t.district = $1 AND (t.person > $2 OR (t.person = $2 AND t.name > $3)) ORDER BY t.person, t.name LIMIT $4`, district, person, name, checkPage)
		})
		if err != nil {
			return err
		}
		for _, t := range page {
			person, name = t.person, t.name
			at := textCell(district, t.person, t.name)
			if t.kek <= 0 {
				return at.broken("has no key")
			}
			k, err := v.unwrap(district, t.person, t.kek, t.wrapped)
			if err != nil {
				return err
			}
			if _, err := k.open(at, t.sealed); err != nil {
				return err
			}
			c.Texts++
		}
		if len(page) < checkPage {
			return nil
		}
	}
}

// String is a line for the command that checks.
func (c Checked) String() string {
	return fmt.Sprintf("%d persons and %d texts open, %d persons are erased", c.Persons, c.Texts, c.Erased)
}
