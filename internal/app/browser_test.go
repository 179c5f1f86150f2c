package app_test

import (
	"fmt"
	"strings"
	"testing"

	"weixiao/internal/web/uitest"
)

// lived takes some cases a way each, so that pages have something to show.
func (s *server) lived(t *testing.T) {
	t.Helper()
	centre, street, back := s.token(t, "dispatcher"), s.token(t, "street"), s.token(t, "callback")
	unit := ""
	for _, d := range s.DevAccounts() {
		if d.Login == "street" {
			unit = d.Unit
		}
	}
	for i, words := range []string{"小区路灯坏了三天，晚上看不清路", "暖气不热，室温只有十四度", "楼道堆满杂物，消防通道走不通", "门前积雪结冰，老人摔倒了", "垃圾箱满了没人清", "半夜工地施工太吵"} {
		made := s.must(t, "POST", "/api/v1/reports", "", m{"description": words, "place": m{"street": unit}})
		number := fmt.Sprint(made["number"])
		act := func(token, action string, body m) {
			s.must(t, "POST", "/api/v1/cases/"+number+"/acts/"+action, token, body)
		}
		if i == 5 {
			continue
		}
		act(centre, "dispatch", m{"unit": unit})
		if i == 4 {
			continue
		}
		act(street, "sign", m{})
		act(street, "contact", m{"how": "phone"})
		if i >= 2 {
			continue
		}
		act(street, "reply", m{"result": "solved", "reply": "已经修好，请您看一看。"})
		act(back, "call_back", m{"reached": true, "contacted": true, "solved": "solved", "satisfied": "satisfied"})
	}
	if err := s.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestCommandCentre opens the wall and clicks from a rate down to a case.
func TestCommandCentre(t *testing.T) {
	s := start(t, "sqlite")
	s.lived(t)
	tab := uitest.New(t, uitest.Wall)
	tab.Open(s.url + "/desk/sign-in?lang=zh-CN")
	tab.Fill("#login", "leader")
	tab.Fill("#password", "weixiao-dev")
	tab.Press("Enter")
	tab.Wait(`!location.pathname.includes("sign-in")`)
	tab.Open(s.url + "/command")
	tab.WaitText("body", "孙家堡子")
	tab.Axe()
	tab.Shot("command-wall")
	text := tab.Text("body")
	for _, want := range []string{"今日受理", "解决率", "100.0"} {
		if !strings.Contains(text, want) {
			t.Errorf("the wall does not show %q", want)
		}
	}
	// no label of the map lies over another one, in either language
	for _, lang := range []string{"en", "zh-CN"} {
		for _, size := range []uitest.Size{uitest.Wall, {W: 1366, H: 768, Scale: 1}} {
			tab.Resize(size)
			tab.Open(s.url + "/command?lang=" + lang)
			if over := uitest.Get[string](tab, `(() => {
				const all = Array.from(document.querySelectorAll(".areas .nm text")).map(e => [e.textContent, e.getBBox()]);
				if (all.length < 10) return "only " + all.length + " labels";
				for (const [a, p] of all) for (const [b, q] of all)
					if (p !== q && p.x < q.x + q.width - 1 && q.x < p.x + p.width - 1 && p.y + p.height * .25 < q.y + q.height * .8 && q.y + q.height * .25 < p.y + p.height * .8) return a + " over " + b;
				return "";
			})()`); over != "" {
				t.Errorf("%s, %d px: %s", lang, size.W, over)
			}
			tab.Shot(fmt.Sprintf("command-%s-%d", lang, size.W))
		}
	}
	tab.Resize(uitest.Wall)
	tab.Open(s.url + "/command/figures")
	tab.Axe()
	tab.Shot("figures")
	tab.Click("table.tb tbody a")
	tab.Wait(`location.pathname !== "/command/figures" && document.readyState === "complete"`)
	tab.Axe()
	tab.Click(`a[href$="/solved"]`)
	tab.WaitText("body", "JY20")
	tab.Axe()
	tab.Shot("figures-behind")
	tab.Click("table.tb tbody a")
	tab.Wait(`location.pathname.startsWith("/desk/cases/JY")`)
	tab.Axe()
}

// TestOfficePages looks at what a unit was told and at what is stuck.
func TestOfficePages(t *testing.T) {
	s := start(t, "sqlite")
	s.lived(t)
	for login, path := range map[string]string{"street": "/desk/notices", "admin": "/desk/admin/messages"} {
		tab := uitest.New(t, uitest.Desk)
		tab.Open(s.url + "/desk/sign-in?lang=zh-CN")
		tab.Fill("#login", login)
		tab.Fill("#password", "weixiao-dev")
		tab.Press("Enter")
		tab.Wait(`!location.pathname.includes("sign-in")`)
		tab.Open(s.url + path)
		tab.Axe()
		tab.Shot("office-" + login)
		if text := tab.Text("body"); login == "street" && !strings.Contains(text, "请签收") {
			t.Errorf("the street was told nothing: %s", text)
		}
	}
	tab := uitest.New(t, uitest.Phone)
	tab.Open(s.url + "/desk/first?lang=zh-CN")
	tab.Axe()
	tab.Click(`button[type="submit"]`)
	tab.Wait(`document.querySelector("[aria-invalid]")`)
	tab.Axe()
}
