// Package posts says who answers for a place, now and at any other moment: the posts of a district on every level, the
// people who hold them for a term, who stands in for whom, who is on duty, and the buildings that have chiefs.
//
// A post comes from the pack (posts.csv, grids.csv) or from a building, which has one for each kind of post of buildings
// (双楼长: two). It is never the name of a person: cases belong to units, grids and buildings, so that a hand-over
// rewrites nothing.
//
//	posts.go    Posts, New; Refresh and Run: the board follows the journal on every node
//	post.go     Post: what there is to hold
//	term.go     Term and its flow table; how acts fold into it
//	act.go      Propose, Act: what people decide about terms
//	consent.go  a telephone number on the public board: given, taken back
//	link.go     the account of a holder gets what the post sees
//	reveal.go   a private number in plain words, with a reason
//	standin.go  Standin: who stands in for an absent holder; never in a circle
//	shift.go    Shift: the duty roster
//	building.go buildings beside those of the pack
//	algebra.go  the pure rules: overlaps, seats, chains
//	board.go    Board: everything in memory, and the questions it answers
//	cover.go    coverage and vacancies
//	alarm.go    units are told of vacancies that last
//	load.go     files of buildings, terms and shifts: all or nothing, every bad row named
//	store.go    SQL; verify.go: acts against rows
//
// Names of holders are public by law (吉林省城乡网格化服务管理办法 art. 6: names of grids, their areas, people and
// telephones are posted); a private number is on the public board only while its owner consents (个人信息保护法 art. 13,
// 15), and sealed in the vault otherwise.
package posts

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of posts, numbers 15001-15999.
var Schema = store.Schema{Name: "posts", FS: migrations}

// Options are what Posts is made with.
type Options struct {
	District  string
	Pack      string // version of the pack
	Directory *directory.Directory
	Kinds     []directory.PostKind
	Buildings []directory.Building // of the pack, by id
	// Locate says what a point lies in; nil for a pack without a map.
	Locate func(orb.Point) (directory.Place, bool)
	Vault  *vault.Vault
	Gate   func() *access.Gate // accounts of holders; nil = none are linked
	Clock  func() time.Time
	Log    *slog.Logger
}

// Posts keeps posts, terms and buildings of one district.
type Posts struct {
	db    *store.DB
	o     Options
	base  *Board
	mu    sync.Mutex // one Refresh at a time
	board atomic.Pointer[Board]
}

// New wires the package; Refresh reads what is there.
func New(db *store.DB, o Options) *Posts {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p := &Posts{db: db, o: o, base: newBoard(o)}
	p.board.Store(p.base)
	return p
}

// Board is everything as it was at the last look: immutable, shared by all.
func (p *Posts) Board() *Board { return p.board.Load() }

// Refresh takes in what changed since the last time, here or on another node.
func (p *Posts) Refresh(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.board.Load()
	return p.db.Read(ctx, func(tx *store.Tx) error {
		d, err := p.changed(tx, was.seq)
		if err != nil || d.empty() {
			return err
		}
		p.board.Store(was.with(d))
		return nil
	})
}

// Run keeps the board fresh and units told of vacancies until ctx ends.
func (p *Posts) Run(ctx context.Context) {
	signal, end := p.db.Watch()
	defer end()
	told := &told{}
	for ctx.Err() == nil {
		if err := p.Refresh(ctx); err != nil && ctx.Err() == nil {
			p.o.Log.Warn("posts: the board is not fresh", "error", err)
		}
		if err := p.tell(ctx, told); err != nil && ctx.Err() == nil {
			p.o.Log.Warn("posts: vacancies were not told", "error", err)
		}
		wait := time.NewTimer(10 * time.Second)
		select {
		case <-ctx.Done():
		case <-signal:
			// Holders change rarely: a look a second is enough however busy the journal is.
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		case <-wait.C:
		}
		wait.Stop()
	}
}

// write does a change and takes it into the board of this node.
func (p *Posts) write(ctx context.Context, fn func(tx *store.Tx) error) error {
	if err := p.db.Write(ctx, fn); err != nil {
		return err
	}
	return p.Refresh(ctx)
}

// Refusal says what is wrong with something that was entered, in both languages, and what to do.
type Refusal struct {
	Field  string // of the form, or the column of the file
	ZH, EN string
}

func (e *Refusal) Error() string { return "posts: " + e.Field + ": " + e.EN }

// Words are those for the person who entered it.
func (e *Refusal) Words() (field, zh, en string) { return e.Field, e.ZH, e.EN }

func refuse(field, zh, en string, args ...any) error {
	return &Refusal{field, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
}

// Under is the relation of those who work for a unit to the posts in it and below it.
const Under = "under"

func (p *Posts) actor(sc access.Scope, unit string) flow.Actor {
	out := flow.Actor{Roles: sc.Roles()}
	if sc.Unit() != "" && p.o.Directory.Under(unit, sc.Unit()) {
		out.Relations = []string{Under}
	}
	return out
}

func who(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

// allows asks a table whether somebody may make a record for a unit.
func (p *Posts) allows(t *flow.Table, action string, sc access.Scope, unit string) (*flow.Action, error) {
	act, err := t.Action(action)
	if err != nil {
		return nil, err
	}
	if !act.Grants(p.actor(sc, unit)) {
		return nil, flow.ErrForbidden
	}
	return act, nil
}

// append writes an act about a record of a unit.
func (p *Posts) append(tx *store.Tx, sc access.Scope, kind, subject string, act *flow.Action, unit string, body any, texts map[string]string) (*journal.Act, error) {
	at, err := journal.Begin(tx, p.o.District, p.o.Clock())
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("posts: %w", err)
	}
	a := &journal.Act{District: p.o.District, At: at.UnixMicro(), Kind: kind, Subject: subject, Action: act.Name,
		Actor: sc.Actor(act.Capacity(p.actor(sc, unit))), Pack: p.o.Pack, Body: raw, Texts: texts}
	return a, journal.Append(tx, a)
}

func (p *Posts) system(why string) access.Scope { return access.SystemScope(p.o.District, why) }

// newID is the id of a term, a stand-in or a shift: 13 letters and figures, not to be guessed.
func newID(prefix string) string { return prefix + strings.ToLower(rand.Text()[:12]) }
