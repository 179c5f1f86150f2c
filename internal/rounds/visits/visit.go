package visits

import (
	"encoding/json"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
)

// States of a visit.
const (
	Planned   = "planned"
	Attempted = "attempted" // nobody was at home
	Visited   = "visited"   // somebody comes again
	Raised    = "raised"    // what was said became a case
	Followed  = "followed"  // it was gone after
	Closed    = "closed"
)

// Outcomes of a visit. All of them are valid: nobody is pressed to open a door.
const (
	Met      = "met"
	NotHome  = "not_home"
	Declined = "declined"
	Vacant   = "vacant"      // nobody lives there
	Lapsed   = "not_reached" // the campaign ended before
)

var visitors = append(who(Host, access.Grid, access.GridChief, access.Community, access.Street, access.StreetLead), who("", access.System)...)

// atDoors are who goes to doors and writes down what came of it: the chiefs of a building to those in it.
var atDoors = append(who(Chief, access.Chief), visitors...)

// needFields are what a need is: its words and, only if the resident wants to be answered, how.
func needFields(when string, values ...string) []form.Field {
	return []form.Field{
		{Name: "words", Type: form.Text, Required: true, Max: 500, Personal: true, When: when, Values: values},
		{Name: "phone", Type: form.Phone, Personal: true, When: when, Values: values},
		{Name: "name", Type: form.Line, Max: 40, Personal: true, When: when, Values: values}}
}

// VisitTable says who does what with a visit. Options of topics, needs and the district's own questions come from the
// pack, see Form.
var VisitTable = flow.Table{
	Kind: "visit",
	States: []flow.State{{Name: Planned, Chip: "new"}, {Name: Attempted, Chip: "hold"}, {Name: Visited, Chip: "doing"}, {Name: Raised, Chip: "redo"}, {Name: Followed, Chip: "visit"},
		{Name: Closed, Chip: "done", End: true}},
	Actions: []flow.Action{
		// Made by the start of a campaign, all doors in one act of it.
		{Name: "generate", To: Planned, Who: who("", access.System), Form: form.Form{Name: "visit_generate"}},
		{Name: "record", From: []string{Planned, Attempted}, Decides: []string{Attempted, Visited, Raised, Closed}, Who: atDoors, Form: form.Form{Name: "visit_record", Fields: []form.Field{
			{Name: "outcome", Type: form.Choice, Required: true, Options: form.Options(Met, NotHome, Declined, Vacant)},
			{Name: "topics", Type: form.Multi, When: "outcome", Values: []string{Met}},
			{Name: "need", Type: form.Choice, When: "outcome", Values: []string{Met}},
			{Name: "revisit", Type: form.Date}}}},
		{Name: "raise", From: []string{Visited, Raised, Followed}, To: Raised, Who: atDoors, Form: form.Form{Name: "visit_raise", Fields: []form.Field{
			{Name: "need", Type: form.Choice, Required: true}}}},
		{Name: "follow_up", From: []string{Visited, Raised, Followed}, To: Followed, Who: atDoors, Form: form.Form{Name: "visit_followup", Fields: []form.Field{
			{Name: "revisit", Type: form.Date}}}},
		{Name: "close", From: []string{Attempted, Visited, Raised, Followed}, To: Closed, Who: visitors, Form: form.Form{Name: "visit_close"}},
		// Made by the end of a campaign for the doors nobody was met at.
		{Name: "lapse", From: []string{Planned, Attempted}, To: Closed, Who: who("", access.System), Form: form.Form{Name: "visit_lapse"}},
	},
}

