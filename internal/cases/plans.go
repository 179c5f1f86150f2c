package cases

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/catalogue"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// plans hold what an action does beyond the table: facts it finds, fields it
// sets, rules it checks. An action without a plan is nothing but its row.
var plans = map[string]func(*plan) error{
	"classify":            (*plan).classify,
	"dispatch":            (*plan).dispatch,
	"designate":           (*plan).designate,
	"hand_on":             (*plan).handOn,
	"hand_back":           (*plan).handBack,
	"accept_objection":    (*plan).acceptObjection,
	"assign":              (*plan).assign,
	"contact":             (*plan).contact,
	"request_extension":   (*plan).requestExtension,
	"grant_extension":     (*plan).grantExtension,
	"reply":               (*plan).reply,
	"return_reply":        (*plan).again,
	"call_back":           (*plan).callBack,
	"rate":                (*plan).rate,
	"redo":                (*plan).redo,
	"refute":              (*plan).refuted,
	"urge":                (*plan).urge,
	"change_level":        (*plan).changeLevel,
	"request_suspension":  (*plan).requestSuspension,
	"grant_suspension":    (*plan).rest,
	"prolong_suspension":  (*plan).prolong,
	"request_pause":       (*plan).requestPause,
	"grant_pause":         (*plan).rest,
	"prolong_pause":       (*plan).prolong,
	"appeal":              (*plan).appeal,
	"accept_appeal":       (*plan).acceptObjection,
	"supervise":           (*plan).supervise,
	"instruct":            (*plan).instruct,
	"list":                (*plan).list,
	"release_supervision": (*plan).releaseSupervision,
	"hear":                (*plan).hear,
	"merge":               (*plan).merge,
	"unmerge":             (*plan).unmerge,
	"terminate":           (*plan).terminate,
	"withdraw":            (*plan).noWhistle,
	"answer": func(p *plan) error {
		p.ch.Outcome = &Outcome{Result: "explained"}
		return nil
	},
}

func (p *plan) classify() error {
	if key := p.answers.Str("matter"); key != "" {
		m, ok := p.c.d.Catalogue.Matter(key)
		if !ok || m.Deleted {
			return form.Faults{{Field: "matter", Code: "choice"}}
		}
		p.ch.Set["matter"] = m.Key
	}
	if kind := p.answers.Str("kind"); kind != "" {
		p.ch.Set["kind"] = kind
	}
	if b, ok := p.answers["public"].(bool); ok && !b {
		p.ch.Public = new(false)
	}
	place := p.before.Place
	if s := cmp(p.answers.Str("community"), p.answers.Str("street")); s != "" {
		at, ok := p.c.d.Directory.OfPlace(s)
		if !ok {
			return form.Faults{{Field: "community", Code: "unit"}}
		}
		place.Street, place.Community, place.Grid = at.Street.ID, at.Community.ID, at.Grid.ID
		p.ch.Place = &place
	}
	matter, kind := cmp(p.ch.Set["matter"], p.before.Matter), cmp(p.ch.Set["kind"], p.before.Kind)
	d := p.c.d.Decide(matter, kind, p.before.Channel, place, p.at)
	// What was sent already keeps its limits unless it is about something else.
	if matter != p.before.Matter || p.before.Unit == "" && d.Ref() != p.before.Rule {
		if err := p.level(d.Limit); err != nil {
			return err
		}
	}
	if _, told := p.ch.Set["matter"]; told && !d.Public {
		p.ch.Public = new(false) // a private matter makes the case private, whoever sent it
	}
	if p.before.Unit == "" {
		p.ch.Set["rule"], p.ch.Set["why"] = d.Ref(), d.ReasonZH
	}
	return nil
}

