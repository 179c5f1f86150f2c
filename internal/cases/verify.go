package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"weixiao/internal/calendars"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Mismatch is the first record whose row does not agree with its acts.
type Mismatch struct {
	Kind, Number, Why string
}

func (m *Mismatch) Error() string { return fmt.Sprintf("cases: %s %s: %s", m.Kind, m.Number, m.Why) }

// Replayer folds acts in journal order and compares the results with the rows.
// Feed it every act through Fold (journal.Verify does that), then call Compare.
// Memory grows with the number of records that are still open in the walk, not
// with acts: a record is compared and dropped at its last act.
type Replayer struct {
	c        *Cases
	cases    map[string]*Case
	whistles map[string]*Whistle
	orders   map[string]*Order
	checks   map[string]*Check
	set      *calendars.Set
	last     map[string]int64 // kind+number -> seq of the last act, from the rows
	seen     int
	alarms   alarmReplay
}

// NewReplayer reads which act is the last of each record.
func (c *Cases) NewReplayer(ctx context.Context) (*Replayer, error) {
	r := &Replayer{c: c, cases: map[string]*Case{}, whistles: map[string]*Whistle{}, orders: map[string]*Order{}, checks: map[string]*Check{}, last: map[string]int64{}, alarms: newAlarmReplay()}
	err := c.db.Read(ctx, func(tx *store.Tx) (err error) {
		if r.set, err = c.d.Calendar.In(tx); err != nil {
			return err
		}
		note := func(kind string) func(store.Scanner) error {
			return func(s store.Scanner) error {
				var n string
				var seq int64
				if err := s.Scan(&n, &seq); err != nil {
					return err
				}
				r.last[kind+n] = seq
				return nil
			}
		}
		if err := tx.Each(`SELECT number, last_seq FROM cases WHERE district = $1`, []any{c.d.Code}, note(Table.Kind)); err != nil {
			return err
		}
		if err := tx.Each(`SELECT number, last_seq FROM whistles WHERE district = $1`, []any{c.d.Code}, note(WhistleTable.Kind)); err != nil {
			return err
		}
		if err := tx.Each(`SELECT number, last_seq FROM checks WHERE district = $1`, []any{c.d.Code}, note(CheckTable.Kind)); err != nil {
			return err
		}
		return tx.Each(`SELECT number, last_seq FROM orders WHERE district = $1`, []any{c.d.Code}, note(OrderTable.Kind))
	})
	return r, err
}

// Fold takes the next act of the journal.
func (r *Replayer) Fold(ctx context.Context, a journal.Act) error {
	switch a.Kind {
	case calendars.Table.Kind:
		// A calendar that came while we walked: later acts are wound with it.
		return r.c.db.Read(ctx, func(tx *store.Tx) (err error) {
			r.set, err = r.c.d.Calendar.In(tx)
			return err
		})
	case Table.Kind:
		k := r.cases[a.Subject]
		if k == nil {
			k = &Case{}
			r.cases[a.Subject] = k
		}
		ch, err := decode(a.Body)
		if err != nil {
			return &Mismatch{a.Kind, a.Subject, err.Error()}
		}
		if err := k.fold(&a, &ch, r.set); err != nil {
			return &Mismatch{a.Kind, a.Subject, err.Error()}
		}
		if r.last[a.Kind+a.Subject] == a.Seq {
			delete(r.cases, a.Subject)
			r.seen++
			r.alarms.settle(r.c.onLadder(k, r.set))
			return r.compareCase(ctx, k)
		}
	case WhistleTable.Kind:
		w := r.whistles[a.Subject]
		if w == nil {
			w = &Whistle{}
			r.whistles[a.Subject] = w
		}
		var ch WhistleChange
		if err := json.Unmarshal(a.Body, &ch); err != nil {
			return &Mismatch{a.Kind, a.Subject, err.Error()}
		}
		if err := w.fold(&a, &ch, r.set); err != nil {
			return &Mismatch{a.Kind, a.Subject, err.Error()}
		}
		if r.last[a.Kind+a.Subject] == a.Seq {
			delete(r.whistles, a.Subject)
			r.seen++
			r.alarms.settle(r.c.whistleOnLadder(w, r.set))
			return r.compareWhistle(ctx, w)
		}
	case AlarmKind:
		return r.alarms.fold(a)
	case OrderTable.Kind:
		o := r.orders[a.Subject]
		if o == nil {
			o = &Order{}
			r.orders[a.Subject] = o
		}
		var ch OrderChange
		if err := json.Unmarshal(a.Body, &ch); err != nil {
			return &Mismatch{a.Kind, a.Subject, err.Error()}
		}
		if err := o.fold(&a, &ch, r.set); err != nil {
			return &Mismatch{a.Kind, a.Subject, err.Error()}
		}
		if r.last[a.Kind+a.Subject] == a.Seq {
			delete(r.orders, a.Subject)
			r.seen++
			return r.compareOrder(ctx, o)
		}
	case CheckTable.Kind:
		return r.foldCheck(ctx, a)
	}
	return nil
}

