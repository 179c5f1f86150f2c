package sanitation_test

import (
	"testing"
	"time"

	"weixiao/internal/pack"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/worktime"
)

func rules(t *testing.T) *pack.Sanitation {
	t.Helper()
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	return p.Sanitation
}

// TestSheet reckons sheets by hand.
func TestSheet(t *testing.T) {
	r := rules(t)
	c := &r.Contracts[0] // 6,800,000 a year
	for name, x := range map[string]struct {
		sheet                           sanitation.Sheet
		mean, coverage, deducted, score int64
		share, amount                   int64
	}{
		"nothing wrong": {sanitation.Sheet{Month: "2022-01", Days: []sanitation.SheetDay{{"2022-01-01", 9600, true}, {"2022-01-02", 0, false}}}, 9600, 0, 0, 10000, 10000, 56666666},
		// mean 91 %: 4 points of percent below 95 cost 2; 0.5 once, 1 doubled for being late, 2 doubled once for late and again
		"low and late": {sanitation.Sheet{Month: "2022-01", Days: []sanitation.SheetDay{{"2022-01-01", 9000, true}, {"2022-01-02", 9200, true}},
			Lines: []sanitation.SheetLine{{Points: 50}, {Points: 100, Late: true}, {Points: 200, Late: true, Again: 2}}}, 9100, 200, 650, 9150, 10000, 56666666},
		"a band lower": {sanitation.Sheet{Month: "2022-01", Lines: []sanitation.SheetLine{{Points: 1001}}}, 0, 0, 1001, 8999, 9700, 54966666},
		"nothing left": {sanitation.Sheet{Month: "2022-01", Lines: []sanitation.SheetLine{{Points: 20000}}}, 0, 0, 20000, 0, 7000, 39666666},
	} {
		s := x.sheet
		s.Reckon(r, c)
		if s.Mean != x.mean || s.Coverage != x.coverage || s.Deducted != x.deducted || s.Score != x.score || s.Share != x.share || s.Amount != x.amount {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestMonths: twelve months are the year to the fen, and a part of a month is paid by its days.
func TestMonths(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.ParseInLocation(time.DateOnly, s, worktime.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	c := &pack.SweepContract{From: day("2022-04-01"), Until: day("2024-03-15"), Yearly: 679_999_999}
	var sum int64
	for m := day("2022-04-01"); m.Before(day("2023-04-01")); m = m.AddDate(0, 1, 0) {
		sum += sanitation.MonthlyOf(c, m.Format("2006-01"))
	}
	if sum != c.Yearly {
		t.Errorf("twelve months are %d fen, the year is %d", sum, c.Yearly)
	}
	if got, want := sanitation.MonthlyOf(c, "2024-03"), sanitation.MonthlyOf(c, "2023-03")*15/31; got != want {
		t.Errorf("half a March is %d, want %d", got, want)
	}
	for _, m := range []string{"2022-03", "2024-04", "soon"} {
		if got := sanitation.MonthlyOf(c, m); got != 0 {
			t.Errorf("%s: %d", m, got)
		}
	}
}
