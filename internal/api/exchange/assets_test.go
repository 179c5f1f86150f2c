package exchange

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/assets"
	"weixiao/internal/cases/casestest"
)

const assetHead = "标识码,名称,养护单位,状态,经度,纬度,坐标系,地址,安装日期\n"

func assetsEach(t *testing.T, fn func(t *testing.T, load func(file string, good bool) Result, s *assets.Assets, e *casestest.Env)) {
	casestest.Each(t, func(t *testing.T, e *casestest.Env) {
		s := e.Assets
		fn(t, func(file string, good bool) Result {
			t.Helper()
			r, err := ImportAssets(t.Context(), s, e.Pack, access.SystemScope(e.Pack.District, "import test"), file, good)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}, s, e)
	})
}

func TestAssetsAllOrNothing(t *testing.T) {
	assetsEach(t, func(t *testing.T, load func(string, bool) Result, s *assets.Assets, e *casestest.Env) {
		good := "22060501037000001,路灯 1 号,孙家堡子街道,完好,126.581650,42.048134,,建设街,2019-08-05\n"
		f := write(t, "lamps.csv", assetHead+good+
			"22060501037000002,,,,126.5817,42.0481,,,\n"+ // row 3
			"22060501037000002,,,,126.5818,42.0481,,,\n"+
			"2206050103700003,,,,126.5817,42.0481,,,\n"+
			"22060401037000004,,,,126.5817,42.0481,,,\n"+
			"22060501888000005,,,,126.5817,42.0481,,,\n"+
			"22060501037000006,,,,116.4,39.9,,,\n"+
			"22060501037000007,,没有的单位,,126.5817,42.0481,,,\n"+
			"22060501037000008,,,坏了,126.5817,42.0481,,,\n"+
			"22060501037000009,,,,42.0481,126.5817,,,\n"+
			"22060501037000010,,,,126.5817,42.0481,火星坐标,,\n"+
			"2.20605E+16,,,,126.5817,42.0481,,,\n"+
			"22060501037000012,,,,126.5817,42.0481,,,去年\n")
		r := load(f, false)
		if r.Rows != 13 || r.Added != 0 || r.Bad != 12 {
			t.Fatalf("%+v", r)
		}
		if list, err := s.List(t.Context(), e.Scope("", "dispatcher"), assets.Filter{}); err != nil || len(list) != 0 {
			t.Fatalf("half imported: %d %v", len(list), err)
		}
		b, err := os.ReadFile(r.Rejects)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 13 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for i, want := range []string{"与第 4 行重复", "与第 3 行重复", "16 位的旧码", "前 6 位应为 220605", "不在部件目录", "不在本区范围", "不在单位表", "完好、破损", "填反了", "不认识的坐标系", "科学", "2019-08-05"} {
			if want == "科学" {
				want = "表格软件"
			}
			if got := rows[i+1][len(rows[i+1])-2]; !strings.Contains(got, want) || !strings.Contains(got, " / ") {
				t.Errorf("row %d: %q, want %q", i+3, got, want)
			}
		}
		if r = load(f, true); r.Added != 1 || r.Bad != 12 {
			t.Errorf("the good ones: %+v", r)
		}
		one := write(t, "one.csv", assetHead+good)
		if r = load(one, false); r.Added != 0 || r.Known != 1 || r.Bad != 0 {
			t.Errorf("the same again: %+v", r)
		}
		if r = load(write(t, "other.csv", assetHead+strings.Replace(good, "建设街", "民主街", 1)), false); r.Bad != 1 || r.Added != 0 {
			t.Errorf("the id of another: %+v", r)
		}
	})
}

func TestAssetsWorkbookAndSystems(t *testing.T) {
	assetsEach(t, func(t *testing.T, load func(string, bool) Result, s *assets.Assets, e *casestest.Env) {
		file := filepath.Join(t.TempDir(), "lamps.xlsx")
		if err := writeXLSX(file, [][]string{{"GLBJBSM", "GLBJZT", "lon", "lat", "crs"}, {"22060501037000001", "破损", "126.581650", "42.048134", ""}, {"22060501037000002", "", "126.587776", "42.050266", "GCJ-02"}}); err != nil {
			t.Fatal(err)
		}
		if r := load(file, false); r.Added != 2 || r.Converted != 1 {
			t.Fatalf("%+v", r)
		}
		a, _, err := s.Get(t.Context(), e.Scope("", "operator"), "22060501037000002")
		if err != nil || a.Point[0] > 126.586 || a.Point[0] < 126.57 {
			t.Errorf("%+v %v", a, err)
		}
		if a, _, err = s.Get(t.Context(), e.Scope("", "operator"), "22060501037000001"); err != nil || a.State != assets.Damaged {
			t.Errorf("%+v %v", a, err)
		}
	})
}
