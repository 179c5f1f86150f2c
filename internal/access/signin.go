package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// The lock (GB/T 22239-2019 8.1.4.1 b): after five failures nobody gets in for a
// quarter of an hour. While it lasts, a password is still looked at now and then,
// so that its holder can be told; guessing gains next to nothing by it.
const (
	maxFailures    = 5
	lockFor        = 15 * time.Minute
	firstLookAfter = 10 * time.Second
	lookEvery      = time.Minute
)

// lock is the counter of failed attempts and what follows from it; µs, 0 = never.
type lock struct {
	failures    int64
	lockedUntil int64
	checkAt     int64 // when a password may be looked at while locked
}

// attempt counts one attempt before its password is looked at: whoever is let
// through has already been counted, so attempts at once cannot slip past the
// limit. evaluate says whether the password may be looked at.
func (l lock) attempt(now time.Time) (next lock, locked, evaluate bool) {
	us := now.UnixMicro()
	if us < l.lockedUntil {
		if us < l.checkAt {
			return l, true, false
		}
		l.checkAt = us + lookEvery.Microseconds()
		return l, true, true
	}
	if l.lockedUntil != 0 {
		l = lock{} // the lock is over: five new tries
	}
	l.failures++
	if l.failures >= maxFailures {
		l.lockedUntil = us + lockFor.Microseconds()
		l.checkAt = us + firstLookAfter.Microseconds()
	}
	return l, false, true
}

// Attempt is somebody at the sign-in page.
type Attempt struct {
	Login, Password string
	Client          string // from Client(ctx), for the limits; "" = none
	Agent           string // User-Agent
	Kind            Kind   // Cookie or Bearer
	Old             string // the token the browser came with: its session ends
}

// SignIn opens a session. ErrWrong says that login or password is wrong, the
// account disabled or locked, without saying which; ErrLocked is told only to who
// knows the password; ErrTooMany when the limits are used up.
func (g *Gate) SignIn(ctx context.Context, a Attempt) (Session, Principal, error) {
	a.Login = tidyLogin(a.Login)
	if a.Client != "" {
		if err := g.Allow("signin.client", a.Client); err != nil {
			return Session{}, Principal{}, err
		}
	}
	if err := g.Allow("signin.login", a.Login); err != nil {
		return Session{}, Principal{}, err
	}
	r, err := g.prove(ctx, func(tx *store.Tx) (row, error) { return loadLogin(tx, g.opt.District, a.Login) }, a.Password)
	if err != nil {
		return Session{}, Principal{}, err
	}
	renewed := r.hash
	if !r.hash.current() {
		if renewed, err = g.rehash(ctx, a.Password); err != nil {
			return Session{}, Principal{}, err
		}
	}
	var s Session
	err = g.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := g.proven(tx, r); err != nil {
			return err
		}
		if renewed != r.hash {
			if err := tx.Exec(`UPDATE accounts SET hash = $3 WHERE district = $1 AND id = $2`, g.opt.District, r.ID, string(renewed)); err != nil {
				return err
			}
		}
		if a.Old != "" {
			if err := g.endToken(tx, a.Old); err != nil {
				return err
			}
		}
		s, err = g.start(tx, r.ID, a.Kind, a.Agent)
		return err
	})
	if err != nil {
		return Session{}, Principal{}, err
	}
	g.opt.Log.Info("access: signed in", "account", r.ID, "kind", string(a.Kind))
	p, err := g.Lookup(ctx, s.Token, a.Kind)
	return s, p, err
}

