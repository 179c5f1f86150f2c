package policies

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
)

// States of a policy, and the mark of one that may be published.
const (
	Draft     = "draft"
	Published = "published"
	Ended     = "ended"
	Cleared   = "cleared" // reviewed for fair competition, with the result that it may be published
)

// Results of a fair-competition review (公平竞争审查).
const (
	Allowed   = "allowed"   // it does not keep out or hinder competition
	Excepted  = "excepted"  // it does, and the law allows it for a purpose and a time
	Forbidden = "forbidden" // it must not be published as it is
)

// Review is a fair-competition review: without one that allows it nothing is published (公平竞争审查条例, art. 10 and 18; in
// 2022 公平竞争审查制度实施细则). The grounds lie beside the act.
type Review struct {
	Result string `json:"result"`
	Unit   string `json:"unit"`
	Date   string `json:"date"`
	Until  string `json:"until,omitempty"` // of an exception
	Seq    int64  `json:"-"`
}

// Policy is a document with clauses.
type Policy struct {
	record.Head
	Name   string  `json:"name"`
	No     string  `json:"no,omitempty"` // number of the document
	Unit   string  `json:"unit"`         // writes and answers for it
	From   string  `json:"from"`         // first day
	Until  string  `json:"until"`        // last day
	Review *Review `json:"review,omitempty"`
	// Edition is 1, or one more than that of the policy it replaces.
	Edition  int64  `json:"edition"`
	Replaces string `json:"replaces,omitempty"` // id of the edition before
	Clauses  int64  `json:"clauses"`            // how many it was published with
	MadeUp   bool   `json:"made_up,omitempty"`
}

func policyKeys(x *Policy) record.Keys {
	return record.Keys{Unit: x.Unit, Parent: x.Replaces, Title: x.Name}
}

var policyFields = []form.Field{
	{Name: "name", Type: form.Line, Required: true, Max: 80}, {Name: "no", Type: form.Line, Max: 40},
	{Name: "from", Type: form.Date, Required: true}, {Name: "until", Type: form.Date, Required: true},
}

func own(roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: Own})
	}
	return out
}

// PolicyTable is the way of a policy. Whoever changes a draft after its review needs another review; only the reviewer's
// mark opens the way to publishing.
var PolicyTable = flow.Table{
	Kind:   "policy",
	States: []flow.State{{Name: Draft, Chip: "new"}, {Name: Published, Chip: "done"}, {Name: Ended, Chip: "closed", End: true}},
	Marks:  []string{Cleared},
	Actions: []flow.Action{
		{Name: "draft", To: Draft, Who: own(access.Department, access.DeptLead, access.System), Form: form.Form{Name: "policy_draft", Fields: policyFields}},
		{Name: "change", From: []string{Draft}, Drops: []string{Cleared}, Who: own(access.Department, access.DeptLead), Form: form.Form{Name: "policy_draft", Fields: policyFields}},
		// A clause was added, changed or taken out: what was reviewed is no longer what would be published.
		{Name: "touch", From: []string{Draft}, Drops: []string{Cleared}, Who: []flow.Grant{{Role: access.System}}, Form: form.Form{Name: "policy_touch"}},
		{Name: "review", From: []string{Draft}, Bars: []string{Cleared}, Who: []flow.Grant{{Role: access.DeptLead, Relation: Reviewer}, {Role: access.Department, Relation: Reviewer}},
			Form: form.Form{Name: "policy_review", Fields: []form.Field{
				{Name: "result", Type: form.Choice, Required: true, Options: form.Options(Allowed, Excepted, Forbidden)},
				{Name: "date", Type: form.Date, Required: true}, {Name: "except_until", Type: form.Date, When: "result", Values: []string{Excepted}, Required: true},
				{Name: "grounds", Type: form.Text, Required: true, Max: 2000}}}},
		{Name: "publish", From: []string{Draft}, To: Published, Needs: []string{Cleared}, Who: append([]flow.Grant{{Role: access.Leader}}, own(access.DeptLead)...), Form: form.Form{Name: "policy_publish"}},
		{Name: "end", From: []string{Draft, Published}, To: Ended, Who: append([]flow.Grant{{Role: access.Leader}, {Role: access.System}}, own(access.DeptLead)...), Form: form.Form{Name: "policy_end", Fields: []form.Field{
			{Name: "grounds", Type: form.Text, Required: true, Max: 500}}}},
	},
}

// seesPolicy: what is published or was is everybody's, drafts are those of who works with policies.
func (s *Policies) seesPolicy(sc access.Scope, x *Policy) bool {
	return x.State != Draft || s.staff(sc)
}

func (s *Policies) drafted(st *record.Step[Policy, *Policy]) error {
	x := st.X
	if x.Unit == "" {
		x.Unit = st.Scope.Unit()
	}
	if !slices.Contains(s.o.Units, x.Unit) {
		return record.Refuse("policy.unit")
	}
	x.Edition = 1
	if x.Replaces != "" {
		old, err := s.policies.Load(st.Tx, x.Replaces)
		if err != nil {
			return err
		}
		if old.Unit != x.Unit || old.State != Published {
			return record.Refuse("policy.replaces")
		}
		x.Edition = old.Edition + 1
	}
	return s.changed(st)
}

func (s *Policies) changed(st *record.Step[Policy, *Policy]) error {
	if st.X.Until < st.X.From {
		return record.Fault("until", "before_start")
	}
	return nil
}

func (s *Policies) reviewed(st *record.Step[Policy, *Policy]) error {
	a := st.Answers
	r := &Review{Result: a.Str("result"), Unit: st.Scope.Unit(), Date: a.Str("date"), Until: a.Str("except_until")}
	if r.Date > day(st.At) {
		return record.Fault("date", "future")
	}
	if r.Result == Excepted && r.Until < r.Date {
		return record.Fault("except_until", "before_start")
	}
	list, err := s.of(st.Tx, st.X.ID)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return record.Refuse("policy.empty")
	}
	st.X.Review = r
	if r.Result != Forbidden {
		st.X.Marks = append(slices.Clone(st.X.Marks), Cleared)
	}
	return nil
}

// published needs a stored review that allows it: the table asks for the mark, this for the review behind it.
func (s *Policies) published(st *record.Step[Policy, *Policy]) error {
	x := st.X
	if x.Review == nil || x.Review.Result == Forbidden || !x.Has(Cleared) {
		return record.Refuse("policy.review")
	}
	if x.Review.Result == Excepted && x.Review.Until < x.Until {
		return record.Refuse("policy.exception")
	}
	list, err := s.of(st.Tx, x.ID)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return record.Refuse("policy.empty")
	}
	sys := s.program("clauses follow their policy")
	for _, c := range list {
		if _, err := s.clauses.ActIn(st.Tx, sys, c.ID, "enact", record.Input{At: st.At}); err != nil {
			return err
		}
	}
	x.Clauses = int64(len(list))
	if x.Replaces == "" {
		return nil
	}
	// The edition before ends with the day this one is published; claims filed under it go their way.
	_, err = s.policies.ActIn(st.Tx, s.program("another edition takes its place"), x.Replaces, "end", record.Input{At: st.At, Raw: record.Raw("grounds", "新版本已发布 / replaced by a new edition")})
	return err
}

func (s *Policies) ended(st *record.Step[Policy, *Policy]) error {
	list, err := s.of(st.Tx, st.X.ID)
	if err != nil {
		return err
	}
	sys := s.program("clauses follow their policy")
	for _, c := range list {
		if _, err := s.clauses.ActIn(st.Tx, sys, c.ID, "shut", record.Input{At: st.At}); err != nil {
			return err
		}
	}
	return nil
}
