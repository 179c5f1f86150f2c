package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Zone is the time zone of people: China has one, without summer time.
func Zone() *time.Location { return zone }

var zone = time.FixedZone("Asia/Shanghai", 8*3600)

var months = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// days counts calendar days from a to b in local time.
func days(a, b time.Time) int {
	y1, m1, d1 := a.In(zone).Date()
	y2, m2, d2 := b.In(zone).Date()
	return int(time.Date(y2, m2, d2, 0, 0, 0, 0, time.UTC).Sub(time.Date(y1, m1, d1, 0, 0, 0, 0, time.UTC)).Hours() / 24)
}

// Moment is a point in time as people say it: 今天 15:30, 昨天 19:55, 明天 11:00,
// 11月24日 17:20, and 2025年11月23日 when the year is another one.
func Moment(lang Lang, now, t time.Time) string {
	t = t.In(zone)
	clock := t.Format("15:04")
	switch days(now, t) {
	case 0:
		return T(lang, "moment.today", clock)
	case -1:
		return T(lang, "moment.yesterday", clock)
	case 1:
		return T(lang, "moment.tomorrow", clock)
	}
	if t.Year() != now.In(zone).Year() {
		return Day(lang, t)
	}
	return ShortDay(lang, t) + " " + clock
}

// Clock is the local time of day, 15:30.
func Clock(t time.Time) string { return t.In(zone).Format("15:04") }

// Day is the local date with its year: 2025年11月23日, 23 Nov 2025.
func Day(lang Lang, t time.Time) string {
	t = t.In(zone)
	if lang == EN {
		return fmt.Sprintf("%d %s %d", t.Day(), months[t.Month()-1], t.Year())
	}
	return fmt.Sprintf("%d年%d月%d日", t.Year(), t.Month(), t.Day())
}

// ShortDay is the local date without its year: 11月23日, 23 Nov.
func ShortDay(lang Lang, t time.Time) string {
	t = t.In(zone)
	if lang == EN {
		return fmt.Sprintf("%d %s", t.Day(), months[t.Month()-1])
	}
	return fmt.Sprintf("%d月%d日", t.Month(), t.Day())
}

// Weekday is 星期一, Monday.
func Weekday(lang Lang, t time.Time) string {
	wd := t.In(zone).Weekday()
	if lang == EN {
		return wd.String()
	}
	return "星期" + string([]rune("日一二三四五六")[wd])
}

// Exact is the whole moment: 2025年11月24日 17:20, 24 Nov 2025, 17:20. It goes
// into titles and accessible names.
func Exact(lang Lang, t time.Time) string {
	if lang == EN {
		return Day(lang, t) + ", " + Clock(t)
	}
	return Day(lang, t) + " " + Clock(t)
}

// Duration is a length of time in at most two units, rounded down: 3 天,
// 2 天 5 小时, 1 小时 12 分, 23 分钟. Negative ones are shown without their sign.
func Duration(lang Lang, d time.Duration) string {
	if d < 0 {
		d = -d
	}
	day, hour, minute := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case day > 0 && hour > 0:
		return T(lang, "span.dayhour", day, hour)
	case day > 0:
		return T(lang, "span.day", day)
	case hour > 0 && minute > 0:
		return T(lang, "span.hourminute", hour, minute)
	case hour > 0:
		return T(lang, "span.hour", hour)
	case minute > 0:
		return T(lang, "span.minute", minute)
	}
	return T(lang, "span.instant")
}

// DurationRough is a length of time in its largest unit, rounded down: 2 小时.
func DurationRough(lang Lang, d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d >= 24*time.Hour:
		d = d.Truncate(24 * time.Hour)
	case d >= time.Hour:
		d = d.Truncate(time.Hour)
	}
	return Duration(lang, d)
}

// Count is a number of things: 1372 up to four digits, then 1.2 万 and 3.4 亿
// (12.3k and 3.4m in English).
func Count(lang Lang, n int64) string {
	a := math.Abs(float64(n))
	if a < 10000 {
		return strconv.FormatInt(n, 10)
	}
	unit, great := 1e4, 1e8
	if lang == EN {
		unit, great = 1e3, 1e6
	}
	if a >= great*0.99995 {
		return T(lang, "count.great", trim(float64(n)/great, 1))
	}
	return T(lang, "count.unit", trim(float64(n)/unit, 1))
}

// trim formats with at most so many decimals and no trailing zeros.
func trim(x float64, decimals int) string {
	s := strconv.FormatFloat(x, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

// Money shows an amount of fen: 12.50 元, 1467 万元, 3.25 亿元 (CNY 12.50, 14.67 m, 325 m in English). Up to four decimals
// of 万 or 亿 are kept, so that what is typed in those units is shown as it was typed.
func Money(lang Lang, fen int64) string {
	yuan, a := float64(fen)/100, math.Abs(float64(fen)/100)
	switch {
	case lang == EN && a >= 1e9:
		return T(lang, "money.bn", trim(yuan/1e9, 4))
	case lang == EN && a >= 1e6:
		return T(lang, "money.m", trim(yuan/1e6, 4))
	case lang == EN && a >= 1e4:
		return T(lang, "money.k", trim(yuan/1e3, 2))
	case lang != EN && a >= 1e8:
		return T(lang, "money.great", trim(yuan/1e8, 4))
	case lang != EN && a >= 1e4:
		return T(lang, "money.unit", trim(yuan/1e4, 4))
	case fen%100 == 0:
		return T(lang, "money.yuan", strconv.FormatInt(fen/100, 10))
	}
	return T(lang, "money.yuan", strconv.FormatFloat(yuan, 'f', 2, 64))
}

// Decimal shows a whole number of steps of 10^-places: 632 with one place is 63.2.
func Decimal(n int64, places int) string { return trim(float64(n)/math.Pow10(places), places) }

// Percent shows a share (0.996) as 99.6%, always with that many decimals so that
// columns line up. What is not a number is shown as a dash.
func Percent(share float64, decimals int) string {
	if math.IsNaN(share) || math.IsInf(share, 0) {
		return "—"
	}
	return strconv.FormatFloat(share*100, 'f', decimals, 64) + "%"
}

// Rate is Percent of part in whole; of nothing it is a dash.
func Rate(part, whole int64, decimals int) string {
	if whole == 0 {
		return "—"
	}
	return Percent(float64(part)/float64(whole), decimals)
}

// Distance shows metres: 40 米, 1.2 公里.
func Distance(lang Lang, metres float64) string {
	if metres < 999.5 {
		return T(lang, "distance.m", strconv.FormatFloat(math.Round(metres), 'f', 0, 64))
	}
	return T(lang, "distance.km", trim(metres/1000, 1))
}

// Bytes shows a size: 418 KB, 0.9 MB.
func Bytes(n int64) string {
	if n < 500_000 {
		return fmt.Sprintf("%d KB", (n+1023)/1024)
	}
	return trim(float64(n)/(1<<20), 1) + " MB"
}
