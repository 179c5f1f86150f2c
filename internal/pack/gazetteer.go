package pack

import (
	"github.com/paulmach/orb"

	"weixiao/internal/directory"
)

var spotColumns = []column{
	{"id", "编号", true}, {"name", "名称", true}, {"aliases", "别名", false}, {"kind", "类别", true}, {"unit", "社区", true},
	{"lon", "经度", true}, {"lat", "纬度", true}, {"source", "来源", true}, {"made_up", "虚构", false},
}

var spotKinds = map[string]directory.SpotKind{
	"小区": directory.Estate, "道路": directory.RoadSpot, "自然屯": directory.Hamlet, "学校": directory.School, "医疗": directory.Clinic,
	"机关": directory.Office, "商店": directory.Shop, "公园": directory.Park, "交通": directory.Transport, "厂矿": directory.Plant, "地标": directory.Landmark,
}

// gazetteer reads the named places. A pack without the file has an empty one: addresses are then understood by
// streets and communities alone. Nil if the rows do not hold together.
func (r *reader) gazetteer(p *Pack) *directory.Gazetteer {
	var spots []directory.Spot
	from := map[string][]spot{}
	for _, w := range r.table("gazetteer.csv", spotColumns) {
		s := directory.Spot{ID: w.code("id"), Name: w.text("name"), Aliases: w.list("aliases"), Kind: choice(w, "kind", spotKinds), Unit: w.code("unit"),
			Source: w.text("source"), MadeUp: w.yes("made_up")}
		s.Point, _ = w.point()
		spots = append(spots, s)
		from["gazetteer"] = append(from["gazetteer"], w.at)
	}
	locate := func(at orb.Point) (directory.Place, bool) { return p.Locate(at) }
	if len(p.Layers) == 0 {
		locate = nil // a pack without a map
	}
	g, err := directory.NewGazetteer(p.Directory, p.FullName, spots, locate)
	if err != nil {
		r.faults(err, from)
		return nil
	}
	return g
}
