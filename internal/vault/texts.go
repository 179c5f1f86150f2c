package vault

import (
	"fmt"

	"weixiao/internal/store"
)

// SealText seals one more text of a person's before Put, for instance the words
// of the report: the redacted copy of them is what the case shows, forwards and
// indexes.
func (s *Sealed) SealText(name, text string) error {
	t, err := sealText(s.key, s.District, s.ID, name, text)
	if err == nil {
		s.texts = append(s.texts, t)
	}
	return err
}

// SealText seals a text that comes later, say a supplement. Names are unique for
// a person: the second one of a name is store.ErrConflict.
func (v *Vault) SealText(tx *store.Tx, district, person, name, text string) error {
	k, err := v.dataKey(tx, district, person)
	if err != nil {
		return err
	}
	t, err := sealText(k, district, person, name, text)
	if err != nil {
		return err
	}
	return putText(tx, district, person, t)
}

// OpenText returns texts of a person by name, all of them when no name is given,
// and records the disclosure d (a view, if it names no kind). A name that does
// not exist is store.ErrNotFound. Like Reveal it belongs into a Write whose
// success comes before anything is shown.
func (v *Vault) OpenText(tx *store.Tx, district, person string, d Disclosure, names ...string) (map[string]string, error) {
	d.District, d.Person, d.Fields = district, person, []Field{FieldText}
	if d.Kind == "" {
		d.Kind = KindView
	}
	if _, err := Record(tx, d); err != nil {
		return nil, err
	}
	k, err := v.dataKey(tx, district, person)
	if err != nil {
		return nil, err
	}
	rows, err := store.All(tx, func(r store.Scanner) (t sealedText, err error) {
		err = r.Scan(&t.name, &t.sealed)
		return t, err
	}, `SELECT name, sealed FROM person_texts WHERE district = $1 AND person = $2 ORDER BY name`, district, person)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rows))
	wanted := make(map[string]bool, len(names))
	for _, n := range names {
		wanted[n] = true
	}
	for _, t := range rows {
		if len(names) > 0 && !wanted[t.name] {
			continue
		}
		plain, err := k.open(textCell(district, person, t.name), t.sealed)
		if err != nil {
			return nil, err
		}
		out[t.name] = string(plain)
	}
	for n := range wanted {
		if _, ok := out[n]; !ok {
			return nil, fmt.Errorf("vault: text %q: %w", n, store.ErrNotFound)
		}
	}
	return out, nil
}

// textCell has the name of the text in its row, so that two texts of one person
// cannot be swapped either.
func textCell(district, person, name string) cell {
	return cell{district, "person_texts", person + "/" + name, "sealed"}
}

func sealText(k key, district, person, name, text string) (sealedText, error) {
	if name == "" || len(name) > 64 {
		return sealedText{}, &InvalidError{"name"}
	}
	b, err := k.seal(textCell(district, person, name), []byte(text))
	return sealedText{name, b}, err
}

func putText(tx *store.Tx, district, person string, t sealedText) error {
	return tx.Exec(`INSERT INTO person_texts (district, person, name, sealed) VALUES ($1, $2, $3, $4)`, district, person, t.name, t.sealed)
}