func cmp(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (p *plan) dispatch() error {
	d := p.c.duty(p.before, p.at)
	unit, err := p.unit("unit")
	if err != nil {
		return err
	}
	p.ch.Set["rule"], p.ch.Set["why"] = d.Ref(), d.ReasonZH
	if unit != d.Unit {
		p.ch.Set["rule"], p.ch.Set["why"] = "manual", ""
	}
	return p.sendTo(unit)
}

func (p *plan) designate() error {
	unit, err := p.unit("unit")
	if err != nil {
		return err
	}
	p.ch.Set["rule"], p.ch.Set["why"] = "designated", ""
	return p.sendTo(unit)
}

func (p *plan) handOn() error {
	unit, err := p.unit("unit")
	if err == nil && unit == p.before.Unit {
		err = form.Faults{{Field: "unit", Code: "other"}}
	}
	if err != nil {
		return err
	}
	p.ch.Set["rule"], p.ch.Set["why"] = "manual", ""
	return p.sendTo(unit)
}

// sendTo makes unit the leader and whoever led before a former one.
func (p *plan) sendTo(unit string) error {
	profile := cmp(p.answers.Str("profile"), p.before.Profile)
	p.ch.Set["unit"], p.ch.Set["holder"], p.ch.Set["assignee"], p.ch.Set["profile"] = unit, unit, "", profile
	for u, rel := range p.before.Units {
		if rel == Lead && u != unit {
			p.ch.Units[u] = Former
		}
	}
	for _, u := range p.answers.List("assist") {
		x, ok := p.c.d.Directory.Unit(u)
		if !ok || !x.Kind.HandlesCases() {
			return form.Faults{{Field: "assist", Code: "unit"}}
		}
		p.ch.Units[u] = Assist
	}
	p.ch.Units[unit] = Lead
	if err := p.cameBack(); err != nil {
		return err
	}
	// A clock that runs goes on, the sign clock through every hand-back. A unit that
	// had signed before it handed back kept its own promise; the next one has its own.
	return p.start(profile, ClockSign, ClockContact)
}

func (p *plan) profile() catalogue.Profile {
	prof, _ := p.c.d.Catalogue.Profile(p.before.Profile)
	return prof
}

// handBack keeps the sign clock running; over the cap the centre designates.
func (p *plan) handBack() error {
	prof := p.profile()
	if p.before.Counts.Handbacks >= prof.HandbackCap {
		return errHandbackCap
	}
	late, err := p.afterWindow(prof.ObjectionWindow)
	if err != nil {
		return err
	}
	if late {
		return errObjectLate
	}
	if p.answers.Str("should_be") != "" {
		if _, err := p.unit("should_be"); err != nil {
			return err
		}
	}
	p.counts().Handbacks++
	return nil
}

// afterWindow reports whether the time to object has passed since the case was sent
// to the unit that leads it now.
func (p *plan) afterWindow(window string) (bool, error) {
	if window == "" {
		return false, nil
	}
	l, err := worktime.ParseLimit(window)
	if err != nil {
		return false, err
	}
	sent, err := p.sent("DESC")
	if err != nil {
		return false, err
	}
	due := p.c.d.Calendar.Add(sent, l)
	return !due.None() && p.at.After(due.At), nil
}

// acceptObjection takes the unit out; the case waits for another one.
func (p *plan) acceptObjection() error {
	for u, rel := range p.before.Units {
		if rel == Lead {
			p.ch.Units[u] = Former
		}
	}
	p.ch.Set["unit"], p.ch.Set["assignee"] = "", ""
	return nil
}

// assign gives the case to a unit below the leader, or to a person, or both.
func (p *plan) assign() error {
	if to := p.answers.Str("to_unit"); to != "" {
		if _, err := p.unit("to_unit"); err != nil {
			return err
		}
		if !p.c.d.Directory.Under(to, p.before.Unit) {
			return form.Faults{{Field: "to_unit", Code: "below"}}
		}
		p.ch.Set["holder"], p.ch.Set["assignee"] = to, ""
		p.ch.Units[to] = Lead
	}
	if who := p.answers.Str("to_account"); who != "" {
		p.ch.Set["assignee"] = who
	}
	if len(p.ch.Set) == 0 {
		return form.Faults{{Field: "to_unit", Code: "required"}}
	}
	return nil
}

// contact that reached nobody is noted but does not stop the clock.
func (p *plan) contact() error {
	if p.answers.Str("how") == "not_reached" {
		p.ch.Stop = nil
	}
	return nil
}

func (p *plan) reply() error {
	if p.before.Whistle != "" {
		return errOpenWhistle
	}
	p.ch.Outcome = &Outcome{Result: p.answers.Str("result")}
	return nil
}

// again starts the reply clock anew after a rework was ordered.
func (p *plan) again() error {
	p.counts().Reworks++
	return p.start(p.before.Profile, ClockReply)
}

// maxAttempts on attemptDays different days: then the petitioner counts as not
// reachable and leaves the base of the satisfaction rate (DOMAIN 2.4).
const (
	maxAttempts = 3
	attemptDays = 2
)

func (p *plan) callBack() error {
	if p.answers.Bool("reached") {
		return p.judge("callback")
	}
	p.ch.Stop, p.to = nil, Replied
	p.counts().Attempts++
	day := p.at.In(zone).Format("2006-01-02")
	p.ch.Tried = append(slices.Clone(p.before.Tried), day)
	days := slices.Compact(slices.Sorted(slices.Values(p.ch.Tried)))
	if p.ch.Counts.Attempts >= maxAttempts && len(days) >= attemptDays {
		p.to, p.ch.Stop = Closed, []string{ClockClose}
		p.ch.Outcome = &Outcome{Result: p.before.Outcome.Result, By: "unreachable"}
	}
	return nil
}

// judge takes the resident's word. Where the matter allows it, not solved leads to a redo; a part solved or
// dissatisfied answer only when the resident asks for it.
func (p *plan) judge(by string) error {
	a := p.answers
	o := Outcome{Result: p.before.Outcome.Result, By: by, Contacted: a.Bool("contacted"), Solved: a.Str("solved"), Satisfied: a.Str("satisfied")}
	p.ch.Outcome = &o
	m, _ := p.c.d.Catalogue.Matter(p.before.Matter)
	bad := o.Satisfied == "dissatisfied" || o.Satisfied == "very_dissatisfied"
	if !m.NoReopen && (o.Solved == "no" || (a.Bool("wants_redo") && (o.Solved == "part" || bad))) {
		p.to, p.ch.Stop = Rework, nil
		p.counts().Reworks++
		return p.start(p.before.Profile, ClockReply, ClockClose)
	}
	p.to = Closed
	return nil
}

// rateWindow is how long after closing a resident may still rate, redoWindow how
// long the centre may reopen.
const (
	rateWindow = 7 * 24 * time.Hour
	redoWindow = 90 * 24 * time.Hour
)

func (p *plan) rate() error {
	if p.before.Closed != 0 && p.at.Sub(time.UnixMicro(p.before.Closed)) > rateWindow {
		return errRateWindow
	}
	return p.judge("rating")
}

func (p *plan) redo() error {
	if p.at.Sub(time.UnixMicro(p.before.Closed)) > redoWindow {
		return errRedoWindow
	}
	p.counts().Reworks++
	return p.start(p.before.Profile, ClockReply, ClockClose)
}

// refuted starts the clocks anew that ended with the word that was none.
func (p *plan) refuted() error {
	p.counts().Reworks++
	return p.start(p.before.Profile, ClockReply, ClockClose)
}

func (p *plan) urge() error {
	p.counts().Urges++
	return nil
}

// terminate is for the supervision office, which first ends what it demands itself.
func (p *plan) terminate() error {
	if p.before.Has(Supervised) {
		return errOpenOrder
	}
	return p.noWhistle()
}

func (p *plan) noWhistle() error {
	if p.before.Whistle != "" {
		return errOpenWhistle
	}
	return nil
}

// MaxMerged is how many cases one can stand for: a page lists them all, and who is
// told of each answer stays a handful of messages. More than that is a theme, to be
// handled as one.
const MaxMerged = 50

// merge puts the case behind another one: one handling order, every caller called
// back. Chains collapse to the survivor, so a target that was merged itself
// stands for its own target.
func (p *plan) merge() error {
	if p.before.Has(Supervised) {
		return errOpenOrder
	}
	into := strings.ToUpper(p.answers.Str("into"))
	for range 8 {
		t, err := p.c.load(p.tx, into)
		if errors.Is(err, store.ErrNotFound) || (err == nil && !p.c.visible(p.sc, t)) {
			return form.Faults{{Field: "into", Code: "case"}}
		}
		if err != nil {
			return err
		}
		if t.State == Merged {
			into = t.Parent
			continue
		}
		if t.Number == p.before.Number || t.Ended() {
			return errMergeTarget
		}
		children := p.before.Counts.Merged
		if t.Counts.Merged+1+children > MaxMerged {
			return errMergedFull
		}
		p.ch.Set["parent"] = t.Number
		p.counts().Merged = 0
		p.then = append(p.then, func() error { return p.c.adopt(p, t, 1+children) })
		if children > 0 {
			p.then = append(p.then, func() error { return p.rehang(t.Number) })
		}
		return nil
	}
	return errMergeTarget
}

// rehang moves the children of a case that was merged to the survivor.
func (p *plan) rehang(to string) error {
	if b := batchOf(p.tx); b != nil {
		if err := b.flush(); err != nil { // the query below reads rows
			return err
		}
	}
	children, err := store.All(p.tx, scanCase, `SELECT `+columns+` FROM cases WHERE district = $1 AND parent = $2 AND parent <> '' ORDER BY number`, p.c.d.Code, p.before.Number)
	if err != nil {
		return err
	}
	for _, k := range children {
		after := *k
		ch := Change{State: k.State, Marks: k.Marks, Desk: k.Desk, Set: map[string]string{"parent": to}}
		if err := p.c.record(p.tx, p.sc, &after, "rehang", "", &ch, nil, p.at); err != nil {
			return err
		}
		if err := p.c.update(p.tx, k, &after); err != nil {
			return err
		}
	}
	return nil
}

// adopt notes on the survivor that a case came or went.
func (c *Cases) adopt(p *plan, k *Case, by int) error {
	after := *k
	ch := Change{State: k.State, Marks: k.Marks, Desk: k.Desk, Counts: new(k.Counts), Answers: form.Answers{"case": p.before.Number, "count": strconv.Itoa(by)}}
	ch.Counts.Merged += by
	action := "adopted"
	if by < 0 {
		action = "released"
	}
	if err := c.record(p.tx, p.sc, &after, action, "", &ch, nil, p.at); err != nil {
		return err
	}
	return c.update(p.tx, k, &after)
}

func (p *plan) unmerge() error {
	t, err := p.c.load(p.tx, p.before.Parent)
	if err != nil {
		return err
	}
	p.ch.Set["parent"] = ""
	if p.before.Outcome != (Outcome{}) {
		p.ch.Outcome = new(Outcome{}) // it was asked as one of the others
	}
	for u, rel := range p.before.Units {
		if rel == Lead {
			p.ch.Units[u] = Former
		}
	}
	p.ch.Set["unit"], p.ch.Set["assignee"] = "", ""
	p.then = append(p.then, func() error { return p.c.adopt(p, t, -1) })
	return nil
}

// sideActions are acts that other actions cause; nobody can ask for them.
var sideActions = []string{"rehang", "adopted", "released", "whistled", "whistle_ended", "order_ended", Recounted}
