package workdays

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
)

// States of a booking.
const (
	Waiting   = "waiting"   // the day is full: the first seat that is given back is theirs
	Booked    = "booked"    // has a time, or came without one
	Answered  = "answered"  // a unit answered before the day; they may still come
	Settled   = "settled"   // answered on the spot
	Taken     = "taken"     // became a case
	Absent    = "absent"    // did not come
	Followed  = "followed"  // asked what became of it
	Withdrawn = "withdrawn" // taken back, or the day was cancelled
)

var (
	coming  = []string{Waiting, Booked, Answered}
	handled = []string{Answered, Settled, Taken}
)

// heard are those who deal with a resident on the day: the hosts and the units that sit there.
func heard() []flow.Grant {
	return append(hosts(), who(Sits, access.Department, access.DeptLead, access.Street, access.StreetLead, access.Community)...)
}

func residents(more ...flow.Grant) []flow.Grant {
	return append(append(who(Holder, access.Resident), hosts(access.Operator)...), more...)
}

// BookingTable says who does what with a booking.
var BookingTable = flow.Table{
	Kind: "workday_booking",
	States: []flow.State{
		{Name: Waiting, Chip: "hold"}, {Name: Booked, Chip: "sign"}, {Name: Answered, Chip: "doing"}, {Name: Settled, Chip: "visit"}, {Name: Taken, Chip: "visit"},
		{Name: Absent, Chip: "closed", End: true}, {Name: Followed, Chip: "done", End: true}, {Name: Withdrawn, Chip: "closed", End: true},
	},
	Actions: []flow.Action{
		{Name: "book", Decides: []string{Booked, Waiting}, Who: slices.Concat(who("", access.Anonymous), hosts(access.Operator), who(Host, access.Grid, access.GridChief)),
			Form: form.Form{Name: "workday_book", Fields: slices.Concat([]form.Field{{Name: "slot", Type: form.Choice}}, wordsFields)}},
		{Name: "walk_in", To: Booked, Who: heard(), Form: form.Form{Name: "workday_walkin", Fields: wordsFields}},
		{Name: "ask", From: coming, Who: hosts(access.Dispatcher), Form: form.Form{Name: "workday_ask", Fields: []form.Field{{Name: "unit", Type: form.Unit, Required: true}}}},
		{Name: "answer", From: coming, To: Answered, Who: heard(), Form: form.Form{Name: "workday_answer", Fields: []form.Field{
			{Name: "answer", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "rebook", From: []string{Waiting, Booked, Answered}, Decides: []string{Booked, Answered}, Who: residents(), Form: form.Form{Name: "workday_rebook", Fields: []form.Field{
			{Name: "slot", Type: form.Choice, Required: true}}}},
		{Name: "enough", From: []string{Answered}, To: Followed, Who: residents(), Form: form.Form{Name: "workday_enough"}},
		{Name: "settle", From: coming, To: Settled, Who: heard(), Form: form.Form{Name: "workday_settle", Fields: []form.Field{
			{Name: "answer", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "take", From: coming, To: Taken, Who: heard(), Form: form.Form{Name: "workday_take", Fields: []form.Field{
			{Name: "place", Type: form.Line, Max: 100}, {Name: "promise", Type: form.Text, Max: 500}}}},
		{Name: "follow_up", From: handled, To: Followed, Who: append(hosts(access.Callback, access.Operator), who(Host, access.Grid, access.GridChief)...),
			Form: form.Form{Name: "workday_followup", Fields: []form.Field{
				{Name: "said", Type: form.Choice, Required: true, Options: form.Options(SaidSolved, SaidPart, SaidNo, SaidUnreached)},
				{Name: "done", Type: form.Text, Max: 1000}}}},
		{Name: "withdraw", From: coming, To: Withdrawn, Who: residents(), Form: form.Form{Name: "workday_withdraw", Fields: []form.Field{{Name: "reason", Type: form.Text, Max: 300}}}},

		// What follows from something else, in the same transaction.
		{Name: "place", From: []string{Waiting}, To: Booked, Who: who("", access.System), Form: form.Form{Name: "workday_place"}},
		{Name: "day_moved", From: coming, Decides: coming, Who: who("", access.System), Form: form.Form{Name: "workday_moved"}},
		{Name: "day_cancelled", From: coming, To: Withdrawn, Who: who("", access.System), Form: form.Form{Name: "workday_gone"}},
		{Name: "not_come", From: []string{Booked}, To: Absent, Who: who("", access.System), Form: form.Form{Name: "workday_absent"}},
		{Name: "not_heard", From: []string{Waiting}, To: Taken, Who: who("", access.System), Form: form.Form{Name: "workday_unheard"}},
	},
}

// What residents say at the follow-up.
const (
	SaidSolved    = "solved"
	SaidPart      = "part"
	SaidNo        = "no"
	SaidUnreached = "unreached"
)

// wordsFields are what a resident is asked: as little as is needed to prepare the day and to reach them.
var wordsFields = []form.Field{
	{Name: "theme", Type: form.Choice, Required: true},
	{Name: "about", Type: form.Text, Required: true, Max: 1000, Personal: true},
	{Name: "phone", Type: form.Phone, Required: true, Personal: true},
	{Name: "name", Type: form.Line, Max: 40, Personal: true}}

// Booking is one resident's matter at a workday, as its acts left it.
type Booking struct {
	Number   string
	Day      string // id
	State    string
	Slot     int64 // from 0; -1 = none held
	Seat     int64 // from 0; -1 = none held
	Walkin   bool  // came on the day without booking
	Theme    string
	Words    string // redacted
	Person   string // id in the vault
	Unit     string // asked to answer; "" = none
	Answered int64  // µs UTC, when a unit answered before the day; 0 = not
	Settled  int64  // µs UTC, when it was answered on the spot; 0 = not
	Case     string // number of the case it became
	Said     string // what the resident said at the follow-up
	Via      string // portal, hotline, community
	Created  int64
	Changed  int64
	Version  int64
	lastSeq  int64
}

// Position is where the booking stands in its flow table.
func (b *Booking) Position() flow.Position { return flow.Position{State: b.State} }

// Ended reports whether nothing is left to do here. A case that came of it goes its own way.
func (b *Booking) Ended() bool { s, ok := BookingTable.State(b.State); return !ok || s.End }

// bookingChange is the body of an act: the whole of the booking after it, its words left out.
type bookingChange struct {
	State    string `json:"state"`
	Day      string `json:"day"`
	Slot     int64  `json:"slot"`
	Seat     int64  `json:"seat"`
	Walkin   bool   `json:"walkin,omitempty"`
	Theme    string `json:"theme"`
	Person   string `json:"person,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Answered int64  `json:"answered,omitempty"`
	Settled  int64  `json:"settled,omitempty"`
	Case     string `json:"case,omitempty"`
	Said     string `json:"said,omitempty"`
	Via      string `json:"via,omitempty"`
}

func (b *Booking) change() bookingChange {
	return bookingChange{b.State, b.Day, b.Slot, b.Seat, b.Walkin, b.Theme, b.Person, b.Unit, b.Answered, b.Settled, b.Case, b.Said, b.Via}
}

// fold applies an act. It is the only code that changes a Booking.
func (b *Booking) fold(a *journal.Act) error {
	var c bookingChange
	if err := a.Into(&c); err != nil {
		return err
	}
	if b.Version == 0 {
		b.Number, b.Created, b.Words = a.Subject, a.At, a.Texts["words"]
	}
	b.State, b.Day, b.Slot, b.Seat, b.Walkin, b.Theme, b.Person, b.Unit = c.State, c.Day, c.Slot, c.Seat, c.Walkin, c.Theme, c.Person, c.Unit
	b.Answered, b.Settled, b.Case, b.Said, b.Via = c.Answered, c.Settled, c.Case, c.Said, c.Via
	b.Version++
	b.Changed, b.lastSeq = a.At, a.Seq
	return nil
}
