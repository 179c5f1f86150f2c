package gallery

import (
	"math"
	"time"

	"weixiao/internal/form"
	"weixiao/internal/web/ui"
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, Now.Location())
	if err != nil {
		panic(err)
	}
	return t
}

// reportForm is the first question of a resident.
var reportForm = form.Form{Name: "gallery", Fields: []form.Field{
	{Name: "text", Type: form.Text, Required: true, Max: 500},
}}

var contactForm = form.Form{Name: "gallery", Fields: []form.Field{
	{Name: "phone", Type: form.Phone, Required: true},
	{Name: "secret", Type: form.Bool},
}}

// allFields has a field of every type, and one that depends on another.
var allFields = form.Form{Name: "gallery", Fields: []form.Field{
	{Name: "line", Type: form.Line, Required: true},
	{Name: "reason", Type: form.Text, Max: 300},
	{Name: "verdict", Type: form.Choice, Required: true, Options: form.Options("solved", "partly", "unsolved")},
	{Name: "why", Type: form.Text, When: "verdict", Values: []string{"partly", "unsolved"}},
	{Name: "kind", Type: form.Choice, Options: form.Options("help", "complaint", "report", "advice", "question", "praise")},
	{Name: "marks", Type: form.Multi, Max: 3, Options: form.Options("help", "complaint", "report", "advice")},
	{Name: "visited", Type: form.Bool, Required: true},
	{Name: "secret", Type: form.Bool},
	{Name: "number", Type: form.Int, Min: 1, Max: 30},
	{Name: "day", Type: form.Date},
	{Name: "moment", Type: form.Moment},
	{Name: "unit", Type: form.Unit, Required: true},
	{Name: "units", Type: form.Units},
	{Name: "case", Type: form.Case},
	{Name: "limit", Type: form.Limit},
	{Name: "phone", Type: form.Phone},
}}

var intakeForm = form.Form{Name: "gallery", Fields: []form.Field{
	{Name: "text", Type: form.Text, Required: true, Max: 2000},
	{Name: "line", Type: form.Line, Required: true},
	{Name: "kind", Type: form.Choice, Required: true, Options: form.Options("help", "complaint", "report", "advice", "question")},
	{Name: "urgency", Type: form.Choice, Options: form.Options("normal", "urgent", "critical")},
	{Name: "name", Type: form.Line},
	{Name: "phone", Type: form.Phone},
	{Name: "unit", Type: form.Unit},
	{Name: "secret", Type: form.Bool},
}}

var finishForm = form.Form{Name: "gallery", Fields: []form.Field{
	{Name: "verdict", Type: form.Choice, Required: true, Options: form.Options("solved", "partly", "unsolved")},
	{Name: "visited", Type: form.Bool, Required: true},
	{Name: "reply", Type: form.Text, Required: true, Max: 500},
}}

var units = []ui.Choice{
	{Value: "u1", Label: "东湖街道", Group: "街镇", Find: "dh dhjd"}, {Value: "u2", Label: "文昌街道", Group: "街镇", Find: "wc wcjd"},
	{Value: "u3", Label: "新城街道", Group: "街镇", Find: "xc xcjd"}, {Value: "u4", Label: "望山镇", Group: "街镇", Find: "ws wsz"},
	{Value: "u5", Label: "柳林镇", Group: "街镇", Find: "ll llz"}, {Value: "u6", Label: "云岭镇", Group: "街镇", Find: "yl ylz"},
	{Value: "d1", Label: "区路灯管理所", Group: "部门", Find: "qldgls ld"}, {Value: "d2", Label: "区园林局", Group: "部门", Find: "qylj yl"},
	{Value: "d3", Label: "区供电公司", Group: "部门", Find: "qgdgs gd"}, {Value: "d4", Label: "区住建局", Group: "部门", Find: "qzjj zj"},
	{Value: "d5", Label: "区城管局", Group: "部门", Find: "qcgj cg"}, {Value: "d6", Label: "区水务公司", Group: "部门", Find: "qswgs sw"},
	{Value: "d7", Label: "区热力公司", Group: "部门", Find: "qrlgs rl"}, {Value: "d8", Label: "区市场监管局", Group: "部门", Find: "qscjgj scjg"},
}

