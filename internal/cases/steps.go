package cases

import (
	"encoding/json"
	"fmt"
	"slices"

	"weixiao/internal/calendars"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Calendars are the working calendars as a transaction sees them.
func (c *Cases) Calendars(tx *store.Tx) (*calendars.Set, error) { return c.d.Calendar.In(tx) }

// Steps folds the acts of one case, given in order and from its first, and calls
// visit after each with what the act changed and the case as it was then. visit
// may copy the case, but must not change it. set are the calendars, see Calendars.
func (c *Cases) Steps(set *calendars.Set, acts []journal.Act, visit func(a *journal.Act, ch *Change, k *Case) error) error {
	k := &Case{}
	for i := range acts {
		ch, err := decode(acts[i].Body)
		if err != nil {
			return fmt.Errorf("%s act %d: %w", acts[i].Subject, acts[i].Seq, err)
		}
		if err := k.fold(&acts[i], &ch, set); err != nil {
			return err
		}
		if err := visit(&acts[i], &ch, k); err != nil {
			return err
		}
	}
	return nil
}

// WhistleSteps is Steps for the acts of one whistle.
func (c *Cases) WhistleSteps(set *calendars.Set, acts []journal.Act, visit func(a *journal.Act, w *Whistle) error) error {
	w := &Whistle{}
	for i := range acts {
		var ch WhistleChange
		if err := json.Unmarshal(acts[i].Body, &ch); err != nil {
			return fmt.Errorf("%s act %d: %w", acts[i].Subject, acts[i].Seq, err)
		}
		if err := w.fold(&acts[i], &ch, set); err != nil {
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
	set, err := c.Calendars(tx)
	if err != nil {
		return nil, err
	}
	var out *Whistle
	err = c.WhistleSteps(set, acts, func(_ *journal.Act, w *Whistle) error {
		out = w
		return nil
	})
	if err == nil && out == nil {
		err = store.ErrNotFound
	}
	return out, err
}
