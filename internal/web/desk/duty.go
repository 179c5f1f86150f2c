package desk

import (
	"strings"

	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/form"
	"weixiao/internal/web"
)

// duty is what the rules say now about a request that is being written down.
func (f *frame) duty(matter, kind string, p cases.Place) catalogue.Decision {
	return f.d.s.Cases.District().Decide(matter, kind, f.comesBy(), p, f.Now)
}

// comesBy is how a request comes that is written down on this page: on the telephone
// at the centre, else seen by the one who writes.
func (f *frame) comesBy() string {
	if f.is(intakeRoles()) {
		return "hotline"
	}
	return f.ownChannel()
}

// questions are what a matter asks of its own at a place.
func (f *frame) questions(matter, kind string, p cases.Place) []catalogue.Question {
	if matter == "" {
		return nil
	}
	return f.d.s.Cases.District().Duties.Now().At(f.Now).Questions(matter, f.duty(matter, kind, p).Rule)
}

// questionsOf are those of the matter that is typed, or proposed for the words.
func (f *frame) questionsOf(raw form.Raw) []catalogue.Question {
	matter := raw.Get("matter")
	if matter == "" {
		_, matter = f.picks(raw)
	}
	return f.questions(matter, raw.Get("kind"), f.placeOf(raw))
}

// parted takes the answers to a matter's own questions out of what was typed.
func parted(typed form.Raw) (raw, asked form.Raw) {
	raw, asked = form.Raw{}, form.Raw{}
	for name, v := range typed {
		if strings.HasPrefix(name, web.AskPrefix) {
			asked[name] = v
		} else {
			raw[name] = v
		}
	}
	return raw, asked
}
