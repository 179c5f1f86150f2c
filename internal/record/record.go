// Package record keeps the records of a kind of work that needs nothing but what a flow table says: a state, marks,
// clocks, answers, who may do what, and a page of acts behind it. A work package declares a Kind beside its flow table
// and gets a Book: opening, acting, lists by key, sums, history, deadlines, reminders and the proof against the journal.
// What needs more (the whistle of a case, a million ratings) keeps its own tables.
//
//	record.go    Head, Keys, Kind, Engine, Book
//	act.go       Open and Act: rights, state, answers, clocks, one act, one row
//	clock.go     clocks of a record and their deadlines; Recount after a change of calendars
//	find.go      lists by key, sums, one record with its acts
//	remind.go    deadlines that come near and that pass, told once
//	store.go     SQL; verify.go: Checker
//
// Acts are the truth. The body of an act is the record as it is after it, and the answers that led there; the row caches
// that body and the keys it is found by. Words that may name a person lie beside the act (journal.Act.Texts) and are
// never in a body: a field of type form.Text or with Personal goes there by itself.
package record

import (
	"embed"
	"fmt"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

//go:embed migrations
var migrations embed.FS

// Schema is the table of records, numbers 07001-07999.
var Schema = store.Schema{Name: "record", FS: migrations}

// Head is what every record has. The record's own type embeds it first:
//
//	type Member struct {
//		record.Head
//		Firm string `json:"firm"`
//	}
type Head struct {
	ID      string `json:"-"` // public number, such as JYHY20221123-7K3Q9
	Doc     int64  `json:"-"` // number of its first act: the order of lists
	Version int64  `json:"-"` // how many acts it has
	LastSeq int64  `json:"-"` // its last act
	Created int64  `json:"-"` // µs UTC
	Changed int64  `json:"-"` // µs UTC

	State  string           `json:"state"`
	Since  int64            `json:"since"` // µs UTC: when it came into its state
	Marks  []string         `json:"marks,omitempty"`
	Clocks map[string]Clock `json:"clocks,omitempty"`
}

func (h *Head) head() *Head { return h }

// Position is where it stands in its flow table.
func (h *Head) Position() flow.Position { return flow.Position{State: h.State, Marks: h.Marks} }

// Has reports whether a mark is set.
func (h *Head) Has(mark string) bool { return slices.Contains(h.Marks, mark) }

// Content is a pointer to a type that embeds Head.
type Content[T any] interface {
	*T
	head() *Head
}

// Keys are what lists find a record by; "" is not found by it. None of them may name a person.
type Keys struct {
	Unit   string // the unit that keeps it or whose turn it is
	Parent string // id of the record it belongs to
	Of     string // what it is about: a firm's code, a place, a person of the vault by id
	Tag    string // what it is listed under: a class, a period
	Title  string // one line that says which it is
	Amount int64  // what Sums adds up: fen, or a quantity
}

// Kind is one kind of record.
type Kind[T any, P Content[T]] struct {
	Table *flow.Table
	// Letters stand in its numbers between the district's prefix and the day: HY in JYHY20221123-7K3Q9.
	Letters string
	// Keys of a record as it is now.
	Keys func(x P) Keys
	// Sees reports whether the scope reaches the record at all; nil: every signed-in account of the district does. Whoever
	// does not see a record learns nothing of it, not even that it is there.
	Sees func(sc access.Scope, x P) bool
	// Relations of somebody to the record, as the grants of the table name them. For the action that makes a record x is
	// what the answers made of it.
	Relations func(tx *store.Tx, sc access.Scope, x P) ([]string, error)
	// Options are the members of a Choice or Multi field that the table cannot know; nil, or false: it knows them. x is an
	// empty record for the action that makes one.
	Options func(tx *store.Tx, sc access.Scope, x P, action, field string) ([]form.Option, bool, error)
	// Limit is how long a clock of the record runs, as its pack says, and the unit by whose calendar. A zero limit starts
	// no clock.
	Limit func(x P, clock string) (worktime.Limit, string)
	// LimitAt is Limit for clocks that run to a day of the record's own: at is when the clock starts. It comes before Limit.
	LimitAt func(x P, clock string, at time.Time) (worktime.Limit, string)
	// Plans are what actions do beyond moving the record, by name. They run before the act is written.
	Plans map[string]func(s *Step[T, P]) error
	// Quiet clocks are not reminded of and do not go up: promises that are figures only.
	Quiet []string
}

// Step is one action under way. A plan changes X, adds words, opens other records in the same transaction.
type Step[T any, P Content[T]] struct {
	Tx      *store.Tx
	Scope   access.Scope
	Action  *flow.Action
	At      time.Time
	X       P // the record; its state and clocks are as before the action
	Answers form.Answers
	// Texts lie beside the act: every Text or Personal answer is there already.
	Texts map[string]string
	// To is the state an action with Decides leads to.
	To string
	// Input is what the caller said.
	Input Input
	// ID of the record; set for a new one too.
	ID string
}

// RefusedError is what the table allows but the rules do not. Code is a message key ("refused.<code>"), Args are its
// arguments.
type RefusedError = flow.RefusedError

// Refuse is the error of a plan that must not go on.
func Refuse(code string, args ...any) error { return &RefusedError{Code: code, Args: args} }

// Fault is the error of a plan for an answer that is wrong.
func Fault(field, code string) error { return form.Faults{{Field: field, Code: code}} }

// ErrStale means that the record moved on since its page was made.
var ErrStale = fmt.Errorf("record: %w", access.ErrStale)

// Options are what an engine is wired with.
type Options struct {
	District string
	Prefix   string // of public numbers: JY
	Pack     string // version of the pack, noted in acts
	// Calendar is the working calendar of a unit ("" is the district's) as of the transaction.
	Calendar func(tx *store.Tx, unit string) (*worktime.Calendar, error)
	Clock    func() time.Time
}

// Engine keeps the records of one district.
type Engine struct {
	db    *store.DB
	o     Options
	books map[string]book
	order []string
}

// book is what the engine needs of a Book without knowing its type.
type book interface {
	table() *flow.Table
	proves(tx *store.Tx, r *row) error
	shows(sc access.Scope, body string) (bool, error)
	recount(tx *store.Tx, id string) error
}

// New makes the engine.
func New(db *store.DB, o Options) *Engine { return &Engine{db: db, o: o, books: map[string]book{}} }

// District is the code of the engine's district.
func (e *Engine) District() string { return e.o.District }

// Now is the engine's clock.
func (e *Engine) Now() time.Time { return e.o.Clock() }

// Tables are the flow tables of every kind that was registered, in that order.
func (e *Engine) Tables() []*flow.Table {
	var out []*flow.Table
	for _, k := range e.order {
		out = append(out, e.books[k].table())
	}
	return out
}

// Book is one kind of record of one district.
type Book[T any, P Content[T]] struct {
	e *Engine
	k Kind[T, P]
}

// Register gives a kind its book. A kind is registered once, when the program is wired; a mistake in it panics.
func Register[T any, P Content[T]](e *Engine, k Kind[T, P]) *Book[T, P] {
	if _, twice := e.books[k.Table.Kind]; twice {
		panic("record: " + k.Table.Kind + " is registered twice")
	}
	for name := range k.Plans {
		if _, err := k.Table.Action(name); err != nil {
			panic(fmt.Sprintf("record: a plan for an action that %s does not have: %s", k.Table.Kind, name))
		}
	}
	if len(k.Letters) < 2 || k.Keys == nil {
		panic("record: " + k.Table.Kind + " has no letters or no keys")
	}
	b := &Book[T, P]{e, k}
	e.books[k.Table.Kind] = b
	e.order = append(e.order, k.Table.Kind)
	return b
}

// Table is the flow table of the kind.
func (b *Book[T, P]) Table() *flow.Table { return b.k.Table }

// Keys of a record as it is now.
func (b *Book[T, P]) Keys(x P) Keys { return b.k.Keys(x) }

// Head of a record, for code that does not know its type.
func (b *Book[T, P]) Head(x P) *Head { return x.head() }

// Engine is the engine the kind is registered with.
func (b *Book[T, P]) Engine() *Engine { return b.e }

func (b *Book[T, P]) table() *flow.Table { return b.k.Table }

func (b *Book[T, P]) sees(sc access.Scope, x P) bool {
	if sc.District() != b.e.o.District {
		return false
	}
	if sc.Can(access.System) {
		return true
	}
	if b.k.Sees == nil {
		return sc.Account() != ""
	}
	return b.k.Sees(sc, x)
}

// actor is who asks about a record, as the table sees them.
func (b *Book[T, P]) actor(tx *store.Tx, sc access.Scope, x P) (flow.Actor, error) {
	who := flow.Actor{Roles: sc.Roles()}
	if b.k.Relations == nil {
		return who, nil
	}
	var err error
	who.Relations, err = b.k.Relations(tx, sc, x)
	return who, err
}

// One is the only record of a list, or store.ErrNotFound.
func One[P any](list []P, err error) (P, error) {
	var none P
	switch {
	case err != nil:
		return none, err
	case len(list) == 0:
		return none, store.ErrNotFound
	}
	return list[0], nil
}
