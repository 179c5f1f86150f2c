package projects

import (
	"slices"
	"time"

	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// propose says that a stage is reached. Without evidence of a kind that the pack names for it there is no proposal.
func (s *Projects) propose(st *step) error {
	x, p := st.X, &Proposal{Stage: st.Answers.Str("stage"), On: st.Answers.Str("reached_on"), Class: st.Answers.Str("signing"), At: st.Answers.Str("signed_at"), By: st.Scope.Account()}
	if p.On > today(st) {
		return record.Fault("reached_on", "future")
	}
	for _, stage := range pack.ProjectStages() {
		if was := x.Reached[stage]; was > p.On && stage != p.Stage {
			return record.Fault("reached_on", "before_earlier")
		}
	}
	list, err := s.evidenceFor(st.Tx, st.ID, p.Stage)
	if err != nil {
		return err
	}
	if len(list) == 0 && !(x.State == Shelved && p.Stage == x.Before) {
		return record.Refuse("project.no_evidence")
	}
	for _, e := range list {
		if p.Stage == Signed && p.Class == "contract" && e.Number != "" {
			if err := s.contractFree(st.Tx, e, st.ID); err != nil {
				return err
			}
		}
		p.Evidence = append(p.Evidence, e.ID)
	}
	slices.Sort(p.Evidence)
	x.Proposal = p
	return nil
}

// contractFree refuses a contract that another project was signed by.
func (s *Projects) contractFree(tx *store.Tx, e *Evidence, project string) error {
	var taken string
	err := s.Books.Evidence.Each(tx, record.Filter{Of: e.paper(), State: "filed"}, func(o *Evidence) error {
		if o.Project != project && o.Kind == "contract" {
			taken = o.Project
		}
		return nil
	})
	if err == nil && taken != "" {
		return record.Refuse("project.contract_counted", taken)
	}
	return err
}

// confirm is the second pair of eyes: what was proposed becomes the project's stage.
func (s *Projects) confirm(st *step) error {
	x, p := st.X, st.X.Proposal
	for _, id := range p.Evidence {
		e, err := s.Books.Evidence.Load(st.Tx, id)
		if err != nil {
			return err
		}
		if e.State != "filed" {
			return record.Refuse("project.no_evidence")
		}
	}
	st.To = p.Stage
	x.Proposal = nil
	switch p.Stage {
	case Shelved:
		x.Before = x.State
	case Ended:
	default:
		x.Before = ""
		if x.State == Shelved {
			return nil // it goes on where it stood
		}
		if x.Reached == nil {
			x.Reached = map[string]string{}
		}
		x.Reached[p.Stage] = p.On
	}
	if p.Stage == Signed {
		x.Class, x.SignedAt = p.Class, p.At
		return s.findTwins(st.Tx, x, st.ID)
	}
	return nil
}

func drop(st *step) error { st.X.Proposal = nil; return nil }

// months are how many months lie between two days, begun ones counted.
func months(a, b string) int {
	x, err := time.Parse(time.DateOnly, min(a, b))
	y, err2 := time.Parse(time.DateOnly, max(a, b))
	if err != nil || err2 != nil {
		return 1 << 20
	}
	n := (y.Year()-x.Year())*12 + int(y.Month()) - int(x.Month())
	if y.Day() > x.Day() {
		n++
	}
	return n
}
