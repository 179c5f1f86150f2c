package simulate

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
)

// whistle is one whistle as it is going to be.
type whistle struct {
	about  *life // the case it is about; nil = none
	theme  *theme
	street directory.Unit
	say    func(t template, at time.Time) string
	r      *rand.Rand
	events []*event
	stop   string

	number string // once it is drafted
}

// themeSeason is when grounds come up that do not come out of a case.
var themeSeason = map[string]string{"heat": "heat", "smoke": "summer", "firecracker": "festival"}

// Whistles without a case in a year at scale 1.
const loneWhistles = 46

func (w *whistle) do(at time.Time, who access.Scope, action string, kv ...string) *event {
	e := &event{at: at, w: w, l: w.about, action: action, who: who, raw: raw(kv...)}
	w.events = append(w.events, e)
	return e
}

// hasTheme reports whether a case is one that its street may whistle for.
func (y *year) hasTheme(l *life) bool {
	return l.lead == l.site.street.ID && slices.ContainsFunc(y.lib.themes, func(t theme) bool { return slices.Contains(t.matters, l.topic.matter) })
}

// blow whistles for a case and returns when the whistle is over; false when that
// is not before the present.
func (y *year) blow(l *life, t time.Time) (over time.Time, ok bool) {
	var fit []*theme
	for i := range y.lib.themes {
		if slices.Contains(y.lib.themes[i].matters, l.topic.matter) {
			fit = append(fit, &y.lib.themes[i])
		}
	}
	if len(fit) == 0 {
		return t, true
	}
	w := &whistle{about: l, theme: pick(l.r, fit), street: l.site.street, r: l.r, say: func(t template, at time.Time) string { return l.voice.say(l.r, t, at) }}
	w.stop, _ = strings.CutPrefix(l.want.stop, "whistle:")
	return y.whistling(w, t)
}

// alone whistles without a case.
func (y *year) alone(at time.Time, th *theme, s *site) {
	y.lives++
	r := rand.New(rand.NewPCG(y.o.Seed, uint64(y.lives)))
	v := &voice{site: s, fixed: map[string]string{}}
	y.whistling(&whistle{theme: th, street: s.street, r: r, say: func(t template, at time.Time) string { return v.say(r, t, at) }}, at)
}

// called is one unit on its way to the meeting.
type called struct {
	unit string
	hand access.Scope
	late bool
}

func (y *year) whistling(w *whistle, t time.Time) (over time.Time, ok bool) {
	r, th := w.r, w.theme
	hand, ok1 := y.staff.one(r, w.street.ID, access.Street)
	lead, ok2 := y.staff.one(r, w.street.ID, access.StreetLead)
	units := y.calledUnits(w)
	if !ok1 || !ok2 || len(units) == 0 {
		return t, true
	}
	t = y.whistleAfter(w, t, 15, 240)
	meet := y.whistleAfter(w, t, 120, 330)
	e := w.do(t, hand, "draft", "kind", th.kind, "issue", w.say(th.issue, t), "meet_at", meet.Format(time.RFC3339), "meet_place", y.words(w, t, "whistle where"))
	for _, u := range units {
		e.raw["units"] = append(e.raw["units"], u.unit)
	}
	t = y.whistleAfter(w, t, 8, 70)
	if w.stop == "" && chance(r, 0.03) {
		w.do(t, lead, "reject", "reason", y.words(w, t, "whistle reject"))
		return y.whistled(w, t)
	}
	w.do(t, lead, "approve", "note", y.words(w, t, "whistle approve"))
	if w.stop == "" && chance(r, 0.03) {
		t = y.whistleAfter(w, t, 40, 300)
		w.do(t, lead, "cancel", "reason", y.words(w, t, "whistle cancel"))
		return y.whistled(w, t)
	}
	met, units := y.gather(w, t, units)
	planned := y.plan(w, met, hand, units)
	over = y.tasks(w, planned, hand, units)
	y.rate(w, over, hand, units)
	return y.whistled(w, over)
}

// calledUnits are the units of a theme that exist here, each with somebody who
// answers.
func (y *year) calledUnits(w *whistle) (out []called) {
	for _, u := range w.theme.units {
		if u == "heat-city" { // the towns have a heating company of their own
			u = y.w.rules(Present).Resolve("030", w.street.ID, "").Unit
		}
		if hand, ok := y.staff.one(w.r, u, access.Department, access.DeptLead); ok {
			out = append(out, called{unit: u, hand: hand, late: chance(w.r, qualityOf(u).late)})
		}
	}
	return out
}

func (y *year) words(w *whistle, at time.Time, head string) string {
	t, ok := y.lib.line(w.r, false, head)
	if !ok {
		return ""
	}
	return w.say(t, at)
}

// whistleAfter counts minutes of office time, and a tenth of them on the wall in
// an emergency.
func (y *year) whistleAfter(w *whistle, t time.Time, a, b float64) time.Time {
	d := mins(w.r, a, b)
	if w.theme.kind == "emergency" {
		return t.Add(d / 10)
	}
	return y.office.add(t, d)
}

