// Package geotest makes polygons for tests and measurements.
package geotest

import (
	"math/rand/v2"

	"github.com/paulmach/orb"
)

// Mosaic covers a box with columns times rows areas, row by row from the south-west, that share crooked borders of detail edges between
// two corners: no gaps, no overlaps. The same seed gives the same mosaic.
func Mosaic(box orb.Bound, columns, rows, detail int, seed uint64) []orb.Polygon {
	m := &mosaic{random: rand.New(rand.NewPCG(seed, 0x6d6f_7361_6963)), lines: map[[2]orb.Point][]orb.Point{}, detail: detail}
	w, h := (box.Max[0]-box.Min[0])/float64(columns), (box.Max[1]-box.Min[1])/float64(rows)
	corner := make([][]orb.Point, rows+1)
	for y := range corner {
		for x := range columns + 1 {
			p := orb.Point{box.Min[0] + w*float64(x), box.Min[1] + h*float64(y)}
			if x == columns {
				p[0] = box.Max[0]
			}
			if y == rows {
				p[1] = box.Max[1]
			}
			if x > 0 && x < columns {
				p[0] += w * m.shake()
			}
			if y > 0 && y < rows {
				p[1] += h * m.shake()
			}
			corner[y] = append(corner[y], p)
		}
	}
	var all []orb.Polygon
	for y := range rows {
		for x := range columns {
			around := []orb.Point{corner[y][x], corner[y][x+1], corner[y+1][x+1], corner[y+1][x], corner[y][x]}
			ring := orb.Ring{around[0]}
			for i := 1; i < len(around); i++ {
				ring = append(ring, m.line(around[i-1], around[i], box, min(w, h))...)
			}
			all = append(all, orb.Polygon{ring})
		}
	}
	return all
}

type mosaic struct {
	random *rand.Rand
	lines  map[[2]orb.Point][]orb.Point
	detail int
}

func (m *mosaic) shake() float64 { return 0.4 * (m.random.Float64() - 0.5) }

// line is the way from a to b without a, with b; the way back is the same. Along the edge of the box it is straight.
func (m *mosaic) line(a, b orb.Point, box orb.Bound, scale float64) []orb.Point {
	if back, ok := m.lines[[2]orb.Point{b, a}]; ok {
		out := make([]orb.Point, 0, len(back))
		for i := len(back) - 2; i >= 0; i-- {
			out = append(out, back[i])
		}
		return append(out, b)
	}
	edge := func(k int) bool { return a[k] == b[k] && (a[k] == box.Min[k] || a[k] == box.Max[k]) }
	straight := edge(0) || edge(1)
	crooked := scale * min(0.08, 0.4/float64(m.detail))
	var out []orb.Point
	for i := 1; i < m.detail; i++ {
		f := float64(i) / float64(m.detail)
		p := orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])}
		if !straight {
			p[0] += crooked * (m.random.Float64() - 0.5)
			p[1] += crooked * (m.random.Float64() - 0.5)
		}
		out = append(out, p)
	}
	out = append(out, b)
	m.lines[[2]orb.Point{a, b}] = out
	return out
}
