package desk

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory/posts"
	"weixiao/internal/directory/registers"
	table "weixiao/internal/files/sheet"
	"weixiao/internal/web/uitest"
)

const (
	block  = "220605001001-b003" // 松花花园3号楼
	worker = "220605001001.grid-001"
)

// seat fills posts from a table.
func (e *env) seat(lines ...string) {
	e.t.Helper()
	t := &table.Table{Head: []string{"岗位", "姓名", "开始", "电话", "同意公示日期"}}
	for _, l := range lines {
		t.Lines = append(t.Lines, strings.Split(l, ","))
	}
	r, err := e.Posts.Load(e.t.Context(), access.SystemScope(e.Pack.District, "a test"), posts.FileTerms, t, true)
	if err != nil || !r.Done {
		e.t.Fatalf("%v %+v", err, r)
	}
}

// TestHandOver goes from a vacant post over a proposal to a hand-over with the list of open work, by the pages.
func TestHandOver(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		at := e.Pack.Buildings[2].Point
		r, err := e.Cases.Report(t.Context(), e.Scope("", access.Operator), cases.Report{Channel: "hotline", Body: "楼道灯不亮", Matter: "001",
			Place: cases.Place{Text: "松花花园3号楼", Lon: at[0], Lat: at[1], Located: true}})
		if err != nil {
			t.Fatal(err)
		}
		chief, other, admin := e.hire(casestest.Street, "刘主任", access.StreetLead), e.hire(casestest.OtherStreet, "李主任", access.StreetLead), e.hire(e.Pack.District, "管理员", access.Admin)
		post := postHref(block + ".resident")
		admin.page(post).contains(t, "空缺", "还没有人任职", "松花花园3号楼居民楼长")
		if a := other.get(post + "/propose"); a.Code != http.StatusForbidden {
			t.Errorf("another street proposes: %d", a.Code)
		}
		v := chief.page(post + "/propose").form(post + "/propose")
		v.Set("name", "王大姐")
		v.Set("phone", "19900001234")
		v.Set("until", "2020-01-01")
		if a := chief.post(post+"/propose", v); a.Code != 422 || !strings.Contains(a.text(), "早于开始日期") {
			t.Errorf("an end before the start: %d %s", a.Code, a.text())
		}
		v.Set("until", "")
		if a := chief.see(post+"/propose", v); strings.Contains(a.Body, "19900001234") {
			t.Error("the private number is on the page")
		} else {
			a.contains(t, "王大姐", "已提名")
		}
		id := e.Posts.Board().Terms(block + ".resident")[0].ID
		do := func(who *staff, action string, kv ...string) *answer {
			t.Helper()
			path := orgPath + "/terms/" + id + "/do/" + action
			v := who.page(path).form(path)
			for i := 0; i < len(kv); i += 2 {
				v.Set(kv[i], kv[i+1])
			}
			return who.see(path, v)
		}
		do(chief, "publish").contains(t, "公示中")
		do(chief, "take_up", "from", "2022-11-20").contains(t, "在岗")
		do(chief, "consent", "phone", "19900001234", "how", "paper").contains(t, "19900001234（同意公示）")
		house := e.hire("", "派单员", access.Dispatcher).page(buildingHref(block))
		house.contains(t, "松花花园3号楼", "王大姐", r.Number)
		if a := admin.page(buildingHref(block)); strings.Contains(a.Body, r.Number) {
			t.Error("the administrator reads cases")
		}
		if a := other.get(orgPath + "/terms/" + id + "/do/hand_over"); a.Code != http.StatusForbidden {
			t.Errorf("another street hands over: %d", a.Code)
		}
		do(chief, "hand_over", "until", "2022-11-22", "note", "钥匙已交").contains(t, "已交接", "空缺")
		admin.page(orgPath+"/coverage").contains(t, "江源街道", "0.0%")
	})
}

