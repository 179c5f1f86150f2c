package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestDistIsFresh bundles again in memory: what is committed must be what the
// sources make.
func TestDistIsFresh(t *testing.T) {
	files, err := bundle("..")
	if err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadDir("../dist")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range old {
		if _, ok := files[e.Name()]; !ok {
			t.Errorf("dist/%s comes from nowhere", e.Name())
		}
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("../dist", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("dist/%s is stale (%v); run go run ./internal/web/assets/build", name, err)
		}
	}
}

func packed(t *testing.T, raw []byte) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// TestBudgets keeps what a page loads, compressed, within what the front end
// allows: bytes on the wire with a cold cache.
func TestBudgets(t *testing.T) {
	for _, c := range []struct {
		page  string
		files []string
		kilo  int
	}{
		{"any file: styles", []string{"ui.css"}, 6},
		{"resident question, styles", []string{"ui.css", "citizen.css"}, 8},
		{"resident question, scripts", []string{"page.js"}, 20},
		{"resident map, styles", []string{"ui.css", "citizen.css", "map.css"}, 16},
		{"resident map, scripts", []string{"page.js", "map.js"}, 70},
		{"inbox, styles", []string{"ui.css", "desk.css"}, 10},
		{"inbox, scripts", []string{"htmx.js", "page.js", "desk.js", "live.js"}, 30},
		{"work order with map, scripts", []string{"htmx.js", "page.js", "desk.js", "live.js", "map.js"}, 70},
		{"field, styles", []string{"ui.css", "citizen.css", "field.css"}, 10},
		{"field, scripts", []string{"field.js"}, 25},
		{"wall, styles", []string{"ui.css", "screen.css"}, 10},
		{"wall, scripts", []string{"htmx.js", "page.js", "live.js"}, 75},
	} {
		sum := 0
		for _, f := range c.files {
			raw, err := os.ReadFile(filepath.Join("../dist", f))
			if err != nil {
				t.Fatal(err)
			}
			sum += packed(t, raw)
		}
		if sum > c.kilo*1024 {
			t.Errorf("%s: %d bytes compressed, budget %d KB", c.page, sum, c.kilo)
		}
	}
}

// TestFieldScript keeps all scripts of the field app, as they lie on a phone and not
// only on the wire, under 60 KB.
func TestFieldScript(t *testing.T) {
	sum := 0
	for _, f := range []string{"field.js", "fieldworker.js"} {
		raw, err := os.ReadFile(filepath.Join("../dist", f))
		if err != nil {
			t.Fatal(err)
		}
		sum += len(raw)
	}
	t.Logf("field app: %d bytes of script", sum)
	if sum > 60*1024 {
		t.Errorf("the field app has %d bytes of script, at most 60 KB are allowed", sum)
	}
}

// TestNothingForbidden: the policy knows no eval and no outside address, and old
// browsers know no newer syntax than ES2018.
func TestNothingForbidden(t *testing.T) {
	for name, re := range map[string]*regexp.Regexp{
		"eval":              regexp.MustCompile(`\beval\(|new Function\(|[^.\w]Function\(`),
		"outside address":   regexp.MustCompile(`(?:src|href|fetch|import|url)\s*[=(:]\s*["'(]https?://`),
		"optional chaining": regexp.MustCompile(`[\w)\]]\?\.[a-zA-Z_$\[(]`),
		"nullish":           regexp.MustCompile(`[\w)\]]\?\?[\w("'\[{]`),
	} {
		entries, err := filepath.Glob("../dist/*.js")
		if err != nil || len(entries) == 0 {
			t.Fatal("no scripts in dist", err)
		}
		for _, path := range entries {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			// htmx writes a script for hx-on, which we never use; Leaflet links its home
			// from a control that is off
			if name == "optional chaining" && filepath.Base(path) == "htmx.js" {
				continue
			}
			raw = bytes.ReplaceAll(raw, []byte(`<a href="https://leafletjs.com"`), nil)
			if at := re.FindIndex(raw); at != nil {
				t.Errorf("%s: %s: …%s…", filepath.Base(path), name, raw[max(0, at[0]-40):min(len(raw), at[1]+40)])
			}
		}
	}
}
