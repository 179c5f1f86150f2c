package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory/layers"
	"weixiao/internal/geo"
	"weixiao/internal/store"
	"weixiao/internal/web/uitest"
)

// bring posts a file to a form.
func (s *staff) bring(path string, v url.Values, name string, body []byte) *answer {
	s.e.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, values := range v {
		for _, x := range values {
			if err := w.WriteField(k, x); err != nil {
				s.e.t.Fatal(err)
			}
		}
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			s.e.t.Fatal(err)
		}
		_, _ = part.Write(body)
	}
	_ = w.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html")
	return s.do(r)
}

func (e *env) layerVersions(layer string) int {
	e.t.Helper()
	var n int64
	err := e.DB.Read(context.Background(), func(tx *store.Tx) error {
		return tx.Row(`SELECT count(*) FROM layer_versions WHERE district = $1 AND layer = $2`, []any{e.Pack.District, layer}, &n)
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return int(n)
}

const community = "220605001001"

// TestLayerPages: a draft is made of what is in force, edited, checked, compared and published; places follow it.
func TestLayerPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		admin, hand := e.hire("220605", "系统管理员", access.Admin), e.hire(casestest.Street, "孙浩", access.Street)
		if a := hand.get(layersPath); a.Code != http.StatusForbidden {
			t.Errorf("an officer opens the layers: %d", a.Code)
		}
		p := admin.page(layersPath + "?q=" + community)
		p.contains(t, "区划图层", "社区", "虚构", "找到", community)
		if strings.Contains(p.Body, "http://") || strings.Contains(p.Body, "https://") {
			t.Error("the page names an outside address")
		}
		old := admin.page(layersPath + "/communities/1")
		old.contains(t, "使用中", "第 1 版", community)
		admin.page(layersPath+"/communities/1/area?code="+community).contains(t, "这个版本不能改动")
		if a := admin.get(layersPath + "/communities/7"); a.Code != http.StatusNotFound {
			t.Errorf("a version that is not there: %d", a.Code)
		}
		draft := layersPath + "/communities/2"
		admin.see(layersPath+"/communities/1/do/draft", nil).contains(t, "草稿", "第 2 版")
		area := draft + "/area?code=" + community
		form := admin.page(area).form(draft + "/area")
		whole := form.Get("shape")
		form.Set("shape", `{"type":"Polygon","coordinates":[[[126.5,42],[126.52,42.02],[126.51,42],[126.5,42.01],[126.5,42]]]}`)
		bad := admin.post(draft+"/area", form)
		bad.contains(t, "没有通过", "自相交")
		if bad.Code != http.StatusUnprocessableEntity || !strings.Contains(bad.Body, `<path d="M`) {
			t.Errorf("a bow tie: %d, with a picture: %v", bad.Code, strings.Contains(bad.Body, `<path d="M`))
		}
		for _, nonsense := range []string{"", "x", "{}", `{"type":"Point","coordinates":[1,2]}`, `[[`} {
			form.Set("shape", nonsense)
			if a := admin.post(draft+"/area", form); a.Code != http.StatusUnprocessableEntity {
				t.Errorf("shape %q: %d", nonsense, a.Code)
			}
		}
		form.Set("shape", whole)
		form.Set("name", "新名社区")
		admin.see(draft+"/area", form).contains(t, "新名社区")
		if a := admin.post(draft+"/area", form); a.Code != http.StatusPreconditionFailed {
			t.Errorf("the same form again: %d", a.Code)
		}
		taken := admin.post(draft+"/area", url.Values{"code": {community}, "name": {"又一个"}, "shape": {whole}})
		if taken.contains(t, "已经有这个编码"); taken.Code != http.StatusUnprocessableEntity {
			t.Errorf("a code twice in a version: %d", taken.Code)
		}
		if a := admin.post(draft+"/do/publish", url.Values{"reason": {"x"}}); a.Code != http.StatusConflict {
			t.Errorf("published unchecked: %d", a.Code)
		}
		admin.see(draft+"/do/check", nil).contains(t, "已检查")
		admin.page(draft+"/compare").contains(t, "只改名称 1 个", "新名社区", "→")
		if a := admin.post(draft+"/do/publish", url.Values{"reason": {""}}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("published without a reason: %d", a.Code)
		}
		admin.see(draft+"/do/publish", url.Values{"reason": {"社区更名"}}).contains(t, "使用中", "社区更名", "系统管理员")
		if got := e.site.Layers.Find("新名社区", 5); len(got) != 1 || got[0].Area.ID != community {
			t.Errorf("found %+v", got)
		}
		admin.page(layersPath+"/communities/1").contains(t, "已被替换")
		admin.lang = "en"
		admin.page(draft).contains(t, "In force", "Version 2")
	})
}

