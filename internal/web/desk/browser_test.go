package desk

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/store/storetest"
	"weixiao/internal/vault"
	"weixiao/internal/web/uitest"
)

// tall is a desk so high that nothing has to be scrolled, for axe; short names of
// screens.
var tallDesk = uitest.Size{W: 1440, H: 2400, Scale: 1}

// site is a district that is served, with everything running beside it.
type site struct {
	*env
	url string
}

func serve(t *testing.T) *site {
	t.Helper()
	e := newEnv(t, storetest.Open(t, "sqlite", schemas()))
	srv := httptest.NewServer(e.handler)
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { e.desk.Run(ctx) })
	wg.Go(func() { e.site.Live.Run(ctx) })
	t.Cleanup(func() {
		stop()
		srv.CloseClientConnections()
		srv.Close()
		wg.Wait()
	})
	return &site{e, srv.URL}
}

// enter signs somebody in by the page, as people do.
func (s *site) enter(tab *uitest.Tab, who *staff, next string) {
	tab.Open(s.url + "/desk/sign-in?lang=zh-CN&next=" + strings.ReplaceAll(next, "&", "%26"))
	tab.Fill("#login", who.login)
	tab.Fill("#password", testPassword)
	tab.Click("#sign-in button")
	tab.Wait(`location.pathname !== "/desk/sign-in"`)
}

// ready waits until the page's scripts have taken over.
func ready(tab *uitest.Tab) {
	tab.Wait(`document.readyState === "complete" && document.querySelector("[data-htmx-powered]")`)
}

// look checks a page with axe and takes its picture.
func look(tab *uitest.Tab, size uitest.Size, name string) {
	if size.Touch {
		tab.Resize(uitest.Size{W: size.W, H: 4000, Touch: true, Scale: 1})
	} else {
		tab.Resize(tallDesk)
	}
	tab.Axe()
	tab.Resize(size)
	tab.Headings()
	tab.Shot(name)
}

// crowd fills a street's inbox the way a morning does.
func (s *site) crowd(unit string) []string {
	people := []string{"孙家堡子街道江南社区", "孙家堡子街道江北社区", "江北社区人民路 26 号", "江南社区锦绣花园 3 号楼"}
	said := []string{"湖滨路 9 号院自来水发黄，已经两天了", "文汇街夜间施工噪音扰民，孩子没法睡", "锦绣花园 3 号楼东侧路灯不亮，老人夜间出行不便。坏了三天了，前天有人差点摔倒，麻烦尽快修一下。",
		"人民路 26 号商户占道经营，影响盲道通行", "锦绣街垃圾桶满溢三天没人收", "供暖后室内温度只有 14 度，家里有新生儿", "文汇小区 5 号楼电梯频繁停运，高层老人下不了楼",
		"湖滨南路路面塌陷", "建议东湖公园增设健身器材和夜间照明", "学区划片咨询，孩子户籍随外婆", "锦绣花园单元门禁损坏"}
	dispatcher, hand := s.Scope("", access.Dispatcher), s.Scope(unit, access.Street)
	var out []string
	for i, words := range said {
		n := s.said(words, func(r *cases.Report) {
			r.Matter = ""
			r.Channel = []string{"hotline", "portal", "grid"}[i%3]
			r.Place = cases.Place{Text: people[i%len(people)]}
			if i == 2 { // on the map
				at := s.Pack.Directory.Grids(unit)[0].Center
				r.Place.Lon, r.Place.Lat, r.Place.Located = at[0], at[1], true
			}
			r.Person = vault.Person{Name: "王丽娟", Phone: fmt.Sprintf("1380439%04d", i), Address: "孙家堡子街道锦绣花园3号楼2单元501"}
		})
		profile := []string{"L0", "L1", "L1", "L2", "L3", "L1", "L3", "L3", "L4", "L2", "L3"}[i]
		s.act(dispatcher, n, "dispatch", form.Raw{"unit": {unit}, "assist": {"lamps"}, "profile": {profile}})
		if i%2 == 0 {
			s.act(hand, n, "sign", nil)
		}
		if i%4 == 0 || i == 2 {
			s.act(hand, n, "contact", form.Raw{"how": {"phone"}, "note": {"约定今天修复"}})
		}
		s.Pass(11 * time.Minute)
		out = append(out, n)
	}
	s.act(hand, out[2], "progress", form.Raw{"note": {"线路老化短路，正在更换线缆，预计 17:00 亮灯"}})
	s.act(s.Scope("", access.Operator), out[2], "urge", form.Raw{"note": {"今晚能亮吗？"}})
	s.act(hand, out[6], "request_extension", form.Raw{"limit": {"3 workday"}, "reason": {"等电梯配件"}})
	return out
}

