package field

import (
	"context"
	"errors"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/files"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// Caller is who holds the phone.
type Caller struct {
	access.Principal
	Scope access.Scope
	Lang  words.Lang
	Now   time.Time
}

// T is a message in the caller's language.
func (c Caller) T(key string, args ...any) string { return words.T(c.Lang, key, args...) }

// link is a page of a record at the desk, for callers who have them: chiefs of buildings work with the app alone.
func (c Caller) link(href string) string {
	if !slices.ContainsFunc(c.Scope.Roles(), func(r string) bool { return r != access.Chief }) {
		return ""
	}
	return href
}

// day is a local day in a few characters.
func (c Caller) day(t time.Time) string {
	t = t.In(zone)
	return c.T("fieldwork.app.date", int(t.Month()), t.Day())
}

// handles reports whether the caller is one of those who handle cases: inspectors look at what others deliver, chiefs
// only report.
func (c Caller) handles() bool {
	return slices.ContainsFunc(c.Scope.Roles(), func(r string) bool { return r != access.Chief && r != access.Inspector })
}

// Provider is one kind of work in the app: cases, whistles, turns, visits. Each
// lives in a file of its own here and is handed to New. What it lists lies on
// phones for days: it says nothing that the work does not need, and never a
// telephone number.
type Provider interface {
	// Kind is the kind of its tasks: "case", "whistle", "turn", "visit". Titles of
	// groups on the phone are the messages "fieldwork.app.kind.<kind>".
	Kind() string
	// Tasks are what the caller has to do today, at most a hundred, with the
	// actions they name.
	Tasks(ctx context.Context, c Caller) ([]Task, []Action, error)
	// Do carries one act of the phone out, in one transaction of the provider's, in
	// which it calls in.Attach. It is safe to repeat: in.Key is given on to
	// store.Once. Errors it answers with are judged by the queue: form.Faults (the
	// person must change something), access.ErrStale, flow.ErrState,
	// flow.ErrForbidden, store.ErrNotFound (the record moved on: Keep).
	Do(ctx context.Context, c Caller, in Act) (Done, error)
}

// Keeper is a Provider that can keep the words and photos of an act that came too
// late: as a note on the record, with what was wanted as a proposal to whoever
// handles it now. cause is why it was not done. An error means that the record
// takes nothing from this caller any more: the words then stay on the phone, and
// the person is asked.
type Keeper interface {
	Keep(ctx context.Context, c Caller, in Act, cause error) (Done, error)
}

// Teller is a Provider that can say how a record stands now, for a person whose act
// was refused: title and state in words.
type Teller interface {
	Now(ctx context.Context, c Caller, subject string) (title, state string, err error)
}

// Sharer is a Provider whose tasks have photos: MayRead says whether the caller may
// see those attached to a record.
type Sharer interface {
	MayRead(ctx context.Context, c Caller, subject string) error
}

// Task is one thing to do, ready to be shown on a phone without a signal.
type Task struct {
	Kind    string `json:"kind"`
	Subject string `json:"subject"` // id of the record
	Title   string `json:"title"`
	Words   string `json:"words,omitempty"` // what it is about, without persons
	Place   string `json:"place,omitempty"`
	At      *Point `json:"at,omitempty"` // nil = nobody knows where
	// Due is where a clock runs out. What is only planned for a day has a Plan, in words: it is never late.
	Due     int64   `json:"due,omitempty"`
	Plan    string  `json:"plan,omitempty"`
	Version int64   `json:"version,omitempty"` // comes back in Act.Version
	State   string  `json:"state,omitempty"`   // in words
	Chip    string  `json:"chip,omitempty"`    // look of the state: new sign doing hold redo visit done closed
	Tags    []Tag   `json:"tags,omitempty"`
	Facts   []Fact  `json:"facts,omitempty"`
	Photos  []Photo `json:"photos,omitempty"`
	// Do names the actions that can be done, the most likely first: "<kind>.<name>"
	// is a button.
	Do []string `json:"do,omitempty"`
	// Known are answers to begin with, by field; Choices the members of fields whose
	// options the form cannot know.
	Known   map[string]string      `json:"known,omitempty"`
	Choices map[string][]ui.Choice `json:"choices,omitempty"`
	// Spots are where options are, by their value: the phone lists the nearest first.
	Spots map[string]Point `json:"spots,omitempty"`
	// Same is the subject of a task of the same kind whose Choices and Spots are this one's too: they are sent once.
	Same string `json:"same,omitempty"`
	// Finds is the id of the turn that a finding reported from here was made on; "" = from here none is reported.
	Finds string `json:"finds,omitempty"`
	Call  string `json:"call,omitempty"` // page from which the person can be called; "" = nobody to call
	Link  string `json:"link,omitempty"` // page at the desk
}

// Point is CGCS2000 longitude and latitude.
type Point struct {
	Lon float64 `json:"lon"`
	Lat float64 `json:"lat"`
}

// Tag is a short remark on a card. Tone is hot, warn, good, blue or "".
type Tag struct {
	Text string `json:"text"`
	Tone string `json:"tone,omitempty"`
}

// Fact is a line of a task's page.
type Fact struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Photo is a picture of a task; the phone keeps a copy of ID.
type Photo struct {
	ID   string `json:"id"`
	Note string `json:"note,omitempty"`
}

// Action is what can be done to tasks of a kind. Its form is drawn on the phone.
type Action struct {
	Kind  string
	Name  string
	Label string // "" = the message "action.<kind>.<name>"
	Icon  string // of package ui; "" = none
	Form  form.Form
	// Choices are the options of fields whose labels are in the pack, by field, in the language of the caller.
	Choices map[string][]ui.Choice
	Look    string // p for the usual one, danger, or ""
	// Photos is how many photos it takes, 0 = none. Never demanded: evidence belongs
	// to the problem, and only where something changed.
	Photos int
	// Before offers the task's first photo as a transparent picture over the camera,
	// so that the new photo has the same angle.
	Before bool
	// Adds marks what only adds: a note, a photo. It never conflicts, so the
	// version seen is not sent.
	Adds bool
	// Fresh marks what is begun without a record: it is offered below the list.
	Fresh bool
}

// Act is one act of a phone as it comes out of its queue.
type Act struct {
	Subject string
	Action  string
	Raw     form.Raw
	Version int64         // the phone saw; 0 = it only adds
	Seen    time.Time     // when it was done, by the phone's clock
	Skew    time.Duration // phone's clock minus ours, as last measured
	Place   *Point        // chosen by the person; never a track
	Photos  []files.File  // of the problem, judged and on disk; Attach puts them on the record
	After   []files.File  // of it after it was fixed; AttachAfter
	Key     store.Key

	attach func(tx *store.Tx, kind, subject string, at time.Time, outcome Outcome) error
	after  func(tx *store.Tx, kind, subject string, at time.Time) error
	told   func(kind, subject string, at time.Time) error // the phone is told, and nothing is written down
}

// Happened is when it was done, by our clock.
func (a Act) Happened() time.Time { return a.Seen.Add(-a.Skew) }

// Attach puts the photos on the record and writes down that the phone's act was
// done, in the transaction of the work itself.
func (a Act) Attach(tx *store.Tx, kind, subject string, at time.Time) error {
	return a.attach(tx, kind, subject, at, OutcomeDone)
}

// AttachAfter puts the photos of what was fixed on a record, in the same transaction.
func (a Act) AttachAfter(tx *store.Tx, kind, subject string, at time.Time) error {
	return a.after(tx, kind, subject, at)
}

// AttachKept is Attach for Keep: the words and all photos were kept, what was wanted
// was not done.
func (a Act) AttachKept(tx *store.Tx, kind, subject string, at time.Time) error {
	if err := a.after(tx, kind, subject, at); err != nil {
		return err
	}
	return a.attach(tx, kind, subject, at, OutcomeProposed)
}

// Outcome is what became of an act of a phone.
type Outcome string

// What can become of an act. Only these two are answered with 2xx.
const (
	OutcomeDone     Outcome = "done"
	OutcomeProposed Outcome = "proposed" // kept as a note with a proposal
)

// Done is what the phone is told.
type Done struct {
	Subject string `json:"subject"`        // id of the record it is in now
	Link    string `json:"link,omitempty"` // its page at the desk
}

// Lister is a list of what is in the caller's area: buildings, assets, people in
// need. Lists are for looking up; nothing in them has to be done.
type Lister interface {
	// Name is the list's: its title is the message "fieldwork.list.<name>".
	Name() string
	List(ctx context.Context, c Caller) ([]Item, error)
}

// Item is one line of a list.
type Item struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Note  string `json:"note,omitempty"`
	Tags  []Tag  `json:"tags,omitempty"`
	At    *Point `json:"at,omitempty"`
	Facts []Fact `json:"facts,omitempty"`
	Link  string `json:"link,omitempty"`
}

// errUnknown answers an act of a kind or name that this server does not have: the
// app on the phone is older or newer than the server.
var errUnknown = errors.New("field: no such work")
