package visits

import (
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
)

// States of a person in need.
const (
	Registered = "registered"
	Removed    = "removed" // sealed values destroyed; what is left names nobody
)

// Results of a review.
const (
	Well       = "well"
	NeedsHelp  = "needs_help"
	NotSeen    = "not_seen"
	WayPhone   = "phone"
	WayVisit   = "visit"
	ConsentOwn = "own"      // the person consents
	ConsentFor = "guardian" // a guardian does
)

// keepers are the named posts of the community and civil affairs: nobody else sees a name.
func keepers() []flow.Grant {
	return slices.Concat(who(Named, access.Community, access.GridChief, access.Grid), who(Civil, access.Department, access.DeptLead), who("", access.System))
}

var (
	categoryField = form.Field{Name: "categories", Type: form.Multi, Required: true}
	contactFields = []form.Field{
		{Name: "name", Type: form.Line, Required: true, Max: 40, Personal: true},
		{Name: "phone", Type: form.Phone, Personal: true},
		{Name: "address", Type: form.Line, Required: true, Max: 100, Personal: true}}
	consentFields = []form.Field{
		{Name: "consent", Type: form.Choice, Required: true, Options: form.Options(ConsentOwn, ConsentFor)},
		{Name: "consent_on", Type: form.Date, Required: true}}
)

// PersonTable says who does what with the register of people in need.
var PersonTable = flow.Table{
	Kind:   "person_in_need",
	States: []flow.State{{Name: Registered, Chip: "doing"}, {Name: Removed, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "enter", To: Registered, Who: slices.Concat(who(Named, access.Community, access.GridChief, access.Grid), who("", access.System)), Form: form.Form{Name: "need_enter", Fields: slices.Concat(
			[]form.Field{{Name: "community", Type: form.Unit, Required: true}, {Name: "grid", Type: form.Choice}, categoryField}, contactFields, consentFields)}},
		{Name: "review", From: []string{Registered}, Who: keepers(), Form: form.Form{Name: "need_review", Fields: []form.Field{
			{Name: "way", Type: form.Choice, Required: true, Options: form.Options(WayVisit, WayPhone)},
			{Name: "result", Type: form.Choice, Required: true, Options: form.Options(Well, NeedsHelp, NotSeen)},
			{Name: "words", Type: form.Text, Required: true, Max: 500, Personal: true, When: "result", Values: []string{NeedsHelp}}}}},
		{Name: "change", From: []string{Registered}, Who: keepers(), Form: form.Form{Name: "need_change", Fields: []form.Field{{Name: "grid", Type: form.Choice}, categoryField}}},
		{Name: "contact", From: []string{Registered}, Who: keepers(), Form: form.Form{Name: "need_contact", Fields: contactFields}},
		{Name: "renew", From: []string{Registered}, Who: keepers(), Form: form.Form{Name: "need_renew", Fields: consentFields}},
		{Name: "remove", From: []string{Registered}, To: Removed, Who: keepers(), Form: form.Form{Name: "need_remove", Fields: []form.Field{
			{Name: "gone", Type: form.Choice, Required: true, Options: form.Options("withdrawn", "moved", "died", "no_longer", "mistake")}}}},
	},
}

// Person is somebody in need, as the acts left the record. Who it is lies in the vault.
type Person struct {
	ID         string
	State      string
	Community  string
	Grid       string // "" = the whole community
	Categories string // ids of the pack, joined by blanks
	Person     string // id in the vault
	Consent    string // whose
	ConsentOn  string // local day
	Reviewed   string // local day of the last review; "" = none yet
	Due        string // local day of the next one
	Gone       string // why removed
	MadeUp     bool
	Created    int64
	Changed    int64
	Version    int64
	lastSeq    int64
}

// Position is where the person stands in the flow table.
func (p *Person) Position() flow.Position { return flow.Position{State: p.State} }

// CategoryList are the categories.
func (p *Person) CategoryList() []string { return strings.Fields(p.Categories) }

// personChange is the body of an act: the whole of the record after it. It names nobody: community and category with a
// random id, which means nothing once the vault has forgotten the person.
type personChange struct {
	State      string `json:"state"`
	Community  string `json:"community"`
	Grid       string `json:"grid,omitempty"`
	Categories string `json:"categories,omitempty"`
	Person     string `json:"person,omitempty"`
	Consent    string `json:"consent,omitempty"`
	ConsentOn  string `json:"consent_on,omitempty"`
	Reviewed   string `json:"reviewed,omitempty"`
	Due        string `json:"due,omitempty"`
	Gone       string `json:"gone,omitempty"`
	MadeUp     bool   `json:"made_up,omitempty"`
	Way        string `json:"way,omitempty"`    // of a review
	Result     string `json:"result,omitempty"` // of a review
	Case       string `json:"case,omitempty"`   // that came of it
}

func (p *Person) change() personChange {
	return personChange{State: p.State, Community: p.Community, Grid: p.Grid, Categories: p.Categories, Person: p.Person, Consent: p.Consent, ConsentOn: p.ConsentOn, Reviewed: p.Reviewed,
		Due: p.Due, Gone: p.Gone, MadeUp: p.MadeUp}
}

// fold applies an act. It is the only code that changes a Person.
func (p *Person) fold(a *journal.Act) error {
	var c personChange
	if err := a.Into(&c); err != nil {
		return err
	}
	if p.Version == 0 {
		p.ID, p.Created = a.Subject, a.At
	}
	p.State, p.Community, p.Grid, p.Categories, p.Person, p.Consent, p.ConsentOn = c.State, c.Community, c.Grid, c.Categories, c.Person, c.Consent, c.ConsentOn
	p.Reviewed, p.Due, p.Gone, p.MadeUp = c.Reviewed, c.Due, c.Gone, c.MadeUp
	p.Version++
	p.Changed, p.lastSeq = a.At, a.Seq
	return nil
}
