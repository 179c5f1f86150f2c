package worktime

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

// Calendar says of every instant whether it is office time, and counts. It never
// changes, so it may be used from many goroutines; a new holiday notice makes a
// new Calendar with another Version.
type Calendar struct {
	spec       Spec
	version    string
	week       [7]bool
	season     [366]int8 // by day of a leap year, into hours
	hours      []hours
	published  map[int]bool
	exceptions map[int]exception // by dateKey

	// years holds tables made on first use; two goroutines may make the same one,
	// which does no harm.
	years [lastYear - firstYear + 1]atomic.Pointer[yearTable]
}

// Tables of these years are kept; any other year works too, only slower.
const firstYear, lastYear = 2000, 2099

type exception struct {
	off  bool
	name string
}

// New checks a Spec and makes its Calendar. The error says which line of the
// Spec to correct: shifts that overlap, are empty or run past midnight; seasons
// that leave a gap; a working day without shifts; a year with no working day.
func New(spec Spec) (*Calendar, error) {
	c := &Calendar{spec: spec.clone(), published: map[int]bool{}, exceptions: map[int]exception{}}
	if err := c.build(); err != nil {
		return nil, err
	}
	c.version = c.fingerprint()
	return c, nil
}

func (c *Calendar) build() (err error) {
	if c.spec.RoundTheClock {
		c.buildRoundTheClock()
		return nil
	}
	if c.week, err = parseWorkweek(c.spec.Workweek); err != nil {
		return err
	}
	if c.season, c.hours, err = parseHours(c.spec.Hours, c.week); err != nil {
		return err
	}
	// In order of years: what a notice says about the December before overrules
	// the notice of that year.
	slices.SortStableFunc(c.spec.Notices, func(a, b Notice) int { return a.Year - b.Year })
	for _, n := range c.spec.Notices {
		if err := n.check(); err != nil {
			return err
		}
		if c.published[n.Year] {
			return problem("holiday notice %d: given twice", "%d 年的放假通知写了两次", n.Year)
		}
		c.published[n.Year] = true
		if err := c.except(n.Days); err != nil {
			return err
		}
	}
	if err := c.except(c.spec.Local); err != nil {
		return within(err, "local days", "本地放假")
	}
	return c.checkYears()
}

func (c *Calendar) buildRoundTheClock() {
	all := []shift{{0, 24 * time.Hour}}
	h := hours{makeUp: all}
	for d := range c.week {
		c.week[d] = true
		h.weekday[d] = all
	}
	c.hours = []hours{h}
}

// except enters days over what was entered before; one list must not say two
// things about a date.
func (c *Calendar) except(days []Exception) error {
	off := map[int]bool{}
	for _, d := range days {
		key, err := d.key()
		if err != nil {
			return err
		}
		if before, twice := off[key]; twice && before != d.Off {
			return problem("%s is both off and a workday", "%s 既放假又上班，请只留一个", d.Date)
		}
		off[key] = d.Off
		c.exceptions[key] = exception{off: d.Off, name: d.Name}
	}
	return nil
}

// checkYears refuses a year in which every day is off. Together with a workweek
// that is not empty this is why no search for a working day can run forever.
func (c *Calendar) checkYears() error {
	years := map[int]bool{}
	for key := range c.exceptions {
		years[key/10000] = true
	}
	for _, y := range slices.Sorted(maps.Keys(years)) {
		if t := c.makeYear(y); t.cum[onWorkdays][t.days] == 0 {
			return problem("%d: all days are off", "%d 年没有一天上班，请检查日期", y)
		}
	}
	return nil
}

// Version identifies what the calendar says: equal content has an equal version,
// whatever order it was written in. Kept with each deadline computed from it.
func (c *Calendar) Version() string { return c.version }

// Spec returns a copy of what the calendar was made from.
func (c *Calendar) Spec() Spec { return c.spec.clone() }

// WithNotice returns the calendar with a year's arrangement added, or replaced
// when an amended notice comes.
func (c *Calendar) WithNotice(n Notice) (*Calendar, error) {
	spec := c.Spec()
	spec.Notices = slices.DeleteFunc(spec.Notices, func(o Notice) bool { return o.Year == n.Year })
	spec.Notices = append(spec.Notices, n)
	return New(spec)
}

