package firms_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weixiao/internal/access"
	"weixiao/internal/directory/firms"
	"weixiao/internal/files/sheet"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// TestCode holds the check character to published codes, among them those of GB 32100-2015's own kind of example.
func TestCode(t *testing.T) {
	for _, good := range []string{"91350100M000100Y43", "91330106673959654P", "91110108551385082Q", "91440300708461136T", " 9135 0100 m000 100y43 "} {
		if _, err := firms.CheckCode(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"91350100M000100Y44": "应为 3", "91350100M000100Y4": "是 17 位", "9135010OM000100Y43": "第 8 位的“O”", "913501A0M000100Y43": "区划代码", "": "是 0 位", "９１３５０１００M000100Y43": "不能用",
	} {
		_, err := firms.CheckCode(bad)
		if e, ok := errors.AsType[*firms.CodeError](err); !ok || !strings.Contains(e.ZH, want) {
			t.Errorf("%s: %v, want %q", bad, err, want)
		}
	}
}

// TestCodeFindsSlips: one wrong character is always found, and so are two neighbours exchanged.
func TestCodeFindsSlips(t *testing.T) {
	const good, letters = "91350100M000100Y43", "0123456789ABCDEFGHJKLMNPQRTUWXY"
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(good)
		i := rapid.IntRange(0, 17).Draw(t, "at")
		if rapid.Bool().Draw(t, "exchange") && i < 17 {
			b[i], b[i+1] = b[i+1], b[i]
		} else {
			b[i] = letters[rapid.IntRange(0, 30).Draw(t, "to")]
		}
		if _, err := firms.CheckCode(string(b)); (err == nil) != (string(b) == good) {
			t.Fatalf("%s: %v", b, err)
		}
	})
}

