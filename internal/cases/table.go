package cases

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
)

// States of a case (DOMAIN 2.3). Side states such as a pending extension are
// marks beside them.
const (
	Pending    = "pending"    // 待受理: nobody has been asked to handle it yet
	Dispatched = "dispatched" // 待签收
	Signed     = "signed"     // 已签收
	Handling   = "handling"   // 办理中: the petitioner was contacted
	Replied    = "replied"    // 待回访
	Rework     = "rework"     // 退回重办
	Closed     = "closed"     // 已办结
	Answered   = "answered"   // 直接答复
	Screened   = "screened"   // 不予受理
	Merged     = "merged"     // 已并案
	Terminated = "terminated" // 已终结
	Withdrawn  = "withdrawn"  // 已撤回
)

// Marks beside the state.
const (
	ObjectionPending  = "objection_pending"  // a hand-back waits for the centre
	ExtensionPending  = "extension_pending"  // an extension waits for whom the pack names
	SuspensionPending = "suspension_pending" // a suspension waits for the supervision office
	PausePending      = "pause_pending"      // a pause by law waits for whom the pack names
	AppealPending     = "appeal_pending"     // a unit's objection to the finding waits for the supervision office
	Suspended         = "suspended"          // 挂账
	Paused            = "paused"             // 依法中止计时
	Appealed          = "appealed"           // the one objection to the finding was decided
	Extended          = "extended"           // the one extension was granted
	Final             = "final"              // designated for good: cannot be handed back
	Supervised        = "supervised"         // 督办
	Rated             = "rated"              // the resident rated; the link is used
	Whistled          = "whistled"           // a whistle is out for it
)

// Clocks of a case.
const (
	ClockSign    = "sign"
	ClockContact = "contact"
	ClockReply   = "reply"
	ClockClose   = "close"
	ClockReview  = "review" // until a suspension or a pause must be looked at again
)

// Roles the table names.
const (
	roleOperator   = access.Operator
	roleDispatcher = access.Dispatcher
	roleCallback   = access.Callback
	roleSupervisor = access.Supervisor
	roleLeader     = access.Leader
	roleGrid       = access.Grid
	roleDuty       = access.Duty
	roleResident   = access.Resident
)

func grants(relation string, roles ...string) []flow.Grant {
	out := make([]flow.Grant, len(roles))
	for i, r := range roles {
		out[i] = flow.Grant{Role: r, Relation: relation}
	}
	return out
}

// handlers are those who handle for a unit. The duty desk of the centre is one: it
// takes what no rule could place, day and night.
func handlers(relations ...string) (out []flow.Grant) {
	for _, r := range relations {
		out = append(out, grants(r, "street", "streetlead", "department", "deptlead", "community", roleGrid, roleDuty)...)
	}
	return out
}

var (
	open    = []string{Pending, Dispatched, Signed, Handling, Rework, Replied}
	inUnit  = []string{Dispatched, Signed, Handling, Rework}
	working = []string{Signed, Handling, Rework}
	ended   = []string{Closed, Answered, Screened, Merged, Terminated, Withdrawn}
	every   = append(append([]string{}, open...), ended...)
)

// handled are the clocks that a suspension and a pause by law hold.
var handled = []string{ClockContact, ClockReply, ClockClose}

// waiting are the marks of a request that waits for somebody's decision, resting
// those of a case that nobody works on. Where a case leaves its unit both go.
var (
	waiting = []string{ObjectionPending, ExtensionPending, SuspensionPending, PausePending, AppealPending}
	resting = []string{Suspended, Paused}
)

var (
	reason   = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 500}
	noteOpt  = form.Field{Name: "note", Type: form.Text, Max: 1000}
	profiles = form.Options("L0", "L1", "L2", "L3", "L4", "L5")
	solved   = form.Options("solved", "basic", "part", "no")
	content  = form.Options("very_satisfied", "satisfied", "fair", "dissatisfied", "very_dissatisfied")
)

// Table is the whole way of a case. It is the only place that says who may do
// what when; pages, API, permission matrix and model test read it.
var Table = flow.Table{
	Kind: "case",
	States: []flow.State{
		{Name: Pending, Chip: "new"}, {Name: Dispatched, Chip: "sign"}, {Name: Signed, Chip: "doing"}, {Name: Handling, Chip: "doing"},
		{Name: Replied, Chip: "visit"}, {Name: Rework, Chip: "redo"}, {Name: Closed, Chip: "done", End: true}, {Name: Answered, Chip: "done", End: true},
		{Name: Screened, Chip: "closed", End: true}, {Name: Merged, Chip: "closed", End: true}, {Name: Terminated, Chip: "closed", End: true},
		{Name: Withdrawn, Chip: "closed", End: true},
	},
	Marks: []string{ObjectionPending, ExtensionPending, SuspensionPending, PausePending, AppealPending, Suspended, Paused, Extended, Final, Appealed,
		Supervised, Rated, Whistled},
	Clocks:  []string{ClockSign, ClockContact, ClockReply, ClockClose, ClockReview},
	Actions: slices.Concat(intakeActions, unitActions, waitActions, centreActions, pressActions, residentActions),
}

