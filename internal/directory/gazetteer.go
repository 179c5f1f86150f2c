package directory

import (
	"cmp"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"weixiao/internal/text/address"
	"weixiao/internal/text/pinyin"
	"weixiao/internal/text/typeahead"
)

// SpotKind is what a place with a name is.
type SpotKind string

const (
	Estate    SpotKind = "estate"    // 小区, 家属楼
	RoadSpot  SpotKind = "road"      // 路, 街, 巷
	Hamlet    SpotKind = "hamlet"    // 自然屯
	School    SpotKind = "school"    // 学校, 幼儿园
	Clinic    SpotKind = "clinic"    // 医院, 卫生院
	Office    SpotKind = "office"    // 机关, 银行, 服务大厅
	Shop      SpotKind = "shop"      // 商场, 市场, 店
	Park      SpotKind = "park"      // 公园, 广场, 景区
	Transport SpotKind = "transport" // 车站, 桥, 停车场
	Plant     SpotKind = "plant"     // 厂, 矿, 林场
	Landmark  SpotKind = "landmark"  // anything else people go by
)

// SpotKinds lists every kind in the order people list them.
func SpotKinds() []SpotKind {
	return []SpotKind{Estate, RoadSpot, Hamlet, School, Clinic, Office, Shop, Park, Transport, Plant, Landmark}
}

// Spot is a place with a name: an estate, a road, a school. It is what an address names beside streets and communities.
type Spot struct {
	ID      string // never reused
	Name    string
	Aliases []string // old names, what people call it
	Kind    SpotKind
	Unit    string    // community or village it lies in; a road that runs through several has its street or town
	Point   orb.Point // CGCS2000
	Source  string    // where name and point are from
	MadeUp  bool
}

// Gazetteer is every spot of a district with what it takes to understand an address: it reads addresses (Resolve, in
// resolve.go) and finds spots while one types (Suggest). Like a Directory it is immutable.
type Gazetteer struct {
	d      *Directory
	full   string // 吉林省白山市江源区: the district and what it lies in
	locate func(orb.Point) (Place, bool)
	spots  []Spot
	byID   map[string]int
	byName map[string][]int    // names and aliases, folded
	byStem map[string][]int    // names without 小区, 路
	bySay  map[string][]int    // names by their pinyin
	units  map[string][]string // names of streets and communities, folded -> unit ids
	parser *address.Parser
	typed  *typeahead.Index
	entry  []typed
}

// typed is what an entry of the index of names stands for: a spot, or a unit.
type typed struct {
	spot int // -1 for a unit
	unit string
	name string
}

// NewGazetteer checks the spots and makes a Gazetteer. full is the district's name with the province and city it lies
// in; locate says what a point of the district lies in. The error is of type Faults with List "gazetteer".
func NewGazetteer(d *Directory, full string, spots []Spot, locate func(orb.Point) (Place, bool)) (*Gazetteer, error) {
	g := &Gazetteer{d: d, full: fold(full), locate: locate, spots: slices.Clone(spots), byID: map[string]int{}}
	b := builder{d: d}
	twice := map[string]int{}
	for i, s := range g.spots {
		g.check(&b, i, s)
		if first, ok := g.byID[s.ID]; ok && s.ID != "" {
			b.fault("gazetteer", i, s.ID, "编号与“"+g.spots[first].Name+"”重复，请改用别的编号", "the id is already used by "+g.spots[first].Name)
		} else {
			g.byID[s.ID] = i
		}
		for _, n := range append([]string{s.Name}, s.Aliases...) {
			key := fold(n) + "\x00" + s.Unit
			if first, ok := twice[key]; ok && first != i {
				b.fault("gazetteer", i, s.ID, "同一社区里已有叫“"+n+"”的地点（编号 "+g.spots[first].ID+"），请合并或改名", "the same community already has a place called "+n+" ("+g.spots[first].ID+"); merge or rename them")
			}
			twice[key] = i
		}
	}
	if len(b.faults) > 0 {
		return nil, b.faults
	}
	g.index()
	return g, nil
}

func (g *Gazetteer) check(b *builder, i int, s Spot) {
	bad := func(zh, en string) { b.fault("gazetteer", i, s.ID, zh, en) }
	u, ok := g.d.Unit(s.Unit)
	switch {
	case s.ID == "":
		bad("缺少编号，请填写", "the place has no id")
	case len([]rune(s.Name)) < 2 || len([]rune(s.Name)) > 30:
		bad("名称应为 2 至 30 个字，现为“"+s.Name+"”", "the name must have 2 to 30 characters, not "+s.Name)
	case !slices.Contains(SpotKinds(), s.Kind):
		bad("不认识的类别“"+string(s.Kind)+"”，请用 "+join(SpotKinds()), "unknown kind "+string(s.Kind)+"; use one of "+join(SpotKinds()))
	case !ok || codeLength(u.Kind) < 9:
		bad("社区“"+s.Unit+"”不在单位表里，请填社区（村）的编号，贯穿几个社区的道路可填街镇的编号", "unit "+s.Unit+" is no community, village, street or town of the unit list")
	case codeLength(u.Kind) == 9 && s.Kind != RoadSpot:
		bad("只有道路可以只写到街镇，其他地点请填社区（村）的编号", "only a road may name a street or town; give the community or village")
	case s.Source == "":
		bad("请写明来源；虚构的写“虚构”", "the source is missing; a made-up place says so")
	}
	for _, a := range s.Aliases {
		if len([]rune(a)) < 2 {
			bad("别名“"+a+"”太短，至少两个字", "alias "+a+" is too short")
		}
	}
	if g.locate == nil {
		return
	}
	if _, inside := g.locate(s.Point); !inside {
		bad("坐标不在本区范围内，请检查经纬度（CGCS2000，GCJ-02 请先转换）", "the point lies outside the district; check longitude and latitude (CGCS2000; convert GCJ-02 first)")
	}
}

