// Package villages is the renewal of villages (净化、序化、美化): what is to be put right in a village, with a clock and
// photos before and after, and a check of every village each quarter by somebody who did not do the work.
//
//	villages.go  Villages, Options, the flow tables, who sees what
//	work.go      works: raised, finished, looked at by somebody else
//	check.go     the check of a quarter; what it finds unmet becomes a work
//	list.go      a village with its figures, lists; what anybody may see of a work
//	store.go     SQL; verify.go: acts against rows
//
// The items are data of the pack. Photos are beside the work they show; none is demanded, and none is public before
// the one who looked at the work said that it shows no person and no home.
package villages

import (
	"embed"
	"fmt"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

//go:embed migrations
var migrations embed.FS

// Schema is the tables of villages, numbers 55001-55999.
var Schema = store.Schema{Name: "villages", FS: migrations}

// States of a work, and of a check.
const (
	Raised    = "raised"
	Finished  = "finished" // waits for somebody else to look
	Kept      = "kept"
	Withdrawn = "withdrawn"
	Checked   = "checked"
)

// Relations of somebody to a village.
const (
	keeper = "keeper" // works in it, or for the street or town above it
	second = "second" // the same, and did not do the work
)

func grants(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

var (
	doers   = grants(keeper, access.Community, access.Street, access.StreetLead)
	lookers = grants(second, access.Street, access.StreetLead, access.Inspector)

	reason = form.Field{Name: "reason", Type: form.Text, Required: true, Max: 500}
)

// Works is the way of something that is to be put right in a village.
var Works = flow.Table{
	Kind:   "village_work",
	States: []flow.State{{Name: Raised, Chip: "new"}, {Name: Finished, Chip: "visit"}, {Name: Kept, Chip: "done", End: true}, {Name: Withdrawn, Chip: "closed", End: true}},
	Clocks: []string{"rectify"},
	Actions: []flow.Action{
		{Name: "raise", To: Raised, Who: append(grants(keeper, access.Inspector), doers...), Start: []string{"rectify"}, Form: form.Form{Name: "village_raise", Fields: []form.Field{
			{Name: "village", Type: form.Choice, Required: true}, {Name: "item", Type: form.Choice, Required: true}, {Name: "what", Type: form.Text, Required: true, Max: 500}}}},
		{Name: "finish", From: []string{Raised}, To: Finished, Who: doers, Stop: []string{"rectify"}, Form: form.Form{Name: "village_finish", Fields: []form.Field{
			{Name: "done", Type: form.Text, Required: true, Max: 500}}}},
		{Name: "pass", From: []string{Finished}, To: Kept, Who: lookers, Form: form.Form{Name: "village_pass", Fields: []form.Field{
			{Name: "note", Type: form.Text, Max: 500}, {Name: "public", Type: form.Bool}}}},
		{Name: "fail", From: []string{Finished}, To: Raised, Who: lookers, Start: []string{"rectify"}, Form: form.Form{Name: "village_fail", Fields: []form.Field{reason}}},
		{Name: "withdraw", From: []string{Raised}, To: Withdrawn, Who: grants(keeper, access.StreetLead), Stop: []string{"rectify"}, Form: form.Form{Name: "village_withdraw", Fields: []form.Field{reason}}},
	},
}

// Checks is the check of a village in a quarter: done once, by somebody who finished nothing there in that quarter.
var Checks = flow.Table{
	Kind:   "village_check",
	States: []flow.State{{Name: Checked, Chip: "done", End: true}},
	Actions: []flow.Action{{Name: "check", To: Checked, Who: lookers, Form: form.Form{Name: "village_check", Fields: []form.Field{
		{Name: "village", Type: form.Choice, Required: true}, {Name: "unmet", Type: form.Multi}, {Name: "summary", Type: form.Text, Required: true, Max: 1000}}}}},
}

// Tables are the flow tables of this package.
func Tables() []*flow.Table { return []*flow.Table{&Works, &Checks} }

// Options are what the package is wired with.
type Options struct {
	District, Prefix, Pack string
	Rules                  *pack.Villages
	Directory              *directory.Directory
	// Calendar is the working calendar of a unit as of the transaction.
	Calendar func(tx *store.Tx, unit string) (*worktime.Calendar, error)
	Clock    func() time.Time
}

// From are the options that a pack and a clock give; the calendars are those of the pack.
func From(p *pack.Pack, clock func() time.Time) Options {
	return Options{District: p.District, Prefix: p.Prefix, Pack: p.Version, Rules: p.Villages, Directory: p.Directory, Clock: clock,
		Calendar: func(_ *store.Tx, unit string) (*worktime.Calendar, error) { return p.Calendar(unit), nil }}
}

// Villages is the renewal of one district's villages.
type Villages struct {
	db *store.DB
	o  Options
}

// New wires the package; nil for a pack without villages.yaml.
func New(db *store.DB, o Options) *Villages {
	if o.Rules == nil {
		return nil
	}
	return &Villages{db, o}
}

// Rules are the items as the pack has them.
func (s *Villages) Rules() *pack.Villages { return s.o.Rules }

// Item finds an item.
func (s *Villages) Item(id string) (pack.VillageItem, bool) {
	for _, x := range s.o.Rules.Items {
		if x.ID == id {
			return x, true
		}
	}
	return pack.VillageItem{}, false
}

// Roles are the roles that have anything to do with villages.
func Roles() []string {
	return []string{access.Community, access.Street, access.StreetLead, access.Inspector, access.Supervisor, access.Leader, access.Auditor}
}

// ErrStale means that the record moved on since its page was made.
var ErrStale = fmt.Errorf("villages: the record was changed meanwhile: %w", access.ErrStale)

// RefusedError is what the table allows but the rules do not; Code is a message key ("refused.<code>").
type RefusedError = flow.RefusedError

// sees reports whether the scope reaches a village.
func (s *Villages) sees(sc access.Scope, village string) bool {
	return sc.District() == s.o.District && (sc.All() || s.keeps(sc, village))
}

func (s *Villages) keeps(sc access.Scope, village string) bool {
	return sc.Unit() != "" && s.o.Directory.Under(village, sc.Unit())
}

// actor is who asks about a village; did reports that they did the work themselves.
func (s *Villages) actor(sc access.Scope, village string, did bool) flow.Actor {
	who := flow.Actor{Roles: sc.Roles()}
	if s.keeps(sc, village) {
		who.Relations = append(who.Relations, keeper)
		if !did {
			who.Relations = append(who.Relations, second)
		}
	}
	return who
}

// Reached are the villages that the scope reaches, in the order of the directory.
func (s *Villages) Reached(sc access.Scope) (out []directory.Unit) {
	for _, u := range s.o.Directory.ByKind(directory.Village) {
		if s.sees(sc, u.ID) {
			out = append(out, u)
		}
	}
	return out
}

// QuarterOf names the quarter of a moment: 2022Q4.
func QuarterOf(t time.Time) string {
	t = t.In(worktime.Zone)
	return t.Format("2006") + "Q" + string(rune('1'+(int(t.Month())-1)/3))
}
