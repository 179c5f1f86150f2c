package simulate

import (
	"math/rand/v2"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
)

// officeDay is what a working day has of office time, in minutes.
const officeDay = 390

// live writes a whole life: from the report to the end, or as far as it gets.
func (y *year) live(l *life) {
	y.report(l)
	r, plain := l.r, l.want == (course{})
	switch {
	case l.parent != nil:
		y.join(l)
	case !y.staff.hands(l.lead):
		y.answer(l)
	case plain && l.topic.kind == "consult" && chance(r, 0.91):
		y.answer(l)
	case plain && l.topic.kind == "suggestion" && chance(r, 0.4):
		y.answer(l)
	case plain && l.channel != grid && chance(r, 0.05):
		y.screen(l)
	case plain && l.channel == hotline && chance(r, 0.05):
		y.answer(l)
	default:
		y.work(l)
	}
	y.finish(l)
	if l.parent == nil && !l.closed && l.topic.kind != "consult" && (l.ends.IsZero() || l.ends.Sub(l.said) > 6*time.Hour) {
		y.remember(l)
	}
}

// desk draws somebody at the hotline centre.
func (y *year) desk(r *rand.Rand, role string) access.Scope {
	sc, _ := y.staff.one(r, y.centre, role)
	return sc
}

// opened is when the centre looks at a report: at once on the telephone, in the
// morning when it came over the portal at night.
func (y *year) opened(l *life, a, b float64) time.Time {
	t := l.said.Add(mins(l.r, a, b))
	if l.channel != hotline && !l.urgent() && (t.Hour() < 7 || t.Hour() > 21) {
		if t.Hour() > 21 {
			t = t.Add(4 * time.Hour)
		}
		return time.Date(t.Year(), t.Month(), t.Day(), 8, l.r.IntN(50), l.r.IntN(60), 0, t.Location())
	}
	return t
}

// answer: the operator knows it and says it at once.
func (y *year) answer(l *life) {
	a, b := 1.5, 6.0
	if l.channel == portal {
		a, b = 8, 110
	}
	at := y.opened(l, a, b)
	words := y.say(l, at, l.heads("answer")...)
	switch {
	case l.topic.matter == "194":
		words = y.say(l, at, "praise answer")
	case l.topic.kind == "suggestion":
		words = y.say(l, at, "answer thanks")
	}
	l.do(at, y.desk(l.r, access.Operator), "answer", "reply", words)
	l.ends = at
}

// screen leads out by one of the six exits.
func (y *year) screen(l *life) {
	grounds := []string{"emergency", "other_procedure", "already_handled", "secret", "outside_duty", "unlawful"}
	g := grounds[newChooser([]float64{6, 22, 24, 4, 38, 6}).draw(l.r)]
	at := y.opened(l, 3, 25)
	l.do(at, y.desk(l.r, access.Operator), "screen_out", "ground", g, "reply", y.say(l, at, "screen "+g))
	l.ends = at
}

// join puts a repeated request behind the one that is being worked on.
func (y *year) join(l *life) {
	at := y.opened(l, 4, 45)
	if at.Sub(l.said) > 3*time.Hour {
		at = l.said.Add(2 * time.Hour) // the target must still be open
	}
	e := l.do(at, y.desk(l.r, access.Dispatcher), "merge")
	e.into, l.ends = l.parent, at
}

// work is the long way: dispatch, handling, reply, call-back.
func (y *year) work(l *life) {
	r := l.r
	t := y.opened(l, 5, 32)
	if l.urgent() {
		t = y.opened(l, 1.5, 8)
	}
	if rep := l.events[0].report; rep.Matter != l.matter.Key {
		l.do(t, y.desk(r, access.Dispatcher), "classify", "matter", l.matter.Key)
		t = t.Add(mins(r, 1, 3))
	}
	t = y.send(l, t)
	late := l.want.route == "supervision" || (l.want == (course{}) && chance(r, l.quality.late))
	t = y.sign(l, t, late)
	hand := y.hand(l)
	if sc, at, ok := y.assign(l, t); ok {
		hand, t = sc, at
	}
	signed := t
	t = y.contact(l, t, hand, late && chance(r, 0.5))
	if y.leaves(l, t) {
		return
	}
	t, ok := y.middle(l, signed, t, hand, late)
	if !ok {
		return
	}
	y.reply(l, t, hand, 0)
}

// send dispatches; a unit that thinks it is not the right one hands back.
func (y *year) send(l *life, t time.Time) time.Time {
	r := l.r
	dispatcher := y.desk(r, access.Dispatcher)
	wrong := y.wrongUnit(l)
	objects := l.want.route == "objection" || (l.want == (course{}) && !l.urgent() && chance(r, l.doubted()))
	if !objects || wrong == "" {
		y.dispatch(l, t, dispatcher, l.lead)
		return t
	}
	name := func(unit string) string { u, _ := y.w.Pack.Directory.Unit(unit); return u.Short }
	accepted := chance(r, 0.7)
	to, should := l.lead, wrong
	if accepted {
		to, should = wrong, l.lead
	}
	y.dispatch(l, t, dispatcher, to)
	ground := "not_our_duty"
	if chance(r, 0.3) {
		ground = "other_unit_leads"
	}
	l.voice.fixed["should"] = name(should)
	back := y.office.add(t, mins(r, 15, 150))
	hand, _ := y.staff.one(r, to, access.Street, access.Department)
	l.do(back, hand, "hand_back", "ground", ground, "reason", y.say(l, back, "hand_back "+ground), "should_be", should)
	ruled := y.office.add(back, mins(r, 20, 200))
	switch {
	case !accepted:
		l.do(ruled, dispatcher, "refuse_objection", "reason", y.say(l, ruled, "refuse_objection reason"))
	case chance(r, 0.15):
		l.do(ruled, dispatcher, "designate", "unit", l.lead, "reason", y.say(l, ruled, "refuse_objection reason"))
	default:
		l.do(ruled, dispatcher, "accept_objection", "note", y.say(l, ruled, "accept_objection note"))
		ruled = ruled.Add(mins(r, 3, 25))
		y.dispatch(l, ruled, dispatcher, l.lead)
	}
	return ruled
}

