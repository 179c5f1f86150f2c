package files

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func open(t testing.TB, l Limits) *Store {
	t.Helper()
	s, err := Open(t.TempDir(), l, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func inspect(t testing.TB, s *Store, b []byte) *Photo {
	t.Helper()
	img, err := s.Inspect(context.Background(), bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// near: JPEG does not keep colours exactly.
func near(a, b color.Color) bool {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	d := func(x, y uint32) bool { return math.Abs(float64(x>>8)-float64(y>>8)) < 24 }
	return d(ar, br) && d(ag, bg) && d(ab, bb)
}

func checkQuarters(t *testing.T, name string, b []byte, w, h int) {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if img.Bounds().Dx() != w || img.Bounds().Dy() != h {
		t.Fatalf("%s: %v, want %d x %d", name, img.Bounds(), w, h)
	}
	for i, want := range []color.RGBA{red, green, blue, white} {
		x, y := w/4+(i%2)*w/2, h/4+(i/2)*h/2
		if got := img.At(x, y); !near(got, want) {
			t.Errorf("%s: quarter %d is %v, want %v", name, i, got, want)
		}
	}
}

func TestOrientations(t *testing.T) {
	s := open(t, Limits{})
	for o := range 10 { // 0 and 9 do not exist and mean nothing
		stored := quarters(64, 48)
		if o >= 1 && o <= 8 {
			stored = storedAs(stored, o)
		}
		for name, b := range map[string][]byte{
			"little-endian jpeg": jpegOf(t, stored, exifBlock(binary.LittleEndian, o, true)),
			"big-endian jpeg":    jpegOf(t, stored, exifBlock(binary.BigEndian, o, true)),
			"png":                pngWith(pngOf(t, stored), "eXIf", exifBlock(binary.BigEndian, o, true)),
			"webp":               webpOf(stored, exifBlock(binary.LittleEndian, o, true)),
		} {
			name := fmt.Sprintf("%s, orientation %d", name, o)
			img := inspect(t, s, b)
			checkQuarters(t, name, img.Full, 64, 48)
			checkQuarters(t, name+", thumbnail", img.Thumb, 64, 48)
			if img.Width != 64 || img.Height != 48 {
				t.Errorf("%s: says %d x %d", name, img.Width, img.Height)
			}
			if img.Place == nil || math.Abs(img.Place.Lon-wantPlace.Lon) > 1e-9 || math.Abs(img.Place.Lat-wantPlace.Lat) > 1e-9 {
				t.Errorf("%s: place %v", name, img.Place)
			}
		}
	}
}

func TestFormats(t *testing.T) {
	s := open(t, Limits{})
	for name, b := range map[string][]byte{
		"jpeg": jpegOf(t, quarters(64, 48), nil),
		"png":  pngOf(t, quarters(64, 48)),
		"gif":  gifOf(t, quarters(64, 48)),
		"webp": webpOf(quarters(64, 48), nil),
	} {
		img := inspect(t, s, b)
		checkQuarters(t, name, img.Full, 64, 48)
		if img.Place != nil {
			t.Errorf("%s: made up a place", name)
		}
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 20, 20))
	img, err := jpeg.Decode(bytes.NewReader(inspect(t, s, pngOf(t, clear)).Full))
	if err != nil || !near(img.At(10, 10), white) {
		t.Errorf("transparent is %v, want white", img.At(10, 10))
	}
}

func TestScaling(t *testing.T) {
	s := open(t, Limits{})
	for _, c := range []struct{ w, h, fw, fh, tw, th int }{
		{2400, 1800, 1600, 1200, 320, 240},
		{1200, 1800, 1067, 1600, 213, 320},
		{1600, 1200, 1600, 1200, 320, 240},
		{400, 300, 400, 300, 320, 240},
		{300, 200, 300, 200, 300, 200},
		{4800, 2, 1600, 1, 320, 1},
	} {
		img := inspect(t, s, jpegOf(t, quarters(c.w, c.h), nil))
		if img.Width != c.fw || img.Height != c.fh {
			t.Errorf("%d x %d became %d x %d", c.w, c.h, img.Width, img.Height)
		}
		if c.h > 2 {
			checkQuarters(t, "full", img.Full, c.fw, c.fh)
			checkQuarters(t, "thumbnail", img.Thumb, c.tw, c.th)
		}
	}
}

// TestNothingOfTheOriginalSurvives looks for everything a camera or a person may
// have put into the file.
func TestNothingOfTheOriginalSurvives(t *testing.T) {
	s := open(t, Limits{})
	block := exifBlock(binary.LittleEndian, 6, true)
	gps := block[len(block)-48:]
	b := jpegOf(t, quarters(200, 100), block)
	b = jpegWith(b, 0xfe, []byte("COMMENT canary"))
	b = jpegWith(b, 0xe2, []byte("ICC_PROFILE\x00\x01\x01 canary"))
	b = jpegWith(b, 0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta canary"))
	b = append(b, "\x00\x00\x00\x18ftypmp42 canary of a moving photo"...)
	p := pngWith(pngWith(pngOf(t, quarters(200, 100)), "eXIf", block), "tEXt", []byte("Comment\x00canary"))
	w := webpOf(quarters(200, 100), block)
	for name, b := range map[string][]byte{"jpeg": b, "png": p, "webp": w} {
		if !bytes.Contains(b, gps) {
			t.Fatalf("%s: the test lost its own GPS bytes", name)
		}
		img := inspect(t, s, b)
		if img.Place == nil {
			t.Errorf("%s: the place was not offered", name)
		}
		for _, out := range [][]byte{img.Full, img.Thumb} {
			for _, bad := range [][]byte{[]byte("Exif"), []byte("canary"), []byte("ICC_PROFILE"), []byte("ftyp"), gps, gps[:24], gps[24:]} {
				if bytes.Contains(out, bad) {
					t.Errorf("%s: %q survived", name, bad)
				}
			}
			for _, marker := range []byte{0xe0, 0xe1, 0xe2, 0xed, 0xfe} {
				if i := bytes.Index(out, []byte{0xff, marker}); i >= 0 && i < 600 {
					t.Errorf("%s: a segment %x at %d", name, marker, i)
				}
			}
			if !bytes.HasSuffix(out, []byte{0xff, 0xd9}) {
				t.Errorf("%s: does not end with the image", name)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	s := open(t, Limits{})
	photo := jpegOf(t, quarters(200, 160), exifBlock(binary.LittleEndian, 1, true))
	picture := pngOf(t, quarters(64, 48))
	moving := append([]byte("RIFF\x1c\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x3f\x00\x00\x2f\x00\x00ANIM"), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(moving[4:], uint32(len(moving)-8))
	noise := make([]byte, 5000)
	for i := range noise {
		noise[i] = byte(rand.New(rand.NewPCG(1, uint64(i))).Uint32())
	}
	for _, c := range []struct {
		name string
		b    []byte
		want error
	}{
		{"nothing", nil, ErrNotImage},
		{"text named .jpg", []byte("这不是图片, just text renamed to photo.jpg"), ErrNotImage},
		{"svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), ErrNotImage},
		{"bmp", []byte("BM\x00\x00\x00\x00"), ErrNotImage},
		{"tiff", []byte("II*\x00\x08\x00\x00\x00"), ErrNotImage},
		{"pdf", []byte("%PDF-1.7"), ErrNotImage},
		{"heic", heicHead(), ErrHEIC},
		{"avif", []byte("\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1"), ErrHEIC},
		{"mp4", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), ErrNotImage},
		{"magic and text", []byte("\xff\xd8\xff\xe0 this is not an image"), ErrBroken},
		{"magic and noise", append([]byte("\xff\xd8\xff\xdb"), noise...), ErrBroken},
		{"png magic and text", []byte("\x89PNG\r\n\x1a\n and text"), ErrBroken},
		{"gif magic only", []byte("GIF89a"), ErrBroken},
		{"webp magic only", []byte("RIFF\x10\x00\x00\x00WEBPVP8 "), ErrBroken},
		{"animated webp", moving, ErrNotImage},
		{"jpeg of 200 scans", manyScans(photo, 200), ErrBroken},
		{"40 megapixel bomb", pngHead(8000, 5000), ErrPixels},
		{"10 gigapixel bomb", pngHead(100_000, 100_000), ErrPixels},
		{"one row too wide", pngHead(40_000_000, 1), ErrPixels},
		{"just below, without data", pngHead(7999, 5000), ErrBroken},
		{"too big", append(append([]byte{}, photo...), make([]byte, 12<<20)...), ErrTooBig},
		{"jpeg and zip", append(append([]byte{}, photo...), zipOf(t, entry{"a.txt", []byte("x")})...), ErrPolyglot},
		{"png and zip", append(append([]byte{}, picture...), zipOf(t, entry{"a.txt", []byte("x")})...), ErrPolyglot},
		{"gif and html", append(gifOf(t, quarters(8, 8)), "<HTML><body onload=alert(1)>"...), ErrPolyglot},
		{"jpeg and php", append(append([]byte{}, photo...), "<?php system($_GET['c']); ?>"...), ErrPolyglot},
		{"script in a comment", jpegWith(photo, 0xfe, []byte("<script>alert(1)</script>")), ErrPolyglot},
		{"pdf in a comment", jpegWith(photo, 0xfe, []byte("%PDF-1.7 obj")), ErrPolyglot},
	} {
		img, err := s.Inspect(t.Context(), bytes.NewReader(c.b))
		if !errors.Is(err, c.want) || img != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	endless := &counter{}
	if _, err := s.Inspect(t.Context(), endless); !errors.Is(err, ErrTooBig) || endless.n > 13<<20 {
		t.Errorf("a body without end: %v after %d bytes", err, endless.n)
	}
	for n, want := range map[int]bool{5: true, 200: false} {
		if _, ok := dissect(formatJPEG, manyScans(photo, n)); ok != want {
			t.Errorf("%d scans: %v", n, ok)
		}
	}
	if _, err := s.Inspect(t.Context(), io.MultiReader(bytes.NewReader(photo[:100]), iotest.ErrReader(io.ErrClosedPipe))); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a broken connection: %v", err)
	}
	// Other bytes behind the image are what phones do; they are left out.
	for name, b := range map[string][]byte{"moving photo": append(append([]byte{}, photo...), "\x00\x00\x00\x18ftypmp42"...), "second jpeg": append(append([]byte{}, photo...), photo...)} {
		if _, err := s.Inspect(t.Context(), bytes.NewReader(b)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// manyScans adds scans that hold nothing.
func manyScans(b []byte, n int) []byte {
	out := bytes.Clone(b[:len(b)-2])
	for range n {
		out = append(out, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0)
	}
	return append(out, 0xff, 0xd9)
}

// counter is a body that never ends.
type counter struct{ n int }

func (c *counter) Read(b []byte) (int, error) {
	c.n += len(b)
	return len(b), nil
}

// TestCutOff: every image that lacks its end is broken, wherever it was cut.
func TestCutOff(t *testing.T) {
	s := open(t, Limits{})
	for name, b := range map[string][]byte{
		"jpeg": jpegOf(t, quarters(64, 48), exifBlock(binary.LittleEndian, 1, true)),
		"png":  pngOf(t, quarters(64, 48)),
		"gif":  gifOf(t, quarters(64, 48)),
		"webp": webpOf(quarters(64, 48), exifBlock(binary.LittleEndian, 1, true)),
	} {
		for n := range len(b) {
			_, err := s.Inspect(t.Context(), bytes.NewReader(b[:n]))
			if !errors.Is(err, ErrBroken) && !(n < 12 && errors.Is(err, ErrNotImage)) {
				t.Fatalf("%s cut to %d of %d: %v", name, n, len(b), err)
			}
		}
	}
}

// FuzzInspect: whatever comes in, out comes one of the known errors, or two JPEGs
// that decode, within their sizes and without a trace of metadata.
func FuzzInspect(f *testing.F) {
	block := exifBlock(binary.LittleEndian, 6, true)
	for _, b := range [][]byte{
		jpegOf(f, quarters(16, 8), block), pngWith(pngOf(f, quarters(16, 8)), "eXIf", block), gifOf(f, quarters(16, 8)), webpOf(quarters(16, 8), block),
		webpOf(quarters(16, 8), nil), pngHead(8000, 5000), heicHead(), []byte("%PDF-1.7"),
	} {
		f.Add(b)
	}
	s := open(f, Limits{Pixels: 1 << 16, Bytes: 1 << 16})
	known := []error{ErrTooBig, ErrNotImage, ErrHEIC, ErrPixels, ErrBroken, ErrPolyglot}
	f.Fuzz(func(t *testing.T, b []byte) {
		img, err := s.Inspect(context.Background(), bytes.NewReader(b))
		if err != nil {
			for _, k := range known {
				if errors.Is(err, k) {
					return
				}
			}
			t.Fatal(err)
		}
		for _, out := range [][]byte{img.Full, img.Thumb} {
			c, err := jpeg.DecodeConfig(bytes.NewReader(out))
			if err != nil || c.Width > fullSide || c.Height > fullSide || strings.Contains(string(out), "Exif\x00\x00") {
				t.Fatalf("%v, %v", c, err)
			}
		}
	})
}
