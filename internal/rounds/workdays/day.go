package workdays

import (
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
)

// States of a workday.
const (
	Planned   = "planned"   // only its hosts see it
	Open      = "open"      // published: residents book, and on the day they come
	Held      = "held"      // over; the follow-up runs
	Reviewed  = "reviewed"  // everybody was asked; its figures stand
	Cancelled = "cancelled" // those booked were told
)

// hosts are those who work for a community or its street.
func hosts(more ...string) []flow.Grant {
	out := who(Host, access.Community, access.Street, access.StreetLead)
	return append(out, who("", append(more, access.System)...)...)
}

var (
	whenFields = []form.Field{
		{Name: "from", Type: form.Moment, Required: true}, {Name: "until", Type: form.Moment, Required: true},
		{Name: "place", Type: form.Line, Required: true, Max: 60}}
	whatFields = []form.Field{
		{Name: "leader", Type: form.Line, Max: 60}, {Name: "units", Type: form.Units, Max: 12},
		{Name: "themes", Type: form.Multi, Required: true}}
	tableFields = []form.Field{
		{Name: "slot", Type: form.Int, Min: 5, Max: 120}, {Name: "seats", Type: form.Int, Min: 1, Max: 20}}
	reasonField = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 300}
)

// DayTable says who does what with a workday.
var DayTable = flow.Table{
	Kind: "workday",
	States: []flow.State{
		{Name: Planned, Chip: "new"}, {Name: Open, Chip: "doing"}, {Name: Held, Chip: "visit"}, {Name: Reviewed, Chip: "done", End: true}, {Name: Cancelled, Chip: "closed", End: true},
	},
	Actions: []flow.Action{
		{Name: "plan", To: Planned, Who: append(hosts(access.Dispatcher), who("", access.Community, access.Street, access.StreetLead)...),
			Form: form.Form{Name: "workday_plan", Fields: slices.Concat([]form.Field{{Name: "community", Type: form.Unit, Required: true}}, whenFields, whatFields, tableFields)}},
		{Name: "change", From: []string{Planned}, Who: hosts(access.Dispatcher), Form: form.Form{Name: "workday_plan", Fields: slices.Concat(whenFields, whatFields, tableFields)}},
		{Name: "publish", From: []string{Planned}, To: Open, Who: hosts(access.Dispatcher), Form: form.Form{Name: "workday_publish"}},
		{Name: "staff", From: []string{Open}, Who: hosts(access.Dispatcher), Form: form.Form{Name: "workday_plan", Fields: whatFields}},
		{Name: "move", From: []string{Open}, Who: hosts(access.Dispatcher), Form: form.Form{Name: "workday_move", Fields: slices.Concat(whenFields, []form.Field{reasonField})}},
		{Name: "close", From: []string{Open}, To: Held, Who: hosts(access.Dispatcher), Form: form.Form{Name: "workday_close"}},
		{Name: "review", From: []string{Held}, To: Reviewed, Who: hosts(access.Dispatcher, access.Callback), Form: form.Form{Name: "workday_review", Fields: []form.Field{
			{Name: "note", Type: form.Text, Max: 1000}}}},
		{Name: "cancel", From: []string{Planned, Open}, To: Cancelled, Who: hosts(access.Dispatcher), Form: form.Form{Name: "workday_cancel", Fields: []form.Field{reasonField}}},
	},
}

// Day is one workday of a community, as its acts left it.
type Day struct {
	ID        string
	State     string
	Community string // unit id
	Place     string // where people come to
	From, To  int64  // µs UTC, within one local day
	Slot      int64  // minutes for one resident
	Seats     int64  // how many are heard at the same time
	Leader    string // who hosts it: a post's id, or words
	Units     string // ids of units that sit there, joined by blanks
	Themes    string // ids of the pack's themes, joined by blanks
	MadeUp    bool
	Created   int64 // µs UTC
	Changed   int64
	Version   int64
	lastSeq   int64
}

// Position is where the day stands in its flow table.
func (d *Day) Position() flow.Position { return flow.Position{State: d.State} }

// UnitList are the units that sit there.
func (d *Day) UnitList() []string { return strings.Fields(d.Units) }

// ThemeList are what it is about.
func (d *Day) ThemeList() []string { return strings.Fields(d.Themes) }

// Begins and Ends are its hours.
func (d *Day) Begins() time.Time { return time.UnixMicro(d.From).In(zone) }

// Ends is the end of its hours.
func (d *Day) Ends() time.Time { return time.UnixMicro(d.To).In(zone) }

// Slots is how many slots its hours have.
func (d *Day) Slots() int64 {
	if d.Slot <= 0 {
		return 0
	}
	return (d.To - d.From) / (d.Slot * time.Minute.Microseconds())
}

// At is when a slot begins.
func (d *Day) At(slot int64) time.Time {
	return d.Begins().Add(time.Duration(slot*d.Slot) * time.Minute)
}

// dayChange is the body of an act: the whole of the day after it.
type dayChange struct {
	State     string `json:"state"`
	Community string `json:"community"`
	Place     string `json:"place"`
	From      int64  `json:"from"`
	To        int64  `json:"to"`
	Slot      int64  `json:"slot"`
	Seats     int64  `json:"seats"`
	Leader    string `json:"leader,omitempty"`
	Units     string `json:"units,omitempty"`
	Themes    string `json:"themes,omitempty"`
	MadeUp    bool   `json:"made_up,omitempty"`
}

func (d *Day) change() dayChange {
	return dayChange{d.State, d.Community, d.Place, d.From, d.To, d.Slot, d.Seats, d.Leader, d.Units, d.Themes, d.MadeUp}
}

// fold applies an act. It is the only code that changes a Day.
func (d *Day) fold(a *journal.Act) error {
	var c dayChange
	if err := a.Into(&c); err != nil {
		return err
	}
	if d.Version == 0 {
		d.ID, d.Created = a.Subject, a.At
	}
	d.State, d.Community, d.Place, d.From, d.To, d.Slot, d.Seats = c.State, c.Community, c.Place, c.From, c.To, c.Slot, c.Seats
	d.Leader, d.Units, d.Themes, d.MadeUp = c.Leader, c.Units, c.Themes, c.MadeUp
	d.Version++
	d.Changed, d.lastSeq = a.At, a.Seq
	return nil
}
