package access_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// A district from its first account to a page that knows who is asking.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "access-example-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "weixiao.db"), store.Options{}, journal.Schema, access.Schema)
	if err != nil {
		panic(err)
	}
	defer db.Close()

	gate, err := access.New(db, access.Options{
		District: "220605",
		Path:     func(unit string) []string { return []string{unit, "220605"} }, // from the directory
	})
	if err != nil {
		panic(err)
	}

	// An account: hash first, outside of the transaction, then one act.
	hash, err := gate.Hash(ctx, "lihua", "a phrase nobody guesses")
	if err != nil {
		panic(err)
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		_, err := gate.Create(tx, access.SystemScope("220605", "example: the first account"), access.NewAccount{
			Login: "lihua", Name: "李华", Unit: "220605001", Roles: []string{access.Street}, Password: hash, Lasting: true,
		}, time.Now())
		return err
	})
	if err != nil {
		panic(err)
	}

	// Routes: each with a rule, handlers with a scope.
	routes := gate.Router()
	routes.Handle("GET /", access.Rule{Public: true, Why: "the portal"}, func(w http.ResponseWriter, r *http.Request) error {
		fmt.Fprint(w, "welcome")
		return nil
	})
	routes.Handle("GET /desk", access.Rule{SignedIn: true}, func(w http.ResponseWriter, r *http.Request) error {
		scope := access.ScopeOf(access.From(r.Context()))
		fmt.Fprintf(w, "cases of %s and below, all of them: %v", scope.Unit(), scope.All())
		return nil
	})
	routes.Handle("GET /desk/audit", access.Rule{Roles: []string{access.Auditor}}, func(w http.ResponseWriter, r *http.Request) error {
		return nil
	})
	site := gate.Middleware(routes)

	session, _, err := gate.SignIn(ctx, access.Attempt{Login: "lihua", Password: "a phrase nobody guesses", Kind: access.Bearer})
	if err != nil {
		panic(err)
	}
	for _, c := range [][2]string{{"/", ""}, {"/desk", ""}, {"/desk", session.Token}, {"/desk/audit", session.Token}} {
		r := httptest.NewRequest("GET", c[0], nil)
		if c[1] != "" {
			r.Header.Set("Authorization", "Bearer "+c[1])
		}
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		fmt.Println(c[0], w.Code, strings.TrimSpace(w.Body.String()))
	}

	// Output:
	// / 200 welcome
	// /desk 401 Unauthorized
	// /desk 200 cases of 220605001 and below, all of them: false
	// /desk/audit 403 Forbidden
}

// A secret that residents type is looked at only as often as its limits allow,
// on all nodes together.
func ExampleGate_Guard() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "access-example-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(dir, "weixiao.db"), store.Options{}, journal.Schema, access.Schema)
	if err != nil {
		panic(err)
	}
	defer db.Close()
	gate, err := access.New(db, access.Options{District: "220605"})
	if err != nil {
		panic(err)
	}
	const number = "JY20221123-7K3Q9"
	open := func(secret string) (access.Scope, error) {
		right, err := gate.Guard(ctx, []access.Try{{Limit: "secret.case", Key: number}, {Limit: "secret.client", Key: "203.0.113.9"}},
			func(tx *store.Tx) (bool, error) { return secret == "QWERT23456", nil }) // a real one compares hashes
		if err != nil || !right {
			return access.Scope{}, err
		}
		return access.PublicScope("220605").Holding(number), nil
	}
	scope, err := open("QWERT23456")
	fmt.Println(scope.Holds(number), err)
	for range 5 {
		_, _ = open("AAAAA22222")
	}
	_, err = open("QWERT23456")
	_, many := errors.AsType[access.ErrTooMany](err)
	fmt.Println(many)

	// Output:
	// true <nil>
	// true
}
