package worktime

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Spec is a calendar as a clerk writes it in a pack: plain words that New reads
// and checks. ChinaSpec is a complete one to start from.
type Spec struct {
	// RoundTheClock is for units that never close (water, power, gas, heat): all
	// time counts in every unit, and the rest of the Spec is not looked at.
	RoundTheClock bool `json:"round_the_clock,omitempty" yaml:"round_the_clock,omitempty"`
	// Workweek lists working weekdays: mon tue wed thu fri sat sun. Absent: mon to fri.
	Workweek []string `json:"workweek,omitempty" yaml:"workweek,omitempty"`
	// Hours are the office hours; together the seasons cover each day of the year once.
	Hours []Season `json:"hours,omitempty" yaml:"hours,omitempty"`
	// Notices are the State Council's arrangements, at most one for a year.
	Notices []Notice `json:"notices,omitempty" yaml:"notices,omitempty"`
	// Local are days of this place alone; they overrule the notices.
	Local []Exception `json:"local,omitempty" yaml:"local,omitempty"`
}

// Season is the office hours of a part of the year.
type Season struct {
	// From and To, both included, are month-days such as 10-01 and 04-30; a season
	// may run over New Year. Both absent: the whole year.
	From string `json:"from,omitempty" yaml:"from,omitempty"`
	To   string `json:"to,omitempty" yaml:"to,omitempty"`
	// Shifts such as 08:30-11:30; 24:00 is the end of the day. Make-up workdays
	// have these too, whatever weekday they are.
	Shifts []string `json:"shifts" yaml:"shifts"`
	// Weekdays have shifts of their own, e.g. sat: [09:00-11:30] for a half-day.
	Weekdays map[string][]string `json:"weekdays,omitempty" yaml:"weekdays,omitempty"`
}

// Exception is a date that differs from its weekday: off, or a make-up workday.
type Exception struct {
	Date string `json:"date" yaml:"date"` // 2026-02-14
	Name string `json:"name" yaml:"name"` // 春节
	Off  bool   `json:"off" yaml:"off"`
}

var weekdayNames = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// shift is a stretch of office time, as offsets from midnight.
type shift struct{ from, to time.Duration }

// hours are the shifts of one season by weekday; makeUp for make-up workdays.
type hours struct {
	weekday [7][]shift
	makeUp  []shift
}

// clone copies s so deeply that nobody can change a Calendar from outside.
func (s Spec) clone() Spec {
	s.Workweek = slices.Clone(s.Workweek)
	s.Local = slices.Clone(s.Local)
	s.Hours = slices.Clone(s.Hours)
	for i, h := range s.Hours {
		s.Hours[i].Shifts = slices.Clone(h.Shifts)
		s.Hours[i].Weekdays = maps.Clone(h.Weekdays)
		for d, list := range h.Weekdays {
			s.Hours[i].Weekdays[d] = slices.Clone(list)
		}
	}
	s.Notices = slices.Clone(s.Notices)
	for i, n := range s.Notices {
		s.Notices[i].Days = slices.Clone(n.Days)
		s.Notices[i].Papers = slices.Clone(n.Papers)
	}
	return s
}

// parseWorkweek reads the working weekdays; none at all would be a calendar
// whose deadlines never come.
func parseWorkweek(names []string) (week [7]bool, err error) {
	if names == nil {
		names = []string{"mon", "tue", "wed", "thu", "fri"}
	}
	if len(names) == 0 {
		return week, problem("workweek: all days are off", "workweek：一周没有一天上班")
	}
	for _, name := range names {
		d := slices.Index(weekdayNames[:], name)
		if d < 0 {
			return week, problem("workweek: unknown weekday %q (mon tue wed thu fri sat sun)", "workweek：不认识的星期“%s”（请用 mon tue wed thu fri sat sun）", name)
		}
		week[d] = true
	}
	return week, nil
}

// parseHours lays the seasons over a leap year; index[i] is the season of its
// i-th day.
func parseHours(seasons []Season, week [7]bool) (index [366]int8, tables []hours, err error) {
	if len(seasons) == 0 {
		return index, nil, problem("hours: no office hours at all", "hours：没有办公时间")
	}
	if len(seasons) > 12 {
		return index, nil, problem("hours: %d seasons, at most 12", "hours：有 %d 个季节，最多 12 个", len(seasons))
	}
	for i := range index {
		index[i] = -1
	}
	for i, s := range seasons {
		table, err := parseSeason(s, week)
		if err != nil {
			return index, nil, within(err, "hours: season %d", "hours：第 %d 个季节", i+1)
		}
		tables = append(tables, table)
		from, to, err := seasonDays(s)
		if err != nil {
			return index, nil, within(err, "hours: season %d", "hours：第 %d 个季节", i+1)
		}
		for d := from; ; d = (d + 1) % len(index) {
			if index[d] >= 0 {
				return index, nil, problem("hours: seasons %d and %d overlap on %s", "hours：第 %d 和第 %d 个季节在 %s 重叠", index[d]+1, i+1, leapDay(d))
			}
			index[d] = int8(i)
			if d == to {
				break
			}
		}
	}
	if d := slices.Index(index[:], -1); d >= 0 {
		return index, nil, problem("hours: no season covers %s", "hours：%s 不在任何季节里", leapDay(d))
	}
	return index, tables, nil
}

