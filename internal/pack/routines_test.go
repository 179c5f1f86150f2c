package pack

import (
	"strings"
	"testing"
)

func TestRoutines(t *testing.T) {
	p, err := Load(Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	five, ok := p.Routine("daily_five")
	if !ok || len(five.Items) != 5 || !five.MadeUp {
		t.Errorf("the five daily ones: %+v", five)
	}
	for _, kind := range RoutineKinds() {
		found := false
		for _, x := range p.Routines {
			found = found || x.Kind == kind
		}
		if !found {
			t.Errorf("no routine is of the kind %s", kind)
		}
	}
}

// TestBrokenRoutines: each mistake is named, in both languages, with its line.
func TestBrokenRoutines(t *testing.T) {
	for name, c := range map[string]struct{ old, new, zh string }{
		"a check-in":          {"    posts: [gridworker]\n    where: grid\n", "    check_in: true\n    posts: [gridworker]\n    where: grid\n", "不认识的项目“check_in”"},
		"points":              {"made_up: true", "points: 3", "不认识的项目“points”"},
		"photo of presence":   {"{key: find, title:", "{key: find, photo: true, title:", "不认识的项目“photo”"},
		"ranking not barred":  {"forbids: [check_in, presence_photo, ranking,", "forbids: [check_in, presence_photo,", "forbids 必须写上 ranking"},
		"filled in by hand":   {"filled_by: [visit.record, visit.follow_up]", "filled_by: []", "不得另行填报"},
		"no source":           {"source: 江源区", "made_upx: 江源区", "made_upx"},
		"kind":                {"kind: daily", "kind: hourly", "kind 应为"},
		"days twice":          {"{days: workdays, from: \"08:00\"", "{days: workdays, weekdays: [mon], from: \"08:00\"", "写且只写一个"},
		"weekday":             {"weekdays: [wed]", "weekdays: [someday]", "someday"},
		"hour":                {"from: \"08:00\", to: \"17:30\"}", "from: \"8 o'clock\", to: \"17:30\"}", "08:00"},
		"season":              {"season: {from: \"10-25\"", "season: {from: \"13-25\"", "10-25"},
		"warning":             {"warnings: [cold_wave]", "warnings: [meteor]", "meteor"},
		"no weather":          {"weather: {temp_below: -22, warnings: [cold_wave]}", "weather: {}", "至少要写"},
		"post kind":           {"posts: [gridworker]", "posts: [gridking]", "gridking"},
		"post kind elsewhere": {"posts: [gridworker]", "posts: [streetlead]", "不设在 grid 上"},
		"unit":                {"unit: urban, spot: g0015", "unit: urbane, spot: g0015", "urbane"},
		"spot":                {"spot: g0015", "spot: g9915", "g9915"},
		"matter":              {"matters: [\"017\"", "matters: [\"917\"", "917"},
		"two alike":           {"key: morning\n", "key: daily_five\n", "编号要不重复"},
		"listed without":      {"where: street\n", "where: listed\n", "listed 清单"},
	} {
		f := files(t)
		edit(t, f, "routines.yaml", c.old, c.new)
		found := Check(f)
		ok := false
		for _, x := range found {
			ok = ok || x.File == "routines.yaml" && x.Line > 0 && x.EN != "" && strings.Contains(x.ZH, c.zh)
		}
		if !ok {
			t.Errorf("%s: %v", name, found)
		}
	}
}
