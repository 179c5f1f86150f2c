package open311

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

// find returns a published case; everything else is store.ErrNotFound.
func (d *door) find(ctx context.Context, number string) (*cases.Case, error) {
	k, err := d.Cases.Get(ctx, access.SystemScope(d.Pack.District, "open311: one request, shown only if it is published"), number)
	if err != nil {
		return nil, err
	}
	if !k.Published() {
		return nil, store.ErrNotFound
	}
	return k, nil
}

func (d *door) one(w http.ResponseWriter, r *http.Request, f format) error {
	if err := d.jurisdiction(r.URL.Query().Get("jurisdiction_id")); err != nil {
		return err
	}
	k, err := d.find(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	list := []request{d.request(web.Lang(r), k)}
	return write(w, f, http.StatusOK, requestsDocument{Requests: list}, list)
}

// token resolves the number of a request: it is its own token.
func (d *door) token(w http.ResponseWriter, r *http.Request, f format) error {
	k, err := d.find(r.Context(), r.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) {
		return faults{bad(http.StatusNotFound, "token")}
	}
	if err != nil {
		return err
	}
	list := []token{{ID: k.Number, Token: k.Number}}
	return write(w, f, http.StatusOK, tokensDocument{Requests: list}, list)
}

func (d *door) list(w http.ResponseWriter, r *http.Request, f format) error {
	q, err := d.parseQuery(r.URL, d.Clock())
	if err != nil {
		return err
	}
	var rows []*cases.Case
	if q.ids != nil {
		rows, err = d.byID(r.Context(), q.ids)
	} else {
		rows, err = d.page(r.Context(), q)
	}
	if err != nil {
		return err
	}
	lang, list := web.Lang(r), make([]request, 0, len(rows))
	for _, k := range rows {
		list = append(list, d.request(lang, k))
	}
	return write(w, f, http.StatusOK, requestsDocument{Requests: list}, list)
}

// byID returns those of the requests that are published, in the order asked for.
func (d *door) byID(ctx context.Context, ids []string) ([]*cases.Case, error) {
	var rows []*cases.Case
	for _, id := range ids {
		k, err := d.find(ctx, id)
		if errors.Is(err, store.ErrNotFound) || slices.ContainsFunc(rows, func(x *cases.Case) bool { return x.Number == k.Number }) {
			continue
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, k)
	}
	return rows, nil
}

// page reads one page of the published cases, the newest first. It begins where an
// earlier page of the listing ended, if that is known; otherwise what lies before
// is skipped in the index.
func (d *door) page(ctx context.Context, q query) ([]*cases.Case, error) {
	now := d.Clock()
	if q.page > 1 {
		at, after := d.marks.before(q.name, q.page, now)
		q.filter.After, q.filter.Skip = after, (q.page-at)*q.size
		// Each code is a list of its own, all of which are merged.
		if q.filter.Skip > maxSkip/max(1, len(q.filter.Matters)) {
			return nil, faults{bad(http.StatusBadRequest, "deep")}
		}
	}
	q.filter.Limit = q.size
	rows, err := d.Cases.Public(ctx, q.filter)
	if err != nil {
		return nil, err
	}
	if q.page > 0 && len(rows) == q.size {
		d.marks.set(q.name, q.page+1, rows[len(rows)-1].Doc, now)
	}
	return rows, nil
}

// marks remember for a short while where the pages of a listing begin. A page that
// is not remembered is found by skipping; so nothing depends on them but speed. New
// cases do not move the pages of somebody who reads on.
type marks struct {
	mu sync.Mutex
	at map[markKey]mark
}

type markKey struct {
	list [32]byte
	page int
}

type mark struct {
	after int64
	made  time.Time
}

const (
	markLife = 2 * time.Minute
	maxMarks = 4096
)

// before returns the nearest page at or before the one asked for whose beginning
// is known, and after which row it begins; page 1 begins at the newest.
func (m *marks) before(list [32]byte, page int, now time.Time) (int, int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for p := page; p > max(1, page-1000); p-- {
		if k, ok := m.at[markKey{list, p}]; ok && now.Sub(k.made) < markLife {
			return p, k.after
		}
	}
	return 1, 0
}

func (m *marks) set(list [32]byte, page int, after int64, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at == nil || len(m.at) >= maxMarks {
		m.at = map[markKey]mark{}
	}
	m.at[markKey{list, page}] = mark{after, now}
}

// request writes a case as everybody may read it.
func (d *door) request(lang words.Lang, k *cases.Case) request {
	out := request{ID: k.Number, Status: status(k), StatusNotes: optional(notes(lang, k)), ServiceCode: optional(k.Matter), ServiceName: optional(d.MatterName(lang, k.Matter)),
		Description: k.Body, Agency: optional(d.agency(lang, k)), Requested: moment(k.Created), Updated: moment(k.Changed)}
	if c, ok := k.Clocks[cases.ClockReply]; ok && c.Running() && c.Due > 0 {
		out.Expected = optional(moment(c.Due))
	}
	address, _ := text.Redact(k.Place.Text)
	out.Address = optional(address)
	for _, id := range []string{k.Place.Grid, k.Place.Community, k.Place.Street} {
		if out.AddressID == "" {
			out.AddressID = optional(id)
		}
	}
	if k.Place.Located {
		out.Lat, out.Long = degrees(k.Place.Lat), degrees(k.Place.Lon)
	}
	return out
}

func status(k *cases.Case) string {
	if k.Ended() {
		return "closed"
	}
	return "open"
}

// notes say in plain words where a case stands.
func notes(lang words.Lang, k *cases.Case) string {
	switch {
	case k.Ended():
	case k.Has(cases.Suspended):
		return words.T(lang, "open311.note.suspended")
	case k.Has(cases.Whistled):
		return words.T(lang, "open311.note.whistled")
	}
	return words.T(lang, "open311.note."+k.State)
}

// agency is the unit that handles the case; before one was named, the centre.
func (d *door) agency(lang words.Lang, k *cases.Case) string {
	id := k.Unit
	if id == "" {
		id = d.Cases.District().Centre
	}
	u, ok := d.Pack.Directory.Unit(id)
	if !ok {
		return ""
	}
	return pick(lang, u.Name, u.English)
}
