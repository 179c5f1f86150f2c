package cases

import (
	"slices"
	"strconv"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
)

// whistlePlan is one whistle action on its way.
type whistlePlan struct {
	c       *Cases
	tx      *store.Tx
	sc      access.Scope
	at      time.Time
	w       *Whistle
	answers form.Answers
	ch      WhistleChange
	to      string
}

var whistlePlans = map[string]func(*whistlePlan) error{
	"approve":      (*whistlePlan).approve,
	"acknowledge":  (*whistlePlan).acknowledge,
	"report_in":    (*whistlePlan).reportIn,
	"decline":      (*whistlePlan).decline,
	"excuse":       (*whistlePlan).excuse,
	"overrule":     (*whistlePlan).overrule,
	"call_unit":    (*whistlePlan).callUnit,
	"set_task":     (*whistlePlan).setTask,
	"plan":         (*whistlePlan).plan,
	"task_done":    (*whistlePlan).taskDone,
	"return_task":  (*whistlePlan).returnTask,
	"confirm_task": (*whistlePlan).confirmTask,
	"rate_unit":    (*whistlePlan).rateUnit,
	"rate_street":  (*whistlePlan).rateStreet,
	"cancel":       (*whistlePlan).cancel,
}

func (c *Cases) doWhistle(tx *store.Tx, sc access.Scope, w *Whistle, a *flow.Action, answers form.Answers, at time.Time) (*Whistle, error) {
	p := &whistlePlan{c: c, tx: tx, sc: sc, at: at, w: w, answers: answers}
	p.ch.Set, p.ch.Units, p.ch.Stop = map[string]string{}, map[string]Summoned{}, slices.Clone(a.Stop)
	if f := whistlePlans[a.Name]; f != nil {
		if err := f(p); err != nil {
			return nil, err
		}
	}
	next, err := a.Move(w.Position, p.to)
	if err != nil {
		return nil, err
	}
	p.ch.State = next.State
	var texts map[string]string
	p.ch.Answers, texts = split(a.Form, answers)
	after := *w
	if err := c.recordWhistle(tx, sc, &after, a.Name, a.Capacity(c.whistleActor(sc, w)), &p.ch, texts, at); err != nil {
		return nil, err
	}
	if err := c.updateWhistle(tx, w, &after); err != nil {
		return nil, err
	}
	return &after, c.tellCase(tx, sc, &after, at)
}

// mine is the called unit the actor speaks for and how it stands.
func (p *whistlePlan) mine() (string, Summoned) {
	u := p.c.calledUnit(p.sc, p.w)
	return u, p.w.Units[u]
}

// named is the called unit an answer names.
func (p *whistlePlan) named() (string, Summoned, error) {
	u := p.answers.Str("unit")
	s, ok := p.w.Units[u]
	if !ok {
		return "", s, form.Faults{{Field: "unit", Code: "unit"}}
	}
	return u, s, nil
}

func refuse(code string) error { return &RefusedError{Code: code} }

func (p *whistlePlan) limits() WhistleLimits {
	if l, ok := p.c.d.Whistle[p.w.Kind]; ok {
		return l
	}
	return DefaultWhistleLimits[p.w.Kind]
}

func (p *whistlePlan) approve() error {
	p.ch.Start = map[string]string{}
	if err := p.start(ClockPlan, p.w.Unit, p.limits().Plan); err != nil {
		return err
	}
	for u := range p.w.Units {
		if err := p.call(u); err != nil {
			return err
		}
	}
	return nil
}

// call starts the clocks of a called unit.
func (p *whistlePlan) call(u string) error {
	l := p.limits()
	if err := p.start(ClockAcknowledge+":"+u, u, l.Acknowledge); err != nil {
		return err
	}
	return p.start(ClockArrive+":"+u, u, l.Arrive)
}

// start starts a clock by the calendar of a unit.
func (p *whistlePlan) start(clock, unit, limit string) error {
	set, err := p.c.d.Calendar.In(p.tx)
	if err != nil {
		return err
	}
	p.ch.Start[clock] = limit
	if cal := onCalendar(set, unit, limit); cal != "" {
		if p.ch.On == nil {
			p.ch.On = map[string]string{}
		}
		p.ch.On[clock] = cal
	}
	return nil
}

func (p *whistlePlan) acknowledge() error {
	u, s := p.mine()
	if s.State != UnitCalled {
		return refuse("already_acknowledged")
	}
	s.State, s.Acknowledged = UnitAcknowledged, p.at.UnixMicro()
	p.ch.Units[u] = s
	p.ch.Stop = append(p.ch.Stop, ClockAcknowledge+":"+u)
	return nil
}

// reportIn takes the moment the unit names, if it lies between the call and now;
// a unit that comes without having acknowledged has done both.
func (p *whistlePlan) reportIn() error {
	u, s := p.mine()
	if s.State != UnitCalled && s.State != UnitAcknowledged {
		return refuse("already_arrived")
	}
	when := p.at
	if m := p.answers.Str("when"); m != "" {
		t, err := form.ParseMoment(m)
		if err != nil || t.After(p.at.Add(time.Minute)) || t.UnixMicro() < p.w.Created {
			return form.Faults{{Field: "when", Code: "date"}}
		}
		when = t
	}
	if s.Acknowledged == 0 {
		s.Acknowledged = p.at.UnixMicro()
	}
	s.State, s.Arrived = UnitArrived, when.UnixMicro()
	p.ch.Units[u] = s
	p.ch.Stop = append(p.ch.Stop, ClockAcknowledge+":"+u, ClockArrive+":"+u)
	return nil
}

