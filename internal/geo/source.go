package geo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// Source is a file of polygons as it was read: nothing is checked or converted yet, so that Check can name what is wrong with it.
type Source struct {
	About            // what the file says of itself
	CRS       string // the coordinate system it declares, "" for none
	Clockwise bool   // shells run with the clock, as in shapefiles
	Features  []Feature
}

// Feature is one polygon of a file. Its ID is the code; coordinates are as in the file, rings may be open.
type Feature struct {
	Shape
	Index int             // in the file, from 1
	CRS   string          // where it differs from the file's
	Extra json.RawMessage // other properties, an object; nil for none
	Fault string          // why its geometry or code could not be read, one of the Fault… words; "" when they could
}

// What can keep a feature from being read.
const (
	FaultGeometry    = "no_geometry"
	FaultType        = "not_polygon"
	FaultCoordinates = "bad_coordinates"
	FaultCode        = "bad_code_type"
)

// Fields names the columns of code, name and parent where a file calls them otherwise than fieldNames knows.
type Fields struct{ Code, Name, Parent string }

// ErrTooLarge tells that a file is beyond what is taken in.
var ErrTooLarge = errors.New("geo: the file is too large")

// Limits of a file.
const (
	maxGeoJSON  = 64 << 20 // a district with 5,000 unit grids has about 4 MiB
	maxFeatures = 100_000
	maxExtra    = 4 << 10 // bytes of other properties of a feature; longer ones are left out
)

// fieldNames are the names under which code, name and parent are found, in lower case, best first: our own, those of GB/T 30428 unit
// grids and of common exports.
var fieldNames = struct{ code, name, parent, madeUp []string }{
	code:   []string{"id", "code", "adcode", "bgcode", "szdywgbsm", "wgbm", "bm", "dm", "编码", "代码", "编号", "网格编码", "网格代码"},
	name:   []string{"name", "bgname", "wgmc", "mc", "名称", "网格名称"},
	parent: []string{"parent", "parentcode", "sjbm", "上级", "上级编码", "上级代码"},
	madeUp: []string{"made_up", "synthetic", "madeup", "虚构"},
}

// ParseGeoJSON reads a FeatureCollection of Polygons and MultiPolygons (RFC 7946), one feature at a time. The crs may stand at the collection or at a
// feature, as a name or in the form of 2008. Heights are dropped. A feature that cannot be read stays in the result with its Fault.
//
// The error is of the kind ErrLayer when the file is no FeatureCollection, ErrTooLarge when it is too long, or the reader's.
func ParseGeoJSON(r io.Reader, fields Fields) (*Source, error) {
	limited := &limitedReader{r: r, left: maxGeoJSON}
	dec := json.NewDecoder(limited)
	src := &Source{}
	err := src.collection(dec, fields)
	switch {
	case limited.over:
		return nil, fmt.Errorf("%w: over %d MiB", ErrTooLarge, maxGeoJSON>>20)
	case errors.Is(err, ErrTooLarge):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrLayer, err)
	}
	return src, nil
}

// limitedReader reads up to left bytes and remembers when there were more.
type limitedReader struct {
	r    io.Reader
	left int64
	over bool
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		var one [1]byte
		if n, err := l.r.Read(one[:]); n == 0 {
			return 0, err
		}
		l.over = true
		return 0, ErrTooLarge
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

func (s *Source) collection(dec *json.Decoder, fields Fields) error {
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return cmpError(err, "not a JSON object")
	}
	kind := ""
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var named crs
		switch key {
		case "type":
			err = dec.Decode(&kind)
		case "name":
			err = dec.Decode(&s.Name)
		case "title":
			err = dec.Decode(&s.Title)
		case "english":
			err = dec.Decode(&s.English)
		case "kind":
			err = dec.Decode(&s.Kind)
		case "parent":
			err = dec.Decode(&s.Parent)
		case "source":
			err = dec.Decode(&s.Source)
		case "licence":
			err = dec.Decode(&s.Licence)
		case "version":
			err = dec.Decode(&s.Version)
		case "made_up":
			err = dec.Decode(&s.MadeUp)
		case "crs":
			err = dec.Decode(&named)
			s.CRS = string(named)
		case "features":
			err = s.features(dec, fields)
		default:
			var skip json.RawMessage
			err = dec.Decode(&skip)
		}
		if err != nil {
			return fmt.Errorf("member %v: %w", key, err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return cmpError(nil, "something follows the collection")
	}
	if kind != "FeatureCollection" {
		return fmt.Errorf("type is %.40q, not FeatureCollection", kind)
	}
	return nil
}

func cmpError(err error, otherwise string) error {
	if err != nil {
		return err
	}
	return errors.New(otherwise)
}

func (s *Source) features(dec *json.Decoder, fields Fields) error {
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return cmpError(err, "not a list")
	}
	for dec.More() {
		if len(s.Features) >= maxFeatures {
			return fmt.Errorf("%w: over %d polygons", ErrTooLarge, maxFeatures)
		}
		var f struct {
			ID         json.RawMessage            `json:"id"`
			Properties map[string]json.RawMessage `json:"properties"`
			Geometry   *struct {
				Type        string          `json:"type"`
				Coordinates json.RawMessage `json:"coordinates"`
			} `json:"geometry"`
		}
		if err := dec.Decode(&f); err != nil {
			return fmt.Errorf("feature %d: %w", len(s.Features)+1, err)
		}
		out := Feature{Index: len(s.Features) + 1}
		out.properties(f.ID, f.Properties, fields)
		switch {
		case out.Fault != "":
		case f.Geometry == nil:
			out.Fault = FaultGeometry
		case f.Geometry.Type != "Polygon" && f.Geometry.Type != "MultiPolygon":
			out.Fault = FaultType
		default:
			var ok bool
			if out.Polygons, ok = parsePolygons(f.Geometry.Coordinates, f.Geometry.Type == "MultiPolygon"); !ok {
				out.Fault = FaultCoordinates
			}
		}
		s.Features = append(s.Features, out)
	}
	_, err := dec.Token()
	return err
}

