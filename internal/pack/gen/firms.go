package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
)

// business is a line of trade with what firms of it are called.
type business struct {
	sector string
	n      int
	ends   []string
}

var businesses = []business{
	{"农林牧渔", 5, []string{"人参种植专业合作社", "林下参科技有限公司", "食用菌专业合作社", "蓝莓种植有限公司", "林蛙养殖有限公司"}},
	{"采矿", 3, []string{"硅藻土矿业有限公司", "石灰石开采有限公司", "煤炭洗选有限公司"}},
	{"制造", 9, []string{"木业有限公司", "硅藻土新材料有限公司", "松花石雕刻有限公司", "矿泉水有限公司", "医药包装有限公司", "机械配件有限公司", "食品加工有限公司", "水泥制品有限公司", "家具有限公司"}},
	{"水电气热", 2, []string{"生物质热电有限公司", "光伏发电有限公司"}},
	{"建筑", 4, []string{"建筑工程有限公司", "装饰工程有限公司", "市政工程有限公司", "防水工程有限公司"}},
	{"批发零售", 9, []string{"商贸有限公司", "超市有限公司", "五金建材商行有限公司", "医药连锁有限公司", "农资有限公司", "山货贸易有限公司", "家电有限公司", "粮油有限公司", "汽车销售有限公司"}},
	{"交通运输", 5, []string{"物流有限公司", "货运有限公司", "出租汽车有限公司", "快递服务有限公司", "驾驶员培训有限公司"}},
	{"住宿餐饮", 5, []string{"宾馆有限公司", "餐饮管理有限公司", "农家乐有限公司", "快餐配送有限公司", "民宿有限公司"}},
	{"房地产和物业", 6, []string{"物业服务有限公司", "物业管理有限公司", "房地产开发有限公司", "房产经纪有限公司", "物业服务有限责任公司", "停车管理有限公司"}},
	{"居民服务", 4, []string{"家政服务有限公司", "再生资源回收有限公司", "洗染服务有限公司", "汽车维修有限公司"}},
	{"教育", 2, []string{"职业技能培训学校有限公司", "托育服务有限公司"}},
	{"卫生", 3, []string{"口腔门诊有限公司", "中医诊所有限公司", "养老护理有限公司"}},
	{"文体", 3, []string{"松花石文化有限公司", "健身服务有限公司", "旅行社有限公司"}},
}

// brands are made of one of each: none was taken from a real firm.
var (
	brandFirst = []string{"松", "岭", "泉", "桦", "杉", "栗", "鹿", "溪", "岚", "檀"}
	brandLast  = []string{"泰禾", "润丰", "启元", "和顺", "向荣", "宏远"}
	brandMore  = []string{"嘉树", "明川", "丰谷", "知行", "新原"}
)

var contractors = []struct{ name, sector, unit string }{
	{"道路养护工程有限公司", "建筑", "municipal"}, {"管道疏通工程有限公司", "建筑", "municipal"}, {"照明安装维护有限公司", "建筑", "lamps"}, {"绿化养护有限公司", "建筑", "parks"},
	{"清雪除冰作业有限公司", "居民服务", "sanitation"}, {"渣土清运有限公司", "交通运输", "urban"}, {"电梯维保有限公司", "居民服务", "market"}, {"供热管网安装有限公司", "建筑", "housing"},
	{"桥涵加固工程有限公司", "建筑", "transport"}, {"河道清淤工程有限公司", "建筑", "water-affairs"},
}

var teams = []string{"红马甲志愿服务队", "清雪铲冰志愿队", "邻里守望志愿队", "护林防火义务巡查队", "爱心理发志愿队", "老兵志愿服务队", "巾帼志愿服务队", "夕阳红义务巡逻队", "青年志愿服务队", "关爱儿童志愿队",
	"便民维修志愿队", "文明劝导志愿队", "环境清洁志愿队", "助老送餐志愿队", "应急救援志愿队", "法律宣传志愿队", "健康义诊志愿队", "护河志愿队", "阅读陪伴志愿队", "平安夜巡志愿队"}

