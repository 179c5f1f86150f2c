// Package calendars keeps the working calendars of a district: those of its pack,
// and what came after it, holiday notices and days of the place alone. Every
// calendar that was ever in force is kept under its version, so that a deadline
// can be rebuilt with the one it was made with; a change of a calendar is an act.
//
//	calendars.go  Book, Set: what is in force, what was
//	change.go     Change: a notice, local days; Try (dry run) and Load
//	adopt.go      Adopt: the pack's own calendars at the start of a program
//	store.go      SQL
//	verify.go     Replayer: rows against acts
//
// Nodes need no telling: whoever winds a clock asks the database, in the same
// transaction and behind the journal's head, which act about calendars is the
// last one (In), and reads what is new. So after a notice was loaded no act is
// made with the calendar before it, on any node.
package calendars

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

//go:embed migrations
var migrations embed.FS

// Schema is the table of calendar versions, numbers 11001-11999.
var Schema = store.Schema{Name: "calendars", FS: migrations}

// Actions on a calendar, see Table.
const (
	Adopt      = "adopt"       // the pack's calendar is new or was changed
	LoadNotice = "load_notice" // the State Council's arrangement of a year
	LocalDays  = "local_days"  // days of this place alone
)

var reason = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 300}

// Table says who may change calendars. A calendar is in force for good.
var Table = flow.Table{
	Kind:   "calendar",
	States: []flow.State{{Name: "in_force", Chip: "done", End: true}},
	Actions: []flow.Action{
		{Name: Adopt, To: "in_force", Who: []flow.Grant{{Role: access.System}}, Form: form.Form{Name: "calendar_adopt"}},
		{Name: LoadNotice, From: []string{"in_force"}, Who: []flow.Grant{{Role: access.Admin}, {Role: access.System}},
			Form: form.Form{Name: "calendar_notice", Fields: []form.Field{
				{Name: "notice", Type: form.Text, Required: true, Max: 40_000}, {Name: "replace", Type: form.Bool}, reason}}},
		{Name: LocalDays, From: []string{"in_force"}, Who: []flow.Grant{{Role: access.Admin}, {Role: access.System}},
			Form: form.Form{Name: "calendar_local", Fields: []form.Field{
				{Name: "calendar", Type: form.Line, Max: 40}, {Name: "date", Type: form.Date, Required: true}, {Name: "until", Type: form.Date},
				{Name: "day", Type: form.Choice, Required: true, Options: form.Options("off", "work", "usual")},
				{Name: "name", Type: form.Line, Max: 40}, reason}}},
	},
}

// Book is the door to the calendars of one district.
type Book struct {
	district string
	pack     string // version of the pack, noted in acts
	main     string // calendar of units that name none
	base     map[string]*worktime.Calendar
	of       func(unit string) string
	set      atomic.Pointer[Set]
}

// New makes the book from the pack's calendars. main is the district's own; of
// names a unit's.
func New(district, pack, main string, base map[string]*worktime.Calendar, of func(unit string) string) *Book {
	b := &Book{district: district, pack: pack, main: main, base: base, of: of}
	s := &Set{book: b, current: maps.Clone(base), versions: map[string]*worktime.Calendar{}}
	for _, c := range base {
		s.versions[c.Version()] = c
	}
	b.set.Store(s)
	return b
}

// Set is the calendars as of one moment. It never changes.
type Set struct {
	book     *Book
	seq      int64 // the last act about calendars; 0: only the pack's
	current  map[string]*worktime.Calendar
	versions map[string]*worktime.Calendar
	rows     []Version // oldest first
}

// Version is one calendar that is or was in force.
type Version struct {
	Name    string
	Version string
	Seq     int64 // of the act that brought it
	At      int64 // µs UTC
	Account string
	Action  string
	base    string // version of the pack's calendar it was made from
	added   added
	spec    worktime.Spec
}

// Seq is the number of the last act about calendars; 0 when there is none.
func (s *Set) Seq() int64 { return s.seq }

