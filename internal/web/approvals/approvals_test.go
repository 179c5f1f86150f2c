package approvals

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/projects/agents"
	"weixiao/internal/projects/approvals"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web"
	"weixiao/internal/web/desk"
	"weixiao/internal/web/uitest"
	"weixiao/internal/web/webtest"
	"weixiao/internal/worktime"
)

func TestMain(m *testing.M) { uitest.Main(m, storetest.Cleanup) }

type env struct {
	*webtest.Env
	s      *approvals.Approvals
	g      *agents.Agents
	router *access.Router

	firm, stranger, hall, chief, leader, urban, auditor, grid *webtest.Staff
}

func register(e *env) func(*webtest.Env, *access.Router) {
	return func(w *webtest.Env, rt *access.Router) {
		e.Env, e.router = w, rt
		e.s, e.g = web.NewApprovals(w.DB, w.Records, w.Cases, w.Pack, func() *access.Gate { return w.Gate },
			func(_ *store.Tx, unit string) (*worktime.Calendar, error) { return w.Pack.Calendar(unit), nil }, w.Clock)
		d := desk.New(w.Site)
		d.Register(rt)
		d.Add(Register(rt, w.Site, d.Frame, e.s, e.g)...)
	}
}

func (e *env) hire() {
	list := e.Pack.Approvals.Projects
	e.firm, e.stranger = e.Hire(list[0].Firm, "企业经办人", access.Firm), e.Hire(list[1].Firm, "别家经办人", access.Firm)
	e.hall, e.chief = e.Hire("service-hall", "大厅小林", access.Department), e.Hire("service-hall", "大厅主任", access.DeptLead)
	e.urban, e.leader = e.Hire("urban", "城管小陈", access.Department), e.Hire("leaders", "区领导", access.Leader)
	e.auditor, e.grid = e.Hire(e.Pack.District, "审计员", access.Auditor), e.Hire("220605001001", "网格员", access.Grid)
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	e := &env{}
	webtest.Each(t, webtest.Schemas(), register(e), func(t *testing.T, w *webtest.Env) {
		e.hire()
		fn(t, e)
	})
}

func one(t *testing.T) *env {
	e := &env{}
	webtest.One(t, webtest.Schemas(), register(e))
	e.hire()
	return e
}

// opened brings a file with two items to where the firm has done its part, by pages alone. It returns the file's number.
func (e *env) opened(t *testing.T) string {
	t.Helper()
	form := e.firm.Page(Business + "/files/new/apply").Form(Business + "/files/new/apply")
	form.Set("project", e.Pack.Approvals.Projects[0].ID)
	e.firm.See(Business+"/files/new/apply", form).Contains(t, e.Pack.Approvals.Projects[0].Title)
	list, _, err := e.s.Files.List(t.Context(), e.firm.Scope(), record.Filter{})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	id := list[0].ID
	e.hall.See(Path+"/files/r/"+id+"/do/plan", url.Values{"items": {"spoil", "road_open"}}).Contains(t, "城市建筑垃圾处置核准", "挖掘城市道路审批", "施工许可")
	e.firm.Page(Business).Contains(t, "等您办的", "施工许可")
	if a := e.firm.Post(Business+"/files/r/"+id+"/do/submit", url.Values{"stage": {"build"}, "builder": {"某公司"}, "begins_on": {"2022-12-01"}, "ends_on": {"2022-11-01"}}); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "不能早于开始日期") {
		t.Errorf("end before start: %d", a.Code)
	}
	e.firm.See(Business+"/files/r/"+id+"/do/submit", url.Values{"stage": {"build"}, "builder": {"某公司"}, "begins_on": {"2022-12-01"}, "ends_on": {"2023-11-01"}})
	e.firm.See(Business+"/files/r/"+id+"/do/hand_in", url.Values{"which_papers": {"spoil_plan"}}).Contains(t, "占道开挖和交通疏导方案")
	return id
}

