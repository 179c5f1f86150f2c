// Package apitest stands a district up behind its doors: cases, accounts, router
// and error page wired as the program wires them, on one engine.
package apitest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory/layers"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web"
)

// Key is the API key of the client "tests".
const Key = "a key for tests"

// Password is that of every account.
const Password = "correct horse battery staple"

// Env is a district with its doors open.
type Env struct {
	*casestest.Env
	Site    *web.Site
	Gate    *access.Gate
	Router  *access.Router
	handler http.Handler
	hash    access.Hash
	tokens  map[string]string
	round   int
}

// Each runs fn with a fresh district on every engine. register adds the routes.
func Each(t *testing.T, register func(*access.Router, *web.Site), fn func(t *testing.T, e *Env)) {
	t.Helper()
	storetest.Each(t, append(casestest.Schemas(), assess.Schema, sanitation.Schema), func(t *testing.T, db *store.DB) { fn(t, New(t, db, register)) })
}

// New makes the district on a database.
func New(t testing.TB, db *store.DB, register func(*access.Router, *web.Site)) *Env {
	t.Helper()
	e := &Env{Env: casestest.New(t, db), tokens: map[string]string{}}
	e.Site = &web.Site{DB: db, Cases: e.Cases, Places: e.Places, Assets: e.Assets, Posts: e.Posts, Firms: e.Firms, Pack: e.Pack, Vault: e.Vault, Clock: e.Clock, Log: slog.New(slog.DiscardHandler), Phone: e.Pack.Hotline,
		Assess: assess.New(db, e.Cases, e.Pack, e.Clock), Sanitation: sanitation.New(db, sanitation.From(e.Pack, e.Clock, slog.New(slog.DiscardHandler))), Layers: layers.New(db, e.Pack.District, e.Pack.Version, e.Pack.Atlas(), e.Pack.Directory, e.Clock)}
	gate, err := access.New(db, access.Options{District: e.Pack.District, Clock: e.Clock, Error: e.Site.Error, Path: e.path})
	if err != nil {
		t.Fatal(err)
	}
	e.Gate, e.Site.Gate = gate, gate
	e.Router = gate.Router()
	register(e.Router, e.Site)
	e.handler = gate.Middleware(e.Router)
	err = db.Write(context.Background(), func(tx *store.Tx) error {
		return gate.FixKey(tx, e.system(), "tests", Key, e.Clock())
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *Env) system() access.Scope { return access.SystemScope(e.Pack.District, "tests") }

func (e *Env) path(unit string) []string {
	var out []string
	for _, u := range e.Pack.Directory.Path(unit) {
		out = append(out, u.ID)
	}
	return out
}

// Token signs somebody in with this role in a unit ("" = the hotline centre) and
// returns the bearer token. The same role and unit are the same account.
func (e *Env) Token(t testing.TB, unit, role string) string { return e.TokenOf(t, unit, role, "") }

// SignOut forgets all tokens: after days have passed everybody signs in again, as
// new accounts.
func (e *Env) SignOut() {
	e.tokens = map[string]string{}
	e.round++
}

// TokenOf is Token for another person with the same role in the same unit.
func (e *Env) TokenOf(t testing.TB, unit, role, who string) string {
	t.Helper()
	if unit == "" {
		unit = e.Cases.District().Centre
	}
	name := role + "-" + unit + who
	if e.round > 0 {
		name += fmt.Sprint("-", e.round)
	}
	if token, ok := e.tokens[name]; ok {
		return token
	}
	ctx := context.Background()
	if e.hash == "" {
		h, err := e.Gate.Hash(ctx, "nobody", Password)
		if err != nil {
			t.Fatal(err)
		}
		e.hash = h
	}
	err := e.DB.Write(ctx, func(tx *store.Tx) error {
		a, err := e.Gate.Create(tx, e.system(), access.NewAccount{Login: name, Name: "陈" + role, Unit: unit, Roles: []string{role}, Password: e.hash, Lasting: true}, e.Clock())
		if err != nil {
			return err
		}
		s, err := e.Gate.StartSession(tx, e.system(), a.ID, access.Bearer, "")
		e.tokens[name] = s.Token
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return e.tokens[name]
}

// Do sends a request through the middleware and the router.
func (e *Env) Do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	e.handler.ServeHTTP(w, r)
	return w
}

// Handler is the whole site, for tests that need a server.
func (e *Env) Handler() http.Handler { return e.handler }
