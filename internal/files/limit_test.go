package files

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/draw"
	"runtime"
	"sync"
	"testing"
	"time"
)

// TestBombTakesNoMemory: a refusal by size comes before the pixels are made.
func TestBombTakesNoMemory(t *testing.T) {
	s := open(t, Limits{})
	b := pngHead(30_000, 30_000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := s.Inspect(t.Context(), bytes.NewReader(b)); !errors.Is(err, ErrPixels) {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes for a bomb of %d", used, len(b))
	}
}

// TestMemoryStaysBounded decodes five pictures at once, each of which takes most
// of what is allowed, and watches the heap.
func TestMemoryStaysBounded(t *testing.T) {
	const allowed = 64 << 20
	s := open(t, Limits{Memory: allowed})
	b := blankPNG(t, 3000, 2500) // 30 MB of pixels
	runtime.GC()
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var top uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			top = max(top, m.HeapAlloc)
			select {
			case <-stop:
				peak <- top
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if _, err := s.Inspect(context.Background(), bytes.NewReader(b)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(stop)
	if top := <-peak; top > 2*allowed {
		t.Errorf("the heap grew to %d MiB", top>>20)
	}
	// A picture that needs more than all is refused, not waited for.
	s = open(t, Limits{Memory: 50 << 20})
	if _, err := s.Inspect(t.Context(), bytes.NewReader(b)); !errors.Is(err, ErrPixels) {
		t.Errorf("larger than the memory: %v", err)
	}
}

func TestInspectStopsWaiting(t *testing.T) {
	s := open(t, Limits{})
	if err := s.memory.Acquire(t.Context(), s.limits.Memory); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Inspect(ctx, bytes.NewReader(jpegOf(t, quarters(8, 8), nil))); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestProgressiveNeedsMoreMemory(t *testing.T) {
	sof := []byte{8, 0, 10, 0, 10, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1}
	for _, c := range []struct {
		marker byte
		edit   func(b []byte)
		want   float64
	}{
		{0xc0, nil, 1.5},
		{0xc2, nil, 7.5},
		{0xc0, func(b []byte) { b[7] = 0x11 }, 3},
		{0xc2, func(b []byte) { b[7] = 0x11 }, 15},
		{0xc0, func(b []byte) { b[6] = 'R' }, 9.5},
		{0xc0, func(b []byte) { b[7], b[10], b[13] = 0, 0, 0 }, 1},
		{0xc0, func(b []byte) { b[5] = 200 }, 1},
	} {
		b := bytes.Clone(sof)
		if c.edit != nil {
			c.edit(b)
		}
		if got := jpegPerPixel(c.marker, b); got != c.want {
			t.Errorf("%x %x: %v, want %v", c.marker, b, got, c.want)
		}
	}
}

// TestEstimatesHold: decoding takes no more than its estimate, counting everything
// that was ever allocated.
func TestEstimatesHold(t *testing.T) {
	const w, h = 1200, 900
	rgba := quarters(w, h)
	grey, deep := image.NewGray(rgba.Rect), image.NewNRGBA64(rgba.Rect)
	draw.Draw(grey, grey.Rect, rgba, image.Point{}, draw.Src)
	draw.Draw(deep, deep.Rect, rgba, image.Point{}, draw.Src)
	deep.Pix[7] = 1 // not opaque, so that it is written with its alpha
	for name, b := range map[string][]byte{
		"jpeg": jpegOf(t, rgba, nil), "grey jpeg": jpegOf(t, grey, nil), "png": pngOf(t, rgba), "grey png": pngOf(t, grey), "deep png": pngOf(t, deep),
		"gif": gifOf(t, rgba), "webp": webpOf(rgba, nil),
	} {
		f := sniff(b)
		a, ok := dissect(f, b)
		if !ok {
			t.Fatal(name)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := decode(f, b[:a.end]); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		const buffers = 1 << 20
		if used, estimate := after.TotalAlloc-before.TotalAlloc, uint64(a.perPixel*w*h)+buffers; used > estimate {
			t.Errorf("%s took %d bytes, estimated %d", name, used, estimate)
		}
	}
}
