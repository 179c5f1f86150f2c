package access_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

func TestSessionsEndInTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("li", street, access.Street)
		idle, _ := w.signIn("li", access.Cookie)
		busy, _ := w.signIn("li", access.Bearer)
		for range 24 {
			w.Add(29 * time.Minute)
			if !w.holds(busy.Token, access.Bearer) {
				t.Fatal("a session in use ended")
			}
			if w.Now().Sub(noon) == 29*time.Minute && !w.holds(idle.Token, access.Cookie) {
				t.Fatal("idle for 29 minutes, and ended")
			}
		}
		if w.holds(idle.Token, access.Cookie) {
			t.Error("the idle one goes on")
		}
		w.Add(noon.Add(access.AbsoluteTime).Sub(w.Now()) - time.Second)
		if !w.holds(busy.Token, access.Bearer) {
			t.Error("ended before twelve hours")
		}
		w.Add(time.Second)
		if w.holds(busy.Token, access.Bearer) {
			t.Error("goes on after twelve hours")
		}
		// What is over is swept away by whoever comes next.
		w.Add(time.Hour)
		w.signIn("li", access.Cookie)
		if n := w.number(`SELECT count(*) FROM sessions WHERE district = $1`, district); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestIdleToTheSecond(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("li", street, access.Street)
		for _, c := range []struct {
			used, back time.Duration
			want       bool
		}{
			{59 * time.Second, access.IdleTime - time.Second, true},
			{59 * time.Second, access.IdleTime, false},
			{3 * time.Minute, access.IdleTime - time.Second, true},
			{0, access.IdleTime, false},
		} {
			s, _ := w.signIn("li", access.Cookie)
			w.Add(c.used)
			if !w.holds(s.Token, access.Cookie) {
				t.Fatal("ended")
			}
			w.Add(c.back)
			if got := w.holds(s.Token, access.Cookie); got != c.want {
				t.Errorf("used after %s, back after %s: %v", c.used, c.back, got)
			}
		}
	})
}

// TestFixation: a token from before the sign-in is worth nothing after it.
func TestFixation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("li", street, access.Street)
		w.person("wang", town, access.Street)
		const planted = "AAAAAAAAAAAAAAAAAAAAAAAAAA"
		s, _, err := w.SignIn(t.Context(), access.Attempt{Login: "li", Password: good, Kind: access.Cookie, Old: planted})
		if err != nil {
			t.Fatal(err)
		}
		if s.Token == planted || w.holds(planted, access.Cookie) {
			t.Error("the planted token was taken over")
		}
		// The next one to sign in at the same browser ends the session before.
		_, _, err = w.SignIn(t.Context(), access.Attempt{Login: "wang", Password: good, Kind: access.Cookie, Old: s.Token})
		if err != nil {
			t.Fatal(err)
		}
		if w.holds(s.Token, access.Cookie) {
			t.Error("the old session goes on")
		}
		// A refused sign-in ends nothing: it could be somebody else's doing.
		s, _ = w.signIn("li", access.Cookie)
		if _, _, err = w.SignIn(t.Context(), access.Attempt{Login: "li", Password: "x", Kind: access.Cookie, Old: s.Token}); err != access.ErrWrong || !w.holds(s.Token, access.Cookie) {
			t.Error(err)
		}
	})
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("li", street, access.Street)
		c, _ := w.signIn("li", access.Cookie)
		b, _ := w.signIn("li", access.Bearer)
		for name, held := range map[string]bool{
			"cookie as bearer": w.holds(c.Token, access.Bearer),
			"bearer as cookie": w.holds(b.Token, access.Cookie),
			"as API key":       w.holds(c.Token, access.Key),
			"the id":           w.holds(c.ID, access.Cookie),
			"nothing":          w.holds("", access.Cookie),
			"too long":         w.holds(c.Token+c.Token+c.Token, access.Cookie),
			"almost":           w.holds(c.Token[:25]+"0", access.Cookie),
			"in small letters": w.holds("x"+c.Token[1:], access.Cookie),
		} {
			if held {
				t.Errorf("%s opens", name)
			}
		}
		if c.Token == b.Token {
			t.Error("one token twice")
		}
		if _, _, err := w.SignIn(t.Context(), access.Attempt{Login: "li", Password: good, Kind: access.Key}); err == nil {
			t.Error("a session of kind key")
		}
	})
}