// fingerprint hashes everything that decides about a deadline, in one order.
// The number in its first line changes when the rules of this package do.
func (c *Calendar) fingerprint() string {
	h := sha256.New()
	fmt.Fprintln(h, "worktime rules 1")
	if c.spec.RoundTheClock {
		fmt.Fprintln(h, "round the clock")
	} else {
		fmt.Fprintln(h, c.week, slices.Sorted(maps.Keys(c.published)))
		for d, s := range c.season {
			fmt.Fprintln(h, d, c.hours[s])
		}
		for _, key := range slices.Sorted(maps.Keys(c.exceptions)) {
			fmt.Fprintln(h, key, c.exceptions[key].off, c.exceptions[key].name)
		}
		fmt.Fprintln(h, solarDays, lunarYears) // fmt prints maps in order of keys
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// known reports that a year's days are certain.
func (c *Calendar) known(year int) bool { return c.spec.RoundTheClock || c.published[year] }

// DayInfo is what the calendar says about one day.
type DayInfo struct {
	Date        time.Time // local midnight
	Working     bool
	Why         Why    // WhyCounted, WhyMakeUp, WhyWeekend or WhyHoliday
	Name        string // of the holiday, also for the make-up workday that pays for it
	Shifts      []Span // office time; none on a day off
	Provisional bool
}

// DayOf describes the local day that contains t.
func (c *Calendar) DayOf(t time.Time) DayInfo {
	at := c.locate(t)
	d := &at.table.day[at.day]
	info := DayInfo{
		Date: at.table.midnight(at.day), Working: d.working(), Why: d.why, Name: d.name,
		Provisional: !c.known(at.table.year),
	}
	for _, s := range d.shifts {
		info.Shifts = append(info.Shifts, Span{From: info.Date.Add(s.from), To: info.Date.Add(s.to)})
	}
	return info
}

// sheet is one day: why it is working or off, and its shifts.
type sheet struct {
	why    Why
	name   string
	shifts []shift
}

func (s *sheet) working() bool { return s.why == WhyCounted || s.why == WhyMakeUp }

// measure is how a unit counts: always, or by one of the tables of a year.
type measure int

const (
	onWorkdays measure = iota
	inOffice
	always
)

func (u Unit) measure() measure {
	switch u {
	case Workday:
		return onWorkdays
	case WorkHour:
		return inOffice
	case Minute, Day:
		return always
	}
	panic("worktime: unknown unit " + string(u))
}

// yearTable is one year laid out by day. cum[m][i] is the time that counts under
// m before day i, so that counting and finding are two look-ups and a search.
type yearTable struct {
	year  int
	first time.Time
	days  int
	day   [366]sheet
	cum   [2][367]time.Duration
}

func (t *yearTable) midnight(day int) time.Time { return t.first.Add(time.Duration(day) * dayLong) }

const dayLong = 24 * time.Hour

// year returns the table of y.
func (c *Calendar) year(y int) *yearTable {
	if y < firstYear || y > lastYear {
		return c.makeYear(y)
	}
	slot := &c.years[y-firstYear]
	t := slot.Load()
	if t == nil {
		t = c.makeYear(y)
		slot.Store(t)
	}
	return t
}

func (c *Calendar) makeYear(y int) *yearTable {
	t := &yearTable{year: y, first: time.Date(y, 1, 1, 0, 0, 0, 0, Zone)}
	t.days = time.Date(y, 12, 31, 0, 0, 0, 0, Zone).YearDay()
	var guess map[int]string
	if !c.known(y) {
		guess = statutory(y)
	}
	for i := range t.days {
		date := t.midnight(i)
		t.day[i] = c.sheet(date, guess)
		var work, office time.Duration
		if t.day[i].working() {
			work = dayLong
		}
		for _, s := range t.day[i].shifts {
			office += s.to - s.from
		}
		t.cum[onWorkdays][i+1] = t.cum[onWorkdays][i] + work
		t.cum[inOffice][i+1] = t.cum[inOffice][i] + office
	}
	return t
}

// sheet decides about one day: what is listed for its date comes first, then the
// law's own days in a year without a notice, then the weekday.
func (c *Calendar) sheet(date time.Time, guess map[int]string) sheet {
	key := dateKey(date)
	weekday := date.Weekday()
	regular := c.week[weekday]
	h := &c.hours[c.season[leapIndex(date)]]
	if e, listed := c.exceptions[key]; listed {
		switch {
		case e.off:
			return sheet{why: WhyHoliday, name: e.name}
		case !regular || weekday == time.Saturday || weekday == time.Sunday:
			// Also where Saturday mornings are worked anyway: a make-up day is a full one.
			return sheet{why: WhyMakeUp, name: e.name, shifts: h.makeUp}
		}
	} else if name := guess[key%10000]; name != "" {
		return sheet{why: WhyHoliday, name: name}
	}
	if !regular {
		return sheet{why: WhyWeekend}
	}
	return sheet{why: WhyCounted, shifts: h.weekday[weekday]}
}

// leapIndex is the day of date in a leap year, counted from 0.
func leapIndex(date time.Time) int {
	return time.Date(2024, date.Month(), date.Day(), 0, 0, 0, 0, time.UTC).YearDay() - 1
}
