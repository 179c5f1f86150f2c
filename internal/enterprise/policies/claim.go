package policies

import (
	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/worktime"
)

// States of a claim.
const (
	Offered    = "offered"    // the unit found that the clause fits, the firm is asked whether it wants it
	Filed      = "filed"      // the firm applied
	Supplement = "supplement" // papers are missing
	Checked    = "checked"    // papers and profile were found right
	Proposed   = "proposed"   // one person has decided, another one is to
	Granted    = "granted"
	Paid       = "paid"
	Refused    = "refused"
	Withdrawn  = "withdrawn" // the firm does not want it
	Cancelled  = "cancelled" // granted and taken back before it was paid
	Revoked    = "revoked"   // paid and to be paid back
	Recovered  = "recovered"
)

// Claim is what one firm asks under one clause for one period.
type Claim struct {
	record.Head
	Firm   string   `json:"firm"` // code
	Name   string   `json:"name"` // as the register had it: public by law
	Clause string   `json:"clause"`
	Policy string   `json:"policy"`
	Title  string   `json:"title"` // of the clause
	Unit   string   `json:"unit"`
	Term   string   `json:"term"`
	Period string   `json:"period"`           // 2022, or once
	Papers []string `json:"papers,omitempty"` // handed in, numbers of the clause's list
	Sealed string   `json:"sealed,omitempty"` // bank account, id in the vault
	Auto   bool     `json:"auto,omitempty"`

	Asked     int64  `json:"asked"`               // fen, by the clause and the profile when it was filed
	Amount    int64  `json:"amount"`              // fen granted; before that, proposed
	Verdict   string `json:"verdict,omitempty"`   // what the first person proposes: grant, refuse
	First     string `json:"first,omitempty"`     // account of the first person who decided
	Second    string `json:"second,omitempty"`    // of the second
	PaidOn    string `json:"paid_on,omitempty"`   // day
	Voucher   string `json:"voucher,omitempty"`   // number of the payment
	Recovered int64  `json:"recovered,omitempty"` // fen paid back
}

func claimKeys(x *Claim) record.Keys {
	return record.Keys{Unit: x.Unit, Parent: x.Clause, Of: x.Firm, Tag: x.Period, Title: x.Title + " · " + x.Name, Amount: x.Amount}
}

func claimant() []flow.Grant { return []flow.Grant{{Role: access.Firm, Relation: Claimant}} }

var (
	deciders = own(access.Department, access.DeptLead)
	account  = []form.Field{{Name: "account_no", Type: form.Line, Required: true, Max: 40, Personal: true}}
	grounds  = form.Field{Name: "grounds", Type: form.Text, Required: true, Max: 1000}
)

