package ui

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// LineChart is a chart of one to three series over the same steps. Label is its
// conclusion (17 时 52 件，为全天最高) and becomes its accessible name; the numbers
// stand in a table beside it.
type LineChart struct {
	Label  string
	Steps  []string // names of the steps: 0 时 … 17 时
	Series []Series // the first is drawn strongest
	Flag   string   // label at the last point of the first series; "" none
	Unit   string
	Hidden bool    // wall: the table is for screen readers only
	W, H   float64 // size of the drawing; 0 is 416 x 218
}

// Series is one line. Values may be shorter than Steps: the day is not over.
type Series struct {
	Name   string
	Values []float64
}

// geometry of a line chart: where everything is.
type lineGeo struct {
	W, H, L, R, T, B float64 // size, and the edges of the plot
	Top              float64 // value at the upper edge
	Ticks            []float64
	Marks            []int // steps whose name is shown
}

func (c LineChart) geo() lineGeo {
	g := lineGeo{W: c.W, H: c.H}
	if g.W == 0 {
		g.W, g.H = 416, 218
	}
	g.L, g.R, g.T, g.B = 38, g.W-14, 16, g.H-24
	top := 0.0
	for _, s := range c.Series {
		for _, v := range s.Values {
			if !math.IsNaN(v) {
				top = max(top, v)
			}
		}
	}
	g.Ticks = ticks(top)
	g.Top = g.Ticks[len(g.Ticks)-1]
	g.Marks = marks(len(c.Steps), 5)
	return g
}

func (g lineGeo) x(i, n int) float64 {
	if n < 2 {
		return (g.L + g.R) / 2
	}
	return g.L + (g.R-g.L)*float64(i)/float64(n-1)
}

func (g lineGeo) y(v float64) float64 { return g.B - (g.B-g.T)*v/g.Top }

// ticks are 3 to 6 round values from 0 to at least top.
func ticks(top float64) []float64 {
	if top <= 0 || math.IsInf(top, 0) {
		return []float64{0, 1}
	}
	unit := math.Pow(10, math.Floor(math.Log10(top)))
	step := unit
	for _, f := range []float64{0.2, 0.25, 0.5, 1, 2} {
		if step = unit * f; top/step <= 5 {
			break
		}
	}
	out := []float64{0}
	for v := step; ; v += step {
		out = append(out, v)
		if v >= top-1e-9*step {
			return out
		}
	}
}

// marks picks at most so many of n steps to name, always the first and the last.
func marks(n, most int) []int {
	if n == 0 {
		return nil
	}
	step := max(1, (n-1+most-2)/(most-1))
	var out []int
	for i := 0; i < n-1; i += step {
		if n-1-i >= (step+1)/2 {
			out = append(out, i)
		}
	}
	return append(out, n-1)
}

// curve draws a line through the points that never overshoots: flat tangents at
// every point, so that a chart of counts does not dip below a count.
func (g lineGeo) curve(values []float64, n int) string {
	var b strings.Builder
	for i, v := range values {
		x, y := g.x(i, n), g.y(v)
		if i == 0 {
			b.WriteString("M" + px(x) + " " + px(y))
			continue
		}
		x0, y0 := g.x(i-1, n), g.y(values[i-1])
		d := (x - x0) * 0.45
		b.WriteString("C" + px(x0+d) + " " + px(y0) + " " + px(x-d) + " " + px(y) + " " + px(x) + " " + px(y))
	}
	return b.String()
}

func (g lineGeo) area(values []float64, n int) string {
	if len(values) == 0 {
		return ""
	}
	return g.curve(values, n) + "L" + px(g.x(len(values)-1, n)) + " " + px(g.B) + "L" + px(g.L) + " " + px(g.B) + "Z"
}

// px is a coordinate with one decimal and no trailing zero.
func px(x float64) string {
	s := strconv.FormatFloat(x, 'f', 1, 64)
	return strings.TrimSuffix(s, ".0")
}

