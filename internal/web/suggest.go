package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/paulmach/orb"

	"weixiao/internal/directory"
	"weixiao/internal/words"
)

// suggestion is what suggest.ts reads.
type suggestion struct {
	Text string   `json:"text"`
	Area string   `json:"area,omitempty"` // street and community, in words
	Unit string   `json:"unit,omitempty"` // community, or street
	Lon  *float64 `json:"lon,omitempty"`
	Lat  *float64 `json:"lat,omitempty"`
}

// Suggest answers while somebody types an address: names of public places, streets and communities that fit what is
// typed, by characters or pinyin. It knows of no case and no person. Roads, streets and communities have no one point.
func (s *Site) Suggest(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if err := r.ParseForm(); err != nil {
		return err
	}
	lang := Lang(r)
	out := []suggestion{}
	for _, x := range s.Gazetteer().Suggest(r.PostForm.Get("q"), 8) {
		one := suggestion{Text: x.Text, Area: s.AreaName(lang, x.Unit.ID), Unit: x.Unit.ID}
		if x.Known && x.Spot.ID != "" && x.Spot.Kind != directory.RoadSpot {
			one.Lon, one.Lat = new(x.Point[0]), new(x.Point[1])
		}
		out = append(out, one)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(out)
}

// AreaName is street and community of a unit, in words.
func (s *Site) AreaName(lang words.Lang, unit string) string {
	at, _ := s.Pack.Directory.OfPlace(unit)
	var parts []string
	for _, u := range []directory.Unit{at.Street, at.Community} {
		if u.ID != "" {
			parts = append(parts, s.UnitName(lang, u.ID))
		}
	}
	return strings.Join(parts, words.T(lang, "word.separator"))
}

// CandidateName is a place an address may mean, in words: its name, street and community.
func (s *Site) CandidateName(lang words.Lang, c directory.Candidate) string {
	unit := c.Community.ID
	if unit == "" {
		unit = c.Street.ID
	}
	area := s.AreaName(lang, unit)
	if c.Spot.Name == "" {
		return area
	}
	return c.Spot.Name + words.T(lang, "word.separator") + area
}

// Locate finds where an address is; see directory.Gazetteer.Resolve.
func (s *Site) Locate(text string) directory.Finding {
	return s.Gazetteer().Resolve(text, orb.Point{}, false)
}
