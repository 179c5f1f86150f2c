package visits

import (
	"fmt"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
)

// States of a campaign.
const (
	Draft     = "draft"
	Running   = "running" // its doors are there to be knocked at
	Finished  = "finished"
	Cancelled = "cancelled"
)

func planners(relation string) []flow.Grant {
	return append(who(relation, access.Community, access.Street, access.StreetLead), who("", access.Dispatcher, access.System)...)
}

var planFields = []form.Field{
	{Name: "name", Type: form.Line, Required: true, Max: 40},
	{Name: "communities", Type: form.Units, Required: true, Max: 20},
	{Name: "buildings", Type: form.Text, Max: 4000},
	{Name: "from", Type: form.Date, Required: true}, {Name: "until", Type: form.Date, Required: true},
	{Name: "posts", Type: form.Multi}}

// CampaignTable says who does what with a campaign.
var CampaignTable = flow.Table{
	Kind:   "visit_campaign",
	States: []flow.State{{Name: Draft, Chip: "new"}, {Name: Running, Chip: "doing"}, {Name: Finished, Chip: "done", End: true}, {Name: Cancelled, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "plan", To: Draft, Who: planners(""), Form: form.Form{Name: "visit_plan", Fields: planFields}},
		{Name: "change", From: []string{Draft}, Who: planners(Host), Form: form.Form{Name: "visit_plan", Fields: planFields}},
		{Name: "start", From: []string{Draft}, To: Running, Who: planners(Host), Form: form.Form{Name: "visit_start"}},
		{Name: "finish", From: []string{Running}, To: Finished, Who: planners(Host), Form: form.Form{Name: "visit_finish"}},
		{Name: "cancel", From: []string{Draft, Running}, To: Cancelled, Who: planners(Host), Form: form.Form{Name: "visit_cancel", Fields: []form.Field{
			{Name: "reason", Type: form.Text, Required: true, Max: 300}}}},
	},
}

// Campaign is a plan of visits, as its acts left it.
type Campaign struct {
	ID          string
	State       string
	Name        string
	Communities string // unit ids, joined by blanks
	Buildings   string // ids, joined by blanks; "" = all of the communities
	From, To    string // local days, both included
	Posts       string // kinds of posts that go, joined by blanks: cadre resident gridworker
	Households  int64  // doors it yielded
	MadeUp      bool
	Created     int64 // µs UTC
	Changed     int64
	Version     int64
	lastSeq     int64
}

// Position is where the campaign stands in its flow table.
func (c *Campaign) Position() flow.Position { return flow.Position{State: c.State} }

// CommunityList are the communities it is about.
func (c *Campaign) CommunityList() []string { return strings.Fields(c.Communities) }

// PostList are the kinds of posts that go.
func (c *Campaign) PostList() []string { return strings.Fields(c.Posts) }

// block is a building at the moment a campaign began: its doors follow from it.
type block struct {
	ID         string `json:"id"`
	Community  string `json:"community"`
	Grid       string `json:"grid,omitempty"`
	Entrances  int    `json:"entrances,omitempty"`
	Floors     int    `json:"floors,omitempty"`
	Households int    `json:"households"`
}

func blockOf(b *directory.Building) block {
	return block{b.ID, b.Community, b.Grid, b.Entrances, b.Floors, b.Households}
}

// doors are the doors of a building: 2-301 is the first on the third floor of entrance 2; a house without entrances
// counts them through, 0-12.
func (b block) doors() []string {
	out := make([]string, 0, b.Households)
	if b.Entrances < 1 || b.Floors < 1 {
		for n := range b.Households {
			out = append(out, fmt.Sprintf("0-%d", n+1))
		}
		return out
	}
	per := (b.Households + b.Entrances*b.Floors - 1) / (b.Entrances * b.Floors)
	for e := 1; e <= b.Entrances; e++ {
		for f := 1; f <= b.Floors; f++ {
			for n := 1; n <= per && len(out) < b.Households; n++ {
				out = append(out, fmt.Sprintf("%d-%d%02d", e, f, n))
			}
		}
	}
	return out
}

// campaignChange is the body of an act: the whole of the campaign after it, and for "start" the buildings whose doors it
// yields.
type campaignChange struct {
	State       string  `json:"state"`
	Name        string  `json:"name"`
	Communities string  `json:"communities"`
	Buildings   string  `json:"buildings,omitempty"`
	From        string  `json:"from"`
	To          string  `json:"to"`
	Posts       string  `json:"posts,omitempty"`
	Households  int64   `json:"households,omitempty"`
	MadeUp      bool    `json:"made_up,omitempty"`
	Blocks      []block `json:"blocks,omitempty"`
}

func (c *Campaign) change() campaignChange {
	return campaignChange{c.State, c.Name, c.Communities, c.Buildings, c.From, c.To, c.Posts, c.Households, c.MadeUp, nil}
}

// fold applies an act. It is the only code that changes a Campaign.
func (c *Campaign) fold(a *journal.Act) error {
	var x campaignChange
	if err := a.Into(&x); err != nil {
		return err
	}
	if c.Version == 0 {
		c.ID, c.Created = a.Subject, a.At
	}
	c.State, c.Name, c.Communities, c.Buildings, c.From, c.To, c.Posts, c.Households, c.MadeUp = x.State, x.Name, x.Communities, x.Buildings, x.From, x.To, x.Posts, x.Households, x.MadeUp
	c.Version++
	c.Changed, c.lastSeq = a.At, a.Seq
	return nil
}

// yield are the visits that the act of "start" makes.
func yield(a *journal.Act) ([]*Visit, error) {
	var x campaignChange
	if err := a.Into(&x); err != nil {
		return nil, err
	}
	var out []*Visit
	for _, b := range x.Blocks {
		for _, door := range b.doors() {
			out = append(out, &Visit{ID: a.Subject + "." + b.ID + "." + door, Campaign: a.Subject, Community: b.Community, Grid: b.Grid, Building: b.ID, Door: door,
				State: Planned, MadeUp: x.MadeUp, Changed: a.At, Version: 1, lastSeq: a.Seq})
		}
	}
	slices.SortFunc(out, func(a, b *Visit) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}
