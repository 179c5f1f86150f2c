package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/web/uitest"
)

// TestQuestionEditor: a set of questions is made in a draft, filled, ordered and
// published; what would be wrong is named and not kept.
func TestQuestionEditor(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.adopt(t)
		centre, admin := e.hire("hotline", "派单员", access.Dispatcher), e.hire("220605", "管理员", access.Admin)
		draft := centre.post(cataloguePath, url.Values{"reason": {"多问两句"}}).Header.Get("Location")
		// Matter 001 is asked by the pack's set already: give its place to a new one.
		at := centre.page(draft).form(draft + "/edit")
		var packs string
		for _, s := range e.Cases.District().Duties.Base().Duties().Questions {
			for _, m := range s.Matters {
				if m == "001" {
					packs = s.ID
				}
			}
		}
		at.Set("do", "forget:"+packs)
		if a := centre.post(draft+"/edit", at); a.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", packs, a.Code, a.text())
		}
		set := centre.page(draft + "/questions?matter=001").form(draft + "/questions")
		set.Set("id", "灯")
		centre.post(draft+"/questions", set).contains(t, "只能用字母")
		set.Set("id", "lamp-new")
		set.Set("more", "999999")
		centre.post(draft+"/questions", set).contains(t, "事项“999999”不存在")
		set.Set("more", "")
		a := centre.post(draft+"/questions", set)
		page := a.Header.Get("Location")
		if a.Code != http.StatusSeeOther || !strings.Contains(page, "set=lamp-new") {
			t.Fatalf("%d %s\n%s", a.Code, page, a.text())
		}
		if a := centre.post(draft+"/questions", set); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("the same id twice: %d", a.Code)
		}

		ask := func(old string, change map[string]string) *answer {
			v := centre.page(draft + "/question?set=lamp-new&name=" + old).form(draft + "/question")
			for name, s := range change {
				v.Del(name)
				if s != "" {
					v.Set(name, s)
				}
			}
			return centre.post(draft+"/question", v)
		}
		must := func(a *answer) {
			t.Helper()
			if a.Code != http.StatusSeeOther {
				t.Fatalf("%d %s", a.Code, a.text())
			}
		}
		choice := map[string]string{"name": "many", "type": "choice", "zh": "几盏", "en": "How many"}
		ask("", choice).contains(t, "至少两个选项")
		choice["options"] = "one 一盏 One"
		ask("", choice).contains(t, "第 1 行要写成")
		choice["options"] = "one | 一盏 | One\none | 几盏 | Some"
		ask("", choice).contains(t, "不重复的值")
		choice["options"] = "one | 一盏 | One\nrow ｜ 一整排 ｜ A row"
		must(ask("", choice))
		ask("", map[string]string{"name": "many", "type": "bool", "zh": "是吗", "en": "Is it"}).contains(t, "出现了两次")
		ask("", map[string]string{"name": "street", "type": "line", "zh": "哪条路", "en": "Which", "hangs": "nothing=row"}).contains(t, "没有这个问题", "nothing")
		ask("", map[string]string{"name": "street", "type": "line", "zh": "哪条路", "en": "Which", "hangs": "many=all"}).contains(t, "不是可选的回答")
		ask("", map[string]string{"name": "who", "type": "line", "zh": "您的手机号", "en": "Number"}).contains(t, "个人信息")
		must(ask("", map[string]string{"name": "street", "type": "line", "zh": "哪条路", "en": "Which road", "hangs": "many=row"}))
		must(ask("", map[string]string{"name": "since", "type": "moment", "zh": "从何时起", "en": "Since when", "required": "true"}))
		// Renaming the question that another hangs on is refused, by name.
		ask("many", map[string]string{"name": "lamps"}).contains(t, "要看“many”的回答，但它前面没有这个问题")

		centre.page(page).contains(t, "几盏", "哪条路", "只在这时问：“几盏”答“一整排”", "A row", "必答")
		order := func(do string) {
			t.Helper()
			v := centre.page(page).form(draft + "/questions/edit")
			v.Set("do", do)
			must(centre.post(draft+"/questions/edit", v))
		}
		order("up:street") // before what it hangs on: the draft says what is wrong now
		centre.page(page).contains(t, "问题“street”要看“many”的回答，但它前面没有这个问题")
		admin.page(draft).contains(t, "问题“street”要看“many”")
		order("down:street")
		order("up:since")
		order("up:since")
		order("remove:street")
		if body := centre.page(page).text(); strings.Contains(body, "哪条路") || strings.Index(body, "从何时起") > strings.Index(body, "一整排") {
			t.Error(body)
		}
		publish := admin.page(draft).form(draft + "/publish")
		publish.Set("law", "热线工作规程")
		publish.Set("reason", "多问两句")
		must(admin.post(draft+"/publish", publish))
		e.Pass(time.Minute)
		got := e.Cases.District().Duties.Now().At(e.Clock()).Questions("001", "")
		if len(got) != 2 || got[0].Name != "since" || got[1].Options[1].EN != "A row" {
			t.Errorf("%+v", got)
		}
		// Published it can be read, not changed.
		if centre.page(page).contains(t, "几盏"); centre.get(draft+"/question?set=lamp-new").Code == http.StatusOK {
			t.Error("a published version can be changed")
		}
		if a := centre.get(draft + "/questions"); a.Code != http.StatusNotFound {
			t.Errorf("a new set of a published version: %d", a.Code)
		}
		r := e.Cases.District().Duties.NewReplayer()
		if _, err := journal.Verify(t.Context(), e.DB, e.Pack.District, r.Fold); err != nil {
			t.Error(err)
		}
		if err := r.Finish(t.Context(), e.DB); err != nil {
			t.Error(err)
		}
	})
}

