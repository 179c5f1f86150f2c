package simulate

import (
	"context"
	"errors"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/rounds/villages"
)

// lixin is 立新村 in 正岔街道: what was done there is reported, when it was done is made up.
const lixin = "220605003202"

// renewed is what was put right in 立新村, one after the other.
var renewed = []struct{ item, what, done string }{
	{"walls", "主街两侧墙面斑驳", "沿街墙面已全部粉刷"}, {"square", "村民没有活动场地", "文化广场已建成开放"}, {"water", "部分农户没有通自来水", "自来水管已铺设到户"}, {"lamps", "村内道路没有路灯", "路灯已安装亮灯"},
	{"rubbish", "村口积存垃圾", "积存垃圾已清运"}, {"ditches", "边沟淤塞", "边沟已疏通"}, {"stacks", "柴草堆放杂乱", "柴草已归位"},
}

// renew is an hour of the year in which villages are looked after: the street's hand raises and finishes works, its lead
// looks at them and checks a village each quarter.
func (y *year) renew(ctx context.Context, x *scoring) error {
	s := y.w.Villages
	input := func(kv ...string) villages.Input {
		in := x.input(kv...)
		return villages.Input{Raw: in.Raw, At: in.At}
	}
	done := func(err error) error {
		if errors.Is(err, flow.ErrState) || errors.Is(err, flow.ErrForbidden) {
			return nil
		}
		if err == nil {
			x.acts++
		}
		return err
	}
	for _, u := range y.w.Pack.Directory.ByKind(directory.Village) {
		hand, ok := y.staff.one(x.r, u.Parent, access.Street)
		lead, has := y.staff.one(x.r, u.Parent, access.StreetLead)
		if !ok || !has || u.ID != lixin && !chance(x.r, 0.04) {
			continue
		}
		v, err := s.Village(ctx, hand, u.ID, "", 0, 50)
		if err != nil {
			return err
		}
		for _, w := range slices.Backward(v.Works) {
			switch w.State {
			case villages.Raised:
				said := "已整改到位"
				if i := slices.IndexFunc(renewed, func(r struct{ item, what, done string }) bool { return r.item == w.Item }); i >= 0 {
					said = renewed[i].done
				}
				_, err = s.Act(ctx, hand, w.ID, "finish", input("done", said))
			case villages.Finished:
				_, err = s.Act(ctx, lead, w.ID, "pass", input("note", "现场已查看", "public", "true"))
			default:
				continue
			}
			if err := done(err); err != nil {
				return err
			}
		}
		if n := len(v.Works); n < len(renewed) && chance(x.r, 0.4) {
			_, err := s.Raise(ctx, hand, input("village", u.ID, "item", renewed[n].item, "what", renewed[n].what))
			if err := done(err); err != nil {
				return err
			}
		}
		if chance(x.r, 0.3) {
			_, err := s.Look(ctx, lead, input("village", u.ID, "summary", "环境整洁，请保持"))
			if err := done(err); err != nil {
				return err
			}
		}
	}
	return nil
}
