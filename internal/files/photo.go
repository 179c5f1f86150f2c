package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"runtime"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

const (
	fullSide  = 1600 // longest side of what we keep, in pixels
	thumbSide = 320
	quality   = 82

	decodeExtra = 24 << 20 // what scaling and encoding take beside the picture
	collectFrom = 64 << 20 // a decoding this large is given back at once
)

// Photo is a photo as it will be stored: two JPEGs made by us, upright, without
// any metadata, and the place the original claimed.
type Photo struct {
	Full, Thumb   []byte
	Width, Height int    // of Full
	Place         *Place // nil when the original said nothing
}

// Inspect reads a photo, at most Limits.Bytes of it, and draws it anew. The
// client's name and type play no part. It waits for its share of the memory for
// decoding, so it may return ctx's error.
//
// Errors: ErrTooBig, ErrNotImage, ErrHEIC, ErrPixels, ErrBroken, ErrPolyglot, or
// that of the reader.
func (s *Store) Inspect(ctx context.Context, r io.Reader) (*Photo, error) {
	b, err := s.read(r)
	if err != nil {
		return nil, err
	}
	f := sniff(b)
	switch f {
	case "":
		return nil, ErrNotImage
	case formatHEIC:
		return nil, ErrHEIC
	}
	config, err := decodeConfig(f, b)
	if err != nil {
		return nil, fmt.Errorf("%w: %s header", ErrBroken, f)
	}
	if config.Width <= 0 || config.Height <= 0 {
		return nil, fmt.Errorf("%w: %s without pixels", ErrBroken, f)
	}
	pixels := int64(config.Width) * int64(config.Height)
	if pixels >= s.limits.Pixels {
		return nil, fmt.Errorf("%w: %d x %d", ErrPixels, config.Width, config.Height)
	}
	a, ok := dissect(f, b)
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: %s does not hold together", ErrBroken, f)
	case a.moving:
		return nil, fmt.Errorf("%w: animated WebP", ErrNotImage)
	case carriesAnother(b, a.end):
		return nil, ErrPolyglot
	}
	weight := int64(float64(pixels)*a.perPixel) + decodeExtra
	if weight > s.limits.Memory {
		return nil, fmt.Errorf("%w: %d x %d %s needs %d bytes to decode", ErrPixels, config.Width, config.Height, f, weight)
	}
	if err := s.memory.Acquire(ctx, weight); err != nil {
		return nil, fmt.Errorf("files: inspect: %w", err)
	}
	defer s.memory.Release(weight)
	orientation, place := exif(a.exif)
	img, err := redraw(f, b[:a.end], config, orientation)
	if err != nil {
		return nil, err
	}
	img.Place = place
	if weight >= collectFrom {
		// The next one may begin as soon as the weight is released; without this
		// both pictures could be in memory.
		runtime.GC()
	}
	return img, nil
}

// read reads everything, or one byte more than allowed.
func (s *Store) read(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, s.limits.Bytes+1))
	if err != nil {
		return nil, fmt.Errorf("files: read: %w", err)
	}
	if int64(len(b)) > s.limits.Bytes {
		return nil, fmt.Errorf("%w: more than %d", ErrTooBig, s.limits.Bytes)
	}
	return b, nil
}

func decodeConfig(f format, b []byte) (c image.Config, err error) {
	defer guard(&err)
	switch f {
	case formatJPEG:
		return jpeg.DecodeConfig(bytes.NewReader(b))
	case formatPNG:
		return png.DecodeConfig(bytes.NewReader(b))
	case formatGIF:
		return gif.DecodeConfig(bytes.NewReader(b))
	case formatWebP:
		return webp.DecodeConfig(bytes.NewReader(b))
	}
	return c, ErrNotImage
}

func decode(f format, b []byte) (img image.Image, err error) {
	defer guard(&err)
	switch f {
	case formatJPEG:
		return jpeg.Decode(bytes.NewReader(b))
	case formatPNG:
		return png.Decode(bytes.NewReader(b))
	case formatGIF:
		return gif.Decode(bytes.NewReader(b)) // the first frame
	case formatWebP:
		return webp.Decode(bytes.NewReader(b))
	}
	return nil, ErrNotImage
}

// guard: decoders have panicked on made-up images before, and such an image must
// end as an answer, not as a crash.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = errors.New("files: a decoder panicked")
	}
}

func redraw(f format, b []byte, config image.Config, orientation int) (*Photo, error) {
	src, err := decode(f, b)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBroken, f, err)
	}
	// A decoder that gives more than the header said has got around the limits.
	if d := src.Bounds(); d.Empty() || d.Dx() > config.Width || d.Dy() > config.Height {
		return nil, fmt.Errorf("%w: %s is not as large as it says", ErrBroken, f)
	}
	full := upright(fit(src, fullSide, draw.ApproxBiLinear), orientation)
	// From the smaller picture a filter over all pixels costs little, and it does
	// not flicker as the quick one does.
	thumb := fit(full, thumbSide, draw.BiLinear)
	img := &Photo{Width: full.Bounds().Dx(), Height: full.Bounds().Dy()}
	for _, o := range []struct {
		to  *[]byte
		img image.Image
	}{{&img.Full, full}, {&img.Thumb, thumb}} {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, o.img, &jpeg.Options{Quality: quality}); err != nil {
			return nil, fmt.Errorf("files: encode: %w", err)
		}
		*o.to = out.Bytes()
	}
	return img, nil
}

// fit scales a picture down to the longest side, on white, since JPEG has no
// transparency. A picture that is small enough keeps its size.
func fit(src image.Image, side int, by draw.Scaler) *image.RGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if long := max(w, h); long > side {
		w, h = max(1, (w*side+long/2)/long), max(1, (h*side+long/2)/long)
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(dst, dst.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	if w == src.Bounds().Dx() && h == src.Bounds().Dy() {
		draw.Draw(dst, dst.Bounds(), src, src.Bounds().Min, draw.Over)
	} else {
		by.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Over, nil)
	}
	return dst
}

// upright turns and mirrors a picture as its Exif orientation asks for. Each case
// says where the pixel for (x, y) comes from.
func upright(src *image.RGBA, orientation int) *image.RGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	var from func(x, y int) (int, int)
	switch orientation {
	case 2:
		from = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3:
		from = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4:
		from = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5:
		from = func(x, y int) (int, int) { return y, x }
	case 6:
		from = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7:
		from = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8:
		from = func(x, y int) (int, int) { return w - 1 - y, x }
	default:
		return src
	}
	dw, dh := w, h
	if orientation >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range dh {
		for x := range dw {
			sx, sy := from(x, y)
			copy(dst.Pix[y*dst.Stride+4*x:][:4], src.Pix[sy*src.Stride+4*sx:][:4])
		}
	}
	return dst
}
