package sanitation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Settlement is a month's sheet of a contract on its way to payment.
type Settlement struct {
	record
	State    string `json:"state"`
	Contract string `json:"contract"`
	Month    string `json:"month"`
	Signer   string `json:"signer"` // account of the first who signed
	Sheet    Sheet  `json:"sheet"`
}

// Position is where it stands in the flow table.
func (x *Settlement) Position() flow.Position { return flow.Position{State: x.State} }

// Draw reckons the sheet of a month that is over. What is still open in that month must be decided first.
func (s *Sanitation) Draw(ctx context.Context, sc access.Scope, in Input) (*Settlement, error) {
	act, err := makes(&Settlements, "draw")
	if err != nil {
		return nil, err
	}
	capacity := act.Capacity(s.actor(sc, "", ""))
	if capacity == "" {
		return nil, flow.ErrForbidden
	}
	answers, err := withChoices(act, map[string][]string{"contract": s.contractIDs()}).Check(in.Raw)
	if err != nil {
		return nil, err
	}
	contract, month := answers.Str("contract"), answers.Str("month")
	if _, err := time.Parse("2006-01", month); err != nil {
		return nil, form.Faults{{Field: "month", Code: "date"}}
	}
	if err := s.SealDue(ctx); err != nil {
		return nil, err
	}
	var x *Settlement
	id := contract + "-" + month
	err = s.acting(ctx, in, id, func(tx *store.Tx, at time.Time, again bool) error {
		old, err := s.loadSettlement(tx, id)
		if err == nil {
			if x = old; again {
				return nil
			}
			return refuse("sanit_drawn")
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		sheet, err := s.sheet(tx, contract, month, at)
		if err != nil {
			return err
		}
		x = &Settlement{State: Drawn, Contract: contract, Month: month, Sheet: *sheet}
		if err := s.write(tx, sc.Actor(capacity), Settlements.Kind, id, act.Name, at, x, nil); err != nil {
			return err
		}
		return s.saveSettlement(tx, x)
	})
	return x, err
}

// sheet reckons a month of a contract from the records as they are.
func (s *Sanitation) sheet(tx *store.Tx, contract, month string, at time.Time) (*Sheet, error) {
	first, err := time.ParseInLocation("2006-01", month, worktime.Zone)
	if err != nil {
		return nil, form.Faults{{Field: "month", Code: "date"}}
	}
	c := s.contracts[contract]
	next := first.AddDate(0, 1, 0)
	from, until := first.Format(time.DateOnly), next.AddDate(0, 0, -1).Format(time.DateOnly)
	switch {
	case at.Before(next):
		return nil, refuse("sanit_month_runs")
	case monthly(c, month) == 0:
		return nil, refuse("sanit_no_contract")
	}
	if err := s.nothingOpen(tx, contract, from, until); err != nil {
		return nil, err
	}
	x := &Sheet{Contract: contract, Month: month, Rules: s.o.Pack}
	if x.Days, err = s.sheetDays(tx, contract, first, next); err != nil {
		return nil, err
	}
	if x.Lines, err = s.sheetLines(tx, contract, from, until, at); err != nil {
		return nil, err
	}
	x.reckon(s.o.Rules, c)
	return x, nil
}

// nothingOpen refuses a month with objections that nobody decided, inspections not concluded, or days that may change.
func (s *Sanitation) nothingOpen(tx *store.Tx, contract, from, until string) error {
	for _, q := range []struct{ sql, code string }{
		{`SELECT count(*) FROM sanit_findings WHERE district = $1 AND contract = $2 AND day >= $3 AND day <= $4 AND state = 'objected'`, "sanit_objections_open"},
		{`SELECT count(*) FROM sanit_inspections WHERE district = $1 AND contract = $2 AND day >= $3 AND day <= $4 AND state = 'planned'`, "sanit_inspections_open"},
		{`SELECT count(*) FROM sanit_days WHERE district = $1 AND $2 <> '' AND day >= $3 AND day <= $4 AND sealed = FALSE`, "sanit_days_open"},
	} {
		var n int64
		if err := tx.Row(q.sql, []any{s.o.District, contract, from, until}, &n); err != nil {
			return err
		}
		if n > 0 {
			return refuse(q.code)
		}
	}
	return nil
}

// sheetDays is the coverage of each day. From the first day on which any machine sent a position every day counts, so
// that sending nothing is no way to a better figure.
func (s *Sanitation) sheetDays(tx *store.Tx, contract string, first, next time.Time) ([]SheetDay, error) {
	starts, err := store.All(tx, scanDay, `SELECT `+dayColumns+` FROM sanit_days WHERE district = $1 AND positions > 0 ORDER BY day LIMIT 1`, s.o.District)
	if err != nil {
		return nil, err
	}
	var out []SheetDay
	for d := first; d.Before(next); d = d.AddDate(0, 0, 1) {
		x := SheetDay{Day: d.Format(time.DateOnly)}
		if len(starts) > 0 && x.Day >= starts[0].Day {
			list, err := s.dayList(tx, x.Day)
			if err != nil {
				return nil, err
			}
			var f Figures
			for i := range list {
				if list[i].Contract == contract {
					f.add(&list[i])
				}
			}
			x.Measured, x.Coverage = true, f.Coverage()
		}
		out = append(out, x)
	}
	return out, nil
}

// sheetLines are the findings of the month that cost points. One whose time has passed and that is not put right counts
// as late.
func (s *Sanitation) sheetLines(tx *store.Tx, contract, from, until string, at time.Time) ([]SheetLine, error) {
	list, err := store.All(tx, scanFinding, `SELECT `+findingColumns+` FROM sanit_findings WHERE district = $1 AND contract = $2 AND day >= $3 AND day <= $4 AND state <> 'dropped' ORDER BY day, doc`,
		s.o.District, contract, from, until)
	if err != nil {
		return nil, err
	}
	views, err := s.timed(tx, list)
	if err != nil {
		return nil, err
	}
	out := []SheetLine{}
	for _, f := range views {
		late := f.Late || !f.Due.IsZero() && at.After(f.Due)
		out = append(out, SheetLine{Finding: f.ID, Day: f.Day, Segment: f.Segment, Item: f.Item, Points: f.Points, Late: late, Again: f.Again})
	}
	return out, nil
}

// ActSettlement does an action of the table to a sheet.
func (s *Sanitation) ActSettlement(ctx context.Context, sc access.Scope, id, action string, in Input) (x *Settlement, err error) {
	err = s.acting(ctx, in, id, func(tx *store.Tx, at time.Time, again bool) error {
		if x, err = s.reachSettlement(tx, sc, id); err != nil || again {
			return err
		}
		who := s.actor(sc, x.Contract, x.Signer)
		act, answers, err := permit(&Settlements, action, x.Position(), who, x.Version, in)
		if err != nil {
			return err
		}
		switch action {
		case "redraw":
			sheet, err := s.sheet(tx, x.Contract, x.Month, at)
			if err != nil {
				return err
			}
			x.Sheet = *sheet
		case "sign":
			x.Signer = sc.Account()
		case "send_back":
			x.Signer = ""
		}
		if act.To != "" {
			x.State = act.To
		}
		if err := s.write(tx, sc.Actor(act.Capacity(who)), Settlements.Kind, id, action, at, x, map[string]string{"note": answers.Str("note"), "reason": answers.Str("reason")}); err != nil {
			return err
		}
		return s.saveSettlement(tx, x)
	})
	return x, err
}

// reachSettlement loads a sheet that the scope sees; the contractor sees it when it is signed.
func (s *Sanitation) reachSettlement(tx *store.Tx, sc access.Scope, id string) (*Settlement, error) {
	x, err := s.loadSettlement(tx, id)
	if err != nil {
		return nil, err
	}
	if !s.oversees(sc) && (x.State == Drawn || !s.runs(sc, x.Contract)) {
		return nil, store.ErrNotFound
	}
	return x, nil
}

// SettlementView is a sheet with its acts and what the reader can do now.
type SettlementView struct {
	*Settlement
	Acts    []journal.Act
	Actions []*flow.Action
}

// Settlement returns a sheet that the scope reaches.
func (s *Sanitation) Settlement(ctx context.Context, sc access.Scope, id string) (*SettlementView, error) {
	return store.Get(ctx, s.db, func(tx *store.Tx) (*SettlementView, error) {
		x, err := s.reachSettlement(tx, sc, id)
		if err != nil {
			return nil, err
		}
		v := &SettlementView{Settlement: x, Actions: Settlements.Open(x.Position(), s.actor(sc, x.Contract, x.Signer))}
		v.Acts, err = journal.History(tx, s.o.District, Settlements.Kind, id)
		return v, err
	})
}

// Settlements lists the sheets of a year that the scope sees, newest month first.
func (s *Sanitation) Settlements(ctx context.Context, sc access.Scope, year string) ([]*Settlement, error) {
	list, err := store.Get(ctx, s.db, func(tx *store.Tx) ([]*Settlement, error) {
		return store.All(tx, scanSettlement, `SELECT `+settlementColumns+` FROM sanit_settlements WHERE district = $1 AND month >= $2 AND month <= $3 ORDER BY month DESC, id LIMIT 600`,
			s.o.District, year+"-01", year+"-12")
	})
	var out []*Settlement
	for _, x := range list {
		if s.oversees(sc) || x.State != Drawn && s.runs(sc, x.Contract) {
			out = append(out, x)
		}
	}
	return out, err
}

func sheetText(x *Sheet) (string, error) {
	b, err := json.Marshal(x)
	if err != nil {
		return "", fmt.Errorf("sanitation: %w", err)
	}
	return string(b), nil
}
