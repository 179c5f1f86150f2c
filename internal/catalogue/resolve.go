package catalogue

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/directory"
	"weixiao/internal/worktime"
)

// Unit expressions besides a fixed unit id.
const (
	AtStreet    = "@street"    // the street or town of the place
	AtCommunity = "@community" // the community or village of the place
	AtDuty      = "@duty"      // the duty desk
)

// Ask is the question a catalogue answers. What is empty is not known so far; no
// condition on it holds then.
type Ask struct {
	Matter    string // key
	Type      Type
	Channel   string
	Street    string // unit ids; a community alone implies its street, a grid both
	Community string
	Grid      string
	Areas     []string // layer/code of the polygons the place lies in
	At        time.Time
	Calendar  *worktime.Calendar // for rules that speak of office hours
}

// Decision names the unit that leads and says why.
type Decision struct {
	Unit     string   // unit id; never empty
	Rule     string   // id of the rule, "matter" when the matter's own lead decided, "duty" when nothing did
	Version  int      // of the rules
	ReasonZH string   // for people, in Chinese
	ReasonEN string   // the same in English
	Law      string   // the legal basis, where it is known
	Assist   []string // unit ids of helpers, without the leader
	Limit    string   // name of the profile; "" = no limit
	Public   bool     // cases may be shown to everybody
	DutyDesk bool     // nobody could be named: a person must decide
}

// Ref names rule and version in one word, as cases keep it: lamps-towns@3.
func (d Decision) Ref() string { return d.Rule + "@" + strconv.Itoa(d.Version) }

// ParseRef takes such a word apart. One without a version is of the first.
func ParseRef(ref string) (rule string, version int) {
	rule, v, ok := strings.Cut(ref, "@")
	if !ok {
		return rule, 1
	}
	version, _ = strconv.Atoi(v)
	return rule, version
}

// Resolve is Decide for a place alone: rules about times, channels and areas do not
// hold.
func (c *Catalogue) Resolve(matter, street, community string) Decision {
	return c.Decide(Ask{Matter: matter, Street: street, Community: community})
}

// Decide names the unit that answers. The rules are tried in order and the first
// that is on, whose conditions hold and whose unit exists at this place decides;
// then the matter's own lead; then the duty desk, so that nothing is ever lost.
func (c *Catalogue) Decide(q Ask) Decision {
	at, ok := c.byKey[q.Matter]
	if !ok {
		m, known := c.Matter(q.Matter)
		if !known {
			d := c.toDuty("事项不在目录里，请人工派单", "the matter is not in the catalogue; a person must dispatch it", nil)
			d.Limit = "L3"
			return d
		}
		at = c.byKey[m.Key]
	}
	m := &c.matters[at]
	f := c.factsOf(q)
	d := c.first(m, &f)
	d.Version = c.version
	return d
}

// facts are a question as rules read it.
type facts struct {
	place
	moment
	typ     Type
	channel string
	ask     *Ask // to look up the calendar by need
}

func (c *Catalogue) factsOf(q Ask) facts {
	return facts{place: c.placeOf(q), moment: momentOf(q.At), typ: q.Type, channel: q.Channel, ask: &q}
}

// first is the first rule that decides, or what stands behind all rules.
func (c *Catalogue) first(m *Matter, f *facts) Decision {
	if i, lead := c.match(m, f); i >= 0 {
		r := &c.duties.Rules[i]
		assist := r.Assist
		if len(assist) == 0 {
			assist = m.Assist
		}
		d := c.decide(r.ID, r.Unit, lead, m, f.place, assist)
		if r.ReasonZH != "" {
			d.ReasonZH = r.ReasonZH
		}
		if r.ReasonEN != "" {
			d.ReasonEN = r.ReasonEN
		}
		if r.Law != "" {
			d.Law = r.Law
		}
		if r.Limit != "" {
			d.Limit = r.Limit
			if r.Limit == NoLimit {
				d.Limit = ""
			}
		}
		if r.Public != "" {
			d.Public = r.Public == "yes"
		}
		return d
	}
	if lead, ok := c.evaluate(m.Lead, f.place); ok {
		return c.decide("matter", m.Lead, lead, m, f.place, m.Assist)
	}
	var d Decision
	if m.Lead != "" {
		d = c.toDuty("“"+m.Name+"”按属地派单，但发生地点还不清楚，请先核实地点",
			"“"+m.English+"” goes to the street of the place, and the place is not known yet", c.helpers(m.Assist, "", f.place))
	} else {
		d = c.toDuty("“"+m.Name+"”没有对应的派单规则，请人工派单",
			"no duty rule matches “"+m.English+"”; a person must dispatch it", c.helpers(m.Assist, "", f.place))
	}
	d.Limit, d.Public, d.Law = m.Limit, m.Public, m.Law
	return d
}

