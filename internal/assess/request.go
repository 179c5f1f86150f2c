package assess

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Request is an exclusion or an appeal.
type Request struct {
	Kind string // exclusion, appeal
	ID   string
	Doc  int64 // number of its first act: order of lists
	flow.Position
	Version, LastSeq int64
	Created, Changed int64  // µs
	Number           string // of the case or whistle
	Month, Unit      string // whose figures of which month it is about
	Ground           string // rule of the pack, or ground of the appeal
	Asker            string // account
	Adviser          string // account of who gave the opinion
	Opinion          string // grant, refuse; "" not yet
}

// requestChange is the body of a request's act.
type requestChange struct {
	State   string            `json:"state"`
	Set     map[string]string `json:"set,omitempty"`
	Answers form.Answers      `json:"answers,omitempty"`
}

// table is the flow table of the request's kind.
func requestTable(kind string) (*flow.Table, error) {
	for _, t := range []*flow.Table{&Exclusions, &Appeals} {
		if t.Kind == kind {
			return t, nil
		}
	}
	return nil, fmt.Errorf("%w: no requests of kind %q", flow.ErrUnknown, kind)
}

func (q *Request) fold(a *journal.Act, ch *requestChange) error {
	if q.Version == 0 {
		q.Kind, q.ID, q.Doc, q.Created = a.Kind, a.Subject, a.Seq, a.At
	}
	for name, v := range ch.Set {
		p := map[string]*string{"number": &q.Number, "month": &q.Month, "unit": &q.Unit, "ground": &q.Ground, "asker": &q.Asker, "adviser": &q.Adviser, "opinion": &q.Opinion}[name]
		if p == nil {
			return fmt.Errorf("assess: act %d sets unknown field %q", a.Seq, name)
		}
		*p = v
	}
	q.State = ch.State
	q.Version++
	q.LastSeq, q.Changed = a.Seq, a.At
	return nil
}

// effectOf is what an act on a request does to rows: on when it begins to hold,
// ok false when nothing changes. Its own words are in the act, so that they hold
// without the request's row.
func effectOf(a *journal.Act) (e effect, on, ok bool, err error) {
	if a.Action != "grant" && a.Action != "revoke" {
		return e, false, false, nil
	}
	var ch requestChange
	if err := a.Into(&ch); err != nil {
		return e, false, false, err
	}
	e = effect{number: ch.Set["number"], month: ch.Set["month"], unit: ch.Set["unit"], request: a.Subject}
	if a.Kind == Exclusions.Kind {
		e.excluded = ch.Set["ground"]
	} else {
		_, e.relief, _ = groundOf(ch.Set["ground"])
	}
	return e, a.Action == "grant", true, nil
}

// actor is who asks, as the tables see them.
func (a *Assess) actor(sc access.Scope, q *Request) flow.Actor {
	who := flow.Actor{Roles: sc.Roles()}
	if q == nil {
		return who
	}
	if a.owns(sc, q.Unit) {
		who.Relations = append(who.Relations, own)
	}
	if sc.Account() != q.Asker {
		who.Relations = append(who.Relations, fresh)
		if sc.Account() != q.Adviser {
			who.Relations = append(who.Relations, other)
		}
	}
	return who
}

// owns reports whether the scope works for a unit.
func (a *Assess) owns(sc access.Scope, unit string) bool {
	return sc.Unit() != "" && a.pack.Directory.Under(unit, sc.Unit())
}

func (a *Assess) visible(sc access.Scope, q *Request) bool {
	return sc.District() == a.pack.District && (sc.All() || a.owns(sc, q.Unit))
}

// May reports whether the scope could do an action that makes a record.
func (a *Assess) May(sc access.Scope, t *flow.Table, action string) bool {
	x, err := t.Action(action)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(x.Who, func(g flow.Grant) bool {
		return sc.Can(g.Role) && (g.Relation != own || sc.Unit() != "")
	})
}

func refuse(code string) error { return &cases.RefusedError{Code: code} }

func (a *Assess) now(in cases.Input) time.Time {
	if !in.At.IsZero() {
		return in.At
	}
	return a.clock()
}

