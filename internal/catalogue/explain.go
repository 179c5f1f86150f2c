package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/directory"
	"weixiao/internal/worktime"
)

// Ground is one reason of a decision in both languages; What says which: rule,
// matter, place, time, channel, result, law, source.
type Ground struct{ What, ZH, EN string }

// Explain says why a rule of this version decided about a question: the rule, each
// of its conditions with what met it, and its basis. "matter" and "duty" are
// explained too; nothing is said of a rule this version does not have.
func (c *Catalogue) Explain(rule string, q Ask) []Ground {
	m, _ := c.Matter(q.Matter)
	p := c.placeOf(q)
	var out []Ground
	add := func(what, zh, en string) { out = append(out, Ground{what, zh, en}) }
	version := func(zh, en string) {
		add("rule", fmt.Sprintf("%s（派单目录第 %d 版）", zh, c.version), fmt.Sprintf("%s (version %d of the dispatch catalogue)", en, c.version))
	}
	switch i := c.ruleAt(rule); {
	case i >= 0:
		r := c.duties.Rules[i]
		version("规则 "+r.ID, "Rule "+r.ID)
		for _, g := range c.Conditions(r) {
			zh, en := met(g.What, c, m, p, q)
			add(g.What, g.ZH+zh, g.EN+en)
		}
		if r.Law != "" {
			add("law", r.Law, r.Law)
		} else if m.Law != "" {
			add("law", m.Law, m.Law)
		}
		if r.Source != "" {
			add("source", r.Source, r.Source)
		}
	case rule == "matter":
		version("没有专门的规则，按事项“"+m.Name+"”的承办单位", "No rule is about it; the unit of the matter “"+m.English+"” itself")
		zh, en := met("place", c, m, p, q)
		if m.Lead == AtStreet || m.Lead == AtCommunity {
			add("place", "按属地"+zh, "where it happens"+en)
		}
		if m.Law != "" {
			add("law", m.Law, m.Law)
		}
	case rule == "duty":
		version("没有规则能确定单位，由值守席研判", "No rule names a unit; the duty desk decides")
	}
	return out
}

// met says what of the question met a condition.
func met(what string, c *Catalogue, m Matter, p place, q Ask) (zh, en string) {
	switch what {
	case "matter":
		return "；本件是“" + m.Name + "”", "; this is “" + m.English + "”"
	case "place":
		u := p.community
		if u.ID == "" {
			u = p.street
		}
		if u.ID == "" {
			return "", ""
		}
		return "；发生地在" + u.Name, "; it is in " + u.English
	case "time":
		if q.At.IsZero() {
			return "", ""
		}
		at := q.At.In(worktime.Zone)
		day := (int(at.Weekday()) + 6) % 7
		zh = fmt.Sprintf("；派单时是 %s 星期%s", at.Format("2006-01-02 15:04"), weekdayZH[day])
		en = fmt.Sprintf("; it was %s, %s", at.Format("2006-01-02 15:04"), at.Format("Monday"))
		switch classOf(q.Calendar, q.At) {
		case inOffice:
			return zh + "，工作时间内", en + ", in office hours"
		case offHours:
			return zh + "，工作日下班后", en + ", a working day outside office hours"
		case dayOff:
			return zh + "，休息日", en + ", a day off"
		}
	}
	return zh, en
}

var weekdayZH = [7]string{"一", "二", "三", "四", "五", "六", "日"}

