package visits

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/text"
)

// MostDoors is how many doors one campaign may have: they are made in one transaction.
const MostDoors = 6000

func newID(prefix string) string { return prefix + strings.ToLower(rand.Text()[:12]) }

// Open lists what the scope may do with a campaign.
func (v *Visits) Open(sc access.Scope, c *Campaign) []*flow.Action {
	return CampaignTable.Open(c.Position(), v.over(sc, c.CommunityList()...))
}

// Plan makes a campaign and returns its id. Faults are form.Faults or a *Refusal.
func (v *Visits) Plan(ctx context.Context, sc access.Scope, raw form.Raw) (string, error) {
	act, err := CampaignTable.Action("plan")
	if err != nil {
		return "", err
	}
	answers, err := v.Form(act).Check(raw)
	if err != nil {
		return "", err
	}
	c := &Campaign{State: Draft, MadeUp: v.madeUp}
	if err := v.fill(c, answers); err != nil {
		return "", err
	}
	actor := v.over(sc, c.CommunityList()...)
	if !act.Grants(actor) || !sc.All() && !slices.Contains(actor.Relations, Host) {
		return "", flow.ErrForbidden
	}
	id := newID("v")
	return id, v.db.Write(ctx, func(tx *store.Tx) error { return v.recordCampaign(tx, sc, &Campaign{}, id, act, c.change(), nil) })
}

// fill takes what a form says about a campaign.
func (v *Visits) fill(c *Campaign, a form.Answers) (err error) {
	if c.Name, err = text.Clean(a.Str("name"), 40); err != nil {
		return form.Faults{{Field: "name", Code: "control"}}
	}
	c.From, c.To = a.Str("from"), a.Str("until")
	if c.To < c.From {
		return refuse("until", "结束日期 %s 早于开始日期 %s", "the last day %s lies before the first, %s", c.To, c.From)
	}
	communities := a.List("communities")
	for _, id := range communities {
		if u, ok := v.dir.Unit(id); !ok || u.Kind != directory.Community && u.Kind != directory.Village {
			return form.Faults{{Field: "communities", Code: "unit"}}
		}
	}
	c.Communities, c.Posts = strings.Join(communities, " "), strings.Join(a.List("posts"), " ")
	var list []string
	for _, id := range strings.FieldsFunc(a.Str("buildings"), func(r rune) bool { return r == ' ' || r == '\n' || r == '\r' || r == ',' || r == '、' || r == '，' }) {
		b, ok := v.o.Building(id)
		if !ok || !slices.Contains(communities, b.Community) {
			return refuse("buildings", "楼栋“%s”不在所选社区里；请填楼栋编号，留空就是全部", "building %s is not in these communities; give ids of buildings, or leave it empty for all", id)
		}
		list = append(list, id)
	}
	slices.Sort(list)
	c.Buildings = strings.Join(slices.Compact(list), " ")
	return nil
}

// blocks are the buildings of a campaign as they are now.
func (v *Visits) blocks(c *Campaign) (out []block, households int64) {
	chosen := strings.Fields(c.Buildings)
	for _, community := range c.CommunityList() {
		for _, b := range v.o.BuildingsOf(community) {
			if len(chosen) == 0 || slices.Contains(chosen, b.ID) {
				out = append(out, blockOf(b))
				households += int64(b.Households)
			}
		}
	}
	return out, households
}

func (v *Visits) recordCampaign(tx *store.Tx, sc access.Scope, was *Campaign, id string, act *flow.Action, x campaignChange, texts map[string]string) error {
	a, err := v.append(tx, sc, CampaignTable.Kind, id, act.Name, act.Capacity(v.over(sc, strings.Fields(x.Communities)...)), x, texts)
	if err != nil {
		return err
	}
	if err := was.fold(a); err != nil {
		return err
	}
	if err := v.saveCampaign(tx, was); err != nil {
		return err
	}
	return v.follow(tx, a)
}

// follow does to the doors what the act of their campaign says.
func (v *Visits) follow(tx *store.Tx, a *journal.Act) error {
	switch a.Action {
	case "start":
		list, err := yield(a)
		if err != nil {
			return err
		}
		for _, x := range list {
			if err := v.insertVisit(tx, x); err != nil {
				return err
			}
		}
	case "finish", "cancel":
		return tx.Exec(`UPDATE visits SET state = $3, outcome = CASE WHEN outcome = '' THEN $4 ELSE outcome END, revisit = '', version = version + 1, changed = $5, last_seq = $6
			WHERE district = $1 AND campaign = $2 AND state IN ('planned', 'attempted')`, v.district, a.Subject, Closed, Lapsed, a.At, a.Seq)
	}
	return nil
}

// Act does what a person decided about a campaign. Faults are form.Faults or a *Refusal.
func (v *Visits) Act(ctx context.Context, sc access.Scope, id, action string, version int64, raw form.Raw) error {
	act, err := CampaignTable.Action(action)
	if err != nil {
		return err
	}
	if act.From == nil {
		return flow.ErrUnknown
	}
	return v.db.Write(ctx, func(tx *store.Tx) error {
		c, err := v.campaign(tx, id)
		if err != nil {
			return err
		}
		if !v.sees(sc, c.CommunityList()...) {
			return store.ErrNotFound
		}
		if _, err := CampaignTable.Permit(action, c.Position(), v.over(sc, c.CommunityList()...)); err != nil {
			return err
		}
		answers, err := v.Form(act).Check(raw)
		if err != nil {
			return err
		}
		if c.Version != version {
			return ErrStale
		}
		n, texts := *c, map[string]string{}
		if act.To != "" {
			n.State = act.To
		}
		if s := answers.Str("reason"); s != "" {
			texts["reason"], _ = text.Redact(s)
		}
		if act.Name == "change" {
			if err := v.fill(&n, answers); err != nil {
				return err
			}
			if actor := v.over(sc, n.CommunityList()...); !act.Grants(actor) {
				return flow.ErrForbidden
			}
		}
		x := n.change()
		if act.Name == "start" {
			x.Blocks, x.Households = v.blocks(&n)
			switch {
			case x.Households == 0:
				return refuse("", "这些社区没有登记楼栋和户数，先在“组织”里登记楼栋", "no buildings with households are registered there: enter them first")
			case x.Households > MostDoors:
				return refuse("", "共 %d 户，一次走访最多 %d 户，请分几次安排", "%d households: a campaign has at most %d, split it", x.Households, MostDoors)
			}
		}
		return v.recordCampaign(tx, sc, c, id, act, x, texts)
	})
}
