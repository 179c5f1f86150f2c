package cases

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/catalogue"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/vault"
)

// Limits of what a report may hold, in characters.
const (
	MaxTitle = 60
	MaxBody  = 6000 // letters are long; doors may allow less
	MaxPlace = 200
)

// Report is a new request as a channel hands it over.
type Report struct {
	Channel string // hotline portal grid open311 import …
	Kind    string // catalogue.Type; "" = the matter's own, or consult
	Title   string // "" = made from the words
	Body    string
	Matter  string // key of a matter; "" = suggested from the words
	Place   Place
	Person  vault.Person // zero = anonymous
	Public  *bool        // nil = as the matter says; a reporter can only make it less public
	Source  string       // with Ref: where it comes from, imported once
	Ref     string
	Answers map[string][]string                                   // answers to the matter's questions
	Asset   string                                                // 17-digit id of the city asset it is about; "" = none known
	Photos  int                                                   // how many Attach will add
	Attach  func(tx *store.Tx, number string, at time.Time) error // runs in the same transaction
	Units   map[string]string                                     // relations from the start: the reporting grid worker's community
	At      time.Time                                             // only for imports and simulation: when it was said; zero = now
	Key     store.Key
}

// Receipt is what the reporter gets.
type Receipt struct {
	Number string
	Secret string // with the number it opens the follow-up page
	Again  bool   // the same request had been made before under this key
}

// reportAction is the row of the table that makes cases.
var reportAction, _ = Table.Action("report")

// ErrKnown means that an imported record is here already.
var ErrKnown = errors.New("cases: this record was taken in before")

// FieldError is a fault in one field of a report; Err says what is wrong.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return "cases: " + e.Field + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error { return e.Err }

// draft is a report made ready outside of the transaction: cleaned, redacted,
// placed, classified and sealed.
type draft struct {
	k      *Case
	tokens string // search tokens, as this engine wants them
	person *vault.Sealed
}

// Prepared is a report ready to be taken in: everything is done that needs no
// transaction. It is used once.
type Prepared struct {
	r Report
	d draft
}

// Prepare makes a report ready. It touches no row, so many may run at once.
func (c *Cases) Prepare(r Report) (*Prepared, error) {
	d, err := c.prepare(r)
	if err != nil {
		return nil, err
	}
	return &Prepared{r, d}, nil
}

// said is the moment of a report.
func (c *Cases) said(r Report) time.Time {
	if !r.At.IsZero() {
		return r.At
	}
	return c.clock()
}

// Report takes in a request. When it returns nil, case, act, person, clocks and
// search entry are on disk.
func (c *Cases) Report(ctx context.Context, sc access.Scope, r Report) (Receipt, error) {
	if !reportAction.Grants(c.actor(sc, nil)) {
		return Receipt{}, flow.ErrForbidden
	}
	p, err := c.Prepare(r)
	if err != nil {
		return Receipt{}, err
	}
	now := c.said(r)
	var out Receipt
	for range 4 {
		number := c.newNumber(now)
		err = c.db.Write(ctx, func(tx *store.Tx) error {
			out = Receipt{Number: number}
			return c.take(tx, sc, p, now, &out)
		})
		// Two numbers alike on one day: draw again.
		if !errors.Is(err, store.ErrConflict) {
			break
		}
	}
	if err != nil {
		return Receipt{}, err
	}
	out.Secret = c.Secret(out.Number)
	return out, nil
}

func (c *Cases) take(tx *store.Tx, sc access.Scope, p *Prepared, now time.Time, out *Receipt) error {
	r, d := &p.r, &p.d
	earlier, done, err := store.Once(tx, c.d.Code, r.Key, out.Number, now)
	if err != nil {
		return err
	}
	if done {
		out.Number, out.Again = earlier, true
		return nil
	}
	at, err := journal.Begin(tx, c.d.Code, now)
	if err != nil {
		return err
	}
	if r.Source != "" {
		n, err := tx.Count(`INSERT INTO case_external (district, source, ref, number) VALUES ($1, $2, $3, $4) ON CONFLICT (district, source, ref) DO NOTHING`,
			c.d.Code, r.Source, r.Ref, out.Number)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrKnown
		}
	}
	if d.person != nil {
		if err := vault.Put(tx, d.person, at); err != nil {
			return err
		}
	}
	if err := c.asset(tx, r.Asset); err != nil {
		return err
	}
	k := *d.k
	k.Number = out.Number
	ch := Change{State: Pending, Desk: "dispatch", Units: r.Units, Place: &d.k.Place, Public: new(d.k.Public), Photos: r.Photos, Set: map[string]string{
		"channel": d.k.Channel, "kind": d.k.Kind, "matter": d.k.Matter, "profile": d.k.Profile, "person": d.k.Person, "digest": d.k.Digest,
		"rule": d.k.Rule, "why": d.k.Why}}
	if r.Asset != "" {
		ch.Set["asset"] = r.Asset
	}
	if len(r.Answers) > 0 {
		ch.Answers = map[string]any{"attributes": r.Answers}
	}
	if err := c.record(tx, sc, &k, "report", reportAction.Capacity(c.actor(sc, nil)), &ch, nil, at); err != nil {
		return err
	}
	k.Doc = newDoc(k.Created, k.LastSeq)
	if err := c.insert(tx, &k); err != nil {
		return err
	}
	if r.Attach != nil {
		if err := r.Attach(tx, k.Number, at); err != nil {
			return err
		}
	}
	return c.indexWords(tx, k.Doc, d.tokens)
}

