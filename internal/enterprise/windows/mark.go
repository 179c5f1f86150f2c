package windows

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Mark is what an inspection notes of a window: points off, points for something new, or a veto. It counts when somebody
// else has confirmed it, in the quarter in which that was.
type Mark struct {
	record.Head
	Window   string `json:"window"`
	Ground   string `json:"ground"`
	Kind     string `json:"kind"` // deduct, bonus, veto
	Points   int64  `json:"points,omitempty"`
	Day      string `json:"day"`
	Proposer string `json:"proposer"`
	Quarter  string `json:"quarter,omitempty"` // once confirmed
}

// MarkTable is how a mark comes to count.
var MarkTable = flow.Table{
	Kind:   "window_mark",
	States: []flow.State{{Name: "proposed", Chip: "hold"}, {Name: "confirmed", Chip: "done", End: true}, {Name: "refused", Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "propose", To: "proposed", Who: append(grants(Hall, access.Department, access.DeptLead), grants("", access.Supervisor)...), Form: form.Form{Name: "window_mark", Fields: []form.Field{
			{Name: "window", Type: form.Choice, Required: true}, {Name: "ground", Type: form.Choice, Required: true}, {Name: "points", Type: form.Int, Max: 100}, {Name: "day", Type: form.Date, Required: true},
			{Name: "seen", Type: form.Text, Max: 500, Required: true}}}},
		{Name: "confirm", From: []string{"proposed"}, To: "confirmed", Who: grants(Other, access.DeptLead, access.Supervisor), Form: form.Form{Name: "window_confirm"}},
		{Name: "refuse", From: []string{"proposed"}, To: "refused", Who: grants(Other, access.DeptLead, access.Supervisor), Form: form.Form{Name: "window_refuse", Fields: []form.Field{
			{Name: "why", Type: form.Text, Max: 500, Required: true}}}},
	},
}

func (w *Windows) marks() record.Kind[Mark, *Mark] {
	return record.Kind[Mark, *Mark]{Table: &MarkTable, Letters: "XJ",
		Keys: func(x *Mark) record.Keys {
			return record.Keys{Unit: w.unitOf(x.Window), Of: "window:" + x.Window, Tag: x.Quarter, Title: x.Window + " " + x.Ground, Amount: x.Points}
		},
		Sees: func(sc access.Scope, x *Mark) bool { return w.reaches(sc, x.Window) },
		Relations: func(_ *store.Tx, sc access.Scope, x *Mark) ([]string, error) {
			out := w.relations(sc, x.Window, "")
			if x.Proposer != "" && x.Proposer != sc.Account() && (sc.Can(access.Supervisor) || slices.Contains(out, Hall)) {
				out = append(out, Other)
			}
			return out, nil
		},
		Options: func(_ *store.Tx, _ access.Scope, _ *Mark, _, field string) (out []form.Option, _ bool, _ error) {
			if field == "ground" {
				for _, g := range w.rules.Marks {
					out = append(out, form.Option{Value: g.ID})
				}
				return out, true, nil
			}
			for _, x := range w.rules.Windows {
				out = append(out, form.Option{Value: x.ID})
			}
			return out, true, nil
		},
		Plans: map[string]func(*record.Step[Mark, *Mark]) error{
			"propose": func(s *record.Step[Mark, *Mark]) error {
				g, _ := w.rules.Ground(s.X.Ground)
				s.X.Kind, s.X.Proposer = g.Kind, s.Scope.Account()
				if s.X.Points > g.Points || s.X.Points < 1 && g.Kind != "veto" {
					return form.Faults{{Field: "points", Code: "range", N: int(min(g.Points, 1)), Of: int(g.Points)}}
				}
				if s.X.Day > dayOf(s.At) {
					return record.Refuse("window.mark_day")
				}
				return nil
			},
			"confirm": func(s *record.Step[Mark, *Mark]) error { s.X.Quarter = QuarterOf(s.At); return nil },
		}}
}