// Ask makes an exclusion or an appeal: action is ask, or propose for the centre.
func (a *Assess) Ask(ctx context.Context, sc access.Scope, kind, action string, in cases.Input) (*Request, error) {
	t, err := requestTable(kind)
	if err != nil {
		return nil, err
	}
	act, err := t.Action(action)
	if err != nil {
		return nil, err
	}
	if act.From != nil {
		return nil, fmt.Errorf("%w: %s makes no %s", flow.ErrUnknown, action, kind)
	}
	if !a.May(sc, t, action) {
		return nil, flow.ErrForbidden
	}
	answers, err := act.Form.Check(in.Raw)
	if err != nil {
		return nil, err
	}
	var q *Request
	for range 4 {
		id := a.newID(kind, a.now(in))
		err = a.db.Write(ctx, func(tx *store.Tx) error {
			q, err = a.ask(tx, sc, t, act, id, answers, in)
			return err
		})
		if !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	return q, err
}

// newID is a number such as JYT20221205-K7Q2M, T for 剔除, A for an appeal.
func (a *Assess) newID(kind string, now time.Time) string {
	letter := "T"
	if kind == Appeals.Kind {
		letter = "A"
	}
	return a.pack.Prefix + letter + now.In(worktime.Zone).Format("20060102") + "-" + rand.Text()[:5]
}

func (a *Assess) ask(tx *store.Tx, sc access.Scope, t *flow.Table, act *flow.Action, id string, answers form.Answers, in cases.Input) (*Request, error) {
	at, err := journal.Begin(tx, a.pack.District, a.now(in))
	if err != nil {
		return nil, err
	}
	if earlier, done, err := store.Once(tx, a.pack.District, in.Key, id, a.now(in)); err != nil {
		return nil, err
	} else if done {
		return a.loadRequest(tx, t.Kind, earlier)
	}
	if err := a.settle(tx); err != nil {
		return nil, err
	}
	r, ground, err := a.target(tx, sc, t.Kind, answers, at)
	if err != nil {
		return nil, err
	}
	set := map[string]string{"number": r.number, "month": r.month, "unit": r.unit, "ground": ground, "asker": sc.Account()}
	q := &Request{Unit: r.unit}
	capacity := act.Capacity(a.actor(sc, q))
	if capacity == "" {
		return nil, flow.ErrForbidden
	}
	if err := a.recordRequest(tx, sc, t.Kind, id, q, act.Name, capacity, &requestChange{State: act.To, Set: set}, map[string]string{"evidence": answers.Str("evidence")}, at); err != nil {
		return nil, err
	}
	return q, a.insertRequest(tx, q)
}

// target is the row a request is about, which must stand in a month that can still
// be changed, and the ground it names.
func (a *Assess) target(tx *store.Tx, sc access.Scope, kind string, answers form.Answers, at time.Time) (row, string, error) {
	number := strings.ToUpper(strings.TrimSpace(answers.Str("record")))
	found, err := store.All(tx, scanRow, `SELECT `+rowColumns+` FROM score_rows WHERE district = $1 AND number = $2 AND until = $3 ORDER BY month DESC, seq DESC LIMIT 50`,
		a.pack.District, number, int64(standing))
	if err != nil {
		return row{}, "", err
	}
	found = slices.DeleteFunc(found, func(r row) bool { return !sc.All() && !a.owns(sc, r.unit) })
	if len(found) == 0 {
		return row{}, "", form.Faults{{Field: "record", Code: "counts"}}
	}
	if kind == Exclusions.Kind {
		return a.excludable(tx, found, answers.Str("rule"), at)
	}
	return a.appealable(tx, found, answers.Str("ground"), at)
}

func (a *Assess) excludable(tx *store.Tx, found []row, rule string, at time.Time) (row, string, error) {
	if _, ok := a.pack.Scores.Rule(rule); !ok {
		return row{}, "", form.Faults{{Field: "rule", Code: "choice"}}
	}
	i := slices.IndexFunc(found, func(r row) bool { return r.kind == ofCase })
	if i < 0 {
		return row{}, "", form.Faults{{Field: "record", Code: "counts"}}
	}
	r := found[i]
	end, err := a.window(tx, time.UnixMicro(r.at), a.pack.Scores.Exclusion.AskWithin)
	if err != nil {
		return row{}, "", err
	}
	if at.After(end) {
		return row{}, "", refuse("exclusion_window")
	}
	if r.excluded != "" {
		return row{}, "", refuse("excluded_already")
	}
	return r, rule, a.free(tx, Exclusions.Kind, r, "")
}

func (a *Assess) appealable(tx *store.Tx, found []row, name string, at time.Time) (row, string, error) {
	g, _, _ := groundOf(name)
	var last error = refuse("appeal_nothing")
	for _, r := range found {
		if !g.touches(r) {
			continue
		}
		m, err := a.loadMonth(tx, r.month)
		switch {
		case errors.Is(err, store.ErrNotFound):
			last = refuse("appeal_not_open")
			continue
		case err != nil:
			return row{}, "", err
		case m.State != Previewed || at.UnixMicro() > m.Until:
			last = refuse("appeal_window")
			continue
		}
		return r, name, a.free(tx, Appeals.Kind, r, name)
	}
	return row{}, "", last
}

// free refuses a second request for the same while one is open or was granted,
// and any for a frozen month.
func (a *Assess) free(tx *store.Tx, kind string, r row, ground string) error {
	m, err := a.loadMonth(tx, r.month)
	if err == nil && m.State == Frozen {
		return refuse("month_frozen")
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	var n int64
	if err := tx.Row(`SELECT count(*) FROM score_requests WHERE district = $1 AND number = $2 AND month = $3 AND kind = $4 AND unit = $5 AND state IN ('asked', 'signed', 'advised', 'granted') AND ($6 = '' OR ground = $6)`,
		[]any{a.pack.District, r.number, r.month, kind, r.unit, ground}, &n); err != nil {
		return err
	}
	if n > 0 {
		return refuse("request_open")
	}
	return nil
}

// Act does an action of the table to an exclusion or an appeal.
func (a *Assess) Act(ctx context.Context, sc access.Scope, kind, id, action string, in cases.Input) (*Request, error) {
	t, err := requestTable(kind)
	if err != nil {
		return nil, err
	}
	act, err := t.Action(action)
	if err != nil {
		return nil, err
	}
	if act.From == nil {
		return nil, fmt.Errorf("%w: %s makes one", flow.ErrUnknown, action)
	}
	answers, faults := act.Form.Check(in.Raw)
	var after *Request
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		at, err := journal.Begin(tx, a.pack.District, a.now(in))
		if err != nil {
			return err
		}
		q, err := a.loadRequest(tx, kind, id)
		if err != nil {
			return err
		}
		if !a.visible(sc, q) {
			return store.ErrNotFound
		}
		if _, done, err := store.Once(tx, a.pack.District, in.Key, q.ID, a.now(in)); err != nil || done {
			after = q
			return err
		}
		who := a.actor(sc, q)
		if _, err := t.Permit(action, q.Position, who); err != nil {
			return err
		}
		if in.Version != 0 && in.Version != q.Version {
			return access.ErrStale
		}
		if faults != nil {
			return faults
		}
		after, err = a.act(tx, sc, q, act, act.Capacity(who), answers, at)
		return err
	})
	return after, err
}