// record appends the act of a change and folds it into the case. capacity is the
// role it was done in; "" for what follows from an act of the same person.
func (c *Cases) record(tx *store.Tx, sc access.Scope, k *Case, action, capacity string, ch *Change, texts map[string]string, at time.Time) error {
	set := c.d.Calendar.Now()
	if ch.timing() {
		var err error
		if set, err = c.d.Calendar.In(tx); err != nil {
			return err
		}
		if err := ch.sign(k.Clocks, set); err != nil {
			return err
		}
	}
	body, err := json.Marshal(ch)
	if err != nil {
		return fmt.Errorf("cases: %w", err)
	}
	a := &journal.Act{District: c.d.Code, At: at.UnixMicro(), Kind: Table.Kind, Subject: k.Number, Action: action,
		Actor: sc.Actor(capacity), Pack: c.d.Pack, Body: body, Texts: texts}
	if err := journal.Append(tx, a); err != nil {
		return err
	}
	return k.fold(a, ch, set)
}

func (c *Cases) prepare(r Report) (draft, error) {
	body, err := text.Clean(r.Body, MaxBody)
	if err != nil {
		return draft{}, &FieldError{"description", err}
	}
	redacted, _ := text.Redact(body)
	redacted = unnamed(redacted, r.Person.Name)
	title, err := c.title(unnamed(r.Title, r.Person.Name), redacted)
	if err != nil {
		return draft{}, err
	}
	place, err := c.locate(r.Place)
	if err != nil {
		return draft{}, err
	}
	place.Text = unnamed(place.Text, r.Person.Name)
	k := &Case{District: c.d.Code, Channel: r.Channel, Title: title, Body: redacted, Place: place}
	if err := c.classify(k, r, redacted); err != nil {
		return draft{}, err
	}
	k.salt = make([]byte, 16)
	_, _ = rand.Read(k.salt)
	k.Digest = digest(k.salt, k.Title, k.Body)
	d := draft{k: k, tokens: c.searchTokens(title + "\n" + redacted + "\n" + place.Text)}
	if r.Person != (vault.Person{}) || redacted != body {
		// What was masked is kept, sealed with its person, even when no name came.
		s, err := c.vault.Seal(c.d.Code, r.Person)
		if err != nil {
			return draft{}, err
		}
		if redacted != body {
			if err := s.SealText("body", body); err != nil {
				return draft{}, err
			}
		}
		d.person, k.Person = s, s.ID
	}
	return d, nil
}

// unnamed masks the reporter's own name in words that units and, for public
// matters, everybody may read; the words as they were said are sealed with the
// person. Other names cannot be told from words.
func unnamed(words, name string) string {
	name = strings.TrimSpace(name)
	if utf8.RuneCountInString(name) < 2 {
		return words
	}
	return strings.ReplaceAll(words, name, text.MaskName(name))
}

// title cleans a given title, or takes the first sentence of the words.
func (c *Cases) title(given, body string) (string, error) {
	if strings.TrimSpace(given) != "" {
		t, err := text.Clean(given, MaxTitle)
		if err != nil {
			return "", &FieldError{"title", err}
		}
		t, _ = text.Redact(strings.ReplaceAll(t, "\n", " "))
		return t, nil
	}
	first := body
	if i := strings.IndexAny(body, "。！？；\n!?"); i > 0 {
		first = body[:i]
	}
	r := []rune(first)
	if len(r) > 30 {
		first = string(r[:29]) + "…"
	}
	return strings.TrimSpace(first), nil
}

