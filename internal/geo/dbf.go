package geo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// table is a .dbf: dBASE III and what follows it. A row that is marked as deleted is nil.
type table struct {
	columns []column
	rows    [][]string
}

type column struct {
	name  string
	kind  byte
	width int
}

const (
	maxColumns = 255
	maxCell    = 512 // bytes kept of a cell
)

// languageGBK is the language driver of simplified Chinese in the head of a .dbf.
const languageGBK = 0x4d

func parseDBF(b []byte, encoding string) (*table, error) {
	if len(b) < 33 {
		return nil, ErrShapeBroken
	}
	rows, head, width := int64(binary.LittleEndian.Uint32(b[4:])), int64(binary.LittleEndian.Uint16(b[8:])), int64(binary.LittleEndian.Uint16(b[10:]))
	if head < 33 || head > int64(len(b)) || width < 1 || rows > maxFeatures {
		return nil, ErrShapeBroken
	}
	decode := decoder(encoding, b[29])
	t := &table{}
	used := int64(1)
	for at := int64(32); at+32 <= head && b[at] != '\r'; at += 32 {
		f := b[at : at+32]
		c := column{name: decode(bytes.TrimRight(firstField(f[:11]), " ")), kind: f[11], width: int(f[16])}
		if c.name == "" || len(t.columns) >= maxColumns {
			return nil, fmt.Errorf("%w: columns", ErrShapeBroken)
		}
		used += int64(c.width)
		t.columns = append(t.columns, c)
	}
	if used > width || head+rows*width > int64(len(b)) {
		return nil, ErrShapeBroken
	}
	for i := range rows {
		record := b[head+i*width : head+(i+1)*width]
		if record[0] == '*' {
			t.rows = append(t.rows, nil)
			continue
		}
		row := make([]string, len(t.columns))
		at := 1
		for k, c := range t.columns {
			cell := record[at : at+c.width]
			at += c.width
			row[k] = strings.TrimSpace(decode(cell[:min(len(cell), maxCell)]))
		}
		t.rows = append(t.rows, row)
	}
	return t, nil
}

// firstField is what stands before the first zero.
func firstField(b []byte) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i]
	}
	return b
}

// decoder turns cells into UTF-8. GB 18030 contains GBK.
func decoder(encoding string, language byte) func([]byte) string {
	plain := strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToUpper(encoding))
	gb := func(b []byte) string {
		out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
		if err != nil {
			return strings.ToValidUTF8(string(b), "\uFFFD")
		}
		return string(out)
	}
	switch plain {
	case "UTF8", "65001":
		return func(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }
	case "GBK", "GB2312", "GB18030", "936", "CP936", "ANSI936", "EUCCN":
		return gb
	}
	return func(b []byte) string {
		b = bytes.Trim(b, " \x00")
		if language != languageGBK && utf8.Valid(b) {
			return string(b)
		}
		return gb(b)
	}
}
