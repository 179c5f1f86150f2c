package api

import "math"

// Coordinate systems of maps people use. WGS-84 and CGCS2000 differ by less than a
// decimetre; GCJ-02 (Amap, Tencent) and BD-09 (Baidu) are shifted by hundreds of
// metres and are converted at the door, never stored.
var systems = []string{"wgs84", "cgcs2000", "gcj02", "bd09"}

// toCGCS2000 converts degrees; an empty or unknown system is taken as it is.
func toCGCS2000(crs string, lon, lat float64) (float64, float64) {
	switch crs {
	case "gcj02":
		return fromGCJ02(lon, lat)
	case "bd09":
		return fromGCJ02(fromBD09(lon, lat))
	}
	return lon, lat
}

// inChina is the rectangle in which maps shift; outside they show WGS-84.
func inChina(lon, lat float64) bool { return lon > 72 && lon < 138 && lat > 0.8 && lat < 56 }

// fromGCJ02 inverts the published approximation of the shift by iteration: a few
// rounds are exact to the last digit anybody writes.
func fromGCJ02(lon, lat float64) (float64, float64) {
	if !inChina(lon, lat) {
		return lon, lat
	}
	x, y := lon, lat
	for range 10 {
		sx, sy := toGCJ02(x, y)
		x, y = x-(sx-lon), y-(sy-lat)
	}
	return x, y
}

// toGCJ02 is that approximation: a polynomial and sines of the offsets from
// 105° E 35° N, in metres on the Krasovsky 1940 ellipsoid.
func toGCJ02(lon, lat float64) (float64, float64) {
	const axis, ecc2 = 6378245.0, 0.00669342162296594323
	x, y := lon-105, lat-35
	wave := func(short, long, at float64) float64 {
		return (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi) + 20*math.Sin(at*math.Pi) + 40*math.Sin(at/3*math.Pi) +
			short*math.Sin(at/12*math.Pi) + long*math.Sin(at/30*math.Pi)) * 2 / 3
	}
	root := math.Sqrt(math.Abs(x))
	north := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root + wave(160, 320, y)
	east := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root + wave(150, 300, x)
	sin := math.Sin(lat / 180 * math.Pi)
	m := 1 - ecc2*sin*sin
	return lon + east*180/(axis/math.Sqrt(m)*math.Cos(lat/180*math.Pi)*math.Pi), lat + north*180/(axis*(1-ecc2)/(m*math.Sqrt(m))*math.Pi)
}

// fromBD09 takes Baidu's own shift off, which leaves GCJ-02. The published formula
// is its own inverse to about a metre; iterating on the forward one is exact.
func fromBD09(lon, lat float64) (float64, float64) {
	if !inChina(lon, lat) {
		return lon, lat
	}
	x, y := lon-0.0065, lat-0.006
	for range 10 {
		sx, sy := toBD09(x, y)
		x, y = x-(sx-lon), y-(sy-lat)
	}
	return x, y
}

func toBD09(lon, lat float64) (float64, float64) {
	const wave = math.Pi * 3000 / 180
	far := math.Hypot(lon, lat) + 0.00002*math.Sin(lat*wave)
	turn := math.Atan2(lat, lon) + 0.000003*math.Cos(lon*wave)
	return far*math.Cos(turn) + 0.0065, far*math.Sin(turn) + 0.006
}
