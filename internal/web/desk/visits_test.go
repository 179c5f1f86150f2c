package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/store"
	"weixiao/internal/vault"
	"weixiao/internal/web/uitest"
)

// TestVisitsByPages goes from the plan over doors to coverage by the pages, without scripts.
func TestVisitsByPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		host, worker, other := e.hire(jiangnan, "张书记", access.Community), e.hire(jiangnan, "小赵", access.Grid), e.hire(casestest.OtherStreet, "外街", access.Street)
		v := host.page("/desk/visits/new").form("/desk/visits/new")
		v.Set("name", "冬季走访")
		v.Set("buildings", "220605003001-b001")
		v.Set("until", "2022-12-20")
		if a := host.post("/desk/visits/new", v); a.Code != 422 || !strings.Contains(a.text(), "不在所选社区里") {
			t.Errorf("a building of another community: %d %s", a.Code, a.text())
		}
		v.Set("buildings", "220605001001-b001")
		host.see("/desk/visits/new", v).contains(t, "冬季走访", "拟定")
		list, err := e.site.Visits.Campaigns(t.Context(), host.scope(), nil, 10)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d %v", len(list), err)
		}
		c := "/desk/visits/" + list[0].ID
		if a := other.get(c); a.Code != http.StatusNotFound {
			t.Errorf("another street reads: %d", a.Code)
		}
		host.see(c+"/do/start", host.page(c+"/do/start").form(c+"/do/start")).contains(t, "进行中", "松花花园1号楼", "42")
		door := "/desk/doors/" + list[0].ID + ".220605001001-b001.1-101"
		worker.page(c+"/doors?building=220605001001-b001").contains(t, "1单元101室", "3单元702室")
		v = worker.page(door + "/do/record").form(door + "/do/record")
		v.Set("outcome", "met")
		v.Set("need", "repair")
		v.Set("words", "身份证号 11010519491231002X 的事")
		if a := worker.post(door+"/do/record", v); a.Code != 422 || !strings.Contains(a.text(), "走访不登记这些") {
			t.Errorf("an identity number: %d %s", a.Code, a.text())
		}
		v.Set("words", "楼道灯坏了")
		worker.see(door+"/do/record", v).contains(t, "有事在办", "报修和投诉", "JY2022", "在办")
		v = url.Values{"_version": worker.page(door + "/do/close").form(door + "/do/close")["_version"]}
		if a := worker.post(door+"/do/close", v); a.Code != 422 || !strings.Contains(a.text(), "还没办结") {
			t.Errorf("closed with an open case: %d %s", a.Code, a.text())
		}
		host.page(c+"/doors?show=raised").contains(t, "1单元101室")
		if a := host.page(c + "/doors?show=declined"); strings.Contains(a.text(), "1单元101室") {
			t.Error("a figure opens to doors that are not its own")
		}
	})
}

