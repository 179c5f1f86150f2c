package projects_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"weixiao/internal/access"
	"weixiao/internal/directory/firms"
	"weixiao/internal/pack"
	"weixiao/internal/projects"
	"weixiao/internal/projects/outreach"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web/desk"
	pages "weixiao/internal/web/projects"
	"weixiao/internal/web/uitest"
	"weixiao/internal/web/webtest"
)

func TestMain(m *testing.M) { uitest.Main(m, storetest.Cleanup) }

type env struct {
	*webtest.Env
	s *projects.Projects
}

func (e *env) register(w *webtest.Env, rt *access.Router) {
	e.Env = w
	p := w.Pack
	e.s = projects.New(w.DB, w.Records, projects.Options{Rules: p.Projects, Works: p.Works, Directory: p.Directory, CheckCode: firms.CheckCode, Clock: w.Clock})
	met := outreach.New(w.DB, w.Records, outreach.Options{Rules: p.Outreach, Directory: p.Directory, Vault: w.Vault, CheckCode: firms.CheckCode, Clock: w.Clock, Sectors: pack.IDs(p.Projects.Sectors),
		Lead: func(tx *store.Tx, sc access.Scope, l outreach.Lead) (string, error) {
			return e.s.EnterIn(tx, sc, l.At, projects.Given{From: l.Visit}, "name", l.Name, "investor", l.Investor, "firm", l.Firm, "unit", l.Unit, "sector", l.Sector, "investment", fmt.Sprint(l.Investment/100))
		}})
	d := desk.New(w.Site)
	x := pages.New(e.s, met)
	d.Add(x.Entries()...)
	d.Register(rt)
	x.Register(rt, d.Frame)
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	e := &env{}
	webtest.Each(t, webtest.Schemas(), e.register, func(t *testing.T, _ *webtest.Env) { fn(t, e) })
}

// enter takes in a project by its form and returns its page.
func enter(t *testing.T, hand *webtest.Staff, name string, more ...string) string {
	t.Helper()
	f := hand.Page("/desk/projects/list/new/enter").Form("/desk/projects/list/new/enter")
	for _, kv := range [][2]string{{"name", name}, {"investor", name + "投资公司"}, {"sector", "food"}, {"investment", "3.25亿"}, {"unit", "commerce"}, {"lon", "126.58"}, {"lat", "42.05"}, {"site", "石人镇工业园"}} {
		f.Set(kv[0], kv[1])
	}
	for i := 0; i < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	a := hand.Post("/desk/projects/list/new/enter", f)
	if a.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Code, a.Text())
	}
	href, _, _ := strings.Cut(a.Header.Get("Location"), "?")
	return href
}

func id(href string) string { return href[strings.LastIndex(href, "/")+1:] }

// do fills in a form of a page and posts it.
func do(t *testing.T, who *webtest.Staff, path string, kv ...string) *webtest.Answer {
	t.Helper()
	form, _, _ := strings.Cut(path, "?")
	f := who.Page(path).Form(form)
	for i := 0; i < len(kv); i += 2 {
		f.Set(kv[i], kv[i+1])
	}
	return who.Post(form, f)
}

// signed brings a project by pages alone to its contract.
func signed(t *testing.T, hand, head *webtest.Staff, href string) {
	t.Helper()
	for _, s := range [][]string{{"talks", "visit_note"}, {"signed", "contract", "signing", "contract"}} {
		if a := do(t, hand, "/desk/projects/evidence/new/file?project="+id(href), "proves", s[0], "kind", s[1], "number", id(href)+s[0], "dated", "2022-09-01"); a.Code != http.StatusSeeOther {
			t.Fatalf("evidence: %d %s", a.Code, a.Text())
		}
		if a := do(t, hand, href+"/do/propose", append([]string{"stage", s[0], "reached_on", "2022-09-01"}, s[2:]...)...); a.Code != http.StatusSeeOther {
			t.Fatalf("proposal: %d %s", a.Code, a.Text())
		}
		if a := do(t, head, href+"/do/confirm"); a.Code != http.StatusSeeOther {
			t.Fatalf("confirmation: %d %s", a.Code, a.Text())
		}
	}
}

