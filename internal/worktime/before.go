package worktime

import (
	"sort"
	"time"
)

// Before returns the latest instant from which all of l counts up to t: when a
// reminder comes that is promised as an amount before a deadline. One workday
// before Monday 15:00 is Friday 15:00. The start rule of l is not looked at; N
// below 1 is 0, an unknown unit panics.
func (c *Calendar) Before(t time.Time, l Limit) time.Time {
	if l.IsZero() {
		return t.In(Zone)
	}
	return c.retreat(l.Unit.measure(), t, l.amount()).In(Zone)
}

// retreat is advance backwards: the latest instant from which d counts up to to.
func (c *Calendar) retreat(m measure, to time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return to
	}
	if m == always {
		return to.Add(-d)
	}
	at := c.locate(to)
	table, target := at.table, at.counted(m)-d // since the start of the year of table
	for target < 0 {
		table = c.year(table.year - 1)
		target += table.cum[m][table.days]
	}
	// The day in which more than target has counted for the first time.
	day := sort.Search(table.days, func(i int) bool { return table.cum[m][i+1] > target })
	return table.midnight(day).Add(table.day[day].last(m, target-table.cum[m][day]))
}

// last is the latest time of day at which no more than d has counted.
func (s *sheet) last(m measure, d time.Duration) time.Duration {
	if m == onWorkdays {
		return d
	}
	for _, sh := range s.shifts {
		long := sh.to - sh.from
		if d < long {
			return sh.from + d
		}
		d -= long
	}
	return dayLong // not reached: the day counts more than d
}
