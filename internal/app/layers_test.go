package app_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/directory/layers"
	"weixiao/internal/geo"
)

// TestAddressesFollowTheLayers: once other borders are published, an address with a point
// is placed by them, without a restart.
func TestAddressesFollowTheLayers(t *testing.T) {
	s := start(t, "sqlite")
	ctx, sc := t.Context(), access.SystemScope(s.Pack.District, "a test")
	center := s.Pack.Directory.Grids("220605001001")[0].Center
	find := func() string {
		f := s.Places.Find("", orb.Point(center), true)
		if len(f.Candidates) == 0 {
			t.Fatalf("nothing at %v", center)
		}
		return f.Candidates[0].Community.ID
	}
	if got := find(); got != "220605001001" {
		t.Fatalf("before: %s", got)
	}
	var file bytes.Buffer
	if _, err := s.Layers.Export(ctx, &file, "communities", 1, false); err != nil {
		t.Fatal(err)
	}
	// The two communities change places.
	swapped := strings.NewReplacer(`"220605001001"`, `"220605001002"`, `"220605001002"`, `"220605001001"`).Replace(file.String())
	src, err := layers.Read([]byte(swapped), geo.Fields{})
	if err != nil {
		t.Fatal(err)
	}
	up := layers.Upload{File: src, About: src.About}
	v, found, err := s.Layers.Import(ctx, sc, up)
	if err != nil {
		t.Fatal(err, found)
	}
	if _, err := s.Layers.Publish(ctx, sc, "communities", v.Number, "重新划界"); err != nil {
		t.Fatal(err)
	}
	if err := s.Layers.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if got := find(); got != "220605001002" {
		t.Errorf("after: %s", got)
	}
}
