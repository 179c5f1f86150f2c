package cases

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/form"
)

// Telling is an act as the resident of its case is told of it, on every page and
// by every program.
type Telling struct {
	Story   string            // what happened, in the words of the message "tell.<story>" ({0} is the unit)
	Unit    string            // id of the unit the story names; "" = none
	Note    string            // words that go with the story, such as the unit's answer
	Answers form.Answers      // of the act's answers those the resident is told, or gave
	Texts   map[string]string // of the act's words those the resident is told, or wrote
	Mine    bool              // the resident did it
	Open    bool              // anybody may know it where the case is public, not only who holds the secret
}

// telling is how acts of one kind are told.
type telling struct {
	story string // "" = the action's name
	unit  func(*Entry) string
	told  []string // answers and words that go with it
	note  string   // the one of them that a page shows
	own   bool     // they are told only when the resident gave them
	open  bool
}

// tellings are the acts a resident is told of. What is not here stays inside:
// notes, hand-backs, assignments, supervision, and everything a later version adds
// until somebody lists it.
var tellings = map[string]telling{
	"report":             {open: true},
	"answer":             {told: []string{"reply"}, note: "reply", open: true},
	"screen_out":         {story: "screened", told: []string{"ground", "reply"}, note: "reply"},
	"dispatch":           {unit: sentTo, open: true},
	"designate":          {story: "dispatch", unit: sentTo, open: true},
	"hand_on":            {story: "dispatch", unit: sentTo, open: true},
	"sign":               {unit: doneBy, open: true},
	"contact":            {unit: doneBy, told: []string{"how"}},
	"progress":           {unit: doneBy, told: []string{"note"}, note: "note"},
	"whistled":           {open: true},
	"grant_extension":    {story: "extension", open: true},
	"grant_suspension":   {story: "suspension", open: true},
	"prolong_suspension": {story: "suspension", open: true},
	"grant_pause":        {story: "pause", open: true},
	"prolong_pause":      {story: "pause", open: true},
	"end_pause":          {story: "resume", open: true},
	"resume":             {open: true},
	"reply":              {unit: doneBy, told: []string{"result", "reply"}, note: "reply", open: true},
	"return_reply":       {story: "redo", open: true},
	"redo":               {open: true},
	"refute":             {story: "redo", open: true},
	"call_back":          {told: []string{"reached", "solved", "satisfied"}},
	"rate":               {told: []string{"contacted", "solved", "satisfied", "note"}, own: true},
	"supplement":         {told: []string{"text"}, note: "text", own: true},
	"urge":               {told: []string{"note"}, own: true},
	"withdraw":           {told: []string{"note"}, own: true},
	"terminate":          {story: "terminated", told: []string{"ground", "reply"}, note: "reply"},
	"merge":              {},
	"unmerge":            {},
}

func sentTo(e *Entry) string { return e.Set["unit"] }
func doneBy(e *Entry) string { return e.Actor.Unit }

// Tell says what the resident is told of an act; false when it is nothing.
func Tell(e *Entry) (Telling, bool) {
	x, ok := tellings[e.Action]
	out := Telling{Mine: e.Actor.Capacity == access.Resident, Open: x.open, Answers: form.Answers{}, Texts: map[string]string{}}
	if ok {
		out.Story, ok = x.what(e, out.Mine)
	}
	if !ok {
		return Telling{}, false
	}
	if x.unit != nil {
		out.Unit = x.unit(e)
	}
	if x.own && !out.Mine {
		return out, true
	}
	for _, name := range x.told {
		if v, ok := e.Answers[name]; ok {
			out.Answers[name] = v
		}
		if s, ok := e.Texts[name]; ok {
			out.Texts[name] = s
		}
	}
	out.Note = out.Texts[x.note]
	return out, true
}

// what is the story of an act; false when this one is not told.
func (x telling) what(e *Entry, mine bool) (string, bool) {
	story := x.story
	if story == "" {
		story = e.Action
	}
	switch e.Action {
	case "contact":
		how := e.Answers.Str("how")
		return story + "." + how, slices.Contains([]string{"phone", "visit", "message", "not_reached"}, how)
	case "progress":
		return story, e.Answers.Bool("tell_resident")
	case "call_back":
		if !e.Answers.Bool("reached") {
			story += ".missed"
		}
	case "rate":
		story += "." + e.Answers.Str("solved")
	case "supplement":
		if !mine {
			story += ".desk"
		}
	case "urge":
		return story, mine // the centre's own urging stays inside
	}
	return story, true
}
