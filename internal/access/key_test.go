package access_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

func TestAPIKeys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		admin := as(w.create(access.NewAccount{Login: "admin", Name: "管", Roles: []string{access.Admin}}))
		issue := func(sc access.Scope, client string) (key string, err error) {
			err = w.db.Write(t.Context(), func(tx *store.Tx) (err error) {
				key, err = w.IssueKey(tx, sc, access.NewKey{Client: client, Scopes: []string{access.KeyRequests}, Expires: noon.AddDate(1, 0, 0)}, noon)
				return err
			})
			return key, err
		}
		key, err := issue(admin, "city-app")
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.CheckKey(t.Context(), key, access.KeyRequests)
		if err != nil || p.Client != "city-app" || !p.Is(access.APIClient) || p.SignedIn() || p.Kind != access.Key {
			t.Errorf("%+v, %v", p, err)
		}
		if sc := access.ScopeOf(p); sc.All() || sc.Unit() != "" || !sc.Can(access.APIClient) || sc.Client() != "city-app" {
			t.Errorf("%+v", sc)
		}
		for _, bad := range []string{"", "x", strings.ToUpper(key), key + "a", strings.Repeat("A", 100)} {
			if _, err := w.CheckKey(t.Context(), bad, access.KeyRequests); !errors.Is(err, access.ErrSignIn) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		for _, name := range []string{"", "a", "City", "a b", "-a", "张三", strings.Repeat("a", 32)} {
			if _, err := issue(admin, name); codes(err) != "client key_client" {
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
		if _, err := w.CheckKey(t.Context(), key, access.KeyRequests); !errors.Is(err, access.ErrSignIn) {
			t.Errorf("a replaced key: %v", err)
		}
		w.write(func(tx *store.Tx) error { return w.DisableKey(tx, admin, "city-app", noon) })
		if _, err := w.CheckKey(t.Context(), second, access.KeyRequests); !errors.Is(err, access.ErrSignIn) {
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
		if p, err := w.CheckKey(t.Context(), "known", access.KeyRequests); err != nil || p.Client != "dev" {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// TestKeyScopes: a key opens what it was made for, until its day, and is known by when it was
// last used; through the router it opens the routes that name its scope and no others.
func TestKeyScopes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		admin := as(w.create(access.NewAccount{Login: "admin", Name: "管", Roles: []string{access.Admin}}))
		until := noon.AddDate(0, 1, 0)
		wish := access.NewKey{Client: "weather-jl", Scopes: []string{access.KeyWeather}, Expires: until}
		var key string
		issue := func(n access.NewKey) error {
			return w.db.Write(t.Context(), func(tx *store.Tx) (err error) {
				key, err = w.IssueKey(tx, admin, n, w.Now())
				return err
			})
		}
		for want, change := range map[string]func(*access.NewKey){
			"scopes required":     func(n *access.NewKey) { n.Scopes = nil },
			"scopes choice":       func(n *access.NewKey) { n.Scopes = []string{"everything"} },
			"expires key_expires": func(n *access.NewKey) { n.Expires = time.Time{} },
			"client key_client":   func(n *access.NewKey) { n.Client = "Weather" },
		} {
			n := wish
			if change(&n); codes(issue(n)) != want {
				t.Errorf("%s: %v", want, issue(n))
			}
		}
		far := wish
		far.Expires = noon.AddDate(4, 0, 0)
		if codes(issue(far)) != "expires key_expires" {
			t.Error("a key for ever")
		}
		if err := issue(wish); err != nil || !strings.HasPrefix(key, access.KeyPrefix) {
			t.Fatal(key, err)
		}
		if _, err := w.CheckKey(t.Context(), key, access.KeyPositions); !errors.Is(err, flow.ErrForbidden) {
			t.Errorf("it opens what it was not made for: %v", err)
		}
		rt := w.Router()
		for pattern, rule := range map[string]access.Rule{
			"POST /weather": {Roles: []string{access.Duty}, Key: access.KeyWeather}, "POST /positions": {Key: access.KeyPositions}, "POST /me": {SignedIn: true}, "POST /duty": {Roles: []string{access.Duty}},
		} {
			rt.Handle(pattern, rule, func(rw http.ResponseWriter, r *http.Request) error {
				_, err := rw.Write([]byte(access.From(r.Context()).Client))
				return err
			})
		}
		call := func(path, key string) (int, string) {
			r := httptest.NewRequest(http.MethodPost, path, nil)
			r.Header.Set("Authorization", "Bearer "+key)
			rec := httptest.NewRecorder()
			w.Middleware(rt).ServeHTTP(rec, r)
			return rec.Code, rec.Body.String()
		}
		for path, want := range map[string]int{"/weather": 200, "/positions": 403, "/me": 403, "/duty": 403} {
			if code, body := call(path, key); code != want || code == 200 && body != "weather-jl" {
				t.Errorf("%s: %d %s", path, code, body)
			}
		}
		if code, _ := call("/weather", access.KeyPrefix+"guess"); code != 401 {
			t.Errorf("a key that is none: %d", code)
		}
		keys := get(w, func(tx *store.Tx) ([]access.APIKey, error) { return w.ListKeys(tx, admin) })
		if len(keys) != 1 || !keys[0].Used.Equal(w.Now()) || !keys[0].Expires.Equal(until) || !slices.Equal(keys[0].Scopes, wish.Scopes) {
			t.Errorf("%+v", keys)
		}
		w.Add(until.Sub(w.Now()))
		if _, err := w.CheckKey(t.Context(), key, ""); !errors.Is(err, access.ErrSignIn) {
			t.Errorf("after its day: %v", err)
		}
		if code, _ := call("/weather", key); code != 401 {
			t.Errorf("after its day: %d", code)
		}

		// Acts and rows agree; a row that was changed by hand is found.
		compare := func() error {
			p := access.NewReplay()
			if _, err := journal.Verify(t.Context(), w.db, district, p.Apply); err != nil {
				t.Fatal(err)
			}
			return w.db.Read(t.Context(), func(tx *store.Tx) error { return p.Compare(tx, district) })
		}
		if err := compare(); err != nil {
			t.Error(err)
		}
		w.write(func(tx *store.Tx) error {
			return tx.Exec(`UPDATE api_keys SET scopes = $2 WHERE district = $1`, district, access.KeyPositions)
		})
		if err := compare(); err == nil || !strings.Contains(err.Error(), "weather-jl") {
			t.Errorf("a changed row: %v", err)
		}
	})
}
