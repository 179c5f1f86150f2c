package simulate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/form"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/store"
)

// meeting is a workday of the year, known once it was planned.
type meeting struct {
	host access.Scope
	day  string
}

// guest is somebody who books, known once they did.
type guest struct {
	m      *meeting
	number string
}

// hosts are the communities that hold workdays and go from door to door: those with somebody who works there.
func (y *year) hosts() (out []*site) {
	for _, s := range y.sites {
		if len(y.staff.by[s.unit.ID][access.Community]) > 0 && s.unit.Kind == directory.Community {
			out = append(out, s)
		}
	}
	return out
}

// extra begins a case that comes of another kind of work. Its chances are its own, so that the rest of the year is the
// same with and without it.
func (y *year) extra(at time.Time, r *rand.Rand, s *site, channel string, n int) *life {
	fitting := slices.DeleteFunc(slices.Clone(y.lib.topics), func(t topic) bool {
		return !t.says(s) || !t.inSeason(at) || t.kind == "consult" || t.kind == "suggestion" || len(t.templates) == 0
	})
	was := y.lives
	y.lives = 1_000_000 + n
	t := pick(r, fitting)
	l := y.begin(at, &t, s, channel, course{})
	y.lives = was
	return l
}

func (y *year) at(t time.Time, run func(b *cases.Batch) error) {
	if t.Before(Present) {
		y.push(&event{at: t, run: run, action: "round"})
	}
}

// meet does something at a workday, at its moment.
func (y *year) meet(t time.Time, fn func(ctx context.Context, w *workdays.Workdays) error) {
	y.at(t, func(b *cases.Batch) error {
		return b.In(func(tx *store.Tx) error {
			if err := fn(context.Background(), y.w.Workdays.Within(tx, t, nil)); err != nil {
				return fmt.Errorf("a workday on %s: %w", t.Format("01-02 15:04"), err)
			}
			return nil
		})
	})
}

// workdays plans a workday a month in each community that has somebody to hold it.
func (y *year) workdays() {
	if y.w.Workdays == nil || len(y.w.Workdays.Rules().Themes) == 0 {
		return
	}
	r := rand.New(rand.NewPCG(y.o.Seed, 0x776f726b646179))
	n := 0
	for m := time.January; m <= 13; m++ {
		for i, s := range y.hosts() {
			day := time.Date(2022, m, 8+2*i, 9, 0, 0, 0, Begin.Location())
			for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
				day = day.AddDate(0, 0, 1)
			}
			if i < 8 && day.AddDate(0, 0, -20).After(Begin) {
				n = y.meeting(r, s, day, n)
			}
		}
	}
}

var saidAtDesk = []string{"已当场说明政策，居民清楚了", "当场联系承办单位，今天上门处理", "属于物业职责，已请物业经理到场答复", "申请材料当场收下，三天内电话告知结果"}

// meeting plans one workday: from its plan to its review, as far as the year goes.
func (y *year) meeting(r *rand.Rand, s *site, day time.Time, n int) int {
	m := &meeting{}
	m.host, _ = y.staff.one(r, s.unit.ID, access.Community)
	units := []string{"housing", "civil", pick(r, []string{"urban", "medicare", "hr"})}
	leader := pick(r, []string{"副区长（城建）", "区委常委、宣传部部长", "区住建局局长", "区民政局局长", "街道党工委书记"})
	planned := day.AddDate(0, 0, -20).Add(time.Hour)
	y.meet(planned, func(ctx context.Context, w *workdays.Workdays) (err error) {
		m.day, err = w.Plan(ctx, m.host, form.Raw{"community": {s.unit.ID}, "from": {day.Format("2006-01-02T15:04")}, "until": {day.Add(2 * time.Hour).Format("2006-01-02T15:04")},
			"place": {"居委会一楼大厅"}, "leader": {leader}, "units": units, "themes": {"heating", "estate", "assistance", "insurance", "roads", "other"}})
		return err
	})
	y.meet(planned.Add(40*time.Minute), func(ctx context.Context, w *workdays.Workdays) error {
		return w.Act(ctx, m.host, m.day, "publish", 1, nil)
	})
	free := r.Perm(16)
	for i := range 4 + r.IntN(7) {
		n++
		y.guest(r, s, m, day, free[i]/2, n, units)
	}
	y.meet(day.Add(150*time.Minute), func(ctx context.Context, w *workdays.Workdays) error {
		return w.Act(ctx, m.host, m.day, "close", 2, nil)
	})
	y.meet(day.AddDate(0, 0, 9), func(ctx context.Context, w *workdays.Workdays) error {
		return w.Act(ctx, m.host, m.day, "review", 3, form.Raw{"note": {"预约事项均已回访，没办完的继续跟踪。"}})
	})
	return n
}

