package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/a-h/templ"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/web"
)

// renderPart writes a piece of a page, for htmx.
func renderPart(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	w.Header().Set("Vary", "HX-Request")
	return web.Render(w, r, status, c)
}

// live keeps an open page up to date. What it sends replaces only what nobody
// types into: rows of the list, counts, the log and the clocks of a case. New
// cases are counted above the list, not pushed into it.
func (d *Desk) live(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.inbox.title")
	since, _ := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	if since > 0 && r.Header.Get("Last-Event-ID") == "" {
		// what happened between making the page and asking for the stream comes first
		r.Header.Set("Last-Event-ID", strconv.FormatInt(since, 10))
	}
	if number := r.URL.Query().Get("case"); number != "" {
		k, err := d.s.Cases.Get(r.Context(), f.sc, number)
		if err != nil {
			return err
		}
		return d.s.Events(w, r, f.whileSignedIn(f.liveCase(k.Number, since)))
	}
	draw, err := f.liveList(since)
	if err != nil {
		return err
	}
	return d.s.Events(w, r, f.whileSignedIn(draw))
}

// recheck is how long a stream may go on after its session has ended.
const recheck = 5 * time.Second

// whileSignedIn ends a stream whose session was ended or has lapsed: a page that
// was left open does not keep somebody signed in, and does not outlive a session
// that was taken away.
func (f *frame) whileSignedIn(draw func([]journal.Act) (string, error)) func([]journal.Act) (string, error) {
	token := f.d.s.Gate.OldToken(f.r)
	checked := f.d.s.Clock()
	return func(acts []journal.Act) (string, error) {
		if now := f.d.s.Clock(); f.who.Kind == access.Cookie && (now.Sub(checked) >= recheck || now.Before(checked)) {
			list, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) ([]access.Session, error) { return f.d.s.Gate.ListSessions(tx, f.sc, f.who.Account) })
			if err != nil {
				return "", err
			}
			if !slices.ContainsFunc(list, func(s access.Session) bool { return s.ID == sessionID(token) }) {
				return "", access.ErrSignIn
			}
			checked = now
		}
		return draw(acts)
	}
}

// sessionID is the id under which a session is listed; it cannot be turned back
// into the token.
func sessionID(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// numbers are the cases a list of acts is about, each once.
func numbers(acts []journal.Act) []string {
	var out []string
	for _, a := range acts {
		if a.Kind == cases.Table.Kind && !slices.Contains(out, a.Subject) {
			out = append(out, a.Subject)
		}
	}
	return out
}

// liveList draws what acts change in a list: rows it shows, and the counts.
func (f *frame) liveList(since int64) (func([]journal.Act) (string, error), error) {
	l := f.listing()
	rows, err := f.d.s.Cases.Queue(f.r.Context(), f.sc, l.Want, f.d.s.Clock(), l.After, pageSize)
	if err != nil {
		return nil, err
	}
	news, err := f.arrived(l, since)
	if err != nil {
		return nil, err
	}
	shown := map[string]bool{}
	for _, k := range rows {
		shown[k.Number] = !news[k.Number]
	}
	for n := range news {
		if _, on := shown[n]; !on {
			delete(news, n) // it has left the list again
		}
	}
	return func(acts []journal.Act) (string, error) {
		list := numbers(acts)
		if len(list) == 0 {
			return "", nil
		}
		f.Now = f.d.s.Clock()
		last := acts[len(acts)-1].Seq
		var b bytes.Buffer
		for _, n := range list {
			k, err := f.d.fresh.get(f.r.Context(), f.sc, n, last)
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			if err != nil {
				return "", err
			}
			if !shown[n] {
				if f.listed(l, k) {
					news[n] = true
				} else {
					delete(news, n)
				}
				continue
			}
			if err := f.loadNames([]*cases.Case{k}); err != nil {
				return "", err
			}
			if err := rowPart(f, f.row(k, l.query())).Render(f.r.Context(), &b); err != nil {
				return "", err
			}
		}
		counts, err := f.d.s.Cases.Tally(f.r.Context(), f.sc, f.Now, last)
		if err != nil {
			return "", err
		}
		err = countsPart(f, f.navs(counts, l), len(news), "/desk"+l.query()).Render(f.r.Context(), &b)
		return b.String(), err
	}, nil
}

// entering are the acts by which a case comes into the queues of the centre, or
// into the hands of a unit.
var (
	entersDesk = []string{"report", "accept_objection", "unmerge", "reply", "hand_back", "request_extension", "request_suspension"}
	entersUnit = []string{"report", "dispatch", "designate", "hand_on", "assign", "unmerge", "return_reply", "call_back", "rate", "redo"}
)

// arrived are the cases that have come into a list since its page was made: they
// are not on it, also when the stream is asked for a second time.
func (f *frame) arrived(l listing, since int64) (map[string]bool, error) {
	out := map[string]bool{}
	if since == 0 || l.After != (cases.Cursor{}) {
		return out, nil
	}
	acts, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) ([]journal.Act, error) {
		return journal.Since(tx, f.d.s.Pack.District, since, 1000)
	})
	if err != nil {
		return nil, err
	}
	enters := entersUnit
	if len(l.Want.Desks) > 0 {
		enters = entersDesk
	}
	for _, a := range acts {
		if a.Kind == cases.Table.Kind && slices.Contains(enters, a.Action) {
			out[a.Subject] = true
		}
	}
	return out, nil
}

// listed reports whether a case belongs to a list now.
func (f *frame) listed(l listing, k *cases.Case) bool {
	return !k.Ended() && l.Want.Has(k, f.Now)
}

// liveCase draws what acts change on the page of one case. The form somebody may
// be filling in is left alone; it still has the version it was made from, so that
// sending it tells what has changed.
func (f *frame) liveCase(number string, since int64) func([]journal.Act) (string, error) {
	return func(acts []journal.Act) (string, error) {
		var last *journal.Act
		for i, a := range acts {
			if (a.Kind == cases.Table.Kind || a.Kind == cases.AlarmKind) && a.Subject == number && a.Seq > since {
				last = &acts[i]
			}
		}
		if last == nil {
			return "", nil
		}
		f.Now = f.d.s.Clock()
		v, err := f.pageOf(number)
		if errors.Is(err, store.ErrNotFound) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		since = max(v.Case.LastSeq, last.Seq)
		var b bytes.Buffer
		err = casePart(f, v, f.did(*last)).Render(f.r.Context(), &b)
		return b.String(), err
	}
}

// fresh keeps the cases that have just changed: everybody who looks on asks for
// the same ones at the same moment.
type fresh struct {
	s  *web.Site
	mu sync.Mutex
	by map[freshKey]freshCase
}

type freshKey struct {
	all          bool
	unit, number string
}

type freshCase struct {
	seq int64 // the act it was read for
	k   *cases.Case
	err error
}

const maxFresh = 4096

func newFresh(s *web.Site) *fresh { return &fresh{s: s, by: map[freshKey]freshCase{}} }

// get reads a case as it is at least after the act seq. Scopes that reach the
// same rows share what was read: all of the district, or one unit.
func (c *fresh) get(ctx context.Context, sc access.Scope, number string, seq int64) (*cases.Case, error) {
	key := freshKey{sc.All(), sc.Unit(), number}
	c.mu.Lock()
	have, ok := c.by[key]
	c.mu.Unlock()
	if ok && have.seq >= seq {
		return have.k, have.err
	}
	k, err := c.s.Cases.Get(ctx, sc, number)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.by) >= maxFresh {
		clear(c.by)
	}
	c.by[key] = freshCase{seq, k, err}
	return k, err
}
