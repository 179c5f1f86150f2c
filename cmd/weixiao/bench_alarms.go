package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/cases"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// benchAlarms measures one look of the job that rings: with nothing due, with 100
// cases due, and the same with a hundredth of the rows, which shows that the cost
// does not depend on how many are not due.
func benchAlarms(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("alarms", out)
	rows := b.fset.Int("rows", 1_000_000, "open deadlines")
	a, done, err := b.open(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	// Rows that lie ahead are made bare: looking past them is all that is measured.
	far := a.Clock().Add(30 * 24 * time.Hour).UnixMicro()
	have := 0
	grow := func(to int) error {
		for ; have < to; have += 1000 {
			if err := a.DB.Write(ctx, func(tx *store.Tx) error { return farRows(tx, a.Pack.District, have, 1000, far) }); err != nil {
				return err
			}
		}
		return a.DB.Write(ctx, func(tx *store.Tx) error { return tx.Exec("ANALYZE alarms") })
	}
	// The job's clock runs ahead of the district's, so that deadlines pass quickly.
	ahead := &aheadClock{clock: a.Clock}
	job := cases.New(a.DB, a.Cases.District(), a.Vault, nil, ahead.now).NewAlarms(slog.New(slog.DiscardHandler))
	if _, err := job.Tick(ctx); err != nil { // the first look compares ladder and calendar
		return err
	}
	for _, n := range []int{*rows / 100, *rows} {
		if err := grow(n); err != nil {
			return err
		}
		name := "" // of the figures that count
		if n != *rows {
			name = "few_"
		}
		b.figure(name+"rows", float64(n), "count")
		if err := b.ticks(ctx, a, job, ahead, name); err != nil {
			return err
		}
	}
	return nil
}

// ticks prints what a look costs with nothing due and with 100 cases due.
func (b *benchRun) ticks(ctx context.Context, a *app.App, job *cases.Alarms, ahead *aheadClock, name string) error {
	var took []time.Duration
	for range 200 {
		start := time.Now()
		n, err := job.Tick(ctx)
		if err != nil {
			return err
		}
		if n != 0 {
			return fmt.Errorf("%d rungs rang though nothing was due", n)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.figure(name+"tick_ms", percentile(took, 0.50), "ms")
	b.figure(name+"tick_p99_ms", percentile(took, 0.99), "ms")
	took = nil
	for range 10 {
		if err := dueCases(ctx, a, 100); err != nil {
			return err
		}
		ahead.by += 6 * time.Minute // L0 is signed within ten minutes, the reminder comes after five
		start := time.Now()
		n, err := job.Tick(ctx)
		if err != nil {
			return err
		}
		if n != 100 {
			return fmt.Errorf("%d rungs rang of 100", n)
		}
		took = append(took, time.Since(start))
		// Their further rungs would come into the next measurement.
		if err := a.DB.Write(ctx, func(tx *store.Tx) error {
			return tx.Exec(`DELETE FROM alarms WHERE district = $1 AND number NOT LIKE 'FAR-%'`, a.Pack.District)
		}); err != nil {
			return err
		}
	}
	slices.Sort(took)
	b.figure(name+"tick_100_due_ms", percentile(took, 0.50), "ms")
	return nil
}

// aheadClock runs ahead of another clock.
type aheadClock struct {
	clock func() time.Time
	by    time.Duration
}

func (c *aheadClock) now() time.Time { return c.clock().Add(c.by) }

func farRows(tx *store.Tx, district string, from, n int, at int64) error {
	for i := from; i < from+n; i++ {
		if err := tx.Exec(`INSERT INTO alarms (district, kind, number, at, level, since, clocks) VALUES ($1, 'case', $2, $3, 0, $4, $5) ON CONFLICT (district, kind, number) DO NOTHING`,
			district, fmt.Sprintf("FAR-%07d", i), at+int64(i)*1000, int64(cases.NoDue), `{"reply":{"s":1667264400000000,"d":1667869200000000,"m":1667264400000000},"close":{"s":1667264400000000,"d":1668042000000000,"m":1667264400000000}}`); err != nil {
			return err
		}
	}
	return nil
}

// dueCases makes cases whose first reminders are due, with their rows.
func dueCases(ctx context.Context, a *app.App, n int) error {
	operator := benchScope(a, a.Cases.District().Centre, access.Operator)
	street := a.Pack.Directory.ByKind("street")[0].ID
	made := make([]*cases.Prepared, n)
	for i := range made {
		var err error
		if made[i], err = a.Cases.Prepare(cases.Report{Channel: "hotline", Body: benchWords, Matter: "001", Place: cases.Place{Street: street},
			Person: vault.Person{Name: "张三丰", Phone: fmt.Sprintf("199%08d", i)}}); err != nil {
			return err
		}
	}
	if err := a.Cases.Batch(ctx, func(bt *cases.Batch) error {
		for _, p := range made {
			r, err := bt.Take(operator, p)
			if err != nil {
				return err
			}
			if _, err := bt.Act(operator, r.Number, "dispatch", cases.Input{Raw: map[string][]string{"unit": {street}, "profile": {"L0"}}}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return a.CatchUp(ctx)
}
