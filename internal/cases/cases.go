// Package cases is a request's whole way: from a resident's words to a solution
// that the resident confirms, with a whistle on the way when one unit alone
// cannot do it.
//
// Every change is an act. An act carries a Change, the whole of what it did to
// the case; folding the changes of a case from the first act gives its row, so
// the row is a cache and Verify proves it. The flow Table says who may do what
// when; nothing is done that it does not allow.
//
//	cases.go      this map, Case, Cases and what it needs
//	table.go      states, marks, clocks, actions: the flow table
//	change.go     Change and how it folds into a Case
//	clocks.go     the clocks of a case, by which calendar they run
//	duty.go       who answers, and why it was so; dryrun.go: other rules over what has happened
//	report.go     Report: a new case from any channel
//	takein.go     TakeIn: a new case in the transaction of a finding or a need
//	act.go        Act: every other change, checked against the table
//	told.go       Tell: what a resident is told of an act
//	plans.go      what single actions do beyond the table
//	again.go      callers who come back, and those who were merged
//	past.go       a case as it was; steps.go: after each of its acts
//	outcome.go    how far cases have come, for work that led to them
//	recount.go    every open clock anew after a calendar has changed
//	why.go        the sum behind each clock, with its acts
//	read.go       Get, Timeline, Follow (the resident's view)
//	list.go       filters, search; public.go: what anybody may read
//	board.go      the open cases in memory: inboxes; tally.go: their counts
//	store.go      SQL
//	lessons.go    what can be learned from; advice beside the rules
//	asset.go      cases about a city asset
//	verify.go     acts against rows
//	table_wait.go, plans_wait.go  more time, suspension, pause by law, appeal, level
//	whistle*.go   the whistle: its own table, acts and lists
//	alarm*.go     reminders and escalation; alarms.go is their map
//	order*.go     supervision: letters, instructions, listings
//	check*.go     whether a fix is one, seen by somebody who had no hand in it
package cases

