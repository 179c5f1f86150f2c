package campaigns

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
)

// States of campaigns and of what belongs to them.
const (
	Planned  = "planned"
	Running  = "running"
	Closed   = "closed"
	Reviewed = "reviewed"
	Dropped  = "dropped"

	Set      = "set" // a target, a task, a point that is to be reached
	Done     = "done"
	Accepted = "accepted"

	Shown   = "shown"
	Met     = "met"
	Rectify = "rectify"

	Called = "called"
	Held   = "held"

	Paired = "paired"
	Ended  = "ended"
)

var (
	staff   = []string{access.Department, access.DeptLead, access.Street, access.StreetLead}
	leads   = slices.Concat(grants(office, access.Department, access.DeptLead), []flow.Grant{{Role: access.Supervisor}})
	lookers = slices.Concat(grants(second, access.Department, access.DeptLead), []flow.Grant{{Role: access.Supervisor}})
	doers   = grants(doer, staff...)

	reason   = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 500}
	note     = form.Field{Name: "note", Type: form.Text, Max: 500}
	campaign = form.Field{Name: "campaign", Type: form.Choice, Required: true}
	unit     = form.Field{Name: "unit", Type: form.Choice, Required: true}
)

// CampaignTable is the way of a campaign.
var CampaignTable = flow.Table{Kind: "campaign",
	States: []flow.State{{Name: Planned, Chip: "new"}, {Name: Running, Chip: "doing"}, {Name: Closed, Chip: "visit"}, {Name: Reviewed, Chip: "done", End: true}, {Name: Dropped, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "plan", To: Planned, Who: slices.Concat(grants(office, access.Department, access.DeptLead), []flow.Grant{{Role: access.Supervisor}, {Role: access.System}}), Form: form.Form{Name: "campaign_plan", Fields: []form.Field{
			{Name: "name", Type: form.Line, Required: true, Max: 60}, {Name: "theme", Type: form.Choice, Required: true}, {Name: "from", Type: form.Date, Required: true}, {Name: "until", Type: form.Date, Required: true},
			{Name: "office", Type: form.Choice, Required: true}, {Name: "purpose", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "begin", From: []string{Planned}, To: Running, Who: append([]flow.Grant{{Role: access.Leader}}, leads...), Form: form.Form{Name: "campaign_begin", Fields: []form.Field{note}}},
		{Name: "close", From: []string{Running}, To: Closed, Who: append([]flow.Grant{{Role: access.Leader}}, leads...), Form: form.Form{Name: "campaign_close", Fields: []form.Field{{Name: "summary", Type: form.Text, Required: true, Max: 2000}}}},
		{Name: "review", From: []string{Closed}, To: Reviewed, Who: []flow.Grant{{Role: access.Leader}, {Role: access.Supervisor}}, Form: form.Form{Name: "campaign_review", Fields: []form.Field{{Name: "lessons", Type: form.Text, Required: true, Max: 2000}}}},
		{Name: "drop", From: []string{Planned}, To: Dropped, Who: leads, Form: form.Form{Name: "campaign_drop", Fields: []form.Field{reason}}},
	}}

// TargetTable is the way of a unit's target.
var TargetTable = flow.Table{Kind: "campaign_target",
	States: []flow.State{{Name: Set, Chip: "doing"}, {Name: Closed, Chip: "done", End: true}, {Name: Dropped, Chip: "closed", End: true}},
	Clocks: []string{"report"},
	Actions: []flow.Action{
		{Name: "set", To: Set, Who: leads, Start: []string{"report"}, Form: form.Form{Name: "campaign_set", Fields: []form.Field{campaign, unit, {Name: "indicator", Type: form.Choice, Required: true},
			{Name: "goal", Type: form.Decimal, Places: 2, Min: 1, Max: 100_000_000_00, Required: true}}}},
		{Name: "report", From: []string{Set}, Who: doers, Start: []string{"report"}, Form: form.Form{Name: "campaign_report", Fields: []form.Field{{Name: "week", Type: form.Date, Required: true},
			{Name: "amount", Type: form.Decimal, Places: 2, Max: 100_000_000_00, Required: true}, note}}},
		{Name: "confirm", From: []string{Set}, Who: lookers, Form: form.Form{Name: "campaign_confirm", Fields: []form.Field{{Name: "week", Type: form.Choice, Required: true}, note}}},
		{Name: "send_back", From: []string{Set}, Who: lookers, Start: []string{"report"}, Form: form.Form{Name: "campaign_back", Fields: []form.Field{{Name: "week", Type: form.Choice, Required: true}, reason}}},
		{Name: "change_goal", From: []string{Set}, Who: leads, Form: form.Form{Name: "campaign_goal", Fields: []form.Field{{Name: "goal", Type: form.Decimal, Places: 2, Min: 1, Max: 100_000_000_00, Required: true}, reason}}},
		{Name: "close", From: []string{Set}, To: Closed, Who: leads, Stop: []string{"report"}, Form: form.Form{Name: "campaign_target_close", Fields: []form.Field{note}}},
		{Name: "drop", From: []string{Set}, To: Dropped, Who: leads, Form: form.Form{Name: "campaign_target_drop", Fields: []form.Field{reason}}},
	}}

// MeetingTable is the way of a dispatch meeting.
var MeetingTable = flow.Table{Kind: "campaign_meeting",
	States: []flow.State{{Name: Called, Chip: "new"}, {Name: Held, Chip: "done", End: true}, {Name: Dropped, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "call", To: Called, Who: leads, Form: form.Form{Name: "campaign_call", Fields: []form.Field{campaign, {Name: "held", Type: form.Moment, Required: true}, {Name: "place", Type: form.Line, Required: true, Max: 60},
			{Name: "units", Type: form.Multi, Required: true}, {Name: "agenda", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "hold", From: []string{Called}, To: Held, Who: leads, Form: form.Form{Name: "campaign_hold", Fields: []form.Field{{Name: "came", Type: form.Multi}, {Name: "minutes", Type: form.Text, Required: true, Max: 4000}}}},
		{Name: "decide", From: []string{Held}, Who: leads, Form: form.Form{Name: "campaign_decide", Fields: []form.Field{{Name: "task", Type: form.Line, Required: true, Max: 80}, unit, {Name: "until", Type: form.Date, Required: true}, {Name: "what", Type: form.Text, Max: 1000}}}},
		{Name: "cancel", From: []string{Called}, To: Dropped, Who: leads, Form: form.Form{Name: "campaign_cancel", Fields: []form.Field{reason}}},
	}}

// TaskTable is the way of what was decided.
var TaskTable = flow.Table{Kind: "campaign_task",
	States: []flow.State{{Name: Set, Chip: "doing"}, {Name: Done, Chip: "visit"}, {Name: Accepted, Chip: "done", End: true}, {Name: Dropped, Chip: "closed", End: true}},
	Clocks: []string{"task"},
	Actions: []flow.Action{
		{Name: "give", To: Set, Who: leads, Start: []string{"task"}, Form: form.Form{Name: "campaign_give", Fields: []form.Field{campaign, {Name: "name", Type: form.Line, Required: true, Max: 80}, unit, {Name: "until", Type: form.Date, Required: true}, {Name: "what", Type: form.Text, Max: 1000}}}},
		{Name: "finish", From: []string{Set}, To: Done, Who: doers, Stop: []string{"task"}, Form: form.Form{Name: "campaign_finish", Fields: []form.Field{{Name: "done_words", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "accept", From: []string{Done}, To: Accepted, Who: lookers, Form: form.Form{Name: "campaign_accept", Fields: []form.Field{note}}},
		{Name: "send_back", From: []string{Done}, To: Set, Who: lookers, Start: []string{"task"}, Form: form.Form{Name: "campaign_task_back", Fields: []form.Field{reason, {Name: "until", Type: form.Date, Required: true}}}},
		{Name: "drop", From: []string{Set}, To: Dropped, Who: leads, Form: form.Form{Name: "campaign_task_drop", Fields: []form.Field{reason}}},
	}}

// PointTable is the way of a point of a list: shown by its unit, looked at by somebody else, put right when it is not met,
// and opened again when it is checked anew.
var PointTable = flow.Table{Kind: "campaign_point",
	States: []flow.State{{Name: Set, Chip: "new"}, {Name: Shown, Chip: "visit"}, {Name: Rectify, Chip: "redo"}, {Name: Met, Chip: "done"}, {Name: Dropped, Chip: "closed", End: true}},
	Clocks: []string{"rectify"},
	Actions: []flow.Action{
		{Name: "set", To: Set, Who: leads, Form: form.Form{Name: "campaign_point", Fields: []form.Field{campaign, {Name: "name", Type: form.Line, Required: true, Max: 80}, unit, {Name: "standard", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "show", From: []string{Set, Rectify}, To: Shown, Who: doers, Stop: []string{"rectify"}, Form: form.Form{Name: "campaign_show", Fields: []form.Field{{Name: "evidence", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "pass", From: []string{Shown}, To: Met, Who: lookers, Form: form.Form{Name: "campaign_pass", Fields: []form.Field{note}}},
		{Name: "fail", From: []string{Shown}, To: Rectify, Who: lookers, Start: []string{"rectify"}, Form: form.Form{Name: "campaign_fail", Fields: []form.Field{reason}}},
		{Name: "reopen", From: []string{Met}, To: Set, Who: leads, Form: form.Form{Name: "campaign_reopen", Fields: []form.Field{reason}}},
		{Name: "drop", From: []string{Set, Rectify}, To: Dropped, Who: leads, Form: form.Form{Name: "campaign_point_drop", Fields: []form.Field{reason}}},
	}}

// PairTable is the way of a unit that stands by a community.
var PairTable = flow.Table{Kind: "campaign_pair",
	States: []flow.State{{Name: Paired, Chip: "doing"}, {Name: Ended, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "pair", To: Paired, Who: leads, Form: form.Form{Name: "campaign_pair", Fields: []form.Field{campaign, unit, {Name: "community", Type: form.Choice, Required: true}}}},
		{Name: "help", From: []string{Paired}, Who: slices.Concat(doers, grants("helped", access.Community)), Form: form.Form{Name: "campaign_help", Fields: []form.Field{{Name: "what", Type: form.Text, Required: true, Max: 500}}}},
		{Name: "end", From: []string{Paired}, To: Ended, Who: leads, Form: form.Form{Name: "campaign_pair_end", Fields: []form.Field{reason}}},
	}}

// Tables are the flow tables of this package.
func Tables() []*flow.Table {
	return []*flow.Table{&CampaignTable, &TargetTable, &MeetingTable, &TaskTable, &PointTable, &PairTable}
}