// Conditions spells out what a rule is about, where and when it holds.
func (c *Catalogue) Conditions(r Rule) []Ground {
	var out []Ground
	add := func(what, zh, en string) { out = append(out, Ground{what, zh, en}) }
	if len(r.Matters)+len(r.Groups) > 0 {
		var zh, en []string
		for _, key := range r.Matters {
			m, _ := c.Matter(key)
			zh, en = append(zh, m.Name), append(en, m.English)
		}
		for _, id := range r.Groups {
			i := slices.IndexFunc(c.groups, func(g Group) bool { return g.ID == id })
			if i >= 0 {
				zh, en = append(zh, c.groups[i].Name+"类"), append(en, "all of "+c.groups[i].English)
			}
		}
		add("matter", "事项："+some(zh, "、", "等"), "matter: "+some(en, ", ", " and more"))
	}
	if zh, en := c.where(r); zh != "" {
		add("place", "地点："+zh, "place: "+en)
	}
	if zh, en := whenWords(r); zh != "" {
		add("time", "时间："+zh, "time: "+en)
	}
	if len(r.Types) > 0 {
		var zh, en []string
		for _, t := range Types() {
			if slices.Contains(r.Types, t.Type) {
				zh, en = append(zh, t.Name), append(en, t.English)
			}
		}
		add("channel", "诉求类型："+strings.Join(zh, "、"), "type of request: "+strings.Join(en, ", "))
	}
	if len(r.Channels) > 0 {
		add("channel", "来源："+strings.Join(r.Channels, "、"), "channel: "+strings.Join(r.Channels, ", "))
	}
	return out
}

// some joins words, six at most.
func some(list []string, comma, more string) string {
	if len(list) > 6 {
		return strings.Join(list[:6], comma) + fmt.Sprintf("%s %d", more, len(list))
	}
	return strings.Join(list, comma)
}

func (c *Catalogue) where(r Rule) (zh, en string) {
	var z, e []string
	names := map[directory.Kind][2]string{directory.Street: {"街道", "sub-districts"}, directory.Town: {"镇", "towns"},
		directory.Community: {"社区", "communities"}, directory.Village: {"村", "villages"}}
	var kz, ke []string
	for _, k := range r.Places {
		kz, ke = append(kz, names[k][0]), append(ke, names[k][1])
	}
	if len(kz) > 0 {
		z, e = append(z, "在"+strings.Join(kz, "或")), append(e, "in "+strings.Join(ke, " or "))
	}
	var uz, ue []string
	for _, id := range r.Under {
		u, _ := c.dir.Unit(id)
		uz, ue = append(uz, u.Name), append(ue, u.English)
	}
	if len(uz) > 0 {
		z, e = append(z, "在"+some(uz, "、", "等")+"辖内"), append(e, "in "+some(ue, ", ", " and more"))
	}
	if len(r.Grids) > 0 {
		z, e = append(z, "在网格 "+some(r.Grids, "、", "等")), append(e, "in grid "+some(r.Grids, ", ", " and more"))
	}
	if len(r.Areas) > 0 {
		z, e = append(z, "在区域 "+some(r.Areas, "、", "等")), append(e, "in area "+some(r.Areas, ", ", " and more"))
	}
	return strings.Join(z, "，"), strings.Join(e, ", ")
}

func whenWords(r Rule) (zh, en string) {
	var z, e []string
	switch {
	case r.From != "" && r.Until != "":
		z, e = append(z, r.From+" 至 "+r.Until), append(e, r.From+" to "+r.Until)
	case r.From != "":
		z, e = append(z, r.From+" 起"), append(e, "from "+r.From)
	case r.Until != "":
		z, e = append(z, "到 "+r.Until+" 为止"), append(e, "until "+r.Until)
	}
	if r.Season != "" {
		a, b, _ := strings.Cut(r.Season, "..")
		z, e = append(z, "每年 "+a+" 至 "+b), append(e, "every year "+a+" to "+b)
	}
	if len(r.Weekdays) > 0 {
		var wz, we []string
		for i, d := range Weekdays() {
			if slices.Contains(r.Weekdays, d) {
				wz, we = append(wz, "周"+weekdayZH[i]), append(we, time.Weekday((i+1)%7).String())
			}
		}
		z, e = append(z, strings.Join(wz, "、")), append(e, strings.Join(we, ", "))
	}
	if r.Hours != "" {
		z, e = append(z, "每天 "+r.Hours), append(e, "daily "+r.Hours)
	}
	words := map[string][2]string{WhenOffice: {"工作时间内", "in office hours"}, WhenClosed: {"工作时间以外", "outside office hours"},
		WhenWorkday: {"工作日", "on working days"}, WhenDayOff: {"休息日", "on days off"}}
	if w, ok := words[r.When]; ok {
		z, e = append(z, w[0]), append(e, w[1])
	}
	return strings.Join(z, "，"), strings.Join(e, ", ")
}
