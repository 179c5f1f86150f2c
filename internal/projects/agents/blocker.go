package agents

import (
	"context"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// States of a blocker.
const (
	Raised   = "raised"
	Whistled = "whistled" // several units were called for it
	Cleared  = "cleared"
)

// Blocker is what holds a project up.
type Blocker struct {
	record.Head
	Agency  string `json:"agency"`
	Name    string `json:"name"` // of the project
	Firm    string `json:"firm"`
	Street  string `json:"street"`
	Class   string `json:"class"`
	Owner   string `json:"owner"`   // unit
	Until   string `json:"until"`   // 2006-01-02
	Days    int    `json:"days"`    // from the day it was raised
	Whistle string `json:"whistle"` // number of the whistle, or of the case made for the street; "" = none
}

// BlockerTable is the way of a blocker.
var BlockerTable = flow.Table{
	Kind:   "agency_blocker",
	States: []flow.State{{Name: Raised, Chip: "new"}, {Name: Whistled, Chip: "doing"}, {Name: Cleared, Chip: "done", End: true}},
	Clocks: []string{"clear"},
	Actions: []flow.Action{
		{Name: "raise", To: Raised, Start: []string{"clear"}, Who: helpers, Form: form.Form{Name: "blocker_raise", Fields: []form.Field{
			{Name: "class", Type: form.Choice, Required: true, Options: form.Options("papers", "department", "land", "utilities", "money", "other")},
			{Name: "issue", Type: form.Text, Required: true, Max: 1000}, {Name: "owner", Type: form.Unit, Required: true}, {Name: "until", Type: form.Date, Required: true}}}},
		{Name: "whistle", From: []string{Raised}, To: Whistled, Who: append(grants(street, access.Street, access.StreetLead), helpers...), Form: form.Form{Name: "blocker_whistle", Fields: []form.Field{
			{Name: "issue", Type: form.Text, Required: true, Max: 1000}, {Name: "units", Type: form.Units, Required: true, Max: 12}}}},
		{Name: "clear", From: []string{Raised, Whistled}, To: Cleared, Who: append(grants(owner, access.Department, access.DeptLead, access.Street, access.StreetLead), helpers...), Form: form.Form{Name: "blocker_clear", Fields: []form.Field{
			{Name: "how", Type: form.Text, Required: true, Max: 500}}}},
	},
}

type blockerStep = record.Step[Blocker, *Blocker]

func (s *Agents) blockerKind() record.Kind[Blocker, *Blocker] {
	return record.Kind[Blocker, *Blocker]{
		Table: &BlockerTable, Letters: "DD",
		Keys: func(x *Blocker) record.Keys {
			return record.Keys{Unit: x.Owner, Parent: x.Agency, Of: x.Firm, Tag: x.Class, Title: x.Name}
		},
		Sees: func(sc access.Scope, x *Blocker) bool { return sees(sc, x.Firm) },
		Relations: func(tx *store.Tx, sc access.Scope, x *Blocker) ([]string, error) {
			if x.Agency == "" { // a form before it is known which entrustment it is about; its plan asks again
				return []string{helps}, nil
			}
			a, err := s.Agencies.Load(tx, x.Agency)
			if err != nil {
				return nil, err
			}
			out, err := s.about(tx, sc, a)
			if err == nil && s.under(sc, x.Owner) {
				out = append(out, owner)
			}
			return out, err
		},
		Limit: func(x *Blocker, _ string) (worktime.Limit, string) {
			return worktime.Limit{N: x.Days, Unit: worktime.Day, Start: worktime.NextDay}, ""
		},
		Plans: map[string]func(*blockerStep) error{"raise": s.planRaise, "whistle": s.planWhistle, "clear": s.planClear},
	}
}

// Raise notes what holds an entrustment up.
func (s *Agents) Raise(ctx context.Context, sc access.Scope, agency string, in record.Input) (x *Blocker, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		x, err = s.RaiseIn(tx, sc, agency, in)
		return err
	})
	return x, err
}

// RaiseIn is Raise in a transaction.
func (s *Agents) RaiseIn(tx *store.Tx, sc access.Scope, agency string, in record.Input) (*Blocker, error) {
	a, err := s.Agencies.Get(tx, sc, agency)
	if err != nil {
		return nil, err
	}
	return s.Blockers.OpenIn(tx, sc, "raise", in, func(x *Blocker) { x.Agency, x.Name, x.Firm, x.Street = a.ID, a.Name, a.Firm, a.Street })
}

func (s *Agents) planRaise(st *blockerStep) error {
	x := st.X
	if x.Agency == "" {
		return store.ErrNotFound
	}
	if _, ok := s.o.Directory.Unit(x.Owner); !ok {
		return record.Fault("owner", "unit")
	}
	today, _ := time.ParseInLocation(time.DateOnly, st.At.In(worktime.Zone).Format(time.DateOnly), worktime.Zone)
	until, err := time.ParseInLocation(time.DateOnly, x.Until, worktime.Zone)
	if err != nil {
		return record.Fault("until", "date")
	}
	if x.Days = int(until.Sub(today).Hours() / 24); x.Days < 1 || x.Days > 180 {
		return record.Fault("until", "blocker_until")
	}
	_, err = s.Agencies.ActIn(st.Tx, st.Scope, x.Agency, "block", record.Input{At: st.At})
	return err
}

func (s *Agents) planWhistle(st *blockerStep) error {
	units := st.Answers.List("units")
	for _, u := range units {
		if _, ok := s.o.Directory.Unit(u); !ok || u == st.X.Street {
			return record.Fault("units", "unit")
		}
	}
	if s.o.Whistle == nil {
		return record.Refuse("blocker_no_whistle")
	}
	number, err := s.o.Whistle(st.Tx, st.Scope, Whistle{Street: st.X.Street, Project: st.X.Name, Issue: st.Texts["issue"], Units: slices.Clone(units), At: st.At})
	st.X.Whistle = number
	return err
}

func (s *Agents) planClear(st *blockerStep) error {
	a, err := s.Agencies.Load(st.Tx, st.X.Agency)
	if err != nil || a.State != Blocked { // withdrawn meanwhile: there is nothing to set free
		return err
	}
	sc := access.SystemScope(st.Scope.District(), "a blocker that was cleared holds nothing up")
	_, err = s.Agencies.ActIn(st.Tx, sc, a.ID, "unblock", record.Input{At: st.At})
	return err
}
