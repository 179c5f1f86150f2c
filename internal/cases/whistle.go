package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/calendars"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Whistle is one call of a street: several units, one plan.
type Whistle struct {
	District string
	Number   string
	Doc      int64
	Version  int64
	LastSeq  int64
	Created  int64
	Changed  int64
	flow.Position
	Unit   string // the street or town that whistles
	Kind   string
	Case   string // number of the case it is about; "" = none
	MeetAt string
	Where  string
	Units  map[string]Summoned // the called units
	Clocks map[string]Clock
}

// Summoned is how one called unit stands.
type Summoned struct {
	State        string `json:"state"`
	Acknowledged int64  `json:"acknowledged,omitempty"`
	Arrived      int64  `json:"arrived,omitempty"`
	Task         string `json:"task,omitempty"` // "" none, open, done, confirmed
	TaskBy       string `json:"task_by,omitempty"`
	Returned     int    `json:"returned,omitempty"`
	Score        int    `json:"score,omitempty"`        // the street's rating of the unit, 1-5
	StreetScore  int    `json:"street_score,omitempty"` // the unit's rating of the street, 1-5
	Needed       string `json:"needed,omitempty"`       // the unit's word on whether the whistle was needed
}

// WhistleChange is the body of a whistle's act.
type WhistleChange struct {
	State   string              `json:"state"`
	Set     map[string]string   `json:"set,omitempty"`
	Units   map[string]Summoned `json:"units,omitempty"` // new standing of units
	Start   map[string]string   `json:"start,omitempty"`
	Stop    []string            `json:"stop,omitempty"`
	On      map[string]string   `json:"on,omitempty"` // as in Change
	Moved   map[string]Moved    `json:"moved,omitempty"`
	Cal     string              `json:"cal,omitempty"`
	Cals    map[string]string   `json:"cals,omitempty"`
	Answers form.Answers        `json:"answers,omitempty"`
}

// WhistleLimits are the limits of one kind of whistle.
type WhistleLimits struct{ Acknowledge, Arrive, Plan string }

// DefaultWhistleLimits are used where the pack has none (DOMAIN 1.3; there are no
// national numbers).
var DefaultWhistleLimits = map[string]WhistleLimits{
	WhistleEmergency: {"30 minute", "60 minute", "3 workday"},
	WhistleProblem:   {"4 workhour", "1 workday", "3 workday"},
	WhistleJoint:     {"4 workhour", "1 workday", "3 workday"},
}

// Ended reports whether nothing is left to do.
func (w *Whistle) Ended() bool { s, ok := WhistleTable.State(w.State); return !ok || s.End }

// clocks is the part of the change that touches clocks.
func (ch *WhistleChange) clocks() *Change {
	return &Change{Start: ch.Start, Stop: ch.Stop, On: ch.On, Moved: ch.Moved, Cal: ch.Cal, Cals: ch.Cals}
}

func (w *Whistle) fold(a *journal.Act, ch *WhistleChange, set *calendars.Set) error {
	if w.Version == 0 {
		w.District, w.Number, w.Created = a.District, a.Subject, a.At
	}
	for name, v := range ch.Set {
		switch name {
		case "unit":
			w.Unit = v
		case "kind":
			w.Kind = v
		case "case":
			w.Case = v
		case "meet_at":
			w.MeetAt = v
		case "where":
			w.Where = v
		default:
			return fmt.Errorf("cases: act %d sets unknown whistle field %q", a.Seq, name)
		}
	}
	if len(ch.Units) > 0 {
		units := maps.Clone(w.Units)
		if units == nil {
			units = map[string]Summoned{}
		}
		maps.Copy(units, ch.Units)
		w.Units = units
	}
	part := ch.clocks()
	clocks, err := tick(w.Clocks, part, a.At, part.calendars(set), false)
	if err != nil {
		return fmt.Errorf("cases: act %d: %w", a.Seq, err)
	}
	w.Clocks = clocks
	w.State = ch.State
	if a.Action != Recounted {
		w.Version++
	}
	w.LastSeq, w.Changed = a.Seq, a.At
	return nil
}

