package windows

import (
	"fmt"
	"strconv"
	"time"

	"weixiao/internal/pack"
	"weixiao/internal/worktime"
)

// MarkSums are the confirmed marks of a window in a quarter.
type MarkSums struct {
	Deducted int64 `json:"deducted,omitempty"`
	Bonus    int64 `json:"bonus,omitempty"`
	Vetoes   int64 `json:"vetoes,omitempty"`
}

// add counts a mark.
func (m *MarkSums) add(kind string, points int64) {
	switch kind {
	case "deduct":
		m.Deducted += points
	case "bonus":
		m.Bonus += points
	case "veto":
		m.Vetoes++
	}
}

// Result is a window's quarter. Points are hundredths of a point.
type Result struct {
	Window string   `json:"window"`
	Sums   Sums     `json:"sums"`
	Marks  MarkSums `json:"marks"`
	Parts  Parts    `json:"parts"`
	Total  int64    `json:"total"`
	Mean   int64    `json:"mean"` // hundredths of a level, with the prior
	Few    bool     `json:"few,omitempty"`
	Stars  int64    `json:"stars"` // 0 = none: too little, vetoed, or too few points
}

// Parts of a total.
type Parts struct {
	Ratings, OnTime, Returns, Wait, Site, Innovation int64
}

// Compute makes points and stars of what a window did. It reckons in whole numbers, so that every machine gets the same.
//
// The mean level is drawn towards the prior (a Bayesian mean): a window with few ratings is neither praised nor blamed for
// them. Level 1 is worth nothing, level 5 the whole weight.
func Compute(f pack.StarFormula, window string, s Sums, m MarkSums) Result {
	r := Result{Window: window, Sums: s, Marks: m}
	n, levels := f.PriorN*100, f.PriorN*f.Prior // hundredths of levels
	for i, x := range s.Levels {
		n, levels = n+x*100, levels+x*int64(i+1)*100
	}
	if n > 0 {
		r.Mean = rounded(levels*100, n)
		r.Parts.Ratings = rounded(f.Ratings*100*(levels-n), 4*n)
	}
	r.Parts.OnTime = share(f.OnTime, s.OnTime, s.Served)
	r.Parts.Returns = share(f.Returns, s.Served-s.Supplemented-s.Returned, s.Served)
	r.Parts.Wait = share(f.Wait, s.InTime, s.Called)
	r.Parts.Site = max(0, f.Site-m.Deducted) * 100
	r.Parts.Innovation = min(f.Innovation, m.Bonus) * 100
	r.Total = r.Parts.Ratings + r.Parts.OnTime + r.Parts.Returns + r.Parts.Wait + r.Parts.Site + r.Parts.Innovation
	r.Few = s.Served < f.Least
	switch {
	case r.Few || m.Vetoes > 0:
	case r.Total >= f.Five*100:
		r.Stars = 5
	case r.Total >= f.Four*100:
		r.Stars = 4
	case r.Total >= f.Three*100:
		r.Stars = 3
	}
	return r
}

// share of a weight in hundredths of a point; nothing of nothing.
func share(weight, part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	return rounded(weight*100*part, whole)
}

// rounded divides, half up; both are not negative.
func rounded(a, b int64) int64 { return (2*a + b) / (2 * b) }

// QuarterOf is the quarter of a moment, such as 2022Q3.
func QuarterOf(t time.Time) string {
	t = t.In(zone)
	return fmt.Sprintf("%dQ%d", t.Year(), (int(t.Month())+2)/3)
}

// Bounds are the first moment of a quarter and the first after it.
func Bounds(quarter string) (from, until time.Time, ok bool) {
	if len(quarter) != 6 || quarter[4] != 'Q' || quarter[5] < '1' || quarter[5] > '4' {
		return from, until, false
	}
	y, err := strconv.Atoi(quarter[:4])
	if err != nil || y < 1900 || y > 2200 {
		return from, until, false
	}
	from = time.Date(y, time.Month(3*int(quarter[5]-'1')+1), 1, 0, 0, 0, 0, worktime.Zone)
	return from, from.AddDate(0, 3, 0), true
}
