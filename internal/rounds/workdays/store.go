package workdays

import (
	"context"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

const dayColumns = `id, state, community, place, from_at, to_at, slot, seats, leader, units, themes, made_up, created, changed, version, last_seq`

func scanDay(r store.Scanner) (*Day, error) {
	d := &Day{}
	return d, r.Scan(&d.ID, &d.State, &d.Community, &d.Place, &d.From, &d.To, &d.Slot, &d.Seats, &d.Leader, &d.Units, &d.Themes, &d.MadeUp, &d.Created, &d.Changed, &d.Version, &d.lastSeq)
}

func (w *Workdays) saveDay(tx *store.Tx, d *Day) error {
	return tx.Exec(`INSERT INTO workdays (district, `+dayColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (district, id) DO UPDATE SET state = excluded.state, place = excluded.place, from_at = excluded.from_at, to_at = excluded.to_at, slot = excluded.slot,
			seats = excluded.seats, leader = excluded.leader, units = excluded.units, themes = excluded.themes, changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq`,
		w.district, d.ID, d.State, d.Community, d.Place, d.From, d.To, d.Slot, d.Seats, d.Leader, d.Units, d.Themes, d.MadeUp, d.Created, d.Changed, d.Version, d.lastSeq)
}

func (w *Workdays) day(tx *store.Tx, id string) (*Day, error) {
	list, err := store.All(tx, scanDay, `SELECT `+dayColumns+` FROM workdays WHERE district = $1 AND id = $2`, w.district, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, store.ErrNotFound
	}
	return list[0], nil
}

const bookingColumns = `number, day, state, slot, seat, walkin, theme, words, person, unit, answered, settled, case_no, said, via, created, changed, version, last_seq`

func scanBooking(r store.Scanner) (*Booking, error) {
	b := &Booking{}
	return b, r.Scan(&b.Number, &b.Day, &b.State, &b.Slot, &b.Seat, &b.Walkin, &b.Theme, &b.Words, &b.Person, &b.Unit, &b.Answered, &b.Settled, &b.Case, &b.Said, &b.Via, &b.Created, &b.Changed, &b.Version, &b.lastSeq)
}

func (w *Workdays) saveBooking(tx *store.Tx, b *Booking) error {
	return tx.Exec(`INSERT INTO workday_bookings (district, `+bookingColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
		ON CONFLICT (district, number) DO UPDATE SET state = excluded.state, slot = excluded.slot, seat = excluded.seat, unit = excluded.unit, answered = excluded.answered,
			settled = excluded.settled, case_no = excluded.case_no, said = excluded.said, changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq`,
		w.district, b.Number, b.Day, b.State, b.Slot, b.Seat, b.Walkin, b.Theme, b.Words, b.Person, b.Unit, b.Answered, b.Settled, b.Case, b.Said, b.Via, b.Created, b.Changed, b.Version, b.lastSeq)
}

func (w *Workdays) booking(tx *store.Tx, number string) (*Booking, error) {
	list, err := store.All(tx, scanBooking, `SELECT `+bookingColumns+` FROM workday_bookings WHERE district = $1 AND number = $2`, w.district, number)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, store.ErrNotFound
	}
	return list[0], nil
}

// bookingsOf are all bookings of a day in the order in which they were made. A day has at most a few hundred.
func (w *Workdays) bookingsOf(tx *store.Tx, day string) ([]*Booking, error) {
	return store.All(tx, scanBooking, `SELECT `+bookingColumns+` FROM workday_bookings WHERE district = $1 AND day = $2 ORDER BY created, number`, w.district, day)
}

// Get finds a day with its acts, the oldest first.
func (w *Workdays) Get(ctx context.Context, sc access.Scope, id string) (d *Day, acts []journal.Act, err error) {
	err = w.db.Read(ctx, func(tx *store.Tx) error {
		if d, err = w.day(tx, id); err != nil {
			return err
		}
		if !w.seesDay(sc, d) {
			return store.ErrNotFound
		}
		acts, err = journal.History(tx, w.district, DayTable.Kind, id)
		return err
	})
	return d, acts, err
}

// Filter narrows a list of days; empty fields do not.
type Filter struct {
	Community string
	From, To  time.Time // days that begin within; zero = open
	Newest    bool      // the latest first
	States    []string
	After     *Day // the list goes on behind it
	Limit     int  // 0 = 50
}

// List lists the days the scope reaches in the order of their hours.
func (w *Workdays) List(ctx context.Context, sc access.Scope, f Filter) ([]*Day, error) {
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 50
	}
	from, to := int64(0), int64(1<<62)
	if !f.From.IsZero() {
		from = f.From.UnixMicro()
	}
	if !f.To.IsZero() {
		to = f.To.UnixMicro()
	}
	var out []*Day
	err := w.db.Read(ctx, func(tx *store.Tx) error {
		after, last := f.After, ""
		for len(out) < f.Limit {
			if after != nil {
				last = after.ID
				if f.Newest {
					to = after.From + 1
				} else {
					from = after.From
				}
			}
			list, err := w.page(tx, f, from, to, last)
			if err != nil || len(list) == 0 {
				return err
			}
			for _, d := range list {
				if w.seesDay(sc, d) && (len(f.States) == 0 || slices.Contains(f.States, d.State)) {
					out = append(out, d)
				}
			}
			after = list[len(list)-1]
		}
		return nil
	})
	return out[:min(len(out), f.Limit)], err
}

