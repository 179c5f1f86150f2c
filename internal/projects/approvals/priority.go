package approvals

import (
	"context"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// States of a priority.
const (
	Asked   = "asked"
	Granted = "granted"
	Refused = "refused"
	Ended   = "ended"
)

// Priority puts the items of a file first, for a reason of the pack, until a day (绿色通道).
type Priority struct {
	record.Head
	File      string `json:"file"`
	Name      string `json:"name"`
	Firm      string `json:"firm"`
	Criterion string `json:"criterion"`
	Until     string `json:"until"` // 2006-01-02, its last day
	Asker     string `json:"asker"` // account
	AskUnit   string `json:"ask_unit"`
	Approver  string `json:"approver,omitempty"` // account
	Approved  int64  `json:"approved,omitempty"` // µs UTC
}

// Holds reports whether the priority has an effect at a moment: granted, and its last day is not over.
func (x *Priority) Holds(at time.Time) bool { return x.State == Granted && daysTo(at, x.Until) >= 0 }

// PriorityTable is the way of a priority.
var PriorityTable = flow.Table{
	Kind:   "approval_priority",
	States: []flow.State{{Name: Asked, Chip: "new"}, {Name: Granted, Chip: "doing"}, {Name: Refused, Chip: "closed", End: true}, {Name: Ended, Chip: "done", End: true}},
	Actions: []flow.Action{
		{Name: "ask", To: Asked, Who: grants("", access.Department, access.DeptLead, access.Street, access.StreetLead), Form: form.Form{Name: "priority_ask", Fields: []form.Field{
			{Name: "criterion", Type: form.Choice, Required: true}, {Name: "until", Type: form.Date, Required: true}, reason}}},
		{Name: "grant", From: []string{Asked}, To: Granted, Who: grants(other, access.Leader, access.DeptLead), Form: form.Form{Name: "priority_grant", Fields: []form.Field{note}}},
		{Name: "refuse", From: []string{Asked}, To: Refused, Who: grants(other, access.Leader, access.DeptLead), Form: form.Form{Name: "priority_refuse", Fields: []form.Field{reason}}},
		{Name: "end", From: []string{Granted}, To: Ended, Who: grants("", access.Leader, access.DeptLead, access.Supervisor), Form: form.Form{Name: "priority_end", Fields: []form.Field{reason}}},
	},
}

func (s *Approvals) priorityKind() record.Kind[Priority, *Priority] {
	return record.Kind[Priority, *Priority]{
		Table: &PriorityTable, Letters: "LT",
		Keys: func(x *Priority) record.Keys {
			return record.Keys{Unit: s.o.Rules.Hall, Parent: x.File, Of: x.Firm, Tag: x.Criterion, Title: x.Name}
		},
		// Staff see who was put first and why; firms see no other's, and have no need of their own.
		Sees: func(sc access.Scope, _ *Priority) bool { return sc.Firm() == "" && sc.Can(Roles()...) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Priority) ([]string, error) {
			if sc.Account() != "" && sc.Account() != x.Asker && (sc.All() || s.under(sc, s.o.Rules.Hall)) {
				return []string{other}, nil
			}
			return nil, nil
		},
		Options: func(_ *store.Tx, _ access.Scope, _ *Priority, _, field string) ([]form.Option, bool, error) {
			if field != "criterion" {
				return nil, false, nil
			}
			var ids []string
			for _, c := range s.o.Rules.Criteria {
				ids = append(ids, c.ID)
			}
			return form.Options(ids...), true, nil
		},
		Plans: map[string]func(*record.Step[Priority, *Priority]) error{
			"ask": func(st *record.Step[Priority, *Priority]) error {
				if st.X.File == "" {
					return store.ErrNotFound
				}
				c, _ := s.o.Rules.Criterion(st.X.Criterion)
				if n := daysTo(st.At, st.X.Until); n < 0 || n > c.Days {
					return form.Faults{{Field: "until", Code: "priority_until", N: c.Days}}
				}
				st.X.Asker, st.X.AskUnit = st.Scope.Account(), st.Scope.Unit()
				return nil
			},
			"grant": func(st *record.Step[Priority, *Priority]) error {
				if daysTo(st.At, st.X.Until) < 0 {
					return record.Refuse("priority_over")
				}
				st.X.Approver, st.X.Approved = st.Scope.Account(), st.At.UnixMicro()
				return nil
			},
		},
	}
}

// Ask asks that a file be put first.
func (s *Approvals) Ask(ctx context.Context, sc access.Scope, file string, in record.Input) (x *Priority, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		x, err = s.AskIn(tx, sc, file, in)
		return err
	})
	return x, err
}

// AskIn is Ask in a transaction.
func (s *Approvals) AskIn(tx *store.Tx, sc access.Scope, file string, in record.Input) (*Priority, error) {
	f, err := s.Files.Get(tx, sc, file)
	if err != nil {
		return nil, err
	}
	if f.State != Open {
		return nil, record.Refuse("priority_closed")
	}
	return s.Priorities.OpenIn(tx, sc, "ask", in, func(x *Priority) { x.File, x.Name, x.Firm = f.ID, f.Name, f.Firm })
}

// PriorityAct approves, refuses or ends. Whoever asked is told that somebody else must approve.
func (s *Approvals) PriorityAct(ctx context.Context, sc access.Scope, id, action string, in record.Input) (x *Priority, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		x, err = s.Priorities.ActIn(tx, sc, id, action, in)
		if err != nil && action == "grant" {
			if was, lerr := s.Priorities.Get(tx, sc, id); lerr == nil && was.Asker == sc.Account() {
				return record.Refuse("priority_own")
			}
		}
		return err
	})
	return x, err
}

// inForce is the priority of a file that holds at a moment, or nil.
func (s *Approvals) inForce(tx *store.Tx, file string, at time.Time) (found *Priority, err error) {
	err = s.Priorities.Each(tx, record.Filter{Parent: file}, func(x *Priority) error {
		if x.Holds(at) {
			found = x
		}
		return nil
	})
	return found, err
}

// First lists who was put first: every priority that was granted, newest first, with the items it was used for.
func (s *Approvals) First(ctx context.Context, sc access.Scope) (out []Put, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		out = nil
		if sc.Firm() != "" || !sc.Can(Roles()...) {
			return store.ErrNotFound
		}
		used := map[string][]*Item{}
		if err := s.Items.Each(tx, record.Filter{}, func(y *Item) error {
			if y.Priority != "" {
				used[y.Priority] = append(used[y.Priority], y)
			}
			return nil
		}); err != nil {
			return err
		}
		return s.Priorities.Each(tx, record.Filter{}, func(x *Priority) error {
			out = append(out, Put{x, used[x.ID], x.Holds(s.o.Clock()), time.UnixMicro(x.Created).In(worktime.Zone)})
			return nil
		})
	})
	return out, err
}

// Put is a priority with what it did.
type Put struct {
	*Priority
	Items []*Item // that were accepted first by it
	Now   bool    // it holds now
	Asked time.Time
}