// Intake: from words to a unit.
var intakeActions = []flow.Action{
	{Name: "report", To: Pending,
		Who: append(grants("", access.Anonymous, access.APIClient, access.System, roleOperator, roleDispatcher, roleGrid), grants("", "community", "street", "streetlead",
			access.GridChief, "department", "deptlead", roleSupervisor, roleLeader)...), // everybody who goes out finds something
		Form: form.Form{Name: "report"}},
	{Name: "answer", From: []string{Pending}, To: Answered,
		Who: grants("", roleOperator, roleDispatcher),
		Form: form.Form{Name: "answer", Fields: []form.Field{
			{Name: "reply", Type: form.Text, Required: true, Max: 2000}}}},
	// The six exits of art. 11 of the Beijing regulation (DOMAIN 2.1).
	{Name: "screen_out", From: []string{Pending}, To: Screened,
		Who: grants("", roleOperator, roleDispatcher),
		Form: form.Form{Name: "screen_out", Fields: []form.Field{
			{Name: "ground", Type: form.Choice, Required: true, Options: form.Options("emergency", "other_procedure", "already_handled", "secret", "outside_duty", "unlawful")},
			{Name: "reply", Type: form.Text, Required: true, Max: 1000}}}},
	{Name: "classify", From: []string{Pending, Dispatched, Signed, Handling, Rework},
		Who: grants("", roleOperator, roleDispatcher, roleDuty),
		Form: form.Form{Name: "classify", Fields: []form.Field{
			{Name: "matter", Type: form.Line, Max: 40}, {Name: "kind", Type: form.Choice, Options: form.Options("consult", "help", "complaint", "report", "suggestion")},
			{Name: "street", Type: form.Unit}, {Name: "community", Type: form.Unit}, {Name: "public", Type: form.Bool},
			{Name: "reason", Type: form.Text, Max: 500}}}},
	// Another level of urgency: the clocks that run are counted anew from where they
	// began.
	{Name: "change_level", From: inUnit, Who: grants("", roleDispatcher, roleSupervisor),
		Form: form.Form{Name: "change_level", Fields: []form.Field{{Name: "profile", Type: form.Choice, Required: true, Options: profiles}, reason}}},
	{Name: "dispatch", From: []string{Pending}, To: Dispatched,
		Who: grants("", roleOperator, roleDispatcher, roleDuty),
		Form: form.Form{Name: "dispatch", Fields: []form.Field{
			{Name: "unit", Type: form.Unit, Required: true}, {Name: "assist", Type: form.Units, Max: 8},
			{Name: "profile", Type: form.Choice, Options: profiles}, noteOpt}},
		Start: []string{ClockSign, ClockContact, ClockReply, ClockClose}},
	{Name: "merge", From: open, To: Merged, Bars: []string{Whistled},
		Who:   grants("", roleOperator, roleDispatcher),
		Drops: slices.Concat(waiting, resting), Stop: []string{ClockReview},
		Form: form.Form{Name: "merge", Fields: []form.Field{{Name: "into", Type: form.Case, Required: true}, noteOpt}},
		Hold: []string{ClockSign, ClockContact, ClockReply, ClockClose}},
	{Name: "unmerge", From: []string{Merged}, To: Pending, Drops: waiting,
		Who:  grants("", roleDispatcher),
		Form: form.Form{Name: "unmerge", Fields: []form.Field{reason}},
		Free: []string{ClockSign, ClockContact, ClockReply, ClockClose}},
}