// TestEverythingThatEndsSessions: each ends them at once on this node, although
// the cache still held them.
func TestEverythingThatEndsSessions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for name, end := range map[string]func(a access.Account, p access.Principal, s access.Session) error{
			"sign-out": func(_ access.Account, p access.Principal, _ access.Session) error { return w.SignOut(ctx, p) },
			"disable": func(a access.Account, _ access.Principal, _ access.Session) error {
				return w.db.Write(ctx, func(tx *store.Tx) error { _, err := w.Disable(tx, w.sys, a.ID, 1, "x", noon); return err })
			},
			"roles": func(a access.Account, _ access.Principal, _ access.Session) error {
				return w.db.Write(ctx, func(tx *store.Tx) error { _, err := w.SetRoles(tx, w.sys, a.ID, 1, nil, "x", noon); return err })
			},
			"a new password": func(a access.Account, _ access.Principal, _ access.Session) error {
				return w.db.Write(ctx, func(tx *store.Tx) error { _, err := w.SetPassword(tx, w.sys, a.ID, 1, "", "x", noon); return err })
			},
			"revoked one": func(a access.Account, p access.Principal, s access.Session) error {
				return w.db.Write(ctx, func(tx *store.Tx) error { return w.RevokeSession(tx, access.ScopeOf(p), a.ID, s.ID) })
			},
			"revoked all": func(a access.Account, _ access.Principal, _ access.Session) error {
				return w.db.Write(ctx, func(tx *store.Tx) error { return w.RevokeSessions(tx, w.sys, a.ID, access.Principal{}) })
			},
		} {
			a := w.person(strings.ReplaceAll(name, " ", "-"), street, access.Street)
			s, p := w.signIn(a.Login, access.Cookie)
			if !w.holds(s.Token, access.Cookie) {
				t.Fatal(name)
			}
			if err := end(a, p, s); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if w.holds(s.Token, access.Cookie) {
				t.Errorf("%s: the session goes on", name)
			}
		}
	})
}

// TestChangesReachTheSession: a new name or unit is seen without signing in again.
func TestChangesReachTheSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.person("li", street, access.Street)
		s, _ := w.signIn("li", access.Cookie)
		w.write(func(tx *store.Tx) error {
			_, err := w.Update(tx, w.sys, a.ID, 1, access.Person{Name: "新名", Unit: town}, "x", noon)
			return err
		})
		p, err := w.Lookup(t.Context(), s.Token, access.Cookie)
		if err != nil || p.Unit != town || p.Name != "新名" || p.Path[0] != town || access.ScopeOf(p).Unit() != town {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

func TestListAndRevoke(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		li, wang := w.person("li", street, access.Street), w.person("wang", street, access.StreetLead)
		sec := w.create(access.NewAccount{Login: "sec", Name: "安", Roles: []string{access.Security}})
		old, _ := w.signIn("li", access.Cookie)
		w.Add(31 * time.Minute)
		s1, p1 := w.signIn("li", access.Cookie)
		w.Add(time.Second)
		s2, _ := w.signIn("li", access.Bearer)
		list := func(sc access.Scope) ([]access.Session, error) {
			return store.Get(t.Context(), w.db, func(tx *store.Tx) ([]access.Session, error) { return w.ListSessions(tx, sc, li.ID) })
		}
		for _, sc := range []access.Scope{access.ScopeOf(p1), as(sec)} {
			got, err := list(sc)
			if err != nil || len(got) != 2 || got[0].ID != s2.ID || got[1].ID != s1.ID || got[0].Token != "" || got[1].Kind != access.Cookie {
				t.Errorf("%+v, %v", got, err)
			}
		}
		if _, err := list(as(wang)); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a colleague lists them: %v", err)
		}
		revoke := func(sc access.Scope, account, id string) error {
			return w.db.Write(t.Context(), func(tx *store.Tx) error { return w.RevokeSession(tx, sc, account, id) })
		}
		if err := revoke(as(wang), li.ID, s1.ID); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a colleague ends it: %v", err)
		}
		if err := revoke(as(wang), wang.ID, s1.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("as if it were his own: %v", err)
		}
		if !w.holds(s1.Token, access.Cookie) || w.holds(old.Token, access.Cookie) {
			t.Error("wrong one ended")
		}
		// All but this one.
		w.write(func(tx *store.Tx) error { return w.RevokeSessions(tx, access.ScopeOf(p1), li.ID, p1) })
		if !w.holds(s1.Token, access.Cookie) || w.holds(s2.Token, access.Bearer) {
			t.Error("not all but this one")
		}
	})
}

func TestStartSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		li, wang := w.person("li", street, access.Street), w.person("wang", street, access.Street)
		start := func(sc access.Scope, id string) (s access.Session, err error) {
			err = w.db.Write(t.Context(), func(tx *store.Tx) (err error) {
				s, err = w.StartSession(tx, sc, id, access.Cookie, "")
				return err
			})
			return s, err
		}
		for name, err := range map[string]error{
			"of a colleague": second(start(as(wang), li.ID)),
			"by anybody":     second(start(access.PublicScope(district), "")),
			"by an admin":    second(start(access.ScopeOf(access.Principal{District: district, Account: "x", Roles: []string{access.Admin}}), li.ID)),
		} {
			if !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		s, err := start(w.sys, li.ID)
		if err != nil || !w.holds(s.Token, access.Cookie) {
			t.Error(err)
		}
		w.write(func(tx *store.Tx) error { _, err := w.Disable(tx, w.sys, li.ID, 1, "x", noon); return err })
		if _, err := start(w.sys, li.ID); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("of a disabled account: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestTwoNodesSeeRevocation: what ends on one node ends on the other within five
// seconds, and not only after them.
func TestTwoNodesSeeRevocation(t *testing.T) {
	dsn := storetest.DSN(t, "postgres")
	a, b := newWorld(t, storetest.OpenDSN(t, dsn, schemas)), newWorld(t, storetest.OpenDSN(t, dsn, schemas))
	b.clock.now = a.clock.now
	acc := a.person("li", street, access.Street)
	for name, end := range map[string]func(p access.Principal) error{
		"sign-out": func(p access.Principal) error { return a.SignOut(t.Context(), p) },
		"revoke": func(access.Principal) error {
			return a.db.Write(t.Context(), func(tx *store.Tx) error { return a.RevokeSessions(tx, a.sys, acc.ID, access.Principal{}) })
		},
	} {
		s, p := a.signIn("li", access.Cookie)
		if !b.holds(s.Token, access.Cookie) {
			t.Fatal("the other node does not know the session")
		}
		if err := end(p); err != nil {
			t.Fatal(err)
		}
		if a.holds(s.Token, access.Cookie) {
			t.Errorf("%s: goes on on its own node", name)
		}
		b.Add(5 * time.Second)
		if b.holds(s.Token, access.Cookie) {
			t.Errorf("%s: goes on on the other node after five seconds", name)
		}
	}
	s, _ := a.signIn("li", access.Cookie)
	if !b.holds(s.Token, access.Cookie) {
		t.Fatal("the other node does not know the session")
	}
	a.write(func(tx *store.Tx) error { _, err := a.Disable(tx, a.sys, acc.ID, 1, "x", noon); return err })
	b.Add(5 * time.Second)
	if b.holds(s.Token, access.Cookie) {
		t.Error("a disabled account goes on on the other node")
	}
}

// TestNodesShareLastSeen: a session used on one node only is not idle for the other.
func TestNodesShareLastSeen(t *testing.T) {
	dsn := storetest.DSN(t, "postgres")
	a := newWorld(t, storetest.OpenDSN(t, dsn, schemas))
	b := newWorld(t, storetest.OpenDSN(t, dsn, schemas), func(o *access.Options) { o.Clock = a.clock.Now })
	a.person("li", street, access.Street)
	s, _ := a.signIn("li", access.Cookie)
	for range 5 {
		a.Add(25 * time.Minute)
		if !a.holds(s.Token, access.Cookie) {
			t.Fatal("ended")
		}
	}
	a.Add(27 * time.Minute)
	if !b.holds(s.Token, access.Cookie) {
		t.Error("the other node thinks it idle")
	}
}

// TestQuietNodeTellsLastSeen: a node that has nothing else to do must not keep to
// itself that a session was used.
func TestQuietNodeTellsLastSeen(t *testing.T) {
	dsn := storetest.DSN(t, "postgres")
	a := newWorld(t, storetest.OpenDSN(t, dsn, schemas))
	b := newWorld(t, storetest.OpenDSN(t, dsn, schemas), func(o *access.Options) { o.Clock = a.clock.Now })
	a.person("li", street, access.Street)
	s, _ := a.signIn("li", access.Cookie)
	a.Add(20 * time.Minute)
	a.signIn("li", access.Cookie) // the node has just written what it knew
	a.Add(10 * time.Second)
	if !a.holds(s.Token, access.Cookie) {
		t.Fatal("ended")
	}
	a.Add(28 * time.Minute)
	if !b.holds(s.Token, access.Cookie) {
		t.Error("the other node thinks it idle")
	}
}

// TestSessionOfADisabledAccount: even one that was overlooked opens nothing.
func TestSessionOfADisabledAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.person("li", street, access.Street)
		s, _ := w.signIn("li", access.Cookie)
		w.write(func(tx *store.Tx) error {
			return tx.Exec(`UPDATE accounts SET active = (1 = 0) WHERE district = $1 AND id = $2`, district, a.ID)
		})
		w.Add(5 * time.Second)
		if w.holds(s.Token, access.Cookie) {
			t.Error("it opens")
		}
	})
}

