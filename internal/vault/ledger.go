package vault

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"weixiao/internal/store"
	"weixiao/internal/text"
)

// Kind is the way in which something of a person was disclosed.
type Kind string

// Kinds of disclosure.
const (
	KindReveal  Kind = "reveal" // plain fields to a member of staff; written by Reveal only
	KindView    Kind = "view"   // a page with the original words or the masked forms
	KindPrint   Kind = "print"
	KindExport  Kind = "export"
	KindForward Kind = "forward" // handed to another unit
	KindAPI     Kind = "api"     // pulled by a program
	KindWebhook Kind = "webhook" // pushed to a program
	KindMessage Kind = "message" // used to write to the resident
	KindOwn     Kind = "own"     // shown to the resident
)

var kinds = []Kind{KindReveal, KindView, KindPrint, KindExport, KindForward, KindAPI, KindWebhook, KindMessage, KindOwn}

// Reason is why: the words for it are in the message catalogues.
type Reason string

// Reasons for a disclosure.
const (
	ReasonContact    Reason = "contact"    // to speak with the resident
	ReasonVerify     Reason = "verify"     // to check who it is or where
	ReasonEmergency  Reason = "emergency"  // life or safety
	ReasonCorrection Reason = "correction" // to correct what is wrong
	ReasonLaw        Reason = "law"        // a court, an inspection, a request for access
)

// Reasons are all of them, in the order in which a form offers them.
var Reasons = []Reason{ReasonContact, ReasonVerify, ReasonEmergency, ReasonCorrection, ReasonLaw}

// Disclosure is one row of the ledger: who got to see what of whom. It holds no
// name and no number: numbers in the note are masked when it is recorded.
type Disclosure struct {
	ID       string // ordered by time; set by Record
	District string
	At       time.Time
	Account  string // who did it; empty is the system
	Unit     string // whose eyes: the account's unit, or the receiving unit or client
	Subject  string // the case number
	Person   string
	Kind     Kind
	Fields   []Field
	Reason   Reason // may be empty except for a reveal
	Note     string // at most 200 characters
}

func (d *Disclosure) check() error {
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"district", d.District != ""},
		{"person", d.Person != ""},
		{"at", !d.At.IsZero()},
		{"account", len(d.Account) <= 100},
		{"unit", len(d.Unit) <= 100 && (d.Unit != "" || d.Kind == KindMessage || d.Kind == KindOwn)},
		{"subject", d.Subject != "" && len(d.Subject) <= 100},
		{"kind", slices.Contains(kinds, d.Kind)},
		{"fields", len(d.Fields) > 0},
		{"reason", d.Reason == "" || slices.Contains(Reasons, d.Reason)},
		{"note", utf8.RuneCountInString(d.Note) <= 200},
	} {
		if !c.ok {
			return &InvalidError{c.name}
		}
	}
	for _, f := range d.Fields {
		if !slices.Contains(AllFields, f) && f != FieldText && f != FieldMasked && f != FieldFiles {
			return &InvalidError{"fields"}
		}
	}
	return nil
}

// Record writes a disclosure that is not a reveal: a view, print, export,
// forward, pull or push, in the transaction of the thing itself. It returns the
// row's id. Errors: *InvalidError.
func Record(tx *store.Tx, d Disclosure) (string, error) {
	if d.Kind == KindReveal {
		return "", &InvalidError{"kind"}
	}
	return record(tx, d)
}

func record(tx *store.Tx, d Disclosure) (string, error) {
	if err := d.check(); err != nil {
		return "", err
	}
	if !tx.Writing() {
		return "", errSnapshot
	}
	note, _ := text.Redact(strings.TrimSpace(d.Note))
	id := timeID(d.At)
	return id, tx.Exec(`INSERT INTO disclosures (district, id, at, account, unit, subject, person, kind, fields, reason, note)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		d.District, id, d.At.UnixMicro(), d.Account, d.Unit, d.Subject, d.Person, string(d.Kind), joinFields(d.Fields), string(d.Reason), note)
}

// errSnapshot: SQLite would let a read transaction write and then roll it back.
var errSnapshot = errors.New("vault: a disclosure needs a Write: the ledger row would be lost")

// timeID is an id that sorts by time: microseconds, then 64 random bits, in an
// alphabet whose order is that of the bits.
func timeID(at time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(at.UnixMicro()))
	_, _ = rand.Read(b[8:])
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
}

func joinFields(fields []Field) string {
	s := make([]string, len(fields))
	for i, f := range fields {
		s[i] = string(f)
	}
	slices.Sort(s)
	return strings.Join(slices.Compact(s), ",")
}

func splitFields(s string) []Field {
	var out []Field
	for f := range strings.SplitSeq(s, ",") {
		out = append(out, Field(f))
	}
	return out
}

// Page is a piece of a list that is read newest first. The next one begins
// Before the last id of this one.
type Page struct {
	Before string // empty: from the newest
	Limit  int    // 0 = 50, at most 500
}

// Ledger returns the disclosures of one case, newest first.
func Ledger(tx *store.Tx, district, subject string, p Page) ([]Disclosure, error) {
	if p.Limit <= 0 {
		p.Limit = 50
	}
	if p.Before == "" {
		p.Before = "z" // after every id, in every collation
	}
	return store.All(tx, scanDisclosure, `SELECT district, id, at, account, unit, subject, person, kind, fields, reason, note
		FROM disclosures WHERE district = $1 AND subject = $2 AND id < $3 ORDER BY id DESC LIMIT $4`, district, subject, p.Before, min(p.Limit, 500))
}

func scanDisclosure(r store.Scanner) (d Disclosure, err error) {
	var at int64
	var kind, fields, reason string
	err = r.Scan(&d.District, &d.ID, &at, &d.Account, &d.Unit, &d.Subject, &d.Person, &kind, &fields, &reason, &d.Note)
	d.At, d.Kind, d.Fields, d.Reason = time.UnixMicro(at).UTC(), Kind(kind), splitFields(fields), Reason(reason)
	return d, err
}

// Seen says how often and when somebody saw the same fields of a person in the
// same way.
type Seen struct {
	Unit, Account string
	Kind          Kind
	Fields        []Field
	Times         int64
	First, Last   time.Time
}

// WhoSaw answers "who could have passed this on?": everybody who saw something
// of a person, the latest first.
func WhoSaw(tx *store.Tx, district, person string) ([]Seen, error) {
	return store.All(tx, func(r store.Scanner) (s Seen, err error) {
		var kind, fields string
		var first, last int64
		err = r.Scan(&s.Unit, &s.Account, &kind, &fields, &s.Times, &first, &last)
		s.Kind, s.Fields = Kind(kind), splitFields(fields)
		s.First, s.Last = time.UnixMicro(first).UTC(), time.UnixMicro(last).UTC()
		return s, err
	}, `SELECT unit, account, kind, fields, count(*), min(at), max(at) FROM disclosures WHERE district = $1 AND person = $2
		GROUP BY unit, account, kind, fields ORDER BY max(at) DESC, unit, account, kind, fields`, district, person)
}
