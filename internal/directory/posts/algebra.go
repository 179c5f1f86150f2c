package posts

import (
	"math"
	"slices"
)

// span is a stretch of time [from, to) in µs; to 0 means without end.
type span struct{ from, to int64 }

func (s span) end() int64 {
	if s.to == 0 {
		return math.MaxInt64
	}
	return s.to
}

// meet is the time two spans share; false if they share none.
func (s span) meet(o span) (span, bool) {
	from, end := max(s.from, o.from), min(s.end(), o.end())
	if from >= end {
		return span{}, false
	}
	if end == math.MaxInt64 {
		end = 0
	}
	return span{from, end}, true
}

// crowded finds a moment at which more than seats of the spans hold, of those that meet s: with one more, s itself,
// nobody could sit. It returns the spans that hold then; nil when there is room throughout.
func crowded(s span, others []span, seats int) []int {
	// The number of holders grows only where a span begins: looking at s.from and at those beginnings is enough.
	moments := []int64{s.from}
	for _, o := range others {
		if m, ok := s.meet(o); ok {
			moments = append(moments, m.from)
		}
	}
	slices.Sort(moments)
	for _, at := range moments {
		var then []int
		for i, o := range others {
			if o.from <= at && at < o.end() {
				then = append(then, i)
			}
		}
		if len(then) >= seats {
			return then
		}
	}
	return nil
}

// leg is one stand-in: by stands in for post during a span.
type leg struct {
	post, by string
	span
}

// circle finds the way on which n would lead back to its own post at some moment: the posts of the chain, first
// n.post; nil when there is none. legs answers the stand-ins that are in force for a post.
func circle(n leg, legs func(post string) ([]leg, error)) ([]string, error) {
	if n.by == n.post {
		return []string{n.post, n.by}, nil
	}
	return follow(n, []string{n.post, n.by}, n.span, legs)
}

func follow(n leg, way []string, during span, legs func(string) ([]leg, error)) ([]string, error) {
	next, err := legs(way[len(way)-1])
	if err != nil {
		return nil, err
	}
	for _, l := range next {
		m, ok := during.meet(l.span)
		if !ok {
			continue
		}
		if l.by == n.post {
			return append(slices.Clone(way), l.by), nil
		}
		if slices.Contains(way, l.by) {
			continue // a circle that does not run through n; it cannot have been entered
		}
		if found, err := follow(n, append(slices.Clone(way), l.by), m, legs); found != nil || err != nil {
			return found, err
		}
	}
	return nil, nil
}
