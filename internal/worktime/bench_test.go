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
