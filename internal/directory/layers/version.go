package layers

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/geo"
	"weixiao/internal/store"
)

// Version is one version of a layer. Its number stands in Number; geo.About.Version is the same as text.
type Version struct {
	geo.About
	Number    int64
	State     string
	Areas     int64
	Digest    []byte // over all areas
	Findings  []geo.Finding
	Created   int64 // µs UTC
	Changed   int64
	Published int64 // 0: never was
}

// Time is a moment of a version.
func Time(us int64) time.Time { return time.UnixMicro(us) }

// Area is one area of a version.
type Area struct {
	geo.Shape
	Extra json.RawMessage
	Hash  []byte
}

const versionColumns = `layer, version, state, kind, title, english, parent, source, licence, made_up, areas, digest, findings, created, changed, published`

func scanVersion(r store.Scanner) (v Version, err error) {
	var madeUp int64
	var findings string
	if err = r.Scan(&v.Name, &v.Number, &v.State, &v.Kind, &v.Title, &v.English, &v.Parent, &v.Source, &v.Licence, &madeUp, &v.Areas, &v.Digest, &findings,
		&v.Created, &v.Changed, &v.Published); err != nil {
		return v, err
	}
	v.MadeUp, v.Version = madeUp == 1, strconv.FormatInt(v.Number, 10)
	if err := json.Unmarshal([]byte(findings), &v.Findings); err != nil {
		return v, fmt.Errorf("layers: findings of %s version %d: %w", v.Name, v.Number, err)
	}
	return v, nil
}

func inState(tx *store.Tx, district, state string) ([]Version, error) {
	return store.All(tx, scanVersion, `SELECT `+versionColumns+` FROM layer_versions WHERE district = $1 AND state = $2 ORDER BY layer`, district, state)
}

func getVersion(tx *store.Tx, district, layer string, number int64) (Version, error) {
	found, err := store.All(tx, scanVersion, `SELECT `+versionColumns+` FROM layer_versions WHERE district = $1 AND layer = $2 AND version = $3`, district, layer, number)
	if err == nil && len(found) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return Version{}, err
	}
	return found[0], nil
}

// Versions lists the stored versions of a layer, newest first, up to 100 before the number (0: from the newest).
func (l *Layers) Versions(tx *store.Tx, layer string, before int64) ([]Version, error) {
	if before == 0 {
		before = 1 << 62
	}
	return store.All(tx, scanVersion, `SELECT `+versionColumns+` FROM layer_versions WHERE district = $1 AND layer = $2 AND version < $3 ORDER BY version DESC LIMIT 100`,
		l.district, layer, before)
}

// Get is one version. Version 1 of a layer that only the pack has is the pack's.
func (l *Layers) Get(tx *store.Tx, layer string, number int64) (Version, error) {
	v, err := getVersion(tx, l.district, layer, number)
	if err != nil && number == 1 {
		if own := l.packLayer(layer); own != nil {
			return ownVersion(own), nil
		}
	}
	return v, err
}

// packLayer is the pack's own layer of that name, nil for none.
func (l *Layers) packLayer(name string) *geo.Layer {
	if i := slices.IndexFunc(l.own, func(x *geo.Layer) bool { return x.Name == name }); i >= 0 {
		return l.own[i]
	}
	return nil
}

func ownVersion(own *geo.Layer) Version {
	v := Version{About: own.About, Number: 1, State: statePublished, Areas: int64(len(own.Areas()))}
	v.Version = "1"
	return v
}

func insertVersion(tx *store.Tx, district string, v Version) error {
	findings, err := findingsJSON(v.Findings)
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO layer_versions (district, layer, version, state, kind, title, english, parent, source, licence, made_up, areas, digest, findings, created, changed, published)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		district, v.Name, v.Number, v.State, v.Kind, v.Title, v.English, v.Parent, v.Source, v.Licence, flag(v.MadeUp), v.Areas, v.Digest, findings, v.Created, v.Changed, v.Published)
}

