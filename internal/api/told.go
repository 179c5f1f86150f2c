package api

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/form"
)

// told lists the acts a resident is told of, each with the answers and words that
// go with it. What is not here stays inside: notes, hand-backs, supervision, and
// everything a later version adds until somebody lists it.
var told = map[string][]string{
	"report": nil, "answer": {"reply"}, "screen_out": {"ground", "reply"}, "dispatch": nil, "designate": nil, "sign": nil, "contact": {"how"},
	"progress": {"note"}, "whistled": nil, "grant_extension": nil, "grant_suspension": nil, "resume": nil, "reply": {"result", "reply"},
	"return_reply": nil, "call_back": {"reached", "solved", "satisfied"}, "redo": nil, "rate": {"contacted", "solved", "satisfied", "note"},
	"supplement": {"text"}, "urge": {"note"}, "withdraw": {"note"}, "terminate": {"ground", "reply"}, "merge": nil, "unmerge": nil,
}

// own are acts whose words are the resident's only when the resident did them.
var own = []string{"supplement", "urge", "withdraw"}

// tell cuts an act down to what a resident is told; false when it is nothing.
func tell(e cases.Entry) (actEntry, bool) {
	names, ok := told[e.Action]
	mine := e.Actor.Capacity == access.Resident
	switch {
	case !ok || (e.Action == "progress" && !e.Answers.Bool("tell_resident")) || (e.Action == "urge" && !mine):
		return actEntry{}, false
	case slices.Contains(own, e.Action) && !mine:
		names = nil
	}
	out := caseEntry(e)
	out.account, out.answers, out.texts = "", form.Answers{}, map[string]string{}
	for _, name := range names {
		if v, ok := e.Answers[name]; ok {
			out.answers[name] = v
		}
		if s, ok := e.Texts[name]; ok {
			out.texts[name] = s
		}
	}
	if !mine {
		out.photos = 0
	}
	return out, true
}
