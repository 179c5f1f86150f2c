package geo

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// System is a coordinate system in which points reach the doors. The zero value is CGCS2000.
type System int

const (
	CGCS2000 System = iota // the national system; 天地图, survey data
	WGS84                  // satellite receivers, browsers; taken as equal to CGCS2000, from which it differs by centimetres
	GCJ02                  // Amap, Tencent, wx.getLocation with type gcj02: the national offset
	BD09                   // Baidu: GCJ-02 and an offset of its own
)

var systemNames = [...]string{"CGCS2000", "WGS84", "GCJ02", "BD09"}

func (s System) String() string {
	if s < 0 || int(s) >= len(systemNames) {
		return fmt.Sprintf("System(%d)", int(s))
	}
	return systemNames[s]
}

// ErrSystem tells that a name of a coordinate system is not known.
var ErrSystem = errors.New("geo: unknown coordinate system")

var systemSeparators = strings.NewReplacer("-", "", "_", "", " ", "", ":", "")

// ParseSystem reads a name such as GCJ-02, gcj02, WGS 84, CGCS2000, EPSG:4490, EPSG:4326 or BD-09. The empty name is CGCS2000.
func ParseSystem(name string) (System, error) {
	plain := systemSeparators.Replace(strings.ToUpper(name))
	switch plain {
	case "", "CGCS2000", "EPSG4490":
		return CGCS2000, nil
	case "WGS84", "EPSG4326", "URNOGCDEFCRSOGC1.3CRS84", "CRS84":
		return WGS84, nil
	case "GCJ02":
		return GCJ02, nil
	case "BD09", "BD09LL":
		return BD09, nil
	}
	return 0, fmt.Errorf("%w %q", ErrSystem, name)
}

// ToCGCS2000 converts a point that is given in sys. The published offsets have no closed inverse, so it is iterated until the point
// that FromCGCS2000 gives is the same: there and back is exact to far less than a millimetre. Points outside the box for which the
// offsets are defined stay as they are.
func ToCGCS2000(p Point, sys System) Point {
	if sys == CGCS2000 || sys == WGS84 || !offsetBox(p) {
		return p
	}
	q := p
	for range 20 {
		f := FromCGCS2000(q, sys)
		dLon, dLat := p.Lon-f.Lon, p.Lat-f.Lat
		q.Lon, q.Lat = q.Lon+dLon, q.Lat+dLat
		if math.Abs(dLon) < 1e-13 && math.Abs(dLat) < 1e-13 {
			break
		}
	}
	if !offsetBox(q) { // at the very edge of the box there is no point that becomes p
		return p
	}
	return q
}

// FromCGCS2000 gives p in sys, for a map or a service that wants it so. Outside the box the point stays as it is.
func FromCGCS2000(p Point, sys System) Point {
	if sys == CGCS2000 || sys == WGS84 || !offsetBox(p) {
		return p
	}
	p = gcj02(p)
	if sys == BD09 {
		p = bd09(p)
	}
	return p
}

// offsetBox is the box that all published implementations of GCJ-02 use for "in China".
func offsetBox(p Point) bool {
	return p.Lon >= 72.004 && p.Lon <= 137.8347 && p.Lat >= 0.8293 && p.Lat <= 55.8271
}

// gcj02 adds the offset of GCJ-02, on the ellipsoid of Krasovsky 1940.
func gcj02(p Point) Point {
	const (
		a  = 6378245.0
		ee = 0.00669342162296594323
	)
	x, y := p.Lon-105, p.Lat-35
	wave := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	dLat := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) + wave +
		(20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi))*2/3 +
		(160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	dLon := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) + wave +
		(20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi))*2/3 +
		(150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	sin := math.Sin(p.Lat * radian)
	w := 1 - ee*sin*sin
	return Point{
		Lon: p.Lon + dLon/(a/math.Sqrt(w)*math.Cos(p.Lat*radian)*radian),
		Lat: p.Lat + dLat/(a*(1-ee)/(w*math.Sqrt(w))*radian),
	}
}

// bd09 adds Baidu's offset to a point in GCJ-02.
func bd09(p Point) Point {
	const k = math.Pi * 3000 / 180
	z := math.Hypot(p.Lon, p.Lat) + 0.00002*math.Sin(p.Lat*k)
	theta := math.Atan2(p.Lat, p.Lon) + 0.000003*math.Cos(p.Lon*k)
	return Point{Lon: z*math.Cos(theta) + 0.0065, Lat: z*math.Sin(theta) + 0.006}
}
