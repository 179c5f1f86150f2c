package simulate

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/projects/campaigns"
	"weixiao/internal/record"
	"weixiao/internal/worktime"
)

// campaigned are the campaigns of the year, made up but for their names: who leads them, which units have targets in
// what, and how much.
var campaigned = []struct {
	name, theme, from, until, office, purpose string
	indicators                                []string
	goals                                     []int
	units                                     []string
	points                                    [][3]string // name, unit, standard
}{
	{"项目建设“冬春会战”", "projects", "2022-02-07", "2022-04-30", "reform", "冬季谋划招商，春季集中开工", []string{"visits_out", "help"}, []int{12, 20}, []string{"commerce", "industry", "agriculture", "culture", "220605001", "220605105"}, nil},
	{"“六域”党建引领“三城”创建", "cities", "2022-03-07", "2022-12-31", "urban", "国家卫生城、园林城、文明城创建", []string{"cleanups", "green"}, []int{30, 1500}, []string{"housing", "education", "health", "220605001", "220605002", "220605004"}, [][3]string{
		{"主次干道公厕管护", "sanitation", "专人保洁，无异味，无满溢"}, {"背街小巷路面", "housing", "无坑洼，无积水"}, {"农贸市场秩序", "market", "划行归市，地面干净"}, {"公园绿地管护", "parks", "无裸露土地，无枯死树木"}, {"小区楼道堆物", "property", "楼道畅通，无堆放"}, {"校园周边秩序", "education", "无占道经营，交通有序"}}},
}

var campaignTasks = []string{"协调用地预审手续", "对接供电接入方案", "督促施工队伍进场", "落实企业用工需求", "整治责任路段积存垃圾", "更新公益宣传牌"}

// campaign is an hour of the year of the campaigns: the office plans them and sets targets, units report their week,
// somebody else looks at it, a meeting decides tasks, and what is over is closed.
func (y *year) campaign(ctx context.Context, x *scoring) error {
	c := y.w.Campaigns
	today := x.at.In(worktime.Zone).Format("2006-01-02")
	for _, plan := range campaigned {
		if today < day(plan.from).AddDate(0, 0, -10).Format("2006-01-02") {
			continue
		}
		office, ok := x.y.staff.one(x.r, plan.office, access.DeptLead, access.Department)
		deputy, has := x.y.staff.one(x.r, "supervision", access.Supervisor) // another pair of eyes
		if !ok || !has {
			continue
		}
		w := &campaigning{x: x, c: c, office: office, deputy: deputy, today: today}
		list, _, err := c.Campaign.List(ctx, office, record.Filter{Tag: plan.theme})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			k, err := c.Campaign.Open(ctx, office, "plan", w.input("name", plan.name, "theme", plan.theme, "from", plan.from, "until", plan.until, "office", plan.office, "purpose", plan.purpose))
			if err := w.done(err); err != nil || k == nil {
				return err
			}
			_, err = c.Campaign.Act(ctx, office, k.ID, "begin", w.input())
			if err := w.done(err); err != nil {
				return err
			}
			for i, u := range plan.units {
				for j, indicator := range plan.indicators {
					_, err := c.Target.Open(ctx, office, "set", w.input("campaign", k.ID, "unit", u, "indicator", indicator, "goal", strconv.Itoa(plan.goals[j]+i%3)))
					if err := w.done(err); err != nil {
						return err
					}
				}
				if plan.points != nil {
					site := y.sites[(i*7)%len(y.sites)]
					_, err := c.Pair.Open(ctx, office, "pair", w.input("campaign", k.ID, "unit", u, "community", site.unit.ID))
					if err := w.done(err); err != nil {
						return err
					}
				}
			}
			for _, pt := range plan.points {
				_, err := c.Point.Open(ctx, office, "set", w.input("campaign", k.ID, "name", pt[0], "unit", pt[1], "standard", pt[2]))
				if err := w.done(err); err != nil {
					return err
				}
			}
			continue
		}
		if k := list[0]; k.State == campaigns.Running && (today > k.Until || chance(x.r, 0.5)) {
			if err := w.week(ctx, k); err != nil {
				return err
			}
		}
	}
	return nil
}

// campaigning is an hour's work about one campaign.
type campaigning struct {
	x              *scoring
	c              *campaigns.Campaigns
	office, deputy access.Scope
	today          string
}

func (w *campaigning) input(kv ...string) record.Input {
	in := w.x.input(kv...)
	return record.Input{Raw: in.Raw, At: in.At}
}

// done counts an act; what the rules refuse is left.
func (w *campaigning) done(err error) error {
	if faults := (form.Faults{}); errors.As(err, &faults) {
		return err
	}
	if errors.Is(err, flow.ErrState) || errors.Is(err, flow.ErrForbidden) {
		return nil
	}
	if err == nil {
		w.x.acts++
	}
	return err
}

func (w *campaigning) week(ctx context.Context, k *campaigns.Campaign) error {
	if w.today < k.From {
		return nil
	}
	if w.today > k.Until {
		_, err := w.c.Campaign.Act(ctx, w.office, k.ID, "close", w.input("summary", "各单位目标完成情况见作战图，未完成事项转入日常工作。"))
		return w.done(err)
	}
	if err := w.targets(ctx, k); err != nil {
		return err
	}
	if err := w.tasks(ctx, k); err != nil {
		return err
	}
	return w.points(ctx, k)
}

