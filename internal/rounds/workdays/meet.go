package workdays

import (
	"context"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/vault"
)

// OpenBooking lists what the scope may do with a booking now.
func (w *Workdays) OpenBooking(sc access.Scope, d *Day, b *Booking) []*flow.Action {
	var out []*flow.Action
	for _, a := range BookingTable.Open(b.Position(), w.bookingActor(sc, d, b)) {
		if w.timely(d, a.Name) == nil && !sc.Can(access.System) {
			out = append(out, a)
		}
	}
	return out
}

// timely refuses an action on a booking outside its time.
func (w *Workdays) timely(d *Day, action string) error {
	now := w.o.Clock()
	switch action {
	case "settle", "take":
		if !w.Today(d) {
			return refuse("", "现场办理从工作日当天开始", "matters are dealt with from the day itself on")
		}
	case "answer", "ask", "rebook":
		if d.State != Open || now.UnixMicro() >= d.To {
			return refuse("", "这个工作日已经结束", "this workday is over")
		}
	case "follow_up":
		if from := w.FollowFrom(d); now.Before(from) {
			return refuse("", "回访从 %s 开始", "the follow-up begins on %s", from.In(zone).Format(time.DateOnly))
		}
	}
	return nil
}

// Do does an action to a booking. version is that of the page it was decided on, 0 when it does not matter. Faults are
// form.Faults or a *Refusal.
func (w *Workdays) Do(ctx context.Context, sc access.Scope, number, action string, version int64, raw form.Raw) error {
	act, err := BookingTable.Action(action)
	if err != nil {
		return err
	}
	if act.From == nil {
		return flow.ErrUnknown
	}
	return w.again(ctx, func(tx *store.Tx) error {
		b, err := w.booking(tx, number)
		if err != nil {
			return err
		}
		d, err := w.day(tx, b.Day)
		if err != nil {
			return err
		}
		if !w.sees(sc, d, b) {
			return store.ErrNotFound
		}
		if _, err := BookingTable.Permit(action, b.Position(), w.bookingActor(sc, d, b)); err != nil {
			return err
		}
		answers, err := w.Form(act, d).Check(raw)
		if err != nil {
			return err
		}
		if version != 0 && b.Version != version {
			return ErrStale
		}
		if err := w.timely(d, action); err != nil {
			return err
		}
		return w.meet(tx, sc, d, b, act, answers)
	})
}

func (w *Workdays) meet(tx *store.Tx, sc access.Scope, d *Day, b *Booking, act *flow.Action, answers form.Answers) error {
	n, texts := *b, map[string]string{}
	if act.To != "" {
		n.State = act.To
	}
	for _, name := range []string{"answer", "reason", "done"} {
		if s := answers.Str(name); s != "" {
			texts[name], _ = text.Redact(s)
		}
	}
	now := w.o.Clock().UnixMicro()
	switch act.Name {
	case "ask":
		if u, ok := w.dir.Unit(answers.Str("unit")); !ok || !u.Kind.HandlesCases() {
			return form.Faults{{Field: "unit", Code: "unit"}}
		}
		n.Unit = answers.Str("unit")
	case "answer":
		n.Answered = now
	case "settle":
		n.Settled = now
	case "rebook":
		return w.rebook(tx, sc, d, b, answers.Str("slot"))
	case "take":
		return w.file(tx, sc, d, b, &n, act.Name, answers.Str("place"), answers.Str("promise"))
	case "enough":
		n.Said, n.Slot, n.Seat = SaidSolved, -1, -1
	case "withdraw":
		n.Slot, n.Seat = -1, -1
	case "follow_up":
		n.Said = answers.Str("said")
		if n.Said == SaidNo && n.Case == "" {
			// What was not solved after all is not left at that.
			return w.fileWith(tx, sc, d, b, &n, act.Name, "", texts)
		}
	}
	if err := w.recordBooking(tx, sc, d, b, act.Name, n, texts); err != nil {
		return err
	}
	if act.Name == "enough" || act.Name == "withdraw" {
		return w.fillUp(tx, d)
	}
	return nil
}

