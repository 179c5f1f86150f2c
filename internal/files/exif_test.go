package files

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
)

func TestExif(t *testing.T) {
	good := exifBlock(binary.BigEndian, 6, true)
	edit := func(at int, b ...byte) []byte {
		out := bytes.Clone(good)
		copy(out[at:], b)
		return out
	}
	const gpsDir = 8 + 2 + 24 + 4
	latRef, lat := gpsDir+2+8, gpsDir+2+48+4
	for _, c := range []struct {
		name        string
		b           []byte
		orientation int
		place       bool
	}{
		{"good", good, 6, true},
		{"no GPS", exifBlock(binary.LittleEndian, 8, false), 8, false},
		{"no orientation", exifBlock(binary.LittleEndian, 0, true), 1, true},
		{"nothing", nil, 1, false},
		{"not a TIFF", []byte("Exif\x00\x00II*\x00"), 1, false},
		{"orientation 0", exifBlock(binary.BigEndian, 99, true), 1, true},
		{"zero denominator", edit(lat+4, 0, 0, 0, 0), 6, false},
		{"latitude 100", edit(lat, 0, 0, 0, 100), 6, false},
		{"latitude without end", edit(lat, 255, 255, 255, 255), 6, false},
		{"no hemisphere", edit(latRef, 'X'), 6, false},
		{"directory outside", edit(4, 255, 255, 255, 255), 1, false},
		{"GPS directory outside", edit(8+2+12+8, 255, 255, 255, 250), 6, false},
		{"GPS directory is the first one", edit(8+2+12+8, 0, 0, 0, 8), 6, false},
		{"cut before the numbers", good[:len(good)-1], 6, false},
		{"null island", func() []byte {
			b := edit(lat, 0, 0, 0, 0)
			for i := range 6 {
				copy(b[lat+8*i:], []byte{0, 0, 0, 0})
			}
			return b
		}(), 6, false},
	} {
		o, p := exif(c.b)
		if o != c.orientation || (p != nil) != c.place {
			t.Errorf("%s: orientation %d, place %v", c.name, o, p)
		}
	}
	south := edit(latRef, 'S')
	south[latRef+24] = 'W'
	if _, p := exif(south); p == nil || p.Lat > 0 || p.Lon > 0 {
		t.Errorf("south-west: %v", p)
	}
}

func FuzzExif(f *testing.F) {
	f.Add(exifBlock(binary.LittleEndian, 6, true))
	f.Add(exifBlock(binary.BigEndian, 3, true))
	f.Add([]byte("II*\x00\x08\x00\x00\x00\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		o, p := exif(b)
		if o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
		if p != nil && !(math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180) {
			t.Errorf("place %v", *p)
		}
	})
}