func (e *env) item(t *testing.T, code string) string {
	t.Helper()
	list, _, err := e.s.Items.List(t.Context(), e.leader.Scope(), record.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(x *approvals.Item) bool { return x.Code == code })
	if i < 0 {
		t.Fatalf("no item %s", code)
	}
	return list[i].ID
}

// TestByPages takes an item from the firm's application to its delivery, by pages alone.
func TestByPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		file := e.opened(t)
		spoil, road := e.item(t, "spoil"), e.item(t, "road_open")
		e.urban.Page(Path).Contains(t, "城市建筑垃圾处置核准", "承诺 3 个工作日")
		e.urban.Page(Path).Lacks(t, "挖掘城市道路审批")
		e.urban.Page(Path+"?of=all").Contains(t, "挖掘城市道路审批")
		at := Path + "/items/r/" + spoil
		if got := strings.Join(e.urban.Page(at).Actions(), " "); got != "accept accept_short pre_review" {
			t.Errorf("the unit is offered %q", got)
		}
		if got := e.hall.Page(Path + "/items/r/" + road).Actions(); slices.Contains(got, "accept") {
			t.Errorf("the hall may %v", got)
		}
		e.urban.See(at+"/do/accept", url.Values{})
		e.urban.See(at+"/do/review", url.Values{})
		if a := e.urban.Post(at+"/do/begin_special", url.Values{"procedure": {"hearing"}}); a.Code != http.StatusUnprocessableEntity && a.Code != http.StatusConflict {
			t.Errorf("a procedure without basis: %d", a.Code)
		}
		e.urban.See(at+"/do/ask_supplement", url.Values{"which_papers": {"spoil_plan"}, "what": {"缺消纳场证明"}}).Contains(t, "缺消纳场证明", "补正中")
		e.firm.Page(Business).Contains(t, "等您办的", "城市建筑垃圾处置核准")
		e.Pass(72 * 3600e9)
		e.hire() // sessions ended meanwhile
		e.firm.See(Business+"/items/r/"+spoil+"/do/supply", url.Values{"note": {"已补"}})
		if a := e.urban.Post(at+"/do/ask_supplement", url.Values{"which_papers": {"spoil_plan"}, "what": {"再补"}}); a.Code != http.StatusConflict || !strings.Contains(a.Text(), "只能告知一次") {
			t.Errorf("a second correction: %d %s", a.Code, a.Text())
		}
		page := e.urban.See(at+"/do/decide", url.Values{"result": {"granted"}, "document": {"渣字1号"}})
		page.Contains(t, "渣字1号", "用时逐日说明", "停止计时：企业补正", "受理当日，不计入")
		e.hall.See(at+"/do/deliver", url.Values{})
		e.firm.Page(Business+"/items/r/"+spoil).Contains(t, "已送达", "准予许可")
		e.leader.Page(Path+"/figures?figure=supplements").Contains(t, "补正次数", "城市建筑垃圾处置核准")
		// A paper that is promised, and an item accepted against it.
		offer := Business + "/promises/new/offer?item=" + road
		form := e.firm.Page(offer).Form(Business + "/promises/new/offer")
		form.Set("kind", "papers")
		form.Set("which_papers", "road_plan")
		form.Set("due", "2022-12-05")
		form.Set("promise", "我公司承诺按期补齐")
		e.firm.See(offer, form).Contains(t, "占道开挖和交通疏导方案", "我公司承诺按期补齐")
		if a := e.stranger.Post(offer, form); a.Code != http.StatusNotFound {
			t.Errorf("another firm promises: %d", a.Code)
		}
		municipal := e.Hire("municipal", "市政小李", access.Department)
		municipal.See(Path+"/items/r/"+road+"/do/accept_short", url.Values{}).Contains(t, "容缺受理", "企业承诺")
		municipal.Page(Path+"/files/r/"+file).Contains(t, "还缺的材料")
	})
}

