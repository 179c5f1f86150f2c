package access_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

// wide lifts the limit per login, so that a test meets the lock itself.
func wide(o *access.Options) {
	o.Limits = []access.Limit{{Name: "signin.login", N: 100_000, Per: time.Hour}, {Name: "signin.client", N: 100_000, Per: time.Hour}}
}

func (w *world) try(login, password string) error {
	_, _, err := w.SignIn(context.Background(), access.Attempt{Login: login, Password: password, Kind: access.Cookie})
	return err
}

func TestSignIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.person("li", street, access.Street, access.StreetLead)
		none := w.create(access.NewAccount{Login: "new", Name: "某"})
		gone := w.person("gone", street, access.Street)
		w.write(func(tx *store.Tx) error { _, err := w.Disable(tx, w.sys, gone.ID, 1, "x", noon); return err })

		s, p, err := w.SignIn(t.Context(), access.Attempt{Login: " LI ", Password: good, Kind: access.Bearer, Agent: "curl/8"})
		if err != nil {
			t.Fatal(err)
		}
		if p.Account != a.ID || p.Login != "li" || p.Unit != street || len(p.Roles) != 2 || p.District != district || p.Kind != access.Bearer || p.MustChange || len(p.Path) != 2 {
			t.Errorf("%+v", p)
		}
		if len(s.Token) < 26 || s.ID == s.Token || !s.Expires.Equal(noon.Add(access.AbsoluteTime)) || s.Agent != "curl" {
			t.Errorf("%+v", s)
		}
		if n := w.number(`SELECT count(*) FROM sessions WHERE district = $1 AND hash = $2`, district, s.Token); n != 0 {
			t.Error("the token itself is stored")
		}
		for name, err := range map[string]error{
			"a wrong password":       w.try("li", good+"!"),
			"an empty one":           w.try("li", ""),
			"an unknown login":       w.try("nobody", good),
			"no login":               w.try("", ""),
			"no password yet":        w.try(none.Login, ""),
			"the decoy's own words":  w.try("nobody", ""),
			"a disabled account":     w.try("gone", good),
			"a huge password":        w.try("li", strings.Repeat("x", 1<<20)),
			"SQL":                    w.try("li' OR '1'='1", good),
			"a zero byte":            w.try("li", good+"\x00"),
			"bytes that are no text": w.try("l\xff", good),
		} {
			if err != access.ErrWrong {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestUnknownAndWrongCostTheSame compares the work, not the time: one hash and one
// commit each, whatever is wrong.
func TestUnknownAndWrongCostTheSame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("li", street, access.Street)
		w.create(access.NewAccount{Login: "new", Name: "某"})
		gone := w.person("gone", street, access.Street)
		w.write(func(tx *store.Tx) error { _, err := w.Disable(tx, w.sys, gone.ID, 1, "x", noon); return err })
		locked := w.person("locked", street, access.Street)
		w.write(func(tx *store.Tx) error {
			return tx.Exec(`UPDATE accounts SET failures = 5, locked_until = $3, check_at = $3 WHERE district = $1 AND id = $2`, district, locked.ID, noon.Add(time.Hour).UnixMicro())
		})
		// Each refusal writes exactly one row: a counter of the account, or of no account.
		written := func() int64 {
			return w.number(`SELECT (SELECT coalesce(sum(failures), 0) FROM accounts WHERE district = $1) + (SELECT coalesce(sum(count), 0) FROM tries WHERE district = $1)`, district)
		}
		for _, login := range []string{"li", "nobody", "new", "gone", "locked"} {
			rows, before := written(), w.Stats()
			if err := w.try(login, "wrong password"); err != access.ErrWrong {
				t.Errorf("%s: %v", login, err)
			}
			after := w.Stats()
			if n := after.Hashes - before.Hashes; n != 1 {
				t.Errorf("%s: %d hashes", login, n)
			}
			if n := after.Evaluated - before.Evaluated; (n == 1) != (login == "li") {
				t.Errorf("%s: %d looked at", login, n)
			}
			if n := written() - rows; n != 1 {
				t.Errorf("%s: %d rows written", login, n)
			}
		}
	})
}

