package geo

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// Rules are what a layer asks of a file.
type Rules struct {
	Digits   int               // of a code; 0: any code will do
	Parent   *Layer            // the layer above; nil: none
	Prefix   bool              // a code begins with the code of the area above
	Covers   bool              // the areas fill those above: what is left over is a gap
	Before   *Layer            // the version in force; nil: none
	Taken    map[string]string // codes that earlier versions had and the one in force has not -> the last version that had it
	System   *System           // what the person who brings the file says about it; nil: the file says it, or CGCS2000
	Area     float64           // m² up to which overlaps, gaps and what lies outside are left alone; 0 = 25
	Distance float64           // metres: stretches thinner than this are left alone, measuring is no better; 0 = 0.5
}

func (r Rules) filled() Rules {
	if r.Area == 0 {
		r.Area = 25
	}
	if r.Distance == 0 {
		r.Distance = 0.5 // position accuracy A of the national component survey: ±0.5 m
	}
	return r
}

// Check converts the polygons to CGCS2000 and looks for everything that is wrong. When nothing is (no finding of the level Bad), shapes
// are fit for NewLayer. The order of the findings is that of the questions: can it be read, is it where it says, are the codes right, are
// the shapes sound, do they fit together.
func (s *Source) Check(rules Rules) (shapes []Shape, found []Finding) {
	c := &checker{rules: rules.filled(), src: s}
	if len(s.Features) == 0 {
		return nil, []Finding{{Kind: FindEmpty, Level: Bad}}
	}
	if !c.place() {
		return nil, c.list()
	}
	c.codes()
	c.rings()
	if c.shifted() {
		return nil, c.list()
	}
	if len(c.sound) > 0 {
		c.overlay()
	}
	c.moved()
	out := c.list()
	if Worst(out) == Bad {
		return nil, out
	}
	for _, i := range c.sound {
		shapes = append(shapes, c.shapes[i])
	}
	return shapes, out
}

type checker struct {
	findings
	rules  Rules
	src    *Source
	shapes []Shape // as the features, in CGCS2000
	sound  []int   // of those whose rings can be worked with
	above  *outlines
}

// of begins a finding about a feature.
func (c *checker) of(i int, kind string, level Level) Finding {
	f := c.src.Features[i]
	return Finding{Kind: kind, Level: level, Index: f.Index, Code: f.ID, Name: f.Name}
}

// place makes CGCS2000 of all coordinates, unless they are not degrees of longitude and latitude in China. False: there is no use in
// going on.
func (c *checker) place() bool {
	var unknown []string
	for i, f := range c.src.Features {
		shape := f.Shape
		shape.Polygons = nil
		if f.Fault != "" {
			x := c.of(i, FindUnreadable, Bad)
			x.Word = f.Fault
			c.add(x)
		} else if kind, n, at := misplaced(f.Polygons); kind != "" {
			x := c.of(i, kind, Bad)
			x.N, x.At = n, at
			c.add(x)
		} else if system, err := c.system(f); err != nil {
			// A name that nobody knows is said once, however many areas are in it.
			if word := f.system(c.src.CRS); !slices.Contains(unknown, word) {
				unknown = append(unknown, word)
				x := Finding{Kind: FindCRS, Level: Bad, Word: word}
				if f.CRS != "" { // its own, not that of the whole file
					x = c.of(i, FindCRS, Bad)
					x.Word = word
				}
				c.add(x)
			}
		} else {
			shape.Polygons = converted(f.Polygons, system)
		}
		c.shapes = append(c.shapes, shape)
	}
	return c.count[FindMetres]+c.count[FindSwapped]+c.count[FindAbroad]+c.count[FindCRS] == 0
}

func (c *checker) system(f Feature) (System, error) {
	if c.rules.System != nil {
		return *c.rules.System, nil
	}
	return ParseSystem(f.system(c.src.CRS))
}

// misplaced tells coordinates that cannot be longitude and latitude in China, and what they look like.
func misplaced(polygons orb.MultiPolygon) (kind string, n int, at Point) {
	count := map[string]int{}
	first := map[string]Point{}
	for _, rings := range polygons {
		for _, ring := range rings {
			for _, p := range ring {
				if k := misplacedPoint(p); k != "" {
					if count[k]++; count[k] == 1 {
						first[k] = fromOrb(p)
					}
				}
			}
		}
	}
	for _, k := range []string{FindNumbers, FindMetres, FindSwapped, FindAbroad} {
		if count[k] > 0 {
			at := first[k]
			if k == FindSwapped {
				at = Point{at.Lat, at.Lon}
			}
			if !Valid(at) {
				at = Point{}
			}
			return k, count[k], at
		}
	}
	return "", 0, Point{}
}

func misplacedPoint(p orb.Point) string {
	inChina := func(lon, lat float64) bool { return lon >= 73 && lon <= 136 && lat >= 3 && lat <= 54 }
	switch {
	case math.IsNaN(p[0]) || math.IsNaN(p[1]) || math.IsInf(p[0], 0) || math.IsInf(p[1], 0) || p == orb.Point{}:
		return FindNumbers
	case inChina(p[0], p[1]):
		return ""
	case math.Abs(p[0]) > 1000 || math.Abs(p[1]) > 1000:
		return FindMetres
	case inChina(p[1], p[0]):
		return FindSwapped
	}
	return FindAbroad
}

