package desk

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/web/uitest"
	"weixiao/internal/worktime"
)

// notice2027 is a made-up notice as it is pasted: January 4 is off on top of the
// law's days.
const notice2027 = `{"year": 2027, "days": [
	{"name": "元旦", "date": "2027-01-01", "isOffDay": true}, {"name": "元旦", "date": "2027-01-04", "isOffDay": true},
	{"name": "元旦", "date": "2027-01-09", "isOffDay": false},
	{"name": "劳动节", "date": "2027-05-01", "isOffDay": true}, {"name": "国庆节", "date": "2027-10-01", "isOffDay": true}]}`

// TestCalendarPage: an administrator tries a notice, loads it, and sees what it
// moved; officers see the old and the new deadline.
func TestCalendarPage(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.Pass(time.Date(2026, 12, 31, 15, 30, 0, 0, worktime.Zone).Sub(e.Clock()))
		number := e.sent(casestest.Street, "锦绣花园路灯不亮")
		admin, hand := e.hire("220605", "系统管理员", access.Admin), e.hire(casestest.Street, "孙浩", access.Street)
		if a := hand.get("/desk/admin/calendar"); a.Code != http.StatusForbidden {
			t.Errorf("an officer opens the calendars: %d", a.Code)
		}
		admin.page("/desk/admin/people").contains(t, "日历和时限")
		p := admin.page("/desk/admin/calendar?year=2027")
		p.contains(t, "机关作息", "全天候", "2027 年的放假通知还没有载入", "休?")
		const to = "/desk/admin/calendar/notice"
		send := func(notice, step, reason string, more ...string) *answer {
			t.Helper()
			v := url.Values{"notice": {notice}, "reason": {reason}, "_step": {step}}
			for _, m := range more {
				v.Set(m, "true")
			}
			return admin.post(to, v)
		}
		for notice, says := range map[string]string{
			"2027":                       "不是 JSON",
			"":                           "",
			"{}":                         "没有写年份",
			`{"year": 2027, "days": []}`: "没有日期",
			strings.Replace(notice2027, "2027-01-04", "2028-01-04", 1):                                           "请核对年份",
			strings.Replace(strings.ReplaceAll(notice2027, "2027-", "2026-"), `"year": 2027`, `"year": 2026`, 1): "内容不同",
		} {
			a := send(notice, "load", "国务院办公厅通知")
			if a.Code != http.StatusUnprocessableEntity {
				t.Errorf("%q: %d", notice, a.Code)
			}
			a.contains(t, says)
		}
		send(notice2027, "load", "").contains(t, "理由")
		if a := send(strings.Repeat(" ", 3<<20), "load", "x"); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("a huge file: %d", a.Code)
		}

		tried := send(notice2027, "check", "国务院办公厅通知")
		tried.contains(t, "1 件工单和哨单的 3 个期限会变")
		if got := tried.form(to).Get("notice"); strings.TrimSpace(got) != notice2027 {
			t.Errorf("the notice that was pasted is now %q", got)
		}
		before := e.load(number)
		if v := e.Cases.District().Calendar.Now().Seq(); v != 0 {
			t.Error("a dry run changed the calendar")
		}
		if a := send(notice2027, "load", "国务院办公厅通知"); a.Code != http.StatusSeeOther {
			t.Fatalf("%d\n%s", a.Code, a.text())
		}
		r := e.Cases.NewRecounter(slog.New(slog.DiscardHandler))
		for more := true; more; {
			var err error
			if more, err = r.Step(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		if k := e.load(number); k.Clocks[cases.ClockReply].Due == before.Clocks[cases.ClockReply].Due {
			t.Error("the deadline did not move")
		}
		page := admin.page("/desk/admin/calendar?year=2027&done=calendar")
		page.contains(t, "正在重新计算", "载入放假通知", "系统管理员", "班", "3 个期限有变")
		page.lacks(t, "还没有载入：")
		send(notice2027, "check", "x").contains(t, "已经是这样了")

		log := hand.page("/desk/cases/" + number)
		log.contains(t, "重新计算了时限", "→")
		hand.page("/desk/cases/"+number+"/clocks/reply").contains(t, "以前的截止时间", "机关作息", e.Cases.District().Calendar.Now().Main().Version())
		hand.lang = "en"
		hand.page("/desk/cases/"+number+"/clocks/reply").contains(t, "Deadlines before", "Government offices")

		local := url.Values{"calendar": {""}, "date": {"2027-03-08"}, "until": {"2027-03-09"}, "day": {"off"}, "name": {""}, "reason": {"区政府决定"}, "_step": {"load"}}
		if a := admin.post("/desk/admin/calendar/local", local); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "叫什么") {
			t.Errorf("a day without a name: %d", a.Code)
		}
		local.Set("name", "开江节")
		if a := admin.post("/desk/admin/calendar/local", local); a.Code != http.StatusSeeOther {
			t.Errorf("local days: %d\n%s", a.Code, a.text())
		}
		local.Set("until", "2027-03-01")
		if a := admin.post("/desk/admin/calendar/local", local); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("until before from: %d", a.Code)
		}
		if d := e.Cases.District().Calendar.Now().Main().DayOf(time.Date(2027, 3, 9, 12, 0, 0, 0, worktime.Zone)); d.Working || d.Name != "开江节" {
			t.Errorf("%+v", d)
		}
	})
}

// TestCalendarInABrowser looks at the page with axe.
func TestCalendarInABrowser(t *testing.T) {
	s := serve(t)
	s.Pass(time.Date(2026, 11, 23, 10, 0, 0, 0, worktime.Zone).Sub(s.Clock()))
	admin := s.hire("220605", "系统管理员", access.Admin)
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, admin, "/desk/admin/calendar")
	look(tab, tallDesk, "calendar")
	tab.Open(s.url + "/desk/admin/calendar?year=2027&lang=en")
	look(tab, tallDesk, "calendar-en")
}
