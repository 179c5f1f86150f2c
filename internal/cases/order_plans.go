package cases

import (
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// orderPlan is one action of an order on its way.
type orderPlan struct {
	c       *Cases
	o       *Order
	at      time.Time
	answers form.Answers
	ch      OrderChange
}

var orderPlans = map[string]func(*orderPlan) error{
	"more_time": (*orderPlan).moreTime,
	"send_back": (*orderPlan).sendBack,
	"delist":    (*orderPlan).delist,
}

// doOrder carries out a permitted action.
func (c *Cases) doOrder(tx *store.Tx, sc access.Scope, o *Order, a *flow.Action, answers form.Answers, at time.Time) (*Order, error) {
	p := &orderPlan{c: c, o: o, at: at, answers: answers}
	p.ch.Stop = a.Stop
	if f := orderPlans[a.Name]; f != nil {
		if err := f(p); err != nil {
			return nil, err
		}
	}
	next, err := a.Move(o.Position, "")
	if err != nil {
		return nil, err
	}
	p.ch.State, p.ch.Marks = next.State, next.Marks
	var texts map[string]string
	p.ch.Answers, texts = split(a.Form, answers)
	after := *o
	if err := c.recordOrder(tx, sc, &after, a.Name, a.Capacity(c.orderActor(sc, o)), &p.ch, texts, at); err != nil {
		return nil, err
	}
	return &after, c.updateOrder(tx, o, &after)
}

// answerLimit is how long the unit has for an answer: what was named, else what
// the pack says.
func (c *Cases) answerLimit(named, kind, level string) (string, error) {
	if named == "" {
		if named = c.d.Procedures.Instruction.Answer; kind == OrderLetter {
			named = c.d.Procedures.AnswerOf(level)
		}
		named = cmp(named, "3 workday")
	}
	l, err := worktime.ParseLimit(named)
	if err != nil {
		return "", form.Faults{{Field: "limit", Code: "limit"}}
	}
	return l.String(), nil
}

func (p *orderPlan) moreTime() error {
	l, err := worktime.ParseLimit(p.answers.Str("limit"))
	if err != nil {
		return form.Faults{{Field: "limit", Code: "limit"}}
	}
	p.ch.Extend = map[string]string{ClockAnswer: l.String()}
	return nil
}

func (p *orderPlan) sendBack() error {
	l, err := p.c.answerLimit(p.answers.Str("limit"), p.o.Kind, p.o.Level)
	if err != nil {
		return err
	}
	p.ch.Start, p.ch.Returned = map[string]string{ClockAnswer: l}, p.o.Returned+1
	return nil
}

// delist: the check was made, and not in the future.
func (p *orderPlan) delist() error {
	if daysTo(p.at, p.answers.Str("checked_on")) > 0 {
		return form.Faults{{Field: "checked_on", Code: "future"}}
	}
	return nil
}

// supervise, instruct and list make an order beside the act of the case. Its words
// are kept with the order alone: not everybody who reads the case may read them.
func (p *plan) supervise() error {
	return p.issue(OrderLetter, map[string]string{"level": p.answers.Str("level")})
}

func (p *plan) instruct() error {
	if err := p.leader(); err != nil {
		return err
	}
	return p.issue(OrderInstruction, map[string]string{"leader": p.answers.Str("leader")})
}

func (p *plan) list() error {
	if err := p.leader(); err != nil {
		return err
	}
	by, longest := p.answers.Str("by"), cmp(p.c.d.Procedures.Listing.Longest, "365 day")
	l, err := worktime.ParseLimit(longest)
	if err != nil {
		return err
	}
	if n := daysTo(p.at, by); n < 1 || n > daysTo(p.at, p.c.d.Calendar.Add(p.at, l).At.In(zone).Format(time.DateOnly)) {
		return form.Faults{{Field: "by", Code: "review"}}
	}
	return p.issue(OrderListing, map[string]string{"leader": p.answers.Str("leader"), "subject": p.answers.Str("subject"), "by": by})
}

// leader checks that the answer names a post of a district leader.
func (p *plan) leader() error {
	if post, ok := p.c.d.Directory.Post(p.answers.Str("leader")); !ok || post.Role != directory.Leader {
		return form.Faults{{Field: "leader", Code: "choice"}}
	}
	return nil
}

func (p *plan) issue(kind string, set map[string]string) error {
	unit := cmp(p.before.Unit, p.c.d.Centre)
	if p.answers.Str("unit") != "" {
		var err error
		if unit, err = p.unit("unit"); err != nil {
			return err
		}
	}
	limit := untilDay(p.at, set["by"])
	if kind != OrderListing {
		var err error
		if limit, err = p.c.answerLimit(p.answers.Str("limit"), kind, set["level"]); err != nil {
			return err
		}
	}
	number, err := p.c.freeOrderNumber(p.tx, p.at)
	if err != nil {
		return err
	}
	set["kind"], set["case"], set["unit"] = kind, p.before.Number, unit
	ch := OrderChange{State: OrderIssued, Set: set, Start: map[string]string{ClockAnswer: limit}}
	if kind == OrderListing {
		ch.Marks = []string{Listed}
	}
	words := map[string]string{"demand": p.texts["demand"]}
	delete(p.texts, "demand")
	if p.ch.Answers == nil {
		p.ch.Answers = form.Answers{}
	}
	p.ch.Answers["order"] = number
	p.ch.Set["level"] = highest(p.before.Level, rankOf(kind, set["level"]))
	p.then = append(p.then, func() error {
		o := &Order{Number: number}
		if err := p.c.recordOrder(p.tx, p.sc, o, "issue", p.action.Capacity(p.c.actor(p.sc, p.before)), &ch, words, p.at); err != nil {
			return err
		}
		o.Doc = newDoc(o.Created, o.LastSeq)
		return p.c.insertOrder(p.tx, o)
	})
	return nil
}

// ranks of supervision, as a case shows the highest of its open orders: the level
// of a letter, a leader's instruction, a listing.
var ranks = []string{"", "1", "2", "3", "leader", "listed"}

func rankOf(kind, level string) string {
	switch kind {
	case OrderInstruction:
		return "leader"
	case OrderListing:
		return "listed"
	}
	return level
}

func highest(a, b string) string {
	if slices.Index(ranks, a) > slices.Index(ranks, b) {
		return a
	}
	return b
}

// releaseSupervision ends all orders of a case at once: those whose answer was
// accepted, and with a reason the others. A listing ends only with its check.
func (p *plan) releaseSupervision() error {
	open, err := p.c.openOrders(p.tx, p.before.Number)
	if err != nil {
		return err
	}
	for _, o := range open {
		action, answers := "release", form.Answers{}
		switch why := p.texts["note"]; {
		case slices.Contains(o.Marks, Listed):
			return errDelistFirst
		case o.State != OrderAccepted && why == "":
			return errUnanswered
		case o.State != OrderAccepted:
			action, answers["reason"] = "withdraw", why
		case why != "":
			answers["note"] = why
		}
		a, err := OrderTable.Permit(action, o.Position, p.c.orderActor(p.sc, o))
		if err != nil {
			return err
		}
		p.then = append(p.then, func() error { _, err := p.c.doOrder(p.tx, p.sc, o, a, answers, p.at); return err })
	}
	p.ch.Set["level"] = ""
	return nil
}

// orderEnded tells the case that an order about it is over: with the last one the
// mark goes.
func (c *Cases) orderEnded(tx *store.Tx, sc access.Scope, o *Order, at time.Time) error {
	k, err := c.load(tx, o.Case)
	if err != nil {
		return err
	}
	open, err := c.openOrders(tx, o.Case)
	if err != nil {
		return err
	}
	level := ""
	for _, x := range open {
		level = highest(level, rankOf(x.Kind, x.Level))
	}
	ch := Change{State: k.State, Desk: k.Desk, Marks: slices.Clone(k.Marks), Set: map[string]string{"level": level}, Answers: form.Answers{"order": o.Number}}
	if len(open) == 0 {
		ch.Marks = slices.DeleteFunc(ch.Marks, func(m string) bool { return m == Supervised })
	}
	after := *k
	if err := c.record(tx, sc, &after, "order_ended", "", &ch, nil, at); err != nil {
		return err
	}
	return c.update(tx, k, &after)
}

// tellOrders writes into the open orders of a case that it ended: the resident's
// word closes a case, but never in silence what supervision demanded.
func (c *Cases) tellOrders(tx *store.Tx, sc access.Scope, k *Case, at time.Time) error {
	open, err := c.openOrders(tx, k.Number)
	if err != nil {
		return err
	}
	for _, o := range open {
		after := *o
		ch := OrderChange{State: o.State, Marks: o.Marks, Answers: form.Answers{"case": k.Number, "state": k.State}}
		if err := c.recordOrder(tx, sc, &after, "case_ended", "", &ch, nil, at); err != nil {
			return err
		}
		if err := c.updateOrder(tx, o, &after); err != nil {
			return err
		}
	}
	return nil
}
