package worktime

import (
	"math"
	"sort"
	"time"
)

// Add returns the deadline of a limit that starts at start, without pauses or
// extensions. N below 1 is 0, an unknown unit panics; ParseLimit yields neither.
func (c *Calendar) Add(start time.Time, l Limit) Due {
	return c.Deadline(Clock{Start: start, Limit: l})
}

// Between returns how much time from from to to counts in unit: 24 hours for a
// workday, an hour for a work hour. Zero if from is not before to. At most what a
// time.Duration can hold, 292 years.
func (c *Calendar) Between(from, to time.Time, unit Unit) time.Duration {
	return c.count(unit.measure(), from, to)
}

// Next returns the first instant at or after t that counts in unit: t itself
// inside office hours, else the next opening.
func (c *Calendar) Next(t time.Time, unit Unit) time.Time {
	// The earliest instant by which a nanosecond has counted ends that nanosecond.
	return c.advance(unit.measure(), t, 1).Add(-1).In(Zone)
}

// place is an instant as the tables see it.
type place struct {
	table *yearTable
	day   int
	off   time.Duration // since midnight
}

func (c *Calendar) locate(t time.Time) place {
	t = t.In(Zone)
	table := c.year(t.Year())
	since := t.Sub(table.first)
	return place{table, int(since / dayLong), since % dayLong}
}

// counted is the time that counts under m from the start of the year to p.
func (p place) counted(m measure) time.Duration {
	sum := p.table.cum[m][p.day]
	d := &p.table.day[p.day]
	if m == onWorkdays {
		if d.working() {
			sum += p.off
		}
		return sum
	}
	for _, s := range d.shifts {
		sum += min(max(p.off-s.from, 0), s.to-s.from)
	}
	return sum
}

// count is Between for a measure.
func (c *Calendar) count(m measure, from, to time.Time) time.Duration {
	if !from.Before(to) {
		return 0
	}
	if m == always {
		return to.Sub(from)
	}
	a, b := c.locate(from), c.locate(to)
	sum := -a.counted(m)
	for y := a.table; y.year < b.table.year; y = c.year(y.year + 1) {
		sum += y.cum[m][y.days]
		if sum < -dayLong*366 { // wrapped around after some 300 years
			return math.MaxInt64
		}
	}
	if sum += b.counted(m); sum < 0 {
		return math.MaxInt64
	}
	return sum
}

// advance returns the earliest instant by which d has counted after from; from
// itself if d is not positive. It ends because every year has a working day.
func (c *Calendar) advance(m measure, from time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return from
	}
	if m == always {
		return from.Add(d)
	}
	at := c.locate(from)
	target := at.counted(m) + d // since the start of the year of table
	table := at.table
	for target > table.cum[m][table.days] {
		target -= table.cum[m][table.days]
		table = c.year(table.year + 1)
	}
	day := sort.Search(table.days, func(i int) bool { return table.cum[m][i+1] >= target })
	return table.midnight(day).Add(table.day[day].reach(m, target-table.cum[m][day]))
}

// reach is the time of day by which d has counted.
func (s *sheet) reach(m measure, d time.Duration) time.Duration {
	if m == onWorkdays {
		return d
	}
	for _, sh := range s.shifts {
		if long := sh.to - sh.from; d > long {
			d -= long
		} else {
			return sh.from + d
		}
	}
	return dayLong // not reached: the caller asks no more than the day holds
}

// begin is the instant from which a limit set off at t counts.
func (c *Calendar) begin(t time.Time, rule StartRule) time.Time {
	t = t.Round(0).In(Zone) // no monotonic reading: results are compared and stored
	switch rule {
	case NextHour:
		return t.Truncate(time.Hour).Add(time.Hour) // Zone is whole hours from UTC
	case NextDay:
		return midnight(t).Add(dayLong)
	case NextWorkday:
		return c.Next(midnight(t).Add(dayLong), Workday)
	}
	return t
}

// unknown reports that what counts between from and to depends on a year whose
// holidays are not published. The instant to itself does not belong.
func (c *Calendar) unknown(from, to time.Time) bool {
	for y := from.In(Zone).Year(); y <= to.Add(-1).In(Zone).Year(); y++ {
		if !c.known(y) {
			return true
		}
	}
	return false
}
