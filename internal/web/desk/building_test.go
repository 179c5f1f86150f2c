package desk

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/directory"
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

// TestBuildingPoint: the point is picked on the map with a click or the keys, tagged
// CGCS2000; typed numbers move the pin, and those of another system have none.
func TestBuildingPoint(t *testing.T) {
	s := serve(t)
	admin := s.hire("220605", "管理员", access.Admin)
	h := s.Posts.Board().BuildingsOf(community)[0]
	tab := uitest.New(t, tallDesk)
	s.enter(tab, admin, orgPath)
	open := func(path string) {
		tab.Open(s.url + orgPath + path)
		tab.Wait(`document.querySelector("[data-map]").dataset.ready === "1"`)
	}
	const pins = `document.querySelectorAll(".map-pin").length`
	open("/buildings?unit=" + community)
	if n := uitest.Get[int](tab, pins); n != 0 {
		t.Errorf("%d pins before anything was picked", n)
	}
	tab.Fill("#building_register-name", "77号楼")
	tab.Fill("#building_register-source", "社区台账")
	tab.Choose("#building_register-crs", "gcj02")
	tab.WaitText("[data-locate-state]", "不是 CGCS2000")
	tab.Eval(`document.querySelector("[data-map]").focus()`)
	tab.Press("Enter")
	tab.Wait(pins + ` === 1 && document.querySelector("#building_register-crs").value === "cgcs2000"`)
	tab.WaitText("[data-locate-state]", "已选")
	first := tab.Value("#building_register-lat")
	tab.Eval(`document.querySelector("[data-map]").focus()`)
	tab.Press("ArrowDown")
	tab.Wait(`document.querySelector("[data-map] .leaflet-map-pane").style.transform !== "translate3d(0px, 0px, 0px)"`)
	tab.Press("Enter")
	tab.Wait(`document.querySelector("#building_register-lat").value !== "` + first + `"`)
	lon, lat := tab.Value("#building_register-lon"), tab.Value("#building_register-lat")
	tab.Axe()
	tab.Click("#building_register button.p")
	tab.Wait(`location.search === "?done=record"`)
	var made *directory.Building
	for _, x := range s.Posts.Board().BuildingsOf(community) {
		if x.Name == "77号楼" {
			made = x
		}
	}
	if made == nil || fmt.Sprintf("%.6f %.6f", made.Point[0], made.Point[1]) != lon+" "+lat {
		t.Errorf("picked %s %s, kept %+v", lon, lat, made)
	}

	open("/buildings/" + h.ID + "/do/correct")
	if n := uitest.Get[int](tab, pins); n != 1 {
		t.Errorf("%d pins for a building that has a point", n)
	}
	before := uitest.Get[string](tab, `document.querySelector(".map-pin").style.transform`)
	tab.Fill("#building_correct-lon", fmt.Sprint(h.Point[0]+0.001))
	tab.Press("Tab")
	tab.Wait(`document.querySelector(".map-pin").style.transform !== "` + before + `" || document.querySelector(".leaflet-map-pane").style.transform !== ""`)
	tab.Choose("#building_correct-crs", "bd09")
	tab.Wait(pins + ` === 0`)
	tab.Eval(`(() => { const m = document.querySelector("[data-map]"), b = m.getBoundingClientRect();
		m.scrollIntoView(); const r = m.getBoundingClientRect(), x = r.left + b.width/3, y = r.top + b.height/3;
		for (const n of ["mousedown", "mouseup", "click"]) document.elementFromPoint(x, y).dispatchEvent(new MouseEvent(n, {bubbles: true, clientX: x, clientY: y})); })()`)
	tab.Wait(pins + ` === 1 && document.querySelector("#building_correct-crs").value === "cgcs2000"`)
	tab.FullShot("building-point")
}
