package desk

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/duties"
	"weixiao/internal/flow"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// unitLine is one unit that has to do with a case.
type unitLine struct{ Name, Note, Phone string }

// stages are the way of a case from left to right.
func (f *frame) stages(v *cases.View) []ui.Stage {
	when := map[string]time.Time{}
	for _, e := range v.Entries {
		switch e.Action {
		case "report", "sign", "contact", "reply", "call_back", "rate":
			when[e.Action] = e.Time()
		case "dispatch", "designate", "hand_on":
			when["dispatch"] = e.Time()
			delete(when, "sign")
			delete(when, "contact")
		}
	}
	note := func(action string, since string) string {
		t, ok := when[action]
		if !ok {
			return ""
		}
		if from, ok := when[since]; ok && since != "" {
			return words.Clock(t) + f.T("word.separator") + words.DurationRough(f.Lang, t.Sub(from))
		}
		return f.Moment(t)
	}
	k := v.Case
	names := []string{"report", "dispatch", "sign", "contact", "handle", "reply", "close"}
	current := map[string]int{cases.Pending: 1, cases.Dispatched: 2, cases.Signed: 3, cases.Handling: 4, cases.Rework: 4, cases.Replied: 6}
	cur, running := current[k.State]
	if !running && k.State != cases.Closed {
		return []ui.Stage{{Label: f.T("desk.stage.report"), Note: note("report", ""), State: "ok"}, {Label: f.T("state.case." + k.State), Note: f.closedAt(k), State: "ok"}}
	}
	out := make([]ui.Stage, len(names))
	for i, n := range names {
		s := ui.Stage{Label: f.T("desk.stage." + n)}
		switch {
		case !running || i < cur:
			s.State = "ok"
		case i == cur:
			s.State = "cur"
		}
		switch n {
		case "report", "dispatch":
			s.Note = note(n, "")
		case "sign":
			s.Note = note("sign", "dispatch")
		case "contact":
			s.Note = note("contact", "")
		case "handle":
			if t, ok := when["dispatch"]; ok && running && i == cur {
				s.Note = f.T("desk.stage.used", words.DurationRough(f.Lang, f.Now.Sub(t)))
			}
		case "reply":
			s.Note = note("reply", "")
			if c, ok := k.Clocks[cases.ClockReply]; ok && s.Note == "" && c.Due > 0 {
				s.Note = f.T("desk.stage.before", f.Moment(time.UnixMicro(c.Due)))
			}
		case "close":
			s.Note = f.closedAt(k)
		}
		out[i] = s
	}
	return out
}

func (f *frame) closedAt(k *cases.Case) string {
	if k.Closed == 0 {
		return ""
	}
	return f.Moment(time.UnixMicro(k.Closed))
}

// clocks are the promises of a case, the next to run out first.
func (f *frame) clocks(k *cases.Case) []ui.Clock {
	names := slices.DeleteFunc(slices.Clone(clockOrder), func(n string) bool { _, ok := k.Clocks[n]; return !ok })
	rank := func(n string) int64 {
		c := k.Clocks[n]
		switch {
		case c.Running() && c.Due > 0:
			return c.Due
		case c.Running():
			return cases.NoDue - 1
		}
		return cases.NoDue
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	out := make([]ui.Clock, len(names))
	for i, n := range names {
		c := k.Clocks[n]
		out[i] = ui.Clock{Label: f.T("clock." + n), Due: f.due(c), Used: -1, Main: i == 0 && c.Running(), Why: "/desk/cases/" + k.Number + "/clocks/" + n}
		if whole := c.Due - c.Start; c.Running() && whole > 0 {
			out[i].Used = int(min(100, (f.Now.UnixMicro()-c.Start)*100/whole))
		}
	}
	return out
}

// relationOrder is the order in which the units of a case are listed.
var relationOrder = []string{cases.Lead, cases.Assist, cases.Called, cases.Former}

// unitLines are the units of a case and what they are to it. reporter is the unit
// that brought it in, which may do nothing but read.
func (f *frame) unitLines(k *cases.Case, reporter string) []unitLine {
	ids := slices.SortedFunc(maps.Keys(k.Units), func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(relationOrder, k.Units[a]), slices.Index(relationOrder, k.Units[b])),
			cmp.Compare(len(f.d.s.Pack.Directory.Path(a)), len(f.d.s.Pack.Directory.Path(b))), cmp.Compare(a, b))
	})
	out := make([]unitLine, len(ids))
	for i, id := range ids {
		u, _ := f.d.s.Pack.Directory.Unit(id)
		out[i] = unitLine{Name: f.unit(id), Note: f.T("relation." + k.Units[id]), Phone: u.Phone}
		if id == reporter && k.Units[id] == cases.Former {
			out[i].Note = f.T("relation.reporter")
		}
		if id == k.Holder && k.Assignee != "" {
			if n := f.d.names.name(f.r.Context(), k.Assignee); n != "" {
				out[i].Note += f.T("word.separator") + n
			}
		}
	}
	return out
}