// TestOrganisationPages reads every page of the organisation as everybody, and fails on what does not exist.
func TestOrganisationPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.seat(worker+",张三,2022-01-01,,", "220605001001.lead,李书记,2022-01-01,,", "220605001002.lead,赵书记,2022-01-01,,")
		chief := e.hire(casestest.Street, "刘主任", access.StreetLead)
		for _, who := range []*staff{chief, e.hire("", "话务员", access.Operator), e.hire(e.Pack.District, "审计", access.Auditor)} {
			who.page(orgPath).contains(t, "孙家堡子街道")
			who.page(orgPath+"?unit=220605001001").contains(t, "张三", "李书记", "松花花园1号楼")
			who.page(orgPath + "/duty?unit=" + casestest.Street + "&month=2022-12")
			who.page(postHref(worker)).contains(t, "张三")
			for _, path := range []string{orgPath + "?unit=nowhere", postHref("no.such"), buildingHref("x"), orgPath + "/duty?unit=nowhere"} {
				if a := who.get(path); a.Code != http.StatusNotFound {
					t.Errorf("%s: %d", path, a.Code)
				}
			}
		}
		lead := postHref("220605001001.lead")
		v := chief.page(lead + "/standin").form(lead + "/standin")
		v.Set("by", "220605001002.lead")
		v.Set("from", "2022-11-01")
		v.Set("until", "2022-12-31")
		v.Set("reason", "休假")
		chief.see(lead+"/standin", v).contains(t, "赵书记）代理")
		second := postHref("220605001002.lead")
		v.Set("by", "220605001001.lead")
		if a := chief.post(second+"/standin", v); a.Code != 422 || !strings.Contains(a.text(), "绕成了圈") {
			t.Errorf("a circle: %d %s", a.Code, a.text())
		}
		duty := url.Values{"_unit": {casestest.Street}, "_month": {"2022-11"}, "line": {"lead"}, "post": {casestest.Street + ".lead"}, "from": {"2022-11-23T08:00"}, "until": {"2022-11-24T08:00"}}
		chief.see(orgPath+"/duty", duty).contains(t, "带班", "街道党工委书记")
		if a := chief.post(orgPath+"/duty", duty); a.Code != 422 || !strings.Contains(a.text(), "同一时间同一班次") {
			t.Errorf("the same shift twice: %d", a.Code)
		}
	})
}

func (s *staff) sendFile(path, name, data string, kv ...string) *answer {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i < len(kv); i += 2 {
		_ = m.WriteField(kv[i], kv[i+1])
	}
	w, err := m.CreateFormFile("file", name)
	if err != nil {
		s.e.t.Fatal(err)
	}
	_, _ = w.Write([]byte(data))
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html")
	return s.do(r)
}

// TestImportWizard tries a file, refuses a bad one whole, and takes a good one in.
func TestImportWizard(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		admin := e.hire(e.Pack.District, "管理员", access.Admin)
		path := orgPath + "/import"
		bad := "岗位,姓名,开始\n" + worker + ",张三,2022-01-01\n" + worker + ",李四,2022-01-01\n"
		if a := admin.sendFile(path, "terms.csv", bad, "what", posts.FileTerms, "_step", "load"); a.Code != 422 || !strings.Contains(a.text(), "已由张三担任") {
			t.Errorf("two holders: %d %s", a.Code, a.text())
		}
		if len(e.Posts.Board().Terms(worker)) != 0 {
			t.Fatal("half imported")
		}
		// The bad rows come back in a copy, with the reason and where they stood; mended, it goes in.
		marked := admin.sendFile(path, "任职.csv", bad, "what", posts.FileTerms, "_step", "marked")
		if cd := marked.Header.Get("Content-Disposition"); marked.Code != 200 || !strings.Contains(cd, "attachment") || !strings.Contains(cd, url.PathEscape("任职-rejected.csv")) {
			t.Errorf("%d %s", marked.Code, cd)
		}
		if s := marked.Body; !strings.Contains(s, table.ReasonHead) || !strings.Contains(s, worker+",李四,2022-01-01,") || !strings.HasSuffix(s, ",3\n") || strings.Contains(s, "张三,2022-01-01,") {
			t.Errorf("the copy: %s", s)
		}
		// The file that was held gives the copy too, and nobody else's.
		held := admin.sendFile(path, "terms.csv", bad, "what", posts.FileTerms, "_step", "try")
		held.contains(t, "下载有问题的行")
		if a := admin.post(path, url.Values{"what": {posts.FileTerms}, "_step": {"marked"}, heldName: {held.form(path).Get(heldName)}}); !strings.Contains(a.Body, "李四") || a.Header.Get("Content-Disposition") == "" {
			t.Errorf("from the held file: %d %s", a.Code, a.Body)
		}
		good := "岗位,姓名,开始\n" + worker + ",张三,2022-01-01\n"
		admin.sendFile(path, "terms.csv", good, "what", posts.FileTerms, "_step", "try").contains(t, "检查通过")
		if len(e.Posts.Board().Terms(worker)) != 0 {
			t.Fatal("a try took it in")
		}
		admin.sendFile(path, "terms.csv", good, "what", posts.FileTerms, "_step", "load").contains(t, "已导入 1 行")
		// A file that was checked need not be chosen again; only who checked it can take it in.
		next := strings.Replace(good, "张三,2022-01-01", "李四,2022-09-01", 1)
		next = strings.Replace(next, worker, block+".cadre", 1)
		checked := admin.sendFile(path, "next.csv", next, "what", posts.FileTerms, "_step", "try")
		checked.contains(t, "还留着“next.csv”")
		token := checked.form(path).Get(heldName)
		other := e.hire(e.Pack.District, "别的管理员", access.Admin)
		if a := other.post(path, url.Values{"what": {posts.FileTerms}, "_step": {"load"}, heldName: {token}}); a.Code != 422 || !strings.Contains(a.text(), "请再选一次") {
			t.Errorf("somebody else's file: %d %s", a.Code, a.text())
		}
		done := admin.post(path, url.Values{"what": {posts.FileTerms}, "_step": {"load"}, heldName: {token}})
		done.contains(t, "已导入 1 行")
		done.lacks(t, heldName)
		if len(e.Posts.Board().Terms(block+".cadre")) != 1 {
			t.Error("it was not taken in")
		}
		if a := admin.post(path, url.Values{"what": {posts.FileTerms}, "_step": {"load"}, heldName: {token}}); a.Code != 422 {
			t.Errorf("the file is held after it was taken in: %d", a.Code)
		}
		if a := admin.sendFile(path, "terms.xlsx", "no workbook", "what", posts.FileTerms); a.Code != 422 {
			t.Errorf("a file that is none: %d", a.Code)
		}
		if a := admin.sendFile(path, "terms.csv", "姓名\n张三\n", "what", posts.FileTerms); a.Code != 422 || !strings.Contains(a.text(), "没有“岗位”这一列") {
			t.Errorf("a column is missing: %d %s", a.Code, a.text())
		}
	})
}

