package assess

import (
	"context"
	"errors"
	"fmt"

	"weixiao/internal/cases"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Verify rebuilds every row from the journal and compares. It reports the first
// case that counts otherwise than its acts say. The follower must have caught up.
func (a *Assess) Verify(ctx context.Context) (n int, err error) {
	want := map[string]int64{} // number -> act that closed it
	_, err = journal.Verify(ctx, a.db, a.pack.District, func(act journal.Act) error {
		ends, reopens, err := cases.Ends(act)
		switch {
		case err != nil:
			return err
		case reopens:
			delete(want, act.Subject)
		case ends:
			want[act.Subject] = act.Seq
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for number, seq := range want {
		err := a.db.Read(ctx, func(tx *store.Tx) error {
			k, err := a.cases.At(tx, number, seq)
			if err != nil {
				return err
			}
			got, err := a.load(tx, number)
			if k.Unit == "" {
				if !errors.Is(err, store.ErrNotFound) {
					return fmt.Errorf("assess: %s counts although no unit had it", number)
				}
				return nil
			}
			n++
			if err != nil || got != rowOf(k) {
				return fmt.Errorf("assess: %s does not count as its acts say", number)
			}
			return nil
		})
		if err != nil {
			return n, err
		}
	}
	var rows int64
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Row(`SELECT count(*) FROM scored WHERE district = $1`, []any{a.pack.District}, &rows)
	})
	if err == nil && int(rows) != n {
		err = fmt.Errorf("assess: %d cases count, their acts say %d", rows, n)
	}
	return n, err
}

func (a *Assess) load(tx *store.Tx, number string) (r row, err error) {
	err = tx.Row(`SELECT number, doc, month, unit, seq, signed_in_time, contacted_in_time, closed_in_time, handed_back, reworked, repeated, visited, solved, satisfied
		FROM scored WHERE district = $1 AND number = $2`, []any{a.pack.District, number},
		&r.number, &r.doc, &r.month, &r.unit, &r.seq, &r.signed, &r.contacted, &r.closed, &r.handedBack, &r.reworked, &r.rep, &r.visited, &r.solved, &r.satisfied)
	return r, err
}