func (a *Assess) act(tx *store.Tx, sc access.Scope, q *Request, act *flow.Action, capacity string, answers form.Answers, at time.Time) (*Request, error) {
	ch := &requestChange{State: act.To, Set: map[string]string{}}
	texts := map[string]string{"reason": answers.Str("reason"), "note": answers.Str("note")}
	switch act.Name {
	case "advise":
		ch.Set["adviser"], ch.Set["opinion"] = sc.Account(), answers.Str("opinion")
		ch.Answers = form.Answers{"opinion": answers.Str("opinion")}
	case "grant", "revoke":
		m, err := a.loadMonth(tx, q.Month)
		if err == nil && m.State == Frozen {
			return nil, refuse("month_frozen")
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		// Spelled out: whoever rebuilds the figures reads this act alone.
		maps.Copy(ch.Set, map[string]string{"number": q.Number, "month": q.Month, "unit": q.Unit, "ground": q.Ground})
	}
	after := *q
	if err := a.recordRequest(tx, sc, q.Kind, q.ID, &after, act.Name, capacity, ch, texts, at); err != nil {
		return nil, err
	}
	return &after, a.updateRequest(tx, q, &after)
}

func (a *Assess) recordRequest(tx *store.Tx, sc access.Scope, kind, id string, q *Request, action, capacity string, ch *requestChange, texts map[string]string, at time.Time) error {
	if len(ch.Set) == 0 {
		ch.Set = nil
	}
	body, err := json.Marshal(ch)
	if err != nil {
		return fmt.Errorf("assess: %w", err)
	}
	maps.DeleteFunc(texts, func(_, v string) bool { return v == "" })
	act := &journal.Act{District: a.pack.District, At: at.UnixMicro(), Kind: kind, Subject: id, Action: action, Actor: sc.Actor(capacity), Pack: a.pack.Version, Body: body, Texts: texts}
	if err := journal.Append(tx, act); err != nil {
		return err
	}
	return q.fold(act, ch)
}

// mostBehind is how many acts a decision waits for, inside its own write, when the
// figures are behind.
const mostBehind = 20_000

// settle lets the rows and sums catch up with the journal inside this write.
func (a *Assess) settle(tx *store.Tx) error {
	settled, err := a.Follower().Settle(tx, a.pack.District, mostBehind)
	if err == nil && !settled {
		err = refuse("figures_behind")
	}
	return err
}

// window is the end of a limit that began at a moment, on the district's calendar.
func (a *Assess) window(tx *store.Tx, from time.Time, l worktime.Limit) (time.Time, error) {
	set, err := a.cases.Calendars(tx)
	if err != nil {
		return time.Time{}, err
	}
	due := set.Main().Add(from, l)
	if due.None() {
		return time.Time{}, fmt.Errorf("assess: the limit %s has no end", l)
	}
	return due.At, nil
}
