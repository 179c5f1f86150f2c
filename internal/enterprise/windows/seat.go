package windows

import (
	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Seat is a clerk at a window, for a time.
type Seat struct {
	record.Head
	Window  string `json:"window"`
	Account string `json:"account"`
}

// SeatTable is how a clerk takes a seat and leaves it.
var SeatTable = flow.Table{
	Kind:   "window_seat",
	States: []flow.State{{Name: "on", Chip: "doing"}, {Name: "off", Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "sit", To: "on", Who: grants("", access.Clerk), Form: form.Form{Name: "window_sit", Fields: []form.Field{{Name: "window", Type: form.Choice, Required: true}}}},
		{Name: "leave", From: []string{"on"}, To: "off", Who: append(grants(Clerk, access.Clerk), grants(Hall, access.Department, access.DeptLead)...), Form: form.Form{Name: "window_leave"}},
	},
}

func (w *Windows) seats() record.Kind[Seat, *Seat] {
	return record.Kind[Seat, *Seat]{Table: &SeatTable, Letters: "ZX",
		Keys: func(x *Seat) record.Keys {
			return record.Keys{Unit: w.unitOf(x.Window), Of: x.Account, Tag: x.Window, Title: x.Window}
		},
		Sees: func(sc access.Scope, x *Seat) bool { return sc.Account() == x.Account || w.reaches(sc, x.Window) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Seat) ([]string, error) {
			return w.relations(sc, x.Window, x.Account), nil
		},
		Options: func(_ *store.Tx, sc access.Scope, _ *Seat, _, _ string) ([]form.Option, bool, error) {
			var out []form.Option
			for _, x := range w.rules.Windows {
				if sc.Within(x.Unit) {
					out = append(out, form.Option{Value: x.ID})
				}
			}
			return out, true, nil
		},
		Plans: map[string]func(*record.Step[Seat, *Seat]) error{
			"sit": func(s *record.Step[Seat, *Seat]) error {
				s.X.Account = s.Scope.Account()
				taken, err := w.seatsAt(s.Tx, s.X.Window)
				if err != nil {
					return err
				}
				if len(taken) > 0 {
					return record.Refuse("window.taken")
				}
				if _, err := w.SeatOf(s.Tx, s.Scope); err == nil {
					return record.Refuse("window.seated")
				}
				return nil
			},
		}}
}

// SeatOf is where the scope's clerk sits now; a refusal when she sits nowhere.
func (w *Windows) SeatOf(tx *store.Tx, sc access.Scope) (*Seat, error) {
	list, err := w.mySeats(tx, sc)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, record.Refuse("window.no_seat")
	}
	return list[0], nil
}

// mySeats is where an account sits: one at most.
func (w *Windows) mySeats(tx *store.Tx, sc access.Scope) ([]*Seat, error) {
	if sc.Account() == "" {
		return nil, nil
	}
	list, _, err := w.Seats.ListIn(tx, sc, record.Filter{Of: sc.Account(), State: "on", Limit: 1})
	return list, err
}

// seatsAt are the seats taken at a window: one at most.
func (w *Windows) seatsAt(tx *store.Tx, window string) (out []*Seat, err error) {
	err = w.Seats.Each(tx, record.Filter{Tag: window, State: "on"}, func(s *Seat) error {
		out = append(out, s)
		return nil
	})
	return out, err
}

// Seated reports whether somebody sits at a window.
func (w *Windows) Seated(tx *store.Tx, window string) (bool, error) {
	list, err := w.seatsAt(tx, window)
	return len(list) > 0, err
}
