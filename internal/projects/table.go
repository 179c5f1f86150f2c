package projects

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
)

// Stages of a project beside pack.ProjectStages: ways out. From Shelved it may come back.
const (
	Lead    = "lead"
	Talks   = "talks"
	Signed  = "signed"
	Shelved = "shelved"
	Ended   = "ended"
)

var (
	underWay = append(pack.ProjectStages(), Shelved)
	// every stage that a proposal may lead to
	reachable = append(slices.Clone(pack.ProjectStages()[1:]), Shelved, Ended)
)

const proposed = "proposed"

func states() (out []flow.State) {
	chip := map[string]string{"lead": "new", "talks": "sign", "signed": "sign", "at_capacity": "done"}
	for _, s := range pack.ProjectStages() {
		c := chip[s]
		if c == "" {
			c = "doing"
		}
		out = append(out, flow.State{Name: s, Chip: c})
	}
	return append(out, flow.State{Name: Shelved, Chip: "hold"}, flow.State{Name: Ended, Chip: "closed", End: true})
}

// Amounts are believed between these when the pack says nothing else: 100,000 yuan and 30 bn yuan.
const (
	leastFen = 10_000_000
	mostFen  = 3_000_000_000_000
)

func money(name string, required bool) []form.Field {
	return []form.Field{{Name: name, Type: form.Money, Required: required, Low: leastFen, High: mostFen}, {Name: name + "_sure", Type: form.Bool}}
}

// facts are what is known of a project. The same form enters and corrects it.
var facts = form.Form{Name: "project_facts", Fields: slices.Concat([]form.Field{
	{Name: "name", Type: form.Line, Required: true, Max: 80},
	{Name: "investor", Type: form.Line, Required: true, Max: 80},
	{Name: "firm", Type: form.Line, Max: 18},
	{Name: "home", Type: form.Choice, Options: form.Options(pack.Homes()...)},
	{Name: "sector", Type: form.Choice, Required: true},
}, money("investment", true), money("fixed", false), []form.Field{
	{Name: "land", Type: form.Decimal, Places: 2, Max: 10_000_000},
	{Name: "jobs", Type: form.Int, Max: 1_000_000},
	{Name: "energy", Type: form.Int, Max: 100_000_000},
	{Name: "town", Type: form.Choice},
	{Name: "site", Type: form.Line, Max: 120},
	{Name: "lon", Type: form.Decimal, Places: 6, Min: 73_000_000, Max: 136_000_000},
	{Name: "lat", Type: form.Decimal, Places: 6, Min: 3_000_000, Max: 54_000_000},
	{Name: "unit", Type: form.Unit, Required: true},
	{Name: "agent", Type: form.Unit},
	{Name: "leader", Type: form.Choice},
	{Name: "why", Type: form.Text, Max: 500},
})}

var reason = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 500}

// Table is the way of a project. Every stage is proposed by one and confirmed by another (DOMAIN.md 5.3).
var Table = flow.Table{
	Kind:   "project",
	States: states(),
	Marks:  []string{proposed},
	Actions: []flow.Action{
		{Name: "enter", To: Lead, Who: anyone, Form: facts},
		{Name: "correct", From: underWay, Bars: []string{proposed}, Who: doers, Form: facts},
		{Name: "propose", From: underWay, Bars: []string{proposed}, Sets: []string{proposed}, Who: doers, Form: form.Form{Name: "project_propose", Fields: []form.Field{
			{Name: "stage", Type: form.Choice, Required: true}, {Name: "reached_on", Type: form.Date, Required: true},
			{Name: "signing", Type: form.Choice, Options: form.Options(pack.SignedClasses()...), Required: true, When: "stage", Values: []string{Signed}},
			{Name: "signed_at", Type: form.Line, Max: 60, When: "stage", Values: []string{Signed}},
			{Name: "cause", Type: form.Text, Max: 500, Required: true, When: "stage", Values: []string{Shelved, Ended}}}}},
		{Name: "confirm", From: underWay, Needs: []string{proposed}, Drops: []string{proposed}, Decides: reachable, Who: lookers, Form: form.Form{Name: "project_confirm", Fields: []form.Field{{Name: "note", Type: form.Text, Max: 500}}}},
		{Name: "decline", From: underWay, Needs: []string{proposed}, Drops: []string{proposed}, Who: lookers, Form: form.Form{Name: "project_decline", Fields: []form.Field{reason}}},
		{Name: "withdraw", From: underWay, Needs: []string{proposed}, Drops: []string{proposed}, Who: doers, Form: form.Form{Name: "project_withdraw"}},
		{Name: "promise", From: underWay, Who: doers, Form: form.Form{Name: "project_promise", Fields: []form.Field{
			{Name: "milestone", Type: form.Choice, Required: true}, {Name: "promised_on", Type: form.Date, Required: true}, {Name: "because", Type: form.Text, Max: 500}}}},
		{Name: "judge", From: append(slices.Clone(underWay), Ended), Who: append(grants("", access.Supervisor), keepers...), Form: form.Form{Name: "project_judge", Fields: []form.Field{
			{Name: "counted", Type: form.Choice, Options: form.Options("yes", "no"), Required: true}, {Name: "same_as", Type: form.Line, Max: 40}, {Name: "grounds", Type: form.Text, Required: true, Max: 500}}}},
	},
}