func (w *campaigning) targets(ctx context.Context, k *campaigns.Campaign) error {
	r := w.x.r
	list, _, err := w.c.Target.List(ctx, w.office, record.Filter{Parent: k.ID, State: campaigns.Set})
	if err != nil {
		return err
	}
	weeks := max(1, int(day(k.Until).Sub(day(k.From))/(7*24*time.Hour))*2/5) // every second session, and those fall into two weeks of three
	for _, t := range slices.Backward(list) {
		hand, ok := w.x.hand(t.Unit)
		if !ok || chance(r, 0.15) {
			continue
		}
		n := float64(t.Goal) / 100 / float64(weeks) * (0.5 + r.Float64())
		if _, err := w.c.Target.Act(ctx, hand, t.ID, "report", w.input("week", w.today, "amount", strconv.Itoa(int(n+0.5)))); w.done(err) != nil {
			return err
		} else if err != nil || chance(r, 0.1) {
			continue
		}
		monday := campaigns.MondayOf(w.today)
		if chance(r, 0.08) {
			_, err = w.c.Target.Act(ctx, w.office, t.ID, "send_back", w.input("week", monday, "reason", "请补充佐证后再报"))
		} else {
			_, err = w.c.Target.Act(ctx, w.deputy, t.ID, "confirm", w.input("week", monday))
		}
		if err := w.done(err); err != nil {
			return err
		}
	}
	return nil
}

// tasks: what was given is finished and accepted, and a meeting gives more.
func (w *campaigning) tasks(ctx context.Context, k *campaigns.Campaign) error {
	r := w.x.r
	list, _, err := w.c.Task.List(ctx, w.office, record.Filter{Parent: k.ID})
	if err != nil {
		return err
	}
	for _, t := range slices.Backward(list) {
		switch {
		case t.State == campaigns.Set && chance(r, 0.8):
			if hand, ok := w.x.hand(t.Unit); ok {
				_, err = w.c.Task.Act(ctx, hand, t.ID, "finish", w.input("done_words", "已办结，情况已反馈"))
			}
		case t.State == campaigns.Done:
			_, err = w.c.Task.Act(ctx, w.deputy, t.ID, "accept", w.input())
		default:
			continue
		}
		if err := w.done(err); err != nil {
			return err
		}
	}
	units := campaigned[0].units
	if k.Theme == campaigned[1].theme {
		units = campaigned[1].units
	}
	in := w.input("campaign", k.ID, "held", w.today+"T08:30", "place", "政府三楼会议室", "agenda", "通报作战图，调度滞后事项")
	in.Raw["units"] = units
	m, err := w.c.Meeting.Open(ctx, w.office, "call", in)
	if w.done(err) != nil || err != nil {
		return w.done(err)
	}
	in = w.input("minutes", "各单位通报进度，对滞后事项逐项明确责任单位和完成时间。")
	in.Raw["came"] = units
	if _, err := w.c.Meeting.Act(ctx, w.office, m.ID, "hold", in); w.done(err) != nil {
		return err
	}
	for range 1 + r.IntN(2) {
		until := day(w.today).AddDate(0, 0, 5+r.IntN(10)).Format("2006-01-02")
		if _, err := w.c.Meeting.Act(ctx, w.office, m.ID, "decide", w.input("task", pick(r, campaignTasks), "unit", pick(r, units), "until", until)); w.done(err) != nil {
			return err
		}
	}
	return nil
}

func (w *campaigning) points(ctx context.Context, k *campaigns.Campaign) error {
	r := w.x.r
	list, _, err := w.c.Point.List(ctx, w.office, record.Filter{Parent: k.ID})
	if err != nil {
		return err
	}
	for _, p := range slices.Backward(list) {
		hand, ok := w.x.hand(p.Unit)
		switch {
		case (p.State == campaigns.Set || p.State == campaigns.Rectify) && ok && chance(r, 0.6):
			_, err = w.c.Point.Act(ctx, hand, p.ID, "show", w.input("evidence", "已整治到位，照片附后"))
		case p.State == campaigns.Shown && chance(r, 0.25):
			_, err = w.c.Point.Act(ctx, w.deputy, p.ID, "fail", w.input("reason", "现场抽查仍有问题，请整改"))
		case p.State == campaigns.Shown:
			_, err = w.c.Point.Act(ctx, w.deputy, p.ID, "pass", w.input())
		case p.State == campaigns.Met && chance(r, 0.1):
			_, err = w.c.Point.Act(ctx, w.office, p.ID, "reopen", w.input("reason", "季度复查"))
		default:
			continue
		}
		if err := w.done(err); err != nil {
			return err
		}
	}
	pairs, _, err := w.c.Pair.List(ctx, w.office, record.Filter{Parent: k.ID})
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if hand, ok := w.x.hand(p.Unit); ok && chance(r, 0.4) {
			_, err := w.c.Pair.Act(ctx, hand, p.ID, "help", w.input("what", pick(r, []string{"党员清理楼道杂物", "帮助修整健身器材", "共同开展环境清扫", "走访结对社区困难家庭"})))
			if err := w.done(err); err != nil {
				return err
			}
		}
	}
	return nil
}

func day(s string) time.Time {
	t, _ := time.ParseInLocation("2006-01-02", s, worktime.Zone)
	return t
}
