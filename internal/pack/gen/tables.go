package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// territorial kinds are the rows this program owns.
var territorial = map[string]bool{"街道": true, "镇": true, "社区": true, "村": true}

func writeTables(target string, all []*division) error {
	file := filepath.Join(target, "units.csv")
	units, err := readCSV(file)
	if err != nil {
		return err
	}
	mine := map[string]bool{}
	kept := units[:1]
	for _, r := range units[1:] {
		if territorial[r[5]] {
			mine[r[0]] = true
			continue
		}
		kept = append(kept, r)
	}
	posts, err := readCSV(filepath.Join(target, "posts.csv"))
	if err != nil {
		return err
	}
	keptPosts := posts[:1]
	for _, r := range posts[1:] {
		if !mine[r[1]] {
			keptPosts = append(keptPosts, r)
		}
	}
	grids := [][]string{{"编号", "社区", "名称", "岗位", "经度", "纬度", "虚构"}}
	phone := 2000
	for _, d := range all {
		if d.kind == "区" {
			kept[1][14], kept[1][15], kept[1][16] = decimal(d.center[0]), decimal(d.center[1]), "否"
			continue
		}
		phone++
		kept = append(kept, unitRow(d, phone))
		rows, own := postRows(d)
		keptPosts, grids = append(keptPosts, rows...), append(grids, own...)
	}
	if err := writeCSV(file, kept); err != nil {
		return err
	}
	if err := writeCSV(filepath.Join(target, "posts.csv"), keptPosts); err != nil {
		return err
	}
	return writeCSV(filepath.Join(target, "grids.csv"), grids)
}

func unitRow(d *division, phone int) []string {
	base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(d.name, "街道"), "镇"), "社区"), "村")
	en := english[base]
	if en == "" {
		panic("no English name for " + d.name)
	}
	aliases, function, suffix := "", "", ""
	switch d.kind {
	case "街道":
		aliases, function, suffix = d.name+"办事处、"+base+"街", "属地诉求办理，吹哨召集", " Street"
	case "镇":
		aliases, function, suffix = d.name+"人民政府、"+d.name+"政府", "属地诉求办理，吹哨召集", " Town"
	case "社区":
		aliases, function, suffix = d.name+"居委会、"+d.name+"居民委员会", "网格管理，协助办理，联系居民", " Community"
	case "村":
		aliases, function, suffix = d.name+"委会、"+d.name+"民委员会", "网格管理，协助办理，联系村民", " Village"
	}
	return []string{d.code, d.parent, d.name, d.name, en + suffix, d.kind, d.code, aliases, function, "否", "",
		fmt.Sprintf("0439-000%d", phone), "是", "否", decimal(d.center[0]), decimal(d.center[1]), yes(d.madeUp)}
}

// postRows are the posts of a territory, and the rows of its grids.
func postRows(d *division) (posts, grids [][]string) {
	post := func(id, title, en, role string, lead bool) string {
		id = d.code + "." + id
		posts = append(posts, []string{id, d.code, title, en, role, yes(lead)})
		return id
	}
	switch d.kind {
	case "街道":
		post("lead", "街道党工委书记", "Party Secretary of the Street", "街镇负责人", true)
		post("head", "街道办事处主任", "Director of the Street", "街镇负责人", false)
		post("desk", "接诉即办专班承办员", "Case Officer", "街镇承办人", false)
		post("field", "综合执法队长", "Head of Enforcement", "街镇承办人", false)
	case "镇":
		post("lead", "镇党委书记", "Party Secretary of the Town", "街镇负责人", true)
		post("head", "镇长", "Head of the Town", "街镇负责人", false)
		post("desk", "接诉即办专班承办员", "Case Officer", "街镇承办人", false)
		post("field", "综合执法队长", "Head of Enforcement", "街镇承办人", false)
	case "社区":
		post("lead", "社区党委书记、居委会主任", "Secretary of the Community", "社区书记", true)
		post("chief", "网格长", "Grid Chief", "网格长", false)
	case "村":
		post("lead", "村党支部书记、村委会主任", "Secretary of the Village", "社区书记", true)
		post("chief", "网格长", "Grid Chief", "网格长", false)
	}
	for i, c := range d.grids {
		name := "第" + []string{"一", "二", "三", "四"}[i] + "网格"
		id := post(fmt.Sprintf("grid-%03d", i+1), name+"网格员", fmt.Sprintf("Worker of Grid %d", i+1), "网格员", false)
		grids = append(grids, []string{fmt.Sprintf("%s%03d", d.code, i+1), d.code, name, id, decimal(c[0]), decimal(c[1]), "是"})
	}
	return posts, grids
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', 6, 64) }

func yes(b bool) string {
	if b {
		return "是"
	}
	return "否"
}
