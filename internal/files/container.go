package files

import (
	"bytes"
	"encoding/binary"
)

// format is an image format we read, told by the first bytes alone.
type format string

const (
	formatJPEG format = "image/jpeg"
	formatPNG  format = "image/png"
	formatGIF  format = "image/gif"
	formatWebP format = "image/webp"
	formatHEIC format = "image/heic" // recognised, to be refused with its own words
)

func sniff(b []byte) format {
	has := func(at int, s string) bool { return len(b) >= at+len(s) && string(b[at:at+len(s)]) == s }
	switch {
	case has(0, "\xff\xd8\xff"):
		return formatJPEG
	case has(0, "\x89PNG\r\n\x1a\n"):
		return formatPNG
	case has(0, "GIF87a"), has(0, "GIF89a"):
		return formatGIF
	case has(0, "RIFF") && has(8, "WEBP"):
		return formatWebP
	case has(4, "ftyp") && len(b) >= 16:
		return heicBrand(b)
	}
	return ""
}

// heicBrand looks at the major brand and the compatible ones: an iPhone may write
// mif1 first.
func heicBrand(b []byte) format {
	size := min(int(binary.BigEndian.Uint32(b)), len(b), 256)
	for i := 8; i+4 <= size; i += 4 {
		switch string(b[i : i+4]) {
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis":
			return formatHEIC
		}
	}
	return ""
}

// anatomy is what a walk over the container shows before anything is decoded.
type anatomy struct {
	end      int     // bytes of the image itself; what follows is not of it
	exif     []byte  // TIFF block
	perPixel float64 // bytes that decoding one pixel takes, at most
	moving   bool    // an animated WebP, which the decoder does not read
}

// dissect walks the container. false means that it does not hold together: cut
// off, or built to keep a decoder busy.
func dissect(f format, b []byte) (anatomy, bool) {
	switch f {
	case formatJPEG:
		return dissectJPEG(b)
	case formatPNG:
		return dissectPNG(b)
	case formatGIF:
		return dissectGIF(b)
	case formatWebP:
		return dissectWebP(b)
	}
	return anatomy{}, false
}

// maxScans: an ordinary progressive JPEG has about ten. Thousands of empty scans
// over a large frame would keep a decoder busy for hours.
const maxScans = 100

func dissectJPEG(b []byte) (a anatomy, ok bool) {
	for pos := 2; ; {
		// Between segments other bytes may stand, as the decoder allows it.
		for pos+1 < len(b) && (b[pos] != 0xff || b[pos+1] == 0x00 || b[pos+1] == 0xff) {
			pos++
		}
		if pos+1 >= len(b) {
			return a, false
		}
		marker := b[pos+1]
		pos += 2
		switch {
		case marker == 0xd9:
			a.end = pos
			// Every scan begins with these two bytes; where else they stand by
			// chance is rare, and counting all leaves no way around the limit.
			return a, bytes.Count(b[:pos], []byte{0xff, 0xda}) <= maxScans
		case marker == 0x01, marker >= 0xd0 && marker <= 0xd7:
			continue
		}
		if pos+2 > len(b) {
			return a, false
		}
		n := int(binary.BigEndian.Uint16(b[pos:]))
		if n < 2 || pos+n > len(b) {
			return a, false
		}
		body := b[pos+2 : pos+n]
		pos += n
		switch {
		case marker == 0xe1 && a.exif == nil && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			a.exif = body[6:]
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc && a.perPixel == 0:
			a.perPixel = jpegPerPixel(marker, body)
		}
	}
}

// jpegPerPixel: one byte a sample, four more a sample for the coefficients that a
// progressive image keeps between its scans, and room for a conversion of colours
// where the components are not the usual three.
func jpegPerPixel(marker byte, sof []byte) float64 {
	if len(sof) < 6 || len(sof) < 6+3*int(sof[5]) || sof[5] == 0 {
		return 1 // the decoder will refuse it
	}
	comps := sof[6 : 6+3*int(sof[5])]
	var sum, top float64
	usual := len(comps) <= 9
	for i := 0; i < len(comps); i += 3 {
		area := float64(comps[i+1]>>4) * float64(comps[i+1]&15)
		sum, top = sum+area, max(top, area)
		usual = usual && comps[i] != 'R' && comps[i] != 'G'
	}
	if top == 0 {
		return 1
	}
	per := max(sum/top, 1)
	if marker == 0xc2 {
		per *= 5
	}
	if !usual {
		per += 8
	}
	return per
}

func dissectPNG(b []byte) (a anatomy, ok bool) {
	transparent := false
	for pos := 8; pos+12 <= len(b); {
		n := int(binary.BigEndian.Uint32(b[pos:]))
		if n < 0 || n > len(b)-pos-12 {
			return a, false
		}
		body := b[pos+8 : pos+8+n]
		kind := string(b[pos+4 : pos+8])
		pos += 12 + n
		switch kind {
		case "IHDR":
			if n != 13 {
				return a, false
			}
			a.perPixel = pngPerPixel(body[8], body[9], body[12])
		case "tRNS":
			transparent = true
		case "eXIf":
			if a.exif == nil {
				a.exif = body
			}
		case "IEND":
			if transparent {
				a.perPixel = max(a.perPixel, 16)
			}
			a.end = pos
			return a, true
		}
	}
	return a, false
}

// pngPerPixel is twice the picture when it is interlaced: passes are decoded apart.
func pngPerPixel(depth, colour, interlace byte) float64 {
	per := 1.0
	if colour != 0 && colour != 3 {
		per = 4
	}
	if depth == 16 {
		per *= 2
	}
	if interlace != 0 {
		per *= 2
	}
	return per
}

func dissectGIF(b []byte) (a anatomy, ok bool) {
	if len(b) < 13 {
		return a, false
	}
	a.perPixel = 2 // interlaced frames are copied
	pos := 13
	if b[10]&0x80 != 0 {
		pos += 3 << (1 + b[10]&7)
	}
	for pos < len(b) {
		switch b[pos] {
		case 0x3b:
			a.end = pos + 1
			return a, true
		case 0x21:
			pos += 2
		case 0x2c:
			if pos+10 > len(b) {
				return a, false
			}
			flags := b[pos+9]
			pos += 10
			if flags&0x80 != 0 {
				pos += 3 << (1 + flags&7)
			}
			pos++ // size of the codes
		default:
			return a, false
		}
		for { // blocks, the last one empty
			if pos >= len(b) {
				return a, false
			}
			n := int(b[pos])
			pos += 1 + n
			if n == 0 {
				break
			}
		}
	}
	return a, false
}

func dissectWebP(b []byte) (a anatomy, ok bool) {
	size := int(binary.LittleEndian.Uint32(b[4:]))
	if size < 4 || size > len(b)-8 {
		return a, false
	}
	a.end = min(8+size+size&1, len(b))
	a.perPixel = 12 // lossless: the picture and what its transforms copy
	for pos := 12; pos+8 <= 8+size; {
		n := int(binary.LittleEndian.Uint32(b[pos+4:]))
		if n < 0 || n > 8+size-pos-8 {
			return a, false
		}
		body := b[pos+8 : pos+8+n]
		switch string(b[pos : pos+4]) {
		case "ANIM", "ANMF":
			a.moving = true
		case "EXIF":
			if a.exif == nil {
				a.exif = bytes.TrimPrefix(body, []byte("Exif\x00\x00"))
			}
		}
		pos += 8 + n + n&1
	}
	return a, true
}
