package geo

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/paulmach/orb"
)

// maxGeoJSON bounds what ReadGeoJSON takes in: a district with 2,000 unit grids has about 1 MiB.
const maxGeoJSON = 64 << 20

// ReadGeoJSON reads a layer from a FeatureCollection of Polygons and MultiPolygons (RFC 7946).
//
// Of each feature it takes: the id from the member id or the property id, code or adcode; name; parent; made_up or synthetic; and crs,
// a name that ParseSystem knows. A crs may also stand in the collection. Without one, coordinates are CGCS2000; in GCJ-02 or BD-09 they
// are converted. Fields of about that are empty are taken from the collection's members name, source and version. Third coordinates
// (heights) are dropped, other properties are left alone.
func ReadGeoJSON(r io.Reader, about About) (*Layer, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxGeoJSON+1))
	if err != nil {
		return nil, fmt.Errorf("geo: read layer %q: %w", about.Name, err)
	}
	if len(b) > maxGeoJSON {
		return nil, fmt.Errorf("%w %q: over %d MiB", ErrLayer, about.Name, maxGeoJSON>>20)
	}
	var doc collection
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("%w %q: %w", ErrLayer, about.Name, err)
	}
	if doc.Type != "FeatureCollection" {
		return nil, fmt.Errorf("%w %q: type is %q, not FeatureCollection", ErrLayer, about.Name, doc.Type)
	}
	for _, f := range []struct {
		to   *string
		from string
	}{{&about.Name, doc.Name}, {&about.Source, doc.Source}, {&about.Version, doc.Version}} {
		if *f.to == "" {
			*f.to = f.from
		}
	}
	shapes := make([]Shape, len(doc.Features))
	for i, f := range doc.Features {
		if shapes[i], err = f.shape(doc.CRS); err != nil {
			return nil, fmt.Errorf("%w %q: feature %d (%s): %w", ErrLayer, about.Name, i+1, shapes[i].ID, err)
		}
	}
	return NewLayer(about, shapes)
}

type collection struct {
	Type     string    `json:"type"`
	Name     string    `json:"name"`
	Source   string    `json:"source"`
	Version  string    `json:"version"`
	CRS      crs       `json:"crs"`
	Features []feature `json:"features"`
}

type feature struct {
	ID       word `json:"id"`
	Geometry *struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
	Properties struct {
		ID        word   `json:"id"`
		Code      word   `json:"code"`
		AdCode    word   `json:"adcode"`
		Name      string `json:"name"`
		Parent    word   `json:"parent"`
		MadeUp    bool   `json:"made_up"`
		Synthetic bool   `json:"synthetic"`
		CRS       crs    `json:"crs"`
	} `json:"properties"`
}

// word is a string that may be written as a number.
type word string

func (w *word) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '"' {
		if string(b) == "null" {
			return nil
		}
		if _, err := strconv.ParseInt(string(b), 10, 64); err != nil {
			return fmt.Errorf("an id must be a string or a whole number, not %.20s", b)
		}
		*w = word(b)
		return nil
	}
	var s string
	err := json.Unmarshal(b, &s)
	*w = word(s)
	return err
}

// crs is a name, or the object {"properties": {"name": …}} of the 2008 format.
type crs string

func (c *crs) UnmarshalJSON(b []byte) error {
	var old struct {
		Properties struct {
			Name string `json:"name"`
		} `json:"properties"`
	}
	if len(b) > 0 && b[0] == '{' {
		err := json.Unmarshal(b, &old)
		*c = crs(old.Properties.Name)
		return err
	}
	var s string
	err := json.Unmarshal(b, &s)
	*c = crs(s)
	return err
}

func (f feature) shape(common crs) (Shape, error) {
	p := f.Properties
	s := Shape{Area: Area{Name: p.Name, Parent: string(p.Parent), MadeUp: p.MadeUp || p.Synthetic}}
	for _, id := range []word{f.ID, p.ID, p.Code, p.AdCode} {
		if s.ID == "" {
			s.ID = string(id)
		}
	}
	if p.CRS == "" {
		p.CRS = common
	}
	system, err := ParseSystem(string(p.CRS))
	if err != nil {
		return s, err
	}
	if f.Geometry == nil {
		return s, fmt.Errorf("no geometry")
	}
	var polygons [][][][]float64
	switch f.Geometry.Type {
	case "Polygon":
		polygons = make([][][][]float64, 1)
		err = json.Unmarshal(f.Geometry.Coordinates, &polygons[0])
	case "MultiPolygon":
		err = json.Unmarshal(f.Geometry.Coordinates, &polygons)
	default:
		return s, fmt.Errorf("geometry is %q, not Polygon or MultiPolygon", f.Geometry.Type)
	}
	if err != nil {
		return s, err
	}
	s.Polygons, err = convertPolygons(polygons, system)
	return s, err
}

func convertPolygons(polygons [][][][]float64, system System) (orb.MultiPolygon, error) {
	out := make(orb.MultiPolygon, len(polygons))
	for i, rings := range polygons {
		for _, positions := range rings {
			ring := make(orb.Ring, len(positions))
			for k, p := range positions {
				if len(p) < 2 {
					return nil, fmt.Errorf("a position with %d numbers", len(p))
				}
				ring[k] = ToCGCS2000(Point{p[0], p[1]}, system).orb()
			}
			out[i] = append(out[i], ring)
		}
	}
	return out, nil
}
