package express

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
)

// States of a letter.
const (
	Received = "received" // waits for the clerk: 24 hours by the clock
	Screened = "screened" // waits for the leader's instruction
	Noted    = "noted"    // instructed, and no unit has it yet
	Assigned = "assigned" // with the leader of a lead unit
	Handling = "handling" // with the named officer
	Answered = "answered" // the sender, or a second pair of eyes, has the word
	LongTerm = "longterm" // 挂账: cannot be done now, looked at again each quarter
	Closed   = "closed"
	Rejected = "rejected" // does not go to the leader; the sender was answered
)

// Marks.
const (
	Anonymous = "anonymous" // without a name: handled by content, closed by a second pair of eyes
	Abusive   = "abusive"
	MoreTime  = "more_time" // more time was asked for
	Met       = "met"       // a joint meeting was held
)

// Relations of somebody to a letter. Nobody without one reaches it.
const (
	clerk     = "clerk"     // an express clerk who is not tied to the unit complained about
	addressed = "addressed" // the leader who holds the post it is addressed to
	lead      = "lead"      // leader of the lead unit
	officer   = "officer"   // the one whom that leader named
	second    = "second"    // a clerk who did not screen it
)

// Levels, the lowest first.
var Levels = []string{"normal", "confidential", "strict"}

// Results of handling.
var Results = []string{"done", "partly", "explained", "cannot"}

var (
	clerks  = []flow.Grant{{Role: access.ExpressClerk, Relation: clerk}}
	leaders = []flow.Grant{{Role: access.Leader, Relation: addressed}}
	desk    = slices.Concat(clerks, leaders)
	leads   = []flow.Grant{{Role: access.StreetLead, Relation: lead}, {Role: access.DeptLead, Relation: lead}}
	hands   = slices.Concat(leads, officers())
	sender  = []flow.Grant{{Role: access.Resident, Relation: ""}}
)

// officerRoles are the roles of whom a unit's leader may name.
var officerRoles = []string{access.Street, access.StreetLead, access.Department, access.DeptLead}

func officers() (out []flow.Grant) {
	for _, r := range officerRoles {
		out = append(out, flow.Grant{Role: r, Relation: officer})
	}
	return out
}

func text(name string, required bool, most int) form.Field {
	return form.Field{Name: name, Type: form.Text, Required: required, Max: most}
}

func letterFields(more ...form.Field) []form.Field {
	return slices.Concat([]form.Field{
		{Name: "post", Type: form.Choice, Required: true}, {Name: "topic", Type: form.Choice, Required: true}, text("words", true, 4000),
		{Name: "against", Type: form.Unit}, {Name: "level", Type: form.Choice, Required: true, Options: form.Options(Levels...)},
		{Name: "named", Type: form.Choice, Required: true, Options: form.Options("yes", "no")},
		{Name: "name", Type: form.Line, Required: true, Personal: true, Max: 40, When: "named", Values: []string{"yes"}},
		{Name: "phone", Type: form.Phone, Required: true, Personal: true, When: "named", Values: []string{"yes"}}}, more)
}

