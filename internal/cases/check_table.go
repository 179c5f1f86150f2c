package cases

import (
	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
)

// States of a check.
const (
	CheckAsked    = "asked"     // somebody is to look
	CheckFixed    = "fixed"     // it is as the unit said
	CheckNotFixed = "not_fixed" // it is not: the case goes back
	CheckUnclear  = "unclear"   // it could not be told, with the reason
	CheckDropped  = "dropped"   // nothing was left to look at, or it was taken back
)

// ClockLook is by when somebody is to have looked.
const ClockLook = "look"

// checks is the relation of the unit that was asked to look.
const checks = "checks"

var (
	checkers = append(append(handlers(checks), grants(checks, access.GridChief)...), grants("", roleSupervisor)...)
	findings = form.Options(CheckFixed, CheckNotFixed, CheckUnclear)
)

// CheckTable is the way of an independent check: whether what a unit called solved
// is solved, seen by somebody who had no hand in it (DOMAIN 1.15: 复核; 1.3 "both
// sides assessed"). One is made when a rule of the pack (procedures.yaml, checks)
// takes a reply or a closing, by the lot or always.
var CheckTable = flow.Table{
	Kind: "check",
	States: []flow.State{
		{Name: CheckAsked, Chip: "visit"}, {Name: CheckFixed, Chip: "done", End: true}, {Name: CheckNotFixed, Chip: "redo", End: true},
		{Name: CheckUnclear, Chip: "closed", End: true}, {Name: CheckDropped, Chip: "closed", End: true},
	},
	Clocks: []string{ClockLook},
	Actions: []flow.Action{
		{Name: "ask", To: CheckAsked, Who: grants("", access.System), Start: []string{ClockLook}, Form: form.Form{Name: "check_ask"}},
		{Name: "look", From: []string{CheckAsked}, Decides: []string{CheckFixed, CheckNotFixed, CheckUnclear}, Who: checkers, Stop: []string{ClockLook},
			Form: form.Form{Name: "check_look", Fields: []form.Field{
				{Name: "found", Type: form.Choice, Required: true, Options: findings},
				{Name: "seen", Type: form.Text, Required: true, Max: 1000, When: "found", Values: []string{CheckNotFixed, CheckUnclear}},
				{Name: "note", Type: form.Text, Max: 1000, When: "found", Values: []string{CheckFixed}}}}},
		// Whoever was asked cannot look: they had a hand in it, or are ill.
		{Name: "pass_on", From: []string{CheckAsked}, Who: checkers,
			Form: form.Form{Name: "check_pass_on", Fields: []form.Field{{Name: "unit", Type: form.Unit, Required: true}, reason}}},
		{Name: "drop", From: []string{CheckAsked}, To: CheckDropped, Who: grants("", access.System, roleSupervisor), Stop: []string{ClockLook},
			Form: form.Form{Name: "check_drop", Fields: []form.Field{reason}}},
	},
}
