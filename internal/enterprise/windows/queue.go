package windows

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// Ticket is what somebody gets who takes a number: no name is asked for.
type Ticket struct {
	Visit  *Visit
	Secret string
}

// Take takes a number of a hall for an item. The same key gives the same number.
func (w *Windows) Take(ctx context.Context, sc access.Scope, raw form.Raw, key store.Key) (t Ticket, err error) {
	for range 4 { // ids are random: another one, should it be taken
		err = w.write(ctx, func(tx *store.Tx, at time.Time) error {
			t, err = w.TakeIn(tx, sc, raw, key, at)
			return err
		})
		if !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	return t, err
}

// TakeIn is Take in a transaction, at a moment.
func (w *Windows) TakeIn(tx *store.Tx, sc access.Scope, raw form.Raw, key store.Key, now time.Time) (Ticket, error) {
	act, err := VisitTable.Action("take")
	if err != nil {
		return Ticket{}, err
	}
	who := flow.Actor{Roles: sc.Roles()}
	if !act.Grants(who) {
		return Ticket{}, flow.ErrForbidden
	}
	answers, err := w.TakeForm(raw.Get("hall")).Check(raw)
	if err != nil {
		return Ticket{}, err
	}
	at, err := journal.Begin(tx, w.district, now)
	if err != nil {
		return Ticket{}, err
	}
	id := w.newID(at)
	earlier, done, err := store.Once(tx, w.district, key, id, at)
	if err != nil {
		return Ticket{}, err
	}
	if done {
		v, err := w.visit(tx, earlier)
		return Ticket{v, w.Secret(earlier)}, err
	}
	hall, day := answers.Str("hall"), dayOf(at)
	n, err := w.next(tx, hall, day)
	if err != nil {
		return Ticket{}, err
	}
	a, err := w.append(tx, sc.Actor(act.Capacity(who)), id, act.Name, at, visitChange{Hall: hall, Day: day, Number: n, Item: answers.Str("item")}, nil)
	if err != nil {
		return Ticket{}, err
	}
	v := &Visit{}
	if _, _, err := v.fold(a); err != nil {
		return Ticket{}, err
	}
	return Ticket{v, w.Secret(id)}, w.insertVisit(tx, v)
}

// TakeForm is the form of a number with the items that the hall serves.
func (w *Windows) TakeForm(hall string) form.Form {
	act, _ := VisitTable.Action("take")
	f := form.Form{Name: act.Form.Name, Fields: slices.Clone(act.Form.Fields)}
	for _, h := range w.rules.Halls {
		f.Fields[0].Options = append(f.Fields[0].Options, form.Option{Value: h.ID})
	}
	for _, x := range w.rules.Items {
		if len(w.serving(hall, x.ID)) > 0 {
			f.Fields[1].Options = append(f.Fields[1].Options, form.Option{Value: x.ID})
		}
	}
	return f
}

// Next calls the first number that waits for what the clerk's window serves. store.ErrNotFound: nobody waits.
func (w *Windows) Next(ctx context.Context, sc access.Scope) (v *Visit, err error) {
	err = w.write(ctx, func(tx *store.Tx, at time.Time) error {
		v, err = w.NextIn(tx, sc, at)
		return err
	})
	return v, err
}

// NextIn is Next in a transaction, at a moment.
func (w *Windows) NextIn(tx *store.Tx, sc access.Scope, now time.Time) (*Visit, error) {
	at, err := journal.Begin(tx, w.district, now) // whoever calls at the same time waits here
	if err != nil {
		return nil, err
	}
	seat, err := w.SeatOf(tx, sc)
	if err != nil {
		return nil, err
	}
	win, _ := w.rules.Window(seat.Window)
	list, err := w.ofDay(tx, win.Hall, dayOf(at))
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(list, func(v *Visit) bool { return v.State == Called && v.Clerk == sc.Account() }) {
		return nil, record.Refuse("window.busy")
	}
	for _, v := range list {
		if v.State == Waiting && slices.Contains(win.Items, v.Item) {
			return v, w.do(tx, sc, v, "call", visitChange{Window: win.ID, Slow: at.UnixMicro()-v.Taken > w.formula.WaitMinutes*60*1e6}, nil, at)
		}
	}
	return nil, store.ErrNotFound
}

// Act does an action that is not of the whole queue: recall, finish, absent by the clerk; leave by the holder.
func (w *Windows) Act(ctx context.Context, sc access.Scope, id, action string, raw form.Raw) (v *Visit, err error) {
	err = w.write(ctx, func(tx *store.Tx, at time.Time) error {
		v, err = w.ActIn(tx, sc, id, action, raw, at)
		return err
	})
	return v, err
}

// ActIn is Act in a transaction, at a moment.
func (w *Windows) ActIn(tx *store.Tx, sc access.Scope, id, action string, raw form.Raw, now time.Time) (*Visit, error) {
	if action == "take" || action == "call" || action == "rate" {
		return nil, flow.ErrUnknown // have verbs of their own
	}
	at, err := journal.Begin(tx, w.district, now)
	if err != nil {
		return nil, err
	}
	v, err := w.visit(tx, id)
	if err != nil {
		return nil, err
	}
	act, err := VisitTable.Permit(action, v.Position(), w.actor(sc, v))
	if err != nil {
		return nil, err
	}
	answers, err := act.Form.Check(raw)
	if err != nil {
		return nil, err
	}
	x := visitChange{}
	if action == "finish" {
		item, _ := w.rules.Item(v.Item)
		x.Outcome, x.Slow = answers.Str("outcome"), item != nil && at.UnixMicro()-v.Called > int64(item.Minutes)*60*1e6
	}
	return v, w.do(tx, sc, v, action, x, nil, at)
}

// do writes the act, the row and what it adds to the sums.
func (w *Windows) do(tx *store.Tx, sc access.Scope, v *Visit, action string, x visitChange, texts map[string]string, at time.Time) error {
	act, err := VisitTable.Action(action)
	if err != nil {
		return err
	}
	a, err := w.append(tx, sc.Actor(cmp.Or(act.Capacity(w.actor(sc, v)), act.Who[0].Role)), v.ID, action, at, x, texts)
	if err != nil {
		return err
	}
	window, d, err := v.fold(a)
	if err != nil {
		return err
	}
	if err := w.addSums(tx, window, dayOf(a.Time()), d); err != nil {
		return err
	}
	return w.saveVisit(tx, v)
}

// actor is who asks about a visit, as the table sees them.
func (w *Windows) actor(sc access.Scope, v *Visit) flow.Actor {
	a := flow.Actor{Roles: sc.Roles()}
	if sc.Holds(v.ID) {
		a.Relations = append(a.Relations, Holder)
	}
	if sc.Account() != "" && sc.Account() == v.Clerk {
		a.Relations = append(a.Relations, Clerk)
	}
	return a
}

// Held is a visit for whoever holds its secret; anything else is not found.
func (w *Windows) Held(ctx context.Context, sc access.Scope, id string) (*Visit, error) {
	if !sc.Holds(id) {
		return nil, store.ErrNotFound
	}
	return store.Get(ctx, w.db, func(tx *store.Tx) (*Visit, error) { return w.visit(tx, id) })
}

// Place is where a waiting visit stands.
type Place struct {
	Ahead   int   // how many are called before
	Minutes int64 // until it is called, as the last four weeks were; -1 = not known
}

// estimateDays is how far back estimates look.
const estimateDays = 28

// Place tells where a visit stands in the queue, and how long that takes by what really happened at the windows that serve
// its item in the last four weeks.
func (w *Windows) Place(ctx context.Context, v *Visit) (p Place, err error) {
	p.Minutes = -1
	if v.State != Waiting {
		return p, nil
	}
	err = w.db.Read(ctx, func(tx *store.Tx) error {
		list, err := w.ofDay(tx, v.Hall, v.Day)
		if err != nil {
			return err
		}
		mine := w.serving(v.Hall, v.Item)
		seated := 0
		for _, id := range mine {
			if on, err := w.Seated(tx, id); err != nil {
				return err
			} else if on {
				seated++
			}
		}
		for _, x := range list {
			if x.State == Waiting && x.Number < v.Number && slices.ContainsFunc(mine, func(id string) bool { return w.windowServes(id, x.Item) }) {
				p.Ahead++
			}
		}
		now := w.o.Clock()
		sums, err := w.SumsOf(tx, dayOf(now.AddDate(0, 0, -estimateDays)), dayOf(now.AddDate(0, 0, 1)))
		if err != nil {
			return err
		}
		var all Sums
		for _, id := range mine {
			all.Add(sums[id])
		}
		if all.Served > 0 {
			p.Minutes = (all.Handled/all.Served*int64(p.Ahead)/int64(max(seated, 1)) + 59) / 60
		}
		return nil
	})
	return p, err
}

// serving are the windows of a hall that serve an item.
func (w *Windows) serving(hall, item string) (out []string) {
	for _, x := range w.rules.Of(hall) {
		if slices.Contains(x.Items, item) {
			out = append(out, x.ID)
		}
	}
	return out
}

func (w *Windows) windowServes(id, item string) bool {
	x, ok := w.rules.Window(id)
	return ok && slices.Contains(x.Items, item)
}