func choices() map[string][]ui.Choice {
	return map[string][]ui.Choice{"unit": units, "units": units, "case": {
		{Value: "JY20251122-7K3Q9", Label: "东门路灯不亮"}, {Value: "JY20251120-2B4XM", Label: "4 号楼北侧路灯闪烁"},
	}}
}

const said = "我们小区 3 号楼东侧的路灯坏了三天了，晚上老人下楼看不清路，前天有人差点摔倒，麻烦尽快修一下。"
const saidEN = "The street light east of Building 3 has been out for three days. It is too dark for older people to walk at night."

func photos() []ui.Photo {
	return []ui.Photo{
		{Src: "/photo/dark.svg", Alt: "夜里没有亮的路灯", Remove: "1"},
		{Src: "/photo/pole.svg", Alt: "路灯杆上的断线", Remove: "2"},
	}
}

func timeline() []ui.Event {
	return []ui.Event{
		{Title: "等您评价", At: at("2025-11-23 17:05"), Note: "路灯线路老化短路，已更换线缆和灯头，亮灯正常。", Tone: "on"},
		{Title: "维修人员到场", At: at("2025-11-23 15:30"), Note: "云溪路灯所 · 李师傅", Tone: "ok"},
		{Title: "街道与您通话，约好到场时间", At: at("2025-11-23 09:12"), Tone: "ok"},
		{Title: "东湖街道签收", At: at("2025-11-22 20:18"), Extra: "（用时 23 分钟）", Tone: "ok"},
		{Title: "您提交了诉求", At: at("2025-11-22 19:55"), Tone: "ok"},
	}
}

func caseLog() []ui.Event {
	return []ui.Event{
		{Title: "区路灯管理所到场", At: at("2025-11-23 15:30"), Note: "线路老化短路，正在更换线缆，预计 17:00 亮灯。", Tone: "now"},
		{Title: "群众催办", At: at("2025-11-23 14:05"), Note: "“今晚能亮吗？”", Tone: "hot"},
		{Title: "周建国联系群众", At: at("2025-11-23 09:12"), Note: "通话 2 分 06 秒，约定今天修复。", Link: "/case", Words: "录音"},
		{Title: "赵明 指派 周建国", At: at("2025-11-22 20:20"), Note: "请路灯所协办，注意与东门路灯一并检查。"},
		{Title: "东湖街道签收", At: at("2025-11-22 20:18")},
	}
}

func nav(p ui.Page, on string) []ui.Nav {
	list := []ui.Nav{
		{Label: "受理", Icon: "phone", Href: "/intake"}, {Label: "工单", Icon: "inbox", Href: "/inbox", Count: 4},
		{Label: "回访", Icon: "chat", Href: "/case"}, {Label: "知识库", Icon: "book", Href: "/fields"}, {Label: "统计", Icon: "chart", Href: "/charts"},
	}
	for i := range list {
		list[i].On = list[i].Href == on
	}
	return list
}

func deskPage(p ui.Page, title, on string) ui.Page {
	p.Title, p.Nav, p.Search = title, nav(p, on), "/inbox"
	p.User = ui.User{Name: "赵明", Post: "东湖街道", Home: "/fields"}
	p.Tabs = []ui.Nav{
		{Label: "待办", Icon: "inbox", Href: "/inbox", Count: 38, On: on == "/inbox"}, {Label: "将超时", Icon: "clock", Href: "/inbox?soon=1", Count: 4},
		{Label: "查询", Icon: "search", Href: "/case"}, {Label: "我的", Icon: "user", Href: "/fields"},
	}
	p.Scripts = []string{"htmx", "desk"}
	return p
}

