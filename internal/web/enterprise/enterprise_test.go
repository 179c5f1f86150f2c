package enterprise_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/registers"
	"weixiao/internal/enterprise"
	"weixiao/internal/enterprise/policies"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web/desk"
	pages "weixiao/internal/web/enterprise"
	"weixiao/internal/web/uitest"
	"weixiao/internal/web/webtest"
)

func TestMain(m *testing.M) { uitest.Main(m, storetest.Cleanup) }

const (
	mine  = "91350100M000100Y43"
	other = "91330106673959654P"
)

type env struct {
	*webtest.Env
	firms    *enterprise.Enterprise
	policies *policies.Policies
}

func register(e *env) func(*webtest.Env, *access.Router) {
	return func(w *webtest.Env, rt *access.Router) {
		e.Env = w
		p := w.Pack
		e.firms = enterprise.New(w.DB, enterprise.Options{District: p.District, Records: w.Records, Firms: w.Firms, Registers: registers.Registers{Firms: w.Firms}, Directory: p.Directory, Vault: w.Vault,
			Gate: func() *access.Gate { return w.Gate }, Units: p.Policies.Units, Clock: w.Clock})
		e.policies = policies.New(w.DB, policies.Options{District: p.District, Records: w.Records, Directory: p.Directory, Vault: w.Vault, Units: p.Policies.Units, Reviewer: p.Policies.Reviewer, Clock: w.Clock,
			Facts: e.firms.Facts, Each: e.firms.Each, Name: func(tx *store.Tx, firm string) (string, bool, error) {
				x, err := w.Firms.GetIn(tx, firm)
				if err != nil {
					return "", false, err
				}
				return x.Name, x.State == firms.Active, nil
			}})
		e.firms.AddMatters(e.policies)
		d := desk.New(w.Site)
		d.Register(rt)
		d.Add((&pages.Pages{Site: w.Site, Firms: e.firms, Policies: e.policies}).Register(rt, d.Frame)...)
	}
}

// open has two firms in the register and the policies of the pack in force.
func open(t *testing.T, e *env) {
	t.Helper()
	sys := e.System()
	for code, name := range map[string]string{mine: "江源区松泉食品有限公司", other: "江源区岭泉机械有限公司"} {
		if _, err := e.Firms.Enter(t.Context(), sys, form.Raw{"code": {code}, "name": {name}, "kinds": {"firm"}, "sector": {"manufacturing"}, "unit": {casestest.Street}, "address": {"江源街道1号"}}); err != nil {
			t.Fatal(err)
		}
	}
	at := e.Clock()
	in := func(kv ...string) record.Input {
		at = at.Add(time.Millisecond)
		return record.Input{Raw: record.Raw(kv...), At: at}
	}
	for _, p := range e.Pack.Policies.Policies {
		if _, err := e.policies.Adopt(t.Context(), p, policies.People{Author: e.Scope(p.Unit, access.Department), Reviewer: e.Scope("market", access.DeptLead), Signer: e.Scope("leaders", access.Leader)}, in); err != nil {
			t.Fatal(err)
		}
	}
	e.Pass(time.Minute)
}

func each(t *testing.T, fn func(t *testing.T, e *env)) {
	e := &env{}
	webtest.Each(t, webtest.Schemas(), register(e), func(t *testing.T, w *webtest.Env) { open(t, e); fn(t, e) })
}

func (e *env) clause(t *testing.T, title string) string {
	t.Helper()
	list, err := e.policies.Public(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		for _, c := range p.Clauses {
			if c.Title == title {
				return c.ID
			}
		}
	}
	t.Fatal("no clause " + title)
	return ""
}

