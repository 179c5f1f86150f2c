package exchange

import (
	"iter"
	"strings"

	"weixiao/internal/files/sheet"
)

// table is an opened file.
type table struct {
	head  []string
	xlsx  bool
	lines [][]string
}

// readTable reads CSV or XLSX; see package sheet.
func readTable(name string) (*table, error) {
	t, err := sheet.Open(name)
	if err != nil {
		return nil, err
	}
	return &table{t.Head, t.XLSX, t.Lines}, nil
}

// rows yields the lines after the heading; empty ones are passed over.
func (t *table) rows() iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		for i, cells := range t.lines {
			if strings.TrimSpace(strings.Join(cells, "")) == "" {
				continue
			}
			if !yield(row{line: i + 2, cells: cells}, nil) {
				return
			}
		}
	}
}
