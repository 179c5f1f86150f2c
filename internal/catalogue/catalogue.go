// Package catalogue is a district's list of matters: what people can ask for,
// how fast it must go, and which unit leads.
//
// Three kinds of matter live in one catalogue: requests (the district's own
// list in the words of neighbours, three digits, the Open311 service codes),
// and the components and matters of the city-management standard GB/T 47678.5
// (five digits, where one code may mean a component and a matter, so that only
// standard, kind and code together name one).
//
// A Catalogue is immutable, made by New from plain lists (package pack reads them)
// and a Directory, and by With from other rules. Its verbs are pure: Decide names
// the unit that answers for a matter at a place and time and says why; Suggest
// reads a sentence and proposes matters. Package duties keeps the versions of the
// rules that a district makes for itself.
//
//	catalogue.go  types and look-ups
//	rule.go       Rule: conditions and result; Duties: what a version holds
//	question.go   QuestionSet: what is asked about a matter
//	build.go      New, With: checking the lists; checkrules.go: the rules
//	when.go       dates, seasons, weekdays, hours
//	resolve.go    Decide: first match wins, no match goes to the duty desk
//	reach.go      rules that can never match: shadowed, or excluded by their dates
//	explain.go    why a rule decided, in words
//	compare.go    what differs between two versions
//	suggest.go    keywords to matters
//	ladder.go     when people are reminded of a deadline, and who hears that it passed
package catalogue

import (
	"slices"

	"weixiao/internal/directory"
)

// Kind is the list a matter belongs to.
type Kind string

const (
	KindRequest   Kind = "request"   // 诉求: the district's own catalogue
	KindComponent Kind = "component" // 部件: city assets, GB/T 47678.5
	KindMatter    Kind = "matter"    // 事项: city problems, GB/T 47678.5
)

// Type is what the one who asks wants; a matter has the usual one, a case may differ.
type Type string

const (
	Consult    Type = "consult"    // 咨询
	Help       Type = "help"       // 求助
	Complaint  Type = "complaint"  // 投诉
	Report     Type = "report"     // 举报
	Suggestion Type = "suggestion" // 建议
)

// TypeWord is a type with the words people read.
type TypeWord struct {
	Type    Type
	Name    string
	English string
}

// Types lists the five types in the order of the forms.
func Types() []TypeWord {
	return []TypeWord{
		{Consult, "咨询", "Question"},
		{Help, "求助", "Request for help"},
		{Complaint, "投诉", "Complaint"},
		{Report, "举报", "Report of wrongdoing"},
		{Suggestion, "建议", "Suggestion"},
	}
}

// Urgency of a matter: how it is marked on lists. Limits come from the profile.
type Urgency string

const (
	Normal   Urgency = "normal"   // 普通
	Urgent   Urgency = "urgent"   // 紧急: people are without water, heat, power, passage
	Critical Urgency = "critical" // 特急: danger to life or property
)

// Matter is one thing people can report.
type Matter struct {
	Key      string // unique in the catalogue; equals Code for requests, see StandardKey
	Code     string // three digits for requests, five in GB/T 47678.5
	Kind     Kind
	Standard string // the list it comes from; "" for the district's own
	Name     string // as a neighbour says it: 路灯不亮
	Official string // as the standard or the duty list calls it
	English  string
	Group    string // id of a Group
	Keywords []string
	Type     Type
	Lead     string   // unit expression used when no rule matches; "" = duty desk
	Assist   []string // unit expressions of helpers
	Limit    string   // name of a Profile; "" = no limit, never late
	Urgency  Urgency
	Public   bool   // cases may be shown to everybody (without persons)
	Law      string // what the duty or the limit rests on
	NoReopen bool   // a resident who is not content cannot have it handled again
	Deleted  bool   // kept for old cases, cannot be chosen any more
}

// Group is a heading of the catalogue.
type Group struct {
	ID, Name, English string
	Kind              Kind
}

