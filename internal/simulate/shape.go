package simulate

import (
	"math"
	"math/rand/v2"
	"time"

	"weixiao/internal/worktime"
)

// seasons are how often a thing is said, month by month from January, 1 being
// the average. What weather and fixed dates add is in factor.
var seasons = map[string]*[12]float64{
	"all":      {1, 0.9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
	"dark":     {1.4, 1.2, 1, 0.8, 0.7, 0.6, 0.6, 0.8, 1, 1.3, 1.5, 1.6},
	"thaw":     {0.2, 0.4, 2.2, 3, 1.8, 0.8, 0.7, 0.7, 0.6, 0.5, 0.2, 0.1},
	"rain":     {0.1, 0.1, 0.3, 0.6, 1, 2, 3.2, 3, 1.2, 0.4, 0.1, 0.1},
	"summer":   {0.2, 0.2, 0.4, 0.8, 1.5, 2, 2.2, 2.1, 1.3, 0.6, 0.3, 0.2},
	"snow":     {2, 1.6, 1.2, 0.2, 0, 0, 0, 0, 0, 0.1, 1.8, 2.4},
	"icicle":   {1, 1.6, 2.2, 0.4, 0, 0, 0, 0, 0, 0, 0.4, 1},
	"frozen":   {2.5, 2, 0.6, 0.1, 0, 0, 0, 0, 0, 0, 0.5, 2.4},
	"heat":     {1.6, 1.3, 0.9, 0.2, 0.02, 0, 0, 0, 0.02, 1, 1.4, 1.8},
	"fees":     {0.3, 0.2, 0.2, 0.4, 0.2, 0.1, 0.1, 0.2, 1.4, 4, 1.6, 0.5},
	"spring":   {0.3, 0.6, 1.8, 2.4, 1.8, 1, 0.7, 0.6, 0.6, 0.6, 0.4, 0.3},
	"school":   {0.2, 0.5, 0.6, 0.5, 0.6, 1.2, 2.2, 3, 1.6, 0.5, 0.4, 0.3},
	"wages":    {2.6, 0.6, 0.3, 0.3, 0.4, 0.5, 0.5, 0.6, 0.7, 0.9, 1.5, 3},
	"medicare": {0.3, 0.2, 0.2, 0.2, 0.2, 0.3, 0.3, 0.4, 1.5, 2.5, 2.6, 3},
	"burn":     {0, 0.2, 2, 2.5, 0.5, 0.1, 0.1, 0.1, 1, 3, 1.5, 0.2},
	"fire":     {0.1, 0.3, 2, 3.5, 1.5, 0.2, 0.1, 0.1, 0.6, 2, 1, 0.1},
	"autumn":   {0, 0, 0, 0, 0.2, 0.3, 0.6, 2, 3.5, 2, 0.3, 0},
	"cold":     {2.4, 2, 1, 0.3, 0.1, 0, 0, 0, 0.1, 0.6, 1.6, 2.6},
	"festival": {2.5, 6, 0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.1, 0.6},
}

// heatingStart is the first day of the heating season: for a few days ten times
// as many people call as usual, most of them because their home is cold.
var heatingStart = time.Date(2022, 10, 20, 0, 0, 0, 0, worktime.Zone)

// heatSpike are the shares of heating matters that fall on the first days; the
// 22nd and 23rd are a weekend.
var heatSpike = []float64{0.150, 0.135, 0.085, 0.070, 0.095, 0.060, 0.045, 0.032, 0.024, 0.018, 0.014, 0.012, 0.010, 0.008, 0.006}

// weekdays from Sunday: people call when offices are open.
var weekdays = [7]float64{0.62, 1.26, 1.14, 1.08, 1.06, 1.04, 0.74}

const holidayFactor = 0.7

// almanac is the weather of the year, the same for one seed.
type almanac struct{ snow, rain [366]float64 }

func weather(seed uint64) *almanac {
	r := rand.New(rand.NewPCG(seed, 0x77656174686572))
	a := &almanac{}
	fall := func(on *[366]float64, months []time.Month, every float64, worst float64) {
		for d := range 365 {
			date := Begin.AddDate(0, 0, d)
			for _, m := range months {
				if date.Month() == m && chance(r, 1/every) {
					strength := between(r, 1.5, worst)
					for i := range 3 {
						if d+i < 365 {
							on[d+i] = math.Max(on[d+i], strength/float64(1+i))
						}
					}
				}
			}
		}
	}
	fall(&a.snow, []time.Month{1, 2, 3, 11, 12}, 9, 6)
	fall(&a.rain, []time.Month{5, 6, 7, 8, 9}, 7, 5)
	// A snowfall two days before the present, so that its traces are on the desks.
	for i, s := range []float64{5, 4, 2.5} {
		a.snow[361+i] = s
	}
	return a
}

// month is a season at a day, going gently from one month to the next.
func month(s *[12]float64, date time.Time) float64 {
	m := int(date.Month()) - 1
	x := (float64(date.Day()) - 15) / 30
	if x < 0 {
		return s[m]*(1+x) - s[(m+11)%12]*x
	}
	return s[m]*(1-x) + s[(m+1)%12]*x
}

// shares gives for a season the share of its year that falls on each day.
func (y *year) shares(season string) []float64 {
	out := make([]float64, y.days)
	sum := 0.0
	for d := range out {
		date := Begin.AddDate(0, 0, d)
		f := math.Max(0, month(seasons[season], date)) * weekdays[date.Weekday()]
		if y.dayOff(d) {
			f *= holidayFactor
		}
		switch season {
		case "snow":
			f *= 0.3 + y.weather.snow[d]
		case "rain":
			f *= 0.4 + y.weather.rain[d]
		}
		out[d] = f
		sum += f
	}
	if season == "heat" || season == "fees" {
		spike := 1.0
		if season == "fees" {
			spike = 0.25
		}
		first := int(heatingStart.Sub(Begin) / (24 * time.Hour))
		whole := 0.0
		for _, s := range heatSpike {
			whole += s * spike
		}
		for d := range out {
			out[d] *= (1 - whole) / sum
			if i := d - first; i >= 0 && i < len(heatSpike) {
				out[d] += heatSpike[i] * spike
			}
		}
		return out
	}
	for d := range out {
		out[d] /= sum
	}
	return out
}

// dayOff reports whether a day is a holiday.
func (y *year) dayOff(d int) bool {
	return y.w.Pack.Calendar("").DayOf(Begin.AddDate(0, 0, d).Add(12*time.Hour)).Why == worktime.WhyHoliday
}

// Profiles of the day, in weights of the 24 hours.
var (
	phoneHours  = [24]float64{0.6, 0.4, 0.3, 0.3, 0.4, 0.9, 2, 4, 8, 11, 12.5, 8, 4.5, 6, 10.5, 8.5, 6, 4.5, 3.5, 3.2, 2.6, 2, 1.4, 0.9}
	portalHours = [24]float64{1.5, 0.8, 0.5, 0.4, 0.5, 1, 2, 4, 6, 7, 7, 6, 6, 5, 6, 5.5, 5, 5, 6, 8, 9, 8, 6, 3}
	gridHours   = [24]float64{0, 0, 0, 0, 0, 0, 1, 5, 12, 16, 13, 6, 1, 6, 12, 11, 6, 2, 1, 0.5, 0.2, 0, 0, 0}
)

func moment(r *rand.Rand, day time.Time, hours *[24]float64) time.Time {
	sum := 0.0
	for _, h := range hours {
		sum += h
	}
	x := r.Float64() * sum
	h := 0
	for ; h < 23 && x >= hours[h]; h++ {
		x -= hours[h]
	}
	return day.Add(time.Duration(h)*time.Hour + time.Duration(r.IntN(3600))*time.Second)
}

// poisson draws a count around a mean; the normal approximation will do.
func poisson(r *rand.Rand, mean float64) int {
	return max(0, int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64()*0.6)))
}
