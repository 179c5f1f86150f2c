package pack

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

type fsMap = fstest.MapFS

// files is the embedded pack as files that can be spoiled.
func files(t testing.TB) fsMap {
	t.Helper()
	all := fsMap{}
	names, err := fs.Glob(Jiangyuan(), "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(Jiangyuan(), name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = &fstest.MapFile{Data: data}
	}
	return all
}

// edit replaces the first occurrence of old, which must be there.
func edit(t testing.TB, f fsMap, name, old, new string) {
	t.Helper()
	if !bytes.Contains(f[name].Data, []byte(old)) {
		t.Fatalf("%s has no %q", name, old)
	}
	f[name].Data = bytes.Replace(f[name].Data, []byte(old), []byte(new), 1)
}

// lineWith is the number of the first line that contains words.
func lineWith(data []byte, words string) int {
	before, _, ok := bytes.Cut(data, []byte(words))
	if !ok {
		return -1
	}
	return bytes.Count(before, []byte("\n")) + 1
}

func TestBrokenPacks(t *testing.T) {
	cases := map[string]struct {
		file, old, new string // what is spoiled
		at             string // file of the problem, if another
		mark           string // words on the line of the problem; "" = no line
		words          string // in the problem, either language
	}{
		"unknown key in pack.yaml":   {"pack.yaml", "prefix: JY", "prefx: JY", "", "prefx", "不认识的项目“prefx”"},
		"prefix":                     {"pack.yaml", "prefix: JY", "prefix: jy1", "", "", "两个大写字母"},
		"not YAML":                   {"pack.yaml", "name: 江源区", "name: [江源区", "", "-", "YAML"},
		"district of another":        {"pack.yaml", `district: "220605"`, `district: "220602"`, "", "", "不一致"},
		"a theme's unit":             {"workdays.yaml", "units: [civil]", "units: [civl]", "", "id: assistance", "civl"},
		"workday slot":               {"workdays.yaml", "slot: 15", "slot: 2", "", "", "5 至 120"},
		"workday window":             {"workdays.yaml", "opens: 21 day", "opens: 3 workday", "", "", "自然日或小时"},
		"a visit asks for income":    {"visits.yaml", "title: 惠民政策", "title: 家庭收入", "", "家庭收入", "个人信息保护法"},
		"a visit asks for identity":  {"visits.yaml", "questions: []", "questions:\n  - {id: idno, title: 身份证号码, english: Number, type: yesno, source: x}", "", "idno", "不能问“身份证”"},
		"a visit asks in words":      {"visits.yaml", "questions: []", "questions:\n  - {id: smoke, title: 烟感报警器, english: Smoke alarm, type: text, source: x}", "", "smoke", "不登记文字"},
		"what a need becomes":        {"visits.yaml", "becomes: help", "becomes: task", "", "becomes: task", "case（工单）或 help（求助）"},
		"a category's review":        {"visits.yaml", "review: 90 day", "review: 9 workday", "", "id: poor", "自然日"},
		"readers of the register":    {"visits.yaml", "units: [civil]", "units: [nobody]", "", "", "nobody"},
		"calendar":                   {"pack.yaml", "calendar: office", "calendar: offise", "", "", "offise"},
		"start of a law":             {"laws.yaml", "start: next day", "start: tomorrow", "", "name: licensing", "next workday"},
		"days of a law":              {"laws.yaml", "days: workday", "days: workdays", "", "name: licensing", "应为 day 或 workday"},
		"source of a law":            {"laws.yaml", "    source: 行政许可法第八十二条, 期限以工作日计算, 不含法定节假日\n", "", "", "name: licensing", "source"},
		"limit of a term":            {"laws.yaml", "limit: 20 day", "limit: 20 moons", "", "name: licensing", "看不懂"},
		"overlapping shifts":         {"calendars.yaml", `"13:00-16:30"`, `"11:00-16:30"`, "", "name: office", "班次重叠"},
		"hours of a calendar":        {"calendars.yaml", `"08:30-11:30"`, `"11:30-08:30"`, "", "name: office", "office"},
		"unknown key in rules":       {"rules.yaml", "    places: [town]", "    place: [town]", "", "    place: [town]", "不认识的项目“place”"},
		"rule to nobody":             {"rules.yaml", "unit: heat-mine", "unit: heat-mines", "", "heating-mining-towns", "heat-mines"},
		"rule with unknown matter":   {"rules.yaml", `["001", "002"`, `["901", "002"`, "", "id: lamps-towns", "901"},
		"limit":                      {"profiles.yaml", "contact: 4 workhour", "contact: 4 worldhour", "", "name: L2", "4 worldhour"},
		"wrong type":                 {"profiles.yaml", "handback_cap: 1", "handback_cap: one", "", "handback_cap: one", "one"},
		"pause without source":       {"procedures.yaml", "    source: 一次性告知补正, 补正时间不计入办理期限 (信息公开条例第三十条、行政许可法第三十二条)\n", "", "", "id: papers", "source"},
		"pause by nobody":            {"procedures.yaml", "    by: [centre, supervision]", "    by: [everybody]", "", "id: papers", "由谁批准"},
		"pause without an end":       {"procedures.yaml", "longest: 15 day", "longest: 15 dya", "", "id: papers", "15 dya"},
		"supervision without level":  {"procedures.yaml", `level: "3"`, `level: "4"`, "", "", "级别 3"},
		"extension by nobody":        {"profiles.yaml", "by: [supervision, leader]", "by: [somebody]", "", "name: L3", "谁批准"},
		"extension twice":            {"profiles.yaml", "extensions: 1", "extensions: 2", "", "name: L1", "只能一次"},
		"profile without source":     {"profiles.yaml", "    source: 咨询 1 个工作日, 最长 3 个工作日\n", "", "", "name: L2", "source"},
		"formula with unknown name":  {"scores.yaml", "share(contacted_in_time, scored)", "share(contacted_in_tim, scored)", "", "name: response", "contacted_in_tim"},
		"formula that uses itself":   {"scores.yaml", "share(reworked, replied)", "share(rework, replied)", "", "name: rework\n", "循环"},
		"formula that divides":       {"scores.yaml", "share(reworked, replied)", "reworked / replied", "", "name: rework\n", "share(分子, 分母)"},
		"formula that divides by 0":  {"scores.yaml", "share(reworked, replied)", "reworked / 0", "", "name: rework\n", "不为零的数"},
		"formula that may fail":      {"scores.yaml", "share(reworked, replied)", "len(reworked)", "", "name: rework\n", "share(part, whole)"},
		"formula with one argument":  {"scores.yaml", "share(reworked, replied)", "share(reworked)", "", "name: rework\n", "share takes two"},
		"formula with a comparison":  {"scores.yaml", "share(reworked, replied)", "reworked > replied", "", "name: rework\n", "不能用“>”"},
		"formula in a circle":        {"scores.yaml", "share(contacted_in_time, scored)", "0 * combined", "", "name: response", "combined"},
		"count nobody counts":        {"scores.yaml", "name: extended,", "name: extented,", "", "extented", "extended"},
		"rank without its formula":   {"scores.yaml", "name: combined", "name: combin", "", "", "combined"},
		"exclusion without window":   {"scores.yaml", "  ask_within: 15 workday  # after the case was closed\n", "", "", "", "ask_within"},
		"exclusion rule twice":       {"scores.yaml", "code: refuses", "code: statutory", "", "", "statutory"},
		"appeal without window":      {"scores.yaml", "  window: 5 workday       # after the preview of the month was published\n", "", "", "", "window"},
		"formula without source":     {"scores.yaml", "    source: 城市管理考核的返工率\n", "", "", "name: rework\n", "source"},
		"unknown column":             {"units.csv", "简称", "小名", "", "编号,", "小名"},
		"missing column":             {"posts.csv", ",角色,", ",脚色,", "", "编号,", "缺少“角色”"},
		"unit kind":                  {"units.csv", "Education Bureau,部门", "Education Bureau,局", "", "education,", "不认识的单位类别"},
		"parent":                     {"units.csv", "lamps,urban,", "lamps,urbann,", "", "lamps,", "urbann"},
		"empty cell":                 {"units.csv", ",区教育局,", ",,", "", "education,", "简称"},
		"yes or no":                  {"units.csv", "中小学、幼儿园和校外培训,否", "中小学、幼儿园和校外培训,也许", "", "education,", "也许"},
		"calendar of a unit":         {"units.csv", ",always,0439", ",alwais,0439", "", "alwais", "alwais"},
		"longitude":                  {"units.csv", ",126.", ",12.", "", "220605,", "中国境内"},
		"spoiled by a spreadsheet":   {"grids.csv", "220605001001001,220605001001", "2.20605E+14,220605001001", "", "2.20605E+14", "科学计数"},
		"lead post":                  {"posts.csv", "部门负责人,是", "部门负责人,否", "units.csv", "housing,", "没有负责岗位"},
		"role":                       {"posts.csv", "部门承办人", "承办", "", "housing.desk", "不认识的岗位角色"},
		"quotes":                     {"matters.csv", "路灯不亮,", `路灯"不亮,`, "", "路灯\"不亮", "引号"},
		"too many cells":             {"groups.csv", "市政设施,", "市政,设施,", "", "municipal,", "逗号"},
		"matter to nobody":           {"matters.csv", "求助,lamps,@street", "求助,lamp,@street", "", "诉求,001", "lamp"},
		"group of a matter":          {"standard.csv", ",c01,", ",c99,", "", "部件,01001", "c99"},
		"code of a matter":           {"standard.csv", "事项,06010,", "事项,0610,", "", "事项,0610,", "5 位"},
		"rung that cannot be read":   {"ladder.yaml", "5 minute before", "5 minutes ahead", "", "level: L0", "看不懂"},
		"rung with a start rule":     {"ladder.yaml", "{when: 10 minute after", "{when: 10 minute from next day after", "", "level: L0", "看不懂"},
		"rungs out of order":         {"ladder.yaml", "{when: 10 minute after", "{when: 10 minute before", "", "level: L0", "按先后排列"},
		"rung twice":                 {"ladder.yaml", "{when: 10 minute after, whom: superior}", "{when: due, whom: lead}", "", "level: L0", "重复"},
		"rung that goes down again":  {"ladder.yaml", "{when: 10 minute after, whom: superior}", "{when: 10 minute after, whom: assignee}", "", "level: L0", "逐级向上"},
		"rung before the clock":      {"ladder.yaml", "{when: 5 minute before", "{when: 1 hour before", "", "level: L0", "永远不会"},
		"rung to nobody":             {"ladder.yaml", "whom: assignee", "whom: asignee", "", "level: L0", "不认识的对象“asignee”"},
		"too many rungs":             {"ladder.yaml", "        - {when: due, whom: lead}\n", "        - {when: 4 minute before, whom: lead}\n        - {when: 3 minute before, whom: lead}\n        - {when: 2 minute before, whom: lead}\n        - {when: due, whom: lead}\n", "", "level: L0", "最多 6 级"},
		"level without ladder":       {"ladder.yaml", "  - level: L5", "  - level: L4", "", "", "缺少级别“L5”"},
		"level twice":                {"ladder.yaml", "  - level: L1", "  - level: L0", "", "  - level: L0\n    source", "写了两次"},
		"ladder of no level":         {"ladder.yaml", "  - level: problem", "  - level: problems", "", "level: problems", "problems"},
		"clock without ladder":       {"ladder.yaml", "      sign: *sign\n", "", "", "level: L3", "sign: []"},
		"ladder of no clock":         {"ladder.yaml", "      sign: *sign\n", "      sign: *sign\n      signn: *sign\n", "", "level: L3", "signn"},
		"ladder without source":      {"ladder.yaml", "    source: 建议值，全国没有统一规定；应急哨 30 分钟响应，不分昼夜\n", "", "", "level: emergency", "出处"},
		"quiet all day":              {"ladder.yaml", `to: "07:30"`, `to: "21:00"`, "", "", "不能相同"},
		"quiet hours":                {"ladder.yaml", `to: "07:30"`, `to: "7.30"`, "", "", "7.30"},
		"tolerance":                  {"ladder.yaml", "tolerance: 5 minute", "tolerance: 1 workday", "", "", "tolerance"},
		"leader in charge":           {"ladder.yaml", "leaders.deputy-1", "housing.lead", "", "post: housing.lead", "不是区领导"},
		"unit in nobody's charge":    {"ladder.yaml", "[housing, urban", "[housin, urban", "", "leaders.deputy-1", "housin"},
		"unit in two charges":        {"ladder.yaml", "[agriculture,", "[housing, agriculture,", "", "leaders.deputy-2", "只能有一位"},
		"layer without source":       {"towns.geojson", `"source"`, `"sauce"`, "", "", "source"},
		"layer in another system":    {"district.geojson", "CGCS2000", "GCJ-02", "", "", "GCJ-02"},
		"layer of another place":     {"towns.geojson", `"code":"220605001"`, `"code":"220605099"`, "", "", "220605099"},
		"words in one language only": {"words.yaml", "zh: 您说一声，我们马上办, ", "", "", "", "portal.motto"},

		// layers
		"latitude before longitude":   {"district.geojson", "[[[126.688843,41.874536]", "[[[41.874536,126.688843]", "", "", "先经度后纬度"},
		"place in another country":    {"district.geojson", "[[[126.", "[[[26.", "", "", "不在中国境内"},
		"layer of an unknown kind":    {"grids.geojson", `"kind":"grid"`, `"kind":"gird"`, "", "", "kind"},
		"layer without one above":     {"grids.geojson", `"parent":"communities"`, `"parent":"community"`, "", "", "上级图层"},
		"grid that is in no list":     {"grids.geojson", `"code":"220605001001004"`, `"code":"220605001001099"`, "", "", "网格表"},
		"grid under no community":     {"grids.geojson", `"code":"220605001001004"`, `"code":"220605001099004"`, "", "", "220605001099"},
		"unit grid with a short code": {"unit_grids.geojson", `"code":"220605001001004"`, `"code":"22060500100104"`, "", "", "15 位"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f := files(t)
			edit(t, f, c.file, c.old, c.new)
			at := c.file
			if c.at != "" {
				at = c.at
			}
			line := 0
			if c.mark != "" && c.mark != "-" {
				line = lineWith(f[at].Data, c.mark)
			}
			_, err := Load(f) // what Check lists, and proves that it does not load
			got, _ := errors.AsType[Problems](err)
			for _, p := range got {
				if p.File == at && (p.Line == line || c.mark == "-" && p.Line > 0) && strings.Contains(p.ZH+p.EN, c.words) && p.ZH != "" && p.EN != "" {
					return
				}
			}
			t.Errorf("no problem at %s:%d with %q; got %v", at, line, c.words, got)
		})
	}
}

