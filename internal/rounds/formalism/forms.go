package formalism

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/words"
)

// MostRequired is how many answers the form of somebody who works outside may demand. Six fit a phone's screen without
// scrolling; the sixth is already one too many with gloves on.
const MostRequired = 5

// outside are the roles that fill forms in on the street.
func outside() []string { return []string{access.Grid, access.GridChief, access.Community} }

// GateMark is the mark of a flow table that an action needs which only an exception in force opens.
const GateMark = "excepted"

// presence are names of actions by which somebody says to be there.
var presence = regexp.MustCompile(`(^|_)(present|presence|check_?in|sign_?in|clock_?in|punch|arrive|arrived|attend)(_|$)`)

// ofReport is what a case knows from the moment it was reported (cases.Report), and what every record knows of an
// act: who did it, for which unit, when.
var (
	ofReport = []string{"actor", "place", "phone", "person", "time", "matter", "photo"}
	ofAct    = []string{"actor", "time", "unit"}
)

// staffOf are the roles of people that may do an action.
func staffOf(a *flow.Action) (out []string) {
	for _, g := range a.Who {
		if r, ok := access.RoleOf(g.Role); ok && !r.Pseudo && !slices.Contains(out, g.Role) {
			out = append(out, g.Role)
		}
	}
	return out
}

// table looks at the forms of one kind of work in the order of its way.
func (v *inspector) table(t *flow.Table) {
	knows := ofAct
	if t.Kind == "case" {
		knows = ofReport
	}
	var seen []string
	for i := range t.Actions {
		a := &t.Actions[i]
		roles := staffOf(a)
		if len(roles) == 0 {
			continue // residents, programs
		}
		v.action(t, a, roles)
		if slices.Contains(seen, a.Form.Name) {
			continue // one page for both, such as telling and correcting
		}
		seen = append(seen, a.Form.Name)
		must := 0
		for _, fd := range a.Form.Fields {
			if fd.Required && fd.When == "" {
				must++
			}
			v.field(t, a, fd, roles, knows)
		}
		if must > MostRequired && slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(outside(), r) }) {
			v.add(Entry{Kind: KindForm, ID: "form." + a.Form.Name, Of: ofAction(t.Kind, a.Name), Name: ofAction(t.Kind, a.Name), Demand: Required, Roles: roles, Rule: Twice, Verdict: Look,
				Why: "many", Note: number(must)})
		}
	}
}

// action looks at the button itself: is it one by which somebody proves to be there?
func (v *inspector) action(t *flow.Table, a *flow.Action, roles []string) {
	e := Entry{Kind: KindAction, ID: "form." + a.Form.Name, Of: kindText(t.Kind), Name: ofAction(t.Kind, a.Name), Demand: Optional, Roles: roles}
	gated := slices.Contains(a.Needs, GateMark)
	switch {
	case gated:
		e.Rule, e.Verdict, e.Why = CheckIn, Fine, "gated"
		v.add(e)
		return
	case presence.MatchString(a.Name):
		e.Rule, e.Verdict, e.Why, e.Note = CheckIn, Forbidden, "presence", same(a.Name)
		v.add(e)
		return
	}
	v.spoken(e, e.Name)
}

func (v *inspector) field(t *flow.Table, a *flow.Action, fd form.Field, roles, knows []string) {
	label := labelOf(a.Form.Name, fd.Name)
	e := Entry{Kind: KindField, ID: "form." + a.Form.Name + "." + fd.Name, Of: ofAction(t.Kind, a.Name), Name: label, Demand: Optional, Shape: string(fd.Type), Roles: roles, Verdict: Fine, Why: "optional"}
	switch {
	case fd.Required && fd.When != "":
		e.Demand, e.Why = Conditional, "needed"
	case fd.Required:
		e.Demand, e.Why = Required, "needed"
	}
	what := about(label)
	if fd.Type == form.Phone {
		what = "phone"
	}
	switch {
	case fd.Type == form.Text:
		// Words about this very step: why, what was done, what was seen.
	case slices.Contains(knows, what) && a.From != nil:
		e.Rule, e.Verdict, e.Why, e.Note = Twice, Look, "known", concepted(what)
	default:
		if b := earlier(t, a, fd, label); b != nil {
			e.Rule, e.Verdict, e.Why, e.Note = Twice, Look, "again", ofAction(t.Kind, b.Name)
		}
	}
	v.add(e)
	v.spoken(e, pack.Text{ZH: label.ZH + "，" + hintOf(words.ZH, a.Form.Name, fd.Name), EN: label.EN + ", " + hintOf(words.EN, a.Form.Name, fd.Name)})
}