func TestRegister(t *testing.T) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, []store.Schema{journal.Schema, vault.Schema, firms.Schema}, func(t *testing.T, db *store.DB) {
		keys, err := vault.CreateKeys(filepath.Join(t.TempDir(), "keys"))
		if err != nil {
			t.Fatal(err)
		}
		now := func() time.Time { return time.Date(2022, 11, 23, 9, 0, 0, 0, time.UTC) }
		s := firms.New(db, p.District, p.Version, p.Directory, vault.New(keys, vault.Options{}), now)
		scope := func(role string) access.Scope {
			return access.ScopeOf(access.Principal{District: p.District, Account: "a", Unit: "220605001", Path: []string{"220605001", p.District}, Roles: []string{role}, Kind: access.Cookie})
		}
		street := scope(access.Street)
		in := form.Raw{"code": {"91350100m000100y43"}, "name": {"江源建筑"}, "kinds": {"firm", "contractor"}, "sector": {"construction"}, "unit": {"220605001"}, "contact": {"王五"}, "phone": {"19900001234"}}
		if _, err := s.Enter(t.Context(), scope(access.Operator), in); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("an operator entered a firm: %v", err)
		}
		id, err := s.Enter(t.Context(), street, in)
		if err != nil || id != "91350100M000100Y43" {
			t.Fatalf("%s %v", id, err)
		}
		if _, err := s.Enter(t.Context(), street, in); !errors.Is(err, firms.ErrKnown) {
			t.Errorf("the same again: %v", err)
		}
		in["name"] = []string{"别的公司"}
		if _, err := s.Enter(t.Context(), street, in); !errors.Is(err, firms.ErrTaken) {
			t.Errorf("its code again: %v", err)
		}
		team, err := s.Enter(t.Context(), street, form.Raw{"name": {"红马甲志愿队"}, "kinds": {"volunteers"}, "sector": {"social"}})
		if err != nil || !strings.HasPrefix(team, "v") {
			t.Errorf("volunteers without a code: %s %v", team, err)
		}
		if _, err := s.Enter(t.Context(), street, form.Raw{"name": {"无证公司"}, "kinds": {"firm"}, "sector": {"trade"}}); err == nil {
			t.Error("a firm without a code was taken")
		}
		x, acts, err := s.Get(t.Context(), id)
		if err != nil || x.Person == "" || len(acts) != 1 || strings.Contains(string(acts[0].Body), "王五") || len(acts[0].Texts) != 0 {
			t.Errorf("%+v %v %v", x, acts, err)
		}
		if err := s.Act(t.Context(), street, id, "close", 9, form.Raw{"reason": {"注销"}}); !errors.Is(err, firms.ErrStale) {
			t.Errorf("an old page: %v", err)
		}
		change := form.Raw{"name": {"江源建筑有限公司"}, "kinds": {"firm"}, "sector": {"construction"}}
		if err := s.Act(t.Context(), street, id, "change", 1, change); err != nil {
			t.Fatal(err)
		}
		if err := s.Act(t.Context(), street, id, "close", 2, form.Raw{"reason": {"注销"}}); err != nil {
			t.Fatal(err)
		}
		head := "统一社会信用代码,名称,类别,行业,所属单位\n"
		load := func(rows string, do bool) firms.Report {
			t.Helper()
			tab, err := sheet.Read("f.csv", strings.NewReader(head+rows), int64(len(head+rows)))
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.Load(t.Context(), street, tab, do)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		good := "91330106673959654P,甲公司,企业、施工单位,建筑,孙家堡子街道\n"
		r := load(good+"91330106673959654Q,乙公司,企业,建筑,\n91110108551385082Q,丙公司,企业,炼金,\n91110108551385082Q,丁公司,企业,制造,没有的街道\n"+good, true)
		if r.Done || r.Rows != 5 || len(r.Bad) != 3 || r.Bad[0].Row != 3 || !strings.Contains(r.Bad[0].ZH, "校验位") || !strings.Contains(r.Bad[1].ZH, "行业") || !strings.Contains(r.Bad[2].ZH, "所属单位") {
			t.Errorf("%+v", r)
		}
		if list, err := s.List(t.Context(), firms.Filter{}, 50); err != nil || len(list) != 2 {
			t.Errorf("half imported: %d %v", len(list), err)
		}
		if r = load(good, true); !r.Done || r.Added != 1 {
			t.Errorf("%+v", r)
		}
		for _, f := range [][2]string{{"construction", ""}, {"construction", "220605001"}, {"", "220605001"}} {
			if list, err := s.List(t.Context(), firms.Filter{Sector: f[0], Unit: f[1]}, 50); err != nil || len(list) == 0 {
				t.Errorf("%v: %d %v", f, len(list), err)
			}
		}
		// A team without a code is known by its name: the same file again adds nothing.
		squad := ",清雪志愿队,志愿队伍,社会组织,孙家堡子街道\n"
		if r = load(squad, true); !r.Done || r.Added != 1 {
			t.Errorf("%+v", r)
		}
		if r = load(squad, true); !r.Done || r.Known != 1 || r.Added != 0 {
			t.Errorf("again: %+v", r)
		}
		if r = load(strings.Replace(squad, "社会组织", "文体", 1), true); r.Done || len(r.Bad) != 1 {
			t.Errorf("the same team in another sector: %+v", r)
		}
		for kind, want := range map[string]int{"firm": 2, "contractor": 1, "volunteers": 2} {
			list, err := s.List(t.Context(), firms.Filter{Kind: kind}, 50)
			if err != nil || len(list) != want {
				t.Errorf("%s: %d %v", kind, len(list), err)
			}
			var paged []string
			for f := (firms.Filter{Kind: kind}); ; {
				page, err := s.List(t.Context(), f, 1)
				if err != nil {
					t.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				paged, f.After = append(paged, page[0].ID), page[0].ID
			}
			if len(paged) != want || !slices.IsSorted(paged) {
				t.Errorf("%s by pages: %v", kind, paged)
			}
		}
		c := s.NewChecker()
		if _, err := journal.Verify(context.Background(), db, p.District, c.Fold); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Finish(t.Context()); err != nil || n != 4 {
			t.Errorf("%d %v", n, err)
		}
	})
}

func TestTable(t *testing.T) {
	for _, bad := range firms.Table.Check() {
		t.Error(bad)
	}
}
