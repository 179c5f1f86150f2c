package geo_test

import (
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"weixiao/internal/geo"
)

const twoTowns = `{"type": "FeatureCollection", "name": "towns", "features": [
	{"type": "Feature", "properties": {"code": "220605001", "name": "孙家堡子街道", "made_up": true},
	 "geometry": {"type": "Polygon", "coordinates": [[[126.5, 42.0], [126.6, 42.0], [126.6, 42.1], [126.5, 42.1], [126.5, 42.0]]]}},
	{"type": "Feature", "properties": {"code": "220605002", "name": "江源街道", "made_up": true},
	 "geometry": {"type": "Polygon", "coordinates": [[[126.6, 42.0], [126.7, 42.0], [126.7, 42.1], [126.6, 42.1], [126.6, 42.0]]]}}]}`

func ExampleToCGCS2000() {
	// A phone gives GCJ-02; only CGCS2000 is stored.
	p := geo.ToCGCS2000(geo.Point{Lon: 126.591178, Lat: 42.056747}, geo.GCJ02)
	back := geo.FromCGCS2000(p, geo.GCJ02)
	fmt.Printf("%.4f %.4f, and back %.6f %.6f\n", p.Lon, p.Lat, back.Lon, back.Lat)
	// Output: 126.5858 42.0546, and back 126.591178 42.056747
}

func ExampleLayer_Find() {
	towns, err := geo.ReadGeoJSON(strings.NewReader(twoTowns), geo.About{Source: "made up", Version: "1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range []geo.Point{{Lon: 126.65, Lat: 42.05}, {Lon: 126.6, Lat: 42.05}, {Lon: 126.65, Lat: 42.2}} {
		if a, ok := towns.Find(p); ok {
			fmt.Println(a.ID, a.Name)
		} else if a, way, ok := towns.Nearest(p); ok {
			fmt.Printf("%.1f km from %s\n", way/1000, a.Name)
		}
	}
	// Output:
	// 220605002 江源街道
	// 220605001 孙家堡子街道
	// 11.1 km from 江源街道
}

func ExampleLayer_Simplified() {
	towns, err := geo.ReadGeoJSON(strings.NewReader(twoTowns), geo.About{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range towns.Simplified(geo.View{Width: 200, Height: 160, Margin: 10}, 0.5) {
		fmt.Printf("<path d=%q/><text x=\"%.0f\" y=\"%.0f\">%s</text>\n", p.D, p.X, p.Y, p.Name)
	}
	// Output:
	// <path d="M100 140.6L100 19.4L10 19.4L10 140.6Z"/><text x="55" y="80">孙家堡子街道</text>
	// <path d="M100 140.6L190 140.6L190 19.4L100 19.4Z"/><text x="145" y="80">江源街道</text>
}

func ExampleCells() {
	outer := orb.MultiPolygon{{{{126, 42}, {127, 42}, {127, 43}, {126, 43}, {126, 42}}}}
	for _, c := range geo.Cells(outer, []geo.Point{{Lon: 126.25, Lat: 42.5}, {Lon: 126.75, Lat: 42.5}}) {
		fmt.Println(c[0][0])
	}
	// Output:
	// [[126.5 43] [126 43] [126 42] [126.5 42] [126.5 43]]
	// [[126.5 42] [127 42] [127 43] [126.5 43] [126.5 42]]
}
