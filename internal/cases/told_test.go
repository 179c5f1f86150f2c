package cases_test

import (
	"slices"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/words"
)

// inside are the acts no resident is told of.
var inside = []string{"classify", "hand_back", "assign", "request_extension", "request_suspension", "accept_objection", "refuse_objection",
	"refuse_extension", "refuse_suspension", "supervise", "release_supervision", "note", "change_level", "request_pause", "refuse_pause", "appeal", "accept_appeal",
	"refuse_appeal", "instruct", "list", "hear"}

// TestEveryActIsToldOrInside: somebody decides for each action of the table
// whether residents are told of it, and with which words.
func TestEveryActIsToldOrInside(t *testing.T) {
	for _, a := range cases.Table.Actions {
		// With these answers every action that is ever told is told.
		e := entry(a.Name, access.Resident, form.Answers{"how": "phone", "tell_resident": true, "solved": "part"}, nil)
		told, ok := cases.Tell(e)
		if hidden := slices.Contains(inside, a.Name); ok == hidden {
			t.Errorf("%s is told: %v. Decide in told.go, or list it here as inside", a.Name, ok)
		}
		if ok && !words.Has("tell."+told.Story) {
			t.Errorf("%s has no message tell.%s", a.Name, told.Story)
		}
	}
}

func entry(action, capacity string, answers form.Answers, texts map[string]string) *cases.Entry {
	return &cases.Entry{Act: journal.Act{Action: action, Actor: journal.Actor{Capacity: capacity, Unit: "u1"}, Texts: texts},
		Change: cases.Change{Answers: answers, Set: map[string]string{"unit": "u2"}}}
}

func TestTell(t *testing.T) {
	for _, c := range []struct {
		name, action, capacity string
		answers                form.Answers
		texts                  map[string]string
		story, unit, note      string // story "" = not told
	}{
		{"whom it was sent to", "designate", access.Supervisor, nil, map[string]string{"reason": "x"}, "dispatch", "u2", ""},
		{"who answers, without the inner note", "reply", access.Street, form.Answers{"result": "solved", "on_site": true}, map[string]string{"reply": "好了", "inner_note": "x"}, "reply", "u1", "好了"},
		{"a call without its notes", "contact", access.Street, form.Answers{"how": "phone"}, map[string]string{"note": "x"}, "contact.phone", "u1", ""},
		{"that nobody is to call", "contact", access.Street, form.Answers{"how": "no_contact"}, nil, "", "", ""},
		{"progress inside", "progress", access.Street, form.Answers{}, map[string]string{"note": "x"}, "", "", ""},
		{"progress for the resident", "progress", access.Street, form.Answers{"tell_resident": true}, map[string]string{"note": "明天修"}, "progress", "u1", "明天修"},
		{"a call-back", "call_back", access.Callback, form.Answers{"reached": true, "solved": "no"}, map[string]string{"note": "x"}, "call_back", "", ""},
		{"a call-back that reached nobody", "call_back", access.Callback, form.Answers{"reached": false}, nil, "call_back.missed", "", ""},
		{"the resident's own words", "supplement", access.Resident, nil, map[string]string{"text": "还有"}, "supplement", "", "还有"},
		{"what the desk wrote down", "supplement", access.Operator, nil, map[string]string{"text": "x"}, "supplement.desk", "", ""},
		{"own urging", "urge", access.Resident, nil, nil, "urge", "", ""},
		{"the centre's urging", "urge", access.Supervisor, nil, map[string]string{"note": "x"}, "", "", ""},
		{"a rating", "rate", access.Resident, form.Answers{"solved": "no", "wants_redo": true}, nil, "rate.no", "", ""},
		{"a hand-back", "hand_back", access.Street, nil, map[string]string{"reason": "x"}, "", "", ""},
		{"an act of a later version", "recount", access.System, nil, map[string]string{"note": "x"}, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := cases.Tell(entry(c.action, c.capacity, c.answers, c.texts))
			if ok != (c.story != "") || got.Story != c.story || got.Unit != c.unit || got.Note != c.note {
				t.Errorf("%v %+v", ok, got)
			}
			for name, s := range got.Texts {
				if s == "x" {
					t.Errorf("%s is told", name)
				}
			}
			if got.Answers["on_site"] != nil || got.Answers["wants_redo"] != nil {
				t.Errorf("answers %v", got.Answers)
			}
		})
	}
}
