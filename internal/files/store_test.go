package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	schemas = []store.Schema{Schema}
	noon    = time.Date(2022, 11, 23, 4, 0, 0, 0, time.UTC)
)

const district = "220605"

// openIn is open with the folder, for tests that look behind the store's back.
func openIn(t *testing.T, l Limits) (*Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	s, err := Open(dir, l, noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func fake(n int) []*Photo {
	out := make([]*Photo, n)
	for i := range out {
		out[i] = &Photo{Full: fmt.Appendf(nil, "full %d", i), Thumb: fmt.Appendf(nil, "thumb %d", i), Width: 16, Height: 9}
	}
	return out
}

func mustPut(t *testing.T, s *Store, n int) []File {
	t.Helper()
	files, err := s.Put(t.Context(), district, fake(n)...)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func attach(db *store.DB, s *Store, subject string, files []File) error {
	return db.Write(context.Background(), func(tx *store.Tx) error {
		return s.Attach(tx, district, "case", subject, files, "a1", noon)
	})
}

func of(t *testing.T, db *store.DB, subject string) []File {
	t.Helper()
	files, err := store.Get(t.Context(), db, func(tx *store.Tx) ([]File, error) { return Of(tx, district, "case", subject) })
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func blobs(t *testing.T, dir string) (paths []string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			paths = append(paths, rel)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestPutAttachOf(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		s, dir := openIn(t, Limits{})
		files := mustPut(t, s, 3)
		if n := len(blobs(t, dir)); n != 6 {
			t.Fatalf("%d blobs before the rows", n)
		}
		if err := attach(db, s, "c1", files); err != nil {
			t.Fatal(err)
		}
		doc, err := s.PutDocument(t.Context(), district, &Document{Body: []byte("%PDF"), Media: "application/pdf", Name: "通知.pdf"})
		if err != nil {
			t.Fatal(err)
		}
		if err := attach(db, s, "c1", []File{doc}); err != nil {
			t.Fatal(err)
		}
		got := of(t, db, "c1")
		if len(got) != 4 {
			t.Fatalf("%d files", len(got))
		}
		for i, f := range got[:3] {
			if f.ID != files[i].ID || f.Kind != KindPhoto || f.Media != "image/jpeg" || f.Width != 16 || f.Height != 9 || f.Size != int64(len("full 0")) ||
				f.By != "a1" || f.Created != noon.UnixMicro() || f.Subject != "c1" || !bytes.Equal(f.SHA256, files[i].SHA256) || !strings.HasPrefix(f.Name, "photo-") {
				t.Errorf("photo %d: %+v", i, f)
			}
		}
		if f := got[3]; f.Kind != KindAttachment || f.Name != "通知.pdf" || len(f.ThumbSHA256) != 0 {
			t.Errorf("document: %+v", f)
		}
		if len(of(t, db, "c2")) != 0 {
			t.Error("another case has files")
		}
		if err := attach(db, s, "c2", files[:1]); !errors.Is(err, store.ErrConflict) {
			t.Errorf("attached twice: %v", err)
		}
		err = db.Write(t.Context(), func(tx *store.Tx) error {
			f, err := Get(tx, district, files[1].ID)
			if err != nil || f.Subject != "c1" {
				t.Errorf("get: %+v, %v", f, err)
			}
			if _, err := Get(tx, "220606", files[1].ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("from another district: %v", err)
			}
			return Remove(tx, district, files[1].ID)
		})
		if err != nil || len(of(t, db, "c1")) != 3 {
			t.Errorf("remove: %v, %d left", err, len(of(t, db, "c1")))
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error { return Remove(tx, district, files[1].ID) }); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("remove again: %v", err)
		}
		again, err := s.Copy(t.Context(), files[0])
		if err != nil || again.ID == files[0].ID {
			t.Fatalf("copy: %v", err)
		}
		if err := attach(db, s, "c2", []File{again}); err != nil {
			t.Fatal(err)
		}
		if r, err := s.Check(t.Context(), db, district); err != nil || !r.OK() || r.Files != 4 {
			t.Errorf("check: %v, %v", r, err)
		}
	})
}

func TestTooMany(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		s, dir := openIn(t, Limits{})
		if _, err := s.Put(t.Context(), district, fake(10)...); !errors.Is(err, ErrTooMany) || len(blobs(t, dir)) != 0 {
			t.Errorf("ten at once: %v, %d blobs", err, len(blobs(t, dir)))
		}
		for _, n := range []int{9, 9, 9, 3} {
			if err := attach(db, s, "c1", mustPut(t, s, n)); err != nil {
				t.Fatal(err)
			}
		}
		if err := attach(db, s, "c1", mustPut(t, s, 1)); !errors.Is(err, ErrTooMany) {
			t.Errorf("the 31st: %v", err)
		}
		if n := len(of(t, db, "c1")); n != 30 {
			t.Errorf("%d files", n)
		}
		for name, files := range map[string][]File{"another district": {{District: "220606", ID: newID()}}, "a path": {{District: district, ID: "../../x"}}} {
			if err := attach(db, s, "c2", files); err == nil {
				t.Errorf("%s was attached", name)
			}
		}
		for _, d := range []string{"", "..", "tmp", "a/b", "22 0605"} {
			if _, err := s.Put(t.Context(), d, fake(1)...); err == nil {
				t.Errorf("district %q", d)
			}
		}
	})
}

