package exchange

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// reasonHead and lineHead are the columns added to the copy; a copy that was
// mended can be imported as it is, since both headings mean nothing to Import.
const (
	reasonHead = "为什么没有导入 / why not taken in"
	lineHead   = "原行号 / row"
)

// reject writes the bad rows beside the file and returns the copy's name.
func (t *table) reject(name string, bad []row) (string, error) {
	slices.SortFunc(bad, func(a, b row) int { return a.line - b.line })
	base := strings.TrimSuffix(name, filepath.Ext(name)) + "-rejected"
	lines := [][]string{append(slices.Clone(t.head), reasonHead, lineHead)}
	for _, r := range bad {
		cells := slices.Clone(r.cells)
		for len(cells) < len(t.head) {
			cells = append(cells, "")
		}
		lines = append(lines, append(cells[:len(t.head):len(t.head)], r.reason, strconv.Itoa(r.line)))
	}
	if t.xlsx {
		return base + ".xlsx", writeXLSX(base+".xlsx", lines)
	}
	return base + ".csv", writeCSV(base+".csv", lines)
}

func writeCSV(name string, lines [][]string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteString("\ufeff"); err != nil { // spreadsheet programs need the mark
		return err
	}
	w := csv.NewWriter(f)
	for _, l := range lines {
		safe := make([]string, len(l))
		for i, c := range l {
			safe[i] = inert(c)
		}
		if err := w.Write(safe); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return f.Sync()
}

// inert keeps a spreadsheet program from taking a cell for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}

func writeXLSX(name string, lines [][]string) error {
	x := excelize.NewFile()
	defer x.Close()
	w, err := x.NewStreamWriter(x.GetSheetName(0))
	if err != nil {
		return err
	}
	for i, l := range lines {
		cells := make([]any, len(l))
		for j, c := range l {
			cells[j] = c // a string cell is never a formula
		}
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := w.SetRow(at, cells); err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return x.SaveAs(name)
}