func num(x float64) string {
	if math.IsNaN(x) {
		return "—"
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// sparkPath is a small line in 72 x 30.
func sparkPath(values []float64) (d string, x, y float64) {
	lo, hi := values[0], values[0]
	for _, v := range values {
		lo, hi = min(lo, v), max(hi, v)
	}
	if hi == lo {
		hi = lo + 1
	}
	g := lineGeo{L: 2, R: 68, T: 3, B: 27, Top: hi - lo}
	moved := make([]float64, len(values))
	for i, v := range values {
		moved[i] = v - lo
	}
	return g.curve(moved, len(values)), g.R, g.y(moved[len(moved)-1])
}

// ColumnChart is a chart of columns, for few steps (months, hours, streets).
type ColumnChart struct {
	Label  string
	Steps  []string
	Values []float64
	Texts  []string // numbers as shown; "" entries show none
	Hot    int      // index of the one to look at; -1 none
	Name   string   // of the values, for the table
	Hidden bool
	W, H   float64
}

func (c ColumnChart) geo() (g lineGeo, width float64) {
	g = LineChart{Steps: c.Steps, Series: []Series{{Values: c.Values}}, W: c.W, H: c.H}.geo()
	g.R = g.W - 6
	n := max(1, len(c.Values))
	return g, (g.R - g.L) / float64(n)
}

// AreaMap is a choropleth of towns: shapes in the coordinates of the view box,
// numbers printed on them.
type AreaMap struct {
	Label  string
	W, H   float64
	Areas  []Area
	Name   string    // of the values, for the table
	Steps  []float64 // four rising limits between the five shades; nil: even steps
	Hidden bool
	Small  bool    // phone: smaller labels
	Em     float64 // size of a name in the units of the view box; 0 = 12
}

// Area is one town.
type Area struct {
	Name   string
	Short  string // what the map says where Name is long; "" = Name
	Path   string // SVG path data
	X, Y   float64
	Value  float64
	Text   string
	Href   string
	Hot    bool
	NoName bool // too small for its label; the table has it
}

// named says which areas have their name on the map. Numbers always stand there; a
// name that would lie over another label stays in the table, the name of the
// smaller value first.
func (m AreaMap) named() []bool {
	em := m.Em
	if em == 0 {
		em = 12
	}
	type box struct{ l, t, r, b float64 }
	around := func(a Area, text string, size, top float64) box {
		w := 0.0
		for _, r := range text {
			if r < 0x2e80 {
				w += .54
			} else {
				w++
			}
		}
		return box{a.X - w*size/2, a.Y + top, a.X + w*size/2, a.Y + top + size}
	}
	taken := make([]box, 0, 2*len(m.Areas))
	for _, a := range m.Areas {
		taken = append(taken, around(a, a.Text, 1.25*em, .6*em))
	}
	out := make([]bool, len(m.Areas))
	order := make([]int, len(m.Areas))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(m.Areas[j].Value, m.Areas[i].Value) })
	for _, i := range order {
		a := m.Areas[i]
		own := around(a, cmp.Or(a.Short, a.Name), em, -.85*em)
		out[i] = !slices.ContainsFunc(taken, func(b box) bool { return own.l < b.r && b.l < own.r && own.t < b.b && b.t < own.b })
		if out[i] {
			taken = append(taken, own)
		}
	}
	return out
}

// shade is the step of the ramp, 1 to 5, a value falls on.
func (m AreaMap) shade(v float64) int {
	steps := m.Steps
	if len(steps) != 4 {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, a := range m.Areas {
			lo, hi = min(lo, a.Value), max(hi, a.Value)
		}
		steps = make([]float64, 4)
		for i := range steps {
			steps[i] = lo + (hi-lo)*float64(i+1)/5
		}
	}
	n := 1
	for _, s := range steps {
		if v > s {
			n++
		}
	}
	return n
}

// Project turns polygons in longitude and latitude into path data for a drawing
// of width w with a margin, and says how high the drawing is. Each outline is a
// list of rings. Distances are true at the middle latitude, which is enough for a
// district.
func Project(outlines [][][][2]float64, w, margin float64) (paths []string, place func(lon, lat float64) (x, y float64), h float64) {
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, rings := range outlines {
		for _, ring := range rings {
			for _, p := range ring {
				for i := range 2 {
					lo[i], hi[i] = min(lo[i], p[i]), max(hi[i], p[i])
				}
			}
		}
	}
	shrink := math.Cos((lo[1] + hi[1]) / 2 * math.Pi / 180)
	span := (hi[0] - lo[0]) * shrink
	if !(span > 0) || math.IsInf(span, 0) {
		return make([]string, len(outlines)), func(float64, float64) (float64, float64) { return 0, 0 }, 0
	}
	scale := (w - 2*margin) / span
	place = func(lon, lat float64) (x, y float64) {
		return margin + (lon-lo[0])*shrink*scale, margin + (hi[1]-lat)*scale
	}
	for _, rings := range outlines {
		var b strings.Builder
		for _, ring := range rings {
			last := ""
			for i, p := range ring {
				x, y := place(p[0], p[1])
				at := px(x) + " " + px(y)
				if at == last {
					continue // closer than a tenth of a pixel
				}
				last = at
				if i == 0 {
					b.WriteString("M" + at)
				} else {
					b.WriteString("L" + at)
				}
			}
			if len(ring) > 0 {
				b.WriteString("Z")
			}
		}
		paths = append(paths, b.String())
	}
	return paths, place, 2*margin + (hi[1]-lo[1])*scale
}

// Hour names an hour of the day on an axis.
func Hour(h int) string { return strconv.Itoa(h) + ":00" }

// Whole writes a number without decimals.
func Whole(x float64) string { return strconv.FormatFloat(x, 'f', 0, 64) }
