package public

import (
	"strings"

	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/form"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// questions are what the matter that the words are about asks of its own; none
// while nobody knows the matter.
func (p *pages) questions(d *draft) []catalogue.Question {
	found := p.Pack.Catalogue.Suggest(d.Words, 1, catalogue.KindRequest)
	if len(found) == 0 {
		return nil
	}
	var place cases.Place
	if at, ok := p.Pack.Directory.OfPlace(d.Area); d.Area != "" && ok {
		place.Street, place.Community = at.Street.ID, at.Community.ID
	}
	now := p.Clock()
	why := p.Cases.District().Decide(found[0].Matter.Key, "", "portal", place, now)
	return p.Cases.District().Duties.Now().At(now).Questions(found[0].Matter.Key, why.Rule)
}

// takeAnswers takes the answers to a matter's own questions out of what was posted.
func takeAnswers(raw form.Raw) form.Raw {
	out := form.Raw{}
	for name, v := range raw {
		if !strings.HasPrefix(name, web.AskPrefix) {
			continue
		}
		delete(raw, name)
		if len(out) >= maxAnswers || len(v) > maxAnswers {
			continue
		}
		for _, s := range v {
			out[name] = append(out[name], legible(short(s, 2000)))
		}
	}
	return out
}

// maxAnswers is how many answers, and values of one, are kept of what was posted.
const maxAnswers = 20

// contactPart is the view without the matter's own questions, which stand above.
func contactPart(v ui.FormView) ui.FormView {
	v.Form = contactForm
	return v
}
