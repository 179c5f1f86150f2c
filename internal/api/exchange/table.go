package exchange

import (
	"iter"
	"strings"

	"weixiao/internal/files/sheet"
)

// table is an opened file.
type table struct{ *sheet.Table }

// readTable reads CSV or XLSX; see package sheet.
func readTable(name string) (*table, error) {
	t, err := sheet.Open(name)
	if err != nil {
		return nil, err
	}
	return &table{t}, nil
}

// rows yields the lines after the heading; empty ones are passed over.
func (t *table) rows() iter.Seq[row] {
	return func(yield func(row) bool) {
		for i, cells := range t.Lines {
			if strings.TrimSpace(strings.Join(cells, "")) == "" {
				continue
			}
			if !yield(row{line: i + 2, cells: cells}) {
				return
			}
		}
	}
}