func updateVersion(tx *store.Tx, district string, v Version) error {
	findings, err := findingsJSON(v.Findings)
	if err != nil {
		return err
	}
	return tx.Exec(`UPDATE layer_versions SET state = $4, areas = $5, digest = $6, findings = $7, changed = $8, published = $9 WHERE district = $1 AND layer = $2 AND version = $3`,
		district, v.Name, v.Number, v.State, v.Areas, v.Digest, findings, v.Changed, v.Published)
}

func findingsJSON(f []geo.Finding) (string, error) {
	if len(f) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(f)
	return string(b), err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

const areaColumns = `code, name, parent, made_up, extra, geometry, hash`

func scanArea(r store.Scanner) (a Area, err error) {
	var madeUp int64
	var extra string
	var geometry []byte
	if err = r.Scan(&a.ID, &a.Name, &a.Parent, &madeUp, &extra, &geometry, &a.Hash); err != nil {
		return a, err
	}
	a.MadeUp = madeUp == 1
	if extra != "" {
		a.Extra = json.RawMessage(extra)
	}
	if a.Polygons, err = decode(geometry); err != nil {
		return a, fmt.Errorf("%w: area %s", err, a.ID)
	}
	return a, nil
}

// Areas lists areas of a version by code, up to limit after the code. Those of a version that only the pack has come from the pack.
func (l *Layers) Areas(tx *store.Tx, v Version, after string, limit int) ([]Area, error) {
	if l.ownOnly(v) {
		var out []Area
		own := l.packLayer(v.Name)
		for _, a := range own.Areas() {
			if a.ID > after && len(out) < limit {
				s, _ := own.Shape(a.ID)
				out = append(out, newArea(s, nil))
			}
		}
		return out, nil
	}
	return store.All(tx, scanArea, `SELECT `+areaColumns+` FROM layer_areas WHERE district = $1 AND layer = $2 AND version = $3 AND code > $4 ORDER BY code LIMIT $5`,
		l.district, v.Name, v.Number, after, int64(limit))
}

// Area is one area of a version, or store.ErrNotFound.
func (l *Layers) Area(tx *store.Tx, v Version, code string) (Area, error) {
	if l.ownOnly(v) {
		if s, ok := l.packLayer(v.Name).Shape(code); ok {
			return newArea(s, nil), nil
		}
		return Area{}, store.ErrNotFound
	}
	return getArea(tx, l.district, v, code)
}

func getArea(tx *store.Tx, district string, v Version, code string) (Area, error) {
	found, err := store.All(tx, scanArea, `SELECT `+areaColumns+` FROM layer_areas WHERE district = $1 AND layer = $2 AND version = $3 AND code = $4`, district, v.Name, v.Number, code)
	if err == nil && len(found) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return Area{}, err
	}
	return found[0], nil
}

// ownOnly reports whether the version is the pack's and was not stored yet.
func (l *Layers) ownOnly(v Version) bool { return v.Number == 1 && v.Created == 0 }

func allAreas(tx *store.Tx, district string, v Version) ([]Area, error) {
	return store.All(tx, scanArea, `SELECT `+areaColumns+` FROM layer_areas WHERE district = $1 AND layer = $2 AND version = $3 ORDER BY code`, district, v.Name, v.Number)
}

func loadLayer(tx *store.Tx, district string, v Version) (*geo.Layer, error) {
	areas, err := allAreas(tx, district, v)
	if err != nil {
		return nil, err
	}
	shapes := make([]geo.Shape, len(areas))
	for i, a := range areas {
		shapes[i] = a.Shape
	}
	return geo.NewLayer(v.About, shapes)
}

// newArea makes the row of a shape, rounded as it will be read.
func newArea(s geo.Shape, extra json.RawMessage) Area {
	geometry := encode(s.Polygons)
	s.Polygons, _ = decode(geometry) // what encode wrote can be read
	a := Area{Shape: s, Extra: extra}
	a.Hash = areaHash(a, geometry)
	return a
}