// TestFailedPutLeavesNothing: the second photo's folder cannot be made.
func TestFailedPutLeavesNothing(t *testing.T) {
	s, dir := openIn(t, Limits{})
	if err := os.WriteFile(filepath.Join(dir, district), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if files, err := s.Put(t.Context(), district, fake(3)...); err == nil || files != nil {
		t.Fatalf("%v, %v", files, err)
	}
	if got := blobs(t, dir); !slices.Equal(got, []string{district}) {
		t.Errorf("left: %v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(ctx, "220606", fake(1)...); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got := blobs(t, dir); len(got) != 1 {
		t.Errorf("left: %v", got)
	}
}

func TestModesAndTemporaryFiles(t *testing.T) {
	s, dir := openIn(t, Limits{})
	mustPut(t, s, 1)
	if err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		st, err := os.Lstat(p)
		if err == nil && st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has %v", p, st.Mode())
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"crashed": 2 * time.Hour, "neighbour": time.Minute} {
		p := filepath.Join(dir, tempDir, name)
		if err := errors.Join(os.WriteFile(p, []byte("x"), 0o600), os.Chtimes(p, noon.Add(-age), noon.Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Open(dir, Limits{}, noon)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	left, _ := filepath.Glob(filepath.Join(dir, tempDir, "*"))
	if len(left) != 1 || filepath.Base(left[0]) != "neighbour" {
		t.Errorf("left: %v", left)
	}
}

func TestServe(t *testing.T) {
	s, dir := openIn(t, Limits{})
	photo := mustPut(t, s, 1)[0]
	doc, err := s.PutDocument(t.Context(), district, &Document{Body: []byte("%PDF-1.7 <script>"), Media: "application/pdf", Name: "通知 1.pdf"})
	if err != nil {
		t.Fatal(err)
	}
	get := func(f File, thumb bool, header ...string) *http.Response {
		t.Helper()
		r := httptest.NewRequest("GET", "/x", nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		if err := s.Serve(w, r, f, thumb); err != nil {
			t.Fatal(err)
		}
		return w.Result()
	}
	for _, c := range []struct {
		f           File
		thumb       bool
		media, disp string
		body        string
	}{
		{photo, false, "image/jpeg", "inline; filename=" + photo.Name, "full 0"},
		{photo, true, "image/jpeg", "inline; filename=" + photo.Name, "thumb 0"},
		{doc, false, "application/pdf", "attachment; filename*=utf-8''%E9%80%9A%E7%9F%A5%201.pdf", "%PDF-1.7 <script>"},
	} {
		res := get(c.f, c.thumb)
		var b bytes.Buffer
		_, _ = b.ReadFrom(res.Body)
		for k, want := range map[string]string{"Content-Type": c.media, "Content-Disposition": c.disp, "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox", "Cache-Control": "private, max-age=300, must-revalidate"} {
			if got := res.Header.Get(k); got != want {
				t.Errorf("%s of %s: %q, want %q", k, c.f.Name, got, want)
			}
		}
		if res.StatusCode != 200 || b.String() != c.body {
			t.Errorf("%d %q", res.StatusCode, b.String())
		}
		if res := get(c.f, c.thumb, "If-None-Match", res.Header.Get("ETag")); res.StatusCode != 304 {
			t.Errorf("unchanged: %d", res.StatusCode)
		}
	}
	if res := get(photo, false, "Range", "bytes=5-"); res.StatusCode != 206 {
		t.Errorf("range: %d", res.StatusCode)
	}
	bad := photo
	bad.ID = "../../../../etc/passwd"
	gone := photo
	gone.ID = newID()
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, filepath.FromSlash(blobPath(district, doc.ID, true)))); err != nil {
		t.Fatal(err)
	}
	linked := doc
	linked.ThumbSHA256 = []byte{1}
	for _, c := range []struct {
		name  string
		f     File
		thumb bool
		want  error
	}{
		{"no thumbnail", doc, true, store.ErrNotFound},
		{"a path as id", bad, false, store.ErrNotFound},
		{"no blob", gone, false, ErrMissing},
		{"a link out of the folder", linked, true, nil},
		{"no row", File{}, false, store.ErrNotFound},
	} {
		w := httptest.NewRecorder()
		err := s.Serve(w, httptest.NewRequest("GET", "/x", nil), c.f, c.thumb)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || w.Body.Len() != 0 {
			t.Errorf("%s: %v, %d bytes", c.name, err, w.Body.Len())
		}
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		s, dir := openIn(t, Limits{})
		files := mustPut(t, s, 6)
		if err := attach(db, s, "c1", files); err != nil {
			t.Fatal(err)
		}
		at := func(i int, thumb bool) string {
			return filepath.Join(dir, filepath.FromSlash(blobPath(district, files[i].ID, thumb)))
		}
		if err := errors.Join(os.Remove(at(0, false)), os.Remove(at(1, true)), os.WriteFile(at(2, false), []byte("full X"), 0o600),
			os.WriteFile(at(3, true), []byte("thumb"), 0o600), os.Truncate(at(4, false), 0)); err != nil {
			t.Fatal(err)
		}
		r, err := s.Check(t.Context(), db, district)
		slices.Sort(r.Missing)
		slices.Sort(r.Changed)
		missing, changed := []string{files[0].ID, files[1].ID}, []string{files[2].ID, files[3].ID, files[4].ID}
		slices.Sort(missing)
		slices.Sort(changed)
		if err != nil || r.OK() || r.Files != 6 || !slices.Equal(r.Missing, missing) || !slices.Equal(r.Changed, changed) || r.MissingN != 2 || r.ChangedN != 3 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestCollect(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		s, dir := openIn(t, Limits{})
		keep, young, old, taken := mustPut(t, s, 5), mustPut(t, s, 2), mustPut(t, s, 3), mustPut(t, s, 1)
		if err := attach(db, s, "c1", append(slices.Clone(keep), taken...)); err != nil {
			t.Fatal(err)
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error { return Remove(tx, district, taken[0].ID) }); err != nil {
			t.Fatal(err)
		}
		age := func(files []File, d time.Duration) {
			for _, f := range files {
				for _, thumb := range []bool{false, true} {
					p := filepath.Join(dir, filepath.FromSlash(blobPath(district, f.ID, thumb)))
					if err := os.Chtimes(p, noon.Add(-d), noon.Add(-d)); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		age(keep, 1000*time.Hour)
		age(young, 23*time.Hour)
		age(old, 25*time.Hour)
		age(taken, 25*time.Hour)
		n, err := s.Collect(t.Context(), db, district, noon)
		if err != nil || n != 8 {
			t.Errorf("%d removed, %v", n, err)
		}
		if left := len(blobs(t, dir)); left != 14 {
			t.Errorf("%d blobs left, want 14", left)
		}
		if r, err := s.Check(t.Context(), db, district); err != nil || !r.OK() || r.Files != 5 {
			t.Errorf("check: %v, %v", r, err)
		}
		if n, err := s.Collect(t.Context(), db, "220606", noon); n != 0 || err != nil {
			t.Errorf("a district without files: %d, %v", n, err)
		}
		// With another database all rows are missing: that is not rubbish.
		for range 4 {
			age(mustPut(t, s, 9), 25*time.Hour)
		}
		wrong := storetest.Open(t, "sqlite", schemas)
		before := len(blobs(t, dir))
		if n, err := s.Collect(t.Context(), wrong, district, noon); !errors.Is(err, ErrManyOrphans) || n != 0 || len(blobs(t, dir)) != before {
			t.Errorf("wrong database: %d, %v", n, err)
		}
	})
}
