package catalogue

import (
	"slices"
	"strings"

	"weixiao/internal/directory"
)

func (b *builder) checkRules() {
	seen := map[string]bool{}
	for i, r := range b.c.duties.Rules {
		bad := func(zh, en string) { b.fault("rules", i, r.ID, zh, en) }
		switch {
		case r.ID == "" || seen[r.ID]:
			bad("规则编号缺少或重复", "the rule's id is missing or used twice")
		case !plainID(r.ID):
			bad("规则编号“"+r.ID+"”只能用字母、数字、- 和 .，至多 60 个", "the rule's id may have letters, digits, - and . only, 60 at most")
		case slices.Contains(Reserved(), r.ID):
			bad("“"+r.ID+"”是系统用的编号，请换一个", "the id "+r.ID+" is taken by the program; choose another")
		}
		seen[r.ID] = true
		b.checkAbout(r.Matters, r.Groups, bad)
		b.checkPlace(r, bad)
		for _, t := range r.Types {
			if !slices.ContainsFunc(Types(), func(w TypeWord) bool { return w.Type == t }) {
				bad("类型“"+string(t)+"”应为 consult、help、complaint、report 或 suggestion", "type "+string(t)+" must be consult, help, complaint, report or suggestion")
			}
		}
		for _, ch := range r.Channels {
			if !slices.Contains(Channels(), ch) {
				bad("渠道“"+ch+"”应为 "+strings.Join(Channels(), "、"), "channel "+ch+" must be one of "+strings.Join(Channels(), ", "))
			}
		}
		b.checkResult(i, r, bad)
		spanOf(r, bad)
	}
}

// Reserved are words that stand where the id of a rule does, and are none.
func Reserved() []string { return []string{"matter", "duty", "manual", "designated"} }

func plainID(id string) bool {
	return len(id) <= 60 && !strings.ContainsFunc(id, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.')
	})
}

// checkAbout checks what a rule or a set of questions is about.
func (b *builder) checkAbout(matters, groups []string, bad func(zh, en string)) {
	for _, key := range matters {
		if _, ok := b.c.Matter(key); !ok {
			bad("事项“"+key+"”不存在；标准里同码的部件和事项请写全，如 47678.5-m01001", "matter "+key+" does not exist, or the code means more than one")
		}
	}
	for _, g := range groups {
		if !slices.ContainsFunc(b.c.groups, func(have Group) bool { return have.ID == g }) {
			bad("分类“"+g+"”不存在", "group "+g+" does not exist")
		}
	}
}

func (b *builder) checkPlace(r Rule, bad func(zh, en string)) {
	for _, p := range r.Places {
		if !slices.Contains(placeKinds, p) {
			bad("地点类别“"+string(p)+"”应为 street、town、community 或 village", "place "+string(p)+" must be street, town, community or village")
		}
	}
	for _, u := range r.Under {
		if _, ok := b.c.dir.Unit(u); !ok {
			bad("单位“"+u+"”不存在", "unit "+u+" does not exist")
		}
	}
	for _, g := range r.Grids {
		if _, ok := b.c.dir.Grid(g); !ok {
			bad("网格“"+g+"”不存在", "grid "+g+" does not exist")
		}
	}
	layer := ""
	for _, a := range r.Areas {
		name, code, _ := strings.Cut(a, "/")
		switch {
		case !slices.Contains(b.c.areas[name], code):
			bad("区域“"+a+"”不存在；应写成 图层名/编码，图层在规则包或图层管理里", "area "+a+" does not exist; write layer/code of a map layer")
		case layer != "" && layer != name:
			bad("一条规则的区域应在同一图层里，不能同时用 "+layer+" 和 "+name, "the areas of a rule must be of one layer, not of "+layer+" and "+name)
		}
		layer = name
	}
}

// checkResult checks what follows from a rule.
func (b *builder) checkResult(i int, r Rule, bad func(zh, en string)) {
	b.checkExpression("rules", i, r.ID, r.Unit)
	for _, a := range r.Assist {
		b.checkExpression("rules", i, r.ID, a)
	}
	if _, ok := b.c.Profile(r.Limit); !ok && r.Limit != "" && r.Limit != NoLimit {
		bad("时限档“"+r.Limit+"”不存在，请用 profiles.yaml 里的名称，或 none", "limit profile "+r.Limit+" does not exist; use a name of profiles.yaml, or none")
	}
	if r.Public != "" && r.Public != "yes" && r.Public != "no" {
		bad("是否公开“"+r.Public+"”应为 yes 或 no", "public "+r.Public+" must be yes or no")
	}
	for _, id := range r.Ask {
		if b.c.setAt(id) < 0 {
			bad("问题组“"+id+"”不存在", "set of questions "+id+" does not exist")
		}
	}
}

// readRules reads the conditions; what is wrong with them checkRules says.
func (b *builder) readRules() {
	b.c.rules = make([]ready, len(b.c.duties.Rules))
	for i, r := range b.c.duties.Rules {
		b.c.rules[i] = ready{spanOf(r, func(string, string) {}), len(r.Places)+len(r.Under)+len(r.Grids)+len(r.Areas) > 0}
	}
}

// ready is a rule with its conditions read.
type ready struct {
	span
	placed bool // some condition on the place
}

// listDuties makes the short lists: which rules and questions can be about a matter.
func (b *builder) listDuties() {
	c := b.c
	c.tried, c.asked = map[string][]int{}, map[string][]int{}
	for i, r := range c.duties.Rules {
		if r.Off {
			continue
		}
		for _, m := range c.matters {
			if about(m, r.Matters, r.Groups) || len(r.Matters)+len(r.Groups) == 0 {
				c.tried[m.Key] = append(c.tried[m.Key], i)
			}
		}
	}
	for i, s := range c.duties.Questions {
		for _, m := range c.matters {
			if about(m, s.Matters, s.Groups) {
				c.asked[m.Key] = append(c.asked[m.Key], i)
			}
		}
	}
}

// about reports whether a matter is one of those named, by key or bare code, or is
// in one of the groups.
func about(m Matter, matters, groups []string) bool {
	return slices.Contains(matters, m.Key) || slices.Contains(matters, m.Code) || slices.Contains(groups, m.Group)
}

var placeKinds = []directory.Kind{directory.Street, directory.Town, directory.Community, directory.Village}