// TestFirms registers a firm by the page, after its code was mistyped, and takes in a file.
func TestFirms(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		street, admin := e.hire(casestest.Street, "孙承办", access.Street), e.hire(e.Pack.District, "管理员", access.Admin)
		street.page(firmPath).contains(t, "没有这样的企业或组织")
		v := street.page(firmPath + "/new").form(firmPath + "/new")
		v.Set("code", "91350100M000100Y44")
		v.Set("name", "江源建筑")
		v.Set("kinds", "firm")
		v.Set("sector", "construction")
		v.Set("contact", "王小五")
		v.Set("phone", "19900001234")
		if a := street.post(firmPath+"/new", v); a.Code != 422 || !strings.Contains(a.text(), "应为 3") {
			t.Errorf("a wrong check character: %d %s", a.Code, a.text())
		}
		v.Set("code", "91350100M000100Y43")
		a := street.see(firmPath+"/new", v)
		a.contains(t, "江源建筑", "91350100M000100Y43", "199****1234")
		if strings.Contains(a.Body, "19900001234") || strings.Contains(a.Body, "王小五") {
			t.Error("the contact is shown in plain words")
		}
		admin.sendFile(orgPath+"/import", "firms.csv", "统一社会信用代码,名称,类别,行业\n91330106673959654P,甲公司,企业,制造\n", "what", registers.Firms, "_step", "load").contains(t, "已导入 1 行")
		street.page(firmPath+"?sector=manufacturing").contains(t, "甲公司")
		// Contractors and volunteer teams are added the same way; a list can have one kind alone.
		for _, x := range []url.Values{{"code": {"91110108551385082Q"}, "name": {"管道疏通公司"}, "kinds": {"firm", "contractor"}, "sector": {"construction"}, "unit": {"municipal"}},
			{"name": {"清雪志愿队"}, "kinds": {"volunteers"}, "sector": {"social"}, "unit": {"220605001001"}}} {
			if a := street.post(firmPath+"/new", x); a.Code != http.StatusSeeOther {
				t.Fatalf("%d %s", a.Code, a.text())
			}
		}
		for kind, want := range map[string][3]bool{"firm": {true, true, false}, "contractor": {false, true, false}, "volunteers": {false, false, true}} {
			page := street.page(firmPath + "?kind=" + kind)
			for i, name := range []string{"甲公司", "管道疏通公司", "清雪志愿队"} {
				if got := strings.Contains(page.Body, name); got != want[i] {
					t.Errorf("among %s %s: %v", kind, name, got)
				}
			}
		}
		street.page(firmPath+"?kind=contractor&unit=municipal&sector=construction").contains(t, "管道疏通公司")
		street.page(firmPath+"?kind=contractor&unit=lamps").lacks(t, "管道疏通公司")
	})
}

