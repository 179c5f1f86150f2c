package address

import (
	"math"
	"strings"
)

type label int8

const (
	country label = iota
	province
	city
	district
	zone
	town
	community
	road
	number
	subroad
	subnumber
	spot // a Place whose name does not tell: mostly a hamlet or a shop
	place
	subplace
	building
	entrance
	floor
	room
	tenant
	labels // how many there are
	hint   // hints and noise leave the order alone
	noise
	beginning = labels
)

var kinds = []Kind{Country, Province, City, District, Zone, Town, Community, Road, Number, SubRoad, SubNumber, Place, Place, SubPlace, Building, Entrance, Floor, Room, Tenant, "", Hint, Noise}

func labelOf(k Kind) label {
	for i, x := range kinds {
		if x == k && k != "" && label(i) != spot {
			return label(i)
		}
	}
	return noise
}

// follow is how well next stands behind prev; what is not said goes by order.
var follow = map[[2]label]float64{
	{road, number}: 2.2, {subroad, subnumber}: 2.4, {community, number}: 1.1, {road, subroad}: -0.6, {number, subroad}: -1.6, {road, road}: -4, {number, road}: -3,
	{place, building}: 1.1, {subplace, building}: 1.1, {number, building}: 0.3, {building, entrance}: 1.2, {building, room}: 1, {building, floor}: 0.6,
	{entrance, room}: 1.3, {entrance, floor}: 0.7, {floor, room}: 1.2, {floor, tenant}: 0.6, {room, tenant}: -0.2, {building, tenant}: -0.3, {entrance, tenant}: -0.6,
	{number, place}: 0.5, {road, place}: -0.1, {town, road}: 0.3, {district, town}: 0.3, {town, community}: 0.6, {city, district}: 0.6, {province, city}: 0.6,
	{place, subplace}: -0.2, {subplace, subplace}: -0.9, {place, place}: -6, {place, road}: -1.1, {place, number}: 0.6, {subplace, number}: -0.6, {place, room}: 0.4, {subplace, room}: 0.2,
	{place, floor}: 0.5, {subplace, floor}: 0.6, {place, entrance}: -0.8, {number, floor}: 0, {number, room}: -0.2, {zone, town}: -0.6, {town, zone}: -0.6, {district, zone}: 0, {city, zone}: -0.2,
	{community, zone}: -2.5, {floor, building}: -2.2, {floor, subplace}: -0.9, {entrance, subplace}: -1.6, {building, subplace}: -1.2, {room, subplace}: -2.4, {place, tenant}: -3.2, {subplace, tenant}: -1.6,
	{tenant, room}: -0.8, {tenant, floor}: -1, {tenant, building}: -1, {town, number}: -1.3, {district, number}: -2.6, {zone, number}: -2, {city, number}: -3, {road, building}: -1.2,
	{road, room}: -2.6, {road, floor}: -1.6, {road, entrance}: -2, {road, subplace}: -1.8, {number, subplace}: -0.9, {number, entrance}: -1, {community, building}: -1, {community, subplace}: -2.2,
	{community, place}: 0, {town, place}: -0.1, {room, room}: -3, {entrance, entrance}: -3, {building, building}: -2.2, {town, town}: -2.6, {community, community}: -2.2, {subnumber, place}: 0.4,
	{subnumber, room}: 0.1, {subnumber, building}: 0.3, {subroad, place}: 0, {beginning, number}: -2.6, {beginning, building}: -1.2, {beginning, entrance}: -2.4, {beginning, room}: -2.6, {beginning, floor}: -1.8,
	{room, floor}: -2.2, {entrance, building}: -2, {room, building}: -2.6, {room, entrance}: -2.6, {number, community}: -2.4, {place, community}: -1.9, {road, community}: -1.1, {number, town}: -3.4,
}

var follows = func() (out [labels + 1][labels]float64) {
	for p := range labels + 1 {
		for n := range labels {
			w, said := follow[[2]label{p, n}]
			switch {
			case said:
			case n == spot || p == spot:
				w = followsSpot(p, n)
			case n == subplace, n == tenant:
				w = -4.5
			case n == subroad || n == subnumber:
				w = -6
			case p == beginning:
			case p == n:
				w = -3.6
			case n < p && n <= district:
				w = -5.5
			case n < p:
				w = -3
			}
			out[p][n] = w
		}
	}
	return out
}()

