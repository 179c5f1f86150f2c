package worktime

import "time"

// solarDays are the days off that the law fixes by the solar calendar, as
// month*100+day (Regulation on Public Holidays as amended 2024-11-10).
var solarDays = map[int]string{
	101: "元旦",
	501: "劳动节", 502: "劳动节",
	1001: "国庆节", 1002: "国庆节", 1003: "国庆节",
}

// lunarYear has the festivals that move: first day of the first month, Qingming,
// fifth of the fifth month, fifteenth of the eighth, as month*100+day.
type lunarYear struct{ spring, qingming, dragonBoat, midAutumn int }

// lunarYears were computed twice, by table (6tail/lunar-go) and from the new
// moons and the sun's longitude (Meeus, Astronomical Algorithms, ch. 25, 49), with
// equal result. The nearest calls are the new moons of 2027-02-06 23:56 and
// 2030-02-03 00:07, where simpler algorithms (ICU) are a day off.
var lunarYears = map[int]lunarYear{
	2025: {129, 404, 531, 1006},
	2026: {217, 405, 619, 925},
	2027: {206, 405, 609, 915},
	2028: {126, 404, 528, 1003},
	2029: {213, 404, 616, 922},
	2030: {203, 405, 605, 912},
	2031: {123, 405, 624, 1001},
	2032: {211, 404, 612, 919},
	2033: {131, 404, 601, 908},
	2034: {219, 405, 620, 927},
	2035: {208, 405, 610, 916},
	2036: {128, 404, 530, 1004},
	2037: {215, 404, 618, 924},
	2038: {204, 405, 607, 913},
	2039: {124, 405, 527, 1002},
	2040: {212, 404, 614, 920},
}

// statutory names the days that are off by law in a year without a notice, by
// month*100+day. What a notice adds (bridged weekends, make-up workdays, the
// replacement of a holiday that falls on a weekend) cannot be known before it
// comes; so such a year is provisional. Outside of lunarYears only the solar
// days are known.
func statutory(year int) map[int]string {
	days := make(map[int]string, 14)
	for d, name := range solarDays {
		days[d] = name
	}
	l, ok := lunarYears[year]
	if !ok {
		return days
	}
	add := func(d int, name string) {
		if other := days[d]; other != "" {
			name = other + "、" + name
		}
		days[d] = name
	}
	for i := -1; i <= 2; i++ { // the eve and three days, as the law has it since 2025
		day := time.Date(year, time.Month(l.spring/100), l.spring%100+i, 0, 0, 0, 0, time.UTC)
		add(dateKey(day)%10000, "春节")
	}
	add(l.qingming, "清明节")
	add(l.dragonBoat, "端午节")
	add(l.midAutumn, "中秋节")
	return days
}
