package public

import (
	"net/http"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// homeLatest is how many public cases the home page shows.
const homeLatest = 6

// homeView is the home page.
type homeView struct {
	Name, Hotline, Emergency string
	Cards                    []card
	Follow                   ui.FormView
	Workdays                 bool // the district holds community workdays
	Villages                 bool // it looks after its villages
	Ways                     []web.Way
	AskElder                 bool // nobody chose a size of type here yet
	Foot                     []string
}

func (p *pages) home(w http.ResponseWriter, r *http.Request) error {
	f := p.page(r, "public.home.title")
	found, _, _, err := p.published(r.Context(), cases.PublicFilter{}, "", homeLatest)
	if err != nil {
		return err
	}
	x := homeView{Name: p.text(f, "portal.name", "brand.name"),
		Hotline: p.text(f, "portal.hotline", "public.home.hotline"), Emergency: p.text(f, "portal.emergency", "public.home.emergency"),
		Follow: ui.FormView{Form: doorForm, ID: "follow", Action: "/follow"}}
	x.Foot, x.Workdays = p.footWords(f), len(p.Pack.Workdays.Themes) > 0
	x.Villages, x.Ways = p.Villages != nil, p.Ways
	_, err = r.Cookie("elder")
	x.AskElder = err != nil && !f.Elder
	for _, k := range found {
		x.Cards = append(x.Cards, p.card(f, k))
	}
	return p.show(w, r, http.StatusOK, f, nil, homePage(f, x))
}

// footWords are the lines of the pack at the foot of the home page.
func (p *pages) footWords(f ui.Page) []string {
	var out []string
	for _, key := range []string{"footer.host", "footer.operator", "portal.made_up"} {
		if t, ok := p.Pack.Words[key]; ok {
			s := t.ZH
			if f.Lang == words.EN {
				s = t.EN
			}
			out = append(out, s)
		}
	}
	return out
}

// infoSections are the pages of plain words: how many sections each has. The words
// are the messages public.<page>.1.head, public.<page>.1.text and so on.
var infoSections = map[string]int{"about": 4, "privacy": 6, "accessibility": 4}

// info shows a page of plain words.
func (p *pages) info(name string) access.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := p.page(r, "public."+name+".title")
		return p.show(w, r, http.StatusOK, f, nil, infoPage(f, name, infoSections[name], p.infoNote(f, name), p.limits(f)))
	}
}

// limits are the district's promises: what kind of matter is answered how soon.
func (p *pages) limits(f ui.Page) []ui.Answer {
	var out []ui.Answer
	for _, x := range p.Pack.Catalogue.Profiles() {
		name := x.Title
		if f.Lang == words.EN && x.English != "" {
			name = x.English
		}
		if x.Reply != "" {
			out = append(out, ui.Answer{Label: name, Value: limit(f, x.Reply)})
		}
	}
	return out
}

// infoNote is the district's own line on a page of words.
func (p *pages) infoNote(f ui.Page, name string) string {
	switch name {
	case "privacy":
		return p.noticeText(f.Lang)
	case "about":
		return p.text(f, "portal.hotline", "public.home.hotline")
	}
	return ""
}
