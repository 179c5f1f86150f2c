package geo

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// overlay finds overlaps, gaps and what lies outside of the area above, for a whole layer at once: a line sweeps from south to north,
// halting at every corner. Between two halts no edge begins or ends, so the areas above and below each edge are known from the order of the edges, and
// what is in two areas, or in none, is a trapezoid. Where edges cross between halts the stretch is halved until it does not matter.
type overlay struct {
	c      *checker
	active []sweepEdge
	on     []int32 // areas the line is in
	above  []int32 // areas of the layer above it is in

	overlaps map[[2]int32]*pile
	outsides map[int32]*pile
	lands    map[[2]int32]float64 // area, area of the layer above (-1: none) -> m² outside of its own
	gaps     []*pile
	last     []gapPiece // of the stretch below
	work     int
}

// sweepEdge is an edge of an area (owner >= 0) or of an area above (^owner).
type sweepEdge struct {
	edge
	owner  int32
	x      float64 // at the middle of the stretch
	upward float64 // how steep it is: 1 straight up, 0 flat
}

// pile is a surface made of trapezoids.
type pile struct {
	square  float64 // m²
	largest float64
	at      orb.Point
	pieces  []orb.Ring // at most maxPieces, for the picture
	beside  int32      // an area next to a gap, -1 for none
	merged  *pile      // this gap turned out to be part of another
}

type gapPiece struct {
	from, to float64
	pile     *pile
}

const (
	maxPieces = 300
	maxWork   = 1_500_000_000 // edges looked at in all: far beyond any district, before an evil drawing takes an hour
	halvings  = 6
)

func (c *checker) overlay() {
	o := &overlay{c: c, overlaps: map[[2]int32]*pile{}, outsides: map[int32]*pile{}, lands: map[[2]int32]float64{}}
	edges, halts := o.edges()
	next := 0
	for k := 0; k+1 < len(halts) && o.work < maxWork; k++ {
		low, high := halts[k], halts[k+1]
		o.active = slices.DeleteFunc(o.active, func(e sweepEdge) bool { return e.b[1] <= low })
		for ; next < len(edges) && edges[next].a[1] <= low; next++ {
			if edges[next].b[1] > low {
				o.active = append(o.active, edges[next])
			}
		}
		o.stretch(low, high, halvings)
	}
	if o.work >= maxWork {
		c.add(Finding{Kind: FindTangled, Level: Bad})
	}
	o.report()
}

// edges are all edges that rise, by their lower ends, and the latitudes at which the line halts.
func (o *overlay) edges() (edges []sweepEdge, halts []float64) {
	add := func(polygons orb.MultiPolygon, owner int32) {
		for _, rings := range polygons {
			for _, ring := range rings {
				for k := 1; k < len(ring); k++ {
					e := newEdge(ring[k-1], ring[k])
					halts = append(halts, e.a[1])
					if rise := e.b[1] - e.a[1]; rise > 0 {
						edges = append(edges, sweepEdge{edge: e, owner: owner, upward: rise / math.Hypot(rise, (e.b[0]-e.a[0])*squeezeAt(e.a[1]))})
						halts = append(halts, e.b[1])
					}
				}
			}
		}
	}
	bound := o.c.shapes[o.c.sound[0]].Polygons.Bound()
	for _, i := range o.c.sound {
		add(o.c.shapes[i].Polygons, int32(i))
		bound = bound.Union(o.c.shapes[i].Polygons.Bound())
	}
	if p := o.c.rules.Parent; p != nil {
		for k, s := range p.shapes {
			if o.c.rules.Covers || s.Polygons.Bound().Intersects(bound) {
				add(s.Polygons, ^int32(k))
			}
		}
	}
	slices.SortFunc(edges, func(a, b sweepEdge) int { return cmp.Compare(a.a[1], b.a[1]) })
	slices.Sort(halts)
	// Halts closer than a hundredth of a millimetre are one.
	kept := halts[:0]
	for _, h := range halts {
		if len(kept) == 0 || h-kept[len(kept)-1] > border/10 {
			kept = append(kept, h)
		}
	}
	return edges, kept
}

