package simulate

import (
	"context"
	"hash/fnv"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/geo"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/worktime"
)

// sweptDays is how many days before today have tracks: those that are not sealed at once.
const sweptDays = 3

// Sweep lets machines sweep: the last days up to now, then on as the clock goes, until ctx ends. Everything goes in
// through the same verb as the positions of real machines. What is there already is left as it is, so that a kept
// demonstration goes on where it was.
func Sweep(ctx context.Context, s *sanitation.Sanitation, district string, seed uint64, now func() time.Time) error {
	sc := access.SystemScope(district, "made-up machines of a demonstration")
	start := now().In(worktime.Zone)
	for d := -sweptDays; d < 0; d++ {
		day := time.Date(start.Year(), start.Month(), start.Day()+d, 0, 0, 0, 0, worktime.Zone)
		have, err := s.Coverage(ctx, sc, day.Format(time.DateOnly), "")
		if err != nil {
			return err
		}
		if have.Positions > 0 {
			continue
		}
		for _, w := range shifts(s.Rules(), seed, day) {
			if err := w.until(ctx, s, sc, day.AddDate(0, 0, 1)); err != nil {
				return err
			}
			w.stop()
		}
	}
	for day := start; ; day = day.AddDate(0, 0, 1) {
		first := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, worktime.Zone)
		if err := live(ctx, s, sc, shifts(s.Rules(), seed, first), first.AddDate(0, 0, 1), now); err != nil {
			return err
		}
	}
}

// often is how often a platform sends what its machines said meanwhile.
const often = 3 * time.Second

// live sends positions as the clock goes, until the day is over.
func live(ctx context.Context, s *sanitation.Sanitation, sc access.Scope, list []*worker, end time.Time, now func() time.Time) error {
	defer func() {
		for _, w := range list {
			w.stop()
		}
	}()
	tick := time.NewTicker(often)
	defer tick.Stop()
	for {
		at := now()
		for _, w := range list {
			if err := w.until(ctx, s, sc, at); err != nil {
				return err
			}
		}
		if at.After(end) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// worker is a machine on a shift.
type worker struct {
	next func() (sanitation.Position, bool)
	stop func()
	held *sanitation.Position // drawn and not yet due
}

// until sends everything up to a moment.
func (w *worker) until(ctx context.Context, s *sanitation.Sanitation, sc access.Scope, at time.Time) error {
	batch := make([]sanitation.Position, 0, 1200)
	for {
		p := w.held
		w.held = nil
		if p == nil {
			q, ok := w.next()
			if !ok {
				break
			}
			p = &q
		}
		if p.At.After(at) {
			w.held = p
			break
		}
		if batch = append(batch, *p); len(batch) == cap(batch) {
			if _, err := s.Take(ctx, sc, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	if len(batch) == 0 {
		return nil
	}
	_, err := s.Take(ctx, sc, batch)
	return err
}

// shifts are the machines at work on a day: each sweeps its share of its contract's segments, in the late shift those of
// the first grade once more.
func shifts(rules *pack.Sanitation, seed uint64, day time.Time) (out []*worker) {
	machines := map[string]*pack.Machine{}
	for i := range rules.Machines {
		machines[rules.Machines[i].ID] = &rules.Machines[i]
	}
	for _, h := range rules.Shifts {
		of := map[string][]*pack.Machine{}
		for _, id := range h.Machines {
			if m := machines[id]; m.Sweep > 0 {
				of[m.Contract] = append(of[m.Contract], m)
			}
		}
		begin, err1 := time.ParseInLocation("15:04", h.From, worktime.Zone)
		end, err2 := time.ParseInLocation("15:04", h.Until, worktime.Zone)
		if err1 != nil || err2 != nil {
			continue
		}
		for _, c := range rules.Contracts {
			var own []*pack.RoadSegment
			for i := range rules.Segments {
				if x := &rules.Segments[i]; x.Contract == c.ID && (h.From < "12:00" || x.Grade == 1) {
					own = append(own, x)
				}
			}
			list := of[c.ID]
			for i, m := range list {
				share := own[i*len(own)/len(list) : (i+1)*len(own)/len(list)]
				out = append(out, newWorker(m, share, seed, day.Add(time.Duration(begin.Hour())*time.Hour+time.Duration(begin.Minute())*time.Minute),
					day.Add(time.Duration(end.Hour())*time.Hour+time.Duration(end.Minute())*time.Minute)))
			}
		}
	}
	return out
}

func newWorker(m *pack.Machine, share []*pack.RoadSegment, seed uint64, from, until time.Time) *worker {
	h := fnv.New64a()
	_, _ = h.Write([]byte(m.ID + from.Format(time.RFC3339)))
	next, stop := iter.Pull(way(m, share, rand.New(rand.NewPCG(seed, h.Sum64())), from, until))
	return &worker{next: next, stop: stop}
}

// way is how a machine drives: from segment to segment with the brush up, each segment in lanes a little narrower than
// the brush, a receiver's error of some decimetres. One segment in forty is left out that day, and a machine stops when
// its shift ends.
func way(m *pack.Machine, share []*pack.RoadSegment, r *rand.Rand, from, until time.Time) iter.Seq[sanitation.Position] {
	return func(yield func(sanitation.Position) bool) {
		d := driver{m: m, r: r, at: from.Add(time.Duration(r.IntN(600)) * time.Second), until: until, yield: yield}
		for _, x := range share {
			if chance(r, 0.025) {
				continue
			}
			lanes := int(math.Ceil(float64(x.Width) / (float64(m.Sweep) * 0.9)))
			for lane := range lanes {
				side := float64(max(0, x.Width-m.Sweep)) / 2000 * (1 - 2*float64(lane)/float64(max(1, lanes-1)))
				line := slices.Clone(x.Line)
				if lane%2 == 1 {
					slices.Reverse(line)
					side = -side
				}
				if lane == 0 && d.last != (geo.Point{}) && !d.drive([]geo.Point{d.last, line[0]}, 0, between(r, 20, 24.5), false) {
					return
				}
				if !d.drive(line, side, between(r, 6, 10), true) {
					return
				}
			}
		}
	}
}

// driver is a machine under way.
type driver struct {
	m     *pack.Machine
	r     *rand.Rand
	at    time.Time
	until time.Time
	last  geo.Point
	yield func(sanitation.Position) bool
}

// drive drives along a line, so many metres beside it, and reports whether it goes on after that.
func (d *driver) drive(line []geo.Point, side, kmh float64, brush bool) bool {
	const lat = 111_194.9
	step := kmh / 3.6 * float64(d.m.Every)
	left := step / 2
	for i := 1; i < len(line); i++ {
		lon := lat * math.Cos(line[i].Lat*math.Pi/180)
		dx, dy := (line[i].Lon-line[i-1].Lon)*lon, (line[i].Lat-line[i-1].Lat)*lat
		long := math.Hypot(dx, dy)
		heading := math.Mod(math.Atan2(dx, dy)*180/math.Pi+360, 360)
		for ; left < long; left += step {
			east, north := dx*left/long-dy/long*side+between(d.r, -0.3, 0.3), dy*left/long+dx/long*side+between(d.r, -0.3, 0.3)
			p, err := sanitation.NewPosition(d.m.Device, d.at, geo.Point{Lon: line[i-1].Lon + east/lon, Lat: line[i-1].Lat + north/lat}, geo.CGCS2000, kmh, heading, brush)
			if err != nil || d.at.After(d.until) || !d.yield(p) {
				return false
			}
			d.at = d.at.Add(time.Duration(d.m.Every) * time.Second)
		}
		left -= long
	}
	d.last = line[len(line)-1]
	return true
}
