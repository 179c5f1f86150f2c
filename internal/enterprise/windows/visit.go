package windows

import (
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
)

// States of a visit.
const (
	Waiting = "waiting" // has a number
	Called  = "called"  // to come to a window
	Served  = "served"  // was served
	Absent  = "absent_visitor"
	Left    = "left" // gave the number back
)

// Outcomes of a visit.
const (
	Done         = "done"       // all that the window can do was done
	Supplemented = "supplement" // papers were missing: has to come again
	Returned     = "returned"   // not for this window, or not possible
)

// Standings of a rating.
const (
	Counts    = "counts"
	Pending   = "pending"   // bad, and not verified yet
	Dismissed = "dismissed" // found mistaken or malicious
)

// VisitTable is how a visit goes.
var VisitTable = flow.Table{
	Kind: "window_visit",
	States: []flow.State{{Name: Waiting, Chip: "new"}, {Name: Called, Chip: "doing"}, {Name: Served, Chip: "done", End: true}, {Name: Absent, Chip: "closed", End: true},
		{Name: Left, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "take", To: Waiting, Who: grants("", access.Anonymous, access.Clerk), Form: form.Form{Name: "window_take", Fields: []form.Field{
			{Name: "hall", Type: form.Choice, Required: true}, {Name: "item", Type: form.Choice, Required: true}}}},
		{Name: "call", From: []string{Waiting}, To: Called, Who: grants("", access.Clerk), Form: form.Form{Name: "window_call"}},
		{Name: "recall", From: []string{Called}, Who: grants(Clerk, access.Clerk), Form: form.Form{Name: "window_call"}},
		{Name: "finish", From: []string{Called}, To: Served, Who: grants(Clerk, access.Clerk), Form: form.Form{Name: "window_finish", Fields: []form.Field{
			{Name: "outcome", Type: form.Choice, Required: true, Options: form.Options(Done, Supplemented, Returned)}}}},
		{Name: "absent", From: []string{Called}, To: Absent, Who: grants(Clerk, access.Clerk), Form: form.Form{Name: "window_absent"}},
		{Name: "leave", From: []string{Waiting}, To: Left, Who: grants(Holder, access.Resident), Form: form.Form{Name: "window_leave"}},
		{Name: "rate", From: []string{Served}, Who: grants(Holder, access.Resident), Form: rateForm},
	},
}

// rateForm is asked once, and nothing of it but the level.
var rateForm = form.Form{Name: "window_rate", Fields: []form.Field{
	{Name: "level", Type: form.Choice, Required: true, Options: form.Options("5", "4", "3", "2", "1")},
	{Name: "labels", Type: form.Multi},
	{Name: "words", Type: form.Text, Max: 500},
	{Name: "phone", Type: form.Phone, Personal: true, When: "level", Values: []string{"2", "1"}},
	{Name: "name", Type: form.Line, Max: 30, Personal: true, When: "level", Values: []string{"2", "1"}},
}}

// Visit is one visit to a hall. All times are µs UTC; 0 = not yet.
type Visit struct {
	ID       string
	Hall     string
	Day      string // 2022-11-23
	Number   int64  // of the hall and the day
	Item     string
	State    string
	Window   string
	Clerk    string // account that served; shown nowhere but to the clerk
	Taken    int64
	Called   int64
	Calls    int64
	Slow     int64 // 1: waited longer than promised, 2: was served longer than promised, 3: both
	Done     int64
	Outcome  string
	Rated    int64
	Level    int64
	Labels   string // the version of the labels and then their ids, with blanks between
	Standing string
	Counted  int64 // when the rating began to count
	Bad      string
	Version  int64
	lastSeq  int64
}

// Position is where the visit stands in its flow table.
func (v *Visit) Position() flow.Position { return flow.Position{State: v.State} }

// LabelList are the ids of what was said beside the level.
func (v *Visit) LabelList() []string {
	if f := strings.Fields(v.Labels); len(f) > 1 {
		return f[1:]
	}
	return nil
}

// LateCall and LateEnd report whether the visitor waited, or was served, longer than promised.
func (v *Visit) LateCall() bool { return v.Slow&1 != 0 }
func (v *Visit) LateEnd() bool  { return v.Slow&2 != 0 }

// visitChange is the body of an act: what it changed and nothing else.
type visitChange struct {
	Hall    string `json:"hall,omitempty"`
	Day     string `json:"day,omitempty"`
	Number  int64  `json:"number,omitempty"`
	Item    string `json:"item,omitempty"`
	Window  string `json:"window,omitempty"`
	Slow    bool   `json:"slow,omitempty"`
	Outcome string `json:"outcome,omitempty"`
	Level   int64  `json:"level,omitempty"`
	Labels  string `json:"labels,omitempty"`
	Bad     string `json:"bad,omitempty"`
}

// fold applies an act and tells what it adds to which window's sums. It is the only code that changes a Visit.
func (v *Visit) fold(a *journal.Act) (window string, d Sums, err error) {
	var x visitChange
	if err := a.Into(&x); err != nil {
		return "", d, err
	}
	switch a.Action {
	case "take":
		*v = Visit{ID: a.Subject, Hall: x.Hall, Day: x.Day, Number: x.Number, Item: x.Item, State: Waiting, Taken: a.At}
	case "call":
		v.State, v.Window, v.Clerk, v.Called, v.Calls = Called, x.Window, a.Actor.Account, a.At, 1
		d.Called, d.Waited = 1, (a.At-v.Taken)/1e6
		if x.Slow {
			v.Slow |= 1
		} else {
			d.InTime = 1
		}
	case "recall":
		v.Calls++
	case "finish":
		v.State, v.Done, v.Outcome = Served, a.At, x.Outcome
		d.Served, d.Handled = 1, (a.At-v.Called)/1e6
		if x.Slow {
			v.Slow |= 2
		} else {
			d.OnTime = 1
		}
		switch x.Outcome {
		case Supplemented:
			d.Supplemented = 1
		case Returned:
			d.Returned = 1
		}
	case "absent":
		v.State, v.Done, d.Absent = Absent, a.At, 1
	case "leave":
		v.State = Left
	case "rate":
		v.Rated, v.Level, v.Labels, v.Bad = a.At, x.Level, x.Labels, x.Bad
		v.Standing = Pending
		if x.Bad == "" {
			v.Standing, v.Counted = Counts, a.At
			d.Levels[x.Level-1] = 1
		}
	}
	v.Version++
	v.lastSeq = a.Seq
	return v.Window, d, nil
}

// judge is what the verification of a bad rating does to it.
func (v *Visit) judge(real bool, at int64) (d Sums) {
	v.Standing = Dismissed
	if real {
		v.Standing, v.Counted = Counts, at
		d.Levels[v.Level-1] = 1
	}
	return d
}
