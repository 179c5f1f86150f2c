package simulate

import (
	"slices"
	"time"

	"weixiao/internal/access"
)

// reply answers, and what follows from it. again counts how often it was done
// anew.
func (y *year) reply(l *life, t time.Time, hand access.Scope, again int) {
	r := l.r
	result := "solved"
	switch {
	case l.topic.kind == "consult", l.topic.kind == "suggestion" && chance(r, 0.5):
		result = "explained"
	case !chance(r, l.quality.solved+0.06):
		result = pick(r, []string{"part", "part", "not_possible", "explained"})
	}
	e := l.do(t, hand, "reply", "result", result, "on_site", map[bool]string{true: "yes"}[result != "explained" && chance(r, 0.8)],
		"reply", y.say(l, t, l.heads(result)...))
	if again == 0 && (l.want.route == "return" || (l.want == (course{}) && chance(r, 0.02))) {
		at := y.office.add(t, mins(r, 30, 300))
		l.do(at, y.desk(r, access.Callback), "return_reply", "reason", y.say(l, at, "return_reply reason"))
		y.redo(l, at, hand, again)
		return
	}
	if y.checked(l, e, result, again) {
		look := l.events[len(l.events)-1]
		y.redo(l, look.at, hand, again)
		return
	}
	y.review(l, t, result, hand, again)
}

// redo handles a case once more.
func (y *year) redo(l *life, t time.Time, hand access.Scope, again int) {
	r := l.r
	if chance(r, 0.6) && l.channel != grid {
		t = y.after(l, t, 20, 200)
		l.do(t, hand, "contact", "how", "phone", "note", y.say(l, t, "contact phone"))
	}
	y.reply(l, l.awake(y.after(l, t, l.allowed()*0.1, l.allowed()*0.6)), hand, again+1)
}

// opinion is what the resident thinks in the end.
func (l *life) opinion(result string, again int) (solved, satisfied string, redo bool) {
	r, q := l.r, l.quality
	good := q.solved + 0.05*float64(again)
	switch result {
	case "not_possible":
		good -= 0.4
	case "part":
		good -= 0.25
	case "explained":
		good = max(good, 0.9)
	}
	solved = "solved"
	if !chance(r, good) {
		solved = []string{"basic", "part", "no"}[newChooser([]float64{50, 22, 28}).draw(r)]
	}
	if again >= 2 && solved == "no" {
		solved = "part" // everybody gives in at some time
	}
	warm := q.warm
	switch solved {
	case "basic":
		warm -= 0.12
	case "part":
		warm -= 0.45
	case "no":
		warm -= 0.75
	}
	switch {
	case chance(r, warm):
		satisfied = pick(r, []string{"very_satisfied", "satisfied", "satisfied"})
	case chance(r, 0.3):
		satisfied = "fair"
	default:
		satisfied = pick(r, []string{"dissatisfied", "dissatisfied", "very_dissatisfied"})
	}
	unhappy := satisfied == "dissatisfied" || satisfied == "very_dissatisfied"
	return solved, satisfied, again < 2 && (unhappy || solved == "part") && chance(r, 0.4)
}

// tone picks the words that go with an opinion.
func tone(solved, satisfied string) string {
	unhappy := satisfied == "dissatisfied" || satisfied == "very_dissatisfied"
	switch {
	case unhappy && (solved == "solved" || solved == "basic"):
		return "unhappy"
	case solved == "no" || unhappy:
		return "bad"
	case satisfied == "fair" || solved == "part":
		return "fair"
	}
	return "good"
}

// review asks the resident: by the rating link, or by telephone on one of the
// next days, three times at most.
func (y *year) review(l *life, t time.Time, result string, hand access.Scope, again int) {
	r := l.r
	byLink := 0.1
	if l.channel == portal {
		byLink = 0.4
	}
	if l.want == (course{}) && l.channel != grid && chance(r, byLink) {
		y.rating(l, l.awake(t.Add(mins(r, 20, 1500))), result, hand, again)
		return
	}
	at := y.office.add(t, mins(r, 45, 500))
	for {
		caller := y.desk(r, access.Callback)
		if l.channel == grid || chance(r, 0.36) || (l.want.route == "rework" && again == 0) {
			solved, satisfied, redo := l.opinion(result, again)
			if l.want.route == "rework" && again == 0 {
				solved, satisfied = "no", "dissatisfied"
			}
			e := l.do(at, caller, "call_back")
			e.raw = answers(chance(r, 0.97), solved, satisfied, redo)
			e.raw["reached"], e.raw["note"] = []string{"yes"}, []string{y.say(l, at, "call_back "+tone(solved, satisfied))}
			if l.channel == grid {
				e.raw["note"] = []string{y.say(l, at, "callback_note grid")}
			}
			y.judged(l, e, result, solved, satisfied, redo, hand, again)
			return
		}
		l.do(at, caller, "call_back", "reached", "no", "note", y.say(l, at, "call_back unreached"))
		l.tried = append(l.tried, at.YearDay())
		if y.givenUp(l) {
			l.ends = at
			return
		}
		next := y.office.add(at, mins(r, 90, 300))
		if len(l.tried) > 1 && next.YearDay() == at.YearDay() {
			next = y.office.add(at, mins(r, officeDay, officeDay+60))
		}
		at = next
	}
}

// givenUp follows the rule of the flow: three tries on two days, counted over the
// whole life of the case.
func (y *year) givenUp(l *life) bool {
	days := slices.Clone(l.tried)
	slices.Sort(days)
	return len(days) >= 3 && len(slices.Compact(days)) >= 2
}

func (y *year) rating(l *life, at time.Time, result string, hand access.Scope, again int) {
	solved, satisfied, redo := l.opinion(result, again)
	e := l.do(at, access.Scope{}, "rate")
	e.resident, e.raw = true, answers(chance(l.r, 0.97), solved, satisfied, redo)
	if chance(l.r, 0.4) {
		e.raw["note"] = []string{y.say(l, at, "rate "+tone(solved, satisfied))}
	}
	y.judged(l, e, result, solved, satisfied, redo, hand, again)
}

// judged follows the rule of the flow: not solved leads to a redo, a part solved
// or dissatisfied answer when the resident asks for it.
func (y *year) judged(l *life, asked *event, result, solved, satisfied string, redo bool, hand access.Scope, again int) {
	at := asked.at
	unhappy := satisfied == "dissatisfied" || satisfied == "very_dissatisfied"
	if solved == "no" || (redo && (solved == "part" || unhappy)) {
		y.redo(l, at, hand, again)
		return
	}
	l.ends = at
	for _, e := range l.events {
		if e.makes && e.o.silent && !l.freed {
			l.freed = true
			wait := mins(l.r, 20, 300)
			if chance(l.r, 0.2) {
				wait += 6 * officeDay // nobody thought of it at once
			}
			free := y.office.add(latest(at, e.at), wait)
			l.do(free, y.supervisor(l.r), "release_supervision", "note", y.say(l, free, "release_supervision note"))
			break
		}
	}
	// What is closed is looked at too, by lot: now and then it is not as was said.
	if y.checked(l, asked, result, again) {
		look := l.events[len(l.events)-1]
		l.ends, l.closed = time.Time{}, true
		y.redo(l, look.at, hand, max(again, 1))
		return
	}
	if l.want == (course{}) && again == 0 && chance(l.r, 0.004) {
		back := y.office.add(at, mins(l.r, 2000, 9000))
		l.do(back, y.supervisor(l.r), "redo", "reason", y.say(l, back, "redo reason"))
		l.ends, l.closed = time.Time{}, true
		y.redo(l, back, hand, 1)
	}
}
