package api

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestShifts checks the forward formulas against the pairs that the open library
// coordtransform prints in its description.
func TestShifts(t *testing.T) {
	for name, c := range map[string]struct {
		f        func(lon, lat float64) (float64, float64)
		lon, lat float64
	}{
		"to GCJ-02": {toGCJ02, 116.41024449916938, 39.91640428150164},
		"to BD-09":  {toBD09, 116.41036949371029, 39.92133699351022},
	} {
		if lon, lat := c.f(116.404, 39.915); math.Abs(lon-c.lon) > 1e-9 || math.Abs(lat-c.lat) > 1e-9 {
			t.Errorf("%s: %v %v, want %v %v", name, lon, lat, c.lon, c.lat)
		}
	}
}

// TestShiftsInvert goes there and back everywhere in the country.
func TestShiftsInvert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lon, lat := rapid.Float64Range(75, 134).Draw(t, "lon"), rapid.Float64Range(4, 53).Draw(t, "lat")
		gx, gy := toGCJ02(lon, lat)
		bx, by := toBD09(gx, gy)
		for crs, at := range map[string][2]float64{"gcj02": {gx, gy}, "bd09": {bx, by}} {
			x, y := toCGCS2000(crs, at[0], at[1])
			if math.Abs(x-lon) > 1e-8 || math.Abs(y-lat) > 1e-8 {
				t.Fatalf("%s: %v %v came back as %v %v", crs, lon, lat, x, y)
			}
		}
	})
}
