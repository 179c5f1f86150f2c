package worktime

import "time"

// Why says why a stretch of time counts or does not.
type Why string

const (
	WhyCounted     Why = "counted"      // counts
	WhyMakeUp      Why = "make_up"      // counts: a weekend made a workday by a notice
	WhyWeekend     Why = "weekend"      // does not: a weekday off
	WhyHoliday     Why = "holiday"      // does not: listed, or fixed by law
	WhyLunch       Why = "lunch"        // does not: between two shifts
	WhyNight       Why = "night"        // does not: before the first or after the last shift
	WhyPaused      Why = "paused"       // does not: the clock was paused
	WhyBeforeStart Why = "before_start" // does not: the start rule
)

// Step is a line of the sum behind a deadline.
type Step struct {
	From, To time.Time // To is zero in the last step of a clock with an open pause
	Why      Why
	Name     string        // of the holiday or of what the make-up workday pays for
	Counted  time.Duration // zero if the step does not count, else To minus From
	Part     int           // 0 for the limit, 1 for the first extension, …
	Unit     Unit          // of that part
	// Provisional: the day is of a year whose holidays are not published.
	Provisional bool
}

// Explain writes out the sum of Deadline: steps without gap from the start of the
// clock to its deadline (or to the open pause), and those of a part that count add
// up to its limit. Neighbours of one kind are one step. Nil without a limit.
//
// It walks the days one by one and shares with Deadline only the sheet of a day,
// so that each is a check on the other.
func (c *Calendar) Explain(k Clock) []Step {
	if k.Limit.IsZero() {
		return nil
	}
	var w sum
	pos := c.begin(k.Start, k.Limit.Start)
	if start := k.Start.In(Zone); start.Before(pos) {
		w.add(Step{From: start, To: pos, Why: WhyBeforeStart, Unit: k.Limit.Unit,
			Provisional: k.Limit.Start == NextWorkday && c.unknown(start, pos)})
	}
	pauses := k.pauses()
	for part := range 1 + len(k.Extensions) {
		limit := k.part(part)
		for left := limit.amount(); left > 0; {
			for len(pauses) > 0 && !pauses[0].open() && !pauses[0].To.After(pos) {
				pauses = pauses[1:]
			}
			s := Step{From: pos, Why: WhyPaused, Part: part, Unit: limit.Unit}
			if len(pauses) > 0 && !pauses[0].From.After(pos) {
				s.To = pauses[0].To
				if w.add(s); pauses[0].open() {
					return w.steps
				}
				pos = s.To.In(Zone)
				continue
			}
			c.stretch(&s, left)
			if len(pauses) > 0 {
				s.To = earlier(s.To, pauses[0].From)
			}
			if s.counts() {
				s.To = earlier(s.To, pos.Add(left))
				s.Counted = s.To.Sub(pos)
				left -= s.Counted
			}
			w.add(s)
			pos = s.To.In(Zone)
		}
	}
	return w.steps
}

func (s Step) counts() bool { return s.Why == WhyCounted || s.Why == WhyMakeUp }

// stretch fills in what s is from s.From on, and until when that holds at most.
func (c *Calendar) stretch(s *Step, left time.Duration) {
	m := s.Unit.measure()
	if m == always {
		s.Why, s.To = WhyCounted, s.From.Add(left)
		return
	}
	at := c.locate(s.From)
	day, midnight := &at.table.day[at.day], at.table.midnight(at.day)
	s.Why, s.Name, s.To = day.why, day.name, midnight.Add(dayLong)
	s.Provisional = !c.known(at.table.year)
	if m == onWorkdays || !day.working() {
		return
	}
	for i, sh := range day.shifts {
		if at.off < sh.from {
			s.Why, s.Name, s.To = WhyLunch, "", midnight.Add(sh.from)
			if i == 0 {
				s.Why = WhyNight
			}
			return
		}
		if at.off < sh.to {
			s.To = midnight.Add(sh.to)
			return
		}
	}
	s.Why, s.Name = WhyNight, ""
}

// sum gathers steps, joining neighbours of one kind.
type sum struct {
	steps []Step
}

func (w *sum) add(s Step) {
	if n := len(w.steps); n > 0 {
		last := &w.steps[n-1]
		if last.Why == s.Why && last.Name == s.Name && last.Part == s.Part && last.Provisional == s.Provisional {
			last.To = s.To
			last.Counted += s.Counted
			return
		}
	}
	w.steps = append(w.steps, s)
}
