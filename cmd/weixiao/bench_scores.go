package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/cases"
)

// benchScores measures a unit's month, the ranking of all units, and the rebuild of
// all months from acts, on a database that it brings to --cases cases first: of 20,
// 13 are answered on call and 7 go the whole way to the resident's word.
func benchScores(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("scores", out)
	a, done, err := b.open(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	start := time.Now()
	units := a.Pack.Directory.ByKind("street", "town", "department", "utility")
	units = units[:min(len(units), 60)]
	life := func(bt *cases.Batch, a *app.App, operator access.Scope, number, _ string, i int, at time.Time) error {
		return liveWhole(bt, a, operator, number, units[(i/len(units)+i)%len(units)].ID, i, at)
	}
	if err := b.fillWith(ctx, a, units, life); err != nil {
		return err
	}
	b.figure("fill_s", time.Since(start).Seconds(), "s")
	start = time.Now()
	if err := a.CatchUp(ctx); err != nil {
		return err
	}
	b.figure("follow_s", time.Since(start).Seconds(), "s")
	months, err := a.Assess.Months(ctx)
	if err != nil || len(months) == 0 {
		return errors.Join(err, errors.New("nothing to measure: give --cases"))
	}
	leader := benchScope(a, a.Cases.District().Centre, access.Leader)
	unit, scored, most := "", 0.0, 0
	for _, name := range months {
		m, err := a.Assess.Month(ctx, name)
		if err != nil {
			return err
		}
		most = max(most, len(m.Units))
		for _, f := range m.Units {
			if f.Counts["scored"] > scored {
				unit, scored = f.Unit, f.Counts["scored"]
			}
		}
	}
	b.figure("months", float64(len(months)), "count")
	b.figure("units", float64(most), "count")
	street := benchScope(a, unit, access.Street)
	for _, m := range []struct {
		name string
		do   func(month string) error
	}{
		{"month", func(month string) error { // a unit's own month: figures, interval, rank, and the cases behind one
			v, err := a.Assess.View(ctx, street, month)
			if err != nil {
				return err
			}
			if _, ok := v.Unit(unit); ok {
				_, err = a.Assess.Period(ctx, street, month)
			}
			return err
		}},
		{"ranking", func(month string) error {
			_, err := a.Assess.View(ctx, leader, month)
			return err
		}},
	} {
		var took []time.Duration
		for i := range 400 {
			t := time.Now()
			if err := m.do(months[i%len(months)]); err != nil {
				return err
			}
			took = append(took, time.Since(t))
		}
		slices.Sort(took)
		b.figure(m.name+"_p50_ms", percentile(took, 0.50), "ms")
		b.figure(m.name+"_p95_ms", percentile(took, 0.95), "ms")
	}
	start, used := time.Now(), cpu()
	v, err := a.Assess.Verify(ctx)
	if err != nil {
		return err
	}
	b.figure("rebuild_s", time.Since(start).Seconds(), "s")
	b.figure("rebuild_cpu_s", (cpu() - used).Seconds(), "s")
	b.figure("rebuild_rows", float64(v.Rows), "count")
	return nil
}

// liveWhole takes a filled case the whole way, or has it answered.
func liveWhole(bt *cases.Batch, a *app.App, operator access.Scope, number, unit string, i int, at time.Time) error {
	if i%20 >= 7 {
		return live(bt, a, operator, number, unit, 99, at)
	}
	hand, back := benchScope(a, unit, access.Street), benchScope(a, a.Cases.District().Centre, access.Callback)
	if u, ok := a.Pack.Directory.Unit(unit); ok && u.Kind != "street" && u.Kind != "town" {
		hand = benchScope(a, unit, access.Department)
	}
	for _, s := range []struct {
		who    access.Scope
		action string
		raw    map[string][]string
		after  time.Duration
	}{
		{operator, "dispatch", map[string][]string{"unit": {unit}}, 0},
		{hand, "sign", nil, time.Second},
		{hand, "contact", map[string][]string{"how": {"phone"}}, 2 * time.Second},
		{hand, "reply", map[string][]string{"result": {"solved"}, "reply": {"已修好。"}}, 3 * time.Second},
		{back, "call_back", map[string][]string{"reached": {"yes"}, "contacted": {"yes"}, "solved": {[]string{"solved", "basic", "part"}[i%3]}, "satisfied": {[]string{"satisfied", "fair", "dissatisfied"}[i%3]}}, 4 * time.Second},
	} {
		if _, err := bt.Act(s.who, number, s.action, cases.Input{Raw: s.raw, At: at.Add(s.after)}); err != nil {
			return fmt.Errorf("%s: %w", s.action, err)
		}
	}
	return nil
}
