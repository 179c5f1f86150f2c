package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/web"
	"weixiao/internal/web/uitest"
	"weixiao/internal/words"
)

// wish asks for an exception on its page and gives the page of it.
func (s *staff) wish(routine, reason string) string {
	s.e.t.Helper()
	v := s.page(exceptionPath + "/new").form(exceptionPath + "/new")
	v.Set("rule", "check_in")
	v.Set("subject", "routine."+routine)
	v.Set("scene", "emergency")
	v.Set("until", s.e.Clock().AddDate(0, 0, 3).Format(time.DateOnly))
	v.Set("reason", reason)
	a := s.post(exceptionPath+"/new", v)
	if a.Code != http.StatusSeeOther {
		s.e.t.Fatalf("%d %s", a.Code, a.text())
	}
	page, _, _ := strings.Cut(a.Header.Get("Location"), "?")
	return page
}

// myTurn is the page of the one turn somebody has today.
func (s *staff) myTurn() string {
	s.e.t.Helper()
	list, err := s.e.site.Rounds.Turns(context.Background(), s.scope(), rounds.TurnsFilter{Day: s.e.Clock().Format(time.DateOnly), Mine: true})
	if err != nil || len(list) != 1 {
		s.e.t.Fatal(len(list), err)
	}
	return roundsPath + "/turns/" + list[0].ID()
}

// TestExceptionByPages: the asker cannot approve, a leader can; those it touches read reason, approver and end where they work; the
// button is there while it lasts and nobody has it otherwise.
func TestExceptionByPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		lead, boss, grid := e.hire(casestest.Street, "李街长", access.StreetLead), e.hire("leaders", "赵区长", access.Leader), e.hire(community, "王网格", access.Grid)
		e.morning()
		turn := grid.myTurn()
		gone := func(when string) {
			t.Helper()
			if a := grid.page(turn); slices.Contains(a.actions(), "present") || strings.Contains(a.text(), "我到了") {
				t.Errorf("%s: the page has the button", when)
			}
			if a := grid.get(turn + "/do/present"); a.Code != http.StatusForbidden {
				t.Errorf("%s: the form: %d", when, a.Code)
			}
			if a := grid.post(turn+"/do/present", url.Values{"_version": {"1"}}); a.Code != http.StatusConflict {
				t.Errorf("%s: done: %d", when, a.Code)
			}
		}
		gone("without an exception")
		page := lead.wish("daily_five", "洪水预警期间要知道谁在堤上")
		if a := lead.page(page); !slices.Equal(a.actions(), []string{"withdraw"}) {
			t.Errorf("the asker may %v", a.actions())
		}
		if a := lead.post(page+"/do/approve", url.Values{"_version": {"1"}}); a.Code != http.StatusForbidden {
			t.Errorf("the asker approves: %d", a.Code)
		}
		gone("while it waits")
		if a := boss.page(page); !slices.Equal(a.actions(), []string{"approve", "refuse", "withdraw"}) {
			t.Errorf("a leader may %v", a.actions())
		}
		boss.see(page+"/do/approve", boss.page(page+"/do/approve").form(page+"/do/approve")).contains(t, "生效中", "赵区长", "李街长")
		for _, path := range []string{roundsPath, "/desk/me"} {
			grid.page(path).contains(t, "与您有关的例外", "洪水预警期间要知道谁在堤上", "赵区长", "11月26日")
		}
		if a := grid.page(turn); !slices.Contains(a.actions(), "present") {
			t.Errorf("the holder may %v", a.actions())
		}
		form := grid.page(turn + "/do/present").form(turn + "/do/present")
		for name := range form {
			if !strings.HasPrefix(name, "_") {
				t.Errorf("the form asks for %s", name)
			}
		}
		grid.see(turn+"/do/present", form).contains(t, "说了一声到了")
		gone("said once")
		e.Pass(4 * 24 * time.Hour)
		if list, err := e.site.Exceptions(t.Context(), grid.scope(), words.ZH); err != nil || len(list) != 0 {
			t.Errorf("after its end: %+v %v", list, err)
		}
		e.hire("", "督办", access.Supervisor).page(page).contains(t, "已到期")
	})
}

