package assess

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Period is a month on its way: published, frozen, corrected.
type Period struct {
	Month string
	flow.Position
	Version, LastSeq int64
	Created, Changed int64
	Until            int64 // µs: until when units may appeal
	Cut              int64 // act that froze or corrected it; 0 = none
}

// periodChange is the body of a month's act.
type periodChange struct {
	State string `json:"state"`
	Until int64  `json:"until,omitempty"`
	// Sheet is every count and result, when the month is frozen or corrected; Before
	// is the act whose sheet it replaces.
	Sheet  *sheet `json:"sheet,omitempty"`
	Before int64  `json:"before,omitempty"`
}

func (p *Period) fold(a *journal.Act, ch *periodChange) {
	if p.Version == 0 {
		p.Month, p.Created = a.Subject, a.At
	}
	p.State = ch.State
	if ch.Until != 0 {
		p.Until = ch.Until
	}
	if ch.Sheet != nil {
		p.Cut = a.Seq
	}
	p.Version++
	p.LastSeq, p.Changed = a.Seq, a.At
}

var monthRE = regexp.MustCompile(`^20\d\d-(0[1-9]|1[0-2])$`)

// IsMonth reports whether a text is a month such as 2022-11.
func IsMonth(s string) bool { return monthRE.MatchString(s) }

