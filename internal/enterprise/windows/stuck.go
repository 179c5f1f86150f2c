package windows

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

// Stuck is something that could not be done at a window (办不成事).
type Stuck struct {
	record.Head
	Hall   string `json:"hall"`
	Item   string `json:"item,omitempty"`
	Person string `json:"person,omitempty"` // id in the vault
	Unit   string `json:"unit,omitempty"`   // that answers
	Result string `json:"result,omitempty"` // solved, explained, cannot
	Solved bool   `json:"solved,omitempty"` // by the word of whoever asked
}

var stuckFields = []form.Field{{Name: "hall", Type: form.Choice, Required: true}, {Name: "item", Type: form.Choice}, {Name: "what", Type: form.Text, Max: 500, Required: true},
	{Name: "name", Type: form.Line, Max: 30, Personal: true}, {Name: "phone", Type: form.Phone, Personal: true}}

// StuckTable is how it goes: taken in, given to a unit, answered, asked again.
var StuckTable = flow.Table{
	Kind:   "window_stuck",
	States: []flow.State{{Name: "taken", Chip: "new"}, {Name: "assigned", Chip: "doing"}, {Name: "answered", Chip: "visit"}, {Name: "closed", Chip: "done", End: true}},
	Clocks: []string{"assign", "answer"},
	Actions: []flow.Action{
		{Name: "take_in", To: "taken", Start: []string{"assign"}, Who: append(grants("", access.Clerk, access.Anonymous), grants(Hall, access.Department, access.DeptLead)...),
			Form: form.Form{Name: "window_stuck", Fields: stuckFields}},
		{Name: "assign", From: []string{"taken", "assigned"}, To: "assigned", Stop: []string{"assign"}, Start: []string{"answer"}, Who: append(grants(Hall, access.Department, access.DeptLead), grants("", access.Supervisor)...),
			Form: form.Form{Name: "window_assign", Fields: []form.Field{{Name: "unit", Type: form.Unit, Required: true}}}},
		{Name: "answer", From: []string{"assigned"}, To: "answered", Stop: []string{"answer"}, Who: grants(Staff, access.Department, access.DeptLead, access.Street, access.StreetLead),
			Form: form.Form{Name: "window_answer", Fields: []form.Field{{Name: "result", Type: form.Choice, Required: true, Options: form.Options("solved", "explained", "cannot")},
				{Name: "answer", Type: form.Text, Max: 500, Required: true}}}},
		{Name: "reopen", From: []string{"answered"}, To: "assigned", Start: []string{"answer"}, Who: append(grants(Hall, access.Department, access.DeptLead), grants("", access.Supervisor)...),
			Form: form.Form{Name: "window_reopen", Fields: []form.Field{{Name: "why", Type: form.Text, Max: 500, Required: true}}}},
		{Name: "close", From: []string{"answered"}, To: "closed", Who: append(grants(Hall, access.Department, access.DeptLead), grants("", access.Supervisor)...),
			Form: form.Form{Name: "window_stuck_close", Fields: []form.Field{{Name: "solved", Type: form.Bool, Required: true}}}},
	},
}

func (w *Windows) stucks() record.Kind[Stuck, *Stuck] {
	hall := func(sc access.Scope, x *Stuck) bool {
		h, ok := w.rules.Hall(x.Hall)
		return ok && sc.Unit() != "" && w.dir.Under(h.Unit, sc.Unit())
	}
	return record.Kind[Stuck, *Stuck]{Table: &StuckTable, Letters: "BB",
		Keys: func(x *Stuck) record.Keys {
			h, _ := w.rules.Hall(x.Hall)
			unit := x.Unit
			if unit == "" && h != nil {
				unit = h.Unit
			}
			return record.Keys{Unit: unit, Of: "hall:" + x.Hall, Tag: x.Result, Title: x.Hall + " " + x.Item}
		},
		Sees: func(sc access.Scope, x *Stuck) bool {
			return sc.Can(access.Supervisor, access.Leader, access.Auditor) || sc.Holds(x.ID) || hall(sc, x) || x.Unit != "" && sc.Unit() != "" && w.dir.Under(x.Unit, sc.Unit())
		},
		Relations: func(_ *store.Tx, sc access.Scope, x *Stuck) (out []string, _ error) {
			if hall(sc, x) {
				out = append(out, Hall)
			}
			if x.Unit != "" && sc.Unit() != "" && w.dir.Under(x.Unit, sc.Unit()) {
				out = append(out, Staff)
			}
			return out, nil
		},
		Options: func(_ *store.Tx, _ access.Scope, _ *Stuck, _, field string) (out []form.Option, _ bool, _ error) {
			switch field {
			case "hall":
				for _, h := range w.rules.Halls {
					out = append(out, form.Option{Value: h.ID})
				}
			case "item":
				for _, x := range w.rules.Items {
					out = append(out, form.Option{Value: x.ID})
				}
			}
			return out, len(out) > 0, nil
		},
		Limit: func(x *Stuck, clock string) (worktime.Limit, string) {
			if clock == "assign" {
				return w.rules.Stuck.Assign, ""
			}
			return w.rules.Stuck.Answer, x.Unit
		},
		Plans: map[string]func(*record.Step[Stuck, *Stuck]) error{
			"take_in": w.takeIn,
			"assign": func(s *record.Step[Stuck, *Stuck]) error {
				if u, ok := w.dir.Unit(s.X.Unit); !ok || !u.Kind.HandlesCases() || u.Kind == directory.Community || u.Kind == directory.Village {
					return record.Fault("unit", "unit")
				}
				return nil
			},
			"answer": func(s *record.Step[Stuck, *Stuck]) error {
				s.Texts["answer"], _ = text.Redact(s.Texts["answer"])
				return nil
			},
		}}
}

// takeIn seals whom to answer: the record and its acts know an id only.
func (w *Windows) takeIn(s *record.Step[Stuck, *Stuck]) error {
	s.Texts["what"], _ = text.Redact(s.Texts["what"])
	name, phone := s.Texts["name"], s.Texts["phone"]
	delete(s.Texts, "name")
	delete(s.Texts, "phone")
	if name == "" && phone == "" {
		return nil
	}
	sealed, err := w.o.Vault.Seal(w.district, vault.Person{Name: name, Phone: phone})
	if err != nil {
		return err
	}
	s.X.Person = sealed.ID
	return vault.Put(s.Tx, sealed, s.At)
}

// StuckCounts are how many matters are in which state, and how the answered ones ended.
func (w *Windows) StuckCounts(tx *store.Tx) (states, results []record.Sum, err error) {
	if states, err = w.Stuck.SumBy(tx, "state"); err != nil {
		return nil, nil, err
	}
	results, err = w.Stuck.SumBy(tx, "tag")
	return states, slices.DeleteFunc(results, func(s record.Sum) bool { return s.Key == "" }), err
}
