package main

import (
	"math"

	"github.com/paulmach/orb"
)

// toGCJ02 is the published approximation of the shift of Chinese web maps: a
// polynomial and sines of the offsets from 105° E 35° N, in metres on the
// Krasovsky 1940 ellipsoid.
func toGCJ02(p orb.Point) orb.Point {
	const axis, ecc2 = 6378245.0, 0.00669342162296594323
	x, y := p[0]-105, p[1]-35
	wave := func(short, long, at float64) float64 {
		return (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi) +
			20*math.Sin(at*math.Pi) + 40*math.Sin(at/3*math.Pi) +
			short*math.Sin(at/12*math.Pi) + long*math.Sin(at/30*math.Pi)) * 2 / 3
	}
	root := math.Sqrt(math.Abs(x))
	north := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root + wave(160, 320, y)
	east := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root + wave(150, 300, x)
	sin := math.Sin(p[1] / 180 * math.Pi)
	m := 1 - ecc2*sin*sin
	lat := north * 180 / (axis * (1 - ecc2) / (m * math.Sqrt(m)) * math.Pi)
	lon := east * 180 / (axis / math.Sqrt(m) * math.Cos(p[1]/180*math.Pi) * math.Pi)
	return orb.Point{p[0] + lon, p[1] + lat}
}

// fromGCJ02 inverts toGCJ02 by iteration; ten rounds are exact to the last digit
// written. WGS-84 and CGCS2000 differ by less than a decimetre.
func fromGCJ02(p orb.Point) orb.Point {
	q := p
	for range 10 {
		f := toGCJ02(q)
		q = orb.Point{q[0] - (f[0] - p[0]), q[1] - (f[1] - p[1])}
	}
	return q
}
