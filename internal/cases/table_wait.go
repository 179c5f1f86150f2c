package cases

import (
	"slices"

	"weixiao/internal/flow"
	"weixiao/internal/form"
)

// Who can decide what a unit asks for. The pack names them by these words; the
// relation an actor needs is the kind of request and one of them, such as
// "extension:unit" (see asker.relations).
const (
	ByUnit        = "unit"        // the lead of the unit that handles the case
	ByCentre      = "centre"      // a dispatcher
	BySupervision = "supervision" // the supervision office
	ByLeader      = "leader"      // a district leader
)

// deciderRoles are the roles behind those words.
var deciderRoles = map[string][]string{
	ByUnit: {"streetlead", "deptlead"}, ByCentre: {roleDispatcher}, BySupervision: {roleSupervisor}, ByLeader: {roleLeader},
}

// deciders are grants for whoever the pack named for this kind of request.
func deciders(kind string, by ...string) (out []flow.Grant) {
	for _, b := range by {
		out = append(out, grants(kind+":"+b, deciderRoles[b]...)...)
	}
	return out
}

var (
	extensionBy  = deciders("extension", ByCentre, BySupervision, ByLeader, ByUnit)
	suspensionBy = deciders("suspension", BySupervision)
	pauseBy      = deciders("pause", ByCentre, BySupervision, ByLeader)
	reviewOn     = form.Field{Name: "review_on", Type: form.Date, Required: true}
)

// What a unit may ask for when it cannot be done in time, or not by it: more time,
// a suspension, a pause by law, and once an objection to the finding. Each asks
// first and is decided by somebody else.
var waitActions = []flow.Action{
	{Name: "request_extension", From: working, Bars: []string{ExtensionPending, Extended, Suspended, Paused}, Sets: []string{ExtensionPending},
		Who:  handlers("lead"),
		Form: form.Form{Name: "request_extension", Fields: []form.Field{{Name: "limit", Type: form.Limit, Required: true}, reason}}},
	{Name: "grant_extension", From: working, Needs: []string{ExtensionPending}, Drops: []string{ExtensionPending}, Sets: []string{Extended},
		Who:  extensionBy,
		Form: form.Form{Name: "grant_extension", Fields: []form.Field{{Name: "limit", Type: form.Limit}, noteOpt}}},
	{Name: "refuse_extension", From: working, Needs: []string{ExtensionPending}, Drops: []string{ExtensionPending},
		Who:  extensionBy,
		Form: form.Form{Name: "refuse_extension", Fields: []form.Field{reason}}},

	{Name: "request_suspension", From: working, Bars: []string{SuspensionPending, Suspended, PausePending, Paused, ObjectionPending}, Sets: []string{SuspensionPending},
		Who: handlers("lead"),
		Form: form.Form{Name: "request_suspension", Fields: []form.Field{
			{Name: "ground", Type: form.Choice, Required: true, Options: form.Options("season", "litigation", "funds", "plan_approval", "higher_level", "force_majeure")},
			reason, {Name: "plan", Type: form.Text, Required: true, Max: 1000}, reviewOn}}},
	{Name: "grant_suspension", From: working, Needs: []string{SuspensionPending}, Drops: []string{SuspensionPending}, Sets: []string{Suspended},
		Who: suspensionBy, Hold: handled, Start: []string{ClockReview},
		Form: form.Form{Name: "grant_suspension", Fields: []form.Field{noteOpt}}},
	{Name: "refuse_suspension", From: working, Needs: []string{SuspensionPending}, Drops: []string{SuspensionPending},
		Who:  suspensionBy,
		Form: form.Form{Name: "refuse_suspension", Fields: []form.Field{reason}}},
	{Name: "prolong_suspension", From: working, Needs: []string{Suspended}, Who: grants("", roleSupervisor), Start: []string{ClockReview},
		Form: form.Form{Name: "prolong_suspension", Fields: []form.Field{reviewOn, reason}}},
	{Name: "resume", From: working, Needs: []string{Suspended}, Drops: []string{Suspended},
		Who: append(grants("", roleSupervisor), handlers("lead")...), Stop: []string{ClockReview}, Free: handled,
		Form: form.Form{Name: "resume", Fields: []form.Field{noteOpt}}},

	// The ground is one of the pack's list, each with the law it rests on.
	{Name: "request_pause", From: working, Bars: []string{SuspensionPending, Suspended, PausePending, Paused, ObjectionPending}, Sets: []string{PausePending},
		Who:  handlers("lead"),
		Form: form.Form{Name: "request_pause", Fields: []form.Field{{Name: "ground", Type: form.Line, Required: true, Max: 40}, reason, reviewOn}}},
	{Name: "grant_pause", From: working, Needs: []string{PausePending}, Drops: []string{PausePending}, Sets: []string{Paused},
		Who: pauseBy, Hold: handled, Start: []string{ClockReview},
		Form: form.Form{Name: "grant_pause", Fields: []form.Field{noteOpt}}},
	{Name: "refuse_pause", From: working, Needs: []string{PausePending}, Drops: []string{PausePending},
		Who:  pauseBy,
		Form: form.Form{Name: "refuse_pause", Fields: []form.Field{reason}}},
	{Name: "prolong_pause", From: working, Needs: []string{Paused}, Who: grants("", roleDispatcher, roleSupervisor), Start: []string{ClockReview},
		Form: form.Form{Name: "prolong_pause", Fields: []form.Field{reviewOn, reason}}},
	{Name: "end_pause", From: working, Needs: []string{Paused}, Drops: []string{Paused},
		Who: append(grants("", roleDispatcher, roleSupervisor), handlers("lead")...), Stop: []string{ClockReview}, Free: handled,
		Form: form.Form{Name: "end_pause", Fields: []form.Field{noteOpt}}},

	// A finding of the centre stands, but it can be objected to once, with the
	// supervision office; no clock stops for it (a review mechanism must exist:
	// Beijing regulation art. 12).
	{Name: "appeal", From: inUnit, Needs: []string{Final}, Bars: []string{AppealPending, Appealed, Suspended, Paused}, Sets: []string{AppealPending},
		Who:  handlers("lead"),
		Form: form.Form{Name: "appeal", Fields: []form.Field{reason, {Name: "should_be", Type: form.Unit}}}},
	{Name: "accept_appeal", From: inUnit, To: Pending, Needs: []string{AppealPending}, Drops: slices.Concat([]string{Final}, waiting, resting), Sets: []string{Appealed},
		Who: grants("", roleSupervisor), Stop: []string{ClockReview}, Free: handled,
		Form: form.Form{Name: "accept_appeal", Fields: []form.Field{noteOpt}}},
	{Name: "refuse_appeal", From: inUnit, Needs: []string{AppealPending}, Drops: []string{AppealPending}, Sets: []string{Appealed},
		Who:  grants("", roleSupervisor),
		Form: form.Form{Name: "refuse_appeal", Fields: []form.Field{reason}}},
}

