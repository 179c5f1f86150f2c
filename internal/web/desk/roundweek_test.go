package desk

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/web/uitest"
)

// TestWeekAtTheDesk: on Friday the secretary looks at the week of her grids and says something; the street reads it, a
// grid worker has nothing to look at, and no line has a figure.
func TestWeekAtTheDesk(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		const community = "220605001001"
		e.morning()
		e.Pass(48 * time.Hour)
		boss, lead, worker := e.hire(community, "王书记", access.Community), e.hire(casestest.Street, "刘主任", access.StreetLead), e.hire(community, "赵网格", access.Grid)
		grid := e.Pack.Directory.Grids(community)[0]
		href := roundsPath + "/review/2022-11-21/" + grid.ID
		page := boss.page(roundsPath + "/review")
		page.contains(t, "本周已看", grid.Name, "不看谁去了几次")
		if !strings.Contains(page.Body, href) {
			t.Error("the secretary cannot look")
		}
		if a := worker.page(roundsPath + "/review"); strings.Contains(a.Body, href) {
			t.Error("the worker may look at herself")
		}
		if a := worker.get(href); a.Code != http.StatusForbidden {
			t.Errorf("the worker: %d", a.Code)
		}
		e.filled(boss, href, "words", "路灯的事盯到了底").contains(t, "路灯的事盯到了底", "社区（村）书记", "看过")
		if a := boss.get(href); a.Code != http.StatusForbidden {
			t.Errorf("twice: %d", a.Code)
		}
		page = lead.page(roundsPath + "/review?day=2022-11-25")
		page.contains(t, "路灯的事盯到了底")
		if !strings.Contains(page.Body, roundsPath+"/review/2022-11-21/"+e.Pack.Directory.Grids(community)[1].ID) || strings.Contains(page.Body, href+`"`) {
			t.Error("the street may look at the others, and not at the one that was looked at")
		}
		if a := lead.get(roundsPath + "/review/2022-11-14/" + grid.ID); a.Code != http.StatusNotFound {
			t.Errorf("a week without turns: %d", a.Code)
		}
	})
}

func TestWeekLooks(t *testing.T) {
	s := serve(t)
	s.morning()
	s.Pass(48 * time.Hour)
	boss := s.hire("220605001001", "王书记", access.Community)
	for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
		tab := uitest.New(t, size)
		s.enter(tab, boss, roundsPath+"/review")
		tab.Wait(`document.querySelector("#looked a")`)
		look(tab, size, "rounds-week")
		tab.Open(s.url + uitest.Get[string](tab, `document.querySelector("#looked a").getAttribute("href")`))
		tab.Wait(`document.querySelector("textarea")`)
		look(tab, size, "rounds-week-do")
	}
}
