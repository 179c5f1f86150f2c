package sanitation

import (
	"maps"
	"slices"

	"weixiao/internal/geo"
	"weixiao/internal/pack"
)

// Swept sweeps positions over segments in memory and returns the cells and the repeated area of each.
func Swept(list []pack.RoadSegment, beside, fastest, brush int64, every int, positions []Position) map[string]string {
	g := newRoads(list, beside)
	got := map[int]*swept{}
	b := board{g, fastest * 10, func(i int) (*swept, error) {
		if got[i] == nil {
			got[i] = g.list[i].fresh()
		}
		return got[i], nil
	}}
	for i := range positions {
		_ = b.sweep(&positions[i], brush, every, positions[i].At.UnixMicro())
	}
	out := map[string]string{}
	for _, i := range slices.Sorted(maps.Keys(got)) {
		out[g.list[i].ID] = string(got[i].cells)
	}
	return out
}

// Share is the part of a segment that positions sweep, in hundredths of a percent, and the passes in hundredths.
func Share(x pack.RoadSegment, beside, brush int64, every int, positions []Position) (share, passes int64) {
	g := newRoads([]pack.RoadSegment{x}, beside)
	w := g.list[0].fresh()
	b := board{g, 250, func(int) (*swept, error) { return w, nil }}
	for i := range positions {
		_ = b.sweep(&positions[i], brush, every, 1)
	}
	return g.list[0].area(w.hits()) * 10000 / x.Area(), w.passed * 100 / x.Area()
}

// PackUnpack packs positions of one minute and reads them back.
func PackUnpack(day string, minute int, list []Position) ([]Position, error) {
	return unpackMinute(day, minute, packMinute(list), nil)
}

// Merge is merge.
func Merge(have, come []Position) (all, fresh []Position) { return merge(have, come) }

// Reckon reckons a sheet.
func (x *Sheet) Reckon(rules *pack.Sanitation, c *pack.SweepContract) { x.reckon(rules, c) }

// MonthlyOf is the price of a month.
func MonthlyOf(c *pack.SweepContract, month string) int64 { return monthly(c, month) }

// Offset is a point so many metres east and north of another.
func Offset(p geo.Point, east, north float64) geo.Point {
	return geo.Point{Lon: p.Lon + east/82_600, Lat: p.Lat + north/111_194.9}
}
