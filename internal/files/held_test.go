package files

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"
)

// TestHeld: an upload comes back to its owner within the hour and to nobody else; the
// disk shows nothing of it; old ones make room.
func TestHeld(t *testing.T) {
	now := time.Date(2022, 11, 23, 9, 0, 0, 0, time.UTC)
	s, err := Open(t.TempDir(), Limits{}, now)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	count := func() (n int) {
		list, err := fs.ReadDir(s.root.FS(), tempDir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			b, err := fs.ReadFile(s.root.FS(), tempDir+"/"+e.Name())
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte("13804391234")) || bytes.Contains(b, []byte("terms.csv")) {
				t.Error("the disk holds plain words")
			}
		}
		return len(list)
	}
	body := []byte("岗位,姓名,电话\nx,张三,13804391234\n")
	token, err := s.Hold("anna", "terms.csv", body, now)
	if err != nil || count() != 1 {
		t.Fatal(err)
	}
	name, got, err := s.Held("anna", token, now.Add(59*time.Minute))
	if err != nil || name != "terms.csv" || !bytes.Equal(got, body) {
		t.Errorf("%s %q %v", name, got, err)
	}
	later := strings.Replace(token, token[:4], "zzzz", 1) // another end of its time
	for _, c := range []struct {
		owner, token string
		at           time.Time
	}{{"bert", token, now}, {"anna", token, now.Add(61 * time.Minute)}, {"anna", later, now}, {"anna", "", now}, {"anna", "../../etc/passwd", now}, {"anna", "1-../x", now}, {"anna", token + "a", now}} {
		if _, _, err := s.Held(c.owner, c.token, c.at); !errors.Is(err, ErrGone) {
			t.Errorf("%s with %s: %v", c.owner, c.token, err)
		}
	}
	// The fourth upload of an owner takes the place of the first; those of others stay.
	other, err := s.Hold("bert", "b.csv", body, now)
	if err != nil {
		t.Fatal(err)
	}
	for i := range heldEach {
		if _, err := s.Hold("anna", "more.csv", body, now.Add(time.Duration(i+1)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Held("anna", token, now); !errors.Is(err, ErrGone) || count() != heldEach+1 {
		t.Errorf("%d are held, the first: %v", count(), err)
	}
	if _, _, err := s.Held("bert", other, now); err != nil {
		t.Error(err)
	}
	if err := s.Release("bert", other); err != nil || s.Release("bert", other) != nil || s.Release("bert", "none") != nil || count() != heldEach {
		t.Error(err)
	}
	// What is over goes when the next one comes.
	if _, err := s.Hold("carl", "c.csv", body, now.Add(2*time.Hour)); err != nil || count() != 1 {
		t.Errorf("%d are held: %v", count(), err)
	}
	if _, err := s.Hold("carl", "c.csv", make([]byte, heldBytes/heldEach+1), now); !errors.Is(err, ErrTooBig) {
		t.Errorf("too large: %v", err)
	}
}
