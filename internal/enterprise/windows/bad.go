package windows

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/worktime"
)

// Findings of a verification.
const (
	Real      = "real"
	Mistaken  = "mistaken"  // meant another window, or tapped wrongly
	Malicious = "malicious" // nothing of it happened
)

// Bad is a rating of the last two levels on its way to being put right.
type Bad struct {
	record.Head
	Visit       string `json:"visit"`
	Hall        string `json:"hall"`
	Window      string `json:"window"`
	Item        string `json:"item"`
	Day         string `json:"day"`
	Clerk       string `json:"clerk"`
	Level       int64  `json:"level"`
	Labels      string `json:"labels,omitempty"`
	Person      string `json:"person,omitempty"` // id in the vault
	Contactable bool   `json:"contactable,omitempty"`
	How         string `json:"how,omitempty"`
	Finding     string `json:"finding,omitempty"`
	Remedy      string `json:"remedy,omitempty"` // now, by, explain
	By          string `json:"by,omitempty"`
	Published   string `json:"published,omitempty"` // one line for the public board
	Again       int64  `json:"again,omitempty"`     // level of the one follow-up rating
	Reached     bool   `json:"reached,omitempty"`
	Satisfied   string `json:"satisfied,omitempty"`
}

// LabelList are the ids of what was said beside the level.
func (b *Bad) LabelList() []string {
	if f := strings.Fields(b.Labels); len(f) > 1 {
		return f[1:]
	}
	return nil
}

func remedy(name string, fields ...form.Field) form.Form {
	return form.Form{Name: name, Fields: append(fields, form.Field{Name: "published", Type: form.Line, Max: 60, Required: true})}
}

