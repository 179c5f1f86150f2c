package desk

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"

	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
)

// signMany signs for the cases that were picked. Each is an act of its own: what
// cannot be signed is said, the others are signed.
func (d *Desk) signMany(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.inbox.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	key, ids := r.PostForm.Get("_key"), slices.Compact(slices.Sorted(slices.Values(r.PostForm["id"])))
	if len(ids) > pageSize {
		ids = ids[:pageSize]
	}
	var failed []string
	for _, id := range ids {
		id = cases.UpperNumber(id)
		_, err := d.s.Cases.Act(r.Context(), f.sc, id, "sign", cases.Input{Raw: form.Raw{}, Key: f.key(key, "case", id, "sign", form.Raw{})})
		switch {
		case err == nil:
		case errors.Is(err, flow.ErrState), errors.Is(err, flow.ErrForbidden), errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrReused):
			failed = append(failed, id)
		default:
			return err
		}
	}
	next := nextOf(r, "/desk")
	if len(ids) == 0 {
		return web.SeeOther(w, r, withQuery(next, "done", "nothing"))
	}
	if len(failed) == 0 {
		return web.SeeOther(w, r, withQuery(next, "done", "sign"))
	}
	f.Faulty = true
	return f.render(w, http.StatusConflict, signedPartly(f, len(ids)-len(failed), failed, next))
}

// newKey makes the idempotency key of a form.
func newKey() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// key is the idempotency key of one action of one form of this account.
func (f *frame) key(value, kind, number, action string, raw form.Raw) store.Key {
	if !isKey(value) {
		return store.Key{}
	}
	return store.Key{Scope: "desk:" + f.who.Account, Value: value + ":" + kind + ":" + number + ":" + action, Request: requestHash(kind, number, action, raw)}
}

func isKey(s string) bool { return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == "" }

func requestHash(kind, number, action string, raw form.Raw) []byte {
	parts := []string{kind, number, action}
	names := make([]string, 0, len(raw))
	for name := range raw {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		parts = append(append(parts, "\x01"+name), raw[name]...)
	}
	return store.RequestHash(parts...)
}
