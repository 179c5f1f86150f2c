package cases

import (
	"weixiao/internal/flow"
	"weixiao/internal/form"
)

// States of a whistle (DOMAIN 1.3).
const (
	WhistleDraft     = "draft"     // the street wrote it down
	WhistleSent      = "sent"      // its leader approved; the units are called
	WhistleExecuting = "executing" // one plan, a task per unit
	WhistleDone      = "done"      // every task is confirmed
	WhistleClosed    = "closed"    // rated and filed
	WhistleCancelled = "cancelled" // not approved, or called off
)

// Kinds of whistle: the three grounds a street may have (Beijing regulation).
const (
	WhistleProblem   = "problem"     // residents' problem the street cannot solve alone
	WhistleJoint     = "enforcement" // joint law enforcement
	WhistleEmergency = "emergency"
)

// Clocks of a whistle. Acknowledge and arrive run for each called unit, named
// "acknowledge:<unit>" and so on.
const (
	ClockAcknowledge = "acknowledge"
	ClockArrive      = "arrive"
	ClockPlan        = "plan"
)

// What a called unit has done so far.
const (
	UnitCalled       = "called"
	UnitAcknowledged = "acknowledged"
	UnitArrived      = "arrived"
	UnitDeclined     = "declined" // an arbiter decides
	UnitExcused      = "excused"
)

var (
	streetHands = append(grants("street", "street", "streetlead"), flow.Grant{Role: "community", Relation: "street"})
	streetLeads = grants("street", "streetlead")
	calledHands = grants(Called, "street", "streetlead", "department", "deptlead")
	arbiters    = grants("", roleSupervisor, roleLeader)
	score       = form.Options("1", "2", "3", "4", "5")
	whistleOpen = []string{WhistleDraft, WhistleSent, WhistleExecuting, WhistleDone}
)

// WhistleTable is the whole way of a whistle.
var WhistleTable = flow.Table{
	Kind: "whistle",
	States: []flow.State{
		{Name: WhistleDraft, Chip: "new"}, {Name: WhistleSent, Chip: "sign"}, {Name: WhistleExecuting, Chip: "doing"},
		{Name: WhistleDone, Chip: "visit"}, {Name: WhistleClosed, Chip: "done", End: true}, {Name: WhistleCancelled, Chip: "closed", End: true},
	},
	Clocks: []string{ClockAcknowledge, ClockArrive, ClockPlan},
	Actions: []flow.Action{
		{Name: "draft", To: WhistleDraft, Who: append(grants("", "street", "streetlead"), flow.Grant{Role: "community"}),
			Form: form.Form{Name: "whistle_draft", Fields: []form.Field{
				{Name: "case", Type: form.Case},
				{Name: "kind", Type: form.Choice, Required: true, Options: form.Options(WhistleProblem, WhistleJoint, WhistleEmergency)},
				{Name: "units", Type: form.Units, Required: true, Max: 12},
				{Name: "issue", Type: form.Text, Required: true, Max: 2000},
				{Name: "meet_at", Type: form.Moment}, {Name: "meet_place", Type: form.Line, Max: 200}}}},
		{Name: "approve", From: []string{WhistleDraft}, To: WhistleSent, Who: streetLeads,
			Form:  form.Form{Name: "whistle_approve", Fields: []form.Field{noteOpt}},
			Start: []string{ClockAcknowledge, ClockArrive, ClockPlan}},
		{Name: "reject", From: []string{WhistleDraft}, To: WhistleCancelled, Who: streetLeads,
			Form: form.Form{Name: "whistle_reject", Fields: []form.Field{reason}}},
		{Name: "acknowledge", From: []string{WhistleSent, WhistleExecuting}, Who: calledHands,
			Form: form.Form{Name: "whistle_acknowledge", Fields: []form.Field{noteOpt}}},
		{Name: "report_in", From: []string{WhistleSent, WhistleExecuting}, Who: calledHands,
			Form: form.Form{Name: "whistle_report_in", Fields: []form.Field{
				{Name: "who", Type: form.Line, Required: true, Max: 60, Personal: true}, {Name: "rank", Type: form.Choice, Options: form.Options("head", "deputy", "section", "staff")},
				{Name: "when", Type: form.Moment}, {Name: "where", Type: form.Line, Max: 200}}}},
		{Name: "decline", From: []string{WhistleSent}, Who: calledHands,
			Form: form.Form{Name: "whistle_decline", Fields: []form.Field{
				{Name: "ground", Type: form.Choice, Required: true, Options: form.Options("not_our_duty", "other_unit_leads", "already_done", "no_power")}, reason}}},
		{Name: "excuse", From: []string{WhistleSent, WhistleExecuting}, Who: arbiters,
			Form: form.Form{Name: "whistle_excuse", Fields: []form.Field{{Name: "unit", Type: form.Unit, Required: true}, reason}}},
		{Name: "overrule", From: []string{WhistleSent, WhistleExecuting}, Who: arbiters,
			Form: form.Form{Name: "whistle_overrule", Fields: []form.Field{{Name: "unit", Type: form.Unit, Required: true}, reason}}},
		{Name: "call_unit", From: []string{WhistleSent, WhistleExecuting}, Who: streetLeads,
			Form: form.Form{Name: "whistle_call_unit", Fields: []form.Field{{Name: "unit", Type: form.Unit, Required: true}, reason}}},
		{Name: "set_task", From: []string{WhistleSent, WhistleExecuting}, Who: streetHands,
			Form: form.Form{Name: "whistle_set_task", Fields: []form.Field{
				{Name: "unit", Type: form.Unit, Required: true}, {Name: "what", Type: form.Text, Required: true, Max: 500}, {Name: "by", Type: form.Date, Required: true}}}},
		{Name: "minutes", From: []string{WhistleSent, WhistleExecuting}, Who: streetHands,
			Form: form.Form{Name: "whistle_minutes", Fields: []form.Field{{Name: "minutes", Type: form.Text, Required: true, Max: 4000}}}},
		{Name: "plan", From: []string{WhistleSent}, To: WhistleExecuting, Who: streetHands, Stop: []string{ClockPlan},
			Form: form.Form{Name: "whistle_plan", Fields: []form.Field{{Name: "plan", Type: form.Text, Required: true, Max: 2000}}}},
		{Name: "task_done", From: []string{WhistleExecuting}, Who: calledHands,
			Form: form.Form{Name: "whistle_task_done", Fields: []form.Field{{Name: "result", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "return_task", From: []string{WhistleExecuting}, Who: streetHands,
			Form: form.Form{Name: "whistle_return_task", Fields: []form.Field{{Name: "unit", Type: form.Unit, Required: true}, reason}}},
		{Name: "confirm_task", From: []string{WhistleExecuting}, Decides: []string{WhistleExecuting, WhistleDone}, Who: streetHands,
			Form: form.Form{Name: "whistle_confirm_task", Fields: []form.Field{{Name: "unit", Type: form.Unit, Required: true}, noteOpt}}},
		{Name: "rate_unit", From: []string{WhistleDone, WhistleClosed}, Who: streetHands,
			Form: form.Form{Name: "whistle_rate_unit", Fields: []form.Field{
				{Name: "unit", Type: form.Unit, Required: true}, {Name: "score", Type: form.Choice, Required: true, Options: score}, noteOpt}}},
		{Name: "rate_street", From: []string{WhistleDone, WhistleClosed}, Who: calledHands,
			Form: form.Form{Name: "whistle_rate_street", Fields: []form.Field{
				{Name: "score", Type: form.Choice, Required: true, Options: score}, {Name: "needed", Type: form.Bool, Required: true}, noteOpt}}},
		{Name: "close", From: []string{WhistleDone}, To: WhistleClosed, Who: streetHands,
			Form: form.Form{Name: "whistle_close", Fields: []form.Field{noteOpt}}},
		{Name: "cancel", From: []string{WhistleSent, WhistleExecuting}, To: WhistleCancelled, Who: streetLeads, Stop: []string{ClockPlan},
			Form: form.Form{Name: "whistle_cancel", Fields: []form.Field{reason}}},
		{Name: "note", From: whistleOpen, Who: append(append(append([]flow.Grant{}, streetHands...), calledHands...), arbiters...),
			Form: form.Form{Name: "whistle_note", Fields: []form.Field{{Name: "note", Type: form.Text, Required: true, Max: 4000}}}},
	},
}
