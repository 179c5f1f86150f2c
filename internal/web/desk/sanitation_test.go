package desk

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/web/uitest"
	"weixiao/internal/worktime"
)

// drives sends a machine along the middle of a segment.
func (e *env) drives(device string, segment int, start time.Time) {
	e.t.Helper()
	x := e.Pack.Sanitation.Segments[segment]
	var list []sanitation.Position
	for i := 1; i < len(x.Line); i++ {
		a, b := x.Line[i-1], x.Line[i]
		long := geo.Distance(a, b)
		for far := 0.0; far < long; far += 2 {
			p := geo.Point{Lon: a.Lon + (b.Lon-a.Lon)*far/long, Lat: a.Lat + (b.Lat-a.Lat)*far/long}
			q, err := sanitation.NewPosition(device, start.Add(time.Duration(len(list))*time.Second), p, geo.CGCS2000, 7.2, 293, true)
			if err != nil {
				e.t.Fatal(err)
			}
			list = append(list, q)
		}
	}
	if got, err := e.site.Sanitation.Take(e.t.Context(), e.system(), list); err != nil || got.New != len(list) {
		e.t.Fatalf("%+v %v", got, err)
	}
}

// filled sends the form of a page with these answers, and returns the page after it.
func (e *env) filled(a *staff, path string, kv ...string) *answer {
	e.t.Helper()
	v := a.page(path).form(path)
	for i := 0; i < len(kv); i += 2 {
		v.Set(kv[i], kv[i+1])
	}
	return a.see(path, v)
}

// TestSanitationPages goes from tracks over an inspection and a finding to a settlement, by the pages.
func TestSanitationPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		a, b := e.hire("sanitation", "林巡查", access.Inspector), e.hire("sanitation", "何复查", access.Inspector)
		firm, other := e.hire("cleaning", "姜经理", access.Contractor), e.hire("cleaning-2", "外经理", access.Contractor)
		e.drives("999000000001", 0, time.Date(2022, 11, 23, 5, 0, 0, 0, worktime.Zone))
		a.page(sanitPath).contains(t, "环卫作业", "覆盖率", "机械化清扫率", "100", "本周暗查次数还不够", "建设街一段")
		a.page(sanitPath+"/segments/g0005-1?day=2022-11-23").contains(t, "吉F-Y0001", "由哪些车辆清扫", "演示虚构")
		a.page(sanitPath+"/machines").contains(t, "共 22 辆，购置 15,790,000.00 元", "吉F-Y0001")
		a.page(sanitPath+"/machines/sx-01?day=2022-11-23").contains(t, "当日轨迹", "绿线为清扫")
		a.page(sanitPath+"/contracts").contains(t, "城区环卫作业一标段", "6,800,000.00 元", "扣分项目", "路面有成片垃圾")
		if a := other.page(sanitPath); strings.Contains(a.Body, "g0005-1") {
			t.Error("another contractor sees the segment")
		}
		for _, path := range []string{"/segments/g0005-1", "/machines/sx-01"} {
			if a := other.get(sanitPath + path); a.Code != http.StatusNotFound {
				t.Errorf("another contractor at %s: %d", path, a.Code)
			}
		}
		if a := e.hire(e.Pack.District, "管理员", access.Admin).get(sanitPath); a.Code != http.StatusForbidden {
			t.Errorf("the administrator: %d", a.Code)
		}
		if a := e.hire("housing", "局外人", access.Department).get(sanitPath); a.Code != http.StatusNotFound {
			t.Errorf("another department: %d", a.Code)
		}

		page := e.filled(a, sanitPath+"/inspections/new", "contract", "clean-1", "kind", "covert")
		page.contains(t, "暗查", "办结前承包单位看不到")
		list := firm.page(sanitPath + "/inspections")
		list.contains(t, "还没有检查")
		inspections, err := e.site.Sanitation.Inspections(t.Context(), a.scope(), "", 0, 10)
		if err != nil || len(inspections) != 1 {
			t.Fatal(err)
		}
		insp := sanitPath + "/inspections/" + inspections[0].ID
		v := a.page(sanitPath + "/findings/new?_inspection=" + inspections[0].ID).form(sanitPath + "/findings/new")
		v.Set("segment", "g0005-1")
		v.Set("item", "litter")
		if x := a.post(sanitPath+"/findings/new", v); x.Code != http.StatusUnprocessableEntity {
			t.Errorf("a finding without words: %d", x.Code)
		}
		v.Set("what", "路口有成片落叶")
		a.see(sanitPath+"/findings/new", v).contains(t, "路面有成片垃圾或落叶", "建设街一段")
		findings, err := e.site.Sanitation.Findings(t.Context(), a.scope(), sanitation.FindingFilter{Limit: 10})
		if err != nil || len(findings) != 1 {
			t.Fatal(err)
		}
		at := sanitPath + "/findings/" + findings[0].ID
		if x := firm.get(at); x.Code != http.StatusNotFound {
			t.Errorf("the contractor opens a covert finding: %d", x.Code)
		}
		e.filled(a, insp+"/do/conclude", "summary", "总体干净").contains(t, "已办结")
		firm.page(at).contains(t, "路口有成片落叶", "待整改", "整改期限")
		if got := firm.page(at).actions(); strings.Join(got, " ") != "object rectify" {
			t.Errorf("the contractor may %v", got)
		}
		e.filled(firm, at+"/do/rectify", "done", "已清理").contains(t, "待复查")
		if x := a.get(at + "/do/pass"); x.Code != http.StatusForbidden {
			t.Errorf("who found it rechecks it: %d", x.Code)
		}
		e.filled(b, at+"/do/pass").contains(t, "已销号", "复查合格")

		draw := a.page(sanitPath + "/settlements/new").form(sanitPath + "/settlements/new")
		draw.Set("contract", "clean-1")
		draw.Set("month", "2022-11")
		if x := a.post(sanitPath+"/settlements/new", draw); x.Code != http.StatusConflict || !strings.Contains(x.text(), "还没有结束") {
			t.Errorf("a month that runs: %d %s", x.Code, x.text())
		}
		e.Pass(12 * 24 * time.Hour)
		a, b = e.hire("sanitation", "林巡查", access.Inspector), e.hire("sanitation", "何复查", access.Inspector)
		firm, other = e.hire("cleaning", "姜经理", access.Contractor), e.hire("cleaning-2", "外经理", access.Contractor)
		a.see(sanitPath+"/settlements/new", draw).contains(t, "应付金额", "路面有成片垃圾或落叶", "待签认")
		sheet := sanitPath + "/settlements/clean-1-2022-11"
		if x := firm.get(sheet); x.Code != http.StatusNotFound {
			t.Errorf("the contractor sees a draft: %d", x.Code)
		}
		e.filled(a, sheet+"/do/sign")
		if x := a.get(sheet + "/do/confirm"); x.Code != http.StatusForbidden {
			t.Errorf("one person confirms alone: %d", x.Code)
		}
		e.filled(b, sheet+"/do/confirm").contains(t, "已确认")
		firm.page(sheet).contains(t, "已确认", "应付金额")
		firm.page(sanitPath+"/settlements").contains(t, "2022-11", "已确认金额合计")
		if x := firm.get(sheet + "/sheet.xlsx"); x.Code != http.StatusOK || !strings.HasPrefix(x.Body, "PK") {
			t.Errorf("the sheet: %d", x.Code)
		}
		if x := other.get(sheet); x.Code != http.StatusNotFound {
			t.Errorf("another contractor opens the sheet: %d", x.Code)
		}
	})
}

