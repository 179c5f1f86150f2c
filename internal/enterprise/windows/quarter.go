package windows

import (
	"context"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Quarter is the stars of a quarter: proposed by who runs a hall, frozen by somebody else, and the same for ever.
type Quarter struct {
	record.Head
	Quarter  string            `json:"quarter"`
	Proposer string            `json:"proposer,omitempty"`
	Formula  *pack.StarFormula `json:"formula,omitempty"`
	Results  []Result          `json:"results,omitempty"` // in the order of the pack
	Pending  int64             `json:"pending,omitempty"` // bad ratings that were not verified yet when it was frozen
}

// QuarterTable is how a quarter is frozen.
var QuarterTable = flow.Table{
	Kind:   "window_quarter",
	States: []flow.State{{Name: "proposed", Chip: "hold"}, {Name: "frozen", Chip: "done", End: true}, {Name: "withdrawn", Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "propose", To: "proposed", Who: append(grants(Hall, access.DeptLead), grants("", access.Supervisor)...), Form: form.Form{Name: "window_quarter", Fields: []form.Field{
			{Name: "quarter", Type: form.Line, Max: 6, Required: true}}}},
		{Name: "freeze", From: []string{"proposed"}, To: "frozen", Who: grants(Other, access.DeptLead, access.Supervisor), Form: form.Form{Name: "window_freeze"}},
		{Name: "withdraw", From: []string{"proposed"}, To: "withdrawn", Who: append(grants(Hall, access.DeptLead), grants("", access.Supervisor)...), Form: form.Form{Name: "window_withdraw"}},
	},
}

func (w *Windows) quarters() record.Kind[Quarter, *Quarter] {
	runs := func(sc access.Scope) bool {
		for _, h := range w.rules.Halls {
			if sc.Unit() != "" && w.dir.Under(h.Unit, sc.Unit()) {
				return true
			}
		}
		return false
	}
	return record.Kind[Quarter, *Quarter]{Table: &QuarterTable, Letters: "XQ",
		Keys: func(x *Quarter) record.Keys { return record.Keys{Tag: x.Quarter, Title: x.Quarter} },
		Sees: func(sc access.Scope, x *Quarter) bool { return x.State == "frozen" || sc.Account() != "" },
		Relations: func(_ *store.Tx, sc access.Scope, x *Quarter) (out []string, _ error) {
			if runs(sc) {
				out = append(out, Hall)
			}
			if x.Proposer != "" && x.Proposer != sc.Account() && (runs(sc) || sc.Can(access.Supervisor)) {
				out = append(out, Other)
			}
			return out, nil
		},
		Plans: map[string]func(*record.Step[Quarter, *Quarter]) error{
			"propose": func(s *record.Step[Quarter, *Quarter]) error {
				if _, until, ok := Bounds(s.X.Quarter); !ok {
					return record.Refuse("window.quarter")
				} else if s.At.Before(until) {
					return record.Refuse("window.quarter_open", dayOf(until))
				}
				taken := false
				if err := w.Quarters.Each(s.Tx, record.Filter{Tag: s.X.Quarter}, func(q *Quarter) error {
					taken = taken || q.State != "withdrawn"
					return nil
				}); err != nil {
					return err
				}
				if taken {
					return record.Refuse("window.quarter_taken")
				}
				s.X.Proposer = s.Scope.Account()
				return w.settle(s)
			},
			"freeze": w.settle,
		}}
}

// settle writes the results into the record.
func (w *Windows) settle(s *record.Step[Quarter, *Quarter]) (err error) {
	f := w.formula
	s.X.Formula = &f
	if s.X.Results, err = w.ResultsIn(s.Tx, s.X.Quarter); err != nil {
		return err
	}
	s.X.Pending, err = w.pending(s.Tx)
	return err
}

// pending is how many bad ratings wait for their verification.
func (w *Windows) pending(tx *store.Tx) (n int64, err error) {
	sums, err := w.Bad.SumBy(tx, "state")
	for _, s := range sums {
		if s.Key == "flagged" || s.Key == "contacted" {
			n += s.N
		}
	}
	return n, err
}

// Results are points and stars of every window in a quarter, as they stand now, in the order of the pack.
func (w *Windows) Results(ctx context.Context, quarter string) ([]Result, error) {
	return store.Get(ctx, w.db, func(tx *store.Tx) ([]Result, error) { return w.ResultsIn(tx, quarter) })
}

// ResultsIn is Results in a transaction.
func (w *Windows) ResultsIn(tx *store.Tx, quarter string) ([]Result, error) {
	from, until, ok := Bounds(quarter)
	if !ok {
		return nil, store.ErrNotFound
	}
	sums, err := w.SumsOf(tx, dayOf(from), dayOf(until))
	if err != nil {
		return nil, err
	}
	marks := map[string]*MarkSums{}
	if err := w.Marks.Each(tx, record.Filter{Tag: quarter}, func(m *Mark) error {
		if marks[m.Window] == nil {
			marks[m.Window] = &MarkSums{}
		}
		marks[m.Window].add(m.Kind, m.Points)
		return nil
	}); err != nil {
		return nil, err
	}
	return w.results(w.formula, sums, marks), nil
}

func (w *Windows) results(f pack.StarFormula, sums map[string]Sums, marks map[string]*MarkSums) []Result {
	out := make([]Result, 0, len(w.rules.Windows))
	for _, x := range w.rules.Windows {
		var m MarkSums
		if marks[x.ID] != nil {
			m = *marks[x.ID]
		}
		out = append(out, Compute(f, x.ID, sums[x.ID], m))
	}
	return out
}

// Frozen is a quarter that was frozen; store.ErrNotFound when it was not.
func (w *Windows) Frozen(tx *store.Tx, quarter string) (*Quarter, error) {
	var out []*Quarter
	err := w.Quarters.Each(tx, record.Filter{Tag: quarter, State: "frozen"}, func(q *Quarter) error {
		out = append(out, q)
		return nil
	})
	return record.One(out, err)
}