// Form is the form of an action on a visit with the topics, needs and questions of this district.
func (v *Visits) Form(a *flow.Action) form.Form {
	f := form.Form{Name: a.Form.Name}
	var needs []string
	for _, n := range v.rules.Needs {
		needs = append(needs, n.ID)
	}
	for _, fd := range a.Form.Fields {
		switch fd.Name {
		case "topics":
			for _, t := range v.rules.Topics {
				fd.Options = append(fd.Options, form.Option{Value: t.ID})
			}
		case "need":
			fd.Options = form.Options(needs...)
		case "posts":
			for _, k := range v.o.Pack.PostKinds {
				fd.Options = append(fd.Options, form.Option{Value: k.ID})
			}
		}
		f.Fields = append(f.Fields, fd)
		if fd.Name == "need" {
			f.Fields = append(f.Fields, needFields("need", needs...)...)
		}
	}
	if a.Name == "record" {
		for _, q := range v.rules.VisitFields() {
			q.When, q.Values = "outcome", []string{Met}
			f.Fields = append(f.Fields, q)
		}
	}
	return f
}

// Visit is one door in a campaign, as its acts left it.
type Visit struct {
	ID        string // campaign.building.door
	Campaign  string
	Community string
	Grid      string
	Building  string
	Door      string // 2-301
	State     string
	Outcome   string // "" = nobody went yet
	Attempts  int64
	Topics    string // ids, joined by blanks
	Needs     string // ids, joined by blanks, as often as they came
	Cases     string // numbers, joined by blanks, in the order of Needs
	Revisit   string // local day; "" = none
	Answers   string // of the district's own questions, JSON; "" = none
	MadeUp    bool
	Visited   int64 // µs UTC, when somebody was met; 0 = not
	Changed   int64
	Version   int64
	lastSeq   int64
}

// Position is where the visit stands in its flow table.
func (x *Visit) Position() flow.Position { return flow.Position{State: x.State} }

// CaseList are the numbers of the cases that came of it.
func (x *Visit) CaseList() []string { return strings.Fields(x.Cases) }

// visitChange is the body of an act: what changes of the visit, whole after it.
type visitChange struct {
	State    string         `json:"state"`
	Outcome  string         `json:"outcome,omitempty"`
	Attempts int64          `json:"attempts,omitempty"`
	Topics   string         `json:"topics,omitempty"`
	Needs    string         `json:"needs,omitempty"`
	Cases    string         `json:"cases,omitempty"`
	Revisit  string         `json:"revisit,omitempty"`
	Answers  map[string]any `json:"answers,omitempty"`
	Visited  int64          `json:"visited,omitempty"`
}

func (x *Visit) change() visitChange {
	c := visitChange{State: x.State, Outcome: x.Outcome, Attempts: x.Attempts, Topics: x.Topics, Needs: x.Needs, Cases: x.Cases, Revisit: x.Revisit, Visited: x.Visited}
	_ = json.Unmarshal([]byte(x.Answers), &c.Answers) // written by fold
	return c
}

// fold applies an act. With yield and lapse it is the only code that changes a Visit.
func (x *Visit) fold(a *journal.Act) error {
	var c visitChange
	if err := a.Into(&c); err != nil {
		return err
	}
	x.State, x.Outcome, x.Attempts, x.Topics, x.Needs, x.Cases, x.Revisit, x.Visited = c.State, c.Outcome, c.Attempts, c.Topics, c.Needs, c.Cases, c.Revisit, c.Visited
	x.Answers = ""
	if len(c.Answers) > 0 {
		b, err := json.Marshal(c.Answers)
		if err != nil {
			return err
		}
		x.Answers = string(b)
	}
	x.Version++
	x.Changed, x.lastSeq = a.At, a.Seq
	return nil
}

// lapse is what the end of a campaign does to a door where nobody was met.
func (x *Visit) lapse(a *journal.Act) {
	if x.State != Planned && x.State != Attempted {
		return
	}
	x.State, x.Revisit = Closed, ""
	if x.Outcome == "" {
		x.Outcome = Lapsed
	}
	x.Version++
	x.Changed, x.lastSeq = a.At, a.Seq
}

// need is a need of the pack.
func (v *Visits) need(id string) (pack.Need, error) {
	n, ok := v.rules.Need(id)
	if !ok {
		return n, form.Faults{{Field: "need", Code: "choice"}}
	}
	return n, nil
}
