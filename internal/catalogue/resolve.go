package catalogue

import (
	"slices"

	"weixiao/internal/directory"
)

// Unit expressions besides a fixed unit id.
const (
	AtStreet    = "@street"    // the street or town of the place
	AtCommunity = "@community" // the community or village of the place
	AtDuty      = "@duty"      // the duty desk
)

// Decision names the unit that leads and says why.
type Decision struct {
	Unit     string   // unit id; never empty
	Rule     string   // id of the rule, "matter" when the matter's own lead decided, "duty" when nothing did
	ReasonZH string   // for people, in Chinese
	ReasonEN string   // the same in English
	Assist   []string // unit ids of helpers, without the leader
	DutyDesk bool     // nobody could be named: a person must decide
}

// Resolve names the unit that answers for a matter at a place. The rules are
// tried in order and the first that is on, whose conditions hold and whose unit
// exists at this place decides; then the matter's own lead; then the duty desk,
// so that nothing is ever lost. An empty or unknown street or community means
// that the place is not known so far; a community alone implies its street.
func (c *Catalogue) Resolve(matter, street, community string) Decision {
	m, ok := c.Matter(matter)
	if !ok {
		return c.toDuty("事项不在目录里，请人工派单", "the matter is not in the catalogue; a person must dispatch it", nil)
	}
	p := c.placeOf(street, community)
	for _, r := range c.rules {
		if r.Off || !r.covers(m) || !c.holds(r, p) {
			continue
		}
		lead, ok := c.evaluate(r.Unit, p)
		if !ok {
			continue
		}
		assist := r.Assist
		if len(assist) == 0 {
			assist = m.Assist
		}
		d := c.decide(r.ID, r.Unit, lead, m, p, assist)
		if r.ReasonZH != "" {
			d.ReasonZH = r.ReasonZH
		}
		if r.ReasonEN != "" {
			d.ReasonEN = r.ReasonEN
		}
		return d
	}
	if lead, ok := c.evaluate(m.Lead, p); ok {
		return c.decide("matter", m.Lead, lead, m, p, m.Assist)
	}
	if m.Lead != "" {
		return c.toDuty("“"+m.Name+"”按属地派单，但发生地点还不清楚，请先核实地点",
			"“"+m.English+"” goes to the street of the place, and the place is not known yet", c.helpers(m.Assist, "", p))
	}
	return c.toDuty("“"+m.Name+"”没有对应的派单规则，请人工派单",
		"no duty rule matches “"+m.English+"”; a person must dispatch it", c.helpers(m.Assist, "", p))
}

// place is what is known about where; zero units are unknown.
type place struct{ street, community directory.Unit }

func (c *Catalogue) placeOf(street, community string) place {
	var p place
	if u, ok := c.dir.Unit(community); ok && (u.Kind == directory.Community || u.Kind == directory.Village) {
		p.community = u
	}
	if u, ok := c.dir.StreetOf(street); ok {
		p.street = u
	} else if p.community.ID != "" {
		p.street, _ = c.dir.StreetOf(p.community.ID)
	}
	return p
}

func (r Rule) covers(m Matter) bool {
	if len(r.Matters) == 0 && len(r.Groups) == 0 {
		return true
	}
	return slices.Contains(r.Matters, m.Key) || slices.Contains(r.Matters, m.Code) || slices.Contains(r.Groups, m.Group)
}

// holds checks the conditions on the place; on an unknown place no such
// condition holds.
func (c *Catalogue) holds(r Rule, p place) bool {
	if len(r.Places) > 0 &&
		!slices.Contains(r.Places, p.street.Kind) && !slices.Contains(r.Places, p.community.Kind) {
		return false
	}
	if len(r.Under) == 0 {
		return true
	}
	return slices.ContainsFunc(r.Under, func(u string) bool {
		return c.dir.Under(p.community.ID, u) || c.dir.Under(p.street.ID, u)
	})
}

// evaluate turns a unit expression into a unit; false where the place needed is unknown.
func (c *Catalogue) evaluate(expr string, p place) (directory.Unit, bool) {
	u := directory.Unit{}
	switch expr {
	case "":
	case AtStreet:
		u = p.street
	case AtCommunity:
		u = p.community
	case AtDuty:
		u = c.duty
	default:
		u, _ = c.dir.Unit(expr)
	}
	return u, u.ID != ""
}

func (c *Catalogue) decide(rule, expr string, lead directory.Unit, m Matter, p place, assist []string) Decision {
	d := Decision{Unit: lead.ID, Rule: rule, Assist: c.helpers(assist, lead.ID, p), DutyDesk: lead.ID == c.duty.ID}
	switch expr {
	case AtStreet, AtCommunity:
		d.ReasonZH = "“" + m.Name + "”按属地办理，发生地在" + lead.Name
		d.ReasonEN = "“" + m.English + "” is handled where it happens: " + lead.English
	default:
		d.ReasonZH = "按职责清单，“" + m.Name + "”由" + lead.Name + "承办"
		d.ReasonEN = "By the duty list “" + m.English + "” is handled by " + lead.English
	}
	return d
}

func (c *Catalogue) helpers(exprs []string, lead string, p place) []string {
	var ids []string
	for _, e := range exprs {
		if u, ok := c.evaluate(e, p); ok && u.ID != lead && !slices.Contains(ids, u.ID) {
			ids = append(ids, u.ID)
		}
	}
	return ids
}

func (c *Catalogue) toDuty(zh, en string, assist []string) Decision {
	return Decision{Unit: c.duty.ID, Rule: "duty", ReasonZH: zh, ReasonEN: en, Assist: assist, DutyDesk: true}
}
