package worktime

import (
	"testing"
	"time"
)

func BenchmarkAdd(b *testing.B) {
	for _, text := range []string{"30 minute", "4 workhour", "5 workday", "20 workday", "20 workday from next workday", "1000 workday"} {
		b.Run(text, func(b *testing.B) {
			c, start, l := China(), at("2024-01-03 10:20"), limit(text)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				c.Add(start.Add(time.Duration(i%700)*25*time.Hour), l)
				i++
			}
		})
	}
}

func BenchmarkClock(b *testing.B) {
	k := Clock{Start: at("2026-02-10 10:20"), Limit: limit("20 workday"), Extensions: []Limit{limit("10 workday")},
		Pauses: []Span{span("2026-02-25 12:00", "2026-03-05 12:00"), span("2026-03-10 12:00", "2026-03-11 12:00")}}
	b.Run("Deadline", func(b *testing.B) {
		for b.Loop() {
			China().Deadline(k)
		}
	})
	b.Run("Status", func(b *testing.B) {
		for b.Loop() {
			China().Status(k, at("2026-03-12 12:00"))
		}
	})
	b.Run("Explain", func(b *testing.B) {
		for b.Loop() {
			China().Explain(k)
		}
	})
}

// A new calendar is made for every notice and every pack that is checked.
func BenchmarkNew(b *testing.B) {
	spec := ChinaSpec()
	for b.Loop() {
		if _, err := New(spec); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMixed is what the clocks of a district look like: every unit and start
// rule, starts over three years, some with a pause or an extension.
func BenchmarkMixed(b *testing.B) {
	texts := []string{"15 minute", "2 hour", "2 workhour", "4 workhour", "1 workday", "5 workday", "7 workday", "15 workday from next workday",
		"20 workday from next day", "60 day", "90 day from next day", "2 workhour from next hour"}
	start := at("2024-01-03 10:20")
	clocks := make([]Clock, 4096)
	for i := range clocks {
		k := Clock{Start: start.Add(time.Duration(i*7919%(3*365*24*60)) * time.Minute), Limit: limit(texts[i%len(texts)])}
		switch i % 10 {
		case 3:
			k.Extensions = []Limit{limit("5 workday")}
		case 7:
			k.Pauses = []Span{{k.Start.Add(3 * time.Hour), k.Start.Add(50 * time.Hour)}}
		}
		clocks[i] = k
	}
	c := China()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		c.Deadline(clocks[i%len(clocks)])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deadlines/s")
}
