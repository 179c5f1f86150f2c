package desk

import (
	"fmt"
	"math"
	"strings"

	"weixiao/internal/rounds/sanitation"
)

// drawnTrack is a part of a machine's way: with the brush down or up.
type drawnTrack struct {
	Path  string
	Brush bool
}

// drawTrack draws a day's way of a machine: a view box and lines. Points closer than half a unit of the drawing are left
// out, and a gap of more than a minute is not bridged.
func drawTrack(list []sanitation.Position) (out []drawnTrack, box string) {
	if len(list) == 0 {
		return nil, ""
	}
	const size = 1000
	lo, hi := list[0].Point(), list[0].Point()
	for i := range list {
		p := list[i].Point()
		lo.Lon, lo.Lat, hi.Lon, hi.Lat = min(lo.Lon, p.Lon), min(lo.Lat, p.Lat), max(hi.Lon, p.Lon), max(hi.Lat, p.Lat)
	}
	shrink := math.Cos(lo.Lat * math.Pi / 180)
	span := max((hi.Lon-lo.Lon)*shrink, hi.Lat-lo.Lat, 0.001)
	var b strings.Builder
	var lastX, lastY float64
	flush := func(brush bool) {
		if b.Len() > 0 {
			out = append(out, drawnTrack{b.String(), brush})
			b.Reset()
		}
	}
	for i := range list {
		p := list[i].Point()
		x, y := (p.Lon-lo.Lon)*shrink/span*size, (hi.Lat-p.Lat)/span*size
		breaks := i > 0 && (list[i].Brush != list[i-1].Brush || list[i].At.Sub(list[i-1].At).Seconds() > 60)
		if breaks {
			flush(list[i-1].Brush)
		}
		switch {
		case b.Len() == 0:
			fmt.Fprintf(&b, "M%.1f %.1f", x, y)
		case math.Hypot(x-lastX, y-lastY) >= 0.5:
			fmt.Fprintf(&b, "L%.1f %.1f", x, y)
		default:
			continue
		}
		lastX, lastY = x, y
	}
	flush(list[len(list)-1].Brush)
	h := max((hi.Lat-lo.Lat)/span*size, 1)
	return out, fmt.Sprintf("-10 -10 %d %.0f", size+20, h+20)
}
