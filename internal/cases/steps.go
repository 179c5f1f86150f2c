package cases

import (
	"encoding/json"
	"fmt"
	"slices"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Steps folds the acts of one case, given in order and from its first, and calls
// visit after each with what the act changed and the case as it was then. visit
// may copy the case, but must not change it.
func (c *Cases) Steps(acts []journal.Act, visit func(a *journal.Act, ch *Change, k *Case) error) error {
	k := &Case{}
	for i := range acts {
		ch, err := decode(acts[i].Body)
		if err != nil {
			return fmt.Errorf("%s act %d: %w", acts[i].Subject, acts[i].Seq, err)
		}
		if err := k.fold(&acts[i], &ch, c.d.Calendar); err != nil {
			return err
		}
		if err := visit(&acts[i], &ch, k); err != nil {
			return err
		}
	}
	return nil
}

// WhistleSteps is Steps for the acts of one whistle.
func (c *Cases) WhistleSteps(acts []journal.Act, visit func(a *journal.Act, w *Whistle) error) error {
	w := &Whistle{}
	for i := range acts {
		var ch WhistleChange
		if err := json.Unmarshal(acts[i].Body, &ch); err != nil {
			return fmt.Errorf("%s act %d: %w", acts[i].Subject, acts[i].Seq, err)
		}
		if err := w.fold(&acts[i], &ch, c.d.Calendar); err != nil {
			return err
		}
		if err := visit(&acts[i], w); err != nil {
			return err
		}
	}
	return nil
}

// Step is what an act changed and the case right after it, for followers.
func (c *Cases) Step(tx *store.Tx, a journal.Act) (*Change, *Case, error) {
	ch, err := decode(a.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("%s act %d: %w", a.Subject, a.Seq, err)
	}
	k, err := c.After(tx, a.Subject, a.Seq)
	return &ch, k, err
}

// WhistleAfter is a whistle as it was right after one of its acts.
func (c *Cases) WhistleAfter(tx *store.Tx, number string, seq int64) (*Whistle, error) {
	if w, err := c.loadWhistle(tx, number); err != nil || w.LastSeq == seq {
		return w, err
	}
	acts, err := journal.Acts(tx, c.d.Code, WhistleTable.Kind, number)
	if err != nil {
		return nil, err
	}
	acts = acts[:slices.IndexFunc(acts, func(a journal.Act) bool { return a.Seq == seq })+1]
	var out *Whistle
	err = c.WhistleSteps(acts, func(_ *journal.Act, w *Whistle) error {
		out = w
		return nil
	})
	if err == nil && out == nil {
		err = store.ErrNotFound
	}
	return out, err
}
