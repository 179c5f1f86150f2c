package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/pprof"
	"sync"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/calendars"
	"weixiao/internal/cases"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// benchRecount fills a district with open cases that were dispatched on the last
// afternoon whose holidays are known, loads a made-up notice of the year after,
// and measures how long it takes until every deadline is counted anew, with a few
// people looking at pages and reporting meanwhile.
func benchRecount(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("recount", out)
	a, done, err := b.open(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	if *b.cases == 0 {
		*b.cases = 50_000
	}
	year, err := b.fillOpen(ctx, a)
	if err != nil {
		return err
	}
	if err := a.CatchUp(ctx); err != nil { // what follows the filling is no part of it
		return err
	}
	base, stop, err := serve(ctx, a)
	if err != nil {
		return err
	}
	before := cpu()
	took, elapsed, err := b.recounted(ctx, a, base, year)
	used := cpu() - before
	if err != nil {
		return errors.Join(err, stop())
	}
	list, err := a.Cases.Recounts(ctx, 1)
	if err != nil || len(list) == 0 {
		return errors.Join(err, errors.New("no recount"), stop())
	}
	x := list[0]
	b.figure("recount_s", elapsed.Seconds(), "s")
	b.figure("cpu_s", used.Seconds(), "s")
	b.figure("cases", float64(x.Looked), "cases")
	b.figure("clocks", float64(x.Clocks), "clocks")
	b.figure("moved", float64(x.Moved), "clocks")
	b.figure("page_requests", float64(len(took)), "count")
	b.figure("page_p50_ms", percentile(took, 0.50), "ms")
	b.figure("page_p95_ms", percentile(took, 0.95), "ms")
	return stop()
}

// fillOpen dispatches cases on the last working day before the first year without
// a notice, an hour before the office closes; it returns that year.
func (b *benchRun) fillOpen(ctx context.Context, a *app.App) (year int, err error) {
	cal := a.Cases.District().Calendar.Now().Main()
	for _, y := range calendars.Known(cal) {
		year = max(year, y+1)
	}
	day := time.Date(year, 1, 1, 12, 0, 0, 0, worktime.Zone)
	for day = day.AddDate(0, 0, -1); !cal.DayOf(day).Working; {
		day = day.AddDate(0, 0, -1)
	}
	shifts := cal.DayOf(day).Shifts
	at := shifts[len(shifts)-1].To.Add(-time.Hour)
	op, streets := benchScope(a, a.Cases.District().Centre, access.Dispatcher), a.Pack.Directory.ByKind("street", "town")
	const batch = 500
	for n := 0; n < *b.cases; n += batch {
		made := make([]*cases.Prepared, 0, batch)
		for i := n; i < min(n+batch, *b.cases); i++ {
			// Numbers are drawn for a day: so many of one day would collide.
			p, err := a.Cases.Prepare(cases.Report{At: at.AddDate(0, 0, -i%300), Channel: "hotline", Body: fmt.Sprintf("第%d号楼的路灯不亮，晚上看不清路。", i), Matter: "001",
				Place: cases.Place{Street: streets[i%len(streets)].ID}})
			if err != nil {
				return 0, err
			}
			made = append(made, p)
		}
		if err := a.Cases.Batch(ctx, func(bt *cases.Batch) error {
			for i, p := range made {
				r, err := bt.Take(op, p)
				if err != nil {
					return err
				}
				raw := map[string][]string{"unit": {streets[(n+i)%len(streets)].ID}, "profile": {"L3"}}
				if _, err := bt.Act(op, r.Number, "dispatch", cases.Input{Raw: raw, At: at}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return 0, err
		}
	}
	return year, nil
}

// pause is how long a reader of the benchmark reads.
const pause = 100 * time.Millisecond

// recounted loads the notice and asks for pages until the recount is done.
func (b *benchRun) recounted(ctx context.Context, a *app.App, base string, year int) ([]time.Duration, time.Duration, error) {
	street := benchScope(a, devUnit(a, "street"), access.Street)
	list, err := a.Cases.List(ctx, street, cases.Filter{Limit: 200})
	if err != nil || len(list) == 0 {
		return nil, 0, errors.Join(err, errors.New("no case to look at"))
	}
	hand, err := token(ctx, a, "street")
	if err != nil {
		return nil, 0, err
	}
	centre, err := token(ctx, a, "dispatcher")
	if err != nil {
		return nil, 0, err
	}
	pages := []struct{ who, path string }{{hand, "/desk"}, {centre, "/desk"}, {hand, "/desk/cases/" + list[0].Number}, {centre, "/open311/v2/requests.json?status=open"}}
	const people = 3
	hc := newWire(base, people)
	get := func(_ context.Context, c, i int) error {
		p := pages[(c+i)%len(pages)]
		code, _, err := hc.do(c, http.MethodGet, p.path, p.who, "", nil)
		if err == nil && code != http.StatusOK {
			err = fmt.Errorf("%s: %d", p.path, code)
		}
		time.Sleep(pause) // people read what they asked for
		return err
	}
	if _, _, err := load(ctx, people, time.Second, get); err != nil { // warm
		return nil, 0, err
	}
	idle, _, err := load(ctx, people, 4*time.Second, get)
	if err != nil {
		return nil, 0, err
	}
	b.figure("page_before_p95_ms", percentile(idle, 0.95)-pause.Seconds()*1000, "ms")
	if *b.profile != "" {
		f, err := os.Create(*b.profile)
		if err != nil {
			return nil, 0, err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return nil, 0, err
		}
		defer pprof.StopCPUProfile()
	}
	start := time.Now()
	if err := a.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := a.Cases.District().Calendar.Load(tx, access.SystemScope(a.Pack.District, "a benchmark"), calendars.Change{Notice: madeUp(year), Reason: "benchmark"}, a.Clock())
		return err
	}); err != nil {
		return nil, 0, err
	}
	watch, ended := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer ended()
		for watch.Err() == nil {
			if x, err := a.Cases.Recounts(watch, 1); err != nil || (len(x) > 0 && x[0].Target == a.Cases.District().Calendar.Now().Seq() && x[0].Finished != 0) {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	took, err := loadUntil(watch, people, get)
	elapsed := time.Since(start)
	wg.Wait()
	return took, elapsed, err
}

// loadUntil is load without a time limit: until ctx ends. The pause of a reader is
// not part of what is measured.
func loadUntil(ctx context.Context, n int, fn func(ctx context.Context, client, i int) error) ([]time.Duration, error) {
	took, _, err := load(ctx, n, time.Hour, fn)
	for i := range took {
		took[i] -= pause
	}
	return took, err
}

// madeUp is a notice that moves every deadline that reaches into its year: a week
// off on top of the law's days.
func madeUp(year int) *worktime.Notice {
	n := &worktime.Notice{Year: year}
	for d := 1; d <= 8; d++ {
		n.Days = append(n.Days, worktime.Exception{Date: fmt.Sprintf("%d-01-%02d", year, d), Name: "假设的假日", Off: true})
	}
	for _, d := range []string{"05-01", "10-01"} {
		n.Days = append(n.Days, worktime.Exception{Date: fmt.Sprintf("%d-%s", year, d), Name: "假设的假日", Off: true})
	}
	return n
}
