package public

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strings"

	"weixiao/internal/words"
)

// baseMap is the district's own map for the picker: its border and those of its
// streets and towns, as the pack brings them. It shows no case.
type baseMap struct {
	plain, packed []byte
	version       string
	notes         map[words.Lang]string
}

// note names the source of the borders and says which are made up.
func (b baseMap) note(lang words.Lang) string { return b.notes[lang] }

// feature is one shape; the picker draws it by its kind.
type feature struct {
	Type       string            `json:"type"`
	Properties map[string]string `json:"properties"`
	Geometry   json.RawMessage   `json:"geometry"`
}

// drawBase puts the layers together. A pack without layers gives an empty map;
// the address can always be typed.
func (p *pages) drawBase() baseMap {
	b := baseMap{version: p.Pack.Version, notes: map[words.Lang]string{}}
	all := []feature{}
	var zh, en []string
	for _, x := range []struct{ layer, kind string }{{"district", "district"}, {"towns", "town"}} {
		l, ok := p.Pack.Layer(x.layer)
		if !ok {
			continue
		}
		var c struct {
			Features []struct {
				Properties struct {
					Code string `json:"code"`
				} `json:"properties"`
				Geometry json.RawMessage `json:"geometry"`
			} `json:"features"`
		}
		if json.Unmarshal(l.GeoJSON, &c) != nil {
			continue // the pack was checked when it was loaded
		}
		zh, en = append(zh, l.Title), append(en, l.English)
		for _, f := range c.Features {
			props := map[string]string{"kind": x.kind}
			if u, ok := p.Pack.Directory.ByCode(f.Properties.Code); ok && x.kind != "district" {
				props["name"] = u.Short
			}
			all = append(all, feature{"Feature", props, f.Geometry})
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
