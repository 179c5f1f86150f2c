package formalism

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
)

// States of an exception.
const (
	Asked     = "asked"     // 待批准
	InForce   = "in_force"  // 生效中
	Refused   = "refused"   // 未批准
	Withdrawn = "withdrawn" // 已撤回
	Ended     = "ended"     // 已到期: follows from the time alone, no act says it
)

// Relations to an exception.
const (
	Asker = "asker" // asked for it
	Fresh = "fresh" // did not: whoever asks never decides
)

// MaxDays is how long an exception may last from the day it is asked for; whoever needs longer gives a new reason.
const MaxDays = 30

// Exempted scenes of 国办函〔2026〕12号: only safety and emergencies.
func scenes() []form.Option { return form.Options("safety", "emergency") }

// mayCover are the prohibitions for which there is an exception at all. The program has nothing that could switch the others on.
var mayCover = []string{CheckIn, Twice, Photo}

var (
	askers   = []string{access.StreetLead, access.DeptLead, access.Supervisor, access.Leader, access.Admin}
	deciders = []string{access.Leader, access.Supervisor}
	reason   = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 1000}
)

// Table is the way of an exception. What ends it by time is no act: expire stands here so that the state has a way in, and
// nobody ever does it.
var Table = flow.Table{
	Kind: "exception",
	States: []flow.State{{Name: Asked, Chip: "sign"}, {Name: InForce, Chip: "hold"}, {Name: Refused, Chip: "closed", End: true}, {Name: Withdrawn, Chip: "closed", End: true},
		{Name: Ended, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "ask", To: Asked, Who: grants("", askers...), Form: form.Form{Name: "exception_ask", Fields: []form.Field{
			{Name: "rule", Type: form.Choice, Required: true, Options: form.Options(Rules()...)}, {Name: "subject", Type: form.Line, Required: true, Max: 120},
			{Name: "unit", Type: form.Unit}, {Name: "role", Type: form.Choice, Options: form.Options(workers()...)},
			{Name: "scene", Type: form.Choice, Required: true, Options: scenes()}, {Name: "until", Type: form.Date, Required: true}, reason}}},
		{Name: "approve", From: []string{Asked}, To: InForce, Who: grants(Fresh, deciders...), Form: form.Form{Name: "exception_approve", Fields: []form.Field{
			{Name: "note", Type: form.Text, Max: 500}}}},
		{Name: "refuse", From: []string{Asked}, To: Refused, Who: grants(Fresh, deciders...), Form: form.Form{Name: "exception_refuse", Fields: []form.Field{reason}}},
		{Name: "withdraw", From: []string{Asked, InForce}, To: Withdrawn, Who: append(grants(Asker, askers...), grants("", deciders...)...),
			Form: form.Form{Name: "exception_withdraw", Fields: []form.Field{reason}}},
		{Name: "expire", From: []string{Asked, InForce}, To: Ended, Who: grants("", access.System), Form: form.Form{Name: "exception_expire"}},
	},
}

func grants(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

// workers are the roles an exception can be narrowed to.
func workers() []string {
	return []string{access.Grid, access.GridChief, access.Community, access.Street, access.StreetLead, access.Department, access.DeptLead}
}

// Exception is one, as its acts left it.
type Exception struct {
	ID       string
	State    string // Asked, InForce, Refused or Withdrawn; see Stands
	Rule     string
	Subject  string // routine.KEY, or the id of an Entry
	Unit     string // "" = the whole district
	Role     string // "" = everybody
	Scene    string
	Reason   string
	Asker    string // account
	Asked    int64  // µs UTC
	Approver string
	Approved int64
	Until    int64 // it holds before this moment
	Closed   int64 // when it was refused or withdrawn; 0 = it was not
	Renews   string
	Doc      int64 // order of lists
	Changed  int64
	Version  int64
	lastSeq  int64
}

// Stands is the state at a moment, with what follows from the time.
func (x *Exception) Stands(now time.Time) string {
	if (x.State == InForce || x.State == Asked) && now.UnixMicro() >= x.Until {
		return Ended
	}
	return x.State
}

// Holds reports whether it was in force at a moment: from its approval to its end, whichever came first.
func (x *Exception) Holds(at time.Time) bool {
	t := at.UnixMicro()
	return x.Approved > 0 && x.Approved <= t && t < x.Until && (x.Closed == 0 || t < x.Closed)
}

// change is the body of an act: the whole of the exception after it, but its words.
type change struct {
	State    string `json:"state"`
	Rule     string `json:"rule"`
	Subject  string `json:"subject"`
	Unit     string `json:"unit,omitempty"`
	Role     string `json:"role,omitempty"`
	Scene    string `json:"scene"`
	Until    int64  `json:"until"`
	Renews   string `json:"renews,omitempty"`
	Approver string `json:"approver,omitempty"`
}

func (x *Exception) change() change {
	return change{State: x.State, Rule: x.Rule, Subject: x.Subject, Unit: x.Unit, Role: x.Role, Scene: x.Scene, Until: x.Until, Renews: x.Renews, Approver: x.Approver}
}

// fold applies an act. It is the only code that changes an Exception.
func (x *Exception) fold(a *journal.Act) error {
	var c change
	if err := a.Into(&c); err != nil {
		return err
	}
	if x.Version == 0 {
		x.ID, x.Asked, x.Asker, x.Doc, x.Reason = a.Subject, a.At, a.Actor.Account, a.At<<12|a.Seq&0xfff, a.Texts["reason"]
	}
	if c.State == InForce && x.State != InForce {
		x.Approved = a.At
	}
	if c.State == Refused || c.State == Withdrawn {
		x.Closed = a.At
	}
	x.State, x.Rule, x.Subject, x.Unit, x.Role, x.Scene, x.Until, x.Renews, x.Approver = c.State, c.Rule, c.Subject, c.Unit, c.Role, c.Scene, c.Until, c.Renews, c.Approver
	x.Version++
	x.Changed, x.lastSeq = a.At, a.Seq
	return nil
}
