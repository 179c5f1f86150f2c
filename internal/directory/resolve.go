package directory

import (
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"weixiao/internal/text/address"
)

// Candidate is where an address may be.
type Candidate struct {
	Place
	Spot       Spot      // the named place it was found by; zero if by a street or community alone
	Point      orb.Point // of the spot, or as it was given
	Known      bool      // Point is known
	Confidence float64   // 0-1: how far nobody would doubt it
	Why        string    // one of the Why* words
	Name       string    // the name it was found by
}

// Why a candidate is one. Pages say them in words (message place.why.…).
const (
	WhySpot      = "spot"      // a place of that name is known
	WhyStem      = "stem"      // known under a longer name
	WhySound     = "sound"     // sounds like one that is known
	WhyCommunity = "community" // the community is named
	WhyStreet    = "street"    // only the street is named
	WhyCode      = "code"      // a division code is in the text
	WhyPoint     = "point"     // the point on the map lies there
	WhyBoth      = "both"      // words and point agree
	WhyApart     = "apart"     // words and point disagree
)

// Sure is the confidence above which a place may be filled in without asking.
const Sure = 0.8

// Finding is what an address was understood as.
type Finding struct {
	Address    address.Address
	Candidates []Candidate // the best first
	Elsewhere  string      // name of another city or district the text says; then there are no candidates by words
}

// Sure returns the best candidate if it may be filled in without asking: sure of itself, and no other one near it.
func (f Finding) Sure() (Candidate, bool) {
	if len(f.Candidates) == 0 || f.Candidates[0].Confidence < Sure {
		return Candidate{}, false
	}
	if len(f.Candidates) > 1 && f.Candidates[1].Confidence > f.Candidates[0].Confidence-0.15 && f.Candidates[1].Community.ID != f.Candidates[0].Community.ID {
		return Candidate{}, false
	}
	return f.Candidates[0], true
}

// mostCandidates are offered; more nobody reads.
const mostCandidates = 6

// Resolve says where an address is. located says that the point at comes with it. It never guesses in silence: what it
// is not sure of has a confidence below Sure.
func (g *Gazetteer) Resolve(text string, at orb.Point, located bool) Finding {
	f := Finding{Address: g.parser.Parse(text)}
	var found []Candidate
	if f.Elsewhere = g.elsewhere(f.Address); f.Elsewhere == "" {
		found = g.byWords(text, f.Address)
	}
	if located {
		found = g.withPoint(found, at)
	}
	slices.SortStableFunc(found, byConfidence)
	f.Candidates = found[:min(len(found), mostCandidates)]
	return f
}

// elsewhere is the name of a province, city or district in the text that this one is not part of.
func (g *Gazetteer) elsewhere(a address.Address) string {
	for _, e := range a.Elements {
		switch e.Kind {
		case address.Province, address.City, address.District:
			name := fold(e.Text)
			if address.IsDivision(e.Text) && !strings.Contains(g.full, name) && len(g.units[name]) == 0 {
				return e.Text
			}
		}
	}
	return ""
}

// byWords finds candidates by the names in the text.
func (g *Gazetteer) byWords(text string, a address.Address) []Candidate {
	if p, code, ok := g.coded(text); ok {
		return []Candidate{{Place: p, Confidence: 0.93, Why: WhyCode, Name: code}}
	}
	streets, communities := g.named(a)
	var out []Candidate
	for _, e := range a.Elements {
		switch e.Kind {
		case address.Place, address.SubPlace, address.Road, address.SubRoad, address.Tenant, address.Community:
			out = append(out, g.bySpot(e, streets, communities)...)
		}
	}
	out = best(out)
	for _, u := range communities {
		out = append(out, g.community(u, streets, communities, out))
	}
	if len(out) == 0 {
		for _, u := range streets {
			c := Candidate{Confidence: 0.9 / float64(len(streets)), Why: WhyStreet, Name: u.Short}
			c.Street = u
			out = append(out, c)
		}
	}
	return best(out)
}

// coded finds a division code of this district, or of its old one, in a text.
func (g *Gazetteer) coded(text string) (Place, string, bool) {
	root := g.d.Root()
	for _, run := range strings.FieldsFunc(fold(text), func(r rune) bool { return r < '0' || r > '9' }) {
		for _, old := range append([]string{root.Code}, root.Aliases...) {
			rest, ok := strings.CutPrefix(run, old)
			if !ok || len(old) != 6 || !digits(old) || len(rest) < 3 {
				continue
			}
			if p, ok := g.d.OfPlace(root.Code + rest); ok && p.Street.ID != "" {
				return p, run, true
			}
		}
	}
	return Place{}, "", false
}

// named are the streets and communities whose names stand in the address.
func (g *Gazetteer) named(a address.Address) (streets, communities []Unit) {
	for _, e := range a.Elements {
		if e.Kind != address.Town && e.Kind != address.Community && e.Kind != address.Place {
			continue
		}
		for _, id := range g.units[fold(e.Text)] {
			u := g.d.units[g.d.unit[id]]
			switch u.Kind {
			case Street, Town:
				if !slices.ContainsFunc(streets, func(s Unit) bool { return s.ID == u.ID }) {
					streets = append(streets, u)
				}
			case Community, Village:
				if !slices.ContainsFunc(communities, func(s Unit) bool { return s.ID == u.ID }) {
					communities = append(communities, u)
				}
			}
		}
	}
	return streets, communities
}

