package projects

import (
	"context"
	"errors"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Enter takes in a project.
func (s *Projects) Enter(ctx context.Context, sc access.Scope, in record.Input) (*Project, error) {
	return s.Books.Project.Open(ctx, sc, "enter", in)
}

// EnterIn takes in a project in the transaction of something else, from names and values of the form in turn.
func (s *Projects) EnterIn(tx *store.Tx, sc access.Scope, at time.Time, g Given, nameValue ...string) (string, error) {
	raw := record.Raw(nameValue...)
	for name, v := range raw {
		if v[0] == "" {
			delete(raw, name)
		}
	}
	x, err := s.Books.Project.OpenIn(tx, sc, "enter", record.Input{Raw: raw, At: at, With: &g})
	if err != nil {
		return "", err
	}
	return x.ID, nil
}

// Act does an action to a record of this package, whatever its kind. Whoever did a thing and then wants to confirm it is
// told why that is not possible.
func (s *Projects) Act(ctx context.Context, sc access.Scope, kind, id, action string, in record.Input) (err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error { return s.ActIn(tx, sc, kind, id, action, in) })
	return err
}

// ActIn is Act in the transaction of something else.
func (s *Projects) ActIn(tx *store.Tx, sc access.Scope, kind, id, action string, in record.Input) (err error) {
	var by string
	switch kind {
	case Table.Kind:
		_, err = s.Books.Project.ActIn(tx, sc, id, action, in)
		if x, lerr := s.Books.Project.Load(tx, id); lerr == nil && x.Proposal != nil {
			by = x.Proposal.By
		}
	case EvidenceTable.Kind:
		_, err = s.Books.Evidence.ActIn(tx, sc, id, action, in)
	case MoneyTable.Kind:
		_, err = s.Books.Money.ActIn(tx, sc, id, action, in)
		if x, lerr := s.Books.Money.Load(tx, id); lerr == nil {
			by = x.By
		}
	case ProblemTable.Kind:
		_, err = s.Books.Problem.ActIn(tx, sc, id, action, in)
	case WorkTable.Kind:
		_, err = s.Books.Work.ActIn(tx, sc, id, action, in)
	case SectionTable.Kind:
		_, err = s.Books.Section.ActIn(tx, sc, id, action, in)
		if x, lerr := s.Books.Section.Load(tx, id); lerr == nil {
			by = x.By
		}
	default:
		return flow.ErrUnknown
	}
	if errors.Is(err, flow.ErrForbidden) && by != "" && by == sc.Account() && reviews(action) {
		return record.Refuse("project.second_eyes")
	}
	return err
}

// reviews reports whether an action is the look of a second pair of eyes.
func reviews(action string) bool {
	switch action {
	case "confirm", "decline", "reject", "accept", "redo":
		return true
	}
	return false
}
