package agents

import (
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// States of an entrustment (DOMAIN 5.2).
const (
	Requested = "requested"
	Accepted  = "accepted" // its agent is named
	Planned   = "planned"
	Working   = "working"
	Blocked   = "blocked"
	Done      = "done"
	Rated     = "rated"
	Withdrawn = "withdrawn"
)

// Entrusted marks a request that the firm gave in writing.
const Entrusted = "entrusted"

// Agency is the accompanying of one project.
type Agency struct {
	record.Head
	Project string   `json:"project"`
	Name    string   `json:"name"` // of the project
	Firm    string   `json:"firm"` // code
	Street  string   `json:"street"`
	File    string   `json:"file,omitempty"` // approval file, once there is one
	Scope   []string `json:"scope,omitempty"`
	Letter  string   `json:"letter,omitempty"`  // number of the written entrustment
	Agent   string   `json:"agent,omitempty"`   // post
	Helper  string   `json:"helper,omitempty"`  // post
	Liaison string   `json:"liaison,omitempty"` // post
	Items   []string `json:"items,omitempty"`   // approval items in the plan
	From    string   `json:"begins_on,omitempty"`
	Until   string   `json:"ends_on,omitempty"`
	Logged  int      `json:"logged,omitempty"` // entries of the log
	Open    int      `json:"open,omitempty"`   // blockers that hold it up
	Saved   int64    `json:"saved,omitempty"`  // working days, when it was done
	Stars   int64    `json:"stars,omitempty"`  // 1-5
}

// Scopes are what a firm can entrust: the stages, and the connections of the utilities.
func Scopes() []string {
	return []string{"land", "design", "build", "finish", "water", "power", "gas", "heat"}
}

var busy = []string{Planned, Working, Blocked}

// AgencyTable is the way of an entrustment.
var AgencyTable = flow.Table{
	Kind: "agency",
	States: []flow.State{{Name: Requested, Chip: "new"}, {Name: Accepted, Chip: "sign"}, {Name: Planned, Chip: "doing"}, {Name: Working, Chip: "doing"}, {Name: Blocked, Chip: "hold"},
		{Name: Done, Chip: "visit"}, {Name: Rated, Chip: "done", End: true}, {Name: Withdrawn, Chip: "closed", End: true}},
	Marks:  []string{Entrusted},
	Clocks: []string{"name"},
	Actions: []flow.Action{
		{Name: "request", To: Requested, Who: theFirm, Form: form.Form{Name: "agency_request", Fields: []form.Field{
			{Name: "project", Type: form.Choice, Required: true}, {Name: "wish", Type: form.Text, Max: 500}}}},
		{Name: "entrust", From: []string{Requested}, Bars: []string{Entrusted}, Sets: []string{Entrusted}, Start: []string{"name"}, Who: theFirm, Form: form.Form{Name: "agency_entrust", Fields: []form.Field{
			{Name: "scope", Type: form.Multi, Required: true, Options: form.Options(Scopes()...)}, {Name: "letter", Type: form.Line, Max: 40}, {Name: "signed", Type: form.Bool, Required: true}}}},
		{Name: "name", From: []string{Requested}, To: Accepted, Needs: []string{Entrusted}, Stop: []string{"name"}, Who: theHall, Form: form.Form{Name: "agency_name", Fields: []form.Field{
			{Name: "agent", Type: form.Choice, Required: true}, {Name: "helper", Type: form.Choice}, {Name: "liaison", Type: form.Choice}}}},
		{Name: "plan", From: append([]string{Accepted}, busy...), Decides: []string{Planned, Working, Blocked}, Who: theAgent, Form: form.Form{Name: "agency_plan", Fields: []form.Field{
			{Name: "items", Type: form.Multi, Required: true, Max: 60}, {Name: "begins_on", Type: form.Date, Required: true}, {Name: "ends_on", Type: form.Date, Required: true}}}},
		{Name: "log", From: busy, Decides: []string{Working, Blocked}, Who: helpers, Form: form.Form{Name: "agency_log", Fields: []form.Field{
			{Name: "day", Type: form.Date, Required: true}, {Name: "department", Type: form.Unit, Required: true},
			{Name: "did", Type: form.Text, Required: true, Max: 500}, {Name: "came_of_it", Type: form.Text, Max: 500}}}},
		{Name: "block", From: busy, To: Blocked, Who: helpers, Form: form.Form{Name: "agency_block"}},
		{Name: "unblock", From: []string{Blocked}, Decides: []string{Working, Blocked}, Who: grants("", access.System), Form: form.Form{Name: "agency_unblock"}},
		{Name: "finish", From: []string{Planned, Working}, To: Done, Who: theAgent, Form: form.Form{Name: "agency_finish", Fields: []form.Field{{Name: "note", Type: form.Text, Max: 500}}}},
		{Name: "rate", From: []string{Done}, To: Rated, Who: theFirm, Form: form.Form{Name: "agency_rate", Fields: []form.Field{
			{Name: "stars", Type: form.Int, Required: true, Min: 1, Max: 5}, {Name: "words", Type: form.Text, Max: 500}}}},
		{Name: "withdraw", From: append([]string{Requested, Accepted}, busy...), To: Withdrawn, Who: theFirm, Form: form.Form{Name: "agency_withdraw", Fields: []form.Field{reason}}},
	},
}

type agencyStep = record.Step[Agency, *Agency]

func (s *Agents) agencyKind() record.Kind[Agency, *Agency] {
	return record.Kind[Agency, *Agency]{
		Table: &AgencyTable, Letters: "DB",
		Keys: func(x *Agency) record.Keys {
			return record.Keys{Unit: s.o.Rules.Hall, Parent: x.File, Of: x.Firm, Tag: x.Agent, Title: x.Name, Amount: x.Saved}
		},
		Sees:      func(sc access.Scope, x *Agency) bool { return sees(sc, x.Firm) },
		Relations: func(tx *store.Tx, sc access.Scope, x *Agency) ([]string, error) { return s.about(tx, sc, x) },
		Options:   s.agencyOptions,
		Limit: func(*Agency, string) (worktime.Limit, string) {
			l, err := worktime.ParseLimit(s.o.Rules.NameAgent)
			if err != nil {
				return worktime.Limit{}, "" // checked by the pack
			}
			if l.Start == worktime.AtOnce && l.Unit == worktime.Workday {
				l.Start = worktime.NextDay
			}
			return l, ""
		},
		Plans: map[string]func(*agencyStep) error{"request": s.planRequest, "entrust": s.planEntrust, "plan": s.planPlan, "log": s.planLog, "block": planBlock, "unblock": planUnblock, "finish": s.planFinish},
	}
}

func (s *Agents) agencyOptions(tx *store.Tx, sc access.Scope, x *Agency, _, field string) ([]form.Option, bool, error) {
	var ids []string
	switch field {
	case "project":
		list, err := s.o.Projects(tx, sc.Firm())
		if err != nil {
			return nil, false, err
		}
		for _, p := range list {
			ids = append(ids, p.ID)
		}
	case "agent":
		ids = s.posts("agent")
	case "helper":
		ids = s.posts("helper")
	case "liaison":
		ids = s.posts("liaison")
	case "items":
		list, err := s.itemsOf(tx, x)
		if err != nil {
			return nil, false, err
		}
		for _, it := range list {
			ids = append(ids, it.ID)
		}
	default:
		return nil, false, nil
	}
	return form.Options(ids...), true, nil
}

// fileOf is the approval file of the project, as it is now.
func (s *Agents) fileOf(tx *store.Tx, x *Agency) (string, error) {
	if x.File != "" {
		return x.File, nil
	}
	p, err := s.o.Project(tx, x.Project)
	return p.File, err
}

func (s *Agents) itemsOf(tx *store.Tx, x *Agency) ([]Item, error) {
	file, err := s.fileOf(tx, x)
	if err != nil || file == "" {
		return nil, err
	}
	return s.o.Items(tx, file)
}

func (s *Agents) planRequest(st *agencyStep) error {
	x := st.X
	p, err := s.o.Project(st.Tx, x.Project)
	if err != nil {
		return err
	}
	if p.Firm != st.Scope.Firm() {
		return record.Fault("project", "choice")
	}
	x.Name, x.Firm, x.Street, x.File = p.Title, p.Firm, p.Street, p.File
	open := false
	err = s.Agencies.Each(st.Tx, record.Filter{Of: p.Firm}, func(y *Agency) error {
		t, _ := AgencyTable.State(y.State)
		open = open || y.Project == p.ID && !t.End && y.State != Done
		return nil
	})
	if err == nil && open {
		err = record.Refuse("agency_open")
	}
	return err
}

// planEntrust: in writing, by the firm: a letter with its number, or the letter itself attached.
func (s *Agents) planEntrust(st *agencyStep) error {
	if st.X.Letter == "" && st.Input.Attach == nil {
		return record.Fault("letter", "letter")
	}
	if !st.Answers.Bool("signed") {
		return record.Fault("signed", "signature")
	}
	return nil
}

func (s *Agents) planPlan(st *agencyStep) error {
	x := st.X
	if x.Until < x.From {
		return record.Fault("ends_on", "before_start")
	}
	file, err := s.fileOf(st.Tx, x)
	if err != nil {
		return err
	}
	x.File = file
	if st.To = x.State; x.State == Accepted {
		st.To = Planned
	}
	return nil
}

func (s *Agents) planLog(st *agencyStep) error {
	if _, ok := s.o.Directory.Unit(st.Answers.Str("department")); !ok {
		return record.Fault("department", "unit")
	}
	if st.Answers.Str("day") > st.At.In(worktime.Zone).Format(time.DateOnly) {
		return record.Fault("day", "future")
	}
	st.X.Logged++
	if st.To = Working; st.X.State == Blocked {
		st.To = Blocked
	}
	return nil
}

func planBlock(st *agencyStep) error { st.X.Open++; return nil }

func planUnblock(st *agencyStep) error {
	st.X.Open--
	if st.To = Blocked; st.X.Open == 0 {
		st.To = Working
	}
	return nil
}

// planFinish counts the days saved: what was promised for the items that were decided, minus what they took.
func (s *Agents) planFinish(st *agencyStep) error {
	x := st.X
	list, err := s.itemsOf(st.Tx, x)
	if err != nil {
		return err
	}
	for _, it := range list {
		if slices.Contains(x.Items, it.ID) && !it.Decided && !it.Ended {
			return record.Refuse("agency_items_open")
		}
	}
	x.Saved = Saved(list, x.Items)
	return nil
}

// Saved are the working days that the items of a plan took less than was promised; negative when they took more.
func Saved(list []Item, plan []string) (days int64) {
	for _, it := range list {
		if it.Decided && slices.Contains(plan, it.ID) {
			days += int64(it.Promised - it.Used)
		}
	}
	return days
}
