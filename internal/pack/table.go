package pack

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// column of a CSV file: its English key, the Chinese heading, and whether every
// row must fill it.
type column struct {
	key, heading string
	must         bool
}

// row is one line of a CSV file by English key.
type row struct {
	r    *reader
	at   spot
	cell map[string]string
}

// table reads a CSV file whose first line names the columns in Chinese or
// English, in any order. Absent columns are empty; unknown ones are problems.
func (r *reader) table(file string, columns []column) []row {
	data, ok := r.files[file]
	if !ok {
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF")) // Excel writes it
	if !utf8.Valid(data) {
		r.add(file, 0, "文件不是 UTF-8 编码，请在表格软件里另存为“CSV UTF-8”", "the file is not UTF-8; save it as CSV UTF-8")
		return nil
	}
	in := csv.NewReader(bytes.NewReader(data))
	in.FieldsPerRecord = -1
	in.Comment = '#'
	var keys []string
	var rows []row
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line := 0
			if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
				line = bad.Line
			}
			r.add(file, line, "这一行的引号或逗号不成对，请检查", "the quotes or commas of this line do not match: "+err.Error())
			return nil
		}
		line, _ := in.FieldPos(0)
		if keys == nil {
			keys = r.headings(file, line, fields, columns)
			continue
		}
		if blank(fields) {
			continue
		}
		rows = append(rows, r.row(spot{file, line}, keys, fields, columns))
	}
	if len(rows) == 0 {
		r.add(file, 1, "文件里没有内容", "the file has no rows")
	}
	return rows
}

func (r *reader) headings(file string, line int, fields []string, columns []column) []string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		f = strings.TrimSpace(f)
		at := slices.IndexFunc(columns, func(c column) bool { return c.key == f || c.heading == f })
		switch {
		case at < 0:
			r.add(file, line, "不认识的列“"+f+"”，可用的列有 "+headingList(columns), "unknown column "+f)
		case slices.Contains(keys, columns[at].key):
			r.add(file, line, "列“"+f+"”出现了两次", "column "+f+" appears twice")
		default:
			keys[i] = columns[at].key
		}
	}
	for _, c := range columns {
		if c.must && !slices.Contains(keys, c.key) {
			r.add(file, line, "缺少“"+c.heading+"”这一列", "column "+c.key+" is missing")
		}
	}
	return keys
}

func (r *reader) row(at spot, keys, fields []string, columns []column) row {
	cell := map[string]string{}
	for i, f := range fields {
		if i < len(keys) {
			cell[keys[i]] = strings.TrimSpace(f)
		} else if strings.TrimSpace(f) != "" {
			r.add(at.file, at.line, "这一行的格子比表头多，是不是多了逗号？", "this line has more cells than the first line; a comma too many?")
			break
		}
	}
	for _, c := range columns {
		if c.must && cell[c.key] == "" && slices.Contains(keys, c.key) {
			r.add(at.file, at.line, "“"+c.heading+"”没有填", c.key+" is empty")
		}
	}
	return row{r, at, cell}
}

func (w row) text(key string) string { return w.cell[key] }

// code is text that spreadsheets like to spoil: 2.20605E+14.
func (w row) code(key string) string {
	s := w.cell[key]
	if strings.ContainsAny(s, "eE") && strings.ContainsAny(s, "+.") {
		if _, err := strconv.ParseFloat(s, 64); err == nil {
			w.r.add(w.at.file, w.at.line, "编号“"+s+"”被表格软件改成了科学计数，请把这一列设为文本后重填", "a spreadsheet turned the code "+s+" into a number; format the column as text")
		}
	}
	return s
}

// list splits a cell at 、 ， , ； ; | or blanks.
func (w row) list(key string) []string {
	return strings.FieldsFunc(w.cell[key], func(c rune) bool { return strings.ContainsRune("、，,；;| \t", c) })
}

func (w row) yes(key string) bool {
	switch strings.ToLower(w.cell[key]) {
	case "是", "yes", "true", "1":
		return true
	case "", "否", "no", "false", "0":
		return false
	}
	w.r.add(w.at.file, w.at.line, "“"+w.cell[key]+"”应为 是 或 否", key+" must be yes or no")
	return false
}

// number reads a decimal; the empty cell is 0 and false.
func (w row) number(key string) (float64, bool) {
	s := w.cell[key]
	if s == "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		w.r.add(w.at.file, w.at.line, "“"+s+"”不是数字", key+" is not a number: "+s)
	}
	return f, err == nil
}

// choice turns the Chinese word of a choice into its English one; what is not in
// the table is left for the checks of the owner of the words.
func choice[T ~string](w row, key string, words map[string]T) T {
	if t, ok := words[w.cell[key]]; ok {
		return t
	}
	return T(w.cell[key])
}

func headingList(columns []column) string {
	var all []string
	for _, c := range columns {
		all = append(all, c.heading)
	}
	return strings.Join(all, "、")
}

func blank(fields []string) bool {
	return !slices.ContainsFunc(fields, func(f string) bool { return strings.TrimSpace(f) != "" })
}
