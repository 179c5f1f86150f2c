package catalogue

import (
	"fmt"
	"slices"
	"strings"

	"weixiao/internal/directory"
)

// Lists is what a catalogue is made of, in the order of the files.
type Lists struct {
	Groups    []Group
	Matters   []Matter
	Profiles  []Profile
	Rules     []Rule
	Questions []QuestionSet
	Areas     map[string][]string // codes of the polygons of each layer
}

// builder gathers faults while a Catalogue is put together.
type builder struct {
	c      *Catalogue
	faults directory.Faults
}

func (b *builder) fault(list string, row int, id, zh, en string) {
	b.faults = append(b.faults, directory.Fault{List: list, Row: row, ID: id, ZH: zh, EN: en})
}

// New checks the lists against each other and the directory. The error is of
// type directory.Faults with the lists groups, matters, profiles, rules and
// questions.
func New(dir *directory.Directory, l Lists) (*Catalogue, error) {
	b := builder{c: &Catalogue{
		dir: dir, groups: slices.Clone(l.Groups), matters: slices.Clone(l.Matters), profiles: slices.Clone(l.Profiles), areas: l.Areas,
		byKey: map[string]int{}, byCode: map[string][]int{}, version: 1, duties: Duties{l.Rules, l.Questions},
	}}
	b.findDuty()
	b.checkGroups()
	b.checkProfiles()
	b.addMatters()
	b.addDuties()
	if len(b.faults) > 0 {
		return nil, b.faults
	}
	b.c.index = newIndex(b.c.matters)
	return b.c, nil
}

// With is the catalogue with other rules and questions, as version n, in force
// from the local day since ("" for ever). The error is of type directory.Faults
// with the lists rules and questions.
func (c *Catalogue) With(n int, d Duties, since string) (*Catalogue, error) {
	next := *c
	next.version, next.since, next.duties = n, since, Duties{slices.Clone(d.Rules), slices.Clone(d.Questions)}
	b := builder{c: &next}
	b.addDuties()
	if len(b.faults) > 0 {
		return nil, b.faults
	}
	return &next, nil
}

// Restore is With for a version that was checked when it was published. What the
// district no longer has (a unit, a profile, an area) matches nothing.
func (c *Catalogue) Restore(n int, d Duties, since string) *Catalogue {
	next := *c
	next.version, next.since, next.duties = n, since, Duties{slices.Clone(d.Rules), slices.Clone(d.Questions)}
	for i := range next.duties.Rules {
		r := &next.duties.Rules[i]
		if _, ok := c.Profile(r.Limit); !ok && r.Limit != NoLimit {
			r.Limit = ""
		}
	}
	b := builder{c: &next}
	b.readRules()
	b.listDuties()
	return &next
}

// AsOf is the catalogue with the rules that are in force on a local day, and those
// on every day: what a dry run compares over another year.
func (c *Catalogue) AsOf(day string) *Catalogue {
	d := Duties{Questions: c.duties.Questions}
	for _, r := range c.duties.Rules {
		r.Off = r.Off || r.From > day || r.Until != "" && r.Until < day
		r.From, r.Until = "", ""
		d.Rules = append(d.Rules, r)
	}
	return c.Restore(c.version, d, "")
}

// addDuties checks rules and questions, and makes them ready.
func (b *builder) addDuties() {
	b.readRules()
	b.checkRules()
	b.listDuties()
	b.checkQuestions()
	if len(b.faults) == 0 {
		b.checkReach()
	}
}

// findDuty takes the first unit with a duty post; without one a case could get lost.
func (b *builder) findDuty() {
	for _, p := range b.c.dir.AllPosts() {
		if p.Role == directory.Duty {
			b.c.duty, _ = b.c.dir.Unit(p.Unit)
			return
		}
	}
	b.fault("posts", 0, "", "没有值守岗位（duty），派不出去的诉求会丢失；请在热线中心设一个", "there is no duty post; what no rule places would be lost")
}

func (b *builder) checkGroups() {
	seen := map[string]bool{}
	for i, g := range b.c.groups {
		switch {
		case g.ID == "" || g.Name == "" || g.English == "":
			b.fault("groups", i, g.ID, "分类要有编号、中文名和英文名", "a group needs an id, a Chinese and an English name")
		case seen[g.ID]:
			b.fault("groups", i, g.ID, "分类编号重复", "the group's id is used twice")
		case !knownKind(g.Kind):
			b.fault("groups", i, g.ID, "类别应为 request、component 或 matter", "kind must be request, component or matter")
		}
		seen[g.ID] = true
	}
}