func (y *year) dispatch(l *life, t time.Time, who access.Scope, unit string) {
	note := ""
	if chance(l.r, 0.3) {
		note = y.say(l, t, "dispatch note")
	}
	if l.sent.IsZero() {
		l.sent = t
	}
	e := l.do(t, who, "dispatch", "unit", unit, "note", note)
	if unit == l.lead && chance(l.r, 0.5) {
		for _, u := range l.assist {
			if x, ok := y.w.Pack.Directory.Unit(u); ok && x.Kind.HandlesCases() && u != unit {
				e.raw["assist"] = append(e.raw["assist"], u)
			}
		}
	}
}

// doubted is how often a unit hands a case back: more often where the rules know
// nothing of what is usual.
func (l *life) doubted() float64 {
	if l.ruled != l.lead {
		return 0.4
	}
	return 0.09
}

// wrongUnit is a unit that might be taken for the right one.
func (y *year) wrongUnit(l *life) string {
	for _, u := range append(append([]string{l.ruled}, l.assist...), l.site.street.ID, "urban", "housing") {
		if u != l.lead && len(y.staff.by[u][access.Street])+len(y.staff.by[u][access.Department]) > 0 {
			return u
		}
	}
	return ""
}

// hand is the one who handles for the leading unit.
func (y *year) hand(l *life) access.Scope {
	sc, _ := y.staff.one(l.r, l.lead, access.Street, access.Department, access.Community)
	return sc
}

func (y *year) sign(l *life, t time.Time, late bool) time.Time {
	a, b := 5.0, 100.0
	switch {
	case l.profile == "L0" && late:
		a, b = 11, 35
	case l.profile == "L0":
		a, b = 1, 8
	case l.profile == "L1" && late:
		a, b = 31, 150
	case l.profile == "L1":
		a, b = 2, 22
	case late && chance(l.r, 0.5):
		a, b = 125, 320
	}
	at := y.soon(l, t, a, b)
	note := ""
	if chance(l.r, 0.1) {
		note = y.say(l, at, "sign note")
	}
	l.do(at, y.hand(l), "sign", "note", note)
	return at
}

// assign gives the case to the community it happens in, where that has somebody.
func (y *year) assign(l *life, t time.Time) (access.Scope, time.Time, bool) {
	secretary, ok := y.staff.one(l.r, l.site.unit.ID, access.Community)
	if !ok || l.lead != l.site.street.ID || (l.want.route != "assign" && !chance(l.r, 0.6)) {
		return access.Scope{}, t, false
	}
	at := y.after(l, t, 3, 25)
	l.do(at, y.hand(l), "assign", "to_unit", l.site.unit.ID, "note", y.say(l, at, "assign note"))
	return secretary, at, true
}

func (y *year) contact(l *life, t time.Time, hand access.Scope, late bool) time.Time {
	r := l.r
	a, b := 8.0, 110.0
	switch {
	case l.profile == "L0":
		a, b = 1, 4
	case l.profile == "L1":
		a, b = 2, 7
	case late:
		a, b = 180, 500
	}
	t = y.soon(l, t, a, b)
	how := []string{"phone", "visit", "message"}[newChooser([]float64{76, 18, 6}).draw(r)]
	switch {
	case l.channel == grid || l.events[0].report.Person.Phone == "":
		how = "no_contact"
	case !l.urgent() && chance(r, 0.12):
		l.do(t, hand, "contact", "how", "not_reached", "note", y.say(l, t, "contact not_reached"))
		t = y.after(l, t, 40, 200)
	}
	head := "contact " + how
	if how == "phone" && l.topic.kind == "consult" {
		head = "contact consult"
	}
	l.do(t, hand, "contact", "how", how, "note", y.say(l, t, head))
	return t
}

// leaves: now and then a case ends before it was handled.
func (y *year) leaves(l *life, t time.Time) bool {
	if l.want != (course{}) {
		return false
	}
	at := y.after(l, t, 20, 600)
	switch {
	case chance(l.r, 0.015) && l.channel == portal:
		l.ask(at, "withdraw", "note", y.say(l, at, "withdraw note"))
	case chance(l.r, 0.01) && l.channel == hotline:
		l.do(at, y.desk(l.r, access.Operator), "withdraw", "note", y.say(l, at, "withdraw note"))
	case chance(l.r, 0.006):
		g := pick(l.r, []string{"refuses_to_cooperate", "final_opinion", "beyond_policy"})
		at = y.office.add(at, mins(l.r, 800, 2400))
		l.do(at, y.supervisor(l.r), "terminate", "ground", g, "reason", y.say(l, at, "terminate "+g), "reply", y.say(l, at, "terminate reply"))
	default:
		return false
	}
	l.ends = at
	return true
}

func (y *year) supervisor(r *rand.Rand) access.Scope {
	sc, _ := y.staff.one(r, "supervision", access.Supervisor)
	return sc
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// answers makes the answers of a call-back or a rating.
func answers(contacted bool, solved, satisfied string, redo bool) form.Raw {
	word := map[bool]string{true: "yes", false: "no"}
	return raw("contacted", word[contacted], "solved", solved, "satisfied", satisfied, "wants_redo", word[redo])
}
