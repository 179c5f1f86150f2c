package rounds

import (
	"context"
	"errors"
	"fmt"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// ErrStale means that the finding was changed since it was looked at.
var ErrStale = fmt.Errorf("rounds: the record was changed meanwhile: %w", access.ErrStale)

// Input is what somebody does to a finding.
type Input struct {
	Raw     form.Raw
	Version int64 // of the page it was decided on
	Photos  int   // how many files Attach adds: of what was seen when looking again, or after the fix
	Attach  func(tx *store.Tx, kind, subject string, at time.Time) error
	Key     store.Key
	At      time.Time // only for simulation; zero = now
}

// actor is who asks, as the table sees them.
func (r *Rounds) actor(sc access.Scope, rec *Record) flow.Actor {
	a := flow.Actor{Roles: sc.Roles()}
	own := sc.Account() != "" && rec.Account == sc.Account()
	if own || sc.Unit() != "" && rec.Unit == sc.Unit() {
		a.Relations = append(a.Relations, Finder)
	}
	if !own && r.sees(sc, rec) {
		a.Relations = append(a.Relations, Other)
	}
	return a
}

// sees reports whether the scope reaches the finding: everybody of the centre, those responsible for its place, and those
// who found it.
func (r *Rounds) sees(sc access.Scope, rec *Record) bool {
	if sc.District() != r.o.District {
		return false
	}
	if sc.All() || sc.Account() != "" && rec.Account == sc.Account() {
		return true
	}
	for _, u := range []string{rec.Place.Community, rec.Place.Street, rec.Unit} {
		if sc.Unit() != "" && u != "" && r.o.Directory.Under(u, sc.Unit()) {
			return true
		}
	}
	return false
}

// Open lists what the scope may do with a finding.
func (r *Rounds) Open(sc access.Scope, rec *Record) []*flow.Action {
	return Table.Open(rec.Position(), r.actor(sc, rec))
}

// Act changes a finding: recheck, fix, send. Faults are form.Faults.
func (r *Rounds) Act(ctx context.Context, sc access.Scope, id, action string, in Input) (out Record, err error) {
	for range 4 {
		err = r.db.Write(ctx, func(tx *store.Tx) error {
			rec, err := r.act(tx, sc, id, action, in)
			if err == nil {
				out = *rec
			}
			return err
		})
		if !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	return out, err
}

// ActIn is Act in the transaction of a simulation.
func (r *Rounds) ActIn(tx *store.Tx, sc access.Scope, id, action string, in Input) error {
	_, err := r.act(tx, sc, id, action, in)
	return err
}

func (r *Rounds) act(tx *store.Tx, sc access.Scope, id, action string, in Input) (*Record, error) {
	rec, err := r.load(tx, id)
	if err != nil {
		return nil, err
	}
	if !r.sees(sc, rec) {
		return nil, store.ErrNotFound
	}
	if _, done, err := store.Once(tx, r.o.District, in.Key, id, r.now(in.At)); err != nil || done {
		return rec, err
	}
	who := r.actor(sc, rec)
	act, err := Table.Permit(action, rec.Position(), who)
	if err != nil {
		return nil, err
	}
	answers, err := act.Form.Check(in.Raw)
	if err != nil {
		return nil, err
	}
	if in.Version != 0 && in.Version != rec.Version {
		return nil, ErrStale
	}
	c, texts := rec.change(), map[string]string{}
	if act.To != "" {
		c.State = act.To
	}
	switch action {
	case "recheck":
		c.State = Confirmed
		if answers.Str("fixed") == "no" {
			c.State = Returned
		}
	case "fix":
		fix, bad := tidy("fix", answers.Str("fix"), MaxFix, true)
		if bad != nil {
			return nil, form.Faults(bad)
		}
		texts["fix"] = fix
	case "send":
		take, err := r.report(sc, *rec, rec.Words, nil)
		if err != nil {
			return nil, err
		}
		at, err := journal.Begin(tx, r.o.District, r.now(in.At))
		if err != nil {
			return nil, err
		}
		if c.Case, err = take(tx, sc, at); err != nil {
			return nil, err
		}
	}
	c.FixPhotos += in.Photos
	if note := answers.Str("note"); note != "" {
		t, bad := tidy("note", note, 500, false)
		if bad != nil {
			return nil, form.Faults(bad)
		}
		texts["note"] = t
	}
	at, err := journal.Begin(tx, r.o.District, r.now(in.At))
	if err != nil {
		return nil, err
	}
	if err := r.record(tx, sc, rec, id, act, who, c, texts, at); err != nil {
		return nil, err
	}
	return rec, attach(tx, in.Attach, KindFix, id, at)
}