// Units: from signing to the reply.
var unitActions = []flow.Action{
	{Name: "sign", From: []string{Dispatched}, To: Signed, Bars: []string{ObjectionPending},
		Who: handlers("lead"), Stop: []string{ClockSign},
		Form: form.Form{Name: "sign", Fields: []form.Field{noteOpt}}},
	{Name: "hand_back", From: []string{Dispatched, Signed}, Bars: []string{ObjectionPending, SuspensionPending, PausePending, Final, Suspended, Paused},
		Sets: []string{ObjectionPending}, Who: handlers("lead"),
		Form: form.Form{Name: "hand_back", Fields: []form.Field{
			{Name: "ground", Type: form.Choice, Required: true, Options: form.Options("not_our_duty", "wrong_place", "duplicate", "lacking_facts", "other_unit_leads")},
			reason, {Name: "should_be", Type: form.Unit}}}},
	{Name: "assign", From: inUnit, Who: handlers("lead"),
		Form: form.Form{Name: "assign", Fields: []form.Field{
			{Name: "to_unit", Type: form.Unit}, {Name: "to_account", Type: form.Line, Max: 64}, noteOpt}}},
	// The duty desk signed for it and found out whose it is: that unit signs and
	// contacts anew, and may hand it back like any other. The promises to the
	// resident go on.
	{Name: "hand_on", From: working, To: Dispatched, Bars: slices.Concat(waiting, resting, []string{Whistled}),
		Drops: []string{Final}, Who: grants("lead", roleDuty),
		Form: form.Form{Name: "hand_on", Fields: []form.Field{
			{Name: "unit", Type: form.Unit, Required: true}, {Name: "assist", Type: form.Units, Max: 8}, noteOpt}},
		Start: []string{ClockSign, ClockContact, ClockReply, ClockClose}},
	{Name: "contact", From: working, To: Handling, Who: handlers("lead", "assist"), Stop: []string{ClockContact},
		Form: form.Form{Name: "contact", Fields: []form.Field{
			{Name: "how", Type: form.Choice, Required: true, Options: form.Options("phone", "visit", "message", "not_reached", "no_contact")},
			{Name: "note", Type: form.Text, Max: 1000, Personal: true}}}},
	{Name: "progress", From: working, Who: handlers("lead", "assist", "called"),
		Form: form.Form{Name: "progress", Fields: []form.Field{{Name: "note", Type: form.Text, Required: true, Max: 1000}, {Name: "tell_resident", Type: form.Bool}}}},
	{Name: "reply", From: working, To: Replied, Bars: []string{Suspended, Paused, ExtensionPending},
		Drops: []string{SuspensionPending, PausePending, AppealPending, Rated}, Who: handlers("lead"), Stop: []string{ClockReply, ClockSign},
		Form: form.Form{Name: "reply", Fields: []form.Field{
			{Name: "result", Type: form.Choice, Required: true, Options: form.Options("solved", "part", "not_possible", "explained")},
			{Name: "on_site", Type: form.Bool},
			{Name: "reply", Type: form.Text, Required: true, Max: 2000},
			{Name: "inner_note", Type: form.Text, Max: 1000}}}},
}

