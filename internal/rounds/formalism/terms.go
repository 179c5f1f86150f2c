package formalism

import (
	"regexp"
	"strings"

	"weixiao/internal/pack"
)

// term is a word by which a demand gives itself away. Some words leave no doubt, others have harmless uses as well.
type term struct {
	rule    string
	verdict Verdict
	zh, en  *regexp.Regexp
}

func re(s string) *regexp.Regexp { return regexp.MustCompile("(?i)" + s) }

var terms = []term{
	{CheckIn, Forbidden, re(`打卡|签到|签退`), re(`\b(check(ed|s|ing)?[- ]?ins?|clock(ed|ing)?[- ](in|out)|punch(ed|es)? (in|the clock))\b`)},
	{CheckIn, Look, re(`报到|到岗|到场`), re(`\b(report(s|ed|ing)? in|attendance|arriv(e|ed|es|al))\b`)},
	{Ranking, Forbidden, re(`积分|排行|红黑榜|(个人|人员|干部|网格员)[^，。]{0,6}(排名|得分|名次)`), re(`\b(leaderboard|points? (for|of) (each|a|every) (worker|person))\b`)},
	{OnlineTime, Forbidden, re(`在线(时长|时间|率)|使用时长|登录次数|活跃(度|率)`), re(`\b(online time|time online|active (minutes|time)|number of log-?ins)\b`)},
	{InstallRate, Forbidden, re(`安装率|关注率|注册率|使用率|下载量|推广数`), re(`\b(install(ation)? rate|adoption rate|downloads)\b`)},
	{Photo, Forbidden, re(`自拍|合影|打卡照|到场照|工作照|水印(相机|照片)`), re(`\b(selfies?|group photos?|watermarked photos?)\b`)},
	{Photo, Look, re(`拍照|照片|视频|录像|留痕`), re(`\b(photos?|videos?|pictures?)\b`)},
	{Track, Forbidden, re(`步数|实时位置|行走轨迹|人员轨迹`), re(`\b(step counts?|live position|route walked)\b`)},
	{Track, Look, re(`轨迹|定位`), re(`\b(gps|tracks?|position of (the|a) (worker|person))\b`)},
	{Quota, Look, re(`(至少|不少于|不低于|必须|确保|完成|达到|不得少于)[^，。]{0,6}[0-9一二两三四五六七八九十百]+ ?(个|件|次|户|处|条|张|人|遍|份|%)`),
		re(`\b(at least|no (fewer|less) than|a minimum of|quota of) (\d+|one|two|three|four|five|ten)\b`)},
	{Quota, Look, re(`(每天|每日|每周|每月)[^，。]{0,8}[0-9一二两三四五六七八九十百]+ ?(个|件|次|户|处|条|张|人|遍|份)|^[^哪，。]{0,4}一(个|件|户|处|句)`),
		re(`\b(\d+|one|two|three|five|ten) \w+ (a|per|each|every) (day|week|month)\b`)},
}

// denials turn a demand into its opposite within a clause: 不要求到场签到, 不得积分.
var (
	denialZH = re(`不|无需|没有|免|禁止|严禁|别`)
	denialEN = re(`\b(no|not|never|nobody|without|none|nor|neither|bars?|barred)\b`)
	clauses  = regexp.MustCompile(`[，。；！？,.;!?\n]`)
)

// hit is a term that was found.
type hit struct {
	rule    string
	verdict Verdict
	word    pack.Text
}

// say finds the terms in words that ask something of somebody: each prohibition once, the gravest first.
func say(t pack.Text) (out []hit) {
	for _, x := range terms {
		word := pack.Text{ZH: find(x.zh, denialZH, t.ZH), EN: find(x.en, denialEN, t.EN)}
		switch {
		case word.ZH+word.EN == "":
			continue
		case word.EN == "":
			word.EN = word.ZH
		case word.ZH == "":
			word.ZH = word.EN
		}
		known := false
		for _, h := range out {
			known = known || h.rule == x.rule
		}
		if !known {
			out = append(out, hit{x.rule, x.verdict, word})
		}
	}
	return out
}

func find(x, denial *regexp.Regexp, s string) string {
	for _, clause := range clauses.Split(s, -1) {
		if w := x.FindString(clause); w != "" && !denial.MatchString(clause) {
			return strings.TrimSpace(w)
		}
	}
	return ""
}

// concept is something every record knows by itself or from whoever reported: asking for it again is filling in twice.
type concept struct {
	name   string
	zh, en *regexp.Regexp
}

var concepts = []concept{
	{"place", re(`地点|地址|位置|在哪|哪里|门牌`), re(`\b(place|address|location|where)\b`)},
	{"phone", re(`电话|手机|联系方式`), re(`\b(phone|telephone|mobile)\b`)},
	{"actor", re(`谁到|来的是谁|经办人|填报人|填表人|记录人`), re(`\b(your name|who came|who is there|filled in by)\b`)},
	{"person", re(`姓名|名字|身份证`), re(`\b(full name|name of the (person|caller)|id number)\b`)},
	{"time", re(`时间|什么时候|何时|几点`), re(`\b(when|time of|since when|what time)\b`)},
	{"matter", re(`^(事项|类别|诉求类别|问题类别)$`), re(`^(matter|category)$`)},
	{"unit", re(`本单位|所在单位|你的单位`), re(`\b(your unit|own unit)\b`)},
	{"photo", re(`照片|拍照`), re(`\bphotos?\b`)},
}

// about is what a question asks for, "" if it is nothing that records know.
func about(label pack.Text) string {
	label.ZH = strings.NewReplacer("办公时间", "", "工作时间", "").Replace(label.ZH) // hours of a calendar, not a moment
	for _, c := range concepts {
		if c.zh.MatchString(label.ZH) || c.en.MatchString(label.EN) {
			return c.name
		}
	}
	return ""
}
