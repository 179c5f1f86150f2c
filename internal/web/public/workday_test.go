package public_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/web/uitest"
)

// published is a day in four days with so many times.
func (e *env) published(t *testing.T, until string) string {
	t.Helper()
	host := e.Scope(community, access.Community)
	day, err := e.site.Workdays.Plan(t.Context(), host, form.Raw{"community": {community}, "from": {"2022-11-27T09:00"}, "until": {until}, "place": {"居委会一楼"},
		"leader": {"副区长（城建）"}, "units": {"housing", "civil"}, "themes": {"heating", "other"}, "seats": {"1"}, "slot": {"15"}})
	if err == nil {
		err = e.site.Workdays.Act(t.Context(), host, day, "publish", 1, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return day
}

// TestBookAWorkday books, opens the booking with number and code on another phone, changes the time and takes it back:
// all without scripts.
func TestBookAWorkday(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		day := "/workdays/" + e.published(t, "2022-11-27T09:30")
		p := e.person(t)
		if x := p.get("/workdays"); !strings.Contains(x.text(), "江南社区") || !strings.Contains(x.text(), "还有 2 个空位") {
			t.Errorf("coming days: %s", x.text())
		}
		x := p.get(day)
		if bad := p.send(x, "book", "about", "暖气不热"); bad.Status != 422 || !strings.Contains(bad.text(), "暖气不热") {
			t.Errorf("without a telephone: %d %s", bad.Status, bad.text())
		}
		got := p.follow(p.send(x, "book", "slot", "0", "theme", "heating", "about", "暖气不热", "phone", "19900001234", "name", "王五"))
		number, secret := got.byID("number"), got.byID("secret")
		if !workdays.IsNumber(number) || len(secret) != 10 {
			t.Fatalf("receipt %q %q: %s", number, secret, got.text())
		}
		if again := p.send(x, "book", "slot", "0", "theme", "heating", "about", "暖气不热", "phone", "19900001234", "name", "王五"); again.Status != http.StatusSeeOther || !strings.Contains(again.Header.Get("Location"), number) {
			t.Errorf("the button twice: %d %s", again.Status, again.Header.Get("Location"))
		}
		if twice := p.send(p.get(day), "book", "theme", "other", "about", "还有一件", "phone", "19900001234"); twice.Status != 422 || !strings.Contains(twice.text(), "已经约过") {
			t.Errorf("the same telephone twice: %d", twice.Status)
		}
		other := e.person(t)
		if x := other.get("/workdays/booked/" + number); x.Status != http.StatusSeeOther {
			t.Errorf("somebody else's booking without the code: %d", x.Status)
		}
		if x := other.send(other.get("/workdays/code"), "code", "number", number, "secret", "0000000000"); x.Status != 422 {
			t.Errorf("a wrong code: %d", x.Status)
		}
		mine := other.follow(other.send(other.get("/workdays/code"), "code", "number", strings.ToLower(number), "secret", secret))
		if strings.Contains(mine.text(), "19900001234") || strings.Contains(mine.text(), "王五") {
			t.Error("the page reads the person back")
		}
		if x := other.follow(other.send(mine, "rebook", "slot", "1")); !strings.Contains(x.text(), "09:15") {
			t.Errorf("another time: %s", x.text())
		}
		third := e.person(t)
		for i := range 2 {
			r := third.send(third.get(day), "book", "theme", "other", "about", "问低保", "phone", fmt.Sprintf("1990000999%d", i))
			if r.Status != http.StatusSeeOther {
				t.Fatalf("booking %d: %d %s", i, r.Status, r.text())
			}
			if y := third.follow(r); i == 1 && !strings.Contains(y.text(), "候补中") {
				t.Errorf("a full day: %s", y.text())
			}
		}
		if x := other.follow(other.post("/workdays/booked/"+number+"/withdraw", nil)); !strings.Contains(x.text(), "已取消") {
			t.Errorf("taken back: %s", x.text())
		}
		if x := other.post("/workdays/booked/"+number+"/settle", nil); x.Status == http.StatusSeeOther {
			t.Error("a resident settled the matter")
		}
		if strings.Contains(e.log.String(), "19900001234") || strings.Contains(e.log.String(), secret) {
			t.Error("the log names a person or a code")
		}
	})
}

// TestWorkdayPublicScreens looks at the pages in three modes on a phone.
func TestWorkdayPublicScreens(t *testing.T) {
	e := browserEnv(t)
	day := e.published(t, "2022-11-27T10:00")
	r, err := e.site.Workdays.Book(t.Context(), e.Public(), day, "book", form.Raw{"slot": {"1"}, "theme": {"heating"}, "about": {"暖气不热"}, "phone": {"19900001234"}}, store.Key{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.site.Workdays.Do(t.Context(), e.Scope("housing", access.Department), r.Number, "answer", 0, form.Raw{"answer": {"周五前检修换热站。"}}); err != nil {
		t.Fatal(err)
	}
	tab := uitest.New(t, uitest.Phone)
	look(t, tab, e.url+"/workdays", "workdays")
	look(t, tab, e.url+"/workdays/"+day, "workday")
	look(t, tab, e.url+"/workdays/code", "workday-code")
	tab.Open(e.url + "/workdays/b/" + r.Number + "/" + r.Secret)
	look(t, tab, e.url+"/workdays/booked/"+r.Number+"?new=1", "workday-booked")
}
