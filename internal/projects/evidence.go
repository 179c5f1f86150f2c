package projects

import (
	"errors"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Evidence is a paper, a photo or a note that proves that a project reached a stage. Its files are attached to it.
type Evidence struct {
	record.Head
	Project string `json:"project"`
	Unit    string `json:"unit"`
	Proves  string `json:"proves"` // stage
	Kind    string `json:"kind"`   // of the pack
	Number  string `json:"number,omitempty"`
	Dated   string `json:"dated"`
	Firm    string `json:"firm,omitempty"` // whose project it is
}

// paper is what two copies of one paper have in common.
func (x *Evidence) paper() string {
	if x.Number == "" {
		return ""
	}
	return "paper:" + x.Kind + ":" + plain(x.Number)
}

func (s *Projects) evidence() record.Kind[Evidence, *Evidence] {
	return record.Kind[Evidence, *Evidence]{Table: &EvidenceTable, Letters: "PZ",
		Keys: func(x *Evidence) record.Keys {
			return record.Keys{Unit: x.Unit, Parent: x.Project, Of: x.paper(), Tag: x.Proves, Title: x.Kind + " " + x.Number}
		},
		Sees: func(sc access.Scope, _ *Evidence) bool { return staffOnly(sc) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Evidence) ([]string, error) {
			return relations(sc, s.o.Rules.Office, "", x.Unit), nil
		},
		Options: func(tx *store.Tx, _ access.Scope, x *Evidence, _, field string) ([]form.Option, bool, error) {
			switch field {
			case "kind":
				return form.Options(pack.IDs(s.o.Rules.Evidence)...), true, nil
			case "proves":
				return form.Options(reachable...), true, nil
			}
			return nil, false, nil
		},
		Plans: map[string]func(*record.Step[Evidence, *Evidence]) error{"file": func(st *record.Step[Evidence, *Evidence]) error {
			x := st.X
			p, err := s.beside(st.Tx, st.Scope, x.Project, func(p *Project) { x.Unit, x.Firm = p.Unit, p.Firm })
			if err != nil {
				return err
			}
			switch {
			case !slices.Contains(s.o.Rules.EvidenceOf(x.Proves), x.Kind):
				return record.Fault("kind", "evidence_kind")
			case x.Dated > st.At.In(worktime.Zone).Format(time.DateOnly):
				return record.Fault("dated", "future")
			case x.Proves == Signed && x.Kind == "contract" && x.Number == "":
				return record.Fault("number", "required")
			}
			return s.contractFree(st.Tx, x, p.ID)
		}},
	}
}

// beside finds the project that something is opened beside; only those who work on it may.
func (s *Projects) beside(tx *store.Tx, sc access.Scope, id string, fill func(*Project)) (*Project, error) {
	p, err := s.Books.Project.Get(tx, sc, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, record.Fault("project", "no_project")
	}
	if err != nil {
		return nil, err
	}
	if !sc.Can(access.System) && !slices.Contains(relations(sc, s.o.Rules.Office, "", p.Unit, p.Agent), team) {
		return nil, record.Refuse("project.not_yours")
	}
	if p.State == Ended {
		return nil, record.Refuse("project.ended")
	}
	fill(p)
	return p, nil
}

// evidenceFor is what is filed for a stage of a project.
func (s *Projects) evidenceFor(tx *store.Tx, project, stage string) (out []*Evidence, err error) {
	err = s.Books.Evidence.Each(tx, record.Filter{Parent: project, Tag: stage, State: "filed"}, func(e *Evidence) error {
		if slices.Contains(s.o.Rules.EvidenceOf(stage), e.Kind) {
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

// Money is an amount that arrived from an investor or was spent on the project.
type Money struct {
	record.Head
	Project string `json:"project"`
	Unit    string `json:"unit"`
	Agent   string `json:"agent,omitempty"`
	Measure string `json:"measure"` // arrived, completed
	Origin  string `json:"origin,omitempty"`
	Booked  string `json:"booked_on"`
	Slip    string `json:"slip"`
	Amount  int64  `json:"amount"` // fen
	By      string `json:"by"`     // account that reported it
	Seen    string `json:"seen,omitempty"`
}

func (x *Money) paper() string { return "slip:" + x.Measure + ":" + plain(x.Slip) }

func (s *Projects) money() record.Kind[Money, *Money] {
	return record.Kind[Money, *Money]{Table: &MoneyTable, Letters: "ZJ",
		Keys: func(x *Money) record.Keys {
			return record.Keys{Unit: x.Unit, Parent: x.Project, Of: x.paper(), Tag: x.Measure, Title: x.Slip, Amount: x.Amount}
		},
		Sees: func(sc access.Scope, _ *Money) bool { return staffOnly(sc) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Money) ([]string, error) {
			return relations(sc, s.o.Rules.Office, x.By, x.Unit, x.Agent), nil
		},
		Plans: map[string]func(*record.Step[Money, *Money]) error{
			"report": func(st *record.Step[Money, *Money]) error {
				x := st.X
				p, err := s.beside(st.Tx, st.Scope, x.Project, func(p *Project) { x.Unit, x.Agent = p.Unit, p.Agent })
				if err != nil {
					return err
				}
				x.By = st.Scope.Account()
				if x.Booked > st.At.In(worktime.Zone).Format(time.DateOnly) {
					return record.Fault("booked_on", "future")
				}
				if signed := p.Reached[Signed]; signed == "" || x.Booked < signed {
					return record.Fault("booked_on", "before_signing")
				}
				return s.Books.Money.Each(st.Tx, record.Filter{Of: x.paper()}, func(o *Money) error {
					if o.State != "rejected" {
						return record.Fault("slip", "slip_taken")
					}
					return nil
				})
			},
			"confirm": func(st *record.Step[Money, *Money]) error { st.X.Seen = st.Scope.Account(); return nil },
		},
	}
}

// Problem is something that stands in a project's way.
type Problem struct {
	record.Head
	Project string `json:"project"`
	About   string `json:"about"`
	Owner   string `json:"owner"` // unit that is to solve it
	Unit    string `json:"unit"`  // that leads the project
	Name    string `json:"name"`  // of the project
}

func (s *Projects) problem() record.Kind[Problem, *Problem] {
	return record.Kind[Problem, *Problem]{Table: &ProblemTable, Letters: "WT",
		Keys: func(x *Problem) record.Keys {
			return record.Keys{Unit: x.Owner, Parent: x.Project, Tag: x.About, Title: x.Name}
		},
		Sees: func(sc access.Scope, _ *Problem) bool { return staffOnly(sc) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Problem) ([]string, error) {
			return relations(sc, s.o.Rules.Office, "", x.Unit, x.Owner), nil
		},
		Limit: func(*Problem, string) (worktime.Limit, string) {
			l, _ := worktime.ParseLimit(s.problems) // checked with the pack
			return l, ""
		},
		Plans: map[string]func(*record.Step[Problem, *Problem]) error{"raise": func(st *record.Step[Problem, *Problem]) error {
			x := st.X
			if _, ok := s.o.Directory.Unit(x.Owner); !ok {
				return record.Fault("owner", "choice")
			}
			_, err := s.beside(st.Tx, st.Scope, x.Project, func(p *Project) { x.Unit, x.Name = p.Unit, p.Name })
			return err
		}},
	}
}
