package worktime

import "slices"

// Counting is how a law counts its terms: laws use the same word, day, for
// working days, for natural days, and even for both in one sentence. The zero
// Counting takes every term as it is written, from the event itself.
type Counting struct {
	// Days is what a day is: Workday, or Day and "" for a natural one.
	Days Unit `json:"days,omitempty" yaml:"days,omitempty"`
	// Workdays are the numbers of days that mean working days although other
	// numbers mean natural ones (行政处罚法 art. 85: two, three, five, seven).
	Workdays []int `json:"workdays,omitempty" yaml:"workdays,omitempty"`
	// Start is from when terms in days and working days count. Terms in hours and
	// minutes run from the event (民法典 art. 201), or under NextHour from the hour
	// after it.
	Start StartRule `json:"start,omitempty" yaml:"start,omitempty"`
}

// Check reports what is wrong with a Counting.
func (c Counting) Check() error {
	if c.Days != "" && c.Days != Day && c.Days != Workday {
		return problem("days: %q; write day or workday", "days：“%s”应为 day 或 workday", string(c.Days))
	}
	if c.Start != AtOnce && startSpellings["from "+string(c.Start)] != c.Start {
		return problem("start: %q; write next hour, next day or next workday, or leave it out for at once",
			"start：“%s”应为 next hour、next day、next workday，马上起算则不写", string(c.Start))
	}
	for _, n := range c.Workdays {
		if n < 1 {
			return problem("workdays: %d is not a number of days", "workdays：%d 不是天数", n)
		}
	}
	return nil
}

// Limit is what "n units" means under the law.
func (c Counting) Limit(l Limit) Limit {
	if l.Unit == Day && (c.Days == Workday || slices.Contains(c.Workdays, l.N)) {
		l.Unit = Workday
	}
	if l.Start == AtOnce && (l.Unit == Day || l.Unit == Workday || c.Start == NextHour) {
		l.Start = c.Start
	}
	return l
}