// TestNeedsByPages: the register for those who may see it, counts for the others; the ledger knows of every look.
func TestNeedsByPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		host, street, civil := e.hire(jiangnan, "张书记", access.Community), e.hire(casestest.Street, "刘主任", access.StreetLead), e.hire("civil", "民政小陈", access.Department)
		v := host.page("/desk/people-in-need/new").form("/desk/people-in-need/new")
		v["categories"] = []string{"alone"}
		v.Set("name", "赵桂兰")
		v.Set("phone", "19900005678")
		v.Set("address", "松花花园1号楼1单元101室")
		v.Set("consent", "own")
		if a := host.post("/desk/people-in-need/new", v); a.Code != 422 {
			t.Errorf("without a day of consent: %d", a.Code)
		}
		v.Set("consent_on", "2022-11-20")
		a := host.see("/desk/people-in-need/new", v)
		a.contains(t, "独居老人", "本人同意", "赵**", "2022-12-23")
		if strings.Contains(a.text(), "赵桂兰") || strings.Contains(a.text(), "19900005678") {
			t.Error("the page names the person")
		}
		list, err := e.site.Visits.People(t.Context(), host.scope(), "", 10)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d %v", len(list), err)
		}
		p := "/desk/people-in-need/" + list[0].ID
		if a := street.page("/desk/people-in-need"); strings.Contains(a.text(), "赵") || !strings.Contains(a.text(), "不足 3") {
			t.Errorf("the street sees more than numbers: %s", a.text())
		}
		if a := street.get(p); a.Code != http.StatusForbidden && a.Code != http.StatusNotFound {
			t.Errorf("the street opens a person: %d", a.Code)
		}
		civil.page("/desk/people-in-need").contains(t, "赵**", "江南社区")
		reveal := civil.page(p + "/reveal").form(p + "/reveal")
		reveal["fields"], reveal["reason"] = []string{"address"}, []string{"contact"}
		reveal.Set("note", "送救助物资")
		if a := civil.post(p+"/reveal", reveal); a.Code != 200 || !strings.Contains(a.text(), "1单元101室") {
			t.Errorf("revealed: %d %s", a.Code, a.text())
		}
		v = host.page(p + "/do/review").form(p + "/do/review")
		v.Set("way", "visit")
		v.Set("result", "needs_help")
		v.Set("words", "想请人帮忙买药")
		host.see(p+"/do/review", v).contains(t, "需要帮助", "JY2022")
		v = host.page(p + "/do/remove").form(p + "/do/remove")
		v.Set("gone", "withdrawn")
		host.see(p+"/do/remove", v).contains(t, "已移出", "撤回同意")
		rows, err := store.Get(t.Context(), e.DB, func(tx *store.Tx) ([]vault.Disclosure, error) {
			return vault.Ledger(tx, e.Pack.District, list[0].ID, vault.Page{Limit: 100})
		})
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[vault.Kind]int{}
		for _, r := range rows {
			kinds[r.Kind]++
		}
		if kinds[vault.KindReveal] != 1 || kinds[vault.KindForward] != 1 || kinds[vault.KindView] < 6 {
			t.Errorf("ledger %v", kinds)
		}
	})
}

// TestVisitScreens looks at the pages on a desk and on a phone.
func TestVisitScreens(t *testing.T) {
	s := serve(t)
	who := s.hire(jiangnan, "张书记", access.Community)
	street := s.hire(casestest.Street, "刘主任", access.StreetLead)
	id, err := s.site.Visits.Plan(t.Context(), who.scope(), form.Raw{"name": {"敲万家门·冬季"}, "communities": {jiangnan}, "from": {"2022-11-20"}, "until": {"2022-12-20"}, "posts": {"gridworker", "cadre", "resident"}})
	if err == nil {
		err = s.site.Visits.Act(t.Context(), who.scope(), id, "start", 1, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	door := id + ".220605001001-b001.1-101"
	for i, raw := range []form.Raw{{"outcome": {"met"}, "topics": {"safety"}, "need": {"repair"}, "words": {"楼道灯坏了"}}, {"outcome": {"not_home"}}, {"outcome": {"declined"}}, {"outcome": {"met"}}} {
		if _, _, err := s.site.Visits.Do(t.Context(), who.scope(), id+".220605001001-b001."+[]string{"1-101", "1-102", "1-201", "1-202"}[i], "record", visits.Input{Raw: raw}); err != nil {
			t.Fatal(err)
		}
	}
	person, err := s.site.Visits.Enter(t.Context(), who.scope(), form.Raw{"community": {jiangnan}, "categories": {"alone", "poor"}, "name": {"赵桂兰"}, "phone": {"19900005678"}, "address": {"松花花园1号楼1单元101室"},
		"consent": {"own"}, "consent_on": {"2022-11-20"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, screen := range []struct {
		name string
		size uitest.Size
	}{{"desk", uitest.Desk}, {"phone", uitest.Phone}} {
		tab := uitest.New(t, screen.size)
		s.enter(tab, who, "/desk/visits")
		for name, path := range map[string]string{"list": "/desk/visits", "campaign": "/desk/visits/" + id, "doors": "/desk/visits/" + id + "/doors?building=220605001001-b001", "door": "/desk/doors/" + door,
			"record": "/desk/doors/" + id + ".220605001001-b001.2-101/do/record", "needs": "/desk/people-in-need", "need": "/desk/people-in-need/" + person, "enter": "/desk/people-in-need/new"} {
			tab.Open(s.url + path)
			tab.Wait(`document.readyState === "complete"`)
			look(tab, screen.size, "visits-"+name+"-"+screen.name)
		}
	}
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, street, "/desk/people-in-need")
	look(tab, uitest.Desk, "visits-counts-desk")
}
