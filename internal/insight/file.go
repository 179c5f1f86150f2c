package insight

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// ErrFile tells that a file is not a model of this version, or is damaged. A model
// can always be learned again.
var ErrFile = errors.New("insight: not a model of this version, or damaged")

// A model's file is: fileMagic, which changes with what is in it; the contents as
// gob; the CRC-32C of all before, little endian.
const (
	fileMagic    = "weixiao suggestions 3\n"
	mostFileByte = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// filed is what is kept of a model; the rest is built from it.
type filed struct {
	Fields      []Field
	Labels      []string
	Code        coder
	Lattice     lattice
	Width       int
	Cats        []int32
	At          []float64
	Name        []int32
	Renaming    renaming
	Linear      linear
	Blend       blend
	Nets        nets
	Temperature float64
	Threshold   float64
	Precision   float64
	Held        Held
	Note        []byte // of whoever saved it
}

// Save writes the model with a note; Load reads it.
func (m *Model) Save(w io.Writer, note []byte) error {
	var b bytes.Buffer
	b.WriteString(fileMagic)
	err := gob.NewEncoder(&b).Encode(filed{m.fields, m.labels, m.code, m.lattice, m.data.width, m.data.cats, m.data.at, m.data.name, m.renaming, *m.lin, m.blend, m.nets,
		m.temperature, m.threshold, m.precision, m.held, note})
	if err != nil {
		return fmt.Errorf("insight: save: %w", err)
	}
	b.Write(binary.LittleEndian.AppendUint32(nil, crc32.Checksum(b.Bytes(), castagnoli)))
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("insight: save: %w", err)
	}
	return nil
}

// Load reads what Save wrote. Anything else is an error that wraps ErrFile.
func Load(r io.Reader) (m *Model, note []byte, err error) {
	b, err := io.ReadAll(io.LimitReader(r, mostFileByte))
	if err != nil {
		return nil, nil, fmt.Errorf("insight: load: %w", err)
	}
	body := len(b) - 4
	if body < len(fileMagic) || !bytes.HasPrefix(b, []byte(fileMagic)) || crc32.Checksum(b[:body], castagnoli) != binary.LittleEndian.Uint32(b[body:]) {
		return nil, nil, ErrFile
	}
	var f filed
	if err := gob.NewDecoder(bytes.NewReader(b[len(fileMagic):body])).Decode(&f); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	m = &Model{fields: f.Fields, labels: f.Labels, code: f.Code, lattice: f.Lattice, renaming: f.Renaming, lin: &f.Linear, blend: f.Blend, nets: f.Nets, temperature: f.Temperature,
		threshold: f.Threshold, precision: f.Precision, held: f.Held}
	m.data = past{width: f.Width, cats: f.Cats, at: f.At, name: f.Name}
	if !m.whole() {
		return nil, nil, fmt.Errorf("%w: contents", ErrFile)
	}
	for _, l := range f.Name {
		m.data.label = append(m.data.label, m.Of[l])
	}
	m.data.timed = f.At[len(f.At)-1] > f.At[0]
	m.code.learnCodes()
	m.stems = newTemplates(m)
	m.sort()
	return m, f.Note, nil
}

// whole reports whether the sizes fit each other; the checksum has kept damage out,
// this keeps a file of another build from ending the program.
func (m *Model) whole() bool {
	d, n := &m.data, len(m.data.name)
	return n >= leastRows && len(m.labels) > 1 && len(d.cats) == n*d.width && len(d.at) == n && d.width == len(m.code.Columns) &&
		len(m.Parents) == len(m.Crosses) && len(m.Order) == len(m.Crosses) && m.lin.Labels == len(m.Units) && len(m.lin.Bias) == len(m.Units) &&
		len(m.Of) == len(m.labels) &&
		len(m.lin.Rows) == m.lin.Buckets && len(m.blend.Weight) == len(m.blend.Edges) && m.nets.whole(m)
}
