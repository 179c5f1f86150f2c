package desk

import (
	"net/http"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/web/uitest"
)

const lixin = "220605003202" // 正岔街道立新村

// TestVillagePages raises, finishes and passes a work and checks the quarter, by the pages.
func TestVillagePages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hand, lead, far := e.hire(casestest.OtherStreet, "孙承办", access.Street), e.hire(casestest.OtherStreet, "刘主任", access.StreetLead), e.hire(casestest.Street, "别处", access.StreetLead)
		hand.page(villagesPath).contains(t, "立新村", "待整改")
		a := e.filled(hand, villagesPath+"/raise", "village", lixin, "item", "walls", "what", "主街墙面斑驳")
		a.contains(t, "粉刷墙面", "主街墙面斑驳", "美化")
		list, err := e.site.Villages.Village(t.Context(), hand.scope(), lixin, "", 0, 10)
		if err != nil || len(list.Works) != 1 {
			t.Fatal(err)
		}
		at := villagesPath + "/works/" + list.Works[0].ID
		if x := far.get(at); x.Code != http.StatusNotFound {
			t.Errorf("another street: %d", x.Code)
		}
		e.filled(hand, at+"/do/finish", "done", "已粉刷").contains(t, "待查看")
		if x := hand.get(at + "/do/pass"); x.Code != http.StatusForbidden {
			t.Errorf("who did it looks at it: %d", x.Code)
		}
		e.filled(lead, at+"/do/pass").contains(t, "已达标")
		v := hand.page(villagesPath + "/check").form(villagesPath + "/check")
		v.Set("village", lixin)
		v.Set("summary", "缺路灯")
		v.Set("unmet", "lamps")
		if x := hand.post(villagesPath+"/check", v); x.Code != http.StatusConflict || !strings.Contains(x.text(), "请由别人检查") {
			t.Errorf("who did the work checks: %d", x.Code)
		}
		lead.see(villagesPath+"/check", v).contains(t, "安装路灯", "达标 90%")
	})
}

// TestVillagesInBrowser looks at the pages with axe, wide and narrow.
func TestVillagesInBrowser(t *testing.T) {
	s := serve(t)
	hand := s.hire(casestest.OtherStreet, "孙承办", access.Street)
	s.filled(hand, villagesPath+"/raise", "village", lixin, "item", "lamps", "what", "缺路灯")
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, hand, villagesPath)
	for name, path := range map[string]string{"villages": "", "village": "/" + lixin, "village-raise": "/raise", "village-check": "/check"} {
		for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
			tab.Open(s.url + villagesPath + path)
			look(tab, size, name)
		}
	}
}