// bySpot finds the spots that one name of the address can mean.
func (g *Gazetteer) bySpot(e address.Element, streets, communities []Unit) []Candidate {
	key := fold(e.Text)
	list, sure, why := g.byName[key], 0.9, WhySpot
	switch {
	case len(list) > 0:
	case len(g.byStem[key]) > 0:
		list, sure, why = g.byStem[key], 0.76, WhyStem
	case len([]rune(key)) >= 3 && len(g.bySay[said(key)]) > 0:
		list, sure, why = g.bySay[said(key)], 0.62, WhySound
	default:
		return nil
	}
	var out []Candidate
	agreeing := 0
	for _, i := range list {
		c := g.atSpot(g.spots[i])
		c.Confidence, c.Why, c.Name = sure, why, g.spots[i].Name
		if g.spots[i].Kind == RoadSpot {
			c.Confidence -= 0.06 // a road is long
		}
		if fits := agrees(&c, streets, communities); fits {
			agreeing++
		}
		out = append(out, c)
	}
	// Of several places of one name those that agree with the rest of the text share what is sure; the others can
	// hardly be meant.
	if agreeing == 0 {
		agreeing = len(out)
	}
	for i := range out {
		if agreeing > 1 {
			out[i].Confidence = min(out[i].Confidence, 0.95) / float64(agreeing) * 1.1
		}
	}
	return out
}

// agrees raises or lowers the confidence by what else the text says; false if it contradicts.
func agrees(c *Candidate, streets, communities []Unit) bool {
	same := func(list []Unit, id string) bool {
		return slices.ContainsFunc(list, func(u Unit) bool { return u.ID == id })
	}
	fits := true
	if len(communities) > 0 && c.Community.ID != "" {
		if same(communities, c.Community.ID) {
			c.Confidence += 0.06
		} else {
			c.Confidence -= 0.45
			fits = false
		}
	}
	if len(streets) > 0 {
		if same(streets, c.Street.ID) {
			c.Confidence += 0.05
		} else {
			c.Confidence -= 0.5
			fits = false
		}
	}
	c.Confidence = min(max(c.Confidence, 0.05), 0.98)
	return fits
}

// atSpot is the place of a spot, with the grid its point lies nearest to.
func (g *Gazetteer) atSpot(s Spot) Candidate {
	c := Candidate{Spot: s, Point: s.Point, Known: true}
	c.Place, _ = g.d.OfPlace(s.Unit)
	if c.Community.ID != "" {
		if grid, ok := g.d.Nearest(s.Point, c.Community.ID); ok && s.Kind != RoadSpot {
			c.Grid = grid
		}
	}
	return c
}

// community is a candidate by the name of a community; a spot found in it is told apart by best.
func (g *Gazetteer) community(u Unit, streets, all []Unit, found []Candidate) Candidate {
	c := Candidate{Confidence: 0.93 / float64(len(all)), Why: WhyCommunity, Name: u.Short}
	c.Place, _ = g.d.OfPlace(u.ID)
	if len(streets) > 0 && !slices.ContainsFunc(streets, func(s Unit) bool { return s.ID == c.Street.ID }) {
		c.Confidence -= 0.5
	}
	here, away := false, false
	for _, o := range found {
		here = here || o.Community.ID == u.ID
		away = away || o.Why == WhySpot && o.Spot.Kind != RoadSpot && o.Community.ID != "" && o.Community.ID != u.ID
	}
	if away && !here {
		c.Confidence -= 0.2 // what is named beside it lies elsewhere
	}
	c.Confidence = max(c.Confidence, 0.05)
	return c
}

// best keeps the surest candidate of each community (or of the street, when no community is known), a spot before
// none.
func best(all []Candidate) []Candidate {
	var out []Candidate
	slices.SortStableFunc(all, byConfidence)
	for _, c := range all {
		i := slices.IndexFunc(out, func(o Candidate) bool { return o.Street.ID == c.Street.ID && o.Community.ID == c.Community.ID })
		switch {
		case i < 0:
			out = append(out, c)
		case out[i].Spot.ID == "" && c.Spot.ID != "", out[i].Spot.Kind == RoadSpot && c.Spot.Kind != RoadSpot && c.Spot.ID != "":
			c.Confidence = max(c.Confidence, out[i].Confidence)
			out[i] = c
		}
	}
	// A street without a community says nothing beside a community of it.
	return slices.DeleteFunc(out, func(c Candidate) bool {
		return c.Community.ID == "" && slices.ContainsFunc(out, func(o Candidate) bool {
			return o.Community.ID != "" && o.Street.ID == c.Street.ID && o.Confidence >= c.Confidence-0.3
		})
	})
}

// withPoint adds what the point says and lets words and point confirm or doubt each other.
func (g *Gazetteer) withPoint(found []Candidate, at orb.Point) []Candidate {
	if g.locate == nil {
		return found
	}
	p, ok := g.locate(at)
	if !ok {
		return found
	}
	c := Candidate{Place: p, Point: at, Known: true, Confidence: 0.92, Why: WhyPoint}
	for i := range found {
		o := &found[i]
		switch {
		case o.Street.ID == p.Street.ID && (o.Community.ID == p.Community.ID || o.Community.ID == "" || p.Community.ID == ""):
			c.Confidence, c.Why, c.Name, c.Spot = 0.97, WhyBoth, o.Name, o.Spot
		case o.Confidence >= 0.5 && (o.Street.ID != p.Street.ID || o.Why != WhySound):
			// The map's inner borders are coarser than the words within one street.
			less := 0.45
			if o.Street.ID == p.Street.ID {
				less = 0.2
			}
			o.Confidence, o.Why = o.Confidence-less, WhyApart
			if c.Why == WhyPoint {
				c.Confidence -= less
				c.Why = WhyApart
			}
		}
	}
	found = slices.DeleteFunc(found, func(o Candidate) bool {
		return o.Street.ID == p.Street.ID && (o.Community.ID == p.Community.ID || o.Community.ID == "")
	})
	return append(found, c)
}
