// Package outreach keeps the visits by which a district looks for investors: who met whom, when, where, about what, and
// what follows. An organisation is known by its code or by its name and is there once; the people met are sealed in the
// vault. How many firms and associations were met is a count of organisations, not of visits.
//
//	outreach.go  this map, Options, Outreach, the flow tables
//	visit.go     Partner, Visit, Follow and what their actions do
//	met.go       figures and lists
package outreach

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// Options are what the package is wired with.
type Options struct {
	Rules     *pack.Outreach // nil = nothing is kept
	Directory *directory.Directory
	Vault     *vault.Vault
	// CheckCode checks a firm's code and returns it as it is written down.
	CheckCode func(code string) (string, error)
	// Lead makes a lead of the ledger of projects out of a visit and returns its id.
	Lead func(tx *store.Tx, sc access.Scope, l Lead) (id string, err error)
	// Sectors are those that a lead may be of.
	Sectors []string
	Clock   func() time.Time
}

// Lead is what a visit knows of a project that may come of it.
type Lead struct {
	Name, Investor, Firm, Unit, Sector string
	Investment                         int64 // fen
	Visit                              string
	MadeUp                             bool
	At                                 time.Time
}

// Outreach keeps the visits of one district.
type Outreach struct {
	db    *store.DB
	o     Options
	Books Books
}

// Books keep the records of each kind.
type Books struct {
	Partner *record.Book[Partner, *Partner]
	Visit   *record.Book[Visit, *Visit]
	Follow  *record.Book[Follow, *Follow]
}

// Tables are the flow tables of this package.
func Tables() []*flow.Table { return []*flow.Table{&PartnerTable, &VisitTable, &FollowTable} }

// New registers the kinds of this package.
func New(db *store.DB, e *record.Engine, o Options) *Outreach {
	s := &Outreach{db: db, o: o}
	if s.o.Rules == nil {
		s.o.Rules = &pack.Outreach{}
	}
	s.Books = Books{Partner: record.Register(e, s.partner()), Visit: record.Register(e, s.visit()), Follow: record.Register(e, s.follow())}
	return s
}

// Rules are those of the pack.
func (s *Outreach) Rules() *pack.Outreach { return s.o.Rules }

// sees: visits are staff's; a firm learns nothing of who else was met.
func sees(sc access.Scope) bool { return sc.Firm() == "" && (sc.All() || sc.Unit() != "") }

// team works for the unit whose visit it is, or for an office that keeps the ledger; office only for the latter.
const (
	team   = "team"
	office = "office"
)

func (s *Outreach) relations(sc access.Scope, units ...string) (out []string) {
	keeper, near := false, false
	for _, u := range s.o.Rules.Office {
		keeper = keeper || sc.Within(u)
	}
	for _, u := range units {
		near = near || sc.Within(u)
	}
	if keeper {
		out = append(out, office)
	}
	if keeper || near {
		out = append(out, team)
	}
	return out
}

func grants(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

var (
	staff   = []string{access.Department, access.DeptLead, access.Street, access.StreetLead}
	anyone  = grants("", staff...)
	doers   = grants(team, staff...)
	keepers = grants(office, access.Department, access.DeptLead)
	reason  = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 500}
)

// PartnerTable is the way of an organisation that was met: known by name, then by its code.
var PartnerTable = flow.Table{
	Kind:   "outreach_partner",
	States: []flow.State{{Name: "named", Chip: "new"}, {Name: "identified", Chip: "done"}, {Name: "merged", Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "name", Decides: []string{"named", "identified"}, Who: anyone, Form: form.Form{Name: "partner_name", Fields: []form.Field{{Name: "organisation", Type: form.Line, Required: true, Max: 80}, {Name: "code", Type: form.Line, Max: 18}, {Name: "class", Type: form.Choice, Required: true}}}},
		{Name: "identify", From: []string{"named"}, To: "identified", Who: append(grants("", access.System), keepers...), Form: form.Form{Name: "partner_identify", Fields: []form.Field{{Name: "found_code", Type: form.Line, Required: true, Max: 18}}}},
		{Name: "merge", From: []string{"named"}, To: "merged", Who: keepers, Form: form.Form{Name: "partner_merge", Fields: []form.Field{{Name: "into", Type: form.Line, Required: true, Max: 40}, reason}}},
	},
}

// VisitTable is the way of a visit: noted after it took place; what follows has clocks of its own.
var VisitTable = flow.Table{
	Kind:   "outreach_visit",
	States: []flow.State{{Name: "held", Chip: "done"}, {Name: "led", Chip: "done"}, {Name: "void", Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "note", To: "held", Who: anyone, Form: form.Form{Name: "outreach_note", Fields: []form.Field{
			{Name: "organisation", Type: form.Line, Required: true, Max: 80}, {Name: "code", Type: form.Line, Max: 18}, {Name: "class", Type: form.Choice, Required: true},
			{Name: "direction", Type: form.Choice, Options: form.Options("out", "in"), Required: true}, {Name: "held_on", Type: form.Date, Required: true}, {Name: "place", Type: form.Line, Max: 80, Required: true},
			{Name: "ours", Type: form.Units, Required: true}, {Name: "topic", Type: form.Choice, Required: true}, {Name: "talked", Type: form.Text, Max: 2000},
			{Name: "person", Type: form.Line, Personal: true, Max: 40}, {Name: "duty", Type: form.Line, Personal: true, Max: 40}, {Name: "phone", Type: form.Phone, Personal: true}}}},
		{Name: "lead", From: []string{"held"}, To: "led", Who: doers, Form: form.Form{Name: "outreach_lead", Fields: []form.Field{
			{Name: "project", Type: form.Line, Required: true, Max: 80}, {Name: "sector", Type: form.Choice, Required: true}, {Name: "investment", Type: form.Money, Required: true, Low: 10_000_000, High: 3_000_000_000_000}, {Name: "investment_sure", Type: form.Bool}}}},
		{Name: "void", From: []string{"held"}, To: "void", Who: doers, Form: form.Form{Name: "outreach_void", Fields: []form.Field{reason}}},
	},
}

// FollowTable is the way of what follows from a visit.
var FollowTable = flow.Table{
	Kind:   "outreach_follow",
	States: []flow.State{{Name: "open", Chip: "doing"}, {Name: "done", Chip: "done", End: true}, {Name: "dropped", Chip: "closed", End: true}},
	Clocks: []string{"follow"},
	Actions: []flow.Action{
		{Name: "agree", To: "open", Start: []string{"follow"}, Who: anyone, Form: form.Form{Name: "follow_agree", Fields: []form.Field{{Name: "visit", Type: form.Case, Required: true}, {Name: "owner", Type: form.Unit, Required: true}, {Name: "task", Type: form.Text, Required: true, Max: 500}}}},
		{Name: "finish", From: []string{"open"}, To: "done", Stop: []string{"follow"}, Who: doers, Form: form.Form{Name: "follow_finish", Fields: []form.Field{{Name: "outcome", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "drop", From: []string{"open"}, To: "dropped", Stop: []string{"follow"}, Who: doers, Form: form.Form{Name: "follow_drop", Fields: []form.Field{reason}}},
	},
}
