package public_test

import (
	"strings"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web/uitest"
)

// renew puts the walls of a village right, with a photo before and one after, looked at
// by another; open says whether the photos may be public. It returns the ids of the photos.
func (e *env) renew(t *testing.T, village, item string, open bool) []string {
	t.Helper()
	s, street := e.site.Villages, "220605003"
	hand := access.ScopeOf(access.Principal{District: e.Pack.District, Account: "hand", Unit: street, Path: []string{street, e.Pack.District}, Roles: []string{access.Street}, Kind: access.Cookie})
	lead := access.ScopeOf(access.Principal{District: e.Pack.District, Account: "lead", Unit: street, Path: []string{street, e.Pack.District}, Roles: []string{access.StreetLead}, Kind: access.Cookie})
	var ids []string
	input := func(at time.Time, photo bool, kv ...string) villages.Input {
		in := villages.Input{Raw: form.Raw{}, At: at}
		for i := 0; i < len(kv); i += 2 {
			in.Raw[kv[i]] = []string{kv[i+1]}
		}
		if !photo {
			return in
		}
		list := e.stored(t)
		ids = append(ids, list[0].ID)
		in.Attach = func(tx *store.Tx, kind, id string, at time.Time) error {
			return e.site.Files.Attach(tx, e.Pack.District, kind, id, list, "hand", at)
		}
		return in
	}
	at := e.Clock()
	x, err := s.Raise(t.Context(), hand, input(at, true, "village", village, "item", item, "what", "赵老四家门口的墙"))
	if err == nil {
		_, err = s.Act(t.Context(), hand, x.ID, "finish", input(at.Add(time.Hour), true, "done", "赵老四自己刷的"))
	}
	if err == nil {
		kv := []string{"note", "看过了"}
		if open {
			kv = append(kv, "public", "true")
		}
		_, err = s.Act(t.Context(), lead, x.ID, "pass", input(at.Add(2*time.Hour), false, kv...))
	}
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestVillages: anybody reads what was put right in a village, with photos only when they
// were released; no word that somebody wrote, and no photo of work that is not done.
func TestVillages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		const lixin = "220605003202"
		p := e.person(t)
		p.get("/").want(200, "村庄整治")
		p.get("/villages").want(200, "还没有整治项目")
		open := e.renew(t, lixin, "walls", true)
		kept := e.renew(t, lixin, "ditches", false)
		p.get("/villages").want(200, "立新村", "已整治 2 项", "另有")
		x := p.get("/villages/"+lixin).want(200, "立新村", "已由他人查看", "整治前", "整治后")
		if strings.Contains(x.text(), "赵老四") || strings.Contains(x.text(), "看过了") {
			t.Errorf("the page has words that somebody wrote: %s", x.text())
		}
		for _, id := range open {
			if !strings.Contains(x.Body, "/villages/photo/"+id) {
				t.Errorf("photo %s is missing", id)
			}
			p.get("/villages/photo/" + id).want(200)
			p.get("/villages/photo/" + id + "?thumb").want(200)
			p.get("/photo/" + id).want(404)
		}
		for _, id := range kept {
			if strings.Contains(x.Body, id) {
				t.Errorf("photo %s is shown and was not released", id)
			}
			p.get("/villages/photo/" + id).want(404)
		}
		p.get("/villages/220605001001").want(404)
		en := e.person(t)
		en.lang = "en"
		for _, path := range []string{"/villages", "/villages/" + lixin} {
			if x := en.get(path).want(200); hasHan(x.text()) {
				t.Errorf("%s in English: %s", path, x.text())
			}
		}
	})
}

// TestVillagesLook opens the pages in both sizes of type and languages.
func TestVillagesLook(t *testing.T) {
	e := newEnv(t, storetest.Open(t, "sqlite", schemas))
	e.renew(t, "220605003202", "walls", true)
	tab := uitest.New(t, uitest.Phone)
	for i, q := range []string{"?elder=0&lang=zh-CN", "?elder=1&lang=zh-CN", "?elder=0&lang=en", "?elder=1&lang=en"} {
		for _, path := range []string{"/villages", "/villages/220605003202"} {
			tab.Open(e.url + path + q)
			tab.Axe()
			tab.Overflow()
			tab.Headings()
			tab.FullShot("villages" + string(rune('0'+i)) + strings.ReplaceAll(path, "/", "-"))
		}
	}
}