// With is the same gazetteer with more spots; those that do not fit are left out and returned.
func (g *Gazetteer) With(more []Spot) (*Gazetteer, []Spot) {
	all, left := slices.Clone(g.spots), []Spot(nil)
	for _, s := range more {
		b := builder{d: g.d}
		g.check(&b, 0, s)
		if _, known := g.byID[s.ID]; len(b.faults) > 0 || known {
			left = append(left, s)
			continue
		}
		all = append(all, s)
	}
	out := &Gazetteer{d: g.d, full: g.full, locate: g.locate, spots: all, byID: map[string]int{}}
	for i, s := range all {
		out.byID[s.ID] = i
	}
	out.index()
	return out, left
}

// Locating is the same gazetteer with another map: what a point lies in by the layers in
// force, which may change while it is used.
func (g *Gazetteer) Locating(locate func(orb.Point) (Place, bool)) *Gazetteer {
	out := *g
	out.locate = locate
	return &out
}

// Alias is the same gazetteer with more names for some spots, by id.
func (g *Gazetteer) Alias(names map[string][]string) *Gazetteer {
	if len(names) == 0 {
		return g
	}
	out := &Gazetteer{d: g.d, full: g.full, locate: g.locate, spots: slices.Clone(g.spots), byID: g.byID}
	for i, s := range out.spots {
		if more := names[s.ID]; len(more) > 0 {
			out.spots[i].Aliases = append(slices.Clone(s.Aliases), more...)
		}
	}
	out.index()
	return out
}

// nameKinds are what places are by the ending of their name, the first that fits.
var nameKinds = []struct {
	kind    SpotKind
	endings string
}{
	{School, "小学 中学 大学 学校 幼儿园 学院"}, {Clinic, "医院 卫生院 卫生所 卫生室 卫生服务站 诊所"},
	{Estate, "小区 花园 家园 新村 公寓 佳苑 名苑 嘉苑 雅苑 雅居 家属楼 家属院 安置房 回迁楼 平房 山庄 府 苑"},
	{Park, "公园 广场 景区"}, {Transport, "车站 客运站 火车站 大桥 停车场 加油站"}, {Office, "派出所 法院 检察院 政府 服务大厅 银行 信用社 邮局 管理局 局"},
	{Plant, "厂 煤矿 矿 林场 电站"}, {Shop, "市场 商场 超市 百货 商城 大集 宾馆 酒店 饭店"}, {Landmark, "大厦 大楼 体育馆 图书馆 博物馆 文化馆 水库 纪念碑"},
}

// KindOfName says what a place is by its name; "" when the name does not tell, or is an ending alone.
func KindOfName(name string) SpotKind {
	for _, k := range nameKinds {
		for _, e := range strings.Fields(k.endings) {
			if s, ok := strings.CutSuffix(name, e); ok && len([]rune(s)) >= 2 {
				return k.kind
			}
		}
	}
	return ""
}

// Spots lists all spots in the order of the pack.
func (g *Gazetteer) Spots() []Spot { return slices.Clone(g.spots) }

// Spot finds a spot by id.
func (g *Gazetteer) Spot(id string) (Spot, bool) {
	i, ok := g.byID[id]
	if !ok {
		return Spot{}, false
	}
	return g.spots[i], true
}

// Parse takes an address apart with the names of the district.
func (g *Gazetteer) Parse(s string) address.Address { return g.parser.Parse(s) }

// Called lists the spots of that name or alias.
func (g *Gazetteer) Called(name string) []Spot { return pick(g.spots, g.byName[fold(name)]) }

