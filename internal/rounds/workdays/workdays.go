// Package workdays holds the community workday (社区工作日): a day on which leaders and departments work in a community.
// Residents book a time; units answer before the day where they can; on the day a matter is answered on the spot or
// becomes a case with its own clock, in the same transaction; after seven days everybody is asked what became of it.
//
//	workdays.go  this map, Options, Workdays; who stands in which relation
//	day.go       Day, its flow table, how acts fold into it
//	booking.go   Booking, its flow table, how acts fold into it
//	plan.go      Plan, Act: what is decided about a day; moving and cancelling take the booked along
//	book.go      Book: a resident, or somebody for them, takes a time; full means waiting
//	seats.go     the pure rules of slots and seats
//	meet.go      Do: what happens to a booking, from an answer before the day to the follow-up
//	figures.go   booked, answered before, settled on site, solved in time, still open; each with its records
//	notices.go   what residents and units are told
//	store.go     SQL; verify.go: acts against rows
//
// What a resident books is redacted as the words of a case are; name and telephone lie in the vault. Nobody's presence
// is recorded: no leader signs in, no photo is asked for (国办函〔2026〕12号).
package workdays

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of workdays and bookings, numbers 54001-54999.
var Schema = store.Schema{Name: "workdays", FS: migrations}

// Request is a matter that becomes a case.
type Request struct {
	Words     string // the resident's own
	Kind      string // consult help complaint report suggestion; "" = as the matter says
	Matter    string // key of a matter; "" = suggested from the words
	Community string
	Place     string // where it is, in words
	Person    vault.Person
}

// Outcome is how far such a case has come.
type Outcome struct {
	Ended  bool
	Solved bool  // the resident said so, at least in the main
	Closed int64 // µs UTC; 0 = open
}

// Options are what Workdays is made with.
type Options struct {
	Pack  *pack.Pack
	Vault *vault.Vault
	Clock func() time.Time
	// Secret is a keyed digest of its argument, ten characters of Crockford's alphabet.
	Secret func(string) string
	// File makes a case in the transaction and returns its number.
	File func(tx *store.Tx, sc access.Scope, r Request, at time.Time) (string, error)
	// Outcomes tells of cases by number; unknown ones are left out.
	Outcomes func(tx *store.Tx, numbers []string) (map[string]Outcome, error)
	// Deadline is the end of a limit that begins at a moment, by the district's calendar in force.
	Deadline func(from time.Time, l worktime.Limit) time.Time
}

// Workdays keeps the workdays of one district.
type Workdays struct {
	db       door
	madeUp   bool // what is entered is marked as made up
	o        Options
	district string
	dir      *directory.Directory
	rules    pack.Workdays
}

// New wires the package.
func New(db *store.DB, o Options) *Workdays {
	return &Workdays{db: db, o: o, district: o.Pack.District, dir: o.Pack.Directory, rules: o.Pack.Workdays}
}

// door is the database, or one transaction of somebody else's.
type door interface {
	Read(context.Context, func(*store.Tx) error) error
	Write(context.Context, func(*store.Tx) error) error
}

// inside does everything in one transaction.
type inside struct{ tx *store.Tx }

func (i inside) Read(_ context.Context, fn func(*store.Tx) error) error  { return fn(i.tx) }
func (i inside) Write(_ context.Context, fn func(*store.Tx) error) error { return fn(i.tx) }

// Within gives the same verbs in a transaction of the caller, at a moment that is not the clock's: for a simulated year.
// file makes the cases, if it is not nil. After an error the caller must give the transaction up, or know that the verb
// refused before it wrote.
func (w *Workdays) Within(tx *store.Tx, at time.Time, file func(*store.Tx, access.Scope, Request, time.Time) (string, error)) *Workdays {
	c := *w
	c.db, c.o.Clock, c.madeUp = inside{tx}, func() time.Time { return at }, true
	if file != nil {
		c.o.File = file
	}
	return &c
}

// Rules are those of the pack.
func (w *Workdays) Rules() pack.Workdays { return w.rules }

var zone = worktime.Zone

// Refusal says what is wrong with something that was entered, in both languages, and what to do.
type Refusal struct {
	Field  string // of the form
	ZH, EN string
}

func (e *Refusal) Error() string { return "workdays: " + e.Field + ": " + e.EN }

// Words are those for the person who entered it.
func (e *Refusal) Words() (field, zh, en string) { return e.Field, e.ZH, e.EN }

