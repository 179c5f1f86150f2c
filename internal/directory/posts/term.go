package posts

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
)

// States of a term.
const (
	Proposed   = "proposed"
	Published  = "published" // posted for everybody to see before it begins
	InPost     = "in_post"
	HandedOver = "handed_over"
	Retracted  = "retracted" // proposed or published, and given up
)

// Table says who decides who holds a post. Beside the administrator it is the people above: street or department for
// everything below them, a community for its own grid workers and chiefs of buildings, which it proposes.
var Table = flow.Table{
	Kind: "term",
	States: []flow.State{
		{Name: Proposed, Chip: "new"}, {Name: Published, Chip: "sign"}, {Name: InPost, Chip: "doing"},
		{Name: HandedOver, Chip: "closed", End: true}, {Name: Retracted, Chip: "closed", End: true},
	},
	Actions: []flow.Action{
		{Name: "propose", To: Proposed, Who: append(deciders(), who(Under, access.Community)...), Form: form.Form{Name: "term_propose", Fields: []form.Field{
			{Name: "name", Type: form.Line, Required: true, Max: 20, Personal: true}, {Name: "phone", Type: form.Phone, Personal: true},
			{Name: "from", Type: form.Date, Required: true}, {Name: "until", Type: form.Date}, {Name: "seconded", Type: form.Unit},
			{Name: "reason", Type: form.Text, Max: 300}}}},
		{Name: "import", Decides: []string{InPost, HandedOver}, Who: who("", access.Admin, access.System), Form: form.Form{Name: "term_import"}},
		{Name: "publish", From: []string{Proposed}, To: Published, Who: deciders(), Form: form.Form{Name: "term_publish"}},
		{Name: "take_up", From: []string{Published}, To: InPost, Who: deciders(), Form: form.Form{Name: "term_take_up", Fields: []form.Field{
			{Name: "from", Type: form.Date, Required: true}}}},
		{Name: "hand_over", From: []string{InPost}, To: HandedOver, Who: deciders(), Form: form.Form{Name: "term_hand_over", Fields: []form.Field{
			{Name: "until", Type: form.Date, Required: true}, {Name: "note", Type: form.Text, Required: true, Max: 1000}}}},
		{Name: "retract", From: []string{Proposed, Published}, To: Retracted, Who: append(deciders(), who(Under, access.Community)...), Form: form.Form{Name: "term_retract", Fields: []form.Field{
			{Name: "reason", Type: form.Text, Required: true, Max: 300}}}},
		{Name: "link", From: []string{InPost}, Who: who("", access.Admin), Form: form.Form{Name: "term_link", Fields: []form.Field{
			{Name: "login", Type: form.Line, Required: true, Max: 64}, {Name: "reason", Type: form.Text, Required: true, Max: 200}}}},
		{Name: "consent", From: []string{Published, InPost}, Who: append(deciders(), who(Under, access.Community)...), Form: form.Form{Name: "term_consent", Fields: []form.Field{
			{Name: "phone", Type: form.Phone, Required: true, Personal: true}, {Name: "how", Type: form.Choice, Required: true, Options: form.Options("paper", "in_person", "online")},
			{Name: "on", Type: form.Date, Required: true}}}},
		{Name: "withdraw", From: []string{Published, InPost, HandedOver}, Who: append(deciders(), who(Under, access.Community)...), Form: form.Form{Name: "term_withdraw"}},
	},
}

// deciders are those who may put somebody into a post.
func deciders() []flow.Grant {
	return append(who("", access.Admin, access.System), who(Under, access.StreetLead, access.DeptLead)...)
}

// Roles are the roles that decide anything about posts.
func Roles() []string {
	return []string{access.Admin, access.StreetLead, access.DeptLead, access.Community}
}

// Term is one person's time on a post.
type Term struct {
	ID       string
	State    string
	Post     string
	Unit     string // of the post, when the term was entered
	Name     string
	Person   string // id in the vault, "" when no private number is known
	Account  string // id of the account that works for the post through it
	Seconded string // unit the person comes from, for a secondment (借调, 挂职); "" = none
	From     int64  // µs UTC
	To       int64  // first moment after it; 0 = open
	Phone    string // what the holder lets everybody see; "" without consent
	Consent  int64  // when that was given, µs; 0 = not
	Created  int64
	Changed  int64
	Version  int64
	lastSeq  int64
}

// Position is where the term stands in the flow table.
func (t *Term) Position() flow.Position { return flow.Position{State: t.State} }

// Holds reports whether the term's person holds the post at a moment (µs). A term that was taken up counts from its
// beginning to its end, whatever happened to it since.
func (t *Term) Holds(at int64) bool {
	return (t.State == InPost || t.State == HandedOver) && t.From <= at && (t.To == 0 || at < t.To)
}

// change is the body of an act on a term: the whole of it afterwards, without what names a person.
type change struct {
	State    string `json:"state"`
	Post     string `json:"post"`
	Unit     string `json:"unit"`
	Person   string `json:"person,omitempty"`
	Account  string `json:"account,omitempty"`
	Seconded string `json:"seconded,omitempty"`
	From     int64  `json:"from"`
	To       int64  `json:"to,omitempty"`
	Open     int    `json:"open,omitempty"` // hand_over: how much open work the post had
}

func (t *Term) change() change {
	return change{State: t.State, Post: t.Post, Unit: t.Unit, Person: t.Person, Account: t.Account, Seconded: t.Seconded, From: t.From, To: t.To}
}

// fold applies an act, and is the only code that changes a Term. The name is a text of the first one.
func (t *Term) fold(a *journal.Act) error {
	if a.Kind == consentKind {
		return t.foldConsent(a)
	}
	var c change
	if err := a.Into(&c); err != nil {
		return err
	}
	if t.Version == 0 {
		t.ID, t.Created, t.Name = a.Subject, a.At, a.Texts["name"]
	}
	t.State, t.Post, t.Unit, t.Person, t.Account, t.Seconded, t.From, t.To = c.State, c.Post, c.Unit, c.Person, c.Account, c.Seconded, c.From, c.To
	t.Version++
	t.Changed, t.lastSeq = a.At, a.Seq
	return nil
}

// zone is the one in which a day begins.
var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// DayStart is the first moment of a local day such as 2022-03-01, in µs; 0 for "".
func DayStart(day string) (int64, error) {
	if day == "" {
		return 0, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, day, zone)
	return t.UnixMicro(), err
}

// dayAfter is the first moment after a local day, in µs; 0 for "".
func dayAfter(day string) (int64, error) {
	if day == "" {
		return 0, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, day, zone)
	return t.AddDate(0, 0, 1).UnixMicro(), err
}

// FirstDay and LastDay are the days of a term as people say them; LastDay of an open one is "".
func (t *Term) FirstDay() string { return time.UnixMicro(t.From).In(zone).Format(time.DateOnly) }

// LastDay is the last day of the term, "" while it is open.
func (t *Term) LastDay() string {
	if t.To == 0 {
		return ""
	}
	return time.UnixMicro(t.To - 1).In(zone).Format(time.DateOnly)
}
