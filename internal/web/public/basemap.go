package public

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"weixiao/internal/directory"
	"weixiao/internal/geo"
	"weixiao/internal/words"
)

// baseMap is the district's own map for the picker: its border and those of its
// streets and towns, of the layers in force. It shows no case.
type baseMap struct {
	of            *directory.Atlas
	plain, packed []byte
	version       string
	notes         map[words.Lang]string
}

// note names the source of the borders and says which are made up.
func (b *baseMap) note(lang words.Lang) string { return b.notes[lang] }

// feature is one shape; the picker draws it by its kind.
type feature struct {
	Type       string            `json:"type"`
	Properties map[string]string `json:"properties"`
	Geometry   json.RawMessage   `json:"geometry"`
}

// base is the map of the layers in force, drawn at its first use.
func (p *pages) base() *baseMap {
	of := p.Layers.Atlas()
	if b := p.drawn.Load(); b != nil && b.of == of {
		return b
	}
	b := p.drawBase(of)
	p.drawn.Store(b)
	return b
}

// drawBase puts the layers together. A district without layers has an empty map;
// the address can always be typed.
func (p *pages) drawBase(of *directory.Atlas) *baseMap {
	b := &baseMap{of: of, version: p.Pack.Version, notes: map[words.Lang]string{}}
	all := []feature{}
	var zh, en []string
	for _, kind := range []string{directory.LayerDistrict, directory.LayerTown} {
		l, ok := of.OfKind(kind)
		if !ok {
			continue
		}
		b.version += "-" + strconv.FormatInt(p.Layers.InForce(l.Name), 10)
		zh, en = append(zh, l.Title), append(en, l.English)
		for _, a := range l.Areas() {
			shape, _ := l.Shape(a.ID)
			var drawn struct{ Geometry json.RawMessage }
			raw, err := geo.FeatureJSON(shape)
			if err != nil || json.Unmarshal(raw, &drawn) != nil {
				continue // a layer's own shapes can be written and read
			}
			props := map[string]string{"kind": kind}
			if u, ok := p.Pack.Directory.ByCode(a.ID); ok && kind != directory.LayerDistrict {
				props["name"] = u.Short
				if u.English != "" {
					props["english"] = u.English
				}
			}
			all = append(all, feature{"Feature", props, drawn.Geometry})
		}
	}
	b.notes[words.ZH] = strings.Join(zh, words.T(words.ZH, "word.list.comma"))
	b.notes[words.EN] = strings.Join(en, words.T(words.EN, "word.list.comma"))
	b.plain, _ = json.Marshal(map[string]any{"type": "FeatureCollection", "features": all}) // plain values cannot fail
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	_, _ = g.Write(b.plain) // into memory
	_ = g.Close()
	b.packed = z.Bytes()
	return b
}

func (p *pages) baseMap(w http.ResponseWriter, r *http.Request) error {
	b := p.base()
	h := w.Header()
	h.Set("Content-Type", "application/geo+json")
	h.Set("Vary", "Accept-Encoding")
	if r.URL.Query().Get("v") == b.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body := b.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = b.packed
	}
	_, _ = w.Write(body) // the client has gone; nothing to do
	return nil
}