// EvidenceTable is the way of a piece of evidence: filed, or struck out because it does not hold.
var EvidenceTable = flow.Table{
	Kind:   "project_evidence",
	States: []flow.State{{Name: "filed", Chip: "done"}, {Name: "struck", Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "file", To: "filed", Who: anyone, Form: form.Form{Name: "evidence_file", Fields: []form.Field{{Name: "project", Type: form.Case, Required: true},
			{Name: "proves", Type: form.Choice, Required: true}, {Name: "kind", Type: form.Choice, Required: true}, {Name: "number", Type: form.Line, Max: 60}, {Name: "dated", Type: form.Date, Required: true}, {Name: "shows", Type: form.Text, Max: 500}}}},
		{Name: "strike", From: []string{"filed"}, To: "struck", Who: append(grants("", access.Supervisor), keepers...), Form: form.Form{Name: "evidence_strike", Fields: []form.Field{reason}}},
	},
}

// MoneyTable is the way of an amount that arrived or was spent: an entry of its own with its slip, checked by somebody else.
var MoneyTable = flow.Table{
	Kind:   "project_money",
	States: []flow.State{{Name: "reported", Chip: "new"}, {Name: "confirmed", Chip: "done"}, {Name: "rejected", Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "report", To: "reported", Who: anyone, Form: form.Form{Name: "money_report", Fields: slices.Concat([]form.Field{{Name: "project", Type: form.Case, Required: true},
			{Name: "measure", Type: form.Choice, Options: form.Options("arrived", "completed"), Required: true},
			{Name: "origin", Type: form.Choice, Options: form.Options(pack.Homes()...), Required: true, When: "measure", Values: []string{"arrived"}},
			{Name: "booked_on", Type: form.Date, Required: true}, {Name: "slip", Type: form.Line, Max: 60, Required: true}}, money("amount", true))}},
		{Name: "confirm", From: []string{"reported"}, To: "confirmed", Who: lookers, Form: form.Form{Name: "money_confirm"}},
		{Name: "reject", From: []string{"reported", "confirmed"}, To: "rejected", Who: lookers, Form: form.Form{Name: "money_reject", Fields: []form.Field{reason}}},
	},
}

// ProblemTable is the way of what stands in a project's way.
var ProblemTable = flow.Table{
	Kind:   "project_problem",
	States: []flow.State{{Name: "raised", Chip: "new"}, {Name: "solved", Chip: "done", End: true}, {Name: "dropped", Chip: "closed", End: true}},
	Clocks: []string{"solve"},
	Actions: []flow.Action{
		{Name: "raise", To: "raised", Start: []string{"solve"}, Who: anyone, Form: form.Form{Name: "problem_raise", Fields: []form.Field{{Name: "project", Type: form.Case, Required: true},
			{Name: "about", Type: form.Choice, Options: form.Options("land", "power", "water", "road", "funds", "labour", "approval", "other"), Required: true}, {Name: "owner", Type: form.Unit, Required: true}, {Name: "trouble", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "solve", From: []string{"raised"}, To: "solved", Stop: []string{"solve"}, Who: doers, Form: form.Form{Name: "problem_solve", Fields: []form.Field{{Name: "outcome", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "drop", From: []string{"raised"}, To: "dropped", Stop: []string{"solve"}, Who: keepers, Form: form.Form{Name: "problem_drop", Fields: []form.Field{reason}}},
	},
}
