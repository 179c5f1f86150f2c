package pack

import (
	"strings"

	"github.com/paulmach/orb"

	"weixiao/internal/directory"
	"weixiao/internal/worktime"
)

var unitColumns = []column{
	{"id", "编号", true}, {"parent", "上级", false}, {"name", "名称", true}, {"short", "简称", true},
	{"english", "英文", true}, {"kind", "类别", true}, {"code", "区划代码", false}, {"aliases", "别名", false},
	{"function", "职能", false}, {"round_the_clock", "全天候", false}, {"calendar", "日历", false},
	{"phone", "电话", false}, {"phone_made_up", "电话为虚构", false}, {"made_up", "单位为虚构", false},
	{"lon", "经度", false}, {"lat", "纬度", false}, {"center_made_up", "位置为虚构", false},
}

var postColumns = []column{
	{"id", "编号", true}, {"unit", "单位", true}, {"title", "名称", true}, {"english", "英文", true},
	{"role", "角色", true}, {"lead", "负责", false},
}

var gridColumns = []column{
	{"id", "编号", true}, {"community", "社区", true}, {"name", "名称", true}, {"post", "岗位", true},
	{"lon", "经度", true}, {"lat", "纬度", true}, {"made_up", "虚构", false},
}

var unitKinds = map[string]directory.Kind{
	"区": directory.District, "街道": directory.Street, "镇": directory.Town, "乡": directory.Town,
	"社区": directory.Community, "村": directory.Village, "部门": directory.Department,
	"公共服务企业": directory.Utility, "热线": directory.Hotline, "督查": directory.Supervision, "区领导": directory.Leaders,
}

var postRoles = map[string]directory.Role{
	"话务员": directory.Operator, "派单员": directory.Dispatcher, "回访员": directory.Callback, "值守员": directory.Duty,
	"督办员": directory.Supervisor, "区领导": directory.Leader, "审计管理员": directory.Auditor, "系统管理员": directory.Admin,
	"安全管理员": directory.Security, "街镇承办人": directory.StreetHand, "街镇负责人": directory.StreetLead,
	"部门承办人": directory.DeptHand, "部门负责人": directory.DeptLead, "社区书记": directory.Secretary,
	"网格长": directory.GridChief, "网格员": directory.GridWorker,
}

// directory reads the three organisation files; nil if they do not hold together.
func (r *reader) directory(h Head, calendars map[string]*worktime.Calendar) *directory.Directory {
	from := map[string][]spot{}
	var units []directory.Unit
	for _, w := range r.table("units.csv", unitColumns) {
		units = append(units, r.unit(w, h, calendars))
		from["units"] = append(from["units"], w.at)
	}
	var posts []directory.Post
	for _, w := range r.table("posts.csv", postColumns) {
		posts = append(posts, directory.Post{
			ID: w.text("id"), Unit: w.code("unit"), Title: w.text("title"), English: w.text("english"),
			Role: choice(w, "role", postRoles), Lead: w.yes("lead"),
		})
		from["posts"] = append(from["posts"], w.at)
	}
	var grids []directory.Grid
	for _, w := range r.table("grids.csv", gridColumns) {
		g := directory.Grid{ID: w.code("id"), Community: w.code("community"), Name: w.text("name"), Post: w.text("post"), MadeUp: w.yes("made_up")}
		g.Center, _ = w.point()
		grids = append(grids, g)
		from["grids"] = append(from["grids"], w.at)
	}
	if units == nil || posts == nil {
		return nil // said already
	}
	d, err := directory.New(units, posts, grids)
	if err != nil {
		r.faults(err, from)
		return nil
	}
	if root := d.Root(); root.Code != h.District {
		r.add("pack.yaml", 0, "district 与单位表里的区划代码 "+root.Code+" 不一致", "district differs from the code "+root.Code+" of the unit list")
	}
	return d
}

func (r *reader) unit(w row, h Head, calendars map[string]*worktime.Calendar) directory.Unit {
	u := directory.Unit{
		ID: w.code("id"), Parent: w.code("parent"), Name: w.text("name"), Short: w.text("short"), English: w.text("english"),
		Kind: choice(w, "kind", unitKinds), Code: w.code("code"), Aliases: w.list("aliases"),
		Function: w.text("function"), RoundTheClock: w.yes("round_the_clock"), Calendar: w.text("calendar"),
		Phone: w.text("phone"), PhoneMadeUp: w.yes("phone_made_up"), MadeUp: w.yes("made_up"), CenterMadeUp: w.yes("center_made_up"),
	}
	u.Center, _ = w.point()
	if strings.ContainsAny(u.ID, "/ ?#%") {
		r.add(w.at.file, w.at.line, "编号“"+u.ID+"”只能用字母、数字、点和横线", "the id may have letters, digits, dots and hyphens only")
	}
	if u.Calendar == "" {
		u.Calendar = h.Calendar
	}
	if _, ok := calendars[u.Calendar]; !ok && calendars != nil {
		r.add(w.at.file, w.at.line, "日历“"+u.Calendar+"”不存在，请用 calendars.yaml 里的名称", "calendar "+u.Calendar+" does not exist in calendars.yaml")
	}
	return u
}

// point reads lon and lat: both or neither, inside China.
func (w row) point() (orb.Point, bool) {
	lon, east := w.number("lon")
	lat, north := w.number("lat")
	switch {
	case !east && !north:
		return orb.Point{}, false
	case !east || !north || lon < 73 || lon > 136 || lat < 3 || lat > 54:
		w.r.add(w.at.file, w.at.line, "经纬度应都填写，并且在中国境内（经度 73 至 136，纬度 3 至 54）", "longitude and latitude must both be given and lie in China")
		return orb.Point{}, false
	}
	return orb.Point{lon, lat}, true
}
