package cases

import (
	"context"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/store"
)

// Overview is the district at one moment, for the command centre.
type Overview struct {
	Now       time.Time
	Today     int            // taken in since midnight
	Hours     [24]int        // of them, by hour
	WeekAgo   [24]int        // the same weekday last week
	Matters   map[string]int // today, by matter
	WeekAgoBy map[string]int // matters of the same weekday last week, until this hour
	Channels  map[string]int // today
	Open      int
	ToSign    int
	Soon      int // due within the hour
	Overdue   int
	Streets   map[string]Load // by street; "" where the place is not known
	Worst     []*Row          // open and longest overdue
}

// Load is what a street has open.
type Load struct{ Open, Soon, Overdue, Today int }

// Overview reads the district's state. The scope must reach all of it.
func (c *Cases) Overview(ctx context.Context, sc access.Scope) (*Overview, error) {
	if !sc.All() {
		return nil, store.ErrNotFound
	}
	now := c.clock()
	local := now.In(zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	o := &Overview{Now: now, Matters: map[string]int{}, WeekAgoBy: map[string]int{}, Channels: map[string]int{}, Streets: map[string]Load{}}
	err := c.db.Read(ctx, func(tx *store.Tx) error {
		if err := c.countDay(tx, o, midnight); err != nil {
			return err
		}
		if err := c.countWeekAgo(tx, o, midnight.AddDate(0, 0, -7), now.AddDate(0, 0, -7)); err != nil {
			return err
		}
		worst, err := c.countOpen(tx, o, now)
		if err != nil {
			return err
		}
		o.Worst, err = c.rows(tx, worst)
		return err
	})
	return o, err
}

func (c *Cases) countDay(tx *store.Tx, o *Overview, midnight time.Time) error {
	return tx.Each(`SELECT created, channel, matter, street FROM cases WHERE district = $1 AND doc >= $2`, []any{c.d.Code, midnight.UnixMicro() << 12}, func(r store.Scanner) error {
		var at int64
		var channel, matter, street string
		if err := r.Scan(&at, &channel, &matter, &street); err != nil {
			return err
		}
		o.Today++
		o.Hours[time.UnixMicro(at).In(zone).Hour()]++
		o.Matters[matter]++
		o.Channels[channel]++
		l := o.Streets[street]
		l.Today++
		o.Streets[street] = l
		return nil
	})
}

func (c *Cases) countWeekAgo(tx *store.Tx, o *Overview, from, until time.Time) error {
	return tx.Each(`SELECT created, matter FROM cases WHERE district = $1 AND doc >= $2 AND doc < $3`,
		[]any{c.d.Code, from.UnixMicro() << 12, from.AddDate(0, 0, 1).UnixMicro() << 12}, func(r store.Scanner) error {
			var at int64
			var matter string
			if err := r.Scan(&at, &matter); err != nil {
				return err
			}
			o.WeekAgo[time.UnixMicro(at).In(zone).Hour()]++
			if at <= until.UnixMicro() {
				o.WeekAgoBy[matter]++
			}
			return nil
		})
}

// countOpen counts what is open and names the three that are longest overdue.
func (c *Cases) countOpen(tx *store.Tx, o *Overview, now time.Time) (worst []string, err error) {
	b := c.board
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.sync(tx); err != nil {
		return nil, err
	}
	late, soon := now.UnixMicro(), now.Add(time.Hour).UnixMicro()
	for _, k := range b.order { // by deadline
		l := o.Streets[k.street]
		l.Open++
		o.Open++
		switch {
		case k.due < late:
			l.Overdue++
			o.Overdue++
			if len(worst) < 3 {
				worst = append(worst, k.number)
			}
		case k.due < soon:
			l.Soon++
			o.Soon++
		}
		if k.state == Dispatched {
			o.ToSign++
		}
		o.Streets[k.street] = l
	}
	return worst, nil
}
