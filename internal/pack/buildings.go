package pack

import (
	"github.com/paulmach/orb"

	"weixiao/internal/directory"
)

var kindColumns = []column{
	{"id", "编号", true}, {"name", "名称", true}, {"english", "英文", true}, {"level", "设在", true}, {"roles", "角色", false},
	{"seats", "人数", true}, {"needed", "必须", false}, {"public", "公示", false}, {"vacant", "空岗天数", false}, {"source", "来源", true},
}

var postLevels = map[string]directory.Level{"单位": directory.OnUnit, "网格": directory.OnGrid, "楼栋": directory.OnBuilding, "单元": directory.OnEntrance}

// postKinds reads the kinds of posts. A pack without the file has one for each role.
func (r *reader) postKinds() []directory.PostKind {
	if _, ok := r.files["postkinds.csv"]; !ok {
		return directory.DefaultPostKinds()
	}
	var out []directory.PostKind
	from := map[string][]spot{}
	for _, w := range r.table("postkinds.csv", kindColumns) {
		k := directory.PostKind{ID: w.text("id"), Name: w.text("name"), English: w.text("english"), Level: choice(w, "level", postLevels),
			Seats: w.whole("seats"), Needed: w.yes("needed"), Public: w.yes("public"), Vacant: w.whole("vacant"), Source: w.text("source")}
		for _, name := range w.list("roles") {
			role, ok := postRoles[name]
			if !ok {
				role = directory.Role(name)
			}
			k.Roles = append(k.Roles, role)
		}
		out = append(out, k)
		from["postkinds"] = append(from["postkinds"], w.at)
	}
	if err := directory.CheckPostKinds(out); err != nil {
		r.faults(err, from)
	}
	return out
}

var buildingColumns = []column{
	{"id", "编号", true}, {"community", "社区", true}, {"grid", "网格", false}, {"estate", "小区", false}, {"name", "名称", true},
	{"lon", "经度", true}, {"lat", "纬度", true}, {"entrances", "单元", false}, {"floors", "层数", false}, {"households", "户数", false},
	{"source", "来源", true}, {"made_up", "虚构", false},
}

// buildings reads the buildings; a pack may have none.
func (r *reader) buildings(p *Pack) []directory.Building {
	var list []directory.Building
	from := map[string][]spot{}
	for _, w := range r.table("buildings.csv", buildingColumns) {
		b := directory.Building{ID: w.code("id"), Community: w.code("community"), Grid: w.code("grid"), Estate: w.text("estate"), Name: w.text("name"),
			Entrances: w.whole("entrances"), Floors: w.whole("floors"), Households: w.whole("households"), Source: w.text("source"), MadeUp: w.yes("made_up")}
		b.Point, _ = w.point()
		list = append(list, b)
		from["buildings"] = append(from["buildings"], w.at)
	}
	out, err := p.Directory.CheckBuildings(list, p.Locator())
	if err != nil {
		r.faults(err, from)
	}
	return out
}

// whole reads a whole number; the empty cell is 0.
func (w row) whole(key string) int {
	f, ok := w.number(key)
	if ok && (f != float64(int(f)) || f < 0) {
		w.r.add(w.at.file, w.at.line, "“"+w.cell[key]+"”应为整数", key+" must be a whole number: "+w.cell[key])
	}
	return int(f)
}

// Locator is Locate, or nil for a pack without a map.
func (p *Pack) Locator() func(orb.Point) (directory.Place, bool) {
	if len(p.Layers) == 0 {
		return nil
	}
	return p.Locate
}