// TestAFirmsWay: a firm states its profile, finds what it can get, files a claim; its street and the department do their
// parts; the payment is public. Another firm and the desk are closed to it.
func TestAFirmsWay(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		me, you := e.Hire(mine, "王经理", access.Firm), e.Hire(other, "李经理", access.Firm)
		street, hand, lead := e.Hire(casestest.Street, "孙承办", access.Street), e.Hire("industry", "陈科员", access.Department), e.Hire("industry", "吴局长", access.DeptLead)
		me.Page("/business").Contains(t, "江源区松泉食品有限公司", "现在没有正在办的事")
		f := me.Page("/business/profile").Form("/business/profile")
		f.Set("as_of", "2022-10-31")
		f.Set("equipment", "150")
		if a := me.Post("/business/profile", f); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("150 yuan for 150万: %d", a.Code)
		} else if a.Form("/business/profile").Get("equipment") != "150" {
			t.Error("what was typed is gone")
		}
		f.Set("equipment", "150万")
		f.Set("dishonest", "no")
		f.Set("staff", "30")
		f.Set("turnover", "1467万")
		f.Set("contact", "王小明")
		f.Set("phone", "13900001111")
		me.See("/business/profile", f).Contains(t, "待核对")
		finder := me.Page("/business/policies")
		finder.Contains(t, "技术改造补助", "可得", "12 万元", "还缺", "年出口额")
		clause := e.clause(t, "技术改造补助")
		file := me.Page("/business/policies/" + clause).Form("/business/policies/" + clause)
		file["papers"] = []string{"1", "2", "3"}
		file.Set("account_no", "6222000011112222")
		claim := me.See("/business/policies/"+clause, file)
		claim.Contains(t, "已申领", "12 万元")
		if again := me.Post("/business/policies/"+clause, file); again.Code != http.StatusSeeOther { // a second press of the button
			t.Errorf("the same form twice: %d", again.Code)
		}
		list, _, err := e.claims(t)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d claims, %v", len(list), err)
		}
		id := list[0].ID
		for _, path := range []string{"/business/claims/" + id, "/desk/policy-claims/r/" + id} {
			if a := you.Get(path); a.Code != http.StatusNotFound && a.Code != http.StatusForbidden {
				t.Errorf("another firm at %s: %d", path, a.Code)
			}
		}
		if a := you.Post("/business/claims/"+id+"/withdraw", url.Values{}); a.Code != http.StatusNotFound {
			t.Errorf("another firm withdraws it: %d", a.Code)
		}
		you.Page("/business").Lacks(t, "技术改造补助")
		// The desk: the street checks the profile, the department the claim, two people decide.
		profile := street.Page("/desk/firm-profiles/firm/" + mine)
		profile.Contains(t, "江源区松泉食品有限公司", "年营业收入", "1467 万元", "企业自己")
		profile.Lacks(t, "王小明", "13900001111")
		list2, _, err := e.firms.Profiles().List(t.Context(), street.Scope(), record.Filter{})
		if err != nil || len(list2) != 1 {
			t.Fatal(list2, err)
		}
		street.See("/desk/firm-profiles/r/"+list2[0].ID+"/do/check", url.Values{"basis": {"核对了报表"}})
		at := "/desk/policy-claims/r/" + id
		do := func(who *webtest.Staff, action string, v url.Values) *webtest.Answer {
			t.Helper()
			return who.See(at+"/do/"+action, v)
		}
		do(hand, "check", url.Values{"basis": {"属实"}})
		if got := hand.Page(at + "/do/propose").Form(at + "/do/propose").Get("amount"); got != "12万" {
			t.Errorf("the form proposes %q", got)
		}
		do(hand, "propose", url.Values{"verdict": {"grant"}, "amount": {"12万"}, "grounds": {"符合"}})
		if a := hand.Post(at+"/do/agree", url.Values{}); a.Code != http.StatusConflict || !strings.Contains(a.Text(), "两个人") {
			t.Errorf("one person decides alone: %d", a.Code)
		}
		me.Page("/business/claims/"+id).Lacks(t, "12万", "提出意见")
		do(lead, "agree", url.Values{})
		if a := hand.Post(at+"/account", url.Values{"note": {""}}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("the bank account without a reason: %d", a.Code)
		}
		if a := hand.Post(at+"/account", url.Values{"note": {"付款"}}); a.Code != http.StatusOK || !strings.Contains(a.Text(), "6222000011112222") {
			t.Errorf("the bank account: %d", a.Code)
		}
		hand.Page(at).Lacks(t, "6222000011112222")
		do(hand, "pay", url.Values{"paid_on": {"2022-11-22"}, "voucher": {"示001"}})
		do(hand, "publish", url.Values{})
		public := e.anybody("/policies/" + clause)
		public.Contains(t, "江源区松泉食品有限公司", "12 万元", "388 万元")
		public.Lacks(t, "王小明", "6222", mine)
		e.anybody("/policies").Contains(t, "技术改造补助", "设备投入", "388 万元", "示例政策")
		street.Page("/desk/firm-profiles/firm/"+mine).Contains(t, "技术改造补助")
		if a := hand.Get("/desk/policy-claims/list.xlsx"); a.Code != http.StatusOK {
			t.Errorf("the sheet: %d", a.Code)
		}
	})
}

func (e *env) claims(t *testing.T) ([]*policies.Claim, int64, error) {
	_, _, book := e.policies.Book()
	return book.List(t.Context(), e.System(), record.Filter{})
}

// anybody is a page without an account.
func (e *env) anybody(path string) *webtest.Answer {
	e.T.Helper()
	return e.Anybody().Page(path)
}