// properties takes code, name, parent and the rest.
func (f *Feature) properties(id json.RawMessage, props map[string]json.RawMessage, fields Fields) {
	used := map[string]bool{}
	take := func(own string, names []string) json.RawMessage {
		if own != "" {
			used[own] = true
			return props[own]
		}
		for _, want := range names {
			for _, key := range sortedKeys(props) {
				if strings.ToLower(key) == want && !emptyValue(props[key]) {
					used[key] = true
					return props[key]
				}
			}
		}
		return nil
	}
	word := func(raw json.RawMessage) string {
		s, ok := asWord(raw)
		if !ok {
			f.Fault = FaultCode
		}
		return s
	}
	code := take(fields.Code, fieldNames.code)
	if fields.Code == "" && !emptyValue(id) {
		code = id
	}
	f.ID, f.Parent = word(code), word(take(fields.Parent, fieldNames.parent))
	if err := json.Unmarshal(cmpRaw(take(fields.Name, fieldNames.name), `""`), &f.Name); err != nil {
		f.Name = ""
	}
	f.MadeUp = truth(take("", fieldNames.madeUp))
	var named crs
	if raw, ok := props["crs"]; ok && json.Unmarshal(raw, &named) == nil {
		f.CRS, used["crs"] = string(named), true
	}
	rest := map[string]json.RawMessage{}
	for k, v := range props {
		if !used[k] {
			rest[k] = v
		}
	}
	if len(rest) > 0 {
		if b, err := json.Marshal(rest); err == nil && len(b) <= maxExtra {
			f.Extra = b
		}
	}
}

func sortedKeys(m map[string]json.RawMessage) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func emptyValue(raw json.RawMessage) bool {
	return len(raw) == 0 || string(raw) == "null" || string(raw) == `""`
}

func cmpRaw(raw json.RawMessage, otherwise string) json.RawMessage {
	if emptyValue(raw) {
		return json.RawMessage(otherwise)
	}
	return raw
}

// asWord is a string, which may be written as a whole number.
func asWord(raw json.RawMessage) (string, bool) {
	if emptyValue(raw) {
		return "", true
	}
	if raw[0] == '"' {
		var s string
		err := json.Unmarshal(raw, &s)
		return strings.TrimSpace(s), err == nil && utf8.ValidString(s)
	}
	if _, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return string(raw), true
	}
	return string(raw[:min(len(raw), 40)]), false
}

func truth(raw json.RawMessage) bool {
	switch strings.Trim(strings.ToLower(string(raw)), `"`) {
	case "true", "1", "是", "yes":
		return true
	}
	return false
}

// crs is a name, or the object {"properties": {"name": …}} of the 2008 format.
type crs string

func (c *crs) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var old struct {
			Properties struct {
				Name string `json:"name"`
			} `json:"properties"`
		}
		err := json.Unmarshal(b, &old)
		*c = crs(old.Properties.Name)
		return err
	}
	var s string
	err := json.Unmarshal(b, &s)
	*c = crs(s)
	return err
}

// parsePolygons reads coordinates, which are JSON already, without a slice for each number.
func parsePolygons(raw []byte, multi bool) (orb.MultiPolygon, bool) {
	p := &numbers{b: raw}
	var out orb.MultiPolygon
	polygon := func() bool {
		var rings orb.Polygon
		ok := p.list(func() bool {
			var ring orb.Ring
			ok := p.list(func() bool {
				at, n := orb.Point{}, 0
				ok := p.list(func() bool {
					v, ok := p.number()
					if n < 2 {
						at[n] = v
					}
					n++
					return ok
				})
				ring = append(ring, at)
				return ok && n >= 2
			})
			rings = append(rings, slices.Clip(ring))
			return ok
		})
		out = append(out, rings)
		return ok
	}
	ok := false
	if multi {
		ok = p.list(polygon)
	} else {
		ok = polygon()
	}
	return out, ok
}

// numbers walks nested lists of numbers.
type numbers struct {
	b  []byte
	at int
}

func (p *numbers) next() byte {
	for ; p.at < len(p.b); p.at++ {
		if c := p.b[p.at]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

// list calls member for each member of a list.
func (p *numbers) list(member func() bool) bool {
	if p.next() != '[' {
		return false
	}
	p.at++
	if p.next() == ']' {
		p.at++
		return true
	}
	for member() {
		switch p.next() {
		case ',':
			p.at++
		case ']':
			p.at++
			return true
		default:
			return false
		}
	}
	return false
}

func (p *numbers) number() (float64, bool) {
	p.next()
	from := p.at
	for p.at < len(p.b) && strings.IndexByte("+-.eE0123456789", p.b[p.at]) >= 0 {
		p.at++
	}
	v, err := strconv.ParseFloat(string(p.b[from:p.at]), 64)
	return v, err == nil
}