// writeFirms makes up firms.csv: 110 firms, 10 contractors and 20 volunteer teams, with codes
// whose check characters are right. The same units.csv gives the same file; everything is made up and says so.
func writeFirms(target string) error {
	units, err := readCSV(filepath.Join(target, "units.csv"))
	if err != nil {
		return err
	}
	var streets, communities [][]string
	name := map[string]string{}
	for _, u := range units[1:] {
		name[u[0]] = u[2]
		switch u[5] {
		case "街道", "镇":
			streets = append(streets, u)
		case "社区":
			communities = append(communities, u)
		}
	}
	r := rand.New(rand.NewPCG(220605, 0x71697965))
	rows := [][]string{{"统一社会信用代码", "名称", "类别", "行业", "所属单位", "地址", "来源", "虚构"}}
	serial := 0
	code := func(head string) string { serial++; return creditCode(head, serial) }
	brand := 0
	called := func(what string) string {
		b := brandFirst[brand%len(brandFirst)] + brandLast[brand/len(brandFirst)%len(brandLast)]
		if brand++; brand > len(brandFirst)*len(brandLast) {
			b += "新"
		}
		return "江源区" + b + what
	}
	place := func() (unit, address string) {
		c := communities[r.IntN(len(communities))]
		return c[1], fmt.Sprintf("%s%s%d号", name[c[1]], c[2], 1+r.IntN(180))
	}
	for _, b := range businesses {
		for i := range b.n {
			unit, address := place()
			head := "91"
			if strings.HasSuffix(b.ends[i%len(b.ends)], "合作社") {
				head = "93"
			}
			rows = append(rows, []string{code(head), called(b.ends[i%len(b.ends)]), "企业", b.sector, unit, address, "虚构", "是"})
		}
	}
	for _, c := range contractors {
		_, address := place()
		rows = append(rows, []string{code("91"), called(c.name), "企业、承包商", c.sector, c.unit, address, "虚构", "是"})
	}
	for i, t := range teams {
		// Most teams are on file with a street or community alone and have no code.
		id, u := "", communities[(i*7)%len(communities)]
		if i%2 == 1 {
			u = streets[i/2%len(streets)]
		}
		if i%3 == 0 {
			id = code("51")
		}
		rows = append(rows, []string{id, u[2] + t, "志愿队伍", "社会组织", u[0], "", "虚构", "是"})
	}
	// Fifty more firms, drawn by themselves: those above keep their codes and addresses.
	r = rand.New(rand.NewPCG(220605, 0x6d6f7265))
	for i := range 50 {
		b := businesses[i%len(businesses)]
		end := b.ends[(i/len(businesses)+i)%len(b.ends)]
		unit, address := place()
		head := "91"
		if strings.HasSuffix(end, "合作社") {
			head = "93"
		}
		rows = append(rows, []string{code(head), "江源区" + brandFirst[i%len(brandFirst)] + brandMore[i/len(brandFirst)] + end, "企业", b.sector, unit, address, "虚构", "是"})
	}
	return writeCSV(filepath.Join(target, "firms.csv"), rows)
}

// creditCode is a unified social credit code (GB 32100-2015): head (who registered it, and
// as what), the district, an organisation code (GB 11714-1997) that begins with MAWX, and
// the check character.
func creditCode(head string, serial int) string {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	org := fmt.Sprintf("MAWX%04d", serial)
	sum := 0
	for i, w := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		v := int(org[i] - '0')
		if org[i] >= 'A' {
			v = int(org[i]-'A') + 10
		}
		sum += v * w
	}
	org += string("0123456789X0"[(11-sum%11)%11])
	body := head + "220605" + org
	sum = 0
	for i, w := 0, 1; i < len(body); i, w = i+1, w*3%31 {
		sum += strings.IndexByte(alphabet, body[i]) * w
	}
	return body + string(alphabet[(31-sum%31)%31])
}