// TestInboxInABrowser: a morning at the desk with the keyboard alone.
func TestInboxInABrowser(t *testing.T) {
	s := serve(t)
	hand := s.hire(casestest.Street, "赵明", access.Street)
	numbers := s.crowd(casestest.Street)
	tab := uitest.New(t, uitest.Desk)
	tab.Open(s.url + "/desk/sign-in?lang=zh-CN")
	look(tab, uitest.Desk, "sign-in")
	s.enter(tab, hand, "/desk")
	look(tab, uitest.Desk, "inbox-empty-preview")
	ready(tab)
	tab.Press("J")
	tab.Wait(`document.querySelector("#preview h2")`)
	first := tab.Text("#preview h2")
	tab.Press("J")
	tab.Wait(fmt.Sprintf(`document.querySelector("#preview h2").textContent !== %q`, first))
	look(tab, uitest.Desk, "inbox")
	tab.Press("K")
	tab.Wait(fmt.Sprintf(`document.querySelector("#preview h2").textContent === %q`, first))

	// X picks, E signs for what is picked
	tab.Wait(`document.querySelectorAll("[data-picked]").length === 1 && document.querySelector("[data-picked]").hidden`)
	picked := uitest.Get[string](tab, `(() => { const r = [...document.querySelectorAll("[data-row]")].find(r => r.textContent.includes("待签收")); r.click(); return r.id.slice(4); })()`)
	tab.Press("X")
	tab.Wait(`!document.querySelector("[data-picked]").hidden`)
	tab.Press("E")
	tab.WaitText(".banner", "签收")
	if k := s.load(picked); k.State != cases.Signed {
		t.Errorf("E signed nothing: %s is %s", picked, k.State)
	}
	// ? shows the keys, / searches
	ready(tab)
	tab.Press("?")
	tab.Wait(`document.querySelector("#keys").open`)
	tab.Shot("keys")
	tab.Press("Escape")
	tab.Wait(`!document.querySelector("#keys").open`)
	tab.Press("/")
	tab.Wait(`document.activeElement.matches("[data-search]")`)
	tab.Press("Escape")

	// the form of an action in the preview, by its key; Enter opens the case
	tab.Open(s.url + "/desk?sel=" + numbers[2])
	tab.Wait(`document.querySelector("#row-` + numbers[2] + `[aria-current=true]")`)
	ready(tab)
	tab.Press("R")
	tab.Wait(`document.querySelector("#work form")`)
	look(tab, uitest.Desk, "inbox-form")
	tab.Press("Escape")
	tab.Eval(`document.querySelector("#row-` + numbers[2] + `").focus()`)
	tab.Press("Enter")
	tab.Wait(`location.pathname === "/desk/cases/` + numbers[2] + `"`)
}

