package insight

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Reader reads the rows of a CSV file (RFC 4180, UTF-8, with a header) one by one.
type Reader struct {
	name    string
	csv     *csv.Reader
	guard   *guard
	columns []string
}

// TableError says what is wrong with a file, and where.
type TableError struct {
	File string
	Line int // 0 = the whole file
	Why  string
}

func (e *TableError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s, line %d: %s", e.File, e.Line, e.Why)
	}
	return e.File + ": " + e.Why
}

// mostRecord is how large one row may be.
const mostRecord = 4 << 20

// guard stops a row that never ends, such as after a quote that is not closed.
type guard struct {
	r    io.Reader
	left int
}

var errRecord = fmt.Errorf("a row is larger than %d MiB; is a quote not closed?", mostRecord>>20)

func (g *guard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, errRecord
	}
	n, err := g.r.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

// NewReader reads the header of a file called name.
func NewReader(name string, r io.Reader) (*Reader, error) {
	t := &Reader{name: name, guard: &guard{r, mostRecord}}
	t.csv = csv.NewReader(t.guard)
	t.csv.FieldsPerRecord = -1
	head, err := t.read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, &TableError{name, 0, "the file is empty; its first line must name the columns"}
	case err != nil:
		return nil, err
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	for i, c := range head {
		head[i] = strings.TrimSpace(c)
		switch {
		case head[i] == "":
			return nil, &TableError{name, 1, fmt.Sprintf("column %d has no name", i+1)}
		case slices.Contains(head[:i], head[i]):
			return nil, &TableError{name, 1, fmt.Sprintf("two columns are called %q", head[i])}
		}
	}
	t.columns = head
	return t, nil
}

// Columns are the names in the header.
func (t *Reader) Columns() []string { return t.columns }

// Read returns the next row, one value for each column; io.EOF after the last.
func (t *Reader) Read() ([]string, error) {
	row, err := t.read()
	if err != nil {
		return nil, err
	}
	if len(row) != len(t.columns) {
		line, _ := t.csv.FieldPos(0)
		return nil, &TableError{t.name, line, fmt.Sprintf("%d values, but the header names %d columns", len(row), len(t.columns))}
	}
	return row, nil
}

func (t *Reader) read() ([]string, error) {
	t.guard.left = mostRecord
	row, err := t.csv.Read()
	if err != nil {
		if t.guard.left <= 0 {
			return nil, &TableError{t.name, 0, errRecord.Error()}
		}
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		if p, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, &TableError{t.name, p.Line, "not valid CSV: " + p.Err.Error()}
		}
		return nil, &TableError{t.name, 0, err.Error()}
	}
	for i, v := range row {
		if !utf8.ValidString(v) {
			line, _ := t.csv.FieldPos(i)
			return nil, &TableError{t.name, line, "not UTF-8; save the file as CSV in UTF-8"}
		}
	}
	return row, nil
}
