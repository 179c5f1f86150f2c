package workdays

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"weixiao/internal/journal"
	"weixiao/internal/notify"
	"weixiao/internal/store"
	"weixiao/internal/words"
)

// lateNotice is how old an act may be and still be told.
const lateNotice = 48 * time.Hour

// toResident are the acts of a booking that its holder hears of, by template.
var toResident = map[string]string{"place": "workday.placed", "answer": "workday.answered", "day_moved": "workday.moved", "day_cancelled": "workday.cancelled",
	"take": "workday.case", "not_heard": "workday.case", "rebook": "workday.placed"}

// toUnits are the acts of a day that the units sitting there hear of.
var toUnits = map[string]string{"publish": "unit.workday", "move": "unit.workday.moved", "cancel": "unit.workday.cancelled", "staff": "unit.workday"}

// Follower tells residents what concerns their booking and units where they are expected. Without a provider nothing
// is queued for residents: residents is false then.
func (w *Workdays) Follower(owner string, residents bool) journal.Follower {
	return journal.Follower{Name: "workdays", Concerns: func(a journal.Act) bool {
		return a.Kind == BookingTable.Kind && (residents && (toResident[a.Action] != "" || a.Action == "book") || a.Action == "ask") || a.Kind == DayTable.Kind && toUnits[a.Action] != ""
	}, Handle: func(tx *store.Tx, acts []journal.Act) error {
		for _, a := range acts {
			if w.o.Clock().Sub(a.Time()) > lateNotice {
				continue
			}
			var err error
			switch a.Kind {
			case BookingTable.Kind:
				err = w.tellBooking(tx, owner, residents, a)
			case DayTable.Kind:
				err = w.tellUnits(tx, a)
			}
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("act %d: %w", a.Seq, err)
			}
		}
		return nil
	}}
}

func (w *Workdays) tellBooking(tx *store.Tx, owner string, residents bool, a journal.Act) error {
	template := toResident[a.Action]
	if template == "" && a.Action != "book" && a.Action != "ask" {
		return nil
	}
	b, err := w.booking(tx, a.Subject)
	if err != nil {
		return err
	}
	d, err := w.day(tx, b.Day)
	if err != nil {
		return err
	}
	id := strconv.FormatInt(a.Seq, 10)
	args := map[string]string{"owner": owner, "number": b.Number, "place": w.name(d.Community) + d.Place, "when": w.when(d, b), "case": b.Case}
	if a.Action == "ask" {
		return w.queue(tx, notify.Message{ID: id + "-" + b.Unit, Channel: notify.ToUnit, Receiver: b.Unit, Template: "unit.workday.asked", Subject: b.Number, Args: args})
	}
	if !residents || b.Person == "" {
		return nil
	}
	if a.Action == "book" {
		if template = "workday.booked"; b.State == Waiting {
			template = "workday.waiting"
		}
	} else if a.Action == "day_moved" && b.State == Waiting {
		template = "workday.moved.waiting"
	}
	return w.queue(tx, notify.Message{ID: id + "-resident", Channel: notify.ToResident, Receiver: b.Person, Template: template, Subject: b.Number, Args: args})
}

// when is the time of a booking in words: its slot, or the day's hours without one.
func (w *Workdays) when(d *Day, b *Booking) string {
	at := d.Begins()
	if b.Slot >= 0 {
		at = d.At(b.Slot)
	}
	return words.Moment(words.ZH, w.o.Clock(), at)
}

func (w *Workdays) name(unit string) string {
	u, ok := w.dir.Unit(unit)
	if !ok {
		return ""
	}
	if u.Short != "" {
		return u.Short
	}
	return u.Name
}

func (w *Workdays) tellUnits(tx *store.Tx, a journal.Act) error {
	template := toUnits[a.Action]
	if template == "" {
		return nil
	}
	d, err := w.day(tx, a.Subject)
	if err != nil {
		return err
	}
	for _, u := range d.UnitList() {
		if err := w.queue(tx, notify.Message{ID: strconv.FormatInt(a.Seq, 10) + "-" + u, Channel: notify.ToUnit, Receiver: u, Template: template, Subject: d.ID,
			Args: map[string]string{"place": w.name(d.Community) + d.Place, "when": words.Moment(words.ZH, w.o.Clock(), d.Begins())}}); err != nil {
			return err
		}
	}
	return nil
}

func (w *Workdays) queue(tx *store.Tx, m notify.Message) error {
	m.District = w.district
	return notify.Queue(tx, m, w.o.Clock())
}
