package files

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// Images made for the tests, by writers of our own where the library has none.

var (
	red   = color.RGBA{255, 0, 0, 255}
	green = color.RGBA{0, 255, 0, 255}
	blue  = color.RGBA{0, 0, 255, 255}
	white = color.RGBA{255, 255, 255, 255}
)

// quarters is an upright picture: red and green above, blue and white below.
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := [2][2]color.RGBA{{red, green}, {blue, white}}[2*y/h][2*x/w]
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// storedAs is the picture as a camera stores it when it notes this orientation.
// The table is the wording of the Exif standard: where the stored row 0 and the
// stored column 0 are to be seen.
func storedAs(upright *image.RGBA, orientation int) *image.RGBA {
	sides := [9][2]string{1: {"top", "left"}, 2: {"top", "right"}, 3: {"bottom", "right"}, 4: {"bottom", "left"},
		5: {"left", "top"}, 6: {"right", "top"}, 7: {"right", "bottom"}, 8: {"left", "bottom"}}[orientation]
	w, h := upright.Bounds().Dx(), upright.Bounds().Dy()
	rows, cols := h, w
	if orientation >= 5 {
		rows, cols = w, h
	}
	out := image.NewRGBA(image.Rect(0, 0, cols, rows))
	for r := range rows {
		for c := range cols {
			var x, y int
			for i, side := range sides {
				n := []int{r, c}[i]
				switch side {
				case "left":
					x = n
				case "right":
					x = w - 1 - n
				case "top":
					y = n
				case "bottom":
					y = h - 1 - n
				}
			}
			out.SetRGBA(c, r, upright.RGBAAt(x, y))
		}
	}
	return out
}

// exifBlock is a TIFF block with an orientation (0 for none) and, if asked, a GPS
// position in degrees, minutes and hundredths of a second.
func exifBlock(order binary.AppendByteOrder, orientation int, gps bool) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	u16 := func(v uint16) { b = order.AppendUint16(b, v) }
	u32 := func(v uint32) { b = order.AppendUint32(b, v) }
	u32(8)
	n := 0
	if orientation != 0 {
		n++
	}
	if gps {
		n++
	}
	u16(uint16(n))
	if orientation != 0 {
		u16(0x0112)
		u16(3)
		u32(1)
		u16(uint16(orientation))
		u16(0)
	}
	at := uint32(8 + 2 + 12*n + 4)
	if gps {
		u16(0x8825)
		u16(4)
		u32(1)
		u32(at)
	}
	u32(0)
	if !gps {
		return b
	}
	u16(4)
	data := at + 2 + 4*12 + 4
	for i, ref := range []string{"N", "E"} {
		u16(uint16(2*i + 1))
		u16(2)
		u32(2)
		b = append(b, ref[0], 0, 0, 0)
		u16(uint16(2*i + 2))
		u16(5)
		u32(3)
		u32(data + uint32(24*i))
	}
	u32(0)
	for _, v := range []uint32{42, 1, 6, 1, 3025, 100, 126, 1, 24, 1, 4510, 100} {
		u32(v)
	}
	return b
}

// wantPlace is the position in exifBlock.
var wantPlace = Place{Lon: 126 + 24.0/60 + 45.10/3600, Lat: 42 + 6.0/60 + 30.25/3600}

func jpegOf(t testing.TB, img image.Image, exif []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	b := buf.Bytes()
	if exif == nil {
		return b
	}
	return jpegWith(b, 0xe1, append([]byte("Exif\x00\x00"), exif...))
}

// jpegWith puts a segment behind the first marker.
func jpegWith(b []byte, marker byte, body []byte) []byte {
	out := append([]byte{0xff, 0xd8, 0xff, marker}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	return append(append(out, body...), b[2:]...)
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func pngChunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// pngWith puts a chunk behind the header.
func pngWith(b []byte, kind string, body []byte) []byte {
	const head = 8 + 25
	out := append([]byte{}, b[:head]...)
	return append(append(out, pngChunk(kind, body)...), b[head:]...)
}

// pngHead is a PNG that is nothing but a claim of its size.
func pngHead(w, h uint32) []byte {
	body := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	out := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(body, 8, 2, 0, 0, 0))...)
	return append(append(out, pngChunk("IDAT", []byte{0x78, 0x9c})...), pngChunk("IEND", nil)...)
}

// blankPNG is a small file of many clear pixels.
func blankPNG(t testing.TB, w, h int) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	row := make([]byte, 1+4*w)
	for range h {
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	out := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(head, 8, 6, 0, 0, 0))...)
	return append(append(out, pngChunk("IDAT", packed.Bytes())...), pngChunk("IEND", nil)...)
}

func gifOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	pal := color.Palette{red, green, blue, white, color.RGBA{}}
	frame := image.NewPaletted(img.Bounds(), pal)
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			frame.Set(x, y, img.At(x, y))
		}
	}
	second := image.NewPaletted(img.Bounds(), pal) // all red
	var buf bytes.Buffer
	if err := gif.EncodeAll(&buf, &gif.GIF{Image: []*image.Paletted{frame, second}, Delay: []int{10, 10}}); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// webpOf writes a lossless WebP whose channels are 0 or 255: one bit a channel.
func webpOf(img *image.RGBA, exif []byte) []byte {
	var bits []byte
	n := 0
	put := func(v, count int) {
		for i := range count {
			if n%8 == 0 {
				bits = append(bits, 0)
			}
			bits[n/8] |= byte(v>>i&1) << (n % 8)
			n++
		}
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	put(0x2f, 8)
	put(w-1, 14)
	put(h-1, 14)
	put(0, 1+3) // no alpha, version 0
	put(0, 1)   // no transform
	put(0, 1)   // no colour cache
	put(0, 1)   // one group of codes
	for range 3 {
		put(1, 1) // simple code
		put(1, 1) // of two symbols
		put(0, 1) // the first in one bit
		put(0, 1)
		put(255, 8)
	}
	put(1, 1) // alpha: one symbol of 8 bits
	put(0, 1)
	put(1, 1)
	put(255, 8)
	put(1, 1) // distance: one symbol
	put(0, 1)
	put(0, 1)
	put(0, 1)
	for y := range h {
		for x := range w {
			c := img.RGBAAt(x, y)
			put(int(c.G&1), 1)
			put(int(c.R&1), 1)
			put(int(c.B&1), 1)
		}
	}
	chunk := func(kind string, body []byte) []byte {
		out := binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body)))
		out = append(out, body...)
		if len(body)%2 == 1 {
			out = append(out, 0)
		}
		return out
	}
	var body []byte
	if exif != nil {
		x := []byte{1 << 3, 0, 0, 0, byte(w - 1), byte((w - 1) >> 8), 0, byte(h - 1), byte((h - 1) >> 8), 0}
		body = append(body, chunk("VP8X", x)...)
	}
	body = append(body, chunk("VP8L", bits)...)
	if exif != nil {
		body = append(body, chunk("EXIF", exif)...)
	}
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)+4))
	return append(append(out, "WEBP"...), body...)
}

func heicHead() []byte {
	return []byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic and what follows")
}