func views() []ui.Nav {
	return []ui.Nav{
		{Label: "我的待办", Icon: "inbox", Href: "/inbox", Count: 38, On: true}, {Label: "已超时", Icon: "alarm", Href: "/inbox?over=1", Count: 1, Tone: "hot"},
		{Label: "即将超时", Icon: "clock", Href: "/inbox?soon=1", Count: 4, Tone: "warn"},
		{Label: "待签收", Href: "/inbox?s=sign", Count: 6, Head: "按环节"}, {Label: "办理中", Href: "/inbox?s=doing", Count: 21},
		{Label: "退回重办", Href: "/inbox?s=redo", Count: 2}, {Label: "延期待批", Href: "/inbox?s=hold", Count: 2}, {Label: "待回访", Href: "/inbox?s=visit", Count: 7},
		{Label: "全部在办", Icon: "users", Href: "/inbox?u=1", Count: 132, Head: "街道"}, {Label: "锦绣社区", Href: "/inbox?u=2", Count: 31},
		{Label: "湖滨社区", Href: "/inbox?u=3", Count: 27}, {Label: "文汇社区", Href: "/inbox?u=4", Count: 24},
		{Label: "供暖专题", Icon: "flag", Href: "/inbox?v=1", Count: 17, Head: "我的视图"}, {Label: "我关注的", Icon: "eye", Href: "/inbox?v=2", Count: 5},
	}
}

func groups(p ui.Page) []ui.Group {
	due := func(s string) ui.Due { return p.Due(at(s), at("2025-11-22 19:55"), false, nil) }
	fresh := func(s string) ui.Due { return p.Due(at(s), at("2025-11-23 09:00"), false, nil) }
	met := at("2025-11-23 12:00")
	row := func(id, title, note string, d ui.Due, chip, who string) ui.Row {
		return ui.Row{ID: id, Href: "/case", Title: title, Note: note, Due: d, Chip: chip, State: p.T("chip." + chip), Who: who, Preview: "/preview?id=" + id}
	}
	hold := p.Due(at("2025-11-25 11:00"), at("2025-11-20 09:00"), true, nil)
	hold.Text = "延期待批"
	today := []ui.Row{
		row("a1", "湖滨路 9 号院自来水发黄", "供水排水 · 湖滨社区 · 12345 热线 · 第 2 次来电", due("2025-11-23 15:24"), "doing", "孙浩"),
		row("a2", "文汇街夜间施工噪音扰民", "环境保护 · 文汇社区 · 小程序 · 照片 1 张", due("2025-11-23 18:07"), "redo", "赵明"),
		row("a3", "锦绣花园 3 号楼东侧路灯不亮，老人夜间出行不便", "道路照明 · 锦绣社区 · 小程序 · 照片 2 张 · 催办 1 次", due("2025-11-23 18:37"), "doing", "周建国"),
		row("a4", "人民路 26 号商户占道经营，影响盲道通行", "街面秩序 · 锦绣社区 · 网格上报", fresh("2025-11-23 21:00"), "doing", "周建国"),
		row("a5", "锦绣街垃圾桶满溢三天未清运", "环境卫生 · 锦绣社区 · 小程序", fresh("2025-11-23 21:30"), "sign", ""),
		row("a6", "供暖后室内温度只有 14 度，家里有新生儿", "供热采暖 · 湖滨社区 · 12345 热线 · 紧急", fresh("2025-11-23 23:10"), "sign", ""),
	}
	today[2].On = true
	today[5].Picked = true
	later := []ui.Row{
		row("b1", "文汇小区 5 号楼电梯频繁停运，高层老人下不了楼", "物业管理 · 文汇社区 · 12345 热线", fresh("2025-11-24 11:00"), "sign", ""),
		row("b2", "湖滨南路路面塌陷，请求延期 3 个工作日", "市政道路 · 湖滨社区 · 需掘路审批", hold, "hold", "孙浩"),
		row("b3", "建议东湖公园增设健身器材和夜间照明", "园林绿化 · 东湖社区 · 小程序 · 建议", fresh("2025-11-25 17:00"), "doing", "李倩"),
		row("b4", "学区划片咨询，孩子户籍随外婆", "教育 · 文汇社区 · 12345 热线 · 咨询", fresh("2025-11-25 17:00"), "doing", "李倩"),
		row("b5", "锦绣花园单元门禁损坏", "物业管理 · 锦绣社区 · 网格上报", p.Due(at("2025-11-23 17:00"), time.Time{}, false, &met), "visit", "周建国"),
	}
	later[0].Picked = true
	return []ui.Group{{Label: "今天要办结", Count: "6 件", Rows: today}, {Label: "明天及以后", Count: "32 件", Rows: later}}
}

