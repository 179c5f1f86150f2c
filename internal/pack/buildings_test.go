package pack

import (
	"strings"
	"testing"
)

// TestBrokenBuildings names what is wrong with a kind of post or a building, with its file.
func TestBrokenBuildings(t *testing.T) {
	for name, c := range map[string]struct{ file, old, new, words string }{
		"level":               {"postkinds.csv", "楼栋,,1", "楼顶,,1", "“设在”应为"},
		"seats":               {"postkinds.csv", "网格员,1,是", "网格员,0,是", "人数应为 1 至 20"},
		"role of two kinds":   {"postkinds.csv", "区领导,1", "区领导、网格长,1", "已归岗位类别"},
		"role of none":        {"postkinds.csv", "单位,网格长,1", "单位,区领导,1", "gridchief"},
		"source":              {"postkinds.csv", "15,自拟", "15,", "来源"},
		"unknown community":   {"buildings.csv", "b001,220605001001", "b001,220605001999", "220605001999"},
		"id of another":       {"buildings.csv", "220605001001-b001,", "220605003001-b001,", "楼栋编号应为社区代码 220605001001"},
		"id twice":            {"buildings.csv", "220605001001-b002", "220605001001-b001", "编号与松花花园1号楼重复"},
		"name twice":          {"buildings.csv", "松花花园,2号楼", "松花花园,1号楼", "已有“松花花园1号楼”"},
		"outside":             {"buildings.csv", "126.580920,42.048019", "126.580920,43.048019", "不在本区范围内"},
		"households":          {"buildings.csv", ",3,7,42,", ",3,7,四十,", "不是数字"},
		"half a household":    {"buildings.csv", ",3,7,42,", ",3,7,4.5,", "应为整数"},
		"no source":           {"buildings.csv", "虚构,是", ",是", "来源"},
		"column nobody knows": {"buildings.csv", "户数", "户口", "不认识的列“户口”"},
	} {
		t.Run(name, func(t *testing.T) {
			f := files(t)
			edit(t, f, c.file, c.old, c.new)
			for _, p := range Check(f) {
				if p.File == c.file && strings.Contains(p.ZH+p.EN, c.words) {
					return
				}
			}
			t.Errorf("%q is not among %v", c.words, Check(f))
		})
	}
	f := files(t)
	delete(f, "buildings.csv")
	delete(f, "routines.yaml") // names kinds of posts
	delete(f, "postkinds.csv")
	if p, err := Load(f); err != nil || len(p.Buildings) != 0 || len(p.PostKinds) == 0 {
		t.Errorf("a pack without buildings: %v", err)
	}
}
