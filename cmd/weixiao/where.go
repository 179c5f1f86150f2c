package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/app"
	"weixiao/internal/config"
	"weixiao/internal/directory"
	"weixiao/internal/directory/layers"
	"weixiao/internal/geo"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// runWhere prints the areas of all layers at a point, one a line: layer, code, name. Without --database it answers from the pack alone.
func runWhere(ctx context.Context, args []string, out io.Writer) error {
	fset, cfg := flags("where")
	crs := fset.String("crs", "cgcs2000", "coordinate system of the point: cgcs2000, wgs84, gcj02, bd09")
	numbers, rest := apart(fset, args)
	c, err := parse(fset, cfg, rest)
	if err != nil {
		return err
	}
	if len(numbers) != 2 {
		fmt.Fprintln(os.Stderr, "usage: weixiao where LON LAT [--crs gcj02] [--database DSN]   (degrees, longitude first)")
		return errUsage
	}
	p, err := point(numbers[0], numbers[1], *crs)
	if err != nil {
		return err
	}
	atlas, err := atlasOf(ctx, fset, c)
	if err != nil {
		return err
	}
	hits := atlas.At(p)
	for _, h := range hits {
		fmt.Fprintf(out, "%s\t%s\t%s\n", h.Layer.Name, h.Area.ID, h.Area.Name)
	}
	if len(hits) > 0 {
		return nil
	}
	if near, way, ok := atlas.Nearest(p); ok {
		fmt.Fprintf(os.Stderr, "outside of all layers; the nearest is %s %s %s, %.0f m away\n", near.Layer.Name, near.Area.ID, near.Area.Name, way)
	}
	return nil
}

// apart takes the numbers out of the arguments, so that a negative one is no option and options may follow.
func apart(fset *flag.FlagSet, args []string) (numbers, rest []string) {
	for i := 0; i < len(args); i++ {
		if _, err := strconv.ParseFloat(args[i], 64); err == nil {
			numbers = append(numbers, args[i])
			continue
		}
		rest = append(rest, args[i])
		// The value of an option is no point, even if it is a number.
		if name := optionName(args[i]); name != "" && takesValue(fset, name) && i+1 < len(args) {
			i++
			rest = append(rest, args[i])
		}
	}
	return numbers, rest
}

// optionName is the name in --name, "" for --name=value and everything else.
func optionName(arg string) string {
	if len(arg) < 2 || arg[0] != '-' {
		return ""
	}
	name := strings.TrimPrefix(arg[1:], "-")
	if strings.Contains(name, "=") {
		return ""
	}
	return name
}

func takesValue(fset *flag.FlagSet, name string) bool {
	f := fset.Lookup(name)
	if f == nil {
		return false
	}
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return !ok || !b.IsBoolFlag()
}

// point reads a place and converts it to CGCS2000.
func point(lon, lat, crs string) (geo.Point, error) {
	system, err := geo.ParseSystem(crs)
	if err != nil {
		return geo.Point{}, fmt.Errorf("--crs %s: use cgcs2000, wgs84, gcj02 or bd09", crs)
	}
	var p geo.Point
	p.Lon, _ = strconv.ParseFloat(lon, 64) // they were numbers before
	p.Lat, _ = strconv.ParseFloat(lat, 64)
	switch {
	case p.Lat > 90 && p.Lat <= 180 && p.Lon >= -90 && p.Lon <= 90:
		return p, errors.New("the latitude is beyond 90 degrees: longitude comes first, as in 126.59 42.05")
	case !geo.Valid(p):
		return p, errors.New("this is no place: give longitude and latitude in degrees, as in 126.59 42.05")
	}
	return geo.ToCGCS2000(p, system), nil
}

// atlasOf is the atlas of the pack, or of the database when one was named.
func atlasOf(ctx context.Context, fset *flag.FlagSet, c *config.Config) (*directory.Atlas, error) {
	fsys := pack.Jiangyuan()
	if dir := c.Get("pack"); dir != "" {
		fsys = os.DirFS(dir)
	}
	p, err := pack.Load(fsys)
	if err != nil {
		return nil, err
	}
	given := false
	fset.Visit(func(f *flag.Flag) { given = given || f.Name == "database" })
	if !given && os.Getenv("WEIXIAO_DATABASE") == "" {
		return p.Atlas(), nil
	}
	db, err := store.Open(ctx, c.Get("database"), store.Options{}, app.Schemas()...)
	if err != nil {
		return nil, err
	}
	l := layers.New(db, p.District, p.Version, p.Atlas(), p.Directory, time.Now)
	err = l.Refresh(ctx)
	return l.Atlas(), errors.Join(err, db.Close())
}
