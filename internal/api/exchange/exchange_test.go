package exchange

import (
	"github.com/xuri/excelize/v2"

	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func write(t *testing.T, name, content string) string {
	t.Helper()
	f := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(f, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

func (e env) load(t *testing.T, name string) Result {
	t.Helper()
	r, err := Import(t.Context(), e.Cases, access.SystemScope(e.Pack.District, "import test"), name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

type env struct{ *casestest.Env }

func TestImportRefusesRowByRow(t *testing.T) {
	casestest.Each(t, func(t *testing.T, ce *casestest.Env) {
		e := env{ce}
		f := write(t, "letters.csv", "\ufeff编号,类型,内容,时间,别的\n"+
			"1,投诉,路灯不亮,2019-08-05,x\n"+
			"2,投诉,,2019-08-05,x\n"+
			"3,吵架,有人吵架,2019-08-05,x\n"+
			"4,咨询,=HYPERLINK(1),2019-08-05,x\n"+
			"5,咨询,坏\x07字符,2019-08-05,x\n"+
			"6,咨询,日期不对,去年冬天,=1+1\n"+
			"7,咨询,"+strings.Repeat("长", cases.MaxBody+1)+",,\n"+
			",,,,\n")
		r := e.load(t, f)
		if r.Rows != 7 || r.Added != 2 || r.Bad != 5 || len(r.Ignored) != 1 || r.Ignored[0] != "别的" {
			t.Errorf("%+v", r)
		}
		b, err := os.ReadFile(r.Rejects)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 6 || rows[1][6] != "3" || !strings.Contains(rows[1][5], "没有诉求内容") || rows[4][4] != "'=1+1" {
			t.Errorf("rejected copy: %q %v", rows, err)
		}
		if again := e.load(t, f); again.Added != 0 || again.Known != 2 {
			t.Errorf("second run: %+v", again)
		}
	})
}

func TestFilesThatAreNotTables(t *testing.T) {
	db := storetest.Open(t, "sqlite", casestest.Schemas())
	e := env{casestest.New(t, db)}
	sc := access.SystemScope(e.Pack.District, "import test")
	for name, content := range map[string]string{
		"zip.xlsx": "PK\x03\x04 not really a workbook", "text.xlsx": "编号,内容\n1,x\n", "empty.csv": "", "nohead.csv": "a,b\n1,2\n", "quote.csv": "内容\n\"open",
	} {
		if r, err := Import(t.Context(), e.Cases, sc, write(t, name, content)); err == nil {
			t.Errorf("%s was taken: %+v", name, r)
		}
	}
}

func TestGB18030(t *testing.T) {
	db := storetest.Open(t, "sqlite", casestest.Schemas())
	e := env{casestest.New(t, db)}
	// 内容 / 路灯不亮 as spreadsheet programs in China save them.
	r := e.load(t, write(t, "gbk.csv", "\xc4\xda\xc8\xdd\n\xc2\xb7\xb5\xc6\xb2\xbb\xc1\xc1\n"))
	list, err := e.Cases.List(t.Context(), e.Scope("", "dispatcher"), cases.Filter{})
	if err != nil || r.Added != 1 || len(list) != 1 || list[0].Body != "路灯不亮" {
		t.Errorf("%+v %v", r, err)
	}
}

// shared finds a data set beside the checkout.
func shared(t *testing.T, name string) string {
	t.Helper()
	f, err := filepath.Abs(filepath.Join("..", "..", "..", "..", "shared", "data", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f); err != nil {
		t.Skipf("the data set %s is not on this machine", name)
	}
	// A copy, because an import writes beside its file.
	b, err := os.ReadFile(f)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, filepath.Base(f), string(b))
}

// asXLSX makes a workbook of a CSV file.
func asXLSX(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "letters.xlsx")
	if err := writeXLSX(out, lines); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestRealLetters takes in the real letters and orders, as CSV and as XLSX, and
// walks 200 of them through every state to a rating.
func TestRealLetters(t *testing.T) {
	letters, orders := shared(t, "tipdm2020-classify/train.csv"), shared(t, "fuzhou12345-rivers/train.csv")
	casestest.Each(t, func(t *testing.T, ce *casestest.Env) {
		e := env{ce}
		if r := e.load(t, letters); r.Added != 2975 || r.Bad != 0 {
			t.Errorf("letters: %+v", r)
		}
		if r := e.load(t, asXLSX(t, letters)); r.Added != 0 || r.Known != 2975 {
			t.Errorf("the same letters as a workbook: %+v", r)
		}
		if r := e.load(t, orders); r.Added+r.Known != 1183 || r.Bad != 0 {
			t.Errorf("orders: %+v", r)
		}
		e.walk(t, 200)
		r, err := e.Cases.NewReplayer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, func(a journal.Act) error { return r.Fold(context.Background(), a) }); err != nil {
			t.Error(err)
		}
		if err := r.Finish(); err != nil {
			t.Error(err)
		}
	})
}

// walk takes cases through hand-back, extension, suspension, rework, call-back,
// redo and rating.
func (e env) walk(t *testing.T, n int) {
	centre, street, sup, back := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street"), e.Scope("", "supervisor"), e.Scope("", "callback")
	list, err := e.Cases.List(t.Context(), centre, cases.Filter{Limit: n})
	if err != nil || len(list) != n {
		t.Fatalf("%d cases, %v", len(list), err)
	}
	var wg sync.WaitGroup
	for i, k := range list {
		wg.Go(func() {
			act := func(sc access.Scope, action string, kv ...string) {
				raw := form.Raw{}
				for j := 0; j < len(kv); j += 2 {
					raw[kv[j]] = []string{kv[j+1]}
				}
				if _, err := e.Cases.Act(context.Background(), sc, k.Number, action, cases.Input{Raw: raw}); err != nil {
					t.Errorf("%s %s: %v", k.Number, action, err)
				}
			}
			act(centre, "dispatch", "unit", casestest.Street, "profile", "L3")
			if i%4 == 0 {
				act(street, "hand_back", "ground", "wrong_place", "reason", "地点不在本街道")
				act(centre, "refuse_objection", "reason", "由首接单位办理")
			}
			act(street, "sign")
			act(street, "contact", "how", "phone")
			if i%3 == 0 {
				act(street, "request_extension", "limit", "2 workday", "reason", "等待材料")
				act(centre, "grant_extension")
			}
			if i%5 == 0 {
				act(street, "request_suspension", "ground", "season", "reason", "冬季停工", "plan", "开春施工", "review_on", "2023-03-15")
				act(sup, "grant_suspension")
				act(street, "resume")
			}
			act(street, "reply", "result", "solved", "reply", "已办结，请您查看。")
			if i%6 == 0 {
				act(back, "return_reply", "reason", "答复没有说清结果")
				act(street, "reply", "result", "solved", "reply", "已补充说明。")
			}
			if i%2 == 0 {
				act(back, "call_back", "reached", "yes", "contacted", "yes", "solved", "no", "satisfied", "dissatisfied")
				act(street, "reply", "result", "solved", "reply", "已重新办理。")
			}
			me, ok := e.Cases.ReporterScope(k.Number, e.Cases.Secret(k.Number))
			if !ok {
				t.Errorf("%s: its own secret does not open it", k.Number)
				return
			}
			act(me, "rate", "contacted", "yes", "solved", "solved", "satisfied", "satisfied")
		})
	}
	wg.Wait()
	for _, k := range list {
		after, err := e.Cases.Get(t.Context(), centre, k.Number)
		if err != nil || after.State != cases.Closed || after.Outcome.By != "rating" {
			t.Errorf("%s ended as %+v, %v", k.Number, after, err)
		}
	}
}

// writeXLSX makes a workbook of one sheet.
func writeXLSX(name string, lines [][]string) error {
	x := excelize.NewFile()
	defer x.Close()
	for i, l := range lines {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := x.SetSheetRow("Sheet1", at, &l); err != nil {
			return err
		}
	}
	return x.SaveAs(name)
}
