package address

import "strings"

// longest is how many units a name may have.
const longest = 20

// part is a stretch of units [from, to) and what it may be.
type part struct {
	from, to int
	kind     label
	weight   float64
}

// proposals are all parts that begin at unit i.
func (l *lattice) proposals(i int) []part {
	var out []part
	add := func(to int, k label, w float64) {
		if to > i && to <= len(l.us) {
			out = append(out, part{i, to, k, w})
		}
	}
	l.known(i, add)
	l.divided(i, add)
	l.counted(i, add)
	l.streets(i, add)
	l.talk(i, add)
	l.named(i, add)
	return out
}

// known proposes names of the dictionaries.
func (l *lattice) known(i int, add func(int, label, float64)) {
	china := nation()
	for to := i + 2; to <= min(i+longest, len(l.us)); to++ {
		s := l.text(i, to)
		for _, k := range china.full[s] {
			w := 6.0
			if to-i == 2 || k == Country {
				w = 1.8 // 城区, 郊区, 中国 begin or end many other names
			}
			add(to, labelOf(k), w)
			add(to, noise, w-4.4) // said twice, the first one is the slip
		}
		if to-i <= 5 {
			for _, k := range china.short[s] {
				w := 3.1 - l.goesOn(to)
				add(to, labelOf(k), w)
				add(to, noise, w-3.4)
			}
		}
		if to-i <= l.p.most {
			if k, ok := l.p.local[s]; ok {
				w := 3.6 + 0.8*float64(to-i)
				if k.Short {
					w = 2.2 + 0.5*float64(to-i) - 0.6*l.goesOn(to)
				}
				add(to, labelOf(k.Kind), w)
				switch k.Kind {
				case Place:
					add(to, subplace, w-0.6)
				case Road:
					add(to, subroad, w-0.3)
				}
			}
		}
	}
}

// goesOn is what it costs a short name that the name of something else goes on behind it: 越秀 is a district, 越秀南路 a
// road and 浙江大学 a place.
func (l *lattice) goesOn(to int) float64 {
	at := to
	if at < len(l.us) && strings.Contains("东西南北中", l.us[at].text) {
		at++
	}
	switch {
	case l.begins(at, "路") || l.begins(at, "街") && !l.begins(at, "街道") || l.begins(at, "大道") || l.begins(at, "大街"):
		return 3.5
	case l.begins(to, "区") || l.begins(to, "市") || l.begins(to, "县") || l.begins(to, "省"):
		return 4
	}
	for size := 4; size >= 1; size-- {
		if to+size <= len(l.us) {
			if w, ok := placeEndings[l.text(to, to+size)]; ok && w > 1 {
				return 2.2
			}
		}
	}
	return 0
}

// endings of divisions and how much they say.
var dividedEndings = []struct {
	end    string
	kind   label
	weight float64
	least  int // units with the ending
	most   int
}{
	{"街道", town, 5.2, 3, 7}, {"镇", town, 4.4, 2, 6}, {"乡", town, 3.6, 3, 6}, {"街道办事处", town, 6, 6, 10}, {"街道办", town, 5.5, 4, 8},
	{"省", province, 4, 3, 4}, {"市", city, 2.6, 3, 4}, {"市", district, 2.4, 3, 4}, {"县", district, 3.6, 2, 4}, {"区", district, 2.4, 3, 4}, {"旗", district, 2, 3, 6},
	{"开发区", zone, 4.6, 3, 10}, {"高新区", zone, 4.6, 3, 7}, {"新区", zone, 2.6, 3, 6}, {"工业区", zone, 1.3, 4, 8}, {"工业园区", zone, 1.2, 5, 9}, {"经济区", zone, 4, 4, 7},
	{"社区", community, 4.5, 3, 8}, {"村", community, 3.7, 2, 6}, {"居委会", community, 4.6, 4, 9}, {"村委会", community, 4.6, 4, 8}, {"社区居委会", community, 5.6, 6, 11},
	{"屯", community, 3.2, 2, 5}, {"庄", community, 1.9, 2, 4}, {"宅", community, 1.7, 2, 4}, {"岙", community, 1.7, 2, 4}, {"嘎查", community, 3, 3, 7},
}