// TestFiftyGuessesAtOnce: the counter is in the transaction of the check, so no
// more than five of them are looked at.
func TestFiftyGuessesAtOnce(t *testing.T) {
	for _, e := range []string{"sqlite", "postgres"} {
		t.Run(e, func(t *testing.T) {
			dsn := storetest.DSN(t, e)
			w := newWorld(t, storetest.OpenDSN(t, dsn, schemas), wide)
			nodes := []*world{w, w}
			if e == "postgres" {
				nodes[1] = newWorld(t, storetest.OpenDSN(t, dsn, schemas), wide)
			}
			w.person("li", street, access.Street)
			var wg sync.WaitGroup
			for i := range 50 {
				wg.Go(func() {
					if err := nodes[i%2].try("li", fmt.Sprintf("wrong password %d", i)); err != access.ErrWrong && !errors.Is(err, access.ErrBusy) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			n := w.Stats().Evaluated
			if e == "postgres" {
				n += nodes[1].Stats().Evaluated
			}
			if n != 5 {
				t.Errorf("%d guesses were looked at", n)
			}
		})
	}
}

func TestLockedOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("li", street, access.Street)
		// Four failures are forgiven by a success.
		for range 4 {
			_ = w.try("li", "wrong password")
		}
		if err := w.try("li", good); err != nil {
			t.Fatal(err)
		}
		_ = w.try("li", "wrong password")
		if err := w.try("li", good); err != nil {
			t.Errorf("four failures, a success and another failure: %v", err)
		}
		for range 5 {
			_ = w.try("li", "wrong password")
		}
		if err := w.try("li", "wrong password"); err != access.ErrWrong {
			t.Errorf("wrong and locked: %v", err)
		}
		w.Add(30 * time.Second)
		l, ok := errors.AsType[access.ErrLocked](w.try("li", good))
		if !ok || !l.Until.Equal(noon.Add(15*time.Minute)) {
			t.Errorf("right and locked: %v until %v", ok, l.Until)
		}
		if err := w.try("li", "wrong password"); err != access.ErrWrong {
			t.Errorf("wrong and locked: %v", err)
		}
		w.Add(14*time.Minute + 31*time.Second)
		if err := w.try("li", good); err != nil {
			t.Errorf("after the lock: %v", err)
		}
		// An administrator's new password ends a lock.
		w.Add(time.Hour)
		for range 5 {
			_ = w.try("li", "wrong password")
		}
		h, err := w.Hash(t.Context(), "li", "a new phrase for her")
		if err != nil {
			t.Fatal(err)
		}
		w.write(func(tx *store.Tx) error {
			a, err := w.Find(tx, w.sys, "li")
			if err != nil {
				return err
			}
			if a.LockedUntil.IsZero() {
				t.Error("not locked")
			}
			a, err = w.SetPassword(tx, w.sys, a.ID, a.Version, h, "忘记密码", w.Now())
			if !a.LockedUntil.IsZero() {
				t.Error("still locked")
			}
			return err
		})
		if err := w.try("li", "a new phrase for her"); err != nil {
			t.Errorf("after the new password: %v", err)
		}
	})
}

func TestLimitsPerLoginAndClient(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite", schemas), func(o *access.Options) {
		o.Limits = []access.Limit{{Name: "signin.login", N: 3, Per: 3 * time.Minute}, {Name: "signin.client", N: 5, Per: 5 * time.Minute}}
	})
	attempt := func(login, client string) error {
		_, _, err := w.SignIn(t.Context(), access.Attempt{Login: login, Password: "x", Client: client, Kind: access.Cookie})
		return err
	}
	for i := range 3 {
		if err := attempt("nobody", "1.1.1.1"); err != access.ErrWrong {
			t.Errorf("try %d: %v", i, err)
		}
	}
	e, ok := errors.AsType[access.ErrTooMany](attempt("NOBODY ", "2.2.2.2"))
	if !ok || e.RetryAfter != time.Minute {
		t.Errorf("fourth for one login: %+v", e)
	}
	before := w.Stats().Hashes
	for range 2 {
		_ = attempt("other", "1.1.1.1")
	}
	if _, ok := errors.AsType[access.ErrTooMany](attempt("third", "1.1.1.1")); !ok || w.Stats().Hashes != before+2 {
		t.Error("sixth from one address was looked at")
	}
	if err := attempt("third", "3.3.3.3"); err != access.ErrWrong {
		t.Error("another address suffers")
	}
}

// TestOldHashesAreRenewed: parameters grow with the years; a hash follows at the
// next sign-in.
func TestOldHashesAreRenewed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.person("li", street, access.Street)
		// "correct horse battery" at m=64, t=1
		const old = "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$%s"
		w.write(func(tx *store.Tx) error {
			return tx.Exec(`UPDATE accounts SET hash = $3 WHERE district = $1 AND id = $2`, district, a.ID, fmt.Sprintf(old, oldSum(t)))
		})
		w.signIn("li", access.Cookie)
		if n := w.number(`SELECT count(*) FROM accounts WHERE district = $1 AND hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'`, district); n != 1 {
			t.Error("not renewed")
		}
		w.signIn("li", access.Cookie)
		if err := w.try("li", "wrong password"); err != access.ErrWrong {
			t.Error(err)
		}
	})
}

func TestChangePassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		h, err := w.Hash(t.Context(), "li", good)
		if err != nil {
			t.Fatal(err)
		}
		w.create(access.NewAccount{Login: "li", Name: "李", Unit: street, Roles: []string{access.Street}, Password: h})
		s, p := w.signIn("li", access.Cookie)
		other, _ := w.signIn("li", access.Bearer)
		if !p.MustChange {
			t.Error("somebody else chose this password")
		}
		const next = "a phrase of her own"
		for _, c := range []struct{ old, new, want string }{
			{good, good, "password same"},
			{good, "short", "password short"},
			{"wrong password", next, access.ErrWrong.Error()},
		} {
			if _, err := w.ChangePassword(t.Context(), p, c.old, c.new, "", w.Now()); codes(err) != c.want {
				t.Errorf("%q to %q: %v", c.old, c.new, err)
			}
		}
		if _, err := w.ChangePassword(t.Context(), access.Principal{District: district}, good, next, "", w.Now()); err != access.ErrSignIn {
			t.Errorf("anonymous: %v", err)
		}
		if !w.holds(s.Token, access.Cookie) {
			t.Fatal("a refused change ended the session")
		}
		fresh, err := w.ChangePassword(t.Context(), p, good, next, "", w.Now())
		if err != nil {
			t.Fatal(err)
		}
		if w.holds(s.Token, access.Cookie) || w.holds(other.Token, access.Bearer) || fresh.Token == s.Token {
			t.Error("old sessions go on")
		}
		np, _ := w.Lookup(t.Context(), fresh.Token, access.Cookie)
		if np.Login != "li" || np.MustChange {
			t.Errorf("%+v", np)
		}
		if err := w.try("li", good); err != access.ErrWrong {
			t.Errorf("old password: %v", err)
		}
		if err := w.try("li", next); err != nil {
			t.Errorf("new password: %v", err)
		}
		// A stolen session cannot be used to guess the password.
		for range 6 {
			_, _ = w.ChangePassword(t.Context(), np, "wrong password", "whatever phrase", "", w.Now())
		}
		if _, err := w.ChangePassword(t.Context(), np, next, "whatever phrase", "", w.Now()); err != access.ErrWrong {
			t.Errorf("while locked: %v", err)
		}
	})
}

// TestPasswordsGrowOld: mlps3 wants a new one every 90 days, asvs never.
func TestPasswordsGrowOld(t *testing.T) {
	for rules, want := range map[access.Rules]bool{access.ASVS: false, access.MLPS3: true} {
		w := newWorld(t, storetest.Open(t, "sqlite", schemas), func(o *access.Options) { o.Rules = rules })
		const pw = "Correct Horse 1"
		h, err := w.Hash(t.Context(), "li", pw)
		if err != nil {
			t.Fatal(err)
		}
		w.create(access.NewAccount{Login: "li", Name: "李", Password: h, Lasting: true})
		in := func() access.Principal {
			_, p, err := w.SignIn(t.Context(), access.Attempt{Login: "li", Password: pw, Kind: access.Cookie})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		w.Add(90 * 24 * time.Hour)
		if in().MustChange {
			t.Errorf("%s: too early", rules)
		}
		w.Add(time.Second)
		p := in()
		if p.MustChange != want {
			t.Errorf("%s: must change is %v", rules, p.MustChange)
		}
		if _, err := w.ChangePassword(t.Context(), p, pw, "Correct Horse 2", "", w.Now()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLogsTellNoSecrets: people type passwords into the login field, and numbers
// that name them.
func TestLogsTellNoSecrets(t *testing.T) {
	var out bytes.Buffer
	w := newWorld(t, storetest.Open(t, "sqlite", schemas), func(o *access.Options) { o.Log = slog.New(slog.NewJSONHandler(&out, nil)) })
	a := w.person("13800138000", street, access.Street)
	s, _ := w.signIn("13800138000", access.Cookie)
	_ = w.try("MyPassw0rdInTheWrongField", "x")
	for range 6 {
		_ = w.try("13800138000", "TheWrongPassword")
	}
	log := out.String()
	for _, bad := range []string{"13800138000", "张三", good, "WrongField", "TheWrong", s.Token, s.ID} {
		if strings.Contains(log, bad) {
			t.Errorf("the log holds %q", bad)
		}
	}
	for _, want := range []string{"signed in", "sign-in refused", "account locked", a.ID} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
}
