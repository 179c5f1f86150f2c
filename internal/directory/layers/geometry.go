package layers

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/paulmach/orb"
)

// Polygons are kept as whole numbers of 1e-9 degrees (0.1 mm), each corner as its way from the one before, in variable length: half the
// size of floats, and the same bytes for the same shape. Counts stand before parts, rings and corners.
const unit = 1e9

var errGeometry = errors.New("layers: the bytes of a shape are damaged")

func encode(polygons orb.MultiPolygon) []byte {
	b := binary.AppendUvarint(nil, uint64(len(polygons)))
	var x, y int64
	for _, rings := range polygons {
		b = binary.AppendUvarint(b, uint64(len(rings)))
		for _, ring := range rings {
			b = binary.AppendUvarint(b, uint64(len(ring)))
			for _, p := range ring {
				px, py := int64(math.Round(p[0]*unit)), int64(math.Round(p[1]*unit))
				b = binary.AppendVarint(binary.AppendVarint(b, px-x), py-y)
				x, y = px, py
			}
		}
	}
	return b
}

func decode(b []byte) (orb.MultiPolygon, error) {
	bad := false
	count := func() int {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)) { // a member takes a byte at least
			bad = true
			return 0
		}
		b = b[size:]
		return int(n)
	}
	step := func() int64 {
		d, size := binary.Varint(b)
		if size <= 0 {
			bad = true
			return 0
		}
		b = b[size:]
		return d
	}
	var x, y int64
	out := make(orb.MultiPolygon, count())
	for i := range out {
		out[i] = make(orb.Polygon, count())
		for k := range out[i] {
			ring := make(orb.Ring, count())
			for c := range ring {
				x, y = x+step(), y+step()
				ring[c] = orb.Point{float64(x) / unit, float64(y) / unit}
			}
			out[i][k] = ring
			if bad {
				return nil, errGeometry
			}
		}
	}
	if bad || len(b) > 0 {
		return nil, errGeometry
	}
	return out, nil
}