// The centre: decisions, call-back, supervision.
var centreActions = []flow.Action{
	{Name: "accept_objection", From: []string{Dispatched, Signed}, To: Pending, Needs: []string{ObjectionPending},
		Drops: []string{ObjectionPending}, Who: grants("", roleDispatcher),
		Form: form.Form{Name: "accept_objection", Fields: []form.Field{noteOpt}}},
	{Name: "refuse_objection", From: []string{Dispatched, Signed}, Needs: []string{ObjectionPending},
		Drops: []string{ObjectionPending}, Sets: []string{Final}, Who: grants("", roleDispatcher),
		Form: form.Form{Name: "refuse_objection", Fields: []form.Field{reason}}},
	{Name: "designate", From: []string{Pending, Dispatched, Signed}, To: Dispatched, Drops: slices.Concat(waiting, resting),
		Sets: []string{Final}, Who: grants("", roleDispatcher, roleSupervisor), Stop: []string{ClockReview}, Free: handled,
		Form: form.Form{Name: "designate", Fields: []form.Field{
			{Name: "unit", Type: form.Unit, Required: true}, {Name: "assist", Type: form.Units, Max: 8}, reason}},
		Start: []string{ClockSign, ClockContact, ClockReply, ClockClose}},
	{Name: "return_reply", From: []string{Replied}, To: Rework, Who: grants("", roleCallback, roleDispatcher, roleSupervisor),
		Form: form.Form{Name: "return_reply", Fields: []form.Field{reason}}, Start: []string{ClockReply}},
	{Name: "call_back", From: []string{Replied}, Decides: []string{Replied, Closed, Rework}, Bars: []string{Rated},
		Who: grants("", roleCallback), Start: []string{ClockReply}, Stop: []string{ClockClose},
		Form: form.Form{Name: "call_back", Fields: []form.Field{
			{Name: "reached", Type: form.Bool, Required: true},
			{Name: "contacted", Type: form.Bool, Required: true, When: "reached", Values: yes},
			{Name: "solved", Type: form.Choice, Required: true, Options: solved, When: "reached", Values: yes},
			{Name: "satisfied", Type: form.Choice, Required: true, Options: content, When: "reached", Values: yes},
			{Name: "wants_redo", Type: form.Bool, When: "reached", Values: yes},
			{Name: "note", Type: form.Text, Max: 1000, Personal: true}}}},
	// One handling order for those who were merged, but each is asked.
	{Name: "hear", From: []string{Merged}, Who: grants("", roleCallback),
		Form: form.Form{Name: "hear", Fields: []form.Field{
			{Name: "reached", Type: form.Bool, Required: true},
			{Name: "contacted", Type: form.Bool, Required: true, When: "reached", Values: yes},
			{Name: "solved", Type: form.Choice, Required: true, Options: solved, When: "reached", Values: yes},
			{Name: "satisfied", Type: form.Choice, Required: true, Options: content, When: "reached", Values: yes},
			{Name: "note", Type: form.Text, Max: 1000, Personal: true}}}},
	// Somebody looked, and what the unit called solved is not: an independent check
	// (CheckTable), or the supervision office itself.
	{Name: "refute", From: []string{Replied, Closed}, To: Rework, Who: grants("", access.System, roleSupervisor),
		Form: form.Form{Name: "refute", Fields: []form.Field{{Name: "check", Type: form.Line, Max: 40}, reason}}, Start: []string{ClockReply, ClockClose}},
	{Name: "redo", From: []string{Closed}, To: Rework, Who: grants("", roleCallback, roleSupervisor, roleDispatcher),
		Form: form.Form{Name: "redo", Fields: []form.Field{reason}}, Start: []string{ClockReply, ClockClose}},
	{Name: "urge", From: open, Who: append(grants("", roleOperator, roleDispatcher, roleSupervisor, roleCallback, roleLeader), grants("reporter", roleResident)...),
		Form: form.Form{Name: "urge", Fields: []form.Field{{Name: "note", Type: form.Text, Max: 500, Personal: true}}}},
	{Name: "terminate", From: open, To: Terminated, Who: grants("", roleSupervisor),
		Drops: slices.Concat(waiting, resting),
		Form: form.Form{Name: "terminate", Fields: []form.Field{
			{Name: "ground", Type: form.Choice, Required: true, Options: form.Options("statutory_exclusion", "refuses_to_cooperate", "final_opinion", "beyond_policy", "no_object")},
			reason, {Name: "reply", Type: form.Text, Required: true, Max: 1000}}},
		Stop: []string{ClockSign, ClockContact, ClockReply, ClockClose, ClockReview}},
	// Whoever had the case, or reported it, may still say what was seen on the spot:
	// words written without a signal find their record although it went elsewhere.
	{Name: "note", From: every, Who: append(grants("", roleOperator, roleDispatcher, roleCallback, roleSupervisor, roleLeader), handlers("lead", "assist", "called", Former)...),
		Form: form.Form{Name: "note", Fields: []form.Field{{Name: "note", Type: form.Text, Required: true, Max: 4000, Personal: true}}}},
}

// The resident, with number and secret.
var residentActions = []flow.Action{
	{Name: "supplement", From: open, Who: append(grants("reporter", roleResident), grants("", roleOperator)...),
		Form: form.Form{Name: "supplement", Fields: []form.Field{{Name: "text", Type: form.Text, Required: true, Max: 1000, Personal: true}}}},
	{Name: "rate", From: []string{Replied, Closed}, Decides: []string{Closed, Rework}, Bars: []string{Rated}, Sets: []string{Rated},
		Who: grants("reporter", roleResident), Start: []string{ClockReply, ClockClose}, Stop: []string{ClockClose},
		Form: form.Form{Name: "rate", Fields: []form.Field{
			{Name: "contacted", Type: form.Bool, Required: true},
			{Name: "solved", Type: form.Choice, Required: true, Options: solved},
			{Name: "satisfied", Type: form.Choice, Required: true, Options: content},
			{Name: "wants_redo", Type: form.Bool},
			{Name: "note", Type: form.Text, Max: 500, Personal: true}}}},
	{Name: "withdraw", From: []string{Pending, Dispatched, Signed, Handling, Rework}, To: Withdrawn, Bars: []string{Whistled},
		Drops: slices.Concat(waiting, resting),
		Who:   append(grants("reporter", roleResident), grants("", roleOperator)...),
		Form:  form.Form{Name: "withdraw", Fields: []form.Field{{Name: "note", Type: form.Text, Max: 500, Personal: true}}},
		Stop:  []string{ClockSign, ClockContact, ClockReply, ClockClose, ClockReview}},
}

var yes = []string{"true", "yes", "1", "on"}