// TestOrganisationInBrowser looks at the main pages with axe, wide and narrow.
func TestOrganisationInBrowser(t *testing.T) {
	s := serve(t)
	s.seat(worker+",张三,2022-01-01,19900001111,2022-02-01", block+".cadre,王干事,2022-01-01,,", "220605001001.lead,李书记,2022-01-01,,")
	admin := s.hire(s.Pack.District, "管理员", access.Admin)
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, admin, orgPath)
	for name, path := range map[string]string{"org": orgPath, "org-community": orgPath + "?unit=220605001001", "org-coverage": orgPath + "/coverage", "org-building": buildingHref(block),
		"org-post": postHref(worker), "org-propose": postHref(worker) + "/propose", "org-duty": orgPath + "/duty?unit=" + casestest.Street, "org-import": orgPath + "/import",
		"firms": firmPath, "firm-new": firmPath + "/new"} {
		for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
			tab.Open(s.url + path)
			look(tab, size, name)
		}
	}
}

// TestImportOthers: a dispatcher takes in city assets and cases, and nothing of the
// organisation; an administrator the other way round.
func TestImportOthers(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		admin, centre := e.hire(e.Pack.District, "管理员", access.Admin), e.hire("", "王芳", access.Dispatcher)
		path := orgPath + "/import"
		p := centre.page(path)
		p.contains(t, "城市部件", "工单（信件、来电记录）", "标识码", "内容")
		if strings.Contains(p.Body, `value="terms"`) || strings.Contains(admin.page(path).Body, `value="assets"`) {
			t.Error("somebody is offered what is not theirs")
		}
		good := "内容,时间,姓名,电话\n楼道灯不亮,2022-11-01,王小五,13804390001\n"
		if a := centre.sendFile(path, "b.csv", "岗位,姓名,开始\n", "what", posts.FileTerms); a.Code != http.StatusForbidden {
			t.Errorf("a dispatcher brings terms: %d", a.Code)
		}
		if a := admin.sendFile(path, "c.csv", good, "what", "cases"); a.Code != http.StatusForbidden {
			t.Errorf("an administrator brings cases: %d", a.Code)
		}
		bad := centre.sendFile(path, "c.csv", good+",2022-11-02,,\n井盖坏了,昨天,,\n", "what", "cases", "_step", "load")
		if bad.Code != 422 {
			t.Fatalf("%d", bad.Code)
		}
		bad.contains(t, "没有诉求内容", "昨天", "3 行里有 2 行")
		if list := centre.page("/desk/search?q=" + url.QueryEscape("楼道灯")); strings.Contains(list.text(), "楼道灯不亮") {
			t.Fatal("half imported")
		}
		centre.sendFile(path, "c.csv", good, "what", "cases", "_step", "try").contains(t, "会导入 1 行")
		centre.sendFile(path, "c.csv", good, "what", "cases", "_step", "load").contains(t, "已导入 1 行")
		centre.sendFile(path, "c.csv", good, "what", "cases", "_step", "load").contains(t, "已导入 0 行，1 行原来就有")
		if a := centre.sendFile(path, "c.csv", "姓名\n王\n", "what", "cases"); a.Code != 422 || !strings.Contains(a.text(), "没有“内容”这一列") {
			t.Errorf("%d %s", a.Code, a.text())
		}

		g := e.Pack.Directory.Grids(casestest.Street)[0]
		row := fmt.Sprintf("22060501037000001,%f,%f\n", g.Center[0], g.Center[1])
		wrong := centre.sendFile(path, "a.csv", "标识码,经度,纬度\n"+row+"22060501037000002,42.0,126.5\n", "what", "assets", "_step", "load")
		if wrong.Code != 422 || !strings.Contains(wrong.text(), "好像填反了") {
			t.Errorf("%d %s", wrong.Code, wrong.text())
		}
		centre.sendFile(path, "a.csv", "标识码,经度,纬度\n"+row, "what", "assets", "_step", "load").contains(t, "已导入 1 行")
		centre.sendFile(path, "a.csv", "标识码,经度,纬度\n"+row, "what", "assets", "_step", "load").contains(t, "1 行原来就有")
	})
}
