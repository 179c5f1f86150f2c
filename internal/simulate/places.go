package simulate

import (
	"hash/fnv"
	"math/rand/v2"

	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/pack"
)

// Made-up names. Estates and roads are those of the pack's gazetteer; a community
// of which it names too few gets some of these for good, by its code.
var (
	estateNames = []string{"红松小区", "福满家园", "林海雅居", "矿工新村", "金枫佳苑", "春晖家园", "锦绣江源", "阳光水岸", "浑江花园", "兴林小区", "和谐家园", "长白名苑",
		"参乡家园", "祥和小区", "鑫源小区", "东升花园", "安居小区", "百合小区", "惠民小区", "龙山御景", "铁北小区", "西苑小区", "龙泉小区", "幸福里", "文化小区", "桦林小区",
		"碧水家园", "银河小区", "向阳小区", "丰源小区", "站前小区", "煤海小区", "民康小区", "康乐小区", "松花石苑", "望山小区", "江畔人家", "福林小区", "新城小区", "静安小区"}
	roadNames = []string{"兴林路", "矿山街", "育林路", "松江街", "新建街", "建设路", "站前路", "文化路", "民主街", "工农街", "光明路", "和平街", "河口路", "北山路", "团结路",
		"滨河路", "林工街", "煤城路", "青年路", "长征路", "红旗街", "振兴路", "参乡路", "桥东路"}
	shopNames = []string{"福满多超市", "老味道饭店", "串根香烧烤", "小江南饭馆", "好邻居便利店", "金嗓子歌厅", "旺家生鲜", "大胖包子铺", "丽人美发", "康泰药店", "顺达修车行",
		"东北大院饭店", "宝贝童装", "家家乐超市", "欣欣干洗店", "老王熟食", "百姓粮油", "动感健身", "鸿运五金", "启明星教育"}
	schoolNames   = []string{"林源小学", "松江中学", "育才小学", "兴工小学", "新苗小学", "江畔中学"}
	firmNames     = []string{"鑫达建材厂", "宏远碎石厂", "兴隆煤场", "林宝木业", "长青食品厂", "恒力机械厂", "瑞丰养殖场", "金源选煤厂"}
	hospitalNames = []string{"区医院", "区中医院", "矿区医院"}
)

// site is a community or village where things happen.
type site struct {
	unit    directory.Unit
	street  directory.Unit
	village bool
	grids   []directory.Grid
	estates []string
	roads   []string
}

// streetShare is how much of the district's work a street or town has; what is
// not named shares the rest.
var streetShare = map[string]float64{
	"220605001": 24, "220605002": 21, "220605003": 11, "220605004": 14, "220605102": 8,
	"220605103": 6, "220605104": 5, "220605105": 5, "220605106": 3, "220605107": 3,
}

// sites lists the places of the district with their weights.
func sites(p *pack.Pack) (out []*site, weights []float64) {
	dir, known := p.Directory, spotsOf(p.Gazetteer)
	for _, street := range dir.ByKind(directory.Street, directory.Town) {
		share, ok := streetShare[street.ID]
		if !ok {
			share = 5
		}
		var below []*site
		sum := 0.0
		for _, u := range dir.Children(street.ID) {
			if u.Kind != directory.Community && u.Kind != directory.Village {
				continue
			}
			s := &site{unit: u, street: street, village: u.Kind == directory.Village, grids: dir.Grids(u.ID)}
			h := fnv.New32a()
			h.Write([]byte(u.ID))
			n := int(h.Sum32() >> 1)
			for i := range 3 {
				s.estates = append(s.estates, nth(known[u.ID][directory.Estate], i, estateNames[(n+i*17)%len(estateNames)]))
				s.roads = append(s.roads, nth(known[u.ID][directory.RoadSpot], i, roadNames[(n+i*7)%len(roadNames)]))
			}
			below = append(below, s)
			sum += s.size()
		}
		for _, s := range below {
			out, weights = append(out, s), append(weights, share*s.size()/sum)
		}
	}
	return out, weights
}

// spotsOf lists the names of a gazetteer by unit and kind.
func spotsOf(g *directory.Gazetteer) map[string]map[directory.SpotKind][]string {
	out := map[string]map[directory.SpotKind][]string{}
	for _, s := range g.Spots() {
		if out[s.Unit] == nil {
			out[s.Unit] = map[directory.SpotKind][]string{}
		}
		out[s.Unit][s.Kind] = append(out[s.Unit][s.Kind], s.Name)
	}
	return out
}

func nth(list []string, i int, other string) string {
	if i < len(list) {
		return list[i]
	}
	return other
}

// size: a village has fewer people than a community.
func (s *site) size() float64 {
	if s.village {
		return 1
	}
	return 7
}

// place is what a report says about where. Telephone reports rarely come with a
// point on the map.
func (s *site) place(r *rand.Rand, words, channel string) cases.Place {
	p := cases.Place{Text: words, Community: s.unit.ID}
	if len(s.grids) == 0 || (channel == hotline && !chance(r, 0.6)) {
		return p
	}
	g := pick(r, s.grids)
	p.Grid = g.ID
	if channel != hotline || chance(r, 0.4) {
		// Within some 200 m of the grid's centre.
		p.Lon, p.Lat, p.Located = g.Center[0]+between(r, -0.0022, 0.0022), g.Center[1]+between(r, -0.0017, 0.0017), true
	}
	return p
}

// chooser draws indexes by weight.
type chooser struct{ upTo []float64 }

func newChooser(weights []float64) chooser {
	c := chooser{make([]float64, len(weights))}
	sum := 0.0
	for i, w := range weights {
		sum += w
		c.upTo[i] = sum
	}
	return c
}

func (c chooser) draw(r *rand.Rand) int {
	x := r.Float64() * c.upTo[len(c.upTo)-1]
	lo, hi := 0, len(c.upTo)-1
	for lo < hi {
		mid := (lo + hi) / 2
		if c.upTo[mid] <= x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
