// Package vault keeps the identities of the people who report, each sealed under
// a key of its own, and the ledger of everybody who saw them.
//
// A case holds the random id of a person row and nothing else. Lists show the
// masked forms; a person is found again by telephone or identity number through
// a blind index; the plain fields come out only through Reveal (a member of
// staff, with a reason, counted per day) and Use (the program itself, for a
// message or a forward), and both write the ledger row in the same transaction.
//
//	vault.go    Person, Vault, Seal, Put, Replace, Masks
//	keys.go     Keys: the key file, its making, growing and shrinking
//	cell.go     the sealed form of one value; algorithms
//	index.go    the blind index: FindByPhone, FindByIDNumber
//	texts.go    SealText, OpenText: the original words of a case
//	reveal.go   Reveal, Use and the daily limit
//	ledger.go   Disclosure, Record, Ledger, WhoSaw
//	erase.go    Erase, and what it needs of backups
//	rotate.go   Bind, Rotate: the key file against the database
//	check.go    Check: opens everything
//
// Nothing here decides who may reveal what: that is the duty of the caller. Values
// of this package print as their kind only, so that no log shows a person or a key.
package vault

import (
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"weixiao/internal/store"
	"weixiao/internal/text"
)

//go:embed migrations
var migrations embed.FS

// Schema is the vault's tables, numbers 02001-02999.
var Schema = store.Schema{Name: "vault", FS: migrations}

// Errors that callers tell apart, besides those of store (ErrNotFound: there is
// no such person) and the types *Broken, *LimitError and *InvalidError.
var (
	ErrErased = errors.New("vault: this person was erased")
	ErrNoKey  = errors.New("vault: the key file lacks a version that the database uses")
)

// InvalidError names the part of an argument that is missing or not allowed.
type InvalidError struct{ Field string }

func (e *InvalidError) Error() string { return "vault: " + e.Field + " is missing or not allowed" }

// Person is who reported. Every field may be empty: a resident can stay nameless
// and still has a row, because the words of the report are sealed under its key.
type Person struct {
	Name, Phone, Address, Email, IDNumber string
}

// Format writes no field of the person, whatever the verb.
func (Person) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "vault.Person(…)") }

// LogValue keeps a person out of structured logs.
func (Person) LogValue() slog.Value { return slog.StringValue("vault.Person(…)") }

// Field names a part of a person, in disclosures and in the tables.
type Field string

// The fields of a Person, then the other things a disclosure can be about.
const (
	FieldName     Field = "name"
	FieldPhone    Field = "phone"
	FieldAddress  Field = "address"
	FieldEmail    Field = "email"
	FieldIDNumber Field = "id_number"

	FieldText   Field = "text"   // the original words of the report
	FieldMasked Field = "masked" // the masked forms only
	FieldFiles  Field = "files"  // photos and attachments
)

// AllFields are the fields of a Person.
var AllFields = []Field{FieldName, FieldPhone, FieldAddress, FieldEmail, FieldIDNumber}

func (p *Person) field(f Field) *string {
	switch f {
	case FieldName:
		return &p.Name
	case FieldPhone:
		return &p.Phone
	case FieldAddress:
		return &p.Address
	case FieldEmail:
		return &p.Email
	case FieldIDNumber:
		return &p.IDNumber
	}
	return nil
}

// Masked is what lists may show: 张*, 138****1234, the address without the house.
type Masked struct {
	Name, Phone, Address string
	Erased               bool
}

// Mask returns the masked forms of a person.
func Mask(p Person) Masked {
	return Masked{Name: text.MaskName(p.Name), Phone: text.MaskPhone(p.Phone), Address: text.MaskAddress(p.Address)}
}

// Options tune a vault. The zero value is right for production.
type Options struct {
	RevealsPerDay int // per account; 0 = 20
}

// Vault seals and opens with one key file. It is safe for concurrent use.
type Vault struct {
	keys  *Keys
	limit int
}

// New makes a vault. Call Bind before the first use with a database.
func New(keys *Keys, opt Options) *Vault {
	if opt.RevealsPerDay == 0 {
		opt.RevealsPerDay = 20
	}
	return &Vault{keys: keys, limit: opt.RevealsPerDay}
}

// Sealed is a person ready for Put. ID is its new random id, 26 characters.
type Sealed struct {
	District, ID string
	Masked       Masked

	key     key // the data key, to seal texts with
	kek     uint32
	wrapped []byte
	fields  map[Field][]byte
	phone   []byte // blind indexes
	number  []byte
	texts   []sealedText
}

type sealedText struct {
	name   string
	sealed []byte
}

// Format writes no more than the id.
func (s *Sealed) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, "vault.Sealed("+s.ID+")") }

// Seal seals a person under a new key of its own. It needs no database: call it
// before the transaction, and Put inside.
func (v *Vault) Seal(district string, p Person) (*Sealed, error) {
	// Ids that grow with time keep the tables of persons from being written all over;
	// the moment itself means nothing, so the wall clock will do even in a simulation.
	s := &Sealed{District: district, ID: timeID(time.Now()), kek: v.keys.newest().id}
	secret := make([]byte, keySize)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("vault: seal: %w", err)
	}
	s.key = dataKey(secret)
	var err error
	if s.wrapped, err = v.keys.newest().seal(wrapCell(district, s.ID), secret); err != nil {
		return nil, err
	}
	return s, v.fill(s, p)
}

