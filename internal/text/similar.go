package text

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode"
)

// Grams is the set of a text's character 3-grams, sorted: what Similarity and Signature compare. Only letters and figures count, so that
// punctuation, blanks and line ends do not tell two copies of a text apart. A text of one or two characters is one gram.
type Grams []uint64

// GramsOf computes the set; keep it when one text is compared with many.
func GramsOf(s string) Grams {
	var g Grams
	var window uint64 // three code points of 21 bits
	n := 0
	for _, r := range Normalize(s) {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			continue
		}
		window = (window<<21 | uint64(r)) & (1<<63 - 1)
		if n++; n >= 3 {
			g = append(g, window)
		}
	}
	if len(g) == 0 && n > 0 {
		g = append(g, window)
	}
	slices.Sort(g)
	return slices.Compact(g)
}

// Jaccard is the size of the intersection over the size of the union, 0 when either set is empty.
func (a Grams) Jaccard(b Grams) float64 {
	common := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			common++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	if common == 0 {
		return 0
	}
	return float64(common) / float64(len(a)+len(b)-common)
}

// Similarity is the Jaccard index of the two texts' 3-grams, from 0 (nothing in common, or nothing to compare) to 1 (the same set). From
// 0.5 on, two messages to a hotline are copies or follow-ups of each other.
func Similarity(a, b string) float64 { return GramsOf(a).Jaccard(GramsOf(b)) }

const (
	signatureSize = 64
	bands         = 21 // of three values each; see Keys
	bandRows      = 3
)

// Signature is the MinHash of a text's 3-grams: the share of equal places estimates Similarity with a standard error of at most 0.0625.
// Its values are fixed for all versions, because they are stored.
type Signature [signatureSize]uint32

// SignatureOf computes the signature. A text without letters or figures has the zero signature, which is like no other.
func SignatureOf(s string) Signature { return GramsOf(s).Signature() }

// Signature computes the signature from the grams.
func (a Grams) Signature() Signature {
	var sig Signature
	if len(a) == 0 {
		return sig
	}
	for i := range sig {
		sig[i] = math.MaxUint32
	}
	// Each place has a hash function of its own: multiply-shift with an odd multiplier and an offset.
	var times, plus [signatureSize]uint64
	for i := range times {
		times[i], plus[i] = mix(uint64(2*i))|1, mix(uint64(2*i+1))
	}
	for _, g := range a {
		h := mix(g)
		for i := range sig {
			sig[i] = min(sig[i], uint32((h*times[i]+plus[i])>>32))
		}
	}
	return sig
}

// mix is the finalizer of splitmix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// Similarity estimates the Similarity of the texts from their signatures.
func (a Signature) Similarity(b Signature) float64 {
	if a == (Signature{}) || b == (Signature{}) {
		return 0
	}
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	return float64(same) / signatureSize
}

// Keys are 21 values to be stored in an index beside the text's id: texts that share a key may be near duplicates, and are then compared
// by Similarity. Two texts of Similarity 0.3, 0.5, 0.7 and 0.9 share a key with probability 0.44, 0.94, 0.9998 and 1.
// A text without letters or figures has no keys.
func (a Signature) Keys() []int64 {
	if a == (Signature{}) {
		return nil
	}
	keys := make([]int64, bands)
	for b := range keys {
		h := uint64(b)
		for _, v := range a[b*bandRows : (b+1)*bandRows] {
			h = mix(h ^ uint64(v))
		}
		keys[b] = int64(h)
	}
	return keys
}

// Bytes is the signature in 256 bytes for storage.
func (a Signature) Bytes() []byte {
	b := make([]byte, 0, 4*signatureSize)
	for _, v := range a {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}

// ErrSignature tells that stored bytes are not a signature.
var ErrSignature = errors.New("text: not a signature")

// ParseSignature reads what Bytes wrote.
func ParseSignature(b []byte) (Signature, error) {
	var sig Signature
	if len(b) != 4*signatureSize {
		return sig, fmt.Errorf("%w: %d bytes", ErrSignature, len(b))
	}
	for i := range sig {
		sig[i] = binary.BigEndian.Uint32(b[4*i:])
	}
	return sig, nil
}
