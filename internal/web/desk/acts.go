package desk

import (
	"slices"

	"weixiao/internal/cases"
	"weixiao/internal/flow"
)

// acts are the actions of a case as buttons: the primary one, a few beside it,
// and the rest behind "more". Together they are exactly what the table opens.
type acts struct {
	Primary *flow.Action
	Beside  []*flow.Action
	More    []*flow.Action
	Keys    map[string]string // action -> key cap
}

// keyOf are the keys of actions. Two actions that are open together never share
// one: the first in the table keeps it.
var keyOf = map[string]string{
	"sign": "E", "contact": "R", "reply": "D", "hand_back": "B", "request_extension": "T", "assign": "A", "progress": "P", "note": "N",
	"dispatch": "E", "answer": "D", "screen_out": "B", "classify": "C", "merge": "M", "designate": "T", "hand_on": "T", "call_back": "E", "return_reply": "B",
	"accept_objection": "E", "refuse_objection": "B", "grant_extension": "E", "refuse_extension": "B", "grant_suspension": "E", "refuse_suspension": "B",
	"redo": "D", "urge": "U", "supervise": "S", "accept_appeal": "E", "refuse_appeal": "B", "grant_pause": "E", "refuse_pause": "B",
}

// forward are the actions that lead a case on, first come first: the one that is
// open is the primary button.
var forward = map[string][]string{
	cases.Pending: {"dispatch"}, cases.Dispatched: {"accept_objection", "accept_appeal", "sign"},
	cases.Signed:   {"accept_objection", "grant_suspension", "grant_pause", "grant_extension", "accept_appeal", "contact"},
	cases.Handling: {"grant_suspension", "grant_pause", "grant_extension", "accept_appeal", "reply"}, cases.Rework: {"grant_suspension", "grant_pause", "grant_extension", "accept_appeal", "reply"}, cases.Replied: {"call_back"},
}

// aside are actions that stay behind "more": they are there for rare days.
var aside = []string{"merge", "unmerge", "terminate", "withdraw", "supplement", "note", "supervise", "release_supervision", "request_suspension", "request_pause", "appeal", "change_level", "prolong_suspension", "prolong_pause", "instruct", "list", "redo", "urge",
	"screen_out", "designate"}

const besideMost = 4

func arrange(state string, open []*flow.Action) acts {
	a := acts{Keys: map[string]string{}}
	used := map[string]bool{}
	for _, name := range forward[state] {
		if i := slices.IndexFunc(open, func(x *flow.Action) bool { return x.Name == name }); i >= 0 && a.Primary == nil {
			a.Primary = open[i]
		}
	}
	rest := open
	if a.Primary != nil {
		if k := keyOf[a.Primary.Name]; k != "" {
			a.Keys[a.Primary.Name], used[k] = k, true
		}
		rest = slices.DeleteFunc(slices.Clone(open), func(x *flow.Action) bool { return x == a.Primary })
	}
	for _, x := range rest {
		if k := keyOf[x.Name]; k != "" && !used[k] {
			a.Keys[x.Name], used[k] = k, true
		}
		if slices.Contains(aside, x.Name) || len(a.Beside) == besideMost {
			a.More = append(a.More, x)
		} else {
			a.Beside = append(a.Beside, x)
		}
	}
	if len(a.Beside) == 0 && a.Primary == nil && len(a.More) <= besideMost {
		a.Beside, a.More = a.More, nil
	}
	return a
}
