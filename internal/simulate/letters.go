package simulate

import (
	"context"
	"errors"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/flow"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// letterClerks are who works the express line, beside a clerk that is there already.
var letterClerks = []struct{ login, name, unit, role string }{
	{"expressclerk-2", "直通车专员小崔", "supervision", access.ExpressClerk}, {"expressclerk-3", "直通车专员老谢", "supervision", access.ExpressClerk},
}

// written is what people write to the leaders, made up: topic, lead unit, words, summary, answer; firm says that firms do.
var written = []struct {
	topic, lead, words, summary, answer string
	firm                                bool
}{
	{"policy", "market", "听说有扶持小微企业的政策，跑了两个部门都说不归自己管，请明确由谁受理。", "企业反映扶持政策受理部门不清", "已明确受理窗口，并安排专人上门讲解政策和帮助填报。", true},
	{"approval", "housing", "厂房扩建手续办了三个月，每次都要补材料，请协调一次讲清。", "企业反映扩建手续反复补正", "已召集并联会商，一次列出缺少的材料，手续已办结。", true},
	{"land", "housing", "租用的场地到期不能续，设备没有地方放，请帮助协调用地。", "企业反映场地到期续租困难", "已协调出租方续租一年，并推荐两处备选场地。", true},
	{"arrears", "housing", "我们做完工程已经两年，甲方一直拖着工程款不给，工人工资发不出来。", "企业反映工程款被拖欠", "已约谈甲方，欠款分两期支付，首期已到账。", true},
	{"enforcement", "environment", "同一个月内三个部门来检查，生产停了几次，请合并检查。", "企业反映检查频次过高", "已合并检查计划，同一事项一年内不重复检查。", true},
	{"labour", "civil", "冬季招不到工人，技术岗位缺口大，请帮助对接。", "企业反映用工缺口", "已组织专场招聘，首批人员已到岗。", true},
	{"livelihood", "heat-city", "老楼供热改造说了两年没有动工，冬天室内不到十六度。", "居民反映老楼供热改造未动工", "已列入改造计划并先行更换楼内管网，室温已达标。", false},
	{"livelihood", "municipal", "小区门前道路反复开挖，老人出行不便，请统筹施工。", "居民反映道路反复开挖", "已统筹管线施工，路面恢复完毕。", false},
	{"conduct", "civil", "办事窗口工作人员态度生硬，问几句就不耐烦。", "来信反映窗口态度问题", "经核实情况属实，已批评教育并向来信人致歉。", false},
	{"idea", "urban", "建议在文化公园附近增设停车位和公厕。", "居民建议增设停车位和公厕", "建议已采纳，列入明年计划。", false},
}

// letters is an hour of the express line: most hours bring a letter; clerks screen, the leader instructs,
// units answer, senders confirm.
func (y *year) letters(ctx context.Context, x *scoring) error {
	clerks, leaders := y.staff.by["supervision"][access.ExpressClerk], y.staff.by["leaders"][access.Leader]
	if len(clerks) == 0 || len(leaders) == 0 {
		return nil
	}
	l := &lettering{y: y, x: x, e: y.w.Express, clerks: clerks, leaders: map[string]access.Scope{}}
	for _, sc := range leaders {
		l.leaders[sc.Post()] = sc
	}
	if err := l.goOn(ctx); err != nil {
		return err
	}
	if !chance(x.r, 0.85) {
		return nil
	}
	return l.arrive(ctx)
}

// lettering is one hour of the line.
type lettering struct {
	y       *year
	x       *scoring
	e       *express.Express
	clerks  []access.Scope
	leaders map[string]access.Scope // by post
}

func (l *lettering) input(kv ...string) record.Input {
	in := l.x.input(kv...)
	return record.Input{Raw: in.Raw, At: in.At}
}

// done counts an act; what the rules refuse is left.
func (l *lettering) done(err error) error {
	if errors.Is(err, flow.ErrState) || errors.Is(err, flow.ErrForbidden) {
		return nil
	}
	if err == nil {
		l.x.acts++
	}
	return err
}

func (l *lettering) act(ctx context.Context, sc access.Scope, id, action string, kv ...string) error {
	_, err := l.e.Book().Act(ctx, sc, id, action, l.input(kv...))
	return l.done(err)
}

// arrive is a letter that comes, and what is done with it the same day.
func (l *lettering) arrive(ctx context.Context) error {
	r := l.x.r
	i := r.IntN(len(written))
	w := written[i]
	sc := access.PublicScope(l.y.w.Pack.District)
	if w.firm && len(l.y.w.Pack.Firms) > 0 {
		sc = access.ScopeOf(access.Principal{District: l.y.w.Pack.District, Account: "letter", Unit: pick(r, l.y.w.Pack.Firms).Code, Roles: []string{access.Firm}, Kind: access.Cookie})
	}
	post := pick(r, l.e.Rules().Posts)
	kv := []string{"post", post, "topic", w.topic, "words", w.words, "level", pick(r, []string{"normal", "normal", "confidential", "confidential", "strict"})}
	if !w.firm && chance(r, 0.3) {
		kv = append(kv, "named", "no")
	} else {
		kv = append(kv, "named", "yes", "name", person(r), "phone", phone(r))
	}
	if w.topic == "conduct" {
		kv = append(kv, "against", "market")
	}
	x, err := l.e.Send(ctx, sc, l.input(kv...))
	if err := l.done(err); err != nil || x == nil {
		return err
	}
	if chance(r, 0.06) { // waits until the next hour of the line: too long
		return nil
	}
	return l.screen(ctx, x, i)
}

func (l *lettering) screen(ctx context.Context, x *express.Letter, i int) error {
	r, clerk := l.x.r, pick(l.x.r, l.clerks)
	if chance(r, 0.15) {
		ground := pick(r, []string{"legal", "discipline", "unclear", "settled"})
		return l.act(ctx, clerk, x.ID, "reject", "ground", ground, "answer", "您的来信已收到。所反映事项应通过法定途径解决，我们已附上办理地点和电话。")
	}
	if err := l.act(ctx, clerk, x.ID, "screen", "summary", written[i].summary, "topic", x.Topic, "level", x.Level); err != nil {
		return err
	}
	if chance(r, 0.1) {
		return nil
	}
	return l.instruct(ctx, x, i)
}

func (l *lettering) instruct(ctx context.Context, x *express.Letter, i int) error {
	leader, ok := l.leaders[x.Post]
	if !ok {
		return nil
	}
	kv := []string{"phrase", pick(l.x.r, l.e.Rules().Phrases).ID, "lead", written[i].lead}
	if chance(l.x.r, 0.3) {
		kv = append(kv, "hard", "true", "why", "涉及多个部门和往年资料")
	}
	return l.act(ctx, leader, x.ID, "note", kv...)
}

// goOn takes every open letter a step or two further.
func (l *lettering) goOn(ctx context.Context) error {
	var open []*express.Letter
	if err := l.y.w.DB.Read(ctx, func(tx *store.Tx) error {
		open = nil
		return l.e.Book().Each(tx, record.Filter{}, func(x *express.Letter) error {
			if x.State != express.Closed && x.State != express.Rejected {
				open = append(open, x)
			}
			return nil
		})
	}); err != nil {
		return err
	}
	for _, x := range open {
		if err := l.further(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// about is which of the made-up letters a letter is, by its topic.
func about(x *express.Letter) int {
	for i, w := range written {
		if w.topic == x.Topic && (x.Lead == "" || w.lead == x.Lead) {
			return i
		}
	}
	return 0
}

func (l *lettering) further(ctx context.Context, x *express.Letter) error {
	r, i := l.x.r, about(x)
	chief, ok := l.y.staff.one(r, x.Lead, access.DeptLead)
	hand, has := l.y.staff.one(r, x.Lead, access.Department)
	leader := l.leaders[x.Post]
	late := l.x.at.Sub(time.UnixMicro(x.Since)) > 60*24*time.Hour
	switch {
	case x.State == express.Received:
		return l.screen(ctx, x, i)
	case x.State == express.Screened:
		return l.instruct(ctx, x, i)
	case x.State == express.Assigned && ok && has:
		if err := l.act(ctx, chief, x.ID, "accept", "officer", hand.Account()); err != nil {
			return err
		}
		if chance(r, 0.5) {
			return l.act(ctx, hand, x.ID, "answer", "result", pick(r, []string{"done", "done", "partly", "explained"}), "answer", written[i].answer)
		}
	case x.State == express.Handling && ok:
		switch {
		case chance(r, 0.08):
			return l.act(ctx, leader, x.ID, "list", "explain", "需列入明年计划，资金到位后办理")
		case chance(r, 0.08):
			return l.act(ctx, pick(r, l.clerks), x.ID, "meet", "met_on", l.x.at.In(worktime.Zone).Format("2006-01-02"), "units", x.Lead, "decision", "由牵头单位限期落实，有关单位配合")
		case chance(r, 0.8):
			return l.act(ctx, chief, x.ID, "answer", "result", pick(r, []string{"done", "done", "partly", "explained", "cannot"}), "answer", written[i].answer)
		}
	case x.State == express.LongTerm && ok && late:
		return l.act(ctx, chief, x.ID, "review", "progress", "已列入计划，正在申报资金")
	case x.State == express.Answered && x.Has(express.Anonymous):
		for _, c := range l.clerks {
			if c.Account() != x.Screener {
				return l.act(ctx, c, x.ID, "check", "found", "done", "note", "已到现场核对，与答复一致")
			}
		}
	case x.State == express.Answered:
		return l.word(ctx, x)
	}
	return nil
}

// word is the sender's own: most confirm, some object, some say nothing.
func (l *lettering) word(ctx context.Context, x *express.Letter) error {
	r, holder := l.x.r, access.PublicScope(l.y.w.Pack.District).Holding(x.ID)
	switch {
	case chance(r, 0.1):
		return l.act(ctx, holder, x.ID, "object", "remark", "只办了一部分，还有一半没有落实。")
	case chance(r, 0.65):
		return l.act(ctx, holder, x.ID, "confirm", "satisfaction", pick(r, []string{"5", "5", "4", "4", "4", "3", "2"}))
	case l.x.at.Sub(time.UnixMicro(x.Since)) > 7*24*time.Hour:
		return l.act(ctx, access.SystemScope(l.y.w.Pack.District, "answers nobody objected to"), x.ID, "lapse")
	}
	return nil
}
