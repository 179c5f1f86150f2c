package cases

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/calendars"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// Check is one independent look at whether a case is solved.
type Check struct {
	District string
	Number   string
	Doc      int64
	Version  int64
	LastSeq  int64
	Created  int64 // µs UTC
	Changed  int64
	flow.Position
	Case    string
	Rule    string // id in the pack's procedures
	Unit    string // is to look
	Handler string // unit whose word is looked at
	Photos  int
	Clocks  map[string]Clock
}

// CheckChange is the body of a check's act, spelled out as Change is.
type CheckChange struct {
	State   string            `json:"state"`
	Set     map[string]string `json:"set,omitempty"`
	Photos  int               `json:"photos,omitempty"`
	Start   map[string]string `json:"start,omitempty"`
	Stop    []string          `json:"stop,omitempty"`
	Moved   map[string]Moved  `json:"moved,omitempty"`
	Cal     string            `json:"cal,omitempty"`
	Answers form.Answers      `json:"answers,omitempty"`
}

// Ended reports whether nothing is left to do.
func (x *Check) Ended() bool { s, ok := CheckTable.State(x.State); return !ok || s.End }

// Turn is the place of an open check in a list: by its deadline.
func (x *Check) Turn() Cursor { return Cursor{NextDue(x.Clocks), x.Number} }

func (x *Check) field(name string) *string {
	switch name {
	case "case":
		return &x.Case
	case "rule":
		return &x.Rule
	case "unit":
		return &x.Unit
	case "handler":
		return &x.Handler
	}
	return nil
}

// clocks is the part of the change that touches clocks; they run by the
// district's own calendar.
func (ch *CheckChange) clocks() *Change {
	return &Change{Start: ch.Start, Stop: ch.Stop, Moved: ch.Moved, Cal: ch.Cal}
}

func (x *Check) fold(a *journal.Act, ch *CheckChange, set *calendars.Set) error {
	if x.Version == 0 {
		x.District, x.Number, x.Created = a.District, a.Subject, a.At
	}
	for name, v := range ch.Set {
		f := x.field(name)
		if f == nil {
			return fmt.Errorf("cases: act %d sets unknown check field %q", a.Seq, name)
		}
		*f = v
	}
	part := ch.clocks()
	clocks, err := tick(x.Clocks, part, a.At, part.calendars(set), false)
	if err != nil {
		return fmt.Errorf("cases: act %d: %w", a.Seq, err)
	}
	x.Clocks, x.State = clocks, ch.State
	x.Photos += ch.Photos
	if a.Action != Recounted {
		x.Version++
	}
	x.LastSeq, x.Changed = a.Seq, a.At
	return nil
}

// checkActor is who asks, as the check's table sees them.
func (c *Cases) checkActor(sc access.Scope, x *Check) flow.Actor {
	a := flow.Actor{Roles: sc.Roles()}
	if sc.Unit() != "" && c.d.Directory.Under(x.Unit, sc.Unit()) {
		a.Relations = append(a.Relations, checks)
	}
	return a
}

// checkVisible: people of the district, those who are asked to look, and, once
// somebody has looked, the unit whose word it was.
func (c *Cases) checkVisible(sc access.Scope, x *Check) bool {
	switch {
	case sc.District() != x.District:
		return false
	case sc.All() || len(c.checkActor(sc, x).Relations) > 0:
		return true
	}
	return x.Ended() && sc.Unit() != "" && x.Handler != "" && c.d.Directory.Under(x.Handler, sc.Unit())
}

func (c *Cases) recordCheck(tx *store.Tx, sc access.Scope, x *Check, action, capacity string, ch *CheckChange, texts map[string]string, at time.Time) error {
	set := c.d.Calendar.Now()
	if part := ch.clocks(); part.timing() {
		var err error
		if set, err = c.d.Calendar.In(tx); err != nil {
			return err
		}
		if err := part.sign(x.Clocks, set); err != nil {
			return err
		}
		ch.Cal = part.Cal
	}
	body, err := json.Marshal(ch)
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	maps.DeleteFunc(texts, func(_, v string) bool { return v == "" })
	a := &journal.Act{District: c.d.Code, At: at.UnixMicro(), Kind: CheckTable.Kind, Subject: x.Number, Action: action,
		Actor: sc.Actor(capacity), Pack: c.d.Pack, Body: body, Texts: texts}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	return x.fold(a, ch, set)
}

// ofUnits are the acts of a case that handle it: whoever did one of them does not
// check it.
var ofUnits = func() (out []string) {
	for _, a := range unitActions {
		out = append(out, a.Name)
	}
	return out
}()

// toCheck is the rule of the pack that takes a case after an act, nil for none.
// lot is the number drawn, at least 0 and below 1.
func (c *Cases) toCheck(k *Case, action string, lot float64) *pack.CheckRule {
	on := map[string]string{Replied: "reply", Closed: "close"}[k.State]
	if on == "" || (on == "reply") != (action == "reply") || k.Unit == "" {
		return nil
	}
	return c.d.Procedures.ToCheck(pack.Fix{On: on, Result: k.Outcome.Result, Level: k.Profile, Kind: k.Kind, Reworked: k.Counts.Reworks > 0, Located: k.Place.Located}, lot)
}

// lot draws for one reply or closing of one case: the same whenever it is drawn
// again, and foreseen by nobody who does not hold the secret.
func (c *Cases) lot(k *Case) float64 {
	m := hmac.New(sha256.New, c.secret)
	m.Write([]byte("check|" + k.Number + "|" + strconv.FormatInt(k.Version, 10)))
	return float64(binary.BigEndian.Uint64(m.Sum(nil))>>11) / (1 << 53)
}

