package sanitation

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

// Input is one attempt to do something.
type Input struct {
	Raw     form.Raw
	Version int64 // version the actor saw; 0 = not said
	Key     store.Key
	At      time.Time // only for simulation; zero = now
	Seen    time.Time // when it was seen, of what a phone without a signal tells later; zero = now
	// Attach puts photos beside the record in the same transaction.
	Attach func(tx *store.Tx, kind, id string, at time.Time) error
}

// RefusedError is what the table allows but the rules do not; Code is a message key ("refused.<code>").
type RefusedError struct{ Code string }

func (e *RefusedError) Error() string { return "sanitation: refused: " + e.Code }
func (e *RefusedError) Unwrap() error { return flow.ErrState }

func refuse(code string) error { return &RefusedError{code} }

// record is what all records have.
type record struct {
	ID      string `json:"-"`
	Doc     int64  `json:"-"` // number of its first act: order of lists
	Version int64  `json:"-"`
	LastSeq int64  `json:"-"`
	Created int64  `json:"-"` // µs UTC
	Changed int64  `json:"-"`
}

func (r *record) moved(a *journal.Act) {
	if r.Version == 0 {
		r.ID, r.Doc, r.Created = a.Subject, a.Seq, a.At
	}
	r.Version++
	r.LastSeq, r.Changed = a.Seq, a.At
}

// content is a record whose acts spell it out whole.
type content interface {
	moved(a *journal.Act)
}

// fold takes an act: its body is the record as it is after it.
func fold(x content, a *journal.Act) error {
	if err := a.Into(x); err != nil {
		return err
	}
	x.moved(a)
	return nil
}

// now is the moment of an input.
func (s *Sanitation) now(in Input) time.Time {
	if !in.At.IsZero() {
		return in.At
	}
	return s.o.Clock()
}

// newID is a number such as JYHW20221123-7K3Q9.
func (s *Sanitation) newID(letters string, now time.Time) string {
	return s.o.Prefix + letters + now.In(worktime.Zone).Format("20060102") + "-" + rand.Text()[:5]
}

// actor is who asks for a record of a contract, as the tables see them. first did what a second one has to look at.
func (s *Sanitation) actor(sc access.Scope, contract, first string) flow.Actor {
	who := flow.Actor{Roles: sc.Roles()}
	if s.owns(sc) {
		who.Relations = append(who.Relations, owner)
		if first == "" || sc.Account() != first {
			who.Relations = append(who.Relations, second)
		}
	}
	if s.runs(sc, contract) {
		who.Relations = append(who.Relations, contractor)
	}
	return who
}

// write appends the act by which a record becomes what x is, and folds it into x.
func (s *Sanitation) write(tx *store.Tx, actor journal.Actor, kind, id, action string, at time.Time, x content, texts map[string]string) error {
	body, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("sanitation: %w", err)
	}
	maps.DeleteFunc(texts, func(_, v string) bool { return v == "" })
	a := &journal.Act{District: s.o.District, At: at.UnixMicro(), Kind: kind, Subject: id, Action: action, Actor: actor, Pack: s.o.Pack, Body: body, Texts: texts}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	return fold(x, a)
}

// making is one attempt at an action that makes a record: make does it under a new number, load finds what the same key
// made before.
func making[T any](ctx context.Context, s *Sanitation, in Input, letters string, make, load func(tx *store.Tx, id string, at time.Time) (T, error)) (out T, err error) {
	for range 4 {
		id := s.newID(letters, s.now(in))
		err = s.db.Write(ctx, func(tx *store.Tx) error {
			at, err := journal.Begin(tx, s.o.District, s.now(in))
			if err != nil {
				return err
			}
			earlier, done, err := store.Once(tx, s.o.District, in.Key, id, at)
			if err != nil {
				return err
			}
			if done {
				out, err = load(tx, earlier, at)
				return err
			}
			out, err = make(tx, id, at)
			return err
		})
		if !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	return out, err
}

// acting is one attempt to do something with a record that is there; again reports that the same key did it before.
func (s *Sanitation) acting(ctx context.Context, in Input, id string, do func(tx *store.Tx, at time.Time, again bool) error) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		at, err := journal.Begin(tx, s.o.District, s.now(in))
		if err != nil {
			return err
		}
		_, done, err := store.Once(tx, s.o.District, in.Key, id, at)
		if err != nil {
			return err
		}
		return do(tx, at, done)
	})
}

// permit asks the table, the version and the form, in this order.
func permit(t *flow.Table, action string, p flow.Position, who flow.Actor, version int64, in Input) (*flow.Action, form.Answers, error) {
	act, err := t.Permit(action, p, who)
	if err != nil {
		return nil, nil, err
	}
	if in.Version != 0 && in.Version != version {
		return nil, nil, access.ErrStale
	}
	answers, err := act.Form.Check(in.Raw)
	return act, answers, err
}

// makes is the action of a table that makes a record.
func makes(t *flow.Table, action string) (*flow.Action, error) {
	act, err := t.Action(action)
	if err == nil && act.From != nil {
		err = flow.ErrUnknown
	}
	return act, err
}

func attach(tx *store.Tx, in Input, kind, id string, at time.Time) error {
	if in.Attach == nil {
		return nil
	}
	return in.Attach(tx, kind, id, at)
}
