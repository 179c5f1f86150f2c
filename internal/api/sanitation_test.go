package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/store"
)

// TestPositions sends positions with the key of the platform, twice, and with what is wrong.
func TestPositions(t *testing.T) {
	each(t, func(t *testing.T, e env) {
		e.t = t
		system := access.SystemScope(e.Pack.District, "a test")
		if err := e.DB.Write(t.Context(), func(tx *store.Tx) error { return e.Gate.FixKey(tx, system, "gps-clean", "a platform's key", e.Clock()) }); err != nil {
			t.Fatal(err)
		}
		send := func(key, body string) (int, map[string]any) {
			t.Helper()
			r := httptest.NewRequest(http.MethodPost, "/api/v1/sanitation/positions", bytes.NewReader([]byte(body)))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Api-Key", key)
			w := httptest.NewRecorder()
			e.Handler().ServeHTTP(w, r)
			var out map[string]any
			_ = json.Unmarshal(w.Body.Bytes(), &out)
			return w.Code, out
		}
		x := e.Pack.Sanitation.Segments[0]
		at := e.Clock().Add(-time.Minute).Format(time.RFC3339)
		one := func(device, more string) string {
			p, _ := json.Marshal(map[string]any{"device": device, "time": at, "lon": x.Line[1].Lon, "lat": x.Line[1].Lat, "speed": 8, "heading": 293, "brush": true})
			return `{"crs":"wgs84","positions":[` + string(p[:len(p)-1]) + more + `}]}`
		}
		for name, c := range map[string]struct {
			key, body string
			code      int
		}{
			"no key":        {"", one("999000000001", ""), 403},
			"wrong key":     {"guess", one("999000000001", ""), 403},
			"no JSON":       {"a platform's key", `{"positions":`, 400},
			"unknown field": {"a platform's key", one("999000000001", `,"driver":"x"`), 400},
			"no positions":  {"a platform's key", `{"positions":[]}`, 413},
			"speed":         {"a platform's key", one("999000000001", `,"speed":900`), 422},
			"system":        {"a platform's key", `{"crs":"mars","positions":[{"device":"x"}]}`, 422},
		} {
			if code, out := send(c.key, c.body); code != c.code {
				t.Errorf("%s: %d %v", name, code, out)
			}
		}
		for i, want := range []float64{1, 0} {
			code, out := send("a platform's key", one("999000000001", ""))
			if code != 200 || out["new"] != want || out["again"] != 1-want {
				t.Errorf("%d: %d %v", i, code, out)
			}
		}
		if code, out := send("a platform's key", one("999000000099", "")); code != 200 || len(out["unknown"].([]any)) != 1 {
			t.Errorf("%d %v", code, out)
		}
		v, err := e.Site.Sanitation.Coverage(t.Context(), system, e.Clock().Format(time.DateOnly), "")
		if err != nil || v.Positions != 1 || v.Swept == 0 {
			t.Errorf("%+v %v", v, err)
		}
	})
}
