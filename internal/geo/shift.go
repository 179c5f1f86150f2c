package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// shifted looks whether the file is in another coordinate system than it says: whether its areas would lie in those above them, or on the
// same areas of the version in force, if they were read as GCJ-02 or BD-09 (or, declared so, as CGCS2000).
func (c *checker) shifted() bool {
	if len(c.sound) == 0 {
		return false
	}
	declared := CGCS2000
	if s, err := c.system(c.src.Features[c.sound[0]]); err == nil {
		declared = s
	}
	if c.rules.Parent != nil {
		c.above = newOutlines(c.rules.Parent.shapes)
	}
	best, least := CGCS2000, math.Inf(1)
	// A true shift is half a kilometre: what stands out by less than 20 m counts nothing, and the other reading must explain nearly all.
	now, n := c.misfit(func(p Point) Point { return p })
	if n < 3 || now < 60 {
		return false
	}
	for _, other := range []System{CGCS2000, GCJ02, BD09} {
		if other == declared || other == CGCS2000 && declared == WGS84 {
			continue
		}
		// Undo the conversion that was done, and do the other.
		d, _ := c.misfit(func(p Point) Point { return ToCGCS2000(FromCGCS2000(p, declared), other) })
		if d < least {
			best, least = other, d
		}
	}
	if least > now/5 {
		return false
	}
	i := c.sound[0]
	there := fromOrb(c.shapes[i].Polygons.Bound().Center())
	right := ToCGCS2000(FromCGCS2000(there, declared), best)
	x := Finding{Kind: FindShifted, Level: Bad, Word: best.String(), Size: Distance(right, there), Way: compass(right, there), At: there, N: n}
	if c.rules.Parent != nil {
		if parent, ok := c.rules.Parent.Shape(c.shapes[i].Parent); ok {
			c.show(&x, c.shapes[i].Polygons, parent.Polygons, nil)
		}
	}
	c.add(x)
	return true
}

// sampled is about how many corners misfit looks at.
const sampled = 4000

// misfit is by how many metres corners lie outside of the area above, each moved by the function, on average over the n that lie outside
// by 20 m at least; without areas above, how far the centres are from those of the version in force.
func (c *checker) misfit(move func(Point) Point) (metres float64, n int) {
	total, sum := 0, 0.0
	for _, i := range c.sound {
		for _, rings := range c.shapes[i].Polygons {
			total += len(rings[0])
		}
	}
	step := max(1, total/sampled)
	seen := 0
	for _, i := range c.sound {
		s := c.shapes[i]
		if c.rules.Parent == nil || s.Parent == "" {
			if d, ok := c.off(s, move); ok {
				sum, n = sum+d, n+1
			}
			continue
		}
		k := c.rules.Parent.find(s.Parent)
		above := c.rules.Parent.shapes[k]
		for _, rings := range s.Polygons {
			for _, p := range rings[0] {
				if seen++; seen%step != 0 {
					continue
				}
				q := move(fromOrb(p)).orb()
				if c.above.covers(int32(k), q) {
					continue
				}
				if d := borderDistance(above.Polygons, q, squeezeAt(q[1])) * radian * earthRadius; d >= 20 {
					sum, n = sum+d, n+1
				}
			}
		}
	}
	if c.rules.Parent == nil {
		return sum / math.Max(1, float64(n)), 3 * n
	}
	// Over the corners that were looked at, or a few outliers after moving would weigh as much as a whole side before.
	return sum / math.Max(1, math.Sqrt(float64(seen/step))), n
}

// off is how far the centre of an area is from where the version in force has it.
func (c *checker) off(s Shape, move func(Point) Point) (float64, bool) {
	if c.rules.Before == nil {
		return 0, false
	}
	old, ok := c.rules.Before.Shape(s.ID)
	if !ok {
		return 0, false
	}
	a, b := old.Polygons.Bound(), s.Polygons.Bound()
	low, high := move(fromOrb(b.Min)), move(fromOrb(b.Max))
	moved := orb.Bound{Min: low.orb(), Max: high.orb()}
	return Distance(fromOrb(a.Center()), fromOrb(moved.Center())), true
}