// TestWhoLooks: the list is for those who watch over it, and asking for what never has an exception is answered in a sentence.
func TestWhoLooks(t *testing.T) {
	e := one(t)
	for role, code := range map[string]int{access.Admin: 200, access.Supervisor: 200, access.Auditor: 200, access.Leader: 200, access.Grid: 403, access.Street: 403, access.Operator: 403, access.Security: 403} {
		unit := ""
		if role == access.Grid || role == access.Street {
			unit = casestest.Street
		}
		if a := e.hire(unit, "某", role).get(formalismPath); a.Code != code {
			t.Errorf("%s: %d", role, a.Code)
		}
	}
	office := e.hire("", "督办", access.Supervisor)
	office.page(formalismPath).contains(t, "每日“五个一”", "需要说明", "已有说明")
	office.page(formalismPath+"?kind=routine").contains(t, "每日晨检", "没有打卡和指标")
	only := office.page(formalismPath + "?verdict=fine&rule=check_in")
	only.contains(t, "我到了", "只有例外生效期间才出现")
	only.lacks(t, "whistle_report_in")
	office.lang = "en"
	office.page(formalismPath+"?verdict=explained&kind=figure").contains(t, "Forced check-in", "Units that were called")
	office.lang = "zh-CN"
	v := office.page(exceptionPath + "/new").form(exceptionPath + "/new")
	for k, s := range map[string]string{"rule": "ranking", "subject": "routine.morning", "scene": "safety", "reason": "年底评优"} {
		v.Set(k, s)
	}
	if a := office.post(exceptionPath+"/new", v); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "任何理由都不能开通") || !strings.Contains(a.Body, "年底评优") {
		t.Errorf("%d %s", a.Code, a.text())
	}
}

// TestComplaintsAreListed: what people say about the app stands on the page with what became of it.
func TestComplaintsAreListed(t *testing.T) {
	e := one(t)
	e.site.Remarks = func(context.Context, access.Scope, words.Lang, int) ([]web.Remark, error) {
		return []web.Remark{{About: "要填两遍", Who: "未留名", Chip: "new", State: "待答复", At: e.Clock(), Href: "/desk/app-remarks/x"}}, nil
	}
	e.hire("", "督办", access.Supervisor).page(formalismPath).contains(t, "要填两遍", "待答复")
	e.hire("", "管理员", access.Admin).page(formalismPath).lacks(t, "要填两遍")
}

func TestFormalismInABrowser(t *testing.T) {
	s := serve(t)
	lead, office, grid := s.hire(casestest.Street, "李街长", access.StreetLead), s.hire("", "督办", access.Supervisor), s.hire(community, "王网格", access.Grid)
	s.morning()
	page := lead.wish("daily_five", "洪水预警期间要知道谁在堤上")
	office.see(page+"/do/approve", office.page(page+"/do/approve").form(page+"/do/approve"))
	lead.wish("morning", "路面塌陷抢险，要知道谁在围挡边")
	turn := grid.myTurn()
	both := func(who *staff, pages map[string]string) {
		tab := uitest.New(t, uitest.Desk)
		s.enter(tab, who, "/desk/me")
		for name, path := range pages {
			for suffix, size := range map[string]uitest.Size{"": uitest.Desk, "-phone": uitest.Phone} {
				tab.Resize(size)
				tab.Open(s.url + path)
				look(tab, size, name+suffix)
			}
		}
	}
	both(office, map[string]string{"formalism": formalismPath, "formalism-explained": formalismPath + "?verdict=explained&lang=en", "exceptions": exceptionPath + "?lang=zh-CN", "exception": page, "exception-refuse": page + "/do/withdraw"})
	both(lead, map[string]string{"exception-ask": exceptionPath + "/new"})
	both(grid, map[string]string{"exception-me": "/desk/me", "exception-rounds": roundsPath, "exception-turn": turn, "exception-present": turn + "/do/present"})
	if got := formalism.Watching(); len(got) != 4 {
		t.Error(got)
	}
}