func refuse(field, zh, en string, args ...any) error {
	return &Refusal{field, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
}

// ErrStale means that the record was changed since it was looked at.
var ErrStale = fmt.Errorf("workdays: the record was changed meanwhile: %w", access.ErrStale)

// Relations of somebody to a day or a booking.
const (
	Host   = "host"   // works for the community, or for its street
	Sits   = "sits"   // works for a unit that sits there, or was asked to answer
	Holder = "holder" // holds the code of the booking
)

// relations are those of the scope to a day.
func (w *Workdays) relations(sc access.Scope, d *Day) []string {
	var out []string
	if sc.Unit() == "" {
		return nil
	}
	if w.dir.Under(d.Community, sc.Unit()) {
		out = append(out, Host)
	}
	if slices.ContainsFunc(d.UnitList(), func(u string) bool { return w.dir.Under(u, sc.Unit()) }) {
		out = append(out, Sits)
	}
	return out
}

func (w *Workdays) actor(sc access.Scope, d *Day) flow.Actor {
	return flow.Actor{Roles: sc.Roles(), Relations: w.relations(sc, d)}
}

// bookingActor is who asks, facing a booking of a day.
func (w *Workdays) bookingActor(sc access.Scope, d *Day, b *Booking) flow.Actor {
	a := w.actor(sc, d)
	if b == nil {
		return a
	}
	if b.Unit != "" && sc.Unit() != "" && w.dir.Under(b.Unit, sc.Unit()) && !slices.Contains(a.Relations, Sits) {
		a.Relations = append(a.Relations, Sits)
	}
	if sc.Holds(b.Number) {
		a.Relations = append(a.Relations, Holder)
	}
	return a
}

// seesDay reports whether the scope reaches the day: everybody once it is published, before that its hosts and those
// who see the whole district.
func (w *Workdays) seesDay(sc access.Scope, d *Day) bool {
	return sc.District() == w.district && (d.State != Planned || sc.All() || slices.Contains(w.relations(sc, d), Host))
}

// SeesBookings reports whether the scope reaches what was booked for a day.
func (w *Workdays) SeesBookings(sc access.Scope, d *Day) bool { return w.seesBookings(sc, d) }

// seesBookings reports whether the scope reaches what was booked for a day.
func (w *Workdays) seesBookings(sc access.Scope, d *Day) bool {
	return sc.District() == w.district && (sc.All() || len(w.relations(sc, d)) > 0)
}

// sees reports whether the scope reaches one booking.
func (w *Workdays) sees(sc access.Scope, d *Day, b *Booking) bool {
	return w.seesBookings(sc, d) || sc.District() == w.district && len(w.bookingActor(sc, d, b).Relations) > 0
}

func who(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

// append writes an act.
func (w *Workdays) append(tx *store.Tx, sc access.Scope, kind, subject, action, capacity string, body any, texts map[string]string) (*journal.Act, error) {
	at, err := journal.Begin(tx, w.district, w.o.Clock())
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("workdays: %w", err)
	}
	a := &journal.Act{District: w.district, At: at.UnixMicro(), Kind: kind, Subject: subject, Action: action, Actor: sc.Actor(capacity), Pack: w.o.Pack.Version, Body: raw, Texts: texts}
	return a, journal.Append(tx, a)
}

func (w *Workdays) system(why string) access.Scope { return access.SystemScope(w.district, why) }

// crockford has no letters that are read or heard as others.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newNumber makes a booking number such as JYR20221210-7K3Q9: the day it was made, nothing sequential.
func (w *Workdays) newNumber(now time.Time) string {
	b := make([]byte, 5)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = crockford[b[i]&31]
	}
	return w.o.Pack.Prefix + "R" + now.In(zone).Format("20060102") + "-" + string(b)
}

var numberForm = regexp.MustCompile(`^[A-Z]{2}R\d{8}-[0-9A-Z]{5}$`)

// IsNumber reports whether s has the form of a booking's number.
func IsNumber(s string) bool { return numberForm.MatchString(s) }

// Secret is the follow-up code of a booking.
func (w *Workdays) Secret(number string) string { return w.o.Secret("workday\x00" + number) }

// HolderScope checks number and code and gives the resident's own scope. Callers count the tries.
func (w *Workdays) HolderScope(number, secret string) (access.Scope, bool) {
	s := strings.NewReplacer("I", "1", "L", "1", "O", "0", "-", "", " ", "").Replace(strings.ToUpper(strings.TrimSpace(secret)))
	if !IsNumber(number) || !hmac.Equal([]byte(s), []byte(w.Secret(number))) {
		return access.Scope{}, false
	}
	return access.PublicScope(w.district).Holding(number), true
}