// TestSanitationLive: an open page hears what a machine swept.
func TestSanitationLive(t *testing.T) {
	s := serve(t)
	a := s.hire("sanitation", "林巡查", access.Inspector)
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, a, sanitPath)
	ready(tab)
	tab.Wait(`document.querySelector("#seg-g0005-1").textContent.includes("0%")`)
	s.drives("999000000001", 0, time.Date(2022, 11, 23, 5, 0, 0, 0, worktime.Zone))
	tab.Wait(`/[1-9]\d\.?\d*%/.test(document.querySelector("#seg-g0005-1").textContent)`)
}

// TestSanitationInBrowser looks at the pages with axe, wide and narrow.
func TestSanitationInBrowser(t *testing.T) {
	s := serve(t)
	a := s.hire("sanitation", "林巡查", access.Inspector)
	s.drives("999000000001", 0, time.Date(2022, 11, 23, 5, 0, 0, 0, worktime.Zone))
	x, err := s.site.Sanitation.Record(t.Context(), a.scope(), "", sanitation.Where{}, sanitation.Input{Raw: form.Raw{"segment": {"g0005-1"}, "item": {"mud"}, "what": {"积泥"}}})
	if err != nil {
		t.Fatal(err)
	}
	y, err := s.site.Sanitation.Plan(t.Context(), a.scope(), sanitation.Input{Raw: form.Raw{"contract": {"clean-1"}, "kind": {"monthly"}, "day": {"2022-11-23"}}})
	if err != nil {
		t.Fatal(err)
	}
	z, err := s.site.Sanitation.Draw(t.Context(), a.scope(), sanitation.Input{Raw: form.Raw{"contract": {"clean-1"}, "month": {"2022-10"}}})
	if err != nil {
		t.Fatal(err)
	}
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, a, sanitPath)
	for name, path := range map[string]string{"sanit": "", "sanit-segment": "/segments/g0005-1", "sanit-machines": "/machines", "sanit-machine": "/machines/sx-01", "sanit-contracts": "/contracts", "sanit-findings": "/findings",
		"sanit-finding": "/findings/" + x.ID, "sanit-record": "/findings/new", "sanit-inspections": "/inspections", "sanit-inspection": "/inspections/" + y.ID, "sanit-settlements": "/settlements",
		"sanit-settlement": "/settlements/" + z.ID, "sanit-sign": "/settlements/" + z.ID + "/do/sign"} {
		for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
			tab.Open(s.url + sanitPath + path)
			look(tab, size, name)
		}
	}
}