// TestLayerUpload: what is wrong with a file is said with the feature and a picture; a good one becomes a version.
func TestLayerUpload(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		admin := e.hire("220605", "系统管理员", access.Admin)
		to := layersPath + "/new"
		file := admin.page(layersPath + "/towns/1/file")
		zip := admin.get(layersPath + "/towns/1/file?as=shp")
		if !strings.HasPrefix(zip.Body, "PK") || !strings.Contains(zip.Header.Get("Content-Disposition"), "towns-1.zip") {
			t.Error("no shapefile")
		}
		form := admin.page(to + "?layer=towns").form(to)
		form.Set("_step", "import")
		send := func(body string) *answer { return admin.bring(to, form, "towns.geojson", []byte(body)) }
		pair := regexp.MustCompile(`\[(126[.\d]*|127[.\d]*),(4[12][.\d]*)\]`)
		for says, body := range map[string]string{
			"写反了":     pair.ReplaceAllString(file.Body, "[$2,$1]"),
			"GCJ02":   inGCJ02(t, file.Body),
			"第 1 个图形": strings.Replace(file.Body, `"220605002"`, `"220605001"`, 1),
			"不是正确的":   "not a map",
			"不认识坐标系":  strings.Replace(file.Body, `"CGCS2000"`, `"Mars"`, 1),
		} {
			a := send(body)
			if a.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", says, a.Code)
			}
			a.contains(t, says)
		}
		if a := admin.bring(to, form, "", nil); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("no file: %d", a.Code)
		}
		if n := e.layerVersions("towns"); n != 0 {
			t.Errorf("%d versions after refusals", n)
		}
		form.Set("_step", "check")
		send(file.Body).contains(t, "10 个图形可以导入")
		if n := e.layerVersions("towns"); n != 0 {
			t.Errorf("%d versions after a check", n)
		}
		form.Set("_step", "import")
		for i, body := range []string{file.Body, zip.Body} {
			a := admin.bring(to, form, "f", []byte(body))
			if a.Code != http.StatusSeeOther {
				t.Fatalf("%d\n%s", a.Code, a.text())
			}
			admin.page(a.Header.Get("Location")).contains(t, "已检查", "10")
			if n := e.layerVersions("towns"); n != i+2 { // the pack's is version 1
				t.Errorf("%d versions", n)
			}
		}
		// A file that was checked is still there: changing a field or importing needs no second choice.
		form.Set("_step", "check")
		form.Set("code_column", "nothing")
		tried := admin.bring(to, form, "towns.geojson", []byte(file.Body))
		tried.contains(t, "还留着“towns.geojson”")
		again := tried.form(to)
		again.Set("code_column", "")
		again.Set("_step", "check")
		admin.bring(to, again, "", nil).contains(t, "10 个图形可以导入", "还留着")
		again.Set("_step", "import")
		if a := admin.bring(to, again, "", nil); a.Code != http.StatusSeeOther || e.layerVersions("towns") != 4 {
			t.Errorf("%d\n%s", a.Code, a.text())
		}
		admin.bring(to, again, "", nil).contains(t, "请再选一次")
		admin.see(layersPath+"/towns/3/do/drop", url.Values{"reason": {"重复"}}).contains(t, "已放弃")
	})
}