// Names lists the calendars, the district's own first.
func (s *Set) Names() []string {
	names := slices.Sorted(maps.Keys(s.current))
	if i := slices.Index(names, s.book.main); i > 0 {
		names = slices.Insert(slices.Delete(names, i, i+1), 0, s.book.main)
	}
	return names
}

// Current is the calendar of that name in force; "" is the district's own.
func (s *Set) Current(name string) (*worktime.Calendar, error) {
	if name == "" {
		name = s.book.main
	}
	if c := s.current[name]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("calendars: no calendar %q", name)
}

// Main is the district's own calendar.
func (s *Set) Main() *worktime.Calendar { return s.current[s.book.main] }

// Version is the calendar of that version, in force or not.
func (s *Set) Version(version string) (*worktime.Calendar, bool) {
	c, ok := s.versions[version]
	return c, ok
}

// Name is the name of a unit's calendar, "" when it is the district's own.
func (s *Set) Name(unit string) string {
	name := s.book.of(unit)
	if name == s.book.main || s.current[name] == nil {
		return ""
	}
	return name
}

// Of is the calendar of a unit.
func (s *Set) Of(unit string) *worktime.Calendar {
	c, _ := s.Current(s.Name(unit)) // Name names only what there is
	return c
}

// History lists the versions of a calendar that came through acts, newest first.
// "" is the district's own.
func (s *Set) History(name string) []Version {
	if name == "" {
		name = s.book.main
	}
	var out []Version
	for _, v := range slices.Backward(s.rows) {
		if v.Name == name {
			out = append(out, v)
		}
	}
	return out
}

// Known reports the years whose notice a calendar has.
func Known(c *worktime.Calendar) []int {
	var years []int
	for _, n := range c.Spec().Notices {
		years = append(years, n.Year)
	}
	return years
}

// Now is the set this process saw last. Inside a transaction ask In.
func (b *Book) Now() *Set { return b.set.Load() }

// Add is a deadline by the district's own calendar, see worktime.
func (b *Book) Add(start time.Time, l worktime.Limit) worktime.Due {
	return b.Now().Main().Add(start, l)
}

// Main is the name of the district's own calendar.
func (b *Book) Main() string { return b.main }

type setKey struct{ district string }

// In is the set in force for a transaction. A write must have taken the journal's
// head before (journal.Begin); then it holds until the commit.
func (b *Book) In(tx *store.Tx) (*Set, error) {
	key := setKey{b.district}
	if s, ok := tx.Value(key).(*Set); ok {
		return s, nil
	}
	seq, err := lastSeq(tx, b.district)
	if err != nil {
		return nil, err
	}
	s := b.set.Load()
	if s.seq > seq { // a snapshot from before: what is in force there is not the newest
		s = New(b.district, b.pack, b.main, b.base, b.of).Now()
	}
	if s.seq != seq {
		if s, err = b.extend(tx, s); err != nil {
			return nil, err
		}
		b.publish(s)
	}
	if tx.Writing() {
		tx.SetValue(key, s)
	}
	return s, nil
}

// publish makes a set the one that Now returns, unless a newer one is.
func (b *Book) publish(s *Set) {
	for {
		old := b.set.Load()
		if old.seq >= s.seq || b.set.CompareAndSwap(old, s) {
			return
		}
	}
}

// extend reads what came after s.
func (b *Book) extend(tx *store.Tx, s *Set) (*Set, error) {
	rows, err := since(tx, b.district, s.seq)
	if err != nil {
		return nil, err
	}
	out := s
	for _, v := range rows {
		if out, err = out.with(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// with is the set after one more version came into force.
func (s *Set) with(v Version) (*Set, error) {
	c := s.versions[v.Version]
	if c == nil {
		var err error
		if c, err = worktime.New(v.spec); err != nil {
			return nil, fmt.Errorf("calendars: stored calendar %s %s: %w", v.Name, v.Version, err)
		}
	}
	out := &Set{book: s.book, seq: v.Seq, current: maps.Clone(s.current), versions: maps.Clone(s.versions), rows: append(slices.Clone(s.rows), v)}
	out.current[v.Name], out.versions[v.Version] = c, c
	return out, nil
}
