package field

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"weixiao/internal/store"
	"weixiao/internal/web/assets"
	"weixiao/internal/words"
)

// shell is the app without data: one page, the same for everybody, in both languages.
// Its version is a hash of all it consists of, so a phone fetches it again exactly
// when something changed.
type shell struct {
	version string
	html    []byte
	script  []byte // the service worker
}

// shellFiles are the styles and scripts of the shell.
func shellFiles() []string {
	return []string{assets.URL("ui.css"), assets.URL("citizen.css"), assets.URL("field.css"), assets.URL("field.js"), assets.URL("mark.svg")}
}

// makeShell draws the page and hashes it.
func (f *Field) makeShell() *shell {
	text, err := json.Marshal(map[string]any{
		"zh-CN": words.Under(words.ZH, "fieldwork.app."), "en": words.Under(words.EN, "fieldwork.app."),
		"name": map[string]string{"zh-CN": f.s.Pack.Directory.Root().Name, "en": f.s.Pack.Directory.Root().English}, "note": f.s.Note, "phone": f.s.Phone,
	})
	if err != nil {
		panic(err) // strings only
	}
	s := &shell{}
	draw := func() []byte {
		var b bytes.Buffer
		if err := shellPage(f.brand(words.ZH), s.version, string(text)).Render(context.Background(), &b); err != nil {
			panic(fmt.Sprintf("field: %v", err)) // an icon that does not exist
		}
		return b.Bytes()
	}
	source := assets.Source("fieldworker.js")
	sum := sha256.Sum256(append(draw(), source...))
	s.version = hex.EncodeToString(sum[:6])
	s.html = draw()
	list, err := json.Marshal(append([]string{"/field", "/field/app.webmanifest"}, shellFiles()...))
	if err != nil {
		panic(err)
	}
	s.script = append([]byte(fmt.Sprintf("self.SHELL={version:%q,files:%s};\n", s.version, list)), source...)
	return s
}

func (f *Field) brand(lang words.Lang) string { return words.T(lang, "fieldwork.app.title") }

// page sends the shell. It holds no data, so it may lie on the phone; the service
// worker decides when it is fetched again.
func (f *Field) page(w http.ResponseWriter, r *http.Request) error {
	return static(w, r, "text/html; charset=utf-8", f.shell.html)
}

// worker sends the service worker, which may look after /field itself.
func (f *Field) worker(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Service-Worker-Allowed", "/field")
	return static(w, r, "text/javascript; charset=utf-8", f.shell.script)
}

// static sends something that is checked anew each time and sent only when it changed.
func static(w http.ResponseWriter, r *http.Request, kind string, body []byte) error {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	write(w, r, http.StatusOK, body)
	return nil
}

// write sends a body packed when the phone can unpack it: signals are thin outside.
func write(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if len(body) > 1400 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body) // memory only
		_ = z.Close()
		body = b.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the phone has gone
}

// manifest makes the page an app: a name and a sign on the home screen, no bar of the
// browser around it.
func (f *Field) manifest(w http.ResponseWriter, r *http.Request) error {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose"`
	}
	body, err := json.Marshal(struct {
		ID         string `json:"id"`
		Name       string `json:"name"`
		Short      string `json:"short_name"`
		Lang       string `json:"lang"`
		Start      string `json:"start_url"`
		Scope      string `json:"scope"`
		Display    string `json:"display"`
		Background string `json:"background_color"`
		Theme      string `json:"theme_color"`
		Icons      []icon `json:"icons"`
	}{"/field", f.s.Pack.Directory.Root().Name + f.brand(words.ZH), f.brand(words.ZH), string(words.ZH), "/field", "/field", "standalone", "#f4f6f9", "#1a55c8",
		[]icon{{"/field/icons/192.png", "192x192", "image/png", "any maskable"}, {"/field/icons/512.png", "512x512", "image/png", "any maskable"}, {"/field/icons/sign.svg", "any", "image/svg+xml", "any"}}})
	if err != nil {
		return fmt.Errorf("field: %w", err)
	}
	return static(w, r, "application/manifest+json", body)
}

// icon sends the sign: as SVG, or drawn in one of the sizes home screens want.
func (f *Field) icon(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if name == "sign.svg" {
		return static(w, r, "image/svg+xml", assets.Source("mark.svg"))
	}
	body, ok := signs()[name]
	if !ok {
		return store.ErrNotFound
	}
	return static(w, r, "image/png", body)
}

// dataBlock is JSON in the page for the script: not run, so the policy has nothing
// against it. encoding/json writes < as \u003c, so it cannot end early.
func dataBlock(id, text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<script type="application/json" id="`+id+`">`+text+`</script>`)
		return err
	})
}
