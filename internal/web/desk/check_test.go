package desk

import (
	"net/http"
	"net/url"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/web/uitest"
)

const checkers = "220605001001" // a community of the street

// toCheck is a case that the street answered as solved, with the check asked of a
// community.
func (e *env) toCheck(words string) *cases.Check {
	e.t.Helper()
	e.Cases.District().Procedures.Checks = []pack.CheckRule{{ID: "site", On: "reply", Results: []string{"solved"}, Share: 1, By: []string{"community", "street", "supervision"}, Within: "2 workday"}}
	n := e.handled(words)
	e.act(e.Scope("", access.Dispatcher), n, "classify", form.Raw{"street": {casestest.Street}, "community": {checkers}})
	e.act(e.Scope(casestest.Street, access.Street), n, "reply", form.Raw{"result": {"solved"}, "reply": {"灯已换好"}})
	list, err := e.Cases.ChecksOf(e.t.Context(), e.Scope("", access.Supervisor), n)
	if err != nil || len(list) != 1 {
		e.t.Fatalf("%d checks, %v", len(list), err)
	}
	return list[0]
}

// TestCheckByPages: a grid worker finds it in the list, reads what was said, says
// what there is to see; the street cannot look at its own work but reads the result.
func TestCheckByPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		worker, street, stranger := e.hire(checkers, "小赵", access.Grid), e.hire(casestest.Street, "孙浩", access.Street), e.hire(casestest.OtherStreet, "外人", access.Street)
		x := e.toCheck("锦绣花园东侧路灯不亮三天了")
		base := checkPath + "/" + x.Number
		worker.page(checkPath).contains(t, "锦绣花园东侧路灯不亮三天了", x.Number)
		worker.page(base).contains(t, "灯已换好", "填写核查结果", "现场类抽查")
		if a := stranger.get(base); a.Code != http.StatusNotFound {
			t.Errorf("a stranger reads the check: %d", a.Code)
		}
		f := street.page(base + "/do/look").form(base + "/do/look")
		f["found"] = []string{cases.CheckFixed}
		if a := street.post(base+"/do/look", f); a.Code != http.StatusConflict {
			t.Errorf("the street looks at its own work: %d", a.Code)
		} else {
			a.contains(t, "参与办理的单位和个人不能核查")
		}
		f = worker.page(base + "/do/look").form(base + "/do/look")
		f["found"] = []string{cases.CheckNotFixed}
		if a := worker.post(base+"/do/look", f); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("no word of what was seen: %d", a.Code)
		}
		f["seen"] = []string{"三号楼前面那盏还是不亮"}
		worker.see(base+"/do/look", f).contains(t, "没有解决", "三号楼前面那盏还是不亮")
		street.page("/desk/cases/"+x.Case).contains(t, x.Number, "核查没有解决，退回重办", "三号楼前面那盏还是不亮")
		worker.page(checkPath+"?list=ended").contains(t, x.Number, "没有解决")
		if a := worker.post(base+"/do/look", url.Values{"found": {cases.CheckFixed}}); a.Code != http.StatusConflict {
			t.Errorf("looked twice: %d", a.Code)
		}
	})
}

func TestChecksInABrowser(t *testing.T) {
	s := serve(t)
	x := s.toCheck("锦绣花园东侧路灯不亮三天了")
	worker := s.hire(checkers, "小赵", access.Grid)
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, worker, checkPath)
	look(tab, uitest.Desk, "checks")
	tab.Open(s.url + checkPath + "/" + x.Number)
	ready(tab)
	tab.Click(`[data-action="look"]`)
	tab.Wait(`document.querySelector("#work form")`)
	look(tab, uitest.Desk, "check")
	tab.Resize(uitest.Phone)
	tab.Open(s.url + checkPath + "/" + x.Number + "?lang=en")
	look(tab, uitest.Phone, "check-phone")
	tab.Open(s.url + checkPath + "/" + x.Number + "/do/look?lang=zh-CN")
	tab.Click(`input[name=found][value=fixed]`)
	tab.Click("form button[type=submit]")
	tab.WaitText("main", "确已解决")
}