// seasonDays are the first and last day of s as days of a leap year.
func seasonDays(s Season) (from, to int, err error) {
	if s.From == "" && s.To == "" {
		return 0, 365, nil
	}
	for i, text := range [2]string{s.From, s.To} {
		t, err := time.Parse(time.DateOnly, "2024-"+text)
		if err != nil {
			return 0, 0, problem("%q is not a month and day such as 10-01", "“%s”不是 10-01 这样的月和日", text)
		}
		if i == 0 {
			from = t.YearDay() - 1
		}
		to = t.YearDay() - 1
	}
	return from, to, nil
}

// leapDay is the inverse of seasonDays, for messages.
func leapDay(d int) string {
	return time.Date(2024, 1, 1+d, 0, 0, 0, 0, time.UTC).Format("01-02")
}

func parseSeason(s Season, week [7]bool) (h hours, err error) {
	if h.makeUp, err = parseShifts(s.Shifts); err != nil {
		return h, err
	}
	for d, works := range week {
		if works {
			h.weekday[d] = h.makeUp
		}
	}
	for name, list := range s.Weekdays {
		d := slices.Index(weekdayNames[:], name)
		if d < 0 {
			return h, problem("unknown weekday %q (mon tue wed thu fri sat sun)", "不认识的星期“%s”（请用 mon tue wed thu fri sat sun）", name)
		}
		if !week[d] {
			return h, problem("%s has shifts but is not in the workweek", "%s 有班次，却不在 workweek 里", name)
		}
		if h.weekday[d], err = parseShifts(list); err != nil {
			return h, within(err, "%s", "%s", name)
		}
	}
	return h, nil
}

// parseShifts reads the shifts of a day, in any order; shifts that touch become
// one.
func parseShifts(list []string) ([]shift, error) {
	if len(list) == 0 {
		return nil, problem("a working day without shifts; take a day without work out of the workweek instead", "上班的一天没有班次；不上班的日子请从 workweek 里去掉")
	}
	var all []shift
	for _, text := range list {
		s, err := parseShift(text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b shift) int { return cmp.Compare(a.from, b.from) })
	merged := all[:1]
	for _, s := range all[1:] {
		last := &merged[len(merged)-1]
		switch {
		case s.from < last.to:
			return nil, problem("shifts overlap: %s and %s", "班次重叠：%s 和 %s", *last, s)
		case s.from == last.to:
			last.to = s.to
		default:
			merged = append(merged, s)
		}
	}
	return merged, nil
}

func parseShift(text string) (s shift, err error) {
	from, to, ok := strings.Cut(text, "-")
	if !ok {
		return s, problem("shift %q: want from-to such as 08:30-11:30", "班次“%s”应写成 08:30-11:30 这样", text)
	}
	if s.from, err = parseTime(from); err != nil {
		return s, within(err, "shift %q", "班次“%s”", text)
	}
	if s.to, err = parseTime(to); err != nil {
		return s, within(err, "shift %q", "班次“%s”", text)
	}
	switch {
	case s.to == 0:
		return s, problem("shift %q: ends at midnight; write that end as 24:00", "班次“%s”到午夜结束，请把结束时间写成 24:00", text)
	case s.to < s.from:
		return s, problem("shift %q: ends before it begins; split it at midnight into …-24:00 and 00:00-…", "班次“%s”的结束早于开始，请在午夜分成 …-24:00 和 00:00-… 两段", text)
	case s.to == s.from:
		return s, problem("shift %q: is empty", "班次“%s”没有时间", text)
	}
	return s, nil
}

// parseTime reads 8:30 or 08:30, up to 24:00.
func parseTime(text string) (time.Duration, error) {
	h, m, ok := strings.Cut(strings.TrimSpace(text), ":")
	hour, errH := strconv.ParseUint(h, 10, 8)
	minute, errM := strconv.ParseUint(m, 10, 8)
	if !ok || errH != nil || errM != nil || len(h) > 2 || len(m) != 2 || minute > 59 || hour*60+minute > 24*60 {
		return 0, problem("%q is not a time of day between 00:00 and 24:00", "“%s”不是 00:00 到 24:00 之间的时刻", text)
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute, nil
}

func (s shift) String() string {
	f := func(d time.Duration) string { return fmt.Sprintf("%02d:%02d", d/time.Hour, d%time.Hour/time.Minute) }
	return f(s.from) + "-" + f(s.to)
}