func (g *Gazetteer) index() {
	g.byName, g.byStem, g.bySay, g.units = map[string][]int{}, map[string][]int{}, map[string][]int{}, map[string][]string{}
	var known []address.Name
	var typing []typeahead.Name
	put := func(name string, weight int, t typed) {
		t.name = name
		typing = append(typing, typeahead.Name{Text: name, Entry: len(g.entry), Weight: weight})
		g.entry = append(g.entry, t)
	}
	for _, u := range g.d.units {
		kind := address.Town
		switch u.Kind {
		case District:
			kind = address.District
		case Community, Village:
			kind = address.Community
		case Street, Town:
		default:
			continue
		}
		names := append([]string{u.Name, u.Short}, u.Aliases...)
		if s := g.d.stem(u); s != "" {
			names = append(names, s)
		}
		for i, n := range names {
			key := fold(n)
			if key == "" || digits(key) || slices.Contains(g.units[key], u.ID) {
				continue
			}
			g.units[key] = append(g.units[key], u.ID)
			short := len([]rune(n)) == 2 || i == len(names)-1 && n == g.d.stem(u)
			known = append(known, address.Name{Text: n, Kind: kind, Short: short})
			if i < 2 && kind != address.District {
				put(n, 30, typed{-1, u.ID, ""})
			}
		}
	}
	for i, s := range g.spots {
		kind, weight := address.Place, 20
		switch s.Kind {
		case RoadSpot:
			kind = address.Road
		case Hamlet:
			kind = address.Community
		}
		for j, n := range append([]string{s.Name}, s.Aliases...) {
			key := fold(n)
			g.byName[key] = append(g.byName[key], i)
			known = append(known, address.Name{Text: n, Kind: kind})
			put(n, weight-min(j, 1)*5, typed{i, s.Unit, ""})
		}
		if stem := spotStem(s.Name); stem != "" {
			g.byStem[fold(stem)] = append(g.byStem[fold(stem)], i)
		}
		g.bySay[said(s.Name)] = append(g.bySay[said(s.Name)], i)
	}
	g.parser = address.New(known...)
	g.typed = typeahead.New(typing)
}

// stem is what people call a street or community for short: 湾沟 of 湾沟镇. "" if it means several, or the district.
func (d *Directory) stem(u Unit) string {
	cut := func(u Unit) string {
		for _, e := range []string{"街道", "社区", "镇", "乡", "村"} {
			if s, ok := strings.CutSuffix(u.Short, e); ok && len([]rune(s)) >= 2 {
				return s
			}
		}
		return ""
	}
	s := cut(u)
	for _, o := range d.units {
		if s == "" || o.ID != u.ID && (o.Short == s || cut(o) == s && codeLength(o.Kind) <= codeLength(u.Kind) && codeLength(o.Kind) > 0 || o.Kind == District && slices.Contains(o.Aliases, s)) {
			return ""
		}
	}
	return s
}

// spotEndings are left out when people say a name for short.
var spotEndings = []string{"小区", "花园", "家园", "新村", "大厦", "广场", "公寓", "佳苑", "名苑", "大街", "大道", "路", "街", "巷", "苑", "园"}

func spotStem(name string) string {
	for _, e := range spotEndings {
		if s, ok := strings.CutSuffix(name, e); ok && len([]rune(s)) >= 2 {
			return s
		}
	}
	return ""
}

// said is how a name sounds: names that sound alike are mistaken for each other at the telephone.
func said(name string) string {
	var b strings.Builder
	for _, r := range fold(name) {
		if all := pinyin.Readings(r); len(all) > 0 {
			b.WriteString(all[0])
			b.WriteByte(' ')
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Suggestion is a name offered while somebody types an address.
type Suggestion struct {
	Text  string // the address as far as it is known: 兴林小区3号
	Spot  Spot   // zero for a street or community
	Unit  Unit   // community, street or town it lies in, or is
	Point orb.Point
	Known bool // Point is known
}

// Suggest offers at most n names for what was typed so far, by characters or pinyin, the best first. What was typed
// behind a name stays: 兴林小区 3 becomes 兴林小区3号楼.
func (g *Gazetteer) Suggest(words string, n int) []Suggestion {
	var out []Suggestion
	for _, h := range g.typed.Search(words, n+4) {
		e := g.entry[h.Entry]
		s := Suggestion{Text: e.name}
		s.Unit, _ = g.d.Unit(e.unit)
		s.Point, s.Known = s.Unit.Center, s.Unit.Center != orb.Point{}
		if e.spot >= 0 {
			s.Spot = g.spots[e.spot]
			s.Text, s.Point, s.Known = s.Spot.Name, s.Spot.Point, true
		}
		s.Text += numbered(h.Rest, s.Spot.Kind)
		if !slices.ContainsFunc(out, func(o Suggestion) bool { return o.Spot.ID == s.Spot.ID && o.Unit.ID == s.Unit.ID }) && len(out) < n {
			out = append(out, s)
		}
	}
	return out
}

// numbered completes a bare number: 3 on a road is 3号, in an estate 3号楼.
func numbered(rest string, k SpotKind) string {
	rest = strings.TrimSpace(rest)
	if !digits(rest) || len(rest) > 4 {
		return rest
	}
	switch k {
	case Estate:
		return rest + "号楼"
	case RoadSpot:
		return rest + "号"
	}
	return rest
}

// byConfidence makes the lists of candidates stable.
func byConfidence(a, b Candidate) int {
	return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Community.ID, b.Community.ID), cmp.Compare(a.Spot.ID, b.Spot.ID))
}
