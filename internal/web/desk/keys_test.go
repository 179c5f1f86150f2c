package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/web/uitest"
)

// TestKeys: an administrator makes a key, which is shown once, and ends it; the auditor
// looks on, and nobody else comes in.
func TestKeys(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		admin, auditor, street := e.hire("220605", "管理员", access.Admin), e.hire("220605", "审计员", access.Auditor), e.hire("220605001", "孙浩", access.Street)
		if a := street.get(keysPath); a.Code != http.StatusForbidden {
			t.Errorf("a street opens the keys: %d", a.Code)
		}
		v := admin.page(keysPath).form(keysPath)
		v.Set("client", "Weather")
		v.Set("scopes", access.KeyWeather)
		admin.post(keysPath, v).contains(t, "小写字母、数字或连字符")
		v.Set("client", "weather-jl")
		old := v.Get("expires")
		v.Set("expires", "2022-11-01")
		admin.post(keysPath, v).contains(t, "三年以内")
		v.Set("expires", old)
		if a := auditor.post(keysPath, v); a.Code != http.StatusForbidden {
			t.Errorf("the auditor makes a key: %d", a.Code)
		}
		a := admin.post(keysPath, v)
		a.contains(t, "weather-jl 的密钥", "只显示这一次", "报送天气", "有效", "没有用过")
		_, key, _ := strings.Cut(a.Body, `value="`+access.KeyPrefix)
		key, _, _ = strings.Cut(access.KeyPrefix+key, `"`)
		if p, err := e.gate.CheckKey(t.Context(), key, access.KeyWeather); err != nil || p.Client != "weather-jl" {
			t.Fatalf("%q: %v", key, err)
		}
		again := auditor.page(keysPath)
		again.contains(t, "weather-jl")
		if strings.Contains(again.Body, key) || strings.Contains(again.Body, keysPath+"/weather-jl/disable") || strings.Contains(admin.page(keysPath).Body, key) {
			t.Error("the key is shown again, or the auditor may end it")
		}
		if a := admin.post(keysPath+"/weather-jl/disable", url.Values{}); a.Code != http.StatusSeeOther {
			t.Errorf("%d %s", a.Code, a.text())
		}
		admin.page(keysPath).contains(t, "已失效")
		if _, err := e.gate.CheckKey(t.Context(), key, ""); err == nil {
			t.Error("an ended key opens something")
		}
		if a := admin.post(keysPath+"/nobody/disable", url.Values{}); a.Code != http.StatusNotFound {
			t.Errorf("a key that is not there: %d", a.Code)
		}
	})
}

// TestKeysLook opens the page at both widths, with a key that was just made.
func TestKeysLook(t *testing.T) {
	s := serve(t)
	admin := s.hire("220605", "管理员", access.Admin)
	for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
		tab := uitest.New(t, size)
		s.enter(tab, admin, keysPath)
		tab.Fill("#key_issue-client", "gps-clean")
		tab.Eval(`document.querySelector("input[name=scopes][value=positions]").click()`)
		tab.Eval(`document.querySelector("#key_issue").requestSubmit()`)
		tab.WaitText("#key-new", "gps-clean")
		tab.Axe()
		tab.Overflow()
		tab.FullShot("keys")
	}
}