// TestClosed: a firm's account is at home under /business and gets nowhere in the desk; staff get nowhere in a firm's home.
func TestClosed(t *testing.T) {
	e := &env{}
	webtest.One(t, webtest.Schemas(), register(e))
	open(t, e)
	me, street := e.Hire(mine, "王经理", access.Firm), e.Hire(casestest.Street, "孙承办", access.Street)
	for _, path := range []string{"/desk", "/desk/me"} {
		if a := me.Get(path); a.Code != http.StatusSeeOther || a.Header.Get("Location") != "/business" {
			t.Errorf("a firm at %s: %d %s", path, a.Code, a.Header.Get("Location"))
		}
	}
	for _, path := range []string{"/desk/firm-profiles", "/desk/firm-profiles/firm/" + mine, "/desk/firm-profiles/import", "/desk/policies", "/desk/policies/try", "/desk/policy-clauses", "/desk/policy-claims", "/desk/policy-claims/list.xlsx", "/desk/firm-profiles/list.xlsx", "/desk/cases", "/desk/firms"} {
		if a := me.Get(path); a.Code != http.StatusForbidden && a.Code != http.StatusNotFound {
			t.Errorf("a firm at %s: %d", path, a.Code)
		}
	}
	for _, path := range []string{"/business", "/business/profile", "/business/policies"} {
		if a := street.Get(path); a.Code != http.StatusForbidden {
			t.Errorf("staff at %s: %d", path, a.Code)
		}
	}
	if a := street.Get("/desk/policy-claims/new/file"); a.Code == http.StatusOK {
		t.Errorf("a claim is filed from the desk: %d", a.Code)
	}
}

// TestEditor: a policy is written, tried, reviewed and published by pages; a slip in a condition is explained.
func TestEditor(t *testing.T) {
	e := &env{}
	webtest.One(t, webtest.Schemas(), register(e))
	open(t, e)
	hand, market, leader := e.Hire("finance", "陈科员", access.Department), e.Hire("market", "审查员", access.DeptLead), e.Hire("leaders", "区领导", access.Leader)
	hand.See("/desk/policies/new/draft", url.Values{"name": {"稳企十条"}, "from": {"2022-11-01"}, "until": {"2023-12-31"}})
	docs, _, _ := e.policies.Book()
	list, _, err := docs.List(t.Context(), hand.Scope(), record.Filter{State: policies.Draft})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	v := url.Values{"policy": {list[0].ID}, "number": {"1"}, "title": {"用工补助"}, "words": {"每人三百元"}, "who": {"staff > 100 and staff < 50"}, "amount": {"staff * 300 * yuan"}, "cap": {"3万"}, "budget": {"30万"}, "unit": {"finance"}, "term": {"10 workday"}, "period": {"year"}}
	if a := hand.Post("/desk/policy-clauses/new/add", v); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "没有企业能同时满足") {
		t.Errorf("a condition that can never be true: %d", a.Code)
	}
	v.Set("who", "staff >= 5 and not dishonest")
	hand.See("/desk/policy-clauses/new/add", v).Contains(t, "从业人员数不少于 5", "未列入严重失信名单")
	if a := leader.Post("/desk/policies/r/"+list[0].ID+"/do/publish", url.Values{}); a.Code != http.StatusConflict {
		t.Errorf("published without a review: %d", a.Code)
	}
	market.See("/desk/policies/r/"+list[0].ID+"/do/review", url.Values{"result": {"allowed"}, "date": {"2022-11-22"}, "grounds": {"条件客观"}})
	leader.See("/desk/policies/r/"+list[0].ID+"/do/publish", url.Values{}).Contains(t, "已发布")
	e.anybody("/policies").Contains(t, "稳企十条")
	if _, err := e.firms.State(t.Context(), e.Hire(mine, "王经理", access.Firm).Scope(), mine, record.Input{Raw: record.Raw("as_of", "2022-10-31", "staff", "30")}); err != nil {
		t.Fatal(err)
	}
	hand.Page("/desk/policies/try?who="+url.QueryEscape("staff >= 5 and exports > 0")+"&amount="+url.QueryEscape("1 * wan")+"&code="+mine).Contains(t, "还不能判断", "还缺：年出口额")
	if a := hand.Get("/desk/policies/try?who=true&amount=1&code=" + mine[:17] + "4"); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "校验位") {
		t.Errorf("a wrong check character: %d", a.Code)
	}
}

