package geo

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/paulmach/orb"
)

// ReadGeoJSON reads a layer that is known to be good from a FeatureCollection, as ParseGeoJSON reads it; what people bring goes through
// Source.Check. Without a crs, coordinates are CGCS2000; in GCJ-02 or BD-09 they are converted. Fields of about that are empty are taken from the file.
// The first thing that is wrong is the error, of the kind ErrLayer.
func ReadGeoJSON(r io.Reader, about About) (*Layer, error) {
	src, err := ParseGeoJSON(r, Fields{})
	if err != nil {
		return nil, fmt.Errorf("layer %q: %w", about.Name, err)
	}
	shapes := make([]Shape, len(src.Features))
	for i, f := range src.Features {
		system, err := ParseSystem(f.system(src.CRS))
		if err != nil {
			return nil, fmt.Errorf("%w %q: feature %d (%s): %w", ErrLayer, about.Name, f.Index, f.ID, err)
		}
		if f.Fault != "" {
			return nil, fmt.Errorf("%w %q: feature %d (%s): %s", ErrLayer, about.Name, f.Index, f.ID, f.Fault)
		}
		shapes[i] = f.Shape
		shapes[i].Polygons = converted(f.Polygons, system)
	}
	return NewLayer(about.filled(src.About), shapes)
}

// system is the name of the feature's coordinate system in a file that declares common.
func (f Feature) system(common string) string {
	if f.CRS != "" {
		return f.CRS
	}
	return common
}

// filled takes what is empty from other.
func (a About) filled(other About) About {
	for _, f := range []struct {
		to   *string
		from string
	}{{&a.Name, other.Name}, {&a.Kind, other.Kind}, {&a.Title, other.Title}, {&a.English, other.English}, {&a.Parent, other.Parent},
		{&a.Source, other.Source}, {&a.Licence, other.Licence}, {&a.Version, other.Version}} {
		if *f.to == "" {
			*f.to = f.from
		}
	}
	a.MadeUp = a.MadeUp || other.MadeUp
	return a
}

// converted is a copy of the polygons in CGCS2000.
func converted(polygons orb.MultiPolygon, system System) orb.MultiPolygon {
	out := polygons.Clone()
	if system == CGCS2000 || system == WGS84 {
		return out
	}
	for _, rings := range out {
		for _, ring := range rings {
			for k, p := range ring {
				ring[k] = ToCGCS2000(fromOrb(p), system).orb()
			}
		}
	}
	return out
}

// WriteGeoJSON writes a layer as a FeatureCollection in CGCS2000 that ParseGeoJSON reads again: one feature a line, coordinates to 1e-9
// degrees. extra gives the other properties of an area as a JSON object, nil for none; it may be nil.
func WriteGeoJSON(w io.Writer, l *Layer, extra func(id string) json.RawMessage) error {
	b := bufio.NewWriter(w)
	head, err := json.Marshal(struct {
		Type    string `json:"type"`
		Name    string `json:"name"`
		Kind    string `json:"kind,omitempty"`
		Title   string `json:"title,omitempty"`
		English string `json:"english,omitempty"`
		Parent  string `json:"parent,omitempty"`
		CRS     string `json:"crs"`
		MadeUp  bool   `json:"made_up"`
		Source  string `json:"source,omitempty"`
		Licence string `json:"licence,omitempty"`
		Version string `json:"version,omitempty"`
	}{"FeatureCollection", l.Name, l.Kind, l.Title, l.English, l.Parent, CGCS2000.String(), l.MadeUp, l.Source, l.Licence, l.Version})
	if err != nil {
		return err
	}
	_, _ = b.Write(head[:len(head)-1]) // errors of a bufio.Writer stay until Flush
	_, _ = b.WriteString(",\"features\":[\n")
	for i, s := range l.shapes {
		if i > 0 {
			_, _ = b.WriteString(",\n")
		}
		props := map[string]any{}
		if extra != nil {
			if raw := extra(s.ID); raw != nil {
				if err := json.Unmarshal(raw, &props); err != nil {
					return fmt.Errorf("geo: properties of %s: %w", s.ID, err)
				}
			}
		}
		if err := writeFeature(b, s, props); err != nil {
			return err
		}
	}
	_, _ = b.WriteString("\n]}\n")
	return b.Flush()
}

// FeatureJSON is one area as a GeoJSON feature, for editing by hand.
func FeatureJSON(s Shape) ([]byte, error) {
	var out appender
	b := bufio.NewWriter(&out)
	if err := writeFeature(b, s, map[string]any{}); err != nil {
		return nil, err
	}
	err := b.Flush()
	return out, err
}

type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}

func writeFeature(b *bufio.Writer, s Shape, props map[string]any) error {
	props["code"], props["name"] = s.ID, s.Name
	if s.Parent != "" {
		props["parent"] = s.Parent
	}
	if s.MadeUp {
		props["made_up"] = true
	}
	raw, err := json.Marshal(props)
	if err != nil {
		return err
	}
	_, _ = b.WriteString(`{"type":"Feature","properties":`)
	_, _ = b.Write(raw)
	_, _ = b.WriteString(`,"geometry":`)
	_, _ = b.Write(appendGeometry(nil, s.Polygons))
	_, _ = b.WriteString("}")
	return nil
}

// appendGeometry writes a Polygon or MultiPolygon, to 1e-9 degrees.
func appendGeometry(b []byte, polygons orb.MultiPolygon) []byte {
	if len(polygons) == 1 {
		b = append(b, `{"type":"Polygon","coordinates":`...)
		return append(appendRings(b, polygons[0]), '}')
	}
	b = append(b, `{"type":"MultiPolygon","coordinates":[`...)
	for i, rings := range polygons {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRings(b, rings)
	}
	return append(b, "]}"...)
}

func appendRings(b []byte, rings orb.Polygon) []byte {
	b = append(b, '[')
	for i, ring := range rings {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for k, p := range ring {
			if k > 0 {
				b = append(b, ',')
			}
			b = append(b, '[')
			b = strconv.AppendFloat(b, math.Round(p[0]*1e9)/1e9, 'f', -1, 64)
			b = append(b, ',')
			b = strconv.AppendFloat(b, math.Round(p[1]*1e9)/1e9, 'f', -1, 64)
			b = append(b, ']')
		}
		b = append(b, ']')
	}
	return append(b, ']')
}