// fill seals the fields under s.key and computes what stands beside them. Empty
// fields are sealed too: that a field was emptied behind our back can be told.
func (v *Vault) fill(s *Sealed, p Person) error {
	s.fields = make(map[Field][]byte, len(AllFields))
	for _, f := range AllFields {
		sealed, err := s.key.seal(cell{s.District, "persons", s.ID, string(f)}, []byte(*p.field(f)))
		if err != nil {
			return err
		}
		s.fields[f] = sealed
	}
	s.Masked = Mask(p)
	s.phone = v.keys.blind(s.District, FieldPhone, normalPhone(p.Phone))
	s.number = v.keys.blind(s.District, FieldIDNumber, normalIDNumber(p.IDNumber))
	return nil
}

var (
	insertPerson = store.NewInsertion("persons", "district text, id text, created bigint, name bytea, phone bytea, address bytea, email bytea, id_number bytea, "+
		"masked_name text, masked_phone text, masked_address text, phone_index bytea, id_index bytea")
	insertKey = store.NewInsertion("person_keys", "district text, person text, kek bigint, wrapped bytea")
)

// Put inserts a sealed person and its texts. store.ErrConflict means that it is
// already there.
func Put(tx *store.Tx, s *Sealed, at time.Time) error {
	if err := tx.Insert(insertPerson, s.District, s.ID, at.UnixMicro(),
		s.fields[FieldName], s.fields[FieldPhone], s.fields[FieldAddress], s.fields[FieldEmail], s.fields[FieldIDNumber],
		s.Masked.Name, s.Masked.Phone, s.Masked.Address, s.phone, s.number); err != nil {
		return err
	}
	if err := tx.Insert(insertKey, s.District, s.ID, int64(s.kek), s.wrapped); err != nil {
		return err
	}
	for _, t := range s.texts {
		if err := putText(tx, s.District, s.ID, t); err != nil {
			return err
		}
	}
	return nil
}

// Replace puts other fields in the place of a person's, under the same key, for
// instance when the resident corrects a number. Show it in the journal as an act
// without the fields themselves.
func (v *Vault) Replace(tx *store.Tx, district, id string, p Person) error {
	k, err := v.dataKey(tx, district, id)
	if err != nil {
		return err
	}
	s := &Sealed{District: district, ID: id, key: k}
	if err := v.fill(s, p); err != nil {
		return err
	}
	return tx.Exec(`UPDATE persons SET name = $3, phone = $4, address = $5, email = $6, id_number = $7,
		masked_name = $8, masked_phone = $9, masked_address = $10, phone_index = $11, id_index = $12
		WHERE district = $1 AND id = $2 AND erased = 0`, district, id,
		s.fields[FieldName], s.fields[FieldPhone], s.fields[FieldAddress], s.fields[FieldEmail], s.fields[FieldIDNumber],
		s.Masked.Name, s.Masked.Phone, s.Masked.Address, s.phone, s.number)
}

// dataKey unwraps a person's key. FOR UPDATE: an erasure on another node comes
// wholly before or wholly after what is done with the key.
func (v *Vault) dataKey(tx *store.Tx, district, id string) (key, error) {
	const columns = `SELECT kek, wrapped FROM person_keys WHERE district = $1 AND person = $2`
	query := columns
	if tx.Writing() {
		query = columns + ` FOR UPDATE`
	}
	var kek int64
	var wrapped []byte
	if err := tx.Row(query, []any{district, id}, &kek, &wrapped); err != nil {
		return key{}, err
	}
	return v.unwrap(district, id, kek, wrapped)
}

func (v *Vault) unwrap(district, id string, kek int64, wrapped []byte) (key, error) {
	if kek == 0 {
		return key{}, ErrErased
	}
	k, ok := v.keys.kek(kek)
	if !ok {
		return key{}, fmt.Errorf("%w: version %d", ErrNoKey, kek)
	}
	secret, err := k.open(wrapCell(district, id), wrapped)
	if err != nil {
		return key{}, err
	}
	if len(secret) != keySize {
		return key{}, wrapCell(district, id).broken("holds no key")
	}
	return dataKey(secret), nil
}

func wrapCell(district, id string) cell { return cell{district, "person_keys", id, "wrapped"} }

// masksQuery has room for maskPage ids; a shorter list repeats its last one.
const masksQuery = `SELECT id, masked_name, masked_phone, masked_address, erased FROM persons WHERE district = $1 AND id IN
	($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)`

const maskPage = 25

// Masks returns the masked forms of persons by id, for a list. Unknown ids are
// left out.
func Masks(tx *store.Tx, district string, ids []string) (map[string]Masked, error) {
	out := make(map[string]Masked, len(ids))
	for len(ids) > 0 {
		n := min(maskPage, len(ids))
		args := make([]any, 1, maskPage+1)
		args[0] = district
		for i := range maskPage {
			args = append(args, ids[min(i, n-1)])
		}
		ids = ids[n:]
		err := tx.Each(masksQuery, args, func(r store.Scanner) error {
			var id string
			var m Masked
			var erased int64
			if err := r.Scan(&id, &m.Name, &m.Phone, &m.Address, &erased); err != nil {
				return fmt.Errorf("vault: masks: %w", err)
			}
			m.Erased = erased != 0
			out[id] = m
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
