package simulate

import (
	"time"

	"weixiao/internal/access"
)

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
	due := y.after(l, l.sent, l.allowed()*0.98, l.allowed()*0.99)
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
			y.press(l, at, y.supervisor(r), "supervise", "level", pick(r, []string{"1", "1", "2"}), "demand", y.say(l, at, "supervise demand"))
		}
	case chance(r, 0.006):
		y.instruct(l, inside())
	case l.want == (course{}) && from.Month() > time.March && float64(y.listed) < max(1, listings*y.o.Scale) && chance(r, 0.002):
		y.list(l, inside())
	}
}

// extend asks for more time before the deadline and gets it, or not.
func (y *year) extend(l *life, due, contacted time.Time, hand access.Scope) time.Time {
	r := l.r
	asked := y.among(l, contacted, due, between(r, 0.5, 0.85))
	if !asked.After(contacted) {
		asked = contacted.Add(mins(r, 5, 30))
	}
	if !asked.Before(due) { // the time is over or nearly so: more of it must be asked for before
		if left := due.Sub(contacted); left > 2*time.Minute {
			asked = contacted.Add(left / 2)
		} else {
			return latest(l.awake(y.after(l, due, 10, l.allowed()*0.2)), contacted.Add(mins(r, 20, 60)))
		}
	}
	limit := map[string]string{"L1": "24 hour", "L3": "3 workday", "L4": "5 workday", "L5": "5 workday"}[l.profile]
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
