package geo

import (
	"encoding/binary"
	"math"
	"runtime"
	"sync"

	"github.com/paulmach/orb"
)

const (
	maxRoot    = 512 // cells of the root in one direction
	childBits  = 2   // a cell is divided into 1<<childBits columns and rows,
	childSide  = 1 << childBits
	maxDepth   = 2 // so many times,
	fineBits   = maxDepth * childBits
	fewEdges   = 30   // but not one with so few edges
	cellMargin = 4e-9 // degrees by which a cell is widened when edges are looked for: the tolerance border and rounding
)

type indexBuilder struct {
	x     *Index
	known map[string]int32 // a leaf -> where it begins
	bound [][]orb.Bound    // of the areas of each layer
	key   []byte
}

// part is an area with the edges that reach into a cell.
type part struct {
	layer, area int32
	edges       []edge
}

// work is what is known of a cell before it becomes a leaf or a node.
type work struct {
	sure  []int32 // per layer the smallest area that covers the whole cell, -1 for none; nil: none at all
	parts []part
}

func (b *indexBuilder) root(bound orb.Bound, areas int) {
	x := b.x
	x.side = int32(min(max(8, int(math.Sqrt(float64(areas)))), maxRoot))
	x.west, x.south = bound.Min[0]-cellMargin, bound.Min[1]-cellMargin
	fine := float64(x.side << fineBits)
	x.perLon, x.perLat = fine/(bound.Max[0]-x.west+cellMargin), fine/(bound.Max[1]-x.south+cellMargin)
	var all work
	for k, l := range x.layers {
		b.bound = append(b.bound, make([]orb.Bound, len(l.shapes)))
		for i, s := range l.shapes {
			b.bound[k][i] = s.Polygons.Bound()
			p := part{layer: int32(k), area: int32(i)}
			for _, rings := range s.Polygons {
				for _, ring := range rings {
					for j := 1; j < len(ring); j++ {
						p.edges = append(p.edges, newEdge(ring[j-1], ring[j]))
					}
				}
			}
			all.parts = append(all.parts, p)
		}
	}
	per := 1.0 / (1 << fineBits)
	b.rows(grid{west: x.west, south: x.south, perLon: x.perLon * per, perLat: x.perLat * per, side: x.side}, all)
}

// rows makes the cells of the root, a stretch of its rows on each processor. What the stretches wrote is put one after the other.
func (b *indexBuilder) rows(g grid, all work) {
	cells := b.distribute(g, all)
	parts := make([]*indexBuilder, max(1, min(runtime.GOMAXPROCS(0), int(g.side)/8)))
	var wg sync.WaitGroup
	for i := range parts {
		own := &indexBuilder{x: &Index{layers: b.x.layers, outlines: b.x.outlines}, known: map[string]int32{}, bound: b.bound}
		parts[i] = own
		from, to := g.side*int32(i)/int32(len(parts)), g.side*int32(i+1)/int32(len(parts))
		own.x.cells = make([]int32, (to-from)*g.side)
		wg.Go(func() {
			for k := range own.x.cells {
				row, column := from+int32(k)/g.side, int32(k)%g.side
				value := own.value(g, column, row, 0, cells[row*g.side+column])
				own.x.cells[k] = value
			}
		})
	}
	wg.Wait()
	b.join(parts, g.side)
}

// join puts the parts together: first all cells of the root, then the divided ones of each part.
func (b *indexBuilder) join(parts []*indexBuilder, side int32) {
	x := b.x
	root := side * side
	x.cells = make([]int32, 0, root)
	begin := make([]int32, len(parts)) // how many cells of the root a part has
	row := int32(0)
	for i := range parts {
		next := side * int32(i+1) / int32(len(parts))
		begin[i] = (next - row) * side
		x.cells = append(x.cells, parts[i].x.cells[:begin[i]]...)
		row = next
	}
	at := int32(0)
	for i, p := range parts {
		move, leaves := int32(len(x.cells))-begin[i], int32(len(x.leaves))
		rest := len(x.cells)
		x.cells = append(x.cells, p.x.cells[begin[i]:]...)
		shift := func(list []int32) {
			for k, v := range list {
				if v < 0 {
					list[k] = ^(^v + move)
				} else {
					list[k] = v + leaves
				}
			}
		}
		shift(x.cells[at : at+begin[i]])
		shift(x.cells[rest:])
		x.leaves = append(x.leaves, p.x.leaves...)
		at += begin[i]
	}
}

// divide makes the cells of a grid and returns where they begin.
func (b *indexBuilder) divide(g grid, depth int, w work) int32 {
	first := int32(len(b.x.cells))
	b.x.cells = append(b.x.cells, make([]int32, g.side*g.side)...)
	cells := b.distribute(g, w)
	for row := range g.side {
		for column := range g.side {
			value := b.value(g, column, row, depth, cells[row*g.side+column])
			b.x.cells[first+row*g.side+column] = value // only now: divide lets cells grow
		}
	}
	return first
}

// value is what a cell says: where its leaf or, if it is crowded, its sixteen parts begin.
func (b *indexBuilder) value(g grid, column, row int32, depth int, w work) int32 {
	if depth == maxDepth || !crowded(w.parts) {
		return b.leaf(w)
	}
	at := g.cell(column, row)
	return ^b.divide(grid{west: at.Min[0], south: at.Min[1], perLon: g.perLon * childSide, perLat: g.perLat * childSide, side: childSide}, depth+1, w)
}

