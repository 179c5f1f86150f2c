// Package visits is the knocking on doors (敲万家门、访万家情、暖万家心): a campaign says which doors are knocked at, a
// visit what came of each, and a need becomes a case or a call for help in the same transaction. Beside it stands the
// register of people in need, sealed in the vault.
//
//	visits.go    this map, Options, Visits; who stands in which relation
//	campaign.go  Campaign, its flow table, how acts fold into it; doors of buildings
//	plan.go      Plan, Act: what is decided about a campaign; the doors it yields
//	visit.go     Visit, its flow table, how acts fold into it
//	knock.go     Do: what happens at a door, and afterwards
//	cover.go     coverage per building and community; never per visitor
//	person.go    Person: people in need, its flow table, how acts fold into it
//	care.go      Enter, Care: consent, reviews, removal; who sees whom
//	remind.go    units are told of reviews that fall due
//	store.go     SQL; verify.go: acts against rows
//
// As little is written down as helps (个人信息保护法 art. 6, 28): a door and what came of it. No family, no income, no
// identity number (caught in words too), no visitor beside the row: who was there stands in the act alone, and nothing
// counts by person. Not at home and declined are outcomes like any other; nobody has to show that they were there
// (国办函〔2026〕12号).
package visits

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of campaigns, visits and people in need, numbers 53001-53999.
var Schema = store.Schema{Name: "visits", FS: migrations}

// Request is a need that becomes a case.
type Request struct {
	Words     string
	Help      bool   // a call for help: of the kind 求助
	Matter    string // key of a matter; "" = suggested from the words
	Community string
	Grid      string
	Place     string // the building; never the door, which only the petitioner can tell
	Person    vault.Person
}

// Outcome is how far such a case has come.
type Outcome struct {
	Ended  bool
	Solved bool // the resident said so, at least in the main
}

// Options are what Visits is made with.
type Options struct {
	Pack  *pack.Pack
	Vault *vault.Vault
	Clock func() time.Time
	// Building finds a building; BuildingsOf lists those of a community by id.
	Building    func(id string) (*directory.Building, bool)
	BuildingsOf func(community string) []*directory.Building
	// Grid is the grid an account works for by its post; "" = none.
	Grid func(tx *store.Tx, account string) (string, error)
	// Seat is the building an account is a chief of, and the kind of its post; "" = none. nil = there are no chiefs.
	Seat func(tx *store.Tx, account string) (building, kind string, err error)
	// File makes a case in the transaction and returns its number.
	File func(tx *store.Tx, sc access.Scope, r Request, at time.Time) (string, error)
	// Outcomes tells of cases by number; unknown ones are left out.
	Outcomes func(tx *store.Tx, numbers []string) (map[string]Outcome, error)
}

// Visits keeps campaigns, visits and people in need of one district.
type Visits struct {
	db       door
	madeUp   bool // what is entered is marked as made up
	o        Options
	district string
	dir      *directory.Directory
	rules    pack.Visits
}

