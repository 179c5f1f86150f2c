package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/enterprise/windows"
	"weixiao/internal/journal"
)

// benchStars fills --ratings ratings of one quarter, with the acts of every visit, and measures points and stars of all
// windows from the sums that the acts' own transactions keep. Each computation reads the database anew. Beside it: the
// same ratings added up from the visits' rows, which must come to the same, and the proof of everything from the journal.
func benchStars(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("stars", out)
	count := b.fset.Int("ratings", 1_000_000, "ratings of the quarter")
	prove := b.fset.Bool("verify", true, "prove rows and sums from the journal at the end")
	*b.cases = 0
	a, done, err := b.open(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	if a.Windows == nil {
		return errors.New("the pack has no windows")
	}
	// The coming quarter: the journal never goes back in time.
	_, from, _ := windows.Bounds(windows.QuarterOf(a.Clock()))
	quarter := windows.QuarterOf(from)
	_, until, _ := windows.Bounds(quarter)
	start := time.Now()
	if err := a.Windows.Bulk(ctx, *count, from.Add(time.Hour), until.Add(-time.Hour)); err != nil {
		return err
	}
	b.figure("ratings", float64(*count), "count")
	b.figure("fill_s", time.Since(start).Seconds(), "s")
	var took []time.Duration
	var list []windows.Result
	for range 50 {
		start := time.Now()
		if list, err = a.Windows.Results(ctx, quarter); err != nil {
			return err
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.figure("windows", float64(len(list)), "count")
	b.figure("stars_p50_ms", ms(took[len(took)/2]), "ms")
	b.figure("stars_max_ms", ms(took[len(took)-1]), "ms")
	start = time.Now()
	again, err := a.Windows.Recount(ctx, quarter)
	if err != nil {
		return err
	}
	b.figure("recount_s", time.Since(start).Seconds(), "s")
	n := int64(0)
	for _, r := range list {
		for i, x := range r.Sums.Levels {
			if n += x; again[r.Window+" "+strconv.Itoa(i+1)] != x {
				return fmt.Errorf("%s: %d ratings of level %d by the sums, %d by the visits", r.Window, x, i+1, again[r.Window+" "+strconv.Itoa(i+1)])
			}
		}
	}
	if n != int64(*count) {
		return fmt.Errorf("%d ratings were made, %d count", *count, n)
	}
	if !*prove {
		return nil
	}
	start = time.Now()
	c := a.Windows.NewChecker()
	if _, err := journal.Verify(ctx, a.DB, a.Pack.District, c.Fold); err != nil {
		return err
	}
	if _, err := c.Finish(ctx); err != nil {
		return err
	}
	b.figure("verify_s", time.Since(start).Seconds(), "s")
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