func TestFilesOfAPack(t *testing.T) {
	f := files(t)
	delete(f, "rules.yaml")
	f["ruels.yaml"] = &fstest.MapFile{Data: []byte("rules: []")}
	f[".DS_Store"] = &fstest.MapFile{Data: []byte("x")}
	f["~$units.csv"] = &fstest.MapFile{Data: []byte("x")}
	got := Check(f)
	if len(got) != 2 || got[0].File != "ruels.yaml" || got[1].File != "rules.yaml" {
		t.Errorf("got %v", got)
	}
	if got := Check(fsMap{}); len(got) < 5 {
		t.Errorf("an empty folder has only these problems: %v", got)
	}
	f = files(t)
	f["units.csv"].Data = []byte("\xb1\xe0\xba\xc5") // 编号 in GBK
	if got := Check(f); len(got) == 0 || !strings.Contains(got[0].ZH, "UTF-8") {
		t.Errorf("got %v", got)
	}
}

// TestSpreadsheetHabits: a byte order mark, CRLF, English headings and words,
// other column order and blank lines are all read the same.
func TestSpreadsheetHabits(t *testing.T) {
	f := files(t)
	groups := strings.ReplaceAll(string(f["groups.csv"].Data), "\n", "\r\n") + "\r\n,,,\r\n"
	groups = strings.Replace(groups, "编号,名称,英文,类别", "id,name,english,kind", 1)
	groups = strings.ReplaceAll(groups, ",诉求", ",request")
	f["groups.csv"].Data = []byte("\uFEFF" + groups)
	p, err := Load(f)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Catalogue.Groups(), load(t).Catalogue.Groups(); len(got) != len(want) || got[0] != want[0] || got[len(got)-1] != want[len(want)-1] {
		t.Errorf("got %v", got)
	}
}

