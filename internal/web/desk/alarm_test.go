package desk

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/web/uitest"
)

// ring lets the rows follow and rings what is due, as the job does.
func (e *env) ring() {
	e.t.Helper()
	log := slog.New(slog.DiscardHandler)
	if err := journal.NewRunner(e.DB, e.Pack.District, log, e.Cases.Alarming()).CatchUp(context.Background()); err != nil {
		e.t.Fatal(err)
	}
	if _, err := e.Cases.NewAlarms(log).Tick(context.Background()); err != nil {
		e.t.Fatal(err)
	}
}

// overdue makes a case of the street that went up to the superior.
func (e *env) overdue(words string) string {
	n := e.sent(casestest.Street, words)
	for range 30 {
		e.Pass(time.Hour)
		e.ring()
	}
	return n
}

// TestAlarmsOnPages: the officer sees when the next reminder comes and to whom, and
// what was reminded; the supervision office has the list of what went further.
func TestAlarmsOnPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		hand, super, lead := e.hire(casestest.Street, "孙浩", access.Street), e.hire("supervision", "老郑", access.Supervisor), e.hire(casestest.Street, "刘芳", access.StreetLead)
		super.page("/desk/escalated").contains(t, "没有升级到上级的工单")
		n := e.sent(casestest.Street, "路灯不亮")
		e.ring()
		hand.page("/desk/cases/"+n).contains(t, "下一次提醒", "今天 10:30", "承办人（孙家堡子街道 刘芳），签收期限 2022年11月23日 11:00")
		e.act(hand.scope(), n, "assign", form.Raw{"to_account": {hand.id}})
		hand.page("/desk/cases/"+n).contains(t, "承办人（孙家堡子街道 孙浩），签收期限")
		for range 30 {
			e.Pass(time.Hour)
			e.ring()
		}
		// Their sessions have ended meanwhile.
		hand, super, lead = e.hire(casestest.Street, "赵明", access.Street), e.hire("supervision", "小周", access.Supervisor), e.hire(casestest.Street, "吴强", access.StreetLead)
		hand.page("/desk/cases/"+n).contains(t, "系统 提醒", "承办人（孙家堡子街道 孙浩），签收期限", "系统 升级提醒", "单位负责人（孙家堡子街道 刘芳），签收期限", "上级（")
		hand.page("/desk/cases/"+n).contains(t, "系统中断后补发")
		super.page("/desk/escalated").contains(t, n, "已报上级", "孙家堡子街道")
		super.lang = "en"
		super.page("/desk/escalated").contains(t, "With the superior", "longest overdue first")
		for _, s := range []*staff{hand, lead} {
			if a := s.get("/desk/escalated"); a.Code != http.StatusForbidden {
				t.Errorf("%v reads what the district escalated: %d", s.roles, a.Code)
			}
		}
		if a := super.get("/desk/escalated?after=x.y.z"); a.Code != http.StatusOK || !strings.Contains(a.text(), n) {
			t.Errorf("an address that means nothing: %d", a.Code)
		}
	})
}

func TestAlarmsInABrowser(t *testing.T) {
	s := serve(t)
	first := s.overdue("锦绣花园 3 号楼东侧路灯不亮，老人夜间出行不便")
	s.overdue("湖滨路 9 号院自来水发黄，已经两天了")
	super := s.hire("supervision", "老郑", access.Supervisor)
	for name, size := range map[string]uitest.Size{"desk": uitest.Desk, "phone": uitest.Phone} {
		tab := uitest.New(t, size)
		s.enter(tab, super, "/desk/escalated")
		look(tab, size, "escalated-"+name)
		tab.Open(s.url + "/desk/cases/" + first)
		ready(tab)
		look(tab, size, "case-alarms-"+name)
	}
}
