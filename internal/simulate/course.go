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
	objects := l.want.route == "objection" || (l.want == (course{}) && !l.urgent() && chance(r, 0.065))
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
	e := l.do(t, who, "dispatch", "unit", unit, "note", note)
	if unit == l.lead && chance(l.r, 0.5) {
		for _, u := range l.assist {
			if x, ok := y.w.Pack.Directory.Unit(u); ok && x.Kind.HandlesCases() && u != unit {
				e.raw["assist"] = append(e.raw["assist"], u)
			}
		}
	}
}

// wrongUnit is a unit that might be taken for the right one.
func (y *year) wrongUnit(l *life) string {
	for _, u := range append(append([]string{}, l.assist...), l.site.street.ID, "urban", "housing") {
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
	at := y.after(l, t, a, b)
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
	t = y.after(l, t, a, b)
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

// allowed is the time a profile allows for the reply, in minutes; of office time
// but for the urgent ones.
func (l *life) allowed() float64 {
	switch l.profile {
	case "L0":
		return 120
	case "L1":
		return 24 * 60
	case "L2":
		return officeDay
	case "L4":
		return 10 * officeDay
	case "L5":
		return 15 * officeDay
	}
	return 5 * officeDay
}

// middle is what happens between contact and reply; t is the moment of the reply.
// It is false when the case stays where it is.
func (y *year) middle(l *life, signed, contacted time.Time, hand access.Scope, late bool) (time.Time, bool) {
	r := l.r
	share := min(0.97, max(0.06, l.quality.pace*between(r, 0.25, 1.7)))
	if late {
		share = between(r, 1.05, 1.7)
	}
	if l.want.route == "rework" || l.want.route == "return" || l.want.stop == "reply" || l.want.stop == "call_back" {
		share = between(r, 0.1, 0.3)
	}
	due := y.after(l, signed, l.allowed()*0.98, l.allowed()*0.99)
	t := l.awake(y.after(l, signed, l.allowed()*share, l.allowed()*share+20))
	if t.Before(contacted.Add(2 * time.Minute)) {
		t = contacted.Add(mins(r, 10, 90))
	}
	switch {
	case l.want.route == "whistle" || (l.want == (course{}) && y.hasTheme(l) && chance(r, 0.12)):
		over, ok := y.blow(l, contacted)
		if !ok {
			return t, false
		}
		if over.After(t) {
			t = y.office.add(over, mins(r, 30, 240))
		}
	case l.want.route == "suspension" || (l.want == (course{}) && !l.urgent() && l.profile != "L2" && chance(r, 0.012)):
		t = y.suspend(l, contacted, hand)
	case l.want.route == "extension" || (l.want == (course{}) && l.profile != "L0" && l.profile != "L2" && ((late && chance(r, 0.4)) || chance(r, 0.025))):
		t = y.extend(l, due, contacted, hand)
	}
	y.besides(l, contacted, t, due, hand)
	return t, true
}

// awake puts what need not be done at night into the morning. Danger is dealt with
// at any hour.
func (l *life) awake(t time.Time) time.Time {
	if l.profile == "L0" || (t.Hour() >= 7 && t.Hour() < 22) {
		return t
	}
	if t.Hour() >= 22 {
		t = t.Add(3 * time.Hour)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 7, l.r.IntN(60), l.r.IntN(60), 0, t.Location()).Add(mins(l.r, 0, 40))
}

// among is a moment between two others, in office hours unless the case is urgent.
func (y *year) among(l *life, from, to time.Time, share float64) time.Time {
	gap := to.Sub(from)
	if !l.urgent() {
		if office := y.office.gone(to.Unix()) - y.office.gone(from.Unix()); office > 60 {
			return y.office.add(from, time.Duration(float64(office)*share)*time.Second)
		}
	}
	t := from.Add(time.Duration(float64(gap) * share))
	if a := l.awake(t); a.Before(to) {
		return a
	}
	return t
}

// besides are the things that happen meanwhile.
func (y *year) besides(l *life, from, to, due time.Time, hand access.Scope) {
	r := l.r
	inside := func() time.Time { return y.among(l, from, to, between(r, 0.1, 0.9)) }
	for range []int{0, 1, 1, 1, 2}[r.IntN(5)] {
		at, tell := inside(), ""
		words := y.say(l, at, l.heads("progress")...)
		if l.topic.kind == "consult" {
			words = y.say(l, at, "consult progress")
		}
		if l.topic.kind != "consult" && chance(r, 0.25) {
			tell, words = "yes", y.say(l, at, "progress resident")
		}
		l.do(at, hand, "progress", "note", words, "tell_resident", tell)
	}
	if chance(r, 0.04) {
		at := inside()
		l.do(at, hand, "note", "note", y.say(l, at, "note inner"))
	}
	if l.channel == portal && chance(r, 0.06) {
		at := inside()
		l.ask(at, "supplement", "text", y.say(l, at, "supplement text"))
	}
	slow := to.After(due)
	if l.channel != grid && (chance(r, 0.04) || (slow && chance(r, 0.5))) {
		at := inside()
		if l.channel == portal {
			l.ask(at, "urge", "note", y.say(l, at, "urge resident"))
		} else {
			l.do(at, y.desk(r, access.Operator), "urge", "note", y.say(l, at, "urge operator"))
		}
	}
	switch watched := l.want.route == "supervision"; {
	case watched || (slow && due.Add(4*time.Hour).Before(to) && chance(r, 0.5)):
		at := y.office.add(due, mins(r, 20, 200))
		if at.Before(to) || watched {
			l.do(at, y.supervisor(r), "supervise", "level", pick(r, []string{"1", "1", "2"}), "demand", y.say(l, at, "supervise demand"))
		}
	case chance(r, 0.006):
		leader, _ := y.staff.one(r, "leaders", access.Leader)
		at := inside()
		l.do(at, leader, "supervise", "level", "2", "demand", y.say(l, at, "supervise leader"))
	}
}

// extend asks for more time before the deadline and gets it, or not.
func (y *year) extend(l *life, due, contacted time.Time, hand access.Scope) time.Time {
	r := l.r
	asked := y.among(l, contacted, due, between(r, 0.5, 0.85))
	if !asked.After(contacted) {
		asked = contacted.Add(mins(r, 5, 30))
	}
	limit := map[string]string{"L1": "24 hour", "L3": "3 workday", "L4": "5 workday", "L5": "10 workday"}[l.profile]
	l.do(asked, hand, "request_extension", "limit", limit, "reason", y.say(l, asked, "request_extension reason"))
	ruled := y.after(l, asked, 20, 160)
	if l.want.stop == "grant_extension" || chance(r, 0.86) {
		l.do(ruled, y.desk(r, access.Dispatcher), "grant_extension", "note", y.say(l, ruled, "grant_extension note"))
		t := l.awake(y.after(l, due, l.allowed()*0.1, l.allowed()*0.5))
		return latest(t, ruled.Add(mins(r, 20, 60)))
	}
	l.do(ruled, y.desk(r, access.Dispatcher), "refuse_extension", "reason", y.say(l, ruled, "refuse_extension reason"))
	return latest(l.awake(y.after(l, due, 10, l.allowed()*0.2)), ruled.Add(mins(r, 20, 60)))
}

// suspend puts a case aside that cannot be done now; some wait for the spring.
func (y *year) suspend(l *life, contacted time.Time, hand access.Scope) time.Time {
	r := l.r
	ground := pick(r, []string{"funds", "plan_approval", "higher_level", "litigation"})
	if m := contacted.Month(); (m > 10 || m < 4) && chance(r, 0.7) {
		ground = "season"
	}
	asked := y.office.add(contacted, mins(r, 60, 500))
	review := asked.AddDate(0, 0, 30+r.IntN(60))
	l.do(asked, hand, "request_suspension", "ground", ground, "reason", y.say(l, asked, "request_suspension "+ground),
		"plan", y.say(l, asked, "request_suspension plan"), "review_on", review.Format("2006-01-02"))
	ruled := y.office.add(asked, mins(r, 60, 500))
	if l.want != (course{}) || chance(r, 0.85) {
		l.do(ruled, y.supervisor(r), "grant_suspension", "note", y.say(l, ruled, "grant_suspension note"))
		resumed := y.office.add(review, -mins(r, 0, 3000))
		l.do(resumed, hand, "resume", "note", y.say(l, resumed, "resume note"))
		return y.office.add(resumed, mins(r, 300, 1500))
	}
	l.do(ruled, y.supervisor(r), "refuse_suspension", "reason", y.say(l, ruled, "refuse_suspension reason"))
	return y.office.add(ruled, mins(r, 300, 1500))
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
