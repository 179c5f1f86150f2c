// Package assets is the register of a district's city assets (部件): manhole covers, street lamps, bins, trees. Each has an
// id of 17 digits, a place on the map, and a unit that maintains it; cases may say which one they are about.
//
//	assets.go  Asset, Assets, the flow table, who sees what
//	code.go    the 17 digits
//	act.go     Register, Act; how acts fold into an Asset
//	store.go   SQL: Get, List, Near
//	verify.go  acts against rows
//
// Files of assets come in through api/exchange.
package assets

import (
	"embed"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the table of assets, numbers 14001-14999.
var Schema = store.Schema{Name: "assets", FS: migrations}

// States of an asset: the five values of GLBJZT in GB/T 47678.5.
const (
	Intact    = "intact"    // 完好
	Damaged   = "damaged"   // 破损
	Lost      = "lost"      // 丢失
	Abandoned = "abandoned" // 废弃
	Removed   = "removed"   // 移除: its id is never used again
)

// States lists them in the standard's order.
func States() []string { return []string{Intact, Damaged, Lost, Abandoned, Removed} }

// Keeper is the relation of the unit that maintains an asset.
const Keeper = "keeper"

// Table says who does what with an asset.
var Table = flow.Table{
	Kind: "asset",
	States: []flow.State{
		{Name: Intact, Chip: "done"}, {Name: Damaged, Chip: "redo"}, {Name: Lost, Chip: "redo"}, {Name: Abandoned, Chip: "hold"}, {Name: Removed, Chip: "closed", End: true},
	},
	Actions: []flow.Action{
		{Name: "register", Decides: States(), Who: grants("", access.System, access.Dispatcher), Form: form.Form{Name: "asset_register"}},
		{Name: "inspect", From: alive, Decides: alive, Who: append(grants("", access.Dispatcher), keepers()...), Form: form.Form{Name: "asset_inspect", Fields: []form.Field{
			{Name: "state", Type: form.Choice, Required: true, Options: form.Options(alive...)}, {Name: "note", Type: form.Text, Max: 500}}}},
		{Name: "hand_over", From: alive, Who: grants("", access.Dispatcher), Form: form.Form{Name: "asset_hand_over", Fields: []form.Field{
			{Name: "unit", Type: form.Unit, Required: true}, {Name: "reason", Type: form.Text, Required: true, Max: 500}}}},
		{Name: "remove", From: alive, To: Removed, Who: append(grants("", access.Dispatcher), keepers()...), Form: form.Form{Name: "asset_remove", Fields: []form.Field{
			{Name: "reason", Type: form.Text, Required: true, Max: 500}}}},
	},
}

var alive = []string{Intact, Damaged, Lost, Abandoned}

func grants(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

func keepers() []flow.Grant {
	return grants(Keeper, access.Street, access.StreetLead, access.Department, access.DeptLead, access.Community)
}

// Asset is one thing in the street, as its acts left it.
type Asset struct {
	ID        string // 17 digits, see code.go; never used again
	State     string
	Kind      string // code of the component: 01037
	Name      string // what its label says; "" = the name of its kind
	Owner     string // who owns it, in words
	Unit      string // unit that maintains it; "" = not known
	Point     orb.Point
	Street    string
	Community string
	Grid      string
	Address   string
	Since     string // day it was put there, 2019-08-05; "" = not known
	MadeUp    bool
	Created   int64 // µs UTC
	Changed   int64
	Version   int64
	lastSeq   int64
}

// Position is where the asset stands in the flow table.
func (a *Asset) Position() flow.Position { return flow.Position{State: a.State} }

// Assets is the register of one district.
type Assets struct {
	// Locate says in which street, community and grid a point lies; New takes the pack's layers, the program those in force.
	Locate func(lon, lat float64) (directory.Place, bool)

	db    *store.DB
	p     *pack.Pack
	clock func() time.Time
}

// New wires the package.
func New(db *store.DB, p *pack.Pack, clock func() time.Time) *Assets {
	return &Assets{db: db, p: p, clock: clock, Locate: func(lon, lat float64) (directory.Place, bool) { return p.Locate(orb.Point{lon, lat}) }}
}

// KindOf is the component of a code: 01037 is a street lamp.
func (s *Assets) KindOf(code string) (catalogue.Matter, bool) {
	for _, standard := range []string{"47678.5", "30428.2"} {
		if m, ok := s.p.Catalogue.Matter(catalogue.StandardKey(standard, catalogue.KindComponent, code)); ok {
			return m, true
		}
	}
	return catalogue.Matter{}, false
}

// sees reports whether the scope reaches an asset: everybody of the centre, and those who maintain it.
func (s *Assets) sees(sc access.Scope, a *Asset) bool {
	return sc.District() == s.p.District && (sc.All() || sc.Unit() != "" && a.Unit != "" && s.p.Directory.Under(a.Unit, sc.Unit()))
}

// MayRead reports whether the scope reaches an asset.
func (s *Assets) MayRead(sc access.Scope, a *Asset) bool { return s.sees(sc, a) }

func (s *Assets) actor(sc access.Scope, a *Asset) flow.Actor {
	out := flow.Actor{Roles: sc.Roles()}
	if a != nil && sc.Unit() != "" && a.Unit != "" && s.p.Directory.Under(a.Unit, sc.Unit()) {
		out.Relations = []string{Keeper}
	}
	return out
}

// Roles are the roles that have anything to do with assets.
func Roles() []string {
	out := []string{access.Operator, access.Callback, access.Duty, access.Supervisor, access.Leader, access.Auditor, access.Dispatcher}
	for _, g := range keepers() {
		out = append(out, g.Role)
	}
	return out
}

// Open lists what the scope may do with an asset.
func (s *Assets) Open(sc access.Scope, a *Asset) []*flow.Action {
	return Table.Open(a.Position(), s.actor(sc, a))
}