// ClaimTable is the way of a claim. Two people of the unit decide, whatever is decided.
var ClaimTable = flow.Table{
	Kind: "policy_claim",
	States: []flow.State{{Name: Offered, Chip: "new"}, {Name: Filed, Chip: "sign"}, {Name: Supplement, Chip: "hold"}, {Name: Checked, Chip: "doing"}, {Name: Proposed, Chip: "doing"},
		{Name: Granted, Chip: "visit"}, {Name: Paid, Chip: "done", End: true}, {Name: Refused, Chip: "closed", End: true}, {Name: Withdrawn, Chip: "closed", End: true},
		{Name: Cancelled, Chip: "closed", End: true}, {Name: Revoked, Chip: "redo"}, {Name: Recovered, Chip: "closed", End: true}},
	Clocks: []string{"decide", "payment", "repayment"},
	Marks:  []string{"public"},
	Actions: []flow.Action{
		{Name: "file", To: Filed, Who: claimant(), Start: []string{"decide"}, Form: form.Form{Name: "claim_file", Fields: append([]form.Field{{Name: "papers", Type: form.Multi}}, account...)}},
		{Name: "offer", To: Offered, Who: deciders, Form: form.Form{Name: "claim_offer"}},
		{Name: "confirm", From: []string{Offered}, To: Checked, Who: claimant(), Start: []string{"decide"}, Form: form.Form{Name: "claim_confirm", Fields: account}},
		{Name: "withdraw", From: []string{Offered, Filed, Supplement, Checked}, To: Withdrawn, Who: claimant(), Form: form.Form{Name: "claim_withdraw"}},
		{Name: "lapse", From: []string{Offered}, To: Withdrawn, Who: deciders, Form: form.Form{Name: "claim_lapse", Fields: []form.Field{grounds}}},
		{Name: "ask", From: []string{Filed}, To: Supplement, Hold: []string{"decide"}, Who: deciders, Form: form.Form{Name: "claim_ask", Fields: []form.Field{{Name: "missing", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "complete", From: []string{Supplement}, To: Filed, Free: []string{"decide"}, Who: claimant(), Form: form.Form{Name: "claim_complete", Fields: []form.Field{{Name: "papers", Type: form.Multi}, {Name: "note", Type: form.Text, Max: 500}}}},
		{Name: "check", From: []string{Filed}, To: Checked, Who: deciders, Form: form.Form{Name: "claim_check", Fields: []form.Field{{Name: "basis", Type: form.Text, Max: 1000}}}},
		{Name: "propose", From: []string{Filed, Supplement, Checked}, To: Proposed, Who: deciders, Form: form.Form{Name: "claim_propose", Fields: []form.Field{
			{Name: "verdict", Type: form.Choice, Required: true, Options: form.Options("grant", "refuse")},
			{Name: "amount", Type: form.Money, When: "verdict", Values: []string{"grant"}, Required: true, Low: 100_00, High: 20_000_000_00}, {Name: "amount_sure", Type: form.Bool}, grounds}}},
		{Name: "agree", From: []string{Proposed}, Decides: []string{Granted, Refused}, Who: own(access.DeptLead, access.Department), Stop: []string{"decide"}, Start: []string{"payment"},
			Form: form.Form{Name: "claim_agree", Fields: []form.Field{{Name: "note", Type: form.Text, Max: 1000}}}},
		{Name: "disagree", From: []string{Proposed}, To: Checked, Who: own(access.DeptLead, access.Department), Form: form.Form{Name: "claim_disagree", Fields: []form.Field{grounds}}},
		{Name: "pay", From: []string{Granted}, To: Paid, Stop: []string{"payment"}, Who: deciders, Form: form.Form{Name: "claim_pay", Fields: []form.Field{
			{Name: "paid_on", Type: form.Date, Required: true}, {Name: "voucher", Type: form.Line, Required: true, Max: 40}}}},
		{Name: "publish", From: []string{Paid, Revoked, Recovered}, Bars: []string{"public"}, Sets: []string{"public"}, Who: deciders, Form: form.Form{Name: "claim_publish"}},
		{Name: "revoke", From: []string{Granted, Paid}, Decides: []string{Cancelled, Revoked}, Start: []string{"repayment"}, Who: own(access.DeptLead), Form: form.Form{Name: "claim_revoke", Fields: []form.Field{
			{Name: "cause", Type: form.Choice, Required: true, Options: form.Options("false_papers", "false_profile", "moved_away", "mistake")}, grounds}}},
		{Name: "recover", From: []string{Revoked}, Decides: []string{Revoked, Recovered}, Who: deciders, Form: form.Form{Name: "claim_recover", Fields: []form.Field{
			{Name: "back", Type: form.Money, Required: true, Low: 100_00, High: 20_000_000_00}, {Name: "back_sure", Type: form.Bool}, {Name: "back_on", Type: form.Date, Required: true}, {Name: "back_voucher", Type: form.Line, Required: true, Max: 40}}}},
	},
}

// claimLimit: the clause says how long deciding may take; what was granted is paid within ten working days, what was
// revoked comes back within thirty days.
func claimLimit(x *Claim, clock string) (worktime.Limit, string) {
	switch clock {
	case "payment":
		return worktime.Limit{N: 10, Unit: worktime.Workday}, x.Unit
	case "repayment":
		return worktime.Limit{N: 30, Unit: worktime.Day}, x.Unit
	}
	l, _ := worktime.ParseLimit(x.Term)
	return l, x.Unit
}
