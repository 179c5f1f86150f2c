package cases

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// Input is one attempt to do something with a case.
type Input struct {
	Raw     form.Raw
	Version int64 // version the actor saw; 0 = not said
	Key     store.Key
	At      time.Time // only for simulation; zero = now
	Photos  int
	Lot     float64 // only for simulation: the lot that decides whether the fix is checked; 0 = drawn from the number
	Advice  *Advice // what was shown beside the rules to whoever sends the case
	Attach  func(tx *store.Tx, number string, seq int64, at time.Time) error
}

// StaleError means that the record moved on since the actor looked: Now is the
// case as it is, or Whistle the whistle. Doors show the difference and keep the
// actor's words.
type StaleError struct {
	Saw     int64
	Now     *Case
	Whistle *Whistle
	Order   *Order
	Check   *Check
}

func (e *StaleError) Error() string {
	if e.Check != nil {
		return fmt.Sprintf("cases: %s is at version %d, not %d", e.Check.Number, e.Check.Version, e.Saw)
	}
	if e.Order != nil {
		return fmt.Sprintf("cases: %s is at version %d, not %d", e.Order.Number, e.Order.Version, e.Saw)
	}
	if e.Whistle != nil {
		return fmt.Sprintf("cases: %s is at version %d, not %d", e.Whistle.Number, e.Whistle.Version, e.Saw)
	}
	return fmt.Sprintf("cases: %s is at version %d, not %d", e.Now.Number, e.Now.Version, e.Saw)
}
func (e *StaleError) Unwrap() error { return access.ErrStale }

// RefusedError is an action that the table allows but the case's own rules do
// not; Code is a message key ("refused.<code>").
type RefusedError = flow.RefusedError

// plan is one action on its way: what it found and what it is going to change.
type plan struct {
	c       *Cases
	tx      *store.Tx
	sc      access.Scope
	at      time.Time
	before  *Case
	action  *flow.Action
	answers form.Answers
	ch      Change
	to      string            // state for actions that decide
	then    []func() error    // more to do in the same transaction, after the act
	texts   map[string]string // words of the act
}

