package insight

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestReaderRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		line int
		says string
	}{
		"empty":          {"", 0, "empty"},
		"no name":        {"a,,c\n", 1, "no name"},
		"twice":          {"a,a\n", 1, "two columns"},
		"short row":      {"a,b\n1,2\n3\n", 3, "1 values"},
		"long row":       {"a,b\n1,2,3\n", 2, "3 values"},
		"open quote":     {"a,b\n\"1,2\n", 0, "not valid CSV"},
		"bare quote":     {"a,b\n1\"2,3\n", 2, "not valid CSV"},
		"not UTF-8":      {"a,b\n\xd6\xd0,2\n", 2, "UTF-8"},
		"header in GBK":  {"\xd6\xd0,b\n", 1, "UTF-8"},
		"never-ending":   {"a,b\n\"" + strings.Repeat("x", 2*mostRecord), 0, "larger than"},
		"quote in quote": {"a,b\n\"1\"2\",3\n", 2, "not valid CSV"},
	} {
		r, err := NewReader("f.csv", strings.NewReader(c.file))
		for err == nil {
			_, err = r.Read()
		}
		e, ok := errors.AsType[*TableError](err)
		if !ok || !strings.Contains(e.Why, c.says) || c.line > 0 && e.Line != c.line || !strings.HasPrefix(err.Error(), "f.csv") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReader(t *testing.T) {
	r, err := NewReader("f.csv", strings.NewReader("\ufeffa, b\r\n1,\"x\n\"\"y\"\"\"\r\n\n2,\n"))
	if err != nil || !slices.Equal(r.Columns(), []string{"a", "b"}) {
		t.Fatal(r, err)
	}
	rows, all, err := ReadRows(r)
	if err != nil || all != 2 || fmt.Sprintf("%q", rows) != `[["1" "x\n\"y\""] ["2" ""]]` {
		t.Errorf("%q %d %v", rows, all, err)
	}
}

// FuzzReader: any bytes give rows of the header's width in UTF-8, or an error.
func FuzzReader(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\ufeffa\n\"x\"\n", "a,b\n\"", "\xff", "a\r\n\r\n1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := NewReader("f", strings.NewReader(s))
		for err == nil {
			var row []string
			if row, err = r.Read(); err == nil && (len(row) != len(r.Columns()) || slices.ContainsFunc(row, func(v string) bool { return !utf8.ValidString(v) })) {
				t.Fatalf("%q", row)
			}
		}
		if _, ok := errors.AsType[*TableError](err); !ok && err != io.EOF {
			t.Fatal(err)
		}
	})
}

// sample is a table in which every trap of a real export is set.
func sample(n int) (columns []string, rows [][]string) {
	columns = []string{"rec_id", "created_at", "matter", "matter_id", "street", "unit", "unit_id", "unit_phone", "on_time", "said", "lon", "empty"}
	for i := range n {
		u := i * 7 % 12
		rows = append(rows, []string{fmt.Sprint(9000 + i), fmt.Sprintf("2022-%02d-%02d 10:%02d:00", 1+i%12, 1+i%28, i%60), fmt.Sprintf("事项%d", i%5), fmt.Sprint(100 + i%5),
			fmt.Sprintf("%d街", i%3), fmt.Sprintf("单位%d", u), fmt.Sprint(500 + min(u, 10)), fmt.Sprintf("86-%d", u), fmt.Sprint(i % 2),
			fmt.Sprintf("第%d次反映小区门口的路灯已经很久没有亮过了", i), fmt.Sprint(float64(i*37%100) / 7), ""})
	}
	return columns, rows
}

func TestSelect(t *testing.T) {
	columns, rows := sample(600)
	s, err := Select(columns, rows, "unit", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{{"created_at", Moment}, {"matter", Category}, {"street", Category}, {"said", Text}, {"lon", Number}}
	if !slices.Equal(s.Fields, want) {
		t.Errorf("fields %v, want %v", s.Fields, want)
	}
	why := map[string]string{}
	for _, l := range s.Left {
		why[l.Column] = l.Why
	}
	// unit_id: two units share a number, as in real exports.
	for column, says := range map[string]string{"rec_id": "identifier", "matter_id": "same as matter", "unit_id": "one to one", "unit_phone": "one to one",
		"on_time": "outcome", "empty": "one value"} {
		if !strings.Contains(why[column], says) {
			t.Errorf("%s is left out because %q, want %q", column, why[column], says)
		}
	}
	s, err = Select(columns, rows, "unit", []string{"said"}, []string{"matter", "unit_id", "on_time"})
	if err != nil || !slices.Equal(s.Fields, []Field{{"matter", Category}, {"on_time", Category}, {"said", Text}}) || len(s.Left) != 1 || s.Left[0].Column != "unit_id" {
		t.Errorf("asked for: %+v, %v", s, err)
	}
	for name, c := range map[string]struct {
		label           string
		texts, features []string
		says            string
	}{
		"no label":      {"Unit", nil, nil, `no column "Unit"; the columns are: rec_id`},
		"no feature":    {"unit", nil, []string{"matters"}, `--features: there is no column "matters"`},
		"no text":       {"unit", []string{"text"}, nil, `--text: there is no column "text"`},
		"label as text": {"unit", []string{"unit"}, nil, "the label itself"},
		"only a leak":   {"unit", nil, []string{"unit_id"}, "no column is left"},
	} {
		if _, err := Select(columns, rows, c.label, c.texts, c.features); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.For([]string{"unit", "said", "on_time"}, "test.csv"); err == nil || !strings.Contains(err.Error(), `test.csv, line 1: there is no column "matter"`) {
		t.Errorf("another table: %v", err)
	}
}
