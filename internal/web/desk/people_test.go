package desk

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
)

// TestPeople: an administrator makes an account, changes it, shuts it out; every
// change is an act; the password is shown once.
func TestPeople(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		admin := e.hire("220605", "系统管理员", access.Admin)
		if a := admin.get("/desk"); a.Header.Get("Location") != "/desk/admin/people" {
			t.Errorf("/desk leads an administrator to %q", a.Header.Get("Location"))
		}
		f := admin.page("/desk/admin/people/new").form("/desk/admin/people/new")
		f["roles"] = []string{access.Street, access.StreetLead}
		for _, c := range []struct{ login, unit, says string }{{"", casestest.Street, "账号"}, {"zhao", "", "单位"}, {"has blank", casestest.Street, "只能用字母、数字、汉字"}} {
			f.Set("login", c.login)
			f.Set("name", "赵明")
			f.Set("unit", c.unit)
			a := admin.post("/desk/admin/people/new", f)
			if a.Code != http.StatusUnprocessableEntity {
				t.Fatalf("%+v: %d\n%s", c, a.Code, a.text())
			}
			a.contains(t, c.says)
			if got := a.form("/desk/admin/people/new").Get("name"); got != "赵明" {
				t.Errorf("the name that was typed is now %q", got)
			}
		}
		f.Set("login", "zhao")
		f.Set("unit", casestest.Street)
		f.Set("reason", "接替老赵")
		made := admin.post("/desk/admin/people/new", f)
		if made.Code != http.StatusOK {
			t.Fatalf("%d\n%s", made.Code, made.text())
		}
		made.contains(t, "一次性密码", "zhao")
		once := regexp.MustCompile(`[A-Z2-7]{4}(-[A-Z2-7]{4}){3}`).FindString(made.text())
		if once == "" {
			t.Fatalf("no password on the page:\n%s", made.text())
		}
		if a := admin.post("/desk/admin/people/new", f); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "已经有人用了") {
			t.Errorf("the same login again: %d\n%s", a.Code, a.text())
		}
		a := e.visitor().post("/desk/sign-in", url.Values{"login": {"zhao"}, "password": {once}})
		if !strings.HasPrefix(a.Header.Get("Location"), "/desk/password") {
			t.Errorf("the first sign-in leads to %q", a.Header.Get("Location"))
		}
		list := admin.page("/desk/admin/people?unit=" + casestest.Street + "&role=" + access.Street)
		list.contains(t, "赵明", "街镇承办人、街镇负责人", "待改密码")
		list.lacks(t, once)
		var id string
		for _, n := range list.all(func(n *htmlNode) bool {
			return strings.HasPrefix(attr(n, "href"), "/desk/admin/people/") && n.Data == "a" && n.Parent.Data == "th"
		}) {
			id = strings.TrimPrefix(attr(n, "href"), "/desk/admin/people/")
		}
		base := "/desk/admin/people/" + id
		do := func(action string, fill url.Values) *answer {
			t.Helper()
			f := admin.page(base + "/do/" + action).form(base + "/do/" + action)
			for k, v := range fill {
				f[k] = v
			}
			return admin.post(base+"/do/"+action, f)
		}
		if a := do("change", url.Values{"name": {"赵小明"}, "reason": {"名字写错了"}}); a.Code != http.StatusSeeOther {
			t.Fatalf("changing: %d\n%s", a.Code, a.text())
		}
		if a := do("roles", url.Values{"roles": {access.Street}}); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "为什么给或收回") {
			t.Errorf("roles without a reason: %d\n%s", a.Code, a.text())
		}
		if a := do("roles", url.Values{"roles": {access.Admin, access.Street}, "reason": {"x"}}); a.Code < 400 {
			t.Errorf("roles that exclude each other: %d", a.Code)
		}
		if a := do("roles", url.Values{"roles": {access.Street}, "reason": {"不再带队"}}); a.Code != http.StatusSeeOther {
			t.Fatalf("roles: %d\n%s", a.Code, a.text())
		}
		if a := do("password", nil); a.Code != http.StatusUnprocessableEntity || regexp.MustCompile(`[A-Z2-7]{4}(-[A-Z2-7]{4}){3}`).MatchString(a.text()) {
			t.Errorf("resetting without a reason: %d", a.Code)
		}
		reset := do("password", url.Values{"reason": {"忘记密码"}})
		if reset.Code != http.StatusOK || !regexp.MustCompile(`[A-Z2-7]{4}(-[A-Z2-7]{4}){3}`).MatchString(reset.text()) {
			t.Fatalf("resetting: %d", reset.Code)
		}
		if a := do("disable", url.Values{"reason": {""}}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("disabling without a reason: %d", a.Code)
		}
		// a form that is out of date says so
		old := admin.page(base + "/do/disable").form(base + "/do/disable")
		if a := do("change", url.Values{"name": {"赵大明"}, "reason": {"再改"}}); a.Code != http.StatusSeeOther {
			t.Fatal(a.Code)
		}
		old.Set("reason", "调离")
		if a := admin.post(base+"/do/disable", old); a.Code != http.StatusPreconditionFailed || !strings.Contains(a.text(), "调离") {
			t.Errorf("out of date: %d", a.Code)
		}
		if a := do("disable", url.Values{"reason": {"调离街道"}}); a.Code != http.StatusSeeOther {
			t.Fatalf("disabling: %d", a.Code)
		}
		page := admin.page(base)
		page.contains(t, "赵大明", "已停用", "调离街道", "系统管理员（江源区） 停用账号", "更换了密码", "修改了角色", "新建账号",
			"理由：接替老赵", "理由：名字写错了", "理由：不再带队", "理由：忘记密码", "理由：再改")
		if got := page.actions(); len(got) != 1 || got[0] != "enable" {
			t.Errorf("a disabled account offers %v", got)
		}
		if a := do("enable", url.Values{"reason": {"回来了"}}); a.Code != http.StatusSeeOther {
			t.Fatalf("enabling: %d", a.Code)
		}
		// the three administrators are kept apart, and nobody else gets in
		security := e.hire("220605", "安全管理员", access.Security)
		if got := admin.page("/desk/admin/people/" + security.id).actions(); len(got) != 0 {
			t.Errorf("the system administrator may %v the security administrator", got)
		}
		if a := security.get("/desk/admin/people/new"); a.Code != http.StatusForbidden {
			t.Errorf("the security administrator makes accounts: %d", a.Code)
		}
		for _, role := range []string{access.Operator, access.Supervisor, access.Leader} {
			if a := e.hire("", "某人", role).get("/desk/admin/people"); a.Code != http.StatusForbidden {
				t.Errorf("%s reads accounts: %d", role, a.Code)
			}
		}
		auditor := e.hire("220605", "审计员", access.Auditor)
		if got := auditor.page(base).actions(); len(got) != 0 {
			t.Errorf("the auditor may %v", got)
		}
		if a := auditor.post(base+"/do/disable", url.Values{"reason": {"x"}}); a.Code != http.StatusForbidden {
			t.Errorf("the auditor disables: %d", a.Code)
		}
		admin.page("/desk/admin/posts").contains(t, "空缺", "负责")
		admin.page("/desk/admin/posts?unit="+casestest.Street).contains(t, "孙家堡子街道")
		for _, path := range []string{"/desk/cases/JY20221123-AAAAA", "/desk/search?q=x", "/desk/whistles", "/desk/intake", "/desk/audit"} {
			if a := admin.get(path); a.Code != http.StatusForbidden {
				t.Errorf("an administrator opened %s: %d", path, a.Code)
			}
		}
	})
}

// TestAudit: the newest acts without words, and who saw a case.
func TestAudit(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		n := e.sent(casestest.Street, "路灯不亮")
		s := e.hire(casestest.Street, "孙浩", access.Street)
		s.page("/desk/cases/" + n)
		e.desk.ledger.flush(t.Context())
		auditor := e.hire("220605", "审计员", access.Auditor)
		a := auditor.page("/desk/audit")
		a.contains(t, n, "派单", "群众 登记诉求", "新建账号")
		a.lacks(t, "13804391234", "王丽娟")
		ledger := auditor.page("/desk/audit?case=" + strings.ToLower(n))
		ledger.contains(t, "孙浩", "孙家堡子街道", "看页面", "打码信息")
		auditor.page("/desk/audit?case=JY20221123-ZZZZZ").contains(t, "没有人看过")
		auditor.page("/desk?view=all").contains(t, "路灯不亮")
		if got := auditor.page("/desk/cases/" + n).actions(); len(got) != 0 {
			t.Errorf("the auditor may %v", got)
		}
	})
}