// rebook gives a booking another slot; its old seat goes to who waits.
func (w *Workdays) rebook(tx *store.Tx, sc access.Scope, d *Day, b *Booking, slot string) error {
	list, err := w.bookingsOf(tx, d.ID)
	if err != nil {
		return err
	}
	to, err := strconv.ParseInt(slot, 10, 64)
	if err != nil {
		return form.Faults{{Field: "slot", Code: "choice"}}
	}
	if to == b.Slot {
		return refuse("slot", "您现在约的就是这个时段", "this is the time you have")
	}
	s := planOf(d, list).in(to)
	if s == none {
		return refuse("slot", "这个时段刚刚约满，请换一个", "this time was taken just now: please choose another")
	}
	n := *b
	n.Slot, n.Seat = s.slot, s.seat
	if n.State == Waiting {
		n.State = Booked
	}
	if err := w.recordBooking(tx, sc, d, b, "rebook", n, nil); err != nil {
		return err
	}
	return w.fillUp(tx, d)
}

// fillUp gives seats that became free to those who wait, the longest waiting first.
func (w *Workdays) fillUp(tx *store.Tx, d *Day) error {
	if d.State != Open || w.o.Clock().UnixMicro() >= d.To {
		return nil
	}
	list, err := w.bookingsOf(tx, d.ID)
	if err != nil {
		return err
	}
	p := planOf(d, list)
	for _, b := range list {
		if b.State != Waiting {
			continue
		}
		s := p.first()
		if s == none {
			return nil
		}
		p.taken[s] = true
		n := *b
		n.State, n.Slot, n.Seat = Booked, s.slot, s.seat
		if err := w.recordBooking(tx, w.system("a seat became free"), d, b, "place", n, nil); err != nil {
			return err
		}
	}
	return nil
}

// file turns the matter into a case in the transaction of the act that says so.
func (w *Workdays) file(tx *store.Tx, sc access.Scope, d *Day, b, n *Booking, action, place, promise string) error {
	texts := map[string]string{}
	if promise != "" {
		texts["promise"], _ = text.Redact(promise)
	}
	return w.fileWith(tx, sc, d, b, n, action, place, texts)
}

func (w *Workdays) fileWith(tx *store.Tx, sc access.Scope, d *Day, b, n *Booking, action, place string, texts map[string]string) error {
	words, p, err := w.opened(tx, sc, b)
	if err != nil {
		return err
	}
	r := Request{Words: words, Community: d.Community, Place: place, Person: p}
	if n.Case, err = w.o.File(tx, sc, r, w.o.Clock()); err != nil {
		return err
	}
	return w.recordBooking(tx, sc, d, b, action, *n, texts)
}

// opened takes a resident's own words and contact out of the vault to hand them on to the case; the ledger shows it.
func (w *Workdays) opened(tx *store.Tx, sc access.Scope, b *Booking) (string, vault.Person, error) {
	if b.Person == "" {
		return b.Words, vault.Person{}, nil
	}
	unit := sc.Actor("").Unit
	if unit == "" {
		unit = w.dir.Root().ID
	}
	note := vault.Disclosure{At: w.o.Clock(), Account: sc.Account(), Unit: unit, Subject: b.Number, Kind: vault.KindForward, Fields: []vault.Field{vault.FieldName, vault.FieldPhone}}
	p, err := w.o.Vault.Use(tx, w.district, b.Person, note)
	if err != nil {
		return "", p, err
	}
	texts, err := w.o.Vault.OpenText(tx, w.district, b.Person, note, "words")
	return texts["words"], p, err
}

// Waiters is how many wait for a seat among bookings.
func Waiters(list []*Booking) int {
	return len(slices.DeleteFunc(slices.Clone(list), func(b *Booking) bool { return b.State != Waiting }))
}