// inGCJ02 moves a file as a map provider does.
func inGCJ02(t *testing.T, file string) string {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(file), &doc); err != nil {
		t.Fatal(err)
	}
	var move func(v any)
	move = func(v any) {
		list, ok := v.([]any)
		if !ok || len(list) == 0 {
			return
		}
		if lon, ok := list[0].(float64); ok {
			p := geo.FromCGCS2000(geo.Point{Lon: lon, Lat: list[1].(float64)}, geo.GCJ02)
			list[0], list[1] = p.Lon, p.Lat
			return
		}
		for _, x := range list {
			move(x)
		}
	}
	for _, f := range doc["features"].([]any) {
		move(f.(map[string]any)["geometry"].(map[string]any)["coordinates"])
	}
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestLayersInABrowser: an area is drawn on the map, with the mouse and with the keyboard; pages are looked at with axe.
func TestLayersInABrowser(t *testing.T) {
	s := serve(t)
	admin := s.hire("220605", "系统管理员", access.Admin)
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, admin, layersPath+"?q="+community)
	tab.Wait(`document.querySelector("#layers-map").dataset.ready`)
	look(tab, uitest.Desk, "layers")
	tab.Resize(uitest.Phone)
	tab.Open(s.url + layersPath)
	look(tab, uitest.Phone, "layers-phone")
	tab.Resize(uitest.Desk)
	tab.Open(s.url + layersPath + "/communities/1?lang=en")
	look(tab, uitest.Desk, "layer-en")
	tab.Open(s.url + layersPath + "/new?lang=zh-CN")
	look(tab, uitest.Desk, "layer-upload")

	admin.see(layersPath+"/communities/1/do/draft", nil)
	draft := layersPath + "/communities/2"
	tab.Open(s.url + draft + "/area?code=" + community)
	tab.Wait(`document.querySelector("#area-map").dataset.ready && document.querySelector(".draw-corner")`)
	look(tab, uitest.Desk, "layer-area")
	// With the keyboard: ten metres to the east, and the box says so.
	first := `JSON.parse(document.querySelector("#area-shape").value).coordinates[0][0][0]`
	before := uitest.Get[float64](tab, first)
	tab.Eval(`(() => { const e = document.querySelector('.draw-corner[data-at="0"]'); e.focus(); e.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", shiftKey: true, bubbles: true})); })()`)
	if moved := uitest.Get[float64](tab, first) - before; moved < 0.00008 || moved > 0.0001 {
		t.Errorf("the corner moved by %v degrees", moved)
	}
	if !uitest.Get[bool](tab, `document.activeElement.matches('.draw-corner[data-at="0"]')`) {
		t.Error("the focus left the corner")
	}
	tab.Click(`[data-draw="undo"]`)
	if now := uitest.Get[float64](tab, first); now != before {
		t.Errorf("after undo the corner is at %v, it was at %v", now, before)
	}
	// Dragged near a neighbour's corner it snaps there: the very same figures.
	corners := uitest.Get[int](tab, `JSON.parse(document.querySelector("#area-shape").value).coordinates[0].length`)
	tab.Eval(`(() => { const e = document.querySelector(".draw-between"); e.click(); })()`)
	tab.Wait(`JSON.parse(document.querySelector("#area-shape").value).coordinates[0].length === ` + strconv.Itoa(corners+1))
	tab.Click(`[data-draw="undo"]`)
	// A new area: three corners on the map, closed by the button.
	tab.Open(s.url + draft + "/area")
	tab.Wait(`document.querySelector("#area-map").dataset.ready`)
	tab.Eval(`(() => { const box = document.querySelector("#area-map"), r = box.getBoundingClientRect();
		for (const [x, y] of [[200, 120], [420, 120], [300, 260]]) for (const kind of ["mousedown", "mouseup", "click"])
			box.dispatchEvent(new MouseEvent(kind, {bubbles: true, clientX: r.left + x, clientY: r.top + y, view: window, detail: 1})); })()`)
	tab.Click(`[data-draw="close"]`)
	tab.Wait(`document.querySelector("#area-shape").value !== ""`)
	if n := uitest.Get[int](tab, `JSON.parse(document.querySelector("#area-shape").value).coordinates[0].length`); n != 4 {
		t.Errorf("the triangle has %d corners in its ring", n)
	}
	tab.Fill("#layer_area-code", "220605001001")
	tab.Fill("#layer_area-name", "重复的编码")
	tab.Click("#layer-area .btn.p")
	tab.WaitText(".banner.bad", "没有通过") // it lies over several towns
	look(tab, uitest.Desk, "layer-area-refused")
	if tab.Value("#area-shape") == "" {
		t.Error("what was drawn is lost")
	}
	tab.Resize(uitest.Phone)
	tab.Open(s.url + draft + "/area?code=" + community)
	look(tab, uitest.Phone, "layer-area-phone")
	// Without scripts everything still works.
	plain := uitest.New(t, uitest.Desk)
	s.enter(plain, admin, layersPath)
	plain.NoScripts()
	plain.Open(s.url + draft + "/area?code=" + community)
	plain.Fill("#layer_area-name", "不用脚本")
	plain.Click("#layer-area .btn.p")
	plain.WaitText("main", "不用脚本")
	plain.Click(`[data-action="check"]`)
	plain.WaitText("main", "已检查")
}