// guest plans one booking and what becomes of it.
func (y *year) guest(r *rand.Rand, s *site, m *meeting, day time.Time, slot, n int, units []string) {
	g := &guest{m: m}
	comes := day.Add(time.Duration(slot) * 15 * time.Minute)
	heard := comes.Add(mins(r, 5, 13))
	l := y.extra(heard, r, s, "workday", n)
	l.person.Phone = fmt.Sprintf("1980000%04d", n*7%10000) // one telephone books a day once
	words, _ := l.words(y)
	who := access.PublicScope(y.w.Pack.District)
	if chance(r, 0.35) {
		who = y.desk(r, access.Operator)
	}
	booked := day.AddDate(0, 0, -2-r.IntN(16)).Add(mins(r, 0, 700))
	y.meet(booked, func(ctx context.Context, w *workdays.Workdays) error {
		got, err := w.Book(ctx, who, m.day, "book", form.Raw{"theme": {pick(l.r, []string{"heating", "estate", "assistance", "roads", "other"})}, "about": {words},
			"phone": {l.person.Phone}, "name": {l.person.Name}}, store.Key{})
		g.number = got.Number
		return err
	})
	answered := chance(r, 0.3)
	if answered {
		if dept, ok := y.staff.one(r, pick(r, units[:2]), access.Department, access.DeptLead); ok {
			y.meet(day.Add(-mins(r, 60, 800)), func(ctx context.Context, w *workdays.Workdays) error {
				return w.Do(ctx, dept, g.number, "answer", 0, form.Raw{"answer": {pick(l.r, saidAtDesk)}})
			})
		} else {
			answered = false
		}
	}
	if answered && chance(r, 0.4) {
		y.meet(day.Add(-mins(r, 1, 50)), func(ctx context.Context, w *workdays.Workdays) error {
			return w.Do(ctx, access.PublicScope(y.w.Pack.District).Holding(g.number), g.number, "enough", 0, nil)
		})
		return
	}
	switch x := r.Float64(); {
	case x < 0.1 && !answered:
		return // does not come
	case x < 0.55:
		y.meet(heard, func(ctx context.Context, w *workdays.Workdays) error {
			return w.Do(ctx, m.host, g.number, "settle", 0, form.Raw{"answer": {pick(l.r, saidAtDesk)}})
		})
	case heard.Before(Present):
		l.take = func(b *cases.Batch, e *event) (got cases.Receipt, err error) {
			err = b.In(func(tx *store.Tx) error {
				file := func(tx *store.Tx, sc access.Scope, _ workdays.Request, at time.Time) (_ string, err error) {
					got, err = y.w.Cases.TakeIn(tx, sc, e.ready, at)
					return got.Number, err
				}
				return y.w.Workdays.Within(tx, e.at, file).Do(context.Background(), m.host, g.number, "take", 0, form.Raw{"promise": {"一周内办理并回电话"}})
			})
			return got, err
		}
		y.live(l)
	}
	y.meet(day.AddDate(0, 0, 8).Add(mins(r, 0, 500)), func(ctx context.Context, w *workdays.Workdays) error {
		said := "solved"
		if x := l.r.Float64(); x > 0.82 {
			said = pick(l.r, []string{"part", "unreached"})
		}
		return w.Do(ctx, m.host, g.number, "follow_up", 0, form.Raw{"said": {said}, "done": {"已上门查看并办理"}})
	})
}
