package desk

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/form"
	"weixiao/internal/words"
)

// suggestPath answers while an address is typed.
const suggestPath = "/desk/places/suggest"

// whereFinding is what the address that is typed was understood as.
type whereFinding struct {
	Known     string // sure enough to be filled in, in words
	Why       string
	Elsewhere string // the name of another city or district
	Picks     []wherePick
}

// wherePick is a place the words may mean; the value is the id of its spot, or the code of its community.
type wherePick struct {
	Value, Label, Why string
	On                bool
}

// spotField is the radio group of places an address may mean.
const spotField = "spot"

// bodyLooked is how much of a request's words is searched for a place.
const bodyLooked = 200

// finding understands the address; when it names nothing, the words of the request. Those are speech, so only names
// that stand in them in full count.
func (f *frame) finding(raw form.Raw) directory.Finding {
	found := f.d.s.Locate(strings.TrimSpace(raw.Get("place")))
	if len(found.Candidates) > 0 || found.Elsewhere != "" {
		return found
	}
	said := []rune(raw.Get("body"))
	in := f.d.s.Locate(string(said[:min(len(said), bodyLooked)]))
	in.Elsewhere = ""
	in.Candidates = slices.DeleteFunc(in.Candidates, func(c directory.Candidate) bool {
		return utf8.RuneCountInString(c.Name) < 3 || !strings.Contains(raw.Get("body"), c.Name)
	})
	return in
}

// valueOf is what the radio button of a candidate sends.
func valueOf(c directory.Candidate) string {
	switch {
	case c.Spot.ID != "":
		return c.Spot.ID
	case c.Community.ID != "":
		return c.Community.ID
	}
	return c.Street.ID
}

// chosen is the candidate that counts: the one picked, else one that leaves no doubt.
func choice(found directory.Finding, picked string) (directory.Candidate, bool) {
	if i := slices.IndexFunc(found.Candidates, func(c directory.Candidate) bool { return valueOf(c) == picked }); i >= 0 {
		return found.Candidates[i], true
	}
	return found.Sure()
}

// placeOf finds the place of what was typed: the community chosen from the list, else the place that was picked or that
// the words leave no doubt about. A named place of one point puts the case on the map.
func (f *frame) placeOf(raw form.Raw) cases.Place {
	dir := f.d.s.Pack.Directory
	p := cases.Place{Text: strings.TrimSpace(raw.Get("place"))}
	at, found := choice(f.finding(raw), raw.Get(spotField))
	if code := raw.Get("community"); code != "" {
		here, ok := dir.OfPlace(code)
		if !ok {
			return p
		}
		p.Street, p.Community, p.Grid = here.Street.ID, here.Community.ID, here.Grid.ID
		if !found || at.Community.ID != p.Community {
			if at, found = f.within(raw, p.Community); !found {
				return p
			}
		}
	}
	if !found {
		return p
	}
	p.Street, p.Community, p.Grid = at.Street.ID, at.Community.ID, at.Grid.ID
	if at.Known && at.Spot.ID != "" && at.Spot.Kind != directory.RoadSpot {
		p.Lon, p.Lat, p.Located = at.Point[0], at.Point[1], true
	}
	return p
}

// within is the candidate of the address that lies in the community that was chosen.
func (f *frame) within(raw form.Raw, community string) (directory.Candidate, bool) {
	for _, c := range f.finding(raw).Candidates {
		if c.Community.ID == community && c.Spot.ID != "" {
			return c, true
		}
	}
	return directory.Candidate{}, false
}

// whereOf is what the page says about the place.
func (f *frame) whereOf(raw form.Raw, p cases.Place) whereFinding {
	found := f.finding(raw)
	v := whereFinding{Elsewhere: found.Elsewhere}
	if p.Street != "" {
		v.Known = f.places(cases.Place{Street: p.Street, Community: p.Community, Grid: p.Grid})
		v.Elsewhere = ""
	}
	at, ok := choice(found, raw.Get(spotField))
	if ok && raw.Get("community") == "" && at.Name != "" {
		v.Why = f.T("place.why."+at.Why, at.Name)
	}
	if _, sure := found.Sure(); sure || raw.Get("community") != "" {
		return v
	}
	for _, c := range found.Candidates[:min(5, len(found.Candidates))] {
		v.Picks = append(v.Picks, wherePick{Value: valueOf(c), Label: f.d.s.CandidateName(f.Lang, c), Why: f.T("place.why."+c.Why, c.Name),
			On: valueOf(c) == raw.Get(spotField)})
	}
	return v
}

// assetPick is a city asset beside the place.
type assetPick struct {
	ID, Label, Note string
	On              bool
}

// Nearest assets that are offered.
const assetsOffered = 5

// assetPicks are the nearest assets of the kinds the words name: 路灯不亮 offers lamps.
func (f *frame) assetPicks(raw form.Raw, p cases.Place) ([]assetPick, error) {
	if !p.Located || f.d.s.Assets == nil {
		return nil, nil
	}
	kinds := f.kindsSaid(raw.Get("body"))
	if len(kinds) == 0 {
		return nil, nil
	}
	list, err := f.d.s.Assets.Near(f.r.Context(), f.sc, orb.Point{p.Lon, p.Lat}, assetsOffered, kinds...)
	if err != nil {
		return nil, err
	}
	var out []assetPick
	for _, a := range list {
		m, _ := f.d.s.Assets.KindOf(a.Kind)
		label := a.Name
		if label == "" {
			label = matterName(f.Lang, m)
		}
		note := words.Distance(f.Lang, math.Round(a.Metres)) + f.T("word.separator") + f.T("asset.tail", a.ID[len(a.ID)-6:])
		if a.Address != "" {
			note += f.T("word.separator") + a.Address
		}
		if a.State != "intact" {
			note += f.T("word.separator") + f.T("state.asset."+a.State)
		}
		out = append(out, assetPick{ID: a.ID, Label: label, Note: note, On: raw.Get("asset") == a.ID})
	}
	return out, nil
}

// kindsSaid are the components whose names, or their last two characters (井盖), stand in the words.
func (f *frame) kindsSaid(said string) []string {
	var out []string
	for _, m := range f.d.s.Pack.Catalogue.Matters(catalogue.KindComponent) {
		r := []rune(m.Name)
		if len(r) < 2 {
			continue
		}
		if strings.Contains(said, m.Name) || len(r) > 2 && strings.Contains(said, string(r[len(r)-2:])) {
			out = append(out, m.Code)
		}
	}
	return out
}
