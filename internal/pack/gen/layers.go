package main

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"weixiao/internal/geo"
)

// The made-up layers: town borders are Voronoi cells of the town centres in the
// real district, grids are cells of the grid centres in their town, communities
// are their grids together, so that a point and a code always lead to the same
// community. Unit grids are squares of a hundred metres around the centres of
// communities (not villages), about 10,000 m² each as GB/T 30428.1 wants them.
const (
	townsSource = "Voronoi cells of the town centres, cut by the district border of Vonng/adcode, CC BY 4.0"
	gridsSource = "Voronoi cells of the made-up grid centres of grids.csv in the towns"
	unitsSource = "squares of 100 m within 250 m of the centre of each community"
)

// townSeeds are the centres from which the towns' borders are drawn; for some
// towns units.csv has a better place for the office meanwhile.
var townSeeds = map[string]geo.Point{
	"220605001": {Lon: 126.582263, Lat: 42.045067}, // 孙家堡子街道
	"220605002": {Lon: 126.576814, Lat: 42.047745}, // 江源街道
	"220605003": {Lon: 126.603584, Lat: 42.084826}, // 正岔街道
	"220605004": {Lon: 126.599047, Lat: 42.067354}, // 城墙街道
	"220605102": {Lon: 126.903259, Lat: 42.076476}, // 湾沟镇
	"220605103": {Lon: 127.105685, Lat: 42.041284}, // 松树镇
	"220605104": {Lon: 126.535656, Lat: 41.990722}, // 砟子镇
	"220605105": {Lon: 126.562679, Lat: 41.961621}, // 石人镇
	"220605106": {Lon: 126.682056, Lat: 42.050257}, // 大阳岔镇
	"220605107": {Lon: 126.552716, Lat: 41.940474}, // 大石人镇
}

// place is a row of units.csv or grids.csv with its centre.
type place struct {
	code, parent, name, kind string
	center                   geo.Point
}

// remake makes all layers but the district's from the pack's own lists.
func remake(target string) error {
	f, err := os.Open(filepath.Join(target, "district.geojson"))
	if err != nil {
		return err
	}
	defer f.Close()
	district, err := geo.ReadGeoJSON(f, geo.About{})
	if err != nil {
		return err
	}
	whole, _ := district.Shape(district.Areas()[0].ID)
	units, err := places(filepath.Join(target, "units.csv"), 0, 1, 2, 5, 14)
	if err != nil {
		return err
	}
	grids, err := places(filepath.Join(target, "grids.csv"), 0, 1, 2, -1, 4)
	if err != nil {
		return err
	}
	m := newMesh()
	gridCells := m.grids(whole.Polygons, units, grids)
	var communities, towns, squares []geo.Shape
	for _, u := range units {
		switch u.kind {
		case "街道", "镇":
			towns = append(towns, shape(u, m.together(gridCells, u.code)))
		case "社区", "村":
			communities = append(communities, shape(u, m.together(gridCells, u.code)))
			if u.kind == "社区" {
				squares = append(squares, unitGrids(u, communities[len(communities)-1])...)
			}
		}
	}
	for _, l := range []struct {
		about  geo.About
		shapes []geo.Shape
	}{
		{geo.About{Name: "towns", Kind: "town", Title: "街镇界（虚构）", English: "Street and town borders (made up)", Parent: "district", Source: townsSource, Licence: "CC BY 4.0"}, towns},
		{geo.About{Name: "communities", Kind: "community", Title: "社区和村界（虚构）", English: "Community and village borders (made up)", Parent: "towns", Source: gridsSource}, communities},
		{geo.About{Name: "grids", Kind: "grid", Title: "社会治理网格（虚构）", English: "Grids (made up)", Parent: "communities", Source: gridsSource}, gridCells},
		{geo.About{Name: "unit_grids", Kind: "unit_grid", Title: "单元网格（虚构）", English: "Unit grids (made up)", Parent: "communities", Source: unitsSource}, squares},
	} {
		l.about.MadeUp = true
		if err := write(target, l.about, l.shapes); err != nil {
			return err
		}
	}
	return nil
}

func write(target string, about geo.About, shapes []geo.Shape) error {
	layer, err := geo.NewLayer(about, shapes)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := geo.WriteGeoJSON(&b, layer, nil); err != nil {
		return err
	}
	fmt.Printf("%s.geojson: %d areas, %d bytes\n", about.Name, len(shapes), b.Len())
	return os.WriteFile(filepath.Join(target, about.Name+".geojson"), []byte(b.String()), 0o644)
}