// TestSplitOnPages: an area of a draft is split by a line that is typed; what is wrong with the line is said.
func TestSplitOnPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		admin := e.hire("220605", "系统管理员", access.Admin)
		admin.see(layersPath+"/communities/1/do/draft", nil)
		draft := layersPath + "/communities/2"
		page := draft + "/area?code=" + community
		to := draft + "/area/split"
		l, _ := e.site.Layers.Atlas().Layer("communities")
		s, _ := l.Shape(community)
		b := s.Polygons.Bound()
		mid := (b.Min[0] + b.Max[0]) / 2
		send := func(change map[string]string) *answer {
			v := admin.page(page).form(to)
			for name, x := range map[string]string{"code": "220605001099", "name": "新社区", "line": fmt.Sprintf("%f,%f\n%f,%f", mid, b.Min[1]-0.01, mid, b.Max[1]+0.01)} {
				v.Set(name, x)
			}
			for name, x := range change {
				v.Set(name, x)
			}
			return admin.post(to, v)
		}
		for says, change := range map[string]map[string]string{"至少要有两个点": {"line": "126.5,42"}, "两头都要到边界": {"line": fmt.Sprintf("%f,%f %f,%f", mid, b.Min[1]-0.01, mid, (b.Min[1]+b.Max[1])/2)},
			"正好相交两处": {"line": "120,40 121,40"}, "已经有了": {"code": "220605001002"}, "没有通过": {"code": "12"}} {
			a := send(change)
			if a.Code < 400 || a.Code >= 500 {
				t.Errorf("%v: %d", change, a.Code)
			}
			a.contains(t, says)
		}
		before := e.areas("communities", 2)
		if a := send(nil); a.Code != http.StatusSeeOther {
			t.Fatalf("%d\n%s", a.Code, a.text())
		}
		if n := e.areas("communities", 2); n != before+1 {
			t.Errorf("%d areas, %d before", n, before)
		}
		admin.page(draft+"/area?code=220605001099").contains(t, "新社区")
		if a := e.hire(casestest.Street, "街道", access.Street).post(to, url.Values{"_code": {community}}); a.Code != http.StatusForbidden {
			t.Errorf("a street splits: %d", a.Code)
		}
	})
}

func (e *env) areas(layer string, number int64) int64 {
	e.t.Helper()
	v, err := store.Get(e.t.Context(), e.DB, func(tx *store.Tx) (layers.Version, error) { return e.site.Layers.Get(tx, layer, number) })
	if err != nil {
		e.t.Fatal(err)
	}
	return v.Areas
}