// TestLiveInABrowser: an act of somebody else appears without a reload, and takes
// neither the focus nor what is being typed.
func TestLiveInABrowser(t *testing.T) {
	s := serve(t)
	hand, other := s.hire(casestest.Street, "赵明", access.Street), s.hire(casestest.Street, "孙浩", access.Street)
	numbers := s.crowd(casestest.Street)
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, hand, "/desk?sel="+numbers[2])
	ready(tab)
	tab.Press("R")
	tab.Wait(`document.querySelector("#work textarea")`)
	tab.Fill("#work textarea", "正在写的话")
	tab.Eval(`window.loadedOnce = true`)
	row := "#row-" + numbers[3]
	s.act(other.scope(), numbers[3], "sign", nil)
	tab.WaitText(row, "已签收")
	fresh := s.sent(casestest.Street, "刚刚又有一盏路灯不亮")
	tab.WaitText("#news", "列表里多了 1 件")
	if tab.Count("#row-"+fresh) != 0 {
		t.Error("a new case was pushed into the list")
	}
	if !uitest.Get[bool](tab, `window.loadedOnce === true`) {
		t.Error("the page was loaded again")
	}
	if got := tab.Value("#work textarea"); got != "正在写的话" {
		t.Errorf("what was typed is now %q", got)
	}
	if got := uitest.Get[string](tab, `document.activeElement.tagName`); got != "TEXTAREA" {
		t.Errorf("the focus went to %s", got)
	}
	if tab.Count(`#row-`+numbers[2]+`[aria-current="true"]`) != 1 {
		t.Error("the selection is lost")
	}
	// the page of a case: log and clocks follow, the open form stays
	tab.Open(s.url + "/desk/cases/" + numbers[2])
	ready(tab)
	tab.Press("P")
	tab.Wait(`document.querySelector("#work textarea")`)
	tab.Fill("#work textarea", "写到一半")
	s.act(other.scope(), numbers[2], "progress", form.Raw{"note": {"灯已经亮了"}})
	tab.WaitText("#log", "灯已经亮了")
	tab.WaitText("#news", "孙浩")
	if got := tab.Value("#work textarea"); got != "写到一半" {
		t.Errorf("what was typed is now %q", got)
	}
	// sending it tells what has changed
	tab.Click("#work .btn.p")
	tab.WaitText(".banner.bad", "有了新变化")
	tab.WaitText(".tip", "灯已经亮了")
	look(tab, uitest.Desk, "stale")
	tab.Click("form#progress .btn.p")
	tab.WaitText(".banner", "已完成")
}

// TestCaseInABrowser: the work order at the desk and on a phone.
func TestCaseInABrowser(t *testing.T) {
	s := serve(t)
	hand := s.hire(casestest.Street, "赵明", access.Street)
	numbers := s.crowd(casestest.Street)
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, hand, "/desk/cases/"+numbers[2]+"?view=mine")
	look(tab, uitest.Desk, "case")
	ready(tab)
	tab.Press("D")
	tab.Wait(`document.querySelector("#work form")`)
	look(tab, uitest.Desk, "case-reply")
	tab.Press("Alt 3")
	tab.Wait(`document.activeElement.id === "reply-reply"`)
	tab.Press("Escape")
	tab.Press("J")
	tab.Wait(`!location.pathname.endsWith("` + numbers[2] + `")`)
	ready(tab)
	tab.Press("K")
	tab.Wait(`location.pathname.endsWith("` + numbers[2] + `")`)
	tab.Open(s.url + "/desk/cases/" + numbers[2] + "/reveal")
	look(tab, uitest.Desk, "reveal")
	tab.Open(s.url + "/desk/cases/" + numbers[2] + "/clocks/close")
	look(tab, uitest.Desk, "clock")
	tab.Open(s.url + "/desk/search?q=&state=signed")
	look(tab, uitest.Desk, "search")
	tab.Open(s.url + "/desk/me")
	look(tab, uitest.Desk, "me")

	tab.Resize(uitest.Phone)
	tab.Open(s.url + "/desk")
	look(tab, uitest.Phone, "inbox-phone")
	tab.Open(s.url + "/desk/cases/" + numbers[2])
	look(tab, uitest.Phone, "case-phone")
	tab.FullShot("case-phone-full")
	tab.Open(s.url + "/desk/cases/" + numbers[2] + "/do/reply")
	look(tab, uitest.Phone, "reply-phone")
	tab.Resize(uitest.Narrow)
	tab.Overflow()
	tab.Resize(uitest.Phone)
	tab.Open(s.url + "/desk/report")
	look(tab, uitest.Phone, "report-phone")
	tab.Open(s.url + "/desk/me")
	look(tab, uitest.Phone, "me-phone")
	// in English nothing overflows either
	tab.Open(s.url + "/desk/cases/" + numbers[2] + "?lang=en")
	look(tab, uitest.Phone, "case-phone-en")
	tab.Resize(uitest.Desk)
	tab.Open(s.url + "/desk?lang=en&sel=" + numbers[2])
	look(tab, uitest.Desk, "inbox-en")
	tab.Open(s.url + "/desk/cases/" + numbers[2])
	look(tab, uitest.Desk, "case-en")
}

