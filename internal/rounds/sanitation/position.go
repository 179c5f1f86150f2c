package sanitation

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"weixiao/internal/geo"
	"weixiao/internal/worktime"
)

// Position is where a machine was at a second, in the units of JT/T 808 (terminals of road vehicles). Positions are of
// vehicles alone; no person's position is taken or kept.
type Position struct {
	Device  string
	At      time.Time // the second counts
	Lon     int64     // millionths of a degree, CGCS2000
	Lat     int64
	Speed   int64 // 0.1 km/h
	Heading int64 // degrees from north, clockwise
	Brush   bool  // the brush is down and turns
}

// NewPosition reads what a terminal says: degrees in a coordinate system, km/h. Heading and speed are rounded.
func NewPosition(device string, at time.Time, p geo.Point, sys geo.System, speed, heading float64, brush bool) (Position, error) {
	out := Position{Device: device, At: at.Truncate(time.Second), Brush: brush}
	switch {
	case !geo.Valid(p):
		return out, &BadError{"place"}
	case !(speed >= 0 && speed <= 200):
		return out, &BadError{"speed"}
	case !(heading >= 0 && heading <= 360):
		return out, &BadError{"heading"}
	}
	out.Lon, out.Lat = millionths(geo.ToCGCS2000(p, sys))
	out.Speed, out.Heading = int64(speed*10+0.5), int64(heading+0.5)%360
	return out, nil
}

// BadError names what of a position cannot be: place, speed, heading, time, device.
type BadError struct{ What string }

func (e *BadError) Error() string { return "sanitation: the " + e.What + " of a position cannot be" }

// Point is where it was.
func (p *Position) Point() geo.Point {
	return geo.Point{Lon: float64(p.Lon) / micro, Lat: float64(p.Lat) / micro}
}

// dayOf is the local day of a moment and the minute in it.
func dayOf(t time.Time) (day string, minute int) {
	t = t.In(worktime.Zone)
	return t.Format(time.DateOnly), t.Hour()*60 + t.Minute()
}

// moment is the second of a minute of a day.
func moment(day string, minute, second int) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, worktime.Zone)
	if err != nil {
		return time.Time{}
	}
	return t.Add(time.Duration(minute)*time.Minute + time.Duration(second)*time.Second)
}

// pack writes the positions of a minute, in the order of their seconds: six to nine bytes each.
func packMinute(list []Position) []byte {
	out := make([]byte, 0, len(list)*8)
	var lon, lat int64
	for i := range list {
		p := &list[i]
		brush := int64(0)
		if p.Brush {
			brush = 1
		}
		out = append(out, byte(p.At.In(worktime.Zone).Second()))
		out = binary.AppendVarint(out, p.Lon-lon)
		out = binary.AppendVarint(out, p.Lat-lat)
		out = binary.AppendUvarint(out, uint64(p.Speed))
		out = binary.AppendUvarint(out, uint64(p.Heading<<1|brush))
		lon, lat = p.Lon, p.Lat
	}
	return out
}

var errPacked = errors.New("sanitation: a stored minute of a track is damaged")

// unpackMinute reads them back.
func unpackMinute(day string, minute int, b []byte, list []Position) ([]Position, error) {
	start := moment(day, minute, 0)
	var lon, lat int64
	for len(b) > 0 {
		second := int(b[0])
		b = b[1:]
		var v [4]int64
		for i := range v {
			var n int
			if i < 2 {
				v[i], n = binary.Varint(b)
			} else {
				var u uint64
				u, n = binary.Uvarint(b)
				v[i] = int64(u)
			}
			if n <= 0 {
				return nil, errPacked
			}
			b = b[n:]
		}
		lon, lat = lon+v[0], lat+v[1]
		list = append(list, Position{At: start.Add(time.Duration(second) * time.Second), Lon: lon, Lat: lat, Speed: v[2], Heading: v[3] >> 1, Brush: v[3]&1 == 1})
	}
	return list, nil
}

// merge adds positions to those of a minute; of two of the same second the stored one stays. It returns all and the new.
func merge(have, come []Position) (all, fresh []Position) {
	var seen [60]bool
	for i := range have {
		seen[have[i].At.In(worktime.Zone).Second()] = true
	}
	all = have
	for _, p := range come {
		if s := p.At.In(worktime.Zone).Second(); !seen[s] {
			seen[s] = true
			all, fresh = append(all, p), append(fresh, p)
		}
	}
	slices.SortFunc(all, func(a, b Position) int { return a.At.Compare(b.At) })
	return all, fresh
}
