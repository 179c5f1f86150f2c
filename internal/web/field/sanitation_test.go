package field

import (
	"context"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/web/uitest"
)

// planned is an inspection of a contract, planned for a day by somebody.
func (e *env) planned(w *worker, contract, kind, day string) string {
	e.t.Helper()
	x, err := e.site.Sanitation.Plan(context.Background(), w.scope(), sanitation.Input{Raw: form.Raw{"contract": {contract}, "kind": {kind}, "day": {day}}})
	if err != nil {
		e.t.Fatal(err)
	}
	return x.ID
}

// ofKind are the tasks of a kind on a phone.
func (w *worker) ofKind(kind string) (out []Task) {
	w.e.t.Helper()
	for _, x := range w.today().Tasks {
		if x.Kind == kind {
			out = append(out, x)
		}
	}
	return out
}

// TestInspectionOnThePhone: what was planned for today is on the phones of those who inspect, with the segments of its
// contract; a finding of yesterday counts on yesterday, once; the contractor's fix is looked at by somebody else.
func TestInspectionOnThePhone(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		lin, he := e.hire("sanitation", "林巡查", access.Inspector), e.hire("sanitation", "何复查", access.Inspector)
		today := e.Clock().In(zone)
		id := e.planned(lin, "clean-1", "daily", today.Format(time.DateOnly))
		e.planned(lin, "clean-1", "daily", today.AddDate(0, 0, 3).Format(time.DateOnly))
		list := lin.ofKind("sanit_inspection")
		if len(list) != 1 || list[0].Subject != id || list[0].Plan == "" || list[0].Due != 0 || strings.Join(list[0].Do, " ") != "sanit_inspection.record sanit_inspection.conclude" {
			t.Fatalf("%+v", list)
		}
		segments := list[0].Choices["segment"]
		if len(segments) == 0 || len(list[0].Spots) != len(segments) || len(lin.today().Actions["sanit_inspection.record"].Fields[1].Options) == 0 {
			t.Errorf("%d segments, %d with a place", len(segments), len(list[0].Spots))
		}
		if d := lin.today(); d.Actions["finding.find"] == nil || len(lin.ofKind("case")) != 0 {
			t.Error("an inspector reports what else is seen, and handles no cases")
		}
		in := lin.item("sanit_inspection", id, "record", map[string][]string{"segment": {segments[0].Value}, "item": {"litter"}, "what": {"路口有成片落叶"}})
		in.Seen = e.Clock().AddDate(0, 0, -1).UnixMilli()
		a := lin.taken(in, picture(t, 1))
		if again := lin.taken(in, picture(t, 1)); !again.Again || again.Subject != a.Subject {
			t.Errorf("%+v", again)
		}
		x, err := e.site.Sanitation.Finding(t.Context(), lin.scope(), a.Subject)
		if err != nil || x.Inspection != id || x.Day != today.AddDate(0, 0, -1).Format(time.DateOnly) || e.filesOf("sanit_finding", a.Subject) != 1 {
			t.Errorf("%+v %v", x, err)
		}
		lin.taken(lin.item("sanit_inspection", id, "conclude", map[string][]string{"summary": {"总体干净"}}))
		if r := lin.send(lin.item("sanit_inspection", id, "record", map[string][]string{"segment": {segments[0].Value}, "item": {"litter"}, "what": {"晚了"}})); r.Code != 409 {
			t.Errorf("recorded in what is over: %d %s", r.Code, r.Body)
		}
		if n := len(he.ofKind("sanit_finding")); n != 0 {
			t.Errorf("%d to recheck before anything was put right", n)
		}
		firm := access.ScopeOf(access.Principal{District: e.Pack.District, Account: "firm", Unit: "cleaning", Path: e.path("cleaning"), Roles: []string{access.Contractor}, Kind: access.Cookie})
		if _, err := e.site.Sanitation.ActFinding(t.Context(), firm, a.Subject, "rectify", sanitation.Input{Raw: form.Raw{"done": {"已清扫"}}}); err != nil {
			t.Fatal(err)
		}
		if n := len(lin.ofKind("sanit_finding")); n != 0 {
			t.Errorf("who found it is to recheck it: %d", n)
		}
		tasks := he.ofKind("sanit_finding")
		if len(tasks) != 1 || tasks[0].At == nil || len(tasks[0].Photos) != 1 || tasks[0].Words != "路口有成片落叶" || tasks[0].Do[0] != "sanit_finding.pass" {
			t.Fatalf("%+v", tasks)
		}
		if r := he.get("/field/photos/" + tasks[0].Photos[0].ID); r.Code != 200 {
			t.Errorf("the picture of before: %d", r.Code)
		}
		if r := e.hire(casestest.Street, "局外人", access.Street).get("/field/photos/" + tasks[0].Photos[0].ID); r.Code != 404 {
			t.Errorf("the picture for anybody else: %d", r.Code)
		}
		pass := he.item("sanit_finding", a.Subject, "pass", map[string][]string{"note": {"干净了"}})
		pass.Version = tasks[0].Version
		he.taken(pass, picture(t, 2))
		if e.filesOf("sanit_finding", a.Subject) != 2 {
			t.Error("the picture of after is not with it")
		}
		if r := he.send(he.item("sanit_finding", a.Subject, "fail", map[string][]string{"reason": {"又脏了"}})); r.Code != 409 {
			t.Errorf("rechecked twice: %d", r.Code)
		}
		e.verified()
	})
}