// at is where the edge is at a latitude.
func (e *sweepEdge) at(lat float64) float64 {
	t := (lat - e.a[1]) / (e.b[1] - e.a[1])
	return e.a[0] + min(max(t, 0), 1)*(e.b[0]-e.a[0])
}

// stretch looks at the ground between two halts.
func (o *overlay) stretch(low, high float64, halve int) {
	mid := low + (high-low)/2
	o.work += len(o.active)
	for i := range o.active {
		o.active[i].x = o.active[i].at(mid)
	}
	// Nearly in order from the stretch before: an insertion sort is done quickly.
	for i := 1; i < len(o.active); i++ {
		for k := i; k > 0 && o.active[k].x < o.active[k-1].x; k-- {
			o.active[k], o.active[k-1] = o.active[k-1], o.active[k]
			o.work++
		}
	}
	if halve > 0 && high-low > 100*border && o.cross(low, high) {
		o.stretch(low, mid, halve-1)
		o.stretch(mid, high, halve-1)
		return
	}
	o.row(low, high, mid)
}

// cross reports whether two neighbours at the middle of the stretch are the other way round at an end of it, by more than a centimetre.
func (o *overlay) cross(low, high float64) bool {
	for i := 1; i < len(o.active); i++ {
		a, b := &o.active[i-1], &o.active[i]
		if reach := (high - low) * 100; b.x-a.x > reach && a.upward > 0.02 && b.upward > 0.02 {
			continue
		}
		if a.at(low)-b.at(low) > 100*border || a.at(high)-b.at(high) > 100*border {
			return true
		}
	}
	return false
}

// row goes along the line and counts what is in two areas, in none, or in the wrong one.
func (o *overlay) row(low, high, mid float64) {
	o.on, o.above = o.on[:0], o.above[:0]
	metres := earthRadius * radian * squeezeAt(mid)
	height := (high - low) * earthRadius * radian
	var gaps []gapPiece
	for i := range o.active {
		e := &o.active[i]
		if i > 0 {
			p := &o.active[i-1]
			width := (e.x - p.x) * metres
			if width*max(e.upward, p.upward) >= o.c.rules.Distance {
				if g, ok := o.interval(p, e, low, high, width*height); ok {
					gaps = append(gaps, g)
				}
			}
		}
		if e.owner >= 0 {
			o.on = toggle(o.on, e.owner)
		} else {
			o.above = toggle(o.above, ^e.owner)
		}
	}
	o.last = gaps
}

func toggle(list []int32, v int32) []int32 {
	if i := slices.Index(list, v); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return append(list, v)
}

// interval is the ground between two neighbouring edges.
func (o *overlay) interval(left, right *sweepEdge, low, high, square float64) (gap gapPiece, isGap bool) {
	piece := func(p *pile) {
		p.square += square
		if square > p.largest {
			mid := (low + high) / 2
			p.largest, p.at = square, orb.Point{(left.x + right.x) / 2, mid}
		}
		if len(p.pieces) < maxPieces {
			p.pieces = append(p.pieces, orb.Ring{{left.at(low), low}, {right.at(low), low}, {right.at(high), high}, {left.at(high), high}, {left.at(low), low}})
		}
	}
	for i, a := range o.on {
		for _, b := range o.on[:i] {
			piece(pileOf(o.overlaps, [2]int32{min(a, b), max(a, b)}))
		}
		if o.c.rules.Parent != nil && !o.underOwn(a) {
			piece(pileOf(o.outsides, a))
			where := int32(-1)
			if len(o.above) > 0 {
				where = o.above[0]
			}
			o.lands[[2]int32{a, where}] += square
		}
	}
	if len(o.on) > 0 || len(o.above) == 0 || !o.c.rules.Covers {
		return gapPiece{}, false
	}
	g := gapPiece{from: left.x, to: right.x}
	for _, b := range o.last {
		if b.from > g.to || b.to < g.from {
			continue
		}
		found := b.pile.root()
		switch {
		case g.pile == nil:
			g.pile = found
		case g.pile != found: // two gaps meet further up
			g.pile.join(found)
		}
	}
	if g.pile == nil {
		g.pile = &pile{beside: -1}
		o.gaps = append(o.gaps, g.pile)
	}
	piece(g.pile)
	for _, e := range []*sweepEdge{left, right} {
		if e.owner >= 0 && g.pile.beside < 0 {
			g.pile.beside = e.owner
		}
	}
	return g, true
}

