package places

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/text/address"
)

// caseAct is what is read of an act of a case.
type caseAct struct {
	State string `json:"state"`
	Place *struct {
		Text      string  `json:"text"`
		Lon       float64 `json:"lon"`
		Lat       float64 `json:"lat"`
		Located   bool    `json:"located"`
		Community string  `json:"community"`
	} `json:"place"`
	Set map[string]string `json:"set"`
}

// The words of the journal for cases; package cases stands above this one.
const (
	caseKind  = "case"
	closed    = "closed"
	mergedOut = "merged"
	withdrawn = "withdrawn"
	screened  = "screened"
)

// Follower learns from closed cases.
func (p *Places) Follower() journal.Follower {
	return journal.Follower{Name: "places", Handle: p.learn, Concerns: concerns}
}

// concerns says whether an act of a case can teach a name: it ends the case. What a case is called before that may
// still be corrected, and costs nothing here.
func concerns(a journal.Act) bool {
	if a.Kind != caseKind {
		return false
	}
	for _, s := range []string{closed, mergedOut, withdrawn, screened} {
		if bytes.Contains(a.Body, []byte(`"state":"`+s+`"`)) {
			return true
		}
	}
	return false
}

func (p *Places) learn(tx *store.Tx, acts []journal.Act) error {
	for _, a := range acts {
		if !concerns(a) {
			continue
		}
		var c caseAct
		err := a.Into(&c)
		switch {
		case err != nil:
		case c.State == closed:
			err = p.notice(tx, a)
		case c.State == mergedOut, c.State == withdrawn, c.State == screened:
			err = p.forget(tx, a.Subject)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// notice keeps the unknown name in the place of a case that was just closed, and proposes it.
func (p *Places) notice(tx *store.Tx, end journal.Act) error {
	acts, err := journal.Acts(tx, p.o.District, caseKind, end.Subject)
	if err != nil {
		return err
	}
	var last caseAct
	person := ""
	for _, a := range acts {
		if a.Seq > end.Seq {
			break
		}
		var c caseAct
		if err := a.Into(&c); err != nil {
			return err
		}
		if c.Place != nil {
			last = c
		}
		if id := c.Set["person"]; id != "" {
			person = id
		}
	}
	name, kind, ok := "", directory.SpotKind(""), false
	if at := last.Place; at != nil && at.Located && at.Community != "" {
		name, kind, ok = p.unknown(at.Text)
	}
	if !ok {
		return p.forget(tx, end.Subject)
	}
	s := sighting{number: end.Subject, place: idOf(name, last.Place.Community), name: name, kind: kind, unit: last.Place.Community,
		at: orb.Point{last.Place.Lon, last.Place.Lat}, person: person, closed: true}
	if err := p.see(tx, s); err != nil {
		return err
	}
	return p.propose(tx, s)
}

// unknown is the name of a place in an address that the gazetteer does not know.
func (p *Places) unknown(text string) (string, directory.SpotKind, bool) {
	g := p.Gazetteer()
	for _, e := range g.Parse(text).Elements {
		if e.Kind != address.Place && e.Kind != address.SubPlace {
			continue
		}
		if len(g.Called(e.Text)) > 0 {
			return "", "", false // the address is found already
		}
		if kind := directory.KindOfName(e.Text); e.Kind == address.Place && kind != "" && decent(e.Text) {
			return e.Text, kind, true
		}
	}
	return "", "", false
}

// idOf is the id of a proposal: the same name in the same community is the same place.
func idOf(name, unit string) string {
	sum := sha256.Sum256([]byte(name + "\x00" + unit))
	return "p" + hex.EncodeToString(sum[:6])
}

// propose makes a proposal of a sighting, and counts the name when enough independent cases have it.
func (p *Places) propose(tx *store.Tx, s sighting) error {
	system := access.SystemScope(p.o.District, "learns names of places from closed cases")
	all, err := p.seen(tx, s.place)
	if err != nil {
		return err
	}
	x, err := p.load(tx, s.place)
	switch {
	case errors.Is(err, store.ErrNotFound):
		x = &Proposal{}
		act, err := Table.Action("propose")
		if err != nil {
			return err
		}
		at := middle(all)
		c := Change{State: Proposed, Name: s.name, Kind: s.kind, Unit: s.unit, Lon: at[0], Lat: at[1], Cases: independent(all)}
		if err := p.record(tx, system, x, s.place, act, c, nil); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	n := independent(all)
	if x.State != Proposed || n < p.o.Enough {
		return nil
	}
	act, err := Table.Action("count")
	if err != nil {
		return err
	}
	at := middle(all)
	c := x.change()
	c.State, c.Lon, c.Lat, c.Cases = Counted, at[0], at[1], n
	return p.record(tx, system, x, s.place, act, c, nil)
}

// nearby is how far from their middle the points of one place may lie, in metres: a large estate.
const nearby = 400

// independent is how many different people named a place near its middle; all who gave no name count as one.
func independent(all []sighting) int {
	at := middle(all)
	people := map[string]bool{}
	for _, s := range all {
		if metres(at, s.at) <= nearby {
			people[s.person] = true
		}
	}
	return len(people)
}

// middle is the median of the points: one case put on the wrong spot does not move it far.
func middle(all []sighting) orb.Point {
	var xs, ys []float64
	for _, s := range all {
		xs, ys = append(xs, s.at[0]), append(ys, s.at[1])
	}
	if len(xs) == 0 {
		return orb.Point{}
	}
	slices.Sort(xs)
	slices.Sort(ys)
	return orb.Point{xs[len(xs)/2], ys[len(ys)/2]}
}

func metres(a, b orb.Point) float64 {
	const degree = 111_320
	return math.Hypot((a[0]-b[0])*degree*math.Cos(a[1]*math.Pi/180), (a[1]-b[1])*degree)
}
