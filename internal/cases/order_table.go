package cases

import (
	"weixiao/internal/flow"
	"weixiao/internal/form"
)

// States of an order.
const (
	OrderIssued    = "issued"    // the unit owes an answer
	OrderAnswered  = "answered"  // the supervision office looks at it
	OrderReturned  = "returned"  // the answer was not enough
	OrderAccepted  = "accepted"  // the answer stands; what was promised is watched
	OrderReleased  = "released"  // over: done, or delisted after the check
	OrderWithdrawn = "withdrawn" // over before an answer was accepted, with a reason
)

// Kinds of order (DOMAIN 2.4).
const (
	OrderLetter      = "letter"      // 督办单, level 1 to 3
	OrderInstruction = "instruction" // 领导批示
	OrderListing     = "listing"     // 挂牌督办
)

// Listed is the mark of an order that everybody in the district can read: it ends
// only with a check.
const Listed = "listed"

// ClockAnswer is by when the unit must answer an order.
const ClockAnswer = "answer"

// owes is the relation of the unit that must answer.
const owes = "owes"

var (
	debtors      = append(handlers(owes), grants(owes, roleDispatcher)...)
	orderOpen    = []string{OrderIssued, OrderAnswered, OrderReturned, OrderAccepted}
	orderWaiting = []string{OrderIssued, OrderReturned}
)

// OrderTable is the way of a letter of supervision, an instruction and a listing.
// One is made by the actions supervise, instruct and list of its case.
var OrderTable = flow.Table{
	Kind: "order",
	States: []flow.State{
		{Name: OrderIssued, Chip: "sign"}, {Name: OrderAnswered, Chip: "visit"}, {Name: OrderReturned, Chip: "redo"}, {Name: OrderAccepted, Chip: "doing"},
		{Name: OrderReleased, Chip: "done", End: true}, {Name: OrderWithdrawn, Chip: "closed", End: true},
	},
	Marks:  []string{Listed},
	Clocks: []string{ClockAnswer},
	Actions: []flow.Action{
		// A listing gets the mark with it.
		{Name: "issue", To: OrderIssued, Who: pressers, Start: []string{ClockAnswer}, Form: form.Form{Name: "order_issue", Fields: []form.Field{demand}}},
		{Name: "answer", From: orderWaiting, To: OrderAnswered, Who: debtors, Stop: []string{ClockAnswer},
			Form: form.Form{Name: "order_answer", Fields: []form.Field{
				{Name: "done", Type: form.Text, Required: true, Max: 2000}, {Name: "by", Type: form.Date, Required: true}}}},
		{Name: "more_time", From: orderWaiting, Who: pressers,
			Form: form.Form{Name: "order_more_time", Fields: []form.Field{{Name: "limit", Type: form.Limit, Required: true}, reason}}},
		{Name: "accept", From: []string{OrderAnswered}, To: OrderAccepted, Who: pressers,
			Form: form.Form{Name: "order_accept", Fields: []form.Field{noteOpt}}},
		{Name: "send_back", From: []string{OrderAnswered}, To: OrderReturned, Who: pressers, Start: []string{ClockAnswer},
			Form: form.Form{Name: "order_send_back", Fields: []form.Field{reason, {Name: "limit", Type: form.Limit}}}},
		{Name: "release", From: []string{OrderAccepted}, To: OrderReleased, Bars: []string{Listed}, Who: pressers,
			Form: form.Form{Name: "order_release", Fields: []form.Field{noteOpt}}},
		{Name: "delist", From: []string{OrderAccepted}, To: OrderReleased, Needs: []string{Listed}, Drops: []string{Listed}, Who: pressers,
			Form: form.Form{Name: "order_delist", Fields: []form.Field{
				{Name: "check", Type: form.Text, Required: true, Max: 1000}, {Name: "checked_on", Type: form.Date, Required: true}}}},
		{Name: "withdraw", From: []string{OrderIssued, OrderAnswered, OrderReturned}, To: OrderWithdrawn, Drops: []string{Listed}, Who: pressers, Stop: []string{ClockAnswer},
			Form: form.Form{Name: "order_withdraw", Fields: []form.Field{reason}}},
		{Name: "note", From: orderOpen, Who: append(append([]flow.Grant{}, pressers...), debtors...),
			Form: form.Form{Name: "order_note", Fields: []form.Field{{Name: "note", Type: form.Text, Required: true, Max: 1000}}}},
	},
}