// codes checks that each area has a code of its own in the right form, under the code of an area above.
func (c *checker) codes() {
	seen := map[string]int{}
	for i, f := range c.src.Features {
		code := f.ID
		switch first, twice := seen[code]; {
		case f.Fault != "":
			continue
		case code == "":
			c.add(c.of(i, FindNoCode, Bad))
			continue
		case twice:
			x := c.of(i, FindDuplicate, Bad)
			x.N, x.OtherName = c.src.Features[first].Index, c.src.Features[first].Name
			c.show(&x, c.shapes[i].Polygons, c.shapes[first].Polygons, nil)
			c.add(x)
			continue
		}
		seen[code] = i
		if !c.form(i, code) {
			continue
		}
		if last, taken := c.rules.Taken[code]; taken {
			x := c.of(i, FindReused, Bad)
			x.Word = last
			c.add(x)
		}
		c.under(i)
	}
}

// form checks how a code is written.
func (c *checker) form(i int, code string) bool {
	kind := ""
	switch {
	case strings.ContainsAny(code, "eE") && strings.ContainsAny(code, ".+"):
		kind = FindScientific
	case len(code) > 40 || strings.ContainsFunc(code, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("/?#%\\\"<>&", r) }):
		kind = FindMalformed
	case c.rules.Digits > 0 && (len(code) != c.rules.Digits || strings.Trim(code, "0123456789") != ""):
		kind = FindMalformed
	}
	if kind == "" {
		return true
	}
	x := c.of(i, kind, Bad)
	x.N = c.rules.Digits
	c.add(x)
	return false
}

// under finds the area above by the code and by what the file says, and writes it down in the shape.
func (c *checker) under(i int) {
	if c.rules.Parent == nil {
		return
	}
	s := &c.shapes[i]
	if c.rules.Prefix {
		code := c.parentCode(s.ID)
		if s.Parent != "" && s.Parent != code && code != "" {
			x := c.of(i, FindParent, Bad)
			x.Other = s.Parent
			c.add(x)
			s.Parent = code
			return
		}
		if code == "" {
			x := c.of(i, FindNoParent, Bad)
			x.Other = s.ID[:min(len(s.ID), c.parentDigits())]
			c.add(x)
			s.Parent = ""
			return
		}
		s.Parent = code
	}
	if s.Parent != "" {
		if _, ok := c.rules.Parent.Shape(s.Parent); !ok {
			x := c.of(i, FindNoParent, Bad)
			x.Other = s.Parent
			c.add(x)
			s.Parent = ""
		}
	}
}

// parentCode is the code of the area above with which code begins, "" for none.
func (c *checker) parentCode(code string) string {
	for n := len(code) - 1; n > 0; n-- {
		if s, ok := c.rules.Parent.Shape(code[:n]); ok {
			return s.ID
		}
	}
	return ""
}

func (c *checker) parentDigits() int {
	if areas := c.rules.Parent.shapes; len(areas) > 0 {
		return len(areas[0].ID)
	}
	return 0
}

// moved compares with the version in force: codes that lie elsewhere now, and codes that are gone.
func (c *checker) moved() {
	if c.rules.Before == nil {
		return
	}
	now := map[string]bool{}
	for _, i := range c.sound {
		s := c.shapes[i]
		now[s.ID] = true
		old, ok := c.rules.Before.Shape(s.ID)
		if !ok || s.Polygons.Bound().Intersects(old.Polygons.Bound()) {
			continue
		}
		x := c.of(i, FindMoved, Bad)
		x.Word = c.rules.Before.Version
		from, to := fromOrb(old.Polygons.Bound().Center()), fromOrb(s.Polygons.Bound().Center())
		x.Size, x.Way, x.At = Distance(from, to), compass(from, to), to
		c.show(&x, s.Polygons, old.Polygons, nil)
		c.add(x)
	}
	for _, old := range c.rules.Before.shapes {
		if !now[old.ID] && !slices.ContainsFunc(c.src.Features, func(f Feature) bool { return f.ID == old.ID }) {
			x := Finding{Kind: FindGone, Level: Odd, Code: old.ID, Name: old.Name, Word: c.rules.Before.Version, At: fromOrb(old.Polygons.Bound().Center())}
			c.show(&x, old.Polygons, nil, nil)
			c.add(x)
		}
	}
}

// compass is the direction from a to b in eight words.
func compass(a, b Point) string {
	angle := math.Atan2(b.Lat-a.Lat, (b.Lon-a.Lon)*squeezeAt(a.Lat)) / radian
	return [...]string{"e", "ne", "n", "nw", "w", "sw", "s", "se"}[int(math.Round(angle/45)+8)%8]
}

// String is a finding for developers; people read the words of the catalogue.
func (f Finding) String() string {
	return fmt.Sprintf("%s %s feature %d %s %s other %s n %d size %.1f %s %s at %.6f,%.6f", f.Level, f.Kind, f.Index, f.Code, f.Name, f.Other, f.N, f.Size, f.Way, f.Word, f.At.Lon, f.At.Lat)
}
