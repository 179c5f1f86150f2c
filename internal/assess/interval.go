package assess

import (
	"math"

	"weixiao/internal/pack"
)

// z is the width of a 95 % interval in standard errors.
const z = 1.959963984540054

// bound fills in the interval, for three forms of formula (docs/decisions/007):
//
//   - a share of plain counts: Wilson's interval, which holds for few cases and for
//     shares near 0 and 1;
//   - a share of weighted counts that exclude each other, such as the answers to one
//     question: Wilson's interval of the mean weight as a part of the largest one.
//     Weights between 0 and the largest vary at most as much as yes and no with the
//     same mean, so it is never too narrow;
//   - a sum of such shares with factors: the normal approximation, as if the shares
//     did not depend on each other, each as uncertain as its interval is wide.
//
// Any other formula has no interval.
func (v *Value) bound(e *pack.Expression, counts map[string]float64, before map[string]Value) {
	if part, whole, ok := e.Share(); ok {
		n := sum(whole, counts)
		v.N = int64(n)
		v.share(part, n, counts)
		return
	}
	terms, constant, ok := e.Sum()
	if !ok || len(terms) == 0 {
		return
	}
	variance, least, most := 0.0, constant, constant
	for _, t := range terms {
		b, isResult := before[t.Name]
		if !isResult || !b.Ranged {
			return
		}
		half := float64(t.Factor * float64((b.High-b.Low)/(2*z)))
		variance += float64(half * half)
		least += min(float64(t.Factor*b.least), float64(t.Factor*b.most))
		most += max(float64(t.Factor*b.least), float64(t.Factor*b.most))
		if v.N == 0 || b.N < v.N {
			v.N = b.N // the share that rests on the fewest answers says how firm the sum is
		}
	}
	v.normal(variance, least, most)
}

func sum(terms []pack.Part, counts map[string]float64) float64 {
	x := 0.0
	for _, t := range terms {
		x += float64(t.Factor * counts[t.Name])
	}
	return x
}

func (v *Value) share(part []pack.Part, n float64, counts map[string]float64) {
	k, most := 0.0, 0.0
	for _, t := range part {
		if t.Factor < 0 {
			return
		}
		k += counts[t.Name]
		most = max(most, t.Factor)
	}
	if n <= 0 || k > n || most == 0 {
		return // not parts of one whole
	}
	v.wilson(v.X, n, most)
}

// wilson is the interval of a mean x of n values between 0 and most.
func (v *Value) wilson(x, n, most float64) {
	p, zz := min(1, x/most), float64(z*z)
	middle := float64(p+float64(zz/(2*n))) / float64(1+float64(zz/n))
	half := float64(float64(z/float64(1+float64(zz/n))) * math.Sqrt(float64(float64(p*float64(1-p))/n)+float64(zz/float64(4*float64(n*n)))))
	v.Low, v.High, v.Ranged, v.most = float64(most*max(0, middle-half)), float64(most*min(1, middle+half)), true, most
}

func (v *Value) normal(variance, low, high float64) {
	half := float64(z * math.Sqrt(max(0, variance)))
	v.Low, v.High, v.Ranged, v.least, v.most = max(low, v.X-half), min(high, v.X+half), true, low, high
}
