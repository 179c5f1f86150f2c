package assets

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, method, path, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHandler(t *testing.T) {
	for name := range all() {
		res := get(t, "GET", URL(name), "")
		if res.StatusCode != 200 {
			t.Fatalf("%s: %d", name, res.StatusCode)
		}
		plain := body(t, res.Body)
		if plain != string(all()[name].plain) {
			t.Errorf("%s: another content", name)
		}
		h := res.Header
		if !strings.Contains(h.Get("Cache-Control"), "immutable") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") == "" || h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: headers %v", name, h)
		}
		res = get(t, "GET", URL(name), "br, gzip;q=0.8")
		if res.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: not compressed", name)
			continue
		}
		z, err := gzip.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if body(t, z) != plain {
			t.Errorf("%s: compressed content differs", name)
		}
	}
}

func TestHandlerRefuses(t *testing.T) {
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/assets/page.js", 404},
		{"GET", "/assets/page.0000000000.js", 404},
		{"GET", "/assets/", 404},
		{"GET", "/assets/../assets.go", 404},
		{"GET", "/assets/dist/page.js", 404},
		{"POST", URL("page.js"), 405},
		{"HEAD", URL("page.js"), 200},
		{"GET", "/assets/licences", 200},
	} {
		res := get(t, c.method, c.path, "")
		if res.StatusCode != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, res.StatusCode, c.want)
		}
		if c.method == "HEAD" && (body(t, res.Body) != "" || res.Header.Get("Content-Length") == "0") {
			t.Error("HEAD must have a length and no body")
		}
	}
	if text := body(t, get(t, "GET", "/assets/licences", "").Body); !strings.Contains(text, "Zero-Clause BSD") || !strings.Contains(text, "BSD 2-Clause") {
		t.Error("the licences of htmx and Leaflet are not served")
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"gzip": true, "gzip, deflate, br": true, "br;q=1.0, gzip;q=0.5": true, "": false, "br": false, "gzip;q=0": false, "deflate, gzip; q=0": false, "GZIP": true, "xgzip": false,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

func TestURLUnknown(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an unknown asset has an address")
		}
	}()
	URL("nope.js")
}
