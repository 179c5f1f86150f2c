package workdays

import (
	"context"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Figures that a day, or many, have. Each is the list of its records: Of makes both from the same rule.
const (
	FigBooked   = "booked"   // booked before the day, and not taken back
	FigWalkins  = "walkins"  // came without
	FigAnswered = "answered" // answered by a unit before the day
	FigSettled  = "settled"  // answered on the spot
	FigCases    = "cases"    // became a case
	FigSolved   = "solved"   // solved within the pack's limit, by the resident's word
	FigOpen     = "open"     // not solved, and not given up, to this moment
	FigAbsent   = "absent"   // did not come
)

// FigureNames lists them in the order of a table.
func FigureNames() []string {
	return []string{FigBooked, FigWalkins, FigAnswered, FigSettled, FigCases, FigSolved, FigOpen, FigAbsent}
}

// of says which figures a booking counts for. due is the end of the limit for FigSolved.
func of(b *Booking, o Outcome, due time.Time) []string {
	if b.State == Withdrawn {
		return nil
	}
	var out []string
	add := func(ok bool, name string) bool {
		if ok {
			out = append(out, name)
		}
		return ok
	}
	add(!b.Walkin, FigBooked)
	add(b.Walkin, FigWalkins)
	add(b.Answered > 0, FigAnswered)
	add(b.Settled > 0, FigSettled)
	if add(b.Case != "", FigCases) {
		add(o.Solved && o.Closed <= due.UnixMicro(), FigSolved)
		add(!o.Ended, FigOpen)
	} else {
		add(b.Said == SaidSolved, FigSolved)
		add(!b.Ended(), FigOpen)
	}
	add(b.State == Absent, FigAbsent)
	return out
}

// SolvedDays is the number of the limit for FigSolved, in the unit of the pack: 7 working days.
func (w *Workdays) SolvedDays() int {
	l, _ := worktime.ParseLimit(w.rules.SolvedWithin) // the pack was checked
	return l.N
}

// Record is a booking among the figures, with its day and what became of its case.
type Record struct {
	*Booking
	At      *Day
	Outcome Outcome
	Counts  []string // figures it counts for
}

// Records are the bookings of days, each with what it counts for. Only days whose bookings the scope sees are there.
func (w *Workdays) Records(ctx context.Context, sc access.Scope, days []*Day) ([]Record, error) {
	var out []Record
	err := w.db.Read(ctx, func(tx *store.Tx) error {
		for _, d := range days {
			if !w.seesBookings(sc, d) {
				continue
			}
			list, err := w.records(tx, d)
			if err != nil {
				return err
			}
			out = append(out, list...)
		}
		return nil
	})
	return out, err
}

func (w *Workdays) records(tx *store.Tx, d *Day) ([]Record, error) {
	list, err := w.bookingsOf(tx, d.ID)
	if err != nil {
		return nil, err
	}
	var numbers []string
	for _, b := range list {
		if b.Case != "" {
			numbers = append(numbers, b.Case)
		}
	}
	outcomes, err := w.o.Outcomes(tx, numbers)
	if err != nil {
		return nil, err
	}
	due := w.after(d, w.rules.SolvedWithin)
	out := make([]Record, 0, len(list))
	for _, b := range list {
		o := outcomes[b.Case]
		out = append(out, Record{b, d, o, of(b, o, due)})
	}
	return out, nil
}

// Tally counts records by figure.
func Tally(list []Record) map[string]int {
	out := map[string]int{}
	for _, r := range list {
		for _, f := range r.Counts {
			out[f]++
		}
	}
	return out
}

// Public are the figures of days for anybody, by day: numbers and nothing else.
func (w *Workdays) Public(ctx context.Context, days []*Day) (map[string]map[string]int, error) {
	out := map[string]map[string]int{}
	err := w.db.Read(ctx, func(tx *store.Tx) error {
		for _, d := range days {
			list, err := w.records(tx, d)
			if err != nil {
				return err
			}
			out[d.ID] = Tally(list)
		}
		return nil
	})
	return out, err
}