// New wires the package.
func New(db *store.DB, o Options) *Visits {
	return &Visits{db: db, o: o, district: o.Pack.District, dir: o.Pack.Directory, rules: o.Pack.Visits}
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
func (v *Visits) Within(tx *store.Tx, at time.Time, file func(*store.Tx, access.Scope, Request, time.Time) (string, error)) *Visits {
	c := *v
	c.db, c.o.Clock, c.madeUp = inside{tx}, func() time.Time { return at }, true
	if file != nil {
		c.o.File = file
	}
	return &c
}

// Rules are those of the pack.
func (v *Visits) Rules() pack.Visits { return v.rules }

var zone = worktime.Zone

// Refusal says what is wrong with something that was entered, in both languages, and what to do.
type Refusal struct {
	Field  string // of the form
	ZH, EN string
}

func (e *Refusal) Error() string { return "visits: " + e.Field + ": " + e.EN }

// Words are those for the person who entered it.
func (e *Refusal) Words() (field, zh, en string) { return e.Field, e.ZH, e.EN }

func refuse(field, zh, en string, args ...any) error {
	return &Refusal{field, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
}

// ErrStale means that the record was changed since it was looked at.
var ErrStale = fmt.Errorf("visits: the record was changed meanwhile: %w", access.ErrStale)

// Relations of somebody to a campaign, a visit or a person in need.
const (
	Host  = "host"  // works for all of its communities, or for a street above them
	Named = "named" // works for this very community: its secretary, its grid chief, the worker of the grid
	Chief = "chief" // chief of the very building, in a campaign in which chiefs of that kind go
	Civil = "civil" // works for a unit the pack names as reader of the register: civil affairs
)

// over are the relations of the scope to communities: Host when it reaches all of them.
func (v *Visits) over(sc access.Scope, communities ...string) flow.Actor {
	a := flow.Actor{Roles: sc.Roles()}
	if sc.Unit() == "" || len(communities) == 0 {
		return a
	}
	if !slices.ContainsFunc(communities, func(c string) bool { return !v.dir.Under(c, sc.Unit()) }) {
		a.Relations = []string{Host}
	}
	return a
}

// toward are the relations of the scope to a door.
func (v *Visits) toward(tx *store.Tx, sc access.Scope, x *Visit) (flow.Actor, error) {
	a := v.over(sc, x.Community)
	if !sc.Can(access.Chief) || v.o.Seat == nil || sc.Account() == "" {
		return a, nil
	}
	building, kind, err := v.o.Seat(tx, sc.Account())
	if err != nil || building == "" || building != x.Building {
		return a, err
	}
	c, err := v.campaign(tx, x.Campaign)
	if err == nil && slices.Contains(strings.Fields(c.Posts), kind) {
		a.Relations = append(a.Relations, Chief)
	}
	return a, err
}

// reach loads a visit that the scope reaches, with the relations to it.
func (v *Visits) reach(tx *store.Tx, sc access.Scope, id string) (*Visit, flow.Actor, error) {
	x, err := v.visit(tx, id)
	if err != nil {
		return nil, flow.Actor{}, err
	}
	who, err := v.toward(tx, sc, x)
	if err == nil && !v.sees(sc, x.Community) && !slices.Contains(who.Relations, Chief) {
		err = store.ErrNotFound
	}
	return x, who, err
}

// sees reports whether the scope reaches doors of communities: all or one of them.
func (v *Visits) sees(sc access.Scope, communities ...string) bool {
	return sc.District() == v.district && (sc.All() || sc.Unit() != "" && slices.ContainsFunc(communities, func(c string) bool { return v.dir.Under(c, sc.Unit()) }))
}

func who(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

// append writes an act.
func (v *Visits) append(tx *store.Tx, sc access.Scope, kind, subject, action, capacity string, body any, texts map[string]string) (*journal.Act, error) {
	at, err := journal.Begin(tx, v.district, v.o.Clock())
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("visits: %w", err)
	}
	a := &journal.Act{District: v.district, At: at.UnixMicro(), Kind: kind, Subject: subject, Action: action, Actor: sc.Actor(capacity), Pack: v.o.Pack.Version, Body: raw, Texts: texts}
	return a, journal.Append(tx, a)
}

// again repeats a write whose new case got a number that exists.
func (v *Visits) again(ctx context.Context, fn func(tx *store.Tx) error) (err error) {
	for range 4 {
		if err = v.db.Write(ctx, fn); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return err
}

// today is the local day.
func (v *Visits) today() string { return v.o.Clock().In(zone).Format(time.DateOnly) }

// in is the local day so many days after one.
func in(day string, days int) string {
	t, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, days).Format(time.DateOnly)
}

// plain cleans words and refuses those that name an identity or a bank card: they have no business at a door.
func plain(field, s string, most int) (string, error) {
	s, err := text.Clean(s, most)
	if err != nil {
		return "", form.Faults{{Field: field, Code: "control"}}
	}
	if _, found := text.Redact(s); slices.ContainsFunc(found, func(x text.Finding) bool { return x.Kind == text.KindID || x.Kind == text.KindCard }) {
		return "", refuse(field, "这里面有身份证号或银行卡号，走访不登记这些，请删去", "there is an identity or bank card number in it: a visit does not write these down, remove it")
	}
	return s, nil
}