// underOwn reports whether the line is in the area above to which area i belongs; any will do for one that belongs to none.
func (o *overlay) underOwn(i int32) bool {
	own := o.c.shapes[i].Parent
	for _, a := range o.above {
		if own == "" || o.c.rules.Parent.shapes[a].ID == own {
			return true
		}
	}
	return false
}

func pileOf[K comparable](piles map[K]*pile, key K) *pile {
	p := piles[key]
	if p == nil {
		p = &pile{beside: -1}
		piles[key] = p
	}
	return p
}

func (p *pile) root() *pile {
	for p.merged != nil {
		p = p.merged
	}
	return p
}

func (p *pile) join(other *pile) {
	p.square += other.square
	if other.largest > p.largest {
		p.largest, p.at = other.largest, other.at
	}
	if room := maxPieces - len(p.pieces); room > 0 {
		p.pieces = append(p.pieces, other.pieces[:min(room, len(other.pieces))]...)
	}
	if p.beside < 0 {
		p.beside = other.beside
	}
	other.merged = p
}

// report makes findings of the surfaces that are large enough, largest first.
func (o *overlay) report() {
	c := o.c
	for _, k := range largest(o.overlaps, c.rules.Area) {
		p := o.overlaps[k]
		x, other := c.of(int(k[0]), FindOverlap, Odd), c.src.Features[k[1]]
		x.Other, x.OtherName = other.ID, other.Name
		c.pile(&x, p, c.shapes[k[0]].Polygons, c.shapes[k[1]].Polygons)
	}
	gaps := map[int]*pile{}
	for i, p := range o.gaps {
		if p.merged == nil {
			gaps[i] = p
		}
	}
	for _, k := range largest(gaps, c.rules.Area) {
		x := Finding{Kind: FindGap, Level: Odd}
		var beside orb.MultiPolygon
		if b := gaps[k].beside; b >= 0 {
			x.Other, x.OtherName = c.src.Features[b].ID, c.src.Features[b].Name
			beside = c.shapes[b].Polygons
		}
		c.pile(&x, gaps[k], beside, nil)
	}
	for _, i := range largest(o.outsides, c.rules.Area) {
		o.outside(i)
	}
}

// outside tells an area that reaches over the border of its own area above from one that lies in another altogether.
func (o *overlay) outside(i int32) {
	c := o.c
	x := c.of(int(i), FindOutside, Odd)
	var where int32 = -1
	most := 0.0
	for k, square := range o.lands {
		if k[0] == i && (square > most || square == most && k[1] < where) {
			where, most = k[1], square
		}
	}
	whole := 0.0
	for _, rings := range c.shapes[i].Polygons {
		for _, ring := range rings {
			whole += squareMetres(ringArea(ring), ring[0][1]) // holes run the other way
		}
	}
	if where >= 0 {
		above := c.rules.Parent.shapes[where]
		x.Other, x.OtherName = above.ID, above.Name
	}
	if o.outsides[i].square > whole/2 {
		x.Kind, x.Level = FindElsewhere, Bad
	}
	own, _ := c.rules.Parent.Shape(c.shapes[i].Parent)
	c.pile(&x, o.outsides[i], c.shapes[i].Polygons, own.Polygons)
}

// largest are the keys of surfaces over the limit, largest first.
func largest[K comparable](piles map[K]*pile, limit float64) []K {
	var keys []K
	for k, p := range piles {
		if p.square > limit {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b K) int {
		x, y := piles[a], piles[b]
		return cmp.Or(cmp.Compare(y.square, x.square), cmp.Compare(x.at[0], y.at[0]), cmp.Compare(x.at[1], y.at[1]))
	})
	return keys
}

// pile adds a finding about a surface.
func (c *checker) pile(x *Finding, p *pile, area, other orb.MultiPolygon) {
	x.Size, x.At = p.square, fromOrb(p.at)
	if c.room(x.Kind) {
		bad := make(orb.MultiPolygon, len(p.pieces))
		for i, ring := range p.pieces {
			bad[i] = orb.Polygon{ring}
		}
		c.show(x, area, other, bad)
	}
	c.add(*x)
}
