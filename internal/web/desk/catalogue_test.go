package desk

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web/uitest"
)

// adopt notes the pack's rules as version 1, as the program does when it starts.
func (e *env) adopt(t *testing.T) {
	t.Helper()
	e.write(func(tx *store.Tx) error { return e.Cases.District().Duties.Adopt(tx, e.Clock()) })
	if err := e.Cases.District().Duties.Refresh(t.Context(), e.DB); err != nil {
		t.Fatal(err)
	}
}

// TestCatalogueEditor: a draft is begun, edited, tried on what has happened and
// published; what was sent before keeps its version and its reasons.
func TestCatalogueEditor(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.adopt(t)
		before := e.said("锦绣花园路灯不亮，晚上看不见", func(r *cases.Report) {
			r.Matter = "001"
			r.Place = cases.Place{Community: "220605001001"}
			r.Answers = map[string][]string{"pole": {"LD-0042"}, "many": {"row"}, "odd": {"x"}}
		})
		centre, admin := e.hire("hotline", "派单员", access.Dispatcher), e.hire("220605", "管理员", access.Admin)
		e.Pass(time.Minute)
		k := e.load(before)
		back := e.said("广场路灯不亮", func(r *cases.Report) { r.Matter = "001"; r.Place = cases.Place{Community: "220605001001"} })
		e.act(centre.scope(), back, "dispatch", form.Raw{"unit": {"lamps"}})
		e.act(e.hire("lamps", "路灯所", access.Department).scope(), back, "hand_back", form.Raw{"ground": {"not_our_duty"}, "reason": {"已移交"}, "should_be": {"urban"}})
		e.Pass(time.Minute)
		e.act(centre.scope(), before, "dispatch", form.Raw{"unit": {e.Cases.Suggested(k).Unit}})
		p := centre.page("/desk/cases/" + before)
		p.contains(t, "派单目录第 1 版", "城市照明管理规定", "灯杆上的号", "LD-0042", "几盏不亮", "一整排", "odd: x")

		if a := e.hire(casestest.Street, "孙浩", access.Street).get(cataloguePath); a.Code != http.StatusForbidden {
			t.Errorf("a street opens the catalogue: %d", a.Code)
		}
		centre.page(cataloguePath).contains(t, "第 1 版", "正在执行")
		if a := centre.post(cataloguePath, url.Values{"reason": {""}}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("a draft without a reason: %d", a.Code)
		}
		// A proposal makes a draft when there is none, and then leads to it.
		made := centre.post(cataloguePath+"/draft?matters=001&unit=urban", nil)
		if to := made.Header.Get("Location"); made.Code != http.StatusSeeOther || to != cataloguePath+"/2/rule?matters=001&unit=urban" {
			t.Fatalf("a proposal without a draft leads to %d %s", made.Code, to)
		}
		if v := centre.page(made.Header.Get("Location")).form(cataloguePath + "/2/rule"); v.Get("unit") != "urban" || v.Get("matters") != "001" {
			t.Errorf("its form has %v", v)
		}
		if again := centre.post(cataloguePath+"/draft?matters=001&unit=urban", nil); again.Header.Get("Location") != made.Header.Get("Location") {
			t.Errorf("the second proposal leads to %s", again.Header.Get("Location"))
		}
		if a := e.hire(casestest.Street, "李浩", access.Street).post(cataloguePath+"/draft?matters=001&unit=urban", nil); a.Code != http.StatusForbidden {
			t.Errorf("a street begins a draft: %d", a.Code)
		}
		centre.see(cataloguePath+"/2/drop", url.Values{"reason": {"重来"}})
		a := centre.post(cataloguePath, url.Values{"reason": {"路灯移交城管"}})
		draft := a.Header.Get("Location")
		if a := centre.get(cataloguePath + "/draft?matters=001&unit=urban"); a.Header.Get("Location") != draft+"/rule?matters=001&unit=urban" {
			t.Errorf("a proposal leads to %d %s", a.Code, a.Header.Get("Location"))
		}
		objection := centre.post("/desk/cases/"+back+"/rule", nil)
		if to := objection.Header.Get("Location"); !strings.HasPrefix(to, draft+"/rule?") || !strings.Contains(to, "unit=urban") {
			t.Errorf("a rule of an objection: %d %s", objection.Code, to)
		} else if v := centre.page(to).form(draft + "/rule"); v.Get("unit") != "urban" || v.Get("matters") != "001" || v.Get("source") != back {
			t.Errorf("its form has %v", v)
		}
		if a.Code != http.StatusSeeOther || draft != cataloguePath+"/3" {
			t.Fatalf("%d %s", a.Code, draft)
		}
		rule := func(edit func(url.Values)) *answer {
			page := centre.page(draft + "/rule?matters=001&source=objection")
			v := page.form(draft + "/rule")
			v.Set("id", "lamps-new")
			v.Set("unit", "urban")
			v["matters"] = []string{"001"}
			v["under"] = []string{"220605001"}
			v.Set("law", "移交协议")
			edit(v)
			return centre.post(draft+"/rule", v)
		}
		rule(func(v url.Values) { v.Set("unit", "nobody") }).contains(t, "nobody")
		rule(func(v url.Values) { v.Set("from", "2026-06-01"); v.Set("until", "2026-01-01") }).contains(t, "早于生效日期")
		rule(func(v url.Values) { v.Set("hours", "8-17") }).contains(t, "8-17")
		if a := rule(func(url.Values) {}); a.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Code, a.text())
		}
		if a := rule(func(url.Values) {}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("the same id twice: %d", a.Code)
		}
		centre.page(draft+"?matter=001").contains(t, "lamps-new", "移交协议", "没有问题")
		centre.page(draft+"?unit=heat-mine").contains(t, "heating-mining-towns")

		// Edits of a page that is out of date are refused.
		v := centre.page(draft).form(draft + "/edit")
		v.Set("do", "down:lamps-new")
		if a := centre.post(draft+"/edit", v); a.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Code, a.text())
		}
		if a := centre.post(draft+"/edit", v); a.Code != http.StatusPreconditionFailed {
			t.Errorf("an old page edits: %d", a.Code)
		}
		centre.page(draft+"/compare?with=1").contains(t, "lamps-new", "新增")

		centre.post(draft+"/run", url.Values{"days": {"365"}})
		centre.page(draft).contains(t, "排队中")
		if did, err := e.Cases.NewDryRunner(slog.New(slog.DiscardHandler)).Step(t.Context()); !did || err != nil {
			t.Fatal(did, err)
		}
		centre.page(draft).contains(t, "试完了", "2 件里有 2 件会去别的单位", "50.0%", before)
		if a := centre.get(draft + "/run.xlsx"); a.Code != http.StatusOK || !strings.HasPrefix(a.Body, "PK") {
			t.Errorf("the spreadsheet: %d", a.Code)
		}
		if a := centre.get(draft + "/export"); !strings.Contains(a.Body, "id: lamps-new") {
			t.Error("the export lacks the rule")
		}

		publish := admin.page(draft).form(draft + "/publish")
		if a := centre.post(draft+"/publish", publish); a.Code != http.StatusForbidden {
			t.Errorf("a dispatcher publishes: %d", a.Code)
		}
		admin.post(draft+"/publish", publish).contains(t, "依据")
		publish.Set("law", "区政府会议纪要")
		publish.Set("reason", "移交")
		if a := admin.post(draft+"/publish", publish); a.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Code, a.text())
		}
		e.Pass(time.Minute)
		after := e.said("锦绣花园路灯又不亮了", func(r *cases.Report) { r.Matter = "001"; r.Place = cases.Place{Community: "220605001001"} })
		if k := e.load(after); k.Rule != "lamps-new@3" {
			t.Errorf("decided by %s", k.Rule)
		}
		e.act(centre.scope(), after, "dispatch", form.Raw{"unit": {"urban"}})
		centre.page("/desk/cases/"+after).contains(t, "派单目录第 3 版", "lamps-new", "移交协议")
		centre.page("/desk/cases/"+before).contains(t, "派单目录第 1 版")
		if a := centre.get(draft + "/rule?id=lamps-new"); a.Code != http.StatusConflict && a.Code != http.StatusForbidden {
			t.Errorf("a published version can be edited: %d", a.Code)
		}
	})
}

// TestCatalogueLooks opens the pages at both widths and asks axe.
func TestCatalogueLooks(t *testing.T) {
	s := serve(t)
	s.adopt(t)
	admin := s.hire("220605", "管理员", access.Admin)
	if a := admin.post(cataloguePath, url.Values{"reason": {"看一看"}}); a.Code != http.StatusSeeOther {
		t.Fatal(a.Code)
	}
	admin.post(cataloguePath+"/2/run", url.Values{})
	for _, size := range []uitest.Size{tallDesk, uitest.Phone} {
		tab := uitest.New(t, size)
		s.enter(tab, admin, cataloguePath)
		for _, path := range []string{cataloguePath, cataloguePath + "/2", cataloguePath + "/2/rule", cataloguePath + "/2/compare?with=1"} {
			tab.Open(s.url + path)
			tab.Axe()
			tab.Overflow()
			tab.FullShot(fmt.Sprintf("catalogue-%d", size.W) + strings.NewReplacer("/", "-", "?", "-", "=", "").Replace(strings.TrimPrefix(path, cataloguePath)))
		}
	}
}
