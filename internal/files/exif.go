package files

import (
	"encoding/binary"
	"math"
)

// Place is where a photo says it was taken, in degrees. It is an offer: it
// becomes the place of a case only when the person who reports says so.
type Place struct{ Lon, Lat float64 }

// exif reads the two things we want to know from an Exif block (TIFF, without the
// "Exif\0\0" before it): the orientation, 1 to 8, and the GPS position. Whatever
// is missing or senseless is orientation 1 and no place; there are no errors.
func exif(b []byte) (orientation int, place *Place) {
	orientation = 1
	t, ok := newTIFF(b)
	if !ok {
		return orientation, nil
	}
	var gps uint32
	t.each(t.first, func(tag, kind uint16, count uint32, value []byte) {
		switch tag {
		case 0x0112:
			if v := t.whole(kind, value); count == 1 && v >= 1 && v <= 8 {
				orientation = int(v)
			}
		case 0x8825:
			gps = t.whole(kind, value)
		}
	})
	if gps == 0 {
		return orientation, nil
	}
	var lat, lon float64
	var latRef, lonRef byte
	latOK, lonOK := false, false
	t.each(gps, func(tag, kind uint16, count uint32, value []byte) {
		switch tag {
		case 1:
			latRef = value[0]
		case 2:
			lat, latOK = t.degrees(kind, count, value)
		case 3:
			lonRef = value[0]
		case 4:
			lon, lonOK = t.degrees(kind, count, value)
		}
	})
	if !latOK || !lonOK || !oneOf(latRef, 'N', 'S') || !oneOf(lonRef, 'E', 'W') || lat > 90 || lon > 180 {
		return orientation, nil
	}
	if lat == 0 && lon == 0 { // what cameras write when they know nothing
		return orientation, nil
	}
	if latRef == 'S' {
		lat = -lat
	}
	if lonRef == 'W' {
		lon = -lon
	}
	return orientation, &Place{Lon: lon, Lat: lat}
}

func oneOf(b, x, y byte) bool { return b == x || b == y }

// tiff is the frame of an Exif block: a byte order and directories of entries.
type tiff struct {
	b     []byte
	order binary.ByteOrder
	first uint32 // offset of the first directory
}

func newTIFF(b []byte) (tiff, bool) {
	if len(b) < 8 {
		return tiff{}, false
	}
	t := tiff{b: b}
	switch string(b[:4]) {
	case "II*\x00":
		t.order = binary.LittleEndian
	case "MM\x00*":
		t.order = binary.BigEndian
	default:
		return tiff{}, false
	}
	t.first = t.order.Uint32(b[4:])
	return t, true
}

// each calls fn for the entries of the directory at offset at, as far as they lie
// inside the block. Directories are never followed from here, so a block that
// points at itself is read once.
func (t tiff) each(at uint32, fn func(tag, kind uint16, count uint32, value []byte)) {
	b, ok := t.slice(at, 2)
	if !ok {
		return
	}
	n := int(t.order.Uint16(b))
	for i := range n {
		e, ok := t.slice(at+2+uint32(i)*12, 12)
		if !ok {
			return
		}
		fn(t.order.Uint16(e), t.order.Uint16(e[2:]), t.order.Uint32(e[4:]), e[8:12])
	}
}

// slice is n bytes at an offset that the block itself claims.
func (t tiff) slice(at, n uint32) ([]byte, bool) {
	end := uint64(at) + uint64(n)
	if end > uint64(len(t.b)) {
		return nil, false
	}
	return t.b[at:end], true
}

// whole reads a number that stands in the entry itself: SHORT (3) or LONG (4).
func (t tiff) whole(kind uint16, value []byte) uint32 {
	switch kind {
	case 3:
		return uint32(t.order.Uint16(value))
	case 4:
		return t.order.Uint32(value)
	}
	return 0
}

// degrees reads three RATIONALs (5): degrees, minutes, seconds.
func (t tiff) degrees(kind uint16, count uint32, value []byte) (float64, bool) {
	b, ok := t.slice(t.order.Uint32(value), 24)
	if kind != 5 || count != 3 || !ok {
		return 0, false
	}
	sum := 0.0
	for i, unit := range []float64{1, 60, 3600} {
		den := t.order.Uint32(b[8*i+4:])
		if den == 0 {
			return 0, false
		}
		sum += float64(t.order.Uint32(b[8*i:])) / float64(den) / unit
	}
	return sum, !math.IsNaN(sum)
}
