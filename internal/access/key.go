package access

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// What a key may open. A route says so in its Rule, or asks CheckKey itself.
const (
	KeyRequests  = "requests"  // bring requests through Open311: apps, an upstream 12345
	KeyPositions = "positions" // send positions of sweeping machines
	KeyWeather   = "weather"   // tell the weather of a day
)

// KeyScopes lists them, in the order of pages.
func KeyScopes() []string { return []string{KeyRequests, KeyPositions, KeyWeather} }

// KeyPrefix begins every key that is made now, so that one in an Authorization header is
// not taken for a session.
const KeyPrefix = "wk-"

// MaxKeyLife is how long a key may be good for: somebody looks at it again then.
const MaxKeyLife = 3 * 366 * 24 * time.Hour

// APIKey is the right of one program.
type APIKey struct {
	Client  string // name of the program, unique; acts carry it
	Scopes  []string
	Active  bool
	Created time.Time
	Expires time.Time // zero: never, for keys made before there was an end
	Used    time.Time // to the minute; zero: never
}

// Good reports whether the key opens anything at a moment.
func (k *APIKey) Good(now time.Time) bool {
	return k.Active && (k.Expires.IsZero() || now.Before(k.Expires))
}

// NewKey is a key to be made.
type NewKey struct {
	Client  string
	Scopes  []string
	Expires time.Time
}

var clientName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,30}$`)

// KeyForm is what is asked for a key.
var KeyForm = form.Form{Name: "key_issue", Fields: []form.Field{
	{Name: "client", Type: form.Line, Required: true, Max: 31},
	{Name: "scopes", Type: form.Multi, Required: true, Options: form.Options(KeyScopes()...)},
	{Name: "expires", Type: form.Date, Required: true},
}}

func (n *NewKey) check(now time.Time) error {
	var f form.Faults
	if !clientName.MatchString(n.Client) {
		f = append(f, form.Fault{Field: "client", Code: "key_client"})
	}
	if n.Scopes = tidy(n.Scopes); len(n.Scopes) == 0 {
		f = append(f, form.Fault{Field: "scopes", Code: "required"})
	}
	for _, s := range n.Scopes {
		if !slices.Contains(KeyScopes(), s) {
			f = append(f, form.Fault{Field: "scopes", Code: "choice"})
		}
	}
	if !n.Expires.After(now) || n.Expires.After(now.Add(MaxKeyLife)) {
		f = append(f, form.Fault{Field: "expires", Code: "key_expires"})
	}
	if len(f) > 0 {
		return f
	}
	return nil
}

// keyBody is the body of an act about a key.
type keyBody struct {
	Scopes  []string `json:"scopes,omitempty"`
	Expires int64    `json:"expires,omitempty"` // µs
}

// IssueKey makes a key for a client and returns it: it is shown once and only
// its hash stays. For a client that has one, the new key replaces the old. What is
// wrong with the wish is form.Faults.
func (g *Gate) IssueKey(tx *store.Tx, sc Scope, n NewKey, now time.Time) (key string, err error) {
	if err := g.administers(sc); err != nil {
		return "", err
	}
	if err := n.check(now); err != nil {
		return "", err
	}
	key = KeyPrefix + strings.ToLower(rand.Text())
	return key, g.putKey(tx, sc, n, key, now)
}

// putKey writes a key in the place of the one its client had, and the act.
func (g *Gate) putKey(tx *store.Tx, sc Scope, n NewKey, key string, now time.Time) error {
	at, err := journal.Begin(tx, g.opt.District, now)
	if err != nil {
		return err
	}
	if err := tx.Exec(`DELETE FROM api_keys WHERE district = $1 AND client = $2`, g.opt.District, n.Client); err != nil {
		return err
	}
	b := keyBody{Scopes: n.Scopes}
	if !n.Expires.IsZero() {
		b.Expires = n.Expires.UnixMicro()
	}
	if err := tx.Exec(`INSERT INTO api_keys (district, hash, client, active, created, scopes, expires, used) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
		g.opt.District, digest(key), n.Client, true, at.UnixMicro(), strings.Join(n.Scopes, " "), b.Expires); err != nil {
		return err
	}
	return g.appendKind(tx, sc, kindKey, n.Client, "issue", sc.roles[0], at, b, nil)
}