// TestPriorityByPages: asked for, approved by somebody else, listed for all staff, first on the desk.
func TestPriorityByPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		file := e.opened(t)
		ask := Path + "/priorities/new/ask?file=" + file
		if a := e.chief.Post(ask, url.Values{"until": {"2022-12-10"}, "reason": {"急"}}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("without a criterion: %d", a.Code)
		}
		e.chief.See(ask, url.Values{"criterion": {"season"}, "until": {"2022-12-10"}, "reason": {"上冻前要开工"}}).Contains(t, "上冻前要开工")
		list, _, err := e.s.Priorities.List(t.Context(), e.leader.Scope(), record.Filter{})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		at := Path + "/priorities/r/" + list[0].ID
		if a := e.chief.Post(at+"/do/grant", url.Values{}); a.Code != http.StatusConflict || !strings.Contains(a.Text(), "不能批准自己的申请") {
			t.Errorf("approved by the asker: %d", a.Code)
		}
		e.leader.See(at+"/do/grant", url.Values{})
		e.urban.Page(Path+"/first").Contains(t, e.Pack.Approvals.Projects[0].Title, "赶施工期", "区领导", "大厅主任")
		e.urban.Page(Path).Contains(t, "优先")
		for _, path := range []string{at, Path + "/first", Path + "/priorities"} {
			if a := e.firm.Get(path); a.Code != http.StatusForbidden {
				t.Errorf("the firm at %s: %d", path, a.Code)
			}
		}
	})
}

// TestAgencyByPages: asked for, entrusted in writing, an agent named; nobody but the firm signs.
func TestAgencyByPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.firm.See(Business+"/agents/new/request", url.Values{"project": {e.Pack.Approvals.Projects[0].ID}, "wish": {"全程帮办"}}).Contains(t, "全程帮办")
		list, _, err := e.g.Agencies.List(t.Context(), e.firm.Scope(), record.Filter{})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		id := list[0].ID
		if a := e.hall.Post(Agents+"/r/"+id+"/do/entrust", url.Values{"scope": {"build"}, "letter": {"1"}, "signed": {"true"}}); a.Code != http.StatusForbidden {
			t.Errorf("the hall signs: %d", a.Code)
		}
		if a := e.firm.Post(Business+"/agents/r/"+id+"/do/entrust", url.Values{"scope": {"build"}, "signed": {"true"}}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("without a letter: %d", a.Code)
		}
		e.firm.See(Business+"/agents/r/"+id+"/do/entrust", url.Values{"scope": {"build"}, "letter": {"委1号"}, "signed": {"true"}}).Contains(t, "委1号")
		e.hall.See(Agents+"/r/"+id+"/do/name", url.Values{"agent": {"service-hall.agent-1"}}).Contains(t, "项目代办员1号")
		e.hall.Page(Agents+"/figures").Contains(t, "项目代办员1号", "项目 1 个")
		if a := e.stranger.Get(Business + "/agents/r/" + id); a.Code != http.StatusNotFound {
			t.Errorf("another firm: %d", a.Code)
		}
	})
}

