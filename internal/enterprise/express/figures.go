package express

import (
	"context"
	"fmt"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Watchers see the figures of the line: numbers, states and times.
var Watchers = []string{access.ExpressClerk, access.Leader, access.Supervisor, access.Auditor}

// Outline is all that those who may not read a letter learn of it.
type Outline struct {
	Number   string
	State    string
	Created  time.Time
	Since    time.Time // when it came into its state
	Due      time.Time // zero: nothing runs
	Readable bool      // the asker may open it
}

// Figure is a figure of the line with the letters it counts. Of is what it is a share of; 0: it is a count.
type Figure struct {
	Name    string
	N, Of   int
	Letters []Outline // those counted in N
}

// Share is N of Of in tenths of a percent; 0 of nothing.
func (f Figure) Share() int {
	if f.Of == 0 {
		return 0
	}
	return (f.N*1000 + f.Of/2) / f.Of
}

// Names of figures.
const (
	FigReceived  = "received"  // letters that came in
	FigInTime    = "in_time"   // screened within the limit, of those screened or due
	FigValid     = "valid"     // went to a leader, of those screened
	FigDone      = "done"      // closed, of those that went to a leader
	FigSatisfied = "satisfied" // rated 4 or 5, of those rated
	FigOpen      = "open"      // not ended
	FigLate      = "late"      // with a clock that has run out
	FigLong      = "long"      // on the long-term list
)

// Figures counts the letters received from one moment to another, with the figures in the order of the constants.
func (x *Express) Figures(ctx context.Context, sc access.Scope, begin, end time.Time) ([]Figure, error) {
	if !sc.Can(Watchers...) {
		return nil, flow.ErrForbidden
	}
	names := []string{FigReceived, FigInTime, FigValid, FigDone, FigSatisfied, FigOpen, FigLate, FigLong}
	out := make([]Figure, len(names))
	for i, n := range names {
		out[i].Name = n
	}
	now := x.o.Clock()
	err := x.db.Read(ctx, func(tx *store.Tx) error {
		return x.book.Each(tx, record.Filter{}, func(l *Letter) error {
			if l.Created < begin.UnixMicro() || l.Created >= end.UnixMicro() {
				return nil
			}
			counted, of, o, err := x.count(tx, sc, l, now)
			for i := range out {
				if slices.Contains(of, out[i].Name) {
					out[i].Of++
				}
				if slices.Contains(counted, out[i].Name) {
					out[i].N++
					out[i].Letters = append(out[i].Letters, o)
				}
			}
			return err
		})
	})
	return out, err
}

// count says in which figures a letter counts, and of which it is a part of the whole.
func (x *Express) count(tx *store.Tx, sc access.Scope, l *Letter, now time.Time) (counted, of []string, o Outline, err error) {
	o = Outline{Number: l.ID, State: l.State, Created: time.UnixMicro(l.Created), Since: time.UnixMicro(l.Since), Readable: x.sees(sc, l)}
	if o.Due, err = x.Due(tx, l); err != nil {
		return nil, nil, o, err
	}
	counted = []string{FigReceived}
	add := func(name string, whole, part bool) {
		if whole {
			of = append(of, name)
		}
		if part {
			counted = append(counted, name)
		}
	}
	k := l.Clocks["screen"]
	due, err := x.book.Engine().Deadline(tx, k)
	if err != nil {
		return nil, nil, o, err
	}
	screened := !k.Running()
	add(FigInTime, screened || !now.Before(due.At), screened && !time.UnixMicro(k.Stop).After(due.At))
	add(FigValid, screened, screened && l.State != Rejected)
	add(FigDone, screened && l.State != Rejected, l.State == Closed)
	add(FigSatisfied, l.Satisfaction != "", l.Satisfaction == "5" || l.Satisfaction == "4")
	open := l.State != Closed && l.State != Rejected
	add(FigOpen, false, open)
	add(FigLate, false, open && !o.Due.IsZero() && o.Due.Before(now))
	add(FigLong, false, l.State == LongTerm)
	return counted, of, o, nil
}

// Sheet is a week of the line for leaders: numbers, states and times, no words.
type Sheet struct {
	Begin, End time.Time // Monday to the next Monday
	Week       []Figure  // of the letters received in the week
	Open       []Outline // everything not ended, the oldest first
	Ages       Ages
}

// Ages are those of the open letters in whole days.
type Ages struct{ N, Median, Oldest int }

// Week is the sheet of the week that a moment lies in.
func (x *Express) Week(ctx context.Context, sc access.Scope, in time.Time) (s Sheet, err error) {
	local := in.In(worktime.Zone)
	s.Begin = time.Date(local.Year(), local.Month(), local.Day()-(int(local.Weekday())+6)%7, 0, 0, 0, 0, worktime.Zone)
	s.End = s.Begin.AddDate(0, 0, 7)
	if s.Week, err = x.Figures(ctx, sc, s.Begin, s.End); err != nil {
		return s, err
	}
	all, err := x.Figures(ctx, sc, time.Time{}, s.End)
	if err != nil {
		return s, err
	}
	i := slices.IndexFunc(all, func(f Figure) bool { return f.Name == FigOpen })
	s.Open = all[i].Letters
	slices.Reverse(s.Open)
	now := x.o.Clock()
	if n := len(s.Open); n > 0 {
		age := func(o Outline) int { return int(now.Sub(o.Created).Hours() / 24) }
		s.Ages = Ages{n, age(s.Open[n/2]), age(s.Open[0])}
	}
	return s, nil
}

// String is the figure for the file and for tests.
func (f Figure) String() string {
	if f.Of == 0 {
		return fmt.Sprint(f.N)
	}
	return fmt.Sprintf("%d/%d", f.N, f.Of)
}
