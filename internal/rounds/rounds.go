// Package rounds is what the district does every day outside: routines (what, who, where, when) yield turns, on a turn
// something is found, and what is found is settled on the spot or becomes a case with clocks of its own.
//
// National rules forbid to make people prove that they were out: no check-in, no photo of presence, no track, no ranking,
// nothing filled in twice (国办函〔2026〕12号). So a turn has nothing to tick: it fills itself from the acts of real work,
// and what counts is what was found and fixed.
//
//	rounds.go   this map, Rounds and what it needs
//	finding.go  Finding, Record and the flow table of findings
//	find.go     Find: a finding from outside, and its case, in one transaction
//	act.go      Act: recheck, fix, send up
//	store.go    SQL of findings: Get, List
//	turn.go     Turn and its flow table; which days a routine falls on
//	seats.go    who has a turn; plan.go: the job that makes the turns of a day, once
//	weather.go  the weather of a day, which calls for routines
//	fill.go     the follower: real work fills turns, cases give findings their outcome
//	turns.go    lists of turns, excuse; SQL of turns
//	week.go     the leader of a place looks at a week of it
//	sums.go     what was found and fixed in a week, by place
//	verify.go   acts against rows
package rounds

import (
	"embed"
	"slices"
	"sync"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/directory/posts"
	"weixiao/internal/flow"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of rounds, numbers 51001-51999.
var Schema = store.Schema{Name: "rounds", FS: migrations}

// Options are what Rounds is made with.
type Options struct {
	District  string
	Pack      string // version of the pack
	Directory *directory.Directory
	// Locate says what a point lies in; nil for a pack without a map.
	Locate func(lon, lat float64) (directory.Place, bool)
	// Matter reports whether the catalogue has a matter of that key.
	Matter    func(key string) bool
	Gazetteer *directory.Gazetteer // names listed places; nil = none are
	Routines  []pack.Routine
	// Board is who holds which post.
	Board func() *posts.Board
	// Holders are the accounts that work for posts without a term of their own, by post; nil = none.
	Holders func(tx *store.Tx) (map[string]string, error)
	// Working reports whether a day (local midnight) is a working day of the district.
	Working func(day time.Time) bool
	// Report makes a finding ready to become a case. What it returns runs in the transaction of the finding and gives the
	// number of the case; store.ErrConflict there means that the transaction must run again.
	Report func(ReportOf) (TakeIn, error)
	// CheckIn is the id of the exception by which somebody may say to be there on a turn, "" for none; nil = there never is one.
	CheckIn func(tx *store.Tx, sc access.Scope, routine, unit string, at time.Time) (exception string, err error)
	Clock   func() time.Time
}

// ReportOf is what a finding says as a case.
type ReportOf struct {
	Matter string // "" = suggested from the words
	Words  string
	Place  Place
	Unit   string // that found it: reads the case from then on
	Grid   bool   // a grid worker found it
	Photos int
	Attach func(tx *store.Tx, number string, at time.Time) error
	At     time.Time
}

// TakeIn makes the case.
type TakeIn func(tx *store.Tx, sc access.Scope, at time.Time) (number string, err error)

// Rounds is the door to the rounds of one district.
type Rounds struct {
	db *store.DB
	o  Options
	// work are the kinds and actions of acts that fill something, of the pack and of days whose turns are older than it.
	work sync.Map
}

// New wires the package.
func New(db *store.DB, o Options) *Rounds {
	r := &Rounds{db: db, o: o}
	for _, x := range o.Routines {
		r.learn(itemsOf(x))
	}
	return r
}

// Routines lists the routines of the pack.
func (r *Rounds) Routines() []pack.Routine { return r.o.Routines }

// Routine finds a routine of the pack.
func (r *Rounds) Routine(key string) (pack.Routine, bool) {
	for _, x := range r.o.Routines {
		if x.Key == key {
			return x, true
		}
	}
	return pack.Routine{}, false
}

// Readers are the roles that see what is done outside: everybody who goes out, and the centre. Chiefs of buildings see
// their own findings on the phone, and no pages of others'.
func Readers() []string {
	return append(slices.DeleteFunc(slices.Clone(finders), func(r string) bool { return r == access.System || r == access.Chief }),
		access.Operator, access.Dispatcher, access.Callback, access.Duty, access.Auditor)
}

// Finders are the roles that may find something, at the desk too: chiefs of buildings do it on the phone.
func Finders() []string {
	return slices.DeleteFunc(rolesOf(&Table, "find"), func(r string) bool { return r == access.Chief })
}

// Forecasters are the roles of people that may tell the weather.
func Forecasters() []string { return rolesOf(&WeatherTable, "tell") }

// rolesOf are the roles of people that may do an action.
func rolesOf(t *flow.Table, action string) (out []string) {
	act, err := t.Action(action)
	if err != nil {
		panic(err) // the names are constants
	}
	for _, g := range act.Who {
		if r, ok := access.RoleOf(g.Role); ok && !r.Pseudo && !slices.Contains(out, g.Role) {
			out = append(out, g.Role)
		}
	}
	return out
}