func areaHash(a Area, geometry []byte) []byte {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(a.ID), []byte(a.Name), []byte(a.Parent), []byte(strconv.FormatBool(a.MadeUp)), a.Extra, geometry} {
		fmt.Fprintf(h, "%d ", len(part))
		h.Write(part)
	}
	return h.Sum(nil)
}

func insertArea(tx *store.Tx, district, layer string, version int64, a Area) error {
	return tx.Exec(`INSERT INTO layer_areas (district, layer, version, code, name, parent, made_up, extra, geometry, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (district, layer, version, code) DO UPDATE SET name = excluded.name, parent = excluded.parent, made_up = excluded.made_up, extra = excluded.extra,
			geometry = excluded.geometry, hash = excluded.hash`,
		district, layer, version, a.ID, a.Name, a.Parent, flag(a.MadeUp), string(a.Extra), encode(a.Polygons), a.Hash)
}

// digester makes the digest of a version: over the codes and hashes of its areas, by code.
type digester struct {
	h hash.Hash
	n int64
}

func newDigester() *digester { return &digester{h: sha256.New()} }

func (d *digester) add(code string, hash []byte) {
	fmt.Fprintf(d.h, "%d %s %d ", len(code), code, len(hash))
	d.h.Write(hash)
	d.n++
}

// digestRows is the digest and the number of a version's areas as their rows say.
func digestRows(tx *store.Tx, district, layer string, version int64) ([]byte, int64, error) {
	d := newDigester()
	err := tx.Each(`SELECT code, hash FROM layer_areas WHERE district = $1 AND layer = $2 AND version = $3 ORDER BY code`, []any{district, layer, version}, func(r store.Scanner) error {
		var code string
		var hash []byte
		if err := r.Scan(&code, &hash); err != nil {
			return err
		}
		d.add(code, hash)
		return nil
	})
	return d.h.Sum(nil), d.n, err
}

// Entry is one layer with the version in force and those that may follow it.
type Entry struct {
	geo.About
	InForce int64 // number of the version in force, 0: none yet
	Areas   int64
	Next    []Version // drafts and checked versions, newest first
}

// List lists the layers of the district from the district downwards.
func (l *Layers) List(tx *store.Tx) ([]Entry, error) {
	atlas := l.Atlas()
	var out []Entry
	at := map[string]int{}
	for _, layer := range atlas.Layers() {
		at[layer.Name] = len(out)
		out = append(out, Entry{About: layer.About, InForce: l.InForce(layer.Name), Areas: int64(len(layer.Areas()))})
	}
	for _, state := range []string{stateDraft, stateChecked} {
		next, err := inState(tx, l.district, state)
		if err != nil {
			return nil, err
		}
		for _, v := range next {
			i, ok := at[v.Name]
			if !ok {
				i = len(out)
				at[v.Name] = i
				out = append(out, Entry{About: v.About})
			}
			out[i].Next = append(out[i].Next, v)
		}
	}
	for i := range out {
		slices.SortFunc(out[i].Next, func(a, b Version) int { return int(b.Number - a.Number) })
	}
	return out, nil
}

// Found is an area that a search found.
type Found struct {
	Layer *geo.Layer
	Area  geo.Area
	At    geo.Point
}

// Find looks in the layers in force for areas whose code begins with the words or whose name contains them, up to limit.
func (l *Layers) Find(q string, limit int) []Found {
	q = strings.TrimSpace(q)
	var out []Found
	if q == "" {
		return nil
	}
	for _, layer := range l.Atlas().Layers() {
		for _, a := range layer.Areas() {
			if len(out) >= limit {
				return out
			}
			if strings.HasPrefix(a.ID, q) || strings.Contains(a.Name, q) {
				p, _ := layer.LabelPoint(a.ID)
				out = append(out, Found{layer, a, p})
			}
		}
	}
	return out
}