// BadTable is how a bad rating is put right. The clerk has her word before it counts; who verifies it is neither the clerk
// nor works for her unit.
var BadTable = flow.Table{
	Kind: "window_bad",
	States: []flow.State{{Name: "flagged", Chip: "new"}, {Name: "contacted", Chip: "doing"}, {Name: "verified", Chip: "doing"}, {Name: "fixing", Chip: "doing"}, {Name: "remedied", Chip: "doing"},
		{Name: "answered", Chip: "visit"}, {Name: "revisited", Chip: "visit"}, {Name: "closed", Chip: "done", End: true}, {Name: "dismissed", Chip: "closed", End: true}},
	Marks:  []string{"objected", "waived", "rated_again"},
	Clocks: []string{"contact", "object", "fix", "revisit"},
	Actions: []flow.Action{
		{Name: "flag", To: "flagged", Who: grants("", access.System), Start: []string{"contact", "object"}, Form: form.Form{Name: "window_flag"}},
		{Name: "contact", From: []string{"flagged"}, To: "contacted", Who: grants(Apart, access.Department, access.DeptLead, access.Supervisor), Stop: []string{"contact"},
			Form: form.Form{Name: "window_contact", Fields: []form.Field{{Name: "how", Type: form.Choice, Required: true, Options: form.Options("phone", "link", "unreached")},
				{Name: "heard", Type: form.Text, Max: 500}}}},
		{Name: "object", From: []string{"flagged", "contacted"}, Bars: []string{"objected", "waived"}, Sets: []string{"objected"}, Who: grants(Clerk, access.Clerk), Stop: []string{"object"},
			Form: form.Form{Name: "window_object", Fields: []form.Field{{Name: "objection", Type: form.Text, Max: 500, Required: true}}}},
		{Name: "waive", From: []string{"flagged", "contacted"}, Bars: []string{"objected", "waived"}, Sets: []string{"waived"}, Who: grants(Clerk, access.Clerk), Stop: []string{"object"},
			Form: form.Form{Name: "window_waive"}},
		{Name: "verify", From: []string{"contacted"}, Decides: []string{"verified", "dismissed"}, Who: grants(Apart, access.Department, access.DeptLead, access.Supervisor), Stop: []string{"object"},
			Form: form.Form{Name: "window_verify", Fields: []form.Field{{Name: "finding", Type: form.Choice, Required: true, Options: form.Options(Real, Mistaken, Malicious)},
				{Name: "why", Type: form.Text, Max: 500, Required: true}}}},
		{Name: "fix_now", From: []string{"verified"}, To: "remedied", Who: remedies(), Form: remedy("window_fix_now", form.Field{Name: "done", Type: form.Text, Max: 500, Required: true})},
		{Name: "fix_by", From: []string{"verified"}, To: "fixing", Start: []string{"fix"}, Who: remedies(), Form: form.Form{Name: "window_fix_by", Fields: []form.Field{
			{Name: "plan", Type: form.Text, Max: 500, Required: true}, {Name: "by", Type: form.Date, Required: true}}}},
		{Name: "fixed", From: []string{"fixing"}, To: "remedied", Stop: []string{"fix"}, Who: remedies(), Form: remedy("window_fixed", form.Field{Name: "done", Type: form.Text, Max: 500, Required: true})},
		{Name: "explain", From: []string{"verified"}, To: "remedied", Who: remedies(), Form: remedy("window_explain", form.Field{Name: "explanation", Type: form.Text, Max: 500, Required: true})},
		{Name: "feedback", From: []string{"remedied"}, To: "answered", Start: []string{"revisit"}, Who: grants(Apart, access.Department, access.DeptLead, access.Supervisor),
			Form: form.Form{Name: "window_feedback", Fields: []form.Field{{Name: "answer", Type: form.Text, Max: 500, Required: true}}}},
		{Name: "rate_again", From: []string{"answered"}, Bars: []string{"rated_again"}, Sets: []string{"rated_again"}, Who: grants(Holder, access.Resident),
			Form: form.Form{Name: "window_rate_again", Fields: []form.Field{{Name: "again", Type: form.Int, Min: 1, Max: 5, Required: true}}}},
		{Name: "revisit", From: []string{"answered"}, To: "revisited", Stop: []string{"revisit"}, Who: grants(Apart, access.Department, access.DeptLead, access.Supervisor),
			Form: form.Form{Name: "window_revisit", Fields: []form.Field{{Name: "reached", Type: form.Bool, Required: true},
				{Name: "satisfied", Type: form.Choice, Required: true, Options: form.Options("yes", "no"), When: "reached", Values: []string{"yes", "true", "1", "on"}}, {Name: "said", Type: form.Text, Max: 500}}}},
		{Name: "close", From: []string{"revisited"}, To: "closed", Who: grants(Apart, access.Department, access.DeptLead, access.Supervisor), Form: form.Form{Name: "window_close"}},
	},
}

// remedies are who puts it right: the unit of the window, or who runs the hall.
func remedies() []flow.Grant {
	return append(grants(Staff, access.Department, access.DeptLead), grants(Hall, access.Department, access.DeptLead)...)
}

func (w *Windows) bads() record.Kind[Bad, *Bad] {
	return record.Kind[Bad, *Bad]{Table: &BadTable, Letters: "CP",
		Keys: func(x *Bad) record.Keys {
			return record.Keys{Unit: w.unitOf(x.Window), Parent: x.Clerk, Of: "window:" + x.Window, Tag: x.Finding, Title: x.Window + " " + x.Item + " " + strconv.FormatInt(x.Level, 10)}
		},
		Sees: func(sc access.Scope, x *Bad) bool {
			return sc.Holds(x.Visit) || sc.Account() != "" && sc.Account() == x.Clerk || w.reaches(sc, x.Window)
		},
		Relations: func(_ *store.Tx, sc access.Scope, x *Bad) ([]string, error) {
			out := w.relations(sc, x.Window, x.Clerk)
			if sc.Holds(x.Visit) {
				out = append(out, Holder)
			}
			return out, nil
		},
		Limit: func(x *Bad, clock string) (worktime.Limit, string) {
			b := w.rules.Bad
			return map[string]worktime.Limit{"contact": b.Contact, "object": b.Object, "fix": b.Fix, "revisit": b.Revisit}[clock], w.unitOf(x.Window)
		},
		Quiet: []string{"object"},
		Plans: map[string]func(*record.Step[Bad, *Bad]) error{
			"flag": func(s *record.Step[Bad, *Bad]) error {
				s.Texts["words"], _ = s.Input.With.(string)
				return nil
			},
			"contact": func(s *record.Step[Bad, *Bad]) error {
				if s.X.Person == "" && s.X.How == "phone" {
					return record.Fault("how", "choice") // nobody left a number
				}
				return nil
			},
			"verify": w.verify,
			"fix_by": w.fixBy,
			"object": tidy("objection"), "fix_now": published, "fixed": published, "explain": published, "feedback": tidy("answer"),
		}}
}