// TestIntakeInABrowser: a call taken with the keyboard alone; help appears beside
// the form and nothing typed is lost.
func TestIntakeInABrowser(t *testing.T) {
	s := serve(t)
	op := s.hire("", "陈晓燕", access.Operator)
	s.crowd(casestest.Street)
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, op, "/desk/intake")
	look(tab, uitest.Desk, "intake-empty")
	ready(tab)
	tab.Press("Alt 1")
	tab.Wait(`document.activeElement.id === "intake-phone"`)
	tab.Fill("#intake-phone", "13804390002")
	tab.WaitText("#caller", "锦绣花园")
	tab.Press("Alt 2")
	tab.Wait(`document.activeElement.id === "intake-body"`)
	tab.Fill("#intake-body", "锦绣花园 3 号楼东侧路灯不亮，三天了，老人夜间出行不方便")
	tab.WaitText("#picks", "路灯不亮")
	tab.WaitText("#near", "路灯不亮")
	tab.Press("Alt 3")
	tab.Fill("#intake-place", "孙家堡子街道江南社区锦绣花园 3 号楼东侧")
	tab.WaitText("#where", "江南社区")
	tab.WaitText("#way", "区路灯所")
	if got := tab.Value("#intake-body"); !strings.Contains(got, "三天了") {
		t.Errorf("the words are now %q", got)
	}
	if got := tab.Focused(); got != "intake-place" {
		t.Errorf("the focus is on %s", got)
	}
	look(tab, uitest.Desk, "intake")
	tab.Press("Ctrl Enter")
	tab.WaitText(".banner", "已登记并派单")
	if path := tab.Path(); strings.Contains(path, "1380439") {
		t.Errorf("the address is %s", path)
	}
	look(tab, uitest.Desk, "intake-done")
	// without scripts the same page works by its buttons
	plain := uitest.New(t, uitest.Desk)
	s.enter(plain, op, "/desk/intake")
	plain.NoScripts()
	plain.Open(s.url + "/desk/intake")
	plain.Fill("#intake-body", "垃圾没人收")
	plain.Fill("#intake-place", "江北社区")
	plain.Click("footer .btn.p")
	plain.WaitText(".banner", "已登记并派单")
}

