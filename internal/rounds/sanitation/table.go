package sanitation

import (
	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
)

// States of inspections, findings and settlements.
const (
	Planned   = "planned"
	Done      = "done"
	Cancelled = "cancelled"

	Found    = "found"    // the contractor is to put it right
	Fixed    = "fixed"    // waits for the recheck
	Objected = "objected" // the contractor says it is wrong
	Closed   = "closed"   // rechecked
	Dropped  = "dropped"  // the objection was right: nothing is deducted

	Drawn     = "drawn"
	Signed    = "signed"    // by one
	Confirmed = "confirmed" // by two: it stands

	Sealed   = "sealed"
	Declared = "declared"
	Brought  = "brought"
)

// Kinds of inspections.
const (
	Daily   = "daily"
	Covert  = "covert" // the contractor sees nothing of it until it is done
	Monthly = "monthly"
)

// Relations of somebody to a record.
const (
	owner      = "owner"      // works for the unit that supervises
	second     = "second"     // the same, and neither recorded the finding nor signed the sheet
	contractor = "contractor" // runs the contract
)

func grants(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

var (
	watchers = grants(owner, access.Inspector, access.Department, access.DeptLead)
	others   = grants(second, access.Inspector, access.Department, access.DeptLead)
	firm     = grants(contractor, access.Contractor)

	reason = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 500}
	note   = form.Field{Name: "note", Type: form.Text, Max: 500}
)

// Inspections is the way of an inspection. There is no act for setting out or being there: what was found is the proof.
var Inspections = flow.Table{
	Kind:   "sanit_inspection",
	States: []flow.State{{Name: Planned, Chip: "new"}, {Name: Done, Chip: "done", End: true}, {Name: Cancelled, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "plan", To: Planned, Who: watchers, Form: form.Form{Name: "sanit_plan", Fields: []form.Field{
			{Name: "contract", Type: form.Choice, Required: true}, {Name: "kind", Type: form.Choice, Required: true, Options: form.Options(Daily, Covert, Monthly)},
			{Name: "day", Type: form.Date, Required: true}}}},
		{Name: "conclude", From: []string{Planned}, To: Done, Who: watchers, Form: form.Form{Name: "sanit_conclude", Fields: []form.Field{
			{Name: "summary", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "cancel", From: []string{Planned}, To: Cancelled, Who: watchers, Form: form.Form{Name: "sanit_cancel", Fields: []form.Field{reason}}},
	},
}

// Findings is the way of what an inspection found: put right by the contractor, rechecked by somebody else than who
// found it; or objected to, and decided by somebody else.
var Findings = flow.Table{
	Kind: "sanit_finding",
	States: []flow.State{{Name: Found, Chip: "new"}, {Name: Fixed, Chip: "visit"}, {Name: Objected, Chip: "hold"},
		{Name: Closed, Chip: "done", End: true}, {Name: Dropped, Chip: "closed", End: true}},
	Clocks: []string{"rectify"},
	Actions: []flow.Action{
		{Name: "record", To: Found, Who: watchers, Start: []string{"rectify"}, Form: form.Form{Name: "sanit_record", Fields: []form.Field{
			{Name: "segment", Type: form.Choice, Required: true}, {Name: "item", Type: form.Choice, Required: true}, {Name: "what", Type: form.Text, Required: true, Max: 500}}}},
		{Name: "show", From: []string{Found}, Who: grants("", access.System), Start: []string{"rectify"}, Form: form.Form{Name: "sanit_show"}},
		{Name: "rectify", From: []string{Found}, To: Fixed, Who: firm, Stop: []string{"rectify"}, Form: form.Form{Name: "sanit_rectify", Fields: []form.Field{
			{Name: "done", Type: form.Text, Required: true, Max: 500}}}},
		{Name: "pass", From: []string{Fixed}, To: Closed, Who: others, Form: form.Form{Name: "sanit_pass", Fields: []form.Field{note}}},
		{Name: "fail", From: []string{Fixed}, To: Found, Who: others, Start: []string{"rectify"}, Form: form.Form{Name: "sanit_fail", Fields: []form.Field{reason}}},
		{Name: "object", From: []string{Found}, To: Objected, Who: firm, Stop: []string{"rectify"}, Form: form.Form{Name: "sanit_object", Fields: []form.Field{reason}}},
		{Name: "uphold", From: []string{Objected}, To: Found, Who: others, Start: []string{"rectify"}, Form: form.Form{Name: "sanit_uphold", Fields: []form.Field{reason}}},
		{Name: "drop", From: []string{Objected}, To: Dropped, Who: others, Form: form.Form{Name: "sanit_drop", Fields: []form.Field{reason}}},
	},
}

// Settlements is the way of a month's sheet of a contract: drawn, signed by one, confirmed by another. Confirmed it
// stands for good.
var Settlements = flow.Table{
	Kind:   "sanit_settlement",
	States: []flow.State{{Name: Drawn, Chip: "new"}, {Name: Signed, Chip: "sign"}, {Name: Confirmed, Chip: "done", End: true}},
	Actions: []flow.Action{
		{Name: "draw", To: Drawn, Who: watchers, Form: form.Form{Name: "sanit_draw", Fields: []form.Field{
			{Name: "contract", Type: form.Choice, Required: true}, {Name: "month", Type: form.Line, Required: true, Max: 7}}}},
		{Name: "redraw", From: []string{Drawn}, Who: watchers, Form: form.Form{Name: "sanit_redraw", Fields: []form.Field{note}}},
		{Name: "sign", From: []string{Drawn}, To: Signed, Who: watchers, Form: form.Form{Name: "sanit_sign", Fields: []form.Field{note}}},
		{Name: "send_back", From: []string{Signed}, To: Drawn, Who: others, Form: form.Form{Name: "sanit_send_back", Fields: []form.Field{reason}}},
		{Name: "confirm", From: []string{Signed}, To: Confirmed, Who: others, Form: form.Form{Name: "sanit_confirm", Fields: []form.Field{note}}},
	},
}

// Days says that a day of tracks is sealed by the program when late positions no longer count.
var Days = flow.Table{
	Kind:    "sanit_day",
	States:  []flow.State{{Name: Sealed, Chip: "done", End: true}},
	Actions: []flow.Action{{Name: "seal", To: Sealed, Who: grants("", access.System), Form: form.Form{Name: "sanit_seal"}}},
}

// Manual is what the contractor says was swept by hand on a day; it may be said again until the day is sealed.
var Manual = flow.Table{
	Kind:   "sanit_manual",
	States: []flow.State{{Name: Declared, Chip: "done", End: true}},
	Actions: []flow.Action{
		{Name: "declare", To: Declared, Who: firm, Form: form.Form{Name: "sanit_declare", Fields: []form.Field{{Name: "segments", Type: form.Multi, Max: 2000}}}},
		{Name: "change", From: []string{Declared}, Who: firm, Form: form.Form{Name: "sanit_declare", Fields: []form.Field{{Name: "segments", Type: form.Multi, Max: 2000}}}},
	},
}

// Tracks says who brought a file of positions: what a platform sends by itself leaves no act for each batch.
var Tracks = flow.Table{
	Kind:    "sanit_tracks",
	States:  []flow.State{{Name: Brought, Chip: "done", End: true}},
	Actions: []flow.Action{{Name: "bring", To: Brought, Who: append(grants("", access.System), watchers...), Form: form.Form{Name: "sanit_bring"}}},
}

// Tables are the flow tables of this package.
func Tables() []*flow.Table {
	return []*flow.Table{&Inspections, &Findings, &Settlements, &Days, &Manual, &Tracks}
}
