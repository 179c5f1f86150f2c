package pack

import (
	"strings"

	"weixiao/internal/directory/firms"
)

// Firm is a firm, contractor or volunteer team that a pack brings to be shown. A district's
// own register is imported and lives in the journal.
type Firm struct {
	Code    string // 18 characters; of volunteer teams alone it may be empty
	Name    string
	Kinds   []string // of firms.Kinds
	Sector  string   // one of firms.Sectors
	Unit    string
	Address string
	Source  string
	MadeUp  bool
}

var firmColumns = []column{
	{"code", "统一社会信用代码", false}, {"name", "名称", true}, {"kinds", "类别", true}, {"sector", "行业", true}, {"unit", "所属单位", false}, {"address", "地址", false},
	{"source", "来源", true}, {"made_up", "虚构", false},
}

// firms reads firms.csv; a pack may have none.
func (r *reader) firms(p *Pack) []Firm {
	var out []Firm
	seen := map[string]string{}
	for _, w := range r.table("firms.csv", firmColumns) {
		bad := func(zh, en string) { r.add(w.at.file, w.at.line, zh, en) }
		x := Firm{Code: w.code("code"), Name: w.text("name"), Sector: firms.SectorOf(w.text("sector")), Unit: w.code("unit"), Address: w.text("address"), Source: w.text("source"), MadeUp: w.yes("made_up")}
		for _, word := range w.list("kinds") {
			k := firms.KindOf(word)
			if k == "" {
				bad("类别“"+word+"”应为 企业、承包商 或 志愿队伍", "kind "+word+" must be firm, contractor or volunteers")
			}
			x.Kinds = append(x.Kinds, k)
		}
		if x.Sector == "" && w.text("sector") != "" {
			bad("不认识行业“"+w.text("sector")+"”，可用的有 "+strings.Join(firms.SectorWords(), "、"), "unknown sector "+w.text("sector")+"; use one of "+strings.Join(firms.Sectors(), ", "))
		}
		key := x.Code
		switch code, err := firms.CheckCode(x.Code); {
		case x.Code == "" && strings.Join(x.Kinds, " ") == "volunteers":
			key = x.Unit + " " + x.Name
		case x.Code == "":
			bad("企业和承包商要有统一社会信用代码；没有的只能是志愿队伍", "firms and contractors need their code; only volunteer teams may have none")
		case err != nil:
			zh, en := firms.CodeWords(err)
			bad(zh, en)
		default:
			x.Code, key = code, code
		}
		if other := seen[key]; other != "" && key != "" {
			bad("与“"+other+"”重复", "is the same as "+other)
		}
		seen[key] = x.Name
		if _, ok := p.Directory.Unit(x.Unit); x.Unit != "" && !ok {
			bad("所属单位“"+x.Unit+"”不在 units.csv 里", "unit "+x.Unit+" is not in units.csv")
		}
		out = append(out, x)
	}
	return out
}
