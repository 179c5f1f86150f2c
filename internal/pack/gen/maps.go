package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"
)

// thin is how far a thinned border may lie off the true one, in degrees: about 15 m.
const thin = 0.00015

// area is a polygon without holes and its code.
type area struct {
	code, name string
	seed       orb.Point // centre of the town
	ring       orb.Ring
}

// readMaps reads both layers, thins the district's border and takes the same
// points out of the towns', so that both still lie on each other, and converts.
func readMaps(source string) (district area, towns []area, err error) {
	whole, err := readAreas(filepath.Join(source, "jiangyuan.geojson"))
	if err != nil {
		return area{}, nil, err
	}
	towns, err = readAreas(filepath.Join(source, "jiangyuan-towns-synthetic.geojson"))
	if err != nil {
		return area{}, nil, err
	}
	district = whole[0]
	border, kept := map[orb.Point]bool{}, map[orb.Point]bool{}
	for _, p := range district.ring {
		border[p] = true
	}
	district.ring = simplify.DouglasPeucker(thin).Ring(district.ring.Clone())
	for _, p := range district.ring {
		kept[p] = true
	}
	district.ring = converted(district.ring)
	for i, t := range towns {
		var ring orb.Ring
		for _, p := range t.ring[:len(t.ring)-1] {
			if !border[p] || kept[p] {
				ring = append(ring, p)
			}
		}
		towns[i].ring = converted(append(ring, ring[0]))
		towns[i].seed = convert(t.seed)
	}
	return district, towns, nil
}

func readAreas(file string) ([]area, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var fc struct {
		Features []struct {
			Properties struct {
				Code, Name string
				Seed       orb.Point
			}
			Geometry struct {
				Type        string
				Coordinates orb.Polygon
			}
		}
	}
	if err := json.Unmarshal(data, &fc); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var all []area
	for _, f := range fc.Features {
		if f.Geometry.Type != "Polygon" || len(f.Geometry.Coordinates) != 1 {
			return nil, fmt.Errorf("%s: a feature is not a polygon without holes", file)
		}
		p := f.Properties
		all = append(all, area{code: cmp.Or(short(p.Code), "220605"), name: p.Name, seed: p.Seed, ring: f.Geometry.Coordinates[0]})
	}
	return all, nil
}

func converted(r orb.Ring) orb.Ring {
	out := make(orb.Ring, len(r))
	for i, p := range r {
		out[i] = convert(p)
	}
	return out
}

func writeMaps(target string, district area, towns []area) error {
	err := writeLayer(filepath.Join(target, "district.geojson"), "district", "区界", "District border",
		"Vonng/adcode data/fences, CC BY 4.0; GCJ-02 converted to CGCS2000, thinned", false, []area{district})
	if err != nil {
		return err
	}
	return writeLayer(filepath.Join(target, "towns.geojson"), "towns", "街镇界（虚构）", "Street and town borders (made up)",
		"Voronoi cells of the town centres, cut by the district border of Vonng/adcode, CC BY 4.0", true, towns)
}

// writeLayer writes one feature on a line: small, and readable in a diff.
func writeLayer(file, name, title, english, source string, madeUp bool, areas []area) error {
	var b strings.Builder
	fmt.Fprintf(&b, "{\"type\":\"FeatureCollection\",\"name\":%q,\"title\":%q,\"english\":%q,\"crs\":\"CGCS2000\",\"made_up\":%t,\"source\":%q,\"features\":[\n",
		name, title, english, madeUp, source)
	for i, a := range areas {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, "{\"type\":\"Feature\",\"properties\":{\"code\":%q,\"name\":%q},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[", a.code, a.name)
		for j, p := range a.ring {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "[%.6f,%.6f]", p[0], p[1])
		}
		b.WriteString("]]}}")
	}
	b.WriteString("\n]}\n")
	fmt.Printf("%s: %d bytes\n", filepath.Base(file), b.Len())
	return os.WriteFile(file, []byte(b.String()), 0o644)
}