// TestWhistleAndCallbackInABrowser looks at the other pages of the desk.
func TestWhistleAndCallbackInABrowser(t *testing.T) {
	s := serve(t)
	numbers := s.crowd(casestest.Street)
	hand, lead := s.hire(casestest.Street, "孙浩", access.Street), s.hire(casestest.Street, "刘芳", access.StreetLead)
	lamps := s.hire("lamps", "李师傅", access.Department)
	w, err := s.Cases.Blow(t.Context(), hand.scope(), cases.Input{Raw: form.Raw{"kind": {"problem"}, "units": {"lamps", "market", "power"}, "issue": {"路灯和夜市一起解决"}, "case": {numbers[2]}, "meet_place": {"人民路口"}}})
	if err != nil {
		t.Fatal(err)
	}
	act := func(who *staff, action string, raw form.Raw) {
		t.Helper()
		s.Pass(9 * time.Minute)
		if _, err := s.Cases.WhistleAct(t.Context(), who.scope(), w.Number, action, cases.Input{Raw: raw}); err != nil {
			t.Fatal(err)
		}
	}
	act(lead, "approve", form.Raw{})
	act(lamps, "report_in", form.Raw{"who": {"李师傅"}, "rank": {"section"}})
	act(hand, "set_task", form.Raw{"unit": {"lamps"}, "what": {"换线缆和灯头"}, "by": {"2022-11-24"}})
	tab := uitest.New(t, uitest.Desk)
	hand = s.hire(casestest.Street, "孙浩", access.Street)
	s.enter(tab, hand, "/desk/whistles/"+w.Number)
	look(tab, uitest.Desk, "whistle")
	ready(tab)
	tab.Press("R")
	tab.Wait(`document.querySelector("#work form")`)
	look(tab, uitest.Desk, "whistle-form")
	tab.Open(s.url + "/desk/whistles")
	look(tab, uitest.Desk, "whistles")
	tab.Open(s.url + "/desk/whistles/new?case=" + numbers[4])
	look(tab, uitest.Desk, "whistle-new")
	tab.Resize(uitest.Phone)
	tab.Open(s.url + "/desk/whistles/" + w.Number)
	look(tab, uitest.Phone, "whistle-phone")

	for _, n := range numbers[8:10] {
		if k := s.load(n); k.State == cases.Dispatched {
			s.act(hand.scope(), n, "sign", nil)
		}
		s.act(hand.scope(), n, "contact", form.Raw{"how": {"phone"}})
		s.act(hand.scope(), n, "reply", form.Raw{"result": {"solved"}, "reply": {"公园北门已增设 4 件健身器材，路灯下周装好。"}})
	}
	caller := s.hire("", "小周", access.Callback)
	call := uitest.New(t, uitest.Desk)
	s.enter(call, caller, "/desk/callback")
	look(call, uitest.Desk, "callback")
	call.Click(`label:has(input[name=reached][value=true])`)
	call.Click(`label:has(input[name=contacted][value=true])`)
	call.Click(`label:has(input[name=solved][value=solved])`)
	call.Click(`label:has(input[name=satisfied][value=satisfied])`)
	call.Press("Ctrl Enter")
	call.WaitText(".crumb", "还有 1 件")
	super := s.hire("supervision", "老郑", access.Supervisor)
	over := uitest.New(t, uitest.Desk)
	s.enter(over, super, "/desk/whistles")
	look(over, uitest.Desk, "whistles-all")
	over.Open(s.url + "/desk?view=all&filter=1")
	look(over, uitest.Desk, "inbox-centre")
}

// TestAdminInABrowser looks at the pages of administrators and auditors.
func TestAdminInABrowser(t *testing.T) {
	s := serve(t)
	numbers := s.crowd(casestest.Street)
	hand := s.hire(casestest.Street, "孙浩", access.Street)
	s.hire(casestest.Street, "刘芳", access.StreetLead)
	s.hire("lamps", "李师傅", access.Department)
	hand.page("/desk/cases/" + numbers[2])
	admin := s.hire("220605", "系统管理员", access.Admin)
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, admin, "/desk")
	tab.Wait(`location.pathname === "/desk/admin/people"`)
	look(tab, uitest.Desk, "people")
	tab.Open(s.url + "/desk/admin/people/" + hand.id)
	look(tab, uitest.Desk, "person")
	tab.Open(s.url + "/desk/admin/people/" + hand.id + "/do/password")
	tab.Fill("textarea[name=reason]", "忘记密码")
	tab.Click("form .btn.p")
	tab.WaitText(".banner", "一次性密码")
	look(tab, uitest.Desk, "person-once")
	tab.Open(s.url + "/desk/admin/people/new")
	look(tab, uitest.Desk, "person-new")
	tab.Open(s.url + "/desk/admin/posts")
	look(tab, uitest.Desk, "posts")
	auditor := s.hire("220605", "审计员", access.Auditor)
	other := uitest.New(t, uitest.Desk)
	s.enter(other, auditor, "/desk/audit")
	look(other, uitest.Desk, "audit")
	other.Open(s.url + "/desk/audit?case=" + numbers[2])
	look(other, uitest.Desk, "ledger")
}

