package desk

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// actors loads the names of everybody a list of acts mentions.
func (f *frame) actors(acts []journal.Act, more ...string) error {
	ids := slices.Clone(more)
	for _, a := range acts {
		ids = append(ids, a.Actor.Account)
	}
	return f.d.names.load(f.r.Context(), ids...)
}

// by is who did something: a name with the unit, or what somebody without an
// account is called.
func (f *frame) by(a journal.Actor) string {
	switch capacity, _, _ := strings.Cut(a.Capacity, ":"); {
	case a.Account != "":
		name := f.d.names.name(f.r.Context(), a.Account)
		if name == "" {
			name = f.T("role.system")
			if words.Has("role." + capacity) {
				name = f.T("role." + capacity)
			}
		}
		if unit := f.unit(a.Unit); unit != "" {
			return f.T("desk.log.person", name, unit)
		}
		return name
	case capacity == "open311":
		return f.T("channel.open311")
	case words.Has("role." + capacity):
		return f.T("role." + capacity)
	}
	return f.T("role.system")
}

// did is one act as a sentence: who did what.
func (f *frame) did(a journal.Act) string {
	key := "did." + a.Kind + "." + a.Action
	if !words.Has(key) {
		return f.T("desk.log.did", f.by(a.Actor), a.Action)
	}
	return f.T("desk.log.did", f.by(a.Actor), f.T(key))
}

// hot and good are the acts that stand out in a log.
var (
	hotActs  = []string{"urge", "supervise", "instruct", "list", "send_back", "appeal", "hand_back", "return_reply", "redo", "refute", "decline", "return_task", "terminate", "cancel"}
	goodActs = []string{"reply", "accept", "release", "delist", "answer", "grant_extension", "confirm_task", "report_in"}
)

// event is one act with what was answered and said.
func (f *frame) event(table *flow.Table, a journal.Act, answers form.Answers) ui.Event {
	e := ui.Event{Title: f.did(a), At: a.Time(), Note: f.told(table, a, answers)}
	switch {
	case slices.Contains(hotActs, a.Action):
		e.Tone = "hot"
	case slices.Contains(goodActs, a.Action):
		e.Tone = "ok"
	}
	if n := answers.Str("check"); n != "" && table == &cases.Table {
		e.Link, e.Words = checkPath+"/"+n, n
	} else if n := answers.Str("order"); n != "" && table == &cases.Table {
		e.Link, e.Words = "/desk/orders/"+n, n
	} else if n := answers.Str("case") + answers.Str("into"); n != "" && table == &cases.Table {
		e.Link, e.Words = "/desk/cases/"+n, n
	}
	return e
}

// told writes the answers of an act, in the order of its form, then its words.
func (f *frame) told(table *flow.Table, a journal.Act, answers form.Answers) string {
	var parts, said []string
	action, err := table.Action(a.Action)
	if err != nil {
		action = &flow.Action{}
	}
	texts := map[string]string{}
	for name, s := range a.Texts {
		texts[name] = s
	}
	for _, fd := range action.Form.Fields {
		if s, ok := texts[fd.Name]; ok {
			if len(texts) > 1 || fd.Name == "inner_note" {
				s = f.labelled(action.Form.Name, fd, s)
			}
			said = append(said, s)
			delete(texts, fd.Name)
			continue
		}
		if s := f.answer(action.Form.Name, fd, answers); s != "" && fd.Type != form.Case {
			parts = append(parts, s)
		}
	}
	rest := make([]string, 0, len(texts))
	for _, s := range texts {
		rest = append(rest, s)
	}
	sort.Strings(rest)
	return strings.Join(slices.Concat(parts, said, rest), f.T("desk.log.comma"))
}

// labelled puts what an answer is about before it; "told.<form>.<field>" says it
// shorter than the question of the form does.
func (f *frame) labelled(formName string, fd form.Field, s string) string {
	label := ui.FieldLabel(f.Lang, formName, fd.Name)
	if key := "told." + formName + "." + fd.Name; words.Has(key) {
		label = f.T(key)
	}
	return label + f.T("word.colon") + s
}

