package sanitation

import (
	"time"

	"weixiao/internal/pack"
)

// Sheet is a month of a contract reckoned: what was swept, what was found, what is paid. Points and percent are in
// hundredths, money in fen.
type Sheet struct {
	Contract string      `json:"contract"`
	Month    string      `json:"month"` // 2022-11
	Days     []SheetDay  `json:"days"`
	Measured int64       `json:"measured"` // days that count for the coverage
	Mean     int64       `json:"mean"`     // coverage of those days
	Coverage int64       `json:"coverage"` // points deducted for it
	Lines    []SheetLine `json:"lines"`
	Deducted int64       `json:"deducted"` // points deducted for findings
	Score    int64       `json:"score"`
	Share    int64       `json:"share"` // of the base that is paid
	Base     int64       `json:"base"`
	Amount   int64       `json:"amount"`
	Rules    string      `json:"rules"` // version of the pack it was reckoned by
}

// SheetDay is the coverage of a day. A day before the first machine sent its first position does not count.
type SheetDay struct {
	Day      string `json:"day"`
	Coverage int64  `json:"coverage"`
	Measured bool   `json:"measured"`
}

// SheetLine is a finding and what it costs.
type SheetLine struct {
	Finding string `json:"finding"`
	Day     string `json:"day"`
	Segment string `json:"segment"`
	Item    string `json:"item"`
	Points  int64  `json:"points"`
	Factor  int64  `json:"factor"`
	Total   int64  `json:"total"`
	Late    bool   `json:"late"`
	Again   int64  `json:"again"`
}

// reckon fills in the sums of a sheet whose days and lines are there.
func (x *Sheet) reckon(rules *pack.Sanitation, c *pack.SweepContract) {
	var sum int64
	x.Measured, x.Deducted, x.Coverage, x.Mean = 0, 0, 0, 0
	for _, d := range x.Days {
		if d.Measured {
			x.Measured++
			sum += d.Coverage
		}
	}
	if x.Measured > 0 {
		x.Mean = sum / x.Measured
		if short := int64(rules.Coverage.Full)*100 - x.Mean; short > 0 {
			x.Coverage = halfUp(short*int64(rules.Coverage.Point), 100)
		}
	}
	for i := range x.Lines {
		l := &x.Lines[i]
		l.Factor = 1
		if l.Late {
			l.Factor = int64(rules.Rectify.Late)
		}
		if l.Again > 0 {
			l.Factor = max(l.Factor, int64(rules.Rectify.Again))
		}
		l.Total = l.Points * l.Factor
		x.Deducted += l.Total
	}
	x.Score = max(0, 10000-x.Coverage-x.Deducted)
	for _, b := range rules.Payment.Bands {
		if x.Score >= int64(b.From) {
			x.Share = int64(b.Share)
			break
		}
	}
	x.Base = monthly(c, x.Month)
	x.Amount = halfUp(x.Base*x.Share, 10000)
}

func halfUp(a, b int64) int64 { return (2*a + b) / (2 * b) }

// monthly is the price of a month: twelve months add up to the year exactly; a month that the contract has only a part
// of is paid by its days.
func monthly(c *pack.SweepContract, month string) int64 {
	first, err := time.ParseInLocation("2006-01", month, c.From.Location())
	if err != nil {
		return 0
	}
	last := first.AddDate(0, 1, -1)
	if last.Before(c.From) || first.After(c.Until) {
		return 0
	}
	i := int64((first.Year()-c.From.Year())*12+int(first.Month())-int(c.From.Month())) % 12
	full := c.Yearly*(i+1)/12 - c.Yearly*i/12
	from, until := first, last
	if c.From.After(from) {
		from = c.From
	}
	if c.Until.Before(until) {
		until = c.Until
	}
	return full * int64(until.Sub(from)/(24*time.Hour)+1) / int64(last.Day())
}