// TestJoin: a firm makes its account with the code its street gave it.
func TestJoin(t *testing.T) {
	e := &env{}
	webtest.One(t, webtest.Schemas(), register(e))
	open(t, e)
	street := e.Hire(casestest.Street, "孙承办", access.Street)
	a := street.Post("/desk/firm-profiles/firm/"+mine+"/invite", url.Values{})
	_, rest, _ := strings.Cut(a.Text(), "请告诉企业：")
	if len(rest) < 23 || a.Code != http.StatusOK {
		t.Fatalf("%d %s", a.Code, a.Text())
	}
	v := url.Values{"firm": {mine}, "code": {"AAAAA-AAAAA-AAAAA-AAAAA"}, "login": {"songquan"}, "name": {"王小明"}, "password": {"kirsch-tannen-brot"}}
	guest := e.Anybody()
	if a := guest.Post("/business/join", v); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "不对") {
		t.Errorf("a wrong code: %d", a.Code)
	}
	v.Set("code", rest[:23])
	if a := guest.Post("/business/join", v); a.Code != http.StatusSeeOther {
		t.Errorf("the code: %d %s", a.Code, a.Text())
	}
	if a := guest.Post("/business/join", v); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("the code again: %d", a.Code)
	}
}

// TestImport: the wizard asks about rows that may be a firm the register has.
func TestImport(t *testing.T) {
	e := &env{}
	webtest.One(t, webtest.Schemas(), register(e))
	open(t, e)
	street := e.Hire(casestest.Street, "孙承办", access.Street)
	const file = "统一社会信用代码,名称,类别,行业,地址\n91110108551385082Q,江源区松泉食品厂,企业,制造,江源街道1号\n"
	send := func(kv ...string) *webtest.Answer {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		part, _ := w.CreateFormFile("file", "firms.csv")
		_, _ = part.Write([]byte(file))
		for i := 0; i+1 < len(kv); i += 2 {
			_ = w.WriteField(kv[i], kv[i+1])
		}
		_ = w.Close()
		r := httptest.NewRequest(http.MethodPost, "/desk/firm-profiles/import", &b)
		r.Header.Set("Content-Type", w.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Accept", "text/html")
		return street.Do(r)
	}
	send("do", "yes").Contains(t, "第 2 行", "江源区松泉食品有限公司", "是同一家")
	if list, err := e.Firms.List(t.Context(), firms.Filter{}, 10); err != nil || len(list) != 2 {
		t.Errorf("taken in before it was decided: %d", len(list))
	}
	send("do", "yes", "row-2", "other").Contains(t, "已导入 1 家")
}

// TestInABrowser looks at the pages at both sizes with axe; signing in leads a firm home.
func TestInABrowser(t *testing.T) {
	e := &env{}
	webtest.One(t, webtest.Schemas(), register(e))
	open(t, e)
	me, hand := e.Hire(mine, "王经理", access.Firm), e.Hire("industry", "陈科员", access.Department)
	if _, err := e.firms.State(t.Context(), me.Scope(), mine, record.Input{Raw: record.Raw("as_of", "2022-10-31", "staff", "30", "turnover", "1467万", "equipment", "150万", "dishonest", "no")}); err != nil {
		t.Fatal(err)
	}
	clause := e.clause(t, "技术改造补助")
	x, err := e.policies.File(t.Context(), me.Scope(), clause, record.Input{Raw: record.Raw("papers", "1", "account_no", "6222000011112222")})
	if err != nil {
		t.Fatal(err)
	}
	base := e.Serve()
	tab := uitest.New(t, uitest.Phone)
	e.Enter(tab, base, me, "/desk")
	tab.Wait(`location.pathname === "/business"`)
	for _, size := range []uitest.Size{uitest.Phone, uitest.Desk} {
		for _, path := range []string{"/business", "/business/policies", "/business/profile", "/business/policies/" + e.clause(t, "研发投入补助"), "/business/claims/" + x.ID, "/business/join", "/policies", "/policies/" + clause} {
			tab.Open(base + path)
			webtest.Look(tab, size, fmt.Sprintf("business%s-%d", strings.ReplaceAll(strings.TrimSuffix(path, x.ID), "/", "-"), size.W))
		}
	}
	desk := uitest.New(t, uitest.Desk)
	e.Enter(desk, base, hand, "/desk/firm-profiles")
	profile, err := e.firms.Profile(t.Context(), hand.Scope(), mine)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := e.policies.Public(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
		for i, path := range []string{"/desk/firm-profiles", "/desk/firm-profiles/r/" + profile.X.ID, "/desk/firm-profiles/firm/" + mine, "/desk/firm-profiles/firm/" + mine + "/state", "/desk/firm-profiles/import", "/desk/policies", "/desk/policies/r/" + docs[0].Policy.ID,
			"/desk/policies/try?who=true&amount=1+*+wan&code=" + mine, "/desk/policy-clauses/r/" + clause, "/desk/policy-clauses/r/" + e.clause(t, "首次升规奖励") + "/candidates", "/desk/policy-claims", "/desk/policy-claims/r/" + x.ID, "/desk/policy-claims/r/" + x.ID + "/do/propose"} {
			desk.Open(base + path)
			webtest.Look(desk, size, fmt.Sprintf("firms-desk-%d-%d", i, size.W))
		}
	}
}
