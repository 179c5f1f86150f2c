package catalogue

import "weixiao/internal/directory"

// Duties is what a version of the catalogue holds: rules in the order in which they
// are tried, and the questions that matters ask.
type Duties struct {
	Rules     []Rule        `json:"rules"`
	Questions []QuestionSet `json:"questions,omitempty"`
}

// Rule says who answers. All conditions that are given must hold; a condition that
// is empty always holds. See Decide. The names of its fields in files are those of
// rules.yaml.
type Rule struct {
	ID  string `json:"id"`
	Off bool   `json:"off,omitempty"`

	// What it is about.
	Matters  []string `json:"matters,omitempty"`  // keys of matters
	Groups   []string `json:"groups,omitempty"`   // ids of groups
	Types    []Type   `json:"types,omitempty"`    // what the one who asks wants
	Channels []string `json:"channels,omitempty"` // how it came in, see Channels

	// Where. On a place that is not known so far none of these holds.
	Places []directory.Kind `json:"places,omitempty"` // street, town, community, village: of the place's units
	Under  []string         `json:"under,omitempty"`  // units one of which the place must be under
	Grids  []string         `json:"grids,omitempty"`  // grids one of which it must lie in
	Areas  []string         `json:"areas,omitempty"`  // layer/code of polygons of one layer: contractors' areas

	// When. On a time that is not known none of these holds.
	From     string   `json:"from,omitempty"`     // first day in force, 2006-01-02
	Until    string   `json:"until,omitempty"`    // last day in force
	Season   string   `json:"season,omitempty"`   // days of every year: 10-20..04-15, through New Year
	Weekdays []string `json:"weekdays,omitempty"` // mon … sun
	Hours    string   `json:"hours,omitempty"`    // of the day: 22:00-06:00, up to and without the end
	When     string   `json:"when,omitempty"`     // by the working calendar: see Whens

	// What follows.
	Unit   string   `json:"unit"`             // unit expression of the leader
	Assist []string `json:"assist,omitempty"` // unit expressions of helpers; empty = the matter's own
	Limit  string   `json:"limit,omitempty"`  // profile; "" = the matter's own, NoLimit = none
	Public string   `json:"public,omitempty"` // yes, no; "" = as the matter says
	Ask    []string `json:"ask,omitempty"`    // ids of question sets asked besides the matter's own

	Law      string `json:"law,omitempty"`    // the legal basis
	Source   string `json:"source,omitempty"` // where the rule comes from: a list, a decision, an objection
	ReasonZH string `json:"reason_zh,omitempty"`
	ReasonEN string `json:"reason_en,omitempty"`
}

// NoLimit is the profile of a rule under which there is no deadline.
const NoLimit = "none"

// What a rule may say of the working calendar.
const (
	WhenOffice  = "office"  // in office hours
	WhenClosed  = "closed"  // outside of office hours, on any day
	WhenWorkday = "workday" // on a working day, at any hour
	WhenDayOff  = "dayoff"  // on a day off
)

// Whens lists the words of Rule.When.
func Whens() []string { return []string{WhenOffice, WhenClosed, WhenWorkday, WhenDayOff} }

// Weekdays lists the words of Rule.Weekdays, Monday first.
func Weekdays() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// Channels lists the ways in which requests come: the words of Rule.Channels.
func Channels() []string {
	return []string{"hotline", "portal", "wechat", "grid", "street", "patrol", "workday", "visit", "express", "open311", "upstream", "import"}
}
