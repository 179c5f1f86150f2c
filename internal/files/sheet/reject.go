package sheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// ReasonHead and LineHead are the columns added to a copy of bad rows; a copy that was
// mended can be imported as it is, since both headings mean nothing to an import.
const (
	ReasonHead = "为什么没有导入 / why not taken in"
	LineHead   = "原行号 / row"
)

// Bad is a row that cannot be taken in, and why.
type Bad struct {
	Line   int // in the file; the heading is 1
	Reason string
}

// Reject is a file of the bad rows, with what is wrong with each and where it stood, in
// the format of the table; Ending is its ending.
func (t *Table) Reject(bad []Bad) ([]byte, error) {
	bad = slices.Clone(bad)
	slices.SortStableFunc(bad, func(a, b Bad) int { return a.Line - b.Line })
	lines := [][]string{append(slices.Clone(t.Head), ReasonHead, LineHead)}
	for _, b := range bad {
		var cells []string
		if b.Line >= 2 && b.Line-2 < len(t.Lines) {
			cells = slices.Clone(t.Lines[b.Line-2])
		}
		for len(cells) < len(t.Head) {
			cells = append(cells, "")
		}
		lines = append(lines, append(cells[:len(t.Head):len(t.Head)], b.Reason, strconv.Itoa(b.Line)))
	}
	if t.XLSX {
		return workbook(lines)
	}
	return commas(lines)
}

// Ending is how the names of files of the table's format end.
func (t *Table) Ending() string {
	if t.XLSX {
		return ".xlsx"
	}
	return ".csv"
}

func commas(lines [][]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff") // spreadsheet programs need the mark
	w := csv.NewWriter(&b)
	for _, l := range lines {
		safe := make([]string, len(l))
		for i, c := range l {
			safe[i] = inert(c)
		}
		if err := w.Write(safe); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// inert keeps a spreadsheet program from taking a cell for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}

func workbook(lines [][]string) ([]byte, error) {
	x := excelize.NewFile()
	defer x.Close()
	w, err := x.NewStreamWriter(x.GetSheetName(0))
	if err != nil {
		return nil, err
	}
	for i, l := range lines {
		cells := make([]any, len(l))
		for j, c := range l {
			cells[j] = c // a string cell is never a formula
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return nil, err
		}
		if err := w.SetRow(at, cells); err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	b, err := x.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
