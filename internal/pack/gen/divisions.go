package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// division is a row of the statistical list.
type division struct {
	code   string // 9 digits for streets and towns, 12 below them, 6 for the district
	parent string
	name   string
	kind   string // as units.csv writes it
	center orb.Point
	madeUp bool // the centre
	grids  []orb.Point
}

// readDivisions keeps what was valid in 2023, in the order of the codes.
func readDivisions(file string) ([]*division, error) {
	rows, err := readCSV(file)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	var all []*division
	for _, r := range rows[1:] {
		if r[at["in_2023"]] != "1" {
			continue
		}
		d := &division{code: short(r[at["code"]]), parent: short(r[at["parent"]]), name: r[at["name"]]}
		switch {
		case len(d.code) == 6:
			d.kind = "区"
		case strings.HasSuffix(d.name, "街道"):
			d.kind = "街道"
		case len(d.code) == 9:
			d.kind = "镇"
		case strings.HasSuffix(d.name, "社区"):
			d.kind = "社区"
		default:
			d.kind = "村"
		}
		if lon, err := strconv.ParseFloat(r[at["lon_gcj02"]], 64); err == nil {
			lat, err := strconv.ParseFloat(r[at["lat_gcj02"]], 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", d.code, err)
			}
			d.center = convert(orb.Point{lon, lat})
		} else {
			d.madeUp = true
		}
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b *division) int { return strings.Compare(a.code, b.code) })
	return all, nil
}

func short(code string) string {
	for len(code) > 6 && strings.HasSuffix(code, "000") {
		code = code[:len(code)-3]
	}
	return code
}

// convert brings a GCJ-02 point to CGCS2000 with six decimals, a tenth of a metre.
func convert(p orb.Point) orb.Point {
	q := fromGCJ02(p)
	return orb.Point{round(q[0]), round(q[1])}
}

func round(f float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'f', 6, 64), 64)
	return r
}