// crowded reports whether a cell is worth dividing.
func crowded(parts []part) bool {
	edges := 0
	for _, p := range parts {
		edges += len(p.edges)
	}
	return len(parts) > 5 || len(parts) > 0 && edges > fewEdges
}

// grid is a square of cells.
type grid struct {
	west, south    float64
	perLon, perLat float64 // cells per degree
	side           int32
}

func (g grid) cell(column, row int32) orb.Bound {
	return orb.Bound{Min: orb.Point{g.west + float64(column)/g.perLon, g.south + float64(row)/g.perLat},
		Max: orb.Point{g.west + float64(column+1)/g.perLon, g.south + float64(row+1)/g.perLat}}
}

// span is the range of columns or rows that the stretch from low to high, widened by the margin, reaches.
func (g grid) span(low, high, zero, per float64) (int32, int32) {
	from, to := math.Floor((low-cellMargin-zero)*per), math.Floor((high+cellMargin-zero)*per)
	last := float64(g.side - 1)
	return int32(min(max(0, from), last+1)), int32(max(min(last, to), -1))
}

// distribute says for each cell of the grid which areas cover it wholly and which have edges in it.
func (b *indexBuilder) distribute(g grid, w work) []work {
	cells := make([]work, g.side*g.side)
	for i := range cells {
		cells[i].sure = w.sure
	}
	for _, p := range w.parts {
		outlines, bound := b.x.outlines[p.layer], b.bound[p.layer][p.area]
		for _, e := range p.edges {
			x0, x1 := g.span(min(e.a[0], e.b[0]), max(e.a[0], e.b[0]), g.west, g.perLon)
			y0, y1 := g.span(e.a[1], e.b[1], g.south, g.perLat)
			for y := y0; y <= y1; y++ {
				for x := x0; x <= x1; x++ {
					if c := &cells[y*g.side+x]; meets(e, g.cell(x, y)) {
						c.note(p, e)
					}
				}
			}
		}
		x0, x1 := g.span(bound.Min[0], bound.Max[0], g.west, g.perLon)
		y0, y1 := g.span(bound.Min[1], bound.Max[1], g.south, g.perLat)
		for y := y0; y <= y1; y++ {
			for x := x0; x <= x1; x++ {
				c := &cells[y*g.side+x]
				if n := len(c.parts); n > 0 && c.parts[n-1].layer == p.layer && c.parts[n-1].area == p.area {
					continue
				}
				if (c.sure == nil || c.sure[p.layer] < 0 || c.sure[p.layer] > p.area) && outlines.covers(p.area, g.cell(x, y).Center()) {
					c.cover(p, len(b.x.layers))
				}
			}
		}
	}
	return cells
}

// note adds an edge to the area's part of the cell.
func (w *work) note(p part, e edge) {
	if n := len(w.parts); n > 0 && w.parts[n-1].layer == p.layer && w.parts[n-1].area == p.area {
		w.parts[n-1].edges = append(w.parts[n-1].edges, e)
		return
	}
	w.parts = append(w.parts, part{p.layer, p.area, []edge{e}})
}

// cover says that the area covers the whole cell. sure may be shared with other cells, so it is copied.
func (w *work) cover(p part, layers int) {
	sure := make([]int32, layers)
	for i := range sure {
		sure[i] = -1
	}
	copy(sure, w.sure)
	sure[p.layer] = p.area
	w.sure = sure
}

// meets reports whether an edge may reach into a cell widened by the margin; it may say so of an edge just beside it.
func meets(e edge, c orb.Bound) bool {
	low, high := orb.Point{c.Min[0] - cellMargin, c.Min[1] - cellMargin}, orb.Point{c.Max[0] + cellMargin, c.Max[1] + cellMargin}
	if max(e.a[0], e.b[0]) < low[0] || min(e.a[0], e.b[0]) > high[0] || e.b[1] < low[1] || e.a[1] > high[1] {
		return false
	}
	dx, dy := e.b[0]-e.a[0], e.b[1]-e.a[1]
	left, right := false, false
	for _, p := range [4]orb.Point{low, {high[0], low[1]}, high, {low[0], high[1]}} {
		cross := dx*(p[1]-e.a[1]) - dy*(p[0]-e.a[0])
		left, right = left || cross >= 0, right || cross <= 0
	}
	return left && right
}

// leaf writes down what is known of a cell, once for all cells of which the same is known.
func (b *indexBuilder) leaf(w work) int32 {
	var program []int32
	at := 0
	for layer := range int32(len(b.x.layers)) {
		sure := int32(-1)
		if w.sure != nil {
			sure = w.sure[layer]
		}
		begin := len(program)
		program = append(program, layer, 0)
		for ; at < len(w.parts) && w.parts[at].layer == layer; at++ {
			if area := w.parts[at].area; sure < 0 || area < sure {
				program = append(program, area)
				program[begin+1]++
			}
		}
		if program = append(program, sure); program[begin+1] == 0 && sure < 0 {
			program = program[:begin]
		}
	}
	program = append(program, -1)
	b.key = b.key[:0]
	for _, v := range program {
		b.key = binary.LittleEndian.AppendUint32(b.key, uint32(v))
	}
	if begin, ok := b.known[string(b.key)]; ok {
		return begin
	}
	begin := int32(len(b.x.leaves))
	b.x.leaves = append(b.x.leaves, program...)
	b.known[string(b.key)] = begin
	return begin
}