// TestByPages enters a project, has it signed, and finds it on the board, among the figures and in the files.
func TestByPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hand, head, leader := e.Hire("commerce", "招商员", access.Department), e.Hire("commerce", "局长", access.DeptLead), e.Hire("leaders", "区领导", access.Leader)
		bad := hand.Post("/desk/projects/list/new/enter", url.Values{"name": {"酒厂"}, "investor": {"某公司"}, "sector": {"food"}, "investment": {"32500"}, "unit": {"commerce"}})
		if bad.Code != http.StatusUnprocessableEntity || !strings.Contains(bad.Text(), "元还是万元") {
			t.Errorf("an amount without its unit: %d %s", bad.Code, bad.Text())
		}
		href := enter(t, hand, "蓝莓酒庄")
		if a := do(t, hand, href+"/do/propose", "stage", "talks", "reached_on", "2022-09-01"); a.Code != http.StatusConflict || !strings.Contains(a.Text(), "凭证") {
			t.Errorf("without evidence: %d %s", a.Code, a.Text())
		}
		signed(t, hand, head, href)
		do(t, hand, href+"/do/promise", "milestone", "started", "promised_on", "2022-09-10")
		do(t, hand, href+"/do/promise", "milestone", "started", "promised_on", "2022-12-01", "because", "用地手续晚了")
		page := leader.Page(href)
		page.Contains(t, "蓝莓酒庄", "3.25 亿元", "计入签约", "用地手续晚了", "承诺和实际")
		board := leader.Page("/desk/projects/board")
		board.Contains(t, "签约 1", "蓝莓酒庄")
		leader.Page("/desk/projects/figures?from=2022-01-01&to=2022-12-31").Contains(t, "签约（正式合同）")
		leader.Page("/desk/projects/behind?figure=signed&from=2022-01-01&to=2022-12-31").Contains(t, "1 个", "蓝莓酒庄")
		leader.Page("/desk/projects/behind?figure=signed&from=2022-10-01&to=2022-12-31").Lacks(t, "蓝莓酒庄")
		if a := leader.Get("/desk/projects/behind?figure=nothing"); a.Code != http.StatusNotFound {
			t.Errorf("a figure that is not there: %d", a.Code)
		}
		for _, path := range []string{"/desk/projects/list/list.xlsx", "/desk/projects/behind/list.xlsx?figure=signed&from=2022-01-01"} {
			a := leader.Get(path)
			x, err := excelize.OpenReader(strings.NewReader(a.Body))
			if err != nil {
				t.Fatalf("%s: %d %v", path, a.Code, err)
			}
			if rows, err := x.GetRows(x.GetSheetName(0)); err != nil || len(rows) != 2 || rows[1][1] != "蓝莓酒庄" {
				t.Errorf("%s has %v, %v", path, rows, err)
			}
		}
		if a := do(t, hand, "/desk/projects/money/new/report?project="+id(href), "measure", "arrived", "origin", "foreign", "booked_on", "2022-09-02", "slip", "HD1", "amount", "500万"); a.Code != http.StatusSeeOther {
			t.Errorf("money: %d %s", a.Code, a.Text())
		} else {
			m, _, _ := strings.Cut(a.Header.Get("Location"), "?")
			do(t, head, m+"/do/confirm")
			leader.Page(href).Contains(t, "到位资金 500 万元")
		}
		en := leader.In("en").Page(href)
		en.Contains(t, "It counts as signed", "Promised and actual")
	})
}

// TestFirmsStayOut: an account of a firm reaches none of these pages.
func TestFirmsStayOut(t *testing.T) {
	e := &env{}
	webtest.One(t, webtest.Schemas(), e.register)
	hand := e.Hire("commerce", "招商员", access.Department)
	href := enter(t, hand, "蓝莓酒庄")
	grid := e.Hire("220605001001", "网格员", access.Grid)
	for _, path := range []string{href, "/desk/projects/board", "/desk/projects/figures", "/desk/outreach/visits", "/desk/works", "/desk/outreach/met"} {
		if a := grid.Get(path); a.Code != http.StatusForbidden {
			t.Errorf("a grid worker at %s: %d", path, a.Code)
		}
		if a := hand.Get(path); a.Code != http.StatusOK {
			t.Errorf("the office at %s: %d", path, a.Code)
		}
	}
}

