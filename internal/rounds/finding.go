package rounds

import (
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// States of a finding.
const (
	Sent      = "sent"      // 已上报: a case with clocks of its own, whose outcome is the finding's
	Settled   = "settled"   // 当场解决: no case; anybody else may look again
	Returned  = "returned"  // 复查未解决: looked at again, and not fixed
	Confirmed = "confirmed" // 复查合格: looked at again by somebody else, and fixed
)

// Relations to a finding.
const (
	Finder = "finder" // the unit, or the person, that found it
	Other  = "other"  // another person than the one who found it, responsible for the place
)

// Limits of words, in characters.
const (
	MaxWords = 2000
	MaxFix   = 1000
	MaxPlace = 200
)

var (
	outside = []string{access.Grid, access.GridChief, access.Community, access.Street, access.StreetLead, access.Department, access.DeptLead,
		access.Supervisor, access.Leader, access.System}
	// finders are those who go out, and those who only report what they see: inspectors, and the chiefs of buildings.
	finders  = append([]string{access.Inspector, access.Chief}, outside...)
	checkers = []string{access.GridChief, access.Community, access.Street, access.StreetLead, access.Department, access.DeptLead, access.Supervisor, access.Leader, access.Grid}
)

// Table is the way of a finding. It asks for words and photos of the problem, never of whoever found it.
var Table = flow.Table{
	Kind: "finding",
	States: []flow.State{
		{Name: Sent, Chip: "sign", End: true}, {Name: Settled, Chip: "done"}, {Name: Returned, Chip: "redo"}, {Name: Confirmed, Chip: "done", End: true},
	},
	Actions: []flow.Action{
		{Name: "find", Decides: []string{Sent, Settled}, Who: grants("", finders...), Form: form.Form{Name: "finding_find", Fields: []form.Field{
			{Name: "words", Type: form.Text, Required: true, Max: MaxWords, Personal: true}, {Name: "matter", Type: form.Line, Max: 40},
			{Name: "place", Type: form.Line, Max: MaxPlace}, {Name: "settled", Type: form.Bool}, {Name: "fix", Type: form.Text, Max: MaxFix, Personal: true}}}},
		{Name: "recheck", From: []string{Settled}, Decides: []string{Confirmed, Returned}, Who: grants(Other, checkers...), Form: form.Form{Name: "finding_recheck", Fields: []form.Field{
			{Name: "fixed", Type: form.Choice, Required: true, Options: form.Options("yes", "no")}, {Name: "note", Type: form.Text, Max: 500}}}},
		{Name: "fix", From: []string{Returned}, To: Settled, Who: grants(Finder, finders...), Form: form.Form{Name: "finding_fix", Fields: []form.Field{
			{Name: "fix", Type: form.Text, Required: true, Max: MaxFix, Personal: true}}}},
		{Name: "send", From: []string{Settled, Returned}, To: Sent, Who: append(grants(Finder, finders...), grants(Other, checkers...)...), Form: form.Form{Name: "finding_send", Fields: []form.Field{
			{Name: "note", Type: form.Text, Required: true, Max: 500}}}},
	},
}

func grants(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}

// Place is where something is. Lon and Lat count only when Located; CRS names their system ("" = CGCS2000) and is gone
// after the door.
type Place struct {
	Text      string
	Lon, Lat  float64
	CRS       string
	Located   bool
	Street    string // unit ids; follow from the point, else from the smallest of them that is given
	Community string
	Grid      string
}

// Finding is something seen outside, as a door hands it over.
type Finding struct {
	Turn    string // id of the turn it was found on; "" = outside of any
	Matter  string // key of a matter; "" = nobody said
	Words   string
	Place   Place
	Settled bool      // settled on the spot: no case
	Fix     string    // Settled: what was done
	Seen    time.Time // the moment on the device; zero = now. Words only: nothing is counted from it.
	// Photos and FixPhotos are how many files Attach and AttachFix will add: of the problem, and of it after it was settled.
	Photos, FixPhotos int
	// Attach runs in the same transaction. kind and subject name the record the files belong to: "case" and a number, or
	// KindFinding, KindFix and the id of the finding.
	Attach    func(tx *store.Tx, kind, subject string, at time.Time) error
	AttachFix func(tx *store.Tx, kind, subject string, at time.Time) error
	MadeUp    bool      // of a demonstration
	At        time.Time // only for simulation: when it came in; zero = now
	Key       store.Key
}

// Kinds of records that photos of findings belong to.
const (
	KindFinding = "finding"
	KindFix     = "finding_fix"
)

// Found is what whoever found it gets.
type Found struct {
	ID    string
	Case  string // number of the case it became; "" when it was settled
	Again bool   // the same finding had come in before under this key
}

// Record is a finding as its acts left it.
type Record struct {
	ID        string
	Doc       int64 // grows with time; order of lists
	State     string
	Matter    string
	Words     string // without what names a person
	Fix       string
	Place     Place // CRS is ""
	Unit      string
	Post      string
	Account   string
	Turn      string
	Routine   string
	Case      string
	Photos    int
	FixPhotos int
	Seen      int64 // µs UTC
	MadeUp    bool
	Created   int64
	Changed   int64
	Version   int64
	lastSeq   int64
}

// Position is where the finding stands in the flow table.
func (r *Record) Position() flow.Position { return flow.Position{State: r.State} }

// Change is the body of an act: the whole of the finding after it. Words that may name a person are texts of the act.
type Change struct {
	State     string  `json:"state"`
	Matter    string  `json:"matter,omitempty"`
	Lon       float64 `json:"lon,omitempty"`
	Lat       float64 `json:"lat,omitempty"`
	Located   bool    `json:"located,omitempty"`
	Street    string  `json:"street,omitempty"`
	Community string  `json:"community,omitempty"`
	Grid      string  `json:"grid,omitempty"`
	Unit      string  `json:"unit,omitempty"`
	Post      string  `json:"post,omitempty"`
	Account   string  `json:"account,omitempty"`
	Turn      string  `json:"turn,omitempty"`
	Routine   string  `json:"routine,omitempty"`
	Case      string  `json:"case,omitempty"`
	Photos    int     `json:"photos,omitempty"`
	FixPhotos int     `json:"fix_photos,omitempty"`
	Seen      int64   `json:"seen"`
	MadeUp    bool    `json:"made_up,omitempty"`
}

func (r *Record) change() Change {
	return Change{State: r.State, Matter: r.Matter, Lon: r.Place.Lon, Lat: r.Place.Lat, Located: r.Place.Located, Street: r.Place.Street, Community: r.Place.Community,
		Grid: r.Place.Grid, Unit: r.Unit, Post: r.Post, Account: r.Account, Turn: r.Turn, Routine: r.Routine, Case: r.Case, Photos: r.Photos, FixPhotos: r.FixPhotos,
		Seen: r.Seen, MadeUp: r.MadeUp}
}

// fold applies an act. It is the only code that changes a Record.
func (r *Record) fold(a *journal.Act) error {
	var c Change
	if err := a.Into(&c); err != nil {
		return err
	}
	if r.Version == 0 {
		r.ID, r.Created, r.Doc = a.Subject, a.At, a.At<<12|a.Seq&0xfff
		r.Words, r.Place.Text = a.Texts["words"], a.Texts["place"]
	}
	if fix, ok := a.Texts["fix"]; ok {
		r.Fix = fix
	}
	r.State, r.Matter, r.Unit, r.Post, r.Account, r.Turn, r.Routine, r.Case = c.State, c.Matter, c.Unit, c.Post, c.Account, c.Turn, c.Routine, c.Case
	r.Place.Lon, r.Place.Lat, r.Place.Located, r.Place.Street, r.Place.Community, r.Place.Grid = c.Lon, c.Lat, c.Located, c.Street, c.Community, c.Grid
	r.Photos, r.FixPhotos, r.Seen, r.MadeUp = c.Photos, c.FixPhotos, c.Seen, c.MadeUp
	r.Version++
	r.Changed, r.lastSeq = a.At, a.Seq
	return nil
}
