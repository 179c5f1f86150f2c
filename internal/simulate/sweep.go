package simulate

import (
	"context"
	"errors"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// sweepStaff are those that sanitation needs beside the holders of posts: a second pair of eyes, and a manager of the
// second contractor.
var sweepStaff = []struct{ login, name, unit, role string }{
	{"inspector-2", "环卫巡查员小何", "sanitation", access.Inspector}, {"contractor-2", "镇容环卫公司经理小姜", "cleaning-2", access.Contractor},
}

// seenOnRoads are what inspectors write, by deduction item.
var seenOnRoads = map[string][]string{
	"litter": {"路口有成片落叶", "公交站台前散落包装袋", "市场门口地面垃圾较多"}, "unswept": {"早班结束后仍未清扫", "路段北侧未清扫"}, "bins": {"果皮箱已满，旁边堆了两袋垃圾", "果皮箱外壁有污渍"},
	"mud": {"雨后路缘积泥", "工地出入口带泥"}, "snow": {"人行道积雪未清", "坡道结冰"}, "dust": {"清扫时没有喷水，扬尘明显"}, "dump": {"垃圾倒在路边沟里"}, "machine": {"车身脏污，号牌看不清"},
}

// inspect is the sanitation office's work at an hour of the year: what was put right is rechecked, roads are looked at,
// and a month that is over is settled.
func (y *year) inspect(ctx context.Context, x *scoring) error {
	watch := y.staff.by["sanitation"][access.Inspector]
	if len(watch) < 2 {
		return nil
	}
	s := y.w.Sanitation
	for _, c := range s.Rules().Contracts {
		firm := y.staff.by[c.Unit][access.Contractor]
		if len(firm) == 0 {
			continue
		}
		w := sweeping{x, s, c.ID, firm[0], watch}
		if err := w.follow(ctx); err != nil {
			return err
		}
		if err := w.look(ctx); err != nil {
			return err
		}
		if err := w.settle(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sweeping is an hour's work about one contract.
type sweeping struct {
	x        *scoring
	s        *sanitation.Sanitation
	contract string
	firm     access.Scope
	watch    []access.Scope
}

func (w *sweeping) input(kv ...string) sanitation.Input {
	in := w.x.input(kv...)
	return sanitation.Input{Raw: in.Raw, At: in.At}
}

// done counts an act; what the rules refuse is left.
func (w *sweeping) done(err error) error {
	if errors.Is(err, flow.ErrState) {
		return nil
	}
	if faults := (form.Faults{}); errors.As(err, &faults) {
		return err
	}
	if err == nil {
		w.x.acts++
	}
	return err
}

// follow: the contractor puts right or objects, and another inspector than the one who found it looks again.
func (w *sweeping) follow(ctx context.Context) error {
	r := w.x.r
	list, err := w.s.Findings(ctx, w.watch[0], sanitation.FindingFilter{Contract: w.contract, Open: true, Limit: 50})
	if err != nil {
		return err
	}
	slices.Reverse(list)
	act := func(who access.Scope, id, action string, kv ...string) error {
		_, err := w.s.ActFinding(ctx, who, id, action, w.input(kv...))
		if errors.Is(err, store.ErrNotFound) {
			return nil // of a covert inspection that is under way: the contractor does not see it yet
		}
		return w.done(err)
	}
	for _, f := range list {
		other := w.watch[0]
		if other.Account() == f.Recorder {
			other = w.watch[1]
		}
		switch {
		case f.State == sanitation.Found && chance(r, 0.06):
			err = act(w.firm, f.ID, "object", "reason", pick(r, []string{"当时正在作业，照片拍摄后十分钟已清完", "该处为施工围挡，不在作业范围"}))
		case f.State == sanitation.Found && chance(r, 0.9):
			err = act(w.firm, f.ID, "rectify", "done", pick(r, []string{"已安排人员清理", "已清扫，并加派一班", "已冲洗，已提醒班组"}))
		case f.State == sanitation.Fixed && chance(r, 0.08):
			err = act(other, f.ID, "fail", "reason", "仍有残留，请再清理")
		case f.State == sanitation.Fixed:
			err = act(other, f.ID, "pass", "note", "现场已清理干净")
		case f.State == sanitation.Objected && chance(r, 0.5):
			err = act(other, f.ID, "uphold", "reason", "路段在合同范围内，维持")
		case f.State == sanitation.Objected:
			err = act(other, f.ID, "drop", "reason", "情况属实，不扣分")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// look: an inspection, now and then a covert one, with what was found.
func (w *sweeping) look(ctx context.Context) error {
	r := w.x.r
	kind := sanitation.Daily
	switch {
	case chance(r, 0.5):
		kind = sanitation.Covert
	case w.x.at.Day() >= 24:
		kind = sanitation.Monthly
	}
	who := pick(r, w.watch)
	plan, err := w.s.Plan(ctx, who, w.input("contract", w.contract, "kind", kind, "day", w.x.at.In(worktime.Zone).Format(time.DateOnly)))
	if err := w.done(err); err != nil || plan == nil {
		return err
	}
	n := poisson(r, 1.3)
	if kind == sanitation.Monthly {
		n += 2
	}
	var own []string
	for _, s := range w.s.Rules().Segments {
		if s.Contract == w.contract {
			own = append(own, s.ID)
		}
	}
	for range n {
		item := w.s.Rules().Items[r.IntN(len(w.s.Rules().Items))]
		if winter := w.x.at.Month() < 4 || w.x.at.Month() > 10; item.ID == "snow" && !winter {
			continue
		}
		_, err := w.s.Record(ctx, who, plan.ID, sanitation.Where{}, w.input("segment", pick(r, own), "item", item.ID, "what", pick(r, seenOnRoads[item.ID])))
		if err := w.done(err); err != nil {
			return err
		}
	}
	if w.x.open && chance(r, 0.4) {
		return nil // the year ends with some inspections under way
	}
	_, err = w.s.ActInspection(ctx, who, plan.ID, "conclude", w.input("summary", pick(r, []string{"总体干净", "主次干道较好，背街小巷需加强", "问题已现场告知"})))
	return w.done(err)
}

// rounds plans the inspections of the last day, which nobody has begun yet.
func (y *year) rounds(ctx context.Context) error {
	watch := y.staff.by["sanitation"][access.Inspector]
	if y.w.Sanitation == nil || len(watch) == 0 {
		return nil
	}
	for i, c := range y.w.Sanitation.Rules().Contracts {
		_, err := y.w.Sanitation.Plan(ctx, watch[i%len(watch)], sanitation.Input{At: Present, Raw: form.Raw{"contract": {c.ID}, "kind": {sanitation.Daily}, "day": {Present.In(worktime.Zone).Format(time.DateOnly)}}})
		if err != nil {
			return err
		}
	}
	return nil
}

// settle draws the sheet of the month before, as soon as nothing in it is open; one signs, another confirms.
func (w *sweeping) settle(ctx context.Context) error {
	local := w.x.at.In(worktime.Zone)
	month := time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, worktime.Zone).AddDate(0, -1, 0).Format("2006-01")
	if month < Begin.Format("2006-01") {
		return nil
	}
	x, err := w.s.Draw(ctx, w.watch[0], w.input("contract", w.contract, "month", month))
	if err := w.done(err); err != nil || x == nil {
		return err
	}
	for i, action := range []string{"sign", "confirm"} {
		if w.x.open && action == "confirm" {
			break
		}
		_, err := w.s.ActSettlement(ctx, w.watch[i], x.ID, action, w.input())
		if err := w.done(err); err != nil {
			return err
		}
	}
	return nil
}