func (b *builder) checkProfiles() {
	seen := map[string]bool{}
	for i, p := range b.c.profiles {
		switch {
		case p.Name == "" || p.Title == "" || p.English == "":
			b.fault("profiles", i, p.Name, "时限档要有名称、中文说明和英文说明", "a profile needs a name, a Chinese and an English title")
		case seen[p.Name]:
			b.fault("profiles", i, p.Name, "时限档名称重复", "the profile's name is used twice")
		case p.Extensions < 0 || p.HandbackCap < 0:
			b.fault("profiles", i, p.Name, "次数不能为负", "counts cannot be negative")
		case p.Extensions > 1:
			b.fault("profiles", i, p.Name, "延期只能一次，extensions 应为 0 或 1", "a case is extended once: extensions must be 0 or 1")
		case p.Extensions > 0 && !closes(p.Approvals):
			b.fault("profiles", i, p.Name, "允许延期就要写明谁批准 extension_approval：至多三档，前面的写 up_to，最后一档不写，by 为 unit、centre、supervision 或 leader",
				"extensions are allowed but extension_approval does not say who decides: at most three steps, all but the last with up_to, by of unit, centre, supervision, leader")
		case p.Extensions > 0 && p.ExtensionMax == "":
			b.fault("profiles", i, p.Name, "允许延期就要写明最长延期时限 extension_max", "extensions are allowed but extension_max is empty")
		}
		seen[p.Name] = true
	}
}

// closes reports whether approvals cover every length: all steps but the last are
// bounded, and each has somebody who decides.
func closes(steps []Approval) bool {
	for i, s := range steps {
		last := i == len(steps)-1
		if (s.UpTo == "") != last || len(s.By) == 0 {
			return false
		}
		for _, by := range s.By {
			if !slices.Contains([]string{"unit", "centre", "supervision", "leader"}, by) {
				return false
			}
		}
	}
	return len(steps) > 0 && len(steps) <= 3
}

func (b *builder) addMatters() {
	c := b.c
	for i := range c.matters {
		m := &c.matters[i]
		if m.Key == "" {
			m.Key = StandardKey(m.Standard, m.Kind, m.Code)
		}
		if first, twice := c.byKey[m.Key]; twice {
			b.fault("matters", i, m.Key, "编码与“"+c.matters[first].Name+"”重复；编码作废后也不能再用", "the code is already used by "+c.matters[first].Name)
			continue
		}
		c.byKey[m.Key] = i
		c.byCode[m.Code] = append(c.byCode[m.Code], i)
		b.checkMatter(i, *m)
	}
}

func (b *builder) checkMatter(i int, m Matter) {
	bad := func(zh, en string) { b.fault("matters", i, m.Key, zh, en) }
	if m.Name == "" || m.English == "" {
		bad("事项要有中文名和英文名", "a matter needs a Chinese and an English name")
	}
	if !knownKind(m.Kind) {
		bad("类别应为 request、component 或 matter", "kind must be request, component or matter")
		return
	}
	want := 5
	if m.Kind == KindRequest {
		want = 3
	}
	if len(m.Code) != want || strings.Trim(m.Code, "0123456789") != "" {
		bad(fmt.Sprintf("编码应为 %d 位数字，现为“%s”", want, m.Code), fmt.Sprintf("the code must have %d digits, not %q", want, m.Code))
	}
	if !slices.ContainsFunc(b.c.groups, func(g Group) bool { return g.ID == m.Group && g.Kind == m.Kind }) {
		bad("分类“"+m.Group+"”不存在，请用分类表里同一类别的编号", "group "+m.Group+" does not exist for this kind")
	}
	if _, ok := b.c.Profile(m.Limit); !ok && m.Limit != "" {
		bad("时限档“"+m.Limit+"”不存在，请用 profiles.yaml 里的名称", "limit profile "+m.Limit+" does not exist")
	}
	if !slices.ContainsFunc(Types(), func(t TypeWord) bool { return t.Type == m.Type }) {
		bad("类型“"+string(m.Type)+"”应为 consult、help、complaint、report 或 suggestion", "type "+string(m.Type)+" must be consult, help, complaint, report or suggestion")
	}
	if m.Urgency != Normal && m.Urgency != Urgent && m.Urgency != Critical {
		bad("紧急程度“"+string(m.Urgency)+"”应为 normal、urgent 或 critical", "urgency "+string(m.Urgency)+" must be normal, urgent or critical")
	}
	if m.Kind == KindRequest && !m.Deleted && len(m.Keywords) == 0 {
		bad("请至少填一个关键词，群众说的话才能对上这个事项", "give at least one keyword")
	}
	if m.Lead != "" {
		b.checkExpression("matters", i, m.Key, m.Lead)
	}
	for _, a := range m.Assist {
		b.checkExpression("matters", i, m.Key, a)
	}
}

// checkExpression makes sure that an expression is a known word or a unit that
// can be given a case.
func (b *builder) checkExpression(list string, row int, id, expr string) {
	switch expr {
	case AtStreet, AtCommunity, AtDuty:
		return
	}
	u, ok := b.c.dir.Unit(expr)
	switch {
	case !ok:
		b.fault(list, row, id, "承办单位“"+expr+"”不存在；请写单位编号，或 @street、@community、@duty",
			"unit "+expr+" does not exist; write a unit id, @street, @community or @duty")
	case !u.Kind.HandlesCases():
		b.fault(list, row, id, u.Name+"不办件，不能作承办单位", "unit "+expr+" does not handle cases")
	}
}

func knownKind(k Kind) bool { return k == KindRequest || k == KindComponent || k == KindMatter }
