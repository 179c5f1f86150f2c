package desk

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/web/uitest"
)

// TestBuildingForms: an administrator adds a building, corrects it and records that it
// was pulled down; what is wrong is named and nothing kept; nobody else may.
func TestBuildingForms(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		const community = "220605001001"
		admin := e.hire("220605", "管理员", access.Admin)
		street := e.hire("220605001", "孙浩", access.Street)
		if a := street.get(orgPath + "/buildings?unit=" + community); a.Code != http.StatusForbidden {
			t.Errorf("a street may add buildings: %d", a.Code)
		}
		street.page(orgPath+"?unit="+community).lacks(t, "登记楼栋")
		admin.page(orgPath+"?unit="+community).contains(t, "登记楼栋")
		old := e.Posts.Board().BuildingsOf(community)
		last := old[len(old)-1]
		v := admin.page(orgPath + "/buildings?unit=" + community).form(orgPath + "/buildings")
		for name, s := range map[string]string{"estate": "锦绣花园", "name": "99号楼", "lon": "126.6", "lat": "40", "source": "社区台账", "entrances": "3", "floors": "6", "households": "36"} {
			v.Set(name, s)
		}
		admin.post(orgPath+"/buildings", v).contains(t, "坐标不在本区范围内")
		v.Set("lon", "东经126")
		admin.post(orgPath+"/buildings", v).contains(t, "应为中国境内的度数")
		v.Set("lon", fmt.Sprint(last.Point[0]+0.0002))
		v.Set("lat", fmt.Sprint(last.Point[1]))
		v.Set("id", last.ID)
		admin.post(orgPath+"/buildings", v).contains(t, "请换一个")
		v.Set("id", "220605001001-c1")
		admin.post(orgPath+"/buildings", v).contains(t, "楼栋编号应为")
		v.Del("id")
		v.Set("entrances", "300")
		if a := admin.post(orgPath+"/buildings", v); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("300 entrances: %d", a.Code)
		}
		v.Set("entrances", "3")
		a := admin.post(orgPath+"/buildings", v)
		if a.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Code, a.text())
		}
		page := strings.TrimSuffix(a.Header.Get("Location"), "?done=record")
		admin.page(page).contains(t, "锦绣花园99号楼", "36", "空缺")
		id := strings.TrimPrefix(page, orgPath+"/buildings/")
		if h, ok := e.Posts.Board().Building(id); !ok || h.Grid == "" || h.ID <= last.ID {
			t.Errorf("%+v", h)
		}
		admin.post(orgPath+"/buildings", v).contains(t, "同一社区里已有")

		// A point of a map in GCJ-02 lies elsewhere.
		c := admin.page(page + "/do/correct").form(page + "/do/correct")
		if c.Get("name") != "99号楼" || c.Get("floors") != "6" {
			t.Errorf("the form has %v", c)
		}
		c.Set("floors", "7")
		c.Set("crs", "gcj02")
		if a := admin.post(page+"/do/correct", c); a.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Code, a.text())
		}
		h, _ := e.Posts.Board().Building(id)
		if dx := h.Point[0] - last.Point[0]; h.Floors != 7 || dx > -0.003 {
			t.Errorf("%+v, moved by %f", h, dx)
		}
		if a := admin.post(page+"/do/correct", c); a.Code != http.StatusPreconditionFailed {
			t.Errorf("an old page corrects: %d", a.Code)
		}
		// A building of the pack, as it is, changes nothing.
		packs := buildingHref(last.ID)
		same := admin.page(packs + "/do/correct").form(packs + "/do/correct")
		if a := admin.post(packs+"/do/correct", same); a.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Code, a.text())
		}
		if n, err := e.Posts.BuildingVersion(t.Context(), last.ID); err != nil || n != 0 {
			t.Errorf("a correction of nothing is act %d: %v", n, err)
		}
		gone := admin.page(page + "/do/remove").form(page + "/do/remove")
		admin.post(page+"/do/remove", gone).contains(t, "原因")
		gone.Set("reason", "棚改拆除")
		if a := admin.post(page+"/do/remove", gone); a.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Code, a.text())
		}
		if a := admin.get(page); a.Code != http.StatusNotFound {
			t.Errorf("it is still there: %d", a.Code)
		}
		v.Set("name", "100号楼")
		if next := admin.post(orgPath+"/buildings", v).Header.Get("Location"); next == "" || strings.HasPrefix(next, page) {
			t.Errorf("the next one is %s, the one before was %s", next, page)
		}
		if a := admin.post(page+"/do/correct", c); a.Code != http.StatusNotFound {
			t.Errorf("what is gone is corrected: %d", a.Code)
		}
		k := e.Posts.NewChecker()
		if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, k.Fold); err != nil {
			t.Error(err)
		}
		if _, err := k.Finish(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestBuildingFormsLook opens the forms at both widths and asks axe.
func TestBuildingFormsLook(t *testing.T) {
	s := serve(t)
	admin := s.hire("220605", "管理员", access.Admin)
	h := s.Posts.Board().BuildingsOf("220605001001")[0]
	for _, size := range []uitest.Size{tallDesk, uitest.Phone} {
		tab := uitest.New(t, size)
		s.enter(tab, admin, orgPath)
		for i, path := range []string{"/buildings?unit=220605001001", "/buildings/" + h.ID + "/do/correct", "/buildings/" + h.ID + "/do/remove"} {
			tab.Open(s.url + orgPath + path)
			tab.Axe()
			tab.Overflow()
			tab.FullShot(fmt.Sprintf("building-%d-%d", size.W, i))
		}
	}
}
