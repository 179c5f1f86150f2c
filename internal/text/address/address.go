// Package address takes Chinese address text apart: 江源区孙家堡子街道兴林路12号兴林小区三号楼2单元 is
// a district, a street, a road, a number, an estate, a building and an entrance. It is pure and knows no district
// of its own; names of one place (streets, communities, estates) are given to New.
//
//	address.go   Kind, Element, Address, New, Parse
//	fold.go      text to units: one Han character, a run of figures and letters, a sign
//	number.go    Chinese numerals
//	rules.go     what a stretch of units may be, and how much speaks for it
//	names.go     provinces, cities and districts of China (divisions.txt), and local names
//	lattice.go   the best way through all that a text may be
//
// No rule decides alone. Rules propose stretches with a weight, and the best path of stretches through the whole text
// wins; the weights say how sure a sign is (街道 is a street, 区 may be many things) and how well two kinds follow each
// other. Nothing is learned from a corpus, so nothing but divisions.txt has a licence of its own.
package address

import "strings"

// Kind is what an element of an address is, from the widest to the narrowest.
type Kind string

const (
	Country   Kind = "country"
	Province  Kind = "province"
	City      Kind = "city"
	District  Kind = "district"
	Zone      Kind = "zone"      // 开发区, 高新区: no division of the state
	Town      Kind = "town"      // 街道, 镇, 乡
	Community Kind = "community" // 社区, 村
	Road      Kind = "road"      // 路, 街, 巷, and 组 of a village
	Number    Kind = "number"    // house number on a road: 12号, 669弄, 5组6号
	SubRoad   Kind = "subroad"   // a second, smaller road
	SubNumber Kind = "subnumber"
	Place     Kind = "place"    // estate, building with a name, shop, landmark
	SubPlace  Kind = "subplace" // part of it: 东区, 二期, 北门
	Building  Kind = "building" // 3号楼, 5栋, A座
	Entrance  Kind = "entrance" // 2单元
	Floor     Kind = "floor"
	Room      Kind = "room"
	Tenant    Kind = "tenant" // who is inside: a firm on the third floor
	Hint      Kind = "hint"   // 旁边, 对面, 往东50米
	Noise     Kind = "noise"  // words and signs that say nothing about where
)

// Element is one part of an address.
type Element struct {
	Kind       Kind
	Text       string // as it was written
	Value      string // in one way of writing: figures for numerals, half width, no measure word: 三号楼 is 3
	Start, End int    // bytes in the text that was parsed
}

// Address is a text taken apart. The elements cover it without gaps, but for blanks.
type Address struct {
	Elements []Element
}

// Get is the value of the first element of a kind, "" if there is none.
func (a Address) Get(k Kind) string {
	for _, e := range a.Elements {
		if e.Kind == k {
			return e.Value
		}
	}
	return ""
}

// Has reports whether there is an element of any of the kinds.
func (a Address) Has(kinds ...Kind) bool {
	for _, e := range a.Elements {
		for _, k := range kinds {
			if e.Kind == k {
				return true
			}
		}
	}
	return false
}

// Words is the text of the elements of these kinds, in their order, joined.
func (a Address) Words(kinds ...Kind) string {
	var b strings.Builder
	for _, e := range a.Elements {
		for _, k := range kinds {
			if e.Kind == k {
				b.WriteString(e.Text)
			}
		}
	}
	return b.String()
}

// Name is something that is known to exist: 孙家堡子街道 is a Town.
type Name struct {
	Text  string
	Kind  Kind
	Short bool // only a part of the name, 湾沟 of 湾沟镇: longer names that hold it go first
}

// Parser takes addresses apart. It is immutable and may be used by many at once.
type Parser struct {
	local map[string]Name // by folded name
	most  int             // runes of the longest
}

// New makes a parser that knows these names besides those of China's provinces, cities and districts. The first kind
// of a name that is given twice counts.
func New(names ...Name) *Parser {
	p := &Parser{local: make(map[string]Name, len(names))}
	for _, n := range names {
		key := plain(n.Text)
		size := len([]rune(key))
		if _, twice := p.local[key]; twice || size < 2 || size > longest {
			continue
		}
		p.local[key] = n
		p.most = max(p.most, size)
	}
	return p
}

// MaxLength is how many characters of a text are looked at; nobody's address is longer.
const MaxLength = 200

// Parse takes a text apart. It never fails: what it cannot name is a Place or Noise. What lies behind MaxLength
// characters is left out.
func (p *Parser) Parse(s string) Address {
	us := fold(s)
	if len(us) == 0 {
		return Address{}
	}
	l := newLattice(p, us)
	return Address{Elements: l.best(s)}
}