func tidy(name string) func(*record.Step[Bad, *Bad]) error {
	return func(s *record.Step[Bad, *Bad]) error {
		s.Texts[name], _ = text.Redact(s.Texts[name])
		return nil
	}
}

// published is a line for everybody: what looks like a name's number, a telephone or an identity has no business in it.
func published(s *record.Step[Bad, *Bad]) error {
	if _, found := text.Redact(s.X.Published); len(found) > 0 {
		return record.Refuse("window.published")
	}
	s.X.Remedy = map[string]string{"fix_now": "now", "fixed": "by", "explain": "explain"}[s.Action.Name]
	return nil
}

// verify says whether a bad rating is real, and lets it count or not. As long as the clerk may still have her word and
// has not, nobody verifies.
func (w *Windows) verify(s *record.Step[Bad, *Bad]) error {
	if !s.X.Has("objected") && !s.X.Has("waived") {
		due, err := w.deadline(s, "object")
		if err != nil {
			return err
		}
		if s.At.Before(due) {
			return record.Refuse("window.object_open", due.In(zone).Format("2006-01-02 15:04"))
		}
	}
	v, err := w.visit(s.Tx, s.X.Visit)
	if err != nil {
		return err
	}
	s.To = "dismissed"
	if s.X.Finding == Real {
		s.To = "verified"
	}
	if err := w.addSums(s.Tx, v.Window, dayOf(s.At), v.judge(s.X.Finding == Real, s.At.UnixMicro())); err != nil {
		return err
	}
	return w.saveVisit(s.Tx, v)
}

// deadline of a running clock of a bad rating.
func (w *Windows) deadline(s *record.Step[Bad, *Bad], clock string) (time.Time, error) {
	k, ok := s.X.Clocks[clock]
	if !ok {
		return time.Time{}, nil
	}
	d, err := w.engine.Deadline(s.Tx, k)
	return d.At, err
}

// fixBy promises a day: not before today, and not beyond the limit.
func (w *Windows) fixBy(s *record.Step[Bad, *Bad]) error {
	l := w.rules.Bad.Fix
	due, err := w.engine.Deadline(s.Tx, record.Clock{Limit: l.String(), Unit: w.unitOf(s.X.Window), Start: s.At.UnixMicro()})
	if err != nil {
		return err
	}
	if s.X.By < dayOf(s.At) || s.X.By > dayOf(due.At) {
		return record.Refuse("window.fix_by", dayOf(s.At), dayOf(due.At))
	}
	return nil
}

// Objections are the bad ratings of the scope's own visits, for the clerk's word.
func (w *Windows) objections(tx *store.Tx, sc access.Scope) ([]*Bad, error) {
	if sc.Account() == "" {
		return nil, nil
	}
	list, _, err := w.Bad.ListIn(tx, sc, record.Filter{Parent: sc.Account(), Limit: 100})
	return slices.DeleteFunc(list, func(b *Bad) bool { return b.Clerk != sc.Account() }), err
}

// Apart reports whether a scope may know whom to answer about a bad rating: neither the clerk nor her unit.
func (w *Windows) Apart(sc access.Scope, b *Bad) bool {
	return slices.Contains(w.relations(sc, b.Window, b.Clerk), Apart)
}