// Act does one action of the flow table to a case and returns the case as it is
// afterwards, on disk. The right is checked first, then the state, then the
// version, then the answers.
func (c *Cases) Act(ctx context.Context, sc access.Scope, number, action string, in Input) (*Case, error) {
	t, err := c.attempt(&Table, action, in)
	if err != nil {
		return nil, err
	}
	var after *Case
	err = c.db.Write(ctx, func(tx *store.Tx) error {
		after, err = c.act(tx, sc, number, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// attempt is an action of a table with its checked answers, before the record was
// looked at.
type attempt struct {
	table   *flow.Table
	a       *flow.Action
	in      Input
	answers form.Answers
	faults  error
	now     time.Time
}

func (c *Cases) attempt(table *flow.Table, action string, in Input) (attempt, error) {
	a, err := table.Action(action)
	if err != nil {
		return attempt{}, err
	}
	if a.From == nil {
		return attempt{}, fmt.Errorf("%w: %s makes a new %s", flow.ErrUnknown, action, table.Kind)
	}
	t := attempt{table: table, a: a, in: in, now: c.now(in)}
	t.answers, t.faults = a.Form.Check(in.Raw)
	return t, nil
}

// subject is a case or a whistle as an attempt finds it.
type subject struct {
	number   string
	position flow.Position
	version  int64
	visible  bool
	actor    flow.Actor
	stale    StaleError
}

// permit checks an attempt against its subject: the right first, then the state,
// then the version, then the answers. done means that the same attempt was carried
// out before.
func (t attempt) permit(tx *store.Tx, district string, s subject) (done bool, err error) {
	if !s.visible {
		return false, store.ErrNotFound
	}
	if _, done, err := store.Once(tx, district, t.in.Key, s.number, t.now); err != nil || done {
		return done, err
	}
	if _, err := t.table.Permit(t.a.Name, s.position, s.actor); err != nil {
		return false, err
	}
	if t.in.Version != 0 && t.in.Version != s.version {
		s.stale.Saw = t.in.Version
		return false, &s.stale
	}
	return false, t.faults
}

// act checks an attempt against the case as it is and carries it out.
func (c *Cases) act(tx *store.Tx, sc access.Scope, number string, t attempt) (*Case, error) {
	at, err := journal.Begin(tx, c.d.Code, t.now)
	if err != nil {
		return nil, err
	}
	k, err := c.load(tx, number)
	if err != nil {
		return nil, err
	}
	done, err := t.permit(tx, c.d.Code, subject{k.Number, k.Position, k.Version, c.visible(sc, k), c.actor(sc, k), StaleError{Now: k}})
	switch {
	case err != nil:
		return nil, err
	case done:
		return k, nil
	}
	return c.do(tx, sc, k, t.a, t.answers, t.in, at)
}

// do carries out a permitted action.
func (c *Cases) do(tx *store.Tx, sc access.Scope, k *Case, a *flow.Action, answers form.Answers, in Input, at time.Time) (*Case, error) {
	p := &plan{c: c, tx: tx, sc: sc, at: at, before: k, action: a, answers: answers}
	p.ch.Set, p.ch.Units = map[string]string{}, map[string]string{}
	p.ch.Stop, p.ch.Hold, p.ch.Free = a.Stop, a.Hold, a.Free
	p.ch.Answers, p.texts = split(a.Form, answers)
	if f := plans[a.Name]; f != nil {
		if err := f(p); err != nil {
			return nil, err
		}
	}
	next, err := a.Move(k.Position, p.to)
	if err != nil {
		return nil, err
	}
	p.ch.State, p.ch.Marks, p.ch.Photos = next.State, next.Marks, in.Photos
	if a.Name == "dispatch" || a.Name == "designate" {
		p.ch.Advice = in.Advice.took(p.ch.Set["unit"])
	}
	p.place()
	p.settle()
	after := *k
	if err := c.record(tx, sc, &after, a.Name, a.Capacity(c.actor(sc, k)), &p.ch, p.texts, at); err != nil {
		return nil, err
	}
	if err := c.update(tx, k, &after); err != nil {
		return nil, err
	}
	if in.Attach != nil {
		if err := in.Attach(tx, k.Number, after.LastSeq, at); err != nil {
			return nil, err
		}
	}
	for _, f := range p.then {
		if err := f(); err != nil {
			return nil, err
		}
	}
	if err := c.askCheck(tx, &after, a.Name, in.Lot, at); err != nil {
		return nil, err
	}
	if after.Ended() && !k.Ended() && after.Has(Supervised) {
		if err := c.tellOrders(tx, sc, &after, at); err != nil {
			return nil, err
		}
	}
	return &after, nil
}

// settle takes away the requests whose mark is gone: decided, or overtaken by what
// became of the case.
func (p *plan) settle() {
	for mark := range p.before.Asks {
		if !slices.Contains(p.ch.Marks, mark) {
			p.ask(mark, Ask{})
		}
	}
}

// split takes the words of people out of the answers: they lie beside the act.
// Either is nil when there is nothing in it.
func split(f form.Form, answers form.Answers) (kept form.Answers, texts map[string]string) {
	kept = maps.Clone(answers)
	for _, fd := range f.Fields {
		if s := answers.Str(fd.Name); s != "" && (fd.Personal || fd.Type == form.Text) {
			if texts == nil {
				texts = map[string]string{}
			}
			texts[fd.Name] = s
			delete(kept, fd.Name)
		}
	}
	if len(kept) == 0 {
		kept = nil
	}
	return kept, texts
}

// place says in which queue the case lies after the change: with the centre's
// dispatchers, approvers or call-back, or with a unit.
func (p *plan) place() {
	s, _ := Table.State(p.ch.State)
	waits := slices.ContainsFunc(p.ch.Marks, func(m string) bool {
		return slices.Contains(waiting, m)
	})
	holder := p.before.Holder
	if h, ok := p.ch.Set["holder"]; ok {
		holder = h
	}
	switch {
	case s.End:
		p.ch.Desk, holder = "", ""
	case p.ch.State == Pending:
		p.ch.Desk, holder = "dispatch", ""
	case p.ch.State == Replied:
		p.ch.Desk, holder = "callback", ""
	default:
		p.ch.Desk = ""
		if waits {
			p.ch.Desk = "approve"
		}
		if holder == "" {
			holder = p.lead()
		}
	}
	if holder != p.before.Holder {
		p.ch.Set["holder"] = holder
	} else {
		delete(p.ch.Set, "holder")
	}
}

func (p *plan) lead() string {
	if u, ok := p.ch.Set["unit"]; ok {
		return u
	}
	return p.before.Unit
}

// counts returns a copy of the counters to change.
func (p *plan) counts() *Counts {
	if p.ch.Counts == nil {
		p.ch.Counts = new(p.before.Counts)
	}
	return p.ch.Counts
}

// start starts those of the action's clocks that were never started, and of the
// names in again those that stopped, with the limits of the case's profile. A clock
// that runs goes on. Without a profile there is no limit.
func (p *plan) start(profile string, again ...string) error {
	prof, ok := p.c.d.Catalogue.Profile(profile)
	if !ok && profile != "" {
		return form.Faults{{Field: "profile", Code: "choice"}}
	}
	l := limits(prof)
	p.ch.Start = map[string]string{}
	for _, name := range p.action.Start {
		k, has := p.before.Clocks[name]
		if limit := l[name]; limit != "" && (!has || (!k.Running() && slices.Contains(again, name))) {
			p.ch.Start[name] = limit
		}
	}
	if profile != p.before.Profile {
		p.relimit(l)
	}
	return p.choose()
}

// relimit gives the clocks that run the limits of another profile, from the
// moment at which each started.
func (p *plan) relimit(l map[string]string) {
	for name, k := range p.before.Clocks {
		if k.Running() && k.Limit != l[name] {
			if p.ch.Relimit == nil {
				p.ch.Relimit = map[string]string{}
			}
			p.ch.Relimit[name] = l[name]
		}
	}
}

// choose names the calendars by which new limits run: those of the unit that leads.
func (p *plan) choose() error {
	set, err := p.c.d.Calendar.In(p.tx)
	if err != nil {
		return err
	}
	for _, part := range []map[string]string{p.ch.Start, p.ch.Relimit} {
		for name, limit := range part {
			if cal := onCalendar(set, p.lead(), limit); cal != "" {
				if p.ch.On == nil {
					p.ch.On = map[string]string{}
				}
				p.ch.On[name] = cal
			}
		}
	}
	return nil
}

// unit checks that an answer names a unit that handles cases.
func (p *plan) unit(field string) (string, error) {
	id := p.answers.Str(field)
	u, ok := p.c.d.Directory.Unit(id)
	if !ok || !u.Kind.HandlesCases() {
		return "", form.Faults{{Field: field, Code: "unit"}}
	}
	return u.ID, nil
}

// Refusals of plans.
var (
	errHandbackCap = &RefusedError{Code: "handback_cap"}
	errTooLong     = &RefusedError{Code: "extension_too_long"}
	errMergedFull  = &RefusedError{Code: "merge_full"}
	errMergeTarget = &RefusedError{Code: "merge_target"}
	errRedoWindow  = &RefusedError{Code: "redo_window"}
	errRateWindow  = &RefusedError{Code: "rate_window"}
	errOpenWhistle = &RefusedError{Code: "open_whistle"}
	errObjectLate  = &RefusedError{Code: "objection_window"}
	errAskedLate   = &RefusedError{Code: "extension_late"}
	errProlonged   = &RefusedError{Code: "prolonged_out"}
	errOpenOrder   = &RefusedError{Code: "open_order"}
	errUnanswered  = &RefusedError{Code: "order_unanswered"}
	errDelistFirst = &RefusedError{Code: "delist_first"}
)

// ErrGone answers a feedback link that was used or has expired (410).
var ErrGone = errors.New("cases: the link was used or has expired")
