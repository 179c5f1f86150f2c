package access

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"time"

	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// APIKey is the right of one program to write through Open311.
type APIKey struct {
	Client  string // name of the program, unique; acts carry it
	Active  bool
	Created time.Time
}

var clientName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,30}$`)

// IssueKey makes a key for a client and returns it: it is shown once and only
// its hash stays. For a client that has one, the new key replaces the old.
func (g *Gate) IssueKey(tx *store.Tx, sc Scope, client string, now time.Time) (key string, err error) {
	if err := g.administers(sc); err != nil {
		return "", err
	}
	if !clientName.MatchString(client) {
		return "", form.Faults{{Field: "client", Code: "control"}}
	}
	at, err := journal.Begin(tx, g.opt.District, now)
	if err != nil {
		return "", err
	}
	if err := tx.Exec(`DELETE FROM api_keys WHERE district = $1 AND client = $2`, g.opt.District, client); err != nil {
		return "", err
	}
	key = rand.Text()
	if err := tx.Exec(`INSERT INTO api_keys (district, hash, client, active, created) VALUES ($1, $2, $3, $4, $5)`,
		g.opt.District, digest(key), client, true, at.UnixMicro()); err != nil {
		return "", err
	}
	return key, g.appendKind(tx, sc, "apikey", client, "issue", sc.roles[0], at, struct{}{}, nil)
}

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
	return g.appendKind(tx, sc, "apikey", client, "disable", sc.roles[0], at, struct{}{}, nil)
}

// ListKeys lists the clients that have, or had, a key.
func (g *Gate) ListKeys(tx *store.Tx, sc Scope) ([]APIKey, error) {
	if err := g.ours(sc); err != nil {
		return nil, err
	}
	if err := sc.need("API keys", readers...); err != nil {
		return nil, err
	}
	return store.All(tx, func(r store.Scanner) (k APIKey, err error) {
		var created int64
		err = r.Scan(&k.Client, &k.Active, &created)
		k.Created = micro(created)
		return k, err
	}, `SELECT client, active, created FROM api_keys WHERE district = $1 ORDER BY client`, g.opt.District)
}

func (g *Gate) administers(sc Scope) error {
	if err := g.ours(sc); err != nil {
		return err
	}
	return sc.need("API keys", Admin, System)
}

// CheckKey finds the principal of an API key; ErrSignIn when there is none. Keys
// come as a field of the request, so the door calls this itself.
func (g *Gate) CheckKey(ctx context.Context, key string) (Principal, error) {
	if key == "" || len(key) > 64 {
		return Principal{}, ErrSignIn
	}
	p := Principal{District: g.opt.District, Kind: Key, Roles: []string{APIClient}}
	err := g.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Row(`SELECT client FROM api_keys WHERE district = $1 AND hash = $2 AND active`, []any{g.opt.District, digest(key)}, &p.Client)
	})
	if errors.Is(err, store.ErrNotFound) {
		return Principal{}, fmt.Errorf("%w: unknown API key", ErrSignIn)
	}
	if err != nil {
		return Principal{}, err
	}
	return p, nil
}