// TestQuestionsLook opens the pages of questions at both widths and asks axe; the
// preview shows a question when the answer it hangs on is chosen.
func TestQuestionsLook(t *testing.T) {
	s := serve(t)
	s.adopt(t)
	admin := s.hire("220605", "管理员", access.Admin)
	admin.post(cataloguePath, url.Values{"reason": {"看一看"}})
	set := ""
	for _, x := range s.Cases.District().Duties.Base().Duties().Questions {
		for _, q := range x.Fields {
			if q.When != "" {
				set = x.ID
			}
		}
	}
	if set == "" {
		t.Fatal("no set with a condition")
	}
	for _, size := range []uitest.Size{tallDesk, uitest.Phone} {
		tab := uitest.New(t, size)
		s.enter(tab, admin, cataloguePath)
		for i, path := range []string{"/questions?set=" + set, "/questions", "/question?set=" + set} {
			tab.Open(s.url + cataloguePath + "/2" + path)
			tab.Axe()
			tab.Overflow()
			tab.FullShot(fmt.Sprintf("questions-%d-%d", size.W, i))
		}
		tab.Open(s.url + cataloguePath + "/2/questions?set=" + set)
		tab.Wait(`document.querySelector("form[lang=en] [data-when]").hidden`)
		tab.Eval(`(() => { const b = document.querySelector("form[lang=en] [data-when]"); const v = b.dataset.values.split("|")[0];
			document.querySelector("form[lang=en] [name='" + b.dataset.when + "'][value='" + v + "']").click(); })()`)
		tab.Wait(`!document.querySelector("form[lang=en] [data-when]").hidden`)
	}
}

// TestSetOrder: sets change places in a draft, and the questions of a matter that two of
// them ask follow; the comparison names what moved.
func TestSetOrder(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		e.adopt(t)
		centre := e.hire("hotline", "派单员", access.Dispatcher)
		draft := centre.post(cataloguePath, url.Values{"reason": {"换个次序"}}).Header.Get("Location")
		ids := func() (out []string) {
			for _, m := range regexp.MustCompile(`<tr id="set-([^"]+)"`).FindAllStringSubmatch(centre.page(draft).Body, -1) {
				out = append(out, m[1])
			}
			return out
		}
		was := ids()
		if len(was) < 2 {
			t.Fatalf("sets %v", was)
		}
		move := func(do string) *answer {
			v := centre.page(draft).form(draft + "/edit")
			v.Set("do", do)
			return centre.post(draft+"/edit", v)
		}
		if a := move("set-down:" + was[0]); a.Code != http.StatusSeeOther || !strings.HasSuffix(a.Header.Get("Location"), "#set-"+was[0]) {
			t.Fatalf("%d %s", a.Code, a.Header.Get("Location"))
		}
		if now := ids(); now[0] != was[1] || now[1] != was[0] {
			t.Errorf("%v became %v", was, now)
		}
		centre.page(draft+"/compare").contains(t, "换了次序")
		if a := move("set-up:" + was[0]); a.Code != http.StatusSeeOther {
			t.Fatalf("%d", a.Code)
		}
		if now := ids(); !slices.Equal(now, was) {
			t.Errorf("%v came back as %v", was, now)
		}
		// At the ends nothing falls off, and what is not there is not moved.
		move("set-up:" + was[0])
		move("set-down:" + was[len(was)-1])
		if now := ids(); !slices.Equal(now, was) {
			t.Errorf("at the ends: %v", now)
		}
		if a := move("set-up:nothing"); a.Code != http.StatusNotFound {
			t.Errorf("a set that is not there: %d", a.Code)
		}
	})
}
