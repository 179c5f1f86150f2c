package posts

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawSpan draws a span of small days, some without end.
func drawSpan(t *rapid.T) span {
	s := span{from: int64(rapid.IntRange(0, 20).Draw(t, "from"))}
	if !rapid.Bool().Draw(t, "open") {
		s.to = s.from + int64(rapid.IntRange(1, 10).Draw(t, "long"))
	}
	return s
}

// TestSeats compares crowded with a count of every single day: spans that were let in never sit on more seats than
// there are, and none is refused that had a seat.
func TestSeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seats := rapid.IntRange(1, 3).Draw(t, "seats")
		var in []span
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			s := drawSpan(t)
			full := false
			for at := s.from; at < min(s.end(), 40); at++ {
				n := 0
				for _, o := range in {
					if o.from <= at && at < o.end() {
						n++
					}
				}
				full = full || n >= seats
			}
			if then := crowded(s, in, seats); (then != nil) != full {
				t.Fatalf("%v among %v on %d seats: %v, want full %v", s, in, seats, then, full)
			}
			if !full {
				in = append(in, s)
			}
		}
	})
}

// TestCircles enters stand-ins at random. The slow oracle walks the chain of every post on every day: what circle
// let in never leads back, and what it refused would have.
func TestCircles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"a", "b", "c", "d", "e"}
		var in []leg
		legs := func(post string) ([]leg, error) {
			var out []leg
			for _, l := range in {
				if l.post == post {
					out = append(out, l)
				}
			}
			return out, nil
		}
		loops := func(all []leg) bool {
			for at := int64(0); at < 40; at++ {
				for _, start := range names {
					on := start
					for range names {
						i := slices.IndexFunc(all, func(l leg) bool { return l.post == on && l.from <= at && at < l.end() })
						if i < 0 {
							break
						}
						if on = all[i].by; on == start {
							return true
						}
					}
				}
			}
			return false
		}
		for range rapid.IntRange(1, 14).Draw(t, "n") {
			n := leg{rapid.SampledFrom(names).Draw(t, "post"), rapid.SampledFrom(names).Draw(t, "by"), drawSpan(t)}
			if mine, _ := legs(n.post); slices.ContainsFunc(mine, func(l leg) bool { _, both := l.meet(n.span); return both }) {
				continue // one stand-in at a time
			}
			way, err := circle(n, legs)
			if err != nil {
				t.Fatal(err)
			}
			if want := loops(append(slices.Clone(in), n)); (way != nil) != want {
				t.Fatalf("%v after %v: way %v, the oracle says %v", n, in, way, want)
			}
			if way == nil {
				in = append(in, n)
			} else if way[0] != n.post || way[len(way)-1] != n.post {
				t.Fatalf("the way %v does not lead from %s back to it", way, n.post)
			}
		}
	})
}
