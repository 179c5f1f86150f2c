package rounds

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/text"
)

// Find takes in a finding. When it returns nil, the finding, its photos and, unless it was settled on the spot, its case
// are on disk together. Faults of the words are form.Faults on words, fix, place, point, matter or turn.
func (r *Rounds) Find(ctx context.Context, sc access.Scope, f Finding) (Found, error) {
	act, err := Table.Action("find")
	if err != nil {
		return Found{}, err
	}
	if !act.Grants(flow.Actor{Roles: sc.Roles()}) {
		return Found{}, flow.ErrForbidden
	}
	rec, err := r.ready(sc, f)
	if err != nil {
		return Found{}, err
	}
	var take TakeIn
	if !f.Settled {
		if take, err = r.report(sc, rec, f.Words, f.Attach); err != nil {
			return Found{}, err
		}
	}
	var out Found
	for range 4 {
		id := newID(r.now(f.At))
		err = r.db.Write(ctx, func(tx *store.Tx) (err error) {
			out, err = r.find(tx, sc, act, f, rec, id, take)
			return err
		})
		// Two numbers alike: draw again.
		if !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	return out, err
}

// FindIn takes in a finding in the transaction of a simulation, with its case; take is nil for one that was settled. The
// finding carries no key and no photos.
func (r *Rounds) FindIn(tx *store.Tx, sc access.Scope, f Finding, take TakeIn) (Found, error) {
	act, err := Table.Action("find")
	if err != nil {
		return Found{}, err
	}
	if !act.Grants(flow.Actor{Roles: sc.Roles()}) {
		return Found{}, flow.ErrForbidden
	}
	rec, err := r.ready(sc, f)
	if err != nil {
		return Found{}, err
	}
	return r.find(tx, sc, act, f, rec, newID(r.now(f.At)), take)
}

// find is Find inside its transaction.
func (r *Rounds) find(tx *store.Tx, sc access.Scope, act *flow.Action, f Finding, ready Record, id string, take TakeIn) (Found, error) {
	earlier, done, err := store.Once(tx, r.o.District, f.Key, id, r.now(f.At))
	if err != nil {
		return Found{}, err
	}
	if done {
		old, err := r.load(tx, earlier)
		if err != nil {
			return Found{}, err
		}
		return Found{ID: old.ID, Case: old.Case, Again: true}, nil
	}
	at, err := journal.Begin(tx, r.o.District, r.now(f.At))
	if err != nil {
		return Found{}, err
	}
	c := ready.change()
	if c.Turn != "" {
		if c.Routine, err = r.routineOf(tx, sc, c.Turn); err != nil {
			return Found{}, err
		}
	}
	if take != nil {
		if c.Case, err = take(tx, sc, at); err != nil {
			return Found{}, err
		}
	}
	texts := map[string]string{"words": ready.Words}
	for name, t := range map[string]string{"place": ready.Place.Text, "fix": ready.Fix} {
		if t != "" {
			texts[name] = t
		}
	}
	if at, err = journal.Begin(tx, r.o.District, r.now(f.At)); err != nil { // the case's act may lie before
		return Found{}, err
	}
	rec := &Record{}
	if err := r.record(tx, sc, rec, id, act, flow.Actor{Roles: sc.Roles()}, c, texts, at); err != nil {
		return Found{}, err
	}
	if take == nil {
		if err := attach(tx, f.Attach, KindFinding, id, at); err != nil {
			return Found{}, err
		}
		if err := attach(tx, f.AttachFix, KindFix, id, at); err != nil {
			return Found{}, err
		}
	}
	return Found{ID: id, Case: rec.Case}, nil
}

func attach(tx *store.Tx, fn func(*store.Tx, string, string, time.Time) error, kind, subject string, at time.Time) error {
	if fn == nil {
		return nil
	}
	return fn(tx, kind, subject, at)
}

// now is the moment of something that says when it was, or the present.
func (r *Rounds) now(at time.Time) time.Time {
	if at.IsZero() {
		return r.o.Clock()
	}
	return at
}

// ready cleans and places a finding without the database.
func (r *Rounds) ready(sc access.Scope, f Finding) (Record, error) {
	now := r.now(f.At)
	out := Record{State: Sent, Matter: f.Matter, Turn: f.Turn, Account: sc.Account(), Unit: unitOf(sc), Photos: f.Photos, Seen: f.Seen.UnixMicro(), MadeUp: f.MadeUp}
	if f.Seen.IsZero() || f.Seen.After(now) {
		out.Seen = now.UnixMicro()
	}
	var faults form.Faults
	var bad []form.Fault
	if out.Words, bad = tidy("words", f.Words, MaxWords, true); bad != nil {
		faults = append(faults, bad...)
	}
	if f.Settled {
		out.State, out.FixPhotos = Settled, f.FixPhotos
		if out.Fix, bad = tidy("fix", f.Fix, MaxFix, true); bad != nil {
			faults = append(faults, bad...)
		}
	}
	if f.Matter != "" && r.o.Matter != nil && !r.o.Matter(f.Matter) {
		faults = append(faults, form.Fault{Field: "matter", Code: "choice"})
	}
	place, bad := r.locate(f.Place)
	if faults = append(faults, bad...); len(faults) > 0 {
		return Record{}, faults
	}
	out.Place = place
	if r.o.Board != nil && sc.Account() != "" {
		if t := r.o.Board().TermOf(sc.Account(), now.UnixMicro()); t != nil {
			out.Post = t.Post
		}
	}
	return out, nil
}

// unitOf is the unit somebody belongs to, that of the centre too.
func unitOf(sc access.Scope) string {
	if u := sc.Unit(); u != "" {
		return u
	}
	return sc.Actor("").Unit
}

// tidy cleans words and masks what names a person: a finding is about a thing.
func tidy(field, s string, most int, required bool) (string, []form.Fault) {
	if s == "" && !required {
		return "", nil
	}
	t, err := text.Clean(s, most)
	if err != nil {
		code := "control"
		switch {
		case errors.Is(err, text.ErrEmpty):
			code = "required"
		case errors.Is(err, text.ErrTooLong):
			code = "long"
		}
		return "", []form.Fault{{Field: field, Code: code}}
	}
	t, _ = text.Redact(t)
	return t, nil
}

// locate converts a point and fills in what it implies. A place outside of the district is kept as words.
func (r *Rounds) locate(p Place) (Place, []form.Fault) {
	words, bad := tidy("place", p.Text, MaxPlace, false)
	if bad != nil {
		return p, bad
	}
	p.Text = words
	sys, err := geo.ParseSystem(p.CRS)
	if err != nil {
		return p, []form.Fault{{Field: "point", Code: "choice"}}
	}
	p.CRS = ""
	if p.Located {
		if !(math.Abs(p.Lon) <= 180 && math.Abs(p.Lat) <= 90) {
			return p, []form.Fault{{Field: "point", Code: "point"}}
		}
		at := geo.ToCGCS2000(geo.Point{Lon: p.Lon, Lat: p.Lat}, sys)
		p.Lon, p.Lat = at.Lon, at.Lat
		if r.o.Locate != nil {
			if in, ok := r.o.Locate(p.Lon, p.Lat); ok {
				p.Street, p.Community, p.Grid = in.Street.ID, in.Community.ID, in.Grid.ID
				return p, nil
			}
		}
	} else {
		p.Lon, p.Lat = 0, 0
	}
	for _, id := range []string{p.Grid, p.Community, p.Street} {
		if id == "" {
			continue
		}
		in, ok := r.o.Directory.OfPlace(id)
		if !ok {
			return p, []form.Fault{{Field: "place", Code: "choice"}}
		}
		p.Street, p.Community = in.Street.ID, in.Community.ID
		if in.Grid.ID != "" {
			p.Grid = in.Grid.ID
		}
		break
	}
	return p, nil
}

// report makes the case of a finding ready. It gets the words as they were said: what a case masks it seals.
func (r *Rounds) report(sc access.Scope, rec Record, said string, files func(*store.Tx, string, string, time.Time) error) (TakeIn, error) {
	of := ReportOf{Matter: rec.Matter, Words: said, Place: rec.Place, Unit: rec.Unit, Grid: sc.Can(access.Grid), Photos: rec.Photos}
	if files != nil {
		of.Attach = func(tx *store.Tx, number string, at time.Time) error { return files(tx, "case", number, at) }
	}
	return r.o.Report(of)
}

// record appends an act that leaves the finding as c says.
func (r *Rounds) record(tx *store.Tx, sc access.Scope, rec *Record, id string, act *flow.Action, who flow.Actor, c Change, texts map[string]string, at time.Time) error {
	body, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("rounds: %w", err)
	}
	a := &journal.Act{District: r.o.District, At: at.UnixMicro(), Kind: Table.Kind, Subject: id, Action: act.Name, Actor: sc.Actor(act.Capacity(who)),
		Pack: r.o.Pack, Body: body, Texts: texts}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	was := rec.Case
	if err := rec.fold(a); err != nil {
		return err
	}
	if rec.Case != was {
		if err := r.tie(tx, rec.Case, rec.ID); err != nil {
			return err
		}
	}
	if act.From == nil {
		return r.insert(tx, rec)
	}
	return r.update(tx, rec)
}

// crockford has no letters that are read or heard as others.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newID is the number of a finding, such as F20221123-7K3Q9W: it tells nobody how many there are.
func newID(now time.Time) string {
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = crockford[b[i]&31]
	}
	return "F" + now.In(zone).Format("20060102") + "-" + string(b)
}

var zone = time.FixedZone("Asia/Shanghai", 8*3600)

// routineOf is the routine of a turn; a fault if the scope reaches no such turn.
func (r *Rounds) routineOf(tx *store.Tx, sc access.Scope, id string) (string, error) {
	t, err := r.loadTurn(tx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !r.seesTurn(sc, t) {
		return "", form.Faults{{Field: "turn", Code: "choice"}}
	}
	if err != nil {
		return "", err
	}
	return t.Routine, nil
}
