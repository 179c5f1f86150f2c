package desk

import (
	"archive/zip"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/web/uitest"
)

// handled is a case that a street works on.
func (e *env) handled(words string) string {
	n := e.sent(casestest.Street, words)
	e.act(e.Scope(casestest.Street, access.Street), n, "sign", nil)
	return n
}

func (e *env) order(n string) *cases.Order {
	e.t.Helper()
	list, err := e.Cases.OrdersOf(e.t.Context(), e.Scope("", access.Auditor), n)
	if err != nil || len(list) == 0 {
		e.t.Fatalf("orders of %s: %d, %v", n, len(list), err)
	}
	return list[0].Order
}

// TestOrdersByPages takes a letter through its whole way by pages alone, from the
// case's button to the printed sheet and the release.
func TestOrdersByPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		super, hand, stranger := e.hire("supervision", "老郑", access.Supervisor), e.hire(casestest.Street, "孙浩", access.Street), e.hire(casestest.OtherStreet, "外人", access.Street)
		n := e.handled("锦绣花园东侧路灯不亮三天了")
		do := func(s *staff, base, action string, fill url.Values) {
			t.Helper()
			e.Pass(time.Minute)
			f := s.page(base + "/do/" + action).form(base + "/do/" + action)
			for k, v := range fill {
				f[k] = v
			}
			a := s.post(base+"/do/"+action, f)
			if a.Code != http.StatusSeeOther {
				t.Fatalf("%s: %d\n%s", action, a.Code, a.text())
			}
			s.page(a.Header.Get("Location"))
		}
		do(super, "/desk/cases/"+n, "supervise", url.Values{"level": {"2"}, "demand": {"两日内查明原因"}})
		o := e.order(n)
		base := "/desk/orders/" + o.Number
		hand.page("/desk/cases/"+n).contains(t, o.Number, "2 级督办单", "待答复", "答复")
		hand.page("/desk/orders").contains(t, o.Number, "要我单位答复", "锦绣花园东侧路灯不亮三天了")
		super.page("/desk/orders").contains(t, o.Number, "全部未解除")
		if a := stranger.get(base); a.Code != http.StatusNotFound {
			t.Errorf("a stranger reads the letter: %d", a.Code)
		}
		if s := stranger.page("/desk/orders").text(); strings.Contains(s, o.Number) {
			t.Error("a stranger finds the letter in a list")
		}
		hand.page(base+"/letter").contains(t, "督办单", o.Number, "2022年11月23日", "孙家堡子街道", "两日内查明原因", "答复期限", "0439-0001002")
		if a := hand.get(base + "/letter.docx"); a.Code != http.StatusOK {
			t.Errorf("the letter as a Word document: %d", a.Code)
		} else if doc := docxWords(t, a.Body); !strings.Contains(doc, "两日内查明原因") || !strings.Contains(doc, o.Number) || !strings.Contains(doc, "2022年11月23日") {
			t.Errorf("the Word document says %q", doc)
		}
		if a := stranger.get(base + "/letter.docx"); a.Code != http.StatusNotFound {
			t.Errorf("a stranger gets the Word document: %d", a.Code)
		}
		do(hand, base, "answer", url.Values{"done": {"线缆老化，明天换"}, "by": {"2022-11-24"}})
		super.page("/desk/orders?list=answered").contains(t, o.Number, "待审核")
		do(super, base, "send_back", url.Values{"reason": {"没说谁负责"}})
		do(hand, base, "answer", url.Values{"done": {"已更换，副主任负责"}, "by": {"2022-11-23"}})
		do(super, base, "accept", nil)
		do(super, base, "release", url.Values{"note": {"属实"}})
		super.page("/desk/orders?list=ended").contains(t, o.Number, "已解除")
		hand.page(base).contains(t, "已更换，副主任负责", "老郑（区督查室） 解除督办")
		if a := hand.get(base + "/do/accept"); a.Code != http.StatusForbidden {
			t.Errorf("the unit may judge its own answer: %d", a.Code)
		}
		if a := super.get(base + "/do/accept"); a.Code != http.StatusConflict {
			t.Errorf("a released letter can be accepted: %d", a.Code)
		}
	})
}