import (
	"embed"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/calendars"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/duties"
	"weixiao/internal/flow"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of cases, whistles, orders, checks and alarms, numbers 21001-21999.
var Schema = store.Schema{Name: "cases", FS: migrations}

// District is what cases must know of the place they work for. It is immutable;
// a new pack or calendar makes a new one.
type District struct {
	Code      string // six digits
	Prefix    string // of case numbers: JY
	Pack      string // version of the pack
	Directory *directory.Directory
	Catalogue *catalogue.Catalogue // matters and limits; who answers for them says Duties
	Duties    *duties.Book
	Calendar  *calendars.Book
	Ladder    *catalogue.Ladder                              // reminders and escalation; nil = none
	Locate    func(lon, lat float64) (directory.Place, bool) // what a point lies in; nil without a map
	// Areas are layer/code of the polygons that a point lies in, for rules about them; nil = none.
	Areas func(lon, lat float64) []string
	// Find says where an address is, as far as it is sure; nil = only names of streets and communities count.
	Find       func(text string, at orb.Point, located bool) directory.Finding
	Asset      func(tx *store.Tx, id string) error // nil error: a city asset of that id is registered; nil = none are
	Centre     string                              // unit id of the hotline centre
	Whistle    map[string]WhistleLimits
	Procedures pack.Procedures // what may stop a clock, supervision
}

// Cases is the door to all cases of one district.
type Cases struct {
	db     *store.DB
	d      *District
	vault  *vault.Vault
	secret []byte
	clock  func() time.Time
	board  *board
}

// New wires the package. secret keys the follow-up secrets and must stay the same
// for the life of the database.
func New(db *store.DB, d *District, v *vault.Vault, secret []byte, clock func() time.Time) *Cases {
	c := &Cases{db: db, d: d, vault: v, secret: secret, clock: clock}
	c.board = &board{c: c}
	return c
}

// District returns what the cases were made with.
func (c *Cases) District() *District { return c.d }

// Ask is a request of a unit that waits for somebody's decision.
type Ask struct {
	Account string   `json:"account,omitempty"` // who asked: never the one who decides
	Limit   string   `json:"limit,omitempty"`   // of an extension
	Ground  string   `json:"ground,omitempty"`
	Review  string   `json:"review,omitempty"` // local day of the first review
	By      []string `json:"by,omitempty"`     // who decides: ByUnit, ByCentre, BySupervision, ByLeader
}

// Relations of a unit to a case.
const (
	Lead   = "lead"   // handles it
	Assist = "assist" // helps
	Called = "called" // was called by a whistle for it
	Former = "former" // handled it once, or reported it: reads, may leave a note
)

// Place is where something is. Lon and Lat count only when Located.
type Place struct {
	Text      string  `json:"text,omitempty"`
	Lon       float64 `json:"lon,omitempty"`
	Lat       float64 `json:"lat,omitempty"`
	Located   bool    `json:"located,omitempty"`
	Street    string  `json:"street,omitempty"` // unit ids; "" = not known
	Community string  `json:"community,omitempty"`
	Grid      string  `json:"grid,omitempty"`
}

// Counts are how often things happened to a case.
type Counts struct {
	Handbacks int `json:"handbacks,omitempty"`
	Reworks   int `json:"reworks,omitempty"`
	Urges     int `json:"urges,omitempty"`
	Attempts  int `json:"attempts,omitempty"`  // call-backs that reached nobody
	Merged    int `json:"merged,omitempty"`    // cases merged into this one
	Prolonged int `json:"prolonged,omitempty"` // how often its suspension or pause was prolonged
}

// Outcome is what call-back or rating said; empty words were not asked.
type Outcome struct {
	Result    string `json:"result,omitempty"`    // the unit's own word: solved part not_possible explained
	By        string `json:"by,omitempty"`        // callback or rating; unreachable when nobody could be asked
	Contacted bool   `json:"contacted,omitempty"` // did the unit contact you
	Solved    string `json:"solved,omitempty"`    // solved basic part no
	Satisfied string `json:"satisfied,omitempty"` // very_satisfied … very_dissatisfied
}

// Case is one request as its acts left it.
type Case struct {
	District string
	Number   string
	Doc      int64 // grows with time; order of lists and key of the search index
	Version  int64 // number of acts, recounts left out: see Recounted
	LastSeq  int64
	Created  int64 // µs UTC
	Changed  int64
	flow.Position
	Desk     string            // queue of the centre it waits in: dispatch approve callback or ""
	Unit     string            // unit that leads
	Holder   string            // unit that must act next; "" = the centre, or nobody
	Assignee string            // account it was given to inside the unit
	Units    map[string]string // unit id -> relation
	Clocks   map[string]Clock
	Channel  string
	Kind     string // consult help complaint report suggestion
	Matter   string
	Profile  string // L0 … L5
	Public   bool
	Title    string
	Body     string // redacted words of the request
	Place    Place
	Person   string // id in the vault; "" = anonymous
	Parent   string // case it was merged into
	Rule     string // duty rule or "manual": why this unit
	Why      string // the reason shown with it
	Level    string // of supervision
	Whistle  string // number of the open whistle
	Again    string // number of the closed case whose caller says the same again
	Asset    string // 17-digit id of the city asset it is about
	Photos   int
	Counts   Counts
	Outcome  Outcome
	Replied  int64
	Closed   int64
	Asks     map[string]Ask // by mark: what waits for a decision
	Tried    []string       // local days of call-backs that reached nobody
	Digest   string         // of title and body with salt
	salt     []byte
}

// Ended reports whether nothing is left to do.
func (k *Case) Ended() bool { s, ok := Table.State(k.State); return !ok || s.End }

// Has reports whether a mark is set.
func (k *Case) Has(mark string) bool { return slices.Contains(k.Marks, mark) }

// relations are the relations of the actor's unit (or units below it) to k.
func (c *Cases) relations(sc access.Scope, k *Case) []string {
	var out []string
	if sc.Unit() == "" {
		return nil
	}
	for unit, rel := range k.Units {
		if c.d.Directory.Under(unit, sc.Unit()) && !slices.Contains(out, rel) {
			out = append(out, rel)
		}
	}
	slices.Sort(out)
	return out
}

// actor is who asks, as the flow table sees them.
func (c *Cases) actor(sc access.Scope, k *Case) flow.Actor {
	a := flow.Actor{Roles: sc.Roles()}
	if k != nil {
		a.Relations = append(c.relations(sc, k), c.decides(sc, k)...)
		if sc.Holds(k.Number) {
			a.Relations = append(a.Relations, "reporter")
		}
	}
	return a
}

// visible reports whether the scope reaches the case at all.
func (c *Cases) visible(sc access.Scope, k *Case) bool {
	switch {
	case sc.District() != k.District:
		return false
	case sc.All():
		return true
	case sc.Holds(k.Number):
		return true
	}
	return len(c.relations(sc, k)) > 0
}
