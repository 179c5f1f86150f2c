// Package flow turns a kind of work into a table: its states, its actions, and
// who may do which action when.
//
// A work package declares one Table beside its code. Pages draw their buttons
// from Open, doors ask Permit before anything changes, the permission matrix,
// the API, the diagrams in the documentation and the model tests are all
// generated from the same table. A triple (state, action, who) that is not in
// it is refused and leaves no act.
package flow

import (
	"errors"
	"fmt"
	"slices"

	"weixiao/internal/form"
)

// State is one state of the main line.
type State struct {
	Name string
	Chip string // look of the badge: new sign doing hold redo visit done closed
	End  bool   // nothing is left to do
}

// Grant says who may do an action: a role, and the relation the actor's unit or
// post must have to the record ("" = none needed). Roles and relations are the
// caller's words.
type Grant struct{ Role, Relation string }

// Action is one arrow of the table, or a bundle of arrows with the same rule.
type Action struct {
	Name  string
	From  []string // states it starts from; nil: it makes the record
	To    string   // state after; "" = stays, or the work package decides (see Decides)
	Needs []string // marks that must be set, such as "extension_pending"
	Bars  []string // marks that must not be set
	Sets  []string // marks set by it
	Drops []string // marks cleared by it
	Who   []Grant
	Form  form.Form
	Start []string // clocks it starts
	Stop  []string // clocks it stops
	Hold  []string // clocks it pauses until an action Frees them
	Free  []string

	// Decides lists the states the work package may choose from when the answers
	// decide where the record goes.
	Decides []string
}

// Table is the whole of one kind of work.
type Table struct {
	Kind    string
	States  []State
	Marks   []string
	Clocks  []string
	Actions []Action
}

// RefusedError is what a table allows but the rules of the record do not, the same for every package with a table.
// Code is a message key ("refused.<code>"), Args are its arguments; doors answer with 409 and those words.
type RefusedError struct {
	Code string
	Args []any
}

func (e *RefusedError) Error() string   { return "refused: " + e.Code }
func (e *RefusedError) Unwrap() error   { return ErrState }
func (e *RefusedError) Refusal() string { return e.Code }

// Worded is a refusal of what somebody entered that brings its own words, because they name what was entered.
// field is that of the form, or the column of the file; doors answer with 422 and the words.
type Worded interface {
	error
	Words() (field, zh, en string)
}

// Errors of Permit. Doors answer ErrState with 409 and ErrForbidden with 403.
var (
	ErrUnknown   = errors.New("flow: no such action")
	ErrState     = errors.New("flow: the action is not possible in this state")
	ErrForbidden = errors.New("flow: not allowed")
)

// Actor is who asks, as the table sees them.
type Actor struct {
	Roles     []string
	Relations []string
}

// Position is where a record stands.
type Position struct {
	State string
	Marks []string
}

// Action returns the action of that name.
func (t *Table) Action(name string) (*Action, error) {
	for i := range t.Actions {
		if t.Actions[i].Name == name {
			return &t.Actions[i], nil
		}
	}
	return nil, fmt.Errorf("%w: %q of %s", ErrUnknown, name, t.Kind)
}

// State returns the state of that name.
func (t *Table) State(name string) (State, bool) {
	i := slices.IndexFunc(t.States, func(s State) bool { return s.Name == name })
	if i < 0 {
		return State{}, false
	}
	return t.States[i], true
}

// Fits reports whether the action can be done at that position by anybody.
func (a *Action) Fits(p Position) bool {
	if a.From == nil || !slices.Contains(a.From, p.State) {
		return false
	}
	for _, m := range a.Needs {
		if !slices.Contains(p.Marks, m) {
			return false
		}
	}
	for _, m := range a.Bars {
		if slices.Contains(p.Marks, m) {
			return false
		}
	}
	return true
}

// Grants reports whether the actor may do the action at all.
func (a *Action) Grants(who Actor) bool {
	return a.Capacity(who) != ""
}

// Capacity is the role in which the actor may do the action, "" for none.
func (a *Action) Capacity(who Actor) string {
	for _, g := range a.Who {
		if slices.Contains(who.Roles, g.Role) && (g.Relation == "" || slices.Contains(who.Relations, g.Relation)) {
			return g.Role
		}
	}
	return ""
}

// Permit checks one attempt. The right is checked before the state, so that
// somebody without it learns nothing about the record.
func (t *Table) Permit(name string, p Position, who Actor) (*Action, error) {
	a, err := t.Action(name)
	if err != nil {
		return nil, err
	}
	if !a.Grants(who) {
		return nil, fmt.Errorf("%w: %s %s", ErrForbidden, t.Kind, name)
	}
	if !a.Fits(p) {
		return nil, fmt.Errorf("%w: %s %s in %s", ErrState, t.Kind, name, p.State)
	}
	return a, nil
}

// Open lists the actions the actor may do at that position, in table order.
func (t *Table) Open(p Position, who Actor) []*Action {
	var out []*Action
	for i := range t.Actions {
		if a := &t.Actions[i]; a.Grants(who) && a.Fits(p) {
			out = append(out, a)
		}
	}
	return out
}

// Move returns the position after the action. to is the state the work package
// decided for an action with Decides, "" otherwise.
func (a *Action) Move(p Position, to string) (Position, error) {
	next := p.State
	switch {
	case len(a.Decides) > 0:
		if !slices.Contains(a.Decides, to) {
			return p, fmt.Errorf("flow: %s cannot lead to %q", a.Name, to)
		}
		next = to
	case to != "" && to != a.To:
		return p, fmt.Errorf("flow: %s leads to %q, not to %q", a.Name, a.To, to)
	case a.To != "":
		next = a.To
	}
	marks := slices.DeleteFunc(slices.Clone(p.Marks), func(m string) bool { return slices.Contains(a.Drops, m) })
	for _, m := range a.Sets {
		if !slices.Contains(marks, m) {
			marks = append(marks, m)
		}
	}
	slices.Sort(marks)
	return Position{State: next, Marks: marks}, nil
}