// followsSpot is as for a place, but for numbers: they are those of a village street.
func followsSpot(p, n label) float64 {
	switch {
	case p == spot && n == number:
		return 1.5
	case p == spot && n == building:
		return 0.5
	case p == spot && (n == spot || n == place):
		return -4
	case p == spot:
		p = place
	}
	if n == spot {
		n = place
	}
	if w, ok := follow[[2]label{p, n}]; ok {
		return w
	}
	switch {
	case n == tenant, n == subplace:
		return -4.5
	case n == subroad || n == subnumber:
		return -6
	case n < p && n <= district:
		return -5.5
	case n < p && p != beginning:
		return -3
	}
	return 0
}

// lattice is all that a text may be.
type lattice struct {
	p   *Parser
	us  []unit
	off []int // byte offset of each unit in all
	all string
}

func newLattice(p *Parser, us []unit) *lattice {
	l := &lattice{p: p, us: us, off: make([]int, len(us)+1)}
	var b strings.Builder
	for i, u := range us {
		l.off[i] = b.Len()
		b.WriteString(u.text)
	}
	l.all = b.String()
	l.off[len(us)] = len(l.all)
	return l
}

func (l *lattice) text(from, to int) string { return l.all[l.off[from]:l.off[to]] }

// begins reports whether the units from i on begin with s; false when s would end within a unit.
func (l *lattice) begins(i int, s string) bool {
	return i <= len(l.us) && strings.HasPrefix(l.all[l.off[i]:], s)
}

// ends reports whether the units before to end with s.
func (l *lattice) ends(to int, s string) bool { return strings.HasSuffix(l.all[:l.off[to]], s) }

// cell is the best way to a unit with a label last.
type cell struct {
	weight float64
	part   part
	prev   label // of the cell the part began at
	ok     bool
}

// best is the heaviest path as elements. Hints and noise leave the label before them in force.
func (l *lattice) best(original string) []Element {
	n := len(l.us)
	table := make([][labels + 1]cell, n+1)
	table[0][beginning] = cell{ok: true}
	for i := range n {
		parts := l.proposals(i)
		for last := range labels + 1 {
			c := table[i][last]
			if !c.ok {
				continue
			}
			for _, p := range parts {
				to, w := p.kind, c.weight+p.weight
				if p.kind >= hint {
					to = last
					if p.kind == noise && last == beginning {
						w += 0.1
					}
				} else {
					w += follows[last][p.kind]
				}
				if at := &table[p.to][to]; !at.ok || w > at.weight {
					*at = cell{w, p, last, true}
				}
			}
			// What nothing explains costs most.
			if at := &table[i+1][last]; !at.ok || c.weight-3 > at.weight {
				*at = cell{c.weight - 3, part{i, i + 1, noise, -3}, last, true}
			}
		}
	}
	last, top := label(0), math.Inf(-1)
	for k, c := range table[n] {
		if c.ok && c.weight > top {
			last, top = label(k), c.weight
		}
	}
	var parts []part
	for at := n; at > 0; {
		c := table[at][last]
		parts = append(parts, c.part)
		at, last = c.part.from, c.prev
	}
	out := make([]Element, 0, len(parts))
	for i := len(parts) - 1; i >= 0; i-- {
		p := parts[i]
		e := Element{Kind: kinds[p.kind], Start: l.us[p.from].start, End: l.us[p.to-1].end}
		e.Text, e.Value = original[e.Start:e.End], value(kinds[p.kind], l.text(p.from, p.to))
		out = append(out, e)
	}
	return out
}

// value is the text in one way of writing.
func value(k Kind, s string) string {
	switch k {
	case Building, Entrance, Floor, Room, Number, SubNumber:
	default:
		return s
	}
	s = Figures(s)
	for _, m := range []string{"号单元", "#单元", "单元", "号楼", "#楼", "栋楼", "号栋", "号幢", "号房间", "号房", "号室", "房间", "号", "栋", "幢", "撞", "座", "楼", "层", "室", "房", "户", "单", "门", "排", "弄", "#"} {
		if t, ok := strings.CutSuffix(s, m); ok && t != "" {
			return t
		}
	}
	return s
}
