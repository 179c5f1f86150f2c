package geo

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// sample is a layer with a hole, two parts and Chinese names.
func sample(t testing.TB) *Layer {
	t.Helper()
	l, err := NewLayer(About{Name: "grids", Kind: "grid", Title: "网格", English: "Grids", Parent: "towns", Source: "survey", Licence: "CC0", Version: "3", MadeUp: true}, []Shape{
		{Area{ID: "220605001001001", Name: "第一网格", Parent: "220605001001"}, orb.MultiPolygon{{box(126.5, 42, 126.6, 42.1), reversed(box(126.52, 42.02, 126.54, 42.04))}}},
		{Area{ID: "220605001001002", Name: "第二网格", Parent: "220605001001", MadeUp: true}, orb.MultiPolygon{{box(126.6, 42, 126.7, 42.1)}, {box(126.52, 42.02, 126.54, 42.04)}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func reversed(r orb.Ring) orb.Ring {
	slices.Reverse(r)
	return r
}

func TestGeoJSONThereAndBack(t *testing.T) {
	l := sample(t)
	var b bytes.Buffer
	extra := func(id string) json.RawMessage { return json.RawMessage(`{"phone":"0439-0001"}`) }
	if err := WriteGeoJSON(&b, l, extra); err != nil {
		t.Fatal(err)
	}
	src, err := ParseGeoJSON(&b, Fields{})
	if err != nil {
		t.Fatal(err)
	}
	if src.CRS != "CGCS2000" || src.About != l.About || string(src.Features[1].Extra) != `{"phone":"0439-0001"}` {
		t.Errorf("%+v %s", src.About, src.Features[1].Extra)
	}
	same(t, l, src)
}

func same(t *testing.T, l *Layer, src *Source) {
	t.Helper()
	shapes, found := src.Check(Rules{})
	if len(found) > 0 || !reflect.DeepEqual(shapes, l.shapes) {
		t.Errorf("%v\n%+v\nwant\n%+v", found, shapes, l.shapes)
	}
}

func TestShapefileThereAndBack(t *testing.T) {
	l := sample(t)
	var b bytes.Buffer
	if err := WriteShapefile(&b, l); err != nil {
		t.Fatal(err)
	}
	src, err := ParseShapefile(bytes.NewReader(b.Bytes()), int64(b.Len()), Fields{})
	if err != nil {
		t.Fatal(err)
	}
	if src.CRS != "CGCS2000" || src.Name != "grids" {
		t.Errorf("%+v", src)
	}
	same(t, l, src)
}

// archive takes the shapefile of the sample apart, lets change do to its files what it likes, and packs them again.
func archive(t testing.TB, change func(files map[string][]byte)) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteShapefile(&b, sample(t)); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		if files[f.Name], err = slurp(f, maxShape); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(files)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func parse(b []byte) (*Source, error) {
	return ParseShapefile(bytes.NewReader(b), int64(len(b)), Fields{})
}

// TestShapefileNames: Chinese names in GBK are read with a .cpg, with the language driver, and without either.
func TestShapefileNames(t *testing.T) {
	gbk := func(files map[string][]byte) {
		for _, name := range []string{"第一网格", "第二网格"} {
			old := []byte(name)
			wide, err := simplifiedchinese.GBK.NewEncoder().Bytes(old)
			if err != nil {
				t.Fatal(err)
			}
			files["grids.dbf"] = bytes.Replace(files["grids.dbf"], old, append(wide, bytes.Repeat([]byte(" "), len(old)-len(wide))...), 1)
		}
	}
	for name, change := range map[string]func(map[string][]byte){
		"cpg":      func(f map[string][]byte) { gbk(f); f["grids.cpg"] = []byte("GBK\r\n") },
		"language": func(f map[string][]byte) { gbk(f); delete(f, "grids.cpg"); f["grids.dbf"][29] = languageGBK },
		"neither":  func(f map[string][]byte) { gbk(f); delete(f, "grids.cpg") },
		"utf8":     func(f map[string][]byte) { delete(f, "grids.cpg") },
	} {
		src, err := parse(archive(t, change))
		if err != nil || src.Features[0].Name != "第一网格" || src.Features[1].Name != "第二网格" {
			t.Errorf("%s: %v %+v", name, err, src)
		}
	}
}

func TestShapefileSystems(t *testing.T) {
	for _, c := range []struct {
		prj, want string
		err       error
	}{
		{wktCGCS2000, "CGCS2000", nil},
		{`GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137,298.257223563]]]`, "WGS84", nil},
		{`GEOGCS["China Geodetic Coordinate System 2000"]`, "CGCS2000", nil},
		{`GEOGCS["GCS_Xian_1980"]`, "GCS_Xian_1980", nil},
		{`PROJCS["CGCS2000_3_Degree_GK_CM_126E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000"]]`, "", ErrProjected},
		{"", "", nil},
	} {
		src, err := parse(archive(t, func(f map[string][]byte) { f["grids.prj"] = []byte(c.prj) }))
		if !errors.Is(err, c.err) || err == nil && src.CRS != c.want {
			t.Errorf("%.40s: %v %+v", c.prj, err, src)
		}
	}
}

func TestShapefileRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(f map[string][]byte)
		err    error
	}{
		"no dbf":        {func(f map[string][]byte) { delete(f, "grids.dbf") }, ErrShapeParts},
		"no shp":        {func(f map[string][]byte) { delete(f, "grids.shp") }, ErrShapeParts},
		"two":           {func(f map[string][]byte) { f["other.shp"] = f["grids.shp"] }, ErrShapeParts},
		"cut shp":       {func(f map[string][]byte) { f["grids.shp"] = f["grids.shp"][:200] }, ErrShapeBroken},
		"empty shp":     {func(f map[string][]byte) { f["grids.shp"] = nil }, ErrShapeBroken},
		"lines":         {func(f map[string][]byte) { f["grids.shp"][32] = 3 }, ErrShapeKind},
		"cut dbf":       {func(f map[string][]byte) { f["grids.dbf"] = f["grids.dbf"][:300] }, ErrShapeBroken},
		"a row less":    {func(f map[string][]byte) { binary.LittleEndian.PutUint32(f["grids.dbf"][4:], 1) }, ErrShapeBroken},
		"points beyond": {func(f map[string][]byte) { binary.LittleEndian.PutUint32(f["grids.shp"][100+8+40:], 1<<30) }, ErrShapeBroken},
	} {
		if _, err := parse(archive(t, c.change)); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := parse([]byte("not a zip")); !errors.Is(err, ErrLayer) {
		t.Error(err)
	}
	src, err := parse(archive(t, func(f map[string][]byte) { f["grids.dbf"][161] = '*' }))
	if err != nil || len(src.Features) != 1 || src.Features[0].Index != 2 {
		t.Errorf("a deleted row: %v %+v", err, src)
	}
	// Our own column names, and those a file calls otherwise.
	renamed := archive(t, func(f map[string][]byte) { copy(f["grids.dbf"][32:], "OBJ\x00") })
	if src, err = parse(renamed); err != nil || src.Features[0].ID != "" {
		t.Errorf("%v %+v", err, src)
	}
	if src, err = ParseShapefile(bytes.NewReader(renamed), int64(len(renamed)), Fields{Code: "OBJ"}); err != nil || src.Features[0].ID != "220605001001001" {
		t.Errorf("%v %+v", err, src)
	}
}

func FuzzParseSHP(f *testing.F) {
	shp, _ := writeSHP(sample(f))
	f.Add(shp)
	f.Fuzz(func(t *testing.T, b []byte) {
		features, err := parseSHP(b)
		if err != nil {
			return
		}
		for i := range features {
			features[i].ID = fmt.Sprint(i)
		}
		shapes, found := (&Source{Features: features, Clockwise: true}).Check(Rules{})
		if shapes != nil {
			if _, err := NewLayer(About{}, shapes); err != nil {
				t.Fatalf("checked shapes make no layer: %v (%v)", err, found)
			}
		}
	})
}

func FuzzParseDBF(f *testing.F) {
	f.Add(writeDBF(sample(f)), "UTF-8")
	f.Add(writeDBF(sample(f)), "GBK")
	f.Fuzz(func(t *testing.T, b []byte, encoding string) {
		table, err := parseDBF(b, encoding)
		if err != nil {
			return
		}
		for _, row := range table.rows {
			if row != nil && len(row) != len(table.columns) {
				t.Fatal("a row of another length")
			}
		}
	})
}

func FuzzParseGeoJSON(f *testing.F) {
	var b strings.Builder
	if err := WriteGeoJSON(&b, sample(f), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Add(`{"type":"FeatureCollection","features":[{"properties":{"code":1,"crs":"bd09"},"geometry":{"type":"MultiPolygon","coordinates":[[[[126,42],[127,42],[127,43],[126,42]]],[]]}}]}`)
	f.Fuzz(func(t *testing.T, doc string) {
		src, err := ParseGeoJSON(strings.NewReader(doc), Fields{})
		if err != nil {
			return
		}
		shapes, found := src.Check(Rules{})
		if (shapes == nil) != (Worst(found) == Bad) {
			t.Fatalf("%d shapes with %v", len(shapes), found)
		}
		if shapes == nil {
			return
		}
		l, err := NewLayer(About{}, shapes)
		if err != nil {
			t.Fatalf("checked shapes make no layer: %v (%v)", err, found)
		}
		NewIndex(l).At(Point{126.5, 42.5}, nil)
	})
}
