package workdays

import (
	"context"
	"fmt"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Checker folds the acts about workdays and bookings and compares the results with the rows.
type Checker struct {
	w        *Workdays
	days     map[string]*Day
	bookings map[string]*Booking
	erased   map[string]bool // bookings whose words were erased
}

// NewChecker begins a check. Feed it every act of the journal with its texts, then Finish.
func (w *Workdays) NewChecker() *Checker {
	return &Checker{w, map[string]*Day{}, map[string]*Booking{}, map[string]bool{}}
}

// Fold takes the next act of the journal.
func (c *Checker) Fold(a journal.Act) error {
	switch a.Kind {
	case DayTable.Kind:
		if c.days[a.Subject] == nil {
			c.days[a.Subject] = &Day{}
		}
		return c.days[a.Subject].fold(&a)
	case BookingTable.Kind:
		if c.bookings[a.Subject] == nil {
			c.bookings[a.Subject] = &Booking{}
			if _, told := a.Texts["words"]; !told {
				c.erased[a.Subject] = true
			}
		}
		return c.bookings[a.Subject].fold(&a)
	}
	return nil
}

// Finish compares; the error names the first record that differs.
func (c *Checker) Finish(ctx context.Context) (n int, err error) {
	err = c.w.db.Read(ctx, func(tx *store.Tx) error {
		days, bookings := 0, 0
		if err := tx.Each(`SELECT `+dayColumns+` FROM workdays WHERE district = $1`, []any{c.w.district}, func(r store.Scanner) error {
			row, err := scanDay(r)
			if err != nil {
				return err
			}
			if d := c.days[row.ID]; d == nil || *d != *row {
				return fmt.Errorf("workdays: day %s: the row does not agree with its acts", row.ID)
			}
			days++
			return nil
		}); err != nil {
			return err
		}
		if err := tx.Each(`SELECT `+bookingColumns+` FROM workday_bookings WHERE district = $1`, []any{c.w.district}, func(r store.Scanner) error {
			row, err := scanBooking(r)
			if err != nil {
				return err
			}
			b := c.bookings[row.Number]
			if b != nil && c.erased[row.Number] {
				b.Words = row.Words
			}
			if b == nil || *b != *row {
				return fmt.Errorf("workdays: booking %s: the row does not agree with its acts", row.Number)
			}
			bookings++
			return nil
		}); err != nil {
			return err
		}
		if days != len(c.days) || bookings != len(c.bookings) {
			return fmt.Errorf("workdays: %d days and %d bookings have acts, %d and %d have rows", len(c.days), len(c.bookings), days, bookings)
		}
		n = days + bookings
		return nil
	})
	return n, err
}
