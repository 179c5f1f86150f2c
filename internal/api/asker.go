package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/store"
)

// asker is who asks for something, and how far that reaches.
type asker struct {
	access.Scope
	who      string // whose idempotency keys these are
	resident bool   // holds the secret of the case and is told what residents are told
}

// asker finds out who asks for a case: a resident with its secret, or staff. The
// tries of a secret are counted for the case and for the address.
func (d *door) asker(ctx context.Context, number, secret string) (asker, error) {
	p := access.From(ctx)
	if secret == "" {
		switch {
		case !p.SignedIn():
			return asker{}, access.ErrSignIn
		case p.MustChange:
			return asker{}, access.ErrMustChange
		}
		return asker{Scope: access.ScopeOf(p), who: "api:" + p.Account}, nil
	}
	client := access.Client(ctx)
	if err := d.Gate.Allow("track.client", client); err != nil {
		return asker{}, err
	}
	if len(number) > 32 || len(secret) > 32 {
		return asker{}, store.ErrNotFound
	}
	var sc access.Scope
	right, err := d.Gate.Guard(ctx, []access.Try{{Limit: "secret.case", Key: number}, {Limit: "secret.client", Key: client}},
		func(*store.Tx) (ok bool, err error) {
			sc, ok = d.Cases.ReporterScope(number, secret)
			return ok, nil
		})
	if err != nil {
		return asker{}, err
	}
	if !right {
		return asker{}, store.ErrNotFound
	}
	return asker{Scope: sc, who: "api:case:" + number, resident: true}, nil
}

// maxKey is the longest idempotency key.
const maxKey = 200

// key makes the idempotency key of a request: the same caller, path and content.
func key(who, value, path string, content any) (store.Key, error) {
	if value == "" {
		return store.Key{}, nil
	}
	if len(value) > maxKey || strings.ContainsFunc(value, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
		return store.Key{}, refuse(http.StatusBadRequest, "key", maxKey)
	}
	b, err := json.Marshal(content) // names of an object come out sorted
	if err != nil {
		return store.Key{}, fmt.Errorf("api: %w", err)
	}
	return store.Key{Scope: who, Value: value, Request: store.RequestHash(path, string(b))}, nil
}

// version reads If-Match: one tag as an ETag had it; 0 when there is none, and for
// *, which holds for whatever is there.
func version(ifMatch string) (int64, error) {
	s := strings.TrimSpace(ifMatch)
	if s == "" || s == "*" {
		return 0, nil
	}
	s = strings.TrimPrefix(s, "W/")
	if len(s) < 3 || s[0] != '"' || s[len(s)-1] != '"' {
		return 0, refuse(http.StatusBadRequest, "if_match")
	}
	n, err := strconv.ParseInt(s[1:len(s)-1], 10, 64)
	if err != nil || n <= 0 {
		return -1, nil // a tag of something else: it never matches
	}
	return n, nil
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }
