package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"path/filepath"
	"strconv"

	"github.com/paulmach/orb"
)

// writeBuildings makes up the buildings of every estate in gazetteer.csv that lies in a community (社区): three to six
// beside each other. The same gazetteer gives the same buildings; everything about them is made up and says so.
func writeBuildings(target string) error {
	units, err := readCSV(filepath.Join(target, "units.csv"))
	if err != nil {
		return err
	}
	urban := map[string]bool{}
	for _, r := range units[1:] {
		urban[r[0]] = r[5] == "社区"
	}
	spots, err := readCSV(filepath.Join(target, "gazetteer.csv"))
	if err != nil {
		return err
	}
	rows := [][]string{{"编号", "社区", "小区", "名称", "经度", "纬度", "单元", "层数", "户数", "来源", "虚构"}}
	last := map[string]int{}
	for _, s := range spots[1:] {
		id, name, kind, unit := s[0], s[1], s[3], s[4]
		if kind != "小区" || !urban[unit] {
			continue
		}
		lon, err := strconv.ParseFloat(s[5], 64)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		lat, err := strconv.ParseFloat(s[6], 64)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		h := fnv.New64a()
		_, _ = h.Write([]byte(id + unit))
		r := rand.New(rand.NewPCG(h.Sum64(), 0x6c6f75))
		for i := range 3 + r.IntN(4) {
			last[unit]++
			entrances, floors := 2+r.IntN(4), 5+r.IntN(3)
			p := orb.Point{round(lon + float64(i%3-1)*0.05/kmLon), round(lat + float64(i/3)*0.045/kmLat)}
			rows = append(rows, []string{fmt.Sprintf("%s-b%03d", unit, last[unit]), unit, name, fmt.Sprintf("%d号楼", i+1), decimal(p[0]), decimal(p[1]),
				strconv.Itoa(entrances), strconv.Itoa(floors), strconv.Itoa(entrances * floors * 2), "虚构", "是"})
		}
	}
	return writeCSV(filepath.Join(target, "buildings.csv"), rows)
}