func (r *Replayer) foldCheck(ctx context.Context, a journal.Act) error {
	x := r.checks[a.Subject]
	if x == nil {
		x = &Check{}
		r.checks[a.Subject] = x
	}
	var ch CheckChange
	if err := json.Unmarshal(a.Body, &ch); err != nil {
		return &Mismatch{a.Kind, a.Subject, err.Error()}
	}
	if err := x.fold(&a, &ch, r.set); err != nil {
		return &Mismatch{a.Kind, a.Subject, err.Error()}
	}
	if r.last[a.Kind+a.Subject] != a.Seq {
		return nil
	}
	delete(r.checks, a.Subject)
	r.seen++
	r.alarms.settle(r.c.checkOnLadder(x, r.set))
	return r.compareCheck(ctx, x)
}

// Finish reports rows without acts and acts without rows.
func (r *Replayer) Finish() error {
	for n := range r.cases {
		return &Mismatch{Table.Kind, n, "its acts go on after the row, or the row is missing"}
	}
	for n := range r.whistles {
		return &Mismatch{WhistleTable.Kind, n, "its acts go on after the row, or the row is missing"}
	}
	for n := range r.orders {
		return &Mismatch{OrderTable.Kind, n, "its acts go on after the row, or the row is missing"}
	}
	for n := range r.checks {
		return &Mismatch{CheckTable.Kind, n, "its acts go on after the row, or the row is missing"}
	}
	if r.seen != len(r.last) {
		return &Mismatch{Table.Kind, "-", fmt.Sprintf("%d rows have no acts", len(r.last)-r.seen)}
	}
	return nil
}

func (r *Replayer) compareCase(ctx context.Context, want *Case) error {
	return r.c.db.Read(ctx, func(tx *store.Tx) error {
		got, err := r.c.load(tx, want.Number)
		if err != nil {
			return &Mismatch{Table.Kind, want.Number, "no row"}
		}
		if got.Digest != digest(got.salt, got.Title, got.Body) {
			return &Mismatch{Table.Kind, want.Number, "its words were changed"}
		}
		var due int64
		var isOpen, published bool
		if err := tx.Row(`SELECT next_due, is_open, published FROM cases WHERE district = $1 AND number = $2`, []any{r.c.d.Code, want.Number}, &due, &isOpen, &published); err != nil {
			return err
		}
		if due != NextDue(want.Clocks) || isOpen != !want.Ended() || published != want.Published() {
			return &Mismatch{Table.Kind, want.Number, "its next deadline, openness or publication does not follow from its acts"}
		}
		// The words and what orders lists are not in the acts.
		want.Doc, want.Title, want.Body, want.salt = got.Doc, got.Title, got.Body, got.salt
		if why := difference(*want, *got); why != "" {
			return &Mismatch{Table.Kind, want.Number, why}
		}
		return nil
	})
}

func (r *Replayer) compareWhistle(ctx context.Context, want *Whistle) error {
	return r.c.db.Read(ctx, func(tx *store.Tx) error {
		got, err := r.c.loadWhistle(tx, want.Number)
		if err != nil {
			return &Mismatch{WhistleTable.Kind, want.Number, "no row"}
		}
		want.Doc = got.Doc
		if why := difference(*want, *got); why != "" {
			return &Mismatch{WhistleTable.Kind, want.Number, why}
		}
		return nil
	})
}

// difference names the first field in which two records differ. Empty and
// absent lists and maps are the same.
func difference[T any](want, got T) string {
	a, b := reflect.ValueOf(want), reflect.ValueOf(got)
	for i := range a.NumField() {
		f := a.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		x, y := a.Field(i), b.Field(i)
		if (x.Kind() == reflect.Map || x.Kind() == reflect.Slice) && x.Len() == 0 && y.Len() == 0 {
			continue
		}
		if f.Name == "Position" {
			x, y = x.FieldByName("State"), y.FieldByName("State")
			if fmt.Sprint(a.Field(i).FieldByName("Marks")) != fmt.Sprint(b.Field(i).FieldByName("Marks")) {
				return "its marks do not follow from its acts"
			}
		}
		if !reflect.DeepEqual(x.Interface(), y.Interface()) {
			return "its " + f.Name + " does not follow from its acts"
		}
	}
	return ""
}
