package text

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"
)

// ErrModel tells that a file is not a classifier, or is damaged.
var ErrModel = errors.New("text: not a classifier file, or damaged")

// A classifier file is: modelMagic; uvarints for the number of labels, of buckets and of rows; each label as uvarint length and bytes; the
// temperature as float64; the biases as float32; each row as uvarint distance to the bucket before and its weights as float32; the
// CRC-32C of all before. Numbers of fixed size are little endian.
const (
	modelMagic    = "weixiao text classifier 1\n"
	maxLabels     = 1 << 16
	maxLabelBytes = 1 << 10
	maxModelBytes = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Save writes the classifier; Load reads it. Rows whose weights are all zero are left out.
func (c *Classifier) Save(w io.Writer) error {
	k := len(c.labels)
	sum := crc32.New(castagnoli)
	out := bufio.NewWriter(io.MultiWriter(w, sum))
	var b []byte
	float := func(v float32) { b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v)) }
	var rows []byte
	count, last := 0, 0
	for bucket, row := range c.rows {
		weights := c.weights[max(0, int(row)-1)*k:]
		if row == 0 || !slices.ContainsFunc(weights[:k], func(v float32) bool { return v != 0 }) {
			continue
		}
		b = binary.AppendUvarint(b, uint64(bucket-last))
		for _, v := range weights[:k] {
			float(v)
		}
		count, last = count+1, bucket
	}
	rows, b = b, nil
	b = append(b, modelMagic...)
	for _, v := range []int{k, c.buckets, count} {
		b = binary.AppendUvarint(b, uint64(v))
	}
	for _, l := range c.labels {
		b = binary.AppendUvarint(b, uint64(len(l)))
		b = append(b, l...)
	}
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(c.temperature))
	for _, v := range c.bias {
		float(v)
	}
	out.Write(b)
	out.Write(rows)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("text: save classifier: %w", err)
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint32(nil, sum.Sum32())); err != nil {
		return fmt.Errorf("text: save classifier: %w", err)
	}
	return nil
}

// Load reads what Save wrote. Anything else is an error that wraps ErrModel.
func Load(r io.Reader) (*Classifier, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxModelBytes+1))
	if err != nil {
		return nil, fmt.Errorf("text: load classifier: %w", err)
	}
	body := len(b) - 4
	switch {
	case len(b) > maxModelBytes:
		return nil, fmt.Errorf("%w: over %d bytes", ErrModel, maxModelBytes)
	case body < len(modelMagic) || !bytes.HasPrefix(b, []byte(modelMagic)):
		return nil, fmt.Errorf("%w: unknown beginning", ErrModel)
	case crc32.Checksum(b[:body], castagnoli) != binary.LittleEndian.Uint32(b[body:]):
		return nil, fmt.Errorf("%w: checksum", ErrModel)
	}
	d := &decoder{b: b[len(modelMagic):body]}
	c := d.classifier()
	if d.failed || len(d.b) > 0 {
		return nil, fmt.Errorf("%w: contents", ErrModel)
	}
	return c, nil
}

// decoder takes values off b; after a failure all values are zero.
type decoder struct {
	b      []byte
	failed bool
}

func (d *decoder) fail() { d.b, d.failed = nil, true }

func (d *decoder) take(n int) []byte {
	if n > len(d.b) {
		d.fail()
		return make([]byte, min(n, 8))
	}
	v := d.b[:n]
	d.b = d.b[n:]
	return v
}

func (d *decoder) uint(limit uint64) int {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || v > limit {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return int(v)
}

func (d *decoder) float() float32 {
	v := math.Float32frombits(binary.LittleEndian.Uint32(d.take(4)))
	if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
		d.fail()
	}
	return v
}

func (d *decoder) classifier() *Classifier {
	k, buckets := d.uint(maxLabels), d.uint(maxBuckets)
	count := d.uint(maxBuckets)
	// Each label and each weight needs bytes that must be there: a short file cannot ask for much memory.
	if d.failed || k < 2 || buckets < 2 || buckets&(buckets-1) != 0 || k > len(d.b) || count*(1+4*k) > len(d.b) {
		d.fail()
		return nil
	}
	c := &Classifier{buckets: buckets, rows: make([]int32, buckets)}
	for range k {
		n := d.uint(maxLabelBytes)
		if d.failed || n > len(d.b) {
			d.fail()
			return nil
		}
		c.labels = append(c.labels, string(d.take(n)))
	}
	if !slices.IsSorted(c.labels) || len(slices.Compact(slices.Clone(c.labels))) != k {
		d.fail()
	}
	c.temperature = math.Float64frombits(binary.LittleEndian.Uint64(d.take(8)))
	if !(c.temperature > 0.01 && c.temperature < 100) {
		d.fail()
	}
	for range k {
		c.bias = append(c.bias, d.float())
	}
	c.weights = make([]float32, 0, count*k)
	bucket := 0
	for row := range count {
		if bucket += d.uint(maxBuckets); bucket >= buckets || d.failed || c.rows[bucket] != 0 {
			d.fail()
			return nil
		}
		c.rows[bucket] = int32(row + 1)
		for range k {
			c.weights = append(c.weights, d.float())
		}
	}
	return c
}
