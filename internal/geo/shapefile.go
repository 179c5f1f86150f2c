package geo

import (
	"archive/zip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// Errors of shapefiles, which are sets of files in one zip archive.
var (
	ErrShapeParts  = errors.New("geo: the archive must hold one .shp and the .dbf of the same name") // pack both, and nothing twice
	ErrShapeBroken = errors.New("geo: the .shp or .dbf is damaged or cut off")                       // export it again
	ErrShapeKind   = errors.New("geo: the .shp does not hold polygons")
	ErrProjected   = errors.New("geo: the .prj names a projection") // export in degrees, CGCS2000 (EPSG:4490)
)

// maxShape bounds each file of a shapefile.
const maxShape = 128 << 20

// ParseShapefile reads a zipped shapefile of polygons (ESRI white paper of 1998): .shp and .dbf, .prj for the coordinate system, .cpg for the encoding of
// names. Names without a known encoding are taken as UTF-8 when they are, else as GB 18030. The caller has made sure that the archive is safe to
// unpack.
//
// Errors: ErrShapeParts, ErrShapeBroken, ErrShapeKind, ErrProjected, ErrTooLarge, ErrLayer for what is no zip archive.
func ParseShapefile(r io.ReaderAt, size int64, fields Fields) (*Source, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: not a zip archive: %w", ErrLayer, err)
	}
	parts, err := shapeParts(z)
	if err != nil {
		return nil, err
	}
	src := &Source{Clockwise: true}
	src.Name = strings.TrimSuffix(path.Base(parts[".shp"].Name), path.Ext(parts[".shp"].Name))
	if f := parts[".prj"]; f != nil {
		wkt, err := slurp(f, 64<<10)
		if err != nil {
			return nil, err
		}
		if src.CRS, err = systemOfWKT(string(wkt)); err != nil {
			return nil, err
		}
	}
	encoding := ""
	if f := parts[".cpg"]; f != nil {
		b, err := slurp(f, 1<<10)
		if err != nil {
			return nil, err
		}
		encoding = strings.TrimSpace(string(b))
	}
	shp, err := slurp(parts[".shp"], maxShape)
	if err != nil {
		return nil, err
	}
	if src.Features, err = parseSHP(shp); err != nil {
		return nil, err
	}
	shp = nil //nolint:wastedassign // the bytes may go before the table comes
	dbf, err := slurp(parts[".dbf"], maxShape)
	if err != nil {
		return nil, err
	}
	return src, src.attributes(dbf, encoding, fields)
}

// shapeParts finds the files of the one shapefile in the archive.
func shapeParts(z *zip.Reader) (map[string]*zip.File, error) {
	var stem string
	for _, f := range z.File {
		if base := path.Base(f.Name); strings.EqualFold(path.Ext(base), ".shp") && !strings.HasPrefix(base, ".") && !strings.HasPrefix(f.Name, "__MACOSX") {
			if stem != "" {
				return nil, fmt.Errorf("%w: more than one .shp", ErrShapeParts)
			}
			stem = strings.TrimSuffix(f.Name, path.Ext(f.Name))
		}
	}
	parts := map[string]*zip.File{}
	for _, f := range z.File {
		ext := path.Ext(f.Name)
		if stem != "" && strings.EqualFold(strings.TrimSuffix(f.Name, ext), stem) {
			parts[strings.ToLower(ext)] = f
		}
	}
	if parts[".shp"] == nil || parts[".dbf"] == nil {
		return nil, ErrShapeParts
	}
	return parts, nil
}

func slurp(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrShapeBroken, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrShapeBroken, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%w: %s over %d MiB", ErrTooLarge, path.Ext(f.Name), limit>>20)
	}
	return b, nil
}

// systemOfWKT is the coordinate system of a .prj. What is not known stays as its name, to be told to the one who brings it.
func systemOfWKT(wkt string) (string, error) {
	plain := strings.NewReplacer("_", "", " ", "", "-", "").Replace(strings.ToUpper(strings.TrimSpace(wkt)))
	switch {
	case plain == "":
		return "", nil
	case strings.HasPrefix(plain, "PROJCS"), strings.HasPrefix(plain, "PROJCRS"):
		return "", fmt.Errorf("%w: %.80s", ErrProjected, quoted(wkt))
	case strings.Contains(plain, "CGCS2000"), strings.Contains(plain, "CHINAGEODETICCOORDINATESYSTEM2000"), strings.Contains(plain, "CHINA2000"):
		return CGCS2000.String(), nil
	case strings.Contains(plain, "GCJ02"):
		return GCJ02.String(), nil
	case strings.Contains(plain, "BD09"):
		return BD09.String(), nil
	case strings.Contains(plain, "WGS1984"), strings.Contains(plain, "WGS84"):
		return WGS84.String(), nil
	}
	return quoted(wkt), nil
}

// quoted is the first name in a WKT.
func quoted(wkt string) string {
	if parts := strings.SplitN(wkt, `"`, 3); len(parts) == 3 {
		return parts[1]
	}
	return wkt[:min(len(wkt), 40)]
}

