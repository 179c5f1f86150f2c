package exchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"weixiao/internal/files"
)

// Limits of a file: a district's year fits many times over.
const (
	maxBytes = 200 << 20
	maxRows  = 100_000
	maxCells = 200
)

// table is an opened file.
type table struct {
	head  []string
	xlsx  bool
	lines [][]string
}

// readTable reads CSV or XLSX, told apart by content: a file renamed to .xlsx is
// named for what it is.
func readTable(name string) (*table, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if st.Size() > maxBytes {
		return nil, fmt.Errorf("%s has %d MB, at most %d MB are read: split it", filepath.Base(name), st.Size()>>20, maxBytes>>20)
	}
	magic := make([]byte, 4)
	n, _ := io.ReadFull(f, magic)
	isZip := n == 4 && bytes.Equal(magic, []byte("PK\x03\x04"))
	if isZip || strings.EqualFold(filepath.Ext(name), ".xlsx") {
		if err := files.CheckXLSX(f, st.Size()); err != nil {
			return nil, fmt.Errorf("%s is not an Excel workbook (.xlsx): %w", filepath.Base(name), err)
		}
		return readXLSX(name)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return readCSV(f)
}

func readCSV(f io.Reader) (*table, error) {
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(b) {
		// Spreadsheet programs in China save CSV in GB 18030. Bytes that are neither
		// stay as they are, and their rows are refused.
		if d, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b); err == nil && !bytes.ContainsRune(d, utf8.RuneError) {
			b = d
		}
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = -1
	t := &table{}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the file is not CSV: %w", err)
		}
		if err := t.add(rec); err != nil {
			return nil, err
		}
	}
	return t.checked()
}

func readXLSX(name string) (*table, error) {
	x, err := excelize.OpenFile(name, excelize.Options{UnzipSizeLimit: maxBytes, UnzipXMLSizeLimit: 16 << 20})
	if err != nil {
		return nil, fmt.Errorf("the workbook cannot be read: %w", err)
	}
	defer x.Close()
	sheets := x.GetSheetList()
	if len(sheets) == 0 {
		return nil, errors.New("the workbook has no sheet")
	}
	rows, err := x.Rows(sheets[0])
	if err != nil {
		return nil, fmt.Errorf("the workbook cannot be read: %w", err)
	}
	defer rows.Close()
	t := &table{xlsx: true}
	for rows.Next() {
		rec, err := rows.Columns()
		if err != nil {
			return nil, fmt.Errorf("the workbook cannot be read: %w", err)
		}
		if err := t.add(rec); err != nil {
			return nil, err
		}
	}
	if err := rows.Error(); err != nil {
		return nil, fmt.Errorf("the workbook cannot be read: %w", err)
	}
	return t.checked()
}

func (t *table) add(rec []string) error {
	if len(rec) > maxCells {
		return fmt.Errorf("row %d has %d columns, at most %d are read", len(t.lines)+2, len(rec), maxCells)
	}
	if t.head == nil {
		t.head = rec
		return nil
	}
	if len(t.lines) >= maxRows {
		return fmt.Errorf("the file has more than %d rows: split it", maxRows)
	}
	t.lines = append(t.lines, rec)
	return nil
}

func (t *table) checked() (*table, error) {
	if len(t.head) == 0 {
		return nil, errors.New("the file is empty: the first row must be the heading")
	}
	return t, nil
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
