package simulate

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
)

// order is one letter, instruction or listing about a case as it is going to be.
type order struct {
	number string // once it is issued
	silent bool   // never answered: the supervision office ends it with a reason
}

// listings in a year at scale 1.
const listings = 3

// press makes an order about a case: the unit answers it, the supervision office
// judges the answer. A case is pressed once.
func (y *year) press(l *life, at time.Time, who access.Scope, action string, kv ...string) {
	if l.order != nil {
		return
	}
	l.order = &order{silent: action == "supervise" && chance(l.r, 0.25)}
	e := l.do(at, who, action, kv...)
	e.o, e.makes = l.order, true
	if l.order.silent {
		return
	}
	r := l.r
	a, b := 200.0, 900.0
	if action == "list" {
		a, b = 20*officeDay, 70*officeDay
	}
	t := y.answers(l, y.office.add(at, mins(r, a, b)))
	if chance(r, 0.2) {
		t = y.office.add(t, mins(r, 60, 400))
		y.onOrder(l, t, y.supervisor(r), "send_back", "reason", y.say(l, t, "order send_back"))
		t = y.answers(l, y.office.add(t, mins(r, 120, 600)))
	}
	t = y.office.add(t, mins(r, 60, 400))
	y.onOrder(l, t, y.supervisor(r), "accept", "note", y.say(l, t, "order accept"))
	if t = y.office.add(t, mins(r, 400, 2000)); action == "list" {
		y.onOrder(l, t, y.supervisor(r), "delist", "check", y.say(l, t, "order delist"), "checked_on", t.Format("2006-01-02"))
	} else {
		y.onOrder(l, t, y.supervisor(r), "release", "note", y.say(l, t, "release_supervision note"))
	}
}

func (y *year) onOrder(l *life, at time.Time, who access.Scope, action string, kv ...string) {
	l.do(at, who, action, kv...).o = l.order
}

// answers lets the unit that handles the case answer the order about it.
func (y *year) answers(l *life, at time.Time) time.Time {
	y.onOrder(l, at, y.hand(l), "answer", "done", y.say(l, at, "order answer"), "by", y.office.add(at, mins(l.r, 60, 900)).Format("2006-01-02"))
	return at
}

// leader draws a leader's post of the pack.
func (y *year) leader(l *life) string {
	var posts []string
	for _, p := range y.w.Pack.Directory.AllPosts() {
		if p.Role == directory.Leader {
			posts = append(posts, p.ID)
		}
	}
	return pick(l.r, posts)
}

// instruct is a leader's word on a case; list puts one on the district's list.
func (y *year) instruct(l *life, at time.Time) {
	who, _ := y.staff.one(l.r, "leaders", access.Leader)
	y.press(l, at, who, "instruct", "leader", y.leader(l), "demand", y.say(l, at, "supervise leader"))
}

func (y *year) list(l *life, at time.Time) {
	y.listed++
	y.press(l, at, y.supervisor(l.r), "list", "subject", l.site.street.Short+l.matter.Name, "demand", y.say(l, at, "list demand"), "leader", y.leader(l),
		"by", at.AddDate(0, 0, 90+l.r.IntN(120)).Format("2006-01-02"))
}