// Types of shapes.
const (
	shapeNull     = 0
	shapePolygon  = 5
	shapePolygonZ = 15
	shapePolygonM = 25
)

// parseSHP reads the records of a .shp. Each becomes a feature; those without a shape have the fault FaultGeometry.
func parseSHP(b []byte) ([]Feature, error) {
	if len(b) < 100 || binary.BigEndian.Uint32(b) != 9994 || binary.LittleEndian.Uint32(b[28:]) != 1000 {
		return nil, ErrShapeBroken
	}
	switch kind := binary.LittleEndian.Uint32(b[32:]); kind {
	case shapeNull, shapePolygon, shapePolygonZ, shapePolygonM:
	default:
		return nil, fmt.Errorf("%w: type %d", ErrShapeKind, kind)
	}
	var out []Feature
	for rest := b[100:]; len(rest) > 0; {
		if len(rest) < 12 {
			return nil, ErrShapeBroken
		}
		length := int64(binary.BigEndian.Uint32(rest[4:])) * 2
		if length < 4 || length > int64(len(rest)-8) {
			return nil, ErrShapeBroken
		}
		if len(out) >= maxFeatures {
			return nil, fmt.Errorf("%w: over %d polygons", ErrTooLarge, maxFeatures)
		}
		f := Feature{Index: len(out) + 1}
		polygons, err := parseShape(rest[8 : 8+length])
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", f.Index, err)
		}
		if f.Polygons = polygons; polygons == nil {
			f.Fault = FaultGeometry
		}
		out = append(out, f)
		rest = rest[8+length:]
	}
	return out, nil
}

// parseShape reads one polygon; nil for none.
func parseShape(b []byte) (orb.MultiPolygon, error) {
	switch binary.LittleEndian.Uint32(b) {
	case shapeNull:
		return nil, nil
	case shapePolygon, shapePolygonZ, shapePolygonM:
	default:
		return nil, ErrShapeKind
	}
	if len(b) < 44 {
		return nil, ErrShapeBroken
	}
	parts, points := int64(binary.LittleEndian.Uint32(b[36:])), int64(binary.LittleEndian.Uint32(b[40:]))
	if parts == 0 && points == 0 {
		return nil, nil
	}
	at := 44 + 4*parts
	if parts == 0 || parts > points || at+16*points > int64(len(b)) {
		return nil, ErrShapeBroken
	}
	rings := make([]orb.Ring, 0, parts)
	for i := range parts {
		from, to := int64(binary.LittleEndian.Uint32(b[44+4*i:])), points
		if i+1 < parts {
			to = int64(binary.LittleEndian.Uint32(b[48+4*i:]))
		}
		if from > to || to > points {
			return nil, ErrShapeBroken
		}
		ring := make(orb.Ring, 0, to-from)
		for k := from; k < to; k++ {
			p := b[at+16*k:]
			ring = append(ring, orb.Point{math.Float64frombits(binary.LittleEndian.Uint64(p)), math.Float64frombits(binary.LittleEndian.Uint64(p[8:]))})
		}
		rings = append(rings, ring)
	}
	return assemble(rings), nil
}

// assemble makes polygons of rings: those with the clock are shells, the others are holes of the smallest shell they lie in. A hole that lies in none
// is taken as a shell that was drawn the wrong way round.
func assemble(rings []orb.Ring) orb.MultiPolygon {
	var out orb.MultiPolygon
	var holes []orb.Ring
	for _, r := range rings {
		if len(r) > 0 && ringArea(r) > 0 && len(rings) > 1 {
			holes = append(holes, r)
		} else {
			out = append(out, orb.Polygon{r})
		}
	}
	for _, h := range holes {
		best := -1
		for i, p := range out {
			if len(p[0]) >= 4 && ringIn(h, p[0]) && (best < 0 || math.Abs(ringArea(p[0])) < math.Abs(ringArea(out[best][0]))) {
				best = i
			}
		}
		if best < 0 {
			out = append(out, orb.Polygon{h})
			continue
		}
		out[best] = append(out[best], h)
	}
	return out
}

// attributes puts the rows of the table to the features.
func (s *Source) attributes(dbf []byte, encoding string, fields Fields) error {
	t, err := parseDBF(dbf, encoding)
	if err != nil {
		return err
	}
	if len(t.rows) != len(s.Features) {
		return fmt.Errorf("%w: %d shapes and %d rows", ErrShapeBroken, len(s.Features), len(t.rows))
	}
	kept := s.Features[:0]
	for i, f := range s.Features {
		if t.rows[i] == nil {
			continue // deleted in the table
		}
		props := map[string]json.RawMessage{}
		for k, v := range t.rows[i] {
			if v != "" {
				raw, err := json.Marshal(v)
				if err != nil {
					return fmt.Errorf("%w: %w", ErrShapeBroken, err)
				}
				props[t.columns[k].name] = raw
			}
		}
		fault := f.Fault
		f.properties(nil, props, fields)
		if fault != "" {
			f.Fault = fault
		}
		kept = append(kept, f)
	}
	s.Features = slices.Clip(kept)
	return nil
}
