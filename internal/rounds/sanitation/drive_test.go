package sanitation_test

import (
	"math"
	"time"

	"weixiao/internal/geo"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/sanitation"
)

// drive is how a machine sweeps a segment: up and down in lanes a little narrower than its brush, a position every so
// many seconds.
func drive(device string, x *pack.RoadSegment, brush int64, start time.Time, every int, kmh float64) []sanitation.Position {
	lanes := int(math.Ceil(float64(x.Width) / (float64(brush) * 0.9)))
	var out []sanitation.Position
	at := start
	for lane := range lanes {
		side := 0.0
		if x.Width > brush {
			side = (float64(x.Width)-float64(brush))/2000*(1-2*float64(lane)/float64(max(1, lanes-1))) + 0
		}
		line := x.Line
		if lane%2 == 1 {
			line = make([]geo.Point, len(x.Line))
			for i, p := range x.Line {
				line[len(line)-1-i] = p
			}
			side = -side
		}
		step := kmh / 3.6 * float64(every)
		left := step / 2
		for i := 1; i < len(line); i++ {
			dx, dy := (line[i].Lon-line[i-1].Lon)*math.Cos(line[i].Lat*math.Pi/180)*111194.9, (line[i].Lat-line[i-1].Lat)*111194.9
			long := math.Hypot(dx, dy)
			heading := math.Mod(math.Atan2(dx, dy)*180/math.Pi+360, 360)
			for ; left < long; left += step {
				p := sanitation.Offset(line[i-1], dx*left/long-dy/long*side, dy*left/long+dx/long*side)
				q, err := sanitation.NewPosition(device, at, p, geo.CGCS2000, kmh, heading, true)
				if err != nil {
					panic(err)
				}
				out = append(out, q)
				at = at.Add(time.Duration(every) * time.Second)
			}
			left -= long
		}
	}
	return out
}