// TestImport takes a spreadsheet in whole or not at all.
func TestImport(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hand := e.Hire("commerce", "招商员", access.Department)
		send := func(body string) *webtest.Answer {
			var b bytes.Buffer
			w := multipart.NewWriter(&b)
			part, _ := w.CreateFormFile("file", "projects.csv")
			_, _ = part.Write([]byte(body))
			_ = w.Close()
			r := httptest.NewRequest(http.MethodPost, "/desk/projects/list/load", &b)
			r.Header.Set("Content-Type", w.FormDataContentType())
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.Header.Set("Accept", "text/html")
			return hand.Do(r)
		}
		bad := send("项目名称,投资方,产业,总投资,牵头单位\n酒庄,甲公司,食品饮料,3.25亿,区商务局\n矿泉水,乙公司,食品饮料,12000,区商务局\n")
		if bad.Code != http.StatusUnprocessableEntity || !strings.Contains(bad.Text(), "元还是万元") {
			t.Errorf("a wrong row: %d %s", bad.Code, bad.Text())
		}
		hand.Page("/desk/projects/list").Lacks(t, "酒庄", "矿泉水")
		if ok := send("项目名称,投资方,产业,总投资,牵头单位\n酒庄,甲公司,食品饮料,3.25亿,区商务局\n矿泉水,乙公司,食品饮料,1.2亿,区商务局\n"); ok.Code != http.StatusSeeOther {
			t.Errorf("right rows: %d %s", ok.Code, ok.Text())
		}
		hand.Page("/desk/projects/list").Contains(t, "酒庄", "矿泉水", "1.2 亿元")
	})
}

// TestVisits notes a visit by a page: the person met is nowhere to be read, the organisation counts once.
func TestVisits(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hand, head := e.Hire("commerce", "招商员", access.Department), e.Hire("commerce", "局长", access.DeptLead)
		visit := func(on string) string {
			t.Helper()
			a := do(t, hand, "/desk/outreach/visits/new/note", "organisation", "长春山珍协会", "class", "association", "direction", "out", "held_on", on, "place", "长春", "ours", "commerce", "topic", "invest", "person", "王小明", "phone", "13900000000")
			if a.Code != http.StatusSeeOther {
				t.Fatalf("%d %s", a.Code, a.Text())
			}
			href, _, _ := strings.Cut(a.Header.Get("Location"), "?")
			return href
		}
		href := visit("2022-09-01")
		visit("2022-09-02")
		hand.Page(href).Contains(t, "长春山珍协会", "已封存")
		hand.Page(href).Lacks(t, "王小明", "13900000000")
		hand.Page("/desk/outreach/met?from=2022-01-01&to=2022-12-31").Contains(t, "对接 1 家", "走出去 2 次")
		if a := do(t, head, href+"/do/lead", "project", "山珍加工", "sector", "food", "investment", "2亿"); a.Code != http.StatusSeeOther {
			t.Errorf("a lead: %d %s", a.Code, a.Text())
		}
		hand.Page("/desk/projects/list").Contains(t, "山珍加工", "2 亿元")
	})
}

// TestInABrowser looks at every page at both sizes with axe, and moves over the board by keyboard.
func TestInABrowser(t *testing.T) {
	e := &env{}
	webtest.One(t, webtest.Schemas(), e.register)
	hand, head := e.Hire("commerce", "招商员", access.Department), e.Hire("commerce", "局长", access.DeptLead)
	href := enter(t, hand, "蓝莓酒庄")
	signed(t, hand, head, href)
	do(t, hand, href+"/do/promise", "milestone", "started", "promised_on", "2022-09-10")
	do(t, hand, href+"/do/promise", "milestone", "started", "promised_on", "2022-12-01", "because", "用地手续晚了")
	enter(t, hand, "矿泉水厂")
	do(t, hand, "/desk/outreach/visits/new/note", "organisation", "长春山珍协会", "class", "association", "direction", "out", "held_on", "2022-09-01", "place", "长春", "ours", "commerce", "topic", "invest")
	base := e.Serve()
	tab := uitest.New(t, uitest.Desk)
	e.Enter(tab, base, hand, "/desk/projects/board")
	tab.Wait(`document.readyState === "complete"`) // keys belong to scripts
	tab.Press("j")
	tab.Wait(`document.querySelector("[data-row][aria-current=true]") !== null`)
	for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
		for name, path := range map[string]string{"board": "/desk/projects/board", "list": "/desk/projects/list", "page": href, "figures": "/desk/projects/figures", "behind": "/desk/projects/behind?figure=signed", "enter": "/desk/projects/list/new/enter", "promise": href + "/do/promise",
			"visits": "/desk/outreach/visits", "met": "/desk/outreach/met", "works": "/desk/works", "built": "/desk/works/built"} {
			tab.Open(base + path)
			webtest.Look(tab, size, fmt.Sprintf("projects-%s-%d", name, size.W))
		}
	}
}