// TestSnapAndCut: a corner dragged near a neighbour's corner gets exactly its figures; a hole is cut and filled; a line
// that splits is drawn into its form, and splits.
func TestSnapAndCut(t *testing.T) {
	s := serve(t)
	admin := s.hire("220605", "系统管理员", access.Admin)
	admin.see(layersPath+"/communities/1/do/draft", nil)
	draft := layersPath + "/communities/2"
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, admin, draft+"/area?code="+community)
	ready := `document.querySelector("#area-map").dataset.ready && document.querySelector(".draw-corner")`
	tab.Wait(ready)
	// Where a place lies on the screen follows from two handles whose places are known. The target is a corner of a
	// neighbour that no other is near to, and that the area does not have itself.
	tab.Eval(`(async () => {
		const shape = JSON.parse(document.querySelector("#area-shape").value);
		const ring = shape.coordinates[0];
		const y = (lat) => Math.log(Math.tan(Math.PI / 4 + lat * Math.PI / 360));
		const marks = [...document.querySelectorAll(".draw-corner")];
		const seen = marks.map((e) => { const r = e.getBoundingClientRect(); return { e, i: Number(e.dataset.at), x: r.left + r.width / 2, y: r.top + r.height / 2 }; });
		let p = seen[0], q = seen[0];
		for (const a of seen) for (const b of seen) if (Math.abs(a.x - b.x) + Math.abs(a.y - b.y) > Math.abs(p.x - q.x) + Math.abs(p.y - q.y)) { p = a; q = b; }
		const kx = (q.x - p.x) / (ring[q.i][0] - ring[p.i][0]), ky = (q.y - p.y) / (y(ring[q.i][1]) - y(ring[p.i][1]));
		const at = (c) => [p.x + (c[0] - ring[p.i][0]) * kx, p.y + (y(c[1]) - y(ring[p.i][1])) * ky];
		const data = await (await fetch(document.querySelector("#area-map").dataset.around)).json();
		const box = document.querySelector("#area-map").getBoundingClientRect();
		const all = data.features.filter((f) => f.properties.code !== "` + community + `").flatMap((f) => f.geometry.type === "Polygon" ? f.geometry.coordinates.flat() : f.geometry.coordinates.flat(2));
		const own = (c) => ring.some((o) => o[0] === c[0] && o[1] === c[1]);
		const far = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
		const target = all.find((c) => { const w = at(c); return !own(c) && w[0] > box.left + 40 && w[0] < box.right - 40 && w[1] > box.top + 40 && w[1] < box.bottom - 40
			&& all.every((o) => o[0] === c[0] && o[1] === c[1] || far(at(o), w) > 40); });
		if (!target) { window.snapped = "no target"; return; }
		const w = at(target), to = [w[0] + 4, w[1] + 3];
		const fire = (on, kind, x, y) => on.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true, view: window, button: 0, buttons: 1, clientX: x, clientY: y }));
		fire(p.e, "mousedown", p.x, p.y);
		for (const t of [0.3, 0.7, 1]) fire(p.e, "mousemove", p.x + (to[0] - p.x) * t, p.y + (to[1] - p.y) * t);
		fire(p.e, "mouseup", to[0], to[1]);
		const now = JSON.parse(document.querySelector("#area-shape").value).coordinates[0][p.i];
		window.snapped = now[0] === target[0] && now[1] === target[1] ? "exactly" : JSON.stringify([now, target, ring[p.i]]);
	})()`)
	tab.Wait(`window.snapped`)
	if got := uitest.Get[string](tab, `window.snapped`); got != "exactly" {
		t.Errorf("the corner is not the neighbour's: %s", got)
	}
	tab.Click(`[data-draw="undo"]`)

	// A triangle around the middle of the map, which the area fills: a hole.
	press := func(points string) {
		tab.Eval(`(() => { const box = document.querySelector("#area-map"), r = box.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2;
			for (const [dx, dy] of ` + points + `) for (const kind of ["mousedown", "mouseup", "click"])
				box.dispatchEvent(new MouseEvent(kind, {bubbles: true, clientX: x + dx, clientY: y + dy, view: window, detail: 1})); })()`)
	}
	rings := `JSON.parse(document.querySelector("#area-shape").value).coordinates.length`
	tab.Click(`[data-draw="hole"]`)
	press(`[[-30, -20], [30, -20], [0, 25]]`)
	tab.Click(`[data-draw="close"]`)
	tab.Wait(rings + ` === 2`)
	look(tab, uitest.Desk, "layer-hole")
	tab.Click(`[data-draw-holes] button`)
	tab.Wait(rings + ` === 1`)
	if tab.Count(`[data-draw-holes] button`) != 0 {
		t.Error("the button of a hole that is filled stays")
	}
	tab.Click(`[data-draw="hole"]`)
	press(`[[-350, -150], [-310, -150], [-330, -110]]`) // the map is wider than the area is there
	tab.Click(`[data-draw="close"]`)
	tab.WaitText("[data-draw-said]", "图形里面")
	tab.Open(s.url + draft + "/area?code=" + community)
	tab.Wait(ready)
	tab.Click(`[data-draw="line"]`)
	press(`[[0, -2000], [3, 0], [0, 2000]]`)
	tab.Wait(`document.querySelector("#split-line").value.includes("LineString")`)
	tab.Fill("#split-code", "220605001098")
	tab.Fill("#split-name", "分出来的")
	look(tab, uitest.Desk, "layer-split")
	drawn := tab.Value("#split-line")
	tab.Click("#split .btn.p")
	tab.Wait(`location.pathname === ` + strconv.Quote(draft) + ` || document.querySelector(".banner.bad")`)
	if strings.HasPrefix(tab.Path(), draft+"/area") {
		t.Fatalf("%s was refused: %s %s", drawn, tab.Text(".banner.bad"), tab.Value("#area-shape"))
	}
	tab.Open(s.url + draft + "/area?code=220605001098")
	tab.WaitText("h1", "分出来的")
	tab.Resize(uitest.Phone)
	tab.Open(s.url + draft + "/area?code=" + community)
	look(tab, uitest.Phone, "layer-split-phone")
}
