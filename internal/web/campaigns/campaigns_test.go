package campaigns_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/projects/campaigns"
	"weixiao/internal/record"
	"weixiao/internal/store/storetest"
	pages "weixiao/internal/web/campaigns"
	"weixiao/internal/web/desk"
	"weixiao/internal/web/uitest"
	"weixiao/internal/web/webtest"
)

func TestMain(m *testing.M) { uitest.Main(m, storetest.Cleanup) }

type env struct {
	*webtest.Env
	c *campaigns.Campaigns
}

func register(e *env) func(*webtest.Env, *access.Router) {
	return func(w *webtest.Env, rt *access.Router) {
		e.Env = w
		e.c = campaigns.New(w.DB, w.Records, campaigns.Options{Rules: w.Pack.Campaigns, Units: func() []string { return []string{"reform", "commerce", "industry", casestest.Street} }, Name: func(u string) string { return u }})
		d := desk.New(w.Site)
		d.Register(rt)
		d.Add(pages.Register(rt, e.c, d.Frame))
	}
}

// post fills in the form of an action as its page has it and sends it.
func post(t *testing.T, s *webtest.Staff, path string, kv ...string) *webtest.Answer {
	t.Helper()
	v := s.Page(path).Form(strings.SplitN(path, "?", 2)[0])
	for i := 0; i < len(kv); i += 2 {
		if i > 1 && kv[i] == kv[i-2] {
			v.Add(kv[i], kv[i+1])
		} else {
			v.Set(kv[i], kv[i+1])
		}
	}
	a := s.Post(strings.SplitN(path, "?", 2)[0], v)
	if a.Code != http.StatusSeeOther {
		t.Fatalf("%s: %d %s", path, a.Code, a.Text())
	}
	return s.Page(a.Header.Get("Location"))
}

// TestCampaignByPages plans a campaign, sets a target, reports and confirms a week, and reads it off the battle sheet.
func TestCampaignByPages(t *testing.T) {
	e := &env{}
	webtest.Each(t, webtest.Schemas(), register(e), func(t *testing.T, _ *webtest.Env) {
		lead, deputy, hand, leader := e.Hire("reform", "发改局长", access.DeptLead), e.Hire("reform", "发改科长", access.Department), e.Hire("commerce", "商务科长", access.Department), e.Hire(e.Pack.District, "区领导", access.Leader)
		bad := lead.Post("/desk/campaigns/new/plan", url.Values{"name": {"x"}, "theme": {"projects"}, "from": {"2022-12-01"}, "until": {"2022-11-01"}, "office": {"reform"}, "purpose": {"x"}})
		if bad.Code != http.StatusUnprocessableEntity {
			t.Errorf("it ends before it begins: %d", bad.Code)
		}
		bad.Contains(t, "不能早于开始日期")
		post(t, lead, "/desk/campaigns/new/plan", "name", "项目建设冬春会战", "theme", "projects", "from", "2022-11-21", "until", "2023-04-30", "office", "reform", "purpose", "冬季谋划，春季开工").Contains(t, "项目建设冬春会战", "冬季谋划")
		list, _, err := e.c.Campaign.List(t.Context(), lead.Scope(), record.Filter{})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		id := list[0].ID
		post(t, leader, "/desk/campaigns/r/"+id+"/do/begin")
		post(t, lead, "/desk/campaigns/targets/new/set?campaign="+id, "unit", "commerce", "indicator", "visits_out", "goal", "60").Contains(t, "区商务局", "外出招商", "60")
		targets, _, err := e.c.Target.List(t.Context(), lead.Scope(), record.Filter{Parent: id})
		if err != nil || len(targets) != 1 {
			t.Fatal(targets, err)
		}
		base := "/desk/campaigns/targets/r/" + targets[0].ID
		post(t, hand, base+"/do/report", "week", "2022-11-23", "amount", "12.5").Contains(t, "12.5", "待核实", "商务科长")
		leader.Page("/desk/campaigns/r/"+id).Contains(t, "12.5", "待核实", "滞后")
		post(t, deputy, base+"/do/confirm", "week", "2022-11-21").Contains(t, "发改科长")
		leader.Page("/desk/campaigns/r/"+id+"/sheet").Contains(t, "12.5", "正常", "2022年11月21日")
		if a := leader.Get("/desk/campaigns/r/" + id + "/sheet.xlsx"); a.Code != http.StatusOK || !strings.HasPrefix(a.Body, "PK") {
			t.Errorf("the sheet as a file: %d", a.Code)
		}
		post(t, lead, "/desk/campaigns/meetings/new/call?campaign="+id, "held", "2022-11-24T09:00", "place", "三楼", "units", "commerce", "agenda", "调度")
		meetings, _, _ := e.c.Meeting.List(t.Context(), lead.Scope(), record.Filter{Parent: id})
		m := "/desk/campaigns/meetings/r/" + meetings[0].ID
		post(t, lead, m+"/do/hold", "came", "commerce", "minutes", "加快用地报批")
		post(t, lead, m+"/do/decide", "task", "用地报批", "unit", "commerce", "until", "2022-11-30").Contains(t, "加快用地报批")
		hand.Page("/desk/campaigns/tasks?campaign="+id).Contains(t, "用地报批", "区商务局")
		grid := e.Hire(casestest.Street, "网格员", access.Grid)
		if a := grid.Get("/desk/campaigns"); a.Code != http.StatusForbidden {
			t.Errorf("a grid worker at the campaigns: %d", a.Code)
		}
	})
}

func TestInABrowser(t *testing.T) {
	e := &env{}
	webtest.One(t, webtest.Schemas(), register(e))
	lead := e.Hire("reform", "发改局长", access.DeptLead)
	k, err := e.c.Campaign.Open(t.Context(), lead.Scope(), "plan", record.Input{Raw: record.Raw("name", "项目建设冬春会战", "theme", "projects", "from", "2022-11-21", "until", "2023-04-30", "office", "reform", "purpose", "冬季谋划，春季开工")})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []string{"commerce", "industry", casestest.Street} {
		for _, i := range []string{"visits_out", "help"} {
			if _, err := e.c.Target.Open(t.Context(), lead.Scope(), "set", record.Input{Raw: record.Raw("campaign", k.ID, "unit", u, "indicator", i, "goal", "30")}); err != nil {
				t.Fatal(err)
			}
		}
	}
	base := e.Serve()
	tab := uitest.New(t, uitest.Desk)
	e.Enter(tab, base, lead, "/desk/campaigns")
	for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
		for name, path := range map[string]string{"list": "", "one": "/r/" + k.ID, "sheet": "/r/" + k.ID + "/sheet", "targets": "/targets?campaign=" + k.ID, "set": "/targets/new/set?campaign=" + k.ID} {
			tab.Open(base + "/desk/campaigns" + path)
			webtest.Look(tab, size, fmt.Sprintf("campaigns-%s-%d", name, size.W))
		}
	}
}