func (p *whistlePlan) decline() error {
	u, s := p.mine()
	if s.State != UnitCalled && s.State != UnitAcknowledged {
		return refuse("already_arrived")
	}
	s.State = UnitDeclined
	p.ch.Units[u] = s
	return nil
}

func (p *whistlePlan) excuse() error {
	u, s, err := p.named()
	if err != nil {
		return err
	}
	if s.State != UnitDeclined {
		return refuse("not_declined")
	}
	s.State, s.Task = UnitExcused, ""
	p.ch.Units[u] = s
	p.ch.Stop = append(p.ch.Stop, ClockAcknowledge+":"+u, ClockArrive+":"+u)
	return nil
}

// overrule sends a unit that declined back to its duty; its clocks never stopped.
func (p *whistlePlan) overrule() error {
	u, s, err := p.named()
	if err != nil {
		return err
	}
	if s.State != UnitDeclined {
		return refuse("not_declined")
	}
	s.State = UnitCalled
	if s.Acknowledged != 0 {
		s.State = UnitAcknowledged
	}
	p.ch.Units[u] = s
	return nil
}

func (p *whistlePlan) callUnit() error {
	u := p.answers.Str("unit")
	x, ok := p.c.d.Directory.Unit(u)
	if _, has := p.w.Units[u]; has || !ok || !x.Kind.HandlesCases() || u == p.w.Unit {
		return form.Faults{{Field: "unit", Code: "unit"}}
	}
	p.ch.Units[u], p.ch.Start = Summoned{State: UnitCalled}, map[string]string{}
	return p.call(u)
}

func (p *whistlePlan) setTask() error {
	u, s, err := p.named()
	if err != nil {
		return err
	}
	if s.State == UnitExcused || s.Task == "confirmed" {
		return refuse("no_task_for_unit")
	}
	s.Task, s.TaskBy = "open", p.answers.Str("by")
	p.ch.Units[u] = s
	return nil
}

// plan needs a task for every unit that was not excused: one plan, a task each.
func (p *whistlePlan) plan() error {
	for _, s := range p.w.Units {
		if s.State == UnitDeclined {
			return refuse("arbiter_first")
		}
		if s.State != UnitExcused && s.Task == "" {
			return refuse("task_for_every_unit")
		}
	}
	return nil
}

func (p *whistlePlan) taskDone() error {
	u, s := p.mine()
	if s.Task != "open" {
		return refuse("no_open_task")
	}
	s.Task = "done"
	p.ch.Units[u] = s
	return nil
}

func (p *whistlePlan) returnTask() error {
	u, s, err := p.named()
	if err != nil {
		return err
	}
	if s.Task != "done" {
		return refuse("task_not_done")
	}
	s.Task, s.Returned = "open", s.Returned+1
	p.ch.Units[u] = s
	return nil
}

func (p *whistlePlan) confirmTask() error {
	u, s, err := p.named()
	if err != nil {
		return err
	}
	if s.Task != "done" {
		return refuse("task_not_done")
	}
	s.Task = "confirmed"
	p.ch.Units[u] = s
	p.to = WhistleDone
	for other, o := range p.w.Units {
		if other != u && o.State != UnitExcused && o.Task != "confirmed" {
			p.to = WhistleExecuting
		}
	}
	return nil
}

func (p *whistlePlan) rateUnit() error {
	u, s, err := p.named()
	if err != nil {
		return err
	}
	if s.Score != 0 {
		return refuse("already_rated")
	}
	s.Score, _ = strconv.Atoi(p.answers.Str("score"))
	p.ch.Units[u] = s
	return nil
}

func (p *whistlePlan) rateStreet() error {
	u, s := p.mine()
	if s.StreetScore != 0 {
		return refuse("already_rated")
	}
	s.StreetScore, _ = strconv.Atoi(p.answers.Str("score"))
	s.Needed = "no"
	if p.answers.Bool("needed") {
		s.Needed = "yes"
	}
	p.ch.Units[u] = s
	return nil
}

func (p *whistlePlan) cancel() error {
	for name := range p.w.Clocks {
		p.ch.Stop = append(p.ch.Stop, name)
	}
	slices.Sort(p.ch.Stop)
	p.ch.Stop = slices.Compact(p.ch.Stop)
	return nil
}

// tellCase keeps the case's own record of its whistle: who was called may read
// it, and it cannot be replied to while the whistle is out.
func (c *Cases) tellCase(tx *store.Tx, sc access.Scope, after *Whistle, at time.Time) error {
	if after.Case == "" || after.State == WhistleDraft {
		return nil
	}
	k, err := c.load(tx, after.Case)
	if err != nil {
		return err
	}
	ch := Change{State: k.State, Desk: k.Desk, Marks: slices.Clone(k.Marks), Set: map[string]string{}, Units: map[string]string{}}
	action := ""
	if over(after) && k.Whistle == after.Number {
		ch.Marks = slices.DeleteFunc(ch.Marks, func(m string) bool { return m == Whistled })
		ch.Set["whistle"], action = "", "whistle_ended"
	} else if !over(after) && k.Whistle == "" && !k.Ended() {
		ch.Marks = append(ch.Marks, Whistled)
		slices.Sort(ch.Marks)
		ch.Set["whistle"], action = after.Number, "whistled"
	}
	if !over(after) {
		for u := range after.Units {
			if k.Units[u] == "" || k.Units[u] == Former {
				ch.Units[u] = Called
			}
		}
		if action == "" && len(ch.Units) > 0 {
			action = "whistled"
		}
	}
	if action == "" {
		return nil
	}
	changed := *k
	if err := c.record(tx, sc, &changed, action, "", &ch, nil, at); err != nil {
		return err
	}
	return c.update(tx, k, &changed)
}

func over(w *Whistle) bool { return w.State == WhistleDone || w.Ended() }