// facts are the lines under the words of a request.
func (f *frame) facts(c *caseView) []ui.Pair {
	k := c.Case
	text := func(label, value string) ui.Pair { return ui.Pair{Label: f.T(label), Value: ui.Text(value)} }
	change := ""
	if slices.ContainsFunc(c.Actions, func(a *flow.Action) bool { return a.Name == "classify" }) {
		change = "/desk/cases/" + k.Number + "/do/classify" + c.query()
	}
	out := []ui.Pair{{Label: f.T("desk.case.matter"), Value: changeable(f, f.matter(k.Matter), change)},
		text("desk.case.kind", f.T("kind."+k.Kind))}
	if p := f.places(k.Place); p != "" {
		out = append(out, text("desk.case.place", p))
	}
	if k.Asset != "" {
		out = append(out, ui.Pair{Label: f.T("desk.case.asset"), Value: assetLink(k.Asset)})
	}
	out = append(out, ui.Pair{Label: f.T("desk.case.person"), Value: petitioner(f, c)})
	out = append(out, text("desk.case.limits", f.profile(k.Profile)))
	if !k.Public {
		out = append(out, text("desk.case.public", f.T("desk.case.private")))
	}
	for _, e := range c.Entries {
		if e.Action == "report" {
			out = append(out, f.asked(k, e)...)
		}
	}
	if k.Unit != "" && k.Rule != "" {
		out = append(out, ui.Pair{Label: f.T("desk.case.why"), Value: whyLines(f, f.why(k, c.Entries), f.objected(k))})
	}
	if o := f.outcome(k.Outcome); o != "" {
		out = append(out, text("desk.case.outcome", o))
	}
	return out
}

// why is the reason for which a case lies with its unit: in a sentence, then the
// rule, its conditions and its basis, as they were when it was sent there.
func (f *frame) why(k *cases.Case, entries []cases.Entry) []string {
	if k.Rule == "manual" || k.Rule == "designated" {
		return []string{f.T("desk.case.rule." + k.Rule)}
	}
	at := k.Created
	for _, e := range entries {
		if e.Action == "dispatch" || e.Action == "hand_on" {
			at = e.At
		}
	}
	var out []string
	if f.Lang != words.EN && k.Why != "" {
		out = append(out, k.Why)
	}
	for _, g := range f.d.s.Cases.Dispatched(k, micro(at)) {
		out = append(out, f.either(g.ZH, g.EN))
	}
	if len(out) == 0 {
		out = append(out, k.Why)
	}
	return out
}

// objected is the number of a case that a unit handed back, for those who can make
// a rule of it; else "".
func (f *frame) objected(k *cases.Case) string {
	if k.Counts.Handbacks == 0 || !f.is(rolesOf(&duties.Table, "edit")) {
		return ""
	}
	return k.Number
}

// either is one of two texts in the reader's language.
func (f *frame) either(zh, en string) string {
	if f.Lang == words.EN && en != "" {
		return en
	}
	return zh
}

// asked are the answers to the matter's own questions: first those to known ones,
// in the words of the question, then what else came, as it was given.
func (f *frame) asked(k *cases.Case, e cases.Entry) []ui.Pair {
	given := attributes(e)
	var out []ui.Pair
	rule, version := catalogue.ParseRef(k.Rule)
	cat, _ := f.d.s.Cases.District().Duties.Now().Version(version)
	questions := cat.Questions(k.Matter, rule)
	for _, a := range catalogue.Spell(questions, given) {
		out = append(out, ui.Pair{Label: f.either(a.QuestionZH, a.QuestionEN), Value: ui.Text(f.either(a.ZH, a.EN))})
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.ContainsFunc(questions, func(q catalogue.Question) bool { return q.Name == name }) {
			out = append(out, ui.Pair{Label: f.T("desk.case.asked"), Value: ui.Text(name + ": " + strings.Join(given[name], ", "))})
		}
	}
	return out
}

// outcome is what was said in the end, by the unit and by the resident.
func (f *frame) outcome(o cases.Outcome) string {
	s := ""
	join := func(t string) {
		if s != "" {
			s += f.T("word.separator")
		}
		s += t
	}
	if o.Result != "" {
		join(f.T("desk.case.unit.says", ui.OptionLabel(f.Lang, "reply", "result", o.Result)))
	}
	switch {
	case o.By == "unreachable":
		join(f.T("desk.case.unreachable"))
	case o.Solved != "":
		join(f.T("desk.case.resident.says", ui.OptionLabel(f.Lang, o.By, "solved", o.Solved), ui.OptionLabel(f.Lang, o.By, "satisfied", o.Satisfied)))
	}
	return s
}

// short are the few facts of a preview.
func (f *frame) short(v *previewView) []ui.Pair {
	k := v.Case
	out := []ui.Pair{{Label: f.T("desk.case.person"), Value: petitioner(f, v)}}
	if p := f.places(k.Place); p != "" {
		out = append(out, ui.Pair{Label: f.T("desk.case.place"), Value: ui.Text(p)})
	}
	for _, u := range f.unitLines(k, v.reporter()) {
		out = append(out, ui.Pair{Label: u.Note, Value: ui.Text(u.Name)})
	}
	if k.State == cases.Pending {
		s := f.suggest(k)
		out = append(out, ui.Pair{Label: f.T("desk.case.suggested"), Value: ui.Text(s.Unit + f.T("word.separator") + s.Reason)})
		if a, _ := f.advice(k); a.Shown {
			out = append(out, ui.Pair{Label: f.T("desk.advice.title"), Value: ui.Text(a.short(f))})
		}
	}
	return out
}