// TestCaseOnPaper: a work order prints in one column, with every act and without
// anything to press.
func TestCaseOnPaper(t *testing.T) {
	s := serve(t)
	number := s.crowd(casestest.Street)[2]
	hand := s.hire(casestest.Street, "赵明", access.Street)
	for i := range 12 {
		s.act(hand.scope(), number, "progress", form.Raw{"note": {fmt.Sprintf("第 %d 次记录", i+1)}})
	}
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, hand, "/desk/cases/"+number)
	shown := `Array.from(document.querySelectorAll("%s")).filter(e => e.getClientRects().length > 0).length`
	count := func(css string) int { return uitest.Get[int](tab, fmt.Sprintf(shown, css)) }
	if n := count("#log li"); n != logShown {
		t.Errorf("%d acts before the rest is opened, want %d", n, logShown)
	}
	tab.Click(".older summary")
	whole := count("#log li")
	if whole < 15 {
		t.Errorf("%d acts with the rest", whole)
	}
	tab.Click(".older summary")
	tab.Resize(uitest.Size{W: 680, H: 960, Scale: 1}) // A4 within its margins
	tab.Paper(true)
	for css, want := range map[string]int{"header.nav": 0, ".tabs5": 0, "#acts .btn": 0, "summary": 0, "#log li": whole, ".where svg": 1, ".call h1": 1, "#clocks": 1} {
		if n := count(css); n != want {
			t.Errorf("%d %s on paper, want %d", n, css, want)
		}
	}
	if high := uitest.Get[int](tab, `document.documentElement.scrollHeight`); high < 1200 {
		t.Errorf("only %d px are printed: something is cut off", high)
	}
	tab.Overflow()
	tab.FullShot("case-paper")
}

// TestOneLine: the bar of the desk stays in one line on a laptop, whatever the
// role, and nothing in it lies over its neighbour.
func TestOneLine(t *testing.T) {
	s := serve(t)
	s.crowd(casestest.Street)
	for role, unit := range map[string]string{access.Operator: "", access.Callback: "", access.Supervisor: "", access.StreetLead: casestest.Street} {
		tab := uitest.New(t, uitest.Desk)
		s.enter(tab, s.hire(unit, "欧阳晓燕", role), "/desk")
		for _, lang := range []string{"zh-CN", "en"} {
			for _, w := range []int64{1366, 1024} {
				tab.Resize(uitest.Size{W: w, H: 768, Scale: 1})
				tab.Open(s.url + "/desk?view=all&lang=" + lang)
				wrong := uitest.Get[string](tab, `(() => {
					const boxes = Array.from(document.querySelectorAll(".nav > *")).filter(e => e.offsetWidth > 0).map(e => e.getBoundingClientRect());
					const bar = document.querySelector(".nav").getBoundingClientRect();
					for (let i = 0; i < boxes.length; i++) {
						if (boxes[i].right > bar.right + 1 || boxes[i].height > bar.height + 1) return "part " + i + " leaves the bar";
						if (i > 0 && boxes[i].left < boxes[i-1].right - 1) return "part " + i + " lies over the one before";
					}
					const due = Array.from(document.querySelectorAll(".ls .it .dl")).find(e => e.getBoundingClientRect().right > e.closest(".it").querySelector(".grow").getBoundingClientRect().left);
					if (due) return "a deadline lies over its title: " + due.textContent;
					const title = Array.from(document.querySelectorAll(".ls .it .tt")).find(e => e.getBoundingClientRect().width < 100);
					return title ? "no room for a title" : "";
				})()`)
				if wrong != "" {
					t.Errorf("%s, %s, %d px: %s", role, lang, w, wrong)
				}
				tab.Shot(fmt.Sprintf("bar-%s-%s-%d", role, lang, w))
			}
		}
	}
}

// TestBudget: pages stay within their budgets (FRONTEND §9), gzip on the wire.
func TestBudget(t *testing.T) {
	s := serve(t)
	for i := range pageSize {
		s.sent(casestest.Street, fmt.Sprintf("锦绣花园 %d 号楼东侧路灯不亮，老人夜间出行不便", i))
	}
	numbers := s.crowd(casestest.Street)
	hand := s.hire(casestest.Street, "赵明", access.Street)
	op := s.hire("", "陈晓燕", access.Operator)
	for path, x := range map[string]struct {
		who *staff
		kb  int
	}{"/desk?view=mine": {hand, 15}, "/desk/cases/" + numbers[2]: {hand, 15}, "/desk/intake": {op, 15}, "/desk/sign-in": {s.visitor(), 8}} {
		if n := packed(t, x.who.page(path).Body); n > x.kb<<10 {
			t.Errorf("%s is %d bytes, budget %d KB", path, n, x.kb)
		}
	}
}
