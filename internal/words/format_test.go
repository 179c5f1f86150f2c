package words

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		panic(err)
	}
	return t
}

func TestMoment(t *testing.T) {
	now := at("2025-11-23 17:24")
	for _, c := range []struct{ at, zh, en string }{
		{"2025-11-23 15:30", "今天 15:30", "today 15:30"},
		{"2025-11-23 00:00", "今天 00:00", "today 00:00"},
		{"2025-11-22 19:55", "昨天 19:55", "yesterday 19:55"},
		{"2025-11-22 23:59", "昨天 23:59", "yesterday 23:59"},
		{"2025-11-24 11:00", "明天 11:00", "tomorrow 11:00"},
		{"2025-11-21 09:05", "11月21日 09:05", "21 Nov 09:05"},
		{"2025-11-25 17:20", "11月25日 17:20", "25 Nov 17:20"},
		{"2025-01-02 03:04", "1月2日 03:04", "2 Jan 03:04"},
		{"2024-11-23 17:24", "2024年11月23日", "23 Nov 2024"},
		{"2026-03-01 08:00", "2026年3月1日", "1 Mar 2026"},
	} {
		if got := Moment(ZH, now, at(c.at)); got != c.zh {
			t.Errorf("%s: %q, want %q", c.at, got, c.zh)
		}
		if got := Moment(EN, now, at(c.at)); got != c.en {
			t.Errorf("%s: %q, want %q", c.at, got, c.en)
		}
	}
	if got := Moment(ZH, at("2026-01-01 00:10"), at("2025-12-31 23:50")); got != "昨天 23:50" {
		t.Errorf("over New Year: %q", got)
	}
	if got := Moment(ZH, now.UTC(), at("2025-11-23 15:30").UTC()); got != "今天 15:30" {
		t.Errorf("UTC arguments: %q", got)
	}
	if a, b := Exact(ZH, at("2025-11-24 17:20")), Exact(EN, at("2025-11-24 17:20")); a != "2025年11月24日 17:20" || b != "24 Nov 2025, 17:20" {
		t.Errorf("Exact = %q, %q", a, b)
	}
	if a, b := Weekday(ZH, now), Weekday(EN, now); a != "星期日" || b != "Sunday" {
		t.Errorf("Weekday = %q, %q", a, b)
	}
}

func TestMoney(t *testing.T) {
	for fen, want := range map[int64][2]string{
		12_50: {"12.50 元", "CNY 12.50"}, 9999_00: {"9999 元", "CNY 9999"}, 14_670_000_00: {"1467 万元", "CNY 14.67 m"}, 325_000_000_00: {"3.25 亿元", "CNY 325 m"},
		16_012_345_678_00: {"160.1235 亿元", "CNY 16.0123 bn"}, 15_790_000_00: {"1579 万元", "CNY 15.79 m"}, 125_000_00: {"12.5 万元", "CNY 125 k"}, 0: {"0 元", "CNY 0"}, -5_00: {"-5 元", "CNY -5"},
	} {
		if zh, en := Money(ZH, fen), Money(EN, fen); zh != want[0] || en != want[1] {
			t.Errorf("%d: %q %q, want %v", fen, zh, en, want)
		}
	}
	if got := Decimal(632, 1) + " " + Decimal(70, 1) + " " + Decimal(5, 2); got != "63.2 7 0.05" {
		t.Error(got)
	}
}

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		d             time.Duration
		zh, en, rough string
	}{
		{0, "不到 1 分钟", "less than a minute", "不到 1 分钟"},
		{59 * time.Second, "不到 1 分钟", "less than a minute", "不到 1 分钟"},
		{23 * time.Minute, "23 分钟", "23 min", "23 分钟"},
		{72 * time.Minute, "1 小时 12 分", "1 h 12 min", "1 小时"},
		{time.Hour, "1 小时", "1 hour", "1 小时"},
		{13 * time.Hour, "13 小时", "13 hours", "13 小时"},
		{53 * time.Hour, "2 天 5 小时", "2 d 5 h", "2 天"},
		{24 * time.Hour, "1 天", "1 day", "1 天"},
		{-2 * time.Hour, "2 小时", "2 hours", "2 小时"},
	} {
		if got := Duration(ZH, c.d); got != c.zh {
			t.Errorf("%v: %q, want %q", c.d, got, c.zh)
		}
		if got := Duration(EN, c.d); got != c.en {
			t.Errorf("%v: %q, want %q", c.d, got, c.en)
		}
		if got := DurationRough(ZH, c.d); got != c.rough {
			t.Errorf("%v: rough %q, want %q", c.d, got, c.rough)
		}
	}
}