// divided proposes names with the ending of a division.
func (l *lattice) divided(i int, add func(int, label, float64)) {
	if l.us[i].class == sign {
		return
	}
	for _, e := range dividedEndings {
		size := len([]rune(e.end))
		for to := i + max(e.least, size); to <= min(i+e.most, len(l.us)); to++ {
			if !l.ends(to, e.end) {
				continue
			}
			w := e.weight - l.divisionsInside(i, to-size) - 0.15*max(0, float64(to-i-4))
			s := l.text(i, to)
			switch {
			case e.end == "区" && (strings.HasSuffix(s, "小区") || strings.HasSuffix(s, "社区") || strings.HasSuffix(s, "园区") || strings.HasSuffix(s, "业区") || l.us[to-2].class != han || isNumeral([]rune(s)[to-i-2])):
				continue
			case e.end == "市" && (strings.HasSuffix(s, "超市") || strings.HasSuffix(s, "门市")), e.end == "村" && strings.HasSuffix(s, "新村") && to-i > 2:
				w -= 1.6
			case e.end == "镇" && to < len(l.us) && strings.Contains("政路中小北南东西", l.us[to].text), e.end == "乡" && to < len(l.us) && l.us[to].text == "路":
				w -= 2
			case e.end == "村" && to < len(l.us) && strings.Contains("路委镇小民", l.us[to].text):
				w -= 2
			case e.end == "市" && to < len(l.us) && strings.Contains("场民政心", l.us[to].text), e.end == "区" && to < len(l.us) && strings.Contains("域间", l.us[to].text):
				w -= 3
			}
			add(to, e.kind, w)
		}
	}
}

// divisionsInside is what it costs that a name holds the ending of another one: 余杭区五常 is no name of a street.
func (l *lattice) divisionsInside(from, to int) float64 {
	cost := 0.0
	for j := from; j < to; j++ {
		u := l.us[j]
		switch {
		case u.class == sign:
			cost += 4
		case u.digits:
			cost += 1
		case j == from && strings.Contains("区县省号路", u.text):
			cost += 1.8
		case j > from && strings.Contains("省市县区镇乡", u.text):
			cost += 2.2
		case j > from && strings.Contains("路街村号", u.text):
			cost += 1.3
		}
	}
	return cost
}

// counted proposes everything that begins with a number.
func (l *lattice) counted(i int, add func(int, label, float64)) {
	n := l.number(i)
	if n == 0 {
		l.underground(i, add)
		return
	}
	at := i + n
	size := len([]rune(l.text(i, at)))
	latin := l.us[i].class == word && !l.us[i].digits
	next := func(words ...string) (int, bool) {
		for _, w := range words {
			if l.begins(at, w) {
				return at + len([]rune(w)), true
			}
		}
		return 0, false
	}
	if to, ok := next("号楼", "#楼", "栋楼", "号栋", "号幢", "栋", "幢", "撞", "座", "#栋", "棟"); ok {
		add(to, building, 4.3)
	} else if to, ok := next("#"); ok {
		add(to, building, 2.6)
	} else if to, ok := next("排"); ok {
		add(to, building, 1.6)
	}
	if to, ok := next("号单元", "#单元", "单元", "单"); ok {
		add(to, entrance, 4.3)
	} else if to, ok := next("号门", "门"); ok {
		add(to, entrance, 0.9)
	}
	if to, ok := next("楼", "层", "f"); ok && !l.begins(at, "楼栋") {
		add(to, floor, 3.7)
		if latin {
			add(to, building, 4.2)
		}
	}
	if strings.HasSuffix(l.text(i, at), "f") && size <= 3 {
		add(at, floor, 2.4)
	}
	if to, ok := next("号房间", "号房", "号室", "房间", "室", "房", "户"); ok {
		add(to, room, 4.3)
	}
	if to, ok := next("号", "號"); ok && !l.begins(at, "号楼") && !l.begins(at, "号线") && !l.begins(at, "号院") && !l.begins(at, "号单元") && !l.begins(at, "号门") {
		if end := l.annex(to); end > to {
			add(end, number, 4.5)
			return
		}
		if strings.Contains(l.text(i, at), "-") { // 133-135号 stands on a road or is two rooms in one
			add(to, number, 4)
			add(to, room, 3.4)
			return
		}
		for _, s := range []string{"大街", "大道", "街", "路"} {
			if l.begins(to, s) && !l.begins(to, "路口") {
				add(to+len([]rune(s)), road, 4.6)
				add(to+len([]rune(s)), subroad, 4.3)
			}
		}
		add(to, number, 2.3)
		add(to, subnumber, 2.3)
		add(to, building, 2.0)
		add(to, room, 1.3)
		add(to, entrance, 1.0)
	}
	if to, ok := next("弄"); ok {
		add(to, number, 3)
		add(to, subroad, 2.9)
	}
	if to, ok := next("村民小组", "小组", "组", "队", "社"); ok && !latin {
		add(to, road, 3)
		if m := l.number(to); m > 0 && to+m < len(l.us) && l.us[to+m].text == "号" {
			add(l.annex(to+m+1), number, 7)
		}
	}
	if to, ok := next("区", "期", "组团", "号院", "号门", "号地块", "号车间", "号库"); ok {
		add(to, subplace, 2.7)
	}
	if n == 3 {
		return
	}
	l.bare(i, at, size, latin, add)
}