// TestMatrix: every route of these pages against every kind of reader. A firm reaches its own pages alone, and of them its
// own records; staff without work on projects reach none.
func TestMatrix(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		file := e.opened(t)
		spoil := e.item(t, "spoil")
		staffOnly := []string{Path, Path + "?of=all", Path + "/first", Path + "/figures", Path + "/figures?figure=overdue&stage=build", Path + "/files", Path + "/files/list.xlsx", Path + "/files/r/" + file, Path + "/items", Path + "/items/r/" + spoil,
			Path + "/promises", Path + "/priorities", Agents, Agents + "/figures", Agents + "/blockers"}
		firmOnly := []string{Business, Business + "/files", Business + "/files/list.xlsx", Business + "/items", Business + "/promises", Business + "/agents", Business + "/files/new/apply", Business + "/agents/new/request"}
		firmsOwn := []string{Business + "/files/r/" + file, Business + "/items/r/" + spoil}
		want := func(who *webtest.Staff, name string, code int, paths []string) {
			for _, p := range paths {
				if a := who.Get(p); a.Code != code {
					t.Errorf("%s at %s: %d, want %d", name, p, a.Code, code)
				}
			}
		}
		for name, who := range map[string]*webtest.Staff{"unit": e.urban, "hall": e.hall, "chief": e.chief, "leader": e.leader, "auditor": e.auditor} {
			want(who, name, http.StatusOK, staffOnly)
			want(who, name, http.StatusForbidden, append(slices.Clone(firmOnly), firmsOwn...))
		}
		want(e.firm, "the firm", http.StatusForbidden, staffOnly)
		want(e.firm, "the firm", http.StatusOK, append(slices.Clone(firmOnly), firmsOwn...))
		want(e.stranger, "another firm", http.StatusOK, firmOnly)
		want(e.stranger, "another firm", http.StatusNotFound, firmsOwn)
		want(e.grid, "a grid worker", http.StatusForbidden, append(slices.Clone(staffOnly), firmOnly...))
		for _, p := range []string{Business, Business + "/files", Business + "/items", Business + "/agents"} {
			e.stranger.Page(p).Lacks(t, e.Pack.Approvals.Projects[0].Title, file)
		}
		for _, p := range []string{Business + "/files/r/" + file + "/do/withdraw", Business + "/items/r/" + spoil + "/do/withdraw"} {
			if a := e.stranger.Post(p, url.Values{"reason": {"x"}}); a.Code != http.StatusNotFound {
				t.Errorf("another firm posts to %s: %d", p, a.Code)
			}
		}
		n := 0
		for _, r := range e.router.Table() {
			path := r.Pattern[strings.Index(r.Pattern, " ")+1:]
			if strings.HasPrefix(path, Path) || strings.HasPrefix(path, Agents) || strings.HasPrefix(path, Business) {
				n++
				firm := slices.Contains(r.Rule.Roles, access.Firm)
				if r.Rule.Public || len(r.Rule.Roles) == 0 || firm != strings.HasPrefix(path, Business) {
					t.Errorf("%s is open to %v", r.Pattern, r.Rule.Roles)
				}
			}
		}
		if n < 60 {
			t.Errorf("%d routes", n)
		}
	})
}

// TestInABrowser looks at the pages at both sizes with axe.
func TestInABrowser(t *testing.T) {
	e := one(t)
	file := e.opened(t)
	spoil := e.item(t, "spoil")
	e.urban.See(Path+"/items/r/"+spoil+"/do/accept", url.Values{})
	e.firm.See(Business+"/agents/new/request", url.Values{"project": {e.Pack.Approvals.Projects[0].ID}})
	list, _, err := e.g.Agencies.List(t.Context(), e.firm.Scope(), record.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	base := e.Serve()
	see := func(who *webtest.Staff, pages map[string]string) {
		tab := uitest.New(t, uitest.Desk)
		first := Path
		if who == e.firm {
			first = Business
		}
		e.Enter(tab, base, who, first)
		for name, path := range pages {
			for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
				tab.Open(base + path)
				webtest.Look(tab, size, fmt.Sprintf("approvals-%s-%d", name, size.W))
			}
		}
	}
	see(e.urban, map[string]string{"desk": Path + "?of=all", "file": Path + "/files/r/" + file, "item": Path + "/items/r/" + spoil, "do": Path + "/items/r/" + spoil + "/do/ask_supplement", "first": Path + "/first",
		"figures": Path + "/figures?figure=decided", "agents": Agents, "agent": Agents + "/r/" + list[0].ID, "agentfigures": Agents + "/figures"})
	see(e.firm, map[string]string{"home": Business, "own": Business + "/files/r/" + file, "submit": Business + "/files/r/" + file + "/do/submit", "offer": Business + "/promises/new/offer?item=" + spoil, "entrust": Business + "/agents/r/" + list[0].ID + "/do/entrust"})
}