// places reads the columns code, parent, name, kind (-1: none) and longitude.
func places(file string, code, parent, name, kind, lon int) ([]place, error) {
	rows, err := readCSV(file)
	if err != nil {
		return nil, err
	}
	var all []place
	for _, r := range rows[1:] {
		p := place{code: r[code], parent: r[parent], name: r[name]}
		if kind >= 0 {
			p.kind = r[kind]
		}
		if r[lon] != "" {
			if p.center.Lon, err = strconv.ParseFloat(r[lon], 64); err != nil {
				return nil, err
			}
			if p.center.Lat, err = strconv.ParseFloat(r[lon+1], 64); err != nil {
				return nil, err
			}
		}
		all = append(all, p)
	}
	return all, nil
}

func shape(p place, polygons orb.MultiPolygon) geo.Shape {
	return geo.Shape{Area: geo.Area{ID: p.code, Name: p.name}, Polygons: polygons}
}

// mesh brings corners that several cells computed to one place, so that borders
// are shared to the last digit.
type mesh struct {
	near map[[2]int][]orb.Point
	all  []orb.Point
}

const (
	digit = 1e-7 // degrees: a centimetre
	close = 4e-7 // corners nearer than this are one
)

func newMesh() *mesh { return &mesh{near: map[[2]int][]orb.Point{}} }

// snap is the place of a corner.
func (m *mesh) snap(p orb.Point) orb.Point {
	x, y := int(math.Floor(p[0]/close)), int(math.Floor(p[1]/close))
	for dx := -1; dx <= 1; dx++ {
		for dy := -1; dy <= 1; dy++ {
			for _, q := range m.near[[2]int{x + dx, y + dy}] {
				if math.Hypot(p[0]-q[0], p[1]-q[1]) < close {
					return q
				}
			}
		}
	}
	q := orb.Point{math.Round(p[0]/digit) * digit, math.Round(p[1]/digit) * digit}
	q = orb.Point{math.Round(q[0]*1e7) / 1e7, math.Round(q[1]*1e7) / 1e7}
	key := [2]int{int(math.Floor(q[0] / close)), int(math.Floor(q[1] / close))}
	m.near[key] = append(m.near[key], q)
	m.all = append(m.all, q)
	return q
}

// grids are the cells of all grids, with the corners of each on the borders of
// the others.
func (m *mesh) grids(district orb.MultiPolygon, units, grids []place) []geo.Shape {
	for _, polygon := range district {
		for _, ring := range polygon {
			for _, p := range ring {
				m.snap(p)
			}
		}
	}
	var towns []place
	var seeds []geo.Point
	for _, u := range units {
		if u.kind == "街道" || u.kind == "镇" {
			towns, seeds = append(towns, u), append(seeds, cmp.Or(townSeeds[u.code], u.center))
		}
	}
	var out []geo.Shape
	for i, town := range geo.Cells(district, seeds) {
		var own []place
		var centers []geo.Point
		for _, g := range grids {
			if strings.HasPrefix(g.code, towns[i].code) {
				own, centers = append(own, g), append(centers, g.center)
			}
		}
		for k, cell := range geo.Cells(town, centers) {
			out = append(out, shape(own[k], m.snapped(cell)))
		}
	}
	for i := range out {
		for _, polygon := range out[i].Polygons {
			polygon[0] = m.noded(polygon[0])
		}
	}
	return out
}

// snapped is a cell with its corners in place; slivers without a surface go.
func (m *mesh) snapped(cell orb.MultiPolygon) orb.MultiPolygon {
	var out orb.MultiPolygon
	for _, polygon := range cell {
		var ring orb.Ring
		for _, p := range polygon[0] {
			if q := m.snap(p); len(ring) == 0 || ring[len(ring)-1] != q {
				ring = append(ring, q)
			}
		}
		if len(ring) >= 4 && math.Abs(surface(ring)) > 1e-10 {
			out = append(out, orb.Polygon{ring})
		}
	}
	return out
}

func surface(r orb.Ring) (sum float64) {
	for i := 1; i < len(r); i++ {
		sum += (r[i-1][0]-r[0][0])*(r[i][1]-r[0][1]) - (r[i][0]-r[0][0])*(r[i-1][1]-r[0][1])
	}
	return sum / 2
}

// noded is a ring with the corners of others that lie on its edges.
func (m *mesh) noded(ring orb.Ring) orb.Ring {
	out := orb.Ring{ring[0]}
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		length := math.Hypot(b[0]-a[0], b[1]-a[1])
		type node struct {
			p  orb.Point
			at float64
		}
		var on []node
		for _, p := range m.all {
			if p == a || p == b || p[0] < min(a[0], b[0])-close || p[0] > max(a[0], b[0])+close || p[1] < min(a[1], b[1])-close || p[1] > max(a[1], b[1])+close {
				continue
			}
			off := ((b[0]-a[0])*(p[1]-a[1]) - (p[0]-a[0])*(b[1]-a[1])) / length
			along := ((p[0]-a[0])*(b[0]-a[0]) + (p[1]-a[1])*(b[1]-a[1])) / length
			if math.Abs(off) < close && along > 0 && along < length {
				on = append(on, node{p, along})
			}
		}
		slices.SortFunc(on, func(x, y node) int { return cmp.Compare(x.at, y.at) })
		for _, n := range on {
			out = append(out, n.p)
		}
		out = append(out, b)
	}
	return out
}

