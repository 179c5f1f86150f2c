package address

import "strings"

// Words around an address, as people say them. Those that say how to get there from the place named are hints.
var (
	sayings = []string{"我家住在", "我家就在", "我家在", "我家住", "我家", "家住在", "家住", "我住在", "我们家在", "我们", "住在", "就在", "位于", "地址是", "地址", "位置", "地点", "电联", "null", "无", "请送到", "送到",
		"这边", "那边", "这块", "那块", "那个", "这个", "那疙瘩", "这疙瘩", "咱们", "俺家在", "俺家", "你好", "您好", "的", "在", "收", "转", "人", "呢", "啊", "那"}
	hints = []string{"交叉路口", "十字路口", "交叉口", "交汇处", "交界处", "交叉处", "丁字路口", "三岔路口", "斜对面", "正对面", "对面", "对过", "对个", "门口", "路口", "附近", "旁边", "旁边儿", "边上", "跟前", "跟前儿", "这一片", "一带",
		"村口", "屯口", "胡同口", "隔壁", "楼下", "楼上", "后面", "后边", "前面", "前边", "后身", "后头", "前头", "左边", "右边", "里面", "里头", "院内", "院里", "东侧", "西侧", "南侧", "北侧", "东面", "西面", "南面", "北面", "东边", "西边", "南边", "北边",
		"东头", "西头", "南头", "北头", "道边", "道口", "桥头", "桥下", "街上", "路上", "中间", "周边", "以东", "以西", "以南", "以北", "拐角", "拐角处", "转角", "转弯处", "尽头", "与", "和", "旁", "内", "外", "口", "侧", "处", "东", "西", "南", "北"}
	// parts of places that have no name of their own
	parts = weigh([]string{"急诊", "急诊室", "门诊", "门诊楼", "住院部", "住院楼", "停车场", "车库", "地下车库", "地下室", "卫生间", "公厕", "厕所", "大厅", "大堂", "门卫", "门卫室", "保安室", "传达室", "综合楼", "办公楼", "行政楼", "教学楼",
		"宿舍楼", "家属楼", "写字楼", "商铺", "门市", "仓库", "食堂", "操场", "早市", "夜市", "地下通道", "楼道", "单元门", "电梯", "广场"}, 2.2, 0.6, 0)
	hintWeights  = weigh(hints, 3, 1.2, 0.25)
	sayWeights   = weigh(sayings, 2.4, 1.4, 0.2)
	sides        = []string{"东南", "东北", "西南", "西北", "东", "西", "南", "北", "前", "后", "左", "右"}
	wayBeginning = []string{"往", "向", "朝", ""}
)

// weigh gives single characters less than words: they are parts of names too.
func weigh(list []string, long, two, one float64) map[string]float64 {
	out := map[string]float64{}
	for _, s := range list {
		switch len([]rune(s)) {
		case 1:
			out[s] = one
		case 2:
			out[s] = two + 1.4
		default:
			out[s] = long + 0.8
		}
	}
	return out
}

// talk proposes signs, the words around an address and hints.
func (l *lattice) talk(i int, add func(int, label, float64)) {
	if u := l.us[i]; u.class == sign {
		add(i+1, noise, 0.6)
		return
	}
	for to := i + 1; to <= min(i+5, len(l.us)); to++ {
		s := l.text(i, to)
		alone := to-i == 1 && !l.atEdge(i, to)
		if w, ok := hintWeights[s]; ok {
			if alone {
				w -= 1
			}
			add(to, hint, w)
		}
		if w, ok := parts[s]; ok {
			add(to, subplace, w)
			add(to, tenant, w-1)
		}
		if w, ok := sayWeights[s]; ok {
			if alone {
				w -= 1.2
			}
			add(to, noise, w)
		}
	}
	l.way(i, add)
}

// atEdge reports whether a sign or an end of the text is beside [from, to): single characters in the middle are parts
// of names.
func (l *lattice) atEdge(from, to int) bool {
	return from > 0 && to == len(l.us) || from > 0 && l.us[from-1].class == sign || to < len(l.us) && l.us[to].class == sign
}

// way proposes 往东50米.
func (l *lattice) way(i int, add func(int, label, float64)) {
	for _, b := range wayBeginning {
		if !l.begins(i, b) {
			continue
		}
		at := i + len([]rune(b))
		for _, s := range sides {
			if !l.begins(at, s) {
				continue
			}
			to := at + len([]rune(s))
			if n := l.number(to); n > 0 && (l.begins(to+n, "米") || l.begins(to+n, "百米")) {
				for to += n; l.us[to].text != "米"; to++ {
				}
				add(to+1, hint, 4.5)
				return
			}
			if b != "" && (l.begins(to, "走") || l.begins(to, "拐")) {
				add(to+1, hint, 3)
			}
			break
		}
	}
}

