package main

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"

	"weixiao/internal/geo"
)

// segmentsWanted is how many road segments are made; each road of the gazetteer gets four, the first ones five.
const segmentsWanted = 400

// roadKind is what the last character of a road's name says about it.
var roadKinds = []struct {
	suffix string
	grade  int
	width  float64 // metres
}{{"大街", 1, 16}, {"大路", 1, 15}, {"路", 2, 12}, {"街", 2, 10}, {"巷", 3, 6}, {"胡同", 4, 4.5}, {"", 3, 7}}

// writeSegments makes up segments.csv: the roads of gazetteer.csv drawn as gently bent lines through the place of each
// road, cut into pieces. The same gazetteer gives the same segments; everything about them is made up and says so.
func writeSegments(target string) error {
	spots, err := readCSV(filepath.Join(target, "gazetteer.csv"))
	if err != nil {
		return err
	}
	var roads [][]string
	for _, s := range spots[1:] {
		if s[3] == "道路" {
			roads = append(roads, s)
		}
	}
	if len(roads) == 0 {
		return fmt.Errorf("gazetteer.csv has no roads")
	}
	pieces, more := segmentsWanted/len(roads), segmentsWanted%len(roads)
	rows := [][]string{{"编号", "合同", "名称", "社区", "等级", "方式", "长度", "宽度", "线", "来源", "虚构"}}
	for i, s := range roads {
		n := pieces
		if i < more {
			n++
		}
		lon, err := strconv.ParseFloat(s[5], 64)
		if err != nil {
			return fmt.Errorf("%s: %w", s[0], err)
		}
		lat, err := strconv.ParseFloat(s[6], 64)
		if err != nil {
			return fmt.Errorf("%s: %w", s[0], err)
		}
		grade, width := kindOfRoad(s[1])
		for j, line := range road(s[0], lon, lat, n) {
			contract := "clean-1"
			if !strings.HasPrefix(s[4], "2206050") { // streets, and towns
				contract = "clean-2"
			}
			rows = append(rows, []string{fmt.Sprintf("%s-%d", s[0], j+1), contract, fmt.Sprintf("%s%s段", s[1], []string{"一", "二", "三", "四", "五", "六"}[j]), s[4],
				strconv.Itoa(grade), "机械", strconv.FormatFloat(length(line), 'f', 3, 64), strconv.FormatFloat(width, 'f', 1, 64), text(line), "虚构", "是"})
		}
	}
	return writeCSV(filepath.Join(target, "segments.csv"), rows)
}

func kindOfRoad(name string) (grade int, width float64) {
	for _, k := range roadKinds {
		if strings.HasSuffix(name, k.suffix) {
			return k.grade, k.width
		}
	}
	return 3, 7
}

// road is a line of n pieces, each of five points, with the place in its middle.
func road(id string, lon, lat float64, n int) [][]geo.Point {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	r := rand.New(rand.NewPCG(h.Sum64(), 0x726f6164))
	heading := r.Float64() * math.Pi
	bend := (r.Float64() - 0.5) * 0.03
	var all []geo.Point
	x, y, step := 0.0, 0.0, 0.0
	var xs, ys []float64
	for i := range n*4 + 1 {
		xs, ys = append(xs, x), append(ys, y)
		if i%4 == 0 {
			step = 0.03 + 0.05*r.Float64() // km; a piece has 120 to 320 m
		}
		heading += bend
		x, y = x+step*math.Cos(heading), y+step*math.Sin(heading)
	}
	mid := len(xs) / 2
	for i := range xs {
		all = append(all, geo.Point{Lon: round(lon + (xs[i]-xs[mid])/kmLon), Lat: round(lat + (ys[i]-ys[mid])/kmLat)})
	}
	var out [][]geo.Point
	for i := range n {
		out = append(out, all[i*4:i*4+5])
	}
	return out
}

func length(line []geo.Point) (m float64) {
	for i := 1; i < len(line); i++ {
		m += geo.Distance(line[i-1], line[i])
	}
	return m
}

func text(line []geo.Point) string {
	var parts []string
	for _, p := range line {
		parts = append(parts, decimal(p.Lon)+" "+decimal(p.Lat))
	}
	return strings.Join(parts, ";")
}
