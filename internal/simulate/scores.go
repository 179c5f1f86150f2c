package simulate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/worktime"
)

// session is an hour in which the supervision office and the units work on the
// figures of a month: everything before it has happened, nothing after it has.
type session struct {
	at    time.Time
	month string
	do    func(*scoring, context.Context) error
}

// scoring is a session under way.
type scoring struct {
	y     *year
	r     *rand.Rand
	month string
	at    time.Time
	acts  int
	open  bool // leave some requests undecided: the year ends here
}

// sessions are those of the whole year: exclusions near the end of each month and
// early in the next, the preview, appeals, decisions, the freeze. November is
// published so late that its appeals are open when the year ends.
func (y *year) sessions() []session {
	if y.w.Assess == nil {
		return nil
	}
	var out []session
	add := func(day time.Time, month string, do func(*scoring, context.Context) error) {
		at := y.workday(day)
		if at.Before(Present) {
			out = append(out, session{at, month, do})
		}
	}
	for m := time.Month(1); m <= 12; m++ {
		first := time.Date(2022, m, 1, 17, 5, 0, 0, worktime.Zone)
		month, next := first.Format("2006-01"), first.AddDate(0, 1, 0)
		add(first.AddDate(0, 0, 24), month, (*scoring).exclude)
		add(next.AddDate(0, 0, 1), month, (*scoring).exclude)
		add(next.AddDate(0, 0, 3), month, (*scoring).decide)
		preview := next.AddDate(0, 0, 4)
		if m == 11 {
			preview = next.AddDate(0, 0, 25)
		}
		add(preview, month, (*scoring).publish)
		add(preview.AddDate(0, 0, 2), month, (*scoring).appeal)
		if m == 11 {
			continue
		}
		add(preview.AddDate(0, 0, 5), month, (*scoring).decide)
		add(preview.AddDate(0, 0, 14), month, (*scoring).freeze)
	}
	add(time.Date(2022, 9, 20, 17, 5, 0, 0, worktime.Zone), "2022-09", (*scoring).correct)
	slices.SortStableFunc(out, func(a, b session) int { return a.at.Compare(b.at) })
	for i := 1; i < len(out); i++ { // one after the other, when two fall on one day
		if !out[i].at.After(out[i-1].at) {
			out[i].at = out[i-1].at.Add(5 * time.Minute)
		}
	}
	return out
}

