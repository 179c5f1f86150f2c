package catalogue

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/worktime"
)

// span is a rule's conditions on the time, read.
type span struct {
	from, until int // days as 20060102; 0 and forever when open
	season      bool
	first, last int // days of the year as 102; first after last goes through New Year
	days        [7]bool
	someDays    bool
	hours       bool
	open, shut  int // minutes of the day; open after shut goes through midnight
	when        string
}

const forever = 99991231

// timed reports whether the span needs a time at all.
func (s *span) timed() bool {
	return s.from > 0 || s.until < forever || s.season || s.someDays || s.hours || s.when != ""
}

// moment is a time as rules see it.
type moment struct {
	day     int // 20060102; 0 = not known
	weekday int // 0 Monday
	minute  int
	class   int // see classes; read by need
}

// Classes of a moment by the working calendar.
const (
	inOffice  = iota // in office hours
	offHours         // on a working day, outside of them
	dayOff           // on a day off
	noClass          // nobody knows: no calendar
	unclassed        // not looked up yet
)

func momentOf(at time.Time) moment {
	if at.IsZero() {
		return moment{class: noClass}
	}
	at = at.In(worktime.Zone)
	y, m, d := at.Date()
	return moment{day: y*10000 + int(m)*100 + d, weekday: (int(at.Weekday()) + 6) % 7, minute: at.Hour()*60 + at.Minute(), class: unclassed}
}

// classOf says what the calendar calls a moment.
func classOf(cal *worktime.Calendar, at time.Time) int {
	if cal == nil || at.IsZero() {
		return noClass
	}
	day := cal.DayOf(at)
	if !day.Working {
		return dayOff
	}
	for _, s := range day.Shifts {
		if !at.Before(s.From) && at.Before(s.To) {
			return inOffice
		}
	}
	return offHours
}

func (s *span) onDay(m moment) bool {
	if m.day < s.from || m.day > s.until {
		return false
	}
	if s.season {
		d := m.day % 10000
		if s.first <= s.last && (d < s.first || d > s.last) || s.first > s.last && d < s.first && d > s.last {
			return false
		}
	}
	return !s.someDays || s.days[m.weekday]
}

func (s *span) atMinute(minute int) bool {
	switch {
	case !s.hours:
		return true
	case s.open < s.shut:
		return minute >= s.open && minute < s.shut
	}
	return minute >= s.open || minute < s.shut
}

func (s *span) inClass(class int) bool {
	switch s.when {
	case "":
		return true
	case WhenOffice:
		return class == inOffice
	case WhenClosed:
		return class == offHours || class == dayOff
	case WhenWorkday:
		return class == inOffice || class == offHours
	}
	return class == dayOff
}

// spanOf reads the conditions on the time; bad takes what cannot be read.
func spanOf(r Rule, bad func(zh, en string)) span {
	s := span{until: forever, when: r.When}
	day := func(text, zh, en string, into *int) {
		if text == "" {
			return
		}
		t, err := time.Parse(time.DateOnly, text)
		if err != nil {
			bad(fmt.Sprintf("%s“%s”应写成 2026-11-01 这样的日期", zh, text), fmt.Sprintf("%s %q must be a date such as 2026-11-01", en, text))
			return
		}
		*into = t.Year()*10000 + int(t.Month())*100 + t.Day()
	}
	day(r.From, "生效日期", "from", &s.from)
	day(r.Until, "失效日期", "until", &s.until)
	if s.from > s.until {
		bad("失效日期 "+r.Until+" 早于生效日期 "+r.From+"，这条规则永远不会生效", "until "+r.Until+" lies before from "+r.From+": the rule can never match")
	}
	if r.Season != "" {
		a, b, ok := strings.Cut(r.Season, "..")
		first, ok1 := dayOfYear(a)
		last, ok2 := dayOfYear(b)
		if s.season, s.first, s.last = true, first, last; !ok || !ok1 || !ok2 {
			bad("季节“"+r.Season+"”应写成 10-20..04-15 这样（月-日..月-日）", "season "+r.Season+" must be written like 10-20..04-15")
		}
	}
	for _, d := range r.Weekdays {
		i := slices.Index(Weekdays(), d)
		if i < 0 {
			bad("星期“"+d+"”应为 "+strings.Join(Weekdays(), "、"), "weekday "+d+" must be one of "+strings.Join(Weekdays(), ", "))
			continue
		}
		s.days[i], s.someDays = true, true
	}
	if r.Hours != "" {
		a, b, ok := strings.Cut(r.Hours, "-")
		open, ok1 := minuteOf(a)
		shut, ok2 := minuteOf(b)
		if s.hours, s.open, s.shut = true, open, shut; !ok || !ok1 || !ok2 || open == shut || open == 24*60 {
			bad("时段“"+r.Hours+"”应写成 22:00-06:00 这样，首尾不能相同", "hours "+r.Hours+" must be written like 22:00-06:00, with two different ends")
		}
	}
	if r.When != "" && !slices.Contains(Whens(), r.When) {
		bad("工作时间“"+r.When+"”应为 "+strings.Join(Whens(), "、"), "when "+r.When+" must be one of "+strings.Join(Whens(), ", "))
	}
	return s
}

// dayOfYear reads 10-20 as 1020.
func dayOfYear(s string) (int, bool) {
	t, err := time.Parse("2006-01-02", "2024-"+s)
	return int(t.Month())*100 + t.Day(), err == nil
}

// minuteOf reads 22:30; 24:00 is the end of the day.
func minuteOf(s string) (int, bool) {
	h, m, ok := strings.Cut(s, ":")
	hour, err1 := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	n := hour*60 + minute
	return n, ok && err1 == nil && err2 == nil && len(h) == 2 && len(m) == 2 && hour >= 0 && minute >= 0 && minute < 60 && n <= 24*60
}