// placeEndings are what names of places end with, and how much that says.
var placeEndings = endings(
	3.2, "小区 花园 家园 大厦 广场 公寓 有限公司 公司 菜市场 市场 医院 小学 中学 大学 学校 幼儿园 商城 商场 购物中心 酒店 宾馆 饭店 超市 派出所 卫生院 卫生所 家属楼 家属院 服务区 火车站 汽车站 客运站 加油站 收费站 煤矿 林场 养老院 敬老院 殡仪馆 博物馆 体育馆 图书馆 文化馆 信用社 邮政局 检察院 法院 大酒店 专卖店 营业厅 旗舰店 银行 支行 公园 平房 棚户区 安置房 回迁楼 步行街 工业园 产业园 科技园 创业园 物流园 商业街 美食城 服装城 建材城 写字楼 别墅 名苑 佳苑 嘉苑 雅苑 丽苑 新苑 学院 事务所 办事处",
	2.6, "中心 园区 新村 新城 名城 名邸 雅居 人家 华府 大楼 商贸城 批发部 工厂 食堂 仓库 基地 机场 车站 码头 水库 大桥 公厕 桥 所 工业园区 工业区 电器 服饰 驿站 门市部 药店 诊所 餐厅 饭馆 网吧 影院 影城 茶楼 会所 棋牌室 集团 宿舍 教堂 委员会 管理处 政府 景区 度假村 山庄 庄园 农庄 庭院 名府 公馆 时代 国际 名居 学府 首府",
	1.7, "苑 园 城 厦 寓 店 厂 局 馆 站 院 湾 府 庭 轩 阁 邸 居 舍 墅 郡 庐 坊 场 校 行 部 厅 庙 寺 塔 吧 铺 会",
	0.9, "楼 里 村 门 家 区 期 岛 洲 港 都 台 堂 室 库 社 矿 桥头 组 处 市",
)

func endings(pairs ...any) map[string]float64 {
	out := map[string]float64{}
	for i := 0; i < len(pairs); i += 2 {
		for _, e := range strings.Fields(pairs[i+1].(string)) {
			out[e] = pairs[i].(float64)
		}
	}
	return out
}

// nameLength says how well a name of so many units does.
var nameLength = []float64{0, -3, -1.1, 0, 0.7, 0.5, 0.4, 0.2, 0.1, 0, -0.1, -0.2, -0.3, -0.4, -0.6, -0.8, -1, -1.2, -1.4, -1.6, -1.8}

// named proposes names that no dictionary knows: of places, of their parts, of who is inside.
func (l *lattice) named(i int, add func(int, label, float64)) {
	open := l.us[i].text
	if l.us[i].class == sign && open != "(" {
		return
	}
	inside := 0.0
	strong := -1 // where a strong ending ended
	for to := i + 1; to <= min(i+longest, len(l.us)); to++ {
		u := l.us[to-1]
		switch {
		case u.class == sign && strings.ContainsAny(u.text, "()&·"):
			inside += 0.4
		case u.class == sign:
			return
		case to-1 == i && strings.Contains("号栋幢室附", u.text):
			inside += 2
		case u.class == word && strings.ContainsAny(u.text, "0123456789"):
			inside += 1.1
		case to-1 > i && strings.Contains("省县镇", u.text):
			inside += 1.6
		case to-2 > i && strings.Contains("路街号幢栋", u.text):
			inside += 1.3
		case to-1 > i && l.ends(to, "单元"):
			inside += 3
		}
		n := to - i
		w := nameLength[n] - 0.9 - inside
		bonus, size := l.ending(i, to)
		if n == size {
			bonus = min(bonus, 1) // 小区 alone is no name
		}
		if strong > 0 && to-strong > 2 {
			w -= 1.4
		}
		if bonus >= 3 && n > size && strong < 0 {
			strong = to
		}
		if sectioned := l.sectioned(i, to); sectioned > 0 {
			bonus = max(bonus, 2.3)
			if sectioned == n {
				add(to, subplace, 2.9)
				add(to, tenant, 0.8)
				continue
			}
			if strong > 0 {
				w -= 2.5
			}
		}
		if bonus < 1 {
			add(to, spot, w+bonus)
		} else {
			add(to, place, w+bonus)
		}
		add(to, subplace, w+bonus-1.2)
		add(to, tenant, w+0.75*bonus)
	}
}

// ending is the weight and length of the longest ending that a name has.
func (l *lattice) ending(from, to int) (float64, int) {
	for size := min(4, to-from); size > 0; size-- {
		if w, ok := placeEndings[l.text(to-size, to)]; ok {
			return w, size
		}
	}
	return 0, 0
}

// sectioned is how many units at the end of a name are 东区, 二期, A区, 北门.
func (l *lattice) sectioned(from, to int) int {
	last := l.us[to-1].text
	if !strings.Contains("区期门院楼苑", last) || l.us[to-1].class != han || to-from < 2 {
		return 0
	}
	if last == "门" && to-from >= 3 && l.us[to-2].text == "大" {
		if strings.Contains("东西南北正后前", l.us[to-3].text) {
			return 3
		}
		return 0
	}
	switch before := l.us[to-2]; {
	case strings.Contains("东西南北中", before.text), last == "门" && strings.Contains("正后前大侧", before.text):
		return 2
	case last != "楼" && last != "院" && before.class == word:
		return 2
	case (last == "区" || last == "期") && isNumeral([]rune(before.text)[0]):
		if to-from > 2 && (isNumeral([]rune(l.us[to-3].text)[0]) || strings.Contains("东西南北", l.us[to-3].text)) {
			return 3
		}
		return 2
	}
	return 0
}
