package public_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/directory/posts"
	"weixiao/internal/files/sheet"
	"weixiao/internal/web/uitest"
)

// seat fills the posts of 松花花园1号楼 and its community.
func (e *env) seat(t *testing.T) {
	t.Helper()
	r, err := e.Posts.Load(t.Context(), access.SystemScope(e.Pack.District, "a test"), posts.FileTerms, &sheet.Table{Head: []string{"岗位", "姓名", "开始", "电话", "同意公示日期"}, Lines: [][]string{
		{"220605001001-b001.cadre", "王干事", "2022-01-01", "19900002222", ""},
		{"220605001001-b001.resident", "赵大妈", "2022-01-01", "19900003333", "2022-02-01"},
		{"220605001001.grid-001", "张三", "2022-01-01", "19900001111", "2022-02-01"},
		{"220605001001.lead", "李书记", "2022-01-01", "19900004444", ""},
	}}, true)
	if err != nil || !r.Done {
		t.Fatalf("%v %+v", err, r)
	}
}

// TestWho finds who works for an address or a point; numbers stand there only with consent.
func TestWho(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.seat(t)
		p := e.person(t)
		ask := func(kv ...string) *page {
			v := url.Values{}
			for i := 0; i < len(kv); i += 2 {
				v.Set(kv[i], kv[i+1])
			}
			return p.post("/who", v)
		}
		hidden := func(x *page) {
			t.Helper()
			for _, s := range []string{"19900002222", "19900004444"} {
				if strings.Contains(x.Body, s) {
					t.Errorf("%s is shown without consent", s)
				}
			}
		}
		x := ask("place", "松花花园 1 号楼 2 单元")
		for _, want := range []string{"王干事", "赵大妈", "19900003333", "李书记", "机关楼长", "8890"} {
			if !strings.Contains(x.text(), want) {
				t.Errorf("%q is missing: %s", want, x.text())
			}
		}
		hidden(x)
		at := e.Pack.Buildings[0].Point
		if x = ask("lon", fmtFloat(at[0]), "lat", fmtFloat(at[1])); !strings.Contains(x.text(), "赵大妈") {
			t.Errorf("by the map: %s", x.text())
		}
		hidden(x)
		if x = p.get("/who?area=220605001001"); !strings.Contains(x.text(), "张三") || !strings.Contains(x.text(), "19900001111") {
			t.Errorf("by the community: %s", x.text())
		}
		if x = ask("place", "松花花园2号楼"); !strings.Contains(x.text(), "暂时空缺") || strings.Contains(x.text(), "赵大妈") {
			t.Errorf("another building: %s", x.text())
		}
		for want, kv := range map[string][]string{"没认出": {"place", "火星基地"}, "不在本区": {"place", "北京市朝阳区建国路1号"}, "江源区": {"lon", "116.4", "lat", "39.9"}} {
			if x = ask(kv...); x.Status != 422 && x.Status != 200 || !strings.Contains(x.text(), want) {
				t.Errorf("%v: %d %s", kv, x.Status, x.text())
			}
		}
		if x = ask(); x.Status != 422 {
			t.Errorf("nothing was asked: %d", x.Status)
		}
		for i := 0; i < 130; i++ {
			x = ask("place", "松花花园1号楼")
		}
		if x.Status != 429 {
			t.Errorf("130 questions from one address: %d", x.Status)
		}
	})
}

// TestWhoInBrowser types an address as people do; axe in every mode.
func TestWhoInBrowser(t *testing.T) {
	e := browserEnv(t)
	e.seat(t)
	tab := uitest.New(t, uitest.Phone)
	look(t, tab, e.url+"/who", "who")
	tab.Wait(`document.querySelector(".map.leaflet-container path") !== null`)
	tab.Fill("#who-place", "松花花园1号楼")
	tab.Click("#who .btn.p")
	tab.WaitText("#who-found", "松花花园1号楼")
	check(tab, "who-found")
}

func fmtFloat(x float64) string { return strconv.FormatFloat(x, 'f', 6, 64) }
