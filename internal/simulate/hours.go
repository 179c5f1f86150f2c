package simulate

import (
	"slices"
	"time"

	"weixiao/internal/worktime"
)

// office is the office time of the year laid out as stretches, so that adding
// hours of it is one search.
type office struct {
	from, to []int64 // seconds, one pair a shift
	before   []int64 // office seconds before the shift
}

// newOffice lays out the shifts of a calendar between two days.
func newOffice(cal *worktime.Calendar, first, last time.Time) *office {
	o := &office{}
	sum := int64(0)
	for d := first; d.Before(last); d = d.AddDate(0, 0, 1) {
		for _, s := range cal.DayOf(d).Shifts {
			o.from, o.to, o.before = append(o.from, s.From.Unix()), append(o.to, s.To.Unix()), append(o.before, sum)
			sum += s.To.Unix() - s.From.Unix()
		}
	}
	return o
}

// gone is the office time before t, in seconds.
func (o *office) gone(t int64) int64 {
	i, _ := slices.BinarySearch(o.to, t) // the first shift that ends at or after t
	if i == len(o.to) {
		return o.before[i-1] + o.to[i-1] - o.from[i-1]
	}
	return o.before[i] + max(0, t-o.from[i])
}

// at is the moment at which so much office time is gone.
func (o *office) at(sum int64) int64 {
	i, ok := slices.BinarySearch(o.before, sum)
	if !ok {
		i--
	}
	i = max(i, 0)
	return o.from[i] + sum - o.before[i]
}

// add goes d of office time ahead, or back when d is negative. The result lies in
// office hours.
func (o *office) add(t time.Time, d time.Duration) time.Time {
	return time.Unix(o.at(o.gone(t.Unix())+int64(d/time.Second)), 0).In(worktime.Zone)
}

// open reports whether t is office time.
func (o *office) open(t time.Time) bool {
	i, _ := slices.BinarySearch(o.to, t.Unix()+1)
	return i < len(o.to) && o.from[i] <= t.Unix()
}