func stages() []ui.Stage {
	return []ui.Stage{
		{Label: "受理", Note: "昨天 19:55", State: "ok"}, {Label: "派单", Note: "19:56 · 自动", State: "ok"}, {Label: "签收", Note: "20:18 · 23 分钟", State: "ok"},
		{Label: "联系群众", Note: "今天 09:12", State: "ok"}, {Label: "办理", Note: "已用 21 小时", State: "cur"}, {Label: "办结", Note: "今天 19:55 前"}, {Label: "回访", Note: "解决 · 满意"},
	}
}

func clocks(p ui.Page) []ui.Clock {
	start := at("2025-11-22 19:55")
	called, signed := at("2025-11-23 09:12"), at("2025-11-22 20:18")
	return []ui.Clock{
		{Label: "办结", Due: p.Due(at("2025-11-23 18:37"), start, false, nil), Used: 95, Main: true, Why: "/case"},
		{Label: "首次联系群众", Due: p.Due(at("2025-11-23 19:55"), start, false, &called), Used: -1},
		{Label: "签收", Due: p.Due(at("2025-11-22 21:55"), start, false, &signed), Used: -1},
	}
}

var hours = []float64{8, 5, 4, 3, 4, 9, 21, 34, 41, 39, 33, 28, 24, 29, 35, 38, 47, 52}
var lastWeek = []float64{6, 4, 3, 2, 3, 6, 14, 28, 38, 35, 31, 27, 22, 26, 30, 29, 27, 28}

func hourNames() []string {
	out := make([]string, 18)
	for i := range out {
		out[i] = ui.Hour(i)
	}
	return out
}

func categories() []ui.BarRow {
	row := func(label string, v float64, text, change string, up bool) ui.BarRow {
		t := ui.Trend{Up: up, Down: !up, Text: change}
		if change == "0" {
			t.Up, t.Down = false, false
		}
		return ui.BarRow{Label: label, Value: v, Text: text, Trend: t, Href: "/inbox"}
	}
	list := []ui.BarRow{
		row("供热采暖", 128, "128", "41", true), row("物业管理", 74, "74", "3", true), row("环境卫生", 52, "52", "6", false), row("市政设施", 47, "47", "5", true),
		row("停车管理", 39, "39", "0", true), row("噪音扰民", 33, "33", "4", false), row("违法建设", 21, "21", "2", true), row("其他", 92, "92", "11", true),
	}
	list[0].Hot = true
	list[0].Trend.Tone = "warn"
	return list
}

func ranks() ui.RankView {
	row := func(n int, name string, score float64, solved, happy string, move int, text string) ui.RankRow {
		r := ui.RankRow{Rank: n, Name: name, Href: "/charts", Score: score, Cells: []string{solved, happy}}
		switch {
		case move > 0:
			r.Move = ui.Trend{Up: true, Text: text, Tone: "good"}
		case move < 0:
			r.Move = ui.Trend{Down: true, Text: text, Tone: "bad"}
		}
		switch {
		case n <= 3:
			r.Band = "top"
		case n >= 12:
			r.Band = "low"
		}
		return r
	}
	return ui.RankView{Caption: "街镇排名，本月综合得分", Heads: []string{"名次", "街镇", "综合得分", "解决率", "满意率", "变化"}, Floor: 75, Rows: []ui.RankRow{
		row(1, "文昌街道", 98.2, "97.1", "98.4", 1, "2"), row(2, "青石街道", 97.6, "96.8", "97.5", 0, ""), row(3, "望山镇", 97.1, "96.0", "97.9", -1, "2"),
		row(4, "滨河街道", 96.4, "95.2", "96.6", 1, "1"), row(5, "北苑街道", 95.9, "94.8", "96.1", 1, "3"), row(6, "东湖街道", 95.3, "94.5", "95.2", 0, ""),
		row(7, "云岭镇", 94.8, "93.9", "95.7", -1, "3"), row(8, "安和街道", 94.1, "93.3", "94.8", 1, "1"), row(9, "南桥街道", 93.6, "92.7", "94.9", -1, "1"),
		row(10, "柳林镇", 93.0, "92.4", "93.8", 0, ""), row(11, "临江街道", 92.2, "91.0", "93.6", 0, ""), row(12, "西溪街道", 90.7, "89.5", "91.9", -1, "1"), row(13, "新城街道", 88.4, "86.9", "90.2", -1, "3"),
	}}
}