// together are the cells whose code begins with the prefix as one area: edges
// that two of them share disappear.
func (m *mesh) together(cells []geo.Shape, prefix string) orb.MultiPolygon {
	edges := map[[2]orb.Point]bool{}
	for _, c := range cells {
		if !strings.HasPrefix(c.ID, prefix) {
			continue
		}
		for _, polygon := range c.Polygons {
			for i := 1; i < len(polygon[0]); i++ {
				a, b := polygon[0][i-1], polygon[0][i]
				if edges[[2]orb.Point{b, a}] {
					delete(edges, [2]orb.Point{b, a})
				} else {
					edges[[2]orb.Point{a, b}] = true
				}
			}
		}
	}
	next := map[orb.Point][]orb.Point{}
	var starts []orb.Point
	for e := range edges {
		next[e[0]] = append(next[e[0]], e[1])
		starts = append(starts, e[0])
	}
	order := func(a, b orb.Point) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) }
	slices.SortFunc(starts, order)
	for _, to := range next {
		slices.SortFunc(to, order)
	}
	var shells orb.MultiPolygon
	var holes []orb.Ring
	for _, start := range starts {
		for len(next[start]) > 0 {
			ring := walk(next, start)
			switch area := surface(ring); {
			case area > 1e-10:
				shells = append(shells, orb.Polygon{ring})
			case area < -1e-10:
				holes = append(holes, ring)
			}
		}
	}
	for _, h := range holes {
		for i := range shells {
			if bound := shells[i][0].Bound(); bound.Contains(h.Bound().Min) && bound.Contains(h.Bound().Max) {
				shells[i] = append(shells[i], h)
				break
			}
		}
	}
	return shells
}

// walk follows edges from a corner back to it, turning as far right as it can
// where several leave a corner, so that rings that only touch stay apart.
func walk(next map[orb.Point][]orb.Point, start orb.Point) orb.Ring {
	ring := orb.Ring{start}
	from, at := start, start
	for {
		to := next[at]
		best := 0
		if at != start || len(ring) > 1 {
			back := math.Atan2(from[1]-at[1], from[0]-at[0])
			turn := func(p orb.Point) float64 {
				return math.Mod(math.Atan2(p[1]-at[1], p[0]-at[0])-back+4*math.Pi, 2*math.Pi)
			}
			for i := range to {
				if turn(to[i]) > turn(to[best]) {
					best = i
				}
			}
		}
		p := to[best]
		next[at] = slices.Delete(to, best, best+1)
		ring = append(ring, p)
		if p == start {
			return ring
		}
		from, at = at, p
	}
}

// unitGrids are squares of a hundred metres wholly inside the community.
func unitGrids(u place, community geo.Shape) []geo.Shape {
	const reach = 0.25 // km
	high, wide := 0.1/kmLat, 0.1/kmLon
	layer, err := geo.NewLayer(geo.About{}, []geo.Shape{community})
	if err != nil {
		return nil
	}
	corner := func(column, row int) orb.Point {
		return orb.Point{round(float64(column) * wide), round(float64(row) * high)}
	}
	inside := func(p orb.Point) bool {
		_, ok := layer.Find(geo.Point{Lon: p[0], Lat: p[1]})
		return ok
	}
	var out []geo.Shape
	column, row := int(u.center.Lon/wide), int(u.center.Lat/high)
	for dy := 3; dy >= -3; dy-- { // rows from the north, as people read
		for dx := -3; dx <= 3; dx++ {
			ring := orb.Ring{corner(column+dx, row+dy), corner(column+dx+1, row+dy), corner(column+dx+1, row+dy+1), corner(column+dx, row+dy+1), corner(column+dx, row+dy)}
			c := ring.Bound().Center()
			if math.Hypot((c[0]-u.center.Lon)*kmLon, (c[1]-u.center.Lat)*kmLat) > reach {
				continue
			}
			whole := true
			for i := range 20 { // five places on each side
				a, b, f := ring[i/5], ring[i/5+1], float64(i%5)/5
				whole = whole && inside(orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])})
			}
			if whole {
				id := fmt.Sprintf("%s%03d", u.code, len(out)+1)
				out = append(out, geo.Shape{Area: geo.Area{ID: id, Name: fmt.Sprintf("%s单元%03d", u.name, len(out)+1)}, Polygons: orb.MultiPolygon{{ring}}})
			}
		}
	}
	return out
}
