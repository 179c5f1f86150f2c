package field

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"sync"
)

// signs are the product's sign as PNG, by file name, whose number is the edge in pixels: home screens take no SVG.
var signs = sync.OnceValue(func() map[string][]byte {
	out := map[string][]byte{}
	for _, n := range []int{180, 192, 512} {
		var b bytes.Buffer
		if err := png.Encode(&b, drawSign(n)); err != nil {
			panic(err) // memory only
		}
		out[strconv.Itoa(n)+".png"] = b.Bytes()
	}
	return out
})

// drawSign draws the speech bubble with the tick of mark.svg, whose units are 32 to the
// edge, on a full square: home screens cut the corners themselves. Every pixel is the
// mean of 16 points.
func drawSign(n int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, n, n))
	const sub = 4
	for y := range n {
		for x := range n {
			var r, g, b int
			for k := range sub * sub {
				c := signAt((float64(x)+(float64(k%sub)+.5)/sub)*32/float64(n), (float64(y)+(float64(k/sub)+.5)/sub)*32/float64(n))
				r, g, b = r+int(c.R), g+int(c.G), b+int(c.B)
			}
			img.SetRGBA(x, y, color.RGBA{uint8(r / 16), uint8(g / 16), uint8(b / 16), 255})
		}
	}
	return img
}

func signAt(x, y float64) color.RGBA {
	if near(x, y, 11.5, 13.8, 14.7, 17) <= 1.3 || near(x, y, 14.7, 17, 20.7, 10.8) <= 1.3 {
		return color.RGBA{0xdc, 0x3a, 0x2c, 255}
	}
	// the bubble: a rounded rectangle from 7,7 to 25,20.5 and its tail
	dx, dy := max(7+2.5-x, x-(25-2.5), 0), max(7+2.5-y, y-(20.5-2.5), 0)
	tail := x >= 10.5 && y >= 20 && y <= 25.3-(x-10.5)*4.8/5.5
	if math.Hypot(dx, dy) <= 2.5 || tail {
		return color.RGBA{255, 255, 255, 255}
	}
	return color.RGBA{0x1a, 0x55, 0xc8, 255}
}

// near is the distance of a point from a line between two.
func near(x, y, ax, ay, bx, by float64) float64 {
	t := ((x-ax)*(bx-ax) + (y-ay)*(by-ay)) / ((bx-ax)*(bx-ax) + (by-ay)*(by-ay))
	t = min(1, max(0, t))
	return math.Hypot(x-ax-t*(bx-ax), y-ay-t*(by-ay))
}
