// Command gen made the territorial files of packs/jiangyuan from statistical
// lists and open map data:
//
//	go run ./internal/pack/gen -source DIR -pack internal/pack/packs/jiangyuan
//
// DIR holds jiangyuan-divisions.csv (Vonng/adcode merged with china-division),
// jiangyuan.geojson and jiangyuan-towns-synthetic.geojson (both GCJ-02). It
// writes grids.csv, district.geojson and towns.geojson, and in units.csv and
// posts.csv replaces the rows of streets, towns, communities and villages,
// leaving all others as they are. The result depends on the input only. Since
// then the files are kept by hand; run it again only to start another district.
// Without -source it makes towns, communities, grids and unit_grids.geojson anew
// from the pack's own units.csv, grids.csv and district.geojson:
//
//	go run ./internal/pack/gen
//
//	go run ./internal/pack/gen -buildings
//
// makes up buildings.csv alone, from the estates of gazetteer.csv.
//
//	go run ./internal/pack/gen -firms
//
// makes up firms.csv alone, from units.csv.
//
//	go run ./internal/pack/gen -segments
//
// makes up segments.csv alone, the road segments of sanitation, from the roads of gazetteer.csv.
//
// Made up, and marked so: the place of a community that the source does not
// give, every grid, every office phone. A place is put inside its town polygon.
package main

import (
	"encoding/csv"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	log.SetFlags(0)
	source := flag.String("source", "", "folder with the lists and maps; empty: only make the layers anew")
	target := flag.String("pack", "internal/pack/packs/jiangyuan", "folder of the pack")
	houses := flag.Bool("buildings", false, "make up buildings.csv from the pack's own gazetteer.csv, and nothing else")
	companies := flag.Bool("firms", false, "make up firms.csv from the pack's own units.csv, and nothing else")
	streets := flag.Bool("segments", false, "make up segments.csv from the pack's own gazetteer.csv, and nothing else")
	flag.Parse()
	if *streets {
		if err := writeSegments(*target); err != nil {
			log.Fatal("gen: ", err)
		}
		return
	}
	if *companies {
		if err := writeFirms(*target); err != nil {
			log.Fatal("gen: ", err)
		}
		return
	}
	if *houses {
		if err := writeBuildings(*target); err != nil {
			log.Fatal("gen: ", err)
		}
		return
	}
	var err error
	if *source != "" {
		err = run(*source, *target)
	}
	if err == nil {
		err = remake(*target)
	}
	if err != nil {
		log.Fatal("gen: ", err)
	}
}

func run(source, target string) error {
	divisions, err := readDivisions(filepath.Join(source, "jiangyuan-divisions.csv"))
	if err != nil {
		return err
	}
	district, towns, err := readMaps(source)
	if err != nil {
		return err
	}
	if err := writeMaps(target, district, towns); err != nil {
		return err
	}
	settle(divisions, towns)
	return writeTables(target, divisions)
}

func readCSV(file string) ([][]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return csv.NewReader(f).ReadAll()
}

func writeCSV(file string, rows [][]string) error {
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %d rows\n", filepath.Base(file), len(rows)-1)
	return nil
}
