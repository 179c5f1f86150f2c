// Package campaigns is work against a window of time: the winter and spring campaign of projects (冬春会战), the creation of
// cities (“六域”党建引领“三城”创建). A campaign has targets for units, meetings whose decisions become tasks, points of a list that
// are shown, checked and put right, and units that stand by communities.
//
//	campaigns.go  Campaigns, Options, who is what to a record
//	tables.go     the flow tables
//	kinds.go      the kinds of records and what their actions do
//	sheet.go      the battle sheet of a week (作战图)
//
// What a ledger knows already nobody reports: an indicator that Options.Count can count is counted. No person is ranked,
// and a unit's row opens to the records behind it.
package campaigns

import (
	"errors"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Campaign is a stretch of work.
type Campaign struct {
	record.Head
	Name   string `json:"name"`
	Theme  string `json:"theme"`  // of the pack's themes
	From   string `json:"from"`   // first day, 2022-01-04
	Until  string `json:"until"`  // last day
	Office string `json:"office"` // unit that leads it
}

// Target is what a unit is to reach in an indicator. Amounts are in hundredths of the indicator's unit.
type Target struct {
	record.Head
	Campaign  string `json:"campaign"`
	Unit      string `json:"unit"`
	Indicator string `json:"indicator"` // of the pack
	Goal      int64  `json:"goal"`
	Goals     []Goal `json:"goals"` // as it was set and changed, oldest first
	Weeks     []Week `json:"weeks,omitempty"`
}

// Goal is a goal as it was from a moment on.
type Goal struct {
	Goal int64 `json:"goal"`
	At   int64 `json:"at"` // µs UTC
}

// Week is what a unit reported of a week, by its Monday.
type Week struct {
	Monday   string `json:"monday"`
	Amount   int64  `json:"amount"`
	Reporter string `json:"reporter"`          // account
	Checker  string `json:"checker,omitempty"` // account; "" = not looked at yet
}

// Done is what was confirmed up to and with a week; all of it when monday is "".
func (x *Target) Done(monday string) (sum int64) {
	for _, w := range x.Weeks {
		if w.Checker != "" && (monday == "" || w.Monday <= monday) {
			sum += w.Amount
		}
	}
	return sum
}

// Of is what was reported of a week, and whether somebody looked at it.
func (x *Target) Of(monday string) (amount int64, checked, found bool) {
	for _, w := range x.Weeks {
		if w.Monday == monday {
			return w.Amount, w.Checker != "", true
		}
	}
	return 0, false, false
}

// Meeting is a weekly dispatch meeting.
type Meeting struct {
	record.Head
	Campaign string   `json:"campaign"`
	Held     string   `json:"held"` // when it is or was, local
	Place    string   `json:"place"`
	Units    []string `json:"units"` // called
	Came     []string `json:"came,omitempty"`
	Tasks    int64    `json:"tasks,omitempty"`
}

// Task is what a meeting decided.
type Task struct {
	record.Head
	Campaign string `json:"campaign"`
	Meeting  string `json:"meeting,omitempty"`
	Name     string `json:"name"`
	Unit     string `json:"unit"`
	Until    string `json:"until"` // last day
	Done     int64  `json:"done,omitempty"`
	Again    int64  `json:"again,omitempty"`
	Doer     string `json:"doer,omitempty"` // account that said it was done
}

// Point is one line of a list of what is to be met, such as a standard of a civilised city.
type Point struct {
	record.Head
	Campaign string `json:"campaign"`
	Name     string `json:"name"`
	Unit     string `json:"unit"`
	Shower   string `json:"shower,omitempty"` // account that showed the evidence
	Again    int64  `json:"again,omitempty"`
}

// Pair is a unit that stands by a community.
type Pair struct {
	record.Head
	Campaign  string `json:"campaign"`
	Unit      string `json:"unit"`
	Community string `json:"community"`
	Helped    int64  `json:"helped,omitempty"` // how often something was done together
}

// Options are what the package is wired with.
type Options struct {
	Rules *pack.Campaigns
	// Units are those that can have targets and tasks.
	Units func() []string
	// Name is the name of a unit, for titles of lists.
	Name func(unit string) string
	// Count is what a ledger of the district says of an indicator, a unit and a stretch of days: such an indicator is
	// not reported. false: no ledger knows. nil: none does.
	Count func(tx *store.Tx, indicator, unit, from, until string) (amount int64, known bool, err error)
}

// Campaigns are those of one district.
type Campaigns struct {
	db *store.DB
	e  *record.Engine
	o  Options

	Campaign *record.Book[Campaign, *Campaign]
	Target   *record.Book[Target, *Target]
	Meeting  *record.Book[Meeting, *Meeting]
	Task     *record.Book[Task, *Task]
	Point    *record.Book[Point, *Point]
	Pair     *record.Book[Pair, *Pair]
}

// New registers the kinds; nil for a pack without campaigns.yaml.
func New(db *store.DB, e *record.Engine, o Options) *Campaigns {
	if o.Rules == nil {
		return nil
	}
	c := &Campaigns{db: db, e: e, o: o}
	c.register()
	return c
}

// Rules are those of the pack.
func (c *Campaigns) Rules() *pack.Campaigns { return c.o.Rules }

// Relations of somebody to a record.
const (
	office = "office" // works for the unit that leads the campaign
	doer   = "doer"   // works for the unit whose record it is
	second = "second" // of the office, and did not report or do it
)

// Roles are the roles that have anything to do with campaigns.
func Roles() []string {
	return []string{access.Department, access.DeptLead, access.Street, access.StreetLead, access.Community, access.Supervisor, access.Leader, access.Auditor}
}

func sees(sc access.Scope) bool { return sc.Account() != "" && sc.Can(Roles()...) }

// of are the relations to a record of a campaign that belongs to a unit; did is the account that did what is looked at.
func (c *Campaigns) of(tx *store.Tx, sc access.Scope, campaign, unit, did string) (out []string, err error) {
	if unit != "" && sc.Within(unit) {
		out = append(out, doer)
	}
	x, err := c.Campaign.Load(tx, campaign)
	if errors.Is(err, store.ErrNotFound) {
		return out, nil
	}
	if err == nil && x.Office != "" && sc.Within(x.Office) {
		if out = append(out, office); did != sc.Account() {
			out = append(out, second)
		}
	}
	return out, err
}

// running is a campaign of an answer that is under way.
func (c *Campaigns) running(tx *store.Tx, id string) (*Campaign, error) {
	x, err := c.Campaign.Load(tx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, record.Fault("campaign", "choice")
	case err != nil:
		return nil, err
	case x.State != Planned && x.State != Running:
		return nil, record.Refuse("campaign.over", x.Name)
	}
	return x, nil
}

// MondayOf is the Monday of a local day's week; "" for what is no day.
func MondayOf(day string) string {
	t, err := time.ParseInLocation("2006-01-02", day, worktime.Zone)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format("2006-01-02")
}

func grants(relation string, roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r, Relation: relation})
	}
	return out
}
