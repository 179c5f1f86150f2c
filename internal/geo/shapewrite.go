package geo

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// wktCGCS2000 is the .prj of EPSG:4490.
const wktCGCS2000 = `GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`

// WriteShapefile writes a layer as a zipped shapefile in CGCS2000, names in UTF-8, with the columns CODE, NAME, PARENT and MADE_UP.
func WriteShapefile(w io.Writer, l *Layer) error {
	stem := l.Name
	if stem == "" {
		stem = "layer"
	}
	z := zip.NewWriter(w)
	shp, shx := writeSHP(l)
	for _, f := range []struct {
		ext  string
		body []byte
	}{{".shp", shp}, {".shx", shx}, {".dbf", writeDBF(l)}, {".prj", []byte(wktCGCS2000)}, {".cpg", []byte("UTF-8")}} {
		part, err := z.Create(stem + f.ext)
		if err != nil {
			return err
		}
		if _, err := part.Write(f.body); err != nil {
			return err
		}
	}
	return z.Close()
}

func writeSHP(l *Layer) (shp, shx []byte) {
	var body, index bytes.Buffer
	for i, s := range l.shapes {
		record := shapeRecord(s.Polygons)
		_ = binary.Write(&index, binary.BigEndian, []int32{int32((100 + body.Len()) / 2), int32(len(record) / 2)}) // a bytes.Buffer does not fail
		_ = binary.Write(&body, binary.BigEndian, []int32{int32(i + 1), int32(len(record) / 2)})
		body.Write(record)
	}
	sw, ne := l.Bounds()
	head := func(length int) []byte {
		b := make([]byte, 100)
		binary.BigEndian.PutUint32(b, 9994)
		binary.BigEndian.PutUint32(b[24:], uint32((100+length)/2))
		binary.LittleEndian.PutUint32(b[28:], 1000)
		binary.LittleEndian.PutUint32(b[32:], shapePolygon)
		for k, v := range []float64{sw.Lon, sw.Lat, ne.Lon, ne.Lat} {
			binary.LittleEndian.PutUint64(b[36+8*k:], math.Float64bits(v))
		}
		return b
	}
	return append(head(body.Len()), body.Bytes()...), append(head(index.Len()), index.Bytes()...)
}

func shapeRecord(polygons orb.MultiPolygon) []byte {
	var rings []orb.Ring
	points := 0
	for _, polygon := range polygons {
		for k, ring := range polygon {
			if (ringArea(ring) > 0) == (k == 0) { // shells run with the clock here
				ring = slices.Clone(ring)
				slices.Reverse(ring)
			}
			rings = append(rings, ring)
			points += len(ring)
		}
	}
	b := make([]byte, 0, 44+4*len(rings)+16*points)
	b = binary.LittleEndian.AppendUint32(b, shapePolygon)
	bound := polygons.Bound()
	for _, v := range []float64{bound.Min[0], bound.Min[1], bound.Max[0], bound.Max[1]} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(rings)))
	b = binary.LittleEndian.AppendUint32(b, uint32(points))
	at := 0
	for _, ring := range rings {
		b = binary.LittleEndian.AppendUint32(b, uint32(at))
		at += len(ring)
	}
	for _, ring := range rings {
		for _, p := range ring {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p[0]))
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p[1]))
		}
	}
	return b
}

func writeDBF(l *Layer) []byte {
	columns := []struct {
		name  string
		width int
		value func(Area) string
	}{
		{"CODE", 40, func(a Area) string { return a.ID }},
		{"NAME", 120, func(a Area) string { return a.Name }},
		{"PARENT", 40, func(a Area) string { return a.Parent }},
		{"MADE_UP", 5, func(a Area) string {
			if a.MadeUp {
				return "yes"
			}
			return "no"
		}},
	}
	width := 1
	for _, c := range columns {
		width += c.width
	}
	b := make([]byte, 32)
	b[0] = 3
	b[1], b[2], b[3] = 100, 1, 1 // the date of the last change is not kept: the same layer gives the same bytes
	binary.LittleEndian.PutUint32(b[4:], uint32(len(l.shapes)))
	binary.LittleEndian.PutUint16(b[8:], uint16(33+32*len(columns)))
	binary.LittleEndian.PutUint16(b[10:], uint16(width))
	for _, c := range columns {
		f := make([]byte, 32)
		copy(f, c.name)
		f[11], f[16] = 'C', byte(c.width)
		b = append(b, f...)
	}
	b = append(b, '\r')
	for _, s := range l.shapes {
		b = append(b, ' ')
		for _, c := range columns {
			v := fitted(c.value(s.Area), c.width)
			b = append(b, v...)
			b = append(b, bytes.Repeat([]byte{' '}, c.width-len(v))...)
		}
	}
	return append(b, 0x1a)
}

// fitted is s cut to n bytes at a character.
func fitted(s string, n int) string {
	for len(s) > n {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