// TestDeletedMatter: a matter marked as deleted cannot be chosen and still names
// its unit for old cases.
func TestDeletedMatter(t *testing.T) {
	f := files(t)
	lines := strings.Split(string(f["matters.csv"].Data), "\n")
	lines[1] += "是"
	f["matters.csv"].Data = []byte(strings.Join(lines, "\n"))
	p, err := Load(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range p.Catalogue.Matters() {
		if m.Key == "001" {
			t.Error("a deleted matter can be chosen")
		}
	}
	if m, ok := p.Catalogue.Matter("001"); !ok || !m.Deleted {
		t.Errorf("got %+v", m)
	}
	if d := p.Catalogue.Resolve("001", "220605001", ""); d.Unit != "lamps" {
		t.Errorf("got %+v", d)
	}
}

// TestSwitchedOnRule: the snow rule ships switched off; switching it on changes
// who leads in the city and nowhere else.
func TestSwitchedOnRule(t *testing.T) {
	f := files(t)
	edit(t, f, "rules.yaml", "    off: true", "    off: false")
	p, err := Load(f)
	if err != nil {
		t.Fatal(err)
	}
	if d := p.Catalogue.Resolve("026", "220605001", ""); d.Unit != "cleaning" || d.Rule != "snow-main-roads" {
		t.Errorf("in the city: %+v", d)
	}
	if d := p.Catalogue.Resolve("026", "220605102", ""); d.Unit != "220605102" {
		t.Errorf("in a town: %+v", d)
	}
	if d := load(t).Catalogue.Resolve("026", "220605001", ""); d.Unit != "220605001" {
		t.Errorf("switched off: %+v", d)
	}
}

// FuzzCheck: whatever is in a file, reading it ends with problems or a pack.
func FuzzCheck(f *testing.F) {
	base := files(f)
	for i, name := range known {
		f.Add(i, base[name].Data[:min(len(base[name].Data), 300)])
	}
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		spoiled := fsMap{}
		for name, file := range base {
			spoiled[name] = file
		}
		spoiled[known[uint(i)%uint(len(known))]] = &fstest.MapFile{Data: data}
		p, err := Load(spoiled)
		if (p == nil) == (err == nil) {
			t.Error("neither a pack nor an error")
		}
		if err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