// gather: units acknowledge and come, or decline, and somebody rules on that. It
// returns when all are there and who they are.
func (y *year) gather(w *whistle, sent time.Time, units []called) (time.Time, []called) {
	r := w.r
	met, there, declined := sent, []called{}, false
	for _, u := range units {
		ack := y.whistleAfter(w, sent, 10, 190)
		come := y.whistleAfter(w, ack, 60, 180)
		if u.late {
			ack, come = y.whistleAfter(w, sent, 250, 360), y.whistleAfter(w, sent, 420, 760)
		}
		if w.theme.kind == "emergency" {
			come = sent.Add(mins(r, 26, 55))
			if u.late {
				ack, come = sent.Add(mins(r, 32, 60)), sent.Add(mins(r, 65, 150))
			}
		}
		if !declined && w.theme.kind != "emergency" && chance(r, 0.07) {
			declined = true
			g := pick(r, []string{"not_our_duty", "already_done", "no_power"})
			w.do(ack, u.hand, "decline", "ground", g, "reason", y.words(w, ack, "whistle decline "+g))
			ruled := y.whistleAfter(w, ack, 40, 240)
			arbiter := y.supervisor(r)
			if chance(r, 0.6) {
				w.do(ruled, arbiter, "excuse", "unit", u.unit, "reason", y.words(w, ruled, "whistle excuse"))
				met = latest(met, ruled)
				continue
			}
			w.do(ruled, arbiter, "overrule", "unit", u.unit, "reason", y.words(w, ruled, "whistle overrule"))
			ack = y.whistleAfter(w, ruled, 5, 60)
			come = y.whistleAfter(w, ack, 30, 200)
		}
		w.do(ack, u.hand, "acknowledge", "note", y.words(w, ack, "whistle acknowledge"))
		title := pick(r, []string{"科长", "队长", "主任", "副局长"})
		w.do(come, u.hand, "report_in", "who", string(pick(r, surnames))+title, "rank", map[string]string{"副局长": "deputy"}[title])
		met = latest(met, come)
		there = append(there, u)
	}
	return met, there
}

// plan: one meeting, a task for each, one plan.
func (y *year) plan(w *whistle, met time.Time, hand access.Scope, units []called) time.Time {
	t := y.whistleAfter(w, met, 20, 80)
	by := y.office.add(t, mins(w.r, 2*officeDay, 6*officeDay)).Format("2006-01-02")
	for _, u := range units {
		task := w.theme.tasks[u.unit]
		if len(task.parts) == 0 {
			task = w.theme.tasks["heat-city"]
		}
		t = t.Add(mins(w.r, 1, 4))
		w.do(t, hand, "set_task", "unit", u.unit, "what", w.say(task, t), "by", by)
	}
	t = t.Add(mins(w.r, 2, 20))
	w.do(t, hand, "minutes", "minutes", y.words(w, t, "whistle minutes"))
	t = y.whistleAfter(w, t, 10, 200)
	w.do(t, hand, "plan", "plan", y.words(w, t, "whistle plan"))
	return t
}

// tasks: each unit does its own, the street looks at it.
func (y *year) tasks(w *whistle, t time.Time, hand access.Scope, units []called) (over time.Time) {
	for _, u := range units {
		q := qualityOf(u.unit)
		done := y.whistleAfter(w, t, officeDay*0.5, officeDay*(1+5*q.pace))
		w.do(done, u.hand, "task_done", "result", y.words(w, done, "whistle done"))
		seen := y.whistleAfter(w, done, 40, 400)
		if chance(w.r, 0.5*(1-q.solved)) {
			w.do(seen, hand, "return_task", "unit", u.unit, "reason", y.words(w, seen, "whistle return"))
			done = y.whistleAfter(w, seen, 200, 800)
			w.do(done, u.hand, "task_done", "result", y.words(w, done, "whistle done"))
			seen = y.whistleAfter(w, done, 40, 300)
		}
		w.do(seen, hand, "confirm_task", "unit", u.unit, "note", y.words(w, seen, "whistle confirm"))
		over = latest(over, seen)
	}
	return over
}

// rate: the street rates the units, they rate the street.
func (y *year) rate(w *whistle, over time.Time, hand access.Scope, units []called) {
	r := w.r
	for _, u := range units {
		score, words := pick(r, []string{"4", "5", "5"}), "whistle rate_good"
		if u.late || chance(r, 0.5*(1-qualityOf(u.unit).warm)) {
			score, words = pick(r, []string{"2", "3", "3"}), "whistle rate_bad"
		}
		at := y.whistleAfter(w, over, 20, 300)
		w.do(at, hand, "rate_unit", "unit", u.unit, "score", score, "note", y.words(w, at, words))
		if chance(r, 0.85) {
			at = y.whistleAfter(w, over, 60, 900)
			w.do(at, u.hand, "rate_street", "score", pick(r, []string{"3", "4", "4", "5", "5"}), "needed", pick(r, []string{"yes", "yes", "yes", "yes", "no"}),
				"note", y.words(w, at, "whistle rate_street"))
		}
	}
	if chance(r, 0.92) {
		at := y.whistleAfter(w, over, 320, 1200)
		w.do(at, hand, "close", "note", y.words(w, at, "whistle close"))
	}
}

// whistled puts the actions of a whistle in order and cuts them at the present or
// where the whistle is to stop.
func (y *year) whistled(w *whistle, over time.Time) (time.Time, bool) {
	slices.SortStableFunc(w.events, func(a, b *event) int { return a.at.Compare(b.at) })
	ok := true
	for i, e := range w.events {
		if e.at.After(Present) {
			w.events = w.events[:i]
			ok = over.Before(e.at)
			break
		}
		if e.action == w.stop {
			w.events, ok = w.events[:i+1], false
			break
		}
	}
	for _, e := range w.events {
		y.push(e)
	}
	return over, ok
}