// Table is the flow of a letter. All words of it lie sealed in the vault.
var Table = flow.Table{
	Kind: "express",
	States: []flow.State{{Name: Received, Chip: "new"}, {Name: Screened, Chip: "sign"}, {Name: Noted, Chip: "doing"}, {Name: Assigned, Chip: "sign"}, {Name: Handling, Chip: "doing"},
		{Name: Answered, Chip: "visit"}, {Name: LongTerm, Chip: "hold"}, {Name: Closed, Chip: "done", End: true}, {Name: Rejected, Chip: "closed", End: true}},
	Marks:  []string{Anonymous, Abusive, MoreTime, Met},
	Clocks: []string{"screen", "instruct", "assign", "accept", "handle", "confirm", "check", "review"},
	Actions: []flow.Action{
		{Name: "send", To: Received, Start: []string{"screen"}, Who: []flow.Grant{{Role: access.Anonymous}}, Form: form.Form{Name: "express_send", Fields: letterFields()}},
		{Name: "send_unnamed", To: Received, Sets: []string{Anonymous}, Start: []string{"screen"}, Who: []flow.Grant{{Role: access.Anonymous}}, Form: form.Form{Name: "express_send", Fields: letterFields()}},
		{Name: "take_in", To: Received, Start: []string{"screen"}, Who: []flow.Grant{{Role: access.ExpressClerk}}, Form: form.Form{Name: "express_send", Fields: letterFields(paperFields()...)}},
		{Name: "take_in_unnamed", To: Received, Sets: []string{Anonymous}, Start: []string{"screen"}, Who: []flow.Grant{{Role: access.ExpressClerk}}, Form: form.Form{Name: "express_send", Fields: letterFields(paperFields()...)}},

		{Name: "screen", From: []string{Received}, To: Screened, Stop: []string{"screen"}, Start: []string{"instruct"}, Who: desk, Form: form.Form{Name: "express_screen", Fields: []form.Field{
			text("summary", false, 600), {Name: "topic", Type: form.Choice, Required: true}, {Name: "level", Type: form.Choice, Required: true, Options: form.Options(Levels...)}, {Name: "against", Type: form.Unit}}}},
		{Name: "reject", From: []string{Received}, To: Rejected, Stop: []string{"screen"}, Who: desk, Form: form.Form{Name: "express_reject", Fields: []form.Field{
			{Name: "ground", Type: form.Choice, Required: true}, text("answer", true, 1000)}}},
		{Name: "mark", From: []string{Received, Screened, Rejected}, Bars: []string{Abusive}, Sets: []string{Abusive}, Who: clerks, Form: form.Form{Name: "express_mark", Fields: []form.Field{text("reason", true, 400)}}},
		{Name: "note", From: []string{Screened}, Decides: []string{Noted, Assigned}, Stop: []string{"instruct"}, Start: []string{"assign", "accept", "handle"}, Who: leaders, Form: form.Form{Name: "express_note", Fields: []form.Field{
			{Name: "phrase", Type: form.Choice}, text("instruction", false, 1000), {Name: "lead", Type: form.Unit}, {Name: "hard", Type: form.Bool}, {Name: "why", Type: form.Text, Required: true, Max: 400, When: "hard", Values: []string{"true"}}}}},
		{Name: "assign", From: []string{Noted}, To: Assigned, Stop: []string{"assign"}, Start: []string{"accept", "handle"}, Who: desk, Form: form.Form{Name: "express_assign", Fields: []form.Field{
			{Name: "lead", Type: form.Unit, Required: true}, {Name: "hard", Type: form.Bool}, {Name: "why", Type: form.Text, Required: true, Max: 400, When: "hard", Values: []string{"true"}}}}},
		{Name: "hand_back", From: []string{Assigned}, To: Noted, Stop: []string{"accept", "handle"}, Start: []string{"assign"}, Who: leads, Form: form.Form{Name: "express_hand_back", Fields: []form.Field{text("reason", true, 600)}}},
		{Name: "accept", From: []string{Assigned}, To: Handling, Stop: []string{"accept"}, Who: leads, Form: form.Form{Name: "express_accept", Fields: []form.Field{{Name: "officer", Type: form.Choice, Required: true}}}},
		{Name: "rename", From: []string{Handling, LongTerm}, Who: leads, Form: form.Form{Name: "express_accept", Fields: []form.Field{{Name: "officer", Type: form.Choice, Required: true}}}},
		{Name: "ask_time", From: []string{Handling}, Bars: []string{MoreTime}, Sets: []string{MoreTime}, Who: leads, Form: form.Form{Name: "express_ask_time", Fields: []form.Field{{Name: "days", Type: form.Int, Required: true, Min: 1, Max: 60}, text("reason", true, 600)}}},
		{Name: "grant_time", From: []string{Handling}, Needs: []string{MoreTime}, Drops: []string{MoreTime}, Who: leaders, Form: form.Form{Name: "express_grant_time", Fields: []form.Field{text("note", false, 400)}}},
		{Name: "refuse_time", From: []string{Handling}, Needs: []string{MoreTime}, Drops: []string{MoreTime}, Who: leaders, Form: form.Form{Name: "express_refuse_time", Fields: []form.Field{text("reason", true, 400)}}},
		{Name: "meet", From: []string{Noted, Assigned, Handling, LongTerm}, Sets: []string{Met}, Who: desk, Form: form.Form{Name: "express_meet", Fields: []form.Field{
			{Name: "met_on", Type: form.Date, Required: true}, {Name: "units", Type: form.Units, Required: true, Max: 12}, text("decision", true, 1000)}}},
		{Name: "answer", From: []string{Handling}, To: Answered, Drops: []string{MoreTime}, Stop: []string{"handle"}, Start: []string{"confirm", "check"}, Who: hands, Form: form.Form{Name: "express_answer", Fields: []form.Field{
			{Name: "result", Type: form.Choice, Required: true, Options: form.Options(Results...)}, text("answer", true, 2000)}}},
		{Name: "confirm", From: []string{Answered}, Bars: []string{Anonymous}, To: Closed, Stop: []string{"confirm"}, Who: sender, Form: form.Form{Name: "express_confirm", Fields: []form.Field{
			{Name: "satisfaction", Type: form.Choice, Required: true, Options: form.Options("5", "4", "3", "2", "1")}, text("remark", false, 600)}}},
		{Name: "object", From: []string{Answered}, Bars: []string{Anonymous}, To: Handling, Stop: []string{"confirm"}, Start: []string{"handle"}, Who: sender, Form: form.Form{Name: "express_object", Fields: []form.Field{text("remark", true, 1000)}}},
		{Name: "lapse", From: []string{Answered}, Bars: []string{Anonymous}, To: Closed, Stop: []string{"confirm"}, Who: []flow.Grant{{Role: access.System}}, Form: form.Form{Name: "express_lapse"}},
		{Name: "check", From: []string{Answered}, Needs: []string{Anonymous}, Decides: []string{Closed, Handling}, Stop: []string{"check"}, Start: []string{"handle"}, Who: slices.Concat([]flow.Grant{{Role: access.ExpressClerk, Relation: second}}, leaders), Form: form.Form{Name: "express_check", Fields: []form.Field{
			{Name: "found", Type: form.Choice, Required: true, Options: form.Options("done", "redo")}, text("note", true, 600)}}},
		{Name: "list", From: []string{Handling}, To: LongTerm, Drops: []string{MoreTime}, Hold: []string{"handle"}, Start: []string{"review"}, Who: leaders, Form: form.Form{Name: "express_list", Fields: []form.Field{text("explain", true, 1000)}}},
		{Name: "review", From: []string{LongTerm}, Stop: []string{"review"}, Start: []string{"review"}, Who: hands, Form: form.Form{Name: "express_review", Fields: []form.Field{text("progress", true, 1000)}}},
		{Name: "resume", From: []string{LongTerm}, To: Handling, Free: []string{"handle"}, Stop: []string{"review"}, Who: slices.Concat(leaders, leads), Form: form.Form{Name: "express_resume", Fields: []form.Field{text("note", false, 600)}}},
	},
}

func paperFields() []form.Field {
	return []form.Field{{Name: "channel", Type: form.Choice, Required: true, Options: form.Options("paper", "phone", "visit")}, {Name: "firm", Type: form.Line, Personal: true, Max: 18}}
}

// ours are the words that are not for the sender: the house's own. All other words the sender may read.
var ours = []string{"summary", "reason", "instruction", "why", "decision", "note", "progress"}
