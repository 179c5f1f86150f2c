package visits

import (
	"context"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// Input is what comes with an action at a door.
type Input struct {
	Version int64 // of the page it was decided on; 0 = it does not matter, from a phone that was offline
	Raw     form.Raw
	Key     store.Key                                         // makes it safe to repeat
	At      time.Time                                         // when it was, by the phone; zero = now
	Attach  func(tx *store.Tx, id string, at time.Time) error // runs in the same transaction, once; nil = nothing
}

// OpenVisit lists what the scope may do with a visit.
func (v *Visits) OpenVisit(sc access.Scope, x *Visit) []*flow.Action {
	return VisitTable.Open(x.Position(), v.over(sc, x.Community))
}

// OpenToChief lists what the chief of its building may do with a visit that Doorstep listed.
func (v *Visits) OpenToChief(sc access.Scope, x *Visit) []*flow.Action {
	return VisitTable.Open(x.Position(), flow.Actor{Roles: sc.Roles(), Relations: []string{Chief}})
}

// Do does an action at a door. A need becomes a case, or a call for help, in the same transaction. Faults are
// form.Faults or a *Refusal. It reports the numbers of cases it made, and whether the same was done before under the key.
func (v *Visits) Do(ctx context.Context, sc access.Scope, id, action string, in Input) (made string, done bool, err error) {
	act, err := VisitTable.Action(action)
	if err != nil {
		return "", false, err
	}
	if act.From == nil {
		return "", false, flow.ErrUnknown
	}
	err = v.again(ctx, func(tx *store.Tx) error {
		made, done = "", false
		x, who, err := v.reach(tx, sc, id)
		if err != nil {
			return err
		}
		if _, done, err = store.Once(tx, v.district, in.Key, id, v.o.Clock()); err != nil || done {
			return err
		}
		if _, err := VisitTable.Permit(action, x.Position(), who); err != nil {
			return err
		}
		answers, err := v.Form(act).Check(in.Raw)
		if err != nil {
			return err
		}
		if in.Version != 0 && x.Version != in.Version {
			return ErrStale
		}
		if (answers.Str("name") != "" || answers.Str("phone") != "") && act.Capacity(who) == access.Chief {
			return refuse("words", "楼长不登记姓名和电话：居民要答复的，请本人拨打热线或在网上提出", "chiefs of buildings write down no names and numbers: who wants an answer calls the hotline or asks online")
		}
		before := len(x.CaseList())
		if err := v.knock(tx, sc, who, x, act, answers, in.At); err != nil {
			return err
		}
		if list := x.CaseList(); len(list) > before {
			made = list[len(list)-1]
		}
		if in.Attach != nil {
			return in.Attach(tx, x.ID, time.UnixMicro(x.Changed))
		}
		return nil
	})
	return made, done, err
}

func (v *Visits) knock(tx *store.Tx, sc access.Scope, who flow.Actor, x *Visit, act *flow.Action, answers form.Answers, at time.Time) error {
	n := *x
	if act.To != "" {
		n.State = act.To
	}
	if at.IsZero() || at.After(v.o.Clock()) {
		at = v.o.Clock()
	}
	if err := v.later(&n, act.Name, answers); err != nil {
		return err
	}
	switch act.Name {
	case "record":
		v.recordOutcome(&n, answers, at)
	case "close":
		if err := v.mayClose(tx, x); err != nil {
			return err
		}
		n.Revisit = ""
	}
	if id := answers.Str("need"); id != "" {
		need, err := v.need(id)
		if err != nil {
			return err
		}
		number, err := v.file(tx, sc, x, need, answers)
		if err != nil {
			return err
		}
		n.State = Raised
		n.Needs, n.Cases = join(n.Needs, need.ID), join(n.Cases, number)
	}
	c := n.change()
	c.Answers = v.asked(answers, c.Answers)
	a, err := v.append(tx, sc, VisitTable.Kind, x.ID, act.Name, act.Capacity(who), c, nil)
	if err != nil {
		return err
	}
	if err := x.fold(a); err != nil {
		return err
	}
	return v.saveVisit(tx, x)
}

func join(list, more string) string { return strings.TrimSpace(list + " " + more) }

// later takes the day on which somebody comes again: not before today.
func (v *Visits) later(n *Visit, action string, answers form.Answers) error {
	day, given := answers["revisit"].(string)
	switch {
	case given && day < v.today():
		return refuse("revisit", "回访日期 %s 已经过去", "the day %s lies in the past", day)
	case given:
		n.Revisit = day
	case action == "record" && answers.Str("outcome") == NotHome:
		n.Revisit = in(v.today(), pack.Days(v.rules.Again))
	case action == "record" || action == "follow_up":
		n.Revisit = ""
	}
	return nil
}

// recordOutcome says where a visit goes: nobody at home is tried again, declined and vacant are done with, and so is a
// talk of which nothing came, unless somebody promised to come again.
func (v *Visits) recordOutcome(n *Visit, answers form.Answers, at time.Time) {
	n.Attempts++
	n.Outcome, n.Topics = answers.Str("outcome"), strings.Join(answers.List("topics"), " ")
	switch {
	case n.Outcome == NotHome:
		n.State = Attempted
		return
	case n.Outcome == Met && n.Revisit != "":
		n.State, n.Visited = Visited, at.UnixMicro()
	case n.Outcome == Met:
		n.State, n.Visited = Closed, at.UnixMicro()
	default:
		n.State, n.Revisit = Closed, ""
	}
}

// asked are the answers to the district's own questions.
func (v *Visits) asked(answers form.Answers, was map[string]any) map[string]any {
	for name, x := range answers {
		if q, ok := strings.CutPrefix(name, "q_"); ok {
			if was == nil {
				was = map[string]any{}
			}
			was[q] = x
		}
	}
	return was
}

// mayClose refuses to close a visit while a case that came of it is open.
func (v *Visits) mayClose(tx *store.Tx, x *Visit) error {
	found, err := v.o.Outcomes(tx, x.CaseList())
	if err != nil {
		return err
	}
	for _, n := range x.CaseList() {
		if o, ok := found[n]; ok && !o.Ended {
			return refuse("", "工单 %s 还没办结，办结以后再结束这次走访", "case %s is still open: close the visit when it is done", n)
		}
	}
	return nil
}

// file turns a need into a case.
func (v *Visits) file(tx *store.Tx, sc access.Scope, x *Visit, need pack.Need, answers form.Answers) (string, error) {
	words, err := plain("words", answers.Str("words"), 500)
	if err != nil {
		return "", err
	}
	r := Request{Words: words, Help: need.Becomes == "help", Matter: need.Matter, Community: x.Community, Grid: x.Grid,
		Person: vault.Person{Name: answers.Str("name"), Phone: answers.Str("phone")}}
	if b, ok := v.o.Building(x.Building); ok {
		r.Place = b.Title()
	}
	if r.Person.Phone != "" {
		// Who wants an answer at home is found there: the door goes into the vault with them.
		r.Person.Address = r.Place + DoorName(x.Door)
	}
	return v.o.File(tx, sc, r, v.o.Clock())
}

// DoorName is a door in words: 2-301 is 2单元301室, 0-12 is 12号.
func DoorName(door string) string {
	e, n, _ := strings.Cut(door, "-")
	if e == "0" {
		return n + "号"
	}
	return e + "单元" + n + "室"
}
