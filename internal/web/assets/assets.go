// Package assets holds the styles and scripts of the pages and serves them.
//
//	css/          the four style sheets as written
//	islands/      the scripts as written, TypeScript without a framework
//	third_party/  htmx and Leaflet, unchanged, with their licences
//	build/        the bundler: go run ./internal/web/assets/build
//	dist/         what it made: small, minified, committed, embedded here
//	assets.go     URL, Handler
//
// A page asks for "page.js" or "ui.css" by URL and gets an address with a hash of
// the content, so that browsers may keep the file for ever and still get the new
// one after an update. Nothing here needs inline scripts, inline style elements
// or eval; the policy is default-src 'none' with everything from 'self'.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// CSP is the content security policy the pages are made for. Bars and map labels
// set their width and place in style attributes; nothing else is inline.
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; " +
	"img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"

// Prefix is where Handler has to be mounted.
const Prefix = "/assets/"

//go:embed dist
var dist embed.FS

// file is one asset, ready to send.
type file struct {
	name   string // page.js
	url    string // /assets/page.3f2a9c01b4.js
	kind   string
	plain  []byte
	packed []byte // gzip, nil when it does not pay
}

var types = map[string]string{
	".js":  "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
}

// all reads the embedded files once, at the first use: hash and compress.
var all = sync.OnceValue(func() map[string]*file {
	out := map[string]*file{}
	entries, err := dist.ReadDir("dist")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		raw, err := dist.ReadFile("dist/" + e.Name())
		if err != nil {
			panic(err)
		}
		ext := path.Ext(e.Name())
		sum := sha256.Sum256(raw)
		f := &file{name: e.Name(), kind: types[ext], plain: raw}
		f.url = Prefix + strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:5]) + ext
		if p := pack(raw); len(p) < len(raw) {
			f.packed = p
		}
		out[e.Name()] = f
	}
	return out
})

func pack(raw []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	if _, err := w.Write(raw); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// URL is the address of an asset, such as URL("page.js"). A name that does not
// exist is a mistake of the program and panics.
func URL(name string) string {
	f, ok := all()[name]
	if !ok {
		panic(fmt.Sprintf("assets: no file %q in dist; run go run ./internal/web/assets/build", name))
	}
	return f.url
}

// Source is the content of an asset, for a page that serves it under an address of
// its own. A name that does not exist is a mistake of the program and panics.
func Source(name string) []byte {
	f, ok := all()[name]
	if !ok {
		panic(fmt.Sprintf("assets: no file %q in dist; run go run ./internal/web/assets/build", name))
	}
	return bytes.Clone(f.plain)
}

// Handler serves everything under Prefix. Addresses without the right hash are
// answered with 404, so that an old page never gets a script of another version.
func Handler() http.Handler {
	byURL := map[string]*file{Prefix + "licences": all()["licences.txt"]}
	for _, f := range all() {
		byURL[f.url] = f
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := byURL[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		if r.URL.Path == f.url {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		body := f.plain
		if f.packed != nil && acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body = f.packed
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(body) // a client that went away is not our error
		}
	})
}

func acceptsGzip(header string) bool {
	for _, part := range strings.Split(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
