package simulate

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// slotNames are the slots a template may have. Those of the first two lines stay
// the same through the life of a case, the others are drawn each time.
var slotNames = []string{
	"estate", "road", "road2", "b", "u", "f", "village", "group", "community", "street", "shop", "school", "firm", "hospital", "bus",
	"days", "n", "deg", "money", "yrs", "time", "lead", "should", "text",
	"day", "soon", "later", "cause", "warm", "mins", "fault",
}

const steadySlots = 24

var (
	daysWords  = []string{"两天", "三天", "好几天", "一个礼拜", "十来天", "小半个月"}
	timeWords  = []string{"早上五点", "早上六点多", "上午", "中午", "下午三点", "晚上", "昨天晚上", "半夜"}
	causeWords = []string{"冬季无法施工", "配件需从外地订购", "资金正在申请", "涉及住户较多、意见不统一", "权属关系需要确认", "方案正在报批"}
	soonWords  = []string{"今天下午", "明天上午", "明天下午", "两天内", "本周五前", "后天"}
)

// voice fills the slots of everything said about one case.
type voice struct {
	site  *site
	fixed map[string]string
}

// say fills a template at a moment.
func (v *voice) say(r *rand.Rand, t template, at time.Time) string {
	if len(t.parts) == 1 {
		return t.parts[0]
	}
	var b strings.Builder
	for i, p := range t.parts {
		if i%2 == 1 {
			p = v.slot(r, p, at)
		}
		b.WriteString(p)
	}
	return b.String()
}

func (v *voice) slot(r *rand.Rand, name string, at time.Time) string {
	if s, ok := v.fixed[name]; ok {
		return s
	}
	s := v.draw(r, name, at)
	for _, n := range slotNames[:steadySlots] {
		if n == name {
			v.fixed[name] = s
		}
	}
	return s
}

func (v *voice) draw(r *rand.Rand, name string, at time.Time) string {
	switch name {
	case "estate":
		return pick(r, v.site.estates)
	case "road":
		return v.site.roads[r.IntN(2)]
	case "road2":
		return v.site.roads[2]
	case "village", "community":
		return v.site.unit.Short
	case "street":
		return v.site.street.Short
	case "b":
		return strconv.Itoa(1 + r.IntN(28))
	case "u":
		return strconv.Itoa(1 + r.IntN(5))
	case "f":
		return strconv.Itoa(1 + r.IntN(7))
	case "group":
		return pick(r, []string{"一", "二", "三", "四", "五", "六"})
	case "shop":
		return pick(r, shopNames)
	case "school":
		return pick(r, schoolNames)
	case "firm":
		return pick(r, firmNames)
	case "hospital":
		return pick(r, hospitalNames)
	case "bus":
		return strconv.Itoa(1 + r.IntN(9))
	case "days":
		return pick(r, daysWords)
	case "time":
		return pick(r, timeWords)
	case "n":
		return strconv.Itoa(2 + r.IntN(9))
	case "deg":
		return strconv.Itoa(11 + r.IntN(7))
	case "money":
		return strconv.Itoa(100 * (3 + r.IntN(70)))
	case "yrs":
		return pick(r, []string{"三", "四", "五", "六", "七", "八"})
	}
	return v.passing(r, name, at)
}

// passing are the slots that hang on the moment.
func (v *voice) passing(r *rand.Rand, name string, at time.Time) string {
	switch name {
	case "day":
		return fmt.Sprintf("%d月%d日", at.Month(), at.Day())
	case "soon":
		return pick(r, soonWords)
	case "later":
		later := at.AddDate(0, 1+r.IntN(5), 0)
		return fmt.Sprintf("%d年%d月底", later.Year(), later.Month())
	case "cause":
		return pick(r, causeWords)
	case "warm":
		return strconv.Itoa(18 + r.IntN(5))
	case "fault":
		return pick(r, []string{"灯头老化", "线路接头烧断", "控制器损坏", "灯杆进水"})
	case "mins":
		return strconv.Itoa(8 + r.IntN(18))
	}
	return ""
}
