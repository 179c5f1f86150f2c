package desk

import (
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/web/uitest"
)

// TestMenuInABrowser: what the top bar has no room for is behind a button, for mouse,
// keyboard and phone; the bar never runs under its neighbours.
func TestMenuInABrowser(t *testing.T) {
	s := serve(t)
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, s.hire("supervision", "老郑", access.Supervisor), "/desk")
	tab.Click("details.all summary")
	tab.Wait(`document.querySelector("details.all[open] nav a").offsetParent !== undefined`)
	tab.Axe()
	tab.Shot("menu")
	tab.Press("Escape")
	tab.Wait(`!document.querySelector("details.all[open]") && document.activeElement.tagName === "SUMMARY"`)
	if over := uitest.Get[bool](tab, `document.querySelector(".nav > nav").getBoundingClientRect().right > document.querySelector("details.all").getBoundingClientRect().left + 1`); over {
		t.Error("the bar runs under the button of its menu")
	}
	tab.Click("details.all summary")
	tab.Click(`details.all nav a[href="` + forecastPath + `"]`)
	tab.WaitText("h1", "网格预报")
	tab.Resize(uitest.Phone)
	tab.Open(s.url + "/desk?lang=en")
	tab.Click("details.all summary")
	tab.Axe()
	tab.Shot("menu-phone")
	tab.Click(`details.all nav a.pri[href="/desk/orders"]`)
	tab.WaitText("h1", "Supervision")
}
