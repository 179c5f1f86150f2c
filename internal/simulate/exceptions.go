package simulate

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/store"
)

// plea is an exception from the rule against formalism that somebody asks for, and what becomes of it.
type plea struct {
	id, subject, scene, reason string
	before                     int // days before the end of the year on which it is asked for
	lasts                      int // days
	no                         string
}

// pleas are few: that an exception is rare is what the rule wants. One is over, one was refused, one is in force.
func pleas() []*plea {
	return []*plea{
		{subject: "daily_five", scene: "emergency", before: 121, lasts: 4, reason: "连日大雨，浑江水位上涨，巡堤的网格员两人一组，要知道人都平安（虚构）"},
		{subject: "morning", scene: "safety", before: 58, lasts: 30, reason: "想掌握干部晨检到位情况（虚构）", no: "不是安全、应急场景。晨检看发现和解决了什么，不看谁到了几次"},
		{subject: "snow_watch", scene: "safety", before: 3, lasts: 4, reason: "雪后路面结冰，夜里清雪的人要报一声平安（虚构）"},
	}
}

// excepted plans the exceptions that are asked for on a day.
func (y *year) excepted(d int) {
	for _, p := range pleas() {
		if y.w.Guard == nil || y.days-p.before != d {
			continue
		}
		date := Begin.AddDate(0, 0, d)
		asks, ok := y.staff.one(y.rare, y.sites[0].street.ID, access.StreetLead)
		decides, ok2 := y.staff.one(y.rare, "leaders", access.Leader)
		if !ok || !ok2 {
			continue
		}
		y.push(&event{at: date.Add(8 * time.Hour), plea: p, action: "ask", who: asks, raw: raw("rule", formalism.CheckIn, "subject", p.subject, "unit", y.sites[0].street.ID, "scene", p.scene,
			"until", date.AddDate(0, 0, p.lasts).Format(time.DateOnly), "reason", p.reason)})
		e := &event{at: date.Add(8*time.Hour + 25*time.Minute), plea: p, action: "approve", who: decides, raw: raw()}
		if p.no != "" {
			e.action, e.raw = "refuse", raw("reason", p.no)
		}
		y.push(e)
	}
}

// applyPlea does an event of an exception.
func (y *year) applyPlea(tx *store.Tx, e *event) error {
	if e.action == "ask" {
		x, err := y.w.Guard.AskIn(tx, e.who, e.raw, store.Key{}, e.at)
		if err == nil {
			e.plea.id = x.ID
		}
		return err
	}
	return y.w.Guard.ActIn(tx, e.who, e.plea.id, e.action, formalism.Act{Raw: e.raw, Version: 1}, e.at)
}
