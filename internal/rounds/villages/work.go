package villages

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Work is something that is to be put right in a village.
type Work struct {
	head
	State    string `json:"state"`
	Village  string `json:"village"`
	Item     string `json:"item"`
	Rectify  string `json:"rectify"`  // limit, as the pack said then
	Finisher string `json:"finisher"` // account of who finished it last
	Since    int64  `json:"since"`    // µs; the clock runs from here
	Finished int64  `json:"finished"` // µs; 0 = not yet
	Late     bool   `json:"late"`     // was finished after its time, once at least
	Again    int64  `json:"again"`    // how often it was sent back
}

// head is what works and checks have in common.
type head struct {
	ID      string `json:"-"`
	Doc     int64  `json:"-"` // number of its first act: order of lists
	Version int64  `json:"-"`
	LastSeq int64  `json:"-"`
	Created int64  `json:"-"` // µs UTC
	Changed int64  `json:"-"`
}

func (h *head) moved(a *journal.Act) {
	if h.Version == 0 {
		h.ID, h.Doc, h.Created = a.Subject, a.Seq, a.At
	}
	h.Version++
	h.LastSeq, h.Changed = a.Seq, a.At
}

type content interface{ moved(a *journal.Act) }

// fold takes an act: its body is the record as it is after it.
func fold(x content, a *journal.Act) error {
	if err := a.Into(x); err != nil {
		return err
	}
	x.moved(a)
	return nil
}

// Position is where it stands in the flow table.
func (x *Work) Position() flow.Position { return flow.Position{State: x.State} }

// Input is one attempt to do something.
type Input struct {
	Raw     form.Raw
	Version int64     // version the actor saw; 0 = not said
	Key     store.Key // makes it safe to repeat
	At      time.Time
	Attach  func(tx *store.Tx, kind, id string, at time.Time) error // photos, in the same transaction
}

func (s *Villages) now(in Input) time.Time {
	if !in.At.IsZero() {
		return in.At
	}
	return s.o.Clock()
}

// write appends the act by which a record becomes what x is, and folds it into x.
func (s *Villages) write(tx *store.Tx, actor journal.Actor, kind, id, action string, at time.Time, x content, texts map[string]string) error {
	body, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("villages: %w", err)
	}
	maps.DeleteFunc(texts, func(_, v string) bool { return v == "" })
	a := &journal.Act{District: s.o.District, At: at.UnixMicro(), Kind: kind, Subject: id, Action: action, Actor: actor, Pack: s.o.Pack, Body: body, Texts: texts}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	return fold(x, a)
}

func (s *Villages) newID(now time.Time) string {
	return s.o.Prefix + "CZ" + now.In(worktime.Zone).Format("20060102") + "-" + rand.Text()[:5]
}

// known is an action's form with the options that only the pack and the scope know.
func (s *Villages) known(sc access.Scope, act *flow.Action) form.Form {
	f := form.Form{Name: act.Form.Name}
	for _, fd := range act.Form.Fields {
		switch fd.Name {
		case "village":
			for _, u := range s.Reached(sc) {
				fd.Options = append(fd.Options, form.Option{Value: u.ID})
			}
		case "item", "unmet":
			for _, x := range s.o.Rules.Items {
				fd.Options = append(fd.Options, form.Option{Value: x.ID})
			}
		}
		f.Fields = append(f.Fields, fd)
	}
	return f
}

// Raise writes down what is to be put right.
func (s *Villages) Raise(ctx context.Context, sc access.Scope, in Input) (*Work, error) {
	act, err := Works.Action("raise")
	if err != nil {
		return nil, err
	}
	answers, err := s.known(sc, act).Check(in.Raw)
	if err != nil {
		return nil, err
	}
	capacity := act.Capacity(s.actor(sc, answers.Str("village"), false))
	if capacity == "" {
		return nil, flow.ErrForbidden
	}
	var x *Work
	for range 4 {
		err = s.db.Write(ctx, func(tx *store.Tx) error {
			at, err := journal.Begin(tx, s.o.District, s.now(in))
			if err != nil {
				return err
			}
			id := s.newID(at)
			earlier, done, err := store.Once(tx, s.o.District, in.Key, id, at)
			if err != nil {
				return err
			}
			if done {
				x, err = s.loadWork(tx, earlier)
				return err
			}
			x, err = s.raise(tx, sc.Actor(capacity), id, answers.Str("village"), answers.Str("item"), answers.Str("what"), at, in)
			return err
		})
		if !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	return x, err
}

func (s *Villages) raise(tx *store.Tx, actor journal.Actor, id, village, item, what string, at time.Time, in Input) (*Work, error) {
	rule, _ := s.Item(item)
	x := &Work{State: Raised, Village: village, Item: item, Rectify: rule.Limit, Since: at.UnixMicro()}
	if err := s.write(tx, actor, Works.Kind, id, "raise", at, x, map[string]string{"what": what}); err != nil {
		return nil, err
	}
	if in.Attach != nil {
		if err := in.Attach(tx, Works.Kind, id, at); err != nil {
			return nil, err
		}
	}
	return x, s.insertWork(tx, x)
}

// Act does an action of the table to a work.
func (s *Villages) Act(ctx context.Context, sc access.Scope, id, action string, in Input) (x *Work, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		at, err := journal.Begin(tx, s.o.District, s.now(in))
		if err != nil {
			return err
		}
		if x, err = s.reach(tx, sc, id); err != nil {
			return err
		}
		if _, done, err := store.Once(tx, s.o.District, in.Key, id, at); err != nil || done {
			return err
		}
		who := s.actor(sc, x.Village, sc.Account() == x.Finisher)
		act, err := Works.Permit(action, x.Position(), who)
		if err != nil {
			return err
		}
		if in.Version != 0 && in.Version != x.Version {
			return ErrStale
		}
		answers, err := act.Form.Check(in.Raw)
		if err != nil {
			return err
		}
		switch action {
		case "finish":
			due, err := s.due(tx, x)
			if err != nil {
				return err
			}
			x.Finisher, x.Finished, x.Late = sc.Account(), at.UnixMicro(), x.Late || at.After(due)
		case "fail":
			x.Again, x.Since, x.Finished = x.Again+1, at.UnixMicro(), 0
		}
		x.State = act.To
		texts := map[string]string{"done": answers.Str("done"), "note": answers.Str("note"), "reason": answers.Str("reason")}
		if err := s.write(tx, sc.Actor(act.Capacity(who)), Works.Kind, id, action, at, x, texts); err != nil {
			return err
		}
		if in.Attach != nil {
			if err := in.Attach(tx, Works.Kind, id, at); err != nil {
				return err
			}
		}
		return s.updateWork(tx, x)
	})
	return x, err
}

// due is the deadline of a work that is not finished: a function of its acts, its limit and the calendar.
func (s *Villages) due(tx *store.Tx, x *Work) (time.Time, error) {
	cal, err := s.o.Calendar(tx, x.Village)
	if err != nil {
		return time.Time{}, err
	}
	l, err := worktime.ParseLimit(x.Rectify)
	if err != nil {
		return time.Time{}, err
	}
	return cal.Add(time.UnixMicro(x.Since), l).At, nil
}

func (s *Villages) reach(tx *store.Tx, sc access.Scope, id string) (*Work, error) {
	x, err := s.loadWork(tx, id)
	if err == nil && !s.sees(sc, x.Village) {
		err = store.ErrNotFound
	}
	return x, err
}
