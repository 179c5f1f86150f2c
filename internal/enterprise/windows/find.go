package windows

import (
	"cmp"
	"context"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/store"
)

// CalledNow are the numbers of a hall that are called and not served yet, the newest first, and how many wait.
func (w *Windows) CalledNow(ctx context.Context, hall string) (called []*Visit, waiting int, err error) {
	err = w.db.Read(ctx, func(tx *store.Tx) error {
		list, err := w.ofDay(tx, hall, dayOf(w.o.Clock()))
		for _, v := range list {
			switch v.State {
			case Called:
				called = append(called, v)
			case Waiting:
				waiting++
			}
		}
		return err
	})
	slices.SortFunc(called, func(a, b *Visit) int { return cmp.Compare(b.Called, a.Called) })
	return called, waiting, err
}

// Desk is what a clerk sees: where she sits, whom she serves, and how many wait for her.
type Desk struct {
	Seat    *Seat // nil: nowhere
	Now     *Visit
	Waiting int
	Mine    []*Bad // bad ratings that wait for her word
}

// Desk is the page of the scope's clerk.
func (w *Windows) Desk(ctx context.Context, sc access.Scope) (d Desk, err error) {
	err = w.db.Read(ctx, func(tx *store.Tx) error {
		mine, err := w.objections(tx, sc)
		if err != nil {
			return err
		}
		for _, b := range mine {
			if (b.State == "flagged" || b.State == "contacted") && !b.Has("objected") && !b.Has("waived") {
				d.Mine = append(d.Mine, b)
			}
		}
		seats, err := w.mySeats(tx, sc)
		if err != nil || len(seats) == 0 {
			return err
		}
		d.Seat = seats[0]
		win, ok := w.rules.Window(d.Seat.Window)
		if !ok {
			return nil
		}
		list, err := w.ofDay(tx, win.Hall, dayOf(w.o.Clock()))
		for _, v := range list {
			switch {
			case v.State == Called && v.Clerk == sc.Account():
				d.Now = v
			case v.State == Waiting && slices.Contains(win.Items, v.Item):
				d.Waiting++
			}
		}
		return err
	})
	return d, err
}

// Parts of a window's quarter that open to visits.
const (
	PartCalled   = "called"
	PartLateCall = "late_call"
	PartServed   = "served"
	PartLateEnd  = "late_end"
	PartReturns  = "returns"
	PartAbsent   = "absent"
	PartRated    = "rated"
)

// VisitParts are all of them.
func VisitParts() []string {
	return []string{PartCalled, PartLateCall, PartServed, PartLateEnd, PartReturns, PartAbsent, PartRated}
}

// Behind are the visits behind a part of a window's quarter, the newest first, at most n before a moment (µs, 0 = all).
// next is the moment to go on before, 0 at the end.
func (w *Windows) Behind(ctx context.Context, sc access.Scope, window, quarter, part string, before int64, n int) (out []*Visit, next int64, err error) {
	from, until, ok := Bounds(quarter)
	if !ok || !w.reaches(sc, window) || !slices.Contains(VisitParts(), part) {
		return nil, 0, store.ErrNotFound
	}
	to := until.UnixMicro()
	if before > 0 {
		to = min(to, before)
	}
	err = w.db.Read(ctx, func(tx *store.Tx) error {
		for len(out) < n {
			list, err := w.behind(tx, window, part, from, to)
			if err != nil {
				return err
			}
			for _, v := range list {
				if to = v.when(part); v.of(part) {
					if out = append(out, v); len(out) == n {
						next = to
						return nil
					}
				}
			}
			if len(list) < pageOf {
				return nil
			}
		}
		return nil
	})
	return out, next, err
}

const pageOf = 200

func (w *Windows) behind(tx *store.Tx, window, part string, from time.Time, to int64) ([]*Visit, error) {
	args := []any{w.district, window, from.UnixMicro(), to, int64(pageOf)}
	switch part {
	case PartCalled, PartLateCall:
		return store.All(tx, scanVisit, `SELECT `+visitColumns+` FROM window_visits WHERE district = $1 AND win = $2 AND called >= $3 AND called < $4 ORDER BY called DESC, id DESC LIMIT $5`, args...)
	case PartRated:
		return store.All(tx, scanVisit, `SELECT `+visitColumns+` FROM window_visits WHERE district = $1 AND win = $2 AND counted > 0 AND counted >= $3 AND counted < $4 ORDER BY counted DESC, id DESC LIMIT $5`, args...)
	}
	return store.All(tx, scanVisit, `SELECT `+visitColumns+` FROM window_visits WHERE district = $1 AND win = $2 AND done >= $3 AND done < $4 ORDER BY done DESC, id DESC LIMIT $5`, args...)
}

// when is the moment by which a part lists a visit. Every act has a moment of its own, so that no two are the same.
func (v *Visit) when(part string) int64 {
	switch part {
	case PartCalled, PartLateCall:
		return v.Called
	case PartRated:
		return v.Counted
	}
	return v.Done
}

// of reports whether a visit that is listed belongs to the part.
func (v *Visit) of(part string) bool {
	switch part {
	case PartLateCall:
		return v.LateCall()
	case PartServed:
		return v.State == Served
	case PartLateEnd:
		return v.State == Served && v.LateEnd()
	case PartReturns:
		return v.Outcome == Supplemented || v.Outcome == Returned
	case PartAbsent:
		return v.State == Absent
	}
	return true
}
