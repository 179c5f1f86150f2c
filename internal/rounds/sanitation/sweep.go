package sanitation

import "math/bits"

// swept is what of a segment was swept on a day. Marking is a union: the order of positions and their repetition change
// nothing, so that what came in live and what is reckoned anew from the stored tracks is the same.
type swept struct {
	cells  []byte // a bit for each cell, along the road first
	passed int64  // cm² swept, with repetition
	first  int64  // µs UTC of the first and the last position that swept it
	last   int64
}

func (r *road) fresh() *swept { return &swept{cells: make([]byte, (r.along*r.wide+7)/8)} }

// hits counts the cells swept.
func (s *swept) hits() (n int64) {
	for _, b := range s.cells {
		n += int64(bits.OnesCount8(b))
	}
	return n
}

// area is the swept part of the segment's area in cm²: exactly the whole when every cell was swept.
func (r *road) area(hits int64) int64 { return r.Area() * hits / (r.along * r.wide) }

// mark notes a place of a machine's stroke: the cells across the road that its brush of so many mm reaches. A place
// beside the road is moved to its edge: receivers err by metres, sweepers do not drive over gardens.
func (s *swept) mark(r *road, h hit, brush int64) {
	bin := min(h.long*r.along/r.drawn, r.along-1)
	half := r.Width / 2
	edge := max(0, half-brush/2)
	mid := min(max(h.side, -edge), edge)
	lo, hi := mid-brush/2+half, mid+brush/2+half
	from, to := int64(0), r.wide-1
	if brush < r.Width {
		// a cell counts when its middle is swept
		from = max(0, ceilDiv(2*lo*r.wide-r.Width, 2*r.Width))
		to = min(r.wide-1, floorDiv(2*hi*r.wide-r.Width, 2*r.Width))
	}
	for i := bin*r.wide + from; i <= bin*r.wide+to; i++ {
		s.cells[i>>3] |= 1 << (i & 7)
	}
}

// board is what was swept of all segments touched so far.
type board struct {
	g       *roads
	fastest int64 // of 0.1 km/h
	get     func(road int) (*swept, error)
}

// maxStep is how far apart the places of a stroke are at most, in mm: less than a cell.
const maxStep = 500

// sweep marks what a machine swept in the time that one position stands for: the stretch driven at its speed in its
// heading, with the position in the middle. Every position counts by itself.
func (b *board) sweep(p *Position, brush int64, every int, at int64) error {
	if !p.Brush || brush == 0 || p.Speed == 0 || p.Speed > b.fastest {
		return nil
	}
	far := p.Speed * int64(every) * 1000 / 36 // mm
	h := headings[p.Heading%360]
	mid := b.g.at(p.Lon, p.Lat)
	n := ceilDiv(far, maxStep)
	for i := range n {
		d := (2*i+1)*far/(2*n) - far/2
		hit, ok := b.g.match(spot{mid.x + (h[0]*d)>>20, mid.y + (h[1]*d)>>20}, h[0], h[1])
		if !ok {
			continue
		}
		s, err := b.get(hit.road)
		if err != nil {
			return err
		}
		r := &b.g.list[hit.road]
		s.mark(r, hit, brush)
		s.passed += far * min(brush, r.Width) / (100 * n)
		if s.first == 0 || at < s.first {
			s.first = at
		}
		s.last = max(s.last, at)
	}
	return nil
}