// whistleActor is who asks, as the whistle's table sees them.
func (c *Cases) whistleActor(sc access.Scope, w *Whistle) flow.Actor {
	a := flow.Actor{Roles: sc.Roles()}
	if w == nil || sc.Unit() == "" {
		return a
	}
	dir := c.d.Directory
	// The street's own people and those of the communities below it.
	if dir.Under(w.Unit, sc.Unit()) || dir.Under(sc.Unit(), w.Unit) {
		a.Relations = append(a.Relations, "street")
	}
	if w.State != WhistleDraft && c.calledUnit(sc, w) != "" {
		a.Relations = append(a.Relations, Called)
	}
	return a
}

// calledUnit is the called unit the actor speaks for.
func (c *Cases) calledUnit(sc access.Scope, w *Whistle) string {
	// Somebody speaks for the own unit first, then for units below it.
	if _, ok := w.Units[sc.Unit()]; ok {
		return sc.Unit()
	}
	for _, u := range slices.Sorted(maps.Keys(w.Units)) {
		if sc.Unit() != "" && c.d.Directory.Under(u, sc.Unit()) {
			return u
		}
	}
	return ""
}

func (c *Cases) whistleVisible(sc access.Scope, w *Whistle) bool {
	if sc.District() != w.District {
		return false
	}
	return sc.All() || len(c.whistleActor(sc, w).Relations) > 0
}