// asking looks at forms that stand in no flow table.
func (v *inspector) asking() {
	for _, x := range v.in.Asking {
		t := &flow.Table{Kind: x.Kind}
		a := &flow.Action{Name: x.Form.Name, Form: x.Form}
		if x.Kind != "" {
			a.From = []string{""} // of a record that is there
		}
		knows := ofAct
		if x.Kind == "case" {
			knows = ofReport
		}
		for _, fd := range x.Form.Fields {
			v.field(t, a, fd, x.Roles, knows)
		}
	}
}

// earlier is an action before a on the way of a record whose form asked the same: a field of the same type under the same
// words. Free words are about their own step and never the same. Of two that can follow each other either way, the later
// one in the table repeats the first.
func earlier(t *flow.Table, a *flow.Action, fd form.Field, label pack.Text) *flow.Action {
	later := false
	for i := range t.Actions {
		b := &t.Actions[i]
		if b.Name == a.Name {
			later = true
		}
		if b.Form.Name == a.Form.Name || !before(t, b, a) || later && before(t, a, b) {
			continue
		}
		for _, other := range b.Form.Fields {
			if l := labelOf(b.Form.Name, other.Name); other.Type == fd.Type && l.ZH == label.ZH {
				return b
			}
		}
	}
	return nil
}

// before reports whether b can have been done on the way of a record before a.
func before(t *flow.Table, b, a *flow.Action) bool {
	if a.From == nil {
		return false
	}
	seen := map[string]bool{}
	var walk func(state string) bool
	walk = func(state string) bool {
		if slices.Contains(a.From, state) {
			return true
		}
		if seen[state] {
			return false
		}
		seen[state] = true
		for i := range t.Actions {
			x := &t.Actions[i]
			if slices.Contains(x.From, state) && slices.ContainsFunc(targets(x, state), walk) {
				return true
			}
		}
		return false
	}
	froms := b.From
	if froms == nil {
		froms = []string{""}
	}
	return slices.ContainsFunc(froms, func(f string) bool { return slices.ContainsFunc(targets(b, f), walk) })
}

// targets are the states an action can lead to.
func targets(a *flow.Action, from string) []string {
	switch {
	case len(a.Decides) > 0:
		return a.Decides
	case a.To != "":
		return []string{a.To}
	}
	return []string{from}
}

// evidence looks at photos, videos and positions.
func (v *inspector) evidence() {
	for _, x := range v.in.Evidence {
		e := Entry{Kind: KindEvidence, ID: "evidence." + x.Of + "." + x.What, Of: evidenceOf(x.Of), Name: text("formalism.evidence." + x.What), Demand: Optional, Shape: x.What,
			Roles: x.Roles, Rule: Photo, Verdict: Fine, Why: "photo_optional"}
		if x.What == "position" || x.What == "track" {
			e.Rule, e.Why = Track, "position_optional"
		}
		switch {
		case x.What == "track":
			e.Verdict, e.Why = Forbidden, "track"
		case x.Required:
			e.Demand, e.Verdict, e.Why = Required, Forbidden, "evidence_required"
		}
		v.add(e)
	}
}

func number(n int) pack.Text { s := strconv.Itoa(n); return pack.Text{ZH: s, EN: s} }

func same(s string) pack.Text { return pack.Text{ZH: s, EN: s} }

// text is a message in both languages, its key where there is none.
func text(key string) pack.Text {
	if !words.Has(key) {
		return same(key[strings.LastIndex(key, ".")+1:])
	}
	return pack.Text{ZH: words.T(words.ZH, key), EN: words.T(words.EN, key)}
}

func concepted(name string) pack.Text { return text("formalism.concept." + name) }

// kindText is what a record of a kind is called.
func kindText(kind string) pack.Text { return text("formalism.kind." + kind) }

func ofAction(kind, action string) pack.Text {
	k, a := kindText(kind), text("action."+kind+"."+action)
	return pack.Text{ZH: k.ZH + "·" + a.ZH, EN: k.EN + ": " + a.EN}
}

// evidenceOf names the form or routine that evidence belongs to.
func evidenceOf(of string) pack.Text {
	if words.Has("formalism.of." + of) {
		return text("formalism.of." + of)
	}
	return same(of)
}

func labelOf(formName, field string) pack.Text {
	if key := "form." + formName + "." + field; words.Has(key) {
		return text(key)
	}
	return text("field." + field)
}

func hintOf(l words.Lang, formName, field string) string {
	for _, key := range []string{"hint." + formName + "." + field, "hint." + field} {
		if words.Has(key) {
			return words.T(l, key)
		}
	}
	return ""
}