func feed() []ui.FeedItem {
	return []ui.FeedItem{
		{Time: "17:24", Kind: "新诉求", Text: "新城 · 室温 14 度，家有新生儿", Href: "/case"}, {Time: "17:23", Kind: "催办", Tone: "wa", Text: "西溪 · 供暖管道漏水，第 2 次来电"},
		{Time: "17:22", Kind: "已解决", Tone: "ok", Text: "东湖 · 3 号楼东侧路灯修复亮灯"}, {Time: "17:20", Kind: "超时", Tone: "ng", Text: "新城 · 暖气不热，转值班长督办"},
		{Time: "17:19", Kind: "新诉求", Text: "南桥 · 公交站牌被积雪压倒"}, {Time: "17:18", Kind: "已解决", Tone: "ok", Text: "文昌 · 井盖松动，巡查员现场加固"},
		{Time: "17:17", Kind: "新诉求", Text: "安和 · 地下车库积水结冰"},
	}
}

func figures() []ui.Figure {
	return []ui.Figure{
		{Label: "今日受理", Value: "486", Note: "比上周一同时段", Trend: ui.Trend{Up: true, Text: "12%", Tone: "warn"}, Href: "/inbox"},
		{Label: "在办", Value: "1372", Spark: []float64{1310, 1332, 1324, 1361, 1358, 1366, 1372}, Href: "/inbox"},
		{Label: "待签收", Value: "57", Note: "最长 1 小时 38 分"},
		{Label: "即将超时", Value: "23", Note: "1 小时内", Tone: "wa"},
		{Label: "已超时", Value: "4", Note: "已督办 3", Tone: "ng", Href: "/inbox"},
		{Label: "响应率", Value: "99.6", Unit: "%", Note: "全市第 3"},
		{Label: "解决率", Value: "93.8", Unit: "%", Note: "全市第 5", Trend: ui.Trend{Up: true, Text: "1.4", Tone: "good"}},
		{Label: "满意率", Value: "95.1", Unit: "%", Note: "全市第 7", Trend: ui.Trend{Down: true, Text: "0.3", Tone: "bad"}},
	}
}

// towns are made-up shapes: bent cells around thirteen centres.
func towns(width float64) (list []ui.Area, w, h float64) {
	names := []string{"望山", "北苑", "云岭", "西溪", "文昌", "青石", "柳林", "安和", "东湖", "新城", "临江", "南桥", "滨河"}
	values := []float64{21, 109, 48, 151, 91, 74, 62, 128, 132, 214, 35, 117, 86}
	var shapes [][][][2]float64
	var centres [][2]float64
	for i := range names {
		row, col := 0, i
		for _, width := range []int{4, 5, 4} {
			if col < width {
				break
			}
			row, col = row+1, col-width
		}
		lon := 126.40 + float64(col)*0.15 - float64(row%2)*0.075
		lat := 42.30 - float64(row)*0.12
		var ring [][2]float64
		for k := range 24 {
			a := float64(k) / 24 * 2 * math.Pi
			r := 0.078 * (1 + 0.07*math.Sin(5*a+float64(i)))
			ring = append(ring, [2]float64{lon + r*1.05*math.Cos(a), lat + r*0.86*math.Sin(a)})
		}
		shapes = append(shapes, [][][2]float64{ring})
		centres = append(centres, [2]float64{lon, lat})
	}
	w = width
	paths, place, h := ui.Project(shapes, w, 6)
	for i, name := range names {
		x, y := place(centres[i][0], centres[i][1])
		list = append(list, ui.Area{Name: name, Path: paths[i], X: x, Y: y - 4, Value: values[i], Text: ui.Whole(values[i]), Href: "/inbox?t=" + ui.Whole(float64(i)), Hot: name == "新城"})
	}
	return list, w, h
}