// Profile is a set of limits. Limits are worktime expressions such as
// "30 minute", "4 workhour", "5 workday"; "" means none.
type Profile struct {
	Name            string // L0 … L5
	Title           string
	English         string
	Sign            string     // dispatched → signed for
	Contact         string     // dispatched → the petitioner was called
	Reply           string     // dispatched → the unit's answer
	Close           string     // dispatched → answered and reviewed
	Revisit         string     // reply → call-back
	ExtensionMax    string     // the most one extension may add
	Extensions      int        // how many are possible
	ObjectionWindow string     // dispatched → last moment to object to the dispatch
	HandbackCap     int        // how often a unit may hand a case back before it is designated
	Approvals       []Approval // who decides about an extension, smaller amounts first
}

// Approval says who decides about an extension of at most UpTo; "" is any length.
// By are words of package cases: unit, centre, supervision, leader.
type Approval struct {
	UpTo string
	By   []string
}

// Catalogue is immutable; all methods may be called at once by many.
type Catalogue struct {
	dir      *directory.Directory
	duty     directory.Unit
	matters  []Matter
	byKey    map[string]int
	byCode   map[string][]int
	groups   []Group
	profiles []Profile
	areas    map[string][]string
	version  int
	since    string
	duties   Duties
	rules    []ready          // as Duties has them, read
	tried    map[string][]int // by key of a matter: the rules that can be about it, in order
	asked    map[string][]int // by key of a matter: its sets of questions
	index    index
}

// StandardKey is the key of a matter of a standard: 47678.5-c01001 for the
// component 01001, 47678.5-m01001 for the matter of the same code.
func StandardKey(standard string, kind Kind, code string) string {
	if standard == "" {
		return code
	}
	return standard + "-" + string(kind[:1]) + code
}

// Matter finds a matter by key, or by bare code where only one matter has it.
// Deleted matters are found too: old cases need their names.
func (c *Catalogue) Matter(key string) (Matter, bool) {
	if i, ok := c.byKey[key]; ok {
		return c.matters[i], true
	}
	if same := c.byCode[key]; len(same) == 1 {
		return c.matters[same[0]], true
	}
	return Matter{}, false
}

// Matters lists the matters of these kinds (all kinds if none is given) that can
// be chosen, in the order of the pack.
func (c *Catalogue) Matters(kinds ...Kind) []Matter {
	var found []Matter
	for _, m := range c.matters {
		if !m.Deleted && (len(kinds) == 0 || slices.Contains(kinds, m.Kind)) {
			found = append(found, m)
		}
	}
	return found
}

// All lists every matter, deleted ones too.
func (c *Catalogue) All() []Matter { return slices.Clone(c.matters) }

// Groups lists the headings of these kinds (all if none is given) in order.
func (c *Catalogue) Groups(kinds ...Kind) []Group {
	var found []Group
	for _, g := range c.groups {
		if len(kinds) == 0 || slices.Contains(kinds, g.Kind) {
			found = append(found, g)
		}
	}
	return found
}

// Profile finds a set of limits by name.
func (c *Catalogue) Profile(name string) (Profile, bool) {
	for _, p := range c.profiles {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// Profiles lists the sets of limits in order.
func (c *Catalogue) Profiles() []Profile { return slices.Clone(c.profiles) }

// LimitsOf are the limits of a matter.
func (c *Catalogue) LimitsOf(m Matter) Profile {
	p, _ := c.Profile(m.Limit) // New made sure that it exists
	return p
}

// Rules lists the duty rules in the order in which they are tried.
func (c *Catalogue) Rules() []Rule { return slices.Clone(c.duties.Rules) }

// Duties is what a version of the catalogue can change: rules and questions.
// Nobody changes what it returns.
func (c *Catalogue) Duties() Duties { return c.duties }

// Version is the number of the version of the rules; 1 is the pack's.
func (c *Catalogue) Version() int { return c.version }

// DutyDesk is the unit that takes what no rule could place.
func (c *Catalogue) DutyDesk() directory.Unit { return c.duty }
