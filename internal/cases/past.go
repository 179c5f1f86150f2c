package cases

import (
	"fmt"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// At is a case as it was right after one of its acts, folded from the journal.
func (c *Cases) At(tx *store.Tx, number string, seq int64) (*Case, error) {
	acts, err := journal.Acts(tx, c.d.Code, Table.Kind, number)
	if err != nil {
		return nil, err
	}
	set, err := c.d.Calendar.In(tx)
	if err != nil {
		return nil, err
	}
	k := &Case{}
	for _, a := range acts {
		if a.Seq > seq {
			break
		}
		ch, err := decode(a.Body)
		if err != nil {
			return nil, fmt.Errorf("%s act %d: %w", number, a.Seq, err)
		}
		if err := k.fold(&a, &ch, set); err != nil {
			return nil, err
		}
	}
	if k.Version == 0 {
		return nil, store.ErrNotFound
	}
	k.Doc = newDoc(k.Created, acts[0].Seq)
	return k, nil
}

// After is At for followers of the journal: mostly the act is the case's last one,
// and its row is what folding would give.
func (c *Cases) After(tx *store.Tx, number string, seq int64) (*Case, error) {
	if k, err := c.read(tx, number); err != nil || k.LastSeq == seq {
		return k, err
	}
	return c.At(tx, number, seq)
}

// Ends reports whether an act is one of a case that closes it with the resident's
// word (or after nobody could be reached), or one that opens it again.
func Ends(a journal.Act) (ends, reopens bool, err error) {
	if a.Kind != Table.Kind {
		return false, false, nil
	}
	switch a.Action {
	case "call_back", "rate", "redo":
	default:
		return false, false, nil
	}
	ch, err := decode(a.Body)
	return err == nil && ch.State == Closed, err == nil && ch.State == Rework, err
}