// locate fills in what a place implies: coordinates give the street and the
// nearest grid, a community gives its street. A point outside the district is
// kept; a person at the duty desk decides.
func (c *Cases) locate(p Place) (Place, error) {
	if p.Text != "" {
		t, err := text.Clean(p.Text, MaxPlace)
		if err != nil {
			return p, &FieldError{"place", err}
		}
		p.Text = t
	}
	if p.Located && !(math.Abs(p.Lon) <= 180 && math.Abs(p.Lat) <= 90) {
		return p, &FieldError{"place", errors.New("the coordinates are not on earth")}
	}
	for _, id := range []string{p.Grid, p.Community, p.Street} {
		if id == "" {
			continue
		}
		at, ok := c.d.Directory.OfPlace(id)
		if !ok {
			return p, &FieldError{"place", fmt.Errorf("no street, community or grid %q", id)}
		}
		p.Street, p.Community = at.Street.ID, at.Community.ID
		if at.Grid.ID != "" {
			p.Grid = at.Grid.ID
		}
		return p, nil
	}
	if p.Located && c.d.Locate != nil {
		if at, ok := c.d.Locate(p.Lon, p.Lat); ok {
			p.Street, p.Community, p.Grid = at.Street.ID, at.Community.ID, at.Grid.ID
		}
	}
	if p.Street == "" && p.Text != "" && c.d.Find != nil {
		// Only what the words leave no doubt about: the rest a person decides.
		if at, ok := c.d.Find(p.Text, orb.Point{}, false).Sure(); ok {
			p.Street, p.Community, p.Grid = at.Street.ID, at.Community.ID, at.Grid.ID
		}
	}
	return p, nil
}

// classify finds the matter and what hangs on it: kind, profile, whether the
// public may read it, and the unit the rules propose with their reason.
func (c *Cases) classify(k *Case, r Report, body string) error {
	k.Matter, k.Kind = r.Matter, r.Kind
	if k.Matter == "" {
		if found := c.d.Catalogue.Suggest(head(k.Title+"。"+body, suggestFrom), 1, catalogue.KindRequest); len(found) > 0 {
			k.Matter = found[0].Matter.Key
		}
	}
	m, ok := c.d.Catalogue.Matter(k.Matter)
	if r.Matter != "" && (!ok || m.Deleted) {
		return &FieldError{"matter", fmt.Errorf("no matter %q", r.Matter)}
	}
	if ok {
		k.Matter = m.Key
		if k.Kind == "" {
			k.Kind = string(m.Type)
		}
	}
	if k.Kind == "" {
		k.Kind = string(catalogue.Consult)
	}
	d := c.d.Decide(k.Matter, k.Kind, k.Channel, k.Place, c.said(r))
	k.Public, k.Profile = d.Public, d.Limit // without a limit there is no deadline
	k.Rule, k.Why = d.Ref(), d.ReasonZH
	if k.Kind == string(catalogue.Report) || (r.Public != nil && !*r.Public) {
		k.Public = false
	}
	return nil
}

// newDoc is a number that grows with time: the moment in its high bits, the low
// bits of the act's number behind it, so that no two acts of a moment share one.
func newDoc(at, seq int64) int64 { return at<<12 | seq&0xfff }

// crockford has no letters that are read or heard as others.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newNumber makes a case number such as JY20221123-7K3Q9: not sequential, so it
// tells nobody how many there are.
func (c *Cases) newNumber(now time.Time) string {
	return c.d.Prefix + now.In(zone).Format("20060102") + "-" + random32(5)
}

func random32(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = crockford[b[i]&31]
	}
	return string(b)
}

var zone = time.FixedZone("Asia/Shanghai", 8*3600)

// Secret is the follow-up secret of a number: ten characters, 50 bits, derived
// so that it needs no place in the database and can be sent again.
func (c *Cases) Secret(number string) string {
	d := hmac.New(sha256.New, c.secret)
	d.Write([]byte(c.d.Code + "\x00" + number))
	sum := d.Sum(nil)
	out := make([]byte, 10)
	for i := range out {
		out[i] = crockford[sum[i]&31]
	}
	return string(out)
}

// ReporterScope checks number and secret and gives the resident's own scope.
// Callers count the tries. Letters of a secret may be written small, and I, L, O
// as the figures they look like.
func (c *Cases) ReporterScope(number, secret string) (access.Scope, bool) {
	number = strings.ToUpper(strings.TrimSpace(number))
	s := strings.NewReplacer("I", "1", "L", "1", "O", "0", "-", "", " ", "").Replace(strings.ToUpper(strings.TrimSpace(secret)))
	if !hmac.Equal([]byte(s), []byte(c.Secret(number))) {
		return access.Scope{}, false
	}
	return access.PublicScope(c.d.Code).Holding(number), true
}

// Settle waits until the writes that are queued now are done, for callers that
// found the queue full.
func (c *Cases) Settle(ctx context.Context) error {
	for c.db.Busy() {
		t := time.NewTimer(5 * time.Millisecond)
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
	}
	return nil
}
