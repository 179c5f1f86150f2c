// Package sheet reads tables that people made: CSV in UTF-8 or GB 18030, and Excel workbooks, told apart by content.
package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
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

// Table is a file that was read: the first sheet of a workbook. Line i of Lines is row i+2 of the file.
type Table struct {
	Head  []string
	XLSX  bool
	Lines [][]string
}

// Open reads a file; one renamed to .xlsx is named for what it is.
func Open(name string) (*Table, error) {
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
	return Read(name, f, st.Size())
}

// Read reads a file that somebody holds, for instance an upload of that name.
func Read(name string, f io.ReaderAt, size int64) (*Table, error) {
	magic := make([]byte, 4)
	n, _ := f.ReadAt(magic, 0)
	isZip := n == 4 && bytes.Equal(magic, []byte("PK\x03\x04"))
	in := io.NewSectionReader(f, 0, size)
	if isZip || strings.EqualFold(filepath.Ext(name), ".xlsx") {
		if err := files.CheckXLSX(in, size); err != nil {
			return nil, fmt.Errorf("%s is not an Excel workbook (.xlsx): %w", filepath.Base(name), err)
		}
		return readXLSX(io.NewSectionReader(f, 0, size))
	}
	return readCSV(in)
}

func readCSV(f io.Reader) (*Table, error) {
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
	t := &Table{}
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

func readXLSX(f io.Reader) (*Table, error) {
	x, err := excelize.OpenReader(f, excelize.Options{UnzipSizeLimit: maxBytes, UnzipXMLSizeLimit: 16 << 20})
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
	t := &Table{XLSX: true}
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

func (t *Table) add(rec []string) error {
	if len(rec) > maxCells {
		return fmt.Errorf("row %d has %d columns, at most %d are read", len(t.Lines)+2, len(rec), maxCells)
	}
	if t.Head == nil {
		t.Head = rec
		return nil
	}
	if len(t.Lines) >= maxRows {
		return fmt.Errorf("the file has more than %d rows: split it", maxRows)
	}
	t.Lines = append(t.Lines, rec)
	return nil
}

func (t *Table) checked() (*Table, error) {
	if len(t.Head) == 0 {
		return nil, errors.New("the file is empty: the first row must be the heading")
	}
	return t, nil
}
