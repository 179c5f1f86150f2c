package calendars

import (
	"context"
	"fmt"

	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Replayer folds the acts about calendars and compares every version with its
// row. Feed it the journal through Fold, then call Finish.
type Replayer struct {
	rows  map[int64]Version
	state map[string]folded
}

type folded struct {
	base  worktime.Spec
	added added
}

// NewReplayer reads the rows.
func (b *Book) NewReplayer(ctx context.Context, db *store.DB) (*Replayer, error) {
	r := &Replayer{rows: map[int64]Version{}, state: map[string]folded{}}
	rows, err := store.Get(ctx, db, func(tx *store.Tx) ([]Version, error) { return since(tx, b.district, 0) })
	for _, v := range rows {
		r.rows[v.Seq] = v
	}
	return r, err
}

// Fold takes the next act of the journal; acts of other kinds are passed over.
func (r *Replayer) Fold(a journal.Act) error {
	if a.Kind != Table.Kind {
		return nil
	}
	var x body
	if err := a.Into(&x); err != nil {
		return err
	}
	st := r.state[a.Subject]
	if x.Spec != nil {
		st.base = *x.Spec
	}
	st.added = st.added.with(x.Notice, x.Local, x.Usual)
	r.state[a.Subject] = st
	made, err := worktime.New(st.added.over(st.base))
	if err != nil || made.Version() != x.Version {
		return fmt.Errorf("calendars: act %d: calendar %s does not follow from its acts", a.Seq, a.Subject)
	}
	row, ok := r.rows[a.Seq]
	if !ok {
		return fmt.Errorf("calendars: act %d: calendar %s has no row", a.Seq, a.Subject)
	}
	delete(r.rows, a.Seq)
	stored, err := worktime.New(row.spec)
	if err != nil || row.Name != a.Subject || row.Version != x.Version || stored.Version() != x.Version || row.At != a.At || row.Action != a.Action {
		return fmt.Errorf("calendars: act %d: the row of calendar %s does not follow from its acts", a.Seq, a.Subject)
	}
	return nil
}

// Finish reports rows without acts.
func (r *Replayer) Finish() error {
	for seq := range r.rows {
		return fmt.Errorf("calendars: the row of act %d has no act", seq)
	}
	return nil
}