// TestRecheckWithoutASignal: an inspector rechecks over the picture of before, and records what is found, without a
// signal; both arrive once.
func TestRecheckWithoutASignal(t *testing.T) {
	s := serve(t)
	lin, he := s.hire("sanitation", "林巡查", access.Inspector), s.hire("sanitation", "何复查", access.Inspector)
	today := s.Clock().In(zone).Format(time.DateOnly)
	one, two := s.planned(lin, "clean-1", "daily", today), s.planned(he, "clean-1", "daily", today)
	list := lin.ofKind("sanit_inspection")
	if len(list) != 2 || list[1].Same != list[0].Subject || list[1].Choices != nil {
		t.Fatalf("the segments of a contract are sent twice: %+v", list)
	}
	segment := list[0].Choices["segment"][0].Value
	a := lin.taken(lin.item("sanit_inspection", one, "record", map[string][]string{"segment": {segment}, "item": {"litter"}, "what": {"路口有成片落叶"}}), picture(t, 1))
	firm := access.ScopeOf(access.Principal{District: s.Pack.District, Account: "firm", Unit: "cleaning", Path: s.path("cleaning"), Roles: []string{access.Contractor}, Kind: access.Cookie})
	if _, err := s.site.Sanitation.ActFinding(t.Context(), firm, a.Subject, "rectify", sanitation.Input{Raw: form.Raw{"done": {"已清扫"}}}); err != nil {
		t.Fatal(err)
	}
	tab := uitest.New(t, uitest.Phone)
	tab.Camera()
	s.enter(tab, he)
	tab.WaitText(".tasks", "路面有成片垃圾")
	tab.Offline(true)
	s.open(tab)
	tab.Eval(`location.hash = "#/t/sanit_finding/` + a.Subject + `"`)
	tab.Wait(`document.querySelector('a[href^="#/do/sanit_finding.pass"]')`)
	look(tab, "recheck")
	tab.Click(`a[href^="#/do/sanit_finding.pass"]`)
	tab.Wait(`document.querySelector("form .acts2 button")`)
	tab.Click("form .acts2 button") // the old picture lies over the camera
	tab.Wait(`document.querySelector("#shot:not([hidden])")`)
	tab.Click("#shot")
	tab.Wait(`document.querySelectorAll(".pics .pic").length === 1`)
	tab.Click("#form button[type=submit]")
	waits(tab, 1)
	tab.Eval(`location.hash = "#/do/sanit_inspection.record/` + two + `"`)
	tab.Wait(`document.querySelector("#f-segment")`)
	if first := uitest.Get[string](tab, `document.querySelector("#f-segment").options[1].textContent`); !strings.Contains(first, "米") && !strings.Contains(first, "公里") {
		t.Errorf("the first segment is not said to be near: %q", first)
	}
	look(tab, "inspection-record")
	tab.Eval(`(() => { const e = document.querySelector("#f-segment"); e.value = "` + segment + `"; e.dispatchEvent(new Event("change")); const i = document.querySelector("#f-item, input[name=f-item]"); if (i.tagName === "SELECT") { i.value = "litter"; i.dispatchEvent(new Event("change")); } else { document.querySelector("input[name=f-item][value=litter]").click(); } })()`)
	tab.Fill("#f-what", "公交站台旁有包装袋")
	tab.Click("#form button[type=submit]")
	waits(tab, 2)
	tab.Kill()
	back(tab)
	s.open(tab)
	waits(tab, 0)
	x, err := s.site.Sanitation.Finding(t.Context(), he.scope(), a.Subject)
	if err != nil || x.State != sanitation.Closed || s.filesOf("sanit_finding", a.Subject) != 2 {
		t.Errorf("%+v %v", x, err)
	}
	v, err := s.site.Sanitation.Inspection(t.Context(), he.scope(), two)
	if err != nil || len(v.Findings) != 1 {
		t.Errorf("%+v %v", v, err)
	}
	s.verified()
}
