package public

import (
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// told is one act of a case in residents' words. What is not made here is not
// told: notes, hand-backs, assignments, supervision and everything a later version
// adds stay inside until somebody writes their telling.
type told struct {
	title string
	note  string
	open  bool   // anybody may know it, not only who holds the secret
	other string // what others than the resident are told instead of the title
}

// tell says how an act is told to the resident; false when it is not.
func (p *pages) tell(lang words.Lang, e *cases.Entry) (told, bool) {
	say := func(key string, args ...any) string { return words.T(lang, "public.told."+key, args...) }
	mine := e.Actor.Capacity == access.Resident
	unit := func(id string) string { return p.UnitName(lang, id) }
	switch e.Action {
	case "report":
		return told{title: say("report"), open: true, other: say("report.anybody")}, true
	case "dispatch", "designate":
		return told{title: say("dispatch", unit(e.Set["unit"])), open: true}, true
	case "sign":
		return told{title: say("sign", unit(e.Actor.Unit)), open: true}, true
	case "contact":
		switch e.Answers.Str("how") {
		case "phone", "visit", "message":
			return told{title: say("contact."+e.Answers.Str("how"), unit(e.Actor.Unit))}, true
		case "not_reached":
			return told{title: say("contact.not_reached", unit(e.Actor.Unit))}, true
		}
	case "progress":
		if e.Answers.Bool("tell_resident") {
			return told{title: say("progress", unit(e.Actor.Unit)), note: e.Texts["note"]}, true
		}
	case "whistled":
		return told{title: say("whistled"), open: true}, true
	case "grant_extension":
		return told{title: say("extension"), open: true}, true
	case "grant_suspension":
		return told{title: say("suspension"), open: true}, true
	case "resume":
		return told{title: say("resume"), open: true}, true
	case "reply":
		return told{title: say("reply", unit(e.Actor.Unit)), note: e.Texts["reply"], open: true}, true
	case "answer":
		return told{title: say("answer"), note: e.Texts["reply"], open: true}, true
	case "screen_out":
		return told{title: say("screened"), note: e.Texts["reply"]}, true
	case "terminate":
		return told{title: say("terminated"), note: e.Texts["reply"]}, true
	case "return_reply", "redo":
		return told{title: say("redo"), open: true}, true
	case "call_back":
		if e.Answers.Bool("reached") {
			return told{title: say("call_back")}, true
		}
		return told{title: say("call_back.missed")}, true
	case "merge":
		return told{title: say("merge")}, true
	case "unmerge":
		return told{title: say("unmerge")}, true
	case "supplement":
		if mine {
			return told{title: say("supplement"), note: e.Texts["text"]}, true
		}
		return told{title: say("supplement.desk")}, true
	case "urge":
		if mine {
			return told{title: say("urge")}, true
		}
	case "rate":
		return told{title: say("rate", words.T(lang, "public.told.rate."+e.Answers.Str("solved")))}, true
	case "withdraw":
		return told{title: say("withdraw")}, true
	}
	return told{}, false
}

// timeline tells a case, newest first. For anybody it tells less, and the answers
// once more without personal data: units write to one person.
func (p *pages) timeline(f ui.Page, v *cases.View, anybody bool) []ui.Event {
	var out []ui.Event
	for i := range v.Entries {
		e := &v.Entries[i]
		t, ok := p.tell(f.Lang, e)
		if !ok || (anybody && !t.open) {
			continue
		}
		if anybody {
			t.note = masked(t.note)
			if t.other != "" {
				t.title = t.other
			}
		}
		out = append(out, ui.Event{Title: t.title, Note: strings.TrimSpace(t.note), At: time.UnixMicro(e.At), Tone: "ok"})
	}
	slices.Reverse(out)
	if len(out) > 0 && !v.Case.Ended() {
		out[0].Tone = "on"
	}
	return out
}

// photoMoments are the moments of the acts whose photos are shown: a photo has the
// moment of its act. Those of acts that are not told stay inside. Anybody sees
// those of the report and of the answer, once the centre has read the report.
func (p *pages) photoMoments(v *cases.View, anybody bool) map[int64]string {
	out := map[int64]string{}
	for i := range v.Entries {
		e := &v.Entries[i]
		t, ok := p.tell(words.ZH, e)
		switch {
		case !ok || e.Photos == 0, anybody && !read(v.Case):
		case anybody && !(t.open && (e.Action == "report" || e.Action == "reply")):
		default:
			out[e.At] = e.Action
		}
	}
	return out
}