// TestInstructionIsSealedOnPages: its words stand on no page of somebody else, nor
// on the sheet, nor in the case.
func TestInstructionIsSealedOnPages(t *testing.T) {
	e := one(t)
	e.t = t
	const words = "请主要负责同志亲自过问此事"
	n := e.handled("路灯不亮")
	leader := e.hire("leaders", "区长", access.Leader)
	f := leader.page("/desk/cases/" + n + "/do/instruct").form("/desk/cases/" + n + "/do/instruct")
	f["leader"], f["demand"] = []string{"leaders.head"}, []string{words}
	leader.see("/desk/cases/"+n+"/do/instruct", f)
	o := e.order(n)
	for _, c := range []struct {
		who   *staff
		reads bool
	}{{leader, true}, {e.hire(casestest.Street, "孙浩", access.Street), true}, {e.hire("supervision", "老郑", access.Supervisor), true},
		{e.hire("", "小王", access.Dispatcher), false}, {e.hire("", "小李", access.Operator), false}, {e.hire("220605", "审计", access.Auditor), false}} {
		for _, path := range []string{"/desk/orders/" + o.Number, "/desk/orders/" + o.Number + "/letter"} {
			if got := strings.Contains(c.who.page(path).text(), words); got != c.reads {
				t.Errorf("%v reads %s: %v", c.who.roles, path, got)
			}
		}
		if strings.Contains(c.who.page("/desk/cases/"+n).text(), words) {
			t.Errorf("%v reads it in the case", c.who.roles)
		}
	}
	e.hire(casestest.Street, "刘芳", access.StreetLead).page("/desk/cases/"+n).contains(t, "领导批示", "区长")
}

// TestOrderListsArePaged: lists go on by key, and the pages together are all.
func TestOrderListsArePaged(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		super := e.hire("supervision", "老郑", access.Supervisor)
		n := e.handled("路灯不亮")
		for range pageSize + 3 {
			e.act(super.scope(), n, "supervise", form.Raw{"level": {"1"}, "demand": {"查"}})
		}
		path, seen := "/desk/orders", map[string]bool{}
		for pages := 0; path != "" && pages < 5; pages++ {
			a := super.page(path)
			for _, row := range a.all(func(n *htmlNode) bool { return strings.HasPrefix(attr(n, "id"), "row-JYD") }) {
				if id := attr(row, "id"); seen[id] {
					t.Errorf("%s stands on two pages", id)
				} else {
					seen[id] = true
				}
			}
			path = ""
			for _, l := range a.all(func(n *htmlNode) bool { return n.Data == "a" && strings.Contains(attr(n, "href"), "&after=") }) {
				path = attr(l, "href")
			}
		}
		if len(seen) != pageSize+3 {
			t.Errorf("%d letters on all pages, want %d", len(seen), pageSize+3)
		}
	})
}

// TestOrdersInABrowser looks at the pages of supervision.
func TestOrdersInABrowser(t *testing.T) {
	s := serve(t)
	numbers := s.crowd(casestest.Street)
	super, hand := s.hire("supervision", "老郑", access.Supervisor), s.hire(casestest.Street, "赵明", access.Street)
	s.act(super.scope(), numbers[2], "supervise", form.Raw{"level": {"2"}, "demand": {"两日内查明路灯反复损坏的原因，主要负责人到场。"}})
	letter := s.order(numbers[2])
	s.act(super.scope(), numbers[7], "list", form.Raw{"subject": {"湖滨南路路面塌陷"}, "demand": {"汛期前改造管网，恢复通行。"}, "leader": {"leaders.deputy-1"}, "by": {"2023-05-31"}})
	s.act(super.scope(), numbers[4], "instruct", form.Raw{"leader": {"leaders.head"}, "demand": {"请街道主要负责同志亲自过问。"}})
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, super, "/desk/orders")
	look(tab, uitest.Desk, "orders")
	tab.Open(s.url + "/desk/orders/" + letter.Number)
	look(tab, uitest.Desk, "order")
	tab.Open(s.url + "/desk/orders/" + letter.Number + "/letter")
	look(tab, uitest.Desk, "order-letter")
	tab.Open(s.url + "/desk/cases/" + numbers[2] + "/do/list")
	look(tab, uitest.Desk, "order-list-form")
	unit := uitest.New(t, uitest.Desk)
	s.enter(unit, hand, "/desk/cases/"+numbers[2])
	look(unit, uitest.Desk, "case-orders")
	unit.Open(s.url + "/desk/orders?list=listed")
	look(unit, uitest.Desk, "orders-listed")
	unit.Resize(uitest.Phone)
	for name, path := range map[string]string{"orders-phone": "", "order-phone": "/" + letter.Number, "letter-phone": "/" + letter.Number + "/letter", "answer-phone": "/" + letter.Number + "/do/answer"} {
		unit.Open(s.url + "/desk/orders" + path)
		look(unit, uitest.Phone, name)
	}
}

// docxWords is the text of a Word document.
func docxWords(t *testing.T, body string) string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(b), "")
}
