package worktime

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Unit is what a limit counts in.
type Unit string

const (
	Minute   Unit = "minute"   // round the clock, every day
	WorkHour Unit = "workhour" // 工作时: 60 minutes inside office hours, lunch left out
	Workday  Unit = "workday"  // 工作日: 24 hours on working days
	Day      Unit = "day"      // 自然日: 24 hours on any day
)

// StartRule says from when a limit counts, seen from the event that sets it off.
type StartRule string

const (
	AtOnce      StartRule = ""             // from the event itself
	NextHour    StartRule = "next hour"    // the hour of the event does not count
	NextDay     StartRule = "next day"     // the day of the event does not count (自次日起)
	NextWorkday StartRule = "next workday" // from 00:00 of the next working day
)

// Limit is a length of time promised, e.g. five working days from the next one.
// The zero Limit is "no limit": no deadline ever, so never late. As text (JSON,
// YAML) a Limit is what String prints and ParseLimit reads; "" is the zero Limit.
type Limit struct {
	N     int
	Unit  Unit
	Start StartRule
}

// longest is the most that any limit may be. It keeps sums far inside int64
// nanoseconds; no law knows a longer one.
const longest = 100 * 366 * 24 * time.Hour

// spelling is a way to write a unit. factor: how many of Unit one of it is.
type spelling struct {
	word   string
	unit   Unit
	factor int
}

// spellings, longer ones before their own beginnings.
var spellings = []spelling{
	{"minutes", Minute, 1}, {"minute", Minute, 1}, {"min", Minute, 1}, {"分钟", Minute, 1},
	{"hours", Minute, 60}, {"hour", Minute, 60}, {"小时", Minute, 60},
	{"workhours", WorkHour, 1}, {"workhour", WorkHour, 1}, {"工作小时", WorkHour, 1}, {"工作时", WorkHour, 1},
	{"workdays", Workday, 1}, {"workday", Workday, 1}, {"工作日", Workday, 1},
	{"days", Day, 1}, {"day", Day, 1}, {"自然日", Day, 1}, {"日", Day, 1}, {"天", Day, 1},
}

var startSpellings = map[string]StartRule{
	"":                  AtOnce,
	"from next hour":    NextHour,
	"from next day":     NextDay,
	"from next workday": NextWorkday,
	"次时起":               NextHour,
	"次日起":               NextDay,
	"次工作日起":             NextWorkday,
}

// ParseLimit reads "30 minute", "24 hour" (round the clock), "2 workhour",
// "5 workday", "10 day", each with an optional "from next hour", "from next day"
// or "from next workday"; plurals, and the words of a rule book: "30分钟",
// "5个工作日", "10日 次日起". N must be 1 or more and at most 100 years.
func ParseLimit(s string) (Limit, error) {
	text := strings.TrimSpace(s)
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	n, err := strconv.Atoi(text[:digits])
	if err != nil {
		return Limit{}, fmt.Errorf("worktime: limit %q: must begin with a whole number, such as 5 workday", s)
	}
	rest := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text[digits:]), "个"))
	for _, sp := range spellings {
		tail, ok := strings.CutPrefix(rest, sp.word)
		if !ok {
			continue
		}
		start, ok := startSpellings[strings.TrimLeft(tail, " ,，")]
		if !ok {
			continue
		}
		if n > int(longest/time.Minute)/sp.factor {
			return Limit{}, fmt.Errorf("worktime: limit %q: longer than 100 years", s)
		}
		l := Limit{N: n * sp.factor, Unit: sp.unit, Start: start}
		if err := l.Check(); err != nil {
			return Limit{}, err
		}
		return l, nil
	}
	return Limit{}, fmt.Errorf("worktime: limit %q: want N followed by minute, hour, workhour, workday or day, "+
		"then nothing or from next hour, day or workday", s)
}

// Check reports what is wrong with a Limit that was not made by ParseLimit.
func (l Limit) Check() error {
	switch {
	case l.IsZero():
		return nil
	case l.Unit.size() == 0:
		return fmt.Errorf("worktime: limit %d %q: unknown unit", l.N, string(l.Unit))
	case l.Start != AtOnce && startSpellings["from "+string(l.Start)] != l.Start:
		return fmt.Errorf("worktime: limit %s: unknown start rule", l)
	case l.N < 1:
		return fmt.Errorf("worktime: limit %s: must be 1 or more", l)
	case l.N > int(longest/l.Unit.size()):
		return fmt.Errorf("worktime: limit %s: longer than 100 years", l)
	}
	return nil
}

// IsZero reports "no limit".
func (l Limit) IsZero() bool { return l == Limit{} }

// String writes what ParseLimit reads. Whole hours of minutes are written as
// hours: 1440 minutes are "24 hour". The zero Limit is "".
func (l Limit) String() string {
	if l.IsZero() {
		return ""
	}
	n, word := l.N, string(l.Unit)
	if l.Unit == Minute && n != 0 && n%60 == 0 {
		n, word = n/60, "hour"
	}
	s := strconv.Itoa(n) + " " + word
	if l.Start != AtOnce {
		s += " from " + string(l.Start)
	}
	return s
}

// MarshalText is String for a Limit that is in order.
func (l Limit) MarshalText() ([]byte, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	return []byte(l.String()), nil
}

// UnmarshalText is ParseLimit, with "" as the zero Limit.
func (l *Limit) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*l = Limit{}
		return nil
	}
	parsed, err := ParseLimit(string(text))
	if err == nil {
		*l = parsed
	}
	return err
}

// size is the counted time of one unit; 0 for a unit that does not exist.
func (u Unit) size() time.Duration {
	switch u {
	case Minute:
		return time.Minute
	case WorkHour:
		return time.Hour
	case Workday, Day:
		return 24 * time.Hour
	}
	return 0
}

// amount is the counted time that the limit promises. A literal outside of
// Check's bounds is brought into them; an unknown unit is a programming error.
func (l Limit) amount() time.Duration {
	if l.IsZero() {
		return 0
	}
	size := l.Unit.size()
	if size == 0 {
		panic("worktime: unknown unit " + strconv.Quote(string(l.Unit)))
	}
	return time.Duration(min(max(l.N, 0), int(longest/size))) * size
}