// match is the index of the first rule that decides and its unit; -1 when none does.
func (c *Catalogue) match(m *Matter, f *facts) (int, *directory.Unit) {
	for _, i := range c.tried[m.Key] {
		if !c.holds(i, f) {
			continue
		}
		if lead, ok := c.evaluate(c.duties.Rules[i].Unit, f.place); ok {
			return i, lead
		}
	}
	return -1, nil
}

// place is what is known about where; units without an id are unknown.
type place struct {
	street, community *directory.Unit
	grid              string
	areas             []string
}

var nowhere directory.Unit

func (c *Catalogue) placeOf(q Ask) place {
	p := place{street: &nowhere, community: &nowhere, areas: q.Areas}
	if q.Grid != "" {
		if at, ok := c.dir.OfPlace(q.Grid); ok && at.Grid.ID != "" {
			p.grid, q.Street, q.Community = at.Grid.ID, at.Street.ID, at.Community.ID
		}
	}
	if u, ok := c.dir.Unit(q.Community); ok && (u.Kind == directory.Community || u.Kind == directory.Village) {
		p.community = &u
	}
	if u, ok := c.dir.StreetOf(q.Street); ok {
		p.street = &u
	} else if p.community.ID != "" {
		u, _ := c.dir.StreetOf(p.community.ID)
		p.street = &u
	}
	return p
}

// holds checks every condition but the matter's.
func (c *Catalogue) holds(i int, f *facts) bool {
	r, x := &c.duties.Rules[i], &c.rules[i]
	if len(r.Types) > 0 && !slices.Contains(r.Types, f.typ) || len(r.Channels) > 0 && !slices.Contains(r.Channels, f.channel) {
		return false
	}
	if x.placed && !c.inPlace(r, f.place) {
		return false
	}
	if !x.timed() {
		return true
	}
	if f.day == 0 || !x.onDay(f.moment) || !x.atMinute(f.minute) {
		return false
	}
	if x.when == "" {
		return true
	}
	if f.class == unclassed {
		f.class = classOf(f.ask.Calendar, f.ask.At)
	}
	return x.inClass(f.class)
}

// inPlace checks the conditions on the place; on an unknown place no such
// condition holds.
func (c *Catalogue) inPlace(r *Rule, p place) bool {
	if len(r.Places) > 0 && !slices.Contains(r.Places, p.street.Kind) && !slices.Contains(r.Places, p.community.Kind) {
		return false
	}
	if len(r.Grids) > 0 && !slices.Contains(r.Grids, p.grid) {
		return false
	}
	if len(r.Areas) > 0 && !slices.ContainsFunc(r.Areas, func(a string) bool { return slices.Contains(p.areas, a) }) {
		return false
	}
	return len(r.Under) == 0 || slices.ContainsFunc(r.Under, func(u string) bool {
		return u == p.street.ID || u == p.community.ID || c.dir.Under(p.community.ID, u) || c.dir.Under(p.street.ID, u)
	})
}

// evaluate turns a unit expression into a unit; false where the place needed is unknown.
func (c *Catalogue) evaluate(expr string, p place) (*directory.Unit, bool) {
	u := &nowhere
	switch expr {
	case "":
	case AtStreet:
		u = p.street
	case AtCommunity:
		u = p.community
	case AtDuty:
		u = &c.duty
	default:
		if x, ok := c.dir.Unit(expr); ok {
			u = &x
		}
	}
	return u, u.ID != ""
}

func (c *Catalogue) decide(rule, expr string, lead *directory.Unit, m *Matter, p place, assist []string) Decision {
	d := Decision{Unit: lead.ID, Rule: rule, Assist: c.helpers(assist, lead.ID, p), DutyDesk: lead.ID == c.duty.ID,
		Limit: m.Limit, Public: m.Public, Law: m.Law}
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
	return Decision{Unit: c.duty.ID, Rule: "duty", Version: c.version, ReasonZH: zh, ReasonEN: en, Assist: assist, DutyDesk: true}
}
