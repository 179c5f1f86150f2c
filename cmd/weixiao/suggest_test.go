package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// table writes a CSV file of cases: lamps to one office, rubbish to the street's
// own team.
func table(t *testing.T, dir, name string, from, to int, change func(i int, row []string) []string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("rec_id,created_at,matter,street,unit,unit_id\n")
	for i := from; i < to; i++ {
		street := []string{"东山", "西河", "南门"}[i%3]
		row := []string{fmt.Sprint(1000 + i), fmt.Sprintf("2022-0%d-%02d 08:%02d:00", 1+i%9, 1+i%28, i%60), "路灯", street, "路灯管理处", "1"}
		if i%2 == 0 {
			row[2], row[4], row[5] = "垃圾", street+"环卫队", fmt.Sprint(2+i%3)
		}
		if change != nil {
			row = change(i, row)
		}
		b.WriteString(strings.Join(row, ",") + "\n")
	}
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func eval(args ...string) (map[string]string, error) {
	var out bytes.Buffer
	err := runSuggest(context.Background(), append([]string{"eval"}, args...), &out)
	figures := map[string]string{}
	for line := range strings.Lines(out.String()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		figures[name] = value
	}
	return figures, err
}

func TestSuggestEval(t *testing.T) {
	dir := t.TempDir()
	train, test := table(t, dir, "train.csv", 0, 400, nil), table(t, dir, "test.csv", 400, 500, nil)
	one, err := eval("--train", train, "--test", test, "--label", "unit")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"top1", "top3", "accuracy", "macro_f1", "surest60"} {
		if one[name] != "1.0000" {
			t.Errorf("%s is %q where nothing is left to chance", name, one[name])
		}
	}
	if one["abstained"] == "" || one["rows_per_s"] == "" || one["rows_per_s"] == "0" || len(one) != 7 {
		t.Errorf("figures %v", one)
	}
	again, err := eval("--train", train, "--test", test, "--label", "unit")
	delete(one, "rows_per_s")
	delete(again, "rows_per_s")
	if err != nil || fmt.Sprint(one) != fmt.Sprint(again) {
		t.Errorf("the same files give %v and %v, %v", one, again, err)
	}
	// rows of a later year are judged by a model that looks ahead
	next := table(t, dir, "next.csv", 400, 500, func(_ int, row []string) []string {
		row[1] = strings.Replace(row[1], "2022", "2023", 1)
		return row
	})
	if got, err := eval("--train", train, "--test", next, "--label", "unit"); err != nil || got["top1"] != "1.0000" {
		t.Errorf("a year later: %v, %v", got, err)
	}
	// the label's own number does not help even when it is asked for
	if _, err := eval("--train", train, "--test", test, "--label", "unit", "--features", "unit_id"); err == nil || !strings.Contains(err.Error(), "no column is left") {
		t.Errorf("learned from the label's own number: %v", err)
	}
	// a label never seen counts as wrong
	strange := table(t, dir, "strange.csv", 400, 500, func(i int, row []string) []string {
		if i < 425 {
			row[4] = "新单位"
		}
		return row
	})
	got, err := eval("--train", train, "--test", strange, "--label", "unit", "--features", "matter,street,created_at")
	if err != nil || got["top1"] != "0.7500" || got["top3"] != "0.7500" {
		t.Errorf("%v %v", got, err)
	}
}

func TestSuggestEvalRefuses(t *testing.T) {
	dir := t.TempDir()
	good := table(t, dir, "good.csv", 0, 200, nil)
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	one := table(t, dir, "one.csv", 0, 200, func(_ int, row []string) []string { row[4] = "甲"; return row })
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no such file":          {[]string{"--train", filepath.Join(dir, "none.csv"), "--test", good, "--label", "unit"}, "none.csv"},
		"empty training file":   {[]string{"--train", write("empty.csv", ""), "--test", good, "--label", "unit"}, "empty"},
		"header only":           {[]string{"--train", write("head.csv", "matter,unit\n"), "--test", good, "--label", "unit"}, "no column is left"},
		"few rows":              {[]string{"--train", write("few.csv", "matter,unit\n路灯,甲\n垃圾,乙\n"), "--test", good, "--label", "unit"}, "at least 20 cases"},
		"missing label":         {[]string{"--train", good, "--test", good, "--label", "office"}, `no column "office"`},
		"missing feature":       {[]string{"--train", good, "--test", good, "--label", "unit", "--features", "matter,place"}, `no column "place"`},
		"one label":             {[]string{"--train", one, "--test", good, "--label", "unit"}, "at least two different labels"},
		"broken row":            {[]string{"--train", write("broken.csv", "matter,unit\n路灯,甲\n垃圾\n"), "--test", good, "--label", "unit"}, "line 3"},
		"not UTF-8":             {[]string{"--train", write("gbk.csv", "matter,unit\n\xc2\xb7\xb5\xc6,x\n"), "--test", good, "--label", "unit"}, "UTF-8"},
		"not gzip":              {[]string{"--train", write("x.csv.gz", "matter,unit\n"), "--test", good, "--label", "unit"}, "gzip"},
		"test without a column": {[]string{"--train", good, "--test", write("thin.csv", "matter,unit\n路灯,甲\n"), "--label", "unit"}, `there is no column`},
		"test without labels":   {[]string{"--train", good, "--test", write("bare.csv", "created_at,matter,street,unit\n2022-01-01 08:00:00,路灯,东山,\n"), "--label", "unit"}, "no row has a label"},
	} {
		if _, err := eval(c.args...); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, args := range [][]string{nil, {"--train", good}, {"--train", good, "--test", good, "--label", "unit", "more"}, {"--train", good, "--test", good, "--label", "unit", "--precision", "2"}} {
		if _, err := eval(args...); !errors.Is(err, errUsage) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
