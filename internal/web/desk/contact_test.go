package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/posts"
	"weixiao/internal/vault"
	"weixiao/internal/web/uitest"
)

// TestContactReveal: the private number of a building chief, and the contact of a firm, is
// shown once with a reason and stands in the ledger; by role and by place not to
// everybody.
func TestContactReveal(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.seat(block+".resident,赵大娘,2022-01-01,13804397777,", block+".cadre,王干事,2022-01-01,13804398888,2022-01-02")
		street := e.hire(casestest.Street, "孙浩", access.Street)
		v := url.Values{"code": {"91350100M000100Y43"}, "name": {"江源建筑"}, "kinds": {"firm"}, "sector": {"construction"}, "unit": {casestest.Street}, "contact": {"王小五"}, "phone": {"19900001234"}}
		street.see(firmPath+"/new", v)
		term := e.Posts.Board().Terms(block + ".resident")[0].ID
		shown := e.Posts.Board().Terms(block + ".cadre")[0].ID
		for _, c := range []struct{ page, path, subject, plain string }{
			{postHref(block + ".resident"), orgPath + "/terms/" + term + "/reveal", posts.TermSubject(term), "13804397777"},
			{firmPath + "/91350100M000100Y43", firmPath + "/91350100M000100Y43/reveal", firms.Subject("91350100M000100Y43"), "19900001234"},
		} {
			page := street.page(c.page)
			page.contains(t, "看完整号码", c.plain[:3]+"****")
			page.lacks(t, c.plain)
			f := street.page(c.path).form(c.path)
			if a := street.post(c.path, f); a.Code != http.StatusUnprocessableEntity {
				t.Errorf("without a reason: %d", a.Code)
			}
			f.Set("reason", "contact")
			f.Set("note", "通知清雪")
			a := street.post(c.path, f)
			a.contains(t, c.plain, "只显示这一次")
			if again := street.post(c.path, f); again.Code != http.StatusConflict || strings.Contains(again.Body, c.plain) {
				t.Errorf("the same form again: %d", again.Code)
			}
			rows := e.ledger(c.subject)
			if len(rows) != 1 || rows[0].Kind != vault.KindReveal || rows[0].Account != street.id || rows[0].Unit != casestest.Street || rows[0].Note != "通知清雪" {
				t.Errorf("the ledger of %s: %+v", c.subject, rows)
			}
			auditor := e.hire(e.Pack.District, "审计", access.Auditor)
			auditor.page(c.page).contains(t, "谁看过号码")
			auditor.page("/desk/audit?case="+c.subject).contains(t, "孙浩", "通知清雪")
			for _, x := range []struct {
				unit, role string
				want       int
			}{{casestest.OtherStreet, access.Street, 403}, {"220605001001", access.Community, 200}, {"", access.Operator, 200}, {e.Pack.District, access.Admin, 403}, {e.Pack.District, access.Auditor, 403},
				{"220605001001", access.Grid, 403}, {"lamps", access.Department, 403}, {"", access.Leader, 403}} {
				want := x.want
				if x.role == access.Community && strings.HasPrefix(c.subject, "firm:") {
					want = 403 // the firm belongs to the street, not to the community
				}
				if a := e.hire(x.unit, "某人", x.role).get(c.path); a.Code != want {
					t.Errorf("%s of %s at %s: %d, want %d", x.role, x.unit, c.subject, a.Code, want)
				}
			}
		}
		// What everybody may see anyway needs no reason, and is not opened with one.
		if a := street.get(orgPath + "/terms/" + shown + "/reveal"); a.Code != http.StatusForbidden {
			t.Errorf("a number on the public board: %d", a.Code)
		}
		if strings.Contains(e.log.String(), "13804397777") {
			t.Error("the log has the number")
		}
	})
}

// TestContactLooks opens the form at both widths and asks axe.
func TestContactLooks(t *testing.T) {
	s := serve(t)
	s.seat(block + ".resident,赵大娘,2022-01-01,13804397777,")
	street := s.hire(casestest.Street, "孙浩", access.Street)
	term := s.Posts.Board().Terms(block + ".resident")[0].ID
	for _, size := range []uitest.Size{uitest.Desk, uitest.Phone} {
		tab := uitest.New(t, size)
		s.enter(tab, street, postHref(block+".resident"))
		look(tab, size, "contact-post")
		tab.Open(s.url + orgPath + "/terms/" + term + "/reveal")
		look(tab, size, "contact-reveal")
	}
}
