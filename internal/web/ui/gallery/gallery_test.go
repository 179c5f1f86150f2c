package gallery

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"weixiao/internal/web/uitest"
)

func TestMain(m *testing.M) { uitest.Main(m) }

func serve(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(Handler())
	t.Cleanup(s.Close)
	return s.URL
}

func name(s string) string {
	return strings.Trim(strings.NewReplacer("/", "", "?", "-", "=", "", "&", "-").Replace(s), "-")
}

// TestPages opens every sample page in both languages, both sizes and on the
// screens it is made for: nothing may be wrong for axe, stick out, log an error or
// break the policy.
func TestPages(t *testing.T) {
	url := serve(t)
	phone := []uitest.Size{uitest.Phone, uitest.Narrow, uitest.Desk}
	desk := []uitest.Size{uitest.Desk, uitest.Phone}
	sizes := map[string][]uitest.Size{
		"/inbox": desk, "/case": desk, "/intake": desk, "/charts": desk,
		"/wall": {uitest.Wall, {W: 1366, H: 768}, uitest.Phone},
	}
	for _, path := range Paths() {
		screens := sizes[path]
		variants := []string{""}
		if screens == nil {
			screens = phone
			variants = []string{"", "?elder=1", "?lang=en"}
		}
		for _, v := range variants {
			t.Run(name(path+v), func(t *testing.T) {
				tab := uitest.New(t, screens[0])
				for i, size := range screens {
					if i > 0 {
						tab.Resize(size)
					}
					tab.Open(url + path + v)
					tab.Axe()
					if size.W != uitest.Narrow.W {
						tab.Shot(fmt.Sprintf("%s-%d", name(path+v), size.W))
					}
				}
			})
		}
	}
}

// TestWeight keeps whole pages, compressed and cold, within the budgets of the
// front end: what a phone has to load before anything can be read.
func TestWeight(t *testing.T) {
	url := serve(t)
	for path, budget := range map[string]struct{ html, total int }{
		"/report": {8, 40}, "/check": {8, 40}, "/track": {8, 40}, "/place": {8, 95}, "/field": {10, 45},
		"/inbox": {15, 55}, "/case": {15, 95}, "/intake": {15, 95}, "/leader": {20, 45}, "/wall": {20, 200},
	} {
		page, size := fetch(t, url+path)
		if size > budget.html*1024 {
			t.Errorf("%s: %d bytes of HTML, budget %d KB", path, size, budget.html)
		}
		total := size
		for _, m := range regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`).FindAllStringSubmatch(page, -1) {
			_, n := fetch(t, url+m[1])
			total += n
		}
		if total > budget.total*1024 {
			t.Errorf("%s: %d bytes in all, budget %d KB", path, total, budget.total)
		}
		t.Logf("%-8s HTML %5d, all %6d bytes", path, size, total)
	}
}

// fetch gives a text and how long it is compressed.
func fetch(t *testing.T, url string) (string, int) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatal(url, res.Status, err)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return string(raw), b.Len()
}
