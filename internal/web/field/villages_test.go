package field

import (
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/web/uitest"
)

const (
	lixin  = "220605003202" // 正岔街道立新村
	lixins = "220605003"    // its street
)

// TestVillageWithoutASignal: the secretary raises a work and finishes another, without a signal; somebody of the street
// looks at the second, and not who did it.
func TestVillageWithoutASignal(t *testing.T) {
	s := serve(t)
	w, lead := s.hire(lixin, "王书记", access.Community), s.hire(lixins, "刘主任", access.StreetLead)
	first := w.taken(w.item("village_work", "", "raise", map[string][]string{"village": {lixin}, "item": {"walls"}, "what": {"村口围墙倒了一段"}}), picture(t, 1))
	if again := w.taken(w.item("village_work", "", "raise", map[string][]string{"village": {lixin}, "item": {"walls"}, "what": {"另一段"}})); again.Subject == first.Subject {
		t.Error("another key, the same work")
	}
	tab := uitest.New(t, uitest.Phone)
	s.enter(tab, w)
	tab.WaitText(".tasks", "立新村")
	tab.Offline(true)
	s.open(tab)
	tab.Eval(`location.hash = "#/t/village_work/` + first.Subject + `"`)
	tab.Wait(`document.querySelector('a[href^="#/do/village_work.finish"]')`)
	look(tab, "village")
	tab.Click(`a[href^="#/do/village_work.finish"]`)
	tab.Wait(`document.querySelector("#f-done")`)
	tab.Fill("#f-done", "已重新砌好")
	tab.Files(`form input[capture]`, shot(t, "wall", 600, 400))
	tab.Wait(`document.querySelectorAll("form .pics .pic").length === 1`)
	tab.Click("#form button[type=submit]")
	waits(tab, 1)
	tab.Eval(`location.hash = "#/"`)
	tab.Wait(`document.querySelector('a[href="#/do/village_work.raise/"]')`)
	look(tab, "village-tasks")
	tap(tab, `a[href="#/do/village_work.raise/"]`)
	tab.Wait(`document.querySelector("#f-what")`)
	tab.Wait(`document.querySelector("input[name=f-village]:checked")`) // there is but one
	tab.Eval(`(() => { const i = document.querySelector("#f-item, input[name=f-item]"); if (i.tagName === "SELECT") { i.value = "walls"; i.dispatchEvent(new Event("change")); } else { document.querySelector("input[name=f-item][value=walls]").click(); } })()`)
	tab.Fill("#f-what", "柴垛堆在路边")
	look(tab, "village-raise")
	tap(tab, "#form button[type=submit]")
	waits(tab, 2)
	tab.Kill()
	back(tab)
	s.open(tab)
	waits(tab, 0)
	x, err := s.site.Villages.Work(t.Context(), w.scope(), first.Subject)
	if err != nil || x.State != villages.Finished || s.filesOf("village_work", first.Subject) != 2 {
		t.Fatalf("%+v %v", x, err)
	}
	if v, err := s.site.Villages.Village(t.Context(), w.scope(), lixin, "", 0, 10); err != nil || len(v.Works) != 3 {
		t.Errorf("%+v %v", v, err)
	}
	do := func(who *worker) (out []string) {
		for _, x := range who.ofKind("village_work") {
			if x.Subject == first.Subject {
				out = x.Do
			}
		}
		return out
	}
	if got := do(w); len(got) != 0 {
		t.Errorf("who did it may %v", got)
	}
	if got := do(lead); len(got) == 0 || got[0] != "village_work.pass" {
		t.Errorf("the street may %v", got)
	}
	pass := lead.item("village_work", first.Subject, "pass", nil)
	a := lead.taken(pass, picture(t, 3))
	if again := lead.taken(pass, picture(t, 3)); !again.Again || again.Subject != a.Subject {
		t.Errorf("%+v", again)
	}
	if x, err = s.site.Villages.Work(t.Context(), w.scope(), first.Subject); err != nil || x.State != villages.Kept {
		t.Errorf("%+v %v", x, err)
	}
	s.verified()
}
