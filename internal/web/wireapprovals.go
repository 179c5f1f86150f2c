package web

import (
	"errors"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/projects/agents"
	"weixiao/internal/projects/approvals"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// NewApprovals wires the approval of projects and their agents with each other, with cases and with accounts; nil and nil for
// a pack without approvals.yaml. gate is asked when it is there: the post of an account says whether it is an agent's.
func NewApprovals(db *store.DB, e *record.Engine, c *cases.Cases, p *pack.Pack, gate func() *access.Gate,
	calendar func(tx *store.Tx, unit string) (*worktime.Calendar, error), clock func() time.Time) (*approvals.Approvals, *agents.Agents) {
	if p.Approvals == nil {
		return nil, nil
	}
	var g *agents.Agents
	s := approvals.New(db, e, approvals.Options{Rules: p.Approvals, Directory: p.Directory, Clock: clock,
		Projects: func(_ *store.Tx, firm string) (out []approvals.Project, _ error) {
			for _, x := range p.Approvals.Projects {
				if x.Firm == firm {
					out = append(out, projectOf(x))
				}
			}
			return out, nil
		},
		Project: func(_ *store.Tx, id string) (approvals.Project, error) {
			for _, x := range p.Approvals.Projects {
				if x.ID == id {
					return projectOf(x), nil
				}
			}
			return approvals.Project{}, store.ErrNotFound
		},
		Agent:    func(tx *store.Tx, account, file string) (bool, error) { return g.Accompanies(tx, account, file) },
		Calendar: func(tx *store.Tx) (*worktime.Calendar, error) { return calendar(tx, "") }})
	g = agents.New(db, e, agents.Options{Rules: p.Approvals, Directory: p.Directory, Clock: clock,
		Projects: func(tx *store.Tx, firm string) (out []agents.Project, err error) {
			list, err := s.ProjectsOf(tx, firm)
			for _, x := range list {
				out = append(out, agents.Project(x))
			}
			return out, err
		},
		Project: func(tx *store.Tx, id string) (agents.Project, error) {
			x, err := s.ProjectWithFile(tx, id)
			return agents.Project(x), err
		},
		Items: func(tx *store.Tx, file string) (out []agents.Item, err error) {
			rows, err := s.ItemsOf(tx, access.SystemScope(p.District, "the plan of an agent"), file)
			for _, r := range rows {
				out = append(out, agents.Item{ID: r.ID, Title: r.Rule.ZH, Stage: r.Stage, Unit: r.Unit, State: r.State, Promised: int(r.Promised), Used: r.Sum.Used,
					Decided: r.Item.Decided != 0, Ended: r.Ended(), Due: r.Sum.Due, Late: r.Sum.Late})
			}
			return out, err
		},
		Post: func(tx *store.Tx, account string) (string, error) {
			a, err := gate().Get(tx, access.SystemScope(p.District, "which post an account has"), account)
			if errors.Is(err, store.ErrNotFound) {
				return "", nil
			}
			return a.Post, err
		},
		Whistle: func(tx *store.Tx, sc access.Scope, w agents.Whistle) (string, error) {
			return whistleFor(c, tx, sc, p, w)
		},
	})
	return s, g
}

func projectOf(x pack.ApprovalProject) approvals.Project {
	return approvals.Project{ID: x.ID, Title: x.Title, Firm: x.Firm, Street: x.Street, Class: x.Class, MadeUp: x.MadeUp}
}

// whistleFor drafts a whistle of the project's street. Whoever works for no street asks it by a case of its own: the street
// whistles from there.
func whistleFor(c *cases.Cases, tx *store.Tx, sc access.Scope, p *pack.Pack, w agents.Whistle) (string, error) {
	if st, ok := p.Directory.StreetOf(sc.Unit()); ok && st.ID == w.Street {
		x, err := c.BlowIn(tx, sc, cases.Input{At: w.At, Raw: form.Raw{"kind": {cases.WhistleProblem}, "units": w.Units, "issue": {w.Project + "：" + w.Issue}}})
		if err != nil {
			return "", err
		}
		return x.Number, nil
	}
	below := p.Directory.Children(w.Street)
	i := slices.IndexFunc(below, func(u directory.Unit) bool { return u.Kind.HandlesCases() })
	place := cases.Place{Text: w.Project}
	if i >= 0 {
		place.Community = below[i].ID
	}
	return fileCase(c, tx, sc, cases.Report{Channel: "street", Kind: string(catalogue.Help), Body: "项目“" + w.Project + "”需要协调：" + w.Issue, Place: place, At: w.At}, w.At)
}