// TestLastSeenIsCheap: a thousand requests write the moment a handful of times.
func TestLastSeenIsCheap(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite", schemas))
	w.person("li", street, access.Street)
	var tokens []string
	for range 5 {
		s, _ := w.signIn("li", access.Cookie)
		tokens = append(tokens, s.Token)
	}
	w.write(func(tx *store.Tx) error { return tx.Exec(`CREATE TABLE writes (district TEXT, hash TEXT)`) })
	w.write(func(tx *store.Tx) error {
		return tx.Exec(`CREATE TRIGGER count_seen AFTER UPDATE OF seen ON sessions BEGIN INSERT INTO writes VALUES (new.district, new.hash); END`)
	})
	var wg sync.WaitGroup
	for range 10 { // ten minutes, a hundred requests each, several at once
		w.Add(time.Minute)
		for i := range 100 {
			wg.Go(func() {
				if p, err := w.Lookup(context.Background(), tokens[i%5], access.Cookie); err != nil || !p.SignedIn() {
					t.Error("ended", err)
				}
			})
		}
		wg.Wait()
	}
	if n := w.number(`SELECT count(*) FROM writes WHERE district = $1`, district); n < 5 || n > 60 {
		t.Errorf("%d updates for 1000 requests of 5 sessions in 10 minutes", n)
	}
	list := get(w, func(tx *store.Tx) ([]access.Session, error) {
		a, err := w.Find(tx, w.sys, "li")
		if err != nil {
			return nil, err
		}
		return w.ListSessions(tx, w.sys, a.ID)
	})
	for _, s := range list {
		if w.Now().Sub(s.Seen) > time.Minute {
			t.Errorf("last seen %s ago", w.Now().Sub(s.Seen))
		}
	}
}