// bare proposes what a number with nothing behind it may be; how long it is tells most.
func (l *lattice) bare(i, at, size int, latin bool, add func(int, label, float64)) {
	if l.us[i].class == han || strings.Contains(l.text(i, at), "-") {
		return // numerals alone are more often part of a name
	}
	switch {
	case latin && size > 5:
	case latin && size >= 3:
		add(at, room, 1.9)
		add(at, building, 0.3)
	case latin && size == 1:
		add(at, building, 0.9)
		add(at, subplace, -0.5)
	case size <= 2:
		add(at, number, 1.1)
		add(at, subnumber, 1.0)
		add(at, building, 1.1)
		add(at, entrance, 0.9)
		add(at, room, 0.2)
	default:
		add(at, number, 1.0)
		add(at, subnumber, 0.9)
		add(at, building, 0.1)
		add(at, room, 1.5)
	}
}

// underground proposes 负一楼, 地下二层.
func (l *lattice) underground(i int, add func(int, label, float64)) {
	for _, w := range []string{"负", "地下", "-"} {
		if at := i + len([]rune(w)); l.begins(i, w) {
			if n := l.number(at); n > 0 && at+n < len(l.us) && strings.Contains("楼层f", l.us[at+n].text) {
				add(at+n+1, floor, 4)
			}
		}
	}
}

// annex goes on behind 12号 over 附3号 and 之2.
func (l *lattice) annex(at int) int {
	if at < len(l.us) && strings.Contains("附之", l.us[at].text) {
		if n := l.number(at + 1); n > 0 {
			at += 1 + n
			if at < len(l.us) && l.us[at].text == "号" {
				at++
			}
		}
	}
	return at
}

// number is how many units from i are one number: a run of figures, a letter, numerals.
func (l *lattice) number(i int) int {
	if i >= len(l.us) {
		return 0
	}
	if l.us[i].class == word {
		if len(l.us[i].text) > 6 {
			return 0
		}
		if l.spans(i) {
			return 3
		}
		return 1
	}
	n := 0
	for i+n < len(l.us) && l.us[i+n].class == han && isNumeral([]rune(l.us[i+n].text)[0]) {
		n++
	}
	if n == 0 && strings.Contains("甲乙丙丁", l.us[i].text) && l.us[i].class == han {
		if i+1 < len(l.us) && l.us[i+1].digits {
			return 2
		}
		return 1
	}
	if n > 0 {
		if _, ok := figures(l.text(i, i+n)); !ok {
			return 0
		}
	}
	return n
}

// spans reports whether 133-135号 begins at i: two numbers alike, the second one larger.
func (l *lattice) spans(i int) bool {
	if i+3 >= len(l.us) || !l.us[i].digits || !strings.Contains("-~", l.us[i+1].text) || !l.us[i+2].digits || l.us[i+3].text != "号" {
		return false
	}
	a, b := l.us[i].text, l.us[i+2].text
	return len(a) == len(b) && a < b && len(a) > 1 || len(b) == len(a)+1 && b[0] == '1' && a[0] == '9'
}

var streetEndings = []struct {
	end    string
	weight float64
}{
	{"大道", 4.2}, {"大街", 4}, {"公路", 3.6}, {"胡同", 3.6}, {"路", 3.6}, {"街", 3.2}, {"巷", 3}, {"弄", 1.8}, {"国道", 3.6}, {"省道", 3.6}, {"县道", 3.4}, {"道", 0.6}, {"线", 0.2}, {"段", 0.8}, {"环", 0.2},
}

// streets proposes roads.
func (l *lattice) streets(i int, add func(int, label, float64)) {
	if l.us[i].class == sign {
		return
	}
	for _, e := range streetEndings {
		size := len([]rune(e.end))
		for to := i + size + 1; to <= min(i+9, len(l.us)); to++ {
			if !l.ends(to, e.end) {
				continue
			}
			n := to - i
			w := e.weight + []float64{0, 0, -2.1, 0.5, 0.4, -0.6, -1.6, -2.6, -3.2, -4}[n] - l.divisionsInside(i, to-size)
			if n == 5 && strings.Contains("东西南北中", l.us[to-size-1].text) {
				w += 0.6
			}
			if n == 2 && l.us[i].class == word {
				continue
			}
			if to < len(l.us) && e.end == "路" && strings.Contains("灯面边上况", l.us[to].text) && n < 4 {
				continue
			}
			if to < len(l.us) && (e.end == "街" && l.us[to].text == "道" || e.end == "路" && strings.Contains("桥局", l.us[to].text)) {
				w -= 2
			}
			if i > 0 && strings.Contains("与和跟至到", l.us[i].text) {
				w -= 1.6 // 文化路与民主街: two roads
			}
			add(to, road, w)
			add(to, subroad, w-0.3)
		}
	}
}