func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		n      int64
		zh, en string
	}{
		{0, "0", "0"}, {486, "486", "486"}, {1372, "1372", "1372"}, {9999, "9999", "9999"},
		{10000, "1 万", "10k"}, {12345, "1.2 万", "12.3k"}, {123456, "12.3 万", "123.5k"},
		{99_999_999, "1 亿", "100m"}, {340_000_000, "3.4 亿", "340m"}, {999_999, "100 万", "1m"},
		{-12345, "-1.2 万", "-12.3k"},
	} {
		if a, b := Count(ZH, c.n), Count(EN, c.n); a != c.zh || b != c.en {
			t.Errorf("Count(%d) = %q, %q, want %q, %q", c.n, a, b, c.zh, c.en)
		}
	}
	for _, c := range []struct {
		metres float64
		zh, en string
	}{{0, "0 米", "0 m"}, {39.6, "40 米", "40 m"}, {999.4, "999 米", "999 m"}, {999.6, "1 公里", "1 km"}, {1240, "1.2 公里", "1.2 km"}} {
		if a, b := Distance(ZH, c.metres), Distance(EN, c.metres); a != c.zh || b != c.en {
			t.Errorf("Distance(%v) = %q, %q", c.metres, a, b)
		}
	}
	for _, c := range []struct {
		share float64
		want  string
	}{{0.996, "99.6%"}, {1, "100.0%"}, {0, "0.0%"}, {math.NaN(), "—"}, {math.Inf(1), "—"}} {
		if got := Percent(c.share, 1); got != c.want {
			t.Errorf("Percent(%v) = %q, want %q", c.share, got, c.want)
		}
	}
	if got := Rate(0, 0, 1); got != "—" {
		t.Errorf("Rate(0, 0) = %q", got)
	}
	if got := Rate(469, 500, 1); got != "93.8%" {
		t.Errorf("Rate = %q", got)
	}
	for n, want := range map[int64]string{0: "0 KB", 428_000: "418 KB", 943_718: "0.9 MB", 12 << 20: "12 MB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

// TestDeadline goes through the table of design/README "Deadlines".
func TestDeadline(t *testing.T) {
	now := at("2025-11-23 17:24")
	started := at("2025-11-22 19:55")
	met := func(s string) *time.Time { t := at(s); return &t }
	for _, c := range []struct {
		name         string
		due, started time.Time
		paused       bool
		met          *time.Time
		level        Level
		zh, en       string
	}{
		{"none", time.Time{}, started, false, nil, None, "", ""},
		{"days left", at("2025-11-25 11:00"), at("2025-11-23 09:00"), false, nil, OK, "剩 2 天", "2 days left"},
		{"tomorrow", at("2025-11-24 11:00"), at("2025-11-23 09:00"), false, nil, OK, "明天 11:00", "tomorrow 11:00"},
		{"tomorrow, a quarter left", at("2025-11-24 11:00"), at("2025-11-20 09:00"), false, nil, Near, "明天 11:00", "tomorrow 11:00"},
		{"due today", at("2025-11-23 21:00"), at("2025-11-23 09:00"), false, nil, Near, "今天 21:00", "today 21:00"},
		{"due today, start unknown", at("2025-11-23 21:00"), time.Time{}, false, nil, Near, "今天 21:00", "today 21:00"},
		{"a tenth left", at("2025-11-25 11:00"), at("2025-11-01 09:00"), false, nil, Soon, "剩 2 天", "2 days left"},
		{"under two hours", at("2025-11-23 18:36"), started, false, nil, Soon, "剩 1 小时 12 分", "1 h 12 min left"},
		{"under an hour", at("2025-11-23 18:06"), started, false, nil, Soon, "剩 42 分", "42 min left"},
		{"under two hours, after midnight", at("2025-11-23 17:25"), started, false, nil, Soon, "剩 1 分", "1 min left"},
		{"now", now, started, false, nil, Soon, "剩不到 1 分钟", "under a minute left"},
		{"exactly two hours", at("2025-11-23 19:24"), at("2025-11-23 15:00"), false, nil, Near, "今天 19:24", "today 19:24"},
		{"over", at("2025-11-23 15:24"), started, false, nil, Over, "已超 2 小时", "2 hours overdue"},
		{"over by minutes", at("2025-11-23 17:00"), started, false, nil, Over, "已超 24 分钟", "24 min overdue"},
		{"over by days", at("2025-11-20 15:24"), at("2025-11-19 09:00"), false, nil, Over, "已超 3 天", "3 days overdue"},
		{"paused", at("2025-11-25 11:00"), started, true, nil, Pause, "计时暂停", "clock paused"},
		{"met", at("2025-11-23 19:55"), started, false, met("2025-11-22 20:18"), Met, "23 分钟完成", "done in 23 min"},
		{"met in hours", at("2025-11-23 19:55"), started, false, met("2025-11-23 09:12"), Met, "13 小时完成", "done in 13 hours"},
		{"met, start unknown", at("2025-11-23 19:55"), time.Time{}, false, met("2025-11-23 09:12"), Met, "按时完成", "done in time"},
		{"met at the last moment", at("2025-11-23 09:12"), time.Time{}, false, met("2025-11-23 09:12"), Met, "按时完成", "done in time"},
		{"met too late", at("2025-11-23 09:12"), started, false, met("2025-11-23 12:12"), Over, "超时 3 小时完成", "done 3 hours late"},
		{"met while paused", at("2025-11-25 11:00"), time.Time{}, true, met("2025-11-23 12:12"), Met, "按时完成", "done in time"},
		{"start after the deadline", at("2025-11-25 11:00"), at("2025-11-26 11:00"), false, nil, OK, "剩 2 天", "2 days left"},
	} {
		t.Run(c.name, func(t *testing.T) {
			level, text, exact := Deadline(ZH, now, c.due, c.started, c.paused, c.met)
			if level != c.level || text != c.zh {
				t.Errorf("zh: %s %q, want %s %q", level, text, c.level, c.zh)
			}
			if level, text, _ := Deadline(EN, now, c.due, c.started, c.paused, c.met); level != c.level || text != c.en {
				t.Errorf("en: %s %q, want %s %q", level, text, c.level, c.en)
			}
			if !c.due.IsZero() && !strings.Contains(exact, Exact(ZH, c.due)) {
				t.Errorf("exact %q does not name the deadline", exact)
			}
		})
	}
}

// TestDeadlineOnlyGetsWorse: as time passes an open, running clock never looks
// better than it did, and it is overdue exactly after its deadline.
func TestDeadlineOnlyGetsWorse(t *testing.T) {
	order := map[Level]int{OK: 0, Near: 1, Soon: 2, Over: 3}
	rapid.Check(t, func(t *rapid.T) {
		start := at("2025-01-01 00:00").Add(time.Duration(rapid.Int64Range(0, 700*24*60).Draw(t, "start")) * time.Minute)
		due := start.Add(time.Duration(rapid.Int64Range(1, 90*24*60).Draw(t, "limit")) * time.Minute)
		a := start.Add(time.Duration(rapid.Int64Range(0, 100*24*60).Draw(t, "a")) * time.Minute)
		b := a.Add(time.Duration(rapid.Int64Range(0, 100*24*60).Draw(t, "b")) * time.Minute)
		la, _, _ := Deadline(ZH, a, due, start, false, nil)
		lb, text, _ := Deadline(ZH, b, due, start, false, nil)
		if order[la] > order[lb] {
			t.Errorf("%s at %v, then %s at %v (due %v)", la, a, lb, b, due)
		}
		if (lb == Over) != b.After(due) {
			t.Errorf("%s %q at %v, due %v", lb, text, b, due)
		}
	})
}
