package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
	"weixiao/internal/web/uitest"
)

const jiangnan = "220605001001"

// published is a day in four days with so many bookings.
func (e *env) published(booked int) (day string, numbers []string) {
	e.t.Helper()
	host := e.Scope(jiangnan, access.Community)
	day, err := e.site.Workdays.Plan(e.t.Context(), host, form.Raw{"community": {jiangnan}, "from": {"2022-11-27T09:00"}, "until": {"2022-11-27T11:00"}, "place": {"居委会一楼"},
		"leader": {"副区长（城建）"}, "units": {"housing", "civil"}, "themes": {"heating", "other"}})
	if err == nil {
		err = e.site.Workdays.Act(e.t.Context(), host, day, "publish", 1, nil)
	}
	for i := 0; i < booked && err == nil; i++ {
		var r workdays.Receipt
		r, err = e.site.Workdays.Book(e.t.Context(), e.Public(), day, "book", form.Raw{"slot": {fmt.Sprint(i)}, "theme": {"heating"}, "about": {"暖气不热，去年修过一次，还是不行"},
			"phone": {fmt.Sprintf("1990000%04d", i)}, "name": {"王小明"}}, store.Key{})
		numbers = append(numbers, r.Number)
	}
	if err != nil {
		e.t.Fatal(err)
	}
	return day, numbers
}

// TestWorkdayByPages goes from the plan to the follow-up by the pages, without scripts.
func TestWorkdayByPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		host, dept, other := e.hire(jiangnan, "张书记", access.Community), e.hire("housing", "小陈", access.Department), e.hire(casestest.OtherStreet, "外街", access.Street)
		v := host.page("/desk/workdays/new").form("/desk/workdays/new")
		v.Set("from", "2022-11-27T11:00")
		v.Set("until", "2022-11-27T09:00")
		v.Set("place", "居委会一楼")
		v["units"] = []string{"housing"}
		if a := host.post("/desk/workdays/new", v); a.Code != 422 || !strings.Contains(a.text(), "结束时间要晚于开始时间") {
			t.Errorf("back to front: %d %s", a.Code, a.text())
		}
		v.Set("from", "2022-11-27T08:00")
		a := host.see("/desk/workdays/new", v)
		a.contains(t, "拟定", "江南社区", "居委会一楼", "区住建局")
		days, err := e.site.Workdays.List(t.Context(), host.scope(), workdays.Filter{})
		if err != nil || len(days) != 1 {
			t.Fatalf("%d %v", len(days), err)
		}
		day := "/desk/workdays/" + days[0].ID
		if a := other.get(day); a.Code != http.StatusNotFound {
			t.Errorf("a draft of another community: %d", a.Code)
		}
		host.see(day+"/do/publish", host.page(day+"/do/publish").form(day+"/do/publish")).contains(t, "已公布")
		take := host.page(day + "/take/book").form(day + "/take/book")
		take.Set("about", "电梯总坏，我叫李四，电话19900005678")
		take.Set("phone", "19900005678")
		take.Set("theme", "estate")
		take.Set("slot", "0")
		a = host.see(day+"/take/book", take)
		a.contains(t, "电梯总坏", "199****5678", "08:00")
		if strings.Contains(a.text(), "19900005678") {
			t.Error("the page shows the telephone")
		}
		list, err := e.site.Workdays.Bookings(t.Context(), host.scope(), days[0])
		if err != nil || len(list) != 1 {
			t.Fatalf("%d %v", len(list), err)
		}
		b := "/desk/workday-bookings/" + list[0].Number
		if a := other.get(b); a.Code != http.StatusNotFound {
			t.Errorf("another street reads a booking: %d", a.Code)
		}
		answer := dept.page(b + "/do/answer").form(b + "/do/answer")
		answer.Set("answer", "维保单位周五更换主板")
		dept.see(b+"/do/answer", answer).contains(t, "已提前答复", "维保单位周五更换主板")
		reveal := dept.page(b + "/reveal").form(b + "/reveal")
		reveal["fields"], reveal["reason"] = []string{"phone"}, []string{"contact"}
		reveal.Set("note", "约上门时间")
		if a := dept.post(b+"/reveal", reveal); a.Code != 200 || !strings.Contains(a.text(), "19900005678") {
			t.Errorf("revealed: %d %s", a.Code, a.text())
		}
		e.Pass(4 * 24 * time.Hour)
		host.cookie = e.hire(jiangnan, "张书记", access.Community).cookie
		taken := host.page(b + "/do/take").form(b + "/do/take")
		taken.Set("promise", "一周内换好")
		host.see(b+"/do/take", taken).contains(t, "已转工单", "一周内换好", "JY2022")
		host.see(day+"/do/close", host.page(day+"/do/close").form(day+"/do/close")).contains(t, "已举行")
		host.page("/desk/workdays?month=2022-11").contains(t, "江南社区")
		host.page("/desk/workdays/records?month=2022-11&show=cases").contains(t, "电梯总坏")
		if a := host.page("/desk/workdays/records?month=2022-11&show=settled"); strings.Contains(a.text(), "电梯总坏") {
			t.Error("a figure opens to records that are not its own")
		}
		e.Pass(8 * 24 * time.Hour)
		host.cookie = e.hire(jiangnan, "张书记", access.Community).cookie
		asked := host.page(b + "/do/follow_up").form(b + "/do/follow_up")
		asked.Set("said", "solved")
		host.see(b+"/do/follow_up", asked).contains(t, "已回访")
		host.see(day+"/do/review", url.Values{"_version": host.page(day + "/do/review").form(day + "/do/review")["_version"], "note": {"都办了"}}).contains(t, "已回访", "都办了")
	})
}

// TestWorkdayScreens looks at the pages on a desk and on a phone.
func TestWorkdayScreens(t *testing.T) {
	s := serve(t)
	day, numbers := s.published(6)
	who := s.hire(jiangnan, "张书记", access.Community)
	if err := s.site.Workdays.Do(t.Context(), s.Scope("housing", access.Department), numbers[0], "answer", 0, form.Raw{"answer": {"已安排换热站检修，周五前完成。"}}); err != nil {
		t.Fatal(err)
	}
	for _, screen := range []struct {
		name string
		size uitest.Size
	}{{"desk", uitest.Desk}, {"phone", uitest.Phone}} {
		tab := uitest.New(t, screen.size)
		s.enter(tab, who, "/desk/workdays")
		for name, path := range map[string]string{"list": "/desk/workdays", "day": "/desk/workdays/" + day, "booking": "/desk/workday-bookings/" + numbers[0], "new": "/desk/workdays/new",
			"book": "/desk/workdays/" + day + "/take/book", "answer": "/desk/workday-bookings/" + numbers[1] + "/do/answer", "records": "/desk/workdays/records?show=booked"} {
			tab.Open(s.url + path)
			tab.Wait(`document.readyState === "complete"`)
			look(tab, screen.size, "workdays-"+name+"-"+screen.name)
		}
	}
}