// prove lets an attempt at a password through the lock and looks at it. The work
// is the same whether there is such an account or not: one commit, one hash.
func (g *Gate) prove(ctx context.Context, find func(*store.Tx) (row, error), password string) (row, error) {
	// The slot comes first: an attempt that was counted is always looked at.
	release, err := g.hash.slot(ctx)
	if err != nil {
		return row{}, err
	}
	defer release()
	var (
		r                row
		known            bool
		locked, evaluate bool
		now              = g.opt.Clock()
	)
	err = g.db.Write(ctx, func(tx *store.Tx) (err error) {
		r, err = find(tx)
		known, locked, evaluate = err == nil, false, false
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if known && r.Active && r.hash != "" {
			r.lock, locked, evaluate = r.lock.attempt(now)
		}
		if evaluate {
			return saveLock(tx, g.opt.District, r.ID, r.lock)
		}
		return countUnknown(tx, g.opt.District, now)
	})
	if err != nil {
		return row{}, fmt.Errorf("access: sign-in: %w", err)
	}
	hash := decoy
	if evaluate {
		hash = r.hash
	}
	right := g.hash.check(hash, password, evaluate)
	switch {
	case right && locked:
		g.opt.Log.Warn("access: sign-in to a locked account", "account", r.ID)
		return row{}, ErrLocked{Until: micro(r.lockedUntil)}
	case right:
		return r, nil
	case known && !locked && r.lockedUntil != 0:
		g.opt.Log.Warn("access: account locked", "account", r.ID, "failures", r.failures)
	case known:
		g.opt.Log.Warn("access: sign-in refused", "account", r.ID, "active", r.Active, "locked", locked)
	default:
		g.opt.Log.Warn("access: sign-in refused", "account", "unknown")
	}
	return row{}, ErrWrong
}

// countUnknown makes a refused attempt that counts for no account write as much
// as one that does.
func countUnknown(tx *store.Tx, district string, now time.Time) error {
	return tx.Exec(`INSERT INTO tries (district, name, key, count, since) VALUES ($1, 'signin.unknown', '', 1, $2)
		ON CONFLICT (district, name, key) DO UPDATE SET count = tries.count + 1, since = excluded.since`, district, now.UnixMicro())
}

// proven reads the account again, now that its password was right, and takes the
// failures back. It must still be the same account.
func (g *Gate) proven(tx *store.Tx, before row) (row, error) {
	r, err := load(tx, g.opt.District, before.ID)
	if err != nil || !r.Active || r.hash != before.hash {
		if err == nil || errors.Is(err, store.ErrNotFound) {
			err = ErrWrong
		}
		return row{}, err
	}
	return r, saveLock(tx, g.opt.District, r.ID, lock{})
}

func (g *Gate) rehash(ctx context.Context, password string) (Hash, error) {
	release, err := g.hash.slot(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return g.hash.make(password), nil
}

// endToken ends the session of a token the browser brought, whosever it was.
func (g *Gate) endToken(tx *store.Tx, token string) error {
	hash := digest(token)
	var account string
	err := tx.Row(`SELECT account FROM sessions WHERE district = $1 AND hash = $2`, []any{g.opt.District, hash}, &account)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return g.end(tx, hash, account)
}

// ChangePassword gives the principal's account a new password, which it proves to
// be its own by the old one. All its sessions end; the answer is a new one. Errors
// are those of SignIn and form.Faults (same: old and new are equal).
func (g *Gate) ChangePassword(ctx context.Context, p Principal, old, password, agent string, now time.Time) (Session, error) {
	sc := ScopeOf(p)
	if err := g.ours(sc); err != nil {
		return Session{}, err
	}
	if p.Account == "" || p.session == "" {
		return Session{}, ErrSignIn
	}
	if err := g.Allow("signin.login", p.Login); err != nil {
		return Session{}, err
	}
	if old == password {
		return Session{}, form.Faults{{Field: "password", Code: "same"}}
	}
	r, err := g.prove(ctx, func(tx *store.Tx) (row, error) { return load(tx, g.opt.District, p.Account) }, old)
	if err != nil {
		return Session{}, err
	}
	h, err := g.Hash(ctx, r.Login, password)
	if err != nil {
		return Session{}, err
	}
	var s Session
	err = g.db.Write(ctx, func(tx *store.Tx) error {
		at, err := journal.Begin(tx, g.opt.District, now)
		if err != nil {
			return err
		}
		cur, err := g.proven(tx, r)
		if err != nil {
			return err
		}
		capacity, err := permit("password", cur.state(), flow.Actor{Roles: []string{self}})
		if err != nil {
			return err
		}
		cur.setHash(h, g.opt.Clock())
		cur.MustChange, cur.Version, cur.Changed = false, cur.Version+1, at
		if err := save(tx, g.opt.District, cur); err != nil {
			return err
		}
		if err := endSessions(tx, g.opt.District, cur.ID, ""); err != nil {
			return err
		}
		tx.AfterCommit(func() { g.cache.drop(cur.ID) })
		if s, err = g.start(tx, cur.ID, p.Kind, agent); err != nil {
			return err
		}
		return g.append(tx, sc, cur.ID, "password", capacity, at, body{Own: true}, nil)
	})
	return s, err
}