// checkerFor is the unit that looks: the first of the rule's that has no hand in
// the case, else the supervision office.
func (c *Cases) checkerFor(k *Case, r *pack.CheckRule) string {
	for _, by := range r.By {
		unit := map[string]string{"community": k.Place.Community, "street": k.Place.Street}[by]
		if by == "supervision" {
			break
		}
		if unit != "" && !c.handled(k, unit) {
			return unit
		}
	}
	for _, u := range c.d.Directory.ByKind("supervision") {
		return u.ID
	}
	return c.d.Centre
}

// handled reports whether a unit handles the case or helps with it.
func (c *Cases) handled(k *Case, unit string) bool {
	rel := k.Units[unit]
	return rel == Lead || rel == Assist
}

// askCheck makes a check after an act of a case, when a rule and the lot take it.
func (c *Cases) askCheck(tx *store.Tx, k *Case, action string, lot float64, at time.Time) error {
	if len(c.d.Procedures.Checks) == 0 {
		return nil
	}
	if lot == 0 {
		lot = c.lot(k)
	}
	r := c.toCheck(k, action, lot)
	if r == nil {
		return nil
	}
	number, err := c.freeCheckNumber(tx, at)
	if err != nil {
		return err
	}
	x := &Check{Number: number}
	ch := CheckChange{State: CheckAsked, Start: map[string]string{ClockLook: r.Within},
		Set: map[string]string{"case": k.Number, "rule": r.ID, "unit": c.checkerFor(k, r), "handler": k.Unit}}
	sc := access.SystemScope(c.d.Code, "a check by rule "+r.ID)
	if err := c.recordCheck(tx, sc, x, "ask", access.System, &ch, nil, at); err != nil {
		return err
	}
	x.Doc = newDoc(x.Created, x.LastSeq)
	return c.insertCheck(tx, x)
}

// CheckAct does one action of the check's table.
func (c *Cases) CheckAct(ctx context.Context, sc access.Scope, number, action string, in Input) (*Check, error) {
	t, err := c.attempt(&CheckTable, action, in)
	if err != nil {
		return nil, err
	}
	var after *Check
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		after, err = c.actCheck(tx, sc, number, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

func (c *Cases) actCheck(tx *store.Tx, sc access.Scope, number string, t attempt) (*Check, error) {
	at, err := journal.Begin(tx, c.d.Code, t.now)
	if err != nil {
		return nil, err
	}
	x, err := c.loadCheck(tx, number)
	if err != nil {
		return nil, err
	}
	done, err := t.permit(tx, c.d.Code, subject{x.Number, x.Position, x.Version, c.checkVisible(sc, x), c.checkActor(sc, x), StaleError{Check: x}})
	switch {
	case err != nil:
		return nil, err
	case done:
		return x, nil
	}
	k, err := c.load(tx, x.Case)
	if err != nil {
		return nil, err
	}
	return c.doCheck(tx, sc, x, k, t, at)
}

// doCheck carries out a permitted action.
func (c *Cases) doCheck(tx *store.Tx, sc access.Scope, x *Check, k *Case, t attempt, at time.Time) (*Check, error) {
	ch := CheckChange{Stop: t.a.Stop, Photos: t.in.Photos}
	var texts map[string]string
	ch.Answers, texts = split(t.a.Form, t.answers)
	to := ""
	switch t.a.Name {
	case "look":
		to = t.answers.Str("found")
		if err := c.independent(tx, sc, k); err != nil {
			return nil, err
		}
	case "pass_on":
		unit := t.answers.Str("unit")
		if _, ok := c.d.Directory.Unit(unit); !ok {
			return nil, form.Faults{{Field: "unit", Code: "unit"}}
		}
		if c.handled(k, unit) {
			return nil, errOwnWork
		}
		ch.Set = map[string]string{"unit": unit}
	}
	next, err := t.a.Move(x.Position, to)
	if err != nil {
		return nil, err
	}
	ch.State = next.State
	after := *x
	if err := c.recordCheck(tx, sc, &after, t.a.Name, t.a.Capacity(c.checkActor(sc, x)), &ch, texts, at); err != nil {
		return nil, err
	}
	if err := c.updateCheck(tx, x, &after); err != nil {
		return nil, err
	}
	if t.in.Attach != nil {
		if err := t.in.Attach(tx, k.Number, after.LastSeq, at); err != nil {
			return nil, err
		}
	}
	if after.State == CheckNotFixed && slices.Contains([]string{Replied, Closed}, k.State) {
		return &after, c.refute(tx, &after, k, texts["seen"], at)
	}
	return &after, nil
}

var errOwnWork = &RefusedError{Code: "check_own_work"}

// independent refuses whoever had a hand in the case: their unit handles it or
// helps, or they did an act of handling themselves.
func (c *Cases) independent(tx *store.Tx, sc access.Scope, k *Case) error {
	if c.handled(k, sc.Unit()) {
		return errOwnWork
	}
	acts, err := journal.Acts(tx, c.d.Code, Table.Kind, k.Number)
	if err != nil {
		return err
	}
	for _, a := range acts {
		if a.Actor.Account != "" && a.Actor.Account == sc.Account() && slices.Contains(ofUnits, a.Action) {
			return errOwnWork
		}
	}
	return nil
}

// refute sends a case back whose fix was looked at and is none. The act is the
// program's, after the word of whoever looked, which stands in the check.
func (c *Cases) refute(tx *store.Tx, x *Check, k *Case, seen string, at time.Time) error {
	a, err := Table.Action("refute")
	if err != nil {
		return err
	}
	sc := access.SystemScope(c.d.Code, "check "+x.Number+" found it not fixed")
	_, err = c.do(tx, sc, k, a, form.Answers{"check": x.Number, "reason": seen}, Input{}, at)
	return err
}
