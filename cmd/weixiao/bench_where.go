package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/directory"
	"weixiao/internal/directory/layers"
	"weixiao/internal/geo"
	"weixiao/internal/geo/geotest"
	"weixiao/internal/store"
)

// benchGround is the made-up district of the benchmark: a rectangle as large as Jiangyuan.
var benchGround = orb.Bound{Min: orb.Point{126.4, 41.8}, Max: orb.Point{127.2, 42.3}}

// benchLayers times benchSide squared are the polygons.
const (
	benchLayers = 4
	benchSide   = 71
)

// benchWhere imports four layers of 5,041 polygons, those of the first with a hundred corners each, of the others with twenty as grids have,
// checks included; publishes them, loads them as a node that starts does, and asks for all layers at random points, on one core. Time and
// memory of the import are those of the first.
func benchWhere(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("where", out)
	if _, err := parse(b.fset, b.cfg, args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "weixiao-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "bench.db"), store.Options{}, app.Schemas()...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ground, err := benchDistrict()
	if err != nil {
		return err
	}
	open := func() *layers.Layers { return layers.New(db, "220605", "bench", ground, nil, time.Now) }
	if err := b.importLayers(ctx, open(), dir); err != nil {
		return err
	}
	before, start, used, l := heap(), time.Now(), cpu(), open()
	if err := l.Refresh(ctx); err != nil {
		return err
	}
	b.figure("load_s", time.Since(start).Seconds(), "s")
	b.figure("load_cpu_s", (cpu() - used).Seconds(), "s")
	b.figure("load_memory_mb", float64(heap()-before)/(1<<20), "MB")
	polygons := 0
	for _, layer := range l.Atlas().Layers() {
		polygons += len(layer.Areas())
	}
	b.figure("polygons", float64(polygons), "count")
	runtime.GOMAXPROCS(1)
	n, wall, busy := lookups(l.Atlas(), time.Duration(*b.seconds)*time.Second)
	b.figure("lookups_per_second", n/wall.Seconds(), "1/s")
	b.figure("lookups_per_cpu_second", n/busy.Seconds(), "1/s")
	return nil
}

func benchDistrict() (*directory.Atlas, error) {
	min, max := benchGround.Min, benchGround.Max
	shape := geo.Shape{Area: geo.Area{ID: "220605", Name: "made up"}, Polygons: orb.MultiPolygon{{{min, {max[0], min[1]}, max, {min[0], max[1]}, min}}}}
	l, err := geo.NewLayer(geo.About{Name: "district", Kind: directory.LayerDistrict, Source: "bench", MadeUp: true}, []geo.Shape{shape})
	if err != nil {
		return nil, err
	}
	return directory.NewAtlas([]*geo.Layer{l}), nil
}

// importLayers takes the files in as the command layers import does.
func (b *benchRun) importLayers(ctx context.Context, l *layers.Layers, dir string) error {
	sc := access.SystemScope("220605", "benchmark")
	for k := range benchLayers {
		name, detail := fmt.Sprintf("areas_%d", k+1), 4
		if k == 0 {
			detail = 25
		}
		file := filepath.Join(dir, name+".geojson")
		if err := writeMosaic(file, name, detail, uint64(k)); err != nil {
			return err
		}
		debug.FreeOSMemory()
		forgetPeak()
		start, used := time.Now(), cpu()
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		src, err := layers.Read(raw, geo.Fields{})
		if err != nil {
			return err
		}
		v, found, err := l.Import(ctx, sc, layers.Upload{About: src.About, File: src})
		if err != nil {
			return fmt.Errorf("%w: %v", err, found[:min(3, len(found))])
		}
		if k == 0 {
			b.figure("import_polygons", float64(v.Areas), "count")
			b.figure("import_file_mb", float64(len(raw))/(1<<20), "MB")
			b.figure("import_s", time.Since(start).Seconds(), "s")
			b.figure("import_cpu_s", (cpu() - used).Seconds(), "s")
			b.figure("import_peak_rss_mb", peakMB(), "MB")
		}
		if _, err := l.Publish(ctx, sc, name, v.Number, "benchmark"); err != nil {
			return err
		}
	}
	return nil
}

func writeMosaic(file, name string, detail int, seed uint64) error {
	var shapes []geo.Shape
	for i, p := range geotest.Mosaic(benchGround, benchSide, benchSide, detail, seed) {
		shapes = append(shapes, geo.Shape{Area: geo.Area{ID: fmt.Sprintf("%05d", i), Name: fmt.Sprintf("片区%d", i)}, Polygons: orb.MultiPolygon{p}})
	}
	l, err := geo.NewLayer(geo.About{Name: name, Kind: directory.LayerManagement, Title: name, Source: "bench", MadeUp: true, Parent: "district"}, shapes)
	if err != nil {
		return err
	}
	var w bytes.Buffer
	if err := geo.WriteGeoJSON(&w, l, nil); err != nil {
		return err
	}
	return os.WriteFile(file, w.Bytes(), 0o600)
}

// lookups answers for random points one after the other: how many, in which time by the clock and of the processor.
func lookups(atlas *directory.Atlas, long time.Duration) (n float64, wall, busy time.Duration) {
	r := rand.New(rand.NewPCG(3, 4))
	points := make([]geo.Point, 1<<16)
	for i := range points {
		points[i] = geo.Point{Lon: benchGround.Min[0] + r.Float64()*(benchGround.Max[0]-benchGround.Min[0]), Lat: benchGround.Min[1] + r.Float64()*(benchGround.Max[1]-benchGround.Min[1])}
	}
	hits := make([]geo.Hit, 0, 16)
	start, used := time.Now(), cpu()
	for time.Since(start) < long {
		for _, p := range points {
			hits = atlas.AppendAt(p, hits[:0])
		}
		n += float64(len(points))
	}
	return n, time.Since(start), cpu() - used
}

// forgetPeak and peakMB tell the most memory the process held since, as Linux counts it; elsewhere 0.
func forgetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200) }

func peakMB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}