// page reads the next days within [from, to), behind the one with the id last at that very moment.
func (w *Workdays) page(tx *store.Tx, f Filter, from, to int64, last string) ([]*Day, error) {
	const n = 100
	switch {
	case f.Community != "" && f.Newest:
		return store.All(tx, scanDay, `SELECT `+dayColumns+` FROM workdays WHERE district = $1 AND community = $2 AND from_at >= $3 AND from_at < $4 AND ($5 = '' OR (from_at, id) < ($4 - 1, $5))
			ORDER BY from_at DESC, id DESC LIMIT $6`, w.district, f.Community, from, to, last, n)
	case f.Community != "":
		return store.All(tx, scanDay, `SELECT `+dayColumns+` FROM workdays WHERE district = $1 AND community = $2 AND from_at >= $3 AND from_at < $4 AND ($5 = '' OR (from_at, id) > ($3, $5))
			ORDER BY from_at, id LIMIT $6`, w.district, f.Community, from, to, last, n)
	case f.Newest:
		return store.All(tx, scanDay, `SELECT `+dayColumns+` FROM workdays WHERE district = $1 AND from_at >= $2 AND from_at < $3 AND ($4 = '' OR (from_at, id) < ($3 - 1, $4))
			ORDER BY from_at DESC, id DESC LIMIT $5`, w.district, from, to, last, n)
	}
	return store.All(tx, scanDay, `SELECT `+dayColumns+` FROM workdays WHERE district = $1 AND from_at >= $2 AND from_at < $3 AND ($4 = '' OR (from_at, id) > ($2, $4))
		ORDER BY from_at, id LIMIT $5`, w.district, from, to, last, n)
}

// Bookings are those of a day, in the order in which they were made, for whoever hosts it, sits there or sees all.
func (w *Workdays) Bookings(ctx context.Context, sc access.Scope, d *Day) (list []*Booking, err error) {
	if !w.seesBookings(sc, d) {
		return nil, nil
	}
	err = w.db.Read(ctx, func(tx *store.Tx) error {
		list, err = w.bookingsOf(tx, d.ID)
		return err
	})
	return list, err
}

// Booking finds a booking with its day and its acts, the oldest first.
func (w *Workdays) Booking(ctx context.Context, sc access.Scope, number string) (b *Booking, d *Day, acts []journal.Act, err error) {
	err = w.db.Read(ctx, func(tx *store.Tx) error {
		if b, err = w.booking(tx, number); err != nil {
			return err
		}
		if d, err = w.day(tx, b.Day); err != nil {
			return err
		}
		if !w.sees(sc, d, b) {
			return store.ErrNotFound
		}
		acts, err = journal.History(tx, w.district, BookingTable.Kind, number)
		return err
	})
	return b, d, acts, err
}

// Free is how many seats are left in each slot of a day: a number and nothing else, for anybody.
func (w *Workdays) Free(ctx context.Context, d *Day) (free []int64, err error) {
	err = w.db.Read(ctx, func(tx *store.Tx) error {
		list, err := w.bookingsOf(tx, d.ID)
		free = planOf(d, list).free()
		return err
	})
	return free, err
}
