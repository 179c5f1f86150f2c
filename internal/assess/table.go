package assess

import (
	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
)

// States of an exclusion and of an appeal.
const (
	Asked     = "asked"     // the unit asks; its lead has not signed
	Signed    = "signed"    // waits for the supervision office
	Advised   = "advised"   // the office gave its opinion; somebody else decides
	Granted   = "granted"   // it holds
	Refused   = "refused"   // it does not
	Withdrawn = "withdrawn" // given up before it was decided
)

// States of a month. A month that nobody has published yet is Open and no record.
const (
	Open      = "open"
	Previewed = "previewed" // published; units may appeal until the window ends
	Frozen    = "frozen"    // its figures stand; only a correction changes them
)

// Relations of somebody to a request.
const (
	own   = "own"   // works for the unit whose figures it is about
	fresh = "fresh" // did not ask for it
	other = "other" // neither asked for it nor gave the opinion
)

func grants(relation string, roles ...string) []flow.Grant {
	out := make([]flow.Grant, len(roles))
	for i, r := range roles {
		out[i] = flow.Grant{Role: r, Relation: relation}
	}
	return out
}

var (
	hands = grants(own, access.Street, access.StreetLead, access.Department, access.DeptLead)
	heads = grants(own, access.StreetLead, access.DeptLead)

	reason  = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 1000}
	noteOpt = form.Field{Name: "note", Type: form.Text, Max: 1000}
	record  = form.Field{Name: "record", Type: form.Case, Required: true}
	advice  = form.Options("grant", "refuse")
)

// Exclusions is the way of an exclusion (剔除): the unit asks with a rule of the
// pack and evidence, its lead signs, the supervision office gives an opinion, and
// somebody else decides. The centre may propose one itself.
var Exclusions = flow.Table{
	Kind: "exclusion", States: requestStates,
	Actions: append([]flow.Action{
		{Name: "ask", To: Asked, Who: hands, Form: form.Form{Name: "exclusion_ask", Fields: []form.Field{record,
			{Name: "rule", Type: form.Line, Required: true, Max: 40}, {Name: "evidence", Type: form.Text, Required: true, Max: 2000}}}},
		{Name: "propose", To: Signed, Who: grants("", access.Dispatcher, access.Callback, access.Supervisor), Form: form.Form{Name: "exclusion_propose", Fields: []form.Field{record,
			{Name: "rule", Type: form.Line, Required: true, Max: 40}, {Name: "evidence", Type: form.Text, Required: true, Max: 2000}}}},
	}, requestActions("exclusion")...),
}

// Appeals is the way of an appeal against what counts in a month that was
// published and is not frozen.
var Appeals = flow.Table{
	Kind: "appeal", States: requestStates,
	Actions: append([]flow.Action{
		{Name: "ask", To: Asked, Who: hands, Form: form.Form{Name: "appeal_ask", Fields: []form.Field{record,
			{Name: "ground", Type: form.Choice, Required: true, Options: form.Options(groundNames()...)}, {Name: "evidence", Type: form.Text, Required: true, Max: 2000}}}},
	}, requestActions("appeal")...),
}

var requestStates = []flow.State{
	{Name: Asked, Chip: "new"}, {Name: Signed, Chip: "sign"}, {Name: Advised, Chip: "visit"},
	{Name: Granted, Chip: "done", End: true}, {Name: Refused, Chip: "closed", End: true}, {Name: Withdrawn, Chip: "closed", End: true},
}

func requestActions(kind string) []flow.Action {
	deciders := append(grants(other, access.Supervisor), grants(other, access.Leader)...)
	f := func(name string, fields ...form.Field) form.Form {
		return form.Form{Name: kind + "_" + name, Fields: fields}
	}
	return []flow.Action{
		{Name: "sign", From: []string{Asked}, To: Signed, Who: heads, Form: f("sign", noteOpt)},
		{Name: "advise", From: []string{Signed}, To: Advised, Who: grants(fresh, access.Supervisor),
			Form: f("advise", form.Field{Name: "opinion", Type: form.Choice, Required: true, Options: advice}, reason)},
		{Name: "grant", From: []string{Advised}, To: Granted, Who: deciders, Form: f("grant", reason)},
		{Name: "refuse", From: []string{Advised}, To: Refused, Who: deciders, Form: f("refuse", reason)},
		{Name: "withdraw", From: []string{Asked, Signed, Advised}, To: Withdrawn, Who: append(append([]flow.Grant{}, hands...), grants("", access.Supervisor)...), Form: f("withdraw", noteOpt)},
		{Name: "revoke", From: []string{Granted}, To: Refused, Who: grants(other, access.Leader), Form: f("revoke", reason)},
	}
}

// Months is the way of a month: what is counted is open, published, frozen, and
// after that changed by a correction alone, which says why.
var Months = flow.Table{
	Kind:   "month",
	States: []flow.State{{Name: Previewed, Chip: "visit"}, {Name: Frozen, Chip: "done", End: true}},
	Actions: []flow.Action{
		{Name: "preview", To: Previewed, Who: grants("", access.Supervisor), Form: form.Form{Name: "month_preview", Fields: []form.Field{
			{Name: "month", Type: form.Line, Required: true, Max: 7}, noteOpt}}},
		{Name: "freeze", From: []string{Previewed}, To: Frozen, Who: grants("", access.Supervisor, access.Leader), Form: form.Form{Name: "month_freeze", Fields: []form.Field{noteOpt}}},
		{Name: "correct", From: []string{Frozen}, Who: grants("", access.Leader), Form: form.Form{Name: "month_correct", Fields: []form.Field{reason}}},
	},
}

// Tables are the flow tables of this package.
func Tables() []*flow.Table { return []*flow.Table{&Exclusions, &Appeals, &Months} }