// answer is one answer with its label; a plain no is worth a word only where yes
// or no was asked for.
func (f *frame) answer(formName string, fd form.Field, a form.Answers) string {
	if fd.Type == form.Bool && !fd.Required && !a.Bool(fd.Name) {
		return ""
	}
	var s string
	switch fd.Name {
	case "matter":
		s = f.d.s.MatterName(f.Lang, a.Str(fd.Name))
	case "profile":
		if p := a.Str(fd.Name); p != "" {
			s = f.profile(p)
		}
	case "leader":
		if id := a.Str(fd.Name); id != "" {
			s = f.post(id)
		}
	case "ground":
		p, ok := f.d.s.Pack.Procedures.Pause(a.Str(fd.Name))
		if s = p.Title; f.Lang == words.EN {
			s = p.English
		}
		if !ok || formName != "request_pause" {
			s = ui.Said(f.Page, formName, fd, a, f.unit)
		}
	case "to_account":
		if id := a.Str(fd.Name); id != "" {
			if s = f.d.names.name(f.r.Context(), id); s == "" {
				s = f.T("desk.log.somebody")
			}
		}
	default:
		s = ui.Said(f.Page, formName, fd, a, f.unit)
	}
	if s == "" {
		return ""
	}
	return f.labelled(formName, fd, s)
}

// events are the acts of a case, newest first.
func (f *frame) events(entries []cases.Entry) ([]ui.Event, error) {
	acts, named := make([]journal.Act, len(entries)), []string{}
	for i, e := range entries {
		acts[i] = e.Act
		named = append(named, e.Answers.Str("to_account"))
	}
	if err := f.actors(acts, named...); err != nil {
		return nil, err
	}
	out := make([]ui.Event, 0, len(entries))
	for _, e := range slices.Backward(entries) {
		ev := f.event(&cases.Table, e.Act, e.Answers)
		if e.Action == cases.Recounted {
			ev.Note = f.recounted(e.Moved)
		}
		if e.Action == "report" {
			ev.Note = f.channel(e.Set["channel"])
		}
		if e.Photos > 0 {
			ev.Note = strings.TrimPrefix(ev.Note+f.T("desk.log.comma")+f.T("word.photos", e.Photos), f.T("desk.log.comma"))
		}
		out = append(out, ev)
	}
	if len(out) > 0 && out[0].Tone == "" {
		out[0].Tone = "now"
	}
	return out, nil
}

// whistleEvents are the acts of a whistle, newest first.
func (f *frame) whistleEvents(entries []cases.WhistleEntry) ([]ui.Event, error) {
	acts := make([]journal.Act, len(entries))
	for i, e := range entries {
		acts[i] = e.Act
	}
	if err := f.actors(acts); err != nil {
		return nil, err
	}
	out := make([]ui.Event, 0, len(entries))
	for _, e := range slices.Backward(entries) {
		ev := f.event(&cases.WhistleTable, e.Act, e.Answers)
		if e.Action == cases.Recounted {
			ev.Note = f.recounted(e.Moved)
		}
		out = append(out, ev)
	}
	if len(out) > 0 && out[0].Tone == "" {
		out[0].Tone = "now"
	}
	return out, nil
}

// orderEvents are the acts of an order, newest first.
func (f *frame) orderEvents(entries []cases.OrderEntry) ([]ui.Event, error) {
	acts := make([]journal.Act, len(entries))
	for i, e := range entries {
		acts[i] = e.Act
	}
	if err := f.actors(acts); err != nil {
		return nil, err
	}
	out := make([]ui.Event, 0, len(entries))
	for _, e := range slices.Backward(entries) {
		out = append(out, f.event(&cases.OrderTable, e.Act, e.Answers))
	}
	if len(out) > 0 && out[0].Tone == "" {
		out[0].Tone = "now"
	}
	return out, nil
}

// recounted says which deadlines moved, from when to when.
func (f *frame) recounted(list map[string]cases.Moved) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(list)) {
		m := list[name]
		clock, unit, called := strings.Cut(name, ":")
		label := f.T("clock." + clock)
		if called {
			label += f.T("word.separator") + f.unit(unit)
		}
		switch {
		case m.To == 0:
		case m.From == m.To:
			parts = append(parts, f.T("desk.log.confirmed", words.Args{"clock": label, "to": words.Exact(f.Lang, micro(m.To))}))
		default:
			parts = append(parts, f.T("desk.log.moved", words.Args{"clock": label, "from": words.Exact(f.Lang, micro(m.From)), "to": words.Exact(f.Lang, micro(m.To))}))
		}
	}
	return strings.Join(parts, f.T("desk.log.comma"))
}

// attributes are the answers to a matter's own questions, as they were given, by
// code.
func attributes(e cases.Entry) map[string][]string {
	m, _ := e.Answers["attributes"].(map[string]any)
	out := map[string][]string{}
	for name, v := range m {
		if list, ok := v.([]any); ok {
			for _, x := range list {
				out[name] = append(out[name], fmt.Sprint(x))
			}
		}
	}
	return out
}