// Blow drafts a whistle for the actor's street and returns it.
func (c *Cases) Blow(ctx context.Context, sc access.Scope, in Input) (*Whistle, error) {
	b, err := c.blowing(sc, in)
	if err != nil {
		return nil, err
	}
	var w *Whistle
	for range 4 {
		number := c.newWhistleNumber(b.now)
		err = c.db.Write(ctx, func(tx *store.Tx) error {
			w, err = c.blow(tx, sc, number, b)
			return err
		})
		if !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	return w, err
}

// blowing is a draft of a whistle whose answers were checked.
type blowing struct {
	in      Input
	answers form.Answers
	ch      WhistleChange
	now     time.Time
}

func (c *Cases) blowing(sc access.Scope, in Input) (blowing, error) {
	if !whistleDraft.Grants(c.whistleActor(sc, nil)) {
		return blowing{}, flow.ErrForbidden
	}
	street, ok := c.d.Directory.StreetOf(sc.Unit())
	if !ok {
		return blowing{}, flow.ErrForbidden
	}
	answers, err := whistleDraft.Form.Check(in.Raw)
	if err != nil {
		return blowing{}, err
	}
	ch := WhistleChange{State: WhistleDraft, Units: map[string]Summoned{}, Set: map[string]string{
		"unit": street.ID, "kind": answers.Str("kind"), "meet_at": answers.Str("meet_at"), "where": answers.Str("meet_place")}}
	for _, u := range answers.List("units") {
		x, ok := c.d.Directory.Unit(u)
		if !ok || !x.Kind.HandlesCases() || u == street.ID {
			return blowing{}, form.Faults{{Field: "units", Code: "unit"}}
		}
		ch.Units[u] = Summoned{State: UnitCalled}
	}
	return blowing{in, answers, ch, c.now(in)}, nil
}

// whistleDraft is the row of the table that makes whistles.
var whistleDraft, _ = WhistleTable.Action("draft")

func (c *Cases) newWhistleNumber(now time.Time) string {
	return c.d.Prefix + "S" + now.In(zone).Format("20060102") + "-" + random32(5)
}

func (c *Cases) blow(tx *store.Tx, sc access.Scope, number string, b blowing) (*Whistle, error) {
	w := &Whistle{}
	if earlier, done, err := store.Once(tx, c.d.Code, b.in.Key, number, b.now); err != nil {
		return nil, err
	} else if done {
		return c.loadWhistle(tx, earlier)
	}
	at, err := journal.Begin(tx, c.d.Code, b.now)
	if err != nil {
		return nil, err
	}
	if err := c.whistleCase(tx, sc, b.answers.Str("case"), &b.ch); err != nil {
		return nil, err
	}
	w.Number = number
	if err := c.recordWhistle(tx, sc, w, "draft", whistleDraft.Capacity(c.whistleActor(sc, nil)), &b.ch, map[string]string{"issue": b.answers.Str("issue")}, at); err != nil {
		return nil, err
	}
	w.Doc = newDoc(w.Created, w.LastSeq)
	return w, c.insertWhistle(tx, w)
}

func (c *Cases) now(in Input) time.Time {
	if !in.At.IsZero() {
		return in.At
	}
	return c.clock()
}

// whistleCase checks that the case is the street's own and has no whistle yet.
func (c *Cases) whistleCase(tx *store.Tx, sc access.Scope, number string, ch *WhistleChange) error {
	if number == "" {
		return nil
	}
	k, err := c.get(tx, sc, number)
	if errors.Is(err, store.ErrNotFound) {
		return form.Faults{{Field: "case", Code: "case"}}
	}
	if err != nil {
		return err
	}
	if k.Whistle != "" {
		return errOpenWhistle
	}
	if !slices.Contains(working, k.State) || !slices.Contains(c.relations(sc, k), Lead) {
		return form.Faults{{Field: "case", Code: "case"}}
	}
	ch.Set["case"] = k.Number
	return nil
}

// WhistleAct does one action of the whistle's table.
func (c *Cases) WhistleAct(ctx context.Context, sc access.Scope, number, action string, in Input) (*Whistle, error) {
	t, err := c.attempt(&WhistleTable, action, in)
	if err != nil {
		return nil, err
	}
	var after *Whistle
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		after, err = c.actWhistle(tx, sc, number, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// actWhistle checks an attempt against the whistle as it is and carries it out.
func (c *Cases) actWhistle(tx *store.Tx, sc access.Scope, number string, t attempt) (*Whistle, error) {
	at, err := journal.Begin(tx, c.d.Code, t.now)
	if err != nil {
		return nil, err
	}
	w, err := c.loadWhistle(tx, number)
	if err != nil {
		return nil, err
	}
	done, err := t.permit(tx, c.d.Code, subject{w.Number, w.Position, w.Version, c.whistleVisible(sc, w), c.whistleActor(sc, w), StaleError{Whistle: w}})
	switch {
	case err != nil:
		return nil, err
	case done:
		return w, nil
	}
	after, err := c.doWhistle(tx, sc, w, t.a, t.answers, at)
	if err == nil && t.in.Attach != nil {
		err = t.in.Attach(tx, after.Number, after.LastSeq, at)
	}
	return after, err
}

func (c *Cases) recordWhistle(tx *store.Tx, sc access.Scope, w *Whistle, action, capacity string, ch *WhistleChange, texts map[string]string, at time.Time) error {
	set := c.d.Calendar.Now()
	if part := ch.clocks(); part.timing() {
		var err error
		if set, err = c.d.Calendar.In(tx); err != nil {
			return err
		}
		if err := part.sign(w.Clocks, set); err != nil {
			return err
		}
		ch.Cal, ch.Cals = part.Cal, part.Cals
	}
	body, err := json.Marshal(ch)
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	maps.DeleteFunc(texts, func(_, v string) bool { return v == "" })
	a := &journal.Act{District: c.d.Code, At: at.UnixMicro(), Kind: WhistleTable.Kind, Subject: w.Number, Action: action,
		Actor: sc.Actor(capacity), Pack: c.d.Pack, Body: body, Texts: texts}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	return w.fold(a, ch, set)
}

// UpperNumber normalises a number as people type it.
func UpperNumber(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// BlowIn is Blow in the transaction of the record it comes from.
func (c *Cases) BlowIn(tx *store.Tx, sc access.Scope, in Input) (*Whistle, error) {
	b, err := c.blowing(sc, in)
	if err != nil {
		return nil, err
	}
	return c.blow(tx, sc, c.newWhistleNumber(b.now), b)
}
