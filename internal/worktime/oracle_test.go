package worktime

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestOracle compares deadlines with a second implementation that knows nothing
// of tables, measures and searches: it walks the minutes one by one and asks of
// each whether it counts, reading the Spec in its own words. WEIXIAO_ORACLE is
// how many random schedules; every difference is printed with what makes it.
func TestOracle(t *testing.T) {
	n := 400
	if s := os.Getenv("WEIXIAO_ORACLE"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(20260213)
	if s := os.Getenv("WEIXIAO_ORACLE_SEED"); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	refused, different := 0, 0
	for i := 0; i < n; {
		spec := randomSpec(r)
		cal, err := New(spec)
		if err != nil {
			refused++ // a schedule that check refuses has no deadlines to compare
			continue
		}
		i++
		k := randomClock(r)
		if got, want := cal.Deadline(k), (oracle{spec: spec}).deadline(k); !got.At.Equal(want) {
			different++
			t.Errorf("schedule %d: due %s, minute by minute %s\nclock %+v\nspec %+v", i, got.At, want, k, spec)
		}
	}
	if refused > n/10 {
		t.Errorf("%d of %d schedules were refused: the test proves little", refused, n)
	}
	t.Logf("%d schedules compared, %d differences", n, different)
}

// oracle answers for single minutes.
type oracle struct {
	spec Spec
	day  string // of the answers below
	work bool
	open [24 * 60]bool
}

func (o oracle) deadline(k Clock) time.Time {
	at := k.Start.In(Zone)
	switch k.Limit.Start {
	case NextHour:
		at = at.Add(time.Minute)
		for at.Minute() != 0 {
			at = at.Add(time.Minute)
		}
	case NextDay, NextWorkday:
		at = at.Add(time.Minute)
		for at.Hour() != 0 || at.Minute() != 0 {
			at = at.Add(time.Minute)
		}
		for k.Limit.Start == NextWorkday && !o.counts(at, Workday) {
			at = at.Add(time.Minute)
		}
	}
	for _, l := range append([]Limit{k.Limit}, k.Extensions...) {
		left := l.N * map[Unit]int{Minute: 1, WorkHour: 60, Workday: 24 * 60, Day: 24 * 60}[l.Unit]
		for left > 0 {
			for _, p := range k.Pauses {
				if p.To.IsZero() && !p.From.After(at) && k.Stopped == nil {
					return time.Time{} // paused, and nobody knows until when
				}
			}
			if o.counts(at, l.Unit) && !pausedMinute(k, at) {
				left--
			}
			at = at.Add(time.Minute)
		}
	}
	return at
}

func pausedMinute(k Clock, at time.Time) bool {
	for _, p := range k.Pauses {
		to := p.To
		if k.Stopped != nil && (to.IsZero() || to.After(*k.Stopped)) {
			to = *k.Stopped
		}
		if !at.Before(p.From) && at.Before(to) {
			return true
		}
	}
	return false
}

func (o *oracle) counts(at time.Time, u Unit) bool {
	if u == Minute || u == Day || o.spec.RoundTheClock {
		return true
	}
	if day := at.Format(time.DateOnly); day != o.day {
		o.day = day
		o.look(at)
	}
	return o.work && (u == Workday || o.open[at.Hour()*60+at.Minute()])
}

// look reads from the Spec what the day of at is.
func (o *oracle) look(at time.Time) {
	name := strings.ToLower(at.Weekday().String()[:3])
	regular, published, listed := false, false, (*Exception)(nil)
	week := o.spec.Workweek
	if week == nil {
		week = []string{"mon", "tue", "wed", "thu", "fri"}
	}
	for _, d := range week {
		regular = regular || d == name
	}
	for _, y := range []int{at.Year(), at.Year() + 1} { // next year's notice speaks last
		for _, n := range o.spec.Notices {
			published = published || n.Year == at.Year()
			for _, d := range n.Days {
				if n.Year == y && d.Date == o.day {
					listed = &d
				}
			}
		}
	}
	for _, d := range o.spec.Local {
		if d.Date == o.day {
			listed = &d
		}
	}
	weekend, makeUp := name == "sat" || name == "sun", false
	o.work = regular
	switch {
	case listed != nil && listed.Off:
		o.work = false
	case listed != nil && (!regular || weekend):
		o.work, makeUp = true, true
	case listed == nil && !published:
		if festival := statutory(at.Year())[int(at.Month())*100+at.Day()]; festival != "" {
			o.work = false
		}
	}
	o.open = [24 * 60]bool{}
	for _, s := range o.spec.Hours {
		if md := o.day[5:]; s.From != "" && (s.From <= s.To && (md < s.From || md > s.To) || s.From > s.To && md < s.From && md > s.To) {
			continue
		}
		shifts := s.Shifts
		if own, ok := s.Weekdays[name]; ok && !makeUp {
			shifts = own
		}
		for _, text := range shifts {
			var h1, m1, h2, m2 int
			if _, err := fmt.Sscanf(text, "%d:%d-%d:%d", &h1, &m1, &h2, &m2); err != nil {
				panic(err)
			}
			for m := h1*60 + m1; m < h2*60+m2; m++ {
				o.open[m] = true
			}
		}
	}
}

// randomSpec draws a calendar: seasons, shifts, half-days, notices or none of
// them, local days; one in twenty is round the clock.
func randomSpec(r *rand.Rand) Spec {
	if r.IntN(20) == 0 {
		return Spec{RoundTheClock: true}
	}
	s := Spec{}
	if r.IntN(3) > 0 {
		s.Workweek = []string{}
		for _, d := range weekdayNames {
			if r.IntN(7) < 5 {
				s.Workweek = append(s.Workweek, d)
			}
		}
		if len(s.Workweek) == 0 {
			s.Workweek = []string{"wed"}
		}
	}
	if r.IntN(2) == 0 {
		s.Hours = []Season{randomSeason(r, s.Workweek)}
	} else {
		a, b := randomSeason(r, s.Workweek), randomSeason(r, s.Workweek)
		m := 1 + r.IntN(6)
		a.From, a.To = fmt.Sprintf("%02d-01", m), fmt.Sprintf("%02d-15", m+4)
		b.From, b.To = fmt.Sprintf("%02d-16", m+4), time.Date(2024, time.Month(m), 0, 0, 0, 0, 0, time.UTC).Format("01-02")
		s.Hours = []Season{a, b}
	}
	for _, n := range ChinaSpec().Notices {
		if n.Year >= 2023 && r.IntN(5) > 0 {
			s.Notices = append(s.Notices, n)
		}
	}
	for range r.IntN(6) {
		d := time.Date(2024, 1, 1+r.IntN(1200), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		s.Local = append(s.Local, Exception{d, "本地", r.IntN(2) == 0})
	}
	return s
}

func randomSeason(r *rand.Rand, week []string) Season {
	shifts := func() []string {
		var list []string
		at := r.IntN(10 * 60)
		for range 1 + r.IntN(3) {
			to := min(at+1+r.IntN(5*60), 24*60)
			if at >= to {
				break
			}
			list = append(list, fmt.Sprintf("%02d:%02d-%02d:%02d", at/60, at%60, to/60, to%60))
			at = to + r.IntN(3*60)
		}
		return list
	}
	s := Season{Shifts: shifts()}
	for _, d := range week {
		if r.IntN(6) == 0 {
			if s.Weekdays == nil {
				s.Weekdays = map[string][]string{}
			}
			s.Weekdays[d] = shifts()
		}
	}
	return s
}

// randomClock draws a clock on whole minutes; most are weeks long, some a year.
func randomClock(r *rand.Rand) Clock {
	units := []Unit{Minute, WorkHour, Workday, Day}
	one := func(scale int) Limit {
		u := units[r.IntN(len(units))]
		most := map[Unit]int{Minute: 20_000, WorkHour: 80, Workday: 25, Day: 40}[u]
		return Limit{N: 1 + r.IntN(max(1, most*scale/4)), Unit: u}
	}
	scale := 1 + r.IntN(4)
	if r.IntN(25) == 0 {
		scale = 40
	}
	k := Clock{Start: time.Date(2024, 1, 1, 0, r.IntN(1000*24*60), 0, 0, Zone), Limit: one(scale)}
	k.Limit.Start = []StartRule{AtOnce, AtOnce, NextHour, NextDay, NextWorkday}[r.IntN(5)]
	for range r.IntN(4) {
		p := Span{From: k.Start.Add(time.Duration(r.IntN(15*24*60)-600) * time.Minute)}
		p.To = p.From.Add(time.Duration(r.IntN(6*24*60)-30) * time.Minute)
		if r.IntN(12) == 0 {
			p.To = time.Time{}
		}
		k.Pauses = append(k.Pauses, p)
	}
	for range r.IntN(3) / 2 {
		k.Extensions = append(k.Extensions, one(scale))
	}
	if r.IntN(4) == 0 {
		k.Stopped = new(k.Start.Add(time.Duration(r.IntN(20*24*60)) * time.Minute))
	}
	return k
}
