// Package geo holds points, coordinate systems and polygon layers: where a report lies, and what the map of a district looks like. It is
// pure: no files, no network, no districts.
//
// The map of the package:
//
//   - geo.go      Point, Distance
//   - convert.go  System: GCJ-02 and BD-09 come in at the doors and are converted to CGCS2000, the only system that is stored
//   - layer.go    Layer: named areas; Find says in which a point lies, Nearest which is closest; ring.go has the geometry of rings
//   - index.go    Index: all layers at a point at once, from cells that know most answers beforehand; index_build.go, outline.go
//   - source.go   ParseGeoJSON: what people bring, feature by feature; shapefile.go, dbf.go: ParseShapefile
//   - check.go    Source.Check: conversion to CGCS2000 and everything that can be wrong; finding.go has the kinds, check_ring.go,
//     overlay.go and shift.go the questions, picture.go the pictures
//   - geojson.go  ReadGeoJSON, WriteGeoJSON; shapewrite.go WriteShapefile
//   - label.go    Centroid, LabelPoint
//   - draw.go     Fit, Simplified: SVG paths for maps drawn on the server
//   - cells.go    Cells, Spread: made-up areas (Voronoi cells) where nobody publishes the real ones; clip.go cuts polygons by lines
package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Point is a place on earth in CGCS2000 (EPSG:4490), degrees. For everything Weixiao does, WGS 84 as receivers report it is the same.
type Point struct {
	Lon float64 `json:"lon"`
	Lat float64 `json:"lat"`
}

// Valid reports whether p can be a place: finite, within the ranges of degrees, and not 0,0, which devices report when they know nothing.
func Valid(p Point) bool {
	return p.Lon >= -180 && p.Lon <= 180 && p.Lat >= -90 && p.Lat <= 90 && p != Point{}
}

// Orb is the point for the geometry library.
func (p Point) Orb() orb.Point { return p.orb() }

func (p Point) orb() orb.Point { return orb.Point{p.Lon, p.Lat} }

func fromOrb(p orb.Point) Point { return Point{p[0], p[1]} }

const (
	earthRadius = 6371008.8 // metres; the mean radius of IUGG
	radian      = math.Pi / 180
)

// Distance is the length of the great circle between a and b in metres on a sphere (haversine); it is within 0.6 % of the ellipsoid's.
func Distance(a, b Point) float64 {
	dLat, dLon := (b.Lat-a.Lat)*radian/2, (b.Lon-a.Lon)*radian/2
	h := math.Sin(dLat)*math.Sin(dLat) + math.Cos(a.Lat*radian)*math.Cos(b.Lat*radian)*math.Sin(dLon)*math.Sin(dLon)
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1)))
}
