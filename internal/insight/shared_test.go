package insight

import (
	"context"
	"crypto/sha1"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// reached are the figures on real dispatches (10,000 cases of one district to 156
// units), less one point, so that a change that costs more is seen. The data has
// no licence and is never copied here.
func TestOnRealDispatches(t *testing.T) {
	file := sharedFile(t, "pingshan-events/train.csv")
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := NewReader(file, f)
	if err != nil {
		t.Fatal(err)
	}
	rows, _, err := ReadRows(r)
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) int { return slices.Index(r.Columns(), name) }
	byTime := slices.Clone(rows)
	slices.SortStableFunc(byTime, func(a, b []string) int {
		if x, y := a[at("created_at")], b[at("created_at")]; x < y {
			return -1
		} else if x > y {
			return 1
		}
		return 0
	})
	var learn, judge [][]string
	for _, row := range rows {
		if h := sha1.Sum([]byte(row[at("rec_id")] + "s")); h[0]%5 == 1 {
			judge = append(judge, row)
		} else {
			learn = append(learn, row)
		}
	}
	cut := len(byTime) * 9 / 10
	for _, c := range []struct {
		name                string
		learn, judge        [][]string
		top1, top3, surest  float64
		abstained, accuracy float64
		ahead               bool
	}{
		{"a fifth by hash", learn, judge, 0.71, 0.855, 0.885, 0.42, 0.82, false},
		{"the last tenth by time", byTime[:cut], byTime[cut:], 0.69, 0.84, 0.87, 0.52, 0.88, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := Select(r.Columns(), c.learn, "unit", nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			var lessons []Row
			for _, row := range c.learn {
				lessons = append(lessons, s.Row(row))
			}
			m, err := Train(context.Background(), s.Fields, lessons, Options{Ahead: c.ahead})
			if err != nil {
				t.Fatal(err)
			}
			judged := tally{model: m}
			for _, row := range c.judge {
				if err := judged.add(s.Row(row), time.Now); err != nil {
					t.Fatal(err)
				}
			}
			scores := judged.scores()
			t.Logf("%+v", scores)
			if scores.Top1 < c.top1 || scores.Top3 < c.top3 || scores.Surest < c.surest || scores.Abstained > c.abstained || scores.Accuracy < c.accuracy {
				t.Errorf("%+v, want at least top1 %.2f, top3 %.2f, surest %.2f, accuracy %.2f, at most %.2f abstained", scores, c.top1, c.top3, c.surest, c.accuracy, c.abstained)
			}
		})
	}
}

// sharedFile finds a file of the data that lies beside the project for measuring;
// without it the test is skipped.
func sharedFile(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
			continue
		}
		for _, up := range []string{"..", "../.."} { // beside the project, or beside the folder it lies in
			file := filepath.Join(dir, up, "shared/data", name)
			if _, err := os.Stat(file); err == nil {
				return file
			}
		}
		break
	}
	t.Skipf("the shared data (%s) is not beside the project: the figures are not measured", name)
	return ""
}
