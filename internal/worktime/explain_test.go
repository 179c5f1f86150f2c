package worktime

import (
	"fmt"
	"strings"
	"testing"
)

// print writes steps as a page would, one a line.
func printed(steps []Step) string {
	var b strings.Builder
	for _, s := range steps {
		to := "…"
		if !s.To.IsZero() {
			to = s.To.Format("01-02 15:04")
		}
		fmt.Fprintf(&b, "%d %s %s %s", s.Part, s.From.Format("01-02 15:04"), to, s.Why)
		if s.Name != "" {
			fmt.Fprintf(&b, " %s", s.Name)
		}
		if s.Counted != 0 {
			fmt.Fprintf(&b, " %v", s.Counted)
		}
		if s.Provisional {
			fmt.Fprint(&b, " provisional")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestExplain(t *testing.T) {
	tests := []struct {
		name  string
		clock Clock
		want  string
	}{
		{"no limit", Clock{Start: at("2026-02-13 12:00")}, ""},
		{"workdays over spring festival", Clock{Start: at("2026-02-12 12:00"), Limit: limit("4 workday")}, `
0 02-12 12:00 02-14 00:00 counted 36h0m0s
0 02-14 00:00 02-15 00:00 make_up 春节 24h0m0s
0 02-15 00:00 02-24 00:00 holiday 春节
0 02-24 00:00 02-25 12:00 counted 36h0m0s
`},
		{"work hours", Clock{Start: at("2026-06-12 11:00"), Limit: limit("5 workhour")}, `
0 06-12 11:00 06-12 11:30 counted 30m0s
0 06-12 11:30 06-12 13:30 lunch
0 06-12 13:30 06-12 17:00 counted 3h30m0s
0 06-12 17:00 06-13 00:00 night
0 06-13 00:00 06-15 00:00 weekend
0 06-15 00:00 06-15 08:30 night
0 06-15 08:30 06-15 09:30 counted 1h0m0s
`},
		{"start rule, pause and extension", Clock{Start: at("2026-06-10 10:00"), Limit: limit("2 workday from next workday"),
			Pauses: []Span{span("2026-06-11 10:00", "2026-06-12 10:00")}, Extensions: []Limit{limit("2 workhour")}}, `
0 06-10 10:00 06-11 00:00 before_start
0 06-11 00:00 06-11 10:00 counted 10h0m0s
0 06-11 10:00 06-12 10:00 paused
0 06-12 10:00 06-13 00:00 counted 14h0m0s
0 06-13 00:00 06-15 00:00 weekend
0 06-15 00:00 06-16 00:00 counted 24h0m0s
1 06-16 00:00 06-16 08:30 night
1 06-16 08:30 06-16 10:30 counted 2h0m0s
`},
		{"nights on end are one step", Clock{Start: at("2026-06-10 17:00"), Limit: limit("1 workhour")}, `
0 06-10 17:00 06-11 08:30 night
0 06-11 08:30 06-11 09:30 counted 1h0m0s
`},
		{"open pause", Clock{Start: at("2026-06-10 10:00"), Limit: limit("2 hour"), Pauses: []Span{span("2026-06-10 11:00", "")}}, `
0 06-10 10:00 06-10 11:00 counted 1h0m0s
0 06-10 11:00 … paused
`},
		{"minutes", Clock{Start: at("2026-06-10 23:50"), Limit: limit("15 minute")}, `
0 06-10 23:50 06-11 00:05 counted 15m0s
`},
		{"a year to come", Clock{Start: at("2026-12-31 12:00"), Limit: limit("1 workday")}, `
0 12-31 12:00 01-01 00:00 counted 12h0m0s
0 01-01 00:00 01-02 00:00 holiday 元旦 provisional
0 01-02 00:00 01-04 00:00 weekend provisional
0 01-04 00:00 01-04 12:00 counted 12h0m0s provisional
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, want := printed(China().Explain(tt.clock)), strings.TrimPrefix(tt.want, "\n"); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}
