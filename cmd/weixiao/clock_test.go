package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestClockAdd(t *testing.T) {
	for args, want := range map[string]string{
		"2026-02-13T12:00:00+08:00 1 workday":           "2026-02-14T12:00:00+08:00",
		"2026-02-13T04:00:00Z 2 workdays":               "2026-02-24T12:00:00+08:00",
		"2026-02-13T12:00 1 day":                        "2026-02-14T12:00:00+08:00",
		"2026-02-20T23:50:00 15 minutes":                "2026-02-21T00:05:00+08:00",
		"2026-06-10T11:00 1 workhour":                   "2026-06-10T14:00:00+08:00",
		"2026-06-10T11:00 1 workhour --calendar always": "2026-06-10T12:00:00+08:00",
		"2026-03-12T10:20 1 hour --start next_hour":     "2026-03-12T12:00:00+08:00",
		"--profile penalty 2026-03-12T10:20 5 day":      "2026-03-20T00:00:00+08:00",
		"2026-03-12T10:20 90 day --profile penalty":     "2026-06-11T00:00:00+08:00",
		"2026-03-12T10:20 20 day --profile licensing":   "2026-04-11T00:00:00+08:00",
		"2026-03-12T10:20 decision --profile licensing": "2026-04-11T00:00:00+08:00",
		"2026-03-12T10:20 60 day --profile petition":    "2026-05-12T00:00:00+08:00",
		"2026-03-12T10:20 5 workday --profile petition": "2026-03-20T00:00:00+08:00",
		"2026-03-12T10:20 20 day --profile disclosure":  "2026-04-11T00:00:00+08:00",
		"2026-03-12T10:20 5 workday --profile 12345":    "2026-03-19T10:20:00+08:00",
	} {
		fields := strings.Fields(args)
		for i := range fields {
			fields[i] = strings.ReplaceAll(fields[i], "_", " ")
		}
		var out bytes.Buffer
		if err := run(t.Context(), append([]string{"clock", "add"}, fields...), &out); err != nil || out.String() != want+"\n" {
			t.Errorf("clock add %s: %q, %v, want %s", args, out.String(), err, want)
		}
	}
	for _, bad := range []string{"", "now 1 day", "2026-02-13 1", "2026-02-13 -1 day", "2026-02-13 1 moon", "2026-02-13 1 day --profile L9",
		"2026-02-13 1 day --calendar shop", "2026-02-13 nothing --profile licensing", "2026-02-13 1 day --start tomorrow"} {
		var out bytes.Buffer
		if err := run(t.Context(), append([]string{"clock", "add"}, strings.Fields(bad)...), &out); err == nil || out.Len() > 0 {
			t.Errorf("clock add %s: %q, %v", bad, out.String(), err)
		}
	}
}

// TestCalendarLoad: a notice is loaded once; what is none is refused with words.
func TestCalendarLoad(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const notice = `{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}, {"name": "元旦", "date": "2027-01-04", "isOffDay": true},
		{"name": "劳动节", "date": "2027-05-01", "isOffDay": true}, {"name": "国庆节", "date": "2027-10-01", "isOffDay": true}]}`
	db := []string{"--database", "sqlite:" + filepath.Join(dir, "w.db"), "--log", "error"}
	for _, tt := range []struct{ name, content, want string }{
		{"bad.json", "2027", "not JSON"},
		{"huge.json", strings.Repeat(" ", 2<<20), "1 MiB"},
		{"2029.json", notice, "2029 by its name"},
		{"wrong.json", strings.ReplaceAll(notice, `"2027-`, `"2028-`), "neither in that year"},
		{"two.json", strings.Replace(notice, "2027-01-04", "2027-01-01", 1), ""},
		{"2027.json", strings.Replace(notice, "2027-01-04", "2027-01-05", 1), "--replace"},
		{"none.json", `{"days": []}`, "does not name its year"},
	} {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"calendar", "load", file(tt.name, tt.content)}, db...), &out)
		if tt.want == "" {
			if err != nil || !strings.Contains(out.String(), "loaded into office") {
				t.Errorf("%s: %v, %s", tt.name, err, out.String())
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	var out bytes.Buffer
	if err := run(t.Context(), append([]string{"calendar", "list"}, db...), &out); err != nil || !strings.Contains(out.String(), "2007-2027") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
