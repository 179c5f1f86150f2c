// Package places makes the gazetteer of a district grow from its work. The pack brings the names that were known at the
// beginning; people use others. When a case is closed that was put on the map and whose address names a place nobody
// knows, that name is proposed; after some independent cases, or when somebody confirms it, it counts and is found in
// addresses and while typing like those of the pack.
//
//	places.go   Places, Find, Suggest: the gazetteer of the moment; the flow table
//	act.go      Act: confirm, merge, reject; and how acts fold into a Proposal
//	learn.go    the follower of closed cases
//	store.go    SQL, lists
//	verify.go   acts against rows
//
// Only names go in that are those of places by their ending (小区, 学校, 市场 …), without figures: no house number, room
// or person can become a name.
package places

import (
	"context"
	"embed"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of learned places, numbers 13001-13999.
var Schema = store.Schema{Name: "places", FS: migrations}

// States of a proposal.
const (
	Proposed = "proposed" // closed cases named it
	Counted  = "counted"  // it is found like a name of the pack
	Merged   = "merged"   // another name of a place that is known
	Rejected = "rejected" // no place, or not to be named
)

// Table says who decides about names: those who dispatch, and the administrator. The program itself proposes, and
// counts what enough independent cases named.
var Table = flow.Table{
	Kind: "place",
	States: []flow.State{
		{Name: Proposed, Chip: "new"}, {Name: Counted, Chip: "done"}, {Name: Merged, Chip: "closed"}, {Name: Rejected, Chip: "closed"},
	},
	Actions: []flow.Action{
		{Name: "propose", To: Proposed, Who: who(access.System), Form: form.Form{Name: "place_propose"}},
		{Name: "count", From: []string{Proposed}, To: Counted, Who: who(access.System), Form: form.Form{Name: "place_count"}},
		{Name: "confirm", From: []string{Proposed}, To: Counted, Who: who(access.Admin, access.Dispatcher), Form: form.Form{Name: "place_confirm", Fields: []form.Field{
			{Name: "name", Type: form.Line, Required: true, Max: 30}, {Name: "kind", Type: form.Choice, Required: true, Options: kinds()}}}},
		{Name: "merge", From: []string{Proposed, Counted}, To: Merged, Who: who(access.Admin, access.Dispatcher), Form: form.Form{Name: "place_merge", Fields: []form.Field{
			{Name: "into", Type: form.Choice, Required: true}, {Name: "reason", Type: form.Text, Required: true, Max: 300}}}},
		{Name: "reject", From: []string{Proposed, Counted, Merged}, To: Rejected, Who: who(access.Admin, access.Dispatcher), Form: form.Form{Name: "place_reject", Fields: []form.Field{
			{Name: "reason", Type: form.Text, Required: true, Max: 300}}}},
		{Name: "reopen", From: []string{Rejected, Merged}, To: Proposed, Who: who(access.Admin, access.Dispatcher), Form: form.Form{Name: "place_reopen", Fields: []form.Field{
			{Name: "reason", Type: form.Text, Required: true, Max: 300}}}},
	},
}

func who(roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r})
	}
	return out
}

func kinds() []form.Option {
	var out []string
	for _, k := range directory.SpotKinds() {
		out = append(out, string(k))
	}
	return form.Options(out...)
}

// Roles are the roles that may decide about names.
func Roles() []string { return []string{access.Admin, access.Dispatcher} }

// Options are what Places is made with.
type Options struct {
	District string
	Pack     string // version of the pack
	Base     *directory.Gazetteer
	Enough   int // independent cases after which a name counts; 0 = 3
	Clock    func() time.Time
}

// Places is the gazetteer of a district as it is now.
type Places struct {
	db  *store.DB
	o   Options
	now atomic.Pointer[state]
}

// state is a gazetteer and the last act that is in it.
type state struct {
	g   *directory.Gazetteer
	seq int64
}

// New wires the package; Refresh reads what was learned.
func New(db *store.DB, o Options) *Places {
	if o.Enough == 0 {
		o.Enough = 3
	}
	p := &Places{db: db, o: o}
	p.now.Store(&state{g: o.Base, seq: -1})
	return p
}

// Gazetteer is the gazetteer of the pack with what was learned.
func (p *Places) Gazetteer() *directory.Gazetteer { return p.now.Load().g }

// Find says where an address is; see directory.Gazetteer.Resolve.
func (p *Places) Find(text string, at orb.Point, located bool) directory.Finding {
	return p.Gazetteer().Resolve(text, at, located)
}

// Refresh takes in what was learned since the last time, here or on another node.
func (p *Places) Refresh(ctx context.Context) error {
	return p.db.Read(ctx, func(tx *store.Tx) error {
		seq, err := p.lastSeq(tx)
		if err != nil || seq == p.now.Load().seq {
			return err
		}
		g, err := p.gather(tx)
		if err != nil {
			return err
		}
		p.now.Store(&state{g, seq})
		return nil
	})
}

// Run keeps the gazetteer fresh until ctx ends.
func (p *Places) Run(ctx context.Context) {
	signal, end := p.db.Watch()
	defer end()
	for ctx.Err() == nil {
		_ = p.Refresh(ctx) // the next look tries again
		wait := time.NewTimer(10 * time.Second)
		select {
		case <-ctx.Done():
		case <-signal:
			// Names change rarely: a look every few seconds is enough however busy the journal is.
			select {
			case <-ctx.Done():
			case <-time.After(3 * time.Second):
			}
		case <-wait.C:
		}
		wait.Stop()
	}
}

// gather makes the gazetteer of the pack and all that counts or is merged.
func (p *Places) gather(tx *store.Tx) (*directory.Gazetteer, error) {
	var more []directory.Spot
	alias := map[string][]string{}
	for _, st := range []string{Counted, Merged} {
		after := ""
		for {
			list, err := p.page(tx, st, after, 500)
			if err != nil {
				return nil, err
			}
			for _, x := range list {
				after = x.ID
				if st == Merged {
					alias[x.Into] = append(alias[x.Into], x.Name)
					continue
				}
				more = append(more, directory.Spot{ID: x.ID, Name: x.Name, Kind: x.Kind, Unit: x.Unit, Point: x.Point, Source: "cases"})
			}
			if len(list) < 500 {
				break
			}
		}
	}
	for i, s := range more {
		more[i].Aliases = append(more[i].Aliases, alias[s.ID]...)
	}
	g, _ := p.o.Base.Alias(alias).With(more) // what does not fit any more, after a new pack, is left out
	return g, nil
}