// Publish shows a month's figures to everybody and opens the window for appeals.
// The month must be over.
func (a *Assess) Publish(ctx context.Context, sc access.Scope, in cases.Input) (*Period, error) {
	act, err := Months.Action("preview")
	if err != nil {
		return nil, err
	}
	if !act.Grants(flow.Actor{Roles: sc.Roles()}) {
		return nil, flow.ErrForbidden
	}
	answers, err := act.Form.Check(in.Raw)
	if err != nil {
		return nil, err
	}
	month := answers.Str("month")
	if !IsMonth(month) {
		return nil, form.Faults{{Field: "month", Code: "month"}}
	}
	p := &Period{}
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		at, err := journal.Begin(tx, a.pack.District, a.now(in))
		if err != nil {
			return err
		}
		if _, done, err := store.Once(tx, a.pack.District, in.Key, month, a.now(in)); err != nil {
			return err
		} else if done {
			p, err = a.loadMonth(tx, month)
			return err
		}
		if _, err := a.loadMonth(tx, month); !errors.Is(err, store.ErrNotFound) {
			if err == nil {
				err = refuse("month_published")
			}
			return err
		}
		if monthOf(at.UnixMicro()) <= month {
			return refuse("month_not_over")
		}
		end, err := a.window(tx, at, a.pack.Scores.Appeal.Window)
		if err != nil {
			return err
		}
		p = &Period{}
		ch := &periodChange{State: Previewed, Until: end.UnixMicro()}
		if err := a.recordMonth(tx, sc, month, p, act, ch, map[string]string{"note": answers.Str("note")}, at); err != nil {
			return err
		}
		return tx.Exec(`INSERT INTO score_months (district, month, version, last_seq, created, changed, state, until, cut) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			a.pack.District, p.Month, p.Version, p.LastSeq, p.Created, p.Changed, p.State, p.Until, p.Cut)
	})
	return p, err
}

// ActMonth freezes or corrects a month. A correction counts the month anew, as the
// acts have it now, and says why; what stood before stays in the act it replaces.
func (a *Assess) ActMonth(ctx context.Context, sc access.Scope, month, action string, in cases.Input) (*Period, error) {
	act, err := Months.Action(action)
	if err != nil {
		return nil, err
	}
	if act.From == nil {
		return nil, fmt.Errorf("%w: %s publishes a month", flow.ErrUnknown, action)
	}
	answers, faults := act.Form.Check(in.Raw)
	var after *Period
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		at, err := journal.Begin(tx, a.pack.District, a.now(in))
		if err != nil {
			return err
		}
		p, err := a.loadMonth(tx, month)
		if err != nil {
			return err
		}
		if !sc.All() || sc.District() != a.pack.District {
			return flow.ErrForbidden
		}
		if _, done, err := store.Once(tx, a.pack.District, in.Key, month, a.now(in)); err != nil || done {
			after = p
			return err
		}
		who := flow.Actor{Roles: sc.Roles()}
		if _, err := Months.Permit(action, p.Position, who); err != nil {
			return err
		}
		if in.Version != 0 && in.Version != p.Version {
			return access.ErrStale
		}
		if faults != nil {
			return faults
		}
		after, err = a.actMonth(tx, sc, p, act, answers, at)
		return err
	})
	return after, err
}

func (a *Assess) actMonth(tx *store.Tx, sc access.Scope, p *Period, act *flow.Action, answers form.Answers, at time.Time) (*Period, error) {
	if err := a.settle(tx); err != nil {
		return nil, err
	}
	if act.Name == "freeze" {
		if at.UnixMicro() <= p.Until {
			return nil, refuse("window_open")
		}
		var n int64
		if err := tx.Row(`SELECT count(*) FROM score_requests WHERE district = $1 AND kind IN ('exclusion', 'appeal') AND month = $2 AND is_open = TRUE`, []any{a.pack.District, p.Month}, &n); err != nil {
			return nil, err
		}
		if n > 0 {
			return nil, refuse("requests_open")
		}
	}
	sums, err := a.sums(tx, p.Month)
	if err != nil {
		return nil, err
	}
	ch := &periodChange{State: Frozen, Sheet: newSheet(&a.pack.Scores, compute(&a.pack.Scores, sums, a.class)), Before: p.Cut}
	if act.Name == "correct" {
		before, err := a.sheetAt(tx, p.Cut)
		if err != nil {
			return nil, err
		}
		if before.equal(ch.Sheet) {
			return nil, refuse("nothing_to_correct")
		}
	}
	after := *p
	if err := a.recordMonth(tx, sc, p.Month, &after, act, ch, map[string]string{"note": answers.Str("note"), "reason": answers.Str("reason")}, at); err != nil {
		return nil, err
	}
	n, err := tx.Count(`UPDATE score_months SET version = $3, last_seq = $4, changed = $5, state = $6, cut = $7 WHERE district = $1 AND month = $2 AND version = $8`,
		a.pack.District, after.Month, after.Version, after.LastSeq, after.Changed, after.State, after.Cut, p.Version)
	if err == nil && n != 1 {
		err = fmt.Errorf("assess: %s was changed meanwhile", p.Month)
	}
	return &after, err
}

func (a *Assess) recordMonth(tx *store.Tx, sc access.Scope, month string, p *Period, action *flow.Action, ch *periodChange, texts map[string]string, at time.Time) error {
	body, err := json.Marshal(ch)
	if err != nil {
		return fmt.Errorf("assess: %w", err)
	}
	maps.DeleteFunc(texts, func(_, v string) bool { return v == "" })
	act := &journal.Act{District: a.pack.District, At: at.UnixMicro(), Kind: Months.Kind, Subject: month, Action: action.Name, Actor: sc.Actor(action.Capacity(flow.Actor{Roles: sc.Roles()})),
		Pack: a.pack.Version, Body: body, Texts: texts}
	if err := journal.Append(tx, act); err != nil {
		return err
	}
	p.fold(act, ch)
	return nil
}

func (a *Assess) loadMonth(tx *store.Tx, month string) (*Period, error) {
	p := &Period{Month: month}
	return p, tx.Row(`SELECT version, last_seq, created, changed, state, until, cut FROM score_months WHERE district = $1 AND month = $2`, []any{a.pack.District, month},
		&p.Version, &p.LastSeq, &p.Created, &p.Changed, &p.State, &p.Until, &p.Cut)
}

// PeriodView is a month's way with its acts and what the reader can do now.
type PeriodView struct {
	*Period             // nil while the month is open
	Acts    []Milestone // oldest first
	Actions []*flow.Action
	Waiting int64 // requests that are not decided
}

// Milestone is an act of a month. Sheet says whether it fixed the figures.
type Milestone struct {
	journal.Act
	Sheet bool
}

// Period returns a month's way.
func (a *Assess) Period(ctx context.Context, sc access.Scope, month string) (*PeriodView, error) {
	if !IsMonth(month) {
		return nil, store.ErrNotFound
	}
	return store.Get(ctx, a.db, func(tx *store.Tx) (*PeriodView, error) {
		v := &PeriodView{}
		who := flow.Actor{Roles: sc.Roles()}
		p, err := a.loadMonth(tx, month)
		switch {
		case errors.Is(err, store.ErrNotFound):
			if act, err := Months.Action("preview"); err == nil && act.Grants(who) && monthOf(a.clock().UnixMicro()) > month {
				v.Actions = []*flow.Action{act}
			}
		case err != nil:
			return nil, err
		default:
			v.Period, v.Actions = p, Months.Open(p.Position, who)
		}
		if err := tx.Row(`SELECT count(*) FROM score_requests WHERE district = $1 AND kind IN ('exclusion', 'appeal') AND month = $2 AND is_open = TRUE`, []any{a.pack.District, month}, &v.Waiting); err != nil {
			return nil, err
		}
		acts, err := journal.History(tx, a.pack.District, Months.Kind, month)
		for _, act := range acts {
			v.Acts = append(v.Acts, Milestone{act, act.Action != "preview"})
		}
		return v, err
	})
}

// Change is how a correction changes one result of one unit.
type Change struct {
	Unit, Name    string
	Before, After Value
}

// Corrected lists what an act changed in the results after exclusion, compared
// with the sheet before it; of the act that froze the month, nothing.
func (a *Assess) Corrected(ctx context.Context, seq int64) ([]Change, error) {
	return store.Get(ctx, a.db, func(tx *store.Tx) ([]Change, error) {
		after, err := a.sheetAt(tx, seq)
		if err != nil || after.before == 0 {
			return nil, err
		}
		before, err := a.sheetAt(tx, after.before)
		if err != nil {
			return nil, err
		}
		m1, err := before.month(a.pack)
		if err != nil {
			return nil, err
		}
		m2, err := after.month(a.pack)
		if err != nil {
			return nil, err
		}
		return changes(m1, m2), nil
	})
}

// Pending lists what a correction of a frozen month would change now.
func (a *Assess) Pending(ctx context.Context, month string) ([]Change, error) {
	return store.Get(ctx, a.db, func(tx *store.Tx) ([]Change, error) {
		m, err := a.month(tx, month)
		if err != nil || m.State != Frozen {
			return nil, err
		}
		sums, err := a.sums(tx, month)
		if err != nil {
			return nil, err
		}
		return changes(m, compute(&a.pack.Scores, sums, a.class)), nil
	})
}

// changes are the results that differ between two months.
func changes(before, after *Month) (out []Change) {
	units := map[string]bool{}
	for _, m := range []*Month{before, after} {
		for _, f := range m.Units {
			units[f.Unit] = true
		}
	}
	for _, u := range slices.Sorted(maps.Keys(units)) {
		var b, n Figures
		if f, ok := before.Unit(u); ok {
			b = *f
		}
		if f, ok := after.Unit(u); ok {
			n = *f
		}
		for _, f := range after.Formulas {
			x, y := b.Values[f.Name], n.Values[f.Name]
			if x.Known != y.Known || x.X != y.X || x.N != y.N {
				out = append(out, Change{u, f.Name, x, y})
			}
		}
	}
	return out
}
