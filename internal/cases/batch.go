package cases

import (
	"context"
	"errors"
	"fmt"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
)

// Batch does many reports and acts in one transaction, with the same checks as
// Report, Act, Blow and WhistleAct: imports, where all rows are taken in or none,
// and simulations, where one commit per act would take minutes. While it runs the
// rows of cases stay in memory; each is written once, at the end.
//
// A batch keeps everybody else from writing: in a running district keep it under
// a thousand acts.
type Batch struct {
	c     *Cases
	tx    *store.Tx
	rows  map[string]*batchRow
	order []*batchRow // as they were first touched
	err   error       // the first error that was no refusal
}

// batchRow is a case in a batch: as its row has it, nil when it has none yet, and
// as the acts of the batch left it.
type batchRow struct{ stored, now *Case }

type batchKey struct{}

// batchOf is the batch that a transaction belongs to, or nil.
func batchOf(tx *store.Tx) *Batch {
	b, _ := tx.Value(batchKey{}).(*Batch)
	return b
}

// Batch runs fn and commits what it did. A verb that answers with a refusal
// (forbidden, not possible in this state, not found, a fault in the answers,
// stale, taken in before) left nothing behind, and fn may go on; after any other
// error, and when fn returns one, nothing of the batch remains. fn may run again,
// so it must have no effect outside but in variables that it sets anew.
func (c *Cases) Batch(ctx context.Context, fn func(*Batch) error) (err error) {
	for range 4 {
		err = c.db.Write(ctx, func(tx *store.Tx) error {
			b := &Batch{c: c, tx: tx, rows: map[string]*batchRow{}}
			tx.SetValue(batchKey{}, b)
			defer tx.SetValue(batchKey{}, nil) // the next write of this commit is none
			if err := fn(b); err != nil {
				return err
			}
			if b.err != nil {
				return b.err
			}
			return b.flush()
		})
		// Two numbers alike on one day: draw all of them again.
		if !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	return err
}

// errBatchKey: a refused verb must leave nothing, and a key would stay.
var errBatchKey = errors.New("cases: a batch takes no idempotency keys; give reports a Source and Ref")

// errTakeInKey: the record that takes the report in has a key of its own.
var errTakeInKey = errors.New("cases: a report that is taken in with another record carries no idempotency key")

// Take takes in a report made ready by Prepare.
func (b *Batch) Take(sc access.Scope, p *Prepared) (Receipt, error) {
	if !reportAction.Grants(b.c.actor(sc, nil)) {
		return Receipt{}, flow.ErrForbidden
	}
	if p.r.Key.Value != "" {
		return Receipt{}, b.note(errBatchKey)
	}
	now := b.c.said(p.r)
	out := Receipt{Number: b.c.newNumber(now)}
	if err := b.c.take(b.tx, sc, p, now, &out); err != nil {
		return Receipt{}, b.note(err)
	}
	out.Secret = b.c.Secret(out.Number)
	return out, nil
}

// In does something of another kind of work in the transaction of the batch: a finding with its case. An error of fn is
// judged as those of the batch's own verbs are.
func (b *Batch) In(fn func(tx *store.Tx) error) error { return b.note(fn(b.tx)) }

// Report takes in a request.
func (b *Batch) Report(sc access.Scope, r Report) (Receipt, error) {
	p, err := b.c.Prepare(r)
	if err != nil {
		return Receipt{}, b.note(err)
	}
	return b.Take(sc, p)
}

// Act does one action of the flow table to a case.
func (b *Batch) Act(sc access.Scope, number, action string, in Input) (*Case, error) {
	t, err := b.c.attempt(&Table, action, in)
	if err == nil && in.Key.Value != "" {
		err = errBatchKey
	}
	if err != nil {
		return nil, b.note(err)
	}
	k, err := b.c.act(b.tx, sc, number, t)
	return k, b.note(err)
}

// Blow drafts a whistle for the actor's street.
func (b *Batch) Blow(sc access.Scope, in Input) (*Whistle, error) {
	d, err := b.c.blowing(sc, in)
	if err == nil && in.Key.Value != "" {
		err = errBatchKey
	}
	if err != nil {
		return nil, b.note(err)
	}
	w, err := b.c.blow(b.tx, sc, b.c.newWhistleNumber(d.now), d)
	return w, b.note(err)
}

// WhistleAct does one action of the whistle's table.
func (b *Batch) WhistleAct(sc access.Scope, number, action string, in Input) (*Whistle, error) {
	t, err := b.c.attempt(&WhistleTable, action, in)
	if err == nil && in.Key.Value != "" {
		err = errBatchKey
	}
	if err != nil {
		return nil, b.note(err)
	}
	w, err := b.c.actWhistle(b.tx, sc, number, t)
	return w, b.note(err)
}

// OrderAct does one action of the order's table.
func (b *Batch) OrderAct(sc access.Scope, number, action string, in Input) (*Order, error) {
	t, err := b.c.attempt(&OrderTable, action, in)
	if err == nil && in.Key.Value != "" {
		err = errBatchKey
	}
	if err != nil {
		return nil, b.note(err)
	}
	o, err := b.c.actOrder(b.tx, sc, number, t)
	return o, b.note(err)
}

// CheckAct does one action of the check's table.
func (b *Batch) CheckAct(sc access.Scope, number, action string, in Input) (*Check, error) {
	t, err := b.c.attempt(&CheckTable, action, in)
	if err == nil && in.Key.Value != "" {
		err = errBatchKey
	}
	if err != nil {
		return nil, b.note(err)
	}
	x, err := b.c.actCheck(b.tx, sc, number, t)
	return x, b.note(err)
}

// OpenChecks are the checks of a case that nobody has done yet, oldest first.
func (b *Batch) OpenChecks(number string) ([]*Check, error) {
	list, err := b.c.openChecks(b.tx, number)
	return list, b.note(err)
}

// Get is a case as it is now in the batch.
func (b *Batch) Get(number string) (*Case, error) {
	k, err := b.c.load(b.tx, number)
	return k, b.note(err)
}

// OpenOrders are the numbers of the open orders about a case, oldest first.
func (b *Batch) OpenOrders(number string) ([]string, error) {
	list, err := b.c.openOrders(b.tx, number)
	out := make([]string, len(list))
	for i, o := range list {
		out[i] = o.Number
	}
	return out, b.note(err)
}

// note remembers an error that ends the batch, whatever fn makes of it.
func (b *Batch) note(err error) error {
	if err != nil && b.err == nil && !refusal(err) {
		b.err = err
	}
	return err
}

// refusal reports whether an error was found before anything was written.
func refusal(err error) bool {
	for _, r := range []error{flow.ErrForbidden, flow.ErrState, flow.ErrUnknown, access.ErrStale, store.ErrNotFound, ErrKnown} {
		if errors.Is(err, r) {
			return true
		}
	}
	if _, ok := errors.AsType[form.Faults](err); ok {
		return true
	}
	_, ok := errors.AsType[*FieldError](err)
	return ok
}

// load is the case as the batch left it.
func (b *Batch) load(number string) (*Case, error) {
	if r := b.rows[number]; r != nil {
		return r.now, nil
	}
	k, err := b.c.read(b.tx, number)
	if err != nil {
		return nil, err
	}
	b.add(number, &batchRow{stored: k, now: k})
	return k, nil
}

func (b *Batch) add(number string, r *batchRow) {
	b.rows[number] = r
	b.order = append(b.order, r)
}

// keep puts a new (before == nil) or changed case in the place of its row.
func (b *Batch) keep(before, k *Case) error {
	r := b.rows[k.Number]
	switch {
	case before == nil && r != nil:
		return fmt.Errorf("%w: case number %s", store.ErrConflict, k.Number)
	case before == nil:
		b.add(k.Number, &batchRow{now: k})
	case r == nil:
		b.add(k.Number, &batchRow{stored: before, now: k})
	case r.now.Version != before.Version:
		return fmt.Errorf("cases: %s was changed meanwhile", k.Number)
	default:
		r.now = k
	}
	return nil
}

// flush writes the rows that differ from what is stored.
func (b *Batch) flush() error {
	for _, r := range b.order {
		var err error
		switch {
		case r.stored == nil:
			err = b.c.insertRow(b.tx, r.now)
		case r.stored.Version != r.now.Version:
			err = b.c.updateRow(b.tx, r.stored, r.now)
		}
		if err != nil {
			return err
		}
		r.stored = r.now
	}
	return nil
}