const kindKey = "apikey"

// DisableKey ends a client's key.
func (g *Gate) DisableKey(tx *store.Tx, sc Scope, client string, now time.Time) error {
	if err := g.administers(sc); err != nil {
		return err
	}
	at, err := journal.Begin(tx, g.opt.District, now)
	if err != nil {
		return err
	}
	n, err := tx.Count(`UPDATE api_keys SET active = $3 WHERE district = $1 AND client = $2 AND active`, g.opt.District, client, false)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("access: API key: %w", store.ErrNotFound)
	}
	return g.appendKind(tx, sc, kindKey, client, "disable", sc.roles[0], at, keyBody{}, nil)
}

const keyColumns = `client, active, created, scopes, expires, used`

func scanKey(r store.Scanner) (k APIKey, err error) {
	var created, expires, used int64
	var scopes string
	err = r.Scan(&k.Client, &k.Active, &created, &scopes, &expires, &used)
	k.Created, k.Scopes = micro(created), strings.Fields(scopes)
	if expires > 0 {
		k.Expires = micro(expires)
	}
	if used > 0 {
		k.Used = micro(used)
	}
	return k, err
}

// ListKeys lists the clients that have, or had, a key.
func (g *Gate) ListKeys(tx *store.Tx, sc Scope) ([]APIKey, error) {
	if err := g.ours(sc); err != nil {
		return nil, err
	}
	if err := sc.need("API keys", readers...); err != nil {
		return nil, err
	}
	return store.All(tx, scanKey, `SELECT `+keyColumns+` FROM api_keys WHERE district = $1 ORDER BY client`, g.opt.District)
}

func (g *Gate) administers(sc Scope) error {
	if err := g.ours(sc); err != nil {
		return err
	}
	return sc.need("API keys", Admin, System)
}

// usedEvery is how exactly the last use of a key is known: it is no act, and costs a write.
const usedEvery = time.Minute

// CheckKey finds the principal of an API key that opens a scope ("" = whatever it opens);
// ErrSignIn when there is none, or its time is over, flow.ErrForbidden when it opens other
// things. Keys that come as a field of a request are checked by the door itself.
func (g *Gate) CheckKey(ctx context.Context, key, scope string) (Principal, error) {
	if key == "" || len(key) > 64 {
		return Principal{}, ErrSignIn
	}
	now, hash := g.opt.Clock(), digest(key)
	k, err := store.Get(ctx, g.db, func(tx *store.Tx) (APIKey, error) {
		list, err := store.All(tx, scanKey, `SELECT `+keyColumns+` FROM api_keys WHERE district = $1 AND hash = $2`, g.opt.District, hash)
		if err != nil || len(list) == 0 {
			return APIKey{}, errors.Join(err, notFound(len(list)))
		}
		return list[0], nil
	})
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && !k.Good(now):
		return Principal{}, fmt.Errorf("%w: unknown API key, or its time is over", ErrSignIn)
	case err != nil:
		return Principal{}, err
	case scope != "" && !slices.Contains(k.Scopes, scope):
		return Principal{}, fmt.Errorf("%w: the key does not open %s", flow.ErrForbidden, scope)
	}
	if now.Sub(k.Used) >= usedEvery {
		err := g.db.Write(ctx, func(tx *store.Tx) error {
			return tx.Exec(`UPDATE api_keys SET used = $3 WHERE district = $1 AND hash = $2`, g.opt.District, hash, now.UnixMicro())
		})
		if err != nil && !errors.Is(err, store.ErrBusy) {
			return Principal{}, err
		}
	}
	return Principal{District: g.opt.District, Kind: Key, Roles: []string{APIClient}, Client: k.Client, Opens: k.Scopes}, nil
}

func notFound(n int) error {
	if n == 0 {
		return store.ErrNotFound
	}
	return nil
}
