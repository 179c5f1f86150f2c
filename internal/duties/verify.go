package duties

import (
	"context"
	"fmt"
	"strconv"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Replayer folds the acts about versions and compares the result with the rows.
// Feed it the journal through Fold, then call Finish.
type Replayer struct {
	b     *Book
	state map[int]*Version
}

// NewReplayer begins a comparison.
func (b *Book) NewReplayer() *Replayer { return &Replayer{b: b, state: map[int]*Version{}} }

// Fold takes the next act of the journal; acts of other kinds are passed over.
func (r *Replayer) Fold(a journal.Act) error {
	if a.Kind != Table.Kind {
		return nil
	}
	var x body
	if err := a.Into(&x); err != nil {
		return err
	}
	v := r.state[x.Version]
	if v == nil {
		if x.Content == nil || a.Subject != strconv.Itoa(x.Version) {
			return fmt.Errorf("duties: act %d: version %d has no beginning", a.Seq, x.Version)
		}
		v = &Version{Number: x.Version, BasedOn: x.BasedOn, Content: *x.Content, Created: a.At}
		r.state[x.Version] = v
	}
	if v.State == Published {
		return fmt.Errorf("duties: act %d: version %d was published and is changed", a.Seq, x.Version)
	}
	if x.Edit != nil {
		next, err := x.Edit.Apply(v.Content)
		if err != nil {
			return fmt.Errorf("duties: act %d: %w", a.Seq, err)
		}
		v.Content = next
	}
	v.State, v.Changed, v.Revision = x.State, a.At, v.Revision+1
	if x.State == Published {
		v.Since, v.Begins, v.Law, v.Published = x.Since, x.Begins, x.Law, a.At
	}
	if _, v.Digest = encode(v.Content); v.Digest != x.Digest {
		return fmt.Errorf("duties: act %d: version %d does not follow from its acts", a.Seq, x.Version)
	}
	return nil
}

// Finish compares all rows with what the acts say. The error names the first that
// differs.
func (r *Replayer) Finish(ctx context.Context, db *store.DB) error {
	return db.Read(ctx, func(tx *store.Tx) error {
		n := 0
		for below := 0; ; {
			rows, err := r.b.List(tx, below, 200)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			n, below = n+len(rows), rows[len(rows)-1].Number
			for _, row := range rows {
				if err := r.compare(tx, row.Number); err != nil {
					return err
				}
			}
			if below <= 1 {
				break
			}
		}
		if n != len(r.state) {
			return fmt.Errorf("duties: %d versions in the acts, %d in the rows", len(r.state), n)
		}
		return nil
	})
}

func (r *Replayer) compare(tx *store.Tx, number int) error {
	row, err := r.b.Get(tx, number)
	if err != nil {
		return err
	}
	v := r.state[number]
	if v == nil {
		return fmt.Errorf("duties: version %d has no act", number)
	}
	_, sum := encode(row.Content)
	if row.Digest != sum || row.Digest != v.Digest || row.State != v.State || row.Revision != v.Revision || row.BasedOn != v.BasedOn || row.Since != v.Since ||
		row.Begins != v.Begins || row.Law != v.Law || row.Created != v.Created || row.Changed != v.Changed || row.Published != v.Published {
		return fmt.Errorf("duties: the row of version %d does not follow from its acts", number)
	}
	return nil
}
