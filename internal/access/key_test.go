package access_test

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/store"
)

func TestAPIKeys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		admin := as(w.create(access.NewAccount{Login: "admin", Name: "管", Roles: []string{access.Admin}}))
		issue := func(sc access.Scope, client string) (key string, err error) {
			err = w.db.Write(t.Context(), func(tx *store.Tx) (err error) {
				key, err = w.IssueKey(tx, sc, client, noon)
				return err
			})
			return key, err
		}
		key, err := issue(admin, "city-app")
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.CheckKey(t.Context(), key)
		if err != nil || p.Client != "city-app" || !p.Is(access.APIClient) || p.SignedIn() || p.Kind != access.Key {
			t.Errorf("%+v, %v", p, err)
		}
		if sc := access.ScopeOf(p); sc.All() || sc.Unit() != "" || !sc.Can(access.APIClient) || sc.Client() != "city-app" {
			t.Errorf("%+v", sc)
		}
		for _, bad := range []string{"", "x", strings.ToLower(key), key + "A", strings.Repeat("A", 100)} {
			if _, err := w.CheckKey(t.Context(), bad); !errors.Is(err, access.ErrSignIn) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		for _, name := range []string{"", "a", "City", "a b", "-a", "张三", strings.Repeat("a", 32)} {
			if _, err := issue(admin, name); codes(err) != "client control" {
				t.Errorf("client %q: %v", name, err)
			}
		}
		if _, err := issue(access.PublicScope(district), "x1"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("anybody: %v", err)
		}
		if _, err := issue(as(access.Account{ID: "s", Unit: street, Roles: []string{access.Street}}), "x1"); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("a handler: %v", err)
		}
		second, err := issue(admin, "city-app")
		if err != nil || second == key {
			t.Error(err)
		}
		if _, err := w.CheckKey(t.Context(), key); !errors.Is(err, access.ErrSignIn) {
			t.Errorf("a replaced key: %v", err)
		}
		w.write(func(tx *store.Tx) error { return w.DisableKey(tx, admin, "city-app", noon) })
		if _, err := w.CheckKey(t.Context(), second); !errors.Is(err, access.ErrSignIn) {
			t.Errorf("a disabled key: %v", err)
		}
		if err := w.db.Write(t.Context(), func(tx *store.Tx) error { return w.DisableKey(tx, admin, "city-app", noon) }); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("twice: %v", err)
		}
		if keys := get(w, func(tx *store.Tx) ([]access.APIKey, error) { return w.ListKeys(tx, admin) }); len(keys) != 1 || keys[0].Active {
			t.Errorf("%+v", keys)
		}
		if story := w.everything(); strings.Contains(story, key) || strings.Contains(story, second) || strings.Count(story, "apikey city-app issue admin") != 2 || !strings.Contains(story, "apikey city-app disable admin") {
			t.Error(story)
		}
	})
}

func TestCodes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		issue := func(purpose string) (code string) {
			w.write(func(tx *store.Tx) (err error) {
				code, err = access.IssueCode(tx, w.sys, purpose, access.CodeTime, w.Now())
				return err
			})
			return code
		}
		use := func(purpose, code string) error {
			return w.db.Write(t.Context(), func(tx *store.Tx) error {
				return access.UseCode(tx, access.PublicScope(district), purpose, code, w.Now())
			})
		}
		code := issue("admin")
		if !regexp.MustCompile(`^([A-Z2-7]{5}-){3}[A-Z2-7]{5}$`).MatchString(code) {
			t.Errorf("%q", code)
		}
		for _, c := range []struct{ purpose, code string }{{"security", code}, {"admin", ""}, {"admin", code[:22]}, {"admin", code + "A"}} {
			if err := use(c.purpose, c.code); !errors.Is(err, access.ErrCode) {
				t.Errorf("%s %q: %v", c.purpose, c.code, err)
			}
		}
		if err := use("admin", " "+strings.ToLower(strings.ReplaceAll(code, "-", " "))); err != nil {
			t.Errorf("typed by hand: %v", err)
		}
		if err := use("admin", code); !errors.Is(err, access.ErrCode) {
			t.Errorf("twice: %v", err)
		}
		old := issue("admin")
		w.Add(access.CodeTime)
		if err := use("admin", old); !errors.Is(err, access.ErrCode) {
			t.Errorf("after a day: %v", err)
		}
		old = issue("admin")
		fresh := issue("admin")
		if err := use("admin", old); !errors.Is(err, access.ErrCode) {
			t.Errorf("a replaced one: %v", err)
		}
		w.Add(access.CodeTime - time.Second)
		var used atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if use("admin", fresh) == nil {
					used.Add(1)
				}
			})
		}
		wg.Wait()
		if used.Load() != 1 {
			t.Errorf("one code used %d times", used.Load())
		}
		for name, sc := range map[string]access.Scope{"anybody": access.PublicScope(district), "nobody": {}, "an admin": as(access.Account{ID: "a", Roles: []string{access.Admin}})} {
			if err := w.db.Write(t.Context(), func(tx *store.Tx) error { _, err := access.IssueCode(tx, sc, "x", 1, noon); return err }); !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("%s makes a code: %v", name, err)
			}
		}
		if story := w.everything(); strings.Contains(story, code) || strings.Contains(story, strings.ReplaceAll(code, "-", "")) || !strings.Contains(story, "code admin use anonymous") {
			t.Error(story)
		}
	})
}

// TestFixedKeysAreTheProgramsOwn: an administrator cannot choose a key.
func TestFixedKeysAreTheProgramsOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fix := func(sc access.Scope) error {
			return w.db.Write(t.Context(), func(tx *store.Tx) error { return w.FixKey(tx, sc, "dev", "known", noon) })
		}
		for _, sc := range []access.Scope{as(access.Account{ID: "a", Roles: []string{access.Admin}}), access.PublicScope(district), {}} {
			if err := fix(sc); !errors.Is(err, flow.ErrForbidden) {
				t.Errorf("%v: %v", sc.Roles(), err)
			}
		}
		if err := fix(w.sys); err != nil {
			t.Fatal(err)
		}
		if p, err := w.CheckKey(t.Context(), "known"); err != nil || p.Client != "dev" {
			t.Errorf("%+v, %v", p, err)
		}
	})
}
