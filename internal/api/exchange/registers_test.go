package exchange

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/xuri/excelize/v2"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory/posts"
	"weixiao/internal/directory/registers"
)

// TestRegisters: files of buildings, terms and firms go in whole or not at all; what is
// wrong with a row stands beside it in a copy, which can be mended and taken in.
func TestRegisters(t *testing.T) {
	casestest.Each(t, func(t *testing.T, e *casestest.Env) {
		r, sc := registers.Registers{Posts: e.Posts, Firms: e.Firms}, access.SystemScope(e.Pack.District, "import test")
		load := func(what, name, text string) Result {
			t.Helper()
			out, err := ImportRegister(t.Context(), r, sc, what, write(t, name, text))
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		reasons := func(out Result) string {
			t.Helper()
			b, err := os.ReadFile(out.Rejects)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		h := e.Posts.Board().BuildingsOf("220605001001")[0]
		head := "id,community,estate,name,lon,lat,entrances,floors,households,source\n"
		good := "220605001001-b901,220605001001,锦绣花园,901号楼,126.58,42.04,2,6,24,社区台账\n"
		good = strings.Replace(good, "126.58,42.04", lonlat(h.Point), 1)
		out := load(posts.FileBuildings, "b.csv", head+good+strings.Replace(good, "b901", "x901", 1)+strings.Replace(strings.Replace(good, "b901", "b902", 1), ",2,6,", ",两,6,", 1))
		if out.Rows != 3 || out.Bad != 2 || out.Added != 0 {
			t.Fatalf("%+v", out)
		}
		if s := reasons(out); !strings.Contains(s, "楼栋编号应为") || !strings.Contains(s, "应为整数") || !strings.Contains(s, "x901") || strings.Contains(s, "-b901,") {
			t.Error(s)
		}
		if _, ok := e.Posts.Board().Building("220605001001-b901"); ok {
			t.Error("half imported")
		}
		if out = load(posts.FileBuildings, "b.csv", head+good); out.Added != 1 || out.Bad != 0 || out.Rejects != "" {
			t.Fatalf("%+v", out)
		}
		if out = load(posts.FileBuildings, "b.csv", head+good); out.Added != 0 || out.Known != 1 {
			t.Fatalf("again: %+v", out)
		}

		terms := "岗位,姓名,开始,电话\n220605001001-b901.cadre,赵一,2022-03-01,13804390001\n"
		if out = load(posts.FileTerms, "t.csv", terms+"220605001001-b901.king,钱二,2022-03-01,\n"); out.Bad != 1 || out.Added != 0 || !strings.Contains(reasons(out), "没有岗位") {
			t.Fatalf("%+v", out)
		}
		if out = load(posts.FileTerms, "t.csv", terms); out.Added != 1 {
			t.Fatalf("%+v", out)
		}

		x := excelize.NewFile()
		for i, row := range [][]any{{"code", "name", "kinds", "sector", "made_up"}, {"91330106673959654P", "甲公司", "企业", "建筑", "是"}, {"91330106673959654Q", "乙公司", "企业", "建筑", "是"}} {
			at, _ := excelize.CoordinatesToCellName(1, i+1)
			if err := x.SetSheetRow("Sheet1", at, &row); err != nil {
				t.Fatal(err)
			}
		}
		name := t.TempDir() + "/f.xlsx"
		if err := x.SaveAs(name); err != nil {
			t.Fatal(err)
		}
		out, err := ImportRegister(t.Context(), r, sc, registers.Firms, name)
		if err != nil || out.Bad != 1 || out.Added != 0 || !strings.HasSuffix(out.Rejects, "f-rejected.xlsx") {
			t.Fatalf("%+v %v", out, err)
		}
		if _, err := ImportRegister(t.Context(), r, sc, registers.Firms, write(t, "n.csv", "名称\n甲\n")); err == nil || !strings.Contains(err.Error(), "没有“统一社会信用代码”这一列") {
			t.Errorf("a file without codes: %v", err)
		}
	})
}

func lonlat(p orb.Point) string { return fmt.Sprintf("%f,%f", p[0]+0.0001, p[1]) }
