package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/geo"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/worktime"
)

// benchCoverage measures a day of tracks: --machines machines with a position a second for --hours hours on the pack's
// segments. First everything is taken in as live batches, one of --batch seconds for each machine, while a view looks on
// and notes how far it is behind; then the whole day is reckoned anew from what was stored.
func benchCoverage(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("coverage", out)
	machines := b.fset.Int("machines", 22, "machines that send positions")
	hours := b.fset.Int("hours", 8, "hours that each of them works")
	batch := b.fset.Int("batch", 10, "seconds of positions in one batch")
	a, done, err := b.open(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	day := time.Now().In(worktime.Zone).AddDate(0, 0, -1)
	start := time.Date(day.Year(), day.Month(), day.Day(), 4, 0, 0, 0, worktime.Zone)
	tracks := sweepers(a.Pack.Sanitation, *machines, *hours*3600, start)
	sc := access.SystemScope(a.Pack.District, "bench")
	total := 0
	for _, t := range tracks {
		total += len(t)
	}
	b.figure("segments", float64(len(a.Pack.Sanitation.Segments)), "segments")
	b.figure("positions", float64(total), "positions")

	seen := make(chan []time.Duration)
	stop := make(chan struct{})
	var unseen atomic.Int64 // when the oldest batch that no view has shown was sent, ns since start of the run
	began := time.Now()
	go watchCoverage(ctx, a.Sanitation, sc, start.Format(time.DateOnly), a.DB.Watch, &unseen, began, stop, seen)
	var each []time.Duration
	for at := 0; at < *hours*3600; at += *batch {
		for _, t := range tracks {
			sent := time.Now()
			got, err := a.Sanitation.Take(ctx, sc, t[at:min(at+*batch, len(t))])
			if err != nil {
				return err
			}
			if got.New == 0 {
				return fmt.Errorf("a batch was not taken in: %+v", got)
			}
			each = append(each, time.Since(sent))
			unseen.CompareAndSwap(0, int64(sent.Sub(began)))
		}
	}
	ingest := time.Since(began)
	close(stop)
	behind := <-seen
	b.figure("ingest", ingest.Seconds(), "s")
	b.figure("ingest_rate", float64(total)/ingest.Seconds(), "positions/s")
	ms := func(list []time.Duration, q float64) float64 {
		slices.Sort(list)
		return float64(list[int(q*float64(len(list)-1))].Microseconds()) / 1000
	}
	b.figure("batch_p50", ms(each, 0.5), "ms")
	b.figure("batch_p99", ms(each, 0.99), "ms")
	b.figure("live_views", float64(len(behind)), "views")
	b.figure("live_behind_p50", ms(behind, 0.5), "ms")
	b.figure("live_behind_max", ms(behind, 1), "ms")

	began = time.Now()
	before := moved(tracks, -24*time.Hour)
	for _, t := range before {
		for part := range slices.Chunk(t, sanitation.MostPositions) {
			if _, err := a.Sanitation.Take(ctx, sc, part); err != nil {
				return err
			}
		}
	}
	b.figure("day_imported", time.Since(began).Seconds(), "s")
	began = time.Now()
	n, err := a.Sanitation.CheckDay(ctx, start.Format(time.DateOnly))
	if err != nil {
		return err
	}
	b.figure("day_reckoned_anew", time.Since(began).Seconds(), "s")
	if n != int64(total) {
		return fmt.Errorf("%d positions are stored of %d", n, total)
	}
	v, err := a.Sanitation.Coverage(ctx, sc, start.Format(time.DateOnly), "")
	if err != nil {
		return err
	}
	b.figure("coverage", float64(v.Figures.Coverage())/100, "%")
	b.figure("mechanised", float64(v.Mechanised())/100, "%")
	return nil
}

// watchCoverage is an open page: woken by each commit it reads what changed, and notes how long after the sending of the
// newest batch it had it.
func watchCoverage(ctx context.Context, s *sanitation.Sanitation, sc access.Scope, day string, watch func() (<-chan struct{}, func()), unseen *atomic.Int64, began time.Time, stop <-chan struct{}, seen chan<- []time.Duration) {
	wake, end := watch()
	defer end()
	var out []time.Duration
	version := int64(0)
	for {
		select {
		case <-stop:
			seen <- out
			return
		case <-wake:
		}
		sent := time.Duration(unseen.Swap(0))
		news, err := s.Since(ctx, sc, day, "", version)
		if err == nil && news != nil {
			version = news.Version
			if sent > 0 {
				out = append(out, time.Since(began)-sent)
			}
		}
		time.Sleep(200 * time.Millisecond) // a page is not drawn more often
	}
}

// sweepers are machines that sweep their share of the segments up and down for so many seconds.
func sweepers(s *pack.Sanitation, machines, seconds int, start time.Time) [][]sanitation.Position {
	out := make([][]sanitation.Position, machines)
	for m := range out {
		x := s.Machines[m%len(s.Machines)]
		brush := max(x.Sweep, 1800)
		for i := m; len(out[m]) < seconds; i = (i + machines) % len(s.Segments) {
			out[m] = append(out[m], upAndDown(x.Device, &s.Segments[i], brush, start.Add(time.Duration(len(out[m]))*time.Second), x.Sweep > 0)...)
		}
		out[m] = out[m][:seconds]
	}
	return out
}

// moved are the same tracks at another time.
func moved(tracks [][]sanitation.Position, by time.Duration) [][]sanitation.Position {
	out := make([][]sanitation.Position, len(tracks))
	for i, t := range tracks {
		out[i] = slices.Clone(t)
		for j := range out[i] {
			out[i][j].At = out[i][j].At.Add(by)
		}
	}
	return out
}

// upAndDown sweeps a segment in lanes at 8 km/h, a position a second.
func upAndDown(device string, x *pack.RoadSegment, brush int64, at time.Time, down bool) (out []sanitation.Position) {
	const step = 8 / 3.6
	lanes := int(math.Ceil(float64(x.Width) / float64(brush) / 0.9))
	for lane := range lanes {
		side := float64(max(0, x.Width-brush)) / 2000 * (1 - 2*float64(lane)/float64(max(1, lanes-1)))
		line := slices.Clone(x.Line)
		if lane%2 == 1 {
			slices.Reverse(line)
			side = -side
		}
		left := 0.0
		for i := 1; i < len(line); i++ {
			dx, dy := (line[i].Lon-line[i-1].Lon)*82_600, (line[i].Lat-line[i-1].Lat)*111_195
			long := math.Hypot(dx, dy)
			for ; left < long; left += step {
				e, n := dx*left/long-dy/long*side, dy*left/long+dx/long*side
				p, err := sanitation.NewPosition(device, at.Add(time.Duration(len(out))*time.Second), geo.Point{Lon: line[i-1].Lon + e/82_600, Lat: line[i-1].Lat + n/111_195}, geo.CGCS2000,
					8, math.Mod(math.Atan2(dx, dy)*180/math.Pi+360, 360), down)
				if err == nil {
					out = append(out, p)
				}
			}
			left -= long
		}
	}
	return out
}
