package projects

import (
	"context"
	"errors"

	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Work is a public work: roads, pavements, pipes, a park. What was built is counted in its sections.
type Work struct {
	record.Head
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Budget int64  `json:"budget,omitempty"` // fen
	Paid   int64  `json:"paid,omitempty"`   // fen
	MadeUp bool   `json:"made_up,omitempty"`
	Source string `json:"source,omitempty"`
}

// Section is a part of a work with one quantity: mm, cm2 or pieces, by its kind.
type Section struct {
	record.Head
	Work     string `json:"work"`
	Unit     string `json:"unit"`
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Town     string `json:"town,omitempty"`
	Planned  int64  `json:"planned"`
	Measured int64  `json:"measured,omitempty"` // what was found when it was taken over
	Began    string `json:"began_on,omitempty"`
	Done     string `json:"done_on,omitempty"`
	By       string `json:"by,omitempty"` // account that reported it done
	MadeUp   bool   `json:"made_up,omitempty"`
}

// Quantity of a section: what was measured, else what was planned.
func (x *Section) Quantity() int64 {
	if x.Measured != 0 {
		return x.Measured
	}
	return x.Planned
}

// quantity is asked for in km or m2 with at most six decimals of a km, four of a m2.
var quantity = form.Field{Name: "quantity", Type: form.Line, Max: 20, Required: true}

// WorkTable is the way of a public work.
var WorkTable = flow.Table{
	Kind:   "public_work",
	States: []flow.State{{Name: "planned", Chip: "new"}, {Name: "building", Chip: "doing"}, {Name: "completed", Chip: "done", End: true}, {Name: "stopped", Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "plan", To: "planned", Who: anyone, Form: form.Form{Name: "work_plan", Fields: append([]form.Field{{Name: "name", Type: form.Line, Required: true, Max: 80}, {Name: "unit", Type: form.Unit, Required: true}}, money("budget", false)...)}},
		{Name: "begin", From: []string{"planned"}, To: "building", Who: doers, Form: form.Form{Name: "work_begin"}},
		{Name: "pay", From: []string{"planned", "building"}, Who: doers, Form: form.Form{Name: "work_pay", Fields: append([]form.Field{{Name: "voucher", Type: form.Line, Max: 60, Required: true}}, money("sum", true)...)}},
		{Name: "complete", From: []string{"building"}, To: "completed", Who: doers, Form: form.Form{Name: "work_complete"}},
		{Name: "stop", From: []string{"planned", "building"}, To: "stopped", Who: keepers, Form: form.Form{Name: "work_stop", Fields: []form.Field{reason}}},
	},
}

// SectionTable is the way of a section: begun, reported done, measured and taken over by somebody else.
var SectionTable = flow.Table{
	Kind:   "work_section",
	States: []flow.State{{Name: "planned", Chip: "new"}, {Name: "building", Chip: "doing"}, {Name: "done", Chip: "visit"}, {Name: "accepted", Chip: "done", End: true}, {Name: "dropped", Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "add", To: "planned", Who: anyone, Form: form.Form{Name: "section_add", Fields: []form.Field{{Name: "work", Type: form.Case, Required: true}, {Name: "name", Type: form.Line, Required: true, Max: 80}, {Name: "kind", Type: form.Choice, Required: true}, quantity, {Name: "town", Type: form.Choice}}}},
		{Name: "begin", From: []string{"planned"}, To: "building", Who: doers, Form: form.Form{Name: "section_begin", Fields: []form.Field{{Name: "began_on", Type: form.Date, Required: true}}}},
		{Name: "finish", From: []string{"building"}, To: "done", Who: doers, Form: form.Form{Name: "section_finish", Fields: []form.Field{{Name: "done_on", Type: form.Date, Required: true}}}},
		{Name: "accept", From: []string{"done"}, To: "accepted", Who: lookers, Form: form.Form{Name: "section_accept", Fields: []form.Field{{Name: "measure", Type: form.Line, Max: 20, Required: true}}}},
		{Name: "redo", From: []string{"done"}, To: "building", Who: lookers, Form: form.Form{Name: "section_redo", Fields: []form.Field{reason}}},
		{Name: "drop", From: []string{"planned", "building"}, To: "dropped", Who: keepers, Form: form.Form{Name: "section_drop", Fields: []form.Field{reason}}},
	},
}

func (s *Projects) work() record.Kind[Work, *Work] {
	return record.Kind[Work, *Work]{Table: &WorkTable, Letters: "GC",
		Keys: func(x *Work) record.Keys { return record.Keys{Unit: x.Unit, Title: x.Name, Amount: x.Paid} },
		Sees: func(sc access.Scope, _ *Work) bool { return staffOnly(sc) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Work) ([]string, error) {
			return relations(sc, s.o.Works.Office, "", x.Unit), nil
		},
		Plans: map[string]func(*record.Step[Work, *Work]) error{
			"plan": func(st *record.Step[Work, *Work]) error {
				if w, ok := st.Input.With.(*Given); ok {
					st.X.MadeUp, st.X.Source = w.MadeUp, w.Source
				}
				if _, ok := s.o.Directory.Unit(st.X.Unit); !ok {
					return record.Fault("unit", "choice")
				}
				return nil
			},
			"pay": func(st *record.Step[Work, *Work]) error {
				if st.X.Paid += st.Answers.Int("sum"); st.X.Budget > 0 && st.X.Paid > st.X.Budget {
					return record.Fault("sum", "above_budget")
				}
				return nil
			},
			"complete": func(st *record.Step[Work, *Work]) error {
				return s.Books.Section.Each(st.Tx, record.Filter{Parent: st.ID}, func(x *Section) error {
					if x.State != "accepted" && x.State != "dropped" {
						return record.Refuse("work.sections_open")
					}
					return nil
				})
			},
		},
	}
}

func (s *Projects) section() record.Kind[Section, *Section] {
	return record.Kind[Section, *Section]{Table: &SectionTable, Letters: "BD",
		Keys: func(x *Section) record.Keys {
			return record.Keys{Unit: x.Unit, Parent: x.Work, Tag: x.Kind, Title: x.Name, Amount: x.Quantity()}
		},
		Sees: func(sc access.Scope, _ *Section) bool { return staffOnly(sc) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Section) ([]string, error) {
			return relations(sc, s.o.Works.Office, x.By, x.Unit), nil
		},
		Options: func(_ *store.Tx, _ access.Scope, _ *Section, _, field string) ([]form.Option, bool, error) {
			var out []string
			switch field {
			case "kind":
				for _, k := range s.o.Works.Kinds {
					out = append(out, k.ID)
				}
				return form.Options(out...), true, nil
			case "town":
				for _, u := range s.o.Directory.ByKind(directory.Street, directory.Town) {
					out = append(out, u.ID)
				}
				return form.Options(out...), true, nil
			}
			return nil, false, nil
		},
		Plans: map[string]func(*record.Step[Section, *Section]) error{"add": s.addSection, "begin": s.beginSection, "finish": s.finishSection, "accept": s.acceptSection},
	}
}

type sectionStep = record.Step[Section, *Section]

// steps reads a quantity in the measure of a section's kind.
func (s *Projects) steps(x *Section, field, said string) (int64, error) {
	k, _ := s.o.Works.Kind(x.Kind)
	n, ok := pack.Steps(said, k.Measure)
	if !ok {
		return 0, record.Fault(field, "quantity")
	}
	return n, nil
}

func (s *Projects) addSection(st *sectionStep) (err error) {
	id := st.X.Work
	w, err := s.Books.Work.Get(st.Tx, st.Scope, id)
	if errors.Is(err, store.ErrNotFound) {
		return record.Fault("work", "no_work")
	}
	if err != nil {
		return err
	}
	if w.State != "planned" && w.State != "building" {
		return record.Refuse("work.closed")
	}
	st.X.Unit, st.X.MadeUp = w.Unit, w.MadeUp
	st.X.Planned, err = s.steps(st.X, "quantity", st.Answers.Str("quantity"))
	return err
}

func (s *Projects) beginSection(st *sectionStep) error {
	if st.X.Began > st.At.In(worktime.Zone).Format(time.DateOnly) {
		return record.Fault("began_on", "future")
	}
	return nil
}

func (s *Projects) finishSection(st *sectionStep) error {
	x := st.X
	x.By = st.Scope.Account()
	switch {
	case x.Done < x.Began:
		return record.Fault("done_on", "end_before_start")
	case x.Done > st.At.In(worktime.Zone).Format(time.DateOnly):
		return record.Fault("done_on", "future")
	}
	return nil
}

func (s *Projects) acceptSection(st *sectionStep) (err error) {
	st.X.Measured, err = s.steps(st.X, "measure", st.Answers.Str("measure"))
	return err
}

// Built is how much of a kind was taken over, and how much is under way, in the smallest steps of its measure.
type Built struct {
	Kind           pack.WorkKind
	Accepted, Open int64
	N, OpenN       int64 // sections
}

// Built adds up the sections of every kind, exactly.
func (s *Projects) Built(ctx context.Context, sc access.Scope) ([]Built, error) {
	if !staffOnly(sc) {
		return nil, flow.ErrForbidden
	}
	return store.Get(ctx, s.db, func(tx *store.Tx) (out []Built, err error) {
		sums := map[string]map[string]record.Sum{}
		for _, state := range []string{"accepted", "planned", "building", "done"} {
			list, err := s.Books.Section.SumBy(tx, "tag", record.Filter{State: state})
			if err != nil {
				return nil, err
			}
			sums[state] = map[string]record.Sum{}
			for _, x := range list {
				sums[state][x.Key] = x
			}
		}
		for _, k := range s.o.Works.Kinds {
			b := Built{Kind: k, Accepted: sums["accepted"][k.ID].Amount, N: sums["accepted"][k.ID].N}
			for _, state := range []string{"planned", "building", "done"} {
				b.Open += sums[state][k.ID].Amount
				b.OpenN += sums[state][k.ID].N
			}
			out = append(out, b)
		}
		return out, nil
	})
}