// Supervision: pressing a case. Each but the urging makes an order with its own
// way and clock (OrderTable); the case keeps only the mark.
var pressActions = []flow.Action{
	{Name: "supervise", From: open, Sets: []string{Supervised}, Who: pressers,
		Form: form.Form{Name: "supervise", Fields: []form.Field{
			{Name: "level", Type: form.Choice, Required: true, Options: form.Options("1", "2", "3")}, demand, {Name: "unit", Type: form.Unit}, {Name: "limit", Type: form.Limit}}}},
	{Name: "instruct", From: open, Sets: []string{Supervised}, Who: pressers,
		Form: form.Form{Name: "instruct", Fields: []form.Field{
			{Name: "leader", Type: form.Line, Required: true, Max: 64}, demand, {Name: "unit", Type: form.Unit}, {Name: "limit", Type: form.Limit}}}},
	{Name: "list", From: open, Sets: []string{Supervised}, Who: pressers,
		Form: form.Form{Name: "list", Fields: []form.Field{
			{Name: "subject", Type: form.Line, Required: true, Max: 80}, demand, {Name: "leader", Type: form.Line, Required: true, Max: 64},
			{Name: "by", Type: form.Date, Required: true}, {Name: "unit", Type: form.Unit}}}},
	{Name: "release_supervision", From: every, Needs: []string{Supervised}, Drops: []string{Supervised}, Who: grants("", roleSupervisor),
		Form: form.Form{Name: "release_supervision", Fields: []form.Field{noteOpt}}},
}

var (
	pressers = grants("", roleSupervisor, roleLeader)
	demand   = form.Field{Name: "demand", Type: form.Text, Required: true, Max: 1000}
)