// workday is the same time of the first working day from day on.
func (y *year) workday(day time.Time) time.Time {
	for len(y.w.Pack.Calendar("").DayOf(day).Shifts) == 0 {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// hold holds a session and returns how many acts it made.
func (y *year) hold(ctx context.Context, s session) (int, error) {
	if err := journal.NewRunner(y.w.DB, y.w.Pack.District, slog.New(slog.DiscardHandler), y.w.Assess.Follower()).CatchUp(ctx); err != nil {
		return 0, err
	}
	x := &scoring{y: y, r: rand.New(rand.NewPCG(y.o.Seed, uint64(s.at.Unix()))), month: s.month, at: s.at, open: s.at.After(Present.AddDate(0, 0, -10))}
	err := s.do(x, ctx)
	if err == nil && y.w.Sanitation != nil {
		if err = y.inspect(ctx, x); err != nil {
			err = fmt.Errorf("sanitation: %w", err)
		}
	}
	if err == nil && y.w.Villages != nil {
		if err = y.renew(ctx, x); err != nil {
			err = fmt.Errorf("villages: %w", err)
		}
	}
	if err == nil && y.w.Campaigns != nil {
		if err = y.campaign(ctx, x); err != nil {
			err = fmt.Errorf("campaigns: %w", err)
		}
	}
	return x.acts, err
}

// input is the next act: they follow each other closely, so that nothing else of
// the year is moved.
func (x *scoring) input(kv ...string) cases.Input {
	x.at = x.at.Add(time.Millisecond)
	return cases.Input{Raw: raw(kv...), At: x.at}
}

// done counts an act; what the rules refuse is left.
func (x *scoring) done(err error) (bool, error) {
	if _, ok := errors.AsType[*cases.RefusedError](err); ok || errors.Is(err, flow.ErrState) {
		return false, nil
	}
	if err == nil {
		x.acts++
	}
	return err == nil, err
}

func (x *scoring) say(heads ...string) string {
	t, ok := x.y.lib.line(x.r, false, heads...)
	if !ok {
		return "见附件。"
	}
	v := voice{site: x.y.sites[0], fixed: map[string]string{}}
	return v.say(x.r, t, x.at)
}

// hand and head are those of a unit who ask and who sign.
func (x *scoring) hand(unit string) (access.Scope, bool) {
	return x.y.staff.one(x.r, unit, access.Street, access.Department)
}

func (x *scoring) head(unit string) (access.Scope, bool) {
	return x.y.staff.one(x.r, unit, access.StreetLead, access.DeptLead)
}

// exclude: units ask for what went badly through no fault of theirs, as they say.
func (x *scoring) exclude(ctx context.Context) error {
	m, err := x.y.w.Assess.Month(ctx, x.month)
	if err != nil {
		return err
	}
	rules := x.y.w.Pack.Scores.Exclusion.Rules
	for _, f := range sortedUnits(m) {
		for _, count := range []string{"very_dissatisfied", "dissatisfied", "part"} {
			list, err := x.y.w.Assess.Behind(ctx, x.month, f, count, assess.After, assess.Cursor{}, 50)
			if err != nil {
				return err
			}
			for _, e := range list {
				if e.Kind != "case" || !chance(x.r, 0.3) {
					continue
				}
				if err := x.ask(ctx, assess.Exclusions.Kind, f, e.Number, "rule", pick(x.r, rules).Code, "exclusion "); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// sortedUnits are the units of a month in a fixed order.
func sortedUnits(m *assess.Month) []string {
	var out []string
	for _, f := range m.Units {
		out = append(out, f.Unit)
	}
	slices.Sort(out)
	return out
}

// ask makes a request; mostly the unit's lead signs it at once.
func (x *scoring) ask(ctx context.Context, kind, unit, number, field, ground, head string) error {
	evidence := x.say(head + ground)
	hand, ok := x.hand(unit)
	lead, has := x.head(unit)
	if !ok || !has {
		if kind != assess.Exclusions.Kind {
			return nil
		}
		// A unit without a lead in the system: the centre proposes it.
		desk, _ := x.y.staff.one(x.r, x.y.centre, access.Dispatcher)
		_, err := x.y.w.Assess.Ask(ctx, desk, kind, "propose", x.input("record", number, field, ground, "evidence", evidence))
		_, err = x.done(err)
		return err
	}
	q, err := x.y.w.Assess.Ask(ctx, hand, kind, "ask", x.input("record", number, field, ground, "evidence", evidence))
	if ok, err := x.done(err); !ok || err != nil || (x.open && chance(x.r, 0.3)) {
		return err
	}
	_, err = x.y.w.Assess.Act(ctx, lead, kind, q.ID, "sign", x.input())
	_, err = x.done(err)
	return err
}

// decide: one of the supervision office gives an opinion, another decides.
func (x *scoring) decide(ctx context.Context) error {
	office := x.y.supervisors()
	if len(office) < 2 {
		return nil
	}
	sc := access.SystemScope(x.y.w.Pack.District, "what waits for a decision in a simulated year")
	for _, kind := range []string{assess.Exclusions.Kind, assess.Appeals.Kind} {
		list, err := x.y.w.Assess.Requests(ctx, sc, assess.RequestFilter{Kind: kind, Month: x.month, Open: true, Limit: 200})
		if err != nil {
			return err
		}
		slices.Reverse(list)
		for _, q := range list {
			if err := x.rule(ctx, q, office[0], office[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *scoring) rule(ctx context.Context, q *assess.Request, adviser, decider access.Scope) error {
	act := func(who access.Scope, action string, kv ...string) error {
		_, err := x.y.w.Assess.Act(ctx, who, q.Kind, q.ID, action, x.input(kv...))
		_, err = x.done(err)
		return err
	}
	if q.State == assess.Asked {
		lead, ok := x.head(q.Unit)
		if !ok {
			return nil
		}
		if err := act(lead, "sign"); err != nil {
			return err
		}
	}
	decision := "refuse"
	if chance(x.r, 0.6) {
		decision = "grant"
	}
	if err := act(adviser, "advise", "opinion", decision, "reason", x.say(q.Kind+" advise "+decision)); err != nil {
		return err
	}
	return act(decider, decision, "reason", x.say(q.Kind+" "+decision))
}

// supervisors are the people of the supervision office.
func (y *year) supervisors() []access.Scope {
	for _, u := range y.w.Pack.Directory.Units() {
		if list := y.staff.by[u.ID][access.Supervisor]; len(list) > 0 {
			return list
		}
	}
	return nil
}

func (x *scoring) publish(ctx context.Context) error {
	office := x.y.supervisors()
	if len(office) == 0 {
		return nil
	}
	_, err := x.y.w.Assess.Publish(ctx, office[0], x.input("month", x.month))
	_, err = x.done(err)
	return err
}

// appeal: units appeal against what they think is wrong.
func (x *scoring) appeal(ctx context.Context) error {
	m, err := x.y.w.Assess.Month(ctx, x.month)
	if err != nil {
		return err
	}
	for _, unit := range sortedUnits(m) {
		for _, c := range []struct {
			count, ground string
			share         float64
		}{{"very_dissatisfied", "word", 0.15}, {"false_closed", "false_closure", 0.12}, {"scored", "contact", 0.01}} {
			list, err := x.y.w.Assess.Behind(ctx, x.month, unit, c.count, assess.After, assess.Cursor{}, 50)
			if err != nil {
				return err
			}
			for _, e := range list {
				if !chance(x.r, c.share) {
					continue
				}
				if err := x.ask(ctx, assess.Appeals.Kind, unit, e.Number, "ground", c.ground, "appeal "); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (x *scoring) freeze(ctx context.Context) error {
	office := x.y.supervisors()
	if len(office) == 0 {
		return nil
	}
	_, err := x.y.w.Assess.ActMonth(ctx, office[0], x.month, "freeze", x.input())
	_, err = x.done(err)
	return err
}

// correct: cases were opened again after their month was frozen.
func (x *scoring) correct(ctx context.Context) error {
	months, err := x.y.w.Assess.Months(ctx)
	if err != nil {
		return err
	}
	x.month = ""
	for _, m := range months {
		if list, err := x.y.w.Assess.Pending(ctx, m); err != nil {
			return err
		} else if len(list) > 0 {
			x.month = m
		}
	}
	if x.month == "" {
		return nil
	}
	for _, u := range x.y.w.Pack.Directory.Units() {
		leader, ok := x.y.staff.one(x.r, u.ID, access.Leader)
		if !ok {
			continue
		}
		_, err := x.y.w.Assess.ActMonth(ctx, leader, x.month, "correct", x.input("reason", x.say("month correct")))
		_, err = x.done(err)
		return err
	}
	return nil
}
