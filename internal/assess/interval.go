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
//     question: the normal approximation to the mean of the weights;
//   - a sum of such shares with factors: the normal approximation, as if the shares
//     did not depend on each other.
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

func sum(terms []pack.Term, counts map[string]float64) float64 {
	x := 0.0
	for _, t := range terms {
		x += float64(t.Factor * counts[t.Name])
	}
	return x
}

func (v *Value) share(part []pack.Term, n float64, counts map[string]float64) {
	plain, k, square, low, high := true, 0.0, 0.0, 0.0, 0.0
	for _, t := range part {
		c := counts[t.Name]
		k += c
		square += float64(float64(t.Factor*t.Factor) * c)
		plain = plain && t.Factor == 1
		low, high = min(low, t.Factor), max(high, t.Factor)
	}
	if n <= 0 || k > n || k < 0 {
		return // not parts of one whole
	}
	if plain {
		v.wilson(k, n)
		return
	}
	mean := v.X
	v.normal(float64((float64(square/n)-float64(mean*mean))/n), low, high)
}

func (v *Value) wilson(k, n float64) {
	p, zz := k/n, float64(z*z)
	middle := float64(p+float64(zz/(2*n))) / float64(1+float64(zz/n))
	half := float64(z/float64(1+float64(zz/n))) * math.Sqrt(float64(float64(p*float64(1-p))/n)+float64(zz/float64(4*float64(n*n))))
	v.Low, v.High, v.Ranged, v.most = max(0, middle-half), min(1, middle+half), true, 1
}

func (v *Value) normal(variance, low, high float64) {
	half := float64(z * math.Sqrt(max(0, variance)))
	v.Low, v.High, v.Ranged, v.least, v.most = max(low, v.X-half), min(high, v.X+half), true, low, high
}
