// Package firms is the register of organisations that a district works with and that are no part of it: firms,
// contractors and volunteer teams.
//
//	firms.go   Firm, Firms, the flow table
//	code.go    the 18-character unified social credit code
//	act.go     Enter, Act; how acts fold into a Firm
//	reveal.go  the contact in plain words, with a reason
//	store.go   SQL: Get, List
//	load.go    files of firms: all or nothing
//	verify.go  acts against rows
//
// Who to speak to in a firm is a person, sealed in the vault; lists show the masked forms.
package firms

import (
	"embed"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

//go:embed migrations
var migrations embed.FS

// Schema is the table of firms, numbers 16001-16999.
var Schema = store.Schema{Name: "firms", FS: migrations}

// States of a firm.
const (
	Active = "active"
	Closed = "closed" // given up or struck off; it stays for what it did
)

// Kinds are what an organisation can be here; one may be several.
func Kinds() []string { return []string{"firm", "contractor", "volunteers"} }

// Sectors are the sections of the national classification of economic activities (GB/T 4754) that districts use.
func Sectors() []string {
	return []string{"agriculture", "mining", "manufacturing", "energy", "construction", "trade", "transport", "hospitality", "property", "services", "education", "health", "culture", "social"}
}

var fields = []form.Field{
	{Name: "code", Type: form.Line, Max: 18}, {Name: "name", Type: form.Line, Required: true, Max: 60},
	{Name: "kinds", Type: form.Multi, Required: true, Options: form.Options(Kinds()...)},
	{Name: "sector", Type: form.Choice, Required: true, Options: form.Options(Sectors()...)},
	{Name: "unit", Type: form.Unit}, {Name: "address", Type: form.Line, Max: 100},
	{Name: "contact", Type: form.Line, Max: 20, Personal: true}, {Name: "phone", Type: form.Phone, Personal: true},
}

// Table says who keeps the register: the administrator, streets and departments.
var Table = flow.Table{
	Kind:   "firm",
	States: []flow.State{{Name: Active, Chip: "done"}, {Name: Closed, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "enter", To: Active, Who: keepers(access.System), Form: form.Form{Name: "firm_enter", Fields: fields}},
		{Name: "change", From: []string{Active}, Who: keepers(), Form: form.Form{Name: "firm_change", Fields: fields[1:]}},
		{Name: "close", From: []string{Active}, To: Closed, Who: keepers(), Form: form.Form{Name: "firm_close", Fields: []form.Field{
			{Name: "reason", Type: form.Text, Required: true, Max: 300}}}},
	},
}

func keepers(more ...string) (out []flow.Grant) {
	for _, r := range append([]string{access.Admin, access.StreetLead, access.Street, access.DeptLead, access.Department}, more...) {
		out = append(out, flow.Grant{Role: r})
	}
	return out
}

// Firm is an organisation, as its acts left it.
type Firm struct {
	ID      string // the code; of volunteer teams without one: v and 12 letters and figures
	State   string
	Name    string
	Kinds   string // of Kinds(), joined by blanks
	Sector  string
	Unit    string // street, community or department it belongs to; "" = not known
	Address string
	Person  string // contact, id in the vault; "" = none
	MadeUp  bool
	Created int64 // µs UTC
	Changed int64
	Version int64
	lastSeq int64
}

// Position is where the firm stands in the flow table.
func (x *Firm) Position() flow.Position { return flow.Position{State: x.State} }

// Firms is the register of one district.
type Firms struct {
	db       *store.DB
	district string
	pack     string
	dir      *directory.Directory
	vault    *vault.Vault
	clock    func() time.Time
}

// New wires the package. pack is the version of the pack.
func New(db *store.DB, district, pack string, dir *directory.Directory, v *vault.Vault, clock func() time.Time) *Firms {
	return &Firms{db, district, pack, dir, v, clock}
}

// At is the register by another clock: for what is written down of another time.
func (s *Firms) At(clock func() time.Time) *Firms {
	out := *s
	out.clock = clock
	return &out
}

// Roles are the roles that see the register: those who keep it, and who works for the whole district.
func Roles() []string {
	out := []string{access.Operator, access.Dispatcher, access.Supervisor, access.Leader, access.Auditor, access.Duty, access.Community}
	for _, g := range keepers() {
		out = append(out, g.Role)
	}
	return out
}

// Open lists what the scope may do with a firm.
func (s *Firms) Open(sc access.Scope, x *Firm) []*flow.Action {
	return Table.Open(x.Position(), flow.Actor{Roles: sc.Roles()})
}
